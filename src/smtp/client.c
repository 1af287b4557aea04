/* SPDX-License-Identifier: MIT */
/*
 * The sending machine. What is on the wire is a queue of "replies awaited"; a reply is judged by the
 * head of that queue and becomes one event. Content is the exception: it is no command, and a reply
 * that comes in its middle is a server giving up.
 */

#include "smtp/client.h"

#include "smtp/dsn.h"
#include "smtp/server.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define OUT_CEILING (1024 * 1024)

void smtp_client_init(struct smtp_client *c, const char *hostname, uint32_t instance)
{
    *c = (struct smtp_client){
        .instance = instance, .wait = {SMTP_CLIENT_WAIT_GREETING}, .wait_count = 1, .honest = UINT_MAX};
    buf_init(&c->out, OUT_CEILING);
    smtp_reply_reader_init(&c->in);
    span_copy(span_of(hostname), c->hostname, sizeof c->hostname);
}

void smtp_client_clear(struct smtp_client *c)
{
    buf_clear(&c->out);
    smtp_reply_reader_clear(&c->in);
}

/* ---------------------------------------------------------------- the queue of awaited replies */

static void await(struct smtp_client *c, enum smtp_client_wait wait)
{
    assert(c->wait_count < SMTP_CLIENT_WINDOW);
    c->wait[(c->wait_first + c->wait_count++) % SMTP_CLIENT_WINDOW] = wait;
}

static enum smtp_client_wait take_awaited(struct smtp_client *c)
{
    enum smtp_client_wait wait = c->wait[c->wait_first];
    c->wait_first = (c->wait_first + 1) % SMTP_CLIENT_WINDOW;
    c->wait_count--;
    return wait;
}

bool smtp_client_idle(const struct smtp_client *c)
{
    return c->wait_count == 0 && !c->in_content && !c->broken;
}

enum smtp_client_wait smtp_client_waits_for(const struct smtp_client *c)
{
    assert(c->wait_count > 0);
    return c->wait[c->wait_first];
}

bool smtp_client_was_refused(const struct smtp_client *c)
{
    bool hello = c->wait_count == 1 && smtp_client_waits_for(c) == SMTP_CLIENT_WAIT_HELO;
    return hello && c->in.reply.code > 504; /* 500 to 504: a command or its argument is not known */
}

/* DATA and STARTTLS are the last of their group (RFC 2920 section 3.1, RFC 3207 section 4). */
static bool in_last_of_group(const struct smtp_client *c)
{
    unsigned last = (c->wait_first + c->wait_count + SMTP_CLIENT_WINDOW - 1) % SMTP_CLIENT_WINDOW;
    return c->wait_count > 0 &&
           (c->wait[last] == SMTP_CLIENT_WAIT_DATA || c->wait[last] == SMTP_CLIENT_WAIT_STARTTLS);
}

bool smtp_client_may_send(const struct smtp_client *c)
{
    bool in_lines = c->in_content && !c->chunked; /* what follows 354 is content */
    return !c->broken && !in_last_of_group(c) && !in_lines &&
           c->wait_count < (c->server.pipelining ? SMTP_CLIENT_WINDOW : 1u);
}

/* ---------------------------------------------------------------- what the server can */

static void note_ability(struct smtp_server_abilities *a, struct span keyword_line)
{
    struct span value = keyword_line;
    struct span keyword = span_cut(&value, ' ');
    const struct {
        struct span name;
        bool *flag;
    } known[] = {
        {SPAN("PIPELINING"), &a->pipelining},
        {SPAN("8BITMIME"), &a->eight_bit_mime},
        {SPAN("SMTPUTF8"), &a->smtputf8},
        {SPAN("CHUNKING"), &a->chunking},
        {SPAN("DSN"), &a->dsn},
        {SPAN("STARTTLS"), &a->starttls},
        {SPAN("SIZE"), &a->has_size},
        {SPAN("ENHANCEDSTATUSCODES"), &a->enhanced_status_codes},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_equals_nocase(keyword, known[i].name))
            *known[i].flag = true;
    if (span_equals_nocase(keyword, SPAN("SIZE")))
        span_to_number(span_trim(value), UINT64_MAX, &a->size_bytes);
}

/* ---------------------------------------------------------------- replies */

static enum smtp_client_event broken(struct smtp_client *c)
{
    c->broken = true;
    return SMTP_CLIENT_BROKEN;
}

static bool positive(const struct smtp_client *c)
{
    return c->in.reply.code < 300;
}

static void say_hello(struct smtp_client *c, const char *verb, enum smtp_client_wait wait)
{
    buf_printf(&c->out, "%s %s\r\n", verb, c->hostname);
    await(c, wait);
}

static enum smtp_client_event on_greeting(struct smtp_client *c)
{
    c->greeting_is_ours = smtp_server_is_own_greeting(span_of(c->in.reply.words), c->instance);
    if (!positive(c) || c->greeting_is_ours)
        return SMTP_CLIENT_REFUSED;
    say_hello(c, "EHLO", SMTP_CLIENT_WAIT_EHLO);
    return SMTP_CLIENT_MORE;
}

static enum smtp_client_event on_ehlo(struct smtp_client *c)
{
    c->server.esmtp = positive(c);
    if (positive(c) && c->wants_tls && c->server.starttls && !c->secured) {
        buf_append_text(&c->out, "STARTTLS\r\n");
        await(c, SMTP_CLIENT_WAIT_STARTTLS);
        return SMTP_CLIENT_MORE;
    }
    if (positive(c))
        return SMTP_CLIENT_READY;
    c->server = (struct smtp_server_abilities){.esmtp = false};
    if (c->in.reply.code < 500)
        return SMTP_CLIENT_REFUSED;
    say_hello(c, "HELO", SMTP_CLIENT_WAIT_HELO); /* RFC 5321 section 3.2 */
    return SMTP_CLIENT_MORE;
}

static enum smtp_client_event on_starttls(struct smtp_client *c, struct span more, bool all_sent)
{
    if (c->in.reply.code == 220 && more.length == 0 && all_sent)
        return SMTP_CLIENT_STARTTLS;
    c->broken = positive(c) || more.length > 0 || !all_sent;
    return SMTP_CLIENT_NO_TLS;
}

void smtp_client_secured(struct smtp_client *c)
{
    assert(smtp_client_idle(c) && !c->secured);
    c->secured = true;
    c->server = (struct smtp_server_abilities){.esmtp = false};
    say_hello(c, "EHLO", SMTP_CLIENT_WAIT_EHLO);
}

static enum smtp_client_event on_data(struct smtp_client *c)
{
    if (positive(c))
        return broken(c); /* 250 to DATA: whatever that is, no mail goes there */
    c->in_content = c->in.reply.code == 354;
    return SMTP_CLIENT_DATA;
}

/* A reply while content is going out, or to a chunk: only bad news counts as a verdict then. */
static enum smtp_client_event on_premature(struct smtp_client *c)
{
    c->broken = true;
    c->in_content = false;
    return positive(c) || c->in.reply.code < 400 ? SMTP_CLIENT_BROKEN : SMTP_CLIENT_FINAL;
}

static enum smtp_client_event on_chunk(struct smtp_client *c)
{
    return positive(c) ? SMTP_CLIENT_MORE : on_premature(c);
}

static enum smtp_client_event on_final(struct smtp_client *c, bool all_sent)
{
    if (positive(c) && !all_sent)
        return broken(c);
    return SMTP_CLIENT_FINAL;
}

void smtp_client_read_begins(struct smtp_client *c)
{
    c->honest = c->wait_count;
}

static enum smtp_client_event on_reply(struct smtp_client *c, struct span more, bool all_sent)
{
    if (c->wait_count > 0 && c->honest == 0)
        return broken(c);
    if (c->honest > 0 && c->honest < UINT_MAX)
        c->honest--;
    if (c->wait_count == 0) {
        if (c->in_content)
            return on_premature(c);
        c->broken = true;
        return c->in.reply.code == 421 ? SMTP_CLIENT_LEAVING : SMTP_CLIENT_BROKEN;
    }
    switch (take_awaited(c)) {
    case SMTP_CLIENT_WAIT_GREETING:
        return on_greeting(c);
    case SMTP_CLIENT_WAIT_EHLO:
        return on_ehlo(c);
    case SMTP_CLIENT_WAIT_HELO:
        return positive(c) ? SMTP_CLIENT_READY : SMTP_CLIENT_REFUSED;
    case SMTP_CLIENT_WAIT_STARTTLS:
        return on_starttls(c, more, all_sent);
    case SMTP_CLIENT_WAIT_MAIL:
        return SMTP_CLIENT_MAIL;
    case SMTP_CLIENT_WAIT_RCPT:
        return SMTP_CLIENT_RCPT;
    case SMTP_CLIENT_WAIT_DATA:
        return on_data(c);
    case SMTP_CLIENT_WAIT_CHUNK:
        return on_chunk(c);
    case SMTP_CLIENT_WAIT_FINAL:
        return on_final(c, all_sent);
    case SMTP_CLIENT_WAIT_RSET:
        return SMTP_CLIENT_RSET;
    case SMTP_CLIENT_WAIT_QUIT:
        return SMTP_CLIENT_QUIT;
    }
    return broken(c);
}

enum smtp_client_event smtp_client_feed(struct smtp_client *c, struct span *input, bool all_sent)
{
    while (input->length > 0 && !c->broken) {
        struct span text;
        enum smtp_reply_status status = smtp_reply_next(&c->in, input, &text);
        if (status == SMTP_REPLY_MORE)
            break;
        if (status == SMTP_REPLY_GARBAGE)
            return broken(c);
        bool ehlo = c->wait_count > 0 && smtp_client_waits_for(c) == SMTP_CLIENT_WAIT_EHLO;
        if (ehlo && !c->in.first) /* the first line names the server */
            note_ability(&c->server, text);
        if (status == SMTP_REPLY_LINE)
            continue;
        enum smtp_client_event event = on_reply(c, *input, all_sent);
        if (event != SMTP_CLIENT_MORE)
            return event;
    }
    return SMTP_CLIENT_MORE;
}

/* ---------------------------------------------------------------- commands */

static void append_path(struct buf *out, const char *begin, const struct smtp_address *path)
{
    buf_append_text(out, begin);
    smtp_address_say(path, out);
    buf_append_text(out, ">");
}

void smtp_client_mail(struct smtp_client *c, const struct smtp_mail *mail)
{
    assert(smtp_client_may_send(c));
    append_path(&c->out, "MAIL FROM:<", &mail->reverse_path);
    if (c->server.has_size && mail->has_size)
        buf_printf(&c->out, " SIZE=%llu", (unsigned long long)mail->size_bytes);
    /* Clients that send 8-bit content often forget to say so; 7-bit content suffers nothing from it. */
    if (c->server.eight_bit_mime)
        buf_append_text(&c->out, mail->body == SMTP_BODY_7BIT ? " BODY=7BIT" : " BODY=8BITMIME");
    if (c->server.smtputf8 && mail->smtputf8)
        buf_append_text(&c->out, " SMTPUTF8");
    if (c->server.dsn && mail->ret != SMTP_RET_UNSTATED)
        buf_append_text(&c->out, mail->ret == SMTP_RET_FULL ? " RET=FULL" : " RET=HDRS");
    if (c->server.dsn && mail->envid[0])
        buf_printf(&c->out, " ENVID=%s", mail->envid);
    buf_append_text(&c->out, "\r\n");
    await(c, SMTP_CLIENT_WAIT_MAIL);
}

static void append_notify(struct buf *out, unsigned notify)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {
        {SMTP_NOTIFY_NEVER, "NEVER"},
        {SMTP_NOTIFY_SUCCESS, "SUCCESS"},
        {SMTP_NOTIFY_FAILURE, "FAILURE"},
        {SMTP_NOTIFY_DELAY, "DELAY"},
    };
    const char *before = " NOTIFY=";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!(notify & words[i].bit))
            continue;
        buf_printf(out, "%s%s", before, words[i].word);
        before = ",";
    }
}

/* As it came (RFC 3461 section 5.2.1 (d)), or in 7 bits where the server wants that (RFC 6533 section 3). */
static void append_orcpt(struct smtp_client *c, struct span orcpt)
{
    buf_append_text(&c->out, " ORCPT=");
    if (c->server.smtputf8 || !span_is_utf8(orcpt))
        buf_append_span(&c->out, orcpt);
    else
        smtp_dsn_put_7bit(&c->out, orcpt);
}

void smtp_client_rcpt(struct smtp_client *c, const struct smtp_rcpt *rcpt)
{
    assert(smtp_client_may_send(c));
    append_path(&c->out, "RCPT TO:<", &rcpt->forward_path);
    if (c->server.dsn) {
        append_notify(&c->out, rcpt->notify);
        if (rcpt->orcpt[0])
            append_orcpt(c, span_of(rcpt->orcpt));
    }
    buf_append_text(&c->out, "\r\n");
    await(c, SMTP_CLIENT_WAIT_RCPT);
}

void smtp_client_reset(struct smtp_client *c)
{
    assert(smtp_client_may_send(c));
    buf_append_text(&c->out, "RSET\r\n");
    await(c, SMTP_CLIENT_WAIT_RSET);
}

void smtp_client_quit(struct smtp_client *c)
{
    assert(smtp_client_may_send(c));
    buf_append_text(&c->out, "QUIT\r\n");
    await(c, SMTP_CLIENT_WAIT_QUIT);
}

bool smtp_client_begin(struct smtp_client *c)
{
    assert(smtp_client_may_send(c));
    smtp_data_encoder_init(&c->encoder);
    c->chunked = c->server.chunking && c->server.pipelining;
    c->in_content = c->chunked;
    if (c->chunked)
        return true;
    buf_append_text(&c->out, "DATA\r\n");
    await(c, SMTP_CLIENT_WAIT_DATA);
    return false;
}

void smtp_client_content(struct smtp_client *c, struct span content, bool last)
{
    assert(c->in_content);
    if (c->chunked) {
        assert(smtp_client_may_send(c));
        buf_printf(&c->out, "BDAT %zu%s\r\n", content.length, last ? " LAST" : "");
        buf_append_span(&c->out, content);
        await(c, last ? SMTP_CLIENT_WAIT_FINAL : SMTP_CLIENT_WAIT_CHUNK);
    } else {
        smtp_data_encode(&c->encoder, content, &c->out);
        if (last) {
            smtp_data_encode_end(&c->encoder, &c->out);
            await(c, SMTP_CLIENT_WAIT_FINAL);
        }
    }
    if (last)
        c->in_content = false;
}
