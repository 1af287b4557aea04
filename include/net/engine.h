/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_ENGINE_H
#define TRAYPOST_NET_ENGINE_H

/*
 * The relay on a thread of its own, for a program that has windows: orders in, a view out.
 *
 * All that the two threads share is one `struct engine_view` behind a lock: the engine writes what has
 * happened into it and calls `changed`; whoever looks copies it out and draws afterwards. Between two
 * looks `changed` is called once, however much has happened, so that no queue of messages can fill.
 */

#include "core/config.h"
#include "core/event.h"
#include "core/status.h"
#include "net/relay.h"

struct engine;

enum engine_life {
    ENGINE_ALIVE,
    ENGINE_ENDED,   /* after RELAY_EXIT, in good order */
    ENGINE_CRASHED, /* engine_note_crash(): the thread stands still, nothing works any more */
};

struct engine_view {
    struct event_log log;
    uint32_t logs; /* how many logs there have been: every start and reset begins a new one */
    struct status status;
    char name_server[128]; /* in use; "" = none answers */
    char listening[256];   /* addresses with ports, ", " between them; "" = none */
    enum engine_life life;
};

/* Called on the engine's thread (ENGINE_CRASHED: on the one that crashed); must not block. */
typedef void engine_changed_fn(void *context);

/* The relay is opened and started. 0, or a libuv error and nothing has begun. `config` is copied. */
int engine_start(const struct config *config, engine_changed_fn *changed, void *context,
                 struct engine **engine);

/* Any thread, until engine_free(); after RELAY_EXIT was posted nothing more is taken. */
void engine_post(struct engine *engine, enum relay_order order);

/* Brings `view` up to date. It starts as all zeros and is the reader's own; only what is new is copied. */
void engine_look(struct engine *engine, struct engine_view *view);

/*
 * For the handler of crashes, on the thread that crashed: notes a line with these words, turns the light
 * red and calls `changed`. Takes no lock that the crashed code may hold for ever. False when the thread is
 * not the engine's.
 */
bool engine_note_crash(struct engine *engine, const char *words);

/* Waits for the thread to end and frees; only after RELAY_EXIT was posted, which takes it some seconds at
 * the most. ENGINE_ENDED says that there will be no wait. Returns false when something was left open. */
bool engine_free(struct engine *engine);

#endif
