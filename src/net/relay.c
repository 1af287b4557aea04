/* SPDX-License-Identifier: MIT */
/*
 * The engine as a whole: starting, stopping, resetting, ending. It owns every part; a part that has handles
 * counts itself in open_parts and says when it has closed them, and when the count is zero the relay
 * closes its own and is gone.
 */

#include "net/relay.h"

#include <stdlib.h>
#include <string.h>

#include "inbound.h"
#include "outbound.h"
#include "owner_of.h"
#include "relay_state.h"
#include "transaction.h"
#include "version.h"

/* ---------------------------------------------------------------- status */

void relay_status_changed(struct relay *relay)
{
    struct status now = relay->status;
    now.connected = relay->netwatch.connected;
    if (status_equals(&now, &relay->told_status))
        return;
    relay->status = relay->told_status = now;
    if (relay->watcher.status)
        relay->watcher.status(relay->watcher.context, &now);
}

static void say(struct relay *relay, enum event_kind kind, const char *detail)
{
    struct event e = {.kind = kind};
    span_copy(span_of(detail), e.detail, sizeof e.detail);
    events_add(&relay->events, &e);
}

void relay_note_full(struct relay *relay)
{
    char count[16];
    if (relay->full_at > 0)
        return; /* one line for each time it fills up, not one for each who is turned away */
    relay->full_at = relay->inbound_count;
    unsigned others = relay->inbound_count - 1; /* with those who are saying good-bye */
    snprintf(count, sizeof count, "%u",
             others < relay->config.max_sessions ? others : relay->config.max_sessions);
    say(relay, EVENT_SESSION_LIMIT, count);
}

uint64_t relay_random(struct relay *relay)
{
    relay->random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = relay->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return z ^ (z >> 27);
}

bool relay_allows(const struct relay *relay, const struct ip *ip)
{
    if (ip_is_loopback(ip))
        return true;
    for (size_t i = 0; i < relay->config.allow_count; i++)
        if (ip_in_block(ip, &relay->config.allow[i]))
            return true;
    return false;
}

bool relay_is_led_home(const struct relay *relay, const struct ip *ip)
{
    bool in_test = relay->config.mx_port != 0; /* tests have their servers on loopback addresses */
    return !in_test && (ip_is_loopback(ip) || ip_is_unspecified(ip));
}

/* ---------------------------------------------------------------- our name */

const char *relay_hostname(struct relay *relay, const struct ip *ip)
{
    if (relay->config.hostname[0])
        return relay->config.hostname;
    for (size_t i = 0; i < relay->name_count; i++)
        if (ip_equals(&relay->names[i].ip, ip))
            return relay->names[i].name;
    if (!ip_is_global(ip)) /* no reverse name of a private address means anything to others */
        relay_note_hostname(relay, ip, NULL);
    return ip_is_global(ip) ? NULL : relay_hostname(relay, ip);
}

void relay_note_hostname(struct relay *relay, const struct ip *ip, const char *name)
{
    if (relay->name_count == RELAY_NAMES) { /* a machine that moves about: the oldest goes */
        memmove(&relay->names[0], &relay->names[1], sizeof relay->names - sizeof relay->names[0]);
        relay->name_count--;
    }
    struct relay_name *entry = &relay->names[relay->name_count++];
    entry->ip = *ip;
    if (name) {
        span_copy(span_of(name), entry->name, sizeof entry->name);
        return;
    }
    char text[IP_TEXT_SIZE];
    ip_format(ip, text);
    snprintf(entry->name, sizeof entry->name, ip->family == IP_V6 ? "[IPv6:%s]" : "[%s]", text);
}

/* ---------------------------------------------------------------- listening */

static void listen_now(struct relay *relay)
{
    static const struct ip_port usual[] = {
        {{.family = IP_V4, .bytes = {127, 0, 0, 1}}, 25},
        {{.family = IP_V6, .bytes = {[15] = 1}}, 25},
    };
    const struct config *c = &relay->config;
    size_t count = c->listen_count ? c->listen_count : sizeof usual / sizeof *usual;
    if (!relay->listen_due)
        return;
    for (size_t i = 0; i < relay->listener_count; i++)
        if (!listener_is_gone(&relay->listeners[i]))
            return; /* the old ones first: the last of them calls again */
    relay->listen_due = false;
    uv_timer_stop(&relay->timer);
    relay->status.listening = true;
    for (size_t i = 0; i < count; i++)
        listener_open(&relay->listeners[i], relay, c->listen_count ? &c->listen[i] : &usual[i],
                      c->listen_count > 0 || i == 0);
    relay->listener_count = count;
    relay_status_changed(relay);
}

static void on_listen_time(uv_timer_t *timer)
{
    listen_now(OWNER_OF(timer, struct relay, timer));
}

static void stop_listening(struct relay *relay)
{
    relay->listen_due = false;
    relay->status.listening = false;
    for (size_t i = 0; i < relay->listener_count; i++)
        listener_close(&relay->listeners[i]);
}

static void listen_soon(struct relay *relay)
{
    relay->listen_due = true;
    uv_timer_start(&relay->timer, on_listen_time, relay->timeouts.listen_ms, 0);
}

void relay_listen_anew(struct relay *relay)
{
    stop_listening(relay);
    listen_soon(relay);
    relay_status_changed(relay);
}

/* ---------------------------------------------------------------- the orders */

/* Start and Reset: a fresh look at everything (contract, "Life of the program"). */
static void look_afresh(struct relay *relay)
{
    stop_listening(relay);
    relay->status.running = true;
    relay->status.starting = true;
    relay->status.trouble = false;
    relay->stopping = false;
    relay->full_at = 0;
    say(relay, EVENT_STARTED, TRAYPOST_VERSION);
    listen_soon(relay);
    netwatch_check(&relay->netwatch, true);
}

static void start(struct relay *relay)
{
    if (!relay->status.running)
        look_afresh(relay);
}

static void cut_all(struct relay *relay)
{
    for (struct inbound *i = relay->inbounds; i; i = i->next)
        if (!i->parting)
            inbound_shut(i, "Traypost is stopping");
    if (!relay->exiting)
        return;
    for (struct transaction *t = relay->transactions; t; t = t->next)
        transaction_abort(t, OUTCOME_FAULT_STOPPING);
    for (struct outbound *o = relay->outbounds; o; o = o->next)
        outbound_drop(o);
}

static void on_stop_time(uv_timer_t *timer)
{
    struct relay *relay = OWNER_OF(timer, struct relay, timer);
    cut_all(relay);
    relay_look_if_finished(relay);
}

static void stop(struct relay *relay)
{
    if (!relay->status.running)
        return;
    relay->status.running = relay->status.starting = false;
    relay->stopping = true;
    stop_listening(relay);
    say(relay, EVENT_STOPPED, "");
    uv_timer_start(&relay->timer, on_stop_time, relay->timeouts.stop_ms, 0);
    for (struct inbound *i = relay->inbounds; i; i = i->next)
        inbound_retire(i);
    for (struct outbound *o = relay->outbounds; o; o = o->next)
        outbound_retire(o);
}

static void leave(struct relay *relay)
{
    if (relay->exiting)
        return;
    stop(relay);
    relay->exiting = true;
    if (!uv_is_active((uv_handle_t *)&relay->timer))
        uv_timer_start(&relay->timer, on_stop_time, relay->timeouts.stop_ms, 0); /* it was stopped before */
    for (struct outbound *o = relay->outbounds; o; o = o->next)
        outbound_retire(o);
    relay_look_if_finished(relay);
}

static void look(struct relay *relay)
{
    events_turn_day(&relay->events);
    if (relay->status.running)
        netwatch_look(&relay->netwatch);
}

static void carry_out(struct relay *relay, enum relay_order order)
{
    static void (*const deeds[RELAY_ORDER_COUNT])(struct relay * relay) = {
        [RELAY_START] = start, [RELAY_STOP] = stop, [RELAY_RESET] = look_afresh,
        [RELAY_EXIT] = leave,  [RELAY_LOOK] = look,
    };
    if (relay->exiting)
        return;
    deeds[order](relay);
    relay_status_changed(relay);
}

static void on_mail_in_box(uv_async_t *mailbox)
{
    struct relay *relay = OWNER_OF(mailbox, struct relay, mailbox);
    enum relay_order orders[RELAY_ORDER_COUNT];
    uv_mutex_lock(&relay->orders_lock);
    size_t count = relay->order_count;
    memcpy(orders, relay->orders, sizeof orders);
    relay->order_count = 0;
    uv_mutex_unlock(&relay->orders_lock);
    for (size_t i = 0; i < count; i++)
        carry_out(relay, orders[i]);
}

/* Each order waits once, at the place of its last post: STOP, START, STOP ends as START, STOP does. Behind EXIT nothing comes. */
static void put_last(struct relay *relay, enum relay_order order)
{
    size_t kept = 0;
    if (relay->order_count > 0 && relay->orders[relay->order_count - 1] == RELAY_EXIT)
        return;
    for (size_t i = 0; i < relay->order_count; i++)
        if (relay->orders[i] != order)
            relay->orders[kept++] = relay->orders[i];
    relay->orders[kept] = order;
    relay->order_count = kept + 1;
}

void relay_post(struct relay *relay, enum relay_order order)
{
    uv_mutex_lock(&relay->orders_lock);
    put_last(relay, order);
    uv_mutex_unlock(&relay->orders_lock);
    uv_async_send(&relay->mailbox); /* fails only for a handle that is no async */
}

/* ---------------------------------------------------------------- what the parts report */

void relay_network_checked(struct relay *relay)
{
    bool connected = relay->netwatch.connected;
    relay->status.starting = false;
    relay_status_changed(relay);
    listen_now(relay);
    for (struct inbound *i = relay->inbounds; i; i = i->next)
        inbound_network_checked(i, connected);
    for (struct transaction *t = relay->transactions; t; t = t->next)
        for (struct leg *leg = t->legs; leg; leg = leg->next)
            leg_network_checked(leg, connected);
}

void relay_mail_began(struct relay *relay)
{
    relay->status.mails_in_progress++;
    relay_status_changed(relay);
}

void relay_mail_answered(struct relay *relay)
{
    relay->status.mails_in_progress--;
    relay_status_changed(relay);
}

/* ---------------------------------------------------------------- the end */

static void free_relay(struct relay *relay)
{
    tls_hosts_clear(&relay->tls_hosts);
    tls_setup_free(relay->tls_setup);
    seen_free(relay->seen);
    free(relay);
}

static void on_last_closed(uv_handle_t *handle)
{
    struct relay *relay = handle->data;
    if (--relay->open_parts > 0)
        return;
    uv_mutex_destroy(&relay->orders_lock);
    free_relay(relay);
}

static void on_later_closed(struct later *later)
{
    struct relay *relay = OWNER_OF(later, struct relay, later);
    uv_handle_t *last[] = {(uv_handle_t *)&relay->mailbox, (uv_handle_t *)&relay->timer};
    relay->open_parts = 2;
    for (size_t i = 0; i < 2; i++) {
        last[i]->data = relay;
        uv_close(last[i], on_last_closed);
    }
}

static void on_resolver_closed(struct resolver *resolver)
{
    relay_part_closed(OWNER_OF(resolver, struct relay, resolver));
}

static void close_parts(struct relay *relay)
{
    relay->closing_parts = true;
    uv_timer_stop(&relay->timer);
    netwatch_close(&relay->netwatch);
    programs_close(&relay->programs);
    mta_sts_close(&relay->mta_sts);
    resolver_close(&relay->resolver, on_resolver_closed);
}

void relay_look_if_finished(struct relay *relay)
{
    if (relay->inbound_count < relay->full_at - relay->full_at / 10)
        relay->full_at = 0;
    if (relay->stopping && !relay->inbounds && !relay->exiting)
        uv_timer_stop(&relay->timer);
    bool empty = !relay->inbounds && !relay->transactions && !relay->outbounds;
    if (empty)
        platform_release_memory();
    if (relay->exiting && empty && !relay->closing_parts)
        close_parts(relay);
}

void relay_part_closed(struct relay *relay)
{
    relay->open_parts--;
    if (!relay->exiting)
        listen_now(relay);
    else if (relay->open_parts == 0)
        later_close(&relay->later, on_later_closed);
}

/* ---------------------------------------------------------------- the beginning */

static void on_never_opened(struct resolver *resolver)
{
    struct relay *relay = OWNER_OF(resolver, struct relay, resolver);
    uv_mutex_destroy(&relay->orders_lock);
    free_relay(relay);
}

/* On an error the relay is gone, at the latest when the loop has run. */
static int open_parts(struct relay *relay)
{
    events_init(&relay->events, relay, &relay->watcher);
    int error = uv_mutex_init(&relay->orders_lock);
    if (error)
        goto relay;
    error = resolver_open(&relay->resolver, relay->loop, &relay->later, "127.0.0.1", RESOLVER_TRIES, false);
    if (error)
        goto orders;
    error = uv_async_init(relay->loop, &relay->mailbox, on_mail_in_box);
    if (error) { /* the resolver has a handle already: it goes when the loop runs */
        resolver_close(&relay->resolver, on_never_opened);
        return error;
    }
    relay->open_parts = 1; /* the resolver */
    later_init(&relay->later, relay->loop);
    uv_timer_init(relay->loop, &relay->timer);
    programs_open(&relay->programs, relay);
    return netwatch_open(&relay->netwatch, relay); /* always 0 */

orders:
    uv_mutex_destroy(&relay->orders_lock);
relay:
    free_relay(relay);
    return error;
}

int relay_open(uv_loop_t *loop, const struct config *config, const struct relay_watcher *watcher,
               struct relay **opened)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (!relay)
        return UV_ENOMEM;
    relay->loop = loop;
    relay->config = *config;
    relay->watcher = *watcher;
    relay->timeouts = usual_timeouts;
    relay->content_max_bytes = RELAY_CONTENT_MAX;
    pool_init(&relay->pool, relay);
    hosts_init(&relay->hosts);
    mta_sts_init(&relay->mta_sts, relay);
    relay->policy_port = 443;
    int error = uv_random(NULL, NULL, &relay->random, sizeof relay->random, 0, NULL);
    if (error) {
        free_relay(relay);
        return error;
    }
    relay->tls_setup = tls_setup_new();
    if (!relay->tls_setup) {
        free_relay(relay);
        return UV_ENOMEM;
    }
    error = open_parts(relay);
    if (error)
        return error;
    relay->instance = (uint32_t)relay_random(relay);
    relay->seen = seen_new(SEEN_MAIL_MAX); /* without memory for it, mails go unguarded */
    *opened = relay;
    return 0;
}
