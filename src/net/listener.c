/* SPDX-License-Identifier: MIT */
/* Listening, and saying who is in the way when it cannot be done. */

#include "listener.h"

#include <string.h>

#include "inbound.h"
#include "owner_of.h"
#include "relay_state.h"

#define LISTEN_BACKLOG 511

static void take(struct listener *listener);

/* Those who came meanwhile have their turn. What a closed listener had waiting, libuv has closed. */
static void on_turned_away(uv_handle_t *handle)
{
    struct listener *listener = OWNER_OF(handle, struct listener, doomed);
    listener->turning_away = false;
    while (listener->listening && listener->waiting > 0 && !listener->turning_away) {
        listener->waiting--;
        take(listener);
    }
    relay_part_closed(listener->relay);
}

/* Without memory for a session: who waits to be accepted waits for ever, and libuv listens no more (or, under Windows, for one
 * fewer), so he is accepted, and closed. Under Windows many may come in one turn of the loop; uv_accept() takes one of them. */
static void turn_away(struct listener *listener)
{
    if (listener->turning_away) {
        listener->waiting++;
        return;
    }
    if (uv_tcp_init(listener->relay->loop, &listener->doomed) != 0)
        return;
    listener->turning_away = true;
    listener->relay->open_parts++;
    (void)uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&listener->doomed); /* closed either way */
    uv_close((uv_handle_t *)&listener->doomed, on_turned_away);
}

/* One of those who wait. */
static void take(struct listener *listener)
{
    if (!inbound_accept(listener->relay, (uv_stream_t *)&listener->tcp))
        turn_away(listener);
}

static void say_failed(struct listener *listener, int error)
{
    struct event e = {.kind = EVENT_LISTEN_FAILED};
    ip_port_format(&listener->address, e.detail);
    span_copy(span_of(uv_strerror(error)), e.outcome.words, sizeof e.outcome.words);
    events_add(&listener->relay->events, &e);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = OWNER_OF(stream, struct listener, tcp);
    if (status == 0) {
        take(listener);
    } else if (!uv_is_active((uv_handle_t *)stream)) {
        /* Under Windows, when the system has nothing left for the next connection. libuv listens no more. */
        say_failed(listener, status);
        relay_listen_anew(listener->relay);
    }
    /* Else, out of descriptors: libuv takes the connection and drops it, so that the loop does not spin. */
}

static void on_closed(uv_handle_t *handle)
{
    struct listener *listener = OWNER_OF(handle, struct listener, tcp);
    listener->open = false;
    relay_part_closed(listener->relay);
}

bool listener_is_gone(const struct listener *listener)
{
    return !listener->open && !listener->looking && !listener->turning_away;
}

void listener_close(struct listener *listener)
{
    listener->listening = false;
    listener->given_up = true;
    if (listener->open && !uv_is_closing((uv_handle_t *)&listener->tcp))
        uv_close((uv_handle_t *)&listener->tcp, on_closed);
}

/* ---------------------------------------------------------------- a port that is taken */

static void find_holder(uv_work_t *work)
{
    struct listener *listener = OWNER_OF(work, struct listener, work);
    platform_find_listener(&listener->address, &listener->holder);
}

static void say_taken(struct listener *listener, const struct platform_process *holder)
{
    struct event e = {.kind = EVENT_PORT_TAKEN};
    ip_port_format(&listener->address, e.detail);
    if (holder) {
        e.pid = holder->pid;
        memcpy(e.program, holder->name, sizeof e.program);
    }
    events_add(&listener->relay->events, &e);
}

static void on_holder_found(uv_work_t *work, int status)
{
    struct listener *listener = OWNER_OF(work, struct listener, work);
    listener->looking = false;
    if (!listener->given_up) /* after a Reset it would stand in the new log, about the old try */
        say_taken(listener, status == 0 ? &listener->holder : NULL);
    relay_part_closed(listener->relay);
}

static void say_why_not(struct listener *listener, int error)
{
    if (error != UV_EADDRINUSE) {
        say_failed(listener, error);
    } else if (uv_queue_work(listener->relay->loop, &listener->work, find_holder, on_holder_found) == 0) {
        listener->looking = true;
        listener->relay->open_parts++;
    } else {
        say_taken(listener, NULL);
    }
}

/* ---------------------------------------------------------------- listening */

static int start(struct listener *listener)
{
    struct sockaddr_storage address;
    ip_port_to_sockaddr(&listener->address, &address);
    /* [::] must not take in IPv4: each listener means what it says. */
    unsigned flags = listener->address.ip.family == IP_V6 ? UV_TCP_IPV6ONLY : 0;
    int error = uv_tcp_bind(&listener->tcp, (struct sockaddr *)&address, flags);
    if (!error)
        peer_limit_receiving(&listener->tcp);
    if (!error)
        error = uv_listen((uv_stream_t *)&listener->tcp, LISTEN_BACKLOG, on_connection);
    return error;
}

/* With the port that the system chose, if it was asked to. */
static void say_where(struct listener *listener)
{
    struct event e = {.kind = EVENT_LISTENING};
    struct sockaddr_storage name;
    int length = sizeof name;
    if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&name, &length) == 0) {
        struct ip_port address = ip_port_from_sockaddr((struct sockaddr *)&name);
        ip_port_format(&address, e.detail);
    }
    events_add(&listener->relay->events, &e);
}

void listener_open(struct listener *listener, struct relay *relay, const struct ip_port *address,
                   bool required)
{
    *listener = (struct listener){.relay = relay, .address = *address};
    int error = uv_tcp_init(relay->loop, &listener->tcp);
    if (!error) {
        listener->open = true;
        relay->open_parts++;
        error = start(listener);
    }
    if (!error) {
        listener->listening = true;
        say_where(listener);
        return;
    }
    listener_close(listener);
    listener->given_up = false; /* why it could not be done is still to be said */
    bool no_such_family = error == UV_EADDRNOTAVAIL || error == UV_EAFNOSUPPORT;
    if (!required && no_such_family)
        return;
    relay->status.listening = false;
    say_why_not(listener, error);
}
