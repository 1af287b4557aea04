/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_RELAY_STATE_H
#define TRAYPOST_NET_RELAY_STATE_H

/*
 * What the parts of the engine share: the relay owns them all and lives longest. Parts reach each other
 * through it; they report what happened to the functions at the end.
 */

#include "events.h"
#include "later.h"
#include "listener.h"
#include "mta_sts.h"
#include "net/relay.h"
#include "netwatch.h"
#include "peer.h"
#include "pool.h"
#include "program.h"
#include "resolver.h"
#include "timeouts.h"
#include "tls_hosts.h"

#include "core/hosts.h"
#include "core/seen.h"

#define RELAY_NAMES 4
#define RELAY_CONTENT_MAX (64 * 1024 * 1024)
#define RELAY_CONTENT_LITTLE (16 * 1024) /* what everybody gets, however much all others hold */

/* Our EHLO name, learnt once for each address we send from. */
struct relay_name {
    struct ip ip;
    char name[256];
};

struct relay {
    uv_loop_t *loop;
    struct config config;
    struct timeouts timeouts;
    struct later later;
    struct resolver resolver;
    struct netwatch netwatch;
    struct events events;
    struct programs programs;
    struct pool pool;
    struct tls_setup *tls_setup;
    struct tls_hosts tls_hosts;
    struct mta_sts mta_sts;
    struct listener listeners[CONFIG_LISTEN_MAX];
    size_t listener_count;
    struct relay_watcher watcher;
    struct status status, told_status;

    struct inbound *inbounds; /* doubly linked, all sessions */
    unsigned inbound_count;
    struct transaction *transactions; /* likewise, also those whose client has gone */
    struct outbound *outbounds;       /* all connections to MXs, idle ones too */
    size_t content_bytes;             /* that mails and sessions hold of what clients have said */
    size_t content_max_bytes;

    struct hosts hosts;        /* what this run has learnt of servers and addresses */
    struct seen *seen;         /* what has been delivered within the hour; NULL: no memory for it */
    struct later_task resends; /* a mail that others may wait for has its verdict */
    bool resends_wait;         /* there are others */

    struct relay_name names[RELAY_NAMES];
    size_t name_count;

    uv_async_t mailbox;
    uv_mutex_t orders_lock;
    enum relay_order orders[RELAY_ORDER_COUNT]; /* posted and not yet carried out, in this order */
    size_t order_count;
    uv_timer_t timer; /* at start: until listening at the latest; at stop: until sessions are cut */
    bool listen_due, stopping, exiting, closing_parts;
    unsigned full_at; /* sessions there were when the log was told that no more can be taken; 0: it was not */
    unsigned open_parts; /* what must be closed before the relay can go */

    uint16_t policy_port; /* of web servers: 443, but in tests */

    uint32_t instance; /* in our greeting; random */
    uint64_t random;   /* state for shuffling */
    uint64_t next_id;  /* of mails, for Received: */
    char read_buffer[PEER_READ_SIZE];
};

/* A check has ended; netwatch.connected has the result. */
void relay_network_checked(struct relay *relay);

/* A part counted in open_parts has closed its last handle. */
void relay_part_closed(struct relay *relay);

/* A session has ended, or a mail: stopping and exiting wait for these. */
void relay_look_if_finished(struct relay *relay);

/* MAIL has been said; the client has its answer, or is gone. */
void relay_mail_began(struct relay *relay);
void relay_mail_answered(struct relay *relay);

/* Something in `status` may have changed. */
void relay_status_changed(struct relay *relay);

/* A listener has failed: all of them are closed and opened again. */
void relay_listen_anew(struct relay *relay);

/* A session was turned away because there are too many. */
void relay_note_full(struct relay *relay);

/* May this address send? This machine and what --allow names. */
bool relay_allows(const struct relay *relay, const struct ip *ip);

/* Would this address of a server lead to what listens on this computer? No domain may do that. */
bool relay_is_led_home(const struct relay *relay, const struct ip *ip);

/* The EHLO name for a connection from `ip`; NULL when it has to be learnt first. */
const char *relay_hostname(struct relay *relay, const struct ip *ip);
void relay_note_hostname(struct relay *relay, const struct ip *ip, const char *name);

uint64_t relay_random(struct relay *relay);

#endif
