/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_INBOUND_PARTS_H
#define TRAYPOST_NET_INBOUND_PARTS_H

/* What the three files of a session offer each other: inbound.c (its life, and the pump), inbound_mail.c (machine and
 * transaction), inbound_admit.c (who may come in). Everybody else uses inbound.h. */

#include "inbound.h"

/* ---- inbound.c ---- */

/* Feeds what waits, sends what is said, and decides whether to read on. */
void inbound_pump(struct inbound *i);

/* The mail's window is full: its slowest server decides when we read on. */
bool inbound_window_full(const struct inbound *i);

/* As inbound_shut(), with an enhanced status code of 4.subject.detail. */
void inbound_shut_by(struct inbound *i, int subject, int detail, const char *why);

/* ---- inbound_mail.c ---- */

void inbound_act_on(struct inbound *i, enum smtp_server_event event);
void inbound_leave_transaction(struct inbound *i);

/* The last reply is said: it goes out, and then the session closes. */
void inbound_part(struct inbound *i);

/* Does the client know of its last mail's 250? */
void inbound_close_receipt(struct inbound *i, bool orderly);

/* ---- inbound_admit.c ---- */

/* Greeted with 554, it is waited for its QUIT, but not for long. */
bool inbound_is_refused(const struct inbound *i);

/* May this client talk to us? If not, the machine says why and the session parts. With few descriptors left nobody else may. */
void inbound_admit(struct inbound *i, bool few_descriptors);

#endif
