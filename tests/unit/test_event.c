/* SPDX-License-Identifier: MIT */
/* The log of at most 100 lines that drops its oldest 50, and what kinds of event are called. */

#include "core/event.h"
#include "feed.h"

/* The nth event ever added says so itself. */
static void add(struct event_log *log, long n)
{
    const struct event e = {.kind = EVENT_LISTENING, .pid = n};

    event_log_add(log, &e);
}

static void the_log_drops_fifty_when_it_holds_a_hundred(void **state)
{
    (void)state;
    const struct {
        long added;
        size_t count;
        uint64_t dropped;
        const char *why;
    } rows[] = {
        {0, 0, 0, "empty"},
        {1, 1, 0, "one line"},
        {99, 99, 0, "one short of full"},
        {100, 100, 0, "full: nothing is dropped yet"},
        {101, 51, 50, "the oldest fifty go before the next is added"},
        {150, 100, 50, "full again"},
        {151, 51, 100, "and again"},
        {1000, 100, 900, "as often as it takes"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event_log *log = calloc(1, sizeof *log);

        assert_non_null(log);
        event_log_clear(log);
        for (long n = 0; n < rows[i].added; n++)
            add(log, n);
        HOLDS(log->count == rows[i].count, "%ld added: %s (%zu)", rows[i].added, rows[i].why, log->count);
        HOLDS(log->dropped == rows[i].dropped, "%ld added: %s", rows[i].added, rows[i].why);
        for (size_t line = 0; line < log->count; line++)
            HOLDS(log->lines[line].pid == (long)(log->dropped + line), "%ld added: line %zu is in its place",
                  rows[i].added, line);
        free(log);
    }
}

static void a_cleared_log_begins_anew(void **state)
{
    (void)state;
    struct event_log *log = calloc(1, sizeof *log);

    assert_non_null(log);
    for (long n = 0; n < 120; n++)
        add(log, n);
    event_log_clear(log);
    assert_int_equal(log->count, 0);
    assert_int_equal(log->dropped, 0);
    add(log, 7);
    assert_int_equal(log->count, 1);
    assert_int_equal(log->lines[0].pid, 7);
    free(log);
}

static void kinds_have_names_and_levels(void **state)
{
    (void)state;
    const struct {
        enum event_kind kind;
        const char *name;
        enum event_level level;
        const char *why;
    } rows[] = {
        {EVENT_STARTED, "STARTED", EVENT_START, "the first of the list"},
        {EVENT_STOPPED, "STOPPED", EVENT_START, "neither good nor bad news"},
        {EVENT_DELIVERED, "DELIVERED", EVENT_INFORMATION, "good news"},
        {EVENT_LATE_DELIVERED, "LATE_DELIVERED", EVENT_INFORMATION, "late good news"},
        {EVENT_FAILED, "FAILED", EVENT_ERROR, "bad news"},
        {EVENT_STRANGER, "STRANGER", EVENT_ERROR, "somebody should know"},
        {EVENT_INTERNAL, "INTERNAL", EVENT_ERROR, "the last of the list"},
        {EVENT_KIND_COUNT, "", EVENT_ERROR, "no kind at all"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        HOLDS(strcmp(event_kind_name(rows[i].kind), rows[i].name) == 0, "%s: %s", rows[i].name, rows[i].why);
        HOLDS(event_level(rows[i].kind) == rows[i].level, "%s: %s", rows[i].name, rows[i].why);
    }
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        HOLDS(event_kind_name((enum event_kind)kind)[0] != '\0', "kind %d has a name", kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_drops_fifty_when_it_holds_a_hundred),
        cmocka_unit_test(a_cleared_log_begins_anew),
        cmocka_unit_test(kinds_have_names_and_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
