/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_REFUSAL_H
#define TRAYPOST_CORE_REFUSAL_H

/*
 * What a remote server means by its refusal, as far as its words and codes say so. Nothing is claimed that the reply
 * does not say: "5.7.1 Access denied" has a hundred reasons, and so has no meaning here. Outcomes that were found here
 * (a fault instead of a reply) need no recognising and are NONE too.
 */

#include "core/outcome.h"

/* X(name, is it the connecting address that was refused): by topic; src/text/translation_en.h says what each one means. */
#define REFUSALS(X)                                                                                          \
    /* where the mail comes from */                                                                          \
    X(PORT_25_BLOCKED, false)                                                                                \
    X(HOME_ADDRESS, true)                                                                                    \
    X(IPV6_POLICY, true)                                                                                     \
    X(NO_PTR, true)                                                                                          \
    X(BAD_HELO, false)                                                                                       \
    X(BLOCK_LIST, true)                                                                                      \
    X(BLOCK_LIST_BROKEN, false)                                                                              \
    X(MICROSOFT_BLOCK, true)                                                                                 \
    X(MICROSOFT_TRAFFIC, true)                                                                               \
    X(TELEKOM, true)                                                                                         \
    X(REPUTATION, true)                                                                                      \
    X(THROTTLED, false)                                                                                      \
    X(TOO_MANY_CONNECTIONS, false)                                                                           \
    /* who it says it is from */                                                                             \
    X(SPF, false)                                                                                            \
    X(DKIM, false)                                                                                           \
    X(DMARC, false)                                                                                          \
    X(UNAUTHENTICATED, false)                                                                                \
    X(MICROSOFT_AUTHENTICATION, false)                                                                       \
    X(DIRECT_SEND, false)                                                                                    \
    X(SPOOFING, false)                                                                                       \
    X(SENDER_DOMAIN, false)                                                                                  \
    X(SENDER_DOMAIN_LISTED, false)                                                                           \
    X(SENDER_NOT_VERIFIED, false)                                                                            \
    X(SENDER_BLOCKED, false)                                                                                 \
    /* who it is for */                                                                                      \
    X(NO_SUCH_USER, false)                                                                                   \
    X(MAILBOX_UNAVAILABLE, false)                                                                            \
    X(MAILBOX_DISABLED, false)                                                                               \
    X(MAILBOX_FULL, false)                                                                                   \
    X(RECIPIENT_BUSY, false)                                                                                 \
    X(RECIPIENT_MOVED, false)                                                                                \
    X(RECIPIENT_SYNTAX, false)                                                                               \
    X(INSIDERS_ONLY, false)                                                                                  \
    X(TOO_MANY_RECIPIENTS, false)                                                                            \
    X(RELAY_DENIED, false)                                                                                   \
    X(LOGIN_REQUIRED, false)                                                                                 \
    X(TLS_REQUIRED, false)                                                                                   \
    /* what is in it */                                                                                      \
    X(TOO_BIG, false)                                                                                        \
    X(ATTACHMENT, false)                                                                                     \
    X(VIRUS, false)                                                                                          \
    X(SPAM, false)                                                                                           \
    X(SPAM_LINK, false)                                                                                      \
    X(BAD_FROM, false)                                                                                       \
    X(BAD_FORM, false)                                                                                       \
    X(LOOP, false)                                                                                           \
    X(POLICY, false)                                                                                         \
    /* not now */                                                                                            \
    X(GREYLISTED, false)                                                                                     \
    X(ADDRESS_CHECK, false)                                                                                  \
    X(SERVER_FULL, false)                                                                                    \
    X(TOO_SLOW, false)                                                                                       \
    X(TRY_LATER, false)

enum refusal {
    REFUSAL_NONE,
#define X(name, is_of_address) REFUSAL_##name,
    REFUSALS(X)
#undef X
        REFUSAL_COUNT
};

/* What this outcome means; NONE when nothing fits, for a mail that was accepted, and for our own faults. */
enum refusal refusal_of(const struct outcome *o);

/*
 * It is the connecting address that was refused, for where it is, what it is called or what is thought of it: from
 * another address of this computer the same mail might be taken. Not so with SPF and DKIM, which speak of the sender.
 */
bool refusal_is_of_address(enum refusal refusal);

/* "NO_SUCH_USER": for tests and statistics. */
const char *refusal_name(enum refusal refusal);

#endif
