/* SPDX-License-Identifier: MIT */
/*
 * MTA-STS: records and files of all kinds, names that are compared with what was read, and a memory that is asked and
 * told in any order. First octet: what the rest is. A host name is the first line.
 */

#include "fuzz.h"
#include "smtp/policy.h"

static void try_records(struct span input)
{
    struct span records[4];
    size_t count = 0;
    char id[SMTP_POLICY_ID_MAX + 1];

    while (input.length > 0 && count < COUNT(records))
        records[count++] = span_cut(&input, '\n');
    if (!smtp_policy_id(records, count, id))
        return;
    ALWAYS(strlen(id) >= 1 && strlen(id) <= SMTP_POLICY_ID_MAX, "an id has its length");
    for (const char *c = id; *c; c++)
        ALWAYS(ascii_is_alnum(*c), "and is letters and digits");
}

/* What was read, written out again, is read the same. */
static void check_again(const struct smtp_policy *policy)
{
    static const char *const modes[] = {"none", "testing", "enforce"};
    struct smtp_policy again;
    struct buf file;

    buf_init(&file, 10 * SMTP_POLICY_FILE_MAX);
    buf_printf(&file, "version: STSv1\nmode: %s\nmax_age: %lu\n", modes[policy->mode],
               (unsigned long)policy->max_age_s);
    for (size_t at = 0; at < policy->patterns_length; at += strlen(policy->patterns + at) + 1)
        buf_printf(&file, "mx: %s\n", policy->patterns + at);
    ALWAYS(smtp_policy_parse(buf_span(&file), &again) == SMTP_POLICY_OK, "a policy can be written again");
    ALWAYS(again.mode == policy->mode && again.max_age_s == policy->max_age_s, "the same");
    ALWAYS(again.patterns_length == policy->patterns_length &&
               memcmp(again.patterns, policy->patterns, policy->patterns_length) == 0,
           "with the same servers");
    buf_clear(&file);
}

static void try_file(struct span input)
{
    struct smtp_policy policy;
    char host[256];

    span_copy(span_cut(&input, '\n'), host, sizeof host);
    if (smtp_policy_parse(input, &policy) != SMTP_POLICY_OK)
        return;
    ALWAYS(policy.patterns_length <= SMTP_POLICY_PATTERNS_MAX, "servers have their bound");
    ALWAYS(policy.max_age_s <= SMTP_POLICY_AGE_MAX_S, "so has the age");
    ALWAYS(policy.mode == SMTP_POLICY_MODE_NONE || policy.patterns_length > 0, "a policy names servers");
    smtp_policy_allows(&policy, host);
    for (size_t at = 0; at < policy.patterns_length;) {
        const char *pattern = policy.patterns + at;

        ALWAYS(memchr(pattern, '\0', policy.patterns_length - at) != NULL, "each name ends");
        ALWAYS(pattern[0] != '\0' && pattern[0] != '.', "and is one");
        ALWAYS(smtp_policy_allows(&policy, pattern), "a name is allowed by itself");
        at += strlen(pattern) + 1;
    }
    check_again(&policy);
}

/* Pairs of octets: what to do, and with which of a few domains and ids. */
static void try_memory(struct span input)
{
    static const char *const domains[] = {"a.cz", "b.cz", "A.cz", "c.cz", "d.cz"};
    static const char *const ids[] = {"", "1", "2", "3"};
    struct smtp_policies *p = smtp_policies_new(3);
    uint64_t now_s = 0;

    ALWAYS(p != NULL, "memory");
    while (input.length > 0) {
        uint8_t what = take_octet(&input), which = take_octet(&input);
        const char *domain = domains[which % COUNT(domains)], *id = ids[which / 8 % COUNT(ids)];
        const struct smtp_policy *found;
        struct smtp_policy policy = {
            .mode = SMTP_POLICY_MODE_ENFORCE, .patterns_length = 5, .patterns = "a.cz"};
        enum smtp_policy_step step;

        now_s += what / 4;
        policy.max_age_s = which;
        if (what % 4 == 0 && id[0]) {
            smtp_policies_failed(p, domain, id, now_s);
            step = smtp_policy_decide(p, domain, id, now_s, &found);
            ALWAYS(step == (found ? SMTP_POLICY_STEP_USE : SMTP_POLICY_STEP_NONE), "not asked for again");
        } else if (what % 4 == 1 && id[0]) {
            ALWAYS(smtp_policies_store(p, domain, id, &policy, now_s), "memory");
            step = smtp_policy_decide(p, domain, id, now_s, &found);
            ALWAYS(step == (which > 0 ? SMTP_POLICY_STEP_USE : SMTP_POLICY_STEP_FETCH),
                   "remembered for its age");
            ALWAYS((found != NULL) == (which > 0), "and given");
        } else {
            step = smtp_policy_decide(p, domain, id, now_s, &found);
            ALWAYS(step != SMTP_POLICY_STEP_USE || found, "what holds is there");
            ALWAYS(step != SMTP_POLICY_STEP_NONE || !found, "and otherwise not");
            ALWAYS(id[0] || step != SMTP_POLICY_STEP_FETCH, "what is not named is not fetched");
        }
        ALWAYS(!found || smtp_policy_allows(found, "a.cz"), "it is what was stored");
    }
    smtp_policies_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint8_t what = take_octet(&input);
    char *copy = exact_copy(input);
    struct span exact = span_make(copy, input.length);

    if (what % 3 == 0)
        try_records(exact);
    else if (what % 3 == 1)
        try_file(exact);
    else
        try_memory(exact);
    free(copy);
    return 0;
}
