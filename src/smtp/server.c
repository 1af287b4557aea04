/* SPDX-License-Identifier: MIT */
/*
 * The receiving machine: how it begins and ends, content, answers, and the loop that drives it. What each
 * command does is in server_command.c. enter() alone assigns the state.
 */

#include "server_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define OUT_CEILING (256 * 1024)
#define OUT_FULL (16 * 1024) /* with this much unsent, no further command is read */

static enum smtp_server_event enter(struct smtp_server *s, struct step step)
{
    s->state = step.next;
    return step.event;
}

const char *smtp_server_state_name(enum smtp_server_state state)
{
    switch (state) {
    case SMTP_SERVER_HELLO:
        return "HELLO";
    case SMTP_SERVER_READY:
        return "READY";
    case SMTP_SERVER_ENVELOPE:
        return "ENVELOPE";
    case SMTP_SERVER_CONTENT_DATA:
        return "CONTENT_DATA";
    case SMTP_SERVER_CONTENT_BDAT:
        return "CONTENT_BDAT";
    case SMTP_SERVER_CONTENT_CHUNK:
        return "CONTENT_CHUNK";
    case SMTP_SERVER_SWALLOW_CHUNK:
        return "SWALLOW_CHUNK";
    case SMTP_SERVER_AUTH_PLAIN:
        return "AUTH_PLAIN";
    case SMTP_SERVER_AUTH_USER:
        return "AUTH_USER";
    case SMTP_SERVER_AUTH_PASSWORD:
        return "AUTH_PASSWORD";
    case SMTP_SERVER_REFUSED:
        return "REFUSED";
    case SMTP_SERVER_CLOSED:
        return "CLOSED";
    }
    return "";
}

/* ---------------------------------------------------------------- replies */

void server_reply(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    smtp_reply_write(&s->out, code, subject, detail, span_of(text));
}

struct step server_refuse(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    server_reply(s, code, subject, detail, text);
    s->errors++;
    return server_stay(s);
}

/* The verdict on a recipient or a mail, in the remote server's words where there are any. */
static void write_outcome(struct buf *out, const struct outcome *o)
{
    char text[sizeof o->host + sizeof o->words + 8];
    bool quoted = o->host[0] != '\0' && o->fault == OUTCOME_FAULT_NONE;
    snprintf(text, sizeof text, "%s%s%s", o->host, o->host[0] ? quoted ? " said: " : ": " : "", o->words);
    int code = o->code;
    if (o->kind == OUTCOME_ACCEPTED)
        code = 250; /* 251 and the like would promise what only the remote can */
    else if (code == 421 && o->fault == OUTCOME_FAULT_NONE)
        code = 451; /* the remote closes its connection, we do not close ours */
    else if (code >= 530 && code <= 539)
        code = 550; /* the remote wants TLS or a login from us; the client would try that on us */
    int subject = o->subject, detail = o->detail;
    if (subject < 0)
        subject = detail = 0; /* RFC 2034 section 4: we always give one */
    smtp_reply_write(out, code, subject, detail, span_of(text));
}

static void reply_outcome(struct smtp_server *s, const struct outcome *o)
{
    write_outcome(&s->out, o);
}

/* ---------------------------------------------------------------- start and end */

static void init(struct smtp_server *s, enum smtp_server_state state)
{
    *s = (struct smtp_server){.state = state};
    buf_init(&s->out, OUT_CEILING);
    buf_init(&s->refusal, OUT_FULL);
    smtp_line_init(&s->line, SMTP_SERVER_AUTH_LINE_MAX);
}

void smtp_server_init(struct smtp_server *s, uint32_t instance, uint64_t max_size_bytes)
{
    init(s, SMTP_SERVER_HELLO);
    s->instance = instance;
    s->max_size_bytes = max_size_bytes;
    buf_printf(&s->out, "220 localhost ESMTP Traypost %08lX\r\n", (unsigned long)instance);
}

void smtp_server_init_refusing(struct smtp_server *s, uint32_t instance, int code, int subject, int detail,
                               const char *why)
{
    char text[200];
    init(s, code == 554 ? SMTP_SERVER_REFUSED : SMTP_SERVER_CLOSED);
    snprintf(text, sizeof text, "Traypost %08lX %s", (unsigned long)instance, why);
    server_reply(s, code, subject, detail, text);
}

void smtp_server_clear(struct smtp_server *s)
{
    buf_clear(&s->out);
    buf_clear(&s->refusal);
    smtp_line_clear(&s->line);
}

bool smtp_server_is_own_greeting(struct span greeting, uint32_t instance)
{
    char own[40];
    int length = snprintf(own, sizeof own, "Traypost %08lX", (unsigned long)instance);
    for (; greeting.length >= (size_t)length; greeting = span_skip(greeting, 1))
        if (span_equals(span_first(greeting, (size_t)length), span_of(own)))
            return true;
    return false;
}

bool smtp_server_in_transaction(const struct smtp_server *s)
{
    enum smtp_server_state state = s->state == SMTP_SERVER_SWALLOW_CHUNK ? s->after_swallow : s->state;
    return state == SMTP_SERVER_ENVELOPE || state == SMTP_SERVER_CONTENT_DATA ||
           state == SMTP_SERVER_CONTENT_BDAT || state == SMTP_SERVER_CONTENT_CHUNK ||
           s->question != SMTP_SERVER_NOTHING_ASKED;
}

struct step server_shut(struct smtp_server *s, int subject, int detail, const char *why)
{
    server_reply(s, 421, subject, detail, why);
    s->question = SMTP_SERVER_NOTHING_ASKED;
    s->rcpts_open = 0;
    return server_go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
}

struct step server_shut_out_early_content(struct smtp_server *s)
{
    return server_shut(s, 5, 0, "closing: content came before it was asked for");
}

void smtp_server_shut(struct smtp_server *s, int subject, int detail, const char *why)
{
    if (s->state != SMTP_SERVER_CLOSED)
        enter(s, server_shut(s, subject, detail, why));
}

void smtp_server_discard(struct smtp_server *s)
{
    s->discarding = true;
}

static void forget_transaction(struct smtp_server *s)
{
    s->smtputf8 = s->discarding = s->early_bytes = s->chunk_last = false;
    s->rcpts_asked = s->rcpts_accepted = 0;
}

/* RSET, and EHLO or HELO in the middle: the owner hears of it only if there was something to forget. */
struct step server_reset(struct smtp_server *s)
{
    bool open = s->state == SMTP_SERVER_ENVELOPE || s->state == SMTP_SERVER_CONTENT_BDAT;
    forget_transaction(s);
    enum smtp_server_state next = s->state == SMTP_SERVER_HELLO ? SMTP_SERVER_HELLO : SMTP_SERVER_READY;
    return server_go(next, open ? SMTP_SERVER_RESET : SMTP_SERVER_MORE);
}

/* ---------------------------------------------------------------- content */

static struct step content_ends(struct smtp_server *s)
{
    s->question = SMTP_SERVER_ASKED_END;
    return server_go(SMTP_SERVER_READY, SMTP_SERVER_END);
}

static struct step on_data_octets(struct smtp_server *s, struct span *input)
{
    switch (smtp_data_decode(&s->decoder, input, &s->content)) {
    case SMTP_DATA_PIECE:
        return server_go(s->state, s->discarding ? SMTP_SERVER_MORE : SMTP_SERVER_CONTENT);
    case SMTP_DATA_END:
        return content_ends(s);
    case SMTP_DATA_MORE:
        break;
    }
    return server_stay(s);
}

/* A CR at the very end of the last chunk still becomes a CRLF: one more piece before the END. */
static struct step chunk_ends(struct smtp_server *s)
{
    if (s->chunk_last) {
        s->content = smtp_data_decode_end(&s->decoder);
        if (s->content.length > 0 && !s->discarding)
            return server_go(s->state, SMTP_SERVER_CONTENT);
        return content_ends(s);
    }
    server_reply(s, 250, 0, 0, "chunk received");
    return server_go(SMTP_SERVER_CONTENT_BDAT, SMTP_SERVER_MORE);
}

static struct step on_chunk(struct smtp_server *s, struct span *input)
{
    if (s->chunk_left_bytes == 0)
        return chunk_ends(s);
    struct span chunk =
        span_first(*input, s->chunk_left_bytes > input->length ? input->length : (size_t)s->chunk_left_bytes);
    size_t before = chunk.length;
    enum smtp_data_status status = smtp_data_decode(&s->decoder, &chunk, &s->content);
    size_t used = before - chunk.length;
    *input = span_skip(*input, used);
    s->chunk_left_bytes -= used;
    if (status == SMTP_DATA_PIECE && !s->discarding)
        return server_go(s->state, SMTP_SERVER_CONTENT);
    return server_stay(s);
}

static struct step on_swallow(struct smtp_server *s, struct span *input)
{
    uint64_t count = s->chunk_left_bytes < input->length ? s->chunk_left_bytes : input->length;
    *input = span_skip(*input, (size_t)count);
    s->chunk_left_bytes -= count;
    if (s->chunk_left_bytes > 0)
        return server_stay(s);
    buf_append_span(&s->out, buf_span(&s->refusal));
    s->out.failed = s->out.failed || s->refusal.failed; /* an answer is lost: so is the session */
    buf_clear(&s->refusal);
    return server_go(s->after_swallow, SMTP_SERVER_MORE);
}

/* ---------------------------------------------------------------- answers */

static enum smtp_server_state answer_mail(struct smtp_server *s, const struct outcome *verdict)
{
    if (verdict->kind == OUTCOME_ACCEPTED) {
        server_reply(s, 250, 1, 0, "sender noted");
        return SMTP_SERVER_ENVELOPE;
    }
    forget_transaction(s);
    reply_outcome(s, verdict);
    return SMTP_SERVER_READY;
}

static enum smtp_server_state answer_rcpt(struct smtp_server *s, const struct outcome *verdict)
{
    reply_outcome(s, verdict);
    if (verdict->kind == OUTCOME_ACCEPTED)
        s->rcpts_accepted++;
    if (--s->rcpts_open > 0)
        s->question = SMTP_SERVER_ASKED_RCPT;
    return SMTP_SERVER_ENVELOPE;
}

static enum smtp_server_state answer_data(struct smtp_server *s, const struct outcome *verdict)
{
    if (verdict->kind == OUTCOME_ACCEPTED) {
        buf_append_text(&s->out, "354 go ahead, end with CRLF.CRLF\r\n");
        smtp_data_decoder_init(&s->decoder, true);
        return SMTP_SERVER_CONTENT_DATA;
    }
    bool must_close = s->early_bytes;
    forget_transaction(s);
    reply_outcome(s, verdict);
    return must_close ? server_shut_out_early_content(s).next : SMTP_SERVER_READY;
}

static enum smtp_server_state answer_bdat(struct smtp_server *s, const struct outcome *verdict)
{
    if (verdict->kind == OUTCOME_ACCEPTED) {
        smtp_data_decoder_init(&s->decoder, false);
        return SMTP_SERVER_CONTENT_CHUNK;
    }
    forget_transaction(s);
    write_outcome(&s->refusal, verdict);
    s->after_swallow = SMTP_SERVER_READY;
    return SMTP_SERVER_SWALLOW_CHUNK;
}

static enum smtp_server_state answer_end(struct smtp_server *s, const struct outcome *verdict)
{
    forget_transaction(s);
    reply_outcome(s, verdict);
    return SMTP_SERVER_READY;
}

void smtp_server_answer(struct smtp_server *s, const struct outcome *verdict)
{
    enum smtp_server_question question = s->question;
    assert(verdict->kind != OUTCOME_NONE);
    s->question = SMTP_SERVER_NOTHING_ASKED;
    switch (question) {
    case SMTP_SERVER_ASKED_MAIL:
        enter(s, server_go(answer_mail(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_RCPT:
        enter(s, server_go(answer_rcpt(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_DATA:
        enter(s, server_go(answer_data(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_BDAT:
        enter(s, server_go(answer_bdat(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_END:
        enter(s, server_go(answer_end(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_NOTHING_ASKED:
        break;
    }
    assert(!"an answer to no question");
}

/* ---------------------------------------------------------------- the machine */

/* An open question stops everything but further RCPTs; and what the owner has not sent yet must not
 * pile up. */
static bool must_wait(const struct smtp_server *s)
{
    bool asked = s->question != SMTP_SERVER_NOTHING_ASKED && s->question != SMTP_SERVER_ASKED_RCPT;
    return asked || s->out.length > OUT_FULL;
}

static struct step advance(struct smtp_server *s, struct span *input)
{
    switch (s->state) {
    case SMTP_SERVER_CONTENT_DATA:
        return on_data_octets(s, input);
    case SMTP_SERVER_CONTENT_CHUNK:
        return on_chunk(s, input);
    case SMTP_SERVER_SWALLOW_CHUNK:
        return on_swallow(s, input);
    case SMTP_SERVER_CLOSED: /* nobody listens any more */
        *input = span_skip(*input, input->length);
        return server_stay(s);
    case SMTP_SERVER_HELLO:
    case SMTP_SERVER_READY:
    case SMTP_SERVER_ENVELOPE:
    case SMTP_SERVER_CONTENT_BDAT:
    case SMTP_SERVER_AUTH_PLAIN:
    case SMTP_SERVER_AUTH_USER:
    case SMTP_SERVER_AUTH_PASSWORD:
    case SMTP_SERVER_REFUSED:
        return server_on_line(s, input);
    }
    return server_stay(s);
}

/* Is there anything to do without more input? */
static bool owes_step(const struct smtp_server *s)
{
    switch (s->state) {
    case SMTP_SERVER_CLOSED: /* a command that still waited inside is for nobody */
        return false;
    case SMTP_SERVER_CONTENT_CHUNK:
    case SMTP_SERVER_SWALLOW_CHUNK:
        return s->chunk_left_bytes == 0;
    case SMTP_SERVER_HELLO:
    case SMTP_SERVER_READY:
    case SMTP_SERVER_ENVELOPE:
    case SMTP_SERVER_CONTENT_DATA:
    case SMTP_SERVER_CONTENT_BDAT:
    case SMTP_SERVER_AUTH_PLAIN:
    case SMTP_SERVER_AUTH_USER:
    case SMTP_SERVER_AUTH_PASSWORD:
    case SMTP_SERVER_REFUSED:
        return s->line.again || s->overlong_waits;
    }
    return false;
}

enum smtp_server_event smtp_server_feed(struct smtp_server *s, struct span *input)
{
    for (;;) {
        if (s->state == SMTP_SERVER_CLOSED && !s->close_told) {
            s->close_told = true;
            return SMTP_SERVER_CLOSE;
        }
        if (s->question == SMTP_SERVER_ASKED_DATA && input->length > 0)
            s->early_bytes = true;
        bool more = input->length > 0 || owes_step(s);
        if (!more || must_wait(s))
            return more ? SMTP_SERVER_WAIT : SMTP_SERVER_MORE;

        enum smtp_server_event event = enter(s, advance(s, input));
        if (event == SMTP_SERVER_DATA && s->question == SMTP_SERVER_ASKED_DATA && input->length > 0)
            s->early_bytes = true;
        if (event == SMTP_SERVER_CLOSE || event == SMTP_SERVER_FOREIGN)
            s->close_told = true;
        if (event != SMTP_SERVER_MORE)
            return event;
    }
}
