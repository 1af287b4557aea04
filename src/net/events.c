/* SPDX-License-Identifier: MIT */
/* The one place where something becomes a line of the log. Formatting is the reader's matter, so that
 * nothing slow happens under the lock. */

#include "events.h"

#include <time.h>

#include "net/relay.h"
#include "platform.h"
#include "relay_state.h"

int events_init(struct events *events, struct relay *relay, const struct relay_watcher *watcher)
{
    *events = (struct events){.relay = relay, .watcher = watcher};
    return uv_mutex_init(&events->lock);
}

void events_clear(struct events *events)
{
    uv_mutex_destroy(&events->lock);
}

/* The counts of the tooltip are today's. */
static void count(struct events *events, const struct event *e)
{
    struct status *status = &events->relay->status;
    int64_t day = (e->time_s + (int64_t)e->utc_offset_min * 60) / 86400;
    if (day != events->day) {
        events->day = day;
        status->delivered_today = status->failed_today = 0;
    }
    if (e->kind == EVENT_DELIVERED || e->kind == EVENT_LATE_DELIVERED)
        status->delivered_today++;
    if (e->kind == EVENT_FAILED || e->kind == EVENT_LATE_FAILED)
        status->failed_today++;
    if (event_level(e->kind) == EVENT_ERROR)
        status->trouble = true;
}

void events_add(struct events *events, struct event *e)
{
    e->time_s = (int64_t)time(NULL);
    e->utc_offset_min = platform_utc_offset_min(e->time_s);
    count(events, e);

    uv_mutex_lock(&events->lock);
    event_log_add(&events->log, e);
    uv_mutex_unlock(&events->lock);

    if (events->watcher->event)
        events->watcher->event(events->watcher->context, e);
    relay_status_changed(events->relay);
}

void events_forget(struct events *events)
{
    uv_mutex_lock(&events->lock);
    event_log_clear(&events->log);
    uv_mutex_unlock(&events->lock);
}

void events_copy_log(struct events *events, struct event_log *copy)
{
    uv_mutex_lock(&events->lock);
    *copy = events->log;
    uv_mutex_unlock(&events->lock);
}
