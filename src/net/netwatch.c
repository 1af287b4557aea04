/* SPDX-License-Identifier: MIT */
/*
 * A check goes: read the system's servers (on a worker: it may be slow) -> one probe for each, all at
 * once -> the first answer starts a short grace for the others -> finish. Each probe is a resolver of
 * its own with a single server, so that one silent server cannot hide behind another.
 */

#include "netwatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "owner_of.h"
#include "relay_state.h"

#define NETWATCH_GRACE_MS 250  /* for slower servers, after the first answer */
#define NETWATCH_SETTLE_MS 300 /* a change of network comes as a burst of messages */

static const char fallback_servers[] = "8.8.8.8:53,[2001:4860:4860::8888]:53";

static void finish(struct netwatch *w);

/* ---------------------------------------------------------------- the result */

static int by_usefulness(const void *a, const void *b)
{
    const struct netwatch_probe *const *left = a, *const *right = b;
    if ((*left)->answer != (*right)->answer)
        return (int)(*right)->answer - (int)(*left)->answer;
    if ((*left)->plain != (*right)->plain)
        return (*left)->plain ? 1 : -1;
    return ((*left)->took_ns > (*right)->took_ns) - ((*left)->took_ns < (*right)->took_ns);
}

static void announce(struct netwatch *w, const struct netwatch_probe *best, const char *all,
                     bool was_connected)
{
    struct relay *relay = w->relay;
    struct event e = {.kind = EVENT_NO_INTERNET};
    if (w->connected) {
        e.kind = w->fallback ? EVENT_DNS_FALLBACK : was_connected ? EVENT_DNS_FOUND : EVENT_NETWORK_BACK;
        e.seconds = (double)best->took_ns / 1e9;
    }
    span_copy(span_of(w->connected ? best->server : all), e.detail, sizeof e.detail);
    events_add(&relay->events, &e);
}

/* Each server once, as it stands in the order first. */
static void list_servers(const struct netwatch_probe *const *order, size_t count, char *list, size_t size)
{
    size_t length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (strcmp(order[first]->server, order[i]->server) != 0)
            first++;
        if (first == i)
            length += (size_t)snprintf(list + length, size - length, "%s%s", i ? "," : "", order[i]->server);
    }
}

/* Uses what was found: the best server first, the others behind it. */
static void conclude(struct netwatch *w)
{
    const struct netwatch_probe *order[NETWATCH_PROBES_MAX];
    char servers[NETWATCH_SERVERS_MAX * IP_PORT_TEXT_SIZE];
    for (size_t i = 0; i < w->probe_count; i++)
        order[i] = &w->probes[i];
    qsort(order, w->probe_count, sizeof *order, by_usefulness);
    list_servers(order, w->probe_count, servers, sizeof servers);

    bool was_connected = w->connected, moved = false;
    w->connected = w->probe_count > 0 && order[0]->answer != NETWATCH_SILENT;
    if (w->connected && !resolver_set_servers(&w->relay->resolver, servers, order[0]->plain))
        w->connected = false; /* no memory for it: as good as none */
    if (w->connected) {
        moved = strcmp(w->nearest, order[0]->server) != 0;
        span_copy(span_of(order[0]->server), w->nearest, sizeof w->nearest);
    }
    if (w->announce || was_connected != w->connected || moved)
        announce(w, w->probe_count > 0 ? order[0] : NULL, servers, w->announce || was_connected);
    w->announce = false;
    w->checking = false;
    if (w->check_again) {
        w->check_again = false;
        netwatch_check(w, w->announce_again);
        return;
    }
    relay_network_checked(w->relay);
}

/* ---------------------------------------------------------------- probes */

static void on_probe_closed(struct resolver *resolver)
{
    struct netwatch_probe *p = OWNER_OF(resolver, struct netwatch_probe, resolver);
    struct netwatch *w = p->watch;
    p->closed = true;
    w->probes_open--;
    finish(w);
    relay_part_closed(w->relay);
}

static bool any_answer(const struct netwatch *w)
{
    for (size_t i = 0; i < w->probe_count; i++)
        if (w->probes[i].answer != NETWATCH_SILENT)
            return true;
    return false;
}

static bool all_answered(const struct netwatch *w)
{
    for (size_t i = 0; i < w->probe_count; i++)
        if (!w->probes[i].answered)
            return false;
    return true;
}

static void close_probes(struct netwatch *w)
{
    uv_timer_stop(&w->timer);
    for (size_t i = 0; i < w->probe_count; i++) {
        struct netwatch_probe *p = &w->probes[i];
        if (p->closed || p->resolver.closing)
            continue;
        resolver_drop(p->request); /* its answer would come when the probe's memory serves another */
        resolver_close(&p->resolver, on_probe_closed);
    }
}

static void on_grace_over(uv_timer_t *timer)
{
    close_probes(OWNER_OF(timer, struct netwatch, timer));
}

static void on_probe_answer(struct resolver_request *request, void *context)
{
    struct netwatch_probe *p = context;
    struct netwatch *w = p->watch;
    p->request = NULL;
    p->answered = true;
    p->took_ns = request->took_ns;
    p->answer = request->status == RESOLVER_NO_ANSWER || request->status == RESOLVER_NO_MEMORY
                    ? NETWATCH_SILENT
                : request->status == RESOLVER_FAILED ? NETWATCH_UNHELPFUL
                                                     : NETWATCH_HELPFUL;
    if (all_answered(w))
        close_probes(w);
    else if (any_answer(w) && !uv_is_active((uv_handle_t *)&w->timer))
        uv_timer_start(&w->timer, on_grace_over, NETWATCH_GRACE_MS, 0);
}

static void add_probe(struct netwatch *w, const struct ip_port *server, bool plain)
{
    struct netwatch_probe *p = &w->probes[w->probe_count];
    if (w->probe_count == NETWATCH_PROBES_MAX)
        return;
    *p = (struct netwatch_probe){.watch = w, .plain = plain};
    ip_port_format(server, p->server);
    if (resolver_open(&p->resolver, w->relay->loop, &w->relay->later, p->server, RESOLVER_TRIES_PROBE,
                      plain) != 0)
        return;
    w->probe_count++;
    w->probes_open++;
    w->relay->open_parts++;
    p->request = resolver_probe(&p->resolver, on_probe_answer, p);
    p->answered = p->request == NULL;
}

static void probe_all(struct netwatch *w, struct span servers)
{
    struct ip_port server;
    w->probe_count = 0;
    while (servers.length > 0) {
        if (!ip_port_parse(span_trim(span_cut(&servers, ',')), 53, &server))
            continue; /* a scoped address, "fe80::1%eth0": rare, and another server is always there */
        add_probe(w, &server, false);
        add_probe(w, &server, true);
    }
    if (all_answered(w))
        close_probes(w);
    finish(w);
}

/* Called whenever something has closed: goes on when all probes are gone. */
static void finish(struct netwatch *w)
{
    if (!w->checking || w->probes_open > 0)
        return;
    if (w->closing) {
        w->checking = false;
        return;
    }
    bool own_choice = w->relay->config.dns_count > 0;
    if (!any_answer(w) && !w->fallback && !own_choice) {
        w->fallback = true;
        probe_all(w, span_of(fallback_servers));
        return;
    }
    conclude(w);
}

/* ---------------------------------------------------------------- starting a check */

static void on_servers_read(uv_work_t *work, int status)
{
    struct netwatch *w = OWNER_OF(work, struct netwatch, work);
    w->reading = false;
    if (w->closing) {
        w->checking = false;
        relay_part_closed(w->relay);
        return;
    }
    probe_all(w, span_of(status == 0 ? w->system_servers : ""));
}

static void read_servers(uv_work_t *work)
{
    struct netwatch *w = OWNER_OF(work, struct netwatch, work);
    dns_channel_system_servers(w->system_servers, sizeof w->system_servers);
}

static void probe_chosen_servers(struct netwatch *w)
{
    const struct config *c = &w->relay->config;
    char servers[CONFIG_DNS_MAX * IP_PORT_TEXT_SIZE] = "";
    size_t length = 0;
    for (size_t i = 0; i < c->dns_count; i++) {
        char text[IP_PORT_TEXT_SIZE];
        ip_port_format(&c->dns[i], text);
        length += (size_t)snprintf(servers + length, sizeof servers - length, "%s%s", i ? "," : "", text);
    }
    probe_all(w, span_of(servers));
}

void netwatch_check(struct netwatch *w, bool announce_result)
{
    if (w->closing)
        return;
    if (w->checking) {
        w->check_again = w->check_again || announce_result;
        w->announce_again = w->announce_again || announce_result;
        return;
    }
    w->announce_again = false;
    uv_timer_stop(&w->timer);
    w->checking = true;
    w->fallback = false;
    w->announce = announce_result;
    if (w->relay->config.dns_count > 0) {
        probe_chosen_servers(w);
        return;
    }
    if (uv_queue_work(w->relay->loop, &w->work, read_servers, on_servers_read) == 0)
        w->reading = true;
    else
        probe_all(w, span_of(""));
}

void netwatch_look(struct netwatch *w)
{
    if (w->checking)
        w->check_again = true;
    else
        netwatch_check(w, false);
}

static void on_settled(uv_timer_t *timer)
{
    netwatch_look(OWNER_OF(timer, struct netwatch, timer));
}

static void on_network_changed(struct platform_network_watch *platform)
{
    struct netwatch *w = platform->data;
    if (!w->relay->status.running || w->closing)
        return;
    if (w->checking)
        w->check_again = true;
    else
        uv_timer_start(&w->timer, on_settled, NETWATCH_SETTLE_MS, 0);
}

/* ---------------------------------------------------------------- open and close */

int netwatch_open(struct netwatch *w, struct relay *relay)
{
    *w = (struct netwatch){.relay = relay};
    w->platform.changed = on_network_changed;
    w->platform.data = w;
    uv_timer_init(relay->loop, &w->timer);
    w->open_handles = 1;
    /* Without it we learn of changes from the next mail only: worse, but no reason to give up. */
    w->watching = platform_watch_network(&w->platform, relay->loop) == 0;
    relay->open_parts++;
    return 0;
}

static void on_part_closed(struct netwatch *w)
{
    if (--w->open_handles > 0)
        return;
    relay_part_closed(w->relay);
}

static void on_watch_closed(struct platform_network_watch *platform)
{
    on_part_closed(platform->data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_part_closed(OWNER_OF(handle, struct netwatch, timer));
}

void netwatch_close(struct netwatch *w)
{
    w->closing = true;
    if (w->reading)
        w->relay->open_parts++; /* on_servers_read() gives it back */
    else if (w->checking)
        close_probes(w);
    if (w->watching) {
        w->open_handles++;
        w->platform.closed = on_watch_closed;
        platform_watch_network_close(&w->platform);
    }
    uv_close((uv_handle_t *)&w->timer, on_timer_closed);
}
