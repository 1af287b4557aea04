/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_FAKE_WEB_H
#define TRAYPOST_TESTS_FAKE_WEB_H

/*
 * A web server with one file, over TLS, on 127.0.1.1 and a port of its own. It answers every request with `answer`, as it is, and
 * closes; with NULL it says nothing at all.
 */

#include <uv.h>

#include "core/buf.h"
#include "tls_server.h"
#include "wire.h"

struct engine;

#define FAKE_WEB_SESSIONS_MAX 64

struct fake_web {
    struct engine *engine;
    uv_tcp_t listener;
    unsigned port;
    enum tls_server_kind kind; /* TLS_SERVER_NONE: closes what connects */
    const char *answer;
    bool dribbles, stays; /* an octet in each record; does not close */
    bool is_mute;         /* takes the connection and says nothing, not even of TLS */
    bool is_cut;          /* the connection ends, and not the TLS inside it */
    struct fake_web_session {
        struct fake_web *web;
        struct wire *wire;
        struct tls_server *tls;
        struct buf request;
        bool answered;
    } sessions[FAKE_WEB_SESSIONS_MAX];
    unsigned session_count, request_count;
};

void fake_web_open(struct fake_web *web, struct engine *e);
void fake_web_close(struct fake_web *web);

#endif
