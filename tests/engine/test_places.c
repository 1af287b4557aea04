/* SPDX-License-Identifier: MIT */
/*
 * All sessions are taken (--max-sessions): who comes then gets the place of a session that has long been idle, or is told to come
 * again. A mail that has begun keeps its place, however long it takes.
 */

#include "engine.h"

#include "inbound.h"

/* As if so much time had gone by without a word. */
static void age(struct engine *e, uint64_t ms)
{
    for (struct inbound *i = e->relay->inbounds; i; i = i->next)
        i->heard_ms -= ms;
}

static bool is_in_mail(enum step step)
{
    return step >= STEP_MAIL && step < STEP_DELIVERED;
}

static void a_mail_in_progress_keeps_its_place(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.max_sessions = 1;
    for (int step = 0; step <= STEP_DELIVERED; step++) {
        unsigned before = e->mx[0].mail_count;
        struct wire *client = client_open(e);
        client_walk(client, STEP_CONNECTED, (enum step)step);
        age(e, 60 * 60 * 1000);
        struct wire *newcomer = client_open(e);
        const char *reply = client_reply(newcomer);
        HOLDS(strncmp(reply, is_in_mail((enum step)step) ? "421 4.3.2 " : "220 ", 4) == 0, "%s: %s",
              step_names[step], reply);
        if (is_in_mail((enum step)step)) {
            WAIT_CLOSED(newcomer);
            client_walk(client, (enum step)step, STEP_DELIVERED);
            HOLDS(e->mx[0].mail_count == before + 1, "%s", step_names[step]);
        } else {
            if (step == STEP_CONNECTED)
                EXPECT(client, "220 ");
            EXPECT(client, "421 4.3.2 another program needs the place");
            WAIT_CLOSED(client);
            ASK(newcomer, "EHLO client.test", "250 ");
            client_deliver(newcomer, "you@one.test");
        }
        wire_close(client);
        wire_close(newcomer);
        WAIT(e, engine_is_empty(e));
        e->mx[0].rule_count = 0;
    }
    WAIT(e, engine_event_count(e, EVENT_SESSION_LIMIT) > 0); /* said when somebody was turned away */
}

static void the_session_that_was_idle_longest_gives_way(void **state)
{
    struct engine *e = *state;
    struct wire *clients[4];
    engine_start(e);
    e->relay->config.max_sessions = COUNT(clients);
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        age(e, 1000);
    }
    ASK(clients[0], "NOOP", "250 "); /* the first one has spoken last */
    age(e, e->relay->timeouts.client_idle_ms);
    EXPECT(client_open(e), "220 ");
    EXPECT(clients[1], "421 4.3.2 ");
    WAIT_CLOSED(clients[1]);
    EXPECT(client_open(e), "220 ");
    EXPECT(clients[2], "421 4.3.2 ");
    WAIT_CLOSED(clients[2]);
    ASK(clients[0], "NOOP", "250 ");
    ASK(clients[3], "NOOP", "250 ");
    assert_int_equal(engine_event_count(e, EVENT_SESSION_LIMIT), 0);
    struct wire *beyond = client_open(e); /* now nobody has been silent for long */
    EXPECT(beyond, "421 4.3.2 ");
    WAIT_CLOSED(beyond);
    assert_int_equal(engine_event_count(e, EVENT_SESSION_LIMIT), 1);
}

static void a_session_keeps_its_place_while_there_is_room_or_it_was_heard_of_late(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.max_sessions = 2;
    struct wire *client = client_welcome(e);
    age(e, 60 * 60 * 1000);
    struct wire *second = client_welcome(e);
    ASK(client, "NOOP", "250 ");
    age(e, e->relay->timeouts.client_idle_ms - 5000);
    struct wire *third = client_open(e);
    EXPECT(third, "421 4.3.2 ");
    WAIT_CLOSED(third);
    ASK(client, "NOOP", "250 ");
    ASK(second, "NOOP", "250 ");
}

/* Who is on his way out has no place any more, although he is still there. */
static void those_who_part_take_no_place(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.client_parting_ms = ENGINE_PATIENCE_MS * 2;
    e->relay->config.max_sessions = 1;
    struct wire *first = client_welcome(e);
    ASK(first, "QUIT", "221 ");
    struct wire *second = client_welcome(e);
    client_deliver(second, "you@one.test");
    wire_close(first);
    e->relay->timeouts.client_parting_ms = 1; /* for the end of the test */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_mail_in_progress_keeps_its_place),
        ENGINE_TEST(the_session_that_was_idle_longest_gives_way),
        ENGINE_TEST(a_session_keeps_its_place_while_there_is_room_or_it_was_heard_of_late),
        ENGINE_TEST(those_who_part_take_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
