/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_MTA_STS_H
#define TRAYPOST_NET_MTA_STS_H

/*
 * What does a domain demand of those who bring it mail (MTA-STS, RFC 8461; contract 5.9)? Asks for the TXT record, remembers
 * policies in memory, fetches what is new. Who asks for what is being asked for already shares the answer.
 *
 * It never stands in the way: a policy that cannot be had within some seconds is none, unless an earlier one is
 * still remembered (section 3.3).
 */

#include "later.h"
#include "smtp/policy.h"

struct mta_sts_domain;
struct mta_sts_request;
struct relay;

#define MTA_STS_IDS_MAX 32      /* domains whose TXT record was just asked for */
#define MTA_STS_ID_AGE_MAX_S 60 /* is not asked for again for so long, or its TTL if that is less */

struct mta_sts {
    struct relay *relay;
    struct smtp_policies *policies; /* NULL until a domain has one */
    struct mta_sts_domain *asking;
    struct mta_sts_id {
        char domain[256], id[SMTP_POLICY_ID_MAX + 1];
        uint64_t until_ms;
    } ids[MTA_STS_IDS_MAX];
    size_t id_next; /* the place of the next one */
    bool closing;
};

void mta_sts_init(struct mta_sts *sts, struct relay *relay);

/* `policy`: what is enforced; NULL when nothing is demanded. Valid inside only. */
typedef void (*mta_sts_done)(void *context, const struct smtp_policy *policy);

/* `domain` in A-labels. NULL when out of memory; then `done` is not called. Never from inside. */
struct mta_sts_request *mta_sts_ask(struct mta_sts *sts, const char *domain, mta_sts_done done,
                                    void *context);

/* `done` will not be called; NULL is fine. */
void mta_sts_drop(struct mta_sts_request *request);

/* Gives up all questions, of which nobody waits for an answer any more, and all memory. */
void mta_sts_close(struct mta_sts *sts);

#endif
