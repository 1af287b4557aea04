/* SPDX-License-Identifier: MIT */
/* The light, for every set of facts there is. */

#include "core/status.h"
#include "feed.h"

static void the_light_follows_the_facts(void **state)
{
    (void)state;
    const struct {
        bool running, listening, connected, trouble;
        enum light light;
        const char *why;
    } rows[] = {
        {true, true, true, false, LIGHT_GREEN, "ready, nothing has happened"},
        {true, true, true, true, LIGHT_BLINKING, "ready, but something has"},
        {false, true, true, false, LIGHT_RED, "stopped"},
        {true, false, true, false, LIGHT_RED, "the port is taken"},
        {true, true, false, false, LIGHT_RED, "no internet"},
        {false, true, true, true, LIGHT_RED, "that nothing can be sent matters more than trouble"},
        {true, false, true, true, LIGHT_RED, "likewise"},
        {true, true, false, true, LIGHT_RED, "likewise"},
        {false, false, true, false, LIGHT_RED, "several at once"},
        {false, true, false, false, LIGHT_RED, "likewise"},
        {true, false, false, false, LIGHT_RED, "likewise"},
        {false, false, true, true, LIGHT_RED, "likewise"},
        {false, true, false, true, LIGHT_RED, "likewise"},
        {true, false, false, true, LIGHT_RED, "likewise"},
        {false, false, false, false, LIGHT_RED, "how it begins"},
        {false, false, false, true, LIGHT_RED, "everything at once"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct status s = {.running = rows[i].running,
                                 .listening = rows[i].listening,
                                 .connected = rows[i].connected,
                                 .trouble = rows[i].trouble,
                                 .delivered_today = 7,
                                 .failed_today = 7};

        HOLDS(status_light(&s) == rows[i].light, "row %zu: %s", i, rows[i].why);
    }
}

static void lights_have_the_names_that_are_printed(void **state)
{
    (void)state;
    assert_string_equal(light_name(LIGHT_RED), "red");
    assert_string_equal(light_name(LIGHT_GREEN), "green");
    assert_string_equal(light_name(LIGHT_BLINKING), "blinking");
}

/* What was copied fact by fact leaves other octets between them than what was cleared as a whole. */
static void two_sets_of_facts_are_the_same_whatever_lies_between_them(void **state)
{
    (void)state;
    struct status a, b;

    memset(&a, 0x00, sizeof a);
    memset(&b, 0xFF, sizeof b);
    a.running = b.running = true;
    a.starting = b.starting = false;
    a.listening = b.listening = true;
    a.connected = b.connected = true;
    a.trouble = b.trouble = false;
    a.delivered_today = b.delivered_today = 1;
    a.failed_today = b.failed_today = 2;
    a.mails_in_progress = b.mails_in_progress = 3;
    assert_true(status_equals(&a, &b));
}

static void every_fact_makes_a_difference(void **state)
{
    (void)state;
    const struct status same = {.running = false};
    const struct status rows[] = {
        {.running = true}, {.starting = true},     {.listening = true}, {.connected = true},
        {.trouble = true}, {.delivered_today = 1}, {.failed_today = 1}, {.mails_in_progress = 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        HOLDS(!status_equals(&rows[i], &same) && !status_equals(&same, &rows[i]), "row %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_light_follows_the_facts),
        cmocka_unit_test(two_sets_of_facts_are_the_same_whatever_lies_between_them),
        cmocka_unit_test(every_fact_makes_a_difference),
        cmocka_unit_test(lights_have_the_names_that_are_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
