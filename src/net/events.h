/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_EVENTS_H
#define TRAYPOST_NET_EVENTS_H

/* What the engine has to tell: stamps each event with the time, counts the day's mails, passes everything on
 * to the watcher. Who shows a log keeps it (net/engine, headless). */

#include "core/event.h"
#include "core/status.h"

struct relay;
struct relay_watcher;

struct events {
    struct relay *relay;
    const struct relay_watcher *watcher;
    int64_t day; /* of the counts in status, local days since 1970 */
};

/* `watcher` must outlive it. */
void events_init(struct events *events, struct relay *relay, const struct relay_watcher *watcher);

/* A look at the calendar: yesterday's counts are not today's. */
void events_turn_day(struct events *events);

/* Completes `e` with the time and makes it known. */
void events_add(struct events *events, struct event *e);

#endif
