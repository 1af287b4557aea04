/* SPDX-License-Identifier: MIT */
/*
 * What a domain demands by MTA-STS (RFC 8461; contract 5.9), with a web server that has its policy: who may have the mail,
 * how it is remembered, and that what cannot be had stands in nobody's way.
 */

#include "engine.h"

#include "certificates.h"
#include "fake_web.h"
#include "mta_sts.h"
#include "outbound.h"
#include "transaction.h"

#define FILE_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
#define POLICY(mode, mx) "version: STSv1\r\nmode: " mode "\r\nmx: " mx "\r\nmax_age: 86400\r\n"
#define ENFORCE POLICY("enforce", "mx.one.test")

static struct fake_web web;

static void begin(struct engine *e)
{
    static char trusted[sizeof ca_certificate + sizeof web_certificate];
    snprintf(trusted, sizeof trusted, "%s%s", ca_certificate, web_certificate);
    tls_server_trust(trusted);
    fake_web_open(&web, e);
    web.answer = FILE_HEAD ENFORCE;
    fake_dns_add_text(&e->dns, "_mta-sts.one.test", "v=STSv1; id=20261128;");
    fake_dns_add_address(&e->dns, "mta-sts.one.test", "127.0.1.1");
    e->relay->policy_port = (uint16_t)web.port;
    e->mx[0].tls = TLS_SERVER_13;
    engine_start(e);
}

/* As if a record had been asked for long ago; `all`: as if nothing had ever been. */
static void forget(struct engine *e, bool all)
{
    struct mta_sts *sts = &e->relay->mta_sts;
    memset(sts->ids, 0, sizeof sts->ids);
    if (!all)
        return;
    smtp_policies_free(sts->policies);
    sts->policies = NULL;
}

static void end_connections(struct engine *e)
{
    for (struct outbound *o = e->relay->outbounds; o; o = o->next)
        outbound_retire(o);
    WAIT(e, !e->relay->outbounds);
}

static void what_is_enforced_goes_to_a_proven_server(void **state)
{
    struct engine *e = *state;
    begin(e);
    for (int i = 0; i < 3; i++) {
        client_deliver(client_welcome(e), "you@one.test");
        WAIT(e, engine_event_count(e, EVENT_DELIVERED) == (size_t)i + 1);
        const char *tls = engine_event(e, EVENT_DELIVERED, NULL)->outcome.tls;
        HOLDS(strstr(tls, "TLSv1.3 ") && strstr(tls, " verified"), "mail %d: %s", i, tls);
        end_connections(e);
        forget(e, false);
    }
    assert_int_equal(web.request_count, 1);
    assert_int_equal(e->mx[0].mail_count, 3);
    const char *request = buf_text(&web.sessions[0].request);
    assert_non_null(strstr(request, "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.one.test\r\n"));
    assert_true(tls_server_resumed(e->mx[0].sessions[2].tls)); /* of a session that was verified */
    fake_web_close(&web);
}

/* What the web server gives, what the mail server is, and what becomes of the mail. */
static void every_policy_and_server_has_its_verdict(void **state)
{
    struct engine *e = *state;
    static const struct {
        const char *answer;
        enum tls_server_kind web, mx;
        const char *reply, *why;
    } rows[] = {
        {FILE_HEAD ENFORCE, TLS_SERVER_WEB, TLS_SERVER_12_RSA, "250 ", "good"},
        {FILE_HEAD POLICY("enforce", "*.one.test"), TLS_SERVER_WEB, TLS_SERVER_13, "250 ", "a pattern"},
        {FILE_HEAD POLICY("enforce", "mx.two.test"), TLS_SERVER_WEB, TLS_SERVER_13, "451 4.7.0 ", "another"},
        {FILE_HEAD POLICY("enforce", "*.test"), TLS_SERVER_WEB, TLS_SERVER_13, "451 4.7.0 ",
         "one label only"},
        {FILE_HEAD ENFORCE, TLS_SERVER_WEB, TLS_SERVER_NONE, "451 4.7.5 ", "no TLS"},
        {FILE_HEAD ENFORCE, TLS_SERVER_WEB, TLS_SERVER_EXPIRED, "451 4.7.5 ", "expired"},
        {FILE_HEAD ENFORCE, TLS_SERVER_WEB, TLS_SERVER_WEB, "451 4.7.5 ", "another name's certificate"},
        {FILE_HEAD POLICY("testing", "mx.two.test"), TLS_SERVER_WEB, TLS_SERVER_NONE, "250 ", "a test"},
        {FILE_HEAD POLICY("none", "mx.two.test"), TLS_SERVER_WEB, TLS_SERVER_NONE, "250 ", "none any more"},
        {FILE_HEAD "mode: enforce\r\n", TLS_SERVER_WEB, TLS_SERVER_NONE, "250 ", "cannot be read"},
        {FILE_HEAD ENFORCE, TLS_SERVER_EXPIRED, TLS_SERVER_NONE, "250 ",
         "a web server who is not to be believed"},
        {FILE_HEAD ENFORCE, TLS_SERVER_13, TLS_SERVER_NONE, "250 ", "another web server"},
        {FILE_HEAD ENFORCE, TLS_SERVER_NONE, TLS_SERVER_NONE, "250 ", "no web server"},
        {"HTTP/1.1 301 Moved\r\nLocation: https://mta-sts.one.test/x\r\n\r\n", TLS_SERVER_WEB,
         TLS_SERVER_NONE, "250 ", "a redirect is not followed"},
        {"HTTP/1.1 404 Not Found\r\n\r\n" ENFORCE, TLS_SERVER_WEB, TLS_SERVER_NONE, "250 ", "no such file"},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" ENFORCE, TLS_SERVER_WEB, TLS_SERVER_NONE,
         "250 ", "a page of somebody who writes there"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" ENFORCE "\r\n0\r\n\r\n",
         TLS_SERVER_WEB, TLS_SERVER_NONE, "451 4.7.5 ", "in chunks"},
        {"", TLS_SERVER_WEB, TLS_SERVER_NONE, "250 ", "nothing"},
    };
    assert_int_equal(sizeof ENFORCE - 1, 0x40);
    begin(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        web.answer = rows[i].answer;
        web.kind = rows[i].web;
        web.dribbles = i % 2;
        e->mx[0].tls = rows[i].mx;
        unsigned mails = e->mx[0].mail_count;
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        wire_say(client, "RCPT TO:<you@one.test>\r\n");
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, rows[i].reply, strlen(rows[i].reply)) == 0, "%s: %s", rows[i].why, reply);
        HOLDS(e->mx[0].mail_count == mails, "%s", rows[i].why);
        wire_close(client);
        WAIT(e, engine_is_empty(e));
        end_connections(e);
        forget(e, true);
        tls_hosts_clear(&e->relay->tls_hosts);
    }
    assert_int_equal(engine_event_count(e, EVENT_POLICY_FAILED), 8);
    fake_web_close(&web);
}

static void a_policy_outlives_its_record_and_its_web_server(void **state)
{
    struct engine *e = *state;
    begin(e);
    client_deliver(client_welcome(e), "you@one.test");
    end_connections(e);
    e->mx[0].tls = TLS_SERVER_NONE;
    static const struct {
        const char *record;
        unsigned requests;
        const char *why;
    } rows[] = {
        {"v=STSv1; id=20261128;", 1, "the same one is not fetched again"},
        {"v=STSv1; id=2;", 2, "another one is, and cannot be had"},
        {"v=STSv1; id=2;", 2, "and is not asked for again so soon"},
        {"v=spf1 -all", 2, "the record has gone"},
    };
    web.answer = "HTTP/1.1 500 Sorry\r\n\r\n";
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t row = 0; row < e->dns.row_count; row++)
            if (e->dns.rows[row].text)
                e->dns.rows[row].text = rows[i].record;
        forget(e, false);
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<you@one.test>", "451 4.7.5 ");
        HOLDS(web.request_count == rows[i].requests, "%s: %u", rows[i].why, web.request_count);
    }
    assert_int_equal(e->mx[0].mail_count, 1);
    fake_web_close(&web);
}

/* Somebody on the way changes the record, and cuts the file off amid its max_age: 8 s in place of a day. */
static void a_policy_that_was_cut_off_replaces_nothing(void **state)
{
    struct engine *e = *state;
    const struct smtp_policy *policy;
    begin(e);
    client_deliver(client_welcome(e), "you@one.test");
    for (size_t row = 0; row < e->dns.row_count; row++)
        if (e->dns.rows[row].text)
            e->dns.rows[row].text = "v=STSv1; id=2;";
    forget(e, false);
    web.answer = FILE_HEAD "version: STSv1\r\nmode: enforce\r\nmx: mx.one.test\r\nmax_age: 8";
    web.is_cut = true;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(web.request_count, 2);
    assert_int_equal(engine_event_count(e, EVENT_POLICY_FAILED), 1);
    assert_int_equal(smtp_policy_decide(e->relay->mta_sts.policies, "one.test", "",
                                        uv_now(&e->loop) / 1000 + 3600, &policy),
                     SMTP_POLICY_STEP_USE);
    fake_web_close(&web);
}

static void a_silent_web_server_is_not_waited_for(void **state)
{
    struct engine *e = *state;
    begin(e);
    e->relay->timeouts.policy_ms = 500; /* enough to be asked on a busy machine */
    web.answer = NULL;
    e->mx[0].tls = TLS_SERVER_NONE;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(web.request_count, 1);
    web.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nversion: STSv1\r\n";
    web.stays = true; /* half a file */
    forget(e, true);
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(engine_event_count(e, EVENT_POLICY_FAILED), 2);
    fake_web_close(&web);
}

/* Each of them would have been given as long as the first. */
static void a_web_server_that_is_mute_at_all_its_addresses_is_waited_for_once(void **state)
{
    struct engine *e = *state;
    begin(e);
    fake_dns_add_address(&e->dns, "mta-sts.one.test", "127.0.1.1");
    fake_dns_add_address(&e->dns, "mta-sts.one.test", "127.0.1.1");
    e->relay->timeouts.policy_ms = 500;
    web.is_mute = true;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(web.session_count, 1);
    assert_int_equal(engine_event_count(e, EVENT_POLICY_FAILED), 1);
    fake_web_close(&web);
}

/* Who owns a domain shall not reach what listens on this computer; for its MX that holds anyhow. */
static void a_web_server_on_this_computer_is_not_asked(void **state)
{
    struct engine *e = *state;
    begin(e);
    e->relay->config.mx_port = 0; /* no test */
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "554 5.4.6 ");
    assert_int_equal(web.session_count, 0);
    assert_int_equal(engine_event_count(e, EVENT_POLICY_FAILED), 1);
    fake_web_close(&web);
}

static void many_who_ask_at_once_share_one_policy(void **state)
{
    struct engine *e = *state;
    struct wire *clients[12];
    begin(e);
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        wire_say(clients[i], "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\n");
    }
    wire_close(clients[0]); /* whoever began it */
    for (size_t i = 1; i < COUNT(clients); i++) {
        EXPECT(clients[i], "250 ");
        EXPECT(clients[i], "250 ");
    }
    assert_int_equal(web.request_count, 1);
    assert_int_equal(e->dns.text_questions, 1);
    fake_web_close(&web);
}

/* two.test has no policy, and the same mail server. */
static void a_connection_that_was_not_verified_is_not_used_where_it_must_be(void **state)
{
    struct engine *e = *state;
    begin(e);
    for (size_t i = 0; i < e->dns.row_count; i++)
        if (e->dns.rows[i].host && strcmp(e->dns.rows[i].host, "mx.two.test") == 0)
            e->dns.rows[i].host = "mx.one.test";
    client_deliver(client_welcome(e), "you@two.test");
    assert_int_equal(e->mx[0].session_count, 1);
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(e->mx[0].session_count, 2);
    client_deliver(client_welcome(e), "you@one.test"); /* a verified one does for everybody */
    client_deliver(client_welcome(e), "you@two.test");
    assert_int_equal(e->mx[0].session_count, 2);
    fake_web_close(&web);
}

/* All places at the server are taken by idle connections that do not do: one of them makes room. */
static void who_needs_proof_gets_a_place_though_all_are_taken(void **state)
{
    struct engine *e = *state;
    struct wire *clients[POOL_CONNECTIONS_MAX];
    begin(e);
    for (size_t i = 0; i < e->dns.row_count; i++)
        if (e->dns.rows[i].host && strcmp(e->dns.rows[i].host, "mx.two.test") == 0)
            e->dns.rows[i].host = "mx.one.test";
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        ASK(clients[i], "RCPT TO:<you@two.test>", "250 ");
    }
    struct wire *late = client_welcome(e);
    ASK(late, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(late, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, e->relay->pool.hosts->waiting);
    ASK(clients[0], "RSET", "250 "); /* this one becomes free while somebody waits who cannot use it */
    EXPECT(late, "250 ");
    for (size_t i = 1; i < COUNT(clients); i++)
        ASK(clients[i], "RSET", "250 ");
    ASK(late, "RSET", "250 ");
    ASK(late, "MAIL FROM:<me@here.test>", "250 ");
    ASK(late, "RCPT TO:<you@one.test>", "250 ");
    assert_true(e->mx[0].open_most <= POOL_CONNECTIONS_MAX);
    fake_web_close(&web);
}

static void exit_amid_all_of_it_leaves_nothing_behind(void **state)
{
    struct engine *e = *state;
    begin(e);
    web.answer = NULL;
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, web.request_count == 1);
    engine_exit(e);
    EXPECT(client, "421 ");
    fake_web_close(&web);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_is_enforced_goes_to_a_proven_server),
        ENGINE_TEST(every_policy_and_server_has_its_verdict),
        ENGINE_TEST(a_policy_outlives_its_record_and_its_web_server),
        ENGINE_TEST(a_policy_that_was_cut_off_replaces_nothing),
        ENGINE_TEST(a_silent_web_server_is_not_waited_for),
        ENGINE_TEST(a_web_server_that_is_mute_at_all_its_addresses_is_waited_for_once),
        ENGINE_TEST(a_web_server_on_this_computer_is_not_asked),
        ENGINE_TEST(many_who_ask_at_once_share_one_policy),
        ENGINE_TEST(a_connection_that_was_not_verified_is_not_used_where_it_must_be),
        ENGINE_TEST(who_needs_proof_gets_a_place_though_all_are_taken),
        ENGINE_TEST(exit_amid_all_of_it_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
