/* SPDX-License-Identifier: MIT */
#include "sender_parts.h"

#include <stdio.h>
#include <string.h>

#include "exchanger.h"
#include "tcp.h"

#define SENDERS_MAX 4
#define ATTEMPTS_MAX 4
#define RECIPIENTS_USUAL 6 /* at most */
#define RECIPIENTS_CROWD 12 /* at least, if they are all at one provider */
#define ANSWER_MS (45 * 1000) /* the contract's patience, 5.5 */
#define LOOK_MS 2000          /* how often a sender looks at its clock */

const char *const sender_step_names[] = {"greeting", "EHLO", "MAIL", "RCPT", "DATA",
                                         "BDAT",     "end",  "RSET", "QUIT"};

static struct sender senders[SENDERS_MAX];
static unsigned sender_count;
static bool finishing;

static struct sender *sender_of_alarm(struct alarm *alarm, size_t offset)
{
    return (struct sender *)(void *)((char *)alarm - offset);
}

/* ---------------------------------------------------------------- mails */

static void write_content(struct mail *mail)
{
    static const char *const lines[] = {
        "a line of text",
        ".",
        "..",
        ".a line that begins with a dot",
        "",
        "QUIT",
        "MAIL FROM:<smuggler@d0.test>",
        "=C4=8Desky, p=C5=99es t=C5=99i",
    };
    size_t size = mail->recipient_count > RECIPIENTS_USUAL ? world_below(world_chance(1, 12) ? 20000 : 600)
                  : world_chance(1, 60)                    ? world_below(700000)
                  : world_chance(1, 12) ? world_below(100000)
                                        : world_below(600);
    if (mail->names_itself)
        buf_printf(&mail->content, "Date: Sun, 22 Nov 2026 17:03:12 +0100\r\nMessage-ID: <%u@test>\r\n",
                   mail->number);
    buf_printf(&mail->content, "Subject: mail %u\r\n\r\n", mail->number);
    while (mail->content.length < size) {
        if (world_chance(1, 6)) /* RFC 5321 section 4.5.3.1.6: up to 1000 octets */
            buf_printf(&mail->content, "%0*d\r\n", (int)(1 + world_below(990)), 0);
        else
            buf_printf(&mail->content, "%s\r\n", lines[world_below(sizeof lines / sizeof *lines)]);
    }
}

static void name_some(struct mail *mail, unsigned first, unsigned domains)
{
    mail->recipient_count = 1 + world_below(RECIPIENTS_USUAL);
    for (unsigned r = 0; r < mail->recipient_count; r++)
        snprintf(mail->recipients[r], sizeof mail->recipients[r], "m%ur%u@d%u.test", mail->number, r,
                 (first + world_below(domains)) % DOMAINS);
}

/* Everybody in a domain of his own, all of one provider. */
static void name_crowd(struct mail *mail, unsigned first)
{
    mail->recipient_count = RECIPIENTS_CROWD + world_below(MAIL_RECIPIENTS_MAX - RECIPIENTS_CROWD + 1);
    for (unsigned r = 0; r < mail->recipient_count; r++)
        snprintf(mail->recipients[r], sizeof mail->recipients[r], "m%ur%u@d%u.test", mail->number, r,
                 DOMAINS + (first + r) % PROVIDED);
}

static struct mail *new_mail(void)
{
    struct mail *mail = ledger_add_mail();
    unsigned domains = 1 + world_below(DOMAINS), first = world_below(DOMAINS);
    mail->names_itself = !world_chance(1, 5);
    if (!world_chance(1, 8))
        snprintf(mail->sender, sizeof mail->sender, "m%us@d%u.test", mail->number, world_below(DOMAINS));
    if (world.provider && world_chance(1, 2))
        name_crowd(mail, first);
    else
        name_some(mail, first, domains);
    write_content(mail);
    return mail;
}

/* ---------------------------------------------------------------- the end of a connection, and of an attempt */

/* What has to be sent again: who was put off, and who was taken if the mail was not. */
void sender_judge_attempt(struct sender *s)
{
    struct attempt *a = s->attempt;
    if (!a)
        return;
    unsigned again = 0;
    s->must_reset = a->final_code / 100 != 2;
    for (unsigned r = 0; r < a->mail->recipient_count; r++) {
        bool put_off = a->rcpt_code[r] / 100 == 4;
        bool taken = a->rcpt_code[r] / 100 == 2 || a->rcpt_code[r] == 0;
        if (s->wanted[s->at] & 1u << r &&
            (put_off || (taken && (a->final_code == 0 || a->final_code / 100 == 4))))
            again |= 1u << r;
    }
    s->attempt = NULL;
    s->wanted[s->at] = again;
    if (again == 0 || --s->attempts_left[s->at] == 0)
        s->at++;
}

static void on_pause_over(struct alarm *alarm)
{
    struct sender *s = sender_of_alarm(alarm, offsetof(struct sender, pause));
    if (s->end)
        s->end->paused = false;
    sender_go_on(s);
}

void sender_pause(struct sender *s, uint64_t ms)
{
    alarm_set(&s->pause, ms, on_pause_over);
}

void sender_off(struct sender *s)
{
    s->end = NULL;
    alarm_stop(&s->clock);
    sender_judge_attempt(s);
    buf_clear(&s->in);
    s->awaited_count = 0;
    s->silenced = s->leaving = s->greeted = s->must_reset = false;
    s->code = 0;
    if (!finishing && s->at < s->mail_count)
        sender_pause(s, world_below(world_chance(1, 10) ? 1500000 : 20000));
}

void sender_vanish(struct sender *s)
{
    unsigned how = world_below(3);
    world_tell("sender %u %s", s->number,
               how == 0   ? "breaks off"
               : how == 1 ? "closes"
                          : "says no more, but listens");
    s->silenced = true;
    if (how == 2) {
        wire_finish(s->end);
        return;
    }
    if (how == 0)
        wire_break(s->end);
    else
        wire_close(s->end);
    sender_off(s);
}

/* ---------------------------------------------------------------- going on */

static void look_at_clock(struct alarm *alarm);

static void connect_to_relay(struct sender *s)
{
    s->end = tcp_knock();
    if (!s->end) {
        world_tell("sender %u finds the port closed", s->number);
        if (s->attempts_left[s->at]-- == 1)
            s->at = s->mail_count;
        else
            sender_pause(s, world_below(60000));
        return;
    }
    world_tell("sender %u connects", s->number);
    s->end->calls = &sender_calls;
    s->end->owner = s;
    s->quiet_taken = UINT64_MAX;
    sender_await(s, GREETING, 0);
    alarm_set(&s->clock, LOOK_MS, look_at_clock);
}

void sender_go_on(struct sender *s)
{
    if (!s->end && s->at < s->mail_count && !s->pause.set && !finishing)
        connect_to_relay(s);
    while (sender_may_say(s)) {
        if (world_chance(s->restless, 3000)) {
            sender_vanish(s);
            return;
        }
        if (!s->attempt && (s->at == s->mail_count || finishing)) {
            if (s->awaited_count > 0)
                return;
            s->leaving = true;
            sender_say(s, QUIT, 0, "QUIT");
            return;
        }
        if (!s->attempt && s->awaited_count > 0)
            return;
        if (!s->attempt && s->must_reset) {
            s->must_reset = false;
            sender_say(s, RSET, 0, "RSET");
            continue;
        }
        if (!s->attempt)
            sender_begin_mail(s);
        if (!sender_say_next(s))
            return;
    }
}

/* ---------------------------------------------------------------- the clock */

/* Everything it has said has been read, nothing is on its way back: since when? */
static void note_quiet(struct sender *s)
{
    const struct wire_end *there = s->end->other;
    bool quiet = s->awaited_count > 0 && s->end->out.length == 0 && there->in.length == 0 &&
                 s->end->in.length == 0 && !s->end->paused;
    uint64_t mark = there->taken * 64 + s->awaited_count;
    if (!quiet || s->quiet_taken != mark) {
        s->quiet_taken = quiet ? mark : UINT64_MAX;
        s->quiet_since_ms = world.now_ms;
        s->quiet_late_ms = world.late_ms;
    }
}

static void look_at_clock(struct alarm *alarm)
{
    struct sender *s = sender_of_alarm(alarm, offsetof(struct sender, clock));
    note_quiet(s);
    uint64_t waited_ms = world.now_ms - s->quiet_since_ms, late_ms = world.late_ms - s->quiet_late_ms;
    if (waited_ms > ANSWER_MS + LOOK_MS + late_ms && !s->leaving && !s->long_mail)
        world_broken("sender %u has waited %llu s for the answer to %s (5.5)", s->number,
                     (unsigned long long)(waited_ms / 1000), sender_step_names[s->awaited[0].step]);
    if (waited_ms > s->gives_up_ms && s->quiet_taken != UINT64_MAX) {
        sender_vanish(s);
        if (s->end)
            alarm_set(&s->clock, LOOK_MS, look_at_clock);
        return;
    }
    alarm_set(&s->clock, LOOK_MS, look_at_clock);
}

/* ---------------------------------------------------------------- beginning and end */

void senders_begin(void)
{
    static const unsigned nerves[] = {0, 0, 30, 150};
    finishing = false;
    memset(senders, 0, sizeof senders);
    sender_count = world.kind ? 1 : 1 + world_below(SENDERS_MAX);
    for (unsigned i = 0; i < sender_count; i++) {
        struct sender *s = &senders[i];
        s->number = i + 1;
        s->pipelining = world_chance(1, 2);
        s->chunking = world_chance(1, 3);
        s->restless = nerves[world_below(4)];
        s->slow = nerves[world_below(4)];
        s->gives_up_ms = world_chance(1, 3) ? 5000 + world_below(55000) : UINT64_MAX;
        if (world.kind) {
            s->restless = s->slow = 0;
            s->gives_up_ms = UINT64_MAX;
        }
        s->mail_count = 1 + world_below(MAILS_MAX);
        for (unsigned m = 0; m < s->mail_count; m++) {
            s->mails[m] = new_mail();
            s->wanted[m] = (1u << s->mails[m]->recipient_count) - 1;
            s->attempts_left[m] = 1 + world_below(ATTEMPTS_MAX);
        }
        buf_init(&s->in, SIZE_MAX / 2);
        sender_pause(s, world.at_once ? 0 : world_below(world_chance(1, 4) ? 60000 : 1000));
    }
}

bool senders_done(void)
{
    for (unsigned i = 0; i < sender_count; i++)
        if (senders[i].end || senders[i].at < senders[i].mail_count)
            return false;
    return true;
}

void senders_finish(void)
{
    finishing = true;
    for (unsigned i = 0; i < sender_count; i++)
        if (!senders[i].end)
            alarm_stop(&senders[i].pause);
}

void senders_end(void)
{
    for (unsigned i = 0; i < sender_count; i++) {
        if (senders[i].end)
            wire_close(senders[i].end);
        buf_clear(&senders[i].in);
    }
}
