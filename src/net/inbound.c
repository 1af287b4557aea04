/* SPDX-License-Identifier: MIT */
/*
 * A session. Everything happens in inbound_pump(): feed the machine what has come, act on each event, send
 * what it says, decide whether to go on reading. An answer that comes from elsewhere is noted in the
 * machine and followed by a pump; an answer that comes from inside a pump is found by its loop.
 *
 * Bytes are fed straight from the read buffer; only what cannot be used yet is copied to `unread`.
 */

#include "inbound_parts.h"

#include <stdlib.h>

#include "owner_of.h"
#include "platform.h"
#include "relay_state.h"
#include "resend.h"
#include "transaction.h"

#define INBOUND_UNREAD_MAX PEER_READ_SIZE /* more than this is left with the system */

/* ---------------------------------------------------------------- what waits */

static void count_unread(struct inbound *i)
{
    i->relay->content_bytes += i->unread.capacity;
    i->relay->content_bytes -= i->unread_memory_bytes;
    i->unread_memory_bytes = i->unread.capacity;
}

/* When all together have said too much, who says more than a little before it is asked has to stop; of a mail whose server
 * is slow the rest is thrown away. */
static bool keep_unread(struct inbound *i, struct span bytes)
{
    const struct relay *relay = i->relay;
    bool little = i->unread.length + bytes.length <= RELAY_CONTENT_LITTLE;
    if (!little && relay->content_bytes + bytes.length > relay->content_max_bytes) {
        if (!inbound_window_full(i))
            return false;
        transaction_spoil(i->transaction, OUTCOME_FAULT_NO_MEMORY);
    }
    bool kept = buf_append_span(&i->unread, bytes);
    count_unread(i);
    return kept;
}

/* ---------------------------------------------------------------- the end */

static void bury(struct later_task *task)
{
    struct inbound *i = OWNER_OF(task, struct inbound, burial);
    struct relay *relay = i->relay;
    if (i->previous)
        i->previous->next = i->next;
    else
        relay->inbounds = i->next;
    if (i->next)
        i->next->previous = i->previous;
    relay->inbound_count--;
    smtp_server_clear(&i->server);
    buf_clear(&i->unread);
    count_unread(i);
    resend_receipt_close(i->relay, i->receipt, false);
    program_release(i->program);
    free(i);
    relay_look_if_finished(relay);
}

static void on_closed(struct peer *peer)
{
    struct inbound *i = OWNER_OF(peer, struct inbound, peer);
    later_post(&i->relay->later, &i->burial, bury);
}

void inbound_cut(struct inbound *i)
{
    if (i->peer.closing)
        return;
    peer_close(&i->peer);
    inbound_leave_transaction(i);
}

/* ---------------------------------------------------------------- the pump */

/* The mail's window is full: its slowest server decides when we read on. */
bool inbound_window_full(const struct inbound *i)
{
    return i->transaction && !i->server.discarding && transaction_room(i->transaction) < TRANSACTION_ROOM_MIN;
}

/* Feeds `input` as far as it goes now. */
static void feed(struct inbound *i, struct span *input)
{
    while (!i->peer.closing && !inbound_window_full(i)) {
        enum smtp_server_event event = smtp_server_feed(&i->server, input);
        if (event == SMTP_SERVER_MORE)
            return;
        if (event == SMTP_SERVER_WAIT) {
            size_t unsent = i->server.out.length;
            peer_send(&i->peer, &i->server.out);
            if (i->server.question != SMTP_SERVER_NOTHING_ASKED || i->server.out.length == unsent)
                return;
            continue; /* it only waited for its replies to go */
        }
        inbound_act_on(i, event);
    }
}

/* A line has its time from its first octet on: further octets of it do not begin it anew. Content may trickle; RFC 5321 has
 * a time-out for each block of it only (section 4.5.3.2.5). */
static void set_timeout(struct inbound *i)
{
    const struct timeouts *t = &i->relay->timeouts;
    if (inbound_is_refused(i))
        return; /* its time began with the greeting: whatever a stranger says gives it no more */
    bool ours = i->server.question != SMTP_SERVER_NOTHING_ASKED; /* our own patience counts then */
    bool theirs = !ours && !i->parting && !i->waits_for_network;
    uint64_t line = theirs ? smtp_line_begun(&i->server.line) : 0;
    if (line != 0 && line == i->timed_line)
        return;
    i->timed_line = line;
    if (i->parting)
        peer_set_timeout(&i->peer, t->client_parting_ms);
    else if (i->waits_for_network)
        peer_set_timeout(&i->peer, (uint64_t)i->relay->config.patience_s * 1000);
    else
        peer_set_timeout(&i->peer, ours ? 0 : t->client_silence_ms);
}

/* Reads on as long as there is somewhere to put it; while an answer is awaited too, to notice a client
 * that goes away. */
static void set_reading(struct inbound *i)
{
    if (i->client_done)
        return;
    bool room = !inbound_window_full(i) && i->unread.length < INBOUND_UNREAD_MAX;
    if (room || i->parting) {
        int error = peer_start_reading(&i->peer);
        if (error)
            inbound_cut(i);
    } else {
        peer_stop_reading(&i->peer);
    }
}

static void look_if_over(struct inbound *i)
{
    if (i->server.out.failed) {
        inbound_cut(i);
        return;
    }
    bool all_sent = peer_all_sent(&i->peer, &i->server.out);
    bool asked = i->server.question != SMTP_SERVER_NOTHING_ASKED;
    if (i->client_done && !asked && i->unread.length == 0 && (all_sent || !i->parting)) {
        inbound_cut(i); /* it has gone and nothing it said is left to do */
        return;
    }
    if (i->parting && all_sent)
        peer_shut_writing(&i->peer);
    if (i->relay->stopping && !smtp_server_in_transaction(&i->server) && !i->parting)
        inbound_shut(i, "Traypost is stopping");
}

static void settle(struct inbound *i)
{
    if (i->transaction)
        transaction_push(i->transaction);
    peer_send(&i->peer, &i->server.out);
    look_if_over(i);
    if (i->peer.closing)
        return;
    set_reading(i);
    set_timeout(i);
}

/* Works through `unread`, in pieces that fit the mail's window. */
void inbound_pump(struct inbound *i)
{
    if (i->pumping) {
        i->pump_again = true;
        return;
    }
    i->pumping = true;
    do {
        i->pump_again = false;
        size_t before = i->unread.length;
        struct span input = span_first(buf_span(&i->unread), PEER_READ_SIZE);
        size_t given = input.length;
        feed(i, &input);
        if (i->peer.closing)
            return;
        buf_consume(&i->unread, given - input.length);
        buf_shrink(&i->unread, 0);
        count_unread(i);
        i->pump_again = i->pump_again || (i->unread.length < before && i->unread.length > 0);
        if (!i->pump_again)
            settle(i);
    } while (i->pump_again && !i->peer.closing);
    i->pumping = false;
}

static void on_read(struct peer *peer, struct span bytes)
{
    struct inbound *i = OWNER_OF(peer, struct inbound, peer);
    i->heard_ms = uv_now(i->relay->loop);
    inbound_close_receipt(i, true); /* it goes on after its 250 */
    if (i->parting)
        return; /* read only to see the end */
    if (i->unread.length == 0) {
        i->pumping = true;
        feed(i, &bytes);
        i->pumping = false;
    }
    if (i->peer.closing)
        return;
    if (!keep_unread(i, bytes)) {
        inbound_shut(i, "out of memory");
        return;
    }
    inbound_pump(i);
}

static void on_ended(struct peer *peer, int status)
{
    struct inbound *i = OWNER_OF(peer, struct inbound, peer);
    inbound_close_receipt(i, status == UV_EOF); /* who has not read his 250 leaves with a reset */
    if (status != UV_EOF || i->parting) {
        inbound_cut(i);
        return;
    }
    i->client_done = true;
    inbound_pump(i);
}

static void on_sent(struct peer *peer)
{
    inbound_pump(OWNER_OF(peer, struct inbound, peer));
}

static void on_timed_out(struct peer *peer)
{
    struct inbound *i = OWNER_OF(peer, struct inbound, peer);
    if (i->parting || inbound_is_refused(i) || peer->stuck)
        inbound_cut(i); /* stuck: no word would get out any more */
    else if (i->waits_for_network)
        inbound_network_checked(i, false);
    else if (!peer_rests(peer))
        inbound_shut(i, i->timed_line ? "the line did not end in time" : "nothing was heard for too long");
}

void inbound_shut_by(struct inbound *i, int subject, int detail, const char *why)
{
    smtp_server_shut(&i->server, subject, detail, why);
    inbound_part(i);
    inbound_pump(i);
}

void inbound_shut(struct inbound *i, const char *why)
{
    inbound_shut_by(i, 4, 2, why);
}

void inbound_retire(struct inbound *i)
{
    inbound_pump(i); /* notices that the relay is stopping */
}

/* ---------------------------------------------------------------- the beginning */

static const struct peer_owner inbound_owner = {
    .read = on_read,
    .ended = on_ended,
    .sent = on_sent,
    .timed_out = on_timed_out,
    .closed = on_closed,
};

bool inbound_accept(struct relay *relay, uv_stream_t *listener)
{
    struct inbound *i = calloc(1, sizeof *i);
    if (!i)
        return false;
    i->relay = relay;
    i->heard_ms = uv_now(relay->loop);
    buf_init(&i->unread, 2 * PEER_READ_SIZE);
    if (peer_init(&i->peer, relay->loop, relay->read_buffer, &inbound_owner) != 0) {
        free(i);
        return false;
    }
    i->next = relay->inbounds;
    if (i->next)
        i->next->previous = i;
    relay->inbounds = i;
    relay->inbound_count++;

    int error = peer_accept(&i->peer, listener);
    i->client = peer_remote_address(&i->peer);
    if (error || i->client.ip.family == IP_NONE) {
        peer_close(&i->peer); /* gone before we came to it */
        return true;
    }
    bool few_descriptors = platform_descriptors_short(&i->peer.tcp);
    inbound_admit(i, few_descriptors);
    inbound_pump(i);
    if (few_descriptors && peer_all_sent(&i->peer, &i->server.out))
        inbound_cut(i); /* it has been told, and a long goodbye would cost what there is too little of */
    return true;
}
