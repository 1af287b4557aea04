/* SPDX-License-Identifier: MIT */
/*
 * A TCP connection on the loop. Writing tries the socket first, which nearly always takes everything;
 * only what is left goes through a write request, for which the buffer changes hands instead of being
 * copied. With TLS, what the owner has to say is sealed in pieces into a buffer that goes the same way. Every callback begins by asking whether the peer is closing.
 */

#include "peer.h"

#include <assert.h>
#include <string.h>

#include "owner_of.h"
#include "platform.h"

#define PEER_LATE_MS 1000       /* no loop of ours takes so long between two turns */
#define PEER_REST_MS 10000      /* at most: for a network that has to come up again, too */
#define PEER_KEPT_CAPACITY 4096 /* of a buffer that is empty: thousands of sessions are mostly waiting */

/* ---------------------------------------------------------------- addresses */

struct ip_port ip_port_from_sockaddr(const struct sockaddr *address)
{
    struct ip_port out = {.port = 0};
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        out.ip = ip_from_v4((const void *)&v4->sin_addr);
        out.port = ntohs(v4->sin_port);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)address;
        out.ip = ip_from_v6((const void *)&v6->sin6_addr);
        out.port = ntohs(v6->sin6_port);
    }
    return out;
}

void ip_port_to_sockaddr(const struct ip_port *from, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (from->ip.family == IP_V6) {
        struct sockaddr_in6 *v6 = (void *)to;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(from->port);
        memcpy(&v6->sin6_addr, from->ip.bytes, 16);
    } else {
        struct sockaddr_in *v4 = (void *)to;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(from->port);
        memcpy(&v4->sin_addr, from->ip.bytes, 4);
    }
}

typedef int (*name_of_socket)(const uv_tcp_t *tcp, struct sockaddr *name, int *length);

static struct ip_port address_by(const struct peer *peer, name_of_socket get)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    memset(&name, 0, sizeof name);
    if (get(&peer->tcp, (struct sockaddr *)&name, &length) != 0)
        return (struct ip_port){.port = 0};
    return ip_port_from_sockaddr((struct sockaddr *)&name);
}

struct ip_port peer_remote_address(const struct peer *peer)
{
    return address_by(peer, uv_tcp_getpeername);
}

struct ip_port peer_local_address(const struct peer *peer)
{
    return address_by(peer, uv_tcp_getsockname);
}

/* ---------------------------------------------------------------- opening */

int peer_init(struct peer *peer, uv_loop_t *loop, char *read_buffer, const struct peer_owner *owner)
{
    *peer = (struct peer){.owner = owner, .read_buffer = read_buffer};
    buf_init(&peer->in_flight, SIZE_MAX / 2);
    int error = uv_tcp_init(loop, &peer->tcp);
    if (error)
        return error;
    uv_timer_init(loop, &peer->timer); /* always 0 */
    peer->open_handles = 2;
    return 0;
}

int peer_accept(struct peer *peer, uv_stream_t *listener)
{
    int error = uv_accept(listener, (uv_stream_t *)&peer->tcp);
    if (!error)
        uv_tcp_nodelay(&peer->tcp, 1); /* without it the dialogue only gets slower */
    return error;
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct peer *peer = OWNER_OF(connect, struct peer, connect);
    if (peer->closing)
        return;
    peer->owner->connected(peer, status);
}

int peer_connect(struct peer *peer, const struct ip_port *to)
{
    struct sockaddr_storage address;
    ip_port_to_sockaddr(to, &address);
    int error = uv_tcp_connect(&peer->connect, &peer->tcp, (struct sockaddr *)&address, on_connected);
    int size = PEER_SYSTEM_BUFFER;
    if (error)
        return error;
    if (platform_descriptors_short(&peer->tcp))
        return UV_EMFILE;
    uv_tcp_nodelay(&peer->tcp, 1);
    uv_send_buffer_size((uv_handle_t *)&peer->tcp, &size); /* if it cannot be had, so be it */
    platform_keep_alive(&peer->tcp);
    return 0;
}

void peer_limit_receiving(uv_tcp_t *listener)
{
    int size = PEER_SYSTEM_BUFFER;
    uv_recv_buffer_size((uv_handle_t *)listener, &size);
}

/* ---------------------------------------------------------------- reading */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct peer *peer = OWNER_OF(handle, struct peer, tcp);
    (void)suggested;
    *buffer = uv_buf_init(peer->read_buffer, PEER_READ_SIZE);
}

static void send_sealed(struct peer *peer);

/* The handshake goes on. Who speaks behind it before the owner has said anything answers nothing. */
static void secure(struct peer *peer, struct span sealed)
{
    struct buf plain;
    enum tls_status status = tls_handshake(peer->tls, &sealed);
    buf_init(&plain, 2 * PEER_READ_SIZE);
    if (status == TLS_DONE)
        status = tls_read(peer->tls, &sealed, &plain);
    bool early = plain.length > 0;
    buf_clear(&plain);
    send_sealed(peer);
    if (status == TLS_MORE)
        return;
    peer->securing = false;
    if (early)
        peer->owner->secured(peer, "the server speaks before it is asked");
    else
        peer->owner->secured(peer, status == TLS_DONE ? NULL : tls_reason(peer->tls));
}

/* What one read brings is opened as a whole before the owner sees any of it: to him it is one read, too. */
static void read_sealed(struct peer *peer, struct span sealed)
{
    struct buf plain;
    buf_init(&plain, 2 * PEER_READ_SIZE);
    enum tls_status status = tls_read(peer->tls, &sealed, &plain);
    peer->parted = status == TLS_ENDED;
    send_sealed(peer);
    if (plain.length > 0)
        peer->owner->read(peer, buf_span(&plain));
    buf_clear(&plain);
    if (status == TLS_DONE || peer->closing)
        return;
    peer_stop_reading(peer);
    peer->owner->ended(peer, status == TLS_ENDED ? UV_EOF : UV_EPROTO);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct peer *peer = OWNER_OF(stream, struct peer, tcp);
    if (peer->closing || count == 0) /* 0: EAGAIN, nothing was there after all */
        return;
    if (count < 0) {
        peer_stop_reading(peer);
        peer->owner->ended(peer, (int)count);
        return;
    }
    struct span bytes = span_make(buffer->base, (size_t)count);
    if (peer->securing)
        secure(peer, bytes);
    else if (peer->tls)
        read_sealed(peer, bytes);
    else
        peer->owner->read(peer, bytes);
}

int peer_start_reading(struct peer *peer)
{
    if (peer->reading || peer->closing)
        return 0;
    int error = uv_read_start((uv_stream_t *)&peer->tcp, on_allocate, on_read);
    peer->reading = error == 0;
    return error;
}

void peer_stop_reading(struct peer *peer)
{
    if (!peer->reading)
        return;
    uv_read_stop((uv_stream_t *)&peer->tcp); /* always 0 */
    peer->reading = false;
}

/* ---------------------------------------------------------------- writing */

static void on_written(uv_write_t *write, int status)
{
    struct peer *peer = OWNER_OF(write, struct peer, write);
    peer->writing = false;
    if (peer->closing)
        return;
    peer->sent_bytes += peer->in_flight.length;
    buf_consume(&peer->in_flight, peer->in_flight.length);
    buf_shrink(&peer->in_flight, PEER_KEPT_CAPACITY);
    if (status < 0) {
        peer->owner->ended(peer, status);
        return;
    }
    send_sealed(peer);
    if (!peer->writing)
        peer->owner->sent(peer);
}

/* Never report from inside the call: the timer does. */
void peer_get_stuck(struct peer *peer)
{
    peer->stuck = true;
    peer_set_timeout(peer, 1);
}

/* The rest of `out` becomes the buffer in flight, and the empty one that was there becomes `out`. */
static void write_rest(struct peer *peer, struct buf *out)
{
    struct buf empty = peer->in_flight;
    peer->in_flight = *out;
    empty.ceiling = out->ceiling;
    empty.failed = out->failed; /* stays with the one who fills it */
    peer->in_flight.failed = false;
    *out = empty;

    struct span rest = buf_span(&peer->in_flight);
    uv_buf_t chunk = uv_buf_init((char *)(uintptr_t)rest.at, (unsigned)rest.length);
    int error = uv_write(&peer->write, (uv_stream_t *)&peer->tcp, &chunk, 1, on_written);
    if (!error) {
        peer->writing = true;
        return;
    }
    /* Nothing was started, so no callback will come: the reader will see the broken connection, or
     * the timer will. */
    buf_consume(&peer->in_flight, peer->in_flight.length);
    peer_get_stuck(peer);
}

/* All of `out` goes to the system, or becomes the buffer in flight. */
static void send_now(struct peer *peer, struct buf *out)
{
    struct span all = buf_span(out);
    uv_buf_t chunk = uv_buf_init((char *)(uintptr_t)all.at, (unsigned)all.length);
    int taken = uv_try_write((uv_stream_t *)&peer->tcp, &chunk, 1);
    if (taken > 0) {
        buf_consume(out, (size_t)taken);
        peer->sent_bytes += (size_t)taken;
    }
    if (out->length > 0)
        write_rest(peer, out); /* an error of the socket comes back through the write request */
    else
        buf_shrink(out, PEER_KEPT_CAPACITY);
}

/* What TLS itself has to say, and what of a sealed piece could not be sent at once. */
static void send_sealed(struct peer *peer)
{
    if (peer->tls && !peer->writing && !peer->closing && tls_out(peer->tls)->length > 0)
        send_now(peer, tls_out(peer->tls));
}

/* Piece by piece: what is sealed cannot be unsaid, and should not wait in memory twice. */
static void seal_and_send(struct peer *peer, struct buf *out)
{
    while (out->length > 0 && !peer->writing && !peer->stuck) {
        struct span rest = buf_span(out);
        if (!tls_write(peer->tls, &rest))
            peer_get_stuck(peer);
        buf_consume(out, out->length - rest.length);
        send_sealed(peer);
    }
    buf_shrink(out, PEER_KEPT_CAPACITY);
}

void peer_send(struct peer *peer, struct buf *out)
{
    if (peer->closing || peer->writing || peer->securing || peer->stuck || out->length == 0)
        return; /* stuck: what comes behind a piece that is lost must not go out as if nothing were missing */
    if (peer->tls)
        seal_and_send(peer, out);
    else
        send_now(peer, out);
}

void peer_start_tls(struct peer *peer, struct tls *tls)
{
    struct span nothing = span_of("");
    assert(!peer->tls && !peer->writing);
    peer->tls = tls;
    peer->securing = true;
    if (tls_handshake(tls, &nothing) == TLS_MORE)
        send_sealed(peer);
    else
        peer_get_stuck(peer);
}

bool peer_all_sent(const struct peer *peer, const struct buf *out)
{
    return !peer->writing && out->length == 0;
}

size_t peer_unsent_bytes(const struct peer *peer, const struct buf *out)
{
    return out->length + peer->in_flight.length;
}

static void on_shut(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown; /* whether it worked will be seen by reading */
    (void)status;
}

void peer_shut_writing(struct peer *peer)
{
    if (peer->closing || peer->shut)
        return;
    peer->shut = true;
    (void)uv_shutdown(&peer->shutdown, (uv_stream_t *)&peer->tcp, on_shut); /* ENOTCONN: it is gone */
}

/* ---------------------------------------------------------------- timer and end */

static void on_timer(uv_timer_t *timer)
{
    struct peer *peer = OWNER_OF(timer, struct peer, timer);
    if (!peer->closing)
        peer->owner->timed_out(peer);
}

static void start_timer(struct peer *peer, uint64_t timeout_ms)
{
    peer->timeout_ms = timeout_ms;
    peer->due_ms = timeout_ms ? uv_now(peer->timer.loop) + timeout_ms : 0;
    if (timeout_ms == 0)
        uv_timer_stop(&peer->timer); /* always 0 */
    else
        uv_timer_start(&peer->timer, on_timer, timeout_ms, 0); /* fails only when closing */
}

void peer_set_timeout(struct peer *peer, uint64_t timeout_ms)
{
    if (peer->closing)
        return;
    if (peer->stuck)
        timeout_ms = 1;
    peer->rested = false;
    start_timer(peer, timeout_ms);
}

static bool is_late(const struct peer *peer)
{
    return peer->due_ms != 0 && uv_now(peer->timer.loop) > peer->due_ms + PEER_LATE_MS;
}

bool peer_rests(struct peer *peer)
{
    if (peer->rested || peer->stuck || !is_late(peer))
        return false;
    peer->rested = peer->slept = true;
    start_timer(peer, peer->timeout_ms < PEER_REST_MS ? peer->timeout_ms : PEER_REST_MS);
    return true;
}

bool peer_has_slept(const struct peer *peer)
{
    return peer->slept || is_late(peer);
}

static void on_closed(uv_handle_t *handle)
{
    struct peer *peer = handle->data;
    if (--peer->open_handles > 0)
        return;
    buf_clear(&peer->in_flight);
    tls_free(peer->tls);
    peer->owner->closed(peer);
}

void peer_close(struct peer *peer)
{
    if (peer->closing)
        return;
    if (peer->tls && !peer->securing && !peer->writing && !peer->stuck) {
        tls_end(peer->tls);
        send_sealed(peer);
    }
    peer->closing = true;
    peer->reading = false;
    peer->tcp.data = peer->timer.data = peer;
    uv_close((uv_handle_t *)&peer->tcp, on_closed);
    uv_close((uv_handle_t *)&peer->timer, on_closed);
}
