/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_LEG_H
#define TRAYPOST_NET_LEG_H

/*
 * One mail on its way to one destination: finds the mail exchangers, goes through them and their
 * addresses in order until one takes the envelope, passes the content on, brings the verdicts home.
 *
 * Until content has gone out everything can be begun anew on the next address: MAIL and RCPTs are said
 * again. From the first octet of content on there is one server and one verdict; no second try.
 */

#include "core/message.h"
#include "core/outcome.h"
#include "core/route.h"
#include "later.h"
#include "resolver.h"
#include "smtp/client.h"
#include "tls.h"

struct mta_sts_request;
struct outbound;
struct pool_host;
struct recipient;
struct smtp_policy;
struct transaction;

#define LEG_ATTEMPTS_MAX 2 /* at one host: an address that is slow, and the next one (RFC 8305) */

enum leg_state {
    LEG_RESOLVING,    /* MX records and the domain's policy are awaited */
    LEG_WAIT_NETWORK, /* no name server answered: the network is being looked at */
    LEG_WAIT_PLACE,   /* at most so many connections to one host */
    LEG_LOCATING,     /* the host's addresses are awaited */
    LEG_CONNECTING,
    LEG_ENVELOPE,  /* MAIL and RCPT are said and answered */
    LEG_WAIT_DATA, /* 354 is awaited */
    LEG_CONTENT,
    LEG_WAIT_FINAL, /* the final dot is out: the verdict is awaited */
    LEG_DONE,
};

struct leg {
    struct transaction *transaction;
    enum leg_state state;
    struct route route;
    struct recipient *recipients; /* linked by next_of_leg, in the order they came */

    struct resolver_request *query;
    struct smtp_mx *hosts; /* in the order to try; host_index is the one we are at */
    size_t host_count, host_index;
    struct ip addresses[RESOLVER_ADDRESSES_MAX];
    bool tried[RESOLVER_ADDRESSES_MAX];  /* of the addresses; or an attempt is under way */
    size_t address_count, address_index; /* address_index is the one we are connected to, or were last */
    struct outcome trouble;              /* why the last address did not do; the verdict if none does */
    struct mta_sts_request *policy_query;
    struct smtp_policy *policy; /* what the domain enforces; NULL: nothing, or it is not known yet */
    enum tls_demand tls_demand;
    bool resuming;          /* the connection under way offers a former TLS session */
    bool slept;             /* a handshake was begun anew because this computer had slept */
    bool met_silence;       /* a server has said nothing, and was given up: the next one has all the time */
    bool over_ipv4;         /* the host has refused our IPv6 address: only its IPv4 addresses, once */
    bool network_looked_at; /* the question was asked again after a check: not a third time */

    struct pool_host *place;
    struct outbound *attempts[LEG_ATTEMPTS_MAX]; /* connections being made, side by side; NULL: none */
    struct outbound *outbound;                   /* the first that was made; the others are given up */
    bool failed;                                 /* as a whole: `trouble` is the verdict for everybody */
    bool full;      /* the server takes no more recipients in this mail: another leg for the rest */
    bool reused;    /* the connection was idle before: if it is dead, that says nothing of the host */
    bool mail_said; /* MAIL went out on this connection */
    bool held;      /* the end of the content must not go out yet: somebody may have the mail already */
    struct message_reader reader;

    struct later_task wake;
    struct leg *next;         /* in the transaction */
    struct leg *next_waiting; /* in the pool's queue */
};

/* NULL when out of memory. Results are reported through transaction_*(), never from inside. */
struct leg *leg_new(struct transaction *t, const struct route *route);

/* Only when LEG_DONE. */
void leg_free(struct leg *leg);

/* Another recipient for this destination. Not when the server's envelope is full, or the leg has ended, or
 * the content has begun. */
bool leg_may_add(const struct leg *leg);
void leg_add(struct leg *leg, struct recipient *recipient);

/* Is it ready for content, or will it never be? */
bool leg_ready(const struct leg *leg);

/* Says whatever can be said now: envelope, content. */
void leg_push(struct leg *leg);

/* A verdict is on its way that only the log will hear: the client has been sent away. */
bool leg_listens_for_log(const struct leg *leg);

/* Lets go of everything; recipients without a verdict get none from here. */
void leg_abandon(struct leg *leg);

/* From the pool: a place, perhaps with an idle connection. */
void leg_got_place(struct leg *leg, struct outbound *outbound);

/* The network check it may be waiting for has ended. */
void leg_network_checked(struct leg *leg, bool connected);

/*
 * May a server that is connected and says nothing be given up before its time? The client's patience is shorter than that. Once
 * for each mail, so that servers that make every stranger wait are not left one after the other, and only for one that has not
 * been asked.
 */
bool leg_may_give_up_silence(const struct leg *leg);

/* From a connection. `connected`: TCP is; `slow`: it has had its head start. After `failed` it is no longer ours. */
void leg_outbound_connected(struct leg *leg, struct outbound *outbound);
void leg_outbound_slow(struct leg *leg);
void leg_outbound_ready(struct leg *leg);
void leg_outbound_said(struct leg *leg, enum smtp_client_event event, const struct smtp_reply *reply);
void leg_outbound_failed(struct leg *leg, const struct outbound *outbound, const struct outcome *outcome);

#endif
