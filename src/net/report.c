/* SPDX-License-Identifier: MIT */
/*
 * A report is a transaction whose client is here. It asks one question after the other, each from the top of the
 * loop, since answers come from inside of the questions. It names everybody who is concerned: who is not named has the
 * mail, it says where that is so. So it may be larger than the mail's window, and goes through it in pieces.
 */

#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "owner_of.h"
#include "platform.h"
#include "relay_state.h"
#include "smtp/dsn.h"
#include "text.h"
#include "version.h"

/* Far beyond what SMTP_SERVER_RCPTS_MAX recipients need. */
#define REPORT_SIZE_MAX (32 * 1024 * 1024)
#define REPORT_TEXT_MAX (8 * 1024 * 1024)
#define DATE_SIZE 40

struct report {
    struct transaction *transaction;
    struct smtp_rcpt to;
    struct buf content;
    size_t written;                      /* of the content */
    void (*next)(struct report *report); /* what comes when the question has its answer */
    struct later_task task;
};

/* ---------------------------------------------------------------- the mail */

static void finish(struct report *report)
{
    buf_clear(&report->content);
    free(report);
}

static void run(struct later_task *task)
{
    struct report *report = OWNER_OF(task, struct report, task);
    report->next(report);
}

static void then(struct report *report, void (*next)(struct report *report))
{
    report->next = next;
    later_post(&report->transaction->relay->later, &report->task, run);
}

static void say_content(struct report *report)
{
    struct transaction *t = report->transaction;
    struct span rest = span_skip(buf_span(&report->content), report->written);
    size_t room = transaction_room(t);
    if (rest.length > 0 && room < TRANSACTION_ROOM_MIN)
        return; /* resume() comes */
    rest = span_first(rest, PEER_READ_SIZE);
    report->written += rest.length;
    transaction_write(t, rest);
    transaction_push(t);
    if (report->written == report->content.length)
        transaction_end(t);
    else
        then(report, say_content);
}

static void ask_for_content(struct report *report)
{
    report->next = say_content;
    transaction_begin(report->transaction, false);
}

static void give_up(struct report *report)
{
    struct transaction *t = report->transaction;
    finish(report);
    transaction_leave(t);
}

static void name_recipient(struct report *report)
{
    report->next = ask_for_content;
    transaction_add(report->transaction, &report->to);
}

static void answer(void *client, const struct outcome *outcome)
{
    struct report *report = client;
    then(report, outcome->kind == OUTCOME_ACCEPTED ? report->next : give_up);
}

static void done(void *client, const struct outcome *verdict)
{
    (void)verdict; /* the log has it */
    then(client, finish);
}

static void resume(void *client)
{
    struct report *report = client;
    if (report->next == say_content && report->written < report->content.length)
        then(report, say_content);
}

static void discard(void *client)
{
    struct report *report = client;
    buf_clear(&report->content);
    report->written = 0;
    if (report->next == say_content)
        then(report, say_content);
}

static bool listens(void *client)
{
    (void)client;
    return true;
}

static void shut(void *client, const char *why)
{
    (void)why;
    then(client, give_up);
}

static const struct transaction_client calls = {
    .answer = answer,
    .done = done,
    .discard = discard,
    .resume = resume,
    .listens = listens,
    .shut = shut,
    .is_ours = true,
};

static bool send_to_sender(const struct transaction *about, struct buf *content)
{
    struct smtp_mail mail = {.smtputf8 = smtp_dsn_needs_utf8(&about->mail)};
    const struct smtp_trace_origin origin = {
        .peer = {.family = IP_V4, .bytes = {127, 0, 0, 1}}, .extended = true, .smtputf8 = mail.smtputf8};
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        return false;
    report->to.forward_path = about->mail.reverse_path;
    report->to.notify = SMTP_NOTIFY_NEVER; /* RFC 3461 section 5.2.1: no reports about reports */
    report->transaction = transaction_new(about->relay, &calls, report, &mail, &origin, NULL);
    if (!report->transaction) {
        free(report);
        return false;
    }
    report->content = *content;
    buf_init(content, 0);
    then(report, name_recipient);
    return true;
}

/* ---------------------------------------------------------------- what it says */

void report_keep_headers(struct transaction *t, struct span content)
{
    size_t room = SMTP_DSN_HEADERS_MAX - t->headers.length;
    bool wanted = t->recipients && (t->recipients->next || t->recipients->rcpt.notify & SMTP_NOTIFY_SUCCESS);
    if (wanted && room > 0 && t->mail.reverse_path.text[0])
        buf_append_span(&t->headers, span_first(content, room)); /* without memory the report quotes less */
}

/* Is everybody who is not in the report served? Not who was refused at RCPT, and not who failed and is to be passed over. */
static bool others_have_it(const struct transaction *t, const struct smtp_dsn_recipient *list, size_t count)
{
    size_t failed = 0, without = 0;
    for (size_t i = 0; i < count; i++)
        failed += list[i].action == SMTP_DSN_FAILED;
    for (const struct recipient *r = t->recipients; r; r = r->next)
        without += r->state != RECIPIENT_DELIVERED;
    return failed == without;
}

/* Only what the client does not learn from the answer it is about to get. */
static enum smtp_dsn_action action_for(const struct recipient *r, bool any_delivered)
{
    bool taken = r->state == RECIPIENT_DELIVERED || r->state == RECIPIENT_FAILED;
    if (!taken || !any_delivered || r->outcome.already)
        return SMTP_DSN_NONE;
    return smtp_dsn_due(r->outcome.kind, r->rcpt.notify, r->server_has_dsn);
}

static void write_text(const struct transaction *t, const struct smtp_dsn_recipient *list, size_t count,
                       enum text_language language, struct buf *out)
{
    for (enum smtp_dsn_action action = SMTP_DSN_FAILED; action <= SMTP_DSN_RELAYED; action++) {
        bool failed = action == SMTP_DSN_FAILED, begun = false;
        for (size_t i = 0; i < count; i++) {
            struct event e = {.kind = failed ? EVENT_FAILED : EVENT_DELIVERED, .outcome = *list[i].outcome};
            if (list[i].action != action)
                continue;
            if (!begun)
                text_report_begin(failed, others_have_it(t, list, count), language, out);
            begun = true;
            span_copy(span_of(t->mail.reverse_path.text), e.sender, sizeof e.sender);
            span_copy(span_of(list[i].rcpt->forward_path.text), e.recipient, sizeof e.recipient);
            text_report_recipient(&e, language, out);
        }
    }
}

/* The name by which we greet, where it is one: then From: is of the domain that a server checks for the null reverse-path (RFC 7208
 * section 2.4). An address literal would tell the address in the network behind this machine. */
static const char *own_name(const struct relay *relay)
{
    if (relay->config.hostname[0])
        return relay->config.hostname;
    for (size_t i = relay->name_count; i-- > 0;)
        if (relay->names[i].name[0] != '[')
            return relay->names[i].name;
    return "localhost";
}

static bool compose(const struct transaction *t, const struct smtp_dsn_recipient *list, size_t count,
                    struct buf *content)
{
    struct relay *relay = t->relay;
    char locale[64], date[DATE_SIZE], arrival[DATE_SIZE], id[96];
    int64_t now_s = (int64_t)time(NULL),
            began_s = now_s - (int64_t)((uv_now(relay->loop) - t->began_ms) / 1000);
    struct buf text, english;
    platform_locale(locale, sizeof locale);
    enum text_language language = text_language_choose(relay->config.language, locale);
    smtp_trace_format_date(now_s, platform_utc_offset_min(now_s), date, sizeof date);
    smtp_trace_format_date(began_s, platform_utc_offset_min(began_s), arrival, sizeof arrival);
    snprintf(id, sizeof id, "<%llx.report@traypost.invalid>", (unsigned long long)relay_random(relay));
    buf_init(&text, REPORT_TEXT_MAX);
    buf_init(&english, REPORT_TEXT_MAX);
    write_text(t, list, count, language, &text);
    if (language != TEXT_EN)
        write_text(t, list, count, TEXT_EN, &english);
    const char *words = buf_text(&text), *english_words = buf_text(&english);
    const struct smtp_dsn dsn = {
        .mail = &t->mail,
        .hostname = own_name(relay),
        .date = date,
        .arrival_date = arrival,
        .message_id = id,
        .random = relay_random(relay),
        .subject = text_ui(list[0].action == SMTP_DSN_FAILED ? TEXT_UI_REPORT_FAILED_SUBJECT
                                                             : TEXT_UI_REPORT_RELAYED_SUBJECT,
                           language),
        .text = words,
        .english = language == TEXT_EN ? NULL : english_words,
        .recipients = list,
        .recipient_count = count,
        .headers = buf_span(&t->headers),
    };
    bool written = words && english_words && smtp_dsn_write(&dsn, content);
    buf_clear(&text);
    buf_clear(&english);
    return written;
}

/* Those with an action, failures first: they give the report its subject. */
static size_t list_recipients(const struct transaction *t, struct smtp_dsn_recipient *list)
{
    size_t count = 0;
    bool any_delivered = transaction_count(t, RECIPIENT_DELIVERED) > 0;
    for (int failed = 1; failed >= 0; failed--)
        for (const struct recipient *r = t->recipients; r; r = r->next) {
            enum smtp_dsn_action action = action_for(r, any_delivered);
            if (action == SMTP_DSN_NONE || (action == SMTP_DSN_FAILED) != (failed == 1))
                continue;
            if (list)
                list[count] = (struct smtp_dsn_recipient){
                    .rcpt = &r->rcpt, .outcome = &r->outcome, .action = action, .last_attempt = ""};
            count++;
        }
    return count;
}

bool report_send(const struct transaction *t)
{
    size_t count = list_recipients(t, NULL);
    if (count == 0 || !t->mail.reverse_path.text[0])
        return true; /* the null reverse-path wants none (RFC 5321 section 4.5.5) */
    struct smtp_dsn_recipient *list = calloc(count, sizeof *list);
    if (!list)
        return false;
    list_recipients(t, list);
    struct buf content;
    buf_init(&content, REPORT_SIZE_MAX);
    bool sent = compose(t, list, count, &content) && send_to_sender(t, &content);
    buf_clear(&content);
    free(list);
    return sent;
}
