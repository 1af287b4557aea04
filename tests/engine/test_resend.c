/* SPDX-License-Identifier: MIT */
/*
 * The duplicate guard (contract, section 5.6): a mail that is sent again is not delivered again, one that is still in
 * the air is waited for; and what only looks like a mail sent again is delivered.
 */

#include "engine.h"

#include "core/seen.h"
#include "inbound.h"

#define WITH_ID "Message-ID: <1@client.test>\r\nSubject: x\r\n\r\nx\r\n"
#define WITHOUT_ID "Subject: the door is open\r\n\r\nx\r\n"
#define ALREADY "250 2.0.0 already delivered at "

static struct wire *say_envelope(struct wire *client, const char *sender, const char *recipient)
{
    char mail[128], rcpt[128];
    snprintf(mail, sizeof mail, "MAIL FROM:<%s>\r\n", sender);
    snprintf(rcpt, sizeof rcpt, "RCPT TO:<%s>\r\n", recipient);
    wire_say(client, mail);
    EXPECT(client, "250 ");
    wire_say(client, rcpt);
    EXPECT(client, "250 ");
    return client;
}

static void say_content(struct wire *client, const char *content)
{
    ASK(client, "DATA", "354 ");
    wire_say(client, content);
    wire_say(client, ".\r\n");
}

static const char *send_as(struct wire *client, const char *sender, const char *recipient,
                           const char *content)
{
    say_content(say_envelope(client, sender, recipient), content);
    return client_reply(client);
}

/* Good until the next call. */
static const char *send_mail(struct wire *client, const char *content)
{
    return send_as(client, "me@here.test", "you@one.test", content);
}

#define SENDS(client, content, begins)                                                                       \
    do {                                                                                                     \
        const char *reply_got = send_mail(client, content);                                                  \
        if (strncmp(reply_got, begins, strlen(begins)) != 0)                                                 \
            fail_msg("expected %s, got %s", begins, reply_got);                                              \
    } while (0)

/* Up to the dot, whose answer mx[0] owes. */
static struct wire *send_in_vain(struct engine *e, const char *content)
{
    struct wire *client = client_welcome(e);
    unsigned before = fake_mx_heard(&e->mx[0], ".");
    fake_mx_rule(&e->mx[0], ".", FAKE_MX_SILENT, 1);
    say_content(say_envelope(client, "me@here.test", "you@one.test"), content);
    WAIT(e, fake_mx_heard(&e->mx[0], ".") > before);
    return client;
}

/* The session of mx[0] that owes an answer. */
static struct fake_mx_session *silent_session(struct engine *e)
{
    for (unsigned i = e->mx[0].session_count; i-- > 0;)
        if (e->mx[0].sessions[i].silent && !e->mx[0].sessions[i].ended)
            return &e->mx[0].sessions[i];
    fail_msg("mx[0] owes nobody an answer");
    return NULL;
}

static void vanish(struct engine *e, struct wire *client)
{
    unsigned before = e->relay->inbound_count;
    wire_break(client);
    WAIT(e, e->relay->inbound_count < before);
}

/* Sends what is in the air already; waits until it is held. */
static struct wire *join(struct engine *e, const char *content)
{
    struct wire *client = client_welcome(e);
    e->relay->resends_wait = false;
    say_content(say_envelope(client, "me@here.test", "you@one.test"), content);
    WAIT(e, e->relay->resends_wait);
    return client;
}

/* ---- again after the verdict ---- */

static bool tells_a_time(const char *reply)
{
    unsigned hour, minute;
    int end = 0;
    bool read = sscanf(reply, ALREADY "%2u:%2u%n", &hour, &minute, &end) == 2;
    return read && end == (int)strlen(reply) && hour < 24 && minute < 60;
}

static void a_mail_that_names_itself_is_delivered_once(void **state)
{
    struct engine *e = *state;
    const char *const contents[] = {
        "Message-ID: <1@client.test>\r\n\r\nx\r\n",
        "Date: Sun, 22 Nov 2026 17:03:12 +0100\r\n\r\nx\r\n",
        "Subject: x\r\nmessage-id : <1@client.test>\r\n\r\nx\r\n",
        WITH_ID "..\r\n..two\r\n",
    };
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (unsigned i = 0; i < COUNT(contents); i++) {
        SENDS(client, contents[i], "250 2.0.0 mx.one.test said: taken");
        const char *again = send_mail(client, contents[i]);
        HOLDS(tells_a_time(again), "in the same session: %s", again);
        struct wire *other = client_welcome(e);
        again = send_mail(other, contents[i]);
        HOLDS(tells_a_time(again), "in another session: %s", again);
        wire_close(other);
        HOLDS(fake_mx_heard(&e->mx[0], ".") == i + 1, "row %u: the end goes out once", i);
        WAIT(e, engine_event_count(e, EVENT_DELIVERED) == i + 1);
        WAIT(e, engine_event_count(e, EVENT_ALREADY_DELIVERED) == 2 * (i + 1));
    }
    const struct event *line = engine_event(e, EVENT_ALREADY_DELIVERED, "you@one.test");
    assert_non_null(line);
    assert_string_equal(line->sender, "me@here.test");
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 0);
    ASK(client, "QUIT", "221 ");
}

static void what_differs_in_anything_is_another_mail(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *sender, *recipient, *content, *expected;
    } rows[] = {
        {"me@here.test", "you@one.test", WITH_ID, "250 2.0.0 mx"},
        {"you@here.test", "you@one.test", WITH_ID, "250 2.0.0 mx"},
        {"Me@here.test", "you@one.test", WITH_ID, "250 2.0.0 mx"}, /* local parts: RFC 5321 section 2.4 */
        {"", "you@one.test", WITH_ID, "250 2.0.0 mx"},
        {"me@here.test", "we@one.test", WITH_ID, "250 2.0.0 mx"},
        {"me@here.test", "you@two.test", WITH_ID, "250 2.0.0 mx"},
        {"me@here.test", "you@one.test", WITH_ID "y\r\n", "250 2.0.0 mx"},
        {"me@here.test", "you@one.test", "X: y\r\n" WITH_ID, "250 2.0.0 mx"},
        {"me@here.test", "you@one.test", "Message-ID: <2@client.test>\r\nSubject: x\r\n\r\nx\r\n",
         "250 2.0.0 mx"},
        {"me@HERE.test", "you@One.Test", WITH_ID, ALREADY},
        {"you@here.test", "you@one.test", WITH_ID, ALREADY},
    };
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *reply = send_as(client, rows[i].sender, rows[i].recipient, rows[i].content);
        HOLDS(strncmp(reply, rows[i].expected, strlen(rows[i].expected)) == 0, "row %u: %s", (unsigned)i,
              reply);
    }
    assert_int_equal(e->mx[0].mail_count, 8);
    assert_int_equal(e->mx[1].mail_count, 1);
}

static void what_was_refused_goes_out_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", "451 4.7.1 greylisted", 1);
    struct wire *client = client_welcome(e);
    SENDS(client, WITH_ID, "451 4.7.1 ");
    SENDS(client, WITH_ID, "250 2.0.0 mx");
    SENDS(client, WITH_ID, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void the_way_of_the_content_makes_no_other_mail(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *first, *again; /* from DATA or BDAT on */
        const char *why;
    } rows[] = {
        {"DATA\r\nDate: x\r\n\r\n..a\r\n.\r\n", "BDAT 15 LAST\r\nDate: x\r\n\r\n.a\r\n", "DATA, BDAT"},
        {"BDAT 15 LAST\r\nDate: x\r\n\r\n.b\r\n", "DATA\r\nDate: x\r\n\r\n..b\r\n.\r\n", "BDAT, DATA"},
        {"BDAT 15 LAST\r\nDate: x\r\n\r\n.c\r\n", "BDAT 9\r\nDate: x\r\nBDAT 6\r\n\r\n.c\r\nBDAT 0 LAST\r\n",
         "other chunks"},
        {"DATA\r\nDate: x\r\n\r\nd\n.\r\n.\r\n", "DATA\r\nDate: x\r\n\r\nd\r\n..\r\n.\r\n", "a bare LF"},
        {"DATA\r\nDate: x\r\n\r\ne\rf\r\n.\r\n", "DATA\r\nDate: x\r\n\r\ne\r\nf\r\n.\r\n", "a bare CR"},
    };
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        for (int again = 0; again < 2; again++) {
            const char *expected = again ? ALREADY : "250 2.0.0 mx", *reply;
            wire_say(say_envelope(client, "me@here.test", "you@one.test"),
                     again ? rows[i].again : rows[i].first);
            do
                reply = client_reply(client);
            while (strncmp(reply, "354 ", 4) == 0 || strstr(reply, "chunk received"));
            HOLDS(strncmp(reply, expected, strlen(expected)) == 0, "%s: %s", rows[i].why, reply);
        }
        HOLDS(e->mx[0].mail_count == i + 1, "%s", rows[i].why);
    }
}

/* ---- mails that say of themselves neither who nor when they are ---- */

enum heard { BY_NEXT_COMMAND, BY_NEXT_MAIL, BY_QUIT, BY_FIN };

static void a_client_that_knows_of_its_250_may_say_the_same_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = NULL;
    for (unsigned how = BY_NEXT_COMMAND; how <= BY_FIN; how++) {
        if (!client)
            client = client_welcome(e);
        const char *reply = send_mail(client, WITHOUT_ID);
        HOLDS(strncmp(reply, "250 2.0.0 mx", 12) == 0, "way %u: %s", how, reply);
        HOLDS(e->mx[0].mail_count == how + 1, "way %u", how);
        if (how == BY_NEXT_COMMAND)
            ASK(client, "NOOP", "250 ");
        if (how == BY_NEXT_COMMAND || how == BY_NEXT_MAIL)
            continue;
        if (how == BY_QUIT)
            ASK(client, "QUIT", "221 ");
        wire_close(client);
        WAIT(e, !e->relay->inbounds);
        client = NULL;
    }
    SENDS(client_welcome(e), WITHOUT_ID, "250 2.0.0 mx");
    WAIT(e, engine_event_count(e, EVENT_DELIVERED) == 5);
    assert_int_equal(engine_event_count(e, EVENT_ALREADY_DELIVERED), 0);
}

static void a_client_that_broke_before_its_250_has_delivered_all_the_same(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITHOUT_ID));
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    WAIT(e, engine_is_empty(e));
    SENDS(client_welcome(e), WITHOUT_ID, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void a_client_that_was_told_451_has_delivered_all_the_same(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->config.patience_s = 1;
    struct wire *client = send_in_vain(e, WITHOUT_ID);
    EXPECT(client, "451 4.4.7 ");
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    WAIT(e, engine_event(e, EVENT_LATE_DELIVERED, "you@one.test"));
    SENDS(client, WITHOUT_ID, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* Linux says RST for a socket that is closed with something unread in it. */
static void a_client_that_resets_instead_of_reading_its_250_does_not_know(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    SENDS(client, WITHOUT_ID, "250 2.0.0 mx");
    vanish(e, client);
    SENDS(client_welcome(e), WITHOUT_ID, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* Many devices say the end and QUIT in one breath, and hang up. They never try again, so what they say again is new. */
static void a_client_that_says_quit_ahead_may_reset_and_say_the_same_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    for (unsigned i = 0; i < 2; i++) {
        struct wire *client = client_welcome(e);
        say_envelope(client, "me@here.test", "you@one.test");
        ASK(client, "DATA", "354 ");
        wire_say(client, WITHOUT_ID ".\r\nQUIT\r\n");
        WAIT(e, e->mx[0].mail_count == i + 1);
        EXPECT(client, "250 2.0.0 mx");
        vanish(e, client);
    }
    WAIT(e, engine_event_count(e, EVENT_DELIVERED) == 2);
}

/* What it says next it means. */
static void a_client_that_was_told_already_delivered_knows_too(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITHOUT_ID));
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    WAIT(e, engine_is_empty(e));
    struct wire *client = client_welcome(e);
    SENDS(client, WITHOUT_ID, ALREADY);
    SENDS(client, WITHOUT_ID, "250 2.0.0 mx");
    ASK(client, "QUIT", "221 ");
    SENDS(client_welcome(e), WITHOUT_ID, "250 2.0.0 mx");
    assert_int_equal(e->mx[0].mail_count, 3);
}

/* ---- while the first is in the air ---- */

static void a_resend_of_a_mail_that_is_delivered_meanwhile_is_not_sent(void **state)
{
    struct engine *e = *state;
    const char *const contents[] = {WITH_ID, WITHOUT_ID};
    engine_start(e);
    for (unsigned i = 0; i < COUNT(contents); i++) {
        vanish(e, send_in_vain(e, contents[i]));
        struct wire *client = join(e, contents[i]);
        assert_int_equal(fake_mx_heard(&e->mx[0], "."), i + 1);
        fake_mx_say(silent_session(e), "250 2.0.0 taken");
        EXPECT(client, ALREADY);
        ASK(client, "NOOP", "250 ");
        assert_int_equal(e->mx[0].mail_count, i + 1);
        assert_int_equal(fake_mx_heard(&e->mx[0], "."), i + 1);
        WAIT(e, engine_event_count(e, EVENT_ALREADY_DELIVERED) == i + 1);
    }
}

static void however_many_wait_a_mail_that_names_itself_is_delivered_once(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITH_ID));
    struct wire *second = join(e, WITH_ID), *third = join(e, WITH_ID);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(second, ALREADY);
    EXPECT(third, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* The first has gone, the second waits for it; the third cannot be the second again. */
static void of_two_who_wait_without_a_name_one_is_another_mail(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITHOUT_ID));
    struct wire *second = join(e, WITHOUT_ID), *third = client_welcome(e);
    SENDS(third, WITHOUT_ID, "250 2.0.0 mx");
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(second, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 2);
}

/* One client that comes and goes: all but its last try have nobody who could be told. */
static void of_all_tries_of_one_client_one_is_delivered(void **state)
{
    struct engine *e = *state;
    const char *const verdicts[] = {"250 2.0.0 taken", "451 4.7.1 not now"};
    engine_start(e);
    e->relay->timeouts.idle_ms = 1;
    for (unsigned i = 0; i < COUNT(verdicts); i++) {
        char content[128];
        snprintf(content, sizeof content, "X-Row: %u\r\n" WITHOUT_ID, i);
        vanish(e, send_in_vain(e, content));
        vanish(e, join(e, content));
        vanish(e, join(e, content));
        struct wire *last = join(e, content);
        fake_mx_say(silent_session(e), verdicts[i]);
        EXPECT(last, "250 2.0.0 ");
        wire_close(last);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds);
        HOLDS(e->mx[0].mail_count == i + 1, "%s: %u copies", verdicts[i], e->mx[0].mail_count - i);
    }
}

/* Most programs that give up just close. */
static void a_client_that_has_closed_its_side_does_not_wait(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *first = send_in_vain(e, WITHOUT_ID);
    wire_finish(first);
    WAIT(e, e->relay->inbounds->client_done);
    struct wire *second = join(e, WITHOUT_ID);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(first, "250 2.0.0 mx");
    EXPECT(second, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void so_too_while_the_first_client_waits_if_the_mail_names_itself(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *first = send_in_vain(e, WITH_ID), *second = join(e, WITH_ID);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(first, "250 2.0.0 mx");
    EXPECT(second, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* Two devices, or one with two connections, say the same. */
static void while_the_first_client_waits_the_same_without_a_name_is_another_mail(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *first = send_in_vain(e, WITHOUT_ID);
    SENDS(client_welcome(e), WITHOUT_ID, "250 2.0.0 mx");
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(first, "250 2.0.0 mx");
    assert_int_equal(e->mx[0].mail_count, 2);
}

static void a_resend_of_a_mail_that_fails_meanwhile_goes_out(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *reply, *abilities;
    } rows[] = {
        {"554 5.7.1 spam", ""},
        {"451 4.7.1 greylisted", ""},
        {FAKE_MX_BREAKS, ""},
        {FAKE_MX_CLOSES, ""},
        {"421 4.3.2 stopping", ""},
        {"554 5.7.1 spam", "250-PIPELINING\r\n250-CHUNKING\r\n"},
        {FAKE_MX_BREAKS, "250-PIPELINING\r\n250-CHUNKING\r\n"},
    };
    engine_start(e);
    e->relay->timeouts.idle_ms = 1; /* each mail has a connection of its own */
    for (unsigned i = 0; i < COUNT(rows); i++) {
        e->mx[0].abilities = rows[i].abilities;
        char content[128];
        snprintf(content, sizeof content, "X-Row: %u\r\n" WITH_ID, i);
        struct wire *first = send_in_vain(e, content);
        struct fake_mx_session *session = silent_session(e);
        struct wire *second = join(e, content), *third = join(e, content);
        fake_mx_say(session, rows[i].reply);
        EXPECT(first, rows[i].reply[0] == '5' ? "554 5.7.1 " : "451 4.");
        /* One of the two goes out, the other waits for that one. */
        const char *reply = client_reply(second);
        bool second_went = strncmp(reply, "250 2.0.0 mx", 12) == 0;
        HOLDS(second_went || strncmp(reply, ALREADY, strlen(ALREADY)) == 0, "row %u: %s", i, reply);
        EXPECT(third, second_went ? ALREADY : "250 2.0.0 mx");
        HOLDS(e->mx[0].mail_count == i + 1, "row %u", i);
        struct wire *const all[] = {first, second, third};
        for (size_t k = 0; k < COUNT(all); k++)
            wire_close(all[k]);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds);
    }
}

static void a_client_that_leaves_while_it_waits_is_not_waited_for(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITH_ID));
    vanish(e, join(e, WITH_ID));
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    WAIT(e, engine_is_empty(e));
    assert_int_equal(e->mx[0].mail_count, 1);
    WAIT(e, engine_event(e, EVENT_DELIVERED, "you@one.test"));
    WAIT(e, engine_event(e, EVENT_ALREADY_DELIVERED, "you@one.test"));
}

/* It has ended its mail: that is delivered, as any other whose client has gone. */
static void its_mail_goes_out_when_the_first_has_failed(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITH_ID));
    vanish(e, join(e, WITH_ID));
    fake_mx_say(silent_session(e), "451 4.7.1 not now");
    WAIT(e, engine_is_empty(e));
    assert_int_equal(e->mx[0].mail_count, 1);
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 1 && engine_event_count(e, EVENT_DELIVERED) == 1);
    SENDS(client_welcome(e), WITH_ID, ALREADY);
}

static void who_waits_is_told_451_in_time_and_may_come_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITH_ID)); /* with a patience of 45 s */
    e->relay->config.patience_s = 1;
    struct wire *second = join(e, WITH_ID);
    EXPECT(second, "451 4.4.7 ");
    ASK(second, "QUIT", "221 ");
    WAIT(e, e->mx[0].open_count == 1); /* of its connection the end was never said */
    struct wire *third = join(e, WITH_ID);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(third, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_int_equal(fake_mx_heard(&e->mx[0], "."), 1);
}

/* With all but the end of its content sent. */
static void who_waits_and_loses_his_connection_is_told(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    vanish(e, send_in_vain(e, WITH_ID));
    struct wire *second = client_welcome(e);
    say_envelope(second, "me@here.test", "you@one.test");
    ASK(second, "DATA", "354 ");
    wire_say(second, WITH_ID);
    WAIT(e, e->mx[0].sessions[1].mail.content.length > 0);
    wire_say(second, ".\r\n");
    WAIT(e, e->relay->resends_wait);
    wire_break(e->mx[0].sessions[1].wire);
    EXPECT(second, "451 4.4.2 ");
    struct wire *third = client_welcome(e);
    e->relay->resends_wait = false;
    say_content(say_envelope(third, "me@here.test", "you@one.test"), WITH_ID);
    WAIT(e, e->relay->resends_wait);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(third, ALREADY);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void add_both(struct engine *e)
{
    fake_dns_add_mx(&e->dns, "both.test", 10, "mx.one.test");
    fake_dns_add_mx(&e->dns, "both.test", 20, "mx.two.test");
}

/* Nothing of its content has been sent: it goes on to the next server, and waits there. */
static void who_waits_at_another_server_still_waits(struct engine *e, const char *verdict,
                                                    const char *expected)
{
    engine_start(e);
    add_both(e);
    struct wire *first = client_welcome(e), *second = client_welcome(e);
    fake_mx_rule(&e->mx[0], ".", FAKE_MX_SILENT, 1);
    say_content(say_envelope(first, "me@here.test", "you@both.test"), WITH_ID);
    WAIT(e, fake_mx_heard(&e->mx[0], ".") == 1);
    say_content(say_envelope(second, "me@here.test", "you@both.test"), WITH_ID);
    WAIT(e, e->relay->resends_wait);
    wire_break(e->mx[0].sessions[1].wire);
    WAIT(e, fake_mx_heard(&e->mx[1], "DATA") == 1);
    fake_mx_say(silent_session(e), verdict);
    EXPECT(first, verdict);
    EXPECT(second, expected);
    assert_int_equal(e->mx[0].mail_count + e->mx[1].mail_count, 1);
}

static void who_waits_at_another_server_is_told_of_the_delivery(void **state)
{
    who_waits_at_another_server_still_waits(*state, "250", ALREADY);
}

static void who_waits_at_another_server_goes_out_there(void **state)
{
    who_waits_at_another_server_still_waits(*state, "451", "250 2.0.0 mx.two.test said: taken");
}

static void ask_two(struct wire *client, const char *a, const char *b)
{
    char line[128];
    say_envelope(client, "me@here.test", a);
    snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", b);
    wire_say(client, line);
    EXPECT(client, "250 ");
}

/* Patience is over for a mail to two destinations. One has had to begin anew and is given up; the other is still listened
 * to. Who sends again must wait for the other only. */
static void a_flight_that_was_cut_off_is_not_waited_for(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    add_both(e);
    e->relay->config.patience_s = 1;
    fake_mx_rule(&e->mx[1], "CONNECT", FAKE_MX_SILENT, 1);
    fake_mx_rule(&e->mx[2], ".", FAKE_MX_SILENT, 1);
    struct wire *first = client_welcome(e);
    ask_two(first, "a@both.test", "b@three.test");
    ASK(first, "DATA", "354 ");
    wire_break(e->mx[0].sessions[0].wire);
    WAIT(e, fake_mx_heard(&e->mx[1], "CONNECT") == 1);
    wire_say(first, WITH_ID ".\r\n");
    EXPECT(first, "451 4.4.7 ");
    assert_int_equal(fake_mx_heard(&e->mx[2], "."), 1);
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 2);
    assert_int_equal(engine_event(e, EVENT_FAILED, "a@both.test")->outcome.fault, OUTCOME_FAULT_TIMED_OUT);
    assert_int_equal(engine_event(e, EVENT_FAILED, "b@three.test")->outcome.fault, OUTCOME_FAULT_OUT_OF_PATIENCE);

    e->relay->config.patience_s = 45;
    struct wire *second = client_welcome(e);
    ask_two(second, "a@both.test", "b@three.test");
    say_content(second, WITH_ID);
    WAIT(e, e->mx[0].mail_count == 1);
    fake_mx_say(&e->mx[2].sessions[0], "250 2.0.0 taken");
    EXPECT(second, "250 ");
    WAIT(e, engine_event(e, EVENT_ALREADY_DELIVERED, "b@three.test"));
    assert_int_equal(e->mx[2].mail_count, 1);
}

/* ---- several recipients ---- */

static void only_the_servers_that_have_it_not_get_it(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[1], ".", FAKE_MX_SILENT, 1);
    struct wire *client = client_welcome(e);
    ask_two(client, "a@one.test", "b@two.test");
    say_content(client, WITH_ID);
    WAIT(e, engine_event(e, EVENT_DELIVERED, "a@one.test") && fake_mx_heard(&e->mx[1], ".") == 1);
    vanish(e, client);
    fake_mx_say(&e->mx[1].sessions[0], "451 4.7.1 not now");
    WAIT(e, engine_is_empty(e));

    client = client_welcome(e);
    ask_two(client, "a@one.test", "b@two.test");
    say_content(client, WITH_ID);
    const char *reply = client_reply(client);
    HOLDS(strncmp(reply, ALREADY, strlen(ALREADY)) == 0 && strstr(reply, "; mx.two.test said: taken"), "%s",
          reply);
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_int_equal(fake_mx_heard(&e->mx[0], "."), 1);
    WAIT(e, engine_event(e, EVENT_ALREADY_DELIVERED, "a@one.test"));
}

static void some_in_the_air_and_some_new_are_each_dealt_with(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", FAKE_MX_SILENT, 1);
    struct wire *first = client_welcome(e), *second = client_welcome(e);
    ASK(first, "MAIL FROM:<me@here.test>", "250 ");
    ASK(first, "RCPT TO:<a@one.test>", "250 ");
    say_content(first, WITH_ID);
    WAIT(e, fake_mx_heard(&e->mx[0], ".") == 1);
    ask_two(second, "a@one.test", "b@two.test");
    say_content(second, WITH_ID);
    WAIT(e, engine_event(e, EVENT_DELIVERED, "b@two.test"));
    vanish(e, first);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    const char *reply = client_reply(second);
    HOLDS(strncmp(reply, ALREADY, strlen(ALREADY)) == 0, "%s", reply);
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_int_equal(e->mx[1].mail_count, 1);
}

/* All on one server have the mail, or none: who is there for the first time does not go without. */
static void a_server_that_has_it_for_one_gets_it_again_for_another(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    SENDS(client, WITH_ID, "250 2.0.0 mx");
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "RCPT TO:<new@one.test>", "250 ");
    say_content(client, WITH_ID);
    EXPECT(client, "250 2.0.0 mx");
    assert_string_equal(e->mx[0].mails[1].recipients, "RCPT TO:<you@one.test>\nRCPT TO:<new@one.test>\n");
    SENDS(client, WITH_ID, ALREADY);
}

static void who_is_named_twice_does_not_wait_for_himself(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", "452 4.5.3 too many", 1); /* the last rule first: */
    fake_mx_rule(&e->mx[0], "RCPT", "250 ok", 1);             /* one is taken, the next needs another leg */
    struct wire *client = client_welcome(e);
    for (int again = 0; again < 2; again++) {
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<you@one.test>", "250 ");
        ASK(client, "RCPT TO:<you@one.test>", "250 ");
        say_content(client, WITH_ID);
        EXPECT(client, again ? ALREADY : "250 2.0.0 mx");
    }
    assert_int_equal(e->mx[0].mail_count, 2);
}

/* ---- several domains, of which the first fails for now ---- */

/* As most programs do it: one command after the other, and an end at the first refusal: "refused", or what the mail's end
 * was answered. */
static const char *send_until_refused(struct wire *client, const char *const recipients[], size_t count)
{
    wire_say(client, "MAIL FROM:<me@here.test>\r\n");
    EXPECT(client, "250 ");
    for (size_t i = 0; i < count; i++) {
        char line[64];
        snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", recipients[i]);
        wire_say(client, line);
        if (client_reply(client)[0] == '2')
            continue;
        wire_say(client, "RSET\r\n");
        EXPECT(client, "250 ");
        return "refused";
    }
    say_content(client, WITH_ID);
    return client_reply(client);
}

static const char *const three[] = {"a@one.test", "b@two.test", "c@three.test"};

/* The program alone knows of the others; nothing is kept of a mail that it has given up. So they have to wait for the first. */
static void who_gives_up_at_the_first_4yz_reaches_the_others_when_the_first_is_taken(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", "451 4.7.1 greylisted", 3);
    struct wire *client = client_welcome(e);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(send_until_refused(client, three, COUNT(three)), "refused");
        assert_int_equal(e->mx[1].session_count + e->mx[2].session_count, 0);
    }
    assert_memory_equal(send_until_refused(client, three, COUNT(three)), "250 2.0.0 ", 10);
    for (int i = 0; i < 3; i++)
        assert_int_equal(e->mx[i].mail_count, 1);
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 3);
}

/* With pipelining the others are asked as well, and let go. */
static void who_gives_up_a_pipelined_envelope_has_reached_nobody(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", "451 4.7.1 greylisted", 1);
    struct wire *client = client_welcome(e);
    for (int again = 0; again < 2; again++) {
        wire_say(client, "MAIL FROM:<me@here.test>\r\nRCPT TO:<a@one.test>\r\nRCPT TO:<b@two.test>\r\n");
        EXPECT(client, "250 ");
        EXPECT(client, again ? "250 " : "451 4.7.1 ");
        EXPECT(client, "250 ");
        if (again)
            say_content(client, WITH_ID);
        else
            wire_say(client, "RSET\r\n");
        EXPECT(client, "250 ");
        HOLDS(e->mx[1].mail_count == (unsigned)again, "attempt %d", again);
    }
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_int_equal(e->mx[1].session_count, 1); /* the same connection, reset */
}

/* The others get it at once; and however often it is sent again, once. */
static void who_goes_on_after_a_4yz_reaches_the_others_at_once_and_the_first_later(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", "451 4.7.1 greylisted", 2);
    struct wire *client = client_welcome(e);
    for (int i = 0; i < 3; i++) {
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<a@one.test>", i < 2 ? "451 4.7.1 " : "250 ");
        ASK(client, "RCPT TO:<b@two.test>", "250 ");
        ASK(client, "RCPT TO:<c@three.test>", "250 ");
        say_content(client, WITH_ID);
        EXPECT(client, "250 2.0.0 ");
        HOLDS(e->mx[0].mail_count == (i == 2), "attempt %d", i);
        HOLDS(e->mx[1].mail_count == 1 && e->mx[2].mail_count == 1, "attempt %d", i);
    }
    WAIT(e, engine_event_count(e, EVENT_ALREADY_DELIVERED) == 4);
}

/* ---- what it costs ---- */

static void the_oldest_is_forgotten_when_there_is_no_room(void **state)
{
    struct engine *e = *state;
    const char *const contents[] = {"Date: 1\r\n\r\nx\r\n", "Date: 2\r\n\r\nx\r\n", "Date: 3\r\n\r\nx\r\n"};
    engine_start(e);
    seen_free(e->relay->seen);
    e->relay->seen = seen_new(2);
    assert_non_null(e->relay->seen);
    struct wire *client = client_welcome(e);
    for (size_t i = 0; i < COUNT(contents); i++)
        SENDS(client, contents[i], "250 2.0.0 mx");
    SENDS(client, contents[2], ALREADY);
    SENDS(client, contents[1], ALREADY);
    SENDS(client, contents[0], "250 2.0.0 mx");
    assert_int_equal(e->mx[0].mail_count, 4);
}

static void without_memory_for_it_every_mail_goes_out(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    seen_free(e->relay->seen);
    e->relay->seen = NULL;
    struct wire *client = client_welcome(e);
    SENDS(client, WITH_ID, "250 2.0.0 mx");
    SENDS(client, WITH_ID, "250 2.0.0 mx");
    assert_int_equal(e->mx[0].mail_count, 2);
}

/* ---- orders ---- */

static void exit_ends_a_mail_that_waits_for_another(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *first = send_in_vain(e, WITH_ID), *second = join(e, WITH_ID);
    engine_exit(e);
    EXPECT(first, "421 ");
    EXPECT(second, "421 ");
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void stop_lets_a_mail_that_waits_end(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.stop_ms = ENGINE_PATIENCE_MS;
    struct wire *first = send_in_vain(e, WITH_ID), *second = join(e, WITH_ID);
    engine_order(e, RELAY_STOP);
    fake_mx_say(silent_session(e), "250 2.0.0 taken");
    EXPECT(first, "250 2.0.0 mx");
    EXPECT(second, ALREADY);
    EXPECT(second, "421 ");
    WAIT(e, engine_is_empty(e));
}

static void reset_forgets_nothing(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    SENDS(client, WITH_ID, "250 2.0.0 mx");
    engine_order(e, RELAY_RESET);
    WAIT(e, e->status.listening && !e->relay->netwatch.checking);
    SENDS(client_welcome(e), WITH_ID, ALREADY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_mail_that_names_itself_is_delivered_once),
        ENGINE_TEST(what_differs_in_anything_is_another_mail),
        ENGINE_TEST(what_was_refused_goes_out_again),
        ENGINE_TEST(the_way_of_the_content_makes_no_other_mail),
        ENGINE_TEST(a_client_that_knows_of_its_250_may_say_the_same_again),
        ENGINE_TEST(a_client_that_broke_before_its_250_has_delivered_all_the_same),
        ENGINE_TEST(a_client_that_was_told_451_has_delivered_all_the_same),
        ENGINE_TEST(a_client_that_resets_instead_of_reading_its_250_does_not_know),
        ENGINE_TEST(a_client_that_says_quit_ahead_may_reset_and_say_the_same_again),
        ENGINE_TEST(a_client_that_was_told_already_delivered_knows_too),
        ENGINE_TEST(a_resend_of_a_mail_that_is_delivered_meanwhile_is_not_sent),
        ENGINE_TEST(however_many_wait_a_mail_that_names_itself_is_delivered_once),
        ENGINE_TEST(of_two_who_wait_without_a_name_one_is_another_mail),
        ENGINE_TEST(of_all_tries_of_one_client_one_is_delivered),
        ENGINE_TEST(a_client_that_has_closed_its_side_does_not_wait),
        ENGINE_TEST(so_too_while_the_first_client_waits_if_the_mail_names_itself),
        ENGINE_TEST(while_the_first_client_waits_the_same_without_a_name_is_another_mail),
        ENGINE_TEST(a_resend_of_a_mail_that_fails_meanwhile_goes_out),
        ENGINE_TEST(a_client_that_leaves_while_it_waits_is_not_waited_for),
        ENGINE_TEST(its_mail_goes_out_when_the_first_has_failed),
        ENGINE_TEST(who_waits_is_told_451_in_time_and_may_come_again),
        ENGINE_TEST(who_waits_and_loses_his_connection_is_told),
        ENGINE_TEST(who_waits_at_another_server_is_told_of_the_delivery),
        ENGINE_TEST(who_waits_at_another_server_goes_out_there),
        ENGINE_TEST(a_flight_that_was_cut_off_is_not_waited_for),
        ENGINE_TEST(only_the_servers_that_have_it_not_get_it),
        ENGINE_TEST(some_in_the_air_and_some_new_are_each_dealt_with),
        ENGINE_TEST(a_server_that_has_it_for_one_gets_it_again_for_another),
        ENGINE_TEST(who_is_named_twice_does_not_wait_for_himself),
        ENGINE_TEST(who_gives_up_at_the_first_4yz_reaches_the_others_when_the_first_is_taken),
        ENGINE_TEST(who_gives_up_a_pipelined_envelope_has_reached_nobody),
        ENGINE_TEST(who_goes_on_after_a_4yz_reaches_the_others_at_once_and_the_first_later),
        ENGINE_TEST(the_oldest_is_forgotten_when_there_is_no_room),
        ENGINE_TEST(without_memory_for_it_every_mail_goes_out),
        ENGINE_TEST(exit_ends_a_mail_that_waits_for_another),
        ENGINE_TEST(stop_lets_a_mail_that_waits_end),
        ENGINE_TEST(reset_forgets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
