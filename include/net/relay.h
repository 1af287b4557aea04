/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_RELAY_H
#define TRAYPOST_NET_RELAY_H

/*
 * The engine, as the tray and the headless main see it: four orders in, events and a status out.
 *
 * It lives on one libuv loop, on one thread. Only relay_post() may be called from other threads. The
 * watcher's functions are called on the loop's thread, never from inside relay_open().
 */

#include "core/config.h"
#include "core/event.h"
#include "core/status.h"

struct relay;
struct uv_loop_s; /* uv_loop_t */

enum relay_order {
    RELAY_START, /* look for the internet, listen; nothing if it runs */
    RELAY_STOP,  /* listen no more; mails in progress get their answer, or 421 after 5 s */
    RELAY_RESET, /* new log, trouble forgotten, network and port looked at again */
    RELAY_EXIT,  /* stop, then let go of every handle: the loop runs out; orders behind it are for nobody */
    RELAY_LOOK,  /* network and day may have changed (the machine slept): look at once, forget nothing */
    RELAY_ORDER_COUNT,
};

struct relay_watcher {
    void (*event)(void *context, const struct event *e);   /* EVENT_STARTED begins a new log */
    void (*status)(void *context, const struct status *s); /* only when it has changed */
    void *context;
};

/* 0, or a libuv error. `config` is copied. Ends by itself after RELAY_EXIT: `*relay` is not to be
 * used once the loop has run out. */
int relay_open(struct uv_loop_s *loop, const struct config *config, const struct relay_watcher *watcher,
               struct relay **relay);

/* Thread-safe. Orders are carried out as they were posted; of one that is posted again before that, the last post counts. */
void relay_post(struct relay *relay, enum relay_order order);

#endif
