/* SPDX-License-Identifier: MIT */
/* Notifications (contract, section 2): a failure raises one; several failures within 10 s share one. */

#include "core/notice.h"
#include "feed.h"

static void failures_share_what_is_shown_for_10_s(void **state)
{
    (void)state;
    const struct {
        char what; /* a failure, or the time that notice_due_ms() named */
        uint64_t now_ms;
        enum notice_step step;
        unsigned failures;
        uint64_t due_ms;
        const char *why;
    } rows[] = {
        {'f', 5000, NOTICE_SHOW, 1, UINT64_MAX, "the first is shown at once"},
        {'f', 5100, NOTICE_NOTHING, 2, 900, "the second joins, but not a tenth of a second later"},
        {'f', 5999, NOTICE_NOTHING, 3, 1, "likewise the third"},
        {'t', 6000, NOTICE_REWRITE, 3, UINT64_MAX, "a second after the first all three are said"},
        {'f', 8000, NOTICE_REWRITE, 4, UINT64_MAX, "nothing was said for two seconds: at once"},
        {'t', 8500, NOTICE_NOTHING, 4, UINT64_MAX, "a tick without news says nothing"},
        {'f', 14999, NOTICE_REWRITE, 5, UINT64_MAX, "one millisecond before the 10 s are over"},
        {'f', 15000, NOTICE_SHOW, 1, UINT64_MAX, "10 s after the first a new one begins"},
        {'f', 15001, NOTICE_NOTHING, 2, 999, "which is shared again"},
        {'f', 90000, NOTICE_SHOW, 1, UINT64_MAX, "a tick that came too late is forgotten with its notification"},
    };
    struct notice n = {0};
    assert_true(notice_due_ms(&n, 0) == UINT64_MAX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum notice_step step = rows[i].what == 'f' ? notice_add(&n, 100 + i, rows[i].now_ms)
                                                    : notice_tick(&n, rows[i].now_ms);
        HOLDS(step == rows[i].step, "row %zu: step %d: %s", i, (int)step, rows[i].why);
        HOLDS(n.failures == rows[i].failures, "row %zu: %u failures: %s", i, n.failures, rows[i].why);
        HOLDS(notice_due_ms(&n, rows[i].now_ms) == rows[i].due_ms, "row %zu: due: %s", i, rows[i].why);
    }
}

static void a_click_leads_to_the_first_line_of_what_is_shown(void **state)
{
    (void)state;
    struct notice n = {0};
    notice_add(&n, 7, 0);
    notice_add(&n, 8, 10);
    assert_int_equal(n.first_line, 7);
    notice_add(&n, 31, NOTICE_SHARE_MS);
    assert_int_equal(n.first_line, 31);
}

static void people_are_told_of_failures_only(void **state)
{
    (void)state;
    for (enum event_kind kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        struct event e = {.kind = kind};
        bool red = event_level(kind) == EVENT_ERROR && kind != EVENT_NO_INTERNET;
        HOLDS(notice_concerns(&e) == red, "%s", event_kind_name(kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_share_what_is_shown_for_10_s),
        cmocka_unit_test(a_click_leads_to_the_first_line_of_what_is_shown),
        cmocka_unit_test(people_are_told_of_failures_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
