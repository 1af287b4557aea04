/* SPDX-License-Identifier: MIT */
/* The relay on a thread of its own: what another thread sees of it, and how it ends. Clients here have only one
 * thing to say, and get into the log by it: HTTP. */

#include "net/engine.h"

#include <uv.h>

#include "feed.h"

struct face {
    struct engine *engine;
    struct engine_view view;
    uv_sem_t changed;
    unsigned calls;   /* of `changed`, counted on the engine's thread */
    bool shall_crash; /* the next one is taken for a crash */
};

static void on_changed(void *context)
{
    struct face *f = context;
    f->calls++;
    if (f->shall_crash) {
        f->shall_crash = false;
        assert_true(engine_note_crash(f->engine, "the words of the system"));
        return;
    }
    uv_sem_post(&f->changed);
}

/* Looks until what is hoped for has come; an engine that never says so is ended by ctest's limit. */
#define WAIT_FOR(f, condition)                                                                               \
    do {                                                                                                     \
        engine_look((f)->engine, &(f)->view);                                                                \
        if (condition)                                                                                       \
            break;                                                                                           \
        uv_sem_wait(&(f)->changed);                                                                          \
    } while (true)

static const struct event *line_of(const struct face *f, enum event_kind kind)
{
    for (size_t i = 0; i < f->view.log.count; i++)
        if (f->view.log.lines[i].kind == kind)
            return &f->view.log.lines[i];
    return NULL;
}

/* A name server that refuses: the loopback address has nobody on this port. */
static void begin(struct face *f)
{
    struct config config;
    config_defaults(&config);
    assert_true(ip_port_parse(SPAN("127.0.0.1"), 25, &config.listen[0]));
    config.listen[0].port = 0; /* any that is free */
    assert_true(ip_port_parse(SPAN("127.0.0.1:9"), 53, &config.dns[0]));
    config.listen_count = config.dns_count = 1;
    assert_int_equal(uv_sem_init(&f->changed, 0), 0);
    assert_int_equal(engine_start(&config, on_changed, f, &f->engine), 0);
    WAIT_FOR(f, line_of(f, EVENT_LISTENING) && line_of(f, EVENT_NO_INTERNET) && f->view.status.listening &&
                    !f->view.status.starting);
}

static void end(struct face *f)
{
    engine_post(f->engine, RELAY_EXIT);
    WAIT_FOR(f, f->view.life == ENGINE_ENDED);
    assert_true(engine_free(f->engine));
    uv_sem_destroy(&f->changed);
}

/* ---------------------------------------------------------------- clients that say HTTP */

struct client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
};

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *room)
{
    static char bytes[1024];
    (void)handle;
    (void)size;
    *room = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    (void)bytes;
    if (count < 0 && !uv_is_closing((uv_handle_t *)stream))
        uv_close((uv_handle_t *)stream, NULL);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct client *c = connect->data;
    static char http[] = "GET / HTTP/1.1\r\n\r\n";
    uv_buf_t bytes = uv_buf_init(http, sizeof http - 1);
    assert_int_equal(status, 0);
    uv_write(&c->write, (uv_stream_t *)&c->tcp, &bytes, 1, NULL);
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

static void say_http(const struct face *f, unsigned times)
{
    struct client c = {.connect.data = &c};
    struct ip_port address;
    struct sockaddr_in name;
    uv_loop_t loop;
    assert_true(ip_port_parse(span_of(f->view.listening), 0, &address));
    uv_ip4_addr("127.0.0.1", address.port, &name);
    assert_int_equal(uv_loop_init(&loop), 0);
    while (times-- > 0) {
        uv_tcp_init(&loop, &c.tcp);
        assert_int_equal(uv_tcp_connect(&c.connect, &c.tcp, (struct sockaddr *)&name, on_connected), 0);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---------------------------------------------------------------- the tests */

static void the_view_follows_the_engine(void **state)
{
    static struct face f; /* outlives a failed test, whose engine goes on */
    (void)state;
    begin(&f);
    assert_int_equal(f.view.logs, 1);
    assert_int_equal(f.view.log.lines[0].kind, EVENT_STARTED);
    assert_true(f.view.status.running && f.view.status.listening && !f.view.status.connected);
    assert_int_equal(status_light(&f.view.status), LIGHT_RED);
    assert_string_equal(f.view.name_server, "");
    assert_true(span_starts_nocase(span_of(f.view.listening), SPAN("127.0.0.1:")));

    engine_post(f.engine, RELAY_STOP);
    WAIT_FOR(&f, line_of(&f, EVENT_STOPPED) && !f.view.status.running);
    assert_string_equal(f.view.listening, "");
    end(&f);
}

static void a_reset_begins_a_new_log_even_when_nobody_looked_in_between(void **state)
{
    static struct face f; /* outlives a failed test, whose engine goes on */
    (void)state;
    begin(&f);
    size_t lines = f.view.log.count;
    say_http(&f, 5);
    WAIT_FOR(&f, f.view.log.count == lines + 5);
    engine_post(f.engine, RELAY_RESET);
    WAIT_FOR(&f, f.view.logs == 2 && line_of(&f, EVENT_LISTENING));
    assert_null(line_of(&f, EVENT_HTTP_REFUSED));
    assert_int_equal(f.view.log.lines[0].kind, EVENT_STARTED);
    assert_false(f.view.status.trouble);
    end(&f);
}

static void the_copy_of_the_log_is_the_same_whenever_one_looks(void **state)
{
    static struct face f; /* outlives a failed test, whose engine goes on */
    struct engine_view *fresh = calloc(1, sizeof *fresh);
    unsigned lines;
    (void)state;
    assert_non_null(fresh);
    begin(&f);
    lines = (unsigned)f.view.log.count;
    for (unsigned said = 0; said < 210; said += 7) { /* past 100 lines twice, looking at odd moments */
        say_http(&f, 7);
        WAIT_FOR(&f, f.view.log.dropped + f.view.log.count == lines + said + 7);
        assert_true(f.view.log.count <= EVENT_LOG_LINES);
        memset(fresh, 0, sizeof *fresh);
        engine_look(f.engine, fresh);
        assert_int_equal(fresh->log.count, f.view.log.count);
        assert_int_equal(fresh->log.dropped, f.view.log.dropped);
        assert_memory_equal(fresh->log.lines, f.view.log.lines,
                            fresh->log.count * sizeof fresh->log.lines[0]);
    }
    assert_int_equal(f.view.log.dropped, 150);
    free(fresh);
    end(&f);
}

static void however_much_happens_a_face_that_does_not_look_is_called_once(void **state)
{
    static struct face f;
    unsigned before;
    (void)state;
    begin(&f);
    engine_look(f.engine, &f.view);
    before = f.calls;
    engine_post(f.engine, RELAY_EXIT); /* the line that it stops, changes of status, the end: one call */
    assert_true(engine_free(f.engine));
    assert_int_equal(f.calls, before + 1);
    uv_sem_destroy(&f.changed);
}

static void a_crash_is_seen_with_its_words_and_is_final(void **state)
{
    static struct face f;
    const struct event *line;
    (void)state;
    begin(&f);
    assert_false(engine_note_crash(f.engine, "another thread's affair"));
    f.shall_crash = true;
    say_http(&f, 1);
    WAIT_FOR(&f, f.view.life == ENGINE_CRASHED);
    line = line_of(&f, EVENT_CRASHED);
    assert_non_null(line);
    assert_string_equal(line->detail, "the words of the system");
    assert_int_equal(status_light(&f.view.status), LIGHT_RED);
    engine_look(f.engine, &f.view);
    assert_ptr_equal(line, &f.view.log.lines[f.view.log.count - 1]);
    assert_int_equal(engine_note_crash(f.engine, "late"), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_view_follows_the_engine),
        cmocka_unit_test(a_reset_begins_a_new_log_even_when_nobody_looked_in_between),
        cmocka_unit_test(the_copy_of_the_log_is_the_same_whenever_one_looks),
        cmocka_unit_test(however_much_happens_a_face_that_does_not_look_is_called_once),
        cmocka_unit_test(a_crash_is_seen_with_its_words_and_is_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
