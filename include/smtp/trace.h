/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_TRACE_H
#define TRAYPOST_SMTP_TRACE_H

/*
 * Walks along the header section as content streams by: puts our Received: line on top, adds Date:
 * and Message-ID: at its end where they are missing (RFC 6409 section 8, RFC 5322 section 3.6), and counts
 * Received: lines (RFC 5321 section 6.3). Nothing but the beginning of one field name is ever held
 * back. Behind the header section everything passes untouched, as it came.
 */

#include "core/buf.h"
#include "core/ip.h"

#define SMTP_TRACE_HOPS_MAX 50
#define SMTP_TRACE_NAME_MAX 80 /* longer than any field name in use */

enum smtp_trace_state {
    SMTP_TRACE_TOP,     /* nothing said yet: Received: comes first */
    SMTP_TRACE_NAME,    /* at the start of a header line: is it a field, a continuation, the end? */
    SMTP_TRACE_VALUE,   /* within a header line */
    SMTP_TRACE_MISSING, /* the header section has ended: say what it lacked */
    SMTP_TRACE_BODY,
};

struct smtp_trace {
    enum smtp_trace_state state;
    char name[SMTP_TRACE_NAME_MAX];
    size_t name_length;
    unsigned fields; /* header fields that came with the mail: a folded line continues one of these */
    unsigned hops;   /* Received: lines that came with the mail */
    bool has_date, has_message_id;
    bool names_itself;    /* one of the two came with the mail */
    bool utf8;            /* octets above 127 in the header section that came with the mail (RFC 6532) */
    bool blank_line_owed; /* the header section ended without its empty line */
    const char *received, *date, *message_id; /* whole lines with CRLF, owned by the caller */
};

/* The three texts must outlive `t`: complete header lines, each with its CRLF. */
void smtp_trace_init(struct smtp_trace *t, const char *received, const char *date, const char *message_id);

struct smtp_trace_lines {
    char received[256], date[64], message_id[96];
};

/* What Received: says of the session (RFC 5321 section 4.4, RFC 3848). */
struct smtp_trace_origin {
    struct ip peer; /* none: this machine, by an address of its own that is nobody's business */
    bool extended, authenticated, smtputf8; /* EHLO, AUTH, SMTPUTF8 were said */
};

/* What makes this mail different from all others. */
struct smtp_trace_mark {
    int64_t time_s; /* since 1970 */
    int utc_offset_min;
    uint32_t instance;
    uint64_t serial; /* of the mail in this run of the program */
    uint64_t random;
    const char *version; /* of the program */
};

/* Makes the three lines. This machine is "localhost" in them: its name and addresses in the network
 * behind it are nobody's business. */
void smtp_trace_write_lines(struct smtp_trace_lines *lines, const struct smtp_trace_origin *origin,
                            const struct smtp_trace_mark *mark);

/* Gives the next piece to send on: of the input, of the three lines, or the held name. Advances
 * *content. False when the content is used up. Content must not split a CRLF. */
bool smtp_trace_next(struct smtp_trace *t, struct span *content, struct span *piece);

/* After the last content: what is still owed, piece by piece (a header section without an end). */
bool smtp_trace_end(struct smtp_trace *t, struct span *piece);

/* More than SMTP_TRACE_HOPS_MAX hops have been seen: the mail goes in circles. */
bool smtp_trace_loops(const struct smtp_trace *t);

/* "Sun, 22 Nov 2026 17:03:12 +0100" (RFC 5322 section 3.3). `text` has room for 40. */
void smtp_trace_format_date(int64_t time_s, int utc_offset_min, char *text, size_t size);

#endif
