/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_RESOLVER_H
#define TRAYPOST_NET_RESOLVER_H

/*
 * DNS questions on the loop, by c-ares. Nothing is cached, because the answer is also what tells us that
 * the internet is there; but who asks for MXs that are being asked for already shares the answer.
 * c-ares' codes are translated here and nowhere else.
 *
 * An answer is never given from inside the call that asks. A request can be dropped at any time.
 */

#include "core/buf.h"
#include "core/ip.h"
#include "dns_channel.h"
#include "later.h"
#include "smtp/mx.h"

#define RESOLVER_ADDRESSES_MAX 32 /* of one host */
#define RESOLVER_CNAMES_MAX 8
#define RESOLVER_TRIES 4       /* of each server, for a domain: some three seconds, eight at first */
#define RESOLVER_TRIES_PROBE 2 /* and for whether it is there at all */
#define RESOLVER_TEXTS_MAX 32
#define RESOLVER_TEXT_SIZE_MAX 8192 /* of all of a name together */

enum resolver_status {
    RESOLVER_OK,
    RESOLVER_NO_DOMAIN, /* NXDOMAIN */
    RESOLVER_NO_DATA,   /* the name exists, records of this kind do not */
    RESOLVER_FAILED,    /* SERVFAIL, REFUSED, nonsense: a server is there, but does not help */
    RESOLVER_NO_ANSWER, /* no server answers at all: the internet is gone */
    RESOLVER_NO_MEMORY,
};

struct resolver {
    struct later *later;
    struct dns_channel dns;
    struct resolver_request *asking; /* MX questions on their way, for others who ask the same */
    bool closing;
    void (*closed)(struct resolver *resolver);
};

struct resolver_request;

typedef void (*resolver_done)(struct resolver_request *request, void *context);

enum resolver_kind { RESOLVER_MX, RESOLVER_ADDRESSES, RESOLVER_TEXTS, RESOLVER_NAME, RESOLVER_PROBE };

struct resolver_request {
    struct later_task task;
    struct resolver *resolver;
    enum resolver_kind kind;
    resolver_done done; /* NULL: dropped, frees itself when c-ares lets go of it */
    void *context;
    unsigned open_queries;
    unsigned cnames_followed;
    bool is_alias; /* of `name`, as far as is known */
    uint64_t asked_at_ns;
    struct resolver_request *next; /* in `asking`, or in its leader's `followers` */
    struct resolver_request *followers,
        **last_follower; /* asked the same while this was on its way, the first one first */

    /* The answer, valid inside `done`. */
    enum resolver_status status;
    uint64_t took_ns;
    struct smtp_mx *mx; /* owned by the request; take it by setting this to NULL */
    size_t mx_count;
    struct ip addresses[RESOLVER_ADDRESSES_MAX]; /* IPv6 and IPv4 in turn, IPv6 first */
    size_t address_count;
    struct buf text_bytes;
    struct span texts[RESOLVER_TEXTS_MAX]; /* TXT records, each with its strings joined */
    size_t text_count;
    uint32_t ttl_s; /* of the texts: the shortest */
    char name[256]; /* RESOLVER_NAME: the host's name; else what was asked */
};

/* Asks the servers in `servers` ("1.2.3.4:53,[::1]:53"), the first one first; `plain`: without EDNS. 0 or a libuv error. */
int resolver_open(struct resolver *resolver, uv_loop_t *loop, struct later *later, const char *servers,
                  int tries, bool plain);

/* Others from now on. Questions on their way go on, but when `plain` changes they are answered NO_ANSWER. False when there is
 * no memory. */
bool resolver_set_servers(struct resolver *resolver, const char *servers, bool plain);

/* Open requests are answered NO_ANSWER first. `closed` is called when all handles are gone. */
void resolver_close(struct resolver *resolver, void (*closed)(struct resolver *resolver));

/* NULL when out of memory; then `done` is not called. */
struct resolver_request *resolver_ask_mx(struct resolver *resolver, const char *domain, resolver_done done,
                                         void *context);
struct resolver_request *resolver_ask_addresses(struct resolver *resolver, const char *host,
                                                resolver_done done, void *context);
struct resolver_request *resolver_ask_texts(struct resolver *resolver, const char *name, resolver_done done,
                                            void *context);
struct resolver_request *resolver_ask_name(struct resolver *resolver, const struct ip *ip, resolver_done done,
                                           void *context);

/* Any question, only to learn whether a server answers and how fast. */
struct resolver_request *resolver_probe(struct resolver *resolver, resolver_done done, void *context);

/* `done` will not be called; NULL is fine. */
void resolver_drop(struct resolver_request *request);

#endif
