/* SPDX-License-Identifier: MIT */
/*
 * The commands of the receiving machine. They go through one table {verb, states allowed, handler}; a pair
 * that is not listed is 503 in one line. A handler judges the command, writes its reply and returns a step.
 */

#include "server_parts.h"

#include <assert.h>

/* ---------------------------------------------------------------- handlers */

static struct step out_of_order(struct smtp_server *s, const char *text)
{
    return server_refuse(s, 503, 5, 1, text);
}

static struct step on_helo(struct smtp_server *s)
{
    struct step step = server_reset(s);
    s->extended = false;
    buf_append_text(&s->out, "250 localhost\r\n");
    return server_go(SMTP_SERVER_READY, step.event);
}

static struct step on_ehlo(struct smtp_server *s)
{
    struct step step = server_reset(s);
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
    return server_go(SMTP_SERVER_READY, step.event);
}

static struct step on_mail(struct smtp_server *s)
{
    const struct smtp_mail *mail = &s->command.u.mail;
    if (s->max_size_bytes > 0 && mail->has_size && mail->size_bytes > s->max_size_bytes)
        return server_refuse(s, 552, 3, 4, "the message is larger than this relay takes");
    s->smtputf8 = mail->smtputf8;
    s->question = SMTP_SERVER_ASKED_MAIL;
    return server_go(s->state, SMTP_SERVER_MAIL);
}

static struct step on_rcpt(struct smtp_server *s)
{
    if (s->rcpts_asked == SMTP_SERVER_RCPTS_MAX) {
        /* No error: who names them all must not lose the mail for it. */
        server_reply(s, 452, 5, 3, "too many recipients; send the rest in another mail");
        return server_stay(s);
    }
    s->rcpts_asked++;
    s->rcpts_open++;
    s->question = SMTP_SERVER_ASKED_RCPT;
    return server_go(s->state, SMTP_SERVER_RCPT);
}

static struct step on_data(struct smtp_server *s)
{
    if (s->rcpts_accepted == 0)
        return server_refuse(s, 554, 5, 1, "no valid recipients");
    s->question = SMTP_SERVER_ASKED_DATA;
    return server_go(s->state, SMTP_SERVER_DATA);
}

/* A refused BDAT is followed by its octets all the same, and answered behind them (RFC 3030 section 2). */
static struct step refuse_chunk(struct smtp_server *s, int code, int subject, int detail, const char *text)
{
    smtp_reply_write(&s->refusal, code, subject, detail, span_of(text));
    s->errors++;
    s->chunk_left_bytes = s->command.u.bdat.size_bytes;
    s->after_swallow = s->state;
    return server_go(SMTP_SERVER_SWALLOW_CHUNK, SMTP_SERVER_MORE);
}

static struct step on_bdat(struct smtp_server *s)
{
    if (s->state != SMTP_SERVER_CONTENT_BDAT && s->rcpts_accepted == 0)
        return refuse_chunk(s, 554, 5, 1, "no valid recipients");
    s->chunk_left_bytes = s->command.u.bdat.size_bytes;
    s->chunk_last = s->command.u.bdat.last;
    if (s->state == SMTP_SERVER_CONTENT_BDAT)
        return server_go(SMTP_SERVER_CONTENT_CHUNK, SMTP_SERVER_MORE);
    s->question = SMTP_SERVER_ASKED_BDAT;
    return server_go(s->state, SMTP_SERVER_DATA);
}

static struct step on_rset(struct smtp_server *s)
{
    struct step step = server_reset(s);
    server_reply(s, 250, 0, 0, "forgotten");
    return step;
}

static struct step on_noop(struct smtp_server *s)
{
    server_reply(s, 250, 0, 0, "OK");
    return server_stay(s);
}

static struct step on_help(struct smtp_server *s)
{
    server_reply(s, 214, 0, 0,
                 "RFC 5321; every mail goes straight to its recipients' servers, 250 means delivered");
    return server_stay(s);
}

static struct step on_vrfy(struct smtp_server *s)
{
    server_reply(s, 252, 5, 0, "cannot verify; RCPT asks the recipient's own server");
    return server_stay(s);
}

static struct step on_not_here(struct smtp_server *s)
{
    return server_refuse(s, 502, 5, 1, "not implemented here");
}

/* Programs that insist say it unasked, and show the person these words. */
static struct step on_starttls(struct smtp_server *s)
{
    return server_refuse(
        s, 502, 5, 1,
        "no TLS here, the mail does not leave this computer yet: choose no encryption in the "
        "program's settings");
}

static struct step on_quit(struct smtp_server *s)
{
    server_reply(s, 221, 0, 0, "goodbye");
    return server_go(SMTP_SERVER_CLOSED, SMTP_SERVER_CLOSE);
}

static struct step authenticated(struct smtp_server *s)
{
    s->authenticated = true;
    server_reply(s, 235, 7, 0, "welcome");
    return server_go(SMTP_SERVER_READY, SMTP_SERVER_MORE);
}

/* Can it be decoded? Only then it is a response; "=" alone is the empty one (RFC 4954 section 4). That the end is not
 * filled up is forgiven. */
static bool is_base64(struct span s)
{
    size_t length = s.length;
    while (s.length > 0 && s.at[s.length - 1] == '=')
        s.length--;
    for (size_t i = 0; i < s.length; i++)
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '+' && s.at[i] != '/')
            return false;
    return length - s.length <= 2 && s.length % 4 != 1;
}

static struct step auth_cancelled(struct smtp_server *s, const char *why)
{
    server_refuse(s, 501, 5, 2, why);
    return server_go(SMTP_SERVER_READY, SMTP_SERVER_MORE);
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
        return server_go(SMTP_SERVER_AUTH_PLAIN, SMTP_SERVER_MORE);
    }
    if (span_equals_nocase(mechanism, SPAN("LOGIN"))) {
        buf_append_text(&s->out, has_initial ? "334 UGFzc3dvcmQ6\r\n" : "334 VXNlcm5hbWU6\r\n");
        return server_go(has_initial ? SMTP_SERVER_AUTH_PASSWORD : SMTP_SERVER_AUTH_USER, SMTP_SERVER_MORE);
    }
    return server_refuse(s, 504, 5, 4, "AUTH PLAIN or AUTH LOGIN");
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
    return server_go(SMTP_SERVER_AUTH_PASSWORD, SMTP_SERVER_MORE);
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
    {SMTP_VERB_STARTTLS, ANY, on_starttls, ""},
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
    return server_refuse(s, 500, 5, 1, "command not recognised");
}

static struct step refuse_syntax(struct smtp_server *s, enum smtp_command_status status)
{
    bool known = s->command.verb != SMTP_VERB_UNKNOWN;
    switch (status) {
    case SMTP_COMMAND_SYNTAX:
        return server_refuse(s, 501, 5, 4, "syntax error in the command's arguments");
    case SMTP_COMMAND_BAD_OCTET:
        return server_refuse(s, known ? 501 : 500, 5, 2,
                             "control characters in a command, or 8-bit ones that are no UTF-8");
    case SMTP_COMMAND_BAD_SENDER:
        return server_refuse(s, 501, 1, 7, "the sender is not a mail address, or too long for one");
    case SMTP_COMMAND_BAD_RECIPIENT:
        return server_refuse(s, 501, 1, 3, "the recipient is not a mail address, or too long for one");
    case SMTP_COMMAND_NEEDS_UTF8:
        return server_refuse(s, 553, 6, 7, "an internationalised address needs SMTPUTF8");
    case SMTP_COMMAND_PARAMETER:
        return server_refuse(s, 555, 5, 4, "parameter not recognised");
    case SMTP_COMMAND_BDAT_SIZE: /* where the chunk ends cannot be known */
        server_refuse(s, 501, 5, 4, "the size of the chunk is no number below 2^31");
        return server_shut(s, 5, 0, "closing: what follows cannot be told from commands");
    case SMTP_COMMAND_OK:
        break;
    }
    assert(!"a status that is no error");
    return server_stay(s);
}

static struct step on_command(struct smtp_server *s, struct span line)
{
    struct smtp_command command;
    enum smtp_command_status status = smtp_command_parse(line, s->smtputf8, &command);
    bool too_long = line.length > SMTP_SERVER_LINE_MAX && command.verb != SMTP_VERB_AUTH;

    /* While RCPTs are open only further RCPTs may overtake their answers; the rest waits its turn. */
    if (s->question != SMTP_SERVER_NOTHING_ASKED &&
        (command.verb != SMTP_VERB_RCPT || s->rcpts_open == SMTP_SERVER_RCPTS_OPEN_MAX ||
         status != SMTP_COMMAND_OK || too_long || s->rcpts_asked == SMTP_SERVER_RCPTS_MAX)) {
        return smtp_line_unread(&s->line, line) ? server_go(s->state, SMTP_SERVER_WAIT)
                                                : server_shut(s, 3, 0, "out of memory");
    }
    s->command = command;
    if (s->state == SMTP_SERVER_REFUSED)
        return command.verb == SMTP_VERB_QUIT ? on_quit(s) : out_of_order(s, "not for you; only QUIT");
    if (command.verb == SMTP_VERB_FOREIGN)
        return server_go(SMTP_SERVER_CLOSED, SMTP_SERVER_FOREIGN);
    if (too_long)
        return server_refuse(s, 500, 5, 2, "line too long");
    if (status != SMTP_COMMAND_OK)
        return refuse_syntax(s, status);
    return dispatch(s);
}

static bool is_in_auth(const struct smtp_server *s)
{
    return s->state == SMTP_SERVER_AUTH_PLAIN || s->state == SMTP_SERVER_AUTH_USER ||
           s->state == SMTP_SERVER_AUTH_PASSWORD;
}

/* A line that was read over. Its answer, too, waits for those to the RCPTs before it. */
static struct step on_overlong_line(struct smtp_server *s)
{
    s->overlong_waits = s->question != SMTP_SERVER_NOTHING_ASKED;
    if (s->overlong_waits)
        return server_go(s->state, SMTP_SERVER_WAIT);
    server_refuse(s, 500, 5, is_in_auth(s) ? 6 : 2, "line too long"); /* 5.5.6: RFC 4954 section 6 */
    return server_go(is_in_auth(s) ? SMTP_SERVER_READY : s->state, SMTP_SERVER_MORE);
}

struct step server_on_line(struct smtp_server *s, struct span *input)
{
    bool in_auth = is_in_auth(s);
    struct span line;
    if (s->overlong_waits)
        return on_overlong_line(s);
    switch (smtp_line_next(&s->line, input, &line)) {
    case SMTP_LINE_MORE:
        return server_stay(s);
    case SMTP_LINE_TOO_LONG:
        return on_overlong_line(s);
    case SMTP_LINE_NO_MEMORY:
        return server_shut(s, 3, 0, "out of memory");
    case SMTP_LINE_READY:
        break;
    }
    struct step step = in_auth ? on_auth_line(s, line) : on_command(s, line);

    /* Whoever sends a body right behind a DATA that is then refused would see it read as commands. */
    bool data_refused = !in_auth && s->command.verb == SMTP_VERB_DATA && step.event == SMTP_SERVER_MORE &&
                        step.next != SMTP_SERVER_REFUSED;
    if (data_refused && input->length > 0)
        return server_shut_out_early_content(s);
    if (s->errors > SMTP_SERVER_ERRORS_MAX && step.event == SMTP_SERVER_MORE)
        return server_shut(s, 7, 0, "too many errors");
    return step;
}
