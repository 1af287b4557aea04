/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TLS_H
#define TRAYPOST_NET_TLS_H

/*
 * TLS on one connection, the client's side, over memory: what came from the socket goes in as a span, what is to go
 * to the socket waits in a buf. No libuv and no sockets here; no Mbed TLS anywhere else, and its codes end here.
 *
 * Nobody's certificate is judged here: whoever answers gets through. Who wants to know whom he speaks to has the
 * certificates judged afterwards (trust.h), and says nothing before that.
 */

#include "core/buf.h"

enum tls_demand {
    TLS_NONE,          /* in clear, whatever is offered */
    TLS_OPPORTUNISTIC, /* where it is offered, whoever answers: better than in clear (RFC 7435) */
    TLS_VERIFIED,      /* with a certificate for this name from somebody we trust, or not at all */
};

/* At most so much of what is to be sent is sealed by one tls_write(). */
#define TLS_PIECE_MAX (16 * 1024)

#define TLS_NAME_SIZE 40 /* of tls_name() */

enum tls_status {
    TLS_DONE,   /* the handshake; or: the input is used up, *plain has what was in it */
    TLS_MORE,   /* of the handshake: more must come from the other side first */
    TLS_ENDED,  /* the other side has said that it sends no more */
    TLS_BROKEN, /* for good; tls_reason() says why */
};

struct tls_setup; /* what all connections have in common */
struct tls;

/* NULL when there is no memory, or no randomness. Once in a program at a time; outlives all connections. */
struct tls_setup *tls_setup_new(void);
void tls_setup_free(struct tls_setup *setup);

/*
 * A connection to be, NULL when out of memory. `host` goes into the hello (SNI) if it is a name; an address is not
 * sent. `session` is what tls_take_session() gave for this host, or nothing. One that is damaged is ignored, and
 * one that the server has forgotten means a full handshake; but if the server has lost TLS 1.3 meanwhile, the handshake
 * fails where one without the session would not.
 */
struct tls *tls_new(struct tls_setup *setup, const char *host, struct span session);
void tls_free(struct tls *tls);

/* Begins or continues the handshake with what has arrived; advances *input. After any status there may be
 * something to be sent: the next part of the handshake, or the reason why it ends. What is left of *input after
 * TLS_DONE belongs to tls_read(). */
enum tls_status tls_handshake(struct tls *tls, struct span *input);

/*
 * Opens all of *input and appends it to *plain, whose ceiling must leave room for as much as there is input and one
 * record (16 KiB) more. On ENDED and BROKEN too, *plain has what came before.
 */
enum tls_status tls_read(struct tls *tls, struct span *input, struct buf *plain);

/* Seals up to TLS_PIECE_MAX octets from the front of *plain, and advances it. False: broken. */
bool tls_write(struct tls *tls, struct span *plain);

/* Says that we send no more. */
void tls_end(struct tls *tls);

/* What is to go to the socket; whoever sends it consumes it, or takes the memory. */
struct buf *tls_out(struct tls *tls);

/* "TLSv1.3 AES-256-GCM-SHA384"; after the handshake. */
const char *tls_name(const struct tls *tls);

/* The server's certificates (DER), its own one first; after the handshake, and as long as `tls` lives. None when the session
 * was resumed (TLS 1.3). */
#define TLS_CERTIFICATES_MAX 10
size_t tls_certificates(const struct tls *tls, struct span list[TLS_CERTIFICATES_MAX]);

/* Why it is broken, for people who look into such things: English, short. */
const char *tls_reason(const struct tls *tls);

/* The session for a later connection to the same host, appended to *to. False when none has come since the last call: TLS
 * 1.2 has one after the handshake, in TLS 1.3 tickets come later, whenever the server likes. */
bool tls_take_session(struct tls *tls, struct buf *to);

#endif
