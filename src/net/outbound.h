/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_OUTBOUND_H
#define TRAYPOST_NET_OUTBOUND_H

/*
 * One connection to one address of a mail exchanger. A leg borrows it; between legs it is idle for a
 * few seconds, then says QUIT. It knows time-outs and how connections end; what is said on it, the
 * leg says through `client`, followed by outbound_flush().
 */

#include "core/outcome.h"
#include "later.h"
#include "peer.h"
#include "smtp/client.h"

struct leg;
struct pool_host;
struct relay;
struct trust_check;

enum outbound_state {
    OUTBOUND_CONNECTING, /* TCP */
    OUTBOUND_NAMING,     /* our own name is being looked up for EHLO */
    OUTBOUND_GREETING,   /* greeting, EHLO */
    OUTBOUND_SECURING,   /* TLS handshake; perhaps the certificate is being judged */
    OUTBOUND_BORROWED,   /* a leg works with it */
    OUTBOUND_RESETTING,  /* RSET on its way, then idle */
    OUTBOUND_IDLE,
    OUTBOUND_QUITTING,
    OUTBOUND_CLOSING,
};

/* What the time-out runs for. */
struct outbound_due {
    enum outbound_state state;
    unsigned wait_first, wait_count; /* of the client machine */
    bool unsent;
    uint64_t sent_bytes;
};

struct outbound {
    struct relay *relay;
    enum outbound_state state;
    struct peer peer;
    struct smtp_client client;
    struct leg *leg;         /* while connecting and borrowed */
    struct pool_host *place; /* which we hold: while resetting, idle, quitting */
    size_t memory_bytes;     /* as counted in relay->content_bytes */
    struct ip_port address;
    enum tls_demand demand;
    size_t address_index; /* what the leg that connects calls it */
    bool slow;            /* connecting, and the head start is over */
    struct outbound_due due;
    char host_name[256];
    char address_text[IP_TEXT_SIZE];
    struct resolver_request *naming;
    struct trust_check *trust; /* the certificate is being judged */
    struct later_task burial;
    struct outbound *next_idle;
    struct outbound *next, *previous; /* in relay->outbounds */
};

/* Connects, greets, brings TLS up; leg_outbound_ready() or leg_outbound_failed() follows. NULL with *error (libuv's). */
struct outbound *outbound_open(struct relay *relay, struct leg *leg, const char *host_name,
                               const struct ip_port *address, enum tls_demand demand, int *error);

/* An idle connection gets a new borrower. */
void outbound_borrow(struct outbound *o, struct leg *leg);

/* Sends what the client machine has said and sets the time-out for what is awaited. */
void outbound_flush(struct outbound *o);

/* Octets the leg has said that have not gone out. */
size_t outbound_unsent_bytes(const struct outbound *o);

/* The leg is done. The connection goes, with the leg's place, to the pool if it is good for another
 * mail, after RSET if a transaction is open on it; otherwise it is closed and the place freed. */
void outbound_release(struct outbound *o, struct pool_host *host, bool transaction_open);

/* The leg gives it up at once: no further word (an unfinished mail must not be ended by a dot). */
void outbound_drop(struct outbound *o);

/* Idle ones say QUIT, quitting ones go; used at stop and exit. */
void outbound_retire(struct outbound *o);

/* Puts the server's name and address into an outcome. */
void outbound_sign(const struct outbound *o, struct outcome *outcome);

#endif
