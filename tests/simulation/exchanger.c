/* SPDX-License-Identifier: MIT */
#include "exchanger_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

static struct exchanger exchangers[EXCHANGERS];
static unsigned serves[EXCHANGERS][DOMAINS];
static unsigned backups[3]; /* of the provider's domains: exchanger 0 serves them all, behind it one of these; 0: none */
static struct session *sessions;
static unsigned session_count;

/* ---------------------------------------------------------------- who they are */

void exchangers_begin(void)
{
    static const unsigned troubles[] = {0, 0, 20, 60, 250};
    unsigned worst = world_below(5);
    sessions = NULL;
    session_count = 0;
    memset(serves, 0, sizeof serves);
    for (unsigned i = 0; i < EXCHANGERS; i++) {
        exchangers[i] = (struct exchanger){
            .v4 = {.family = IP_V4, .bytes = {192, 0, 2, (uint8_t)(i + 1)}},
            .v6 = {.family = IP_V6, .bytes = {0x20, 1, 0xD, 0xB8, [15] = (uint8_t)(i + 1)}},
            .has_v6 = world_chance(1, 3),
            .esmtp = !world_chance(1, 12),
            .pipelining = world_chance(2, 3),
            .chunking = world_chance(1, 2),
            .trouble = troubles[world_below(worst + 1)],
            .unreachable = world_chance(1, 4) ? world_below(100) : 0,
        };
        serves[i][i] = 10;
        serves[i][(i + 1) % DOMAINS] = world_chance(1, 2) ? 0 : world_chance(1, 2) ? 10 : 20;
        if (world.kind)
            exchangers[i].trouble = exchangers[i].unreachable = 0;
    }
    for (unsigned i = 0; world.provider && i < 3; i++)
        backups[i] = world.kind && i > 0 ? backups[0] : world_below(EXCHANGERS);
}

const char *exchanger_name(unsigned exchanger)
{
    static const char *const names[EXCHANGERS] = {"mx0.test", "mx1.test", "mx2.test", "mx3.test"};
    return names[exchanger];
}

const struct ip *exchanger_address(unsigned exchanger, enum ip_family family)
{
    const struct exchanger *x = &exchangers[exchanger];
    return family == IP_V4 ? &x->v4 : x->has_v6 ? &x->v6 : NULL;
}

unsigned exchanger_serves(unsigned exchanger, unsigned domain)
{
    if (domain < DOMAINS)
        return serves[exchanger][domain];
    if (!world.provider || domain >= DOMAINS + PROVIDED)
        return 0;
    return exchanger == 0 ? 10 : exchanger == backups[domain % 3] ? 20 : 0;
}

const struct exchanger *session_exchanger(const struct session *s)
{
    return &exchangers[s->exchanger];
}

/* ---------------------------------------------------------------- octets */

/* A line without its end; false when it has not come whole. */
static bool take_line(struct session *s, struct span *line)
{
    struct span in = buf_span(&s->in);
    size_t length = 0;
    while (length + 1 < in.length && !(in.at[length] == '\r' && in.at[length + 1] == '\n'))
        length += 1;
    if (length + 1 >= in.length)
        return false;
    *line = span_first(in, length);
    return true;
}

static void work_on_line(struct session *s, struct span line)
{
    if (s->state == AT_COMMAND) {
        char text[512];
        span_copy(line, text, sizeof text);
        buf_consume(&s->in, line.length + 2);
        session_command(s, text);
        return;
    }
    bool end = span_equals(line, SPAN("."));
    if (!end) {
        buf_append_span(&s->content, line.length > 0 && line.at[0] == '.' ? span_skip(line, 1) : line);
        buf_append_text(&s->content, "\r\n");
    }
    buf_consume(&s->in, line.length + 2);
    if (end)
        session_end_of_mail(s);
}

static void work_on_chunk(struct session *s)
{
    struct span piece = buf_span(&s->in);
    if (piece.length > s->chunk_left)
        piece = span_first(piece, (size_t)s->chunk_left);
    s->chunk_left -= piece.length;
    buf_append_span(&s->content, piece);
    buf_consume(&s->in, piece.length);
    if (s->chunk_left > 0)
        return;
    s->state = AT_COMMAND;
    if (s->chunk_last)
        session_end_of_mail(s);
    else {
        enum session_fate fate = session_draw(s);
        if (fate == TRY_LATER || fate == NEVER)
            session_forget_mail(s); /* no later chunk may end it */
        session_reply(s, fate, "250 2.0.0 more\r\n");
    }
}

void session_work(struct session *s)
{
    struct span line;
    while (!s->busy && s->end) {
        if (s->state == IN_CHUNK && (s->in.length > 0 || s->chunk_left == 0))
            work_on_chunk(s);
        else if (s->state != IN_CHUNK && take_line(s, &line))
            work_on_line(s, line);
        else
            return;
    }
}

/* Some refuse, or go, in the middle of the content. */
static bool gives_up_content(struct session *s)
{
    if (s->state == AT_COMMAND || s->busy || s->refused ||
        !world_chance(session_exchanger(s)->trouble / 4, 1000))
        return false;
    if (world_chance(2, 3)) {
        s->refused = s->state == IN_DATA && world_chance(1, 2);
        s->ends_there = !s->refused;
        session_reply(s, FINE, world_chance(1, 2) ? "552 5.3.4 too much\r\n" : "451 4.3.1 disk full\r\n");
    } else {
        session_leave(s, world_chance(1, 2));
    }
    return true;
}

static void on_came(struct wire_end *end, struct span bytes)
{
    struct session *s = end->owner;
    buf_append_span(&s->in, bytes);
    if (!gives_up_content(s) || s->refused)
        session_work(s);
}

static void on_ended(struct wire_end *end, bool broken)
{
    struct session *s = end->owner;
    world_tell("%s/%u: the relay %s", exchanger_name(s->exchanger), s->number,
               broken ? "has broken off" : "has closed");
    wire_close(end);
    s->end = NULL;
}

static const struct wire_calls calls = {.came = on_came, .ended = on_ended};

static struct session *open_session(unsigned exchanger)
{
    struct session *s = calloc(1, sizeof *s);
    assert(s);
    s->exchanger = exchanger;
    s->number = ++session_count;
    buf_init(&s->in, SIZE_MAX / 2);
    buf_init(&s->content, SIZE_MAX / 2);
    s->end = &wire_new()->end[1];
    s->end->calls = &calls;
    s->end->owner = s;
    s->next = sessions;
    sessions = s;
    return s;
}

int exchanger_knock(const struct ip_port *to, struct wire_end **end, uint64_t *after_ms)
{
    unsigned i = to->ip.bytes[to->ip.family == IP_V4 ? 3 : 15] - 1u;
    assert(i < EXCHANGERS && to->port == 25);
    *after_ms = world_chance(1, 10) ? world_below(3000) : world_below(80);
    if (world_chance(exchangers[i].unreachable, 100)) {
        if (world_chance(1, 3))
            *after_ms = UINT64_MAX;
        world_tell("%s cannot be reached", exchanger_name(i));
        return world_chance(1, 2) ? UV_ECONNREFUSED : UV_EHOSTUNREACH;
    }
    struct session *s = open_session(i);
    s->over_v6 = to->ip.family == IP_V6;
    *end = s->end->other;
    world_tell("%s/%u: a connection", exchanger_name(i), s->number);
    char greeting[64];
    snprintf(greeting, sizeof greeting, "220 %s ESMTP\r\n", exchanger_name(i));
    session_reply(s, session_draw(s), greeting);
    return 0;
}

void exchangers_end(void)
{
    while (sessions) {
        struct session *s = sessions;
        sessions = s->next;
        alarm_stop(&s->alarm);
        if (s->end)
            wire_close(s->end);
        buf_clear(&s->in);
        buf_clear(&s->content);
        free(s);
    }
}
