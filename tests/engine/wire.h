/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_WIRE_H
#define TRAYPOST_TESTS_WIRE_H

/*
 * One end of a TCP connection in a test: what has come waits in `in`, what is said goes out whole.
 * It never closes by itself, so that a test can be a peer who does not; its memory lives until the test
 * ends.
 */

#include <uv.h>

#include "core/buf.h"

struct engine;
struct ip_port;

#define WIRE_BUFFER 65536 /* of the system, at our ends: what more is taken is with the relay, or its own */

struct wire {
    struct engine *engine;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_shutdown_t shutdown;
    struct buf in;
    void (*came)(struct wire *wire); /* something new in `in`, or `ended`; may be NULL */
    void *owner;
    uint64_t written;    /* octets the system has taken */
    unsigned writing;    /* writes under way */
    int connect_status;  /* 1: not yet known */
    bool reading, ended; /* `ended`: the other side is done, or gone */
    bool closing, closed;
    struct wire *next; /* in engine->wires */
};

struct wire *wire_new(struct engine *e);
void wire_connect(struct wire *wire, const struct ip_port *to);
void wire_read(struct wire *wire, bool on);
void wire_say(struct wire *wire, const char *text);
void wire_send(struct wire *wire, const char *bytes, size_t length);
void wire_finish(struct wire *wire); /* FIN; still reads */
void wire_close(struct wire *wire);
void wire_break(struct wire *wire); /* RST */

#endif
