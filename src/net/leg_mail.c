/* SPDX-License-Identifier: MIT */
/* What a leg says to its server, and in which order: MAIL and the RCPTs, then the content, as much of both
 * as the connection takes now. */

#include "leg_parts.h"

#include "outbound.h"
#include "relay_state.h"
#include "transaction.h"

#define LEG_UNSENT_MAX (40 * 1024) /* said and not yet taken by the system */
#define LEG_PIECE_MAX (16 * 1024)
#define LEG_CHUNK_MIN LEG_PIECE_MAX /* no BDAT smaller than this while more is coming */

/* ---------------------------------------------------------------- the envelope */

void leg_use_connection(struct leg *leg, struct outbound *outbound, bool reused)
{
    leg->outbound = outbound;
    leg->reused = reused;
    leg->mail_said = false;
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        r->on_wire = r->answered = false;
    leg_enter(leg, LEG_ENVELOPE);
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
        if (!leg_takes_part(r) || r->on_wire || r->answered)
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
        if (r->on_wire || (leg_takes_part(r) && !r->answered))
            return false;
    return true;
}

static void begin_content(struct leg *leg)
{
    if (!leg_any_takes_part(leg)) { /* said again to another server, all were refused */
        leg_let_go(leg);
        leg_done(leg);
        return;
    }
    leg_enter(leg, smtp_client_begin(&leg->outbound->client) ? LEG_CONTENT : LEG_WAIT_DATA);
    if (leg->state == LEG_CONTENT)
        transaction_leg_changed(leg->transaction);
}

static void push_envelope(struct leg *leg)
{
    struct smtp_client *client = &leg->outbound->client;
    if (!leg->mail_said) {
        enum outcome_fault unfit = unfit_mail(leg);
        if (unfit != OUTCOME_FAULT_NONE) {
            leg_fail_by(leg, unfit);
            return;
        }
        if (!leg_any_takes_part(leg) || !smtp_client_may_send(client))
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

/* "Too many recipients" (RFC 5321 section 4.5.3.1.10), and not a full disk: at least one was taken. RFC 821 had 552 for it, and some
 * servers still do; when it is a mailbox after all that is full, the next transaction is told so first of all. */
static bool is_full_envelope(const struct leg *leg, const struct recipient *who,
                             const struct outcome *outcome)
{
    bool taken = false;
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        taken = taken || (r != who && r->answered && r->state == RECIPIENT_TAKEN);
    return taken && (outcome->code == 452 || outcome->code == 552) &&
           (outcome->subject < 0 || (outcome->subject == 5 && outcome->detail == 3));
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
    leg_let_go(leg);
    if (!leg_any_takes_part(leg)) {
        leg_done(leg);
        return;
    }
    leg_enter_host(leg);
}

void leg_recipient_said(struct leg *leg, const struct outcome *outcome)
{
    struct recipient *r = first_on_wire(leg);
    if (!r)
        return; /* a reply to a RCPT of somebody who has left */
    r->on_wire = false;
    r->answered = true;
    r->server_has_dsn = leg->outbound->client.server.dsn;
    if (r->state == RECIPIENT_LATE && outcome->kind == OUTCOME_ACCEPTED) {
        begin_without(leg, r, outcome);
    } else if (leg_takes_part(r) && is_full_envelope(leg, r, outcome)) {
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

/*
 * A client that says SMTPUTF8 says that the mail may need it (RFC 6531 section 3.6), so a server without it
 * gets what turns out not to need it: ASCII headers and an envelope of ASCII local parts. Headers in UTF-8 it
 * must not get (section 3.5), and rewriting them is not ours to do. Without the client's SMTPUTF8 such headers
 * are no international mail, only old 8-bit ones, and go the way of 8-bit content. Headers inside MIME parts
 * are not looked at: that is the same to the server as 8-bit text.
 */
static enum outcome_fault unfit_content(const struct leg *leg, struct span piece)
{
    const struct smtp_server_abilities *server = &leg->outbound->client.server;
    const struct transaction *t = leg->transaction;
    if (t->mail.smtputf8 && t->trace.utf8 && !server->smtputf8)
        return OUTCOME_FAULT_NO_UTF8_HEADER;
    if (!server->eight_bit_mime && !span_is_ascii(piece))
        return OUTCOME_FAULT_NO_EIGHT_BIT; /* RFC 6152 section 3 */
    if (server->has_size && server->size_bytes > 0 &&
        leg->reader.position + piece.length > server->size_bytes)
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
    if (leg->held)
        return false;
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
            leg_fail_by(leg, unfit);
            return;
        }
        bool last = message_ended(message) && piece.length == message_left(&leg->reader);
        smtp_client_content(&leg->outbound->client, piece, last);
        message_advance(&leg->reader, piece.length);
        if (last)
            leg_enter(leg, LEG_WAIT_FINAL);
        if (leg->outbound->client.out.failed) {
            leg_fail_by(leg, OUTCOME_FAULT_NO_MEMORY);
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
