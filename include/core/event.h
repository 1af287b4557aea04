/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_EVENT_H
#define TRAYPOST_CORE_EVENT_H

/*
 * What the engine tells people: facts, no sentences. src/text makes the sentences, in the language
 * of whoever looks. Every byte that came from outside has been made printable before it is stored.
 */

#include "core/outcome.h"

enum event_level {
    EVENT_START,       /* black */
    EVENT_INFORMATION, /* green */
    EVENT_ERROR,       /* red: each one means blinking, or the red icon */
};

/* X(name, level): kinds of log line. What the fields of struct event mean is said in text/en.h,
 * where the sentence of each kind is. */
#define EVENT_KINDS(X)                                                                                       \
    X(STARTED, START)                 /* detail: version */                                                  \
    X(LISTENING, INFORMATION)         /* detail: address and port */                                         \
    X(LISTEN_FAILED, ERROR)           /* detail: address and port; words: why */                             \
    X(PORT_TAKEN, ERROR)              /* detail: address and port; program, pid: the holder, if known */     \
    X(DNS_FOUND, INFORMATION)         /* detail: server; seconds: its answer time */                         \
    X(DNS_FALLBACK, INFORMATION)      /* detail: server: none of the system's answered */                    \
    X(NO_INTERNET, ERROR)             /* detail: servers that were asked */                                  \
    X(NETWORK_BACK, INFORMATION)      /* detail: server */                                                   \
    X(DELIVERED, INFORMATION)         /* mail fields */                                                      \
    X(ALREADY_DELIVERED, INFORMATION) /* mail fields: sent again, and not sent on */                         \
    X(FAILED, ERROR)                  /* mail fields */                                                      \
    X(LATE_DELIVERED, INFORMATION)    /* mail fields: after the client had been sent away with 451 */        \
    X(LATE_FAILED, ERROR)             /* mail fields */                                                      \
    X(LATE_WILLING, INFORMATION)      /* mail fields: the server now says it would take the mail */          \
    X(TLS_GONE, ERROR)                /* the outcome says who had TLS before and has none now, and why */    \
    X(POLICY_FAILED, INFORMATION)     /* detail: domain; the outcome's words: why its policy is not there */ \
    X(STRANGER, ERROR)                /* detail: the address that was refused */                             \
    X(HTTP_REFUSED, ERROR)            /* program, pid; detail: address */                                    \
    X(SESSION_LIMIT, ERROR)           /* detail: how many sessions there are */                              \
    X(STOPPED, START)                                                                                        \
    X(INTERNAL, ERROR) /* words: what failed inside */                                                       \
    X(CRASHED, ERROR)  /* detail: what the system says of it; the last line there will be */

enum event_kind {
#define X(name, level) EVENT_##name,
    EVENT_KINDS(X)
#undef X
        EVENT_KIND_COUNT
};

struct event {
    enum event_kind kind;
    int64_t time_s;     /* since 1970, UTC */
    int utc_offset_min; /* of local time then */
    double seconds;     /* how long it took, where that means something */
    long pid;           /* of `program`; 0 = unknown */
    char program[64];   /* "" = unknown */
    char sender[256];   /* "" = the null reverse-path */
    char recipient[256];
    char detail[128];
    struct outcome outcome;
};

enum event_level event_level(enum event_kind kind);
const char *event_kind_name(enum event_kind kind);

/*
 * The log: at most 100 events; when it holds 100, the oldest 50 go before the next is added.
 * Not locked: whoever shares it between threads locks around it (net/events does).
 */
#define EVENT_LOG_LINES 100
#define EVENT_LOG_DROP 50

struct event_log {
    struct event lines[EVENT_LOG_LINES];
    size_t count;
    uint64_t dropped; /* lines[0] is line number `dropped` since the log was made */
};

void event_log_clear(struct event_log *log);
void event_log_add(struct event_log *log, const struct event *e);

#endif
