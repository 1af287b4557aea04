/* SPDX-License-Identifier: MIT */
/*
 * The clock of the wall is for people: Date, Received, the log, the counts of today. It may be set to any time at any
 * moment, and nothing waits longer, ends earlier or is forgotten for that. The linker gives this program a clock of its
 * own (CMakeLists.txt); what the relay waits by is the system's monotonic one.
 */

#include "engine.h"

#include <time.h>

static time_t offset_s;

time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);

time_t __wrap_time(time_t *out)
{
    time_t now = __real_time(NULL) + offset_s;
    if (out)
        *out = now;
    return now;
}

#define YEAR_S (365 * 86400)

static const struct {
    time_t jump_s;
    const char *why;
} jumps[] = {
    {3600, "summer begins"},
    {-3600, "summer ends"},
    {10 * YEAR_S, "an hour of the guard and all time-outs are long over, by the wall"},
    {-20 * YEAR_S, "a battery is empty: before anything this relay has seen"},
    {-40 * YEAR_S, "nearly at the beginning of Unix"},
    {200 * (time_t)YEAR_S, "beyond what 32 bits hold"},
};

/* At every step of a mail the clock is set; the mail takes no notice. */
static void a_clock_that_is_set_amid_a_mail_does_not_matter(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    for (size_t i = 0; i < COUNT(jumps); i++) {
        struct wire *client = client_open(e);
        unsigned before = e->mx[0].mail_count;
        for (int step = STEP_CONNECTED; step < STEP_DELIVERED; step++) {
            offset_s = step % 2 ? jumps[i].jump_s : 0;
            client_walk(client, (enum step)step, (enum step)(step + 1));
        }
        HOLDS(e->mx[0].mail_count == before + 1, "%s", jumps[i].why);
        ASK(client, "QUIT", "221 ");
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 0);
    offset_s = 0;
}

static void say_again(struct wire *client, const char *answer)
{
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, "Message-ID: <1@client.test>\r\nSubject: x\r\n\r\nx\r\n.\r\n");
    EXPECT(client, answer);
}

static void a_mail_that_comes_again_is_known_whatever_the_clock_says(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    say_again(client, "250 2.0.0 mx.one.test said: taken");
    for (size_t i = 0; i < COUNT(jumps); i++) {
        offset_s = jumps[i].jump_s;
        say_again(client, "250 2.0.0 already delivered at ");
    }
    assert_int_equal(e->mx[0].mail_count, 1);
    offset_s = 0;
}

/* Of another day, the counts begin anew; also when it is an earlier one. */
static void the_counts_are_those_of_the_day_that_the_clock_says(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (size_t i = 0; i < COUNT(jumps); i++) {
        offset_s = 0;
        engine_order(e, RELAY_LOOK);
        client_deliver(client, "you@one.test");
        WAIT(e, e->status.delivered_today > 0);
        offset_s = jumps[i].jump_s + (jumps[i].jump_s > 0 ? 2 : -2) * 86400;
        engine_order(e, RELAY_LOOK);
        WAIT(e, e->status.delivered_today == 0);
    }
    offset_s = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_clock_that_is_set_amid_a_mail_does_not_matter),
        ENGINE_TEST(a_mail_that_comes_again_is_known_whatever_the_clock_says),
        ENGINE_TEST(the_counts_are_those_of_the_day_that_the_clock_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
