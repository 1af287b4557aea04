/* SPDX-License-Identifier: MIT */
/*
 * The duplicate guard: an array of mails, found by a hash table of indexes. What was delivered also stands in a
 * list, oldest first, from whose front the outdated ones fall. What is in the air is in no list; it cannot
 * grow old, and never makes room.
 *
 * The digests are uniform, so eight octets of them are hash enough.
 */

#include "core/seen.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

struct seen_mail {
    struct seen_key key;
    uint64_t ticket;  /* 0: this place is free */
    unsigned flights; /* in the air, not settled */
    bool delivered;
    bool client_knows;
    uint64_t delivered_ms;
    int64_t at_s;
    uint32_t next_of_bucket; /* or of the free places */
    uint32_t older, newer;   /* among the delivered ones */
};

struct seen {
    struct seen_mail *mails;
    uint32_t *buckets;
    uint32_t mail_max, bucket_count; /* the latter a power of two */
    uint32_t touched;                /* places that have ever been used */
    uint32_t free, oldest, newest;
    uint32_t serial;
};

struct seen *seen_new(size_t mail_max)
{
    assert(mail_max > 0 && mail_max < NOWHERE / 2);
    struct seen *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->mail_max = (uint32_t)mail_max;
    s->bucket_count = 1;
    while (s->bucket_count < mail_max)
        s->bucket_count *= 2;
    s->free = s->oldest = s->newest = NOWHERE;
    s->mails = calloc(mail_max, sizeof *s->mails);
    s->buckets = malloc(s->bucket_count * sizeof *s->buckets);
    if (!s->mails || !s->buckets) {
        seen_free(s);
        return NULL;
    }
    for (uint32_t i = 0; i < s->bucket_count; i++)
        s->buckets[i] = NOWHERE;
    return s;
}

void seen_free(struct seen *s)
{
    if (!s)
        return;
    free(s->mails);
    free(s->buckets);
    free(s);
}

/* ---------------------------------------------------------------- identities */

static size_t put_address(const struct smtp_address *a, char *to)
{
    size_t length = strlen(a->text), i = 0;
    for (; i < length; i++)
        to[i] = i < a->local_length ? a->text[i] : ascii_lower(a->text[i]);
    to[i] = '\0'; /* which no address contains: where one ends is beyond doubt */
    return length + 1;
}

struct span seen_identity(const uint8_t content_digest[SEEN_DIGEST_SIZE], const struct smtp_address *sender,
                          const struct smtp_address *recipient, char *octets)
{
    size_t length = SEEN_DIGEST_SIZE;
    memcpy(octets, content_digest, SEEN_DIGEST_SIZE);
    length += put_address(sender, octets + length);
    length += put_address(recipient, octets + length);
    return span_make(octets, length);
}

/* ---------------------------------------------------------------- places */

static uint32_t *bucket_of(const struct seen *s, const struct seen_key *key)
{
    uint64_t hash;
    memcpy(&hash, key->digest, sizeof hash);
    return &s->buckets[hash & (s->bucket_count - 1)];
}

static struct seen_mail *find(const struct seen *s, const struct seen_key *key)
{
    uint32_t i = *bucket_of(s, key);
    while (i != NOWHERE && memcmp(&s->mails[i].key, key, sizeof *key) != 0)
        i = s->mails[i].next_of_bucket;
    return i == NOWHERE ? NULL : &s->mails[i];
}

/* A ticket is the number of the place and a serial number; 0 is none. */
static struct seen_mail *find_ticket(const struct seen *s, uint64_t ticket)
{
    uint32_t i = (uint32_t)ticket;
    return ticket != 0 && i < s->mail_max && s->mails[i].ticket == ticket ? &s->mails[i] : NULL;
}

static uint32_t place_of(const struct seen *s, const struct seen_mail *mail)
{
    return (uint32_t)(mail - s->mails);
}

static void leave_list(struct seen *s, struct seen_mail *mail)
{
    if (!mail->delivered)
        return;
    *(mail->older == NOWHERE ? &s->oldest : &s->mails[mail->older].newer) = mail->newer;
    *(mail->newer == NOWHERE ? &s->newest : &s->mails[mail->newer].older) = mail->older;
    mail->delivered = false;
}

static void join_list(struct seen *s, struct seen_mail *mail)
{
    uint32_t place = place_of(s, mail);
    mail->delivered = true;
    mail->older = s->newest;
    mail->newer = NOWHERE;
    *(s->newest == NOWHERE ? &s->oldest : &s->mails[s->newest].newer) = place;
    s->newest = place;
}

static void forget(struct seen *s, struct seen_mail *mail)
{
    uint32_t place = place_of(s, mail), *link = bucket_of(s, &mail->key);
    while (*link != place)
        link = &s->mails[*link].next_of_bucket;
    *link = mail->next_of_bucket;
    leave_list(s, mail);
    mail->ticket = 0;
    mail->next_of_bucket = s->free;
    s->free = place;
}

static bool is_fresh(const struct seen_mail *mail, uint64_t now_ms)
{
    return mail->delivered && now_ms - mail->delivered_ms < SEEN_KEEP_MS;
}

/* The delivery is over and done with; of a mail that is in the air again only that is kept. */
static void drop_delivery(struct seen *s, struct seen_mail *mail)
{
    if (mail->flights > 0)
        leave_list(s, mail);
    else
        forget(s, mail);
}

static void drop_outdated(struct seen *s, uint64_t now_ms)
{
    while (s->oldest != NOWHERE && !is_fresh(&s->mails[s->oldest], now_ms))
        drop_delivery(s, &s->mails[s->oldest]);
}

static struct seen_mail *take_place(struct seen *s)
{
    while (s->free == NOWHERE && s->touched == s->mail_max && s->oldest != NOWHERE)
        drop_delivery(s, &s->mails[s->oldest]);
    if (s->free != NOWHERE) {
        struct seen_mail *mail = &s->mails[s->free];
        s->free = mail->next_of_bucket;
        return mail;
    }
    return s->touched < s->mail_max ? &s->mails[s->touched++] : NULL;
}

/* ---------------------------------------------------------------- questions */

struct seen_answer seen_ask(const struct seen *s, const struct seen_key *key, uint64_t now_ms)
{
    const struct seen_mail *mail = find(s, key);
    if (mail && is_fresh(mail, now_ms))
        return (struct seen_answer){SEEN_DELIVERED, mail->ticket, mail->at_s, mail->client_knows};
    if (mail && mail->flights > 0)
        return (struct seen_answer){.kind = SEEN_IN_THE_AIR, .ticket = mail->ticket};
    return (struct seen_answer){.kind = SEEN_NEW};
}

/* ---------------------------------------------------------------- flights */

uint64_t seen_begin(struct seen *s, const struct seen_key *key, uint64_t now_ms)
{
    drop_outdated(s, now_ms);
    struct seen_mail *mail = find(s, key);
    if (!mail) {
        mail = take_place(s);
        if (!mail)
            return 0;
        uint32_t place = place_of(s, mail), *bucket = bucket_of(s, key);
        s->serial += s->serial == UINT32_MAX ? 2 : 1; /* never 0, which would make the first ticket none */
        *mail = (struct seen_mail){
            .key = *key,
            .ticket = (uint64_t)s->serial << 32 | place,
            .next_of_bucket = *bucket,
        };
        *bucket = place;
    }
    mail->flights++;
    return mail->ticket;
}

void seen_settle(struct seen *s, uint64_t ticket, bool delivered, uint64_t now_ms, int64_t at_s)
{
    struct seen_mail *mail = find_ticket(s, ticket);
    if (!mail || mail->flights == 0)
        return;
    mail->flights--;
    if (delivered) {
        leave_list(s, mail);
        join_list(s, mail);
        mail->delivered_ms = now_ms;
        mail->at_s = at_s;
        mail->client_knows = false;
    } else if (mail->flights == 0 && !mail->delivered) {
        forget(s, mail);
    }
    drop_outdated(s, now_ms);
}

void seen_note_client(struct seen *s, uint64_t ticket, bool knows)
{
    struct seen_mail *mail = find_ticket(s, ticket);
    if (mail)
        mail->client_knows = knows;
}

void seen_format(const struct seen_answer *answer, int utc_offset_min, char text[SEEN_TEXT_SIZE])
{
    int64_t second = (answer->at_s + (int64_t)utc_offset_min * 60) % 86400;
    if (second < 0)
        second += 86400;
    snprintf(text, SEEN_TEXT_SIZE, "already delivered at %02u:%02u", (unsigned)(second / 3600) % 24,
             (unsigned)(second / 60 % 60));
}
