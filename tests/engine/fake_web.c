/* SPDX-License-Identifier: MIT */
#include "fake_web.h"

#include "engine.h"

static void send_sealed(struct fake_web_session *s)
{
    struct buf *out = tls_server_out(s->tls);
    if (out->length > 0)
        wire_send(s->wire, buf_span(out).at, out->length);
    buf_consume(out, out->length);
}

static void answer(struct fake_web_session *s)
{
    struct span all = span_of(s->web->answer);
    s->answered = true;
    s->web->request_count++;
    if (!s->web->answer)
        return;
    for (size_t step = s->web->dribbles ? 1 : all.length; all.length > 0; all = span_skip(all, step)) {
        tls_server_write(s->tls, span_first(all, step));
        send_sealed(s);
    }
    if (s->web->stays)
        return;
    if (!s->web->is_cut)
        tls_server_end(s->tls);
    send_sealed(s);
    wire_finish(s->wire);
}

static void on_came(struct wire *wire)
{
    struct fake_web_session *s = wire->owner;
    if (!s->web->is_mute)
        (void)tls_server_feed(s->tls, buf_span(&wire->in), &s->request);
    buf_consume(&wire->in, wire->in.length);
    send_sealed(s);
    const char *text = buf_text(&s->request);
    if (!s->answered && text && strstr(text, "\r\n\r\n"))
        answer(s);
    if (wire->ended)
        wire_close(wire);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct fake_web *web = listener->data;
    if (status != 0 || web->session_count == FAKE_WEB_SESSIONS_MAX)
        abort();
    struct fake_web_session *s = &web->sessions[web->session_count++];
    *s = (struct fake_web_session){.web = web, .wire = wire_new(web->engine)};
    s->wire->owner = s;
    if (uv_accept(listener, (uv_stream_t *)&s->wire->tcp) != 0)
        abort();
    if (web->kind == TLS_SERVER_NONE) {
        wire_close(s->wire);
        return;
    }
    buf_init(&s->request, 64 * 1024);
    s->tls = tls_server_new(web->kind);
    s->wire->came = on_came;
    wire_read(s->wire, true);
}

void fake_web_open(struct fake_web *web, struct engine *e)
{
    struct sockaddr_in to;
    struct sockaddr_storage bound;
    int length = sizeof bound;
    *web = (struct fake_web){.engine = e, .kind = TLS_SERVER_WEB};
    if (uv_ip4_addr("127.0.1.1", 0, &to) != 0 || uv_tcp_init(&e->loop, &web->listener) != 0 ||
        uv_tcp_bind(&web->listener, (struct sockaddr *)&to, 0) != 0 ||
        uv_listen((uv_stream_t *)&web->listener, 16, on_connection) != 0 ||
        uv_tcp_getsockname(&web->listener, (struct sockaddr *)&bound, &length) != 0)
        abort();
    web->listener.data = web;
    web->port = ip_port_from_sockaddr((struct sockaddr *)&bound).port;
    e->own_handles++;
}

static void on_closed(uv_handle_t *handle)
{
    struct fake_web *web = handle->data;
    web->engine->own_handles--;
}

void fake_web_close(struct fake_web *web)
{
    for (unsigned i = 0; i < web->session_count; i++) {
        tls_server_free(web->sessions[i].tls);
        web->sessions[i].wire->came = NULL;
        buf_clear(&web->sessions[i].request);
    }
    uv_close((uv_handle_t *)&web->listener, on_closed);
}
