/* SPDX-License-Identifier: MIT */
/* Which rule fits. The rules are in refusal_rules.c. */

#include "core/refusal.h"

#include "core/phrase.h"
#include "refusal_rules.h"

static bool codes_fit(const struct refusal_rule *rule, const struct outcome *o)
{
    if (rule->code != 0 && rule->code != o->code && rule->code != o->code / 100)
        return false;
    return rule->subject == RULE_ANY ||
           (rule->subject == o->subject && o->detail >= rule->first_detail && o->detail <= rule->last_detail);
}

size_t refusal_rule_for(const struct outcome *o)
{
    struct phrase_text words;
    bool is_refusal = o->kind == OUTCOME_TEMPORARY || o->kind == OUTCOME_PERMANENT;
    if (!is_refusal || o->fault != OUTCOME_FAULT_NONE)
        return refusal_rule_count;
    phrase_prepare(&words, span_of(o->words));
    size_t i = 0;
    for (; i < refusal_rule_count; i++) {
        const struct refusal_rule *rule = &refusal_rules[i];
        if (codes_fit(rule, o) && (!rule->phrases || phrase_found(&words, rule->phrases)))
            break;
    }
    return i;
}

enum refusal refusal_of(const struct outcome *o)
{
    size_t rule = refusal_rule_for(o);
    return rule < refusal_rule_count ? refusal_rules[rule].is : REFUSAL_NONE;
}

static const struct {
    const char *name;
    bool is_of_address;
} refusals[REFUSAL_COUNT] = {[REFUSAL_NONE] = {"NONE", false},
#define X(name, is_of_address) [REFUSAL_##name] = {#name, is_of_address},
                             REFUSALS(X)
#undef X
};

bool refusal_is_of_address(enum refusal refusal)
{
    return refusals[refusal].is_of_address;
}

const char *refusal_name(enum refusal refusal)
{
    return refusals[refusal].name;
}
