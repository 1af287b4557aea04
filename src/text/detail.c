/* SPDX-License-Identifier: MIT */
/* An event for the log window: what became of a mail in a few words, why, and the whole story. */

#include "fact.h"
#include "text.h"

bool text_event_is_mail(const struct event *e)
{
    return e->kind == EVENT_DELIVERED || e->kind == EVENT_ALREADY_DELIVERED || e->kind == EVENT_FAILED ||
           e->kind == EVENT_LATE_DELIVERED || e->kind == EVENT_LATE_FAILED || e->kind == EVENT_LATE_WILLING;
}

static void append_fact(const struct event *e, enum text_language language, const char *name, struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);

    text_fill(name, text_fact, &facts, out);
}

void text_event_program(const struct event *e, enum text_language language, struct buf *out)
{
    append_fact(e, language, "{program}", out);
}

void text_event_sender(const struct event *e, enum text_language language, struct buf *out)
{
    append_fact(e, language, "{sender}", out);
}

void text_event_recipient(const struct event *e, enum text_language language, struct buf *out)
{
    append_fact(e, language, "{recipient}", out);
}

/* How a mail ended, for the sentences that differ by it. */
static enum text_ending ending_of(const struct event *e)
{
    const struct outcome *o = &e->outcome;

    if (e->kind == EVENT_DELIVERED)
        return TEXT_ENDING_DELIVERED;
    if (e->kind == EVENT_ALREADY_DELIVERED)
        return TEXT_ENDING_ALREADY_DELIVERED;
    if (e->kind == EVENT_LATE_DELIVERED)
        return TEXT_ENDING_LATE_DELIVERED;
    if (e->kind == EVENT_LATE_WILLING)
        return TEXT_ENDING_LATE_WILLING;
    if (o->kind == OUTCOME_TEMPORARY)
        return e->kind == EVENT_LATE_FAILED ? TEXT_ENDING_LATE_TEMPORARY : TEXT_ENDING_TEMPORARY;
    if (e->kind == EVENT_LATE_FAILED)
        return TEXT_ENDING_LATE_PERMANENT;
    return o->fault == OUTCOME_FAULT_NONE ? TEXT_ENDING_REFUSED : TEXT_ENDING_PERMANENT;
}

void text_event_result(const struct event *e, enum text_language language, struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);

    text_fill(facts.catalogue->endings[ending_of(e)].brief, text_fact, &facts, out);
}

void text_event_reason(const struct event *e, enum text_language language, struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);
    struct text_reason reason = text_reason_of(&facts);

    text_fill(reason.full ? reason.full : facts.catalogue->words[TEXT_WORD_SERVER_SAID], text_fact, &facts,
              out);
}

/* A line that there is not, or whose value is empty, is left out. */
static void append_line(struct text_facts *facts, const char *line, struct buf *out)
{
    if (line && text_fill(line, text_fact, facts, NULL)) {
        text_fill(line, text_fact, facts, out);
        buf_append_text(out, "\n");
    }
}

void text_event_detail(const struct event *e, enum text_language language, struct buf *out)
{
    struct text_facts facts = text_facts_of(e, language);
    const char *const *lines = facts.catalogue->details;

    append_line(&facts, lines[TEXT_DETAIL_TIME], out);
    if (text_event_is_mail(e)) {
        append_line(&facts, lines[TEXT_DETAIL_PROGRAM], out);
        append_line(&facts, lines[TEXT_DETAIL_FROM], out);
        append_line(&facts, lines[TEXT_DETAIL_TO], out);
        append_line(&facts, facts.catalogue->endings[ending_of(e)].full, out);
        append_line(&facts, lines[TEXT_DETAIL_SERVER], out);
        append_line(&facts, lines[TEXT_DETAIL_TLS], out);
        append_line(&facts, lines[TEXT_DETAIL_TOOK], out);
        append_line(&facts, lines[TEXT_DETAIL_ANSWER], out);
        append_line(&facts, lines[TEXT_DETAIL_MEANING], out);
        append_line(&facts, lines[TEXT_DETAIL_REMEDY], out);
    } else {
        text_event(e, language, out);
        buf_append_text(out, "\n");
        append_line(&facts, facts.catalogue->remedies[e->kind], out);
    }
}
