/* SPDX-License-Identifier: MIT */
/*
 * The content of a mail, from the client's wish to say it to its end: who among the legs has asked its server, how much of it
 * may be in memory, and what goes to all of them.
 */

#include "transaction_parts.h"

#include "relay_state.h"
#include "report.h"
#include "resend.h"
#include "verdict.h"

#define TRANSACTION_WINDOW (256 * 1024) /* of the mail in memory at once */

/* ---------------------------------------------------------------- content is wanted */

static bool leg_has_taken(const struct leg *leg)
{
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (r->state == RECIPIENT_TAKEN)
            return true;
    return false;
}

void transaction_look_if_open(struct transaction *t)
{
    for (const struct leg *leg = t->legs; leg; leg = leg->next)
        if (!leg_ready(leg))
            return;
    if (transaction_count(t, RECIPIENT_TAKEN) == 0) {
        struct outcome refusal = verdict_of_failures(t);
        transaction_tell_end(t, &refusal);
        return;
    }
    struct outcome yes = {.kind = OUTCOME_ACCEPTED, .code = 250};
    t->state = TRANSACTION_CONTENT;
    t->opening_ms = t->in_one ? uv_now(t->relay->loop) - t->asked_at_ms : 0;
    transaction_arm_patience(t);
    if (t->client)
        t->calls->answer(t->client, &yes);
}

void transaction_begin(struct transaction *t, bool in_one)
{
    t->state = TRANSACTION_OPENING;
    t->in_one = in_one;
    t->asked_at_ms = uv_now(t->relay->loop);
    t->message = message_new(TRANSACTION_WINDOW);
    if (!t->message) {
        transaction_spoil(t, OUTCOME_FAULT_NO_MEMORY);
        if (t->state == TRANSACTION_OPENING)
            transaction_look_if_open(t);
        return;
    }
    for (struct leg *leg = t->legs; leg; leg = leg->next)
        if (leg->state != LEG_DONE && leg_has_taken(leg))
            message_attach(t->message, &leg->reader);
    transaction_arm_patience(t);
    for (struct leg *leg = t->legs; leg && t->state == TRANSACTION_OPENING; leg = leg->next) {
        if (leg->reader.message)
            leg_push(leg);
        else
            leg_abandon(leg);
    }
    if (t->state == TRANSACTION_OPENING)
        transaction_look_if_open(t);
}

/* ---------------------------------------------------------------- content */

size_t transaction_room(const struct transaction *t)
{
    return t->message && t->state == TRANSACTION_CONTENT ? message_room(t->message) : SIZE_MAX;
}

void transaction_count_memory(struct transaction *t)
{
    size_t now = t->message ? message_memory(t->message, 0) : 0;
    t->relay->content_bytes += now;
    t->relay->content_bytes -= t->memory_bytes;
    t->memory_bytes = now;
}

static bool append(struct transaction *t, struct span piece)
{
    size_t wanted = message_memory(t->message, piece.length);
    size_t others = t->relay->content_bytes - t->memory_bytes;
    if (wanted > t->memory_bytes && wanted > RELAY_CONTENT_LITTLE &&
        others + wanted > t->relay->content_max_bytes)
        return false;
    bool appended = message_append(t->message, piece);
    transaction_count_memory(t);
    return appended;
}

void transaction_write(struct transaction *t, struct span content)
{
    uint64_t limit = t->calls->is_ours ? 0 : t->relay->config.max_size_bytes;
    struct span piece;
    t->content_bytes += content.length;
    if (t->spoiled.kind != OUTCOME_NONE)
        return;
    resend_digest(t, content);
    report_keep_headers(t, content);
    if (limit > 0 && t->content_bytes > limit) {
        transaction_spoil(t, OUTCOME_FAULT_TOO_BIG);
        return;
    }
    while (smtp_trace_next(&t->trace, &content, &piece)) {
        if (!append(t, piece)) {
            transaction_spoil(t, OUTCOME_FAULT_NO_MEMORY);
            return;
        }
    }
    if (smtp_trace_loops(&t->trace))
        transaction_spoil(t, OUTCOME_FAULT_TOO_MANY_HOPS);
}

void transaction_push(struct transaction *t)
{
    if (t->state < TRANSACTION_CONTENT)
        return;
    for (struct leg *leg = t->legs; leg; leg = leg->next)
        leg_push(leg);
}

void transaction_end(struct transaction *t)
{
    struct span piece;
    t->state = TRANSACTION_FINISHING;
    t->asked_at_ms = uv_now(t->relay->loop) - t->opening_ms;
    while (transaction_count(t, RECIPIENT_TAKEN) > 0 && smtp_trace_end(&t->trace, &piece))
        if (!append(t, piece))
            transaction_spoil(t, OUTCOME_FAULT_NO_MEMORY);
    if (t->state != TRANSACTION_FINISHING)
        return; /* spoiling it was the verdict */
    resend_look(t);
    if (t->state != TRANSACTION_FINISHING)
        return; /* everybody has it already */
    message_end(t->message);
    transaction_arm_patience(t);
    transaction_push(t);
    if (t->state == TRANSACTION_FINISHING)
        transaction_look_if_verdict(t);
}

void transaction_has_room(struct transaction *t)
{
    transaction_count_memory(t);
    if (t->client && t->state == TRANSACTION_CONTENT)
        t->calls->resume(t->client);
}
