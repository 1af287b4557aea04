/* SPDX-License-Identifier: MIT */
/*
 * Fills the sentences of the catalogue with an event's facts. The sentences are ours and are read for braces
 * and brackets; the facts are often a stranger's and are only ever copied, with everything taken out that could
 * move a cursor, hide or reorder text. This is the last door before people's eyes.
 */

#include "text.h"

#include <stdio.h>
#include <string.h>

#include "catalogue.h"

/* A value on its way into a sentence: either points at the event or at the text made here. */
struct value {
    struct span span;
    char made[32];
};

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

/* One character of UTF-8 (RFC 3629) from the front of `s`: its length, or 0 if there is none. */
static size_t decode(struct span s, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t)s.at[0];
    size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    uint32_t c = length == 1 ? lead : lead & (0x7fU >> length);

    if (length == 0 || length > s.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (((uint8_t)s.at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)s.at[i] & 0x3f);
    }
    if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return length;
}

/* Controls, line separators, and what reorders or hides text (Unicode's Bidi_Control and zero width). */
static bool may_be_shown(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return false;
    return true;
}

static void append_value(struct buf *out, struct span s)
{
    while (s.length > 0) {
        uint32_t c;
        size_t length = decode(s, &c);

        if (length > 0 && may_be_shown(c))
            buf_append(out, s.at, length);
        else
            buf_append_text(out, "?");
        s = span_skip(s, length > 0 ? length : 1);
    }
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

/* Was there a connection that could have had TLS? */
static bool had_connection(const struct outcome *o)
{
    return o->host[0] != '\0' && o->fault != OUTCOME_FAULT_CONNECT_FAILED;
}

static struct span or_word(const char *text, const char *word)
{
    return span_of(text[0] ? text : word);
}

/* The value of a placeholder. An unknown name, which the tests do not let pass, is empty. */
static void look_up(const struct event *e, const struct text_catalogue *t, struct span name, struct value *v)
{
    const struct outcome *o = &e->outcome;
    bool is_ours = o->fault != OUTCOME_FAULT_NONE;

    v->made[0] = '\0';
    v->span = span_of("");
    if (span_equals(name, SPAN("program"))) {
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
        v->span = or_word(e->tls, had_connection(o) ? t->words[TEXT_WORD_NO_TLS] : "");
    } else if (span_equals(name, SPAN("seconds"))) {
        format_seconds(e->seconds, t->words[TEXT_WORD_DECIMAL_POINT], v->made, sizeof v->made);
    } else if (span_equals(name, SPAN("code"))) {
        format_code(o, v->made, sizeof v->made);
    } else if (span_equals(name, SPAN("words"))) {
        v->span = span_of(is_ours ? "" : o->words);
    } else if (span_equals(name, SPAN("explanation"))) {
        v->span = span_of(t->faults[o->fault]);
    } else if (span_equals(name, SPAN("more"))) {
        v->span = more_of(o);
    } else if (span_equals(name, SPAN("detail"))) {
        v->span = span_of(e->detail);
    }
    if (v->made[0])
        v->span = span_of(v->made);
}

/* Fills one stretch of a sentence; false when a value in it was empty. With `out` NULL it only looks. */
static bool fill(const struct event *e, const struct text_catalogue *t, struct span text, struct buf *out)
{
    bool complete = true;

    while (text.length > 0) {
        size_t brace = span_find(text, '{');
        struct span name;
        struct value value;

        if (out)
            buf_append_span(out, span_first(text, brace));
        if (brace == text.length)
            break;
        text = span_skip(text, brace + 1);
        name = span_cut(&text, '}');
        look_up(e, t, name, &value);
        if (value.span.length == 0)
            complete = false;
        if (out)
            append_value(out, value.span);
    }
    return complete;
}

void text_event(const struct event *e, enum text_language language, struct buf *out)
{
    const struct text_catalogue *t = &text_catalogues[language];
    struct span rest = span_of(t->events[e->kind]);

    while (rest.length > 0) {
        struct span part = span_cut(&rest, '[');

        fill(e, t, part, out);
        part = span_cut(&rest, ']');
        if (fill(e, t, part, NULL))
            fill(e, t, part, out);
    }
}

void text_event_time(const struct event *e, char text[9])
{
    int64_t second = (e->time_s + (int64_t)e->utc_offset_min * 60) % 86400;

    if (second < 0)
        second += 86400;
    snprintf(text, 9, "%02u:%02u:%02u", (unsigned)(second / 3600) % 24, (unsigned)(second / 60 % 60),
             (unsigned)(second % 60));
}
