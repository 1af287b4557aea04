/* SPDX-License-Identifier: MIT */
/*
 * The four orders, at every step of a client's mail (contract, section 1). That the relay leaves no handle
 * behind is checked at the end of each test (engine_close).
 */

#include "engine.h"

static bool is_in_mail(enum step step)
{
    return step >= STEP_MAIL && step < STEP_DELIVERED;
}

/* ---- START, RESET: nothing happens to a mail that is on its way (section 1) ---- */

static void go_on_after(struct engine *e, enum relay_order order, enum step step)
{
    struct wire *client = client_open(e);
    unsigned before = e->mx[0].mail_count;
    uint16_t port = engine_address(e).port;
    client_walk(client, STEP_CONNECTED, step);
    engine_order(e, order);
    client_walk(client, step, STEP_DELIVERED);
    HOLDS(e->mx[0].mail_count == before + 1, "once, after the order at %s", step_names[step]);
    ASK(client, "QUIT", "221 ");
    wire_close(client);
    WAIT(e, e->status.listening);
    assert_int_equal(engine_address(e).port, port);
    e->mx[0].rule_count = 0;
}

static void start_of_a_running_relay_changes_nothing_at_any_step(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    for (int step = 0; step < STEP_DELIVERED; step++)
        go_on_after(e, RELAY_START, (enum step)step);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 1);
    WAIT(e,
         engine_event_count(e, EVENT_DELIVERED) == STEP_DELIVERED); /* a line waits for its program's name */
}

static void reset_lets_a_mail_go_on_from_any_step(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    for (int step = 0; step < STEP_DELIVERED; step++)
        go_on_after(e, RELAY_RESET, (enum step)step);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 1 + STEP_DELIVERED);
    WAIT(e,
         engine_event_count(e, EVENT_DELIVERED) == STEP_DELIVERED); /* a line waits for its program's name */
}

/* ---- STOP: 421 at once, or within the time for stopping when a mail is on its way (section 1) ---- */

static void stop_at(struct engine *e, enum step step)
{
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, step);
    uint64_t began_ms = uv_now(&e->loop);
    engine_order(e, RELAY_STOP);
    assert_int_equal(engine_address(e).port, 0);
    assert_int_equal(status_light(&e->status), LIGHT_RED);
    if (step == STEP_CONNECTED)
        EXPECT(client, "220 ");
    EXPECT(client, "421 ");
    WAIT_CLOSED(client);
    uint64_t took_ms = uv_now(&e->loop) - began_ms;
    if (is_in_mail(step))
        HOLDS(took_ms + 50 >= e->relay->timeouts.stop_ms, "a mail has time to end: %s, %u ms",
              step_names[step], (unsigned)took_ms);
    else
        HOLDS(took_ms < e->relay->timeouts.stop_ms, "there is nothing to wait for: %s", step_names[step]);
    HOLDS(e->mx[0].mail_count == 0, "%s", step_names[step]);
    WAIT(e, !e->relay->inbounds); /* although the client does not close */
    assert_int_equal(e->status.mails_in_progress, 0);
    wire_close(client);
}

static void stop_ends_every_session_with_421(void **state)
{
    struct engine *e = *state;
    for (int step = 0; step <= STEP_DELIVERED; step++) {
        engine_start(e);
        if (step == STEP_DELIVERED) {
            struct wire *client = client_welcome(e);
            client_deliver(client, "you@one.test");
            engine_order(e, RELAY_STOP);
            EXPECT(client, "421 ");
            WAIT_CLOSED(client);
            break;
        }
        stop_at(e, (enum step)step);
        e->mx[0].rule_count = 0;
    }
}

static void a_mail_in_progress_gets_its_answer_before_the_session_is_stopped(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.stop_ms = ENGINE_PATIENCE_MS;
    for (int step = STEP_MAIL; step < STEP_DELIVERED; step++) {
        struct wire *client = client_open(e);
        client_walk(client, STEP_CONNECTED, (enum step)step);
        engine_order(e, RELAY_STOP);
        client_walk(client, (enum step)step, STEP_DELIVERED);
        EXPECT(client, "421 ");
        WAIT_CLOSED(client);
        wire_close(client);
        e->mx[0].rule_count = 0;
        engine_start(e);
    }
    assert_int_equal(e->mx[0].mail_count, STEP_DELIVERED - STEP_MAIL);
}

static void a_stopped_relay_refuses_connections_until_it_is_started(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct ip_port address = engine_address(e);
    client_deliver(client_welcome(e), "you@one.test");
    engine_order(e, RELAY_STOP);
    struct wire *late = wire_new(e);
    wire_connect(late, &address);
    WAIT(e, late->connect_status != 1);
    assert_true(late->connect_status < 0);
    assert_non_null(engine_event(e, EVENT_STOPPED, NULL));
    engine_start(e);
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(e->mx[0].mail_count, 2);
}

static void reset_starts_a_stopped_relay_and_forgets_trouble(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", "550 5.1.1 nobody", 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<nobody@one.test>", "550 5.1.1 ");
    WAIT(e, engine_event(e, EVENT_FAILED, "nobody@one.test"));
    assert_int_equal(status_light(&e->status), LIGHT_BLINKING);
    ASK(client, "QUIT", "221 ");
    engine_order(e, RELAY_STOP);
    assert_int_equal(status_light(&e->status), LIGHT_RED);
    engine_order(e, RELAY_RESET);
    WAIT(e, status_light(&e->status) == LIGHT_GREEN);
    client_deliver(client_welcome(e), "you@one.test");
}

static void orders_posted_together_are_carried_out_in_their_order(void **state)
{
    struct engine *e = *state;
    relay_post(e->relay, RELAY_START);
    engine_order(e, RELAY_STOP);
    assert_false(e->status.running);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 1);
    assert_int_equal(engine_event_count(e, EVENT_STOPPED), 1);
    relay_post(e->relay, RELAY_STOP); /* nothing: it does not run */
    engine_order(e, RELAY_START);
    assert_true(e->status.running);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 2);
    relay_post(e->relay, RELAY_EXIT);
    relay_post(e->relay, RELAY_RESET);
    engine_exit(e);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 2); /* behind EXIT nothing comes */
}

/* ---- EXIT: as STOP, then gone, whatever the peers do (section 1) ---- */

static void exit_at(void **state, enum step step)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, step);
    engine_exit(e); /* the client and the server stay, and do nothing */
    if (step == STEP_CONNECTED)
        EXPECT(client, "220 ");
    EXPECT(client, "421 ");
    WAIT_CLOSED(client);
    HOLDS(e->mx[0].mail_count == (step == STEP_DELIVERED), "%s", step_names[step]);
    if (step >= STEP_RCPT_ASKED && step < STEP_DELIVERED)
        WAIT(e, e->mx[0].open_count == 0);
    const struct event *failed = engine_event(e, EVENT_FAILED, "you@one.test");
    if (step == STEP_END_ASKED) { /* RFC 5321 section 6.1: it may have arrived */
        assert_non_null(failed);
        assert_int_equal(failed->outcome.fault, OUTCOME_FAULT_LOST_AFTER_DOT);
    }
}

#define X(name)                                                                                              \
    static void exit_with_a_session_at_##name(void **state)                                                  \
    {                                                                                                        \
        exit_at(state, STEP_##name);                                                                         \
    }
STEPS(X)
#undef X

/* Who holds the port is found out by a worker; what it learns of an old try is not news for the new log. */
static void reset_forgets_who_held_the_port_before(void **state)
{
    struct engine *e = *state;
    const struct listener *listener = &e->relay->listeners[0];
    struct sockaddr_storage taken;
    int length = sizeof taken;
    assert_int_equal(uv_tcp_getsockname(&e->mx[0].listener, (struct sockaddr *)&taken, &length), 0);
    e->relay->config.listen[0] = ip_port_from_sockaddr((struct sockaddr *)&taken);
    relay_post(e->relay, RELAY_START);
    WAIT(e, listener->looking);
    relay_post(e->relay, RELAY_RESET);
    WAIT(e, e->relay->listener_count == 1 && listener_is_gone(listener) && !e->relay->listen_due);
    size_t lines = 0;
    for (size_t i = 0; i < e->event_count; i++) {
        if (e->events[i].kind == EVENT_STARTED)
            lines = 0; /* a new log */
        lines += e->events[i].kind == EVENT_PORT_TAKEN;
    }
    assert_int_equal(lines, 1);
}

/* Contract, section 2: red while not every wanted address accepts. 192.0.2.1 is nobody's (RFC 5737). */
static void an_address_that_this_machine_does_not_have_is_told_and_the_others_work(void **state)
{
    struct engine *e = *state;
    assert_true(ip_port_parse(SPAN("192.0.2.1"), 25, &e->relay->config.listen[1]));
    e->relay->config.listen_count = 2;
    relay_post(e->relay, RELAY_START);
    WAIT(e, engine_event(e, EVENT_LISTEN_FAILED, NULL) && engine_event(e, EVENT_LISTENING, NULL) &&
                e->status.connected && !e->relay->netwatch.checking);
    const struct event *failed = engine_event(e, EVENT_LISTEN_FAILED, NULL);
    assert_string_equal(failed->detail, "192.0.2.1:25");
    assert_string_equal(failed->outcome.words, uv_strerror(UV_EADDRNOTAVAIL));
    assert_int_equal(status_light(&e->status), LIGHT_RED);
    client_deliver(client_welcome(e), "anna@one.test");
    e->relay->config.listen_count = 1;
    relay_post(e->relay, RELAY_RESET);
    WAIT(e, status_light(&e->status) == LIGHT_GREEN);
}

static void exit_of_a_relay_that_was_never_started(void **state)
{
    engine_exit(*state);
}

static void exit_right_behind_start(void **state)
{
    struct engine *e = *state;
    relay_post(e->relay, RELAY_START);
    engine_exit(e);
    assert_non_null(engine_event(e, EVENT_STOPPED, NULL));
}

static void exit_of_a_stopped_relay_with_a_session_that_does_not_close(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    engine_order(e, RELAY_STOP);
    EXPECT(client, "421 ");
    engine_exit(e);
}

static void exit_while_the_network_is_being_looked_at(void **state)
{
    struct engine *e = *state;
    e->dns.mood = FAKE_DNS_SILENT;
    engine_order(e, RELAY_START);
    WAIT(e, e->dns.other_questions > 0);
    engine_exit(e);
}

static void exit_while_the_name_servers_of_the_system_are_being_read(void **state)
{
    struct engine *e = *state;
    e->relay->config.dns_count = 0;
    engine_order(e, RELAY_START);
    assert_true(e->relay->netwatch.reading);
    engine_exit(e);
}

static void exit_while_mail_waits_for_a_check_of_the_network(void **state)
{
    struct engine *e = *state;
    e->dns.mood = FAKE_DNS_SILENT;
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening);
    struct wire *client = client_welcome(e);
    wire_say(client, "MAIL FROM:<me@here.test>\r\n");
    WAIT(e, client->writing == 0 && e->dns.other_questions > 0);
    engine_exit(e);
    EXPECT(client, "421 ");
}

static void exit_while_names_are_looked_up(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    e->dns.mood = FAKE_DNS_SILENT;
    wire_say(client, "RCPT TO:<you@one.test>\r\nRCPT TO:<you@two.test>\r\nRCPT TO:<me@one.test>\r\n");
    WAIT(e, e->dns.mx_questions == 2);
    engine_exit(e);
    EXPECT(client, "421 ");
}

static void exit_with_an_idle_connection_says_quit(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    client_deliver(client_welcome(e), "you@one.test");
    engine_exit(e);
    assert_int_equal(fake_mx_heard(&e->mx[0], "QUIT"), 1);
}

static void exit_does_not_wait_for_a_server_that_ignores_quit(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.quit_ms = ENGINE_PATIENCE_MS * 2;
    fake_mx_rule(&e->mx[0], "QUIT", FAKE_MX_SILENT, 0);
    client_deliver(client_welcome(e), "you@one.test");
    engine_exit(e);
}

static void exit_while_mails_fly_to_many(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 0);
    struct wire *clients[12];
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        ASK(clients[i], "RCPT TO:<you@one.test>", "250 ");
        ASK(clients[i], "RCPT TO:<you@two.test>", "250 ");
        if (i % 3 > 0)
            ASK(clients[i], "DATA", "354 ");
        if (i % 3 > 1)
            wire_say(clients[i], "Subject: x\r\n\r\nx\r\n.\r\n");
    }
    WAIT(e, fake_mx_heard(&e->mx[1], ".") == 4);
    engine_exit(e);
    for (size_t i = 0; i < COUNT(clients); i++)
        EXPECT(clients[i], "421 ");
    assert_int_equal(e->mx[1].mail_count, 0);
}

static void reset_while_mails_fly_to_many(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *clients[12];
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        wire_say(clients[i], "RCPT TO:<you@one.test>\r\nRCPT TO:<you@two.test>\r\n");
        if (i % 4 > 0)
            continue;
        engine_order(e, RELAY_RESET); /* and who connects meanwhile is refused, as by a program that starts */
        WAIT(e, e->status.listening);
    }
    for (size_t i = 0; i < COUNT(clients); i++) {
        EXPECT(clients[i], "250 ");
        EXPECT(clients[i], "250 ");
        ASK(clients[i], "DATA", "354 ");
        wire_say(clients[i], "Subject: x\r\n\r\nx\r\n.\r\n");
        if (i % 4 == 2)
            relay_post(e->relay, RELAY_RESET);
    }
    for (size_t i = 0; i < COUNT(clients); i++)
        EXPECT(clients[i], "250 ");
    assert_int_equal(e->mx[0].mail_count, COUNT(clients));
    assert_int_equal(e->mx[1].mail_count, COUNT(clients));
    WAIT(e, e->status.listening && e->status.connected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(start_of_a_running_relay_changes_nothing_at_any_step),
        ENGINE_TEST(reset_lets_a_mail_go_on_from_any_step),
        ENGINE_TEST(stop_ends_every_session_with_421),
        ENGINE_TEST(a_mail_in_progress_gets_its_answer_before_the_session_is_stopped),
        ENGINE_TEST(a_stopped_relay_refuses_connections_until_it_is_started),
        ENGINE_TEST(reset_starts_a_stopped_relay_and_forgets_trouble),
        ENGINE_TEST(orders_posted_together_are_carried_out_in_their_order),
#define X(name) ENGINE_TEST(exit_with_a_session_at_##name),
        STEPS(X)
#undef X
            ENGINE_TEST(reset_forgets_who_held_the_port_before),
        ENGINE_TEST(an_address_that_this_machine_does_not_have_is_told_and_the_others_work),
        ENGINE_TEST(exit_of_a_relay_that_was_never_started),
        ENGINE_TEST(exit_right_behind_start),
        ENGINE_TEST(exit_of_a_stopped_relay_with_a_session_that_does_not_close),
        ENGINE_TEST(exit_while_the_network_is_being_looked_at),
        ENGINE_TEST(exit_while_the_name_servers_of_the_system_are_being_read),
        ENGINE_TEST(exit_while_mail_waits_for_a_check_of_the_network),
        ENGINE_TEST(exit_while_names_are_looked_up),
        ENGINE_TEST(exit_with_an_idle_connection_says_quit),
        ENGINE_TEST(exit_does_not_wait_for_a_server_that_ignores_quit),
        ENGINE_TEST(exit_while_mails_fly_to_many),
        ENGINE_TEST(reset_while_mails_fly_to_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
