/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_OUTCOME_H
#define TRAYPOST_CORE_OUTCOME_H

/*
 * What became of one recipient: exactly one of these each. Two things make an outcome, and nothing
 * else does: a remote server's reply, or a fault from the table below. It carries all that the reply
 * to the client, the log line and (later) the report to the sender need.
 */

#include "core/span.h"

enum outcome_kind {
    OUTCOME_NONE,      /* not known yet */
    OUTCOME_ACCEPTED,  /* the recipient's server said 2xx */
    OUTCOME_TEMPORARY, /* may succeed later: 4xx */
    OUTCOME_PERMANENT, /* will not: 5xx */
};

/* X(name, code, subject, detail, words): what went wrong when no server's words say it.
 * The class of the enhanced status code (RFC 3463) follows from the reply code. */
#define OUTCOME_FAULTS(X)                                                                                    \
    X(NO_INTERNET, 451, 4, 3, "no name server answers: the internet connection seems to be down")            \
    X(DNS_FAILED, 451, 4, 3, "the name servers could not say where mail for this domain goes")               \
    X(DNS_NO_DOMAIN, 550, 1, 2, "no such domain")                                                            \
    X(DNS_NULL_MX, 556, 1, 10, "this domain accepts no mail (null MX)")                                      \
    X(DNS_NO_ADDRESS, 550, 4, 4, "this domain has no mail server with an address")                           \
    X(CONNECT_FAILED, 451, 4, 1, "no mail server of this domain could be reached")                           \
    X(CONNECTION_LOST, 451, 4, 2, "the mail server closed the connection")                                   \
    X(TIMED_OUT, 451, 4, 2, "the mail server did not answer in time")                                        \
    X(TLS_FAILED, 451, 7, 5, "the connection to the mail server could not be encrypted")                     \
    X(POLICY_TLS, 451, 7, 5, "the domain takes mail only encrypted and by a proven server (MTA-STS)")        \
    X(POLICY_HOST, 451, 7, 0, "the domain's policy (MTA-STS) names other mail servers than its DNS")         \
    X(LOST_AFTER_DOT, 451, 4, 2, "the connection broke while the answer was awaited; a copy may exist")      \
    X(PROTOCOL, 451, 5, 0, "the mail server's answer was not SMTP")                                          \
    X(LOOP, 554, 4, 6, "mail for this domain would come back to this machine: loop")                         \
    X(TOO_MANY_HOPS, 554, 4, 6, "more than 50 Received lines: loop")                                         \
    X(TOO_BIG, 552, 3, 4, "the message is larger than this relay takes (--max-size)")                        \
    X(TOO_BIG_THERE, 552, 3, 4, "the message is larger than the recipient's server takes")                   \
    X(OUT_OF_PATIENCE, 451, 4, 7, "the recipient's server has not answered yet; please try again later")     \
    X(STOPPING, 421, 3, 2, "Traypost is stopping")                                                           \
    X(BUSY, 451, 3, 2, "too many mails are on their way to this server; please try again later")             \
    X(NO_MEMORY, 451, 3, 0, "out of memory; please try again later")                                         \
    X(NUL_IN_CONTENT, 554, 6, 0, "the message contains NUL bytes")                                           \
    X(NO_EIGHT_BIT, 554, 6, 3, "the message has 8-bit content and the recipient's server takes none")        \
    X(NO_UTF8, 553, 6, 7, "the recipient's server takes no internationalised addresses")                     \
    X(NO_UTF8_HEADER, 554, 6, 9, "the message has headers in UTF-8 and the recipient's server takes none")   \
    X(NO_IDNA, 553, 6, 7, "there can be no domain of this name")                                             \
    X(NO_MAILBOX, 550, 1, 1, "an address without @domain, and this relay has no mailboxes of its own")       \
    X(ABANDONED, 451, 4, 2, "the client went away before the end of the message")

enum outcome_fault {
    OUTCOME_FAULT_NONE,
#define X(name, code, subject, detail, words) OUTCOME_FAULT_##name,
    OUTCOME_FAULTS(X)
#undef X
};

struct outcome {
    enum outcome_kind kind;
    enum outcome_fault fault; /* NONE: `words` are the remote server's */
    int code;                 /* RFC 5321 reply code */
    int subject, detail;      /* of the enhanced status code; subject < 0: none was given */
    bool already;             /* accepted, but earlier: nothing was sent now */
    bool copy_may_exist;      /* broke after the final dot: the remote may have taken the mail */
    char host[256];           /* the server it is about; "" when there was none */
    char address[48];         /* its address; "" likewise */
    char tls[52];             /* version and cipher of the connection to it, "verified"; "" = in clear */
    char words[400];          /* printable ASCII (or UTF-8), one line */
};

/* From a server's final reply. `words` is what stood behind the code, enhanced code taken off.
 * A code outside 200..599 makes a PROTOCOL fault. */
struct outcome outcome_from_reply(int code, int subject, int detail, struct span words);

/* From the table; `more` (may be NULL) is appended to the words after ": ". */
struct outcome outcome_from_fault(enum outcome_fault fault, const char *more);

/* Says which server this is about. */
void outcome_set_host(struct outcome *o, const char *host, const char *address);
void outcome_set_tls(struct outcome *o, const char *tls);

/* One verdict for several recipients (RFC 5321 section 4.2.5 leaves it to us, the contract says it):
 * accepted if any was; else a temporary one if any may succeed later; else the worst permanent one. */
const struct outcome *outcome_merge(const struct outcome *const *list, size_t count);

/* "NO_INTERNET": for logs, tests and the catalogue of explanations. */
const char *outcome_fault_name(enum outcome_fault fault);

#endif
