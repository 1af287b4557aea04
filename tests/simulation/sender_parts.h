/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SENDER_PARTS_H
#define TRAYPOST_TESTS_SENDER_PARTS_H

/* What the three files of a sender offer each other: sender.c (its life), sender_says.c, sender_hears.c. Everybody else uses
 * sender.h. */

#include <stddef.h>

#include "ledger.h"
#include "sender.h"
#include "wire.h"
#include "world.h"

#define MAILS_MAX 3
#define AWAITED_MAX 32

enum sender_step { GREETING, HELLO, MAIL, RCPT, DATA, CHUNK, LAST, RSET, QUIT };

struct sender {
    unsigned number;
    bool pipelining, chunking;
    unsigned restless; /* of a thousand steps at so many it vanishes */
    unsigned slow;     /* of a thousand replies after so many it pauses */
    uint64_t gives_up_ms;
    struct wire_end *end; /* NULL: not connected */
    struct buf in;
    struct {
        enum sender_step step;
        unsigned recipient;
    } awaited[AWAITED_MAX];
    unsigned awaited_count;
    bool silenced; /* says no more on this connection */
    bool leaving;  /* 421 or QUIT: the relay is about to close */
    int code;      /* of a reply of several lines; 0: at the beginning of one */

    struct mail *mails[MAILS_MAX];
    unsigned mail_count, at; /* mails[at] is being sent */
    unsigned wanted[MAILS_MAX], attempts_left[MAILS_MAX];
    struct attempt *attempt; /* NULL: between mails */
    unsigned next_recipient; /* RCPT to say next; beyond the last: content */
    bool mail_said, content_begun, greeted;
    bool must_reset; /* the last mail failed: the relay may still be in its transaction */
    size_t content_said;
    bool long_mail; /* more than the relay keeps in memory: it may have to wait until a server reads on */

    struct alarm pause, clock;
    uint64_t quiet_since_ms, quiet_taken, quiet_late_ms;
};

/* ---- sender.c ---- */

extern const char *const sender_step_names[];

void sender_go_on(struct sender *s);
void sender_pause(struct sender *s, uint64_t ms);
void sender_vanish(struct sender *s);
void sender_off(struct sender *s); /* the connection has gone */

/* The attempt is over: what has to be sent again? */
void sender_judge_attempt(struct sender *s);

/* ---- sender_says.c ---- */

bool sender_may_say(const struct sender *s);
void sender_begin_mail(struct sender *s);
bool sender_say_next(struct sender *s);  /* in its mail; false: something must be heard first */
void sender_say_lines(struct sender *s); /* the content, behind 354 */
void sender_await(struct sender *s, enum sender_step step, unsigned recipient);

__attribute__((format(__printf__, 4, 5))) void sender_say(struct sender *s, enum sender_step step,
                                                          unsigned recipient, const char *format, ...);

bool sender_any_taken(const struct attempt *a);

/* ---- sender_hears.c ---- */

extern const struct wire_calls sender_calls;

#endif
