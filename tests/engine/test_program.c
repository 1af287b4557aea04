/* SPDX-License-Identifier: MIT */
/* Log lines wait for the name of the sending program (src/net/program.h), but not for ever. */

#include "engine.h"

#define HOUR_NS (UINT64_C(3600) * 1000 * 1000 * 1000)

/* What a walk has taken is measured by a clock that goes on while the machine sleeps. */
static void a_walk_amid_which_the_machine_slept_does_not_silence_the_log(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *first = client_welcome(e);
    WAIT(e, !e->relay->programs.working);
    struct wire *second = client_open(e);
    WAIT(e, e->relay->programs.working);
    e->relay->programs.began_ns -= HOUR_NS;
    EXPECT(second, "220 ");
    WAIT(e, !e->relay->programs.working);

    struct wire *third = client_welcome(e);
    client_deliver(third, "a@one.test");
    WAIT(e, engine_event(e, EVENT_DELIVERED, "a@one.test"));
    wire_close(first);
    wire_close(second);
    wire_close(third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_walk_amid_which_the_machine_slept_does_not_silence_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
