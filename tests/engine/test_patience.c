/* SPDX-License-Identifier: MIT */
/*
 * Patience (contract, section 5.5): the client gets its answer in time, 451 when the server has none yet;
 * the server is listened to in the background, and what it says at last stands in the log.
 */

#include "engine.h"

/* One second of patience; the answer may come no earlier, and not much later. */
static void expect_in_a_second(struct wire *client, const char *reply)
{
    uint64_t began_ns = uv_hrtime();
    EXPECT(client, reply);
    uint64_t took_ms = (uv_hrtime() - began_ns) / 1000000;
    HOLDS(took_ms >= 500 && took_ms < 4000, "%u ms", (unsigned)took_ms);
}

static void expect_451_in_a_second(struct wire *client)
{
    expect_in_a_second(client, "451 4.4.7 ");
}

static struct wire *impatient(struct engine *e, enum step step)
{
    engine_start(e);
    e->relay->config.patience_s = 1;
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, step);
    return client;
}

static void late_at_rcpt(void **state, const char *reply, enum event_kind expected)
{
    struct engine *e = *state;
    struct wire *client = impatient(e, STEP_RCPT_ASKED);
    expect_451_in_a_second(client);
    WAIT(e, engine_event(e, EVENT_FAILED, "you@one.test"));
    ASK(client, "DATA", "554 "); /* nobody is left */
    fake_mx_say(&e->mx[0].sessions[0], reply);
    WAIT(e, engine_event(e, expected, "you@one.test"));
    ASK(client, "RSET", "250 ");
    client_deliver(client, "other@one.test");
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<other@one.test>\n");
}

static void a_late_yes_to_rcpt_stands_in_the_log(void **state)
{
    late_at_rcpt(state, "250 ok", EVENT_LATE_WILLING);
}

static void a_late_no_to_rcpt_stands_in_the_log(void **state)
{
    late_at_rcpt(state, "550 5.1.1 nobody", EVENT_LATE_FAILED);
}

static void a_late_answer_to_rcpt_is_heard_though_the_client_has_gone(void **state)
{
    struct engine *e = *state;
    struct wire *client = impatient(e, STEP_RCPT_ASKED);
    expect_451_in_a_second(client);
    ASK(client, "QUIT", "221 ");
    wire_close(client);
    WAIT(e, !e->relay->inbounds);
    fake_mx_say(&e->mx[0].sessions[0], "250 ok");
    WAIT(e, engine_event(e, EVENT_LATE_WILLING, "you@one.test"));
    WAIT(e, !e->relay->transactions);
    assert_int_equal(e->mx[0].mail_count, 0);
}

/* Who was told 451 must not get the mail; the others on his server do (sections 5.1 and 5.5). */
static void the_late_one_is_left_out(void **state, const char *abilities, const char *reply,
                                     enum event_kind expected)
{
    struct engine *e = *state;
    e->mx[0].abilities = abilities;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "RCPT TO:<late@one.test>", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<early@one.test>", "250 ");
    wire_say(client, "RCPT TO:<late@one.test>\r\n");
    expect_451_in_a_second(client);
    wire_say(client, "DATA\r\n");
    WAIT(e, client->writing == 0);
    fake_mx_say(&e->mx[0].sessions[0], reply);
    EXPECT(client, "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    WAIT(e, engine_event(e, expected, "late@one.test") && engine_event(e, EVENT_DELIVERED, "early@one.test"));
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<early@one.test>\n");
}

static void who_was_taken_too_late_does_not_get_the_mail_and_others_do(void **state)
{
    the_late_one_is_left_out(state, "", "250 ok", EVENT_LATE_WILLING);
}

static void the_same_with_pipelining(void **state)
{
    the_late_one_is_left_out(state, "250-PIPELINING\r\n", "250 ok", EVENT_LATE_WILLING);
}

static void who_was_refused_too_late_does_not_hold_up_the_others(void **state)
{
    the_late_one_is_left_out(state, "", "550 5.1.1 nobody", EVENT_LATE_FAILED);
}

static void data_waits_for_a_late_recipient_no_longer_than_patience(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "RCPT TO:<late@one.test>", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<early@one.test>", "250 ");
    wire_say(client, "RCPT TO:<late@one.test>\r\n");
    expect_451_in_a_second(client);
    wire_say(client, "DATA\r\n");
    expect_in_a_second(client, "451 4.4.2 ");
    ASK(client, "NOOP", "250 ");
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void each_of_several_servers_that_are_late_has_its_own_time(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "RCPT", FAKE_MX_SILENT, 0);
    fake_mx_rule(&e->mx[1], "CONNECT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<a@one.test>\r\nRCPT TO:<b@two.test>\r\nRCPT TO:<c@three.test>\r\n");
    expect_451_in_a_second(client);
    EXPECT(client, "451 4.4.7 ");
    EXPECT(client, "250 ");
    ASK(client, "DATA", "354 "); /* the late legs hold nobody up */
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[2].mail_count, 1);
}

static void silence_at_data_is_451_and_nothing_is_delivered(void **state)
{
    struct engine *e = *state;
    struct wire *client = impatient(e, STEP_DATA_ASKED);
    expect_in_a_second(client, "451 4.4.2 mx.one.test: ");
    WAIT(e, engine_event(e, EVENT_FAILED, "you@one.test"));
    WAIT(e, e->mx[0].open_count == 0); /* a 354 would be waiting there */
    ASK(client, "NOOP", "250 ");
    client_deliver(client, "you@one.test");
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* Its answer is not awaited any more: neither the log nor the report may say so. */
static void who_is_silent_at_data_is_left_out_and_reported(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[1], "DATA", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@three.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    ASK(client, "RCPT TO:<b@two.test>", "250 ");
    wire_say(client, "DATA\r\n");
    expect_in_a_second(client, "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 2.0.0 mx.one.test said: ");
    WAIT(e, e->mx[2].mail_count == 1);
    const struct event *event = engine_event(e, EVENT_FAILED, "b@two.test");
    assert_non_null(event);
    assert_int_equal(event->outcome.fault, OUTCOME_FAULT_TIMED_OUT);
    assert_string_equal(event->outcome.host, "mx.two.test");
    assert_true(fake_mx_has(&e->mx[2].mails[0].content, "\nb@two.test: the mail server did not answer in time\r\n"));
    assert_int_equal(e->mx[1].mail_count, 0);
}

static const struct event *late_at_the_end(struct engine *e, const char *reply, enum event_kind expected)
{
    struct wire *client = impatient(e, STEP_END_ASKED);
    expect_451_in_a_second(client);
    ASK(client, "QUIT", "221 ");
    wire_close(client);
    WAIT(e, !e->relay->inbounds);
    fake_mx_say(&e->mx[0].sessions[0], reply);
    WAIT(e, engine_event(e, expected, "you@one.test"));
    WAIT(e, !e->relay->transactions);
    return engine_event(e, expected, "you@one.test");
}

static void a_late_yes_to_the_mail_stands_in_the_log(void **state)
{
    struct engine *e = *state;
    late_at_the_end(e, "250 2.0.0 taken", EVENT_LATE_DELIVERED);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void a_late_no_to_the_mail_stands_in_the_log(void **state)
{
    const struct event *event = late_at_the_end(*state, "554 5.7.1 spam", EVENT_LATE_FAILED);
    assert_int_equal(event->outcome.code, 554);
}

static void a_connection_that_breaks_late_may_have_left_a_copy(void **state)
{
    const struct event *event = late_at_the_end(*state, FAKE_MX_BREAKS, EVENT_LATE_FAILED);
    assert_int_equal(event->outcome.fault, OUTCOME_FAULT_LOST_AFTER_DOT);
}

static void a_mail_that_is_late_for_one_server_is_delivered_by_the_other(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    ASK(client, "RCPT TO:<b@two.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, "Subject: x\r\n\r\nx\r\n.\r\n");
    expect_451_in_a_second(client);
    fake_mx_say(&e->mx[1].sessions[0], "250 taken");
    WAIT(e, engine_event(e, EVENT_LATE_DELIVERED, "b@two.test"));
    WAIT(e, engine_event(e, EVENT_DELIVERED, "a@one.test"));
    assert_null(engine_event(e, EVENT_FAILED, "a@one.test"));
}

/* To the client opening and end are one wait then. Another client, who begins to wait when the opening is over, tells the
 * time: he is the later one. */
static void content_in_one_bdat_has_one_patience_for_opening_and_end(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "DATA", FAKE_MX_SILENT, 1);
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 1);
    fake_mx_rule(&e->mx[2], "RCPT", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e), *other = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    ASK(client, "RCPT TO:<b@two.test>", "250 ");
    ASK(other, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "BDAT 15 LAST\r\nSubject: x\r\n\r\nx");
    WAIT(e, engine_event(e, EVENT_FAILED, "a@one.test"));
    wire_say(other, "RCPT TO:<c@three.test>\r\n");
    EXPECT(client, "451 4.4.7 ");
    assert_null(engine_event(e, EVENT_FAILED, "c@three.test"));
    EXPECT(other, "451 4.4.7 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_late_yes_to_rcpt_stands_in_the_log),
        ENGINE_TEST(a_late_no_to_rcpt_stands_in_the_log),
        ENGINE_TEST(a_late_answer_to_rcpt_is_heard_though_the_client_has_gone),
        ENGINE_TEST(who_was_taken_too_late_does_not_get_the_mail_and_others_do),
        ENGINE_TEST(the_same_with_pipelining),
        ENGINE_TEST(who_was_refused_too_late_does_not_hold_up_the_others),
        ENGINE_TEST(data_waits_for_a_late_recipient_no_longer_than_patience),
        ENGINE_TEST(each_of_several_servers_that_are_late_has_its_own_time),
        ENGINE_TEST(silence_at_data_is_451_and_nothing_is_delivered),
        ENGINE_TEST(who_is_silent_at_data_is_left_out_and_reported),
        ENGINE_TEST(a_late_yes_to_the_mail_stands_in_the_log),
        ENGINE_TEST(a_late_no_to_the_mail_stands_in_the_log),
        ENGINE_TEST(a_connection_that_breaks_late_may_have_left_a_copy),
        ENGINE_TEST(a_mail_that_is_late_for_one_server_is_delivered_by_the_other),
        ENGINE_TEST(content_in_one_bdat_has_one_patience_for_opening_and_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
