/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/seen.h"
#include "exchanger.h"
#include "world.h"

struct report {
    struct mail *about;
    struct buf content;
    struct report *next;
};

static struct mail *mails;
static struct attempt *attempts;
static struct copy *copies;
static struct report *reports;
static unsigned mail_count, attempt_count;
static bool exiting;

struct ledger_counts ledger_counts;

void ledger_begin(void)
{
    mails = NULL;
    attempts = NULL;
    copies = NULL;
    reports = NULL;
    mail_count = attempt_count = 0;
    exiting = false;
}

void ledger_note_exit(void)
{
    exiting = true;
}

static void *new_entry(size_t size)
{
    void *entry = calloc(1, size);
    assert(entry);
    return entry;
}

struct mail *ledger_add_mail(void)
{
    struct mail *mail = new_entry(sizeof *mail);
    mail->number = ++mail_count;
    buf_init(&mail->content, SIZE_MAX / 2);
    mail->next = mails;
    mails = mail;
    ledger_counts.mails++;
    return mail;
}

struct attempt *ledger_add_attempt(struct mail *mail)
{
    struct attempt *attempt = new_entry(sizeof *attempt);
    attempt->number = ++attempt_count;
    attempt->mail = mail;
    attempt->next = attempts;
    attempts = attempt;
    ledger_counts.attempts++;
    return attempt;
}

static struct mail *find_mail(unsigned number)
{
    struct mail *mail = mails;
    while (mail && mail->number != number)
        mail = mail->next;
    return mail;
}

/* ---------------------------------------------------------------- content */

/* Length of the header field at the front, with its folded lines. */
static size_t field_length(struct span text)
{
    size_t length = 0;
    do {
        length += span_find(span_skip(text, length), '\n') + 1;
    } while (length < text.length && (text.at[length] == ' ' || text.at[length] == '\t'));
    return length < text.length ? length : text.length;
}

static bool begins(struct span text, const char *with)
{
    return span_starts_nocase(text, span_of(with));
}

/* What the client said: without our Received line, and without the Date and Message-ID that it did not say. */
static bool same_content(const struct mail *mail, struct span got)
{
    struct buf bare;
    if (!begins(got, "Received: from "))
        return false;
    got = span_skip(got, field_length(got));
    if (mail->names_itself)
        return span_equals(got, buf_span(&mail->content));
    buf_init(&bare, SIZE_MAX / 2);
    while (got.length > 0 && !begins(got, "\r\n")) {
        size_t length = field_length(got);
        if (!begins(got, "Date: ") && !begins(got, "Message-ID: "))
            buf_append_span(&bare, span_first(got, length));
        got = span_skip(got, length);
    }
    buf_append_span(&bare, got);
    bool same = span_equals(buf_span(&bare), buf_span(&mail->content));
    buf_clear(&bare);
    return same;
}

static void read_id(struct span content, char *id, size_t size)
{
    struct span field = span_first(content, field_length(content));
    while (field.length > 4 && !begins(field, " id "))
        field = span_skip(field, 1);
    field = span_skip(field, 4);
    span_copy(span_first(field, span_find(field, ';')), id, size);
}

/* ---------------------------------------------------------------- copies */

static struct attempt *find_attempt(const char *envid)
{
    struct attempt *attempt = attempts;
    unsigned number;
    if (sscanf(envid, "a%u", &number) != 1)
        return NULL;
    while (attempt && attempt->number != number)
        attempt = attempt->next;
    return attempt;
}

static bool has_copy(const struct mail *mail, unsigned recipient)
{
    for (const struct copy *c = copies; c; c = c->next)
        if (c->mail == mail && c->recipients & 1u << recipient)
            return true;
    return false;
}

/* Recently enough for the duplicate guard, with a minute of grace. */
static bool known_delivered(const struct mail *mail, unsigned recipient, uint64_t before_step)
{
    for (const struct copy *c = copies; c; c = c->next)
        if (c->mail == mail && c->recipients & 1u << recipient && c->known_step > 0 &&
            c->known_step < before_step && world.now_ms < c->known_ms + SEEN_KEEP_MS - 60000)
            return true;
    return false;
}

static void add_report(unsigned number, bool null_sender, struct span content)
{
    struct report *report = new_entry(sizeof *report);
    report->about = find_mail(number);
    buf_init(&report->content, SIZE_MAX / 2);
    buf_append_span(&report->content, content);
    report->next = reports;
    reports = report;
    ledger_counts.reports++;
    world_tell("a report about mail %u has arrived", number);
    if (!report->about || !null_sender)
        world_broken("a mail to a sender that is no report (5.4)");
}

static void add_recipient(struct copy *copy, const char *line)
{
    unsigned number, recipient, domain;
    if (sscanf(line, "m%ur%u@d%u.test", &number, &recipient, &domain) != 3)
        world_broken("a recipient nobody has named: %s", line);
    struct mail *mail = find_mail(number);
    if (!mail || (copy->mail && copy->mail != mail) || recipient >= mail->recipient_count)
        world_broken("a recipient of another mail: %s", line);
    if (!exchanger_serves(copy->exchanger, domain))
        world_broken("%s was given to %s, which is not his server (5.10)", line,
                     exchanger_name(copy->exchanger));
    copy->mail = mail;
    copy->recipients |= 1u << recipient;
}

static void check_copy(const struct copy *copy, struct span content)
{
    const struct mail *mail = copy->mail;
    if (copy->attempt && copy->attempt->mail != mail)
        world_broken("mail %u has the envelope of another", mail->number);
    if (copy->attempt && copy->attempt->complete_step == 0)
        world_broken("mail %u was ended at its server before its client ended it (5.3)", mail->number);
    if (!same_content(mail, content)) {
        world_tell("it was: %.*s", (int)mail->content.length, buf_span(&mail->content).at);
        world_tell("it is: %.*s", (int)content.length, content.at);
        world_broken("mail %u has arrived changed, or not whole (5.2)", mail->number);
    }
    for (const struct copy *c = copies; c; c = c->next)
        if (c->mail == mail && c->recipients & copy->recipients && strcmp(c->id, copy->id) == 0)
            world_broken("mail %u has been delivered twice within one transaction (5.7)", mail->number);
    bool known = mail->names_itself && copy->attempt;
    for (unsigned r = 0; r < mail->recipient_count; r++)
        known = known &&
                (!(copy->recipients & 1u << r) || known_delivered(mail, r, copy->attempt->complete_step));
    if (known)
        world_broken("mail %u has gone out again to those who were known to have it (5.6)", mail->number);
}

struct copy *ledger_add_copy(unsigned exchanger, bool null_sender, const char *envid, const char *recipients,
                             struct span content)
{
    unsigned number;
    char letter;
    if (sscanf(recipients, "m%u%c@", &number, &letter) == 2 && letter == 's') {
        add_report(number, null_sender, content);
        return NULL;
    }
    struct copy *copy = new_entry(sizeof *copy);
    copy->exchanger = exchanger;
    for (struct span rest = span_of(recipients); rest.length > 0;) {
        char line[64];
        span_copy(span_cut(&rest, '\n'), line, sizeof line);
        add_recipient(copy, line);
    }
    copy->attempt = find_attempt(envid);
    read_id(content, copy->id, sizeof copy->id);
    world_tell("%s has mail %u, attempt %s", exchanger_name(exchanger), copy->mail->number, envid);
    check_copy(copy, content);
    for (unsigned r = 0; r < copy->mail->recipient_count; r++)
        ledger_counts.again += copy->recipients & 1u << r && has_copy(copy->mail, r);
    copy->next = copies;
    copies = copy;
    ledger_counts.copies++;
    return copy;
}

void ledger_note_known(void *what)
{
    struct copy *copy = what;
    copy->known_step = world.step;
    copy->known_ms = world.now_ms;
    world_tell("the relay knows that %s has mail %u", exchanger_name(copy->exchanger), copy->mail->number);
}

void ledger_note_end(const char *envid, const char *recipients)
{
    struct attempt *attempt = find_attempt(envid);
    for (struct span rest = span_of(recipients); attempt && rest.length > 0;) {
        unsigned number, recipient;
        struct span line = span_cut(&rest, '\n');
        if (sscanf(line.at, "m%ur%u@", &number, &recipient) != 2)
            continue;
        if (attempt->ended & 1u << recipient)
            world_broken("attempt %s has been ended twice for m%ur%u (5.7)", envid, number, recipient);
        attempt->ended |= 1u << recipient;
    }
}

/* ---------------------------------------------------------------- verdicts */

static bool has(const char *text, const char *words)
{
    return strstr(text, words) != NULL;
}

void ledger_note_told(struct attempt *attempt, int code, const char *text, uint64_t said_step)
{
    const struct mail *mail = attempt->mail;
    attempt->final_code = code;
    span_copy(span_of(text), attempt->final_text, sizeof attempt->final_text);
    unsigned taken = 0, delivered = 0;
    for (unsigned r = 0; r < mail->recipient_count; r++) {
        bool accepted = attempt->rcpt_code[r] / 100 == 2;
        taken += accepted;
        delivered += accepted && has_copy(mail, r);
    }
    if (code / 100 == 2 && (taken == 0 || delivered == 0))
        world_broken("mail %u was acknowledged and no server has it (5.3)", mail->number);
    if (code / 100 == 2)
        ledger_counts.delivered++;
    else if (code / 100 == 4)
        ledger_counts.deferred++;
    else
        ledger_counts.refused++;
    /* A session that has no memory for what its client says next ends, with its mail; the guard knows who has it. */
    bool of_its_own = has(text, "has not answered yet") || has(text, "stopping") ||
                      has(text, "all others have it") ||
                      (world.no_memory > 0 && has(text, "4.4.2 out of memory"));
    for (const struct copy *c = copies; c; c = c->next)
        if (code / 100 != 2 && c->attempt == attempt && c->known_step > 0 && c->known_step < said_step &&
            !of_its_own)
            world_broken("mail %u: %d although %s was known to have taken it (5.4)", mail->number, code,
                         exchanger_name(c->exchanger));
}

static bool is_bad_news(enum event_kind kind)
{
    return kind == EVENT_FAILED || kind == EVENT_LATE_FAILED;
}

void ledger_note_event(const struct event *e)
{
    if (!is_bad_news(e->kind))
        return;
    for (struct mail *mail = mails; mail; mail = mail->next) {
        if (mail->sender[0] && strcmp(e->recipient, mail->sender) == 0)
            mail->report_failed = true;
        for (unsigned r = 0; r < mail->recipient_count; r++)
            if (strcmp(e->recipient, mail->recipients[r]) == 0)
                mail->failed[r] = true;
    }
}

/* ---------------------------------------------------------------- adding up */

static bool is_reported(const struct mail *mail, unsigned recipient)
{
    if (!mail->sender[0] || mail->report_failed || exiting || world.no_memory > 0)
        return true; /* without memory the log has to do */
    for (struct report *report = reports; report; report = report->next)
        if (report->about == mail && has(buf_text(&report->content), mail->recipients[recipient]))
            return true;
    return false;
}

static void check_attempt(const struct attempt *attempt)
{
    const struct mail *mail = attempt->mail;
    bool partly = false;
    ledger_counts.unheard += attempt->final_code == 0;
    for (unsigned r = 0; attempt->final_code / 100 == 2 && r < mail->recipient_count; r++) {
        if (attempt->rcpt_code[r] / 100 != 2 || has_copy(mail, r))
            continue;
        partly = true;
        if (!mail->failed[r])
            world_broken("mail %u was acknowledged, <%s> has not got it, and the log is silent (5.4)",
                         mail->number, mail->recipients[r]);
        if (!is_reported(mail, r))
            world_broken("mail %u was acknowledged, <%s> has not got it, and there is no report (5.4)",
                         mail->number, mail->recipients[r]);
    }
    ledger_counts.partly += partly;
}

static void check_recipients(const struct copy *copy)
{
    const struct attempt *attempt = copy->attempt;
    for (unsigned r = 0; attempt && r < copy->mail->recipient_count; r++)
        if (copy->recipients & 1u << r && attempt->rcpt_code[r] >= 300)
            world_broken("<%s> has got mail %u, and the client was told %d for him (5.1)",
                         copy->mail->recipients[r], copy->mail->number, attempt->rcpt_code[r]);
    if (attempt && attempt->final_code >= 500 && !has(attempt->final_text, "all others have it"))
        world_broken("mail %u: %d, and %s has it (5.4)", copy->mail->number, attempt->final_code,
                     exchanger_name(copy->exchanger));
}

void ledger_end(void)
{
    for (const struct attempt *a = attempts; a; a = a->next)
        check_attempt(a);
    for (const struct copy *c = copies; c; c = c->next)
        check_recipients(c);
    for (void *next; mails; mails = next) {
        next = mails->next;
        buf_clear(&mails->content);
        free(mails);
    }
    for (void *next; attempts; attempts = next) {
        next = attempts->next;
        free(attempts);
    }
    for (void *next; copies; copies = next) {
        next = copies->next;
        free(copies);
    }
    for (void *next; reports; reports = next) {
        next = reports->next;
        buf_clear(&reports->content);
        free(reports);
    }
}
