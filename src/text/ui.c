/* SPDX-License-Identifier: MIT */
/* Texts of icon, menu, windows and notifications. */

#include "catalogue.h"
#include "fill.h"
#include "text.h"

struct values {
    const struct text_value *at;
    size_t count;
};

static void find(const void *facts, struct span name, struct text_filling *filling)
{
    const struct values *values = facts;

    for (size_t i = 0; i < values->count; i++)
        if (span_equals(name, span_of(values->at[i].name)))
            filling->span = span_of(values->at[i].value);
}

const char *text_ui(enum text_ui which, enum text_language language)
{
    return text_catalogues[language].uis[which];
}

void text_ui_fill(enum text_ui which, enum text_language language, const struct text_value *values,
                  size_t count, struct buf *out)
{
    struct values all = {values, count};

    text_fill(text_ui(which, language), find, &all, out);
}
