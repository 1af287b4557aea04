/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_TELL_H
#define TRAYPOST_TESTS_TELL_H

/* Events about a mail, and what people are told of them. */

#include "feed.h"
#include "text.h"

#define TOLD_SIZE 8192

static const char *const language_names[TEXT_LANGUAGE_COUNT] = {"en", "cs", "pl"};

typedef void tell_fn(const struct event *e, enum text_language language, struct buf *out);

/* What one of text.h's functions says; good until the next one was asked. */
static inline const char *told(tell_fn *tell, const struct event *e, enum text_language language)
{
    static char text[TOLD_SIZE];
    struct buf out;

    buf_init(&out, sizeof text - 1);
    tell(e, language, &out);
    HOLDS(!out.failed, "there is room for what is said");
    assert_true(span_copy(buf_span(&out), text, sizeof text));
    buf_clear(&out);
    return text;
}

/* A mail from a@here.example to b@there.example by outlook.exe. */
static inline struct event mail_event(enum event_kind kind, struct outcome outcome, const char *tls)
{
    struct event e = {.kind = kind, .seconds = 3.416, .pid = 4711, .outcome = outcome};

    span_copy(SPAN("outlook.exe"), e.program, sizeof e.program);
    span_copy(SPAN("a@here.example"), e.sender, sizeof e.sender);
    span_copy(SPAN("b@there.example"), e.recipient, sizeof e.recipient);
    outcome_set_tls(&e.outcome, tls);
    return e;
}

/* What a server replied. */
static inline struct outcome said(int code, int subject, int detail, const char *words)
{
    struct outcome o = outcome_from_reply(code, subject, detail, span_of(words));

    outcome_set_host(&o, "mx1.there.example", "192.0.2.25");
    return o;
}

/* What was found here. */
static inline struct outcome fault(enum outcome_fault fault, const char *more, const char *host,
                                   const char *address)
{
    struct outcome o = outcome_from_fault(fault, more);

    outcome_set_host(&o, host, address);
    return o;
}

#endif
