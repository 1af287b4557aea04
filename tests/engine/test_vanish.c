/* SPDX-License-Identifier: MIT */
/*
 * The client goes away at each step of its mail: nothing is delivered that it did not end, what it did
 * end is delivered although nobody waits any more, and nothing stays behind (contract, sections 1 and 5).
 */

#include "engine.h"

/* BY_HALF: it says no more, but still listens. BY_FIN looks the same until something is said to it. */
enum way { BY_FIN, BY_RST, BY_HALF };

static void vanish_at(struct engine *e, enum step step, enum way way)
{
    struct fake_mx *mx = &e->mx[0];
    unsigned before = mx->mail_count, events = (unsigned)engine_event_count(e, EVENT_FAILED);
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, step);
    if (way == BY_RST)
        wire_break(client);
    else if (way == BY_FIN)
        wire_close(client);
    else
        wire_finish(client);
    if (step == STEP_END_ASKED) {
        unsigned silent = mx->session_count - 1;
        if (way == BY_RST)
            WAIT(e, !e->relay->inbounds);
        fake_mx_say(&mx->sessions[silent], "250 2.0.0 taken");
        if (way == BY_HALF)
            EXPECT(client, "250 ");
    } else if (way != BY_RST && (step == STEP_RCPT_ASKED || step == STEP_DATA_ASKED)) {
        fake_mx_say(&mx->sessions[mx->session_count - 1], step == STEP_RCPT_ASKED ? "250 ok" : "354 go on");
        if (way == BY_HALF)
            EXPECT(client, step == STEP_RCPT_ASKED ? "250 " : "354 ");
    }
    WAIT(e, engine_is_empty(e));
    HOLDS(mx->mail_count == before + (step >= STEP_END_ASKED), "%s, way %d", step_names[step], way);
    bool half = step == STEP_HALF_CONTENT || step == STEP_DATA || (step == STEP_DATA_ASKED && way != BY_RST);
    if (half)
        WAIT(e, engine_event_count(e, EVENT_FAILED) == events + 1);
    else
        HOLDS(engine_event_count(e, EVENT_FAILED) == events, "nothing failed: %s, way %d", step_names[step],
              way);
    if (half)
        assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_ABANDONED);
    if (way == BY_HALF)
        WAIT(e, client->ended);
    wire_close(client);
    mx->rule_count = 0;
    WAIT(e, !e->relay->outbounds && mx->open_count == 0);
}

static void vanish_everywhere(struct engine *e, enum way way)
{
    engine_start(e);
    e->relay->timeouts.idle_ms = 1; /* each client has a connection of its own */
    for (int step = 0; step <= STEP_DELIVERED; step++)
        vanish_at(e, (enum step)step, way);
    WAIT(e, engine_event_count(e, EVENT_DELIVERED) == 2);
    assert_int_equal(e->mx[0].mail_count, 2);
}

static void a_client_that_closes_at_any_step_leaves_nothing_behind(void **state)
{
    vanish_everywhere(*state, BY_FIN);
}

static void a_client_that_breaks_at_any_step_leaves_nothing_behind(void **state)
{
    vanish_everywhere(*state, BY_RST);
}

static void a_client_that_closes_its_side_still_gets_what_it_has_asked_for(void **state)
{
    vanish_everywhere(*state, BY_HALF);
}

static void a_client_that_vanishes_from_the_queue_of_a_busy_name_server_leaves_others_in_it(void **state)
{
    struct engine *e = *state;
    struct wire *clients[3];
    engine_start(e);
    e->dns.mood = FAKE_DNS_HOLDS;
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        wire_say(clients[i], "RCPT TO:<you@one.test>\r\n");
        WAIT(e, clients[i]->writing == 0 && e->dns.mx_questions == 1);
    }
    wire_break(clients[0]); /* it was the one who asked */
    WAIT(e, e->relay->inbound_count == 2);
    fake_dns_release(&e->dns);
    EXPECT(clients[1], "250 ");
    EXPECT(clients[2], "250 ");
}

static void the_other_clients_mails_go_on(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *stays = client_open(e), *goes = client_welcome(e);
    client_walk(stays, STEP_CONNECTED, STEP_HALF_CONTENT);
    ASK(goes, "MAIL FROM:<me@here.test>", "250 ");
    ASK(goes, "RCPT TO:<me@one.test>", "250 ");
    ASK(goes, "DATA", "354 ");
    wire_say(goes, "Subject: gone\r\n\r\n");
    wire_break(goes);
    WAIT(e, engine_event(e, EVENT_FAILED, "me@one.test"));
    client_walk(stays, STEP_HALF_CONTENT, STEP_DELIVERED);
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_false(fake_mx_has(&e->mx[0].mails[0].content, "gone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_client_that_closes_at_any_step_leaves_nothing_behind),
        ENGINE_TEST(a_client_that_breaks_at_any_step_leaves_nothing_behind),
        ENGINE_TEST(a_client_that_closes_its_side_still_gets_what_it_has_asked_for),
        ENGINE_TEST(a_client_that_vanishes_from_the_queue_of_a_busy_name_server_leaves_others_in_it),
        ENGINE_TEST(the_other_clients_mails_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
