/* SPDX-License-Identifier: MIT */
/*
 * Time-outs, the dialogue, idling, the end. All failures go to the leg as one outcome, once; after
 * that the connection is nobody's and closes by itself.
 */

#include "outbound_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "leg.h"
#include "owner_of.h"
#include "relay_state.h"
#include "trust.h"

#define OUTBOUND_MEMORY_LITTLE (2 * 4096) /* two buffers; not worth counting */

/* ---------------------------------------------------------------- time-outs */

static uint64_t greeting_timeout_ms(const struct outbound *o)
{
    const struct timeouts *t = &o->relay->timeouts;
    bool hurry = o->leg && leg_may_give_up_silence(o->leg);
    return hurry && t->silence_ms < t->greeting_ms ? t->silence_ms : t->greeting_ms;
}

static uint64_t reply_timeout_ms(const struct outbound *o)
{
    const struct timeouts *t = &o->relay->timeouts;
    switch (smtp_client_waits_for(&o->client)) {
    case SMTP_CLIENT_WAIT_GREETING:
    case SMTP_CLIENT_WAIT_EHLO:
    case SMTP_CLIENT_WAIT_HELO:
        return greeting_timeout_ms(o);
    case SMTP_CLIENT_WAIT_STARTTLS:
        return t->handshake_ms;
    case SMTP_CLIENT_WAIT_MAIL:
        return t->mail_ms;
    case SMTP_CLIENT_WAIT_RCPT:
        return t->rcpt_ms;
    case SMTP_CLIENT_WAIT_DATA:
        return t->data_ms;
    case SMTP_CLIENT_WAIT_CHUNK:
        return t->block_ms;
    case SMTP_CLIENT_WAIT_FINAL:
        return t->final_ms;
    case SMTP_CLIENT_WAIT_RSET:
        return t->reset_ms;
    case SMTP_CLIENT_WAIT_QUIT:
        return t->quit_ms;
    }
    return t->greeting_ms;
}

/* ---------------------------------------------------------------- memory */

/* What has been said and not been taken yet is content that waits, like that of the message. */
static void count_memory(struct outbound *o)
{
    size_t now = 0;
    if (o->state != OUTBOUND_CLOSING)
        now = o->client.out.capacity + o->peer.in_flight.capacity;
    if (now <= OUTBOUND_MEMORY_LITTLE)
        now = 0; /* commands; an idle connection keeps that much */
    o->relay->content_bytes += now;
    o->relay->content_bytes -= o->memory_bytes;
    o->memory_bytes = now;
}

/* ---------------------------------------------------------------- the end */

static void bury(struct later_task *task)
{
    struct outbound *o = OWNER_OF(task, struct outbound, burial);
    struct relay *relay = o->relay;
    if (o->previous)
        o->previous->next = o->next;
    else
        relay->outbounds = o->next;
    if (o->next)
        o->next->previous = o->previous;
    smtp_client_clear(&o->client);
    free(o);
    relay_look_if_finished(relay);
}

static void on_closed(struct peer *peer)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    later_post(&o->relay->later, &o->burial, bury);
}

static void close_now(struct outbound *o)
{
    if (o->state == OUTBOUND_CLOSING)
        return;
    o->state = OUTBOUND_CLOSING;
    count_memory(o);
    o->leg = NULL;
    resolver_drop(o->naming);
    o->naming = NULL;
    trust_drop(o->trust);
    o->trust = NULL;
    peer_close(&o->peer);
    if (o->place) {
        struct pool_host *host = o->place;
        o->place = NULL;
        pool_remove_idle(host, o);
        pool_leave(&o->relay->pool, host);
    }
}

void outbound_sign(const struct outbound *o, struct outcome *outcome)
{
    outcome_set_host(outcome, o->host_name, o->address_text);
    if (!o->client.secured)
        return;
    char tls[sizeof outcome->tls];
    snprintf(tls, sizeof tls, "%s%s", tls_name(o->peer.tls), o->demand == TLS_VERIFIED ? " verified" : "");
    outcome_set_tls(outcome, tls);
}

static void end_by(struct outbound *o, const struct outcome *outcome, void (*end)(struct outbound *o))
{
    struct leg *leg = o->leg;
    struct outcome signed_outcome = *outcome;
    outbound_sign(o, &signed_outcome);
    o->leg = NULL;
    end(o);
    if (leg)
        leg_outbound_failed(leg, o, &signed_outcome);
}

void outbound_fail_by(struct outbound *o, const struct outcome *outcome)
{
    end_by(o, outcome, close_now);
}

void outbound_fail(struct outbound *o, enum outcome_fault fault, const char *more)
{
    struct outcome outcome = outcome_from_fault(fault, more);
    outbound_fail_by(o, &outcome);
}

void outbound_drop(struct outbound *o)
{
    close_now(o);
}

/* ---------------------------------------------------------------- sending */

/* Nothing has come to pass since the time-out was set: whoever asks, it runs on. A client that goes on talking must not give its
 * server more time. */
static bool is_due_still(struct outbound *o, bool unsent)
{
    const struct outbound_due was = o->due;
    o->due = (struct outbound_due){
        .state = o->state,
        .wait_first = o->client.wait_first,
        .wait_count = o->client.wait_count,
        .unsent = unsent,
        .sent_bytes = o->peer.sent_bytes,
    };
    return o->due.state == was.state && o->due.wait_first == was.wait_first &&
           o->due.wait_count == was.wait_count && o->due.unsent == was.unsent &&
           o->due.sent_bytes == was.sent_bytes;
}

void outbound_set_timeout(struct outbound *o)
{
    const struct timeouts *t = &o->relay->timeouts;
    bool unsent = !peer_all_sent(&o->peer, &o->client.out);
    if (is_due_still(o, unsent))
        return;
    if (o->state == OUTBOUND_IDLE)
        peer_set_timeout(&o->peer, t->idle_ms);
    else if (o->state == OUTBOUND_QUITTING)
        peer_set_timeout(&o->peer, t->quit_ms);
    else if (o->state == OUTBOUND_SECURING)
        peer_set_timeout(&o->peer, t->handshake_ms);
    else if (unsent)
        peer_set_timeout(&o->peer, t->block_ms);
    else if (o->client.wait_count > 0)
        peer_set_timeout(&o->peer, reply_timeout_ms(o));
    else
        peer_set_timeout(&o->peer, 0); /* it is our turn: the client's own time-outs hold */
}

void outbound_flush(struct outbound *o)
{
    if (o->state == OUTBOUND_CLOSING)
        return;
    if (o->client.out.failed)
        peer_get_stuck(&o->peer); /* half a command must not go out */
    else
        peer_send(&o->peer, &o->client.out);
    count_memory(o);
    outbound_set_timeout(o);
}

size_t outbound_unsent_bytes(const struct outbound *o)
{
    return peer_unsent_bytes(&o->peer, &o->client.out);
}

static void quit(struct outbound *o)
{
    if (o->place)
        pool_remove_idle(o->place, o);
    if (!smtp_client_idle(&o->client)) {
        close_now(o);
        return;
    }
    o->state = OUTBOUND_QUITTING;
    smtp_client_quit(&o->client);
    outbound_flush(o);
}

void outbound_part_by(struct outbound *o, const struct outcome *outcome)
{
    end_by(o, outcome, quit);
}

/* ---------------------------------------------------------------- the dialogue */

static void go_idle(struct outbound *o)
{
    struct pool_host *host = o->place;
    o->state = OUTBOUND_IDLE;
    outbound_set_timeout(o);
    pool_give_back(&o->relay->pool, host, o);
}

static void on_event(struct outbound *o, enum smtp_client_event event)
{
    switch (event) {
    case SMTP_CLIENT_READY:
    case SMTP_CLIENT_REFUSED:
    case SMTP_CLIENT_STARTTLS:
    case SMTP_CLIENT_NO_TLS:
        outbound_greeted(o, event);
        return;
    case SMTP_CLIENT_MAIL:
    case SMTP_CLIENT_RCPT:
    case SMTP_CLIENT_DATA:
    case SMTP_CLIENT_FINAL:
        if (o->leg)
            leg_outbound_said(o->leg, event, &o->client.in.reply);
        return;
    case SMTP_CLIENT_RSET:
        if (o->client.in.reply.code < 300)
            go_idle(o);
        else
            close_now(o);
        return;
    case SMTP_CLIENT_QUIT:
        close_now(o);
        return;
    case SMTP_CLIENT_LEAVING:
        outbound_fail(o, OUTCOME_FAULT_CONNECTION_LOST, o->client.in.reply.words);
        return;
    case SMTP_CLIENT_BROKEN:
        outbound_fail(o, OUTCOME_FAULT_PROTOCOL, NULL);
        return;
    case SMTP_CLIENT_MORE:
        return;
    }
}

static void say_more(struct outbound *o)
{
    if (o->state == OUTBOUND_BORROWED && o->leg)
        leg_push(o->leg);
    else
        outbound_flush(o);
}

static void on_read(struct peer *peer, struct span bytes)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    bool all_sent = peer_all_sent(&o->peer, &o->client.out);
    outbound_keep_session(o);
    unsigned awaited = o->client.wait_count, first = o->client.wait_first;
    smtp_client_read_begins(&o->client);
    while (bytes.length > 0 && o->state != OUTBOUND_CLOSING) {
        enum smtp_client_event event = smtp_client_feed(&o->client, &bytes, all_sent);
        if (event == SMTP_CLIENT_MORE)
            break;
        on_event(o, event);
    }
    /* Time-outs are for a whole reply: an octet of one does not begin them anew. */
    if (o->client.wait_count != awaited || o->client.wait_first != first)
        say_more(o); /* replies make room for further commands */
}

static void on_ended(struct peer *peer, int status)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    const char *more = status == UV_EOF ? NULL : uv_strerror(status);
    if (status == UV_EPROTO && peer->tls)
        more = tls_reason(peer->tls);
    if (outbound_was_refused(o))
        return;
    if (outbound_is_securing(o))
        outbound_fail_tls(o, more ? more : "the server closed the connection");
    else
        outbound_fail(o, OUTCOME_FAULT_CONNECTION_LOST, more);
}

static void on_sent(struct peer *peer)
{
    say_more(OWNER_OF(peer, struct outbound, peer));
}

static void on_timed_out(struct peer *peer)
{
    struct outbound *o = OWNER_OF(peer, struct outbound, peer);
    if (o->state == OUTBOUND_IDLE)
        quit(o);
    else if (o->state != OUTBOUND_QUITTING && peer_rests(peer))
        return;
    else if (o->state == OUTBOUND_NAMING)
        outbound_go_on_unnamed(o);
    else if (o->state == OUTBOUND_CONNECTING)
        outbound_go_on_connecting(o);
    else if (outbound_is_securing(o) && !o->client.secured)
        outbound_fail_tls(o, "no answer in time");
    else /* within TLS, too: silence there is no reason to do without */
        outbound_fail(o, OUTCOME_FAULT_TIMED_OUT, NULL);
}

const struct peer_owner outbound_owner = {
    .connected = outbound_connected,
    .read = on_read,
    .ended = on_ended,
    .secured = outbound_secured,
    .sent = on_sent,
    .timed_out = on_timed_out,
    .closed = on_closed,
};

/* ---------------------------------------------------------------- lending */

void outbound_borrow(struct outbound *o, struct leg *leg)
{
    o->state = OUTBOUND_BORROWED;
    o->leg = leg;
    o->place = NULL;
}

void outbound_release(struct outbound *o, struct pool_host *host, bool transaction_open)
{
    /* A server that refuses a mail may have done so in its middle and refuse it again at its end: what
     * comes next on this connection would be off by one. */
    bool refused = !transaction_open && o->client.in.reply.code >= 300;
    bool usable =
        !o->relay->exiting && !o->relay->stopping && !o->client.broken && !o->client.in_content && !refused;
    o->leg = NULL;
    o->place = host;
    if (usable && transaction_open && smtp_client_may_send(&o->client)) {
        o->state = OUTBOUND_RESETTING;
        smtp_client_reset(&o->client);
        outbound_flush(o);
    } else if (usable && !transaction_open && smtp_client_idle(&o->client)) {
        go_idle(o);
    } else if (!transaction_open && smtp_client_idle(&o->client)) {
        quit(o);
    } else {
        close_now(o);
    }
}

void outbound_retire(struct outbound *o)
{
    if (o->state == OUTBOUND_IDLE)
        quit(o);
    else if (o->state == OUTBOUND_QUITTING || o->state == OUTBOUND_RESETTING)
        close_now(o);
}
