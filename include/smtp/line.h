/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_LINE_H
#define TRAYPOST_SMTP_LINE_H

/*
 * Lines out of a byte stream, with a limit (RFC 5321 section 4.5.3.1). A line ends with LF; a CR right
 * before it belongs to the line end. A CR or NUL anywhere else stays in the line for its reader to
 * refuse. Lines that lie whole in the input are not copied. Mail content never passes here (data.h).
 */

#include "core/buf.h"

struct smtp_line {
    struct buf partial; /* a line whose end has not come yet, or one that is to be given again */
    size_t limit;       /* octets without the line end */
    uint64_t ended;     /* lines whose end has come */
    bool skipping;      /* the current line is over the limit: waiting for its end */
    bool given;         /* `partial` holds the line given last */
    bool again;         /* give `partial` once more */
};

enum smtp_line_status {
    SMTP_LINE_MORE, /* the input is used up, no line yet */
    SMTP_LINE_READY,
    SMTP_LINE_TOO_LONG, /* said once, after the long line's end */
    SMTP_LINE_NO_MEMORY,
};

void smtp_line_init(struct smtp_line *l, size_t limit);
void smtp_line_clear(struct smtp_line *l);

/* Advances *input past what it used. *line (without its end) is valid until the next call or until
 * the input's memory goes. */
enum smtp_line_status smtp_line_next(struct smtp_line *l, struct span *input, struct span *line);

/* The next call shall give `line` (which was just given) again. False when out of memory. */
bool smtp_line_unread(struct smtp_line *l, struct span line);

/* Octets of an unfinished line held so far. */
size_t smtp_line_held(const struct smtp_line *l);

/* The number, from 1 on, of the line whose beginning has come and whose end has not; 0: there is none. */
uint64_t smtp_line_begun(const struct smtp_line *l);

#endif
