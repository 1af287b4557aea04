/* SPDX-License-Identifier: MIT */
/*
 * The languages, one file each, put into tables. For a new one: copy en.h, translate it, add a line here, a
 * value to enum text_language and a word to --lang.
 */

#include "catalogue.h"

const struct text_catalogue text_catalogues[TEXT_LANGUAGE_COUNT] = {
#define EVENT(name, text) .events[EVENT_##name] = text,
#define FAULT(name, text) .faults[OUTCOME_FAULT_##name] = text,
#define WORD(name, text) .words[TEXT_WORD_##name] = text,
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
#undef FAULT
#undef WORD
};
