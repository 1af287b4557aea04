/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_CATALOGUE_H
#define TRAYPOST_TEXT_CATALOGUE_H

/*
 * All texts of one language. Each language is a file (en.h, cs.h, pl.h) with the same entries; en.h says what
 * may stand in them. A text that is missing is NULL, which tests/unit/test_text.c does not let pass.
 */

#include "core/event.h"
#include "text.h"

#define X(name, code, subject, detail, words) +1
enum { TEXT_FAULT_COUNT = 1 OUTCOME_FAULTS(X) };
#undef X

/* X(name): small words that stand in for a value. */
#define TEXT_WORDS(X)                                                                                        \
    X(UNKNOWN_PROGRAM)                                                                                       \
    X(EMPTY_SENDER)                                                                                          \
    X(NO_TLS)                                                                                                \
    X(TEMPORARY) /* {result} of a mail that may be sent again */                                             \
    X(PERMANENT) /* {result} of a mail that need not be */                                                   \
    X(DECIMAL_POINT)

enum text_word {
#define X(name) TEXT_WORD_##name,
    TEXT_WORDS(X)
#undef X
        TEXT_WORD_COUNT
};

struct text_catalogue {
    const char *events[EVENT_KIND_COUNT];
    const char *faults[TEXT_FAULT_COUNT]; /* [OUTCOME_FAULT_NONE] is not used */
    const char *words[TEXT_WORD_COUNT];
};

extern const struct text_catalogue text_catalogues[TEXT_LANGUAGE_COUNT];

#endif
