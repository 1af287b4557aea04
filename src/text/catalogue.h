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

/* X(name): what a server's code tells when it refuses (meaning.c). */
#define TEXT_MEANINGS(X)                                                                                     \
    X(NO_MAILBOX)                                                                                            \
    X(NOT_HERE)    /* the server takes no mail for this domain */                                            \
    X(BAD_ADDRESS) /* the recipient's cannot be one */                                                       \
    X(MOVED)       /* has another address now */                                                             \
    X(BAD_SENDER)  /* the sender's address is not believed in */                                             \
    X(MAILBOX_OFF) /* exists, takes nothing */                                                               \
    X(MAILBOX_FULL)                                                                                          \
    X(TOO_BIG)                                                                                               \
    X(SERVER_TROUBLE)                                                                                        \
    X(TOO_MUCH) /* too many mails at a time */                                                               \
    X(TOO_MANY_RECIPIENTS)                                                                                   \
    X(NEEDS_TLS)                                                                                             \
    X(UNPROVEN)        /* SPF, DKIM: may this machine send for the sender's domain? */                       \
    X(NO_REVERSE_NAME) /* the PTR record of our address */                                                   \
    X(LATER)           /* greylisting, most of the time */                                                   \
    X(RULES)           /* the server's own */

enum text_meaning {
    TEXT_MEANING_NONE,
#define X(name) TEXT_MEANING_##name,
    TEXT_MEANINGS(X)
#undef X
        TEXT_MEANING_COUNT
};

/* X(name): how a mail ended. */
#define TEXT_ENDINGS(X)                                                                                      \
    X(DELIVERED)                                                                                             \
    X(ALREADY_DELIVERED)                                                                                     \
    X(REFUSED)   /* a server does not want it */                                                             \
    X(PERMANENT) /* it did not come to that, and never will */                                               \
    X(TEMPORARY) /* whoever says so: it may be sent again */                                                 \
    X(LATE_DELIVERED)                                                                                        \
    X(LATE_WILLING)                                                                                          \
    X(LATE_PERMANENT)                                                                                        \
    X(LATE_TEMPORARY)

enum text_ending {
#define X(name) TEXT_ENDING_##name,
    TEXT_ENDINGS(X)
#undef X
        TEXT_ENDING_COUNT
};

/* X(name): lines of text_event_detail(), in this order; a mail's "Result" comes from its ending. */
#define TEXT_DETAILS(X)                                                                                      \
    X(TIME)                                                                                                  \
    X(PROGRAM)                                                                                               \
    X(FROM)                                                                                                  \
    X(TO)                                                                                                    \
    X(SERVER)                                                                                                \
    X(TLS)                                                                                                   \
    X(TOOK)                                                                                                  \
    X(ANSWER)                                                                                                \
    X(MEANING)                                                                                               \
    X(REMEDY)

enum text_detail {
#define X(name) TEXT_DETAIL_##name,
    TEXT_DETAILS(X)
#undef X
        TEXT_DETAIL_COUNT
};

/* X(name): small words that stand in for a value. */
#define TEXT_WORDS(X)                                                                                        \
    X(UNKNOWN_PROGRAM)                                                                                       \
    X(EMPTY_SENDER)                                                                                          \
    X(NO_TLS)                                                                                                \
    X(NO_ENCRYPTION) /* the same for the log window */                                                       \
    X(TEMPORARY)     /* {result} of a mail that may be sent again */                                         \
    X(PERMANENT)     /* {result} of a mail that need not be */                                               \
    X(SERVER_SAID)   /* the reason when only the server's words tell */                                      \
    X(DECIMAL_POINT)

enum text_word {
#define X(name) TEXT_WORD_##name,
    TEXT_WORDS(X)
#undef X
        TEXT_WORD_COUNT
};

struct text_reason {
    const char *brief, *full;
};

struct text_catalogue {
    const char *events[EVENT_KIND_COUNT];
    const char *remedies[EVENT_KIND_COUNT];          /* whole lines; NULL: nothing to be done */
    struct text_reason faults[TEXT_FAULT_COUNT];     /* [OUTCOME_FAULT_NONE] is not used */
    struct text_reason meanings[TEXT_MEANING_COUNT]; /* [TEXT_MEANING_NONE] likewise */
    struct text_reason endings[TEXT_ENDING_COUNT];   /* for the column, and for the whole story */
    const char *details[TEXT_DETAIL_COUNT];
    const char *words[TEXT_WORD_COUNT];
    const char *uis[TEXT_UI_COUNT];
};

extern const struct text_catalogue text_catalogues[TEXT_LANGUAGE_COUNT];

#endif
