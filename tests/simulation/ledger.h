/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_LEDGER_H
#define TRAYPOST_TESTS_LEDGER_H

/*
 * Who sent what, who was told what, who has what: the delivery contract (PRODUCT, section 5) as double-entry
 * bookkeeping. Clients and exchangers enter what they see with their own eyes; what does not add up ends the program.
 *
 * A mail is what a client wants to be delivered; an attempt is one try of it; a copy is one that an exchanger has said
 * 2xx to, or meant to. Recipients are called mNrK@dD.test (recipient K of mail N in domain D), senders mNs@dD.test.
 */

#include "core/buf.h"
#include "core/event.h"

#define MAIL_RECIPIENTS_MAX 31 /* of bits in an unsigned */

struct mail {
    unsigned number;
    char sender[32]; /* "": the null reverse-path */
    char recipients[MAIL_RECIPIENTS_MAX][32];
    unsigned recipient_count;
    struct buf content;
    bool names_itself; /* by Date and Message-ID */
    bool report_failed;
    bool failed[MAIL_RECIPIENTS_MAX]; /* the log says so */
    struct mail *next;
};

struct attempt {
    unsigned number; /* its ENVID */
    struct mail *mail;
    int rcpt_code[MAIL_RECIPIENTS_MAX]; /* 0: not named, or not answered */
    unsigned ended;                     /* bits: a server has had the whole mail for him, with its end */
    uint64_t complete_step;             /* when the end of the content was said; 0: not yet */
    int final_code;                     /* 0: the client never heard it */
    char final_text[1024];
    struct attempt *next;
};

struct copy {
    struct mail *mail;
    struct attempt *attempt; /* NULL: the exchanger was not told */
    unsigned recipients;     /* bits */
    unsigned exchanger;
    char id[64];         /* from our Received line */
    uint64_t known_step; /* when the engine had read the 250; 0: never */
    uint64_t known_ms;
    struct copy *next;
};

void ledger_begin(void);
void ledger_end(void); /* at the end of the schedule: adds up, and frees */

/* The engine is told to exit with work in hand: a report may be lost. */
void ledger_note_exit(void);

struct mail *ledger_add_mail(void);
struct attempt *ledger_add_attempt(struct mail *mail);

/* An exchanger takes a mail. `recipients` are addresses, each with a newline. NULL: it was a report. */
struct copy *ledger_add_copy(unsigned exchanger, bool null_sender, const char *envid, const char *recipients,
                             struct span content);
void ledger_note_known(void *copy); /* the engine has read its 250 */

/* An exchanger has read the end of a mail, whatever it will say to it. Behind it there is no second try (5.7). */
void ledger_note_end(const char *envid, const char *recipients);

/* The client has read the verdict, which the engine said at that step. */
void ledger_note_told(struct attempt *attempt, int code, const char *text, uint64_t said_step);

void ledger_note_event(const struct event *e);

/* For the summary. */
struct ledger_counts {
    uint64_t mails, attempts, copies, delivered, refused, deferred, unheard, partly, again, reports;
};
extern struct ledger_counts ledger_counts;

#endif
