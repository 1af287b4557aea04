/* SPDX-License-Identifier: MIT */
/* Replies: each must answer the command that has waited longest, and the contract is judged by them. */

#include "sender_parts.h"

#include <stdio.h>
#include <string.h>

static enum sender_step take_awaited(struct sender *s, unsigned *recipient)
{
    enum sender_step step = s->awaited[0].step;
    *recipient = s->awaited[0].recipient;
    memmove(&s->awaited[0], &s->awaited[1], --s->awaited_count * sizeof s->awaited[0]);
    return step;
}

static void on_verdict(struct sender *s, int code, const char *text)
{
    struct attempt *a = s->attempt;
    if (!a || a->final_code != 0) {
        if (code < 300)
            world_broken("sender %u: %d after the mail was refused", s->number, code);
        return;
    }
    ledger_note_told(a, code, text, s->end->put_step);
}

static void on_rcpt(struct sender *s, unsigned recipient, int code, const char *text)
{
    const char *named = strstr(text, "<m");
    char own[40];
    if (!s->attempt)
        return; /* of a mail it has thought better of */
    snprintf(own, sizeof own, "<%s>", s->attempt->mail->recipients[recipient]);
    if (named && strncmp(named, own, strlen(own)) != 0)
        world_broken("sender %u: the reply for %s is another's: %s", s->number, own, text);
    s->attempt->rcpt_code[recipient] = code;
}

static void on_data(struct sender *s, int code, const char *text)
{
    if (code != 354) {
        on_verdict(s, code, text);
        return;
    }
    if (!sender_any_taken(s->attempt))
        world_broken("sender %u: 354, and nobody was taken", s->number);
    if (!s->silenced)
        sender_say_lines(s);
}

/* Is this code an answer to that? */
static bool answers(enum sender_step step, int code)
{
    switch (step) {
    case GREETING:
        return code == 220;
    case HELLO:
    case RSET:
        return code == 250;
    case QUIT:
        return code == 221;
    case MAIL:
    case RCPT:
    case CHUNK:
    case LAST:
        return code == 250 || (code >= 400 && code < 600);
    case DATA:
        return code == 354 || (code >= 400 && code < 600);
    }
    return false;
}

static void on_leaving(struct sender *s, const char *text)
{
    bool final = false;
    for (unsigned i = 0; i < s->awaited_count; i++)
        final = final || s->awaited[i].step == LAST;
    s->leaving = true;
    if (final && s->attempt && s->attempt->final_code == 0)
        ledger_note_told(s->attempt, 421, text, s->end->put_step);
    s->awaited_count = 0;
    wire_finish(s->end);
}

static void on_reply(struct sender *s, int code, const char *text)
{
    unsigned recipient;
    world_tell("sender %u < %s", s->number, text);
    if (world.kind && code >= 400)
        world_broken("sender %u is refused something, and nothing has gone wrong (5.1, 5.4): %s", s->number,
                     text);
    if (code == 421) {
        on_leaving(s, text);
        return;
    }
    if (s->awaited_count == 0)
        world_broken("sender %u: a reply to nothing: %s", s->number, text);
    enum sender_step step = take_awaited(s, &recipient);
    if (!answers(step, code))
        world_broken("sender %u: no answer to %s: %s", s->number, sender_step_names[step], text);
    switch (step) {
    case GREETING:
        if (!s->silenced)
            sender_say(s, HELLO, 0, "EHLO sender%u.test", s->number);
        break;
    case HELLO:
        s->greeted = true;
        break;
    case MAIL:
        break;
    case RCPT:
        on_rcpt(s, recipient, code, text);
        break;
    case DATA:
        on_data(s, code, text);
        break;
    case CHUNK:
        if (code >= 300)
            on_verdict(s, code, text);
        break;
    case LAST:
        on_verdict(s, code, text);
        break;
    case RSET:
        break;
    case QUIT:
        s->leaving = true;
        break;
    }
    if (s->attempt && s->attempt->final_code != 0 && s->awaited_count == 0)
        sender_judge_attempt(s);
    if (s->end && s->awaited_count == 0 && world_chance(s->slow, 1000))
        sender_pause(s, world_below(world_chance(1, 6) ? 400000 : 5000));
}

static void on_line(struct sender *s, struct span line)
{
    char text[1200];
    uint64_t code;
    span_copy(line, text, sizeof text);
    bool fits = line.length >= 4 && span_to_number(span_first(line, 3), 599, &code) && code >= 200 &&
                (text[3] == ' ' || text[3] == '-');
    if (!fits || (s->code != 0 && s->code != (int)code))
        world_broken("sender %u: that is no reply: %s", s->number, text);
    s->code = text[3] == '-' ? (int)code : 0;
    if (s->code == 0)
        on_reply(s, (int)code, text);
}

static void on_came(struct wire_end *end, struct span bytes)
{
    struct sender *s = end->owner;
    buf_append_span(&s->in, bytes);
    while (s->end && s->in.length > 0) {
        struct span in = buf_span(&s->in);
        size_t length = span_find(in, '\n');
        if (length == in.length)
            break;
        struct buf line;
        buf_init(&line, SIZE_MAX / 2);
        buf_append(&line, in.at, length > 0 ? length - 1 : 0);
        buf_consume(&s->in, length + 1);
        on_line(s, buf_span(&line));
        buf_clear(&line);
    }
    if (s->end && world_chance(s->slow, 4000)) {
        s->end->paused = true;
        sender_pause(s, world_below(100000));
    }
    sender_go_on(s);
}

static void on_ended(struct wire_end *end, bool broken)
{
    struct sender *s = end->owner;
    /* Who reads too slowly may lose the last word (it has client_parting_ms), and who is out of memory has none. */
    bool excused = broken || s->silenced || s->leaving || s->slow > 0 || world.stalling > 0 ||
                   world.jumping > 0 || world.no_memory > 0 || world.failing > 0;
    world_tell("sender %u: the relay has closed", s->number);
    if (s->awaited_count > 0 && !excused)
        world_broken("sender %u: closed without a word while the answer to %s is awaited", s->number,
                     sender_step_names[s->awaited[0].step]);
    wire_close(end);
    sender_off(s);
    sender_go_on(s);
}

const struct wire_calls sender_calls = {.came = on_came, .ended = on_ended};
