/* SPDX-License-Identifier: MIT */
/*
 * Policies remembered: a fixed number of domains, each with its policy and with the id that could not be had. A linear search is enough for so few.
 */

#include <stdlib.h>
#include <string.h>

#include "smtp/policy.h"

struct entry {
    char domain[256];                      /* "": this place is free */
    char id[SMTP_POLICY_ID_MAX + 1];       /* of the policy */
    char bad_id[SMTP_POLICY_ID_MAX + 1];   /* could not be had; "" = none */
    struct smtp_policy *policy;            /* NULL = none */
    uint64_t expires_s, bad_until_s, used; /* `used` counts up with each question */
};

struct smtp_policies {
    struct entry *entries;
    size_t count;
    uint64_t questions;
};

struct smtp_policies *smtp_policies_new(size_t domain_max)
{
    struct smtp_policies *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->entries = calloc(domain_max, sizeof *p->entries);
    p->count = domain_max;
    if (!p->entries) {
        free(p);
        return NULL;
    }
    return p;
}

void smtp_policies_free(struct smtp_policies *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++)
        free(p->entries[i].policy);
    free(p->entries);
    free(p);
}

static struct entry *find(struct smtp_policies *p, const char *domain)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->entries[i].domain[0] && span_equals_nocase(span_of(p->entries[i].domain), span_of(domain)))
            return &p->entries[i];
    return NULL;
}

static void drop_policy(struct entry *e)
{
    free(e->policy);
    e->policy = NULL;
    e->id[0] = '\0';
}

/* The domain's place, a free one, or that of the domain that was longest not asked for. */
static struct entry *find_or_make(struct smtp_policies *p, const char *domain)
{
    struct entry *e = find(p, domain);
    if (!e) {
        e = &p->entries[0];
        for (size_t i = 1; i < p->count && e->domain[0]; i++)
            if (!p->entries[i].domain[0] || p->entries[i].used < e->used)
                e = &p->entries[i];
        drop_policy(e);
        *e = (struct entry){.used = 0};
        span_copy(span_of(domain), e->domain, sizeof e->domain);
    }
    e->used = ++p->questions;
    return e;
}

enum smtp_policy_step smtp_policy_decide(struct smtp_policies *p, const char *domain, const char *id,
                                         uint64_t now_s, const struct smtp_policy **policy)
{
    struct entry *e = find(p, domain);
    *policy = NULL;
    if (e) {
        e->used = ++p->questions;
        if (now_s >= e->expires_s)
            drop_policy(e);
        *policy = e->policy;
    }
    bool is_known = e && e->policy && strcmp(e->id, id) == 0;
    bool is_bad = e && strcmp(e->bad_id, id) == 0 && now_s < e->bad_until_s;
    if (id[0] != '\0' && !is_known && !is_bad)
        return SMTP_POLICY_STEP_FETCH;
    return *policy ? SMTP_POLICY_STEP_USE : SMTP_POLICY_STEP_NONE;
}

bool smtp_policies_store(struct smtp_policies *p, const char *domain, const char *id,
                         const struct smtp_policy *policy, uint64_t now_s)
{
    struct smtp_policy *copy = malloc(sizeof *copy);
    if (!copy)
        return false;
    *copy = *policy;
    struct entry *e = find_or_make(p, domain);
    drop_policy(e);
    e->policy = copy;
    e->expires_s = now_s + policy->max_age_s;
    e->bad_id[0] = '\0';
    span_copy(span_of(id), e->id, sizeof e->id);
    return true;
}

void smtp_policies_failed(struct smtp_policies *p, const char *domain, const char *id, uint64_t now_s)
{
    struct entry *e = find_or_make(p, domain);
    span_copy(span_of(id), e->bad_id, sizeof e->bad_id);
    e->bad_until_s = now_s + SMTP_POLICY_FETCH_AGAIN_S;
}
