/* SPDX-License-Identifier: MIT */
/*
 * A leg's life: beginning, what its connection tells, the end. Where it goes is in leg_search.c, what it says
 * there in leg_mail.c. What fails before the content leads to the next address or host; what a server says
 * with 5xx is final and leads nowhere else.
 */

#include "leg_parts.h"

#include <assert.h>
#include <stdlib.h>

#include "core/refusal.h"
#include "outbound.h"
#include "relay_state.h"
#include "transaction.h"

void leg_enter(struct leg *leg, enum leg_state state)
{
    leg->state = state;
}

struct relay *leg_relay(const struct leg *leg)
{
    return leg->transaction->relay;
}

/* Does this recipient still belong to the mail on this leg? */
bool leg_takes_part(const struct recipient *r)
{
    return r->state == RECIPIENT_ASKED || r->state == RECIPIENT_TAKEN;
}

bool leg_any_takes_part(const struct leg *leg)
{
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (leg_takes_part(r))
            return true;
    return false;
}

/* ---------------------------------------------------------------- the end */

/* Gives up query, place and connection, in whatever state they are. */
void leg_let_go(struct leg *leg)
{
    resolver_drop(leg->query);
    leg->query = NULL;
    mta_sts_drop(leg->policy_query);
    leg->policy_query = NULL;
    struct outbound *outbound = leg->outbound;
    struct pool_host *place = leg->place;
    leg->outbound = NULL;
    leg->place = NULL;
    leg_drop_attempts(leg);
    if (leg->state == LEG_WAIT_PLACE) {
        pool_stop_waiting(place, leg);
    } else if (outbound && leg->state == LEG_ENVELOPE) {
        outbound_release(outbound, place, leg->mail_said);
    } else {
        if (outbound)
            outbound_drop(outbound); /* connecting, or amid content: no further word */
        if (place)
            pool_leave(&leg_relay(leg)->pool, place);
    }
}

void leg_done(struct leg *leg)
{
    message_detach(&leg->reader);
    leg_enter(leg, LEG_DONE);
    transaction_leg_changed(leg->transaction);
}

void leg_abandon(struct leg *leg)
{
    if (leg->state == LEG_DONE)
        return;
    leg_let_go(leg);
    leg_done(leg);
}

/* One verdict for all who still take part. */
static void give_verdict(struct leg *leg, const struct outcome *outcome)
{
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (leg_takes_part(r) || r->state == RECIPIENT_LATE)
            transaction_verdict(leg->transaction, r, outcome);
}

void leg_fail(struct leg *leg, const struct outcome *outcome)
{
    struct outcome verdict = *outcome; /* it may be leg->trouble, or the connection's */
    leg->trouble = verdict;
    leg->failed = true;
    leg_let_go(leg);
    leg_enter(leg, LEG_DONE); /* a verdict wakes the session, whose next RCPT must not come here */
    give_verdict(leg, &verdict);
    leg_done(leg);
}

void leg_fail_by(struct leg *leg, enum outcome_fault fault)
{
    struct outcome outcome = outcome_from_fault(fault, NULL);
    if (leg->outbound)
        outbound_sign(leg->outbound, &outcome);
    leg_fail(leg, &outcome);
}

void leg_free(struct leg *leg)
{
    free(leg->hosts);
    free(leg->policy);
    free(leg);
}

/* ---------------------------------------------------------------- the beginning */

struct leg *leg_new(struct transaction *t, const struct route *route)
{
    struct leg *leg = calloc(1, sizeof *leg);
    if (!leg)
        return NULL;
    leg->transaction = t;
    leg->route = *route;
    leg->tls_demand = TLS_OPPORTUNISTIC;
    leg->trouble = outcome_from_fault(OUTCOME_FAULT_DNS_NO_ADDRESS, NULL);
    leg->next = t->legs;
    t->legs = leg;
    return leg;
}

bool leg_may_add(const struct leg *leg)
{
    return !leg->full && leg->state <= LEG_ENVELOPE;
}

void leg_add(struct leg *leg, struct recipient *recipient)
{
    assert(leg_may_add(leg));
    bool first = !leg->recipients;
    struct recipient **last = &leg->recipients;
    while (*last)
        last = &(*last)->next_of_leg;
    *last = recipient;
    recipient->leg = leg;
    recipient->next_of_leg = NULL;
    recipient->on_wire = recipient->answered = false;
    if (!first)
        leg_push(leg);
    else if (leg->route.kind == ROUTE_ADDRESS)
        leg_enter_host(leg);
    else
        leg_search(leg);
}

/* ---------------------------------------------------------------- what the connection tells */

/* The connection has gone, or is of no use, before any content: the next address, the next host. */
static void begin_anew(struct leg *leg)
{
    leg->outbound = NULL;
    if (!leg_any_takes_part(leg)) { /* all have been refused: no failure of the way, another may be opened */
        leg_let_go(leg);
        leg_enter(leg, LEG_DONE);
        give_verdict(leg, &leg->trouble); /* to those who are only listened for */
        leg_done(leg);
    } else if (leg->reused) {
        leg_locate(leg); /* it was an old connection: the same host deserves a new one */
    } else {
        leg_try_next_address(leg);
    }
}

void leg_outbound_ready(struct leg *leg)
{
    leg_use_connection(leg, leg->outbound, false);
    leg_push(leg);
}

/* A refusal for good that may not be one the next time. */
static void put_off(struct outcome *outcome)
{
    outcome->kind = OUTCOME_TEMPORARY;
    outcome->code = 451;
}

/* The content has gone and cannot be said again. But when the client tries again, it will go over IPv4. */
static void put_off_ipv6_refusal(struct leg *leg, struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_PERMANENT || leg->over_ipv4 || leg->route.kind == ROUTE_ADDRESS ||
        !hosts_is_ipv6_refusal(outcome))
        return;
    hosts_ipv6_refused(&leg_relay(leg)->hosts, outcome->host);
    put_off(outcome);
}

/* It insists on TLS, which it offers, and which has failed a moment ago: that may go better the next time. */
static void put_off_tls_refusal(const struct leg *leg, struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_PERMANENT || leg->tls_demand != TLS_OPPORTUNISTIC ||
        leg->outbound->demand != TLS_NONE || refusal_of(outcome) != REFUSAL_TLS_REQUIRED)
        return;
    put_off(outcome);
}

/* "Command unrecognized" to BDAT, which it has offered: what stands before it knows only DATA. That is what it will get the next
 * time; of this mail the first octets have gone. */
static void put_off_bdat_refusal(const struct leg *leg, struct outcome *outcome)
{
    bool unknown = outcome->code == 500 || outcome->code == 502;
    bool of_command = outcome->subject < 0 || outcome->subject == 5;
    if (!leg->outbound->client.chunked || !unknown || !of_command)
        return;
    hosts_bdat_unknown(&leg_relay(leg)->hosts, outcome->host);
    put_off(outcome);
}

/* "One mail on each connection", or out of step: a new connection is asked before the client hears of it. */
static bool tires_of_connection(const struct leg *leg, enum smtp_client_event event,
                                const struct outcome *outcome)
{
    return leg->reused && event == SMTP_CLIENT_MAIL &&
           (outcome->kind == OUTCOME_TEMPORARY || outcome->code == 503);
}

void leg_outbound_said(struct leg *leg, enum smtp_client_event event, const struct smtp_reply *reply)
{
    struct outcome outcome =
        outcome_from_reply(reply->code, reply->subject, reply->detail, span_of(reply->words));
    bool before_content = leg->state == LEG_ENVELOPE || leg->state == LEG_WAIT_DATA;
    outbound_sign(leg->outbound, &outcome);
    put_off_tls_refusal(leg, &outcome);

    if ((reply->code == 421 && before_content) || tires_of_connection(leg, event, &outcome)) {
        struct outbound *outbound = leg->outbound; /* this address goes away: the next one */
        leg->outbound = NULL;
        outbound_release(outbound, NULL, false);
        leg_outbound_failed(leg, outbound, &outcome);
        return;
    }
    if (before_content && outcome.kind != OUTCOME_ACCEPTED && leg_try_over_ipv4(leg, &outcome))
        return;
    if (event == SMTP_CLIENT_MAIL) {
        if (outcome.kind != OUTCOME_ACCEPTED)
            leg_fail(leg, &outcome);
    } else if (event == SMTP_CLIENT_RCPT) {
        leg_recipient_said(leg, &outcome);
    } else if (event == SMTP_CLIENT_DATA && reply->code == 354) {
        leg_enter(leg, LEG_CONTENT);
        transaction_leg_changed(leg->transaction);
    } else if (event == SMTP_CLIENT_DATA) {
        leg_enter(leg, LEG_ENVELOPE); /* still a transaction there, to be reset */
        leg_fail(leg, &outcome);
    } else { /* FINAL */
        put_off_bdat_refusal(leg, &outcome);
        struct outbound *outbound = leg->outbound;
        struct pool_host *place = leg->place;
        leg->outbound = NULL;
        leg->place = NULL;
        outbound_release(outbound, place, false);
        leg_enter(leg, LEG_DONE);
        put_off_ipv6_refusal(leg, &outcome);
        for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
            if (r->state == RECIPIENT_TAKEN && r->answered) /* said and taken on this connection */
                transaction_verdict(leg->transaction, r, &outcome);
        outcome = outcome_from_fault(OUTCOME_FAULT_PROTOCOL, NULL);
        for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
            if (leg_takes_part(r)) /* nobody, if all is well; who is LATE was not asked about here */
                transaction_verdict(leg->transaction, r, &outcome);
        leg_done(leg);
    }
}

void leg_outbound_failed(struct leg *leg, const struct outbound *outbound, const struct outcome *outcome)
{
    struct outcome lost;
    if (leg_attempt_failed(leg, outbound)) {
        leg_note_trouble(leg, outcome);
        leg_try_next_address(leg);
        return;
    }
    leg->outbound = NULL;
    switch (leg->state) {
    case LEG_CONNECTING:
        if (outcome->fault == OUTCOME_FAULT_LOOP) {
            leg_stop_at_ourselves(leg, outcome);
        } else if (leg_try_over_ipv4(leg, outcome)) {
            return;
        } else if (outcome->kind == OUTCOME_PERMANENT) {
            leg_fail(leg, outcome);
        } else if (outcome->fault == OUTCOME_FAULT_TLS_FAILED || outcome->fault == OUTCOME_FAULT_POLICY_TLS) {
            leg_note_trouble(leg, outcome);
            leg_try_without_tls(leg, peer_has_slept(&outbound->peer));
        } else {
            leg_note_trouble(leg, outcome);
            if (outcome->fault == OUTCOME_FAULT_TIMED_OUT)
                leg_give_up_silent(leg, outbound);
            else
                leg_try_next_address(leg);
        }
        return;
    case LEG_ENVELOPE:
    case LEG_WAIT_DATA:
        leg_note_trouble(leg, outcome);
        begin_anew(leg);
        return;
    case LEG_CONTENT:
        if (leg->reader.position == 0) {
            leg_note_trouble(leg, outcome);
            begin_anew(leg);
        } else {
            leg_fail(leg, outcome);
        }
        return;
    case LEG_WAIT_FINAL:
        lost = outcome_from_fault(OUTCOME_FAULT_LOST_AFTER_DOT, outcome->words);
        outcome_set_host(&lost, outcome->host, outcome->address);
        outcome_set_tls(&lost, outcome->tls);
        leg_fail(leg, &lost);
        return;
    case LEG_RESOLVING:
    case LEG_WAIT_NETWORK:
    case LEG_WAIT_PLACE:
    case LEG_LOCATING:
    case LEG_DONE:
        return; /* without a connection there is none to fail */
    }
}
