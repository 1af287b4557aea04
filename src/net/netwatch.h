/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_NETWATCH_H
#define TRAYPOST_NET_NETWATCH_H

/*
 * Is the internet there, and which name server is the nearest? A check asks every server of the system
 * a real question, with EDNS and without (there are routers that drop what they do not know), keeps the
 * fastest first, and falls back to a public one when none answers
 * (contract, "Life of the program"). Checks are made at start and reset, when the system says that the
 * network changed, and when a mail finds the servers silent. Nothing is polled.
 */

#include "platform.h"
#include "resolver.h"

#define NETWATCH_SERVERS_MAX 8
#define NETWATCH_PROBES_MAX (2 * NETWATCH_SERVERS_MAX)

struct netwatch_probe {
    struct resolver resolver;
    struct netwatch *watch;
    struct resolver_request *request;
    char server[IP_PORT_TEXT_SIZE];
    bool plain; /* without EDNS */
    enum { NETWATCH_SILENT, NETWATCH_UNHELPFUL, NETWATCH_HELPFUL } answer;
    uint64_t took_ns;
    bool answered, closed;
};

struct netwatch {
    struct relay *relay;
    struct platform_network_watch platform;
    uv_timer_t timer; /* collects changes that come in bursts; then bounds a check */
    uv_work_t work;
    char system_servers[512];
    struct netwatch_probe probes[NETWATCH_PROBES_MAX];
    size_t probe_count, probes_open;
    char nearest[IP_PORT_TEXT_SIZE]; /* the server that was found last; "" = none yet */
    bool watching;                   /* the platform tells us of changes */
    bool reading;                    /* a worker reads the system's servers */
    bool checking, check_again, announce_again;
    bool fallback;  /* this check asks the public servers */
    bool connected; /* the result of the last check */
    bool announce;  /* say the result in the log even if nothing has changed */
    bool closing;
    unsigned open_handles;
};

/* 0 or a libuv error. The result of every check goes to relay_network_checked(). */
int netwatch_open(struct netwatch *w, struct relay *relay);

/* Starts a check; one that is running is repeated when it is through, if `announce` asks for it. */
void netwatch_check(struct netwatch *w, bool announce);

/* Something may have changed just now: starts a check; one that is running may have missed it, and is repeated. */
void netwatch_look(struct netwatch *w);

/* relay_part_closed() is called when all is gone. */
void netwatch_close(struct netwatch *w);

#endif
