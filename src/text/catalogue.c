/* SPDX-License-Identifier: MIT */
/*
 * The languages, one file each, put into tables. For a new one: copy en.h, translate it, add a line here, a
 * value to enum text_language and a word to --lang.
 */

#include "catalogue.h"

const struct text_catalogue text_catalogues[TEXT_LANGUAGE_COUNT] = {
#define EVENT(name, text) .events[EVENT_##name] = text,
#define REMEDY(name, text) .remedies[EVENT_##name] = text,
#define FAULT(name, brief, full) .faults[OUTCOME_FAULT_##name] = {brief, full},
#define MEANING(name, brief, full) .meanings[TEXT_MEANING_##name] = {brief, full},
#define ENDING(name, brief, full) .endings[TEXT_ENDING_##name] = {brief, full},
#define DETAIL(name, text) .details[TEXT_DETAIL_##name] = text,
#define WORD(name, text) .words[TEXT_WORD_##name] = text,
#define UI(name, text) .uis[TEXT_UI_##name] = text,
    [TEXT_EN] =
        {
#include "en.h"
        },
    [TEXT_CS] =
        {
#include "cs.h"
        },
    [TEXT_PL] =
        {
#include "pl.h"
        },
#undef EVENT
#undef REMEDY
#undef FAULT
#undef MEANING
#undef ENDING
#undef DETAIL
#undef WORD
#undef UI
};
