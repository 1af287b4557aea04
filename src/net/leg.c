/* SPDX-License-Identifier: MIT */
/*
 * The way of one mail to one destination. The order of a walk: MX records -> a place at the first host ->
 * its addresses -> a connection -> the envelope -> the content -> the verdict. What fails before the
 * content leads to the next address or host (try_next_address, try_next_host); what a server says
 * with 5xx is final and leads nowhere else.
 */

#include "leg.h"

#include <stdlib.h>

#include "outbound.h"
#include "owner_of.h"
#include "relay_state.h"
#include "transaction.h"

#define LEG_UNSENT_MAX (40 * 1024) /* said and not yet taken by the system */
#define LEG_PIECE_MAX (16 * 1024)
#define LEG_CHUNK_MIN LEG_PIECE_MAX /* no BDAT smaller than this while more is coming */

static void enter(struct leg *leg, enum leg_state state)
{
    leg->state = state;
}

static struct relay *relay_of(const struct leg *leg)
{
    return leg->transaction->relay;
}

/* Does this recipient still belong to the mail on this leg? */
static bool takes_part(const struct recipient *r)
{
    return r->state == RECIPIENT_ASKED || r->state == RECIPIENT_TAKEN;
}

static bool any_takes_part(const struct leg *leg)
{
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (takes_part(r))
            return true;
    return false;
}

/* ---------------------------------------------------------------- the end */

/* Gives up query, place and connection, in whatever state they are. */
static void let_go(struct leg *leg)
{
    resolver_drop(leg->query);
    leg->query = NULL;
    struct outbound *outbound = leg->outbound;
    struct pool_host *place = leg->place;
    leg->outbound = NULL;
    leg->place = NULL;
    if (leg->state == LEG_WAIT_PLACE) {
        pool_stop_waiting(place, leg);
    } else if (outbound && leg->state == LEG_ENVELOPE) {
        outbound_release(outbound, place, leg->mail_said);
    } else {
        if (outbound)
            outbound_drop(outbound); /* connecting, or amid content: no further word */
        if (place)
            pool_leave(&relay_of(leg)->pool, place);
    }
}

static void done(struct leg *leg)
{
    message_detach(&leg->reader);
    enter(leg, LEG_DONE);
    transaction_leg_changed(leg->transaction);
}

void leg_abandon(struct leg *leg)
{
    if (leg->state == LEG_DONE)
        return;
    let_go(leg);
    done(leg);
}

/* One verdict for all who still take part. */
static void give_verdict(struct leg *leg, const struct outcome *outcome)
{
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (takes_part(r) || r->state == RECIPIENT_LATE)
            transaction_verdict(leg->transaction, r, outcome);
}

static void fail(struct leg *leg, const struct outcome *outcome)
{
    leg->trouble = *outcome;
    let_go(leg);
    give_verdict(leg, outcome);
    done(leg);
}

static void fail_by(struct leg *leg, enum outcome_fault fault)
{
    struct outcome outcome = outcome_from_fault(fault, NULL);
    if (leg->outbound)
        outbound_sign(leg->outbound, &outcome);
    fail(leg, &outcome);
}

void leg_free(struct leg *leg)
{
    free(leg->hosts);
    free(leg);
}

/* ---------------------------------------------------------------- hosts and addresses */

static const char *host_name(const struct leg *leg)
{
    return leg->route.kind == ROUTE_ADDRESS ? leg->route.domain : leg->hosts[leg->host_index].host;
}

/* What the sender will be told if nothing better comes. Hope outweighs despair: one host that may
 * answer later makes the whole failure temporary. */
static void note_trouble(struct leg *leg, const struct outcome *outcome)
{
    if (leg->trouble.kind != OUTCOME_TEMPORARY || outcome->kind == OUTCOME_TEMPORARY)
        leg->trouble = *outcome;
}

static void note_fault(struct leg *leg, enum outcome_fault fault)
{
    struct outcome outcome = outcome_from_fault(fault, NULL);
    outcome_set_host(&outcome, host_name(leg), NULL);
    note_trouble(leg, &outcome);
}

static void enter_host(struct leg *leg);
static void try_next_address(struct leg *leg);

static void try_next_host(struct leg *leg)
{
    if (leg->place) {
        pool_leave(&relay_of(leg)->pool, leg->place);
        leg->place = NULL;
    }
    leg->host_index++;
    if (leg->host_index < leg->host_count)
        enter_host(leg);
    else
        fail(leg, &leg->trouble);
}

/* This host is ourselves: neither it nor any behind it may be used (RFC 5321 section 5.1). */
static void stop_at_ourselves(struct leg *leg, const struct outcome *loop)
{
    leg->host_count = leg->host_index + 1;
    note_trouble(leg, loop);
    try_next_host(leg);
}

static bool leads_to_ourselves(const struct leg *leg)
{
    if (relay_of(leg)->config.mx_port != 0) /* tests have their MXs on loopback addresses */
        return false;
    for (size_t i = 0; i < leg->address_count; i++)
        if (ip_is_loopback(&leg->addresses[i]) || ip_is_unspecified(&leg->addresses[i]))
            return true;
    return false;
}

static void try_addresses(struct leg *leg)
{
    leg->address_index = 0;
    if (leads_to_ourselves(leg)) {
        struct outcome loop = outcome_from_fault(OUTCOME_FAULT_LOOP, NULL);
        outcome_set_host(&loop, host_name(leg), NULL);
        stop_at_ourselves(leg, &loop);
        return;
    }
    try_next_address(leg);
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
    try_next_host(leg);
}

/* With a place at the host, but no connection. */
static void locate(struct leg *leg)
{
    if (leg->route.kind == ROUTE_ADDRESS) {
        leg->addresses[0] = leg->route.ip;
        leg->address_count = 1;
        try_addresses(leg);
        return;
    }
    enter(leg, LEG_LOCATING);
    leg->query = resolver_ask_addresses(&relay_of(leg)->resolver, host_name(leg), on_addresses, leg);
    if (!leg->query)
        fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
}

static void use_connection(struct leg *leg, struct outbound *outbound, bool reused)
{
    leg->outbound = outbound;
    leg->reused = reused;
    leg->mail_said = false;
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        r->on_wire = r->answered = false;
    enter(leg, LEG_ENVELOPE);
    leg_push(leg);
}

void leg_got_place(struct leg *leg, struct outbound *outbound)
{
    if (outbound) {
        outbound_borrow(outbound, leg);
        use_connection(leg, outbound, true);
    } else {
        locate(leg);
    }
}

static void enter_host(struct leg *leg)
{
    struct outbound *outbound = NULL;
    switch (pool_enter(&relay_of(leg)->pool, host_name(leg), leg, &leg->place, &outbound)) {
    case POOL_REUSE:
    case POOL_PLACE:
        leg_got_place(leg, outbound);
        return;
    case POOL_WAIT:
        enter(leg, LEG_WAIT_PLACE);
        return;
    case POOL_NO_MEMORY:
        fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
        return;
    }
}

static void try_next_address(struct leg *leg)
{
    uint16_t mx_port = relay_of(leg)->config.mx_port;
    while (leg->address_index < leg->address_count) {
        struct ip_port to = {leg->addresses[leg->address_index++], mx_port ? mx_port : 25};
        int error;
        enter(leg, LEG_CONNECTING);
        leg->outbound = outbound_open(relay_of(leg), leg, host_name(leg), &to, &error);
        if (leg->outbound)
            return;
        char text[IP_TEXT_SIZE];
        ip_format(&to.ip, text);
        struct outcome outcome = outcome_from_fault(OUTCOME_FAULT_CONNECT_FAILED, uv_strerror(error));
        outcome_set_host(&outcome, host_name(leg), text);
        note_trouble(leg, &outcome);
    }
    try_next_host(leg);
}

/* ---------------------------------------------------------------- MX records */

/* Among the best hosts one that we have a connection to will do as well as any. */
static void prefer_idle(struct leg *leg)
{
    for (size_t i = 1; i < leg->host_count && leg->hosts[i].preference == leg->hosts[0].preference; i++) {
        if (!pool_has_idle(&relay_of(leg)->pool, leg->hosts[i].host))
            continue;
        struct smtp_mx first = leg->hosts[0];
        leg->hosts[0] = leg->hosts[i];
        leg->hosts[i] = first;
        return;
    }
}

static void start_hosts(struct leg *leg)
{
    leg->host_count = smtp_mx_order(leg->hosts, leg->host_count, relay_random(relay_of(leg)));
    leg->host_index = 0;
    if (leg->host_count == 0) {
        fail_by(leg, OUTCOME_FAULT_DNS_NO_ADDRESS); /* several records, all of them the root */
        return;
    }
    prefer_idle(leg);
    enter_host(leg);
}

/* No MX: the domain is its own (RFC 5321 section 5.1, the implicit MX). */
static void use_domain_itself(struct leg *leg)
{
    leg->hosts = calloc(1, sizeof *leg->hosts);
    if (!leg->hosts) {
        fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
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
            fail_by(leg, OUTCOME_FAULT_DNS_NULL_MX);
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
        fail_by(leg, OUTCOME_FAULT_DNS_NO_DOMAIN);
        return;
    case RESOLVER_FAILED:
        fail_by(leg, OUTCOME_FAULT_DNS_FAILED);
        return;
    case RESOLVER_NO_MEMORY:
        fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
        return;
    case RESOLVER_NO_ANSWER:
        if (leg->network_looked_at) {
            fail_by(leg, OUTCOME_FAULT_NO_INTERNET);
            return;
        }
        enter(leg, LEG_WAIT_NETWORK);
        netwatch_check(&relay_of(leg)->netwatch, false);
        return;
    }
}

static void ask_mx(struct leg *leg)
{
    enter(leg, LEG_RESOLVING);
    leg->query = resolver_ask_mx(&relay_of(leg)->resolver, leg->route.domain, on_mx, leg);
    if (!leg->query)
        fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
}

void leg_network_checked(struct leg *leg, bool connected)
{
    if (leg->state != LEG_WAIT_NETWORK)
        return;
    leg->network_looked_at = true;
    if (connected)
        ask_mx(leg);
    else
        fail_by(leg, OUTCOME_FAULT_NO_INTERNET);
}

struct leg *leg_new(struct transaction *t, const struct route *route)
{
    struct leg *leg = calloc(1, sizeof *leg);
    if (!leg)
        return NULL;
    leg->transaction = t;
    leg->route = *route;
    leg->trouble = outcome_from_fault(OUTCOME_FAULT_DNS_NO_ADDRESS, NULL);
    leg->next = t->legs;
    t->legs = leg;
    return leg;
}

void leg_add(struct leg *leg, struct recipient *recipient)
{
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
        enter_host(leg);
    else
        ask_mx(leg);
}

/* ---------------------------------------------------------------- the envelope */

/* The connection has gone, or is of no use, before any content: the next address, the next host. */
static void begin_anew(struct leg *leg)
{
    leg->outbound = NULL;
    if (!any_takes_part(leg)) {
        fail(leg, &leg->trouble);
    } else if (leg->reused) {
        locate(leg); /* it was an old connection: the same host deserves a new one */
    } else {
        try_next_address(leg);
    }
}

/* What this server cannot take, judged before anything is said to it. */
static enum outcome_fault unfit_mail(const struct leg *leg)
{
    const struct smtp_server_abilities *server = &leg->outbound->client.server;
    const struct smtp_mail *mail = &leg->transaction->mail;
    if (mail->has_size && server->has_size && server->size_bytes > 0 && mail->size_bytes > server->size_bytes)
        return OUTCOME_FAULT_TOO_BIG_THERE;
    if (mail->reverse_path.utf8 && !server->smtputf8)
        return OUTCOME_FAULT_NO_UTF8;
    return OUTCOME_FAULT_NONE;
}

static void say_recipients(struct leg *leg)
{
    struct smtp_client *client = &leg->outbound->client;
    for (struct recipient *r = leg->recipients; r && smtp_client_may_send(client); r = r->next_of_leg) {
        if (!takes_part(r) || r->on_wire || r->answered)
            continue;
        if (r->rcpt.forward_path.utf8 && !client->server.smtputf8) {
            struct outcome outcome = outcome_from_fault(OUTCOME_FAULT_NO_UTF8, NULL);
            outbound_sign(leg->outbound, &outcome);
            transaction_verdict(leg->transaction, r, &outcome);
            continue;
        }
        smtp_client_rcpt(client, &r->rcpt);
        r->on_wire = true;
    }
}

static bool envelope_settled(const struct leg *leg)
{
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (r->on_wire || (takes_part(r) && !r->answered))
            return false;
    return true;
}

static void begin_content(struct leg *leg)
{
    if (!any_takes_part(leg)) { /* said again to another server, all were refused */
        let_go(leg);
        done(leg);
        return;
    }
    enter(leg, smtp_client_begin(&leg->outbound->client) ? LEG_CONTENT : LEG_WAIT_DATA);
    if (leg->state == LEG_CONTENT)
        transaction_leg_changed(leg->transaction);
}

static void push_envelope(struct leg *leg)
{
    struct smtp_client *client = &leg->outbound->client;
    if (!leg->mail_said) {
        enum outcome_fault unfit = unfit_mail(leg);
        if (unfit != OUTCOME_FAULT_NONE) {
            fail_by(leg, unfit);
            return;
        }
        if (!any_takes_part(leg) || !smtp_client_may_send(client))
            return;
        smtp_client_mail(client, &leg->transaction->mail);
        leg->mail_said = true;
    }
    say_recipients(leg);
    bool wanted = leg->transaction->state >= TRANSACTION_OPENING;
    if (wanted && envelope_settled(leg) && smtp_client_may_send(client))
        begin_content(leg);
}

static struct recipient *first_on_wire(const struct leg *leg)
{
    struct recipient *r = leg->recipients;
    while (r && !r->on_wire)
        r = r->next_of_leg;
    return r;
}

/* "Too many recipients" (RFC 5321 section 4.5.3.1.10), and not a full disk: at least one was taken. */
static bool is_full_envelope(const struct leg *leg, const struct outcome *outcome)
{
    bool taken = false;
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        taken = taken || (r->answered && r->state == RECIPIENT_TAKEN);
    return taken && outcome->code == 452 && (outcome->subject < 0 || (outcome->subject == 5 && outcome->detail == 3));
}

static void unlink_recipient(struct leg *leg, struct recipient *r)
{
    struct recipient **link = &leg->recipients;
    while (*link != r)
        link = &(*link)->next_of_leg;
    *link = r->next_of_leg;
}

/* The server took a recipient whom the client has been told 451 about: he must not get this mail, and
 * SMTP cannot take a RCPT back. The transaction there is reset and begun again without him. */
static void begin_without(struct leg *leg, struct recipient *late, const struct outcome *outcome)
{
    unlink_recipient(leg, late);
    transaction_verdict(leg->transaction, late, outcome);
    let_go(leg);
    if (!any_takes_part(leg)) {
        done(leg);
        return;
    }
    enter_host(leg);
}

static void on_recipient_said(struct leg *leg, const struct outcome *outcome)
{
    struct recipient *r = first_on_wire(leg);
    if (!r)
        return; /* a reply to a RCPT of somebody who has left */
    r->on_wire = false;
    r->answered = true;
    if (r->state == RECIPIENT_LATE && outcome->kind == OUTCOME_ACCEPTED) {
        begin_without(leg, r, outcome);
    } else if (is_full_envelope(leg, outcome)) {
        unlink_recipient(leg, r);
        if (!transaction_reroute(leg->transaction, r))
            transaction_verdict(leg->transaction, r, outcome);
    } else if (r->state != RECIPIENT_TAKEN || outcome->kind != OUTCOME_ACCEPTED) {
        transaction_verdict(leg->transaction, r, outcome); /* otherwise: taken again, by another server */
    }
    if (leg->transaction->state == TRANSACTION_TOLD && leg->state == LEG_ENVELOPE && !first_on_wire(leg))
        leg_abandon(leg); /* it was only listened to for the log */
}

bool leg_listens_for_log(const struct leg *leg)
{
    return leg->state == LEG_WAIT_FINAL || (leg->state == LEG_ENVELOPE && first_on_wire(leg));
}

/* ---------------------------------------------------------------- the content */

static bool has_eight_bit(struct span s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] >= 128)
            return true;
    return false;
}

static enum outcome_fault unfit_content(const struct leg *leg, struct span piece)
{
    const struct smtp_server_abilities *server = &leg->outbound->client.server;
    if (!server->eight_bit_mime && has_eight_bit(piece))
        return OUTCOME_FAULT_NO_EIGHT_BIT; /* RFC 6152 section 3 */
    if (server->has_size && server->size_bytes > 0 && leg->reader.position + piece.length > server->size_bytes)
        return OUTCOME_FAULT_TOO_BIG_THERE;
    return OUTCOME_FAULT_NONE;
}

/* If the system takes all at once no callback will come to go on from: it has to be tried here. */
static bool has_room_to_send(const struct leg *leg)
{
    if (outbound_unsent_bytes(leg->outbound) > LEG_UNSENT_MAX)
        outbound_flush(leg->outbound);
    return outbound_unsent_bytes(leg->outbound) <= LEG_UNSENT_MAX;
}

static bool may_say_content(const struct leg *leg)
{
    const struct smtp_client *client = &leg->outbound->client;
    size_t left = message_left(&leg->reader);
    bool ended = message_ended(leg->reader.message);
    if (!client->chunked)
        return left > 0 || ended;
    return smtp_client_may_send(client) && (left >= LEG_CHUNK_MIN || ended);
}

static void push_content(struct leg *leg)
{
    struct message *message = leg->reader.message;
    uint64_t before = leg->reader.position;
    while (leg->state == LEG_CONTENT && may_say_content(leg) && has_room_to_send(leg)) {
        struct span piece = span_first(message_peek(&leg->reader), LEG_PIECE_MAX);
        enum outcome_fault unfit = unfit_content(leg, piece);
        if (unfit != OUTCOME_FAULT_NONE) {
            fail_by(leg, unfit);
            return;
        }
        bool last = message_ended(message) && piece.length == message_left(&leg->reader);
        smtp_client_content(&leg->outbound->client, piece, last);
        message_advance(&leg->reader, piece.length);
        if (last)
            enter(leg, LEG_WAIT_FINAL);
        if (leg->outbound->client.out.failed) {
            fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
            return;
        }
    }
    if (leg->reader.position > before)
        transaction_has_room(leg->transaction);
}

bool leg_ready(const struct leg *leg)
{
    return leg->state >= LEG_CONTENT;
}

void leg_push(struct leg *leg)
{
    if (leg->state == LEG_ENVELOPE)
        push_envelope(leg);
    if (leg->state == LEG_CONTENT && leg->transaction->state >= TRANSACTION_CONTENT)
        push_content(leg);
    if (leg->outbound)
        outbound_flush(leg->outbound);
}

/* ---------------------------------------------------------------- what the connection tells */

void leg_outbound_ready(struct leg *leg)
{
    use_connection(leg, leg->outbound, false);
}

void leg_outbound_said(struct leg *leg, enum smtp_client_event event, const struct smtp_reply *reply)
{
    struct outcome outcome = outcome_from_reply(reply->code, reply->subject, reply->detail, span_of(reply->words));
    bool before_content = leg->state == LEG_ENVELOPE || leg->state == LEG_WAIT_DATA;
    outbound_sign(leg->outbound, &outcome);

    if (reply->code == 421 && before_content) { /* this address goes away: the next one */
        struct outbound *outbound = leg->outbound;
        leg->outbound = NULL;
        outbound_drop(outbound);
        leg_outbound_failed(leg, &outcome);
        return;
    }
    if (event == SMTP_CLIENT_MAIL) {
        if (outcome.kind != OUTCOME_ACCEPTED)
            fail(leg, &outcome);
    } else if (event == SMTP_CLIENT_RCPT) {
        on_recipient_said(leg, &outcome);
    } else if (event == SMTP_CLIENT_DATA && reply->code == 354) {
        enter(leg, LEG_CONTENT);
        transaction_leg_changed(leg->transaction);
    } else if (event == SMTP_CLIENT_DATA) {
        enter(leg, LEG_ENVELOPE); /* still a transaction there, to be reset */
        fail(leg, &outcome);
    } else { /* FINAL */
        struct outbound *outbound = leg->outbound;
        struct pool_host *place = leg->place;
        leg->outbound = NULL;
        leg->place = NULL;
        outbound_release(outbound, place, false);
        give_verdict(leg, &outcome);
        done(leg);
    }
}

void leg_outbound_failed(struct leg *leg, const struct outcome *outcome)
{
    struct outcome lost;
    leg->outbound = NULL;
    switch (leg->state) {
    case LEG_CONNECTING:
        if (outcome->fault == OUTCOME_FAULT_LOOP) {
            stop_at_ourselves(leg, outcome);
        } else if (outcome->kind == OUTCOME_PERMANENT) {
            fail(leg, outcome);
        } else {
            note_trouble(leg, outcome);
            try_next_address(leg);
        }
        return;
    case LEG_ENVELOPE:
    case LEG_WAIT_DATA:
        note_trouble(leg, outcome);
        begin_anew(leg);
        return;
    case LEG_CONTENT:
        if (leg->reader.position == 0) {
            note_trouble(leg, outcome);
            begin_anew(leg);
        } else {
            fail(leg, outcome);
        }
        return;
    case LEG_WAIT_FINAL:
        lost = outcome_from_fault(OUTCOME_FAULT_LOST_AFTER_DOT, outcome->words);
        outcome_set_host(&lost, outcome->host, outcome->address);
        fail(leg, &lost);
        return;
    case LEG_RESOLVING:
    case LEG_WAIT_NETWORK:
    case LEG_WAIT_PLACE:
    case LEG_LOCATING:
    case LEG_DONE:
        return; /* without a connection there is none to fail */
    }
}
