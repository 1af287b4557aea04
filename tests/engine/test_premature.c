/* SPDX-License-Identifier: MIT */
/*
 * A reply answers a command that was said before it, or nothing: what a server says too early is no verdict,
 * neither in this mail nor in the next one on its connection (RFC 2920 section 3.1; contract, section 5.3).
 * And a reply has its time as a whole: octets that drip do not prolong it (RFC 5321 section 4.5.3.2).
 */

#include "engine.h"

#include "pool.h"

/* ---- replies that were there before their command ---- */

#define CHUNK "BDAT 17 LAST\r\nSubject: x\r\n\r\nx\r\n" /* everything at once: nothing waits for the client */

static void a_reply_said_before_its_command_is_no_verdict(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *begins, *reply, *rcpt_answer, *end_answer;
    } rows[] = {
        {"CONNECT", "220 mx.test\r\n250 hello", "451 4.", "554 "},
        {"CONNECT", "220 mx.test\r\n250 hello\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken", "451 4.",
         "554 "},
        {"EHLO", "250 mx.test\r\n550 5.7.1 not from you", "451 4.", "554 "},
        {"EHLO", "250 mx.test\r\n250 ok\r\n550 5.1.1 nobody", "451 4.", "554 "},
        {"EHLO", "250-mx.test\r\n250 PIPELINING\r\n250 ok\r\n250 ok", "451 4.", "554 "},
        {"MAIL", "250 ok\r\n250 ok", "451 4.", "554 "},
        {"RCPT", "250 ok\r\n354 go on", "250 ", "451 4."},
        {"RCPT", "250 ok\r\n354 go on\r\n250 taken", "250 ", "451 4."},
        {"RCPT", "250 ok\r\n554 5.6.0 not this mail", "250 ", "451 4."},
        {"DATA", "354 go on\r\n250 2.0.0 taken", "250 ", "451 4."},
        {"DATA", "354 go on\r\n554 5.6.0 not this mail", "250 ", "451 4."},
    };
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", FAKE_MX_CLOSES, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fake_mx_rule(&e->mx[0], rows[i].begins, rows[i].reply, 0);
        struct wire *client = client_welcome(e);
        wire_say(client, "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\n" CHUNK);
        EXPECT(client, "250 ");
        const char *const answers[] = {rows[i].rcpt_answer, rows[i].end_answer};
        for (size_t k = 0; k < COUNT(answers); k++) {
            const char *reply = client_reply(client);
            HOLDS(strncmp(reply, answers[k], strlen(answers[k])) == 0, "%s: %s", rows[i].reply, reply);
        }
        ASK(client, "NOOP", "250 ");
        WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0); /* who talks like this is left */
        wire_close(client);
        WAIT(e, engine_is_empty(e));
        e->mx[0].rule_count = 1;
    }
    assert_int_equal(e->mx[0].mail_count, 0);
    assert_null(engine_event(e, EVENT_DELIVERED, NULL));
}

static void replies_to_pipelined_commands_may_come_together(void **state)
{
    struct engine *e = *state;
    e->mx[0].abilities = "250-PIPELINING\r\n250-CHUNKING\r\n";
    engine_start(e);
    fake_mx_rule(&e->mx[0], "MAIL", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    wire_say(client, "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\nRCPT TO:<me@one.test>\r\n" CHUNK);
    WAIT(e, fake_mx_heard(&e->mx[0], "MAIL") == 1);
    fake_mx_say(&e->mx[0].sessions[0], "250 ok");
    for (int i = 0; i < 4; i++)
        EXPECT(client, "250 ");
    assert_int_equal(e->mx[0].mail_count, 1);
}

/*
 * All places at the host are taken, one mail waits, and gets the connection of the mail that ends, in the
 * very read that brought the end and more. What was left over says nothing of it.
 */
static struct wire *take_over(struct engine *e, const char *begins, const char *left_over)
{
    struct wire *clients[POOL_CONNECTIONS_MAX + 1];
    engine_start(e);
    for (unsigned i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        if (i < POOL_CONNECTIONS_MAX)
            ASK(clients[i], "RCPT TO:<you@one.test>", "250 ");
        else
            wire_say(clients[i], "RCPT TO:<waits@one.test>\r\n");
    }
    WAIT(e, e->relay->pool.hosts->waiting);
    assert_int_equal(e->mx[0].session_count, POOL_CONNECTIONS_MAX);
    fake_mx_rule(&e->mx[0], begins, left_over, 1);
    if (strcmp(begins, "RSET") == 0) {
        ASK(clients[0], "RSET", "250 ");
    } else {
        ASK(clients[0], "DATA", "354 ");
        ASK(clients[0], "Subject: x\r\n\r\nx\r\n.", "250 ");
        assert_int_equal(e->mx[0].mail_count, 1);
    }
    return clients[POOL_CONNECTIONS_MAX];
}

static void left_over_refusals(struct engine *e, const char *begins, const char *left_over)
{
    struct wire *client = take_over(e, begins, left_over);
    EXPECT(client, "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: waited\r\n\r\nx\r\n.", "250 ");
    struct fake_mx_mail *mail = &e->mx[0].mails[e->mx[0].mail_count - 1];
    assert_string_equal(mail->recipients, "RCPT TO:<waits@one.test>\n");
    assert_true(fake_mx_has(&mail->content, "waited"));
    assert_int_equal(e->mx[0].session_count, POOL_CONNECTIONS_MAX + 1); /* that one was of no more use */
    assert_null(engine_event(e, EVENT_FAILED, NULL));
}

static void left_over_refusals_are_not_for_the_mail_that_gets_the_connection(void **state)
{
    left_over_refusals(*state, ".", "250 2.0.0 taken\r\n550 5.7.1 stale\r\n550 5.7.1 stale");
}

static void left_over_replies_to_rset_are_not_for_the_mail_that_gets_the_connection(void **state)
{
    left_over_refusals(*state, "RSET", "250 forgotten\r\n550 5.7.1 stale\r\n550 5.7.1 stale");
}

static void left_over_consent_is_not_for_the_mail_that_gets_the_connection(void **state)
{
    struct engine *e = *state;
    e->mx[0].abilities = "250-PIPELINING\r\n"; /* MAIL and RCPT are on the wire at once */
    fake_mx_rule(&e->mx[0], "RCPT TO:<waits@one.test>", "550 5.1.1 nobody", 0);
    struct wire *client = take_over(e, ".", "250 2.0.0 taken\r\n250 stale\r\n250 stale");
    EXPECT(client, "550 5.1.1 ");
    ASK(client, "DATA", "554 ");
}

static void a_reply_on_an_idle_connection_ends_it_and_fails_nobody(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", "250 2.0.0 taken\r\n550 5.7.1 stale", 1);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
    client_deliver(client, "you@one.test");
    assert_int_equal(e->mx[0].mail_count, 2);
    assert_null(engine_event(e, EVENT_FAILED, NULL));
}

/* ---- replies that never end ---- */

#define SHORT_MS 300
#define DRIP_MS 30

/* Says one octet after the other of a reply to whoever of mx[0] waits for one; ends with the relay. */
struct drip {
    uv_timer_t timer;
    struct engine *engine;
    unsigned octets;
};

static void on_drip_closed(uv_handle_t *handle)
{
    struct drip *drip = handle->data;
    drip->engine->own_handles--;
}

static void on_drip(uv_timer_t *timer)
{
    struct drip *drip = timer->data;
    struct fake_mx *mx = &drip->engine->mx[0];
    if (!drip->engine->relay) {
        uv_close((uv_handle_t *)timer, on_drip_closed);
        return;
    }
    for (unsigned i = 0; i < mx->session_count; i++) {
        struct fake_mx_session *s = &mx->sessions[i];
        if (!s->silent || s->ended)
            continue;
        wire_send(s->wire, drip->octets < 4 ? &"250-"[drip->octets] : "x", 1);
        drip->octets++;
    }
}

static void drip_begin(struct drip *drip, struct engine *e)
{
    *drip = (struct drip){.engine = e};
    drip->timer.data = drip;
    uv_timer_init(&e->loop, &drip->timer);
    uv_timer_start(&drip->timer, on_drip, DRIP_MS, DRIP_MS);
    e->own_handles++;
}

static void a_reply_that_drips_is_given_up_in_time(void **state)
{
    struct engine *e = *state;
    static struct drip drip; /* it outlives the test's body */
    const struct {
        const char *at;
        size_t which; /* time-out */
        bool taken;
    } rows[] = {
        {"CONNECT", offsetof(struct timeouts, greeting_ms), false},
        {"EHLO", offsetof(struct timeouts, greeting_ms), false},
        {"MAIL", offsetof(struct timeouts, mail_ms), false},
        {"RCPT", offsetof(struct timeouts, rcpt_ms), false},
        {"DATA", offsetof(struct timeouts, data_ms), true},
        {".", offsetof(struct timeouts, final_ms), true},
    };
    engine_start(e);
    drip_begin(&drip, e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t *timeout = (uint64_t *)(void *)((char *)&e->relay->timeouts + rows[i].which);
        *timeout = SHORT_MS;
        drip.octets = 0;
        fake_mx_rule(&e->mx[0], rows[i].at, FAKE_MX_SILENT, 0);
        struct wire *client = client_welcome(e);
        wire_say(client, "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\n" CHUNK);
        EXPECT(client, "250 ");
        if (rows[i].taken)
            EXPECT(client, "250 ");
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, "451 4.4.2 ", 10) == 0, "%s: %s", rows[i].at, reply);
        HOLDS(drip.octets > 1, "%s: nothing has dripped", rows[i].at);
        WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
        wire_close(client);
        *timeout = ENGINE_PATIENCE_MS * 2;
        e->mx[0].rule_count = 0;
    }
    assert_int_equal(e->mx[0].mail_count, 0);
}

/* Behind the client's back: it holds a place of twenty (section 5.11). */
static void a_dripping_reply_to_rset_or_quit_does_not_hold_its_place(void **state)
{
    struct engine *e = *state;
    static struct drip drip;
    engine_start(e);
    drip_begin(&drip, e);
    e->relay->timeouts.reset_ms = e->relay->timeouts.quit_ms = SHORT_MS;
    fake_mx_rule(&e->mx[0], "RSET", FAKE_MX_SILENT, 0);
    fake_mx_rule(&e->mx[0], "QUIT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "RSET", "250 ");
    WAIT(e, fake_mx_heard(&e->mx[0], "RSET") == 1);
    WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
    assert_true(drip.octets > 1);

    drip.octets = 0;
    e->relay->timeouts.idle_ms = 1;
    client_deliver(client, "you@one.test");
    WAIT(e, fake_mx_heard(&e->mx[0], "QUIT") == 1);
    WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
    assert_true(drip.octets > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_reply_said_before_its_command_is_no_verdict),
        ENGINE_TEST(replies_to_pipelined_commands_may_come_together),
        ENGINE_TEST(left_over_refusals_are_not_for_the_mail_that_gets_the_connection),
        ENGINE_TEST(left_over_consent_is_not_for_the_mail_that_gets_the_connection),
        ENGINE_TEST(left_over_replies_to_rset_are_not_for_the_mail_that_gets_the_connection),
        ENGINE_TEST(a_reply_on_an_idle_connection_ends_it_and_fails_nobody),
        ENGINE_TEST(a_reply_that_drips_is_given_up_in_time),
        ENGINE_TEST(a_dripping_reply_to_rset_or_quit_does_not_hold_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
