/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_LISTENER_H
#define TRAYPOST_NET_LISTENER_H

/* One listening address. Accepts sessions and hands each to a new inbound. */

#include <uv.h>

#include "core/ip.h"
#include "platform.h"

struct relay;

struct listener {
    struct relay *relay;
    struct ip_port address;
    uv_tcp_t tcp;
    uv_work_t work; /* finds out who holds a port that is taken */
    struct platform_process holder;
    uv_tcp_t doomed;  /* a connection for which there is no memory */
    unsigned waiting; /* have come while it was being closed */
    bool open, listening, looking, turning_away;
    bool given_up; /* nobody wants to hear of it any more */
};

/* Listens, or says in the log why not. `required`: without it the relay is not listening; an address
 * that is ours by default may be one this machine does not have (no IPv6). */
void listener_open(struct listener *listener, struct relay *relay, const struct ip_port *address,
                   bool required);

/* Idempotent; relay_part_closed() follows when it was open. */
void listener_close(struct listener *listener);

/* The struct may be used again. */
bool listener_is_gone(const struct listener *listener);

#endif
