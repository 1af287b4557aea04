/* SPDX-License-Identifier: MIT */
/*
 * A good neighbour (contract, section 5.11): twenty connections to one destination and a queue, connections
 * used again, those that have died meanwhile replaced, several transactions where recipients are limited, QUIT for all who
 * are in step.
 */

#include "engine.h"

#include "leg.h"
#include "pool.h"
#include "transaction.h"

#define CROWD (POOL_CONNECTIONS_MAX + 3)

/* As many sessions as there are places have their recipient taken, three more wait. */
static void fill(struct engine *e, struct wire *clients[CROWD])
{
    engine_start(e);
    for (unsigned i = 0; i < CROWD; i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        if (i < POOL_CONNECTIONS_MAX)
            ASK(clients[i], "RCPT TO:<you@one.test>", "250 ");
        else
            wire_say(clients[i], "RCPT TO:<you@one.test>\r\n");
    }
    WAIT(e, e->status.mails_in_progress == CROWD && e->relay->pool.hosts->waiting &&
                e->relay->pool.hosts->waiting->next_waiting &&
                e->relay->pool.hosts->waiting->next_waiting->next_waiting);
    assert_int_equal(e->mx[0].open_count, POOL_CONNECTIONS_MAX);
}

static void who_finds_no_place_waits_and_gets_the_connection_of_who_is_done(void **state)
{
    struct engine *e = *state;
    struct wire *clients[CROWD];
    fill(e, clients);
    for (unsigned i = 0; i < CROWD; i++) {
        if (i >= POOL_CONNECTIONS_MAX) /* in the order in which they came */
            EXPECT(clients[i], "250 ");
        ASK(clients[i], "DATA", "354 ");
        ASK(clients[i], "Subject: x\r\n\r\nx\r\n.", "250 ");
    }
    assert_int_equal(e->mx[0].mail_count, CROWD);
    assert_int_equal(e->mx[0].session_count, POOL_CONNECTIONS_MAX);
    assert_int_equal(e->mx[0].open_most, POOL_CONNECTIONS_MAX);
}

static void who_waits_gets_the_place_of_a_connection_that_dies(void **state)
{
    struct engine *e = *state;
    struct wire *clients[CROWD];
    fill(e, clients);
    wire_close(e->mx[0].sessions[4].wire);
    wire_break(e->mx[0].sessions[5].wire);
    EXPECT(clients[POOL_CONNECTIONS_MAX], "250 ");
    EXPECT(clients[POOL_CONNECTIONS_MAX + 1], "250 ");
    assert_int_equal(e->relay->pool.hosts->places_taken, POOL_CONNECTIONS_MAX);
}

static void who_waits_gets_the_place_of_a_client_that_resets_or_vanishes(void **state)
{
    struct engine *e = *state;
    struct wire *clients[CROWD];
    fill(e, clients);
    ASK(clients[0], "RSET", "250 ");
    EXPECT(clients[POOL_CONNECTIONS_MAX], "250 ");
    wire_break(clients[1]);
    EXPECT(clients[POOL_CONNECTIONS_MAX + 1], "250 ");
    wire_break(clients[POOL_CONNECTIONS_MAX + 2]); /* from the queue */
    WAIT(e, !e->relay->pool.hosts->waiting);
    assert_int_equal(e->mx[0].open_most, POOL_CONNECTIONS_MAX);
}

static void who_waits_for_a_place_too_long_is_told_451(void **state)
{
    struct engine *e = *state;
    struct wire *clients[CROWD];
    e->relay->config.patience_s = 1;
    fill(e, clients);
    for (unsigned i = POOL_CONNECTIONS_MAX; i < CROWD; i++)
        EXPECT(clients[i], "451 4.4.7 ");
    ASK(clients[0], "RSET", "250 ");
    for (unsigned i = POOL_CONNECTIONS_MAX; i < CROWD; i++)
        ASK(clients[i], "DATA", "554 ");
    ASK(clients[POOL_CONNECTIONS_MAX], "RCPT TO:<other@one.test>", "250 ");
}

static void another_destination_has_places_of_its_own(void **state)
{
    struct engine *e = *state;
    struct wire *clients[CROWD];
    fill(e, clients);
    client_deliver(client_welcome(e), "you@two.test");
}

static void mails_one_after_another_go_over_one_connection(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    client_deliver(client, "you@one.test");
    client_deliver(client_welcome(e), "other@one.test");
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "RSET", "250 ");
    client_deliver(client, "you@one.test");
    assert_int_equal(e->mx[0].mail_count, 4);
    assert_int_equal(e->mx[0].session_count, 1);
    assert_int_equal(fake_mx_heard(&e->mx[0], "RSET"), 1);
}

/* The connection turns out to be dead when it is used again: that says nothing of the host. */
static void stale(struct engine *e, const char *at, const char *how)
{
    engine_start(e);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    fake_mx_rule(&e->mx[0], at, how, 1);
    client_deliver(client, "you@one.test");
    assert_int_equal(e->mx[0].mail_count, 2); /* once each */
    assert_int_equal(e->mx[0].session_count, 2);
    assert_null(engine_event(e, EVENT_FAILED, NULL));
}

static void a_connection_closed_meanwhile_is_replaced_at_mail(void **state)
{
    stale(*state, "MAIL", FAKE_MX_CLOSES);
}

static void a_connection_broken_meanwhile_is_replaced_at_mail(void **state)
{
    stale(*state, "MAIL", FAKE_MX_BREAKS);
}

static void a_server_that_takes_its_leave_at_mail_is_connected_again(void **state)
{
    stale(*state, "MAIL", "421 4.4.2 too late");
}

static void a_server_that_takes_one_mail_on_each_connection_is_connected_again(void **state)
{
    stale(*state, "MAIL", "451 4.3.0 one mail on each connection");
}

static void a_server_that_has_lost_its_way_is_connected_again(void **state)
{
    stale(*state, "MAIL", "503 5.5.1 nested MAIL");
}

static void a_connection_that_dies_at_rcpt_is_replaced(void **state)
{
    stale(*state, "RCPT", FAKE_MX_CLOSES);
}

static void a_connection_that_dies_at_data_is_replaced(void **state)
{
    stale(*state, "DATA", FAKE_MX_BREAKS);
}

static void an_idle_connection_that_the_server_closes_is_forgotten(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    wire_close(e->mx[0].sessions[0].wire);
    WAIT(e, !e->relay->outbounds && !e->relay->pool.hosts);
    client_deliver(client, "you@one.test");
    assert_int_equal(e->mx[0].session_count, 2);
}

/* After the final dot there is no second try (section 5.7). */
static void a_connection_that_dies_after_the_dot_is_not_replaced(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    fake_mx_rule(&e->mx[0], ".", FAKE_MX_CLOSES, 1);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "451 4.4.2 ");
    WAIT(e, engine_event(e, EVENT_FAILED, "you@one.test"));
    assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_LOST_AFTER_DOT);
    assert_int_equal(e->mx[0].session_count, 1);
}

static void a_limit_of_recipients(struct engine *e, const char *reply)
{
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT TO:<b@one.test>", reply, 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    ASK(client, "RCPT TO:<b@one.test>", "250 ");
    ASK(client, "RCPT TO:<c@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[0].mail_count, 2);
    bool first = strcmp(e->mx[0].mails[0].recipients, "RCPT TO:<a@one.test>\n") == 0;
    assert_string_equal(e->mx[0].mails[first ? 0 : 1].recipients, "RCPT TO:<a@one.test>\n");
    assert_string_equal(e->mx[0].mails[first ? 1 : 0].recipients,
                        "RCPT TO:<b@one.test>\nRCPT TO:<c@one.test>\n");
}

static void a_host_that_limits_recipients_gets_several_transactions(void **state)
{
    a_limit_of_recipients(*state, "452 4.5.3 too many");
}

/* RFC 5321 section 4.5.3.1.10: as RFC 821 had it, and to be taken for 452. */
static void a_host_that_limits_recipients_by_552_gets_several_transactions(void **state)
{
    a_limit_of_recipients(*state, "552 too many recipients");
}

static void a_full_mailbox(struct engine *e, const char *reply, const char *told, unsigned sessions)
{
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT TO:<b@one.test>", reply, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    wire_say(client, "RCPT TO:<b@one.test>\r\n");
    const char *got = client_reply(client);
    HOLDS(strncmp(got, told, strlen(told)) == 0, "%s: %s", reply, got);
    assert_int_equal(e->mx[0].session_count, sessions);
}

static void a_full_disk_is_no_limit_of_recipients(void **state)
{
    a_full_mailbox(*state, "452 4.2.2 full", "452 4.2.2 ", 1);
}

static void a_full_mailbox_is_no_limit_of_recipients(void **state)
{
    a_full_mailbox(*state, "552 5.2.2 full", "552 5.2.2 ", 1);
}

static void a_full_mailbox_without_a_code_is_found_out(void **state)
{
    a_full_mailbox(*state, "552 mailbox full", "552 5.0.0 ", 2);
}

/* However long the name server thinks about the question that they share. */
static void who_asked_first_gets_the_places(void **state)
{
    struct engine *e = *state;
    struct wire *clients[POOL_CONNECTIONS_MAX + 2];
    char command[64];
    engine_start(e);
    e->dns.mood = FAKE_DNS_HOLDS;
    for (unsigned i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        snprintf(command, sizeof command, "RCPT TO:<you%u@one.test>\r\n", i);
        wire_say(clients[i], command);
        WAIT(e, e->relay->transactions->legs);
    }
    fake_dns_release(&e->dns);
    for (unsigned i = 0; i < POOL_CONNECTIONS_MAX; i++)
        EXPECT(clients[i], "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT TO:<you20@"), 0);
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT TO:<you21@"), 0);
    wire_close(clients[0]);
    EXPECT(clients[POOL_CONNECTIONS_MAX], "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT TO:<you21@"), 0);
}

/* One mail to as many domains as make a CROWD, all of the servers one and two; each RCPT is answered at once. */
static struct wire *name_a_domain_each(struct engine *e)
{
    static char domains[CROWD][16];
    engine_start(e);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    for (unsigned i = 0; i < CROWD; i++) {
        char command[64];
        snprintf(domains[i], sizeof domains[i], "d%u.test", i);
        fake_dns_add_mx(&e->dns, domains[i], 10, "mx.one.test");
        fake_dns_add_mx(&e->dns, domains[i], 20, "mx.two.test");
        snprintf(command, sizeof command, "RCPT TO:<you@%s>\r\n", domains[i]);
        wire_say(client, command);
        EXPECT(client, "250 ");
    }
    assert_int_equal(e->mx[0].session_count, POOL_CONNECTIONS_MAX);
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT"), CROWD);
    return client;
}

static void a_mail_never_waits_for_a_place_that_it_has_itself(void **state)
{
    struct engine *e = *state;
    struct wire *client = name_a_domain_each(e);
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[0].mail_count, POOL_CONNECTIONS_MAX);
    assert_int_equal(engine_event_count(e, EVENT_DELIVERED), CROWD);
}

/* Who went along goes on along. */
static void those_who_share_a_place_are_all_begun_anew_when_its_connection_dies(void **state)
{
    struct engine *e = *state;
    struct wire *client = name_a_domain_each(e);
    wire_break(e->mx[0].sessions[POOL_CONNECTIONS_MAX - 1].wire);
    WAIT(e, fake_mx_heard(&e->mx[1], "RCPT") == CROWD - POOL_CONNECTIONS_MAX + 1);
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[0].mail_count, POOL_CONNECTIONS_MAX - 1);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_int_equal(engine_event_count(e, EVENT_DELIVERED), CROWD);
}

static unsigned count_of_waiting(const struct engine *e)
{
    const struct pool_host *host = e->relay->pool.hosts;
    unsigned count = 0;
    for (const struct leg *leg = host ? host->waiting : NULL; leg; leg = leg->next_waiting)
        count++;
    return count;
}

/* When they come all places are still being reset: nobody is there yet to go along with. */
static void those_who_waited_before_one_of_their_mail_had_a_place_go_along_as_well(void **state)
{
    struct engine *e = *state;
    struct wire *client = name_a_domain_each(e);
    fake_mx_rule(&e->mx[0], "RSET", FAKE_MX_SILENT, 0);
    ASK(client, "RSET", "250 ");
    wire_say(client, "MAIL FROM:<me@here.test>\r\n");
    for (unsigned i = 0; i < CROWD; i++) {
        char command[64];
        snprintf(command, sizeof command, "RCPT TO:<they@d%u.test>\r\n", i);
        wire_say(client, command);
    }
    EXPECT(client, "250 "); /* MAIL */
    WAIT(e, count_of_waiting(e) == CROWD && fake_mx_heard(&e->mx[0], "RSET") == POOL_CONNECTIONS_MAX);
    for (unsigned i = 0; i < POOL_CONNECTIONS_MAX; i++)
        fake_mx_say(&e->mx[0].sessions[i], "250 reset");
    for (unsigned i = 0; i < CROWD; i++)
        EXPECT(client, "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT TO:<they@"), CROWD);
}

/* Server one for other.test as well, but another one behind it. */
static void a_mail_that_cannot_go_along_and_has_all_places_is_told_so_at_once(void **state)
{
    struct engine *e = *state;
    struct wire *client = name_a_domain_each(e);
    fake_dns_add_mx(&e->dns, "other.test", 10, "mx.one.test");
    fake_dns_add_mx(&e->dns, "other.test", 20, "mx.three.test");
    ASK(client, "RCPT TO:<you@other.test>", "451 4.3.2 ");
    ASK(client, "RSET", "250 ");
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@other.test>", "250 ");
}

/* ---- QUIT for who refuses us (RFC 5321 sections 3.1 and 4.1.1.10) ---- */

static void a_server_that_refuses_us_hears_quit(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *begins, *reply, *expected;
    } rows[] = {
        {"CONNECT", "554 5.7.1 go away", "554 5.7.1 "},
        {"CONNECT", "450 4.3.2 later", "450 4.3.2 "},
        {"EHLO", "450 4.3.2 later", "450 4.3.2 "},
        {"?HLO", "554 5.7.1 go away", "554 5.7.1 "},
    };
    engine_start(e);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct wire *client = client_welcome(e);
        if (rows[i].begins[0] == '?') {
            fake_mx_rule(&e->mx[0], "EHLO", rows[i].reply, 0);
            fake_mx_rule(&e->mx[0], "HELO", rows[i].reply, 0);
        } else {
            fake_mx_rule(&e->mx[0], rows[i].begins, rows[i].reply, 0);
        }
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        ASK(client, "RCPT TO:<you@one.test>", rows[i].expected);
        WAIT(e, e->mx[0].open_count == 0 && !e->relay->outbounds);
        HOLDS(fake_mx_heard(&e->mx[0], "QUIT") == i + 1, "%s %s", rows[i].begins, rows[i].reply);
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
}

static void a_server_that_says_no_to_starttls_hears_quit_and_is_asked_in_clear(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[0].abilities = "250-STARTTLS\r\n";
    fake_mx_rule(&e->mx[0], "STARTTLS", "454 4.7.0 not now", 0);
    client_deliver(client_welcome(e), "you@one.test");
    WAIT(e, fake_mx_heard(&e->mx[0], "QUIT") == 1 && e->mx[0].open_count == 1);
    assert_int_equal(e->mx[0].session_count, 2);
}

/* Many go at once when they have said no; HELO finds nobody. */
static void what_a_server_said_to_ehlo_before_it_went_is_told(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *ehlo, *helo, *expected;
    } rows[] = {
        {"550 5.7.1 your address is listed", FAKE_MX_CLOSES, "550 5.7.1 "},
        {"554 your address is listed", FAKE_MX_BREAKS, "554 "},
        {"502 what?", FAKE_MX_CLOSES, "451 4.4.2 "}, /* no reason against us */
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fake_mx_rule(&e->mx[0], "EHLO", rows[i].ehlo, 0);
        fake_mx_rule(&e->mx[0], "HELO", rows[i].helo, 0);
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        wire_say(client, "RCPT TO:<you@one.test>\r\n");
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, rows[i].expected, strlen(rows[i].expected)) == 0, "%s: %s", rows[i].ehlo, reply);
        HOLDS(i == 2 || strstr(reply, "your address is listed"), "%s: %s", rows[i].ehlo, reply);
        WAIT(e, !e->relay->outbounds);
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
}

/* ---- BDAT offered by a server, and not known to what stands before it (RFC 3030) ---- */

static void who_does_not_know_the_bdat_it_offers_gets_data_the_next_time(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[0].abilities = "250-PIPELINING\r\n250-CHUNKING\r\n";
    fake_mx_rule(&e->mx[0], ".", "500 5.5.1 unrecognized command", 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "451 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "DATA"), 0);
    client_deliver(client, "you@one.test");
    assert_int_equal(fake_mx_heard(&e->mx[0], "DATA"), 1);
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void a_refusal_of_the_mail_itself_is_final_by_bdat_as_well(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[0].abilities = "250-PIPELINING\r\n250-CHUNKING\r\n";
    fake_mx_rule(&e->mx[0], ".", "554 5.7.1 no", 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "554 5.7.1 ");
    client_deliver(client, "you@one.test");
    assert_int_equal(fake_mx_heard(&e->mx[0], "DATA"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(who_finds_no_place_waits_and_gets_the_connection_of_who_is_done),
        ENGINE_TEST(who_waits_gets_the_place_of_a_connection_that_dies),
        ENGINE_TEST(who_waits_gets_the_place_of_a_client_that_resets_or_vanishes),
        ENGINE_TEST(who_waits_for_a_place_too_long_is_told_451),
        ENGINE_TEST(another_destination_has_places_of_its_own),
        ENGINE_TEST(mails_one_after_another_go_over_one_connection),
        ENGINE_TEST(a_connection_closed_meanwhile_is_replaced_at_mail),
        ENGINE_TEST(a_connection_broken_meanwhile_is_replaced_at_mail),
        ENGINE_TEST(a_server_that_takes_its_leave_at_mail_is_connected_again),
        ENGINE_TEST(a_server_that_takes_one_mail_on_each_connection_is_connected_again),
        ENGINE_TEST(a_server_that_has_lost_its_way_is_connected_again),
        ENGINE_TEST(a_connection_that_dies_at_rcpt_is_replaced),
        ENGINE_TEST(a_connection_that_dies_at_data_is_replaced),
        ENGINE_TEST(an_idle_connection_that_the_server_closes_is_forgotten),
        ENGINE_TEST(a_connection_that_dies_after_the_dot_is_not_replaced),
        ENGINE_TEST(a_host_that_limits_recipients_gets_several_transactions),
        ENGINE_TEST(a_host_that_limits_recipients_by_552_gets_several_transactions),
        ENGINE_TEST(a_full_disk_is_no_limit_of_recipients),
        ENGINE_TEST(a_full_mailbox_is_no_limit_of_recipients),
        ENGINE_TEST(a_full_mailbox_without_a_code_is_found_out),
        ENGINE_TEST(who_asked_first_gets_the_places),
        ENGINE_TEST(a_mail_never_waits_for_a_place_that_it_has_itself),
        ENGINE_TEST(those_who_share_a_place_are_all_begun_anew_when_its_connection_dies),
        ENGINE_TEST(those_who_waited_before_one_of_their_mail_had_a_place_go_along_as_well),
        ENGINE_TEST(a_mail_that_cannot_go_along_and_has_all_places_is_told_so_at_once),
        ENGINE_TEST(a_server_that_refuses_us_hears_quit),
        ENGINE_TEST(a_server_that_says_no_to_starttls_hears_quit_and_is_asked_in_clear),
        ENGINE_TEST(what_a_server_said_to_ehlo_before_it_went_is_told),
        ENGINE_TEST(who_does_not_know_the_bdat_it_offers_gets_data_the_next_time),
        ENGINE_TEST(a_refusal_of_the_mail_itself_is_final_by_bdat_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
