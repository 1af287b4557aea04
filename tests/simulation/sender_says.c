/* SPDX-License-Identifier: MIT */
/* Commands and content. */

#include "sender_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONG_MAIL 180000 /* octets; the relay's window, less the room that must be left in it */

void sender_await(struct sender *s, enum sender_step step, unsigned recipient)
{
    s->awaited[s->awaited_count].step = step;
    s->awaited[s->awaited_count++].recipient = recipient;
}

__attribute__((format(__printf__, 4, 5))) void sender_say(struct sender *s, enum sender_step step,
                                                          unsigned recipient, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text - 2, format, arguments);
    va_end(arguments);
    world_tell("sender %u > %s", s->number, text);
    span_copy(SPAN("\r\n"), text + strlen(text), 3);
    wire_say(s->end, text, strlen(text));
    sender_await(s, step, recipient);
}

bool sender_any_taken(const struct attempt *a)
{
    for (unsigned r = 0; r < a->mail->recipient_count; r++)
        if (a->rcpt_code[r] / 100 == 2)
            return true;
    return false;
}

void sender_say_lines(struct sender *s)
{
    struct span rest = buf_span(&s->attempt->mail->content);
    while (rest.length > 0) {
        size_t length = span_find(rest, '\n') + 1;
        if (rest.at[0] == '.')
            wire_say(s->end, ".", 1);
        wire_say(s->end, rest.at, length);
        rest = span_skip(rest, length);
        if (world_chance(s->restless, 20000)) {
            sender_vanish(s);
            return;
        }
    }
    world_tell("sender %u > (the content of mail %u, and its end)", s->number, s->attempt->mail->number);
    wire_say(s->end, ".\r\n", 3);
    s->attempt->complete_step = world.step;
    sender_await(s, LAST, 0);
}

static void say_chunk(struct sender *s)
{
    struct span rest = span_skip(buf_span(&s->attempt->mail->content), s->content_said);
    if (world_chance(1, 2) && s->awaited_count < AWAITED_MAX - 2)
        rest = span_first(rest, world_below((unsigned)rest.length + 1));
    s->content_said += rest.length;
    bool last = s->content_said == s->attempt->mail->content.length;
    sender_say(s, last ? LAST : CHUNK, 0, "BDAT %zu%s", rest.length, last ? " LAST" : "");
    if (world_chance(s->restless, 4000)) {
        wire_say(s->end, rest.at, rest.length / 2);
        sender_vanish(s);
        return;
    }
    wire_say(s->end, rest.at, rest.length);
    if (last)
        s->attempt->complete_step = world.step;
}

void sender_begin_mail(struct sender *s)
{
    struct mail *mail = s->mails[s->at];
    s->attempt = ledger_add_attempt(mail);
    s->next_recipient = 0;
    s->mail_said = s->content_begun = false;
    s->content_said = 0;
    s->long_mail = mail->content.length > LONG_MAIL;
}

/* The next thing to say in this mail; false: something must be heard first. */
bool sender_say_next(struct sender *s)
{
    struct attempt *a = s->attempt;
    struct mail *mail = a->mail;
    if (!s->mail_said) {
        s->mail_said = true;
        sender_say(s, MAIL, 0, "MAIL FROM:<%s> ENVID=a%u", mail->sender, a->number);
        return true;
    }
    while (s->next_recipient < mail->recipient_count && !(s->wanted[s->at] & 1u << s->next_recipient))
        s->next_recipient++;
    if (s->next_recipient < mail->recipient_count) {
        sender_say(s, RCPT, s->next_recipient, "RCPT TO:<%s>", mail->recipients[s->next_recipient]);
        s->next_recipient++;
        return true;
    }
    if (s->content_said == mail->content.length || (s->content_begun && !s->chunking))
        return false;
    bool nobody = s->awaited_count == 0 && !sender_any_taken(a);
    if (nobody || world_chance(s->restless, 4000)) { /* or it has another idea */
        sender_judge_attempt(s);
        return true;
    }
    s->content_begun = true;
    if (s->chunking)
        say_chunk(s);
    else
        sender_say(s, DATA, 0, "DATA");
    return s->chunking && s->end && !s->silenced;
}

bool sender_may_say(const struct sender *s)
{
    if (!s->end || s->silenced || s->leaving || !s->greeted || s->pause.set)
        return false;
    if (s->awaited_count == 0)
        return true;
    enum sender_step last = s->awaited[s->awaited_count - 1].step;
    return s->pipelining && s->awaited_count < AWAITED_MAX - 1 &&
           (last == MAIL || last == RCPT || last == CHUNK || last == RSET);
}
