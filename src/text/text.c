/* SPDX-License-Identifier: MIT */
/* The language of the reader, and an event as a line of the log. */

#include "text.h"

#include <stdio.h>

#include "fact.h"

enum text_language text_language_choose(enum config_language wanted, const char *locale)
{
    struct span name = span_of(locale);
    struct span language = name;

    switch (wanted) {
    case CONFIG_LANGUAGE_EN:
        return TEXT_EN;
    case CONFIG_LANGUAGE_CS:
        return TEXT_CS;
    case CONFIG_LANGUAGE_PL:
        return TEXT_PL;
    case CONFIG_LANGUAGE_SYSTEM:
        break;
    }
    for (size_t i = 0; i < name.length; i++) /* "cs_CZ.UTF-8", "pl-PL", "cs.UTF-8", "cs@euro" */
        if (!ascii_is_alpha(name.at[i])) {
            language = span_first(name, i);
            break;
        }
    if (span_equals_nocase(language, SPAN("cs")))
        return TEXT_CS;
    if (span_equals_nocase(language, SPAN("pl")))
        return TEXT_PL;
    return TEXT_EN;
}

void text_event(const struct event *e, enum text_language language, struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);

    text_fill(facts.catalogue->events[e->kind], text_fact, &facts, out);
}

void text_event_time(const struct event *e, char text[9])
{
    int64_t second = (e->time_s + (int64_t)e->utc_offset_min * 60) % 86400;

    if (second < 0)
        second += 86400;
    snprintf(text, 9, "%02u:%02u:%02u", (unsigned)(second / 3600) % 24, (unsigned)(second / 60 % 60),
             (unsigned)(second % 60));
}
