/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_NOTICE_H
#define TRAYPOST_CORE_NOTICE_H

/*
 * When to notify of failures, as arithmetic: a failure is shown at once; those of the 10 s after it join the
 * same notification, which is rewritten at most once a second; the next one after that is a new one. Time
 * is an argument, in milliseconds of any clock that only goes forward.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

#define NOTICE_SHARE_MS 10000
#define NOTICE_REWRITE_MS 1000

enum notice_step {
    NOTICE_NOTHING,
    NOTICE_SHOW,    /* a new notification */
    NOTICE_REWRITE, /* the one that is there says more now; without a sound */
};

struct notice {
    bool changed; /* it has more to say than what is shown */
    uint64_t opened_ms;
    uint64_t shown_ms;
    uint64_t first_line; /* number of its first line in the log: what a click shows */
    unsigned failures;   /* in it */
};

/* True for the events that people are notified of. */
bool notice_concerns(const struct event *e);

/* A failure has been logged as line number `line`. Remembers it, and says what to show now. */
enum notice_step notice_add(struct notice *n, uint64_t line, uint64_t now_ms);

/* The time of notice_due_ms() has come. */
enum notice_step notice_tick(struct notice *n, uint64_t now_ms);

/* Milliseconds until notice_tick() is wanted; UINT64_MAX: not before the next failure. */
uint64_t notice_due_ms(const struct notice *n, uint64_t now_ms);

#endif
