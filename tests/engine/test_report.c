/* SPDX-License-Identifier: MIT */
/*
 * Reports to the sender (contract, section 5.4): some servers took the mail, others did not, all after the client had
 * ended it. The client hears 250, the sender gets a report by the same road. Here the sender lives at mx[2].
 */

#include "engine.h"

#define TAKEN "250 2.0.0 taken"
#define CONTENT                                                                                              \
    "From: me@three.test\r\nSubject: about this\r\nMessage-ID: <1@client.test>\r\n\r\n"                      \
    "a secret\r\n\r\nanother secret\r\n"

static void say(struct wire *client, const char *verb, const char *path, const char *parameters)
{
    char line[512];
    snprintf(line, sizeof line, "%s:<%s> %s", verb, path, parameters);
    size_t length = strlen(line);
    while (line[length - 1] == ' ')
        length--;
    snprintf(line + length, sizeof line - length, "\r\n");
    wire_say(client, line);
    EXPECT(client, "250 ");
}

/* To a@one.test and b@two.test, up to the dot. */
static struct wire *send_to_both(struct engine *e, const char *sender, const char *b_parameters)
{
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", sender, "");
    say(client, "RCPT TO", "a@one.test", "");
    say(client, "RCPT TO", "b@two.test", b_parameters);
    ASK(client, "DATA", "354 ");
    wire_say(client, CONTENT ".\r\n");
    return client;
}

static void close_all(struct engine *e, struct wire *client)
{
    ASK(client, "QUIT", "221 ");
    wire_close(client);
    WAIT(e, engine_is_empty(e));
}

/* The last mail that came to mx[2]. */
static struct buf *report_of(struct engine *e)
{
    if (e->mx[2].mail_count == 0)
        fail_msg("there is no report");
    return &e->mx[2].mails[e->mx[2].mail_count - 1].content;
}

static void expect_in(struct buf *report, const char *const texts[], size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++)
        if (fake_mx_has(report, texts[i]) != expected)
            fail_msg("%s: %s, in:\n%s", expected ? "not there" : "there", texts[i], buf_text(report));
}

/* ---- what it is ---- */

static void what_one_server_took_and_another_refused_is_250_and_a_report(void **state)
{
    struct engine *e = *state;
    static const char *const there[] = {
        "Received: from localhost ",
        "\r\nFrom: Mail Delivery System <MAILER-DAEMON@",
        "\r\nTo: <me@three.test>\r\n",
        "\r\nSubject: Mail not delivered to everybody\r\n",
        "\r\nAuto-Submitted: auto-replied\r\n",
        "\r\nContent-Type: multipart/report; report-type=delivery-status;",
        "\r\nFinal-Recipient: rfc822;b@two.test\r\nAction: failed\r\nStatus: 5.7.1\r\n"
        "Remote-MTA: dns; mx.two.test\r\nDiagnostic-Code: smtp; 554 5.7.1 no thanks\r\n",
        "b@two.test: ",
        "The server mx.two.test said: \"no thanks\"",
        "\r\nFrom: me@three.test\r\nSubject: about this\r\nMessage-ID: <1@client.test>\r\n",
    };
    static const char *const not_there[] = {"secret", "rfc822;a@one.test"};
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = send_to_both(e, "me@three.test", "");
    const char *reply = client_reply(client);
    HOLDS(strcmp(reply, "250 2.0.0 mx.one.test said: taken; NOT delivered to <b@two.test>") == 0, "%s", reply);
    WAIT(e, engine_event(e, EVENT_DELIVERED, "me@three.test"));
    assert_int_equal(e->mx[2].mail_count, 1);
    assert_string_equal(e->mx[2].mails[0].recipients, "RCPT TO:<me@three.test>\n");
    assert_int_equal(fake_mx_heard(&e->mx[2], "MAIL FROM:<>"), 1);
    expect_in(report_of(e), there, COUNT(there), true);
    expect_in(report_of(e), not_there, COUNT(not_there), false);

    const struct event *line = engine_event(e, EVENT_DELIVERED, "me@three.test");
    assert_string_equal(line->sender, "");
    assert_string_equal(line->program, "Traypost");
    close_all(e, client);
    WAIT(e, engine_event(e, EVENT_DELIVERED, "a@one.test") && engine_event(e, EVENT_FAILED, "b@two.test"));
    assert_int_equal(engine_event(e, EVENT_FAILED, "b@two.test")->outcome.code, 554);
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 1);
}

static void a_report_is_due_as_the_client_and_the_servers_say(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *parameters, *abilities, *reply; /* of the recipient, of his server */
        const char *action;                         /* NULL: no report */
    } rows[] = {
        {"", "", "554 5.7.1 no", "failed"},
        {"", "", "451 4.7.1 not now", "failed"}, /* nobody tries again */
        {"", "", FAKE_MX_CLOSES, "failed"},
        {"", "250-DSN\r\n", "554 5.7.1 no", "failed"},
        {"", "", TAKEN, NULL},
        {"NOTIFY=NEVER", "", "554 5.7.1 no", NULL},
        {"NOTIFY=NEVER", "", TAKEN, NULL},
        {"NOTIFY=FAILURE", "", "554 5.7.1 no", "failed"},
        {"NOTIFY=FAILURE", "", TAKEN, NULL},
        {"NOTIFY=DELAY", "", "554 5.7.1 no", NULL},
        {"NOTIFY=SUCCESS", "", "554 5.7.1 no", NULL},
        {"NOTIFY=SUCCESS", "", TAKEN, "relayed"},
        {"NOTIFY=SUCCESS", "250-DSN\r\n", TAKEN, NULL}, /* it makes its own */
        {"NOTIFY=SUCCESS,FAILURE", "", TAKEN, "relayed"},
        {"NOTIFY=SUCCESS,FAILURE", "", "554 5.7.1 no", "failed"},
        {"NOTIFY=SUCCESS,FAILURE", "250-DSN\r\n", "554 5.7.1 no", "failed"},
    };
    engine_start(e);
    e->relay->timeouts.idle_ms = 1; /* each row has connections of its own */
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned before = e->mx[2].mail_count;
        char wanted[64];
        e->mx[1].abilities = rows[i].abilities;
        e->mx[1].rule_count = 0;
        fake_mx_rule(&e->mx[1], ".", rows[i].reply, 1);
        seen_free(e->relay->seen); /* the same mail again, for once on purpose */
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        struct wire *client = send_to_both(e, "me@three.test", rows[i].parameters);
        EXPECT(client, "250 ");
        close_all(e, client);
        WAIT(e, !e->relay->outbounds);
        HOLDS(e->mx[2].mail_count == before + (rows[i].action != NULL), "row %u: %u reports", (unsigned)i,
              e->mx[2].mail_count - before);
        if (!rows[i].action)
            continue;
        snprintf(wanted, sizeof wanted, "rfc822;b@two.test\r\nAction: %s\r\n", rows[i].action);
        HOLDS(fake_mx_has(report_of(e), wanted), "row %u: %s", (unsigned)i, wanted);
    }
    HOLDS(fake_mx_heard(&e->mx[2], "MAIL FROM:<>") == e->mx[2].mail_count, "no report was tried in vain");
}

static void a_report_of_success_needs_no_failure(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", "me@three.test", "RET=HDRS ENVID=QQ+2B314159");
    say(client, "RCPT TO", "a@one.test", "NOTIFY=SUCCESS ORCPT=rfc822;anna+2Bx@one.test");
    ASK(client, "DATA", "354 ");
    ASK(client, CONTENT ".", "250 2.0.0 mx.one.test said: taken");
    WAIT(e, engine_event(e, EVENT_DELIVERED, "me@three.test"));
    static const char *const there[] = {
        "\r\nSubject: Mail handed on\r\n",
        "\r\nOriginal-Envelope-Id: QQ+314159\r\n",
        "\r\nOriginal-Recipient: rfc822;anna+x@one.test\r\nFinal-Recipient: rfc822;a@one.test\r\n"
        "Action: relayed\r\nStatus: 2.0.0\r\n",
        "\r\nSubject: about this\r\n",
    };
    expect_in(report_of(e), there, COUNT(there), true);
    close_all(e, client);
    assert_int_equal(e->mx[2].mail_count, 1);
}

/* RFC 3461 section 5.2.1: to a server that knows DSN it is said that nobody wants reports about the report. */
static void there_are_no_reports_about_reports(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[2].abilities = "250-DSN\r\n";
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = send_to_both(e, "me@three.test", "");
    EXPECT(client, "250 ");
    close_all(e, client);
    assert_int_equal(fake_mx_heard(&e->mx[2], "RCPT TO:<me@three.test> NOTIFY=NEVER"), 1);
}

static void the_body_of_a_mail_without_a_header_section_is_not_returned(void **state)
{
    struct engine *e = *state;
    static const char *const not_there[] = {"a secret", "another"};
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", "me@three.test", "");
    say(client, "RCPT TO", "a@one.test", "");
    say(client, "RCPT TO", "b@two.test", "");
    ASK(client, "DATA", "354 ");
    ASK(client, "This is a secret.\r\nThis is another: yes.\r\n.", "250 ");
    WAIT(e, engine_event(e, EVENT_DELIVERED, "me@three.test"));
    expect_in(report_of(e), not_there, COUNT(not_there), false);
    close_all(e, client);
}

/* The server that refused the mail takes the report about it. */
static void the_sender_may_live_where_the_mail_was_refused(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 1);
    struct wire *client = send_to_both(e, "me@two.test", "");
    EXPECT(client, "250 ");
    close_all(e, client);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_string_equal(e->mx[1].mails[0].recipients, "RCPT TO:<me@two.test>\n");
}

static void an_internationalised_sender_gets_his_report(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    for (int i = 0; i < ENGINE_MXS; i++)
        e->mx[i].abilities = "250-SMTPUTF8\r\n";
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", "j\xc3\xbcrgen@three.test", "SMTPUTF8");
    say(client, "RCPT TO", "a@one.test", "");
    say(client, "RCPT TO", "b@two.test", "");
    ASK(client, "DATA", "354 ");
    ASK(client, CONTENT ".", "250 ");
    close_all(e, client);
    assert_int_equal(e->mx[2].mail_count, 1);
    assert_int_equal(fake_mx_heard(&e->mx[2], "MAIL FROM:<> BODY=8BITMIME SMTPUTF8"), 1);
    assert_true(fake_mx_has(report_of(e), "\r\nTo: <j\xc3\xbcrgen@three.test>\r\n"));
}

/* What is learnt last counts; an address is nobody's business. */
static void it_bears_the_name_by_which_we_greet(void **state)
{
    struct engine *e = *state;
    static const char *const names[] = {"localhost", "old.home.test", "new.home.test", "option.test"};
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct ip global = {.family = IP_V4, .bytes = {203, 0, 113, (uint8_t)i}},
                        private = {.family = IP_V4, .bytes = {192, 168, 0, (uint8_t)i}};
        char from[128], mta[128];
        const char *const there[] = {from, mta};
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        if (i == 1 || i == 2)
            relay_note_hostname(e->relay, &global, names[i]);
        relay_note_hostname(e->relay, &private, NULL);
        if (i == 3)
            span_copy(span_of(names[i]), e->relay->config.hostname, sizeof e->relay->config.hostname);
        struct wire *client = send_to_both(e, "me@three.test", "");
        EXPECT(client, "250 ");
        close_all(e, client);
        snprintf(from, sizeof from, "\r\nFrom: Mail Delivery System <MAILER-DAEMON@%s>\r\n", names[i]);
        snprintf(mta, sizeof mta, "\r\nReporting-MTA: dns; %s\r\n", names[i]);
        expect_in(report_of(e), there, COUNT(there), true);
    }
}

/* ---- when there is none ---- */

static void nobody_gets_no_report(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = send_to_both(e, "", "NOTIFY=FAILURE");
    EXPECT(client, "250 2.0.0 mx.one.test said: taken");
    close_all(e, client);
    assert_int_equal(e->mx[2].session_count, 0);
    WAIT(e, engine_event(e, EVENT_FAILED, "b@two.test") && engine_event(e, EVENT_DELIVERED, "a@one.test"));
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 1);
    assert_int_equal(engine_event_count(e, EVENT_DELIVERED), 1);
}

static void a_sender_whom_no_mail_reaches_is_a_red_line_and_no_more(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *sender;
        int code;
    } rows[] = {{"me@here.test", 550}, {"me@null.test", 556}, {"me@gone.test", 550}};
    engine_start(e);
    fake_dns_add_mx(&e->dns, "null.test", 0, ".");
    fake_dns_add_mx(&e->dns, "gone.test", 10, "mx.gone.test");
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wire *client = send_to_both(e, rows[i].sender, "");
        EXPECT(client, "250 2.0.0 mx.one.test said: taken");
        close_all(e, client);
        WAIT(e, engine_event_count(e, EVENT_FAILED) >= 2 * (i + 1)); /* he and b */
        const struct event *line = engine_event(e, EVENT_FAILED, rows[i].sender);
        HOLDS(line && line->outcome.code == rows[i].code, "%s", rows[i].sender);
        HOLDS(strcmp(line->program, "Traypost") == 0 && line->sender[0] == '\0', "%s", rows[i].sender);
        HOLDS(engine_event_count(e, EVENT_FAILED) == 2 * (i + 1), "%s", rows[i].sender);
    }
}

static void all_failed_is_a_refusal_and_no_report(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *one, *two, *expected;
    } rows[] = {{"554 5.7.1 no", "554 5.7.1 no", "554 5.7.1 "},
                {"451 4.7.1 no", "554 5.7.1 no", "451 4.7.1 "}};
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fake_mx_rule(&e->mx[0], ".", rows[i].one, 1);
        fake_mx_rule(&e->mx[1], ".", rows[i].two, 1);
        struct wire *client = send_to_both(e, "me@three.test", "NOTIFY=SUCCESS,FAILURE");
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, rows[i].expected, strlen(rows[i].expected)) == 0, "%s", reply);
        close_all(e, client);
    }
    assert_int_equal(e->mx[2].session_count, 0);
}

/* The client was told 451 and sends again: then is the time for a report. */
static void a_client_out_of_patience_gets_no_report(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 1);
    struct wire *client = send_to_both(e, "me@three.test", "");
    EXPECT(client, "451 4.4.7 ");
    fake_mx_say(&e->mx[1].sessions[0], "554 5.7.1 no thanks");
    WAIT(e, engine_event(e, EVENT_LATE_FAILED, "b@two.test"));
    close_all(e, client);
    assert_int_equal(e->mx[2].session_count, 0);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 1);
    client = send_to_both(e, "me@three.test", "");
    EXPECT(client, "250 2.0.0 already delivered at ");
    close_all(e, client);
    assert_int_equal(e->mx[2].mail_count, 1);
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* ---- a report that is not taken ---- */

static void a_report_that_is_refused_is_a_red_line_and_no_more(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *begins, *reply;
        int code;
    } rows[] = {
        {"CONNECT", "554 5.7.1 go away", 554},
        {"CONNECT", FAKE_MX_BREAKS, 451},
        {"MAIL", "550 5.7.1 no null senders", 550},
        {"RCPT", "550 5.1.1 nobody", 550},
        {"RCPT", "451 4.7.1 greylisted", 451},
        {"RCPT", FAKE_MX_CLOSES, 451},
        {"DATA", "451 4.3.0 full", 451},
        {"DATA", "554 5.7.1 no", 554},
        {"DATA", FAKE_MX_BREAKS, 451},
        {".", "554 5.7.1 spam", 554},
        {".", "451 4.7.1 greylisted", 451},
        {".", FAKE_MX_BREAKS, 451},
    };
    engine_start(e);
    e->relay->timeouts.idle_ms = 1;
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        e->mx[2].rule_count = 0;
        fake_mx_rule(&e->mx[2], rows[i].begins, rows[i].reply, 0);
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        struct wire *client = send_to_both(e, "me@three.test", "NOTIFY=SUCCESS,FAILURE");
        EXPECT(client, "250 2.0.0 mx.one.test said: taken");
        close_all(e, client);
        WAIT(e, !e->relay->outbounds);
        WAIT(e, engine_event_count(e, EVENT_FAILED) >= 2 * (i + 1)); /* it and b */
        const struct event *line = engine_event(e, EVENT_FAILED, "me@three.test");
        HOLDS(line && line->outcome.code == rows[i].code, "%s %s: %d", rows[i].begins, rows[i].reply,
              line ? line->outcome.code : 0);
        HOLDS(engine_event_count(e, EVENT_FAILED) == 2 * (i + 1), "%s %s", rows[i].begins, rows[i].reply);
        HOLDS(fake_mx_heard(&e->mx[2], "MAIL") <= i + 1, "%s %s: one report", rows[i].begins, rows[i].reply);
    }
    assert_int_equal(e->mx[2].mail_count, 0);
    assert_int_equal(e->mx[0].mail_count, COUNT(rows));
}

static const char *const commands[] = {"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."};

static struct wire *report_gets_stuck(struct engine *e, const char *command)
{
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    e->mx[2].rule_count = 0;
    fake_mx_rule(&e->mx[2], command, FAKE_MX_SILENT, 1);
    unsigned before = fake_mx_heard(&e->mx[2], command);
    struct wire *client = send_to_both(e, "me@three.test", "");
    EXPECT(client, "250 2.0.0 mx.one.test said: taken"); /* it does not wait for the report */
    WAIT(e, fake_mx_heard(&e->mx[2], command) > before);
    return client;
}

static void a_report_that_is_not_answered_ends_too(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    e->relay->timeouts.idle_ms = 1;
    e->relay->timeouts.greeting_ms = e->relay->timeouts.mail_ms = e->relay->timeouts.rcpt_ms = 1500;
    e->relay->timeouts.data_ms = e->relay->timeouts.final_ms = 1500;
    for (size_t i = 0; i < COUNT(commands); i++) {
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        close_all(e, report_gets_stuck(e, commands[i]));
        const struct event *line = engine_event(e, EVENT_FAILED, "me@three.test");
        HOLDS(line && line->outcome.code == 451, "%s", commands[i]);
        HOLDS(line->outcome.kind == OUTCOME_PERMANENT, "%s: nobody tries again", commands[i]);
        WAIT(e, !e->relay->outbounds);
    }
    assert_int_equal(e->mx[2].mail_count, 0);
}

/* Nobody says it again, and no program gives up: it has the time that SMTP allows. A client's RCPT that is asked later tells when a
 * client's patience would have been over. */
static void a_report_waits_longer_than_a_client_would(void **state)
{
    struct engine *e = *state;
    const char *const replies[] = {"220 at last", "250 at last", "250 at last",
                                   "250 at last", "354 at last", "250 at last"};
    engine_start(e);
    e->relay->config.patience_s = 1;
    e->relay->timeouts.idle_ms = 1;
    for (size_t i = 0; i < COUNT(commands); i++) {
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        struct wire *client = report_gets_stuck(e, commands[i]);
        fake_mx_rule(&e->mx[0], "RCPT TO:<late@one.test>", FAKE_MX_SILENT, 1);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<late@one.test>", "451 4.4.7 ");
        fake_mx_say(&e->mx[2].sessions[i], replies[i]);
        WAIT(e, e->mx[2].mail_count == i + 1);
        fake_mx_say(&e->mx[0].sessions[e->mx[0].session_count - 1], "550 5.1.1 nobody");
        close_all(e, client);
        HOLDS(engine_event_count(e, EVENT_DELIVERED) == 2 * (i + 1), "%s", commands[i]); /* it and a */
        HOLDS(!engine_event(e, EVENT_FAILED, "me@three.test"), "%s", commands[i]);
        WAIT(e, !e->relay->outbounds);
    }
}

/* It is larger than the mail that it is about. */
static void a_report_may_be_larger_than_clients_mails(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.max_size_bytes = strlen(CONTENT);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    struct wire *client = send_to_both(e, "me@three.test", "");
    EXPECT(client, "250 2.0.0 mx.one.test said: taken");
    close_all(e, client);
    assert_int_equal(e->mx[2].mail_count, 1);
}

static void the_client_goes_on_while_the_report_is_under_way(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = report_gets_stuck(e, "DATA");
    client_deliver(client, "c@one.test");
    client_deliver(client, "d@three.test");
    fake_mx_say(&e->mx[2].sessions[0], "354 go on");
    close_all(e, client);
    assert_int_equal(e->mx[2].mail_count, 2);
}

/* ---- orders ---- */

static void exit_amid_a_report_leaves_nothing_behind(void **state)
{
    for (size_t i = 0; i < COUNT(commands); i++) { /* each with an engine of its own */
        struct engine *e = *state;
        engine_start(e);
        report_gets_stuck(e, commands[i]);
        engine_exit(e);
        assert_int_equal(e->mx[2].mail_count, 0);
        assert_non_null(engine_event(e, EVENT_FAILED, "me@three.test"));
        assert_int_equal(engine_close(state), 0);
        assert_int_equal(engine_open(state), 0);
    }
}

static void exit_in_the_moment_of_the_report_leaves_nothing_behind(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 1);
    send_to_both(e, "me@three.test", "");
    WAIT(e, fake_mx_heard(&e->mx[1], ".") == 1);
    relay_post(e->relay, RELAY_EXIT);
    fake_mx_say(&e->mx[1].sessions[0], "554 5.7.1 no thanks");
    engine_exit(e);
}

static void stop_lets_a_report_end(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = report_gets_stuck(e, "DATA");
    engine_order(e, RELAY_STOP);
    EXPECT(client, "421 ");
    wire_close(client);
    WAIT(e, !e->relay->inbounds);
    fake_mx_say(&e->mx[2].sessions[0], "354 go on");
    WAIT(e, engine_is_empty(e));
    assert_int_equal(e->mx[2].mail_count, 1);
    assert_non_null(engine_event(e, EVENT_DELIVERED, "me@three.test"));
}

/* ---- who has the mail, it says ---- */

/* To whom it was not delivered without a word in this report, he has not got it either. */
static void all_others_have_the_mail_only_if_they_have(void **state)
{
    struct engine *e = *state;
    static const char *const all_others[] = {"All others have it"};
    static const char *const b_failed[] = {"\r\n\r\nb@two.test: "};
    const struct {
        const char *other, *parameters, *reply, *why;
        bool all_others_have_it;
    } rows[] = {
        {"c@one.test", "", "250 ", "taken", true},
        {"c@three.test", "", "550 5.1.1 ", "refused at RCPT", false},
        {"slow@three.test", "", "451 4.4.7 ", "no verdict in time", false},
        {"c@two.test", "NOTIFY=NEVER", "250 ", "failed, and nobody wants to know", false},
        {"c@two.test", "NOTIFY=SUCCESS", "250 ", "failed, and success alone is of interest", false},
        {"c@two.test", "NOTIFY=FAILURE", "250 ", "failed, and is named", true},
    };
    engine_start(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    fake_mx_rule(&e->mx[2], "RCPT TO:<c@three.test>", "550 5.1.1 nobody", 0);
    fake_mx_rule(&e->mx[2], "RCPT TO:<slow@three.test>", FAKE_MX_SILENT, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char rcpt[128];
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        struct wire *client = client_welcome(e);
        say(client, "MAIL FROM", "me@three.test", "");
        say(client, "RCPT TO", "a@one.test", "");
        say(client, "RCPT TO", "b@two.test", "");
        snprintf(rcpt, sizeof rcpt, "RCPT TO:<%s> %s\r\n", rows[i].other, rows[i].parameters);
        wire_say(client, rcpt);
        EXPECT(client, rows[i].reply);
        ASK(client, "DATA", "354 ");
        ASK(client, CONTENT ".", "250 2.0.0 mx.one.test said: taken");
        WAIT(e, e->mx[2].mail_count == i + 1);
        expect_in(report_of(e), b_failed, 1, true);
        HOLDS(fake_mx_has(report_of(e), all_others[0]) == rows[i].all_others_have_it, "%s", rows[i].why);
        ASK(client, "QUIT", "221 ");
        wire_close(client);
        WAIT(e, !e->relay->inbounds);
    }
}

/* Also where there is no report. */
static void the_receipt_says_who_has_not_got_it(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *sender, *parameters;
    } rows[] = {{"me@three.test", ""}, {"", ""}, {"me@three.test", "NOTIFY=NEVER"}};
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        seen_free(e->relay->seen);
        e->relay->seen = seen_new(SEEN_MAIL_MAX);
        struct wire *client = send_to_both(e, rows[i].sender, rows[i].parameters);
        const char *reply = client_reply(client);
        HOLDS(strcmp(reply, "250 2.0.0 mx.one.test said: taken; NOT delivered to <b@two.test>") == 0, "row %u: %s",
              (unsigned)i, reply);
        close_all(e, client);
    }
}

/* Words that fill the reply are cut, and this is not. */
static void nobody_talks_so_much_that_it_is_not_said(void **state)
{
    struct engine *e = *state;
    static const char end[] = "; NOT delivered to <b@two.test>";
    char much[250] = "250 2.0.0 ";
    memset(much + strlen(much), 'x', sizeof much - strlen(much) - 1);
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", much, 0);
    fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no thanks", 0);
    fake_mx_rule(&e->mx[2], ".", much, 0);
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", "", "");
    say(client, "RCPT TO", "a@one.test", "");
    say(client, "RCPT TO", "b@two.test", "");
    say(client, "RCPT TO", "c@three.test", "");
    ASK(client, "DATA", "354 ");
    wire_say(client, CONTENT ".\r\n");
    const char *reply = client_reply(client);
    HOLDS(strncmp(reply, "250 ", 4) == 0 && strlen(reply) > 400, "%s", reply);
    assert_string_equal(reply + strlen(reply) - strlen(end), end);
    close_all(e, client);
}

/* ---- many ---- */

/* The report without the soft line breaks of quoted-printable (RFC 2045 section 6.7). */
static void unfold(struct buf *report, struct buf *to)
{
    struct span rest = buf_span(report);
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n');
        bool soft = line.length >= 2 && line.at[line.length - 2] == '=';
        buf_append_span(to, span_first(line, line.length - (soft ? 2 : 1)));
        buf_append_text(to, soft ? "" : "\n");
    }
}

/* How many of them have this line. */
static unsigned count_named(struct buf *report, const char *before, unsigned many, const char *after)
{
    unsigned count = 0;
    for (unsigned i = 0; i < many; i++) {
        char text[64];
        snprintf(text, sizeof text, "\n%snumber.%u@two.test%s", before, i, after);
        count += fake_mx_has(report, text);
    }
    return count;
}

/* All who failed are named: the report says that all others have the mail. */
static void many_are_reported(struct engine *e, unsigned many, const char *reply)
{
    struct buf report;
    char receipt[128];
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", reply, 0);
    struct wire *client = client_welcome(e);
    say(client, "MAIL FROM", "me@three.test", "");
    say(client, "RCPT TO", "a@one.test", "");
    for (unsigned i = 0; i < many; i++) {
        char recipient[64];
        snprintf(recipient, sizeof recipient, "number.%u@two.test", i);
        say(client, "RCPT TO", recipient, "");
    }
    ASK(client, "DATA", "354 ");
    wire_say(client, CONTENT ".\r\n");
    snprintf(receipt, sizeof receipt,
             "250 2.0.0 mx.one.test said: taken; NOT delivered to <number.0@two.test> and %u more", many - 1);
    assert_string_equal(client_reply(client), receipt);
    WAIT(e, e->mx[2].mail_count == 1);
    buf_init(&report, SIZE_MAX / 2);
    unfold(report_of(e), &report);
    unsigned for_programs = count_named(&report, "Final-Recipient: rfc822;", many, "\n"),
             for_people = count_named(&report, "", many, ": ");
    bool quoted = fake_mx_has(&report, "\nSubject: about this\n");
    buf_clear(&report);
    assert_int_equal(for_programs, many);
    assert_int_equal(for_people, many);
    assert_true(quoted);
    close_all(e, client);
}

static void a_hundred_and_one_who_failed_are_all_named(void **state)
{
    many_are_reported(*state, 101, "554 5.7.1 no thanks");
}

/* More than the mail's window holds. */
static void as_many_as_a_client_may_name_are_all_named(void **state)
{
    many_are_reported(*state, 999,
                      "554 5.7.1 we would rather not take this mail for reasons that take some time and "
                      "some words to explain, to everybody who asks and to each of them anew");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_one_server_took_and_another_refused_is_250_and_a_report),
        ENGINE_TEST(a_report_is_due_as_the_client_and_the_servers_say),
        ENGINE_TEST(a_report_of_success_needs_no_failure),
        ENGINE_TEST(there_are_no_reports_about_reports),
        ENGINE_TEST(the_body_of_a_mail_without_a_header_section_is_not_returned),
        ENGINE_TEST(the_sender_may_live_where_the_mail_was_refused),
        ENGINE_TEST(an_internationalised_sender_gets_his_report),
        ENGINE_TEST(it_bears_the_name_by_which_we_greet),
        ENGINE_TEST(nobody_gets_no_report),
        ENGINE_TEST(a_sender_whom_no_mail_reaches_is_a_red_line_and_no_more),
        ENGINE_TEST(all_failed_is_a_refusal_and_no_report),
        ENGINE_TEST(a_client_out_of_patience_gets_no_report),
        ENGINE_TEST(a_report_that_is_refused_is_a_red_line_and_no_more),
        ENGINE_TEST(a_report_that_is_not_answered_ends_too),
        ENGINE_TEST(a_report_waits_longer_than_a_client_would),
        ENGINE_TEST(a_report_may_be_larger_than_clients_mails),
        ENGINE_TEST(the_client_goes_on_while_the_report_is_under_way),
        ENGINE_TEST(exit_amid_a_report_leaves_nothing_behind),
        ENGINE_TEST(exit_in_the_moment_of_the_report_leaves_nothing_behind),
        ENGINE_TEST(stop_lets_a_report_end),
        ENGINE_TEST(all_others_have_the_mail_only_if_they_have),
        ENGINE_TEST(the_receipt_says_who_has_not_got_it),
        ENGINE_TEST(nobody_talks_so_much_that_it_is_not_said),
        ENGINE_TEST(a_hundred_and_one_who_failed_are_all_named),
        ENGINE_TEST(as_many_as_a_client_may_name_are_all_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
