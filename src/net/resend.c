/* SPDX-License-Identifier: MIT */
#include "resend.h"

#include "owner_of.h"
#include "platform.h"
#include "relay_state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now_ms(const struct transaction *t)
{
    return uv_now(t->relay->loop);
}

/* ---------------------------------------------------------------- what mail it is */

/* These fail only where hardware does the work, and ours is software. */
void resend_begin_digest(struct transaction *t)
{
    mbedtls_sha256_init(&t->digest);
    mbedtls_sha256_starts(&t->digest, 0);
}

void resend_digest(struct transaction *t, struct span content)
{
    mbedtls_sha256_update(&t->digest, (const unsigned char *)content.at, content.length);
}

static void make_keys(struct transaction *t)
{
    uint8_t content[SEEN_DIGEST_SIZE];
    char octets[SEEN_IDENTITY_MAX];
    mbedtls_sha256_finish(&t->digest, content);
    for (struct recipient *r = t->recipients; r; r = r->next) {
        struct span identity = seen_identity(content, &t->mail.reverse_path, &r->rcpt.forward_path, octets);
        mbedtls_sha256((const unsigned char *)identity.at, identity.length, r->key.digest, 0);
    }
}

/* ---------------------------------------------------------------- who has it already */

static bool waits_for(const struct recipient *r, const struct seen_key *key)
{
    bool open = r->ticket != 0 || (r->state == RECIPIENT_TAKEN && r->leg->held);
    return open && memcmp(&r->key, key, sizeof *key) == 0;
}

/* Is another client there that waits for the verdict on this mail? Then it does not send it again. */
static bool others_wait_for(const struct transaction *self, const struct seen_key *key)
{
    for (const struct transaction *t = self->relay->transactions; t; t = t->next) {
        bool listens = t != self && t->client && t->calls->listens(t->client);
        for (const struct recipient *r = listens ? t->recipients : NULL; r; r = r->next)
            if (waits_for(r, key))
                return true;
    }
    return false;
}

/* What is held was found to be sent again, and stays it. */
static struct seen_answer ask(const struct transaction *t, const struct recipient *r)
{
    struct seen_answer answer = seen_ask(t->relay->seen, &r->key, now_ms(t));
    if (answer.kind == SEEN_NEW || t->trace.names_itself || r->leg->held)
        return answer;
    if (answer.kind == SEEN_DELIVERED ? answer.client_knows : others_wait_for(t, &r->key))
        answer.kind = SEEN_NEW;
    return answer;
}

/* What all who were taken on this leg have in common: DELIVERED, or at least IN_THE_AIR; NEW where they differ. */
static enum seen_kind standing_of(const struct leg *leg)
{
    enum seen_kind least = SEEN_DELIVERED;
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg) {
        enum seen_kind kind = r->state == RECIPIENT_TAKEN ? ask(leg->transaction, r).kind : SEEN_DELIVERED;
        if (kind == SEEN_NEW)
            return SEEN_NEW;
        if (kind == SEEN_IN_THE_AIR)
            least = SEEN_IN_THE_AIR;
    }
    return least;
}

static void begin(struct leg *leg)
{
    struct transaction *t = leg->transaction;
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (r->state == RECIPIENT_TAKEN && r->ticket == 0)
            r->ticket = seen_begin(t->relay->seen, &r->key, now_ms(t));
}

static void settle_delivered(struct leg *leg)
{
    struct transaction *t = leg->transaction;
    for (struct recipient *r = leg->recipients; r; r = r->next_of_leg) {
        struct outcome outcome = {.kind = OUTCOME_ACCEPTED, .code = 250, .already = true};
        struct seen_answer answer = seen_ask(t->relay->seen, &r->key, now_ms(t));
        if (r->state != RECIPIENT_TAKEN)
            continue;
        seen_format(&answer, platform_utc_offset_min(answer.at_s), outcome.words);
        r->delivery = answer.ticket; /* of which this client is about to hear */
        transaction_settle(t, r, &outcome);
    }
    leg_abandon(leg);
}

static bool has_taken(const struct leg *leg)
{
    for (const struct recipient *r = leg->recipients; r; r = r->next_of_leg)
        if (r->state == RECIPIENT_TAKEN)
            return true;
    return false;
}

/* All are asked before any is begun: who is named twice must not wait for himself. */
static void look_at(struct transaction *t, bool held)
{
    enum { LEGS = 64 };
    struct leg *new_legs[LEGS];
    size_t count = 0;
    for (struct leg *leg = t->legs, *next; leg && t->state == TRANSACTION_FINISHING; leg = next) {
        next = leg->next;
        if (leg->state == LEG_DONE || leg->held != held || !has_taken(leg))
            continue;
        enum seen_kind kind = standing_of(leg);
        leg->held = kind == SEEN_IN_THE_AIR;
        t->relay->resends_wait = t->relay->resends_wait || leg->held;
        if (kind == SEEN_DELIVERED)
            settle_delivered(leg);
        else if (kind == SEEN_NEW && count < LEGS)
            new_legs[count++] = leg; /* those beyond go unguarded */
    }
    for (size_t i = 0; i < count; i++)
        begin(new_legs[i]);
    if (held && count > 0)
        transaction_push(t);
}

void resend_look(struct transaction *t)
{
    if (!t->relay->seen)
        return;
    make_keys(t);
    look_at(t, false);
}

/* ---------------------------------------------------------------- verdicts */

static void wake(struct later_task *task)
{
    struct relay *relay = OWNER_OF(task, struct relay, resends);
    relay->resends_wait = false;
    for (struct transaction *t = relay->transactions; t; t = t->next)
        look_at(t, true);
}

void resend_settled(struct transaction *t, struct recipient *r)
{
    if (r->ticket == 0)
        return;
    bool delivered = r->state == RECIPIENT_DELIVERED;
    seen_settle(t->relay->seen, r->ticket, delivered, now_ms(t), (int64_t)time(NULL));
    r->delivery = delivered ? r->ticket : 0;
    r->ticket = 0;
    if (t->relay->resends_wait)
        later_post(&t->relay->later, &t->relay->resends, wake);
}

/* ---------------------------------------------------------------- what the client knows */

struct resend_receipt {
    size_t count;
    uint64_t deliveries[];
};

static void note(struct relay *relay, const struct resend_receipt *receipt, bool knows)
{
    for (size_t i = 0; i < receipt->count; i++)
        seen_note_client(relay->seen, receipt->deliveries[i], knows);
}

struct resend_receipt *resend_receipt_new(const struct transaction *t)
{
    size_t count = 0;
    for (const struct recipient *r = t->recipients; r; r = r->next)
        count += r->delivery != 0;
    struct resend_receipt *receipt =
        count ? malloc(sizeof *receipt + count * sizeof receipt->deliveries[0]) : NULL;
    if (!receipt)
        return NULL;
    receipt->count = 0;
    for (const struct recipient *r = t->recipients; r; r = r->next)
        if (r->delivery != 0)
            receipt->deliveries[receipt->count++] = r->delivery;
    note(t->relay, receipt, true);
    return receipt;
}

void resend_receipt_close(struct relay *relay, struct resend_receipt *receipt, bool orderly)
{
    if (receipt && !orderly)
        note(relay, receipt, false);
    free(receipt);
}
