/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_DNS_CHANNEL_H
#define TRAYPOST_NET_DNS_CHANNEL_H

/* A c-ares channel on the loop: its sockets, its timer, its servers. What is asked and answered is the
 * resolver's matter. A channel that was short of memory cannot be trusted: another takes its place. */

#include <stdbool.h>
#include <stddef.h>

#include <ares.h>
#include <uv.h>

#define DNS_SERVERS_SIZE 512

struct dns_channel {
    uv_loop_t *loop;
    ares_channel_t *ares; /* NULL: memory was short; made anew for the next question */
    char servers[DNS_SERVERS_SIZE];
    int tries;  /* of each server */
    bool plain; /* without EDNS */
    uv_timer_t timer;
    struct dns_socket *sockets;
    unsigned open_handles;
    bool closing;
    void (*closed)(struct dns_channel *channel);
};

/*
 * Asks the servers in `servers` ("1.2.3.4:53,[::1]:53"), the first one first; `plain`: without EDNS (RFC 6891), for servers behind
 * something that drops questions with it. 0 or a libuv error.
 */
int dns_channel_open(struct dns_channel *channel, uv_loop_t *loop, const char *servers, int tries,
                     bool plain);

/* Others from now on. Questions on their way go on, but when `plain` changes they are answered (ARES_EDESTRUCTION) from inside.
 * False when there is no memory. */
bool dns_channel_set_servers(struct dns_channel *channel, const char *servers, bool plain);

/* Each question gets one answer, perhaps from inside. */
void dns_channel_ask(struct dns_channel *channel, const char *name, ares_dns_rec_type_t type,
                     ares_callback_dnsrec answer, void *context);

/* Open questions are answered (ARES_EDESTRUCTION) from inside. `closed` is called when all handles are
 * gone. */
void dns_channel_close(struct dns_channel *channel, void (*closed)(struct dns_channel *channel));

/* The system's servers as c-ares finds them, "" if none. Reads files or the registry: worker threads. */
void dns_channel_system_servers(char *servers, size_t size);

#endif
