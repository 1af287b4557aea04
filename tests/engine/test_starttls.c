/* SPDX-License-Identifier: MIT */
/*
 * STARTTLS on the way to a mail exchanger (contract, section 5.9): used where it is offered, whoever answers; what goes
 * wrong with it costs a connection and nothing else; nothing is believed that was said in clear.
 */

#include "engine.h"

#include "certificates.h"
#include "leg.h"
#include "outbound.h"
#include "transaction.h"

#define SHORT_MS 200

static const char *tls_of_last_mail(struct engine *e)
{
    const struct event *event = engine_event(e, EVENT_DELIVERED, NULL);
    return event ? event->outcome.tls : "(no mail)";
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* No connection stays idle: the next mail has one of its own. */
static void deliver_afresh(struct engine *e)
{
    struct wire *client = client_welcome(e);
    size_t before = engine_event_count(e, EVENT_DELIVERED);
    e->relay->timeouts.idle_ms = 1;
    client_deliver(client, "you@one.test");
    wire_close(client);
    WAIT(e, engine_is_empty(e) && !e->relay->outbounds && e->mx[0].open_count == 0 &&
                engine_event_count(e, EVENT_DELIVERED) == before + 1);
}

static struct fake_mx_session *last_session(struct engine *e)
{
    return &e->mx[0].sessions[e->mx[0].session_count - 1];
}

static void mail_goes_encrypted_to_every_kind_of_server(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        enum tls_server_kind kind;
        const char *tls;
    } rows[] = {
        {TLS_SERVER_13, "TLSv1.3 "},
        {TLS_SERVER_12_EC, "TLSv1.2 "},
        {TLS_SERVER_12_RSA, "TLSv1.2 "},
        {TLS_SERVER_EXPIRED, "TLSv1.3 "},
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        tls_hosts_clear(&e->relay->tls_hosts);
        mx->tls = rows[i].kind;
        deliver_afresh(e);
        HOLDS(begins(tls_of_last_mail(e), rows[i].tls), "%s: %s", rows[i].tls, tls_of_last_mail(e));
        HOLDS(mx->session_count == i + 1 && mx->mail_count == i + 1, "%s", rows[i].tls);
        HOLDS(tls_server_is_up(last_session(e)->tls) && tls_server_ended(last_session(e)->tls), "%s",
              rows[i].tls);
        HOLDS(strcmp(tls_server_asked_for(last_session(e)->tls), "mx.one.test") == 0, "%s", rows[i].tls);
        HOLDS(fake_mx_heard(mx, "EHLO") == 2 * (i + 1), "%s", rows[i].tls);
    }
    assert_int_equal(engine_event_count(e, EVENT_TLS_GONE), 0);
}

static void what_was_offered_in_clear_does_not_count_inside(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    fake_mx_rule(mx, "EHLO", "250 mx.test", 1);
    fake_mx_rule(mx, "EHLO", "250-mx.test\r\n250-STARTTLS\r\n250-CHUNKING\r\n250-PIPELINING\r\n250 SIZE 10",
                 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test> SIZE=1000", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(fake_mx_heard(mx, "DATA"), 1);
    assert_int_equal(fake_mx_heard(mx, "MAIL FROM:<me@here.test> "), 0);
}

static void the_next_connection_resumes_the_session(void **state)
{
    struct engine *e = *state;
    static const enum tls_server_kind kinds[] = {TLS_SERVER_13, TLS_SERVER_12_EC, TLS_SERVER_12_RSA};
    engine_start(e);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        tls_hosts_clear(&e->relay->tls_hosts);
        e->mx[0].tls = kinds[i];
        for (int n = 0; n < 3; n++) {
            deliver_afresh(e);
            HOLDS(tls_server_resumed(last_session(e)->tls) == (n > 0), "kind %zu, connection %d", i, n);
        }
    }
}

static void a_connection_that_is_used_again_is_still_encrypted(void **state)
{
    struct engine *e = *state;
    e->mx[0].tls = TLS_SERVER_13;
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (size_t i = 1; i <= 3; i++) {
        client_deliver(client, "you@one.test");
        WAIT(e, engine_event_count(e, EVENT_DELIVERED) == i);
        HOLDS(begins(tls_of_last_mail(e), "TLSv1.3 "), "mail %zu", i);
    }
    assert_int_equal(e->mx[0].session_count, 1);
}

/* ---- what goes wrong with TLS ---- */

static void a_failed_handshake_costs_one_connection_and_nothing_else(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        const char *begins, *reply;
        bool mute;
        const char *why;
    } rows[] = {
        {"STARTTLS", "454 4.7.0 TLS not available", false, "refused for now"},
        {"STARTTLS", "501 5.5.4 no", false, "refused"},
        {"STARTTLS", "421 4.3.2 too much for me", false, "the server leaves"},
        {"STARTTLS", "250 ok", false, "another 2yz"},
        {"STARTTLS", FAKE_MX_CLOSES, false, "closes"},
        {"STARTTLS", FAKE_MX_BREAKS, false, "breaks"},
        {"STARTTLS", FAKE_MX_SILENT, false, "no reply to STARTTLS"},
        {"STARTTLS", "220 go ahead", true, "silent in the handshake"},
        {"STARTTLS", "220 go ahead\r\n250-mx.test\r\n250 CHUNKING", false, "replies injected behind the 220"},
        {"STARTTLS", "220 go ahead\r\n", false, "two octets behind the 220"},
    };
    engine_start(e);
    e->relay->timeouts.handshake_ms = SHORT_MS;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned before = mx->session_count, mails = fake_mx_heard(mx, "MAIL");
        mx->tls = TLS_SERVER_13;
        mx->tls_mute = rows[i].mute;
        fake_mx_rule(mx, rows[i].begins, rows[i].reply, 1);
        deliver_afresh(e);
        HOLDS(mx->session_count == before + 2, "%s: %u connections", rows[i].why, mx->session_count - before);
        HOLDS(fake_mx_heard(mx, "STARTTLS") == i + 1, "%s: not asked for again", rows[i].why);
        HOLDS(mx->mail_count == i + 1 && fake_mx_heard(mx, "MAIL") == mails + 1, "%s: one mail", rows[i].why);
        HOLDS(tls_of_last_mail(e)[0] == '\0', "%s: %s", rows[i].why, tls_of_last_mail(e));
        mx->rule_count = 0;
    }
    assert_int_equal(engine_event_count(e, EVENT_TLS_GONE), 0); /* it never had it in this run */
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 0);
}

/* Within TLS silence is no failure of it: the server is not asked again in clear, the next one is. */
static void a_server_that_is_silent_within_tls_is_left_for_the_next_one(void **state)
{
    struct engine *e = *state;
    fake_dns_add_mx(&e->dns, "both.test", 1, "mx.one.test");
    fake_dns_add_mx(&e->dns, "both.test", 2, "mx.two.test");
    engine_start(e);
    e->relay->timeouts.silence_ms = SHORT_MS;
    e->mx[0].tls = TLS_SERVER_13;
    fake_mx_rule(&e->mx[0], "EHLO", FAKE_MX_SILENT, 0);
    fake_mx_rule(&e->mx[0], "EHLO", "250-mx.one.test\r\n250 STARTTLS", 1); /* the first one, in clear */
    client_deliver(client_welcome(e), "you@both.test");
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_int_equal(e->mx[0].session_count, 1);
    assert_int_equal(fake_mx_heard(&e->mx[0], "EHLO"), 2);
}

/* Sleep is no fault of the server, and clear text is not for it: whether the server is silent on waking, or had enough. */
static void a_handshake_that_was_slept_through_is_begun_anew_with_tls(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        const char *reply; /* to STARTTLS */
        bool mute, closes;
        const char *why;
    } rows[] = {
        {FAKE_MX_SILENT, false, false, "no reply to STARTTLS"},
        {"220 go ahead", true, false, "silent in the handshake"},
        {"220 go ahead", true, true, "the server went meanwhile"},
    };
    engine_start(e);
    e->relay->timeouts.handshake_ms = SHORT_MS;
    mx->tls = TLS_SERVER_13;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned before = mx->session_count;
        mx->tls_mute = rows[i].mute;
        fake_mx_rule(mx, "STARTTLS", rows[i].reply, 1);
        struct wire *client = client_welcome(e);
        e->relay->timeouts.idle_ms = 1;
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        wire_say(client, "RCPT TO:<you@one.test>\r\n");
        WAIT(e, fake_mx_heard(mx, "STARTTLS") == 2 * i + 1);
        if (rows[i].mute)
            WAIT(e, last_session(e)->wire->in.length > 0); /* our hello */
        mx->tls_mute = false;                              /* the next one */
        if (rows[i].closes)
            wire_close(last_session(e)->wire);
        uv_sleep(SHORT_MS + 1500); /* the computer: nobody turns the loop */
        EXPECT(client, "250 ");
        ASK(client, "DATA", "354 ");
        ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
        wire_close(client);
        WAIT(e,
             engine_event_count(e, EVENT_DELIVERED) == i + 1 && engine_is_empty(e) && !e->relay->outbounds);
        HOLDS(begins(tls_of_last_mail(e), "TLSv1.3 "), "%s: '%s'", rows[i].why, tls_of_last_mail(e));
        HOLDS(mx->session_count == before + 2, "%s: %u connections", rows[i].why, mx->session_count - before);
        mx->rule_count = 0;
    }
}

static void tls_that_dies_before_it_has_carried_anything_has_failed(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    fake_mx_rule(mx, "EHLO", FAKE_MX_CLOSES, 1);
    fake_mx_rule(mx, "EHLO", "250-mx.test\r\n250 STARTTLS", 1);
    deliver_afresh(e);
    assert_int_equal(mx->session_count, 2);
    assert_string_equal(tls_of_last_mail(e), "");
    assert_int_equal(mx->mail_count, 1);
}

/* With TLS 1.2 the end of the handshake is the server's, so what it adds comes before our EHLO for certain. */
static void a_server_that_speaks_first_inside_tls_is_not_believed(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    mx->tls = TLS_SERVER_12_EC;
    mx->tls_hasty = true;
    engine_start(e);
    deliver_afresh(e);
    assert_int_equal(mx->session_count, 2);
    assert_int_equal(fake_mx_heard(mx, "EHLO"), 2); /* each in clear */
    assert_string_equal(tls_of_last_mail(e), "");
}

static void a_server_that_refuses_tls_and_then_everything_else_is_left(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    fake_mx_rule(mx, "CONNECT", "554 5.7.1 only with TLS", 1);
    fake_mx_rule(mx, "CONNECT", "220 mx.test", 1);
    fake_mx_rule(mx, "STARTTLS", "454 4.7.0 not now", 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "554 5.7.1 ");
    assert_int_equal(mx->session_count, 2);
}

/* In clear it is no verdict: TLS may go better the next time, and the server offers it. */
static void a_server_that_insists_on_tls_which_has_failed_is_for_later(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        const char *begins, *reply;
    } rows[] = {
        {"MAIL", "530 5.7.0 Must issue a STARTTLS command first"},
        {"RCPT", "550 5.7.10 Encryption required"},
        {"DATA", "554 5.7.0 STARTTLS is required"},
    };
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    e->relay->timeouts.idle_ms = 1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wire *client = client_welcome(e);
        fake_mx_rule(mx, "STARTTLS", FAKE_MX_BREAKS, 0);
        fake_mx_rule(mx, rows[i].begins, rows[i].reply, 1);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        if (strcmp(rows[i].begins, "DATA") == 0) {
            ASK(client, "RCPT TO:<you@one.test>", "250 ");
            ASK(client, "DATA", "451 4.7.0 ");
        } else {
            ASK(client, "RCPT TO:<you@one.test>", "451 ");
        }
        wire_close(client);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds);
        mx->rule_count = 0;
        deliver_afresh(e);
        HOLDS(begins(tls_of_last_mail(e), "TLSv1.3 "), "%s", rows[i].begins);
    }
}

static void a_server_that_insists_on_tls_and_offers_none_has_refused(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "MAIL", "530 5.7.0 Must issue a STARTTLS command first", 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "550 5.7.0 ");
}

static void a_session_that_is_too_much_for_the_server_is_left_out_before_tls_is(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    deliver_afresh(e);
    mx->tls = TLS_SERVER_12_EC;
    deliver_afresh(e);
    assert_true(begins(tls_of_last_mail(e), "TLSv1.2 "));
    assert_int_equal(mx->session_count, 3);
    assert_int_equal(mx->mail_count, 2);
    assert_int_equal(engine_event_count(e, EVENT_TLS_GONE), 0);
}

static void a_host_that_loses_tls_is_named_in_the_log_once(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        enum tls_server_kind kind;
        size_t lines;
    } days[] = {
        {TLS_SERVER_NONE, 0}, {TLS_SERVER_13, 0},    {TLS_SERVER_13, 0},   {TLS_SERVER_NONE, 1},
        {TLS_SERVER_NONE, 1}, {TLS_SERVER_12_EC, 1}, {TLS_SERVER_NONE, 2},
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(days); i++) {
        mx->tls = days[i].kind;
        deliver_afresh(e);
        HOLDS(engine_event_count(e, EVENT_TLS_GONE) == days[i].lines, "mail %zu", i);
        HOLDS((tls_of_last_mail(e)[0] == '\0') == (days[i].kind == TLS_SERVER_NONE), "mail %zu", i);
    }
    assert_string_equal(engine_event(e, EVENT_TLS_GONE, NULL)->outcome.host, "mx.one.test");
    mx->tls = TLS_SERVER_13;
    deliver_afresh(e);
    fake_mx_rule(mx, "STARTTLS", "454 4.7.0 the key is lost", 0);
    deliver_afresh(e);
    assert_int_equal(engine_event_count(e, EVENT_TLS_GONE), 3);
    assert_non_null(strstr(engine_event(e, EVENT_TLS_GONE, NULL)->outcome.words, "the key is lost"));
}

/* ---- where TLS is demanded ---- */

/* The demand is made between RCPT and the answer of the name server, as a policy would. */
static struct wire *ask_with_demand(struct engine *e)
{
    struct wire *client = client_welcome(e);
    unsigned before = e->dns.mx_questions;
    e->dns.mood = FAKE_DNS_HOLDS;
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, e->dns.mx_questions == before + 1);
    e->relay->transactions->legs->tls_demand = TLS_VERIFIED;
    fake_dns_release(&e->dns);
    return client;
}

static void where_tls_is_demanded_nothing_goes_in_clear_or_to_the_wrong_one(void **state)
{
    struct engine *e = *state;
    struct fake_mx *mx = &e->mx[0];
    static const struct {
        bool trusted;
        enum tls_server_kind kind;
        const char *refused_with, *answer, *why;
    } rows[] = {
        {false, TLS_SERVER_13, NULL, "451 4.7.5 ", "nobody is trusted"},
        {true, TLS_SERVER_NONE, NULL, "451 4.7.5 ", "not offered"},
        {true, TLS_SERVER_13, "454 4.7.0 not now", "451 4.7.5 ", "refused"},
        {true, TLS_SERVER_EXPIRED, NULL, "451 4.7.5 ", "expired"},
        {true, TLS_SERVER_13, NULL, "250 ", "all is well"},
        {true, TLS_SERVER_12_RSA, NULL, "250 ", "all is well, after another version"},
    };
    mx->tls = TLS_SERVER_13;
    engine_start(e);
    deliver_afresh(e); /* a session without verification, which must not be resumed here */
    e->relay->timeouts.idle_ms = 1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        tls_server_trust(rows[i].trusted ? ca_certificate : "");
        mx->tls = rows[i].kind;
        if (rows[i].refused_with)
            fake_mx_rule(mx, "STARTTLS", rows[i].refused_with, 0);
        unsigned mails = fake_mx_heard(mx, "MAIL");
        struct wire *client = ask_with_demand(e);
        const char *reply = client_reply(client);
        bool good = rows[i].answer[0] == '2';
        HOLDS(begins(reply, rows[i].answer), "%s: %s", rows[i].why, reply);
        HOLDS(fake_mx_heard(mx, "MAIL") == mails + good, "%s", rows[i].why);
        HOLDS(!good || !tls_server_resumed(last_session(e)->tls), "%s", rows[i].why);
        wire_close(client);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds && mx->open_count == 0);
        mx->rule_count = 0;
    }
}

/* ---- the end ---- */

static void exit_amid_a_handshake_leaves_nothing_behind(void **state)
{
    struct engine *e = *state;
    e->mx[0].tls = TLS_SERVER_13;
    e->mx[0].tls_mute = true;
    engine_start(e);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, fake_mx_heard(&e->mx[0], "STARTTLS") == 1 && e->mx[0].sessions[0].wire->in.length > 0);
    engine_exit(e);
    EXPECT(client, "421 ");
}

static void many_handshakes_leave_nothing_behind(void **state)
{
    struct engine *e = *state;
    e->mx[0].tls = TLS_SERVER_13;
    engine_start(e);
    for (int i = 0; i < FAKE_MX_MAILS_MAX; i++)
        deliver_afresh(e);
    assert_int_equal(e->relay->tls_hosts.count, 1);
    assert_null(e->relay->pool.hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_server_that_is_silent_within_tls_is_left_for_the_next_one),
        ENGINE_TEST(mail_goes_encrypted_to_every_kind_of_server),
        ENGINE_TEST(what_was_offered_in_clear_does_not_count_inside),
        ENGINE_TEST(the_next_connection_resumes_the_session),
        ENGINE_TEST(a_connection_that_is_used_again_is_still_encrypted),
        ENGINE_TEST(a_failed_handshake_costs_one_connection_and_nothing_else),
        ENGINE_TEST(a_handshake_that_was_slept_through_is_begun_anew_with_tls),
        ENGINE_TEST(tls_that_dies_before_it_has_carried_anything_has_failed),
        ENGINE_TEST(a_server_that_speaks_first_inside_tls_is_not_believed),
        ENGINE_TEST(a_server_that_refuses_tls_and_then_everything_else_is_left),
        ENGINE_TEST(a_server_that_insists_on_tls_which_has_failed_is_for_later),
        ENGINE_TEST(a_server_that_insists_on_tls_and_offers_none_has_refused),
        ENGINE_TEST(a_session_that_is_too_much_for_the_server_is_left_out_before_tls_is),
        ENGINE_TEST(a_host_that_loses_tls_is_named_in_the_log_once),
        ENGINE_TEST(where_tls_is_demanded_nothing_goes_in_clear_or_to_the_wrong_one),
        ENGINE_TEST(exit_amid_a_handshake_leaves_nothing_behind),
        ENGINE_TEST(many_handshakes_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
