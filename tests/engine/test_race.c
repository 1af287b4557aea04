/* SPDX-License-Identifier: MIT */
/*
 * A server with several addresses (RFC 8305): one that does not answer holds up nobody for long, and is remembered. The
 * silent address is a listener that accepts nobody and whose queue is full: the system drops what comes.
 */

#include "engine.h"

#include "outbound.h"
#include "transaction.h"

#define SILENT "127.0.1.9"
#define CROWD 8 /* more than the queue takes */

static uv_tcp_t silent;
static bool knocked;

static void on_connection(uv_stream_t *listener, int status)
{
    (void)listener;
    (void)status;
    knocked = true; /* and is not let in: until he is, libuv takes nobody else from the queue */
}

static void on_closed(uv_handle_t *handle)
{
    struct engine *e = handle->data;
    e->own_handles--;
}

static void end(void)
{
    uv_close((uv_handle_t *)&silent, on_closed);
}

/* race.test is served by mx[0], whose first address is silent. */
static void begin(struct engine *e)
{
    struct ip_port to = {.port = e->relay->config.mx_port};
    struct sockaddr_storage address;
    engine_start(e);
    fake_dns_add_mx(&e->dns, "race.test", 10, "mx.race.test");
    fake_dns_add_address(&e->dns, "mx.race.test", SILENT);
    fake_dns_add_address(&e->dns, "mx.race.test", "127.0.1.1");
    assert_true(ip_parse(span_of(SILENT), &to.ip));
    ip_port_to_sockaddr(&to, &address);
    assert_int_equal(uv_tcp_init(&e->loop, &silent), 0);
    silent.data = e;
    e->own_handles++;
    assert_int_equal(uv_tcp_bind(&silent, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&silent, 1, on_connection), 0);
    struct wire *crowd[CROWD];
    knocked = false;
    for (size_t i = 0; i < COUNT(crowd); i++) {
        crowd[i] = wire_new(e);
        wire_connect(crowd[i], &to);
        WAIT(e, knocked);
    }
    WAIT(e, crowd[1]->connect_status == 0);
    if (crowd[CROWD - 1]->connect_status ==
        0) { /* libuv lets them in beforehand, under Windows: nobody is silent there */
        end();
        skip();
    }
}

static struct wire *ask(struct engine *e)
{
    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<you@race.test>\r\n");
    return client;
}

static void an_address_that_does_not_answer_has_company_soon(void **state)
{
    struct engine *e = *state;
    begin(e);
    e->relay->timeouts.head_start_ms = 20;
    client_deliver(client_welcome(e), "you@race.test");
    WAIT(e, engine_event(e, EVENT_DELIVERED, NULL));
    assert_string_equal(engine_event(e, EVENT_DELIVERED, NULL)->outcome.address, "127.0.1.1");
    assert_int_equal(e->mx[0].session_count, 1);
    end();
}

static void it_is_tried_last_by_the_next_mail(void **state)
{
    struct engine *e = *state;
    begin(e);
    e->relay->timeouts.head_start_ms = 20;
    e->relay->timeouts.idle_ms = 1;
    client_deliver(client_welcome(e), "you@race.test");
    WAIT(e, !e->relay->outbounds);
    e->relay->timeouts.head_start_ms =
        60 * 1000; /* who began with it would wait for longer than the test does */
    e->relay->timeouts.connect_ms = 60 * 1000;
    client_deliver(client_welcome(e), "you@race.test");
    assert_int_equal(e->mx[0].session_count, 2);
    end();
}

/* Given up for another one's sake is not given up for good. */
static void it_is_tried_again_when_the_quicker_one_is_of_no_use(void **state)
{
    struct engine *e = *state;
    begin(e);
    e->relay->timeouts.head_start_ms = 20;
    e->relay->timeouts.connect_ms = 200;
    fake_mx_rule(&e->mx[0], "CONNECT", "421 4.3.2 closing down", 0);
    struct wire *client = ask(e);
    WAIT(e, e->mx[0].session_count == 1 && e->relay->transactions->legs->attempts[0]);
    assert_int_equal(e->relay->transactions->legs->attempts[0]->address_index, 0);
    EXPECT(client, "451 ");
    assert_int_equal(e->mx[0].session_count, 1);
    end();
}

static void one_that_is_refused_is_followed_at_once(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_dns_add_mx(&e->dns, "race.test", 10, "mx.race.test");
    fake_dns_add_address(&e->dns, "mx.race.test", "127.0.1.8"); /* nobody listens there */
    fake_dns_add_address(&e->dns, "mx.race.test", "127.0.1.1");
    e->relay->timeouts.head_start_ms = e->relay->timeouts.connect_ms = 60 * 1000;
    client_deliver(client_welcome(e), "you@race.test");
    assert_int_equal(e->mx[0].mail_count, 1);
}

/* With all addresses of a host out of order its domain's other hosts come first for a minute. */
static void a_host_without_an_address_that_answers_goes_last(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    fake_dns_add_mx(&e->dns, "race.test", 10, "mx.race.test");
    fake_dns_add_mx(&e->dns, "race.test", 20, "mx.two.test");
    fake_dns_add_address(&e->dns, "mx.race.test", "127.0.1.8");
    e->relay->timeouts.idle_ms = 1;
    client_deliver(client_welcome(e), "you@race.test");
    WAIT(e, !e->relay->outbounds);
    unsigned before = e->dns.address_questions;
    client_deliver(client_welcome(e), "you@race.test");
    assert_int_equal(e->dns.address_questions, before + 2); /* of mx.two.test alone */
    assert_int_equal(e->mx[1].mail_count, 2);
}

static void exit_amid_a_race_leaves_nothing_behind(void **state)
{
    struct engine *e = *state;
    begin(e);
    fake_dns_add_address(&e->dns, "mx.race.test", "127.0.1.2");
    e->relay->timeouts.head_start_ms = 1;
    fake_mx_rule(&e->mx[0], "CONNECT", FAKE_MX_SILENT, 0);
    struct wire *client = ask(e);
    WAIT(e, e->relay->transactions && e->relay->transactions->legs &&
                e->relay->transactions->legs->state == LEG_CONNECTING);
    engine_exit(e);
    EXPECT(client, "421 ");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(an_address_that_does_not_answer_has_company_soon),
        ENGINE_TEST(it_is_tried_last_by_the_next_mail),
        ENGINE_TEST(it_is_tried_again_when_the_quicker_one_is_of_no_use),
        ENGINE_TEST(one_that_is_refused_is_followed_at_once),
        ENGINE_TEST(a_host_without_an_address_that_answers_goes_last),
        ENGINE_TEST(exit_amid_a_race_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
