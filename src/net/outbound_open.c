/* SPDX-License-Identifier: MIT */
/*
 * From nothing to a connection on which a leg may speak: TCP, our own name, the greeting, TLS where it is offered. What goes
 * wrong with TLS is told to the leg as such, so that it can decide for a new connection without.
 */

#include "outbound_parts.h"

#include <stdlib.h>

#include "leg.h"
#include "owner_of.h"
#include "relay_state.h"
#include "trust.h"

/* ---------------------------------------------------------------- TLS */

/* From STARTTLS on. In TLS 1.3 our side is done before the server has judged it; only its answer to EHLO shows that
 * it works. */
bool outbound_is_securing(const struct outbound *o)
{
    bool asked = o->client.wait_count > 0 && smtp_client_waits_for(&o->client) == SMTP_CLIENT_WAIT_STARTTLS;
    return o->state == OUTBOUND_SECURING || (o->state == OUTBOUND_GREETING && (asked || o->client.secured));
}

static struct outcome note_tls_failed(struct outbound *o, const char *why)
{
    tls_hosts_forget_session(&o->relay->tls_hosts, o->host_name, o->demand);
    return outcome_from_fault(o->demand == TLS_VERIFIED ? OUTCOME_FAULT_POLICY_TLS : OUTCOME_FAULT_TLS_FAILED,
                              why);
}

void outbound_fail_tls(struct outbound *o, const char *why)
{
    struct outcome outcome = note_tls_failed(o, why);
    outbound_fail_by(o, &outcome);
}

/* It offers none, or says no to STARTTLS. */
static void do_without(struct outbound *o, const char *why)
{
    struct outcome outcome = note_tls_failed(o, why);
    outbound_part_by(o, &outcome);
}

static void start_tls(struct outbound *o)
{
    struct relay *relay = o->relay;
    struct span session = span_of("");
    if (o->leg->resuming)
        session = tls_hosts_session(&relay->tls_hosts, o->host_name, o->demand);
    struct tls *tls = tls_new(relay->tls_setup, o->host_name, session);
    if (!tls) {
        outbound_fail(o, OUTCOME_FAULT_NO_MEMORY, NULL);
        return;
    }
    o->state = OUTBOUND_SECURING;
    outbound_set_timeout(o);
    peer_start_tls(&o->peer, tls);
}

static void greet_again(struct outbound *o)
{
    o->state = OUTBOUND_GREETING;
    smtp_client_secured(&o->client);
    outbound_flush(o);
}

static void on_judged(void *context, const char *trouble)
{
    struct outbound *o = context;
    o->trust = NULL;
    if (trouble)
        outbound_fail_tls(o, trouble);
    else
        greet_again(o);
}

static void verify(struct outbound *o)
{
    struct span certificates[TLS_CERTIFICATES_MAX];
    if (tls_certificates(o->peer.tls, certificates) == 0 && o->leg->resuming) {
        greet_again(o); /* a session of a connection that was verified: they are kept apart */
        return;
    }
    o->trust = trust_begin(o->relay, &o->peer, o->host_name, on_judged, o);
    if (!o->trust)
        outbound_fail(o, OUTCOME_FAULT_NO_MEMORY, NULL);
}

void outbound_secured(struct peer *peer, const char *trouble)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    if (trouble)
        outbound_fail_tls(o, trouble);
    else if (o->demand == TLS_VERIFIED)
        verify(o);
    else
        greet_again(o);
}

void outbound_keep_session(struct outbound *o)
{
    if (o->client.secured && o->state != OUTBOUND_GREETING)
        tls_hosts_keep_session(&o->relay->tls_hosts, o->host_name, o->demand, o->peer.tls);
}

/* A host that has TLS no longer: somebody may have cut it off on the way. */
static void note_clear(struct outbound *o)
{
    struct event e = {.kind = EVENT_TLS_GONE};
    if (!tls_hosts_note_clear(&o->relay->tls_hosts, o->host_name))
        return;
    e.outcome = o->demand == TLS_NONE
                    ? o->leg->trouble
                    : outcome_from_fault(OUTCOME_FAULT_TLS_FAILED, "the server does not offer it any more");
    outbound_sign(o, &e.outcome);
    events_add(&o->relay->events, &e);
}

/* ---------------------------------------------------------------- what the greeting leads to */

static void on_ready(struct outbound *o)
{
    if (o->client.secured) {
        tls_hosts_note(&o->relay->tls_hosts, o->host_name, o->demand);
    } else if (o->demand == TLS_VERIFIED) {
        do_without(o, "the server offers no TLS");
        return;
    } else {
        note_clear(o);
    }
    o->state = OUTBOUND_BORROWED;
    if (!hosts_knows_bdat(&o->relay->hosts, o->host_name))
        o->client.server.chunking = false;
    outbound_keep_session(o);
    leg_outbound_ready(o->leg);
}

/* The greeting or the hello was refused. */
static void on_refused(struct outbound *o)
{
    const struct smtp_reply *r = &o->client.in.reply;
    struct outcome outcome = o->client.greeting_is_ours
                                 ? outcome_from_fault(OUTCOME_FAULT_LOOP, NULL)
                                 : outcome_from_reply(r->code, r->subject, r->detail, span_of(r->words));
    outbound_part_by(o, &outcome);
}

bool outbound_was_refused(struct outbound *o)
{
    if (o->state != OUTBOUND_GREETING || !smtp_client_was_refused(&o->client))
        return false;
    on_refused(o);
    return true;
}

void outbound_greeted(struct outbound *o, enum smtp_client_event event)
{
    if (event == SMTP_CLIENT_READY)
        on_ready(o);
    else if (event == SMTP_CLIENT_STARTTLS)
        start_tls(o);
    else if (event == SMTP_CLIENT_NO_TLS)
        do_without(o, o->client.in.reply.words);
    else
        on_refused(o);
}

/* ---------------------------------------------------------------- connecting */

static void greet(struct outbound *o, const char *hostname)
{
    o->state = OUTBOUND_GREETING;
    smtp_client_init(&o->client, hostname, o->relay->instance);
    o->client.wants_tls = o->demand != TLS_NONE;
    int error = peer_start_reading(&o->peer);
    if (error) {
        outbound_fail(o, OUTCOME_FAULT_CONNECTION_LOST, uv_strerror(error));
        return;
    }
    outbound_set_timeout(o);
}

static void go_on_named(struct outbound *o, const char *name)
{
    struct ip here = peer_local_address(&o->peer).ip;
    relay_note_hostname(o->relay, &here, name);
    greet(o, relay_hostname(o->relay, &here));
}

static void on_name_found(struct resolver_request *request, void *context)
{
    struct outbound *o = context;
    o->naming = NULL;
    go_on_named(o, request->status == RESOLVER_OK ? request->name : NULL);
}

void outbound_go_on_unnamed(struct outbound *o)
{
    resolver_drop(o->naming);
    o->naming = NULL;
    go_on_named(o, NULL);
}

void outbound_connected(struct peer *peer, int status)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    if (status < 0) {
        outbound_fail(o, OUTCOME_FAULT_CONNECT_FAILED, uv_strerror(status));
        return;
    }
    leg_outbound_connected(o->leg, o);
    struct ip here = peer_local_address(&o->peer).ip;
    const char *hostname = relay_hostname(o->relay, &here);
    if (hostname) {
        greet(o, hostname);
        return;
    }
    o->state = OUTBOUND_NAMING;
    o->naming = resolver_ask_name(&o->relay->resolver, &here, on_name_found, o);
    if (!o->naming)
        outbound_fail(o, OUTCOME_FAULT_NO_MEMORY, NULL);
    else
        peer_set_timeout(&o->peer, o->relay->timeouts.naming_ms);
}

static uint64_t head_start_ms(const struct timeouts *t)
{
    return t->head_start_ms < t->connect_ms ? t->head_start_ms : t->connect_ms;
}

void outbound_go_on_connecting(struct outbound *o)
{
    const struct timeouts *t = &o->relay->timeouts;
    uint64_t rest_ms = t->connect_ms - head_start_ms(t);
    if (o->slow || rest_ms == 0) {
        outbound_fail(o, OUTCOME_FAULT_CONNECT_FAILED, "no answer to the connection attempt");
        return;
    }
    o->slow = true;
    peer_set_timeout(&o->peer, rest_ms);
    leg_outbound_slow(o->leg);
}

struct outbound *outbound_open(struct relay *relay, struct leg *leg, const char *host_name,
                               const struct ip_port *address, enum tls_demand demand, int *error)
{
    struct outbound *o = calloc(1, sizeof *o);
    *error = UV_ENOMEM;
    if (!o)
        return NULL;
    o->relay = relay;
    o->leg = leg;
    o->address = *address;
    o->demand = demand;
    ip_format(&address->ip, o->address_text);
    span_copy(span_of(host_name), o->host_name, sizeof o->host_name);
    *error = peer_init(&o->peer, relay->loop, relay->read_buffer, &outbound_owner);
    if (*error) {
        free(o);
        return NULL;
    }
    o->next = relay->outbounds;
    if (o->next)
        o->next->previous = o;
    relay->outbounds = o;

    *error = peer_connect(&o->peer, address);
    if (*error) {
        outbound_drop(o);
        return NULL;
    }
    peer_set_timeout(&o->peer, head_start_ms(&relay->timeouts));
    return o;
}
