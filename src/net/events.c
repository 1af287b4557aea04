/* SPDX-License-Identifier: MIT */
/* The one place where something becomes a line of the log. */

#include "events.h"

#include <time.h>

#include "net/relay.h"
#include "platform.h"
#include "relay_state.h"

void events_init(struct events *events, struct relay *relay, const struct relay_watcher *watcher)
{
    *events = (struct events){.relay = relay, .watcher = watcher};
}

/* The counts of the tooltip are today's. */
static void turn_day(struct events *events, int64_t time_s, int utc_offset_min)
{
    struct status *status = &events->relay->status;
    int64_t day = (time_s + (int64_t)utc_offset_min * 60) / 86400;
    if (day == events->day)
        return;
    events->day = day;
    status->delivered_today = status->failed_today = 0;
}

void events_turn_day(struct events *events)
{
    int64_t now_s = (int64_t)time(NULL);
    turn_day(events, now_s, platform_utc_offset_min(now_s));
}

static void count(struct events *events, const struct event *e)
{
    struct status *status = &events->relay->status;
    turn_day(events, e->time_s, e->utc_offset_min);
    if (e->kind == EVENT_DELIVERED || e->kind == EVENT_LATE_DELIVERED)
        status->delivered_today++;
    if (e->kind == EVENT_FAILED || e->kind == EVENT_LATE_FAILED)
        status->failed_today++;
    if (event_level(e->kind) == EVENT_ERROR && e->kind != EVENT_NO_INTERNET)
        status->trouble = true; /* the internet has a light of its own: red while it is away, and only then */
}

void events_add(struct events *events, struct event *e)
{
    e->time_s = (int64_t)time(NULL);
    e->utc_offset_min = platform_utc_offset_min(e->time_s);
    count(events, e);

    if (events->watcher->event)
        events->watcher->event(events->watcher->context, e);
    relay_status_changed(events->relay);
}
