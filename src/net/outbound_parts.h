/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_OUTBOUND_PARTS_H
#define TRAYPOST_NET_OUTBOUND_PARTS_H

/* What the two files of a connection offer each other: outbound.c (its life), outbound_open.c (all that comes before
 * a leg may speak: connecting, our name, greeting, TLS). Everybody else uses outbound.h. */

#include "outbound.h"

/* ---- outbound.c ---- */

extern const struct peer_owner outbound_owner;

void outbound_set_timeout(struct outbound *o);

/* Closes, and tells the leg. Whatever fails before TLS is seen to work counts as a failure of TLS. */
void outbound_fail(struct outbound *o, enum outcome_fault fault, const char *more);
void outbound_fail_by(struct outbound *o, const struct outcome *outcome);

/* The same where nothing is broken, only refused: the server hears QUIT (RFC 5321 section 4.1.1.10). */
void outbound_part_by(struct outbound *o, const struct outcome *outcome);

/* ---- outbound_open.c ---- */

void outbound_connected(struct peer *peer, int status);
void outbound_go_on_connecting(struct outbound *o); /* its time is up, or only its head start */
void outbound_secured(struct peer *peer, const char *trouble);
bool outbound_was_refused(struct outbound *o); /* and has been closed then: what the server said is told */
void outbound_go_on_unnamed(struct outbound *o);

/* Is TLS being brought up, or so fresh that nothing has been heard through it? */
bool outbound_is_securing(const struct outbound *o);
void outbound_fail_tls(struct outbound *o, const char *why);

/* What the machine says before READY, and READY. */
void outbound_greeted(struct outbound *o, enum smtp_client_event event);

/* TLS 1.3 gives sessions away when it likes: looks whether one has come. */
void outbound_keep_session(struct outbound *o);

#endif
