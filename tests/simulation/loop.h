/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_LOOP_H
#define TRAYPOST_TESTS_LOOP_H

/*
 * In place of libuv: the functions that src/net calls, under their own names, over the world's clock and its wires.
 * A turn goes as libuv's does (timers, idle handles, what is ready, closings), so that what the engine relies on
 * holds, and what it may not rely on does not: the order of what is ready, how much of it there is, and how late.
 */

#include <uv.h>

#include <stdbool.h>

struct tcp;

struct handle {
    uv_handle_t *uv; /* NULL: work in the pool, not a handle */
    bool active, closing;
    uv_close_cb closed;
    uint64_t due_ms, order; /* of a timer */
    union {
        uv_timer_cb timer;
        uv_idle_cb idle;
        uv_async_cb async;
    } run;
    bool sent;       /* an async that has been */
    uv_work_t *work; /* of the pool */
    uv_after_work_cb after;
    struct tcp *tcp;
    struct handle *next;
};

void loop_begin(void);
struct handle *handle_add(uv_handle_t *uv, uv_handle_type type);
struct handle *handle_of(const void *uv);

/* One turn. False when nothing is left that could ever happen. */
bool loop_turn(void);

size_t loop_handles(void);
void loop_print_handles(void);

/* ---- of tcp.c, for the loop ---- */

void tcp_begin(void);
void tcp_add_chances(struct handle *h);
uint64_t tcp_due_ms(const struct handle *h); /* when a connection that is under way will be there */
void tcp_close(struct handle *h);            /* uv_close() was called */
void tcp_closed(struct handle *h);           /* its callbacks come before that of the handle; frees */

#endif
