/* SPDX-License-Identifier: MIT */
/* A domain that is being asked about: TXT record -> perhaps its file -> everybody who waits is told. */

#include "mta_sts.h"

#include <stdio.h>
#include <stdlib.h>

#include "events.h"
#include "owner_of.h"
#include "policy_fetch.h"
#include "relay_state.h"
#include "resolver.h"

struct mta_sts_request {
    mta_sts_done done; /* NULL: dropped */
    void *context;
    struct mta_sts_request *next;
};

struct mta_sts_domain {
    struct mta_sts *sts;
    char name[256], id[SMTP_POLICY_ID_MAX + 1];
    struct mta_sts_request *requests, **last_request; /* the first one first */
    struct resolver_request *query;
    struct policy_fetch *fetch;
    struct later_task wake; /* the id is known already */
    struct mta_sts_domain *next;
};

void mta_sts_init(struct mta_sts *sts, struct relay *relay)
{
    *sts = (struct mta_sts){.relay = relay};
}

static uint64_t now_ms(const struct mta_sts *sts)
{
    return uv_now(sts->relay->loop);
}

/* ---------------------------------------------------------------- the end of a question */

static void unlink_domain(struct mta_sts_domain *d)
{
    struct mta_sts_domain **link = &d->sts->asking;
    while (*link != d)
        link = &(*link)->next;
    *link = d->next;
}

static void free_domain(struct mta_sts_domain *d)
{
    while (d->requests) {
        struct mta_sts_request *request = d->requests;
        d->requests = request->next;
        free(request);
    }
    free(d);
}

/* Who is told may ask anew: that is another question already. */
static void answer(struct mta_sts_domain *d, const struct smtp_policy *policy)
{
    if (policy && policy->mode != SMTP_POLICY_MODE_ENFORCE)
        policy = NULL;
    unlink_domain(d);
    for (struct mta_sts_request *r = d->requests; r; r = r->next) {
        mta_sts_done done = r->done;
        r->done = NULL;
        if (done)
            done(r->context, policy);
    }
    free_domain(d);
}

/* ---------------------------------------------------------------- the file */

static void note_failure(struct mta_sts_domain *d, const char *trouble)
{
    struct event e = {.kind = EVENT_POLICY_FAILED};
    span_copy(span_of(d->name), e.detail, sizeof e.detail);
    e.outcome = outcome_from_fault(OUTCOME_FAULT_POLICY_TLS, trouble);
    events_add(&d->sts->relay->events, &e);
}

static void on_fetched(void *context, const struct smtp_policy *policy, const char *trouble)
{
    struct mta_sts_domain *d = context;
    struct mta_sts *sts = d->sts;
    const struct smtp_policy *former;
    uint64_t now_s = now_ms(sts) / 1000;
    d->fetch = NULL;
    if (policy) {
        smtp_policies_store(sts->policies, d->name, d->id, policy, now_s);
        answer(d, policy);
        return;
    }
    smtp_policies_failed(sts->policies, d->name, d->id, now_s);
    note_failure(d, trouble);
    smtp_policy_decide(sts->policies, d->name, d->id, now_s, &former);
    answer(d, former);
}

/* The record is known. */
static void decide(struct mta_sts_domain *d)
{
    struct mta_sts *sts = d->sts;
    const struct smtp_policy *policy = NULL;
    if (!sts->policies && d->id[0])
        sts->policies = smtp_policies_new(SMTP_POLICY_DOMAINS_MAX);
    if (sts->policies && smtp_policy_decide(sts->policies, d->name, d->id, now_ms(sts) / 1000, &policy) ==
                             SMTP_POLICY_STEP_FETCH) {
        d->fetch = policy_fetch_begin(sts->relay, d->name, on_fetched, d);
        if (d->fetch)
            return;
    }
    answer(d, policy);
}

/* ---------------------------------------------------------------- the record */

static const struct mta_sts_id *find_id(const struct mta_sts *sts, const char *domain)
{
    for (size_t i = 0; i < MTA_STS_IDS_MAX; i++)
        if (now_ms(sts) < sts->ids[i].until_ms &&
            span_equals_nocase(span_of(sts->ids[i].domain), span_of(domain)))
            return &sts->ids[i];
    return NULL;
}

static void keep_id(struct mta_sts_domain *d, uint32_t age_s)
{
    struct mta_sts *sts = d->sts;
    struct mta_sts_id *place = &sts->ids[sts->id_next];
    sts->id_next = (sts->id_next + 1) % MTA_STS_IDS_MAX;
    span_copy(span_of(d->name), place->domain, sizeof place->domain);
    span_copy(span_of(d->id), place->id, sizeof place->id);
    place->until_ms =
        now_ms(sts) + 1000 * (uint64_t)(age_s < MTA_STS_ID_AGE_MAX_S ? age_s : MTA_STS_ID_AGE_MAX_S);
}

static void on_texts(struct resolver_request *request, void *context)
{
    struct mta_sts_domain *d = context;
    bool found = request->status == RESOLVER_OK;
    d->query = NULL;
    if (!found || !smtp_policy_id(request->texts, request->text_count, d->id))
        d->id[0] = '\0';
    keep_id(d, found ? request->ttl_s : MTA_STS_ID_AGE_MAX_S);
    decide(d);
}

static void on_wake(struct later_task *task)
{
    struct mta_sts_domain *d = OWNER_OF(task, struct mta_sts_domain, wake);
    if (d->sts->closing)
        answer(d, NULL);
    else
        decide(d);
}

static bool begin(struct mta_sts_domain *d)
{
    char name[272];
    const struct mta_sts_id *known = find_id(d->sts, d->name);
    if (known) {
        span_copy(span_of(known->id), d->id, sizeof d->id);
        later_post(&d->sts->relay->later, &d->wake, on_wake);
        return true;
    }
    snprintf(name, sizeof name, "_mta-sts.%s", d->name);
    d->query = resolver_ask_texts(&d->sts->relay->resolver, name, on_texts, d);
    return d->query != NULL;
}

/* ---------------------------------------------------------------- asking */

static struct mta_sts_domain *find_or_begin(struct mta_sts *sts, const char *name)
{
    struct mta_sts_domain *d = sts->asking;
    while (d && !span_equals_nocase(span_of(d->name), span_of(name)))
        d = d->next;
    if (d)
        return d;
    d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->sts = sts;
    d->last_request = &d->requests;
    span_copy(span_of(name), d->name, sizeof d->name);
    d->next = sts->asking;
    sts->asking = d;
    if (begin(d))
        return d;
    unlink_domain(d);
    free_domain(d);
    return NULL;
}

struct mta_sts_request *mta_sts_ask(struct mta_sts *sts, const char *domain, mta_sts_done done, void *context)
{
    struct mta_sts_request *request = calloc(1, sizeof *request);
    struct mta_sts_domain *d = request ? find_or_begin(sts, domain) : NULL;
    if (!d) {
        free(request);
        return NULL;
    }
    *request = (struct mta_sts_request){.done = done, .context = context};
    *d->last_request = request;
    d->last_request = &request->next;
    return request;
}

void mta_sts_drop(struct mta_sts_request *request)
{
    if (request)
        request->done = NULL;
}

void mta_sts_close(struct mta_sts *sts)
{
    struct mta_sts_domain *d = sts->asking;
    sts->closing = true;
    while (d) {
        struct mta_sts_domain *next = d->next;
        resolver_drop(d->query);
        policy_fetch_drop(d->fetch);
        if (!d->wake.queued) { /* else it is still to be run, and goes then */
            unlink_domain(d);
            free_domain(d);
        }
        d = next;
    }
    smtp_policies_free(sts->policies);
    sts->policies = NULL;
}
