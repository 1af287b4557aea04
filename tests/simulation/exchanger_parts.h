/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_EXCHANGER_PARTS_H
#define TRAYPOST_TESTS_EXCHANGER_PARTS_H

/* What the two files of an exchanger offer each other: exchanger.c (who they are, and what comes), exchanger_says.c (what comes of
 * it). Everybody else uses exchanger.h. */

#include "core/buf.h"
#include "exchanger.h"
#include "world.h"

struct exchanger {
    struct ip v4, v6;
    bool has_v6, esmtp, pipelining, chunking;
    unsigned trouble;     /* of a thousand steps so many go wrong */
    unsigned unreachable; /* of a hundred connections */
};

enum session_state { AT_COMMAND, IN_DATA, IN_CHUNK };

enum session_fate { FINE, TRY_LATER, NEVER, LEAVES, CUTS_BEFORE, CUTS_AFTER, HANGS, SLOW, DRIBBLES };

struct session {
    unsigned exchanger, number;
    bool over_v6;
    struct wire_end *end; /* NULL: gone */
    struct buf in;
    enum session_state state;
    bool busy;       /* a reply is owed: nothing more is read */
    bool ends_there; /* after the reply */
    bool refused;    /* in the middle of the content, and will be again at its end */
    struct alarm alarm;
    char owed[256];
    bool owes_copy; /* the mail is taken when the owed reply is said */
    uint64_t chunk_left;
    bool chunk_last;
    bool in_mail, null_sender;
    char envid[32], recipients[1024];
    struct buf content;
    struct session *next;
};

/* ---- exchanger.c ---- */

const struct exchanger *session_exchanger(const struct session *s);

/* Goes through what has come, as long as no reply is owed. */
void session_work(struct session *s);

/* ---- exchanger_says.c ---- */

enum session_fate session_draw(const struct session *s);

/* Says it, or whatever else comes of it. */
void session_reply(struct session *s, enum session_fate fate, const char *text);
void session_leave(struct session *s, bool orderly);

void session_command(struct session *s, const char *line);
void session_end_of_mail(struct session *s);
void session_forget_mail(struct session *s);

#endif
