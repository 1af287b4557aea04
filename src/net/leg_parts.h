/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_LEG_PARTS_H
#define TRAYPOST_NET_LEG_PARTS_H

/* What the four files of a leg offer each other: leg.c (its life), leg_search.c (where to), leg_connect.c (how to get
 * there), leg_mail.c (what is said there). Everybody else uses leg.h. */

#include "leg.h"

/* ---- leg.c ---- */

struct relay *leg_relay(const struct leg *leg);
void leg_enter(struct leg *leg, enum leg_state state);

/* Does the recipient still belong to the mail on this leg? Does any? */
bool leg_takes_part(const struct recipient *r);
bool leg_any_takes_part(const struct leg *leg);

/* Gives up query, place and connection, in whatever state they are. */
void leg_let_go(struct leg *leg);
void leg_done(struct leg *leg);

/* One verdict for all who still take part, and the end. */
void leg_fail(struct leg *leg, const struct outcome *outcome);
void leg_fail_by(struct leg *leg, enum outcome_fault fault);

/* ---- leg_search.c ---- */

void leg_search(struct leg *leg);        /* from the beginning: what does the domain say? */
void leg_enter_host(struct leg *leg);    /* hosts[host_index]: a place, then its addresses */
void leg_locate(struct leg *leg);        /* the addresses, with a place */
void leg_try_next_host(struct leg *leg); /* when there is none: the verdict */

const char *leg_host_name(const struct leg *leg); /* of the host at which we are */
uint64_t leg_now_ms(const struct leg *leg);

/* The host at which we are is this program: neither it nor any that is not preferred to it may be used. */
void leg_stop_at_ourselves(struct leg *leg, const struct outcome *loop);

/* What the sender will be told if nothing better comes. */
void leg_note_trouble(struct leg *leg, const struct outcome *outcome);

/* ---- leg_connect.c ---- */

void leg_try_next_address(struct leg *leg); /* and then the next host */
void leg_drop_attempts(struct leg *leg);

/* Connected, and no greeting in time: on to another host, if there is one, and for a while it is asked last. */
void leg_give_up_silent(struct leg *leg, const struct outbound *outbound);

/* One of the attempts has failed: it is none any more. False: it was the connection that we had. */
bool leg_attempt_failed(struct leg *leg, const struct outbound *outbound);

/* TLS has failed: the same address once more, without what was too much for it; or as it was, when it is not known that anything
 * was, because this computer slept meanwhile. */
void leg_try_without_tls(struct leg *leg, bool slept);

/* The contract's second try over IPv4: true when the server refuses our IPv6 address as such and is being asked once more.
 * `outcome` is then the verdict only if it cannot be asked. The connection, if there still is one, is dropped. */
bool leg_try_over_ipv4(struct leg *leg, const struct outcome *outcome);

/* ---- leg_mail.c ---- */

/* The envelope may be said on it; leg_push() says it. */
void leg_use_connection(struct leg *leg, struct outbound *outbound, bool reused);
void leg_recipient_said(struct leg *leg, const struct outcome *outcome);

#endif
