/* SPDX-License-Identifier: MIT */
/*
 * The kinds of event and the log that keeps the last ones. The log drops half of itself when it is full,
 * not one line at a time: what a person reads then stays in its place for the next fifty lines.
 */

#include "core/event.h"

#include <string.h>

enum event_level event_level(enum event_kind kind)
{
    static const enum event_level levels[] = {
#define X(name, level) [EVENT_##name] = EVENT_##level,
        EVENT_KINDS(X)
#undef X
    };
    return kind < EVENT_KIND_COUNT ? levels[kind] : EVENT_ERROR;
}

const char *event_kind_name(enum event_kind kind)
{
    static const char *const names[] = {
#define X(name, level) [EVENT_##name] = #name,
        EVENT_KINDS(X)
#undef X
    };
    return kind < EVENT_KIND_COUNT ? names[kind] : "";
}

void event_log_clear(struct event_log *log)
{
    log->count = 0;
    log->dropped = 0;
}

void event_log_add(struct event_log *log, const struct event *e)
{
    if (log->count == EVENT_LOG_LINES) {
        log->count -= EVENT_LOG_DROP;
        log->dropped += EVENT_LOG_DROP;
        memmove(log->lines, log->lines + EVENT_LOG_DROP, log->count * sizeof log->lines[0]);
    }
    log->lines[log->count++] = *e;
}
