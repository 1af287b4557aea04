/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <signal.h>

#include "inbound.h"
#include "outbound.h"
#include "transaction.h"

#define STOP_MS 300 /* instead of the usual seconds */
#define PARTING_MS 100

unsigned engine_own_callbacks;

/* ---------------------------------------------------------------- what the relay tells */

static void on_event(void *context, const struct event *event)
{
    struct engine *e = context;
    if (e->event_count < ENGINE_EVENTS_MAX)
        e->events[e->event_count++] = *event;
}

static void on_status(void *context, const struct status *status)
{
    struct engine *e = context;
    e->status = *status;
}

const struct event *engine_event(const struct engine *e, enum event_kind kind, const char *recipient)
{
    for (size_t i = e->event_count; i-- > 0;)
        if (e->events[i].kind == kind && (!recipient || strcmp(e->events[i].recipient, recipient) == 0))
            return &e->events[i];
    return NULL;
}

size_t engine_event_count(const struct engine *e, enum event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < e->event_count; i++)
        count += e->events[i].kind == kind;
    return count;
}

bool engine_is_empty(const struct engine *e)
{
    return !e->relay->inbounds && !e->relay->transactions;
}

/* ---------------------------------------------------------------- the loop */

static void on_watchdog(uv_timer_t *timer)
{
    struct engine *e = timer->data;
    e->too_long = true;
    uv_stop(timer->loop);
}

void engine_watch(struct engine *e)
{
    e->too_long = false;
    uv_update_time(&e->loop);
    uv_timer_start(&e->watchdog, on_watchdog, ENGINE_PATIENCE_MS, 0);
}

bool engine_turn(struct engine *e)
{
    uv_run(&e->loop, UV_RUN_ONCE);
    return !e->too_long;
}

static void count_handle(uv_handle_t *handle, void *context)
{
    unsigned *count = context;
    (void)handle;
    ++*count;
}

unsigned engine_handles_of_relay(struct engine *e)
{
    unsigned count = 0;
    uv_walk(&e->loop, count_handle, &count);
    return count - e->own_handles;
}

/* ---------------------------------------------------------------- orders */

struct ip_port engine_address(struct engine *e)
{
    const struct listener *listener = &e->relay->listeners[0];
    struct sockaddr_storage name;
    int length = sizeof name;
    if (!listener->listening || uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&name, &length) != 0)
        return (struct ip_port){.port = 0};
    return ip_port_from_sockaddr((struct sockaddr *)&name);
}

void engine_order(struct engine *e, enum relay_order order)
{
    relay_post(e->relay, order);
    WAIT(e, e->relay->order_count == 0);
}

void engine_start(struct engine *e)
{
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening && !e->relay->netwatch.checking);
    e->relay->config.listen[0].port = engine_address(e).port; /* the same again after a reset */
}

void engine_exit(struct engine *e)
{
    relay_post(e->relay, RELAY_EXIT);
    e->relay = NULL;
    WAIT(e, engine_handles_of_relay(e) == 0);
}

/* ---------------------------------------------------------------- open and close */

/* Every MX is reached on the same port, so each has an address of its own. */
static void open_exchangers(struct engine *e, unsigned *port)
{
    static const char *const addresses[ENGINE_MXS] = {"127.0.1.1", "127.0.1.2", "127.0.1.3"};
    static const char *const domains[ENGINE_MXS] = {"one.test", "two.test", "three.test"};
    static const char *const hosts[ENGINE_MXS] = {"mx.one.test", "mx.two.test", "mx.three.test"};
    *port = 0;
    for (int i = 0; i < ENGINE_MXS; i++) {
        if (fake_mx_open(&e->mx[i], e, addresses[i], port) != 0)
            fail_msg("port %u is free on one loopback address and taken on another", *port);
        fake_dns_add_mx(&e->dns, domains[i], 10, hosts[i]);
        fake_dns_add_address(&e->dns, hosts[i], addresses[i]);
    }
}

int engine_open(void **state)
{
    struct engine *e = calloc(1, sizeof *e);
    struct config config;
    struct relay_watcher watcher = {.event = on_event, .status = on_status, .context = e};
    unsigned port;
    assert_non_null(e);
    e->events = calloc(ENGINE_EVENTS_MAX, sizeof *e->events);
    assert_non_null(e->events);
#ifdef SIGPIPE /* where a peer that has gone away is a signal, the program's main() says this */
    signal(SIGPIPE, SIG_IGN);
#endif
    assert_int_equal(uv_loop_init(&e->loop), 0);
    uv_timer_init(&e->loop, &e->watchdog);
    e->watchdog.data = e;
    e->own_handles = 1;
    fake_dns_open(&e->dns, e);
    open_exchangers(e, &port);

    config_defaults(&config);
    config.listen[0] = (struct ip_port){{.family = IP_V4, .bytes = {127, 0, 0, 1}}, 0};
    config.listen_count = 1;
    config.dns[0] = e->dns.address;
    config.dns_count = 1;
    config.mx_port = (uint16_t)port;
    assert_int_equal(relay_open(&e->loop, &config, &watcher, &e->relay), 0);
    e->relay->timeouts.stop_ms = STOP_MS;
    e->relay->timeouts.client_parting_ms = PARTING_MS;
    *state = e;
    return 0;
}

static void close_peers(struct engine *e)
{
    for (struct wire *w = e->wires; w; w = w->next)
        wire_close(w);
    for (int i = 0; i < ENGINE_MXS; i++)
        fake_mx_close(&e->mx[i]);
    fake_dns_die(&e->dns);
    engine_watch(e);
    uv_unref((uv_handle_t *)&e->watchdog); /* it does not keep the loop, but ends it if the relay does */
    uv_run(&e->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&e->watchdog, NULL);
    uv_run(&e->loop, UV_RUN_NOWAIT);
}

static void print_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    print_error("  still open: %s%s\n", uv_handle_type_name(handle->type),
                uv_is_active(handle) ? ", active" : "");
}

static int free_all(struct engine *e)
{
    int error = uv_loop_close(&e->loop);
    if (error)
        uv_walk(&e->loop, print_handle, NULL);
    while (e->wires) {
        struct wire *w = e->wires;
        e->wires = w->next;
        buf_clear(&w->in);
        free(w);
    }
    for (int i = 0; i < ENGINE_MXS; i++)
        fake_mx_clear(&e->mx[i]);
    free(e->events);
    free(e);
    return error;
}

int engine_close(void **state)
{
    struct engine *e = *state;
    if (e->relay)
        engine_exit(e);
    close_peers(e);
    return free_all(e);
}
