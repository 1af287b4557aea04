/* SPDX-License-Identifier: MIT */
#include "exchanger_parts.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ledger.h"

/* ---------------------------------------------------------------- replies */

enum session_fate session_draw(const struct session *s)
{
    static const enum session_fate fates[] = {TRY_LATER,  TRY_LATER,  NEVER, NEVER, LEAVES, CUTS_BEFORE,
                                              CUTS_AFTER, CUTS_AFTER, HANGS, SLOW,  SLOW,   DRIBBLES};
    if (!world_chance(session_exchanger(s)->trouble, 1000))
        return FINE;
    return fates[world_below(sizeof fates / sizeof *fates)];
}

void session_leave(struct session *s, bool orderly)
{
    if (!s->end)
        return;
    world_tell("%s/%u %s", exchanger_name(s->exchanger), s->number,
               orderly ? "closes" : "breaks the connection");
    if (orderly)
        wire_finish(s->end); /* what it still reads changes nothing */
    else
        wire_break(s->end);
    if (!orderly)
        s->end = NULL;
    s->busy = true;
    alarm_stop(&s->alarm);
}

static void take_mail(struct session *s)
{
    struct copy *copy =
        ledger_add_copy(s->exchanger, s->null_sender, s->envid, s->recipients, buf_span(&s->content));
    if (copy && s->end && s->owed[0])
        wire_watch(s->end, ledger_note_known, copy);
}

void session_forget_mail(struct session *s)
{
    s->in_mail = s->null_sender = s->owes_copy = s->refused = false;
    s->envid[0] = s->recipients[0] = '\0';
    buf_clear(&s->content);
}

static void say_owed(struct session *s)
{
    world_tell("%s/%u: %.*s", exchanger_name(s->exchanger), s->number, (int)strcspn(s->owed, "\r"), s->owed);
    if (s->end)
        wire_say(s->end, s->owed, strlen(s->owed));
    if (s->owes_copy) {
        take_mail(s);
        session_forget_mail(s);
    }
    s->owed[0] = '\0';
    s->busy = false;
    if (s->ends_there)
        session_leave(s, true);
}

static void on_due(struct alarm *alarm)
{
    struct session *s = (struct session *)(void *)((char *)alarm - offsetof(struct session, alarm));
    say_owed(s);
    session_work(s);
}

/* Half of the reply now, the rest much later. */
static void dribble(struct session *s)
{
    size_t half = strlen(s->owed) / 2;
    if (s->end)
        wire_say(s->end, s->owed, half);
    memmove(s->owed, s->owed + half, strlen(s->owed + half) + 1);
    alarm_set(&s->alarm, world_below(200000), on_due);
}

void session_reply(struct session *s, enum session_fate fate, const char *text)
{
    snprintf(s->owed, sizeof s->owed, "%s", text);
    s->busy = true;
    switch (fate) {
    case FINE:
        say_owed(s);
        return;
    case TRY_LATER:
    case NEVER:
        s->owes_copy = false;
        if (fate == NEVER && s->over_v6 && world_chance(1, 2))
            text = "550 5.7.1 this IPv6 address has no PTR record\r\n";
        else
            text = fate == NEVER ? "550 5.7.0 not wanted\r\n" : "451 4.3.0 not now\r\n";
        snprintf(s->owed, sizeof s->owed, "%s", text);
        say_owed(s);
        return;
    case LEAVES:
        s->owes_copy = false;
        snprintf(s->owed, sizeof s->owed, "421 4.3.2 going down\r\n");
        s->ends_there = true;
        say_owed(s);
        return;
    case CUTS_AFTER: /* it is done, and nobody hears of it; or the reply is out, but behind it comes the break */
        if (world_chance(1, 2))
            say_owed(s);
        else if (s->owes_copy) {
            s->owed[0] = '\0';
            take_mail(s);
        }
        session_leave(s, world_chance(1, 2));
        return;
    case CUTS_BEFORE:
        session_leave(s, world_chance(1, 2));
        return;
    case HANGS:
        if (s->owes_copy && world_chance(1, 2)) {
            s->owed[0] = '\0';
            take_mail(s);
        }
        return;
    case SLOW:
        alarm_set(&s->alarm, world_below(world_chance(1, 3) ? 700000 : 50000), on_due);
        return;
    case DRIBBLES:
        dribble(s);
        return;
    }
}

__attribute__((format(__printf__, 2, 3))) static void reply(struct session *s, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    session_reply(s, session_draw(s), text);
}

/* ---------------------------------------------------------------- commands */

static bool is(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

/* By its option, its name or its address; never by what it was not told. */
static void check_hello(const struct session *s, const char *line)
{
    const char *name = line + strlen("EHLO ");
    if (strcmp(name, "relay.test") != 0 && strcmp(name, world.public ? "home.test" : "") != 0 && name[0] != '[')
        world_broken("%s was greeted with %s", exchanger_name(s->exchanger), line);
}

static void on_hello(struct session *s)
{
    const struct exchanger *x = session_exchanger(s);
    session_forget_mail(s);
    reply(s, "250-%s\r\n%s%s250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n", exchanger_name(s->exchanger),
          x->pipelining ? "250-PIPELINING\r\n" : "", x->chunking ? "250-CHUNKING\r\n" : "");
}

static void on_mail(struct session *s, const char *line)
{
    if (s->in_mail)
        world_broken("%s was told MAIL within a transaction: %s", exchanger_name(s->exchanger), line);
    enum session_fate fate = session_draw(s);
    session_forget_mail(s);
    s->in_mail = fate != TRY_LATER && fate != NEVER;
    s->null_sender = is(line, "MAIL FROM:<>");
    const char *envid = strstr(line, "ENVID=");
    if (envid)
        span_copy(span_first(span_of(envid + 6), strcspn(envid + 6, " ")), s->envid, sizeof s->envid);
    session_reply(s, fate, "250 2.1.0 sender ok\r\n");
}

static void on_rcpt(struct session *s, const char *line)
{
    char address[64], text[128];
    struct span path = span_skip(span_of(line), strlen("RCPT TO:<"));
    span_copy(span_first(path, span_find(path, '>')), address, sizeof address);
    if (!s->in_mail) {
        session_reply(s, FINE, "503 5.5.1 MAIL first\r\n");
        return;
    }
    enum session_fate fate = session_draw(s);
    if (fate == TRY_LATER && world_chance(1, 2)) {
        session_reply(s, FINE, "452 4.5.3 too many recipients\r\n");
        return;
    }
    if (fate == TRY_LATER || fate == NEVER) {
        snprintf(text, sizeof text,
                 fate == NEVER ? "550 5.1.1 <%s> unknown\r\n" : "450 4.2.1 <%s> is full\r\n", address);
        session_reply(s, FINE, text);
        return;
    }
    size_t length = strlen(s->recipients);
    snprintf(s->recipients + length, sizeof s->recipients - length, "%s\n", address);
    snprintf(text, sizeof text, "250 2.1.5 <%s> ok\r\n", address);
    session_reply(s, fate, text);
}

static void on_data(struct session *s)
{
    enum session_fate fate = s->recipients[0] ? session_draw(s) : NEVER;
    if (fate != TRY_LATER && fate != NEVER)
        s->state = IN_DATA;
    session_reply(s, fate, "354 go on\r\n");
}

void session_end_of_mail(struct session *s)
{
    s->state = AT_COMMAND;
    if (!s->recipients[0] || s->refused) {
        char text[128] = "554 5.5.1 no recipients\r\n";
        if (s->refused) /* in words that would be noticed where they do not belong */
            snprintf(text, sizeof text, "552 5.3.4 <%.*s> as I said\r\n", (int)strcspn(s->recipients, "\n"),
                     s->recipients);
        session_reply(s, FINE, text);
        session_forget_mail(s);
        return;
    }
    s->owes_copy = true;
    ledger_note_end(s->envid, s->recipients);
    reply(s, "250 2.0.0 taken as %u\r\n", s->number);
    if (!s->owes_copy) /* refused, or said */
        session_forget_mail(s);
}

static void on_bdat(struct session *s, const char *line)
{
    unsigned long long size;
    if (sscanf(line, "BDAT %llu", &size) != 1)
        world_broken("no BDAT: %s", line);
    s->chunk_left = size;
    s->chunk_last = strstr(line, " LAST") != NULL;
    s->state = IN_CHUNK;
}

void session_command(struct session *s, const char *line)
{
    world_tell("%s/%u < %s", exchanger_name(s->exchanger), s->number, line);
    if (is(line, "EHLO ") || is(line, "HELO "))
        check_hello(s, line);
    if (is(line, "EHLO ") && !session_exchanger(s)->esmtp)
        session_reply(s, FINE, "500 5.5.1 what is that\r\n");
    else if (is(line, "EHLO "))
        on_hello(s);
    else if (is(line, "HELO "))
        reply(s, "250 hello\r\n");
    else if (is(line, "MAIL FROM:<"))
        on_mail(s, line);
    else if (is(line, "RCPT TO:<"))
        on_rcpt(s, line);
    else if (is(line, "DATA"))
        on_data(s);
    else if (is(line, "BDAT "))
        on_bdat(s, line);
    else if (is(line, "RSET")) {
        session_forget_mail(s);
        reply(s, "250 2.0.0 forgotten\r\n");
    } else if (is(line, "QUIT")) {
        s->ends_there = true;
        reply(s, "221 2.0.0 bye\r\n");
    } else
        world_broken("%s was told what is no command: %s", exchanger_name(s->exchanger), line);
}
