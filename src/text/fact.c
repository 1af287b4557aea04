/* SPDX-License-Identifier: MIT */
#include "fact.h"

#include <stdio.h>
#include <string.h>

#include "meaning.h"
#include "text.h"
#include "translation.h"

/* Bytes of a server's words where there is room for a few of them only. */
#define ESSENCE_MAX 80

struct text_facts text_facts_of(const struct event *e, enum text_language language)
{
    return (struct text_facts){.event = e, .catalogue = &text_catalogues[language]};
}

static enum text_language language_of(const struct text_facts *facts)
{
    return (enum text_language)(facts->catalogue - text_catalogues);
}

struct text_reason text_reason_of(const struct text_facts *facts)
{
    const struct outcome *o = &facts->event->outcome;
    enum text_language language = language_of(facts);
    enum refusal refusal = refusal_of(o);
    enum text_meaning meaning = text_meaning_of(o);

    if (o->fault != OUTCOME_FAULT_NONE)
        return facts->catalogue->faults[o->fault];
    if (refusal != REFUSAL_NONE)
        return (struct text_reason){translation_brief(refusal, language),
                                    translation_explanation(refusal, language)};
    return facts->catalogue->meanings[meaning]; /* by the code alone; NONE is empty */
}

/* printf's %f asks the locale for the decimal point; the catalogue knows better. */
static void format_seconds(double seconds, const char *point, char *text, size_t size)
{
    unsigned hundredths;

    if (!(seconds > 0)) /* also when it is no number */
        seconds = 0;
    if (seconds > 999999)
        seconds = 999999;
    hundredths = (unsigned)(seconds * 100 + 0.5);
    if (hundredths < 1000)
        snprintf(text, size, "%u%s%02u", hundredths / 100, point, hundredths % 100);
    else
        snprintf(text, size, "%u%s%u", hundredths / 100, point, hundredths % 100 / 10);
}

static void format_code(const struct outcome *o, char *text, size_t size)
{
    if (o->code == 0)
        text[0] = '\0';
    else if (o->subject < 0)
        snprintf(text, size, "%d", o->code);
    else
        snprintf(text, size, "%d %d.%d.%d", o->code, o->code / 100, o->subject, o->detail);
}

/* outcome_from_fault() put ": more" behind words that we have in this reader's language; this is the rest. */
static struct span more_of(const struct outcome *o)
{
    static const size_t lengths[TEXT_FAULT_COUNT] = {
#define X(name, code, subject, detail, words) [OUTCOME_FAULT_##name] = sizeof words - 1,
        OUTCOME_FAULTS(X)
#undef X
    };
    struct span rest = span_skip(span_of(o->words), lengths[o->fault]);

    return o->fault != OUTCOME_FAULT_NONE && span_starts_nocase(rest, SPAN(": ")) ? span_skip(rest, 2)
                                                                                  : span_of("");
}

/* Was there a connection that could have had TLS? Where a policy was not met, TLS may have been well and the server not: the
 * explanation says which. */
static bool had_connection(const struct outcome *o)
{
    return o->address[0] != '\0' && o->fault != OUTCOME_FAULT_CONNECT_FAILED &&
           o->fault != OUTCOME_FAULT_POLICY_TLS;
}

static struct span or_word(const char *text, const char *word)
{
    return span_of(text[0] ? text : word);
}

/* "192.0.2.1:25" and "[2001:db8::1]:25" without ":25" and brackets. */
static struct span without_port(struct span address)
{
    size_t end = address.length;

    if (address.length > 0 && address.at[0] == '[')
        return span_first(span_skip(address, 1), span_find(address, ']') - 1);
    for (size_t i = 0; i < address.length; i++)
        if (address.at[i] == ':')
            end = i;
    return span_first(address, end);
}

/* "550 5.1.1 User unknown", as the server said it; empty when it said nothing. */
static void format_answer(const struct outcome *o, struct span words, const char *end, struct text_filling *v)
{
    char code[32];

    format_code(o, code, sizeof code);
    if (o->fault == OUTCOME_FAULT_NONE && code[0])
        snprintf(v->made, sizeof v->made, "%s%s%.*s%s", code, words.length > 0 ? " " : "", (int)words.length,
                 words.at, end);
}

/* The first sentence of a server's words; of a long one as many whole words as there is room for. */
static struct span essence_of(struct span words)
{
    bool is_sentence = false;
    size_t end = 0;

    for (size_t i = 1; i < words.length && i <= ESSENCE_MAX && !is_sentence; i++) {
        if (words.at[i] != ' ')
            continue;
        end = i;
        is_sentence = words.at[i - 1] == '.' || words.at[i - 1] == ';';
    }
    if (words.length <= ESSENCE_MAX && !is_sentence)
        return words;
    if (end == 0)
        for (end = ESSENCE_MAX; end > 0 && ((uint8_t)words.at[end] & 0xc0) == 0x80;)
            end--;
    while (end > 0 && strchr(".,;: ", words.at[end - 1]))
        end--;
    return span_first(words, end);
}

/* The reason in a few words; where only the server knows it, in the server's. */
static void find_brief(const struct text_facts *facts, struct text_filling *v)
{
    const struct outcome *o = &facts->event->outcome;
    struct text_reason reason = text_reason_of(facts);
    struct span words = span_of(o->words), essence = essence_of(words);
    char code[32];

    format_code(o, code, sizeof code);
    if (!reason.brief)
        format_answer(o, essence, essence.length < words.length ? "…" : "", v);
    else if (o->fault != OUTCOME_FAULT_NONE)
        v->span = span_of(reason.brief);
    else
        snprintf(v->made, sizeof v->made, "%s (%s)", reason.brief, code);
}

void text_fact(const void *context, struct span name, struct text_filling *v)
{
    const struct text_facts *facts = context;
    const struct event *e = facts->event;
    const struct text_catalogue *t = facts->catalogue;
    const struct outcome *o = &e->outcome;
    struct text_reason reason = text_reason_of(facts);
    bool is_ours = o->fault != OUTCOME_FAULT_NONE;

    if (span_equals(name, SPAN("time"))) {
        text_event_time(e, v->made);
    } else if (span_equals(name, SPAN("program"))) {
        v->span = or_word(e->program, t->words[TEXT_WORD_UNKNOWN_PROGRAM]);
    } else if (span_equals(name, SPAN("pid"))) {
        if (e->pid != 0)
            snprintf(v->made, sizeof v->made, "%ld", e->pid);
    } else if (span_equals(name, SPAN("sender"))) {
        v->span = or_word(e->sender, t->words[TEXT_WORD_EMPTY_SENDER]);
    } else if (span_equals(name, SPAN("recipient"))) {
        v->span = span_of(e->recipient);
    } else if (span_equals(name, SPAN("result"))) {
        v->span = span_of(t->words[o->kind == OUTCOME_TEMPORARY ? TEXT_WORD_TEMPORARY : TEXT_WORD_PERMANENT]);
    } else if (span_equals(name, SPAN("host"))) {
        v->span = span_of(o->host);
    } else if (span_equals(name, SPAN("address"))) {
        v->span = span_of(o->address);
    } else if (span_equals(name, SPAN("tls"))) {
        v->span = or_word(o->tls, had_connection(o) ? t->words[TEXT_WORD_NO_TLS] : "");
    } else if (span_equals(name, SPAN("encryption"))) {
        v->span = or_word(o->tls, had_connection(o) ? t->words[TEXT_WORD_NO_ENCRYPTION] : "");
    } else if (span_equals(name, SPAN("seconds"))) {
        format_seconds(e->seconds, t->words[TEXT_WORD_DECIMAL_POINT], v->made, sizeof v->made);
    } else if (span_equals(name, SPAN("code"))) {
        format_code(o, v->made, sizeof v->made);
    } else if (span_equals(name, SPAN("words"))) {
        v->span = span_of(is_ours ? "" : o->words);
    } else if (span_equals(name, SPAN("answer"))) {
        format_answer(o, span_of(o->words), "", v);
    } else if (span_equals(name, SPAN("explanation"))) {
        v->span = span_of(t->faults[o->fault].full);
    } else if (span_equals(name, SPAN("brief"))) {
        find_brief(facts, v);
    } else if (span_equals(name, SPAN("gist"))) {
        v->span = span_of(is_ours || !reason.brief ? "" : reason.brief);
    } else if (span_equals(name, SPAN("meaning"))) {
        v->span = span_of(reason.full ? reason.full : "");
    } else if (span_equals(name, SPAN("remedy"))) {
        v->span = span_of(translation_remedy(refusal_of(o), language_of(facts)));
    } else if (span_equals(name, SPAN("more"))) {
        v->span = more_of(o);
    } else if (span_equals(name, SPAN("detail"))) {
        v->span = span_of(e->detail);
    } else if (span_equals(name, SPAN("machine"))) {
        v->span = without_port(span_of(e->detail));
    }
}
