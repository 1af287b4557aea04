/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TRUST_H
#define TRAYPOST_NET_TRUST_H

/*
 * Is the server that we are connected to the one that it is called? The computer is asked (platform.h), on a worker
 * thread, because it may take its time. Only for connections that must be verified; most need not be.
 */

struct peer;
struct relay;
struct trust_check;

/* `trouble`: NULL when the certificate holds and the peer is read again, else why not, in English. Never from inside
 * trust_begin(). */
typedef void (*trust_done)(void *context, const char *trouble);

/*
 * After the handshake. Until the peer is known to be the right one it is not read; its owner should tell it nothing either.
 * `host` is the name that the certificate must be for. NULL when out of memory; then `done` is not called. Not for a resumed
 * session, which has no certificates: it is as good as the one it comes from.
 */
struct trust_check *trust_begin(struct relay *relay, struct peer *peer, const char *host, trust_done done,
                                void *context);

/* `done` will not be called; NULL is fine. Before the peer is closed. */
void trust_drop(struct trust_check *check);

#endif
