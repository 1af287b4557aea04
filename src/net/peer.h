/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_PEER_H
#define TRAYPOST_NET_PEER_H

/*
 * One TCP connection: reading, writing without copying, TLS if the owner wants it, one timer. It knows no SMTP. inbound and
 * outbound embed it and are told of what happens through a table of functions.
 *
 * Ownership: the memory is the owner's. peer_close() may be called at any time and any number of
 * times; afterwards only `closed` is called, once, when every handle is gone, and then the memory is
 * the owner's again.
 *
 * TLS sits between the socket and the owner: after peer_start_tls() what the owner sends is sealed piece by piece
 * as the system takes it, and what it reads has been opened. Who reads must take all he gets.
 */

#include <stdbool.h>
#include <uv.h>

#include "core/buf.h"
#include "core/ip.h"
#include "tls.h"

#define PEER_READ_SIZE 65536
/* What the system may hold for us on the way in and on the way out. Left alone it takes megabytes, and a
 * client's progress bar would run far ahead of what the recipient's server has seen. */
#define PEER_SYSTEM_BUFFER (128 * 1024)

struct peer;

struct peer_owner {
    void (*connected)(struct peer *peer, int status); /* after peer_connect(): 0 or a libuv error */
    void (*read)(struct peer *peer, struct span bytes);
    void (*ended)(struct peer *peer, int status);            /* UV_EOF, or what broke the connection */
    void (*secured)(struct peer *peer, const char *trouble); /* after peer_start_tls(): NULL, or why not */
    void (*sent)(struct peer *peer);                         /* a write that had to wait is through */
    void (*timed_out)(struct peer *peer);
    void (*closed)(struct peer *peer);
};

struct peer {
    const struct peer_owner *owner;
    char *read_buffer; /* PEER_READ_SIZE, shared by all peers of the loop: each read is used up at once */
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_connect_t connect;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct buf in_flight;        /* what libuv is writing */
    uint64_t sent_bytes;         /* that the system has taken */
    uint64_t timeout_ms, due_ms; /* as it was set, and when it is over; 0: none */
    struct tls *tls;             /* NULL: in clear */
    unsigned open_handles;
    bool reading, writing, securing, shut, closing;
    bool parted; /* inside TLS the other side has said that it ends: nobody on the way has cut it off */
    bool stuck;  /* a write could not even begin: the owner hears of it by a time-out at once */
    bool rested, slept;
};

/* 0 or a libuv error; on error nothing is open and `closed` is not called. */
int peer_init(struct peer *peer, uv_loop_t *loop, char *read_buffer, const struct peer_owner *owner);

int peer_accept(struct peer *peer, uv_stream_t *listener);
int peer_connect(struct peer *peer, const struct ip_port *to);

int peer_start_reading(struct peer *peer);
void peer_stop_reading(struct peer *peer);

/*
 * Sends what is in `out`: as much as the system takes at once, the rest when it can. While a write is
 * under way `out` is left as it is: call again from `sent`. An error is reported by `ended`, later.
 */
void peer_send(struct peer *peer, struct buf *out);

/*
 * Begins the handshake; everything from here on, in both directions, is inside `tls`, which belongs to the peer now.
 * `secured` follows, not from inside; until then nothing is sent. Only when everything given to peer_send() has
 * been sent, and all that was read used up.
 */
void peer_start_tls(struct peer *peer, struct tls *tls);

/* Everything that was given to peer_send() has gone to the system. */
bool peer_all_sent(const struct peer *peer, const struct buf *out);

/* Bytes waiting in `out` and in flight. */
size_t peer_unsent_bytes(const struct peer *peer, const struct buf *out);

/* No more from our side (FIN); reading goes on. Only after everything has been sent; idempotent. */
void peer_shut_writing(struct peer *peer);

void peer_set_timeout(struct peer *peer, uint64_t timeout_ms); /* 0: none */

/*
 * For `timed_out`: true when the time-out comes far too late. Then this computer was not there (it slept, or had no time for us), and
 * what the other side has said may lie unread in the socket; it is given a little more time, once for each time-out.
 */
bool peer_rests(struct peer *peer);

/* Did a time-out of this connection pass by while this computer was not there? */
bool peer_has_slept(const struct peer *peer);

/* Nothing can be written any more; `timed_out` follows. */
void peer_get_stuck(struct peer *peer);

void peer_close(struct peer *peer);

/* Addresses of the two ends; family IP_NONE when they cannot be had. */
struct ip_port peer_remote_address(const struct peer *peer);
struct ip_port peer_local_address(const struct peer *peer);

/* For a listening socket, whose connections inherit it. */
void peer_limit_receiving(uv_tcp_t *listener);

/* Between libuv's and our form of an address. */
struct ip_port ip_port_from_sockaddr(const struct sockaddr *address);
void ip_port_to_sockaddr(const struct ip_port *from, struct sockaddr_storage *to);

#endif
