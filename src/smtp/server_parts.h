/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_SERVER_PARTS_H
#define TRAYPOST_SMTP_SERVER_PARTS_H

/* What the two files of the receiving machine offer each other: server.c (the machine, content, answers) and
 * server_command.c (what each command does). Everybody else uses smtp/server.h. */

#include "smtp/reply.h"
#include "smtp/server.h"

/* What a handler returns, so that no branch can forget it: the state that follows, and what the owner is
 * told (MORE: nothing he has to know). */
struct step {
    enum smtp_server_state next;
    enum smtp_server_event event;
};

static inline struct step server_stay(const struct smtp_server *s)
{
    return (struct step){s->state, SMTP_SERVER_MORE};
}

static inline struct step server_go(enum smtp_server_state next, enum smtp_server_event event)
{
    return (struct step){next, event};
}

/* ---- server.c ---- */

void server_reply(struct smtp_server *s, int code, int subject, int detail, const char *text);

/* An error of the client: replied to, counted, nothing else changes. */
struct step server_refuse(struct smtp_server *s, int code, int subject, int detail, const char *text);

/* RSET, and EHLO or HELO in the middle: the owner hears of it only if there was something to forget. */
struct step server_reset(struct smtp_server *s);

/* 421 and the end: a server that closes without it breaks RFC 5321 section 3.8. */
struct step server_shut(struct smtp_server *s, int subject, int detail, const char *why);

/* Behind a refused DATA came what is no command. */
struct step server_shut_out_early_content(struct smtp_server *s);

/* ---- server_command.c ---- */

/* A line of the input, as far as there is one: a command, or a response to AUTH's 334. */
struct step server_on_line(struct smtp_server *s, struct span *input);

#endif
