/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TRANSACTION_H
#define TRAYPOST_NET_TRANSACTION_H

/*
 * One mail: its recipients, the legs that carry it, the message that streams through, and the promise
 * to the client. It lives until both its client and all legs have let go of it: when the client has
 * been sent away with 451 (patience), the legs are still listened to and the log learns how it ended.
 *
 * The client (a session, or a report of our own) asks: add, begin, end. It is answered in the order in
 * which it asked.
 *
 * Patience is for answers, and amid content none is owed: a server that stops reading fills the window, and then the client's own
 * writes block, as they would if it talked to that server itself. The server has the three minutes of RFC 5321 section 4.5.3.2.5
 * for each block (`block` in timeouts.h); giving it less would fail servers that look into a mail while it comes. Then it is
 * cut off without a dot, the client may say the rest, and patience begins with its end. A client that gives up before leaves no
 * copy behind: what it did not end is delivered nowhere.
 */

#include <mbedtls/sha256.h>

#include "core/message.h"
#include "core/outcome.h"
#include "core/seen.h"
#include "later.h"
#include "leg.h"
#include "program.h"
#include "smtp/trace.h"

struct relay;

/* Who sends the mail. These come from anywhere, also from inside a question. */
struct transaction_client {
    void (*answer)(void *client, const struct outcome *outcome); /* RCPT; or content may come now */
    void (*done)(void *client, const struct outcome *verdict);   /* of the mail, or why no content is wanted;
                                                                    the transaction has let go of the client */
    void (*discard)(
        void *client); /* nobody wants the content any more; it is still to be brought to its end */
    void (*resume)(void *client);                /* there may be room for content again */
    bool (*listens)(void *client);               /* as far as can be known: it may have left without a word */
    void (*shut)(void *client, const char *why); /* no memory to go on; ends in transaction_leave() */
    /* A report: nobody would say it again, so it waits as long as SMTP allows and not as long as programs do; max-size is a
     * limit for programs. */
    bool is_ours;
};

enum recipient_state {
    RECIPIENT_ASKED,   /* the verdict is awaited */
    RECIPIENT_TAKEN,   /* its server said yes to RCPT */
    RECIPIENT_REFUSED, /* at RCPT: not part of the mail */
    RECIPIENT_LATE,    /* the client was told 451 while we waited: not part of the mail either */
    RECIPIENT_DELIVERED,
    RECIPIENT_FAILED, /* after it had been taken */
};

struct recipient {
    struct smtp_rcpt rcpt;
    enum recipient_state state;
    bool on_wire;        /* RCPT is out on the leg's present connection, unanswered */
    bool answered;       /* on the present connection */
    bool told;           /* the client knows the verdict of RCPT */
    bool server_has_dsn; /* it has been told what the client wants to be notified of */
    uint64_t asked_at_ms;
    struct leg *leg;
    struct outcome outcome;
    struct seen_key key; /* of this mail to him, once the content is complete */
    uint64_t ticket;     /* 0, or the duplicate guard awaits the verdict */
    uint64_t delivery;   /* 0, or what it calls the delivery */
    struct recipient *next, *next_of_leg;
};

enum transaction_state {
    TRANSACTION_ENVELOPE,
    TRANSACTION_OPENING, /* content is wanted; the legs ask their servers */
    TRANSACTION_CONTENT,
    TRANSACTION_FINISHING, /* the content is complete; verdicts are awaited */
    TRANSACTION_TOLD,      /* the client has its answer, or has gone */
};

struct transaction {
    struct relay *relay;
    const struct transaction_client *calls;
    void *client; /* NULL: gone */
    enum transaction_state state;
    struct smtp_mail mail;
    struct recipient *recipients, **last_recipient;
    struct recipient *next_to_tell;
    struct leg *legs;
    struct message *message;
    size_t memory_bytes; /* as counted in relay->content_bytes */
    struct smtp_trace_lines lines;
    struct smtp_trace trace;
    uint64_t content_bytes;
    mbedtls_sha256_context digest; /* of the content as the client sent it */
    struct buf headers;            /* the content's beginning, if a report may need it */
    struct outcome spoiled;        /* kind NONE, or why nobody gets this mail */
    struct program *program;
    uint64_t began_ms;
    uint64_t asked_at_ms; /* when the open question (DATA, END) was asked */
    uint64_t
        opening_ms; /* what the opening has cost of the client's patience for the END, if it heard nothing */
    bool in_one;    /* it hears nothing: its content is one BDAT, with one answer */
    uv_timer_t patience;
    struct later_task burial;
    bool out_of_patience; /* the client was told 451 after the end of the content */
    bool buried;
    struct transaction *next, *previous; /* in relay->transactions */
};

/* NULL when out of memory. */
struct transaction *transaction_new(struct relay *relay, const struct transaction_client *calls, void *client,
                                    const struct smtp_mail *mail, const struct smtp_trace_origin *origin,
                                    struct program *program);

/* RCPT; DATA or the first BDAT; the end of the content. Each is answered, but for the client the answers to beginning
 * and end are one if it has said all `in_one`: then it has patience for one only. */
void transaction_add(struct transaction *t, const struct smtp_rcpt *rcpt);
void transaction_begin(struct transaction *t, bool in_one);
void transaction_end(struct transaction *t);

/* At least this much must be free before content is written. */
#define TRANSACTION_ROOM_MIN (PEER_READ_SIZE + 4096)
size_t transaction_room(const struct transaction *t);

/* Content from the client. */
void transaction_write(struct transaction *t, struct span content);

/* Hands what has been written to the legs. */
void transaction_push(struct transaction *t);

/* Nobody gets this mail, for a reason of ours: the legs are cut off, the rest of the content ignored. */
void transaction_spoil(struct transaction *t, enum outcome_fault fault);

/* RSET, or the client has gone: it hears nothing more. A mail whose content is complete goes on alone; any other is given up. */
void transaction_leave(struct transaction *t);

/* For stop and exit: everything is given up, complete or not. */
void transaction_abort(struct transaction *t, enum outcome_fault fault);

/* The verdict on a recipient who was taken, from whoever knows it. */
void transaction_settle(struct transaction *t, struct recipient *r, const struct outcome *outcome);

/* How many recipients are in this state. */
unsigned transaction_count(const struct transaction *t, enum recipient_state state);

/* ---- from the legs ---- */

/* The verdict on a recipient: at RCPT, or on the mail. */
void transaction_verdict(struct transaction *t, struct recipient *r, const struct outcome *outcome);

/* A server takes no more recipients in one mail: this one needs another leg. False: no memory, or the client has its answer. */
bool transaction_reroute(struct transaction *t, struct recipient *r);

/* A leg's state has changed in a way that may complete something. */
void transaction_leg_changed(struct transaction *t);

/* A leg has read from the message. */
void transaction_has_room(struct transaction *t);

#endif
