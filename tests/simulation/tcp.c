/* SPDX-License-Identifier: MIT */
/* libuv's TCP over the wires: connecting, listening, reading, writing, as src/net/peer.c and listener.c use it. */

#include "tcp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exchanger.h"
#include "loop.h"
#include "peer.h"
#include "wire.h"
#include "world.h"

#define BACKLOG 16

struct tcp {
    struct handle *handle;
    struct wire_end *end;
    uv_alloc_cb allocate;
    uv_read_cb read; /* NULL: does not read */
    uv_write_t *write;
    uv_write_cb written;
    struct span rest; /* of the write */
    uv_shutdown_t *shutdown;
    uv_shutdown_cb shut;
    uv_connect_t *connect;
    uv_connect_cb connected;
    int connect_status;
    uint64_t connect_at_ms;      /* UINT64_MAX: never */
    struct ip_port address;      /* of a listener */
    uv_connection_cb connection; /* NULL: does not listen */
    struct wire_end *backlog[BACKLOG];
    size_t backlog_count;
    size_t announced; /* of the backlog, and not accepted yet */
};

static struct tcp *listeners[8];
static unsigned client_port;

static struct tcp *tcp_of(const void *uv)
{
    return handle_of(uv)->tcp;
}

static bool fails(void)
{
    return world_chance(world.failing, 1000);
}

int uv_tcp_init(uv_loop_t *loop, uv_tcp_t *uv)
{
    uv->loop = loop; /* without a socket yet, nothing can fail */
    struct handle *h = handle_add((uv_handle_t *)uv, UV_TCP);
    h->tcp = calloc(1, sizeof *h->tcp);
    assert(h->tcp);
    h->tcp->handle = h;
    return 0;
}

/* ---------------------------------------------------------------- options and names */

int uv_tcp_nodelay(uv_tcp_t *uv, int on)
{
    (void)uv, (void)on;
    return 0;
}

int uv_send_buffer_size(uv_handle_t *uv, int *size)
{
    (void)uv, (void)size;
    return 0;
}

int uv_recv_buffer_size(uv_handle_t *uv, int *size)
{
    (void)uv, (void)size;
    return 0;
}

static int give_name(const struct ip_port *name, struct sockaddr *to, int *length)
{
    struct sockaddr_storage storage;
    ip_port_to_sockaddr(name, &storage);
    memcpy(to, &storage, (size_t)*length < sizeof storage ? (size_t)*length : sizeof storage);
    return 0;
}

int uv_tcp_getsockname(const uv_tcp_t *uv, struct sockaddr *name, int *length)
{
    struct tcp *tcp = tcp_of(uv);
    return give_name(tcp->end ? &tcp->end->name : &tcp->address, name, length);
}

int uv_tcp_getpeername(const uv_tcp_t *uv, struct sockaddr *name, int *length)
{
    struct tcp *tcp = tcp_of(uv);
    return tcp->end && !tcp->end->broken ? give_name(&tcp->end->other->name, name, length) : UV_ENOTCONN;
}

/* ---------------------------------------------------------------- listening */

int uv_tcp_bind(uv_tcp_t *uv, const struct sockaddr *address, unsigned flags)
{
    (void)flags;
    if (fails())
        return UV_EADDRINUSE;
    tcp_of(uv)->address = ip_port_from_sockaddr(address);
    return 0;
}

int uv_listen(uv_stream_t *uv, int backlog, uv_connection_cb connection)
{
    (void)backlog;
    tcp_of(uv)->connection = connection;
    for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++)
        if (!listeners[i]) {
            listeners[i] = tcp_of(uv);
            return 0;
        }
    return UV_ENOBUFS;
}

struct wire_end *tcp_knock(void)
{
    for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++) {
        struct tcp *tcp = listeners[i];
        if (!tcp || tcp->backlog_count == BACKLOG)
            continue;
        struct wire *wire = wire_new();
        wire->end[0].name = wire->end[1].name = tcp->address;
        wire->end[0].name.port = (uint16_t)(10000 + client_port++ % 50000);
        tcp->backlog[tcp->backlog_count++] = &wire->end[1];
        return &wire->end[0];
    }
    return NULL;
}

static struct wire_end *take_from_backlog(struct tcp *tcp, size_t which)
{
    struct wire_end *end = tcp->backlog[which];
    memmove(&tcp->backlog[which], &tcp->backlog[which + 1],
            (--tcp->backlog_count - which) * sizeof tcp->backlog[0]);
    return end;
}

/* Without descriptors libuv takes the connection and drops it. */
static void announce(void *what)
{
    struct tcp *tcp = what;
    if (fails()) {
        wire_break(take_from_backlog(tcp, tcp->announced));
        return;
    }
    tcp->announced++;
    world.in_engine = true;
    tcp->connection((uv_stream_t *)tcp->handle->uv, 0);
    world.in_engine = false;
}

/* Nobody comes to loopback from another address. */
int uv_interface_addresses(uv_interface_address_t **addresses, int *count)
{
    (void)addresses, (void)count;
    return UV_ENOSYS;
}

void uv_free_interface_addresses(uv_interface_address_t *addresses, int count)
{
    (void)addresses, (void)count;
}

int uv_accept(uv_stream_t *server, uv_stream_t *client)
{
    struct tcp *tcp = tcp_of(server);
    if (tcp->announced == 0)
        return UV_EAGAIN;
    tcp_of(client)->end = take_from_backlog(tcp, --tcp->announced); /* the newest one: so does Windows' libuv */
    return 0;
}

/* ---------------------------------------------------------------- connecting */

int uv_tcp_connect(uv_connect_t *connect, uv_tcp_t *uv, const struct sockaddr *address,
                   uv_connect_cb connected)
{
    struct tcp *tcp = tcp_of(uv);
    if (fails())
        return UV_EMFILE;
    struct ip_port to = ip_port_from_sockaddr(address);
    uint64_t after_ms = 0;
    tcp->connect_status = exchanger_knock(&to, &tcp->end, &after_ms);
    tcp->connect_at_ms = after_ms == UINT64_MAX ? UINT64_MAX : world.now_ms + after_ms;
    if (tcp->end) {
        bool v6 = to.ip.family == IP_V6;
        uint8_t first = world.public ? (v6 ? 0x2A : 11) : v6 ? 0xFD : 10;
        tcp->end->name =
            (struct ip_port){{.family = v6 ? IP_V6 : IP_V4, .bytes = {first, 9, 9, 9}}, 40000};
        tcp->end->other->name = to;
    }
    tcp->connect = connect;
    tcp->connected = connected;
    connect->handle = (uv_stream_t *)uv;
    return 0;
}

static void finish_connect(void *what)
{
    struct tcp *tcp = what;
    uv_connect_t *connect = tcp->connect;
    tcp->connect = NULL;
    world.in_engine = true;
    tcp->connected(connect, tcp->connect_status);
    world.in_engine = false;
}

/* ---------------------------------------------------------------- reading */

int uv_read_start(uv_stream_t *uv, uv_alloc_cb allocate, uv_read_cb read)
{
    struct tcp *tcp = tcp_of(uv);
    tcp->allocate = allocate;
    tcp->read = read;
    return 0;
}

int uv_read_stop(uv_stream_t *uv)
{
    tcp_of(uv)->read = NULL;
    return 0;
}

static void read_some(void *what)
{
    struct tcp *tcp = what;
    uv_stream_t *uv = (uv_stream_t *)tcp->handle->uv;
    uv_buf_t buffer = {.base = NULL};
    world.in_engine = true;
    tcp->allocate((uv_handle_t *)uv, 65536, &buffer);
    struct span piece = wire_take(tcp->end, buffer.len);
    if (piece.length > 0) {
        size_t length = piece.length;
        memcpy(buffer.base, piece.at, length);
        wire_taken(tcp->end, length);
        tcp->read(uv, (ssize_t)length, &buffer);
    } else {
        tcp->end->told = true;
        tcp->read(uv, tcp->end->broken ? UV_ECONNRESET : UV_EOF, &buffer);
    }
    world.in_engine = false;
}

/* ---------------------------------------------------------------- writing */

int uv_try_write(uv_stream_t *uv, const uv_buf_t buffers[], unsigned count)
{
    struct tcp *tcp = tcp_of(uv);
    assert(count == 1);
    if (tcp->write)
        return UV_EAGAIN;
    if (tcp->end->broken || tcp->end->finished)
        return UV_EPIPE;
    size_t room = wire_room(tcp->end), length = buffers[0].len < room ? buffers[0].len : room;
    if (length > 0 && world_chance(1, 4))
        length = world_below((unsigned)length + 1);
    if (length == 0)
        return UV_EAGAIN;
    wire_put(tcp->end, buffers[0].base, length);
    return (int)length;
}

int uv_write(uv_write_t *write, uv_stream_t *uv, const uv_buf_t buffers[], unsigned count,
             uv_write_cb written)
{
    struct tcp *tcp = tcp_of(uv);
    assert(count == 1 && !tcp->write);
    if (fails())
        return UV_ENOMEM;
    tcp->write = write;
    tcp->written = written;
    tcp->rest = span_make(buffers[0].base, buffers[0].len);
    return 0;
}

static void write_some(void *what)
{
    struct tcp *tcp = what;
    bool broken = tcp->end->broken || tcp->end->finished;
    if (!broken) {
        size_t room = wire_room(tcp->end), length = tcp->rest.length < room ? tcp->rest.length : room;
        if (world_chance(1, 3))
            length = 1 + world_below((unsigned)length);
        wire_put(tcp->end, tcp->rest.at, length);
        tcp->rest = span_skip(tcp->rest, length);
        if (tcp->rest.length > 0)
            return;
    }
    uv_write_t *write = tcp->write;
    tcp->write = NULL;
    world.in_engine = true;
    tcp->written(write, broken ? UV_ECONNRESET : 0);
    world.in_engine = false;
}

int uv_shutdown(uv_shutdown_t *shutdown, uv_stream_t *uv, uv_shutdown_cb shut)
{
    struct tcp *tcp = tcp_of(uv);
    if (!tcp->end || tcp->end->finished || tcp->shutdown)
        return UV_ENOTCONN;
    tcp->shutdown = shutdown;
    tcp->shut = shut;
    return 0;
}

static void shut(void *what)
{
    struct tcp *tcp = what;
    uv_shutdown_t *shutdown = tcp->shutdown;
    tcp->shutdown = NULL;
    wire_fin(tcp->end);
    world.in_engine = true;
    tcp->shut(shutdown, 0);
    world.in_engine = false;
}

/* ---------------------------------------------------------------- for the loop */

void tcp_add_chances(struct handle *h)
{
    struct tcp *tcp = h->tcp;
    if (tcp->connection && tcp->backlog_count > tcp->announced && (tcp->announced == 0 || world.at_once))
        world_add_chance(announce, tcp);
    if (tcp->connect && tcp->connect_at_ms <= world.now_ms)
        world_add_chance(finish_connect, tcp);
    if (!tcp->end || tcp->connect)
        return;
    if (tcp->read && wire_readable(tcp->end))
        world_add_chance(read_some, tcp);
    if (tcp->write && (wire_room(tcp->end) > 0 || tcp->end->broken))
        world_add_chance(write_some, tcp);
    if (tcp->shutdown && !tcp->write)
        world_add_chance(shut, tcp);
}

uint64_t tcp_due_ms(const struct handle *h)
{
    bool later = h->tcp->connect && h->tcp->connect_at_ms > world.now_ms;
    return later ? h->tcp->connect_at_ms : UINT64_MAX;
}

void tcp_begin(void)
{
    memset(listeners, 0, sizeof listeners);
    client_port = 0;
}

void tcp_close(struct handle *h)
{
    struct tcp *tcp = h->tcp;
    for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++)
        if (listeners[i] == tcp)
            listeners[i] = NULL;
    while (tcp->backlog_count > 0)
        wire_break(take_from_backlog(tcp, 0));
    if (tcp->end)
        wire_close(tcp->end);
    tcp->end = NULL;
}

void tcp_closed(struct handle *h)
{
    struct tcp *tcp = h->tcp;
    if (tcp->connect)
        tcp->connected(tcp->connect, UV_ECANCELED);
    if (tcp->write)
        tcp->written(tcp->write, UV_ECANCELED);
    if (tcp->shutdown)
        tcp->shut(tcp->shutdown, UV_ECANCELED);
    free(tcp);
}
