/* SPDX-License-Identifier: MIT */
/*
 * Until the content a mail can be begun anew on another server, and while it is, or when its way has ended,
 * the session goes on with more recipients. Nobody is called delivered whom no server was told of, nobody
 * fails by what concerned somebody else (contract, sections 5.3 and 5.7).
 */

#include "engine.h"
#include "transaction.h"

/* Both servers, mx[0] first. */
static void add_domain_with_two_servers(struct engine *e)
{
    fake_dns_add_mx(&e->dns, "both.test", 1, "mx.one.test");
    fake_dns_add_mx(&e->dns, "both.test", 2, "mx.two.test");
}

/* ---- 452 when the recipients are said again after DATA (RFC 5321 section 4.5.3.1.10) ---- */

/*
 * mx[0] takes a and b, and c in a transaction of his own if he comes; then the first connection ends. At mx[1]
 * a is taken and b, for whom the client has its 250 already, is one too many: he gets a transaction of his own.
 */
static struct wire *walk_to_data(struct engine *e, bool with_c)
{
    add_domain_with_two_servers(e);
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT TO:<c@both.test>", "452 4.5.3 too many", 1);
    fake_mx_rule(&e->mx[0], "DATA", FAKE_MX_SILENT, with_c ? 2 : 1);
    fake_mx_rule(&e->mx[1], "RCPT TO:<b@both.test>", "452 4.5.3 too many", 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@both.test>", "250 ");
    ASK(client, "RCPT TO:<b@both.test>", "250 ");
    if (with_c)
        ASK(client, "RCPT TO:<c@both.test>", "250 ");
    wire_say(client, "DATA\r\n");
    WAIT(e, fake_mx_heard(&e->mx[0], "DATA") == (with_c ? 2 : 1));
    return client;
}

static bool has_mail_for(const struct fake_mx *mx, const char *recipient)
{
    bool found = false;
    for (unsigned i = 0; i < mx->mail_count; i++)
        found = found || strcmp(mx->mails[i].recipients, recipient) == 0;
    return found;
}

/* Each mail has one of them. a is at mx[1], the others are at mx[0]. */
static void end_with_all_delivered(struct engine *e, struct wire *client, bool with_c)
{
    wire_say(client, "Subject: x\r\n\r\nx\r\n.\r\n");
    EXPECT(client, "250 ");
    WAIT(e, engine_event_count(e, EVENT_DELIVERED) == 2 + (size_t)with_c);
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 0);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_true(has_mail_for(&e->mx[1], "RCPT TO:<a@both.test>\n"));
    assert_int_equal(e->mx[0].mail_count, 1 + with_c);
    assert_true(has_mail_for(&e->mx[0], "RCPT TO:<b@both.test>\n"));
    assert_true(!with_c || has_mail_for(&e->mx[0], "RCPT TO:<c@both.test>\n"));
}

static struct wire *anew_at_data(struct engine *e, bool with_c, const char *how)
{
    struct wire *client = walk_to_data(e, with_c);
    fake_mx_say(&e->mx[0].sessions[0], how);
    WAIT(e, fake_mx_heard(&e->mx[1], "DATA") == 1);
    if (with_c)
        fake_mx_say(&e->mx[0].sessions[1], "354 go on");
    EXPECT(client, "354 ");
    return client;
}

static void one_too_many_for_the_next_server_after_421_to_data_is_said_apart(void **state)
{
    end_with_all_delivered(*state, anew_at_data(*state, false, "421 4.3.2 going down"), false);
}

static void one_too_many_for_the_next_server_after_a_break_at_data_is_said_apart(void **state)
{
    end_with_all_delivered(*state, anew_at_data(*state, false, FAKE_MX_BREAKS), false);
}

static void one_too_many_is_not_delivered_by_a_connection_that_never_heard_of_him(void **state)
{
    end_with_all_delivered(*state, anew_at_data(*state, true, "421 4.3.2 going down"), true);
}

static void one_too_many_who_is_refused_alone_as_well_has_failed(void **state)
{
    struct engine *e = *state;
    struct wire *client = walk_to_data(e, false);
    fake_mx_rule(&e->mx[0], "RCPT TO:<b@both.test>", "452 4.5.3 too many", 0);
    fake_mx_say(&e->mx[0].sessions[0], "421 4.3.2 going down");
    EXPECT(client, "354 ");
    wire_say(client, "Subject: x\r\n\r\nx\r\n.\r\n");
    EXPECT(client, "250 "); /* 4xx would double it for a; the sender gets a report about b */
    WAIT(e, engine_event(e, EVENT_FAILED, "b@both.test") && engine_event_count(e, EVENT_DELIVERED) == 1);
    WAIT(e, engine_event(e, EVENT_FAILED, "me@here.test")); /* there is no such domain: the log has it */
    assert_int_equal(engine_event(e, EVENT_FAILED, "b@both.test")->outcome.code, 452);
    assert_int_equal(e->mx[0].mail_count, 0);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_true(has_mail_for(&e->mx[1], "RCPT TO:<a@both.test>\n"));
}

/* The other connection has its 354 already when the recipients are said again. */
static void one_too_many_while_another_connection_is_ready_for_content_is_said_apart(void **state)
{
    struct engine *e = *state;
    struct wire *client = walk_to_data(e, true);
    fake_mx_say(&e->mx[0].sessions[1], "354 go on");
    fake_mx_rule(&e->mx[1], "RCPT TO:<b@both.test>", FAKE_MX_SILENT, 1);
    fake_mx_say(&e->mx[0].sessions[0], FAKE_MX_CLOSES);
    WAIT(e, fake_mx_heard(&e->mx[1], "RCPT TO:<b@both.test>") == 1);
    fake_mx_say(&e->mx[1].sessions[0], "452 4.5.3 too many");
    EXPECT(client, "354 ");
    end_with_all_delivered(e, client, true);
}

static void one_too_many_for_the_next_server_after_354_is_said_apart(void **state)
{
    struct engine *e = *state;
    struct wire *client = walk_to_data(e, true);
    fake_mx_say(&e->mx[0].sessions[0], "354 go on");
    fake_mx_say(&e->mx[0].sessions[1], "354 go on");
    EXPECT(client, "354 "); /* no octet of content has been said */
    wire_break(e->mx[0].sessions[0].wire);
    WAIT(e, fake_mx_heard(&e->mx[1], "DATA") == 1);
    end_with_all_delivered(e, client, true);
}

/* ---- a way that fails while the session has a RCPT waiting (section 5.7) ---- */

/* NOOP waits for the answer to the first RCPT (in order: RFC 2920 section 3.2), the second RCPT for NOOP. */
static void the_next_recipient_of_a_way_that_fails_is_answered_too(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *begins, *reply; /* of mx[0] */
        const char *mail_parameters, *domain, *expected;
    } rows[] = {
        {"MAIL", "550 5.7.1 not from you", "", "one.test", "550 5.7.1 "},
        {"MAIL", "451 4.7.1 not now", "", "one.test", "451 4.7.1 "},
        {"MAIL", "421 4.3.2 going down", "", "one.test", "451 4.3.2 "},
        {"MAIL", FAKE_MX_CLOSES, "", "one.test", "451 4.4.2 "},
        {"MAIL", FAKE_MX_BREAKS, "", "one.test", "451 4.4.2 "},
        {"EHLO", "450 4.3.2 busy", "", "one.test", "450 "},
        {"EHLO", FAKE_MX_CLOSES, "", "one.test", "451 4.4.2 "},
        {"CONNECT", "554 5.7.1 go away", "", "one.test", "554 "},
        {"CONNECT", FAKE_MX_BREAKS, "", "one.test", "451 4.4."},
        {"EHLO", "250-mx.test\r\n250 SIZE 1000", " SIZE=5000", "one.test", "552 5.3.4 "}, /* section 5.11 */
        {"MAIL", "250 ok", "", "nowhere.test", "550 5.1.2 "},
    };
    engine_start(e);
    e->relay->timeouts.idle_ms = 1; /* each row has a connection of its own */
    for (size_t i = 0; i < COUNT(rows); i++) {
        char all[256];
        fake_mx_rule(&e->mx[0], rows[i].begins, rows[i].reply, 0);
        snprintf(all, sizeof all,
                 "MAIL FROM:<me@here.test>%s\r\nRCPT TO:<a@%s>\r\nNOOP\r\nRCPT TO:<b@%s>\r\n",
                 rows[i].mail_parameters, rows[i].domain, rows[i].domain);
        struct wire *client = client_welcome(e);
        wire_say(client, all);
        EXPECT(client, "250 ");
        for (int recipient = 0; recipient < 2; recipient++) {
            const char *reply = client_reply(client);
            HOLDS(strncmp(reply, rows[i].expected, strlen(rows[i].expected)) == 0, "%s %s: %s",
                  rows[i].begins, rows[i].reply, reply);
            if (recipient == 0)
                EXPECT(client, "250 ");
        }
        ASK(client, "DATA", "554 ");
        ASK(client, "QUIT", "221 ");
        wire_close(client);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds);
        e->mx[0].rule_count = 0;
    }
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 2 * COUNT(rows));
}

/* RFC 6531 section 3.2: refused before anything is said to a server that cannot. */
static void the_next_recipient_of_a_sender_in_utf8_is_answered_too(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    wire_say(client, "MAIL FROM:<j\xc3\xbcrgen@here.test> SMTPUTF8\r\nRCPT TO:<a@one.test>\r\nNOOP\r\n"
                     "RCPT TO:<b@one.test>\r\nNOOP\r\n");
    EXPECT(client, "250 ");
    EXPECT(client, "553 5.6.7 ");
    EXPECT(client, "250 ");
    EXPECT(client, "553 5.6.7 ");
    EXPECT(client, "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "MAIL"), 0);
}

/* More than the machine lets run side by side: some wait while the first are answered. */
static void all_of_many_recipients_in_one_write_are_answered_when_mail_is_refused(void **state)
{
    struct engine *e = *state;
    enum { MANY = 150 };
    engine_start(e);
    fake_mx_rule(&e->mx[0], "MAIL", "550 5.7.1 not from you", 0);
    struct wire *client = client_welcome(e);
    wire_say(client, "MAIL FROM:<me@here.test>\r\n");
    for (int i = 0; i < MANY; i++) {
        char line[64];
        snprintf(line, sizeof line, "RCPT TO:<r%d@one.test>\r\n", i);
        wire_say(client, line);
    }
    EXPECT(client, "250 ");
    for (int i = 0; i < MANY; i++)
        EXPECT(client, "550 5.7.1 ");
    ASK(client, "NOOP", "250 ");
    WAIT(e, engine_event_count(e, EVENT_FAILED) == MANY);
}

/* ---- a way that ended without having failed: the next recipient gets a new one (section 5.7) ---- */

static void expect_delivery_to(struct engine *e, struct wire *client, const char *command)
{
    unsigned before = e->mx[0].mail_count;
    wire_say(client, command);
    EXPECT(client, "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[0].mail_count, before + 1);
    assert_true(strncmp(e->mx[0].mails[before].recipients, command, strlen(command) - 2) == 0);
    assert_string_equal(e->mx[0].mails[before].recipients + strlen(command) - 2, "\n");
}

static void after_a_late_answer(struct engine *e, const char *answer, enum event_kind expected)
{
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "RCPT TO:<late@one.test>", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<late@one.test>", "451 4.4.7 ");
    fake_mx_say(&e->mx[0].sessions[0], answer);
    WAIT(e, engine_event(e, expected, "late@one.test"));
    expect_delivery_to(e, client, "RCPT TO:<next@one.test>\r\n");
}

static void who_comes_after_a_late_yes_is_asked_of_the_server(void **state)
{
    after_a_late_answer(*state, "250 ok", EVENT_LATE_WILLING);
}

static void who_comes_after_a_late_no_is_asked_of_the_server(void **state)
{
    after_a_late_answer(*state, "550 5.1.1 nobody", EVENT_LATE_FAILED);
}

static void who_comes_after_the_late_ones_server_has_closed_is_asked_of_a_new_connection(void **state)
{
    after_a_late_answer(*state, FAKE_MX_CLOSES, EVENT_LATE_FAILED);
}

/* Without PIPELINING he still waited for his turn when the client was told 451, and it never came. */
static void who_was_late_before_he_was_asked_is_no_fault_of_the_server(void **state)
{
    struct engine *e = *state;
    e->mx[0].abilities = "";
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[0], "RCPT TO:<late@one.test>", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<late@one.test>\r\nRCPT TO:<behind@one.test>", "451 4.4.7 ");
    EXPECT(client, "451 4.4.7 ");
    wire_say(client, "RCPT TO:<next@one.test>\r\n");
    WAIT(e, e->relay->transactions->recipients->next->next);
    fake_mx_say(&e->mx[0].sessions[0], "250 ok");
    EXPECT(client, "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<next@one.test>\n");
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT TO:<behind@one.test>"), 0);
    assert_null(engine_event(e, EVENT_LATE_FAILED, "behind@one.test"));
}

/* Many servers close on whoever asks for somebody unknown. */
static void who_comes_after_a_refusal_that_closed_the_connection_is_asked_of_a_new_one(void **state)
{
    struct engine *e = *state;
    const char *const hows[] = {FAKE_MX_CLOSES, FAKE_MX_BREAKS, "421 4.7.0 too many errors"};
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT TO:<bad", "550 5.1.1 nobody", 0);
    for (size_t i = 0; i < COUNT(hows); i++) {
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<bad1@one.test>", "550 5.1.1 ");
        ASK(client, "RCPT TO:<bad2@one.test>", "550 5.1.1 ");
        fake_mx_say(&e->mx[0].sessions[e->mx[0].session_count - 1], hows[i]);
        WAIT(e, !e->relay->outbounds);
        expect_delivery_to(e, client, "RCPT TO:<good@one.test>\r\n");
        ASK(client, "QUIT", "221 ");
        wire_break(e->mx[0].sessions[e->mx[0].session_count - 1].wire);
        WAIT(e, !e->relay->outbounds);
        assert_int_equal(e->mx[0].session_count, 2 * (i + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(one_too_many_for_the_next_server_after_421_to_data_is_said_apart),
        ENGINE_TEST(one_too_many_for_the_next_server_after_a_break_at_data_is_said_apart),
        ENGINE_TEST(one_too_many_is_not_delivered_by_a_connection_that_never_heard_of_him),
        ENGINE_TEST(one_too_many_who_is_refused_alone_as_well_has_failed),
        ENGINE_TEST(one_too_many_while_another_connection_is_ready_for_content_is_said_apart),
        ENGINE_TEST(one_too_many_for_the_next_server_after_354_is_said_apart),
        ENGINE_TEST(the_next_recipient_of_a_way_that_fails_is_answered_too),
        ENGINE_TEST(the_next_recipient_of_a_sender_in_utf8_is_answered_too),
        ENGINE_TEST(all_of_many_recipients_in_one_write_are_answered_when_mail_is_refused),
        ENGINE_TEST(who_comes_after_a_late_yes_is_asked_of_the_server),
        ENGINE_TEST(who_comes_after_a_late_no_is_asked_of_the_server),
        ENGINE_TEST(who_comes_after_the_late_ones_server_has_closed_is_asked_of_a_new_connection),
        ENGINE_TEST(who_was_late_before_he_was_asked_is_no_fault_of_the_server),
        ENGINE_TEST(who_comes_after_a_refusal_that_closed_the_connection_is_asked_of_a_new_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
