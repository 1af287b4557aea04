/* SPDX-License-Identifier: MIT */
/* Many outcomes, one reply: what the client is told at the end of its mail. */

#include "verdict.h"

#include <stdio.h>
#include <string.h>

/* Of all who failed, what the client is told. */
struct outcome verdict_of_failures(const struct transaction *t)
{
    struct outcome merged = outcome_from_fault(OUTCOME_FAULT_NO_MEMORY, NULL);
    bool first = true;
    for (const struct recipient *r = t->recipients; r; r = r->next) {
        if (r->state != RECIPIENT_FAILED)
            continue;
        const struct outcome *both[] = {&merged, &r->outcome};
        merged = first ? r->outcome : *outcome_merge(both, 2);
        first = false;
    }
    return merged;
}

static void append_words(struct outcome *o, const char *before, const char *text, const char *after)
{
    size_t length = strlen(o->words);
    snprintf(o->words + length, sizeof o->words - length, "%s%s%s", before, text, after);
}

/* Has an earlier recipient the words of this one's server? */
static bool has_been_quoted(const struct transaction *t, const struct recipient *r)
{
    const struct recipient *earlier = t->recipients;
    while (earlier->leg != r->leg || earlier->state != RECIPIENT_DELIVERED)
        earlier = earlier->next;
    return earlier != r;
}

/* The receipt: which server has it, in its own words. */
static struct outcome receipt(const struct transaction *t)
{
    struct outcome o = {.kind = OUTCOME_NONE};
    bool first = true;
    for (const struct recipient *r = t->recipients; r; r = r->next) {
        if (r->state != RECIPIENT_DELIVERED || has_been_quoted(t, r))
            continue;
        if (first) {
            o = r->outcome;
        } else {
            if (o.host[0]) {
                struct outcome alone = o;
                o.host[0] = o.words[0] = '\0';
                append_words(&o, alone.host, " said: ", alone.words);
            }
            append_words(&o, "; ", r->outcome.host, r->outcome.host[0] ? " said: " : "");
            append_words(&o, "", r->outcome.words, "");
        }
        first = false;
    }
    return o;
}

/* Who has not got it stands behind the receipt, too: the report may be read by nobody, or none may be due (NOTIFY, the null
 * reverse-path), and then this and the log are all there is. */
static void append_failures(const struct transaction *t, struct outcome *o)
{
    char note[200], more[32] = "";
    unsigned count = transaction_count(t, RECIPIENT_FAILED);
    const struct recipient *r = t->recipients;
    while (r->state != RECIPIENT_FAILED)
        r = r->next;
    if (count > 1)
        snprintf(more, sizeof more, " and %u more", count - 1);
    snprintf(note, sizeof note, "; NOT delivered to <%.128s>%s", r->rcpt.forward_path.text, more);
    size_t room = sizeof o->words - 1 - strlen(note);
    if (strlen(o->words) > room)
        o->words[room] = '\0';
    append_words(o, note, "", "");
}

/*
 * Some servers took the mail and others did not, after all had said yes to RCPT, and no report could be made.
 * Neither 250 nor 4xx would do: the one loses a recipient, the other doubles the mail for the rest. So the sender
 * is told now, and that nothing is to be repeated.
 */
static struct outcome partial_failure(const struct transaction *t)
{
    struct outcome o = {.kind = OUTCOME_PERMANENT, .code = 554};
    append_words(&o, "", "the mail was NOT delivered to", "");
    for (const struct recipient *r = t->recipients; r; r = r->next)
        if (r->state == RECIPIENT_FAILED)
            append_words(&o, " <", r->rcpt.forward_path.text, ">");
    append_words(&o, " (", verdict_of_failures(t).words, "); all others have it, send it to these only");
    return o;
}

struct outcome verdict_on_mail(const struct transaction *t, bool reported)
{
    bool any_failed = transaction_count(t, RECIPIENT_FAILED) > 0;
    if (any_failed && transaction_count(t, RECIPIENT_DELIVERED) == 0)
        return verdict_of_failures(t);
    if (any_failed && !reported)
        return partial_failure(t);
    struct outcome o = receipt(t);
    if (any_failed)
        append_failures(t, &o);
    return o;
}
