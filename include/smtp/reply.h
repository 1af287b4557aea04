/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_REPLY_H
#define TRAYPOST_SMTP_REPLY_H

/*
 * Replies of a server (RFC 5321 section 4.2, RFC 2034): read with hard limits, because the remote is
 * hostile until shown otherwise. What comes out is printable: octets outside 32..126 become '?', so
 * that nothing a remote says can forge a second line towards the client, the log or a terminal.
 */

#include "smtp/line.h"

#define SMTP_REPLY_LINE_MAX 2048 /* RFC 5321 section 4.5.3.1.5 says 512 */
#define SMTP_REPLY_LINES_MAX 128
#define SMTP_REPLY_WORDS_MAX 400 /* kept of the text; the rest is read and dropped */

struct smtp_reply {
    int code;                         /* 200..599 */
    int subject, detail;              /* enhanced status code; subject -1: none */
    char words[SMTP_REPLY_WORDS_MAX]; /* all lines joined by a space, codes taken off */
};

struct smtp_reply_reader {
    struct smtp_line line;
    struct smtp_reply reply;
    size_t words_length;
    unsigned lines;                     /* of this reply, read so far */
    bool first;                         /* the line given last was the reply's first */
    char text[SMTP_REPLY_LINE_MAX + 1]; /* the current line's text, made printable */
};

enum smtp_reply_status {
    SMTP_REPLY_MORE,
    SMTP_REPLY_LINE,    /* one line of several: *text is its text (EHLO keywords come so) */
    SMTP_REPLY_DONE,    /* the last line: *text likewise, and r->reply is whole */
    SMTP_REPLY_GARBAGE, /* not SMTP, over a limit, or out of memory: give the connection up */
};

void smtp_reply_reader_init(struct smtp_reply_reader *r);
void smtp_reply_reader_clear(struct smtp_reply_reader *r);

/* Advances *input. The reply in `r` and *text stay valid until the next call. */
enum smtp_reply_status smtp_reply_next(struct smtp_reply_reader *r, struct span *input, struct span *text);

/* Something of an unfinished reply has been read. */
bool smtp_reply_begun(const struct smtp_reply_reader *r);

/* Appends one reply line to `out`: "250 2.1.0 text\r\n". subject < 0 leaves the enhanced code out
 * (its class is the code's first digit). Cut to 512 octets; unprintable octets become '?'. */
void smtp_reply_write(struct buf *out, int code, int subject, int detail, struct span text);

#endif
