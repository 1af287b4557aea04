/* SPDX-License-Identifier: MIT */
/* A client must hear something before it gives up and silently sends again: whatever question of it is open has a time. */

#include "transaction_parts.h"

#include "outbound.h"
#include "owner_of.h"
#include "relay_state.h"

static uint64_t patience_ms(const struct transaction *t)
{
    const struct relay *relay = t->relay;
    return t->calls->is_ours ? relay->timeouts.report_ms : (uint64_t)relay->config.patience_s * 1000;
}

/* Since when has the open question been open? 0: none is. */
static uint64_t open_since_ms(const struct transaction *t)
{
    switch (t->state) {
    case TRANSACTION_ENVELOPE:
        return t->next_to_tell ? t->next_to_tell->asked_at_ms : 0;
    case TRANSACTION_OPENING:
    case TRANSACTION_FINISHING:
        return t->asked_at_ms;
    case TRANSACTION_CONTENT:
    case TRANSACTION_TOLD:
        return 0;
    }
    return 0;
}

/* Those who have waited for so long; RCPTs asked later have time left. */
static void end_envelopes_wait(struct transaction *t, const struct outcome *later)
{
    uint64_t now = uv_now(t->relay->loop);
    for (struct recipient *r = t->recipients; r; r = r->next) {
        if (r->state != RECIPIENT_ASKED || now - r->asked_at_ms < patience_ms(t))
            continue;
        r->state = RECIPIENT_LATE;
        r->outcome = *later;
        transaction_add_event(t, r, EVENT_FAILED, later);
    }
    transaction_tell_in_order(t);
}

/* Nobody listens to this server any more. */
static struct outcome outcome_of_silence(const struct leg *leg)
{
    struct outcome silence = outcome_from_fault(OUTCOME_FAULT_TIMED_OUT, NULL);
    if (leg->outbound)
        outbound_sign(leg->outbound, &silence);
    return silence;
}

/* The mail goes on without the servers that do not say whether they want it. */
static void end_openings_wait(struct transaction *t)
{
    for (struct leg *leg = t->legs; leg && t->state == TRANSACTION_OPENING; leg = leg->next) {
        struct outcome silence = outcome_of_silence(leg);
        if (leg_ready(leg))
            continue;
        for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
            transaction_verdict(t, r, &silence);
        leg_abandon(leg);
    }
}

/* Of one who waits for the same mail in the air, the answer to that one is awaited. */
static void end_finishings_wait(struct transaction *t, const struct outcome *later)
{
    for (struct recipient *r = t->recipients; r; r = r->next) {
        if (r->state != RECIPIENT_TAKEN)
            continue;
        struct outcome silence = outcome_of_silence(r->leg);
        bool awaited = leg_listens_for_log(r->leg) || r->leg->held;
        transaction_add_event(t, r, EVENT_FAILED, awaited ? later : &silence);
    }
    t->out_of_patience = true;
    transaction_tell_end(t, later);
}

static void on_patience_over(uv_timer_t *timer)
{
    struct transaction *t = OWNER_OF(timer, struct transaction, patience);
    struct outcome later = outcome_from_fault(OUTCOME_FAULT_OUT_OF_PATIENCE, NULL);
    switch (t->state) {
    case TRANSACTION_ENVELOPE:
        end_envelopes_wait(t, &later);
        return;
    case TRANSACTION_OPENING:
        end_openings_wait(t);
        return;
    case TRANSACTION_FINISHING:
        end_finishings_wait(t, &later);
        return;
    case TRANSACTION_CONTENT:
    case TRANSACTION_TOLD:
        return; /* nothing is asked */
    }
}

void transaction_arm_patience(struct transaction *t)
{
    uint64_t since = open_since_ms(t);
    if (t->buried)
        return;
    if (since == 0) {
        uv_timer_stop(&t->patience);
        return;
    }
    uint64_t now = uv_now(t->relay->loop), due = since + patience_ms(t);
    uv_timer_start(&t->patience, on_patience_over, due > now ? due - now : 1, 0);
}
