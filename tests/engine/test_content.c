/* SPDX-License-Identifier: MIT */
/*
 * Content streams through (contract, section 5.2): a server that reads nothing stops the client, memory
 * stays small, and whatever happens to one server the other gets the whole mail.
 */

#include "engine.h"

#include "inbound.h"
#include "leg.h"
#include "outbound.h"
#include "transaction.h"

#define BLOCK 16384u
#define MAIL_BLOCKS 1024u /* 16 MB: more than all buffers together */
#define HELD_MAX (512u * 1024)
#define TAKEN_MAX (2u * 1024 * 1024) /* by the relay and by all sockets on the way */
#define QUIET_MS 150

/* ---- a client with a big mail ---- */

struct sender {
    struct wire *wire;
    unsigned said; /* blocks */
};

static const char headers[] =
    "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <x@x>\r\nSubject: big\r\n\r\n";

/* Line 7 of each block begins with a dot, which is doubled on the way. */
static void write_block(char *block, unsigned number)
{
    for (unsigned line = 0; line < BLOCK / 64; line++) {
        char text[80];
        snprintf(text, sizeof text, "%c%05u.%04u ", line == 7 ? '.' : 'x', number, line);
        memset(block + line * 64, 'y', 62);
        memcpy(block + line * 64, text, strlen(text));
        memcpy(block + line * 64 + 62, "\r\n", 2);
    }
}

static void say_block(struct sender *s)
{
    static char block[BLOCK + 1];
    write_block(block, s->said++);
    size_t dot = 7 * 64;
    wire_send(s->wire, block, dot);
    wire_send(s->wire, ".", 1);
    wire_send(s->wire, block + dot, BLOCK - dot);
}

/* Says more whenever the system has taken what was said before. */
static bool say_all(struct sender *s)
{
    if (s->said < MAIL_BLOCKS && s->wire->writing < 3)
        say_block(s);
    return s->said == MAIL_BLOCKS && s->wire->writing == 0;
}

static bool has_arrived_whole(struct fake_mx_mail *mail)
{
    static char block[BLOCK];
    struct span rest = buf_span(&mail->content), body = rest;
    while (body.length > 0 && !span_starts_nocase(body, SPAN("Subject: big\r\n\r\n")))
        body = span_skip(body, 1);
    body = span_skip(body, strlen("Subject: big\r\n\r\n"));
    for (unsigned i = 0; i < MAIL_BLOCKS; i++) {
        write_block(block, i);
        if (!span_equals(span_first(body, BLOCK), span_make(block, BLOCK)))
            return false;
        body = span_skip(body, BLOCK);
    }
    return body.length == 0;
}

/* Nothing moves any more: what was taken has stayed the same for a while. */
struct quiet {
    uv_timer_t timer;
    bool over, closed;
};

static void on_quiet(uv_timer_t *timer)
{
    struct quiet *quiet = timer->data;
    quiet->over = true;
}

static void on_quiet_closed(uv_handle_t *handle)
{
    struct quiet *quiet = handle->data;
    quiet->closed = true;
}

static void say_until_quiet(struct engine *e, struct sender *s)
{
    struct quiet quiet = {.over = false};
    uint64_t seen = UINT64_MAX;
    uv_timer_init(&e->loop, &quiet.timer);
    quiet.timer.data = &quiet;
    engine_watch(e);
    while (!quiet.over && !e->too_long && !say_all(s)) {
        /* Quiet is a relay that does not read, and not one whose machine had no time for it. */
        if (seen != s->wire->written || e->relay->inbounds->peer.reading) {
            seen = s->wire->written;
            uv_timer_start(&quiet.timer, on_quiet, QUIET_MS, 0);
        }
        engine_turn(e);
    }
    uv_close((uv_handle_t *)&quiet.timer, on_quiet_closed);
    while (!quiet.closed)
        uv_run(&e->loop, UV_RUN_NOWAIT);
    assert_false(e->too_long);
}

/* What the relay itself keeps of the only mail; what the system's sockets keep is theirs. */
static size_t held_bytes(const struct engine *e)
{
    const struct inbound *inbound = e->relay->inbounds;
    size_t held = inbound->unread.capacity;
    uint64_t written = message_size(inbound->transaction->message), slowest = written;
    for (const struct leg *leg = inbound->transaction->legs; leg; leg = leg->next) {
        slowest = leg->reader.position < slowest ? leg->reader.position : slowest;
        held += outbound_unsent_bytes(leg->outbound);
    }
    return held + (size_t)(written - slowest);
}

static struct sender begin(struct engine *e, const char *second)
{
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    if (second) {
        wire_say(client, second);
        EXPECT(client, "250 ");
    }
    ASK(client, "DATA", "354 ");
    wire_say(client, headers);
    return (struct sender){.wire = client};
}

/* ---- one server ---- */

static void a_server_that_reads_nothing_stops_the_client(struct engine *e, const char *abilities)
{
    engine_start(e);
    e->mx[0].abilities = abilities;
    e->mx[0].reads_no_content = true;
    struct sender sender = begin(e, NULL);
    say_until_quiet(e, &sender);
    HOLDS(held_bytes(e) < HELD_MAX, "%u kB", (unsigned)(held_bytes(e) / 1024));
    HOLDS(sender.wire->written < TAKEN_MAX, "%u kB", (unsigned)(sender.wire->written / 1024));
    assert_false(e->relay->inbounds->peer.reading);
    assert_true(sender.said < MAIL_BLOCKS);
    assert_int_equal(engine_event_count(e, EVENT_FAILED), 0);

    fake_mx_read_on(&e->mx[0]);
    WAIT(e, say_all(&sender));
    ASK(sender.wire, ".", "250 ");
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_true(has_arrived_whole(&e->mx[0].mails[0]));
}

static void a_server_that_reads_nothing_stops_the_client_with_data(void **state)
{
    a_server_that_reads_nothing_stops_the_client(*state, "250-PIPELINING\r\n");
}

static void a_server_that_reads_nothing_stops_the_client_with_chunks(void **state)
{
    struct engine *e = *state;
    a_server_that_reads_nothing_stops_the_client(e, "250-PIPELINING\r\n250-CHUNKING\r\n");
    assert_int_equal(fake_mx_heard(&e->mx[0], "DATA"), 0);
}

static void a_server_that_refuses_amid_content_is_quoted_at_the_end(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct sender sender = begin(e, NULL);
    for (int i = 0; i < 20; i++)
        say_block(&sender);
    WAIT(e, e->mx[0].sessions[0].mail.content.length > 10 * BLOCK);
    fake_mx_put(&e->mx[0].sessions[0], "552 5.3.4 enough of that\r\n");
    WAIT(e, engine_event(e, EVENT_FAILED, "a@one.test"));
    WAIT(e, say_all(&sender));
    ASK(sender.wire, ".", "552 5.3.4 ");
    ASK(sender.wire, "NOOP", "250 ");
}

/* ---- two servers ---- */

static void the_slower_of_two_servers_sets_the_pace_and_both_get_everything(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[1].reads_no_content = true;
    e->mx[1].abilities = "250-PIPELINING\r\n250-CHUNKING\r\n";
    struct sender sender = begin(e, "RCPT TO:<b@two.test>\r\n");
    say_until_quiet(e, &sender);
    HOLDS(held_bytes(e) < HELD_MAX, "%u kB", (unsigned)(held_bytes(e) / 1024));
    assert_true(sender.said < MAIL_BLOCKS);
    assert_true(e->mx[0].sessions[0].mail.content.length > 0); /* the fast one is not kept from its part */
    fake_mx_read_on(&e->mx[1]);
    WAIT(e, say_all(&sender));
    ASK(sender.wire, ".", "250 ");
    assert_true(e->mx[0].mail_count == 1 && e->mx[1].mail_count == 1);
    assert_true(has_arrived_whole(&e->mx[0].mails[0]) && has_arrived_whole(&e->mx[1].mails[0]));
}

/* Some took the mail: 4xx would have the client send it to them again (section 5.4). */
static void expect_no_resend(struct sender *sender)
{
    wire_say(sender->wire, ".\r\n");
    const char *reply = client_reply(sender->wire);
    HOLDS(reply[0] == '2' || reply[0] == '5', "%s", reply);
}

static void when_one_of_two_servers_dies_amid_content_the_other_gets_everything(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct sender sender = begin(e, "RCPT TO:<b@two.test>\r\n");
    for (int i = 0; i < 20; i++)
        say_block(&sender);
    WAIT(e, e->mx[1].sessions[0].mail.content.length > 10 * BLOCK);
    wire_break(e->mx[1].sessions[0].wire);
    WAIT(e, engine_event(e, EVENT_FAILED, "b@two.test"));
    WAIT(e, say_all(&sender));
    expect_no_resend(&sender);
    assert_true(e->mx[0].mail_count == 1 && e->mx[1].mail_count == 0);
    assert_true(has_arrived_whole(&e->mx[0].mails[0]));
    WAIT(e, engine_event(e, EVENT_DELIVERED, "a@one.test"));
    assert_int_equal(e->mx[1].session_count, 1); /* content had gone out: no second try */
}

static void when_the_server_that_held_up_the_client_dies_the_client_goes_on(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[1].reads_no_content = true;
    struct sender sender = begin(e, "RCPT TO:<b@two.test>\r\n");
    say_until_quiet(e, &sender);
    wire_break(e->mx[1].sessions[0].wire);
    WAIT(e, say_all(&sender));
    expect_no_resend(&sender);
    assert_true(has_arrived_whole(&e->mx[0].mails[0]));
}

static void when_all_servers_die_amid_content_the_rest_is_swallowed_and_answered(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct sender sender = begin(e, "RCPT TO:<b@two.test>\r\n");
    for (int i = 0; i < 20; i++)
        say_block(&sender);
    WAIT(e, e->mx[0].sessions[0].mail.content.length > 0 && e->mx[1].sessions[0].mail.content.length > 0);
    wire_break(e->mx[0].sessions[0].wire);
    wire_close(e->mx[1].sessions[0].wire);
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 2);
    WAIT(e, say_all(&sender));
    ASK(sender.wire, ".", "451 4.4.2 ");
    client_deliver(sender.wire, "a@one.test");
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* Each holds a window only, but there may be thousands of them, and the server that is slow may be in league. */
static void many_big_mails_to_a_server_that_reads_nothing_hold_no_more_than_they_may(void **state)
{
    struct engine *e = *state;
    struct sender senders[6];
    engine_start(e);
    e->relay->content_max_bytes = 2 * HELD_MAX;
    e->mx[0].reads_no_content = true;
    for (size_t i = 0; i < COUNT(senders); i++)
        senders[i] = begin(e, NULL);
    for (unsigned i = 0; i < COUNT(senders); i++)
        for (senders[i].said = i; senders[i].said < i + 64;) /* each is another mail */
            say_block(&senders[i]);
    WAIT(e, engine_event_count(e, EVENT_FAILED) > 0); /* four windows are what there is */
    assert_true(e->relay->content_bytes <= 2 * HELD_MAX + COUNT(senders) * BLOCK); /* each has a little */
    assert_int_equal(engine_event(e, EVENT_FAILED, "a@one.test")->outcome.fault, OUTCOME_FAULT_NO_MEMORY);
    unsigned before = e->mx[1].mail_count;
    struct wire *other = client_welcome(e); /* a small mail of somebody else's */
    client_deliver(other, "b@two.test");
    assert_int_equal(e->mx[1].mail_count, before + 1);

    fake_mx_read_on(&e->mx[0]);
    unsigned refused = 0;
    for (size_t i = 0; i < COUNT(senders); i++) {
        wire_say(senders[i].wire, ".\r\n");
        const char *reply = client_reply(senders[i].wire);
        HOLDS(strncmp(reply, "250 ", 4) == 0 || strncmp(reply, "451 4.3.0 ", 10) == 0, "%s", reply);
        refused += reply[0] == '4';
    }
    assert_true(refused > 0 && refused < COUNT(senders));
    assert_int_equal(e->mx[0].mail_count, COUNT(senders) - refused);
    assert_int_equal(e->relay->content_bytes, 0);
}

/* Commands, too, while an answer is awaited. */
static void many_clients_that_do_not_wait_for_answers_hold_no_more_than_they_may(void **state)
{
    static const char noise[] =
        "NOOP                                                                    \r\n";
    struct engine *e = *state;
    struct wire *clients[16];
    engine_start(e);
    e->relay->content_max_bytes = HELD_MAX;
    e->dns.mood = FAKE_DNS_HOLDS;
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = client_welcome(e);
        ASK(clients[i], "MAIL FROM:<me@here.test>", "250 ");
        wire_say(clients[i], "RCPT TO:<you@one.test>\r\n");
        WAIT(e, e->dns.held_count > 0);
        for (unsigned said = 0; said < 64 * 1024; said += sizeof noise - 1)
            wire_say(clients[i], noise);
    }
    for (size_t i = COUNT(clients) / 2; i < COUNT(clients); i++) { /* who came late found no room */
        EXPECT(clients[i], "421 ");
        WAIT_CLOSED(clients[i]);
    }
    assert_true(e->relay->content_bytes <= HELD_MAX + COUNT(clients) * 2 * BLOCK);
    fake_dns_release(&e->dns);
    EXPECT(clients[0], "250 "); /* RCPT */
    EXPECT(clients[0], "250 "); /* NOOP */
    for (size_t i = 0; i < COUNT(clients); i++)
        wire_close(clients[i]);
    WAIT(e, engine_is_empty(e));
    assert_int_equal(e->relay->content_bytes, 0);
    client_deliver(client_welcome(e), "you@one.test");
}

static void exit_with_a_client_that_is_held_up(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[0].reads_no_content = true;
    struct sender sender = begin(e, NULL);
    say_until_quiet(e, &sender);
    engine_exit(e);
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void a_client_that_vanishes_while_it_is_held_up_is_noticed_when_the_server_goes_on(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->mx[0].reads_no_content = true;
    struct sender sender = begin(e, NULL);
    say_until_quiet(e, &sender);
    wire_break(sender.wire);
    fake_mx_read_on(&e->mx[0]);
    WAIT(e, engine_is_empty(e));
    WAIT(e, e->mx[0].open_count == 0);
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void the_receipt_quotes_each_server_once(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], ".", "250 2.0.0 one has it", 1);
    fake_mx_rule(&e->mx[1], ".", "250 2.0.0 two has it", 1);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@one.test>", "250 ");
    ASK(client, "RCPT TO:<b@two.test>", "250 ");
    ASK(client, "RCPT TO:<c@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, "Subject: x\r\n\r\nx\r\n.\r\n");
    assert_string_equal(client_reply(client),
                        "250 2.0.0 mx.one.test said: one has it; mx.two.test said: two has it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(the_receipt_quotes_each_server_once),
        ENGINE_TEST(a_server_that_reads_nothing_stops_the_client_with_data),
        ENGINE_TEST(a_server_that_reads_nothing_stops_the_client_with_chunks),
        ENGINE_TEST(a_server_that_refuses_amid_content_is_quoted_at_the_end),
        ENGINE_TEST(the_slower_of_two_servers_sets_the_pace_and_both_get_everything),
        ENGINE_TEST(when_one_of_two_servers_dies_amid_content_the_other_gets_everything),
        ENGINE_TEST(when_the_server_that_held_up_the_client_dies_the_client_goes_on),
        ENGINE_TEST(when_all_servers_die_amid_content_the_rest_is_swallowed_and_answered),
        ENGINE_TEST(many_big_mails_to_a_server_that_reads_nothing_hold_no_more_than_they_may),
        ENGINE_TEST(many_clients_that_do_not_wait_for_answers_hold_no_more_than_they_may),
        ENGINE_TEST(exit_with_a_client_that_is_held_up),
        ENGINE_TEST(a_client_that_vanishes_while_it_is_held_up_is_noticed_when_the_server_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
