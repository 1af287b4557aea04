/* SPDX-License-Identifier: MIT */
/*
 * Every time-out of src/net/timeouts.h, in milliseconds instead of minutes: who says nothing is told so,
 * nothing is delivered, and the connection goes. `naming` is not here: it needs a public address.
 */

#include "engine.h"
#include "smtp/server.h"

#define SHORT_MS 200

/* ---- the client is silent (RFC 5321 section 4.5.3.2.7) ---- */

static void a_client_that_says_nothing_gets_421_at_any_step(void **state)
{
    struct engine *e = *state;
    const enum step steps[] = {STEP_CONNECTED, STEP_HELLO, STEP_LOGIN, STEP_HALF_COMMAND,
                               STEP_MAIL,      STEP_RCPT,  STEP_DATA,  STEP_HALF_CONTENT};
    engine_start(e);
    for (size_t i = 0; i < COUNT(steps); i++) {
        e->relay->timeouts.client_silence_ms = ENGINE_PATIENCE_MS * 2;
        if (steps[i] == STEP_CONNECTED)
            e->relay->timeouts.client_silence_ms = SHORT_MS;
        struct wire *client = client_open(e);
        if (steps[i] == STEP_CONNECTED) {
            EXPECT(client, "220 ");
        } else {
            client_walk(client, STEP_CONNECTED, steps[i] - 1);
            e->relay->timeouts.client_silence_ms = SHORT_MS;
            client_walk(client, steps[i] - 1, steps[i]);
        }
        EXPECT(client, "421 ");
        WAIT_CLOSED(client);
        WAIT(e, engine_is_empty(e)); /* although the client does not close (client_parting) */
        HOLDS(e->mx[0].mail_count == 0, "%s", step_names[steps[i]]);
        HOLDS(fake_mx_heard(&e->mx[0], ".") == 0, "no end of a half mail: %s", step_names[steps[i]]);
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
    WAIT(e, engine_event_count(e, EVENT_FAILED) == 2); /* the mails that had their 354 */
}

static void a_client_is_not_silent_while_it_waits_for_the_server(void **state)
{
    struct engine *e = *state;
    const enum step steps[] = {STEP_RCPT_ASKED, STEP_DATA_ASKED, STEP_END_ASKED};
    engine_start(e);
    e->relay->config.patience_s = 1;
    for (size_t i = 0; i < COUNT(steps); i++) {
        e->relay->timeouts.client_silence_ms = ENGINE_PATIENCE_MS * 2;
        struct wire *client = client_open(e);
        client_walk(client, STEP_CONNECTED, steps[i]);
        e->relay->timeouts.client_silence_ms = SHORT_MS; /* shorter than the patience, which speaks first */
        EXPECT(client, "451 ");
        e->relay->timeouts.client_silence_ms = ENGINE_PATIENCE_MS * 2;
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
}

/* ---- the client drips: octet by octet, and never silent for long ---- */

#define DRIP_MS 20

struct drip {
    uv_timer_t timer;
    struct wire *client; /* NULL: it drips no more */
    const char *octets;  /* what it says, again and again */
    size_t said, piece;  /* octets: in all, at a time */
};

static void on_drip_closed(uv_handle_t *handle)
{
    struct drip *drip = handle->data;
    drip->client->engine->own_handles--;
    drip->client = NULL;
}

static void on_drip(uv_timer_t *timer)
{
    struct drip *drip = timer->data;
    size_t length = strlen(drip->octets);
    if (drip->client->ended || drip->client->closing)
        return;
    wire_send(drip->client, &drip->octets[drip->said % length], drip->piece);
    drip->said += drip->piece;
}

static void drip_begin(struct drip *drip, struct wire *client, const char *octets)
{
    struct engine *e = client->engine;
    *drip = (struct drip){.client = client, .octets = octets, .piece = 1};
    drip->timer.data = drip;
    uv_timer_init(&e->loop, &drip->timer);
    uv_timer_start(&drip->timer, on_drip, DRIP_MS, DRIP_MS);
    e->own_handles++;
}

static void drip_end(struct drip *drip)
{
    struct engine *e = drip->client->engine;
    uv_close((uv_handle_t *)&drip->timer, on_drip_closed);
    WAIT(e, !drip->client);
}

static void a_line_has_its_time_however_often_an_octet_of_it_comes(void **state)
{
    struct engine *e = *state;
    static struct drip drip;
    static char long_line[SMTP_SERVER_AUTH_LINE_MAX + 100];
    memset(long_line, 'x', sizeof long_line - 1);
    const struct {
        enum step step;
        const char *begins, *octets, *why;
    } rows[] = {
        {STEP_CONNECTED, "", "E", "the first command"},
        {STEP_HELLO, "MAIL FROM:<", "a", "a command"},
        {STEP_LOGIN, "", "d", "the name in AUTH"},
        {STEP_RCPT, "BDAT ", "0", "BDAT itself"},
        {STEP_HELLO, long_line, "x", "a line that is too long to be kept"},
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        e->relay->timeouts.client_silence_ms = ENGINE_PATIENCE_MS * 2;
        struct wire *client = client_open(e);
        client_walk(client, STEP_CONNECTED, rows[i].step);
        if (rows[i].step == STEP_CONNECTED)
            EXPECT(client, "220 ");
        e->relay->timeouts.client_silence_ms = SHORT_MS;
        wire_say(client, rows[i].begins);
        drip_begin(&drip, client, rows[i].octets);
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, "421 4.4.2 ", 10) == 0, "%s: %s", rows[i].why, reply);
        HOLDS(drip.said > 1, "%s: nothing has dripped", rows[i].why);
        drip_end(&drip);
        wire_close(client);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds);
    }
    assert_int_equal(e->mx[0].mail_count, 0);
}

/* Each ends and begins within one piece: the time-out is for each line, not for all of them. */
static void lines_that_come_slowly_but_come_go_on_for_ever(void **state)
{
    struct engine *e = *state;
    static struct drip drip;
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->relay->timeouts.client_silence_ms = 15 * DRIP_MS;
    wire_say(client, "NO");
    drip_begin(&drip, client, "OP\r\nNO");
    drip.piece = 6;
    for (int i = 0; i < 30; i++)
        EXPECT(client, "250 ");
    drip_end(&drip);
}

static void content_may_trickle(void **state)
{
    struct engine *e = *state;
    static struct drip drip;
    engine_start(e);
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, STEP_DATA);
    e->relay->timeouts.client_silence_ms = 15 * DRIP_MS;
    drip_begin(&drip, client, "x");
    WAIT(e, drip.said > 45);
    drip_end(&drip);
    wire_say(client, "\r\n.\r\n");
    EXPECT(client, "250 ");
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* ---- the server is silent (RFC 5321 section 4.5.3.2) ---- */

static void set_all(struct timeouts *t, uint64_t ms)
{
    t->greeting_ms = t->mail_ms = t->rcpt_ms = t->data_ms = t->final_ms = t->block_ms = ms;
}

static void a_server_that_says_nothing_is_a_temporary_failure_at_any_step(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *silent_at;
        size_t which;       /* time-out */
        enum step answered; /* what the client asked then */
    } rows[] = {
        {"CONNECT", offsetof(struct timeouts, greeting_ms), STEP_RCPT},
        {"EHLO", offsetof(struct timeouts, greeting_ms), STEP_RCPT},
        {"MAIL", offsetof(struct timeouts, mail_ms), STEP_RCPT},
        {"RCPT", offsetof(struct timeouts, rcpt_ms), STEP_RCPT},
        {"DATA", offsetof(struct timeouts, data_ms), STEP_DATA},
        {".", offsetof(struct timeouts, final_ms), STEP_DELIVERED},
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char recipient[40];
        set_all(&e->relay->timeouts, ENGINE_PATIENCE_MS * 2);
        *(uint64_t *)(void *)((char *)&e->relay->timeouts + rows[i].which) = SHORT_MS;
        fake_mx_rule(&e->mx[0], rows[i].silent_at, FAKE_MX_SILENT, 0);
        snprintf(recipient, sizeof recipient, "you%zu@one.test", i);
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        wire_say(client, "RCPT TO:<");
        wire_say(client, recipient);
        wire_say(client, ">\r\n");
        if (rows[i].answered > STEP_RCPT) {
            EXPECT(client, "250 ");
            wire_say(client, "DATA\r\n");
        }
        if (rows[i].answered > STEP_DATA) {
            EXPECT(client, "354 ");
            wire_say(client, "Subject: x\r\n\r\nx\r\n.\r\n");
        }
        EXPECT(client, "451 4.4.2 ");
        ASK(client, "NOOP", "250 "); /* the session goes on */
        WAIT(e, engine_event(e, EVENT_FAILED, recipient));
        const struct outcome *why = &engine_event(e, EVENT_FAILED, recipient)->outcome;
        bool after_dot = rows[i].answered == STEP_DELIVERED;
        HOLDS(why->fault == (after_dot ? OUTCOME_FAULT_LOST_AFTER_DOT : OUTCOME_FAULT_TIMED_OUT), "%s: %s",
              rows[i].silent_at, outcome_fault_name(why->fault));
        WAIT(e, e->mx[0].open_count == 0);
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void a_server_that_takes_no_more_content_fails_and_the_client_may_say_the_rest(void **state)
{
    struct engine *e = *state;
    static char block[65536];
    engine_start(e);
    e->relay->timeouts.block_ms = SHORT_MS;
    e->mx[0].reads_no_content = true;
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
    wire_say(client, "Subject: x\r\n\r\n");
    for (int i = 0; i < 256; i++) /* 16 MB: more than any buffers take */
        wire_send(client, block, sizeof block);
    wire_say(client, ".\r\n");
    WAIT(e, engine_event(e, EVENT_FAILED, "you@one.test"));
    assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_TIMED_OUT);
    EXPECT(client, "451 4.4.2 ");
    fake_mx_read_on(&e->mx[0]);
    WAIT(e, e->mx[0].open_count == 0);
    assert_int_equal(e->mx[0].mail_count, 0);
}

/* By BDAT, so that it owes an answer amid the content. */
static void a_client_that_goes_on_talking_does_not_give_its_server_more_time(void **state)
{
    struct engine *e = *state;
    static struct drip drip;
    static char piece[20001];
    memset(piece, 'x', sizeof piece - 1);
    for (size_t i = 70; i < sizeof piece - 1; i += 72)
        memcpy(&piece[i], "\r\n", 2);
    engine_start(e);
    e->relay->timeouts.block_ms = SHORT_MS;
    e->mx[0].abilities = "250-PIPELINING\r\n250-CHUNKING\r\n";
    fake_mx_rule(&e->mx[0], "BDAT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, piece);
    drip_begin(&drip, client, "x");
    WAIT(e, engine_event(e, EVENT_FAILED, "you@one.test"));
    assert_int_equal(engine_event(e, EVENT_FAILED, NULL)->outcome.fault, OUTCOME_FAULT_TIMED_OUT);
    assert_true(drip.said > 1);
    drip_end(&drip);
    WAIT(e, e->mx[0].open_count == 0);
}

static void an_address_that_does_not_answer_the_connection_is_given_up(void **state)
{
    struct engine *e = *state;
    uv_loop_t other; /* never run: its listener accepts nobody, and its backlog is soon full */
    uv_tcp_t listener;
    struct sockaddr_in address;
    struct wire *filling[40]; /* Windows takes 32 for libuv in advance */
    engine_start(e);
    e->relay->timeouts.connect_ms = SHORT_MS;
    assert_int_equal(uv_loop_init(&other), 0);
    assert_int_equal(uv_tcp_init(&other, &listener), 0);
    assert_int_equal(uv_ip4_addr("127.0.1.9", e->relay->config.mx_port, &address), 0);
    assert_int_equal(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&listener, 1, (uv_connection_cb)(void (*)(void))abort), 0);
    struct ip_port to = ip_port_from_sockaddr((struct sockaddr *)&address);
    for (size_t i = 0; i < COUNT(filling); i++) {
        filling[i] = wire_new(e);
        wire_connect(filling[i], &to);
    }
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@[127.0.1.9]>", "451 4.4.1 ");
    uv_close((uv_handle_t *)&listener, NULL);
    uv_run(&other, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&other), 0);
}

/* ---- a server that says nothing, and another one behind it ---- */

static void add_domain_with_two_servers(struct engine *e)
{
    fake_dns_add_mx(&e->dns, "both.test", 1, "mx.one.test");
    fake_dns_add_mx(&e->dns, "both.test", 2, "mx.two.test");
    e->relay->timeouts.silence_ms = SHORT_MS;
}

static void a_silent_server_is_left_for_the_next_one(void **state)
{
    struct engine *e = *state;
    const char *const silent_at[] = {"CONNECT", "EHLO"};
    add_domain_with_two_servers(e);
    engine_start(e);
    for (unsigned i = 0; i < COUNT(silent_at); i++) {
        fake_mx_rule(&e->mx[0], silent_at[i], FAKE_MX_SILENT, 0);
        struct wire *client = client_welcome(e);
        client_deliver(client, "you@both.test");
        HOLDS(e->mx[1].mail_count == 2 * i + 1, "%s", silent_at[i]);
        WAIT(e, e->mx[0].open_count == 0);
        client_deliver(client, "you@both.test"); /* and is not asked again at once */
        HOLDS(e->mx[1].mail_count == 2 * i + 2, "%s", silent_at[i]);
        HOLDS(e->mx[0].session_count == i + 1, "%s", silent_at[i]);
        hosts_init(&e->relay->hosts); /* the minute is over */
        e->mx[0].rule_count = 0;
        wire_close(client);
    }
}

/* Turns the loop by somebody who goes on saying NOOP. */
static void let_pass(struct engine *e, uint64_t ms)
{
    static struct drip drip;
    struct wire *other = client_welcome(e);
    drip_begin(&drip, other, "NOOP\r\n");
    drip.piece = 6;
    WAIT(e, drip.said > 6 * ms / DRIP_MS);
    drip_end(&drip);
    wire_close(other);
}

/* Servers that make every stranger wait must not be left one after the other. */
static void the_second_silent_server_has_all_the_time(void **state)
{
    struct engine *e = *state;
    add_domain_with_two_servers(e);
    fake_dns_add_mx(&e->dns, "both.test", 3, "mx.three.test");
    engine_start(e);
    fake_mx_rule(&e->mx[0], "CONNECT", FAKE_MX_SILENT, 0);
    fake_mx_rule(&e->mx[1], "CONNECT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@both.test>\r\n");
    WAIT(e, e->mx[1].session_count == 1);
    let_pass(e, 3 * SHORT_MS);
    fake_mx_say(&e->mx[1].sessions[0], "220 here I am");
    EXPECT(client, "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[1], "RCPT"), 1);
    assert_int_equal(e->mx[2].session_count, 0);
}

static void a_silent_server_behind_which_there_is_none_has_all_the_time(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.silence_ms = SHORT_MS;
    fake_mx_rule(&e->mx[0], "CONNECT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@one.test>\r\n");
    WAIT(e, e->mx[0].session_count == 1);
    let_pass(e, 3 * SHORT_MS);
    fake_mx_say(&e->mx[0].sessions[0], "220 here I am");
    EXPECT(client, "250 ");
}

/* ---- this computer sleeps: what was said meanwhile lies in its sockets ---- */

static void on_awake(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_awake_closed(uv_handle_t *handle)
{
    struct engine *e = handle->data;
    e->own_handles--;
}

/* Nothing turns the loop: nobody was there. On waking its timers come first, as they do when Linux wakes the program from its wait. */
static void sleep_past(struct engine *e, uint64_t timeout_ms)
{
    static uv_timer_t awake;
    unsigned handles = e->own_handles++;
    uv_timer_init(&e->loop, &awake);
    awake.data = e;
    uv_timer_start(&awake, on_awake, timeout_ms, 0);
    uv_sleep((unsigned)timeout_ms + 1500);
    uv_run(&e->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&awake, on_awake_closed);
    WAIT(e, e->own_handles <= handles); /* those of a server that was left may be gone as well */
}

static void a_reply_that_came_in_the_sleep_counts(void **state)
{
    struct engine *e = *state;
    const struct {
        size_t which; /* time-out */
        enum step step;
        const char *said, *answer;
    } rows[] = {
        {offsetof(struct timeouts, rcpt_ms), STEP_RCPT_ASKED, "250 ok", "250 "},
        {offsetof(struct timeouts, data_ms), STEP_DATA_ASKED, "354 go on", "354 "},
        {offsetof(struct timeouts, final_ms), STEP_END_ASKED, "250 2.0.0 taken", "250 "},
    };
    engine_start(e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t *timeout = (uint64_t *)(void *)((char *)&e->relay->timeouts + rows[i].which);
        set_all(&e->relay->timeouts, ENGINE_PATIENCE_MS * 2);
        *timeout = SHORT_MS;
        struct wire *client = client_open(e);
        client_walk(client, STEP_CONNECTED, rows[i].step);
        fake_mx_say(&e->mx[0].sessions[e->mx[0].session_count - 1], rows[i].said);
        sleep_past(e, SHORT_MS);
        const char *reply = client_reply(client);
        HOLDS(strncmp(reply, rows[i].answer, 4) == 0, "%s: %s", rows[i].said, reply);
        wire_close(client);
        WAIT(e, engine_is_empty(e));
        e->mx[0].rule_count = 0;
    }
    assert_int_equal(e->mx[0].mail_count, 1);
}

static void a_server_that_was_silent_all_the_while_is_not_waited_for_again_and_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.final_ms = SHORT_MS;
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, STEP_END_ASKED);
    sleep_past(e, SHORT_MS);
    EXPECT(client, "451 ");
    WAIT(e, engine_event(e, EVENT_FAILED, NULL));
    assert_true(engine_event(e, EVENT_FAILED, NULL)->outcome.copy_may_exist);
}

static void what_a_client_said_in_the_sleep_counts(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->relay->timeouts.client_silence_ms = SHORT_MS;
    ASK(client, "NOOP", "250 ");
    wire_say(client, "NOOP\r\n");
    sleep_past(e, SHORT_MS);
    EXPECT(client, "250 ");
    EXPECT(client, "421 4.4.2 "); /* and then it says nothing more */
}

/* ---- between mails (section 5.11) ---- */

static void an_idle_connection_gets_quit(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.idle_ms = SHORT_MS;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(fake_mx_heard(&e->mx[0], "QUIT"), 0);
    WAIT(e, e->mx[0].open_count == 0);
    assert_int_equal(fake_mx_heard(&e->mx[0], "QUIT"), 1);
    WAIT(e, !e->relay->outbounds && !e->relay->pool.hosts);
}

static void a_server_that_does_not_answer_quit_is_left(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.idle_ms = e->relay->timeouts.quit_ms = SHORT_MS;
    fake_mx_rule(&e->mx[0], "QUIT", FAKE_MX_SILENT, 0);
    client_deliver(client_welcome(e), "you@one.test");
    WAIT(e, fake_mx_heard(&e->mx[0], "QUIT") == 1);
    WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
}

static void a_server_that_does_not_answer_rset_is_left(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    e->relay->timeouts.reset_ms = SHORT_MS;
    fake_mx_rule(&e->mx[0], "RSET", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    ASK(client, "RSET", "250 ");
    WAIT(e, fake_mx_heard(&e->mx[0], "RSET") == 1);
    WAIT(e, !e->relay->outbounds && e->mx[0].open_count == 0);
    client_deliver(client, "you@one.test");
}

/* ---- of ourselves ---- */

static void it_listens_before_the_name_servers_have_answered(void **state)
{
    struct engine *e = *state;
    e->dns.mood = FAKE_DNS_SILENT;
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening);
    assert_true(e->relay->netwatch.checking);
    assert_false(e->status.connected);
    EXPECT(client_open(e), "220 ");
}

static void a_client_that_does_not_close_after_quit_is_cut(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    ASK(client, "QUIT", "221 ");
    WAIT_CLOSED(client);
    WAIT(e, !e->relay->inbounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_client_that_says_nothing_gets_421_at_any_step),
        ENGINE_TEST(a_client_is_not_silent_while_it_waits_for_the_server),
        ENGINE_TEST(a_line_has_its_time_however_often_an_octet_of_it_comes),
        ENGINE_TEST(lines_that_come_slowly_but_come_go_on_for_ever),
        ENGINE_TEST(content_may_trickle),
        ENGINE_TEST(a_server_that_says_nothing_is_a_temporary_failure_at_any_step),
        ENGINE_TEST(a_server_that_takes_no_more_content_fails_and_the_client_may_say_the_rest),
        ENGINE_TEST(a_client_that_goes_on_talking_does_not_give_its_server_more_time),
        ENGINE_TEST(an_address_that_does_not_answer_the_connection_is_given_up),
        ENGINE_TEST(a_silent_server_is_left_for_the_next_one),
        ENGINE_TEST(the_second_silent_server_has_all_the_time),
        ENGINE_TEST(a_silent_server_behind_which_there_is_none_has_all_the_time),
        ENGINE_TEST(a_reply_that_came_in_the_sleep_counts),
        ENGINE_TEST(a_server_that_was_silent_all_the_while_is_not_waited_for_again_and_again),
        ENGINE_TEST(what_a_client_said_in_the_sleep_counts),
        ENGINE_TEST(an_idle_connection_gets_quit),
        ENGINE_TEST(a_server_that_does_not_answer_quit_is_left),
        ENGINE_TEST(a_server_that_does_not_answer_rset_is_left),
        ENGINE_TEST(it_listens_before_the_name_servers_have_answered),
        ENGINE_TEST(a_client_that_does_not_close_after_quit_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
