/* SPDX-License-Identifier: MIT */
/*
 * Name servers that die, refuse and come back (contract, sections 1 and 5.7), and answers that are
 * shared. A dead server's port is closed: the system says so at once, and no test has to wait.
 */

#include "engine.h"

static void a_name_server_that_dies_between_mails_is_noticed_and_so_is_its_return(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    assert_true(e->status.connected);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    fake_dns_die(&e->dns);
    WAIT(e, !e->dns.alive);

    ASK(client, "MAIL FROM:<me@here.test>", "250 "); /* nobody knows yet */
    ASK(client, "RCPT TO:<you@one.test>", "451 4.4.3 ");
    WAIT(e, engine_event(e, EVENT_NO_INTERNET, NULL) && engine_event(e, EVENT_FAILED, "you@one.test"));
    assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_NO_INTERNET);
    assert_false(e->status.connected);
    assert_int_equal(status_light(&e->status), LIGHT_RED);
    ASK(client, "RSET", "250 ");
    ASK(client, "MAIL FROM:<me@here.test>", "451 4.4.3 "); /* nothing accepted */

    fake_dns_revive(&e->dns);
    client_deliver(client, "you@one.test"); /* each new mail looks again */
    assert_true(e->status.connected);
    assert_int_equal(e->mx[0].mail_count, 2);
}

static void without_a_name_server_at_start_nothing_is_accepted_until_one_comes(void **state)
{
    struct engine *e = *state;
    fake_dns_die(&e->dns);
    WAIT(e, !e->dns.alive);
    engine_start(e);
    assert_false(e->status.connected);
    assert_non_null(engine_event(e, EVENT_NO_INTERNET, NULL));
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "451 4.4.3 ");
    ASK(client, "RCPT TO:<you@one.test>", "503 ");
    fake_dns_revive(&e->dns);
    client_deliver(client, "you@one.test");
}

/* As after a sleep (section 1): the icon follows, and what is over is no trouble. */
static void a_look_finds_the_internet_gone_and_back_and_the_light_is_green_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    assert_int_equal(status_light(&e->status), LIGHT_GREEN);
    fake_dns_die(&e->dns);
    WAIT(e, !e->dns.alive);
    engine_order(e, RELAY_LOOK);
    WAIT(e, engine_event(e, EVENT_NO_INTERNET, NULL));
    WAIT(e, status_light(&e->status) == LIGHT_RED);

    fake_dns_revive(&e->dns);
    engine_order(e, RELAY_LOOK);
    WAIT(e, engine_event(e, EVENT_NETWORK_BACK, NULL));
    WAIT(e, status_light(&e->status) == LIGHT_GREEN);
    assert_int_equal(engine_event_count(e, EVENT_STARTED), 1); /* nothing was forgotten */
    client_deliver(client_welcome(e), "you@one.test");
}

static void a_name_server_that_dies_while_the_address_is_asked_is_451(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->dns.mood = FAKE_DNS_HOLDS;
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, e->dns.mx_questions == 1);
    fake_dns_release(&e->dns);
    fake_dns_die(&e->dns);
    EXPECT(client, "451 4.4.3 ");
    assert_int_equal(e->mx[0].session_count, 0);
}

/* Any answer is an answer (section 1: "connected means"). */
static void a_name_server_that_refuses_means_connected_and_451(void **state)
{
    struct engine *e = *state;
    e->dns.mood = FAKE_DNS_REFUSES;
    engine_start(e);
    assert_true(e->status.connected);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "451 4.4.3 ");
    e->dns.mood = FAKE_DNS_ANSWERS;
    ASK(client, "RCPT TO:<you@two.test>", "250 ");
    assert_true(e->status.connected);
}

/* The answer is cut, and TCP is refused: none comes, however often this is asked. */
static size_t cut_mx(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                     size_t length)
{
    (void)dns;
    if (q->type == 15)
        bytes[2] |= 0x02;
    return length;
}

static void a_domain_whose_question_alone_is_not_answered_is_no_lost_network(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->dns.spoil = cut_mx;
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "451 4.4.3 ");
    WAIT(e, engine_event(e, EVENT_FAILED, NULL));
    assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_DNS_FAILED);
    assert_true(e->status.connected);
}

/* Where what it remembers comes at once: the time-out must not be made of that alone. */
static void a_name_server_may_take_seconds_for_a_domain_that_it_has_to_look_for(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    for (int i = 0; i < 3; i++)
        client_deliver(client, "you@one.test");
    unsigned before = e->dns.mx_questions;
    e->dns.mood = FAKE_DNS_HOLDS;
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@two.test>\r\n");
    WAIT(e, e->dns.mx_questions == before + RESOLVER_TRIES);
    assert_true(e->status.connected);
    fake_dns_release(&e->dns);
    EXPECT(client, "250 ");
}

/* The alias and no more, as a server says it that has only its own zones. */
static size_t say_alias(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                        size_t length)
{
    static const unsigned char alias[] =
        "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x0d\x02mx\x03two\x04test";
    (void)dns;
    if (q->type == 15 || strcmp(q->name, "mx.one.test") != 0)
        return length;
    memcpy(bytes + q->length, alias, sizeof alias); /* with the root at its end */
    bytes[7] = 1;
    return q->length + sizeof alias;
}

static void a_host_that_is_only_an_alias_is_asked_for_by_its_name(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->dns.spoil = say_alias;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(e->mx[1].mail_count, 1);
}

/* Not an answer: neither is the internet there, nor is the domain without mail servers (sections 1, 5.7). */
static void a_question_that_comes_back_is_no_answer(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->dns.mood = FAKE_DNS_REFLECTS;
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "451 4.4.3 ");
    assert_false(e->status.connected);
    e->dns.mood = FAKE_DNS_ANSWERS;
    ASK(client, "RSET", "250 ");
    client_deliver(client, "you@one.test");
}

/* A look that is asked for while another is under way is about what has happened since. */
static void a_look_during_a_look_is_not_lost(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->dns.mood = FAKE_DNS_HOLDS;
    engine_order(e, RELAY_LOOK);
    WAIT(e, e->dns.held_count == 2);
    engine_order(e, RELAY_LOOK);
    fake_dns_release(&e->dns);
    fake_dns_die(&e->dns);
    WAIT(e, engine_event(e, EVENT_NO_INTERNET, NULL));
}

/* Section 5.10. */
static void what_the_name_server_says_of_a_domain_is_the_verdict(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_dns_add_mx(&e->dns, "nobody.test", 0, ".");
    fake_dns_add_address(&e->dns, "implicit.test", "127.0.1.2");
    fake_dns_add_mx(&e->dns, "pointless.test", 10, "mx.pointless.test");
    fake_dns_add_mx(&e->dns, "backup.test", 10, "mx.gone.test");
    fake_dns_add_mx(&e->dns, "backup.test", 20, "mx.two.test");
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@missing.test>", "550 5.1.2 ");
    ASK(client, "RCPT TO:<you@nobody.test>", "556 5.1.10 ");
    ASK(client, "RCPT TO:<you@pointless.test>", "550 5.4.4 ");
    ASK(client, "RCPT TO:<you@implicit.test>", "250 ");
    ASK(client, "RCPT TO:<you@backup.test>", "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[1], "RCPT"), 2);
}

/* Some routers drop questions with EDNS (RFC 6891). */
static void a_name_server_that_does_not_hear_edns_is_asked_without(void **state)
{
    struct engine *e = *state;
    e->dns.mood = FAKE_DNS_KNOWS_NO_EDNS;
    engine_start(e);
    WAIT(e, e->status.connected);
    client_deliver(client_welcome(e), "you@one.test");
    e->dns.mood = FAKE_DNS_ANSWERS; /* and with it as soon as that goes */
    engine_order(e, RELAY_LOOK);
    WAIT(e, !e->relay->netwatch.checking);
    assert_false(e->relay->resolver.dns.plain);
    client_deliver(client_welcome(e), "you@two.test");
}

/* As when the computer comes to another network, and nothing says so. */
static void a_name_server_that_begins_not_to_hear_edns_is_noticed_by_the_next_mail(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    assert_false(e->relay->resolver.dns.plain);
    e->dns.mood = FAKE_DNS_KNOWS_NO_EDNS;
    client_deliver(client_welcome(e), "you@one.test");
    assert_true(e->relay->resolver.dns.plain);
}

static void many_who_ask_at_once_share_one_question(void **state)
{
    struct engine *e = *state;
    struct wire *clients[15];
    engine_start(e);
    e->dns.mood = FAKE_DNS_HOLDS;
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        wire_say(clients[i], i % 2 ? "RCPT TO:<you@ONE.test>\r\nNOOP\r\n" : "RCPT TO:<you@one.test>\r\n");
    }
    WAIT(e, e->dns.held_count > 0 && e->status.mails_in_progress == COUNT(clients));
    WAIT(e, clients[COUNT(clients) - 1]->writing == 0);
    fake_dns_release(&e->dns);
    for (size_t i = 0; i < COUNT(clients); i++)
        EXPECT(clients[i], "250 ");
    assert_int_equal(e->dns.mx_questions, 1);
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT"), COUNT(clients));
    client_walk(client_welcome(e), STEP_HELLO, STEP_DELIVERED);
    assert_int_equal(e->dns.mx_questions, 2); /* shared, not kept */
}

static void many_who_ask_a_server_that_dies_are_all_told(void **state)
{
    struct engine *e = *state;
    struct wire *clients[8];
    engine_start(e);
    fake_dns_die(&e->dns);
    WAIT(e, !e->dns.alive);
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        wire_say(clients[i], "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\n");
    }
    for (size_t i = 0; i < COUNT(clients); i++) {
        const char *reply = client_reply(clients[i]);
        if (reply[0] == '2') /* before it was noticed */
            EXPECT(clients[i], "451 4.4.3 ");
        else
            assert_memory_equal(reply, "451 4.4.3 ", 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_name_server_that_dies_between_mails_is_noticed_and_so_is_its_return),
        ENGINE_TEST(without_a_name_server_at_start_nothing_is_accepted_until_one_comes),
        ENGINE_TEST(a_look_finds_the_internet_gone_and_back_and_the_light_is_green_again),
        ENGINE_TEST(a_name_server_that_dies_while_the_address_is_asked_is_451),
        ENGINE_TEST(a_name_server_that_refuses_means_connected_and_451),
        ENGINE_TEST(a_domain_whose_question_alone_is_not_answered_is_no_lost_network),
        ENGINE_TEST(a_name_server_may_take_seconds_for_a_domain_that_it_has_to_look_for),
        ENGINE_TEST(a_host_that_is_only_an_alias_is_asked_for_by_its_name),
        ENGINE_TEST(a_question_that_comes_back_is_no_answer),
        ENGINE_TEST(a_look_during_a_look_is_not_lost),
        ENGINE_TEST(what_the_name_server_says_of_a_domain_is_the_verdict),
        ENGINE_TEST(a_name_server_that_does_not_hear_edns_is_asked_without),
        ENGINE_TEST(a_name_server_that_begins_not_to_hear_edns_is_noticed_by_the_next_mail),
        ENGINE_TEST(many_who_ask_at_once_share_one_question),
        ENGINE_TEST(many_who_ask_a_server_that_dies_are_all_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
