/* SPDX-License-Identifier: MIT */
/*
 * A mail between its client and its legs. Two rules hold everywhere: the client is answered in the order
 * in which it asked, and 250 to the end of the content is said only when every recipient that was
 * taken has been delivered.
 */

#include "transaction_parts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "owner_of.h"
#include "relay_state.h"
#include "report.h"
#include "resend.h"
#include "smtp/dsn.h"
#include "verdict.h"
#include "version.h"

static void look_if_over(struct transaction *t);

/* ---------------------------------------------------------------- the log */

void transaction_add_event(struct transaction *t, const struct recipient *r, enum event_kind kind,
                           const struct outcome *outcome)
{
    struct event e = {.kind = kind, .outcome = *outcome};
    e.seconds = (double)(uv_now(t->relay->loop) - t->began_ms) / 1000;
    span_copy(span_of(t->mail.reverse_path.text), e.sender, sizeof e.sender);
    span_copy(span_of(r->rcpt.forward_path.text), e.recipient, sizeof e.recipient);
    if (!t->program)
        span_copy(SPAN("Traypost"), e.program, sizeof e.program); /* a report */
    if (t->calls->is_ours && outcome->kind == OUTCOME_TEMPORARY)
        e.outcome.kind = OUTCOME_PERMANENT; /* there is no later try that may succeed */
    program_add_event(&t->relay->programs, t->program, &e);
}

/* ---------------------------------------------------------------- verdicts */

void transaction_tell_in_order(struct transaction *t)
{
    while (t->client && t->next_to_tell && t->next_to_tell->state != RECIPIENT_ASKED) {
        struct recipient *r = t->next_to_tell;
        t->next_to_tell = r->next;
        r->told = true;
        t->calls->answer(t->client, &r->outcome);
    }
    transaction_arm_patience(t);
}

void transaction_settle(struct transaction *t, struct recipient *r, const struct outcome *outcome)
{
    bool good = outcome->kind == OUTCOME_ACCEPTED;
    bool late = t->out_of_patience;
    r->outcome = *outcome;
    r->state = good ? RECIPIENT_DELIVERED : RECIPIENT_FAILED;
    resend_settled(t, r);
    if (good && outcome->already)
        transaction_add_event(t, r, EVENT_ALREADY_DELIVERED, outcome);
    else if (good)
        transaction_add_event(t, r, late ? EVENT_LATE_DELIVERED : EVENT_DELIVERED, outcome);
    else
        transaction_add_event(t, r, late ? EVENT_LATE_FAILED : EVENT_FAILED, outcome);
}

void transaction_verdict(struct transaction *t, struct recipient *r, const struct outcome *outcome)
{
    bool good = outcome->kind == OUTCOME_ACCEPTED;
    switch (r->state) {
    case RECIPIENT_ASKED:
        r->outcome = *outcome;
        r->state = good ? RECIPIENT_TAKEN : RECIPIENT_REFUSED;
        if (!good)
            transaction_add_event(t, r, EVENT_FAILED, outcome);
        transaction_tell_in_order(t);
        return;
    case RECIPIENT_LATE:
        r->state = RECIPIENT_REFUSED;
        transaction_add_event(t, r, good ? EVENT_LATE_WILLING : EVENT_LATE_FAILED, outcome);
        return;
    case RECIPIENT_TAKEN:
        transaction_settle(t, r, outcome);
        return;
    case RECIPIENT_REFUSED:
    case RECIPIENT_DELIVERED:
    case RECIPIENT_FAILED:
        return; /* has its verdict */
    }
}

unsigned transaction_count(const struct transaction *t, enum recipient_state state)
{
    unsigned count = 0;
    for (const struct recipient *r = t->recipients; r; r = r->next)
        count += r->state == state;
    return count;
}

/* ---------------------------------------------------------------- the last answer */

/* From here on nobody waits for our answer. */
static void let_client_go(struct transaction *t)
{
    if (t->client)
        relay_mail_answered(t->relay);
    t->client = NULL;
}

/* What it carried will not arrive any more: a mail that waits for this one need not. */
static void cut_off(struct leg *leg)
{
    leg_abandon(leg);
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        resend_settled(leg->transaction, r);
}

/* The session is answered and goes its own way; what still listens, listens for the log. */
void transaction_tell_end(struct transaction *t, const struct outcome *verdict)
{
    void *client = t->client;
    let_client_go(t);
    t->state = TRANSACTION_TOLD;
    transaction_arm_patience(t);
    for (struct leg *leg = t->legs; leg; leg = leg->next)
        if (!leg_listens_for_log(leg))
            cut_off(leg);
    if (client)
        t->calls->done(client, verdict);
    look_if_over(t);
}

void transaction_look_if_verdict(struct transaction *t)
{
    if (transaction_count(t, RECIPIENT_TAKEN) > 0)
        return;
    bool reported = t->client && report_send(t);
    struct outcome verdict = verdict_on_mail(t, reported);
    transaction_tell_end(t, &verdict);
}

/* ---------------------------------------------------------------- what a leg makes of it */

static void discard(struct transaction *t)
{
    if (t->client)
        t->calls->discard(t->client);
}

void transaction_leg_changed(struct transaction *t)
{
    switch (t->state) {
    case TRANSACTION_ENVELOPE:
        return;
    case TRANSACTION_OPENING:
        transaction_look_if_open(t);
        return;
    case TRANSACTION_CONTENT:
        if (transaction_count(t, RECIPIENT_TAKEN) == 0)
            discard(t);
        else
            transaction_has_room(t); /* it may have been the slowest one */
        return;
    case TRANSACTION_FINISHING:
        transaction_look_if_verdict(t);
        return;
    case TRANSACTION_TOLD:
        look_if_over(t);
        return;
    }
}

/* ---------------------------------------------------------------- giving up */

/* Everybody who was taken fails by this; the legs are cut off. */
static void give_up(struct transaction *t, const struct outcome *why)
{
    for (struct recipient *r = t->recipients; r; r = r->next)
        if (r->state == RECIPIENT_TAKEN)
            transaction_settle(t, r, why);
    for (struct leg *leg = t->legs; leg; leg = leg->next)
        leg_abandon(leg);
}

void transaction_spoil(struct transaction *t, enum outcome_fault fault)
{
    if (t->spoiled.kind != OUTCOME_NONE)
        return;
    t->spoiled = outcome_from_fault(fault, NULL);
    give_up(t, &t->spoiled);
}

void transaction_leave(struct transaction *t)
{
    struct outcome abandoned = outcome_from_fault(OUTCOME_FAULT_ABANDONED, NULL);
    enum transaction_state state = t->state;
    let_client_go(t);
    if (state == TRANSACTION_FINISHING) /* it goes on alone */
        return;
    t->state = TRANSACTION_TOLD;
    transaction_arm_patience(t);
    if (state == TRANSACTION_CONTENT) {
        give_up(t, &abandoned);
    } else {
        for (struct recipient *r = t->recipients; r; r = r->next)
            if (r->state == RECIPIENT_ASKED || r->state == RECIPIENT_TAKEN)
                r->state = RECIPIENT_REFUSED; /* nobody wants it any more: not a failure */
        for (struct leg *leg = t->legs; leg; leg = leg->next) {
            bool late = false;
            for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
                late = late || (r->state == RECIPIENT_LATE && r->on_wire);
            if (!late || leg->state != LEG_ENVELOPE)
                leg_abandon(leg);
        }
    }
    look_if_over(t);
}

void transaction_abort(struct transaction *t, enum outcome_fault fault)
{
    struct outcome why = outcome_from_fault(fault, NULL);
    struct outcome uncertain = outcome_from_fault(OUTCOME_FAULT_LOST_AFTER_DOT, why.words);
    for (struct recipient *r = t->recipients; r; r = r->next)
        if (r->state == RECIPIENT_TAKEN && r->leg->state == LEG_WAIT_FINAL)
            transaction_settle(t, r, &uncertain);
    void *client = t->client;
    let_client_go(t);
    t->state = TRANSACTION_TOLD;
    for (struct recipient *r = t->recipients; r; r = r->next)
        if (r->state == RECIPIENT_ASKED) /* of a report: sessions have been told and have left */
            transaction_verdict(t, r, &why);
    give_up(t, &why);
    if (client)
        t->calls->done(client, &why);
    look_if_over(t);
}

/* ---------------------------------------------------------------- recipients */

static bool put_on_leg(struct transaction *t, struct recipient *r, const struct route *route)
{
    struct leg *leg = t->legs;
    while (leg && !(route_equals(&leg->route, route) && (leg->failed || leg_may_add(leg))))
        leg = leg->next;
    if (leg && leg->failed) { /* as a whole: so does everything that would go there */
        r->leg = leg;
        transaction_verdict(t, r, &leg->trouble);
        return true;
    }
    if (!leg)
        leg = leg_new(t, route);
    if (!leg)
        return false;
    leg_add(leg, r);
    return true;
}

void transaction_add(struct transaction *t, const struct smtp_rcpt *rcpt)
{
    struct recipient *r = calloc(1, sizeof *r);
    struct outcome why = outcome_from_fault(OUTCOME_FAULT_NO_MEMORY, NULL);
    struct route route;
    if (!r) { /* its answer would have nowhere to wait for its turn */
        t->calls->shut(t->client, why.words);
        return;
    }
    r->rcpt = *rcpt;
    r->asked_at_ms = uv_now(t->relay->loop);
    *t->last_recipient = r;
    t->last_recipient = &r->next;
    if (!t->next_to_tell)
        t->next_to_tell = r;
    transaction_arm_patience(t);

    if (!route_for(&r->rcpt.forward_path, &route, &why) || !put_on_leg(t, r, &route))
        transaction_verdict(t, r, &why);
}

bool transaction_reroute(struct transaction *t, struct recipient *r)
{
    r->leg->full = true;
    if (t->state == TRANSACTION_TOLD || !put_on_leg(t, r, &r->leg->route))
        return false;
    if (t->message && r->leg->state != LEG_DONE && !r->leg->reader.message)
        message_attach(t->message, &r->leg->reader); /* another server had taken him before */
    return true;
}

/* ---------------------------------------------------------------- beginning and end */

static void write_trace_lines(struct transaction *t, const struct smtp_trace_origin *origin)
{
    struct smtp_trace_mark mark = {
        .time_s = (int64_t)time(NULL),
        .instance = t->relay->instance,
        .serial = ++t->relay->next_id,
        .random = relay_random(t->relay),
        .version = TRAYPOST_VERSION,
    };
    mark.utc_offset_min = platform_utc_offset_min(mark.time_s);
    smtp_trace_write_lines(&t->lines, origin, &mark);
    smtp_trace_init(&t->trace, t->lines.received, t->lines.date, t->lines.message_id);
}

struct transaction *transaction_new(struct relay *relay, const struct transaction_client *calls, void *client,
                                    const struct smtp_mail *mail, const struct smtp_trace_origin *origin,
                                    struct program *program)
{
    struct transaction *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->relay = relay;
    t->calls = calls;
    t->client = client;
    t->mail = *mail;
    t->last_recipient = &t->recipients;
    t->program = program_hold(program);
    t->began_ms = uv_now(relay->loop);
    uv_timer_init(relay->loop, &t->patience);
    buf_init(&t->headers, SMTP_DSN_HEADERS_MAX);
    resend_begin_digest(t);
    write_trace_lines(t, origin);
    if (t->mail.size_bytes == 0)
        t->mail.has_size = false; /* "SIZE=0" is said by clients that do not know */
    else if (t->mail.size_bytes < UINT64_MAX - sizeof t->lines.received)
        t->mail.size_bytes += strlen(t->lines.received); /* what we add counts there as well */

    t->next = relay->transactions;
    if (t->next)
        t->next->previous = t;
    relay->transactions = t;
    relay_mail_began(relay);
    return t;
}

static void free_transaction(struct transaction *t)
{
    struct relay *relay = t->relay;
    if (t->previous)
        t->previous->next = t->next;
    else
        relay->transactions = t->next;
    if (t->next)
        t->next->previous = t->previous;
    while (t->legs) {
        struct leg *leg = t->legs;
        t->legs = leg->next;
        leg_free(leg);
    }
    while (t->recipients) {
        struct recipient *r = t->recipients;
        t->recipients = r->next;
        resend_settled(t, r); /* nobody listened to the end: not delivered, as far as we know */
        free(r);
    }
    message_free(t->message);
    t->message = NULL;
    transaction_count_memory(t);
    mbedtls_sha256_free(&t->digest);
    buf_clear(&t->headers);
    program_release(t->program);
    free(t);
    relay_look_if_finished(relay);
}

static void on_timer_closed(uv_handle_t *handle)
{
    free_transaction(OWNER_OF(handle, struct transaction, patience));
}

static void bury(struct later_task *task)
{
    struct transaction *t = OWNER_OF(task, struct transaction, burial);
    uv_close((uv_handle_t *)&t->patience, on_timer_closed);
}

/* Nobody is left who could ask or answer: freed from the top of the loop, not from inside a leg. */
static void look_if_over(struct transaction *t)
{
    if (t->buried || t->client || t->state != TRANSACTION_TOLD)
        return;
    for (const struct leg *leg = t->legs; leg; leg = leg->next)
        if (leg->state != LEG_DONE)
            return;
    uv_timer_stop(&t->patience);
    t->buried = true;
    later_post(&t->relay->later, &t->burial, bury);
}
