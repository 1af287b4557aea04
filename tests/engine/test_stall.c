/* SPDX-License-Identifier: MIT */
/*
 * Nothing stands still for ever: what one part of a mail waited for may have gone, and then those who waited
 * have to be told (contract, sections 1 and 5.2).
 */

#include "engine.h"

#include "outbound.h"

#define SHORT_MS 300
#define MAIL_BYTES (12u * 1024 * 1024) /* more than window and all buffers together */

/* ---- a server that takes no content dies while the window is full (RFC 5321 section 4.5.3.2.5) ---- */

static void the_client_goes_on_when_the_server_that_held_it_up_has_timed_out(void **state)
{
    struct engine *e = *state;
    static char block[65536];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
    engine_start(e);
    e->relay->timeouts.block_ms = SHORT_MS;
    e->mx[1].reads_no_content = true;
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<fast@one.test>", "250 ");
    ASK(client, "RCPT TO:<slow@two.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, "Subject: x\r\n\r\n");
    for (unsigned i = 0; i < MAIL_BYTES / sizeof block; i++)
        wire_send(client, block, sizeof block);
    wire_say(client, ".\r\n");
    WAIT(e, engine_event(e, EVENT_FAILED, "slow@two.test"));
    assert_true(client->writing > 0); /* it was held up indeed */
    WAIT(e, engine_event(e, EVENT_DELIVERED, "fast@one.test"));
    const char *reply = client_reply(client);
    HOLDS(reply[0] == '2' || reply[0] == '5', "one has it, 4xx would double it: %s", reply);
    assert_true(e->mx[0].mails[0].content.length > MAIL_BYTES);
    fake_mx_read_on(&e->mx[1]);
    WAIT(e, e->mx[1].open_count == 0);
    assert_int_equal(e->mx[1].mail_count, 0);
}

/* ---- a server that dies without a word is noticed by the system (platform.h); the times are seen in the lab ---- */

static void the_system_asks_whether_a_silent_server_still_lives(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_open(e);
    client_walk(client, STEP_CONNECTED, STEP_END_ASKED);
    uv_os_fd_t fd;
    int on = 0;
    socklen_t size = sizeof on;
    assert_int_equal(uv_fileno((uv_handle_t *)&e->relay->outbounds->peer.tcp, &fd), 0);
    assert_int_equal(getsockopt((uv_os_sock_t)fd, SOL_SOCKET, SO_KEEPALIVE, (void *)&on, &size), 0);
    assert_true(on);
}

/* ---- STOP while a command that was sent ahead waits for an answer (RFC 2920) ---- */

static void stop_ends_a_session_whose_next_command_waits(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *silent_at, *commands;
        unsigned answers; /* 250, before */
    } rows[] = {
        {"RCPT", "RCPT TO:<you@one.test>\r\nDATA\r\n", 0},
        {"RCPT", "RCPT TO:<you@one.test>\r\nBDAT 4 LAST\r\nx\r\n\r\n", 0},
        {"RCPT", "RCPT TO:<you@one.test>\r\nRCPT TO:<me@one.test>\r\nNOOP\r\nQUIT\r\n", 0},
        {"RCPT", "RCPT TO:<you@one.test>\r\nRSET\r\nMAIL FROM:<me@here.test>\r\n", 0},
        {"DATA", "RCPT TO:<you@one.test>\r\nDATA\r\nRSET\r\n", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned before = fake_mx_heard(&e->mx[0], rows[i].silent_at);
        engine_start(e);
        fake_mx_rule(&e->mx[0], rows[i].silent_at, FAKE_MX_SILENT, 0);
        struct wire *client = client_welcome(e);
        ASK(client, "MAIL FROM:<me@here.test>", "250 ");
        wire_say(client, rows[i].commands);
        for (unsigned k = 0; k < rows[i].answers; k++)
            EXPECT(client, "250 ");
        WAIT(e, fake_mx_heard(&e->mx[0], rows[i].silent_at) == before + 1);
        engine_order(e, RELAY_STOP);
        EXPECT(client, "421 ");
        WAIT_CLOSED(client);
        WAIT(e, engine_is_empty(e) && !e->relay->outbounds && e->mx[0].open_count == 0);
        wire_close(client);
        e->mx[0].rule_count = 0;
    }
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void exit_ends_a_session_whose_next_command_waits(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_mx_rule(&e->mx[0], "RCPT", FAKE_MX_SILENT, 0);
    struct wire *client = client_welcome(e);
    wire_say(client, "MAIL FROM:<me@here.test>\r\nRCPT TO:<you@one.test>\r\nDATA\r\n");
    EXPECT(client, "250 ");
    WAIT(e, fake_mx_heard(&e->mx[0], "RCPT") == 1);
    engine_exit(e);
    EXPECT(client, "421 ");
    WAIT_CLOSED(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(the_client_goes_on_when_the_server_that_held_it_up_has_timed_out),
        ENGINE_TEST(the_system_asks_whether_a_silent_server_still_lives),
        ENGINE_TEST(stop_ends_a_session_whose_next_command_waits),
        ENGINE_TEST(exit_ends_a_session_whose_next_command_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
