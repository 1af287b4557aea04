/* SPDX-License-Identifier: MIT */
/* The two ways in which an outcome is made, and how several become one. */

#include "core/outcome.h"

#include <stdio.h>
#include <string.h>

struct fault {
    const char *name;
    int code, subject, detail;
    const char *words;
};

static const struct fault faults[] = {[OUTCOME_FAULT_NONE] = {"NONE", 0, 0, 0, ""},
#define X(name, code, subject, detail, words) [OUTCOME_FAULT_##name] = {#name, code, subject, detail, words},
                                      OUTCOME_FAULTS(X)
#undef X
};

/* One line without control characters, whatever the source; UTF-8 or ASCII, never half a character. */
static void set_words(struct outcome *o, struct span words)
{
    if (!span_copy(words, o->words, sizeof o->words)) {
        size_t end = sizeof o->words - 1;
        while (end > 0 && ((unsigned char)words.at[end] & 0xC0) == 0x80)
            end--;
        o->words[end] = '\0';
    }
    bool utf8 = span_is_utf8(span_of(o->words));
    for (char *c = o->words; *c; c++) {
        unsigned char octet = (unsigned char)*c, next = (unsigned char)c[1];
        if (octet < ' ' || octet == 127 || (!utf8 && octet >= 128))
            *c = '?';
        if (utf8 && octet == 0xC2 && next < 0xA0) /* U+0080 to U+009F: a terminal takes them for escapes */
            c[0] = c[1] = '?';
    }
}

static enum outcome_kind kind_of_code(int code)
{
    return code < 300 ? OUTCOME_ACCEPTED : code < 500 ? OUTCOME_TEMPORARY : OUTCOME_PERMANENT;
}

struct outcome outcome_from_reply(int code, int subject, int detail, struct span words)
{
    /* 3xx is no verdict: a server that says so at the end of a mail has lost its way. */
    if (code < 200 || code > 599 || (code >= 300 && code < 400))
        return outcome_from_fault(OUTCOME_FAULT_PROTOCOL, NULL);
    struct outcome o = {.kind = kind_of_code(code), .code = code, .subject = subject, .detail = detail};
    set_words(&o, words);
    return o;
}

struct outcome outcome_from_fault(enum outcome_fault fault, const char *more)
{
    const struct fault *f = &faults[fault];
    struct outcome o = {
        .kind = kind_of_code(f->code),
        .fault = fault,
        .code = f->code,
        .subject = f->subject,
        .detail = f->detail,
        .copy_may_exist = fault == OUTCOME_FAULT_LOST_AFTER_DOT,
    };
    bool has_more = more && *more;
    char words[2 * sizeof o.words];
    snprintf(words, sizeof words, "%s%s%s", f->words, has_more ? ": " : "", has_more ? more : "");
    set_words(&o, span_of(words));
    return o;
}

void outcome_set_host(struct outcome *o, const char *host, const char *address)
{
    span_copy(span_of(host), o->host, sizeof o->host);
    span_copy(span_of(address), o->address, sizeof o->address);
}

void outcome_set_tls(struct outcome *o, const char *tls)
{
    span_copy(span_of(tls), o->tls, sizeof o->tls);
}

/* Higher wins. Between permanent ones the higher code is the worse. */
static int rank(const struct outcome *o)
{
    switch (o->kind) {
    case OUTCOME_NONE:
        return 0;
    case OUTCOME_PERMANENT:
        return o->code;
    case OUTCOME_TEMPORARY:
        return 1000;
    case OUTCOME_ACCEPTED:
        return 2000;
    }
    return 0;
}

const struct outcome *outcome_merge(const struct outcome *const *list, size_t count)
{
    const struct outcome *best = count > 0 ? list[0] : NULL;
    for (size_t i = 1; i < count; i++)
        if (rank(list[i]) > rank(best))
            best = list[i];
    return best;
}

const char *outcome_fault_name(enum outcome_fault fault)
{
    return faults[fault].name;
}
