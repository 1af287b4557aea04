/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_CLIENT_H
#define TRAYPOST_SMTP_CLIENT_H

/*
 * The sending side of a session as a pure machine. Commands are appended to `out`; replies come back
 * as events, in the order of the commands. smtp_client_may_send() is the whole of flow control: it
 * says whether another command may go out now (RFC 2920: with PIPELINING several, otherwise one).
 *
 * With `wants_tls` set after smtp_client_init(), STARTTLS (RFC 3207) is said to a server that offers it. The machine then
 * stops at the STARTTLS event, the caller brings TLS up and says smtp_client_secured(), and the greeting goes on as if
 * nothing had been said before.
 *
 * Content goes as DATA, or as BDAT (RFC 3030) where the server has both CHUNKING and PIPELINING.
 */

#include "smtp/command.h"
#include "smtp/data.h"
#include "smtp/reply.h"

#define SMTP_CLIENT_WINDOW 64 /* commands on the wire at once */

/* The reply to what is awaited. */
enum smtp_client_wait {
    SMTP_CLIENT_WAIT_GREETING,
    SMTP_CLIENT_WAIT_EHLO,
    SMTP_CLIENT_WAIT_HELO,
    SMTP_CLIENT_WAIT_STARTTLS,
    SMTP_CLIENT_WAIT_MAIL,
    SMTP_CLIENT_WAIT_RCPT,
    SMTP_CLIENT_WAIT_DATA,
    SMTP_CLIENT_WAIT_CHUNK, /* BDAT, not the last */
    SMTP_CLIENT_WAIT_FINAL, /* the final dot, or BDAT LAST */
    SMTP_CLIENT_WAIT_RSET,
    SMTP_CLIENT_WAIT_QUIT,
};

enum smtp_client_event {
    SMTP_CLIENT_MORE,
    SMTP_CLIENT_READY,    /* greeted; c->server tells what it can */
    SMTP_CLIENT_REFUSED,  /* the greeting, or EHLO and HELO: c->in.reply; QUIT is all that may be said */
    SMTP_CLIENT_STARTTLS, /* 220 to STARTTLS: the next octet on the wire, either way, is TLS */
    SMTP_CLIENT_NO_TLS,   /* offered, but refused; or more than the 220 came in clear, which is an attempt to
                            inject replies (RFC 3207 section 6), and the machine is broken */
    SMTP_CLIENT_MAIL,     /* the reply to MAIL is in c->in.reply, and so on */
    SMTP_CLIENT_RCPT,
    SMTP_CLIENT_DATA,  /* 354: send content. Anything else: refused */
    SMTP_CLIENT_FINAL, /* the verdict on the mail; also a chunk's or a mid-data refusal */
    SMTP_CLIENT_RSET,
    SMTP_CLIENT_QUIT,
    SMTP_CLIENT_LEAVING, /* 421 nobody asked for (RFC 5321 section 3.8) */
    SMTP_CLIENT_BROKEN,  /* not SMTP, or a reply that answers nothing; nothing is read after it */
};

/* From its EHLO reply. */
struct smtp_server_abilities {
    bool esmtp;
    bool pipelining, eight_bit_mime, smtputf8, chunking, dsn, starttls, enhanced_status_codes;
    bool has_size;
    uint64_t size_bytes; /* 0: no fixed limit */
};

struct smtp_client {
    struct buf out;
    struct smtp_reply_reader in;
    enum smtp_client_wait wait[SMTP_CLIENT_WINDOW]; /* ring of what is on the wire */
    unsigned wait_first, wait_count;
    struct smtp_server_abilities server;
    struct smtp_data_encoder encoder;
    bool wants_tls;        /* the caller's, see above */
    bool secured;          /* TLS is up */
    bool greeting_is_ours; /* the greeting carries our own instance: a loop */
    bool chunked;          /* content goes as BDAT */
    bool in_content;       /* between the start of content and its end */
    bool broken;
    unsigned honest; /* replies that may still come out of the bytes of this read */
    uint32_t instance;
    char hostname[256];
};

/* `hostname` is our EHLO name; `instance` the number in our own greetings. */
void smtp_client_init(struct smtp_client *c, const char *hostname, uint32_t instance);
void smtp_client_clear(struct smtp_client *c);

/* What is fed next was read from the network now: it can answer nothing that is said from here on. A reply
 * to a command that had not been said yet makes the machine BROKEN. Not calling it allows everything. */
void smtp_client_read_begins(struct smtp_client *c);

/*
 * Advances *input. `all_sent` says that every byte of `out` has gone to the system: a positive reply
 * to the end of the content that comes before that is no verdict, and the machine is BROKEN.
 */
enum smtp_client_event smtp_client_feed(struct smtp_client *c, struct span *input, bool all_sent);

/* TLS is up: what the server said of itself in clear is forgotten, EHLO is said again. */
void smtp_client_secured(struct smtp_client *c);

bool smtp_client_may_send(const struct smtp_client *c);

/* Each of these needs smtp_client_may_send(). Parameters go only to a server that knows them. */
void smtp_client_mail(struct smtp_client *c, const struct smtp_mail *mail);
void smtp_client_rcpt(struct smtp_client *c, const struct smtp_rcpt *rcpt);
void smtp_client_reset(struct smtp_client *c);
void smtp_client_quit(struct smtp_client *c);

/* Begins the content. True when it may follow at once (BDAT); otherwise DATA was sent and the DATA
 * event has to be awaited. */
bool smtp_client_begin(struct smtp_client *c);

/* Content, whole CRLFs only. With `last` the mail ends here, and FINAL follows. For BDAT each call
 * is one chunk and needs smtp_client_may_send(). */
void smtp_client_content(struct smtp_client *c, struct span content, bool last);

/* Nothing is on the wire: a new transaction may begin. */
bool smtp_client_idle(const struct smtp_client *c);

/* What is being awaited, for choosing a time-out. Only when not idle. */
enum smtp_client_wait smtp_client_waits_for(const struct smtp_client *c);

/* The server has said why it wants nothing of us, in reply to EHLO, and then it may have gone without waiting for HELO: c->in.reply.
 * Not one that only does not know EHLO. */
bool smtp_client_was_refused(const struct smtp_client *c);

#endif
