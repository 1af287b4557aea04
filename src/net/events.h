/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_EVENTS_H
#define TRAYPOST_NET_EVENTS_H

/*
 * What the engine has to tell: stamps each event with the time, keeps the last ones in the log, counts
 * the day's mails, passes everything on to the watcher. The log is the only memory that two threads
 * share (the tray reads it): events_copy_log() may be called from any thread.
 */

#include <uv.h>

#include "core/event.h"
#include "core/status.h"

struct relay;
struct relay_watcher;

struct events {
    struct relay *relay;
    const struct relay_watcher *watcher;
    uv_mutex_t lock;
    struct event_log log;
    int64_t day; /* of the counts in status, local days since 1970 */
};

/* 0 or a libuv error. `watcher` must outlive it. */
int events_init(struct events *events, struct relay *relay, const struct relay_watcher *watcher);
void events_clear(struct events *events);

/* Completes `e` with the time and makes it known. */
void events_add(struct events *events, struct event *e);

void events_forget(struct events *events); /* Reset: an empty log */

/* Copies the log; any thread. */
void events_copy_log(struct events *events, struct event_log *copy);

#endif
