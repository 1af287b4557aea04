/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_PROGRAM_H
#define TRAYPOST_NET_PROGRAM_H

/*
 * Which program is at the other end of a session. The system's tables are slow to walk, so a worker
 * does it, for all sessions that are waiting at once, and and after some walks in short order it rests
 * between them: a person's mail gets its name at once, a flood costs a tenth of a core and some names.
 *
 * Log lines that need the name wait for it here; replies never do.
 */

#include <uv.h>

#include "core/event.h"
#include "platform.h"

struct relay;

/* Counted: held by its session, by its mails, by the worker. */
struct program {
    unsigned holders;
    bool known; /* looked for; the name may still be unknown */
    struct platform_connection connection;
    struct program_line *lines, **last_line; /* waiting for the name, the oldest first */
    struct program *next;
};

struct programs {
    struct relay *relay;
    uv_work_t work;
    uv_timer_t timer; /* the rest before the next walk */
    struct program *waiting;
    unsigned waiting_count;
    struct program **batch;
    struct platform_connection *connections;
    size_t batch_count;
    uint64_t began_ns;
    uint64_t owed_rest_ms, owed_since_ms; /* what the walks of late have cost, less the time gone by */
    bool working, closing, timer_closed;
};

void programs_open(struct programs *programs, struct relay *relay);
void programs_close(struct programs *programs); /* relay_part_closed() when all is gone */

/* NULL when out of memory; everything below takes NULL. The caller holds it once. */
struct program *program_new(struct programs *programs, const struct ip_port *peer,
                            const struct ip_port *here);
struct program *program_hold(struct program *program);
void program_release(struct program *program);

/* Adds the event to the log, with the program's name as soon as that is known. */
void program_add_event(struct programs *programs, struct program *program, struct event *e);

#endif
