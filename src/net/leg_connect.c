/* SPDX-License-Identifier: MIT */
/*
 * From a host's addresses to a connection: one attempt, and a second one beside it when the first is slow (RFC 8305). The
 * first that connects is the leg's; the address of the other may still be tried. When all have failed, leg_search.c goes on
 * to the next host.
 */

#include "leg_parts.h"

#include <assert.h>

#include "outbound.h"
#include "relay_state.h"
#include "transaction.h"

/* ---------------------------------------------------------------- attempts */

static struct outbound **find_attempt(struct leg *leg, const struct outbound *outbound)
{
    for (size_t i = 0; i < LEG_ATTEMPTS_MAX; i++)
        if (leg->attempts[i] == outbound)
            return &leg->attempts[i];
    return NULL;
}

static bool any_attempt(const struct leg *leg)
{
    for (size_t i = 0; i < LEG_ATTEMPTS_MAX; i++)
        if (leg->attempts[i])
            return true;
    return false;
}

/* The first address that was not tried, or address_count. */
static size_t next_address(const struct leg *leg)
{
    size_t i = 0;
    while (i < leg->address_count && leg->tried[i])
        i++;
    return i;
}

/* An address whose attempt is given up for another one's sake may still be tried. */
void leg_drop_attempts(struct leg *leg)
{
    for (size_t i = 0; i < LEG_ATTEMPTS_MAX; i++) {
        struct outbound *outbound = leg->attempts[i];
        leg->attempts[i] = NULL;
        if (outbound) {
            leg->tried[outbound->address_index] = false;
            outbound_drop(outbound);
        }
    }
}

/* True: under way. There must be room for an attempt. */
static bool connect_to(struct leg *leg, size_t index, enum tls_demand demand, bool resume)
{
    struct relay *relay = leg_relay(leg);
    uint16_t mx_port = relay->config.mx_port;
    struct ip_port to = {leg->addresses[index], mx_port ? mx_port : 25};
    struct outbound **attempt = find_attempt(leg, NULL);
    int error;
    assert(attempt);
    leg_enter(leg, LEG_CONNECTING);
    leg->tried[index] = true;
    leg->resuming = resume && tls_hosts_session(&relay->tls_hosts, leg_host_name(leg), demand).length > 0;
    *attempt = outbound_open(relay, leg, leg_host_name(leg), &to, demand, &error);
    if (*attempt) {
        (*attempt)->address_index = index;
        return true;
    }
    char text[IP_TEXT_SIZE];
    ip_format(&to.ip, text);
    struct outcome outcome = outcome_from_fault(OUTCOME_FAULT_CONNECT_FAILED, uv_strerror(error));
    outcome_set_host(&outcome, leg_host_name(leg), text);
    leg_note_trouble(leg, &outcome);
    return false;
}

/* One more attempt, if there is an address to try and room for it. */
static void begin_attempt(struct leg *leg)
{
    size_t next;
    while (find_attempt(leg, NULL) && (next = next_address(leg)) < leg->address_count)
        if (connect_to(leg, next, leg->tls_demand, true))
            return;
}

void leg_try_next_address(struct leg *leg)
{
    begin_attempt(leg);
    if (any_attempt(leg))
        return;
    if (leg->over_ipv4 && leg->trouble.kind == OUTCOME_PERMANENT)
        leg_fail(leg,
                 &leg->trouble); /* it has no IPv4 address: its refusal stands, and no other host is asked */
    else
        leg_try_next_host(leg);
}

void leg_outbound_connected(struct leg *leg, struct outbound *outbound)
{
    struct hosts *hosts = &leg_relay(leg)->hosts;
    struct outbound **attempt = find_attempt(leg, outbound);
    assert(attempt);
    *attempt = NULL;
    for (size_t i = 0; i < LEG_ATTEMPTS_MAX; i++) /* so that the next mail does not wait for it again */
        if (leg->attempts[i] && leg->attempts[i]->slow)
            hosts_address_failed(hosts, &leg->attempts[i]->address.ip, leg_now_ms(leg));
    leg_drop_attempts(leg);
    leg->outbound = outbound;
    leg->address_index = outbound->address_index;
    hosts_connected(hosts, leg_host_name(leg), &outbound->address.ip);
}

void leg_outbound_slow(struct leg *leg)
{
    begin_attempt(leg);
}

bool leg_attempt_failed(struct leg *leg, const struct outbound *outbound)
{
    struct outbound **attempt = find_attempt(leg, outbound);
    struct hosts *hosts = &leg_relay(leg)->hosts;
    if (!attempt)
        return false;
    *attempt = NULL;
    hosts_address_failed(hosts, &outbound->address.ip, leg_now_ms(leg));
    if (!any_attempt(leg) && next_address(leg) == leg->address_count)
        hosts_name_failed(hosts, leg_host_name(leg), leg_now_ms(leg));
    return true;
}

/* ---------------------------------------------------------------- a server that says nothing */

static bool has_next_host(const struct leg *leg)
{
    return !leg->over_ipv4 && leg->host_index + 1 < leg->host_count;
}

bool leg_may_give_up_silence(const struct leg *leg)
{
    return !leg->met_silence && (has_next_host(leg) || next_address(leg) < leg->address_count);
}

void leg_give_up_silent(struct leg *leg, const struct outbound *outbound)
{
    struct hosts *hosts = &leg_relay(leg)->hosts;
    leg->met_silence = true;
    hosts_address_failed(hosts, &outbound->address.ip, leg_now_ms(leg));
    hosts_name_failed(hosts, leg_host_name(leg), leg_now_ms(leg));
    if (has_next_host(leg)) /* and not to another address of the same one */
        leg_try_next_host(leg);
    else
        leg_try_next_address(leg);
}

/* ---------------------------------------------------------------- the same server once more, otherwise */

bool leg_try_over_ipv4(struct leg *leg, const struct outcome *outcome)
{
    struct outbound *outbound = leg->outbound;
    if (leg->over_ipv4 || leg->route.kind == ROUTE_ADDRESS || !hosts_is_ipv6_refusal(outcome))
        return false;
    hosts_ipv6_refused(&leg_relay(leg)->hosts, leg_host_name(leg));
    leg->over_ipv4 = true;
    leg->trouble = *outcome;
    leg->outbound = NULL;
    if (outbound)
        outbound_drop(outbound);
    leg_locate(leg);
    return true;
}

/* First without the former session (it may be that which the server chokes on), then without TLS, unless that would be
 * against the demand. So there are three connections to one address at most, and a fourth where this computer has slept: that
 * is no fault of TLS, and never a reason to do without. */
void leg_try_without_tls(struct leg *leg, bool slept)
{
    size_t same = leg->address_index;
    bool under_way = false, again = slept && !leg->slept;
    leg->slept = leg->slept || slept;
    if (again || (leg->resuming && !slept))
        under_way = connect_to(leg, same, leg->tls_demand, false);
    else if (leg->tls_demand == TLS_OPPORTUNISTIC && !slept)
        under_way = connect_to(leg, same, TLS_NONE, false);
    if (!under_way)
        leg_try_next_address(leg);
}
