/* SPDX-License-Identifier: MIT */
/* Reading into a buffer, writing copies. */

#include "wire.h"

#include "engine.h"

struct wire_write {
    uv_write_t request;
    struct wire *wire;
    size_t length;
    char bytes[];
};

struct wire *wire_new(struct engine *e)
{
    struct wire *w = calloc(1, sizeof *w);
    if (!w || uv_tcp_init(&e->loop, &w->tcp) != 0)
        abort();
    w->engine = e;
    w->tcp.data = w;
    w->connect_status = 1;
    buf_init(&w->in, 64 * 1024 * 1024);
    w->next = e->wires;
    e->wires = w;
    e->own_handles++;
    return w;
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[65536];
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct wire *w = stream->data;
    if (count == 0)
        return;
    engine_own_callbacks++;
    if (count < 0) {
        w->ended = true;
        wire_read(w, false);
    } else if (!buf_append(&w->in, buffer->base, (size_t)count)) {
        abort();
    }
    if (w->came)
        w->came(w);
    engine_own_callbacks--;
}

void wire_read(struct wire *w, bool on)
{
    if (w->closing || w->reading == on || (on && w->ended))
        return;
    w->reading = on;
    if (on)
        uv_read_start((uv_stream_t *)&w->tcp, on_allocate, on_read);
    else
        uv_read_stop((uv_stream_t *)&w->tcp);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct wire *w = connect->handle->data;
    w->connect_status = status;
    if (status != 0) {
        w->ended = true;
        return;
    }
    int small = WIRE_BUFFER;
    uv_send_buffer_size((uv_handle_t *)&w->tcp, &small);
    uv_tcp_nodelay(&w->tcp, 1); /* words said in pieces are not to wait for acknowledgements */
    wire_read(w, true);
}

void wire_connect(struct wire *w, const struct ip_port *to)
{
    struct sockaddr_storage address;
    ip_port_to_sockaddr(to, &address);
    int error = uv_tcp_connect(&w->connect, &w->tcp, (struct sockaddr *)&address, on_connected);
    if (error) {
        w->connect_status = error;
        w->ended = true;
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct wire_write *write = (struct wire_write *)request->data;
    write->wire->writing--;
    if (status == 0)
        write->wire->written += write->length;
    free(write);
}

void wire_send(struct wire *w, const char *bytes, size_t length)
{
    struct wire_write *write = malloc(sizeof *write + length);
    if (!write)
        abort();
    *write = (struct wire_write){.wire = w, .length = length};
    write->request.data = write;
    memcpy(write->bytes, bytes, length);
    uv_buf_t chunk = uv_buf_init(write->bytes, (unsigned)length);
    if (w->closing || uv_write(&write->request, (uv_stream_t *)&w->tcp, &chunk, 1, on_written) != 0)
        free(write);
    else
        w->writing++;
}

void wire_say(struct wire *w, const char *text)
{
    wire_send(w, text, strlen(text));
}

static void on_finished(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown;
    (void)status;
}

void wire_finish(struct wire *w)
{
    (void)uv_shutdown(&w->shutdown, (uv_stream_t *)&w->tcp, on_finished);
}

static void on_closed(uv_handle_t *handle)
{
    struct wire *w = handle->data;
    w->closed = true;
    w->engine->own_handles--;
}

void wire_close(struct wire *w)
{
    if (w->closing)
        return;
    w->closing = true;
    w->reading = false;
    uv_close((uv_handle_t *)&w->tcp, on_closed);
}

void wire_break(struct wire *w)
{
    if (w->closing)
        return;
    w->closing = true;
    w->reading = false;
    if (uv_tcp_close_reset(&w->tcp, on_closed) != 0)
        uv_close((uv_handle_t *)&w->tcp, on_closed);
}
