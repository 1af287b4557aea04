/* SPDX-License-Identifier: MIT */
/*
 * Where a leg goes: MX records and the domain's policy -> a place at the first host -> its addresses, and from there on
 * leg_connect.c. Each step that fails notes why and goes on to the next host; when there is none left, what was noted
 * is the verdict.
 */

#include "leg_parts.h"

#include <stdlib.h>
#include <string.h>

#include "outbound.h"
#include "owner_of.h"
#include "relay_state.h"
#include "smtp/policy.h"
#include "transaction.h"

#define LEG_ALIKE_HOSTS_MAX 16 /* longer lists are not compared */

/* ---------------------------------------------------------------- hosts and addresses */

const char *leg_host_name(const struct leg *leg)
{
    return leg->route.kind == ROUTE_ADDRESS ? leg->route.domain : leg->hosts[leg->host_index].host;
}

/* What the sender will be told if nothing better comes. Hope outweighs despair: one host that may
 * answer later makes the whole failure temporary. */
void leg_note_trouble(struct leg *leg, const struct outcome *outcome)
{
    if (leg->trouble.kind != OUTCOME_TEMPORARY || outcome->kind == OUTCOME_TEMPORARY)
        leg->trouble = *outcome;
}

static void note_fault(struct leg *leg, enum outcome_fault fault)
{
    struct outcome outcome = outcome_from_fault(fault, NULL);
    outcome_set_host(&outcome, leg_host_name(leg), NULL);
    leg_note_trouble(leg, &outcome);
}

void leg_try_next_host(struct leg *leg)
{
    if (leg->place) {
        pool_leave(&leg_relay(leg)->pool, leg->place);
        leg->place = NULL;
    }
    leg->over_ipv4 = false;
    leg->host_index++;
    if (leg->host_index < leg->host_count)
        leg_enter_host(leg);
    else
        leg_fail(leg, &leg->trouble);
}

/* This host is ourselves: neither it nor any that is not preferred to it may be used (RFC 5321 section 5.1). A preferred one
 * may stand behind it, because it failed a minute ago. */
void leg_stop_at_ourselves(struct leg *leg, const struct outcome *loop)
{
    size_t kept = leg->host_index + 1;
    for (size_t i = kept; i < leg->host_count; i++)
        if (leg->hosts[i].preference < leg->hosts[leg->host_index].preference)
            leg->hosts[kept++] = leg->hosts[i];
    leg->host_count = kept;
    leg_note_trouble(leg, loop);
    leg_try_next_host(leg);
}

static bool leads_to_ourselves(const struct leg *leg)
{
    for (size_t i = 0; i < leg->address_count; i++)
        if (relay_is_led_home(leg_relay(leg), &leg->addresses[i]))
            return true;
    return false;
}

uint64_t leg_now_ms(const struct leg *leg)
{
    return uv_now(leg_relay(leg)->loop);
}

static void keep_ipv4(struct leg *leg)
{
    size_t kept = 0;
    for (size_t i = 0; i < leg->address_count; i++)
        if (leg->addresses[i].family == IP_V4)
            leg->addresses[kept++] = leg->addresses[i];
    leg->address_count = kept;
}

static void try_addresses(struct leg *leg)
{
    memset(leg->tried, 0, sizeof leg->tried);
    hosts_order_addresses(&leg_relay(leg)->hosts, leg_host_name(leg), leg->addresses, leg->address_count,
                          leg_now_ms(leg));
    if (leg->over_ipv4)
        keep_ipv4(leg);
    if (leads_to_ourselves(leg)) {
        struct outcome loop = outcome_from_fault(OUTCOME_FAULT_LOOP, NULL);
        outcome_set_host(&loop, leg_host_name(leg), NULL);
        leg_stop_at_ourselves(leg, &loop);
        return;
    }
    leg_try_next_address(leg);
}

static void on_addresses(struct resolver_request *request, void *context)
{
    struct leg *leg = context;
    leg->query = NULL;
    leg->address_count = 0;
    switch (request->status) {
    case RESOLVER_OK:
        leg->address_count = request->address_count;
        for (size_t i = 0; i < leg->address_count; i++)
            leg->addresses[i] = request->addresses[i];
        try_addresses(leg);
        return;
    case RESOLVER_NO_DOMAIN:
    case RESOLVER_NO_DATA:
        note_fault(leg, OUTCOME_FAULT_DNS_NO_ADDRESS);
        break;
    case RESOLVER_NO_MEMORY:
        note_fault(leg, OUTCOME_FAULT_NO_MEMORY);
        break;
    case RESOLVER_FAILED:
    case RESOLVER_NO_ANSWER:
        note_fault(leg, OUTCOME_FAULT_DNS_FAILED);
        break;
    }
    leg_try_next_host(leg);
}

/* With a place at the host, but no connection. */
void leg_locate(struct leg *leg)
{
    if (leg->route.kind == ROUTE_ADDRESS) {
        leg->addresses[0] = leg->route.ip;
        leg->address_count = 1;
        try_addresses(leg);
        return;
    }
    leg_enter(leg, LEG_LOCATING);
    leg->query = resolver_ask_addresses(&leg_relay(leg)->resolver, leg_host_name(leg), on_addresses, leg);
    if (!leg->query)
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
}

/* ---------------------------------------------------------------- a mail with many domains at one provider */

static bool names_host(const struct leg *leg, const struct smtp_mx *host)
{
    for (size_t i = 0; i < leg->host_count; i++)
        if (leg->hosts[i].preference == host->preference &&
            span_equals_nocase(span_of(leg->hosts[i].host), span_of(host->host)))
            return true;
    return false;
}

/* Is it all one to the recipients of the one leg if they go on the other, also when its connection fails? */
static bool same_destination(const struct leg *a, const struct leg *b)
{
    if (a->route.kind != ROUTE_MX || b->route.kind != ROUTE_MX || a->tls_demand != b->tls_demand ||
        a->host_count != b->host_count || a->host_count > LEG_ALIKE_HOSTS_MAX)
        return false;
    for (size_t i = 0; i < a->host_count; i++)
        if (!names_host(b, &a->hosts[i]))
            return false;
    return true;
}

static bool has_place_beside(const struct leg *other, const struct leg *leg)
{
    return other->place == leg->place && other->state != LEG_WAIT_PLACE && other->state != LEG_DONE;
}

static struct leg *find_companion(const struct leg *leg)
{
    struct leg *other = leg->transaction->legs;
    while (other && !(has_place_beside(other, leg) && leg_may_add(other) && same_destination(other, leg)))
        other = other->next;
    return other;
}

/* All recipients of a leg that waits go along with those of another one of their mail. */
static void join(struct leg *leg, struct leg *other)
{
    struct recipient **last = &other->recipients;
    while (*last)
        last = &(*last)->next_of_leg;
    *last = leg->recipients;
    leg->recipients = NULL;
    for (struct recipient *r = *last; r; r = r->next_of_leg) {
        r->leg = other;
        r->on_wire = r->answered = false;
    }
    leg_let_go(leg);
    leg_done(leg);
    leg_push(other);
}

static bool holds_all_places(const struct leg *leg)
{
    size_t own = 0;
    for (const struct leg *other = leg->transaction->legs; other; other = other->next)
        own += has_place_beside(other, leg);
    return own >= POOL_CONNECTIONS_MAX;
}

/* The places may be this very mail's, which holds them until its content: then it would wait for itself. */
static void look_for_company(struct leg *leg)
{
    if (leg->transaction->state != TRANSACTION_ENVELOPE || !leg_any_takes_part(leg))
        return;
    struct leg *companion = find_companion(leg);
    if (companion)
        join(leg, companion);
    else if (holds_all_places(leg))
        leg_fail_by(leg, OUTCOME_FAULT_BUSY);
}

/* ---------------------------------------------------------------- places */

/* When it came into the queue, nobody of its mail may have had a place yet. */
static void look_at_those_who_wait(struct leg *leg)
{
    for (struct leg *other = leg->transaction->legs; other; other = other->next)
        if (other->state == LEG_WAIT_PLACE && other->place == leg->place)
            look_for_company(other);
}

static void go_on(struct later_task *task)
{
    struct leg *leg = OWNER_OF(task, struct leg, wake);
    if (leg->place)
        look_at_those_who_wait(leg);
    if (leg->state == LEG_ENVELOPE)
        leg_push(leg);
    else if (leg->state == LEG_LOCATING && !leg->query)
        leg_locate(leg);
}

/* It goes on from the top of the loop: otherwise a queue of thousands, each of whom fails at once and
 * gives his place to the next, would be as many calls deep. */
void leg_got_place(struct leg *leg, struct outbound *outbound)
{
    if (outbound) {
        outbound_borrow(outbound, leg);
        leg_use_connection(leg, outbound, true);
    } else {
        leg_enter(leg, LEG_LOCATING);
    }
    later_post(&leg_relay(leg)->later, &leg->wake, go_on);
}

void leg_enter_host(struct leg *leg)
{
    struct outbound *outbound = NULL;
    switch (pool_enter(&leg_relay(leg)->pool, leg_host_name(leg), leg, &leg->place, &outbound)) {
    case POOL_REUSE:
        outbound_borrow(outbound, leg);
        leg_use_connection(leg, outbound, true);
        leg_push(leg);
        return;
    case POOL_PLACE:
        leg_locate(leg);
        return;
    case POOL_WAIT:
        leg_enter(leg, LEG_WAIT_PLACE);
        look_for_company(leg);
        return;
    case POOL_NO_MEMORY:
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
        return;
    }
}

/* ---------------------------------------------------------------- MX records */

/* Among the best hosts one that we have a connection to will do as well as any. */
static void prefer_idle(struct leg *leg)
{
    for (size_t i = 1; i < leg->host_count && leg->hosts[i].preference == leg->hosts[0].preference; i++) {
        if (!pool_has_idle(&leg_relay(leg)->pool, leg->hosts[i].host, leg->tls_demand))
            continue;
        struct smtp_mx first = leg->hosts[0];
        leg->hosts[0] = leg->hosts[i];
        leg->hosts[i] = first;
        return;
    }
}

/* Of the hosts those that the domain's policy names. None may be left. */
static void keep_allowed(struct leg *leg)
{
    size_t kept = 0;
    for (size_t i = 0; i < leg->host_count; i++)
        if (smtp_policy_allows(leg->policy, leg->hosts[i].host))
            leg->hosts[kept++] = leg->hosts[i];
    leg->host_count = kept;
}

/* When both are known: the hosts, and what the domain demands of them. */
static void start_hosts(struct leg *leg)
{
    if (leg->policy_query)
        return;
    if (leg->policy) {
        struct outcome refusal = outcome_from_fault(OUTCOME_FAULT_POLICY_HOST, NULL);
        outcome_set_host(&refusal, leg->hosts[0].host, NULL);
        leg->tls_demand = TLS_VERIFIED;
        keep_allowed(leg);
        if (leg->host_count == 0) {
            leg_fail(leg, &refusal);
            return;
        }
    }
    leg->host_count = smtp_mx_order(leg->hosts, leg->host_count, relay_random(leg_relay(leg)));
    leg->host_index = 0;
    if (leg->host_count == 0) {
        leg_fail_by(leg, OUTCOME_FAULT_DNS_NO_ADDRESS); /* several records, all of them the root */
        return;
    }
    prefer_idle(leg);
    hosts_order_exchangers(&leg_relay(leg)->hosts, leg->hosts, leg->host_count, leg_now_ms(leg));
    leg_enter_host(leg);
}

/* No MX: the domain is its own (RFC 5321 section 5.1, the implicit MX). */
static void use_domain_itself(struct leg *leg)
{
    leg->hosts = calloc(1, sizeof *leg->hosts);
    if (!leg->hosts) {
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
        return;
    }
    span_copy(span_of(leg->route.domain), leg->hosts[0].host, sizeof leg->hosts[0].host);
    leg->host_count = 1;
    start_hosts(leg);
}

static void on_mx(struct resolver_request *request, void *context)
{
    struct leg *leg = context;
    leg->query = NULL;
    switch (request->status) {
    case RESOLVER_OK:
        if (smtp_mx_is_null(request->mx, request->mx_count)) {
            leg_fail_by(leg, OUTCOME_FAULT_DNS_NULL_MX);
            return;
        }
        leg->hosts = request->mx;
        leg->host_count = request->mx_count;
        request->mx = NULL;
        start_hosts(leg);
        return;
    case RESOLVER_NO_DATA:
        use_domain_itself(leg);
        return;
    case RESOLVER_NO_DOMAIN:
        leg_fail_by(leg, OUTCOME_FAULT_DNS_NO_DOMAIN);
        return;
    case RESOLVER_FAILED:
        leg_fail_by(leg, OUTCOME_FAULT_DNS_FAILED);
        return;
    case RESOLVER_NO_MEMORY:
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
        return;
    case RESOLVER_NO_ANSWER:
        if (leg->network_looked_at) { /* and other questions are answered: it is this domain */
            leg_fail_by(leg, OUTCOME_FAULT_DNS_FAILED);
            return;
        }
        leg_enter(leg, LEG_WAIT_NETWORK);
        netwatch_check(&leg_relay(leg)->netwatch, false);
        return;
    }
}

static void on_policy(void *context, const struct smtp_policy *policy)
{
    struct leg *leg = context;
    leg->policy_query = NULL;
    if (policy) {
        leg->policy = malloc(sizeof *leg->policy);
        if (!leg->policy) {
            leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
            return;
        }
        *leg->policy = *policy;
    }
    if (leg->hosts)
        start_hosts(leg);
}

static void ask_mx(struct leg *leg)
{
    leg_enter(leg, LEG_RESOLVING);
    leg->query = resolver_ask_mx(&leg_relay(leg)->resolver, leg->route.domain, on_mx, leg);
    if (!leg->query)
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
}

/* Both at once: a policy costs no time where there is none. */
void leg_search(struct leg *leg)
{
    struct relay *relay = leg_relay(leg);
    leg->policy_query = mta_sts_ask(&relay->mta_sts, leg->route.domain, on_policy, leg);
    if (leg->policy_query)
        ask_mx(leg);
    else
        leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
}

void leg_network_checked(struct leg *leg, bool connected)
{
    if (leg->state != LEG_WAIT_NETWORK)
        return;
    leg->network_looked_at = true;
    if (connected)
        ask_mx(leg);
    else
        leg_fail_by(leg, OUTCOME_FAULT_NO_INTERNET);
}
