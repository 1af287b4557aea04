/* SPDX-License-Identifier: MIT */
/* What a report by mail says to the sender. */

#include "core/refusal.h"
#include "fact.h"
#include "text.h"
#include "translation.h"

#define REASON_MAX 4096

static void append_line(const struct event *e, enum text_ui which, enum text_language language,
                        struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);
    bool understood = text_reason_of(&facts).full != NULL; /* otherwise the reason is the server's words */
    struct buf reason;
    const char *words;

    buf_init(&reason, REASON_MAX);
    if (e->kind == EVENT_FAILED)
        text_event_reason(e, language, &reason);
    words = buf_text(&reason);
    const struct text_value values[] = {
        {"recipient", e->recipient},
        {"reason", words ? words : ""},
        {"host", e->outcome.host},
        {"words", understood && e->outcome.fault == OUTCOME_FAULT_NONE ? e->outcome.words : ""},
        {"remedy", translation_remedy(refusal_of(&e->outcome), language)},
    };
    text_ui_fill(which, language, values, sizeof values / sizeof values[0], out);
    buf_append_text(out, "\n");
    buf_clear(&reason);
}

void text_report_begin(bool failed, bool others_have_it, enum text_language language, struct buf *out)
{
    buf_append_text(out, out->length > 0 ? "\n" : "");
    buf_append_text(out, text_ui(failed ? TEXT_UI_REPORT_FAILED : TEXT_UI_REPORT_RELAYED, language));
    if (failed && others_have_it) {
        buf_append_text(out, " ");
        buf_append_text(out, text_ui(TEXT_UI_REPORT_OTHERS_HAVE_IT, language));
    }
    buf_append_text(out, "\n\n");
}

void text_report_recipient(const struct event *e, enum text_language language, struct buf *out)
{
    bool failed = e->kind == EVENT_FAILED;

    append_line(e, failed ? TEXT_UI_REPORT_FAILED_LINE : TEXT_UI_REPORT_RELAYED_LINE, language, out);
}
