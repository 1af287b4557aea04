/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_REFUSAL_RULES_H
#define TRAYPOST_CORE_REFUSAL_RULES_H

/*
 * How replies are recognised: a table, read from its top; the first rule that fits decides. So the special
 * ones come first: what one provider says in its own way, then phrases many use, then bare codes of RFC 3463.
 */

#include "core/refusal.h"

#define RULE_ANY (-1)

struct refusal_rule {
    enum refusal is;
    int code;                      /* 550, or a class: 4 or 5; 0: any */
    int subject;                   /* of the enhanced status code; RULE_ANY */
    int first_detail, last_detail; /* only where there is a subject */
    const char *phrases;           /* as in core/phrase.h; NULL: the codes are enough */
};

extern const struct refusal_rule refusal_rules[];
extern const size_t refusal_rule_count;

/* The rule that decides, or refusal_rule_count. */
size_t refusal_rule_for(const struct outcome *o);

#endif
