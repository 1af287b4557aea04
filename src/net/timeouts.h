/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TIMEOUTS_H
#define TRAYPOST_NET_TIMEOUTS_H

/*
 * Every time-out of the engine, in one table. The relay has a copy of the usual one, so that a test
 * can wait for a minute-long silence in milliseconds. Patience is an option (config.h), not a time-out.
 */

#include <stdint.h>

/* X(name, milliseconds): RFC 5321 section 4.5.3.2 where a section is named, ours elsewhere. */
#define TIMEOUTS(X)                                                                                          \
    X(client_silence, 5 * 60 * 1000) /* 4.5.3.2.7: a client that says nothing */                             \
    X(client_idle, 10 * 1000)   /* without a mail: then its place is for a newcomer, if all are taken */     \
    X(client_parting, 2 * 1000) /* for the client to read our last words */                                  \
    X(connect, 10 * 1000)       /* per address: TCP itself would wait for minutes */                         \
    X(head_start, 250)          /* then the host's next address is tried beside it (RFC 8305 section 5) */   \
    X(naming, 3 * 1000)         /* our reverse name, for EHLO */                                             \
    X(greeting, 5 * 60 * 1000)  /* 4.5.3.2.1, and the reply to EHLO */                                       \
    X(silence, 20 * 1000)       /* the same, once for each mail, while there is another server to ask */     \
    X(handshake, 10 * 1000)     /* of TLS: then there is still patience for a try in clear */                \
    X(policy_connect, 3 * 1000) /* of fetching a policy (MTA-STS), per address */                            \
    X(policy, 10 * 1000)        /* from being connected to having it */                                      \
    X(mail, 5 * 60 * 1000)      /* 4.5.3.2.2 */                                                              \
    X(rcpt, 5 * 60 * 1000)      /* 4.5.3.2.3 */                                                              \
    X(data, 2 * 60 * 1000)      /* 4.5.3.2.4 */                                                              \
    X(block, 3 * 60 * 1000)     /* 4.5.3.2.5: a server that takes no more content */                         \
    X(final, 10 * 60 * 1000)    /* 4.5.3.2.6 */                                                              \
    X(report, 10 * 60 * 1000)   /* a mail of our own, for each of its questions: as long as the longest */   \
    X(reset, 10 * 1000)                                                                                      \
    X(idle, 5 * 1000) /* a connection that may be used again */                                              \
    X(quit, 2 * 1000)                                                                                        \
    X(listen, 50) /* of starting: then we listen, whatever the name servers do */                            \
    X(stop, 4500) /* mails in progress have their answer or 421 within 5 s */

struct timeouts {
#define X(name, ms) uint64_t name##_ms;
    TIMEOUTS(X)
#undef X
};

static const struct timeouts usual_timeouts = {
#define X(name, ms) .name##_ms = (ms),
    TIMEOUTS(X)
#undef X
};

#endif
