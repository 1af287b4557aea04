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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_light_follows_the_facts),
        cmocka_unit_test(lights_have_the_names_that_are_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
