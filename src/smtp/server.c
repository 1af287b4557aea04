/* SPDX-License-Identifier: MIT */
/*
 * The receiving machine. Commands go through one table {verb, states allowed, handler}; a pair that is
 * not listed is 503 in one line. A handler judges the command, writes its reply and returns a step:
 * the state that follows and what the owner is told. enter() alone assigns the state.
 */

#include "smtp/server.h"

#include "smtp/reply.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define OUT_CEILING (256 * 1024)
#define OUT_FULL (16 * 1024) /* with this much unsent, no further command is read */

struct step {
    enum smtp_server_state next;
    enum smtp_server_event event; /* MORE: nothing the owner has to know */
};

static struct step stay(const struct smtp_server *s)
{
    return (struct step){s->state, SMTP_SERVER_MORE};
}

static struct step go(enum smtp_server_state next, enum smtp_server_event event)
{
    return (struct step){next, event};
}

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
    case SMTP_SERVER_CLOSED:
        return "CLOSED";
    }
    return "";
}

/* ---------------------------------------------------------------- replies */

static void reply(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    smtp_reply_write(&s->out, code, subject, detail, span_of(text));
}

static struct step refuse(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    reply(s, code, subject, detail, text);
    s->errors++;
    return stay(s);
}

static struct step out_of_order(struct smtp_server *s, const char *text)
{
    return refuse(s, 503, 5, 1, text);
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
    init(s, SMTP_SERVER_CLOSED);
    snprintf(text, sizeof text, "Traypost %08lX %s", (unsigned long)instance, why);
    reply(s, code, subject, detail, text);
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
    return s->state == SMTP_SERVER_ENVELOPE || s->state == SMTP_SERVER_CONTENT_DATA ||
           s->state == SMTP_SERVER_CONTENT_BDAT || s->state == SMTP_SERVER_CONTENT_CHUNK ||
           s->question != SMTP_SERVER_NOTHING_ASKED;
}

static struct step shut(struct smtp_server *s, int subject, int detail, const char *why)
{
    reply(s, 421, subject, detail, why);
    s->question = SMTP_SERVER_NOTHING_ASKED;
    s->rcpts_open = 0;
    return go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
}

void smtp_server_shut(struct smtp_server *s, int subject, int detail, const char *why)
{
    if (s->state != SMTP_SERVER_CLOSED)
        enter(s, shut(s, subject, detail, why));
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
static struct step reset(struct smtp_server *s)
{
    bool open = s->state == SMTP_SERVER_ENVELOPE || s->state == SMTP_SERVER_CONTENT_BDAT;
    forget_transaction(s);
    enum smtp_server_state next = s->state == SMTP_SERVER_HELLO ? SMTP_SERVER_HELLO : SMTP_SERVER_READY;
    return go(next, open ? SMTP_SERVER_RESET : SMTP_SERVER_MORE);
}

/* ---------------------------------------------------------------- handlers */

static struct step on_helo(struct smtp_server *s)
{
    struct step step = reset(s);
    s->extended = false;
    buf_append_text(&s->out, "250 localhost\r\n");
    return go(SMTP_SERVER_READY, step.event);
}

static struct step on_ehlo(struct smtp_server *s)
{
    struct step step = reset(s);
    s->extended = true;
    buf_append_text(&s->out, "250-localhost\r\n"
                             "250-PIPELINING\r\n"
                             "250-8BITMIME\r\n"
                             "250-SMTPUTF8\r\n"
                             "250-CHUNKING\r\n"
                             "250-ENHANCEDSTATUSCODES\r\n"
                             "250-DSN\r\n"
                             "250-AUTH PLAIN LOGIN\r\n");
    buf_printf(&s->out, "250 SIZE %llu\r\n", (unsigned long long)s->max_size_bytes);
    return go(SMTP_SERVER_READY, step.event);
}

static struct step on_mail(struct smtp_server *s)
{
    const struct smtp_mail *mail = &s->command.u.mail;
    if (s->max_size_bytes > 0 && mail->has_size && mail->size_bytes > s->max_size_bytes)
        return refuse(s, 552, 3, 4, "the message is larger than this relay takes");
    s->smtputf8 = mail->smtputf8;
    s->question = SMTP_SERVER_ASKED_MAIL;
    return go(s->state, SMTP_SERVER_MAIL);
}

static struct step on_rcpt(struct smtp_server *s)
{
    if (s->rcpts_asked == SMTP_SERVER_RCPTS_MAX)
        return refuse(s, 452, 5, 3, "too many recipients; send the rest in another mail");
    s->rcpts_asked++;
    s->rcpts_open++;
    s->question = SMTP_SERVER_ASKED_RCPT;
    return go(s->state, SMTP_SERVER_RCPT);
}

static struct step on_data(struct smtp_server *s)
{
    if (s->rcpts_accepted == 0)
        return refuse(s, 554, 5, 1, "no valid recipients");
    s->question = SMTP_SERVER_ASKED_DATA;
    return go(s->state, SMTP_SERVER_DATA);
}

/* A refused BDAT is followed by its octets all the same, and answered behind them (RFC 3030 section 2). */
static struct step refuse_chunk(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    smtp_reply_write(&s->refusal, code, subject, detail, span_of(text));
    s->errors++;
    s->chunk_left_bytes = s->command.u.bdat.size_bytes;
    s->after_swallow = s->state;
    return go(SMTP_SERVER_SWALLOW_CHUNK, SMTP_SERVER_MORE);
}

static struct step on_bdat(struct smtp_server *s)
{
    if (s->state != SMTP_SERVER_CONTENT_BDAT && s->rcpts_accepted == 0)
        return refuse_chunk(s, 554, 5, 1, "no valid recipients");
    s->chunk_left_bytes = s->command.u.bdat.size_bytes;
    s->chunk_last = s->command.u.bdat.last;
    if (s->state == SMTP_SERVER_CONTENT_BDAT)
        return go(SMTP_SERVER_CONTENT_CHUNK, SMTP_SERVER_MORE);
    s->question = SMTP_SERVER_ASKED_BDAT;
    return go(s->state, SMTP_SERVER_DATA);
}

static struct step on_rset(struct smtp_server *s)
{
    struct step step = reset(s);
    reply(s, 250, 0, 0, "forgotten");
    return step;
}

static struct step on_noop(struct smtp_server *s)
{
    reply(s, 250, 0, 0, "OK");
    return stay(s);
}

static struct step on_help(struct smtp_server *s)
{
    reply(s, 214, 0, 0, "RFC 5321; every mail goes straight to its recipients' servers, 250 means delivered");
    return stay(s);
}

static struct step on_vrfy(struct smtp_server *s)
{
    reply(s, 252, 5, 0, "cannot verify; RCPT asks the recipient's own server");
    return stay(s);
}

static struct step on_not_here(struct smtp_server *s)
{
    return refuse(s, 502, 5, 1, "not implemented here");
}

static struct step on_quit(struct smtp_server *s)
{
    reply(s, 221, 0, 0, "goodbye");
    return go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
}

static struct step authenticated(struct smtp_server *s)
{
    s->authenticated = true;
    reply(s, 235, 7, 0, "welcome");
    return go(SMTP_SERVER_READY, SMTP_SERVER_MORE);
}

/* Base64 by its characters; "=" alone is the empty response (RFC 4954 section 4). */
static bool is_base64(struct span s)
{
    while (s.length > 0 && s.at[s.length - 1] == '=')
        s.length--;
    for (size_t i = 0; i < s.length; i++)
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '+' && s.at[i] != '/')
            return false;
    return true;
}

static struct step auth_cancelled(struct smtp_server *s, const char *why)
{
    refuse(s, 501, 5, 2, why);
    return go(SMTP_SERVER_READY, SMTP_SERVER_MORE);
}

/* RFC 4954. Programs that insist on a login get one: any name and password will do, none is kept.
 * The prompts must be exactly these; devices compare them octet by octet. */
static struct step on_auth(struct smtp_server *s)
{
    struct span initial = s->command.argument;
    struct span mechanism = span_cut(&initial, ' ');
    bool has_initial = span_trim(initial).length > 0;
    if (s->authenticated)
        return out_of_order(s, "already authenticated");
    if (!is_base64(span_trim(initial)))
        return auth_cancelled(s, "the response is not base64");
    if (span_equals_nocase(mechanism, SPAN("PLAIN"))) {
        if (has_initial)
            return authenticated(s);
        buf_append_text(&s->out, "334 \r\n");
        return go(SMTP_SERVER_AUTH_PLAIN, SMTP_SERVER_MORE);
    }
    if (span_equals_nocase(mechanism, SPAN("LOGIN"))) {
        buf_append_text(&s->out, has_initial ? "334 UGFzc3dvcmQ6\r\n" : "334 VXNlcm5hbWU6\r\n");
        return go(has_initial ? SMTP_SERVER_AUTH_PASSWORD : SMTP_SERVER_AUTH_USER, SMTP_SERVER_MORE);
    }
    return refuse(s, 504, 5, 4, "AUTH PLAIN or AUTH LOGIN");
}

/* A line of the AUTH dialogue, after a 334. */
static struct step on_auth_line(struct smtp_server *s, struct span line)
{
    if (span_equals(line, SPAN("*")))
        return auth_cancelled(s, "authentication cancelled");
    if (!is_base64(span_trim(line)))
        return auth_cancelled(s, "the response is not base64");
    if (s->state != SMTP_SERVER_AUTH_USER)
        return authenticated(s);
    buf_append_text(&s->out, "334 UGFzc3dvcmQ6\r\n");
    return go(SMTP_SERVER_AUTH_PASSWORD, SMTP_SERVER_MORE);
}

/* ---------------------------------------------------------------- commands */

#define IN(state) (1u << SMTP_SERVER_##state)
#define ANY (IN(HELLO) | IN(READY) | IN(ENVELOPE) | IN(CONTENT_BDAT))

static const struct {
    enum smtp_verb verb;
    unsigned states;
    struct step (*handle)(struct smtp_server *s);
    const char *otherwise; /* the text of 503 in any other state */
} commands[] = {
    {SMTP_VERB_EHLO, ANY, on_ehlo, ""},
    {SMTP_VERB_HELO, ANY, on_helo, ""},
    {SMTP_VERB_MAIL, IN(READY), on_mail, "EHLO first, and one MAIL at a time"},
    {SMTP_VERB_RCPT, IN(ENVELOPE), on_rcpt, "MAIL first"},
    {SMTP_VERB_DATA, IN(ENVELOPE), on_data, "MAIL and RCPT first"},
    {SMTP_VERB_BDAT, IN(ENVELOPE) | IN(CONTENT_BDAT), on_bdat, "MAIL and RCPT first"},
    {SMTP_VERB_RSET, ANY, on_rset, ""},
    {SMTP_VERB_NOOP, ANY, on_noop, ""},
    {SMTP_VERB_QUIT, ANY, on_quit, ""},
    {SMTP_VERB_HELP, ANY, on_help, ""},
    {SMTP_VERB_VRFY, ANY, on_vrfy, ""},
    {SMTP_VERB_EXPN, ANY, on_not_here, ""},
    {SMTP_VERB_STARTTLS, ANY, on_not_here, ""},
    {SMTP_VERB_AUTH, IN(READY), on_auth, "EHLO first, and no AUTH within a mail"},
};

static struct step dispatch(struct smtp_server *s)
{
    enum smtp_verb verb = s->command.verb;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].verb != verb)
            continue;
        if (commands[i].states & (1u << s->state))
            return commands[i].handle(s);
        if (verb == SMTP_VERB_BDAT)
            return refuse_chunk(s, 503, 5, 1, commands[i].otherwise);
        return out_of_order(s, commands[i].otherwise);
    }
    return refuse(s, 500, 5, 1, "command not recognised");
}

static struct step refuse_syntax(struct smtp_server *s, enum smtp_command_status status)
{
    bool known = s->command.verb != SMTP_VERB_UNKNOWN;
    switch (status) {
    case SMTP_COMMAND_SYNTAX:
        return refuse(s, 501, 5, 4, "syntax error in the command's arguments");
    case SMTP_COMMAND_BAD_OCTET:
        return refuse(s, known ? 501 : 500, 5, 2, "control characters in a command");
    case SMTP_COMMAND_BAD_SENDER:
        return refuse(s, 501, 1, 7, "the sender is not a mail address");
    case SMTP_COMMAND_BAD_RECIPIENT:
        return refuse(s, 501, 1, 3, "the recipient is not a mail address");
    case SMTP_COMMAND_NEEDS_UTF8:
        return refuse(s, 553, 6, 7, "an internationalised address needs SMTPUTF8");
    case SMTP_COMMAND_PARAMETER:
        return refuse(s, 555, 5, 4, "parameter not recognised");
    case SMTP_COMMAND_BDAT_SIZE: /* where the chunk ends cannot be known */
        refuse(s, 501, 5, 4, "the size of the chunk is no number below 2^31");
        return go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
    case SMTP_COMMAND_OK:
        break;
    }
    assert(!"a status that is no error");
    return stay(s);
}

static struct step on_command(struct smtp_server *s, struct span line)
{
    struct smtp_command command;
    enum smtp_command_status status = smtp_command_parse(line, s->smtputf8, &command);

    /* While RCPTs are open only further RCPTs may overtake their answers; the rest waits its turn. */
    if (s->question != SMTP_SERVER_NOTHING_ASKED &&
        (command.verb != SMTP_VERB_RCPT || s->rcpts_open == SMTP_SERVER_RCPTS_OPEN_MAX ||
         status != SMTP_COMMAND_OK || s->rcpts_asked == SMTP_SERVER_RCPTS_MAX)) {
        return smtp_line_unread(&s->line, line) ? go(s->state, SMTP_SERVER_WAIT) : shut(s, 3, 0, "out of memory");
    }
    s->command = command;
    if (command.verb == SMTP_VERB_FOREIGN)
        return go(SMTP_SERVER_CLOSED, SMTP_SERVER_FOREIGN);
    if (line.length > SMTP_SERVER_LINE_MAX && command.verb != SMTP_VERB_AUTH)
        return refuse(s, 500, 5, 2, "line too long");
    if (status != SMTP_COMMAND_OK)
        return refuse_syntax(s, status);
    return dispatch(s);
}

static struct step on_line(struct smtp_server *s, struct span *input)
{
    bool in_auth = s->state == SMTP_SERVER_AUTH_PLAIN || s->state == SMTP_SERVER_AUTH_USER ||
                   s->state == SMTP_SERVER_AUTH_PASSWORD;
    struct span line;
    switch (smtp_line_next(&s->line, input, &line)) {
    case SMTP_LINE_MORE:
        return stay(s);
    case SMTP_LINE_TOO_LONG:
        refuse(s, 500, 5, 2, "line too long");
        return go(in_auth ? SMTP_SERVER_READY : s->state, SMTP_SERVER_MORE);
    case SMTP_LINE_NO_MEMORY:
        return shut(s, 3, 0, "out of memory");
    case SMTP_LINE_READY:
        break;
    }
    struct step step = in_auth ? on_auth_line(s, line) : on_command(s, line);

    /* Whoever sends a body right behind a DATA that is then refused would see it read as commands. */
    bool data_refused = !in_auth && s->command.verb == SMTP_VERB_DATA && step.event == SMTP_SERVER_MORE;
    if (data_refused && input->length > 0)
        return go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
    if (s->errors > SMTP_SERVER_ERRORS_MAX && step.event == SMTP_SERVER_MORE)
        return shut(s, 7, 0, "too many errors");
    return step;
}

/* ---------------------------------------------------------------- content */

static struct step content_ends(struct smtp_server *s)
{
    s->question = SMTP_SERVER_ASKED_END;
    return go(SMTP_SERVER_READY, SMTP_SERVER_END);
}

static struct step on_data_octets(struct smtp_server *s, struct span *input)
{
    switch (smtp_data_decode(&s->decoder, input, &s->content)) {
    case SMTP_DATA_PIECE:
        return go(s->state, s->discarding ? SMTP_SERVER_MORE : SMTP_SERVER_CONTENT);
    case SMTP_DATA_END:
        return content_ends(s);
    case SMTP_DATA_MORE:
        break;
    }
    return stay(s);
}

/* A CR at the very end of the last chunk still becomes a CRLF: one more piece before the END. */
static struct step chunk_ends(struct smtp_server *s)
{
    if (s->chunk_last) {
        s->content = smtp_data_decode_end(&s->decoder);
        if (s->content.length > 0 && !s->discarding)
            return go(s->state, SMTP_SERVER_CONTENT);
        return content_ends(s);
    }
    reply(s, 250, 0, 0, "chunk received");
    return go(SMTP_SERVER_CONTENT_BDAT, SMTP_SERVER_MORE);
}

static struct step on_chunk(struct smtp_server *s, struct span *input)
{
    if (s->chunk_left_bytes == 0)
        return chunk_ends(s);
    struct span chunk = span_first(*input, s->chunk_left_bytes > input->length ? input->length
                                                                              : (size_t)s->chunk_left_bytes);
    size_t before = chunk.length;
    enum smtp_data_status status = smtp_data_decode(&s->decoder, &chunk, &s->content);
    size_t used = before - chunk.length;
    *input = span_skip(*input, used);
    s->chunk_left_bytes -= used;
    if (status == SMTP_DATA_PIECE && !s->discarding)
        return go(s->state, SMTP_SERVER_CONTENT);
    return stay(s);
}

static struct step on_swallow(struct smtp_server *s, struct span *input)
{
    uint64_t count = s->chunk_left_bytes < input->length ? s->chunk_left_bytes : input->length;
    *input = span_skip(*input, (size_t)count);
    s->chunk_left_bytes -= count;
    if (s->chunk_left_bytes > 0)
        return stay(s);
    buf_append_span(&s->out, buf_span(&s->refusal));
    buf_clear(&s->refusal);
    return go(s->after_swallow, SMTP_SERVER_MORE);
}

/* ---------------------------------------------------------------- answers */

static enum smtp_server_state answer_mail(struct smtp_server *s, const struct outcome *verdict)
{
    if (verdict->kind == OUTCOME_ACCEPTED) {
        reply(s, 250, 1, 0, "sender noted");
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
    return must_close ? SMTP_SERVER_CLOSED : SMTP_SERVER_READY;
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
        enter(s, go(answer_mail(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_RCPT:
        enter(s, go(answer_rcpt(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_DATA:
        enter(s, go(answer_data(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_BDAT:
        enter(s, go(answer_bdat(s, verdict), SMTP_SERVER_MORE));
        return;
    case SMTP_SERVER_ASKED_END:
        enter(s, go(answer_end(s, verdict), SMTP_SERVER_MORE));
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
        return stay(s);
    case SMTP_SERVER_HELLO:
    case SMTP_SERVER_READY:
    case SMTP_SERVER_ENVELOPE:
    case SMTP_SERVER_CONTENT_BDAT:
    case SMTP_SERVER_AUTH_PLAIN:
    case SMTP_SERVER_AUTH_USER:
    case SMTP_SERVER_AUTH_PASSWORD:
        return on_line(s, input);
    }
    return stay(s);
}

/* Is there anything to do without more input? */
static bool owes_step(const struct smtp_server *s)
{
    bool chunk_over = s->state == SMTP_SERVER_CONTENT_CHUNK || s->state == SMTP_SERVER_SWALLOW_CHUNK;
    return s->line.again || (chunk_over && s->chunk_left_bytes == 0);
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
