/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_SERVER_H
#define TRAYPOST_SMTP_SERVER_H

/*
 * The receiving side of a session as a pure machine: bytes in, events out, replies in `out`.
 *
 *     while ((event = smtp_server_feed(s, &input)) ...)   the owner acts on each event
 *     send what is in s->out
 *
 * Four events ask the owner something: MAIL, RCPT, DATA and END. The machine goes on only when the
 * question is answered, except that several RCPTs may be open at once (a pipelining client): they are
 * answered in the order in which they were asked. With a question open and bytes left, feed returns
 * WAIT: keep the bytes, answer, feed them again.
 */

#include "core/outcome.h"
#include "smtp/command.h"
#include "smtp/data.h"
#include "smtp/line.h"

#define SMTP_SERVER_LINE_MAX 2048       /* RFC 5321: 512, and more for each extension */
#define SMTP_SERVER_AUTH_LINE_MAX 12288 /* RFC 4954 section 4 */
#define SMTP_SERVER_RCPTS_MAX 1000
#define SMTP_SERVER_RCPTS_OPEN_MAX 100 /* RCPTs asked and not answered yet */
#define SMTP_SERVER_ERRORS_MAX 100     /* then 421: nobody at the other end is reading */

enum smtp_server_state {
    SMTP_SERVER_HELLO,         /* no HELO or EHLO yet */
    SMTP_SERVER_READY,         /* no transaction */
    SMTP_SERVER_ENVELOPE,      /* after MAIL */
    SMTP_SERVER_CONTENT_DATA,  /* after 354 */
    SMTP_SERVER_CONTENT_BDAT,  /* between two BDATs */
    SMTP_SERVER_CONTENT_CHUNK, /* inside a chunk, or right at its end */
    SMTP_SERVER_SWALLOW_CHUNK, /* inside a chunk that was refused */
    SMTP_SERVER_AUTH_PLAIN,    /* after AUTH PLAIN without a response */
    SMTP_SERVER_AUTH_USER,
    SMTP_SERVER_AUTH_PASSWORD,
    SMTP_SERVER_REFUSED, /* greeted with 554: nothing but QUIT has an effect */
    SMTP_SERVER_CLOSED,
};

enum smtp_server_question {
    SMTP_SERVER_NOTHING_ASKED,
    SMTP_SERVER_ASKED_MAIL,
    SMTP_SERVER_ASKED_RCPT,
    SMTP_SERVER_ASKED_DATA,
    SMTP_SERVER_ASKED_BDAT,
    SMTP_SERVER_ASKED_END,
};

enum smtp_server_event {
    SMTP_SERVER_MORE,    /* all bytes used: give more */
    SMTP_SERVER_WAIT,    /* something is left to do, but a question is open or `out` is full */
    SMTP_SERVER_MAIL,    /* s->command.u.mail: may this mail begin? */
    SMTP_SERVER_RCPT,    /* s->command.u.rcpt: the verdict? */
    SMTP_SERVER_DATA,    /* the envelope is done: shall content come? */
    SMTP_SERVER_CONTENT, /* s->content is the next piece */
    SMTP_SERVER_END,     /* the content is complete: the final verdict? */
    SMTP_SERVER_RESET,   /* the transaction is forgotten */
    SMTP_SERVER_CLOSE,   /* send `out`, then close: QUIT, or no sense in going on */
    SMTP_SERVER_FOREIGN, /* HTTP or TLS came: close at once */
};

struct smtp_server {
    enum smtp_server_state state;
    enum smtp_server_question question;
    struct buf out; /* replies not sent yet; the owner consumes */
    struct smtp_line line;
    struct smtp_command command; /* of the last MAIL or RCPT event */
    struct smtp_data_decoder decoder;
    struct span content;
    struct buf refusal;        /* of a chunk, to be said when the chunk is behind us */
    uint64_t chunk_left_bytes; /* of the BDAT chunk we are in */
    bool chunk_last;
    enum smtp_server_state after_swallow;
    bool extended;           /* EHLO, not HELO */
    bool authenticated;      /* somebody said AUTH: every name is right */
    bool smtputf8;           /* of the transaction */
    bool discarding;         /* content still has to be read, but nobody wants it */
    bool close_told;         /* CLOSE was given as an event */
    bool early_bytes;        /* bytes came behind DATA, before its answer */
    bool overlong_waits;     /* a line over the limit was read over, and is to be answered */
    uint64_t max_size_bytes; /* 0: no limit; for EHLO and MAIL, the owner counts the content */
    unsigned rcpts_open, rcpts_accepted, rcpts_asked, errors;
    uint32_t instance; /* stands in the greeting, so that we know ourselves (loops) */
};

/* `instance` is random, one per run of the program. The greeting is in `out` at once. */
void smtp_server_init(struct smtp_server *s, uint32_t instance, uint64_t max_size_bytes);
void smtp_server_clear(struct smtp_server *s);

/* Instead of smtp_server_init for a peer that may not talk to us: a 554 greeting, after which there is only 503
 * until it says QUIT (RFC 5321 section 3.1); or a 421 when there are too many, then closed. `why` goes on from
 * "Traypost XXXXXXXX". */
void smtp_server_init_refusing(struct smtp_server *s, uint32_t instance, int code, int subject, int detail,
                               const char *why);

/* Advances *input past what it used, up to the next event. */
enum smtp_server_event smtp_server_feed(struct smtp_server *s, struct span *input);

/* Answers the question that has been open longest. For MAIL, RCPT and DATA an accepted outcome means
 * yes; for END its words are the receipt. A question that a RESET made void must not be answered. */
void smtp_server_answer(struct smtp_server *s, const struct outcome *verdict);

/* The mail has failed while content is coming: read on to its end, give no more CONTENT. */
void smtp_server_discard(struct smtp_server *s);

/* Is a transaction open (MAIL accepted, END not yet answered)? */
bool smtp_server_in_transaction(const struct smtp_server *s);

/* Ends the session from our side: 421 with this text, and CLOSE at the next feed. Open questions are
 * void. */
void smtp_server_shut(struct smtp_server *s, int subject, int detail, const char *why);

/* Does the text of a greeting, "localhost ESMTP Traypost XXXXXXXX", carry our own number? */
bool smtp_server_is_own_greeting(struct span greeting, uint32_t instance);

const char *smtp_server_state_name(enum smtp_server_state state);

#endif
