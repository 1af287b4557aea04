/* SPDX-License-Identifier: MIT */
/*
 * Who comes while there is no memory for a session is accepted and closed, and never forgotten: what waits to be accepted waits for
 * ever, and keeps others out. Under Windows several may come in one turn of the loop, and each that is forgotten takes one of
 * libuv's 32 places at the door with it. When one of these cannot be made anew, libuv says so once and listens no more. The linker
 * gives this program a calloc() that can be told to fail, and a libuv that can be said to listen no more (CMakeLists.txt).
 */

#include "engine.h"

#include <limits.h>

#define CROWD 8  /* at once */
#define CROWDS 6 /* more than there are places at the door, in all */

static unsigned refusals; /* so many requests for memory are still to fail */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    if (refusals == 0 || engine_own_callbacks > 0)
        return __real_calloc(count, size);
    refusals--;
    return NULL;
}

static uv_connection_cb on_connection; /* of the relay */
static const uv_handle_t *listens_no_more;

int __real_uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb callback);
int __wrap_uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb callback);
int __real_uv_is_active(const uv_handle_t *handle);
int __wrap_uv_is_active(const uv_handle_t *handle);

int __wrap_uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb callback)
{
    on_connection = callback; /* the relay is the last to listen */
    return __real_uv_listen(stream, backlog, callback);
}

int __wrap_uv_is_active(const uv_handle_t *handle)
{
    return handle != listens_no_more && __real_uv_is_active(handle);
}

/* Connected when it returns, without a turn of the loop. */
static struct wire *come(struct engine *e)
{
    struct ip_port address = engine_address(e);
    struct sockaddr_storage to;
    ip_port_to_sockaddr(&address, &to);
    uv_os_sock_t socket_of_client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(socket_of_client, (struct sockaddr *)&to, sizeof(struct sockaddr_in)), 0);
    struct wire *client = wire_new(e);
    assert_int_equal(uv_tcp_open(&client->tcp, socket_of_client), 0);
    client->connect_status = 0;
    wire_read(client, true);
    return client;
}

static void come_all(struct engine *e, struct wire *crowd[CROWD])
{
    for (size_t i = 0; i < CROWD; i++)
        crowd[i] = come(e);
}

static void of_many_who_come_at_once_without_memory_none_is_forgotten(void **state)
{
    struct engine *e = *state;
    struct wire *crowd[CROWD];
    engine_start(e);
    for (int i = 0; i < CROWDS; i++) {
        come_all(e, crowd);
        refusals = UINT_MAX;
        for (size_t k = 0; k < CROWD; k++)
            WAIT(e, crowd[k]->ended);
        refusals = 0;
    }
    assert_null(e->relay->inbounds);
    client_deliver(client_welcome(e), "you@one.test");
}

static void who_waits_while_another_is_turned_away_is_served_when_there_is_memory_again(void **state)
{
    struct engine *e = *state;
    struct wire *crowd[CROWD];
    engine_start(e);
    for (int i = 0; i < CROWDS; i++) {
        come_all(e, crowd);
        refusals = 2; /* the second of them has to wait, where several come in one turn */
        for (size_t k = 0; k < CROWD; k++) {
            WAIT(e, crowd[k]->ended || crowd[k]->in.length > 0);
            wire_close(crowd[k]);
        }
        WAIT(e, !e->relay->inbounds);
        assert_int_equal(refusals, 0);
    }
    client_deliver(client_welcome(e), "you@one.test");
}

static void a_stop_while_some_wait_to_be_turned_away_closes_all(void **state)
{
    struct engine *e = *state;
    struct wire *crowd[CROWD];
    engine_start(e);
    come_all(e, crowd);
    refusals = UINT_MAX;
    relay_post(e->relay, RELAY_STOP);
    for (size_t i = 0; i < CROWD; i++)
        WAIT(e, crowd[i]->ended);
    refusals = 0;
    WAIT(e, listener_is_gone(&e->relay->listeners[0]));
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening);
    client_deliver(client_welcome(e), "you@one.test");
}

static void a_listener_that_fails_is_told_and_opened_again(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_welcome(e);
    uv_stream_t *stream = (uv_stream_t *)&e->relay->listeners[0].tcp;
    on_connection(stream, UV_ENOBUFS); /* of one connection: nothing to be mended */
    assert_true(e->status.listening);
    assert_int_equal(engine_event_count(e, EVENT_LISTEN_FAILED), 0);
    listens_no_more = (uv_handle_t *)stream;
    on_connection(stream, UV_ENOBUFS);
    listens_no_more = NULL;
    assert_false(e->status.listening);
    WAIT(e, e->status.listening && engine_event_count(e, EVENT_LISTENING) == 2);
    const struct event *failed = engine_event(e, EVENT_LISTEN_FAILED, NULL);
    assert_non_null(failed);
    assert_string_equal(failed->outcome.words, uv_strerror(UV_ENOBUFS));
    client_deliver(client_welcome(e), "you@one.test");
    client_deliver(client, "you@one.test"); /* who was there before has noticed nothing */
}

static int there_is_memory(void **state)
{
    listens_no_more = NULL;
    refusals = 0; /* also when a test has failed */
    return engine_close(state);
}

#define TURNED_AWAY_TEST(test) cmocka_unit_test_setup_teardown(test, engine_open, there_is_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TURNED_AWAY_TEST(of_many_who_come_at_once_without_memory_none_is_forgotten),
        TURNED_AWAY_TEST(who_waits_while_another_is_turned_away_is_served_when_there_is_memory_again),
        TURNED_AWAY_TEST(a_stop_while_some_wait_to_be_turned_away_closes_all),
        TURNED_AWAY_TEST(a_listener_that_fails_is_told_and_opened_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
