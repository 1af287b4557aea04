/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_POOL_H
#define TRAYPOST_NET_POOL_H

/*
 * Places at mail exchangers: at most POOL_CONNECTIONS_MAX connections to one host at a time, idle ones
 * kept for a few seconds and used again, a queue for those who must wait (contract 5.11).
 *
 * Who must have a verified connection gets no other one; who need not takes any.
 *
 * A place is held by a leg that works with the host, or by an idle connection. It moves between the two
 * and is given back by pool_leave().
 */

#include <stdbool.h>
#include <stddef.h>

#include "tls.h"

struct leg;
struct outbound;
struct relay;

#define POOL_CONNECTIONS_MAX 20

struct pool_host {
    char name[256]; /* lower case MX name, or an address literal */
    unsigned places_taken;
    struct outbound *idle;       /* the most recently used one first */
    struct leg *waiting, **last; /* in the order in which they came */
    struct pool_host *next;
};

struct pool {
    struct relay *relay;
    struct pool_host *hosts;
};

enum pool_answer {
    POOL_REUSE, /* *outbound is an idle connection, and the leg has its place */
    POOL_PLACE, /* the leg has a place and may connect */
    POOL_WAIT,  /* leg_got_place() comes later */
    POOL_NO_MEMORY,
};

void pool_init(struct pool *pool, struct relay *relay);

/* Is a connection to this host idle that does for this demand? (To prefer it among equal MXs.) */
bool pool_has_idle(const struct pool *pool, const char *name, enum tls_demand demand);

enum pool_answer pool_enter(struct pool *pool, const char *name, struct leg *leg, struct pool_host **host,
                            struct outbound **outbound);

/* A leg that waits no longer. */
void pool_stop_waiting(struct pool_host *host, struct leg *leg);

/* The place is free: the next one who waits gets it. `host` may be gone afterwards. */
void pool_leave(struct pool *pool, struct pool_host *host);

/* The leg is done with a good connection: it goes, with its place, to who waits or to the idle ones. */
void pool_give_back(struct pool *pool, struct pool_host *host, struct outbound *outbound);

/* An idle connection that has ended or is about to; its place stays taken until pool_leave(). */
void pool_remove_idle(struct pool_host *host, struct outbound *outbound);

#endif
