/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_POLICY_H
#define TRAYPOST_SMTP_POLICY_H

/*
 * MTA-STS (RFC 8461): a domain says, by a TXT record and a file that is fetched over HTTPS, that its mail may only go
 * to certain servers, and only over verified TLS. Here the two are read, server names are compared with the policy, and
 * policies are remembered for as long as they ask. Nothing is fetched here.
 *
 *   TXT records of _mta-sts.DOMAIN        smtp_policy_id()       is there a policy, and which
 *   smtp_policy_decide()                                         use what is remembered, or fetch
 *   https://mta-sts.DOMAIN/.well-known/mta-sts.txt
 *                                         smtp_policy_parse(), smtp_policies_store(); or smtp_policies_failed()
 *   before each connection                smtp_policy_allows()   may this server have the mail
 *
 * An enforced policy demands: a server that smtp_policy_allows(), TLS, and a certificate that is valid for that
 * server's name; otherwise 4xx. Policies in testing, and those of mode none, demand nothing. A policy that cannot be had
 * or read is none (section 3.3), unless an earlier one is still remembered: that one holds.
 */

#include "core/span.h"

#define SMTP_POLICY_ID_MAX 32              /* section 3.1 */
#define SMTP_POLICY_FILE_MAX (64 * 1024)   /* section 3.3 */
#define SMTP_POLICY_AGE_MAX_S 31557600     /* section 3.2: a year */
#define SMTP_POLICY_PATTERNS_MAX 8192      /* ours: octets of all server names together, some hundreds */
#define SMTP_POLICY_FETCH_AGAIN_S (5 * 60) /* section 3.3: after a failure, at least so long */
#define SMTP_POLICY_DOMAINS_MAX 256        /* remembered; the one that was longest not asked for makes room */

enum smtp_policy_mode { SMTP_POLICY_MODE_NONE, SMTP_POLICY_MODE_TESTING, SMTP_POLICY_MODE_ENFORCE };

struct smtp_policy {
    enum smtp_policy_mode mode;
    uint32_t max_age_s;
    size_t patterns_length;
    char patterns[SMTP_POLICY_PATTERNS_MAX]; /* lower case, each with its NUL: "mx.a.cz", "*.a.cz" */
};

enum smtp_policy_status {
    SMTP_POLICY_OK,
    SMTP_POLICY_SYNTAX,  /* a line that is not "key: value" */
    SMTP_POLICY_VERSION, /* no version, or not STSv1 */
    SMTP_POLICY_MODE,    /* no mode, or an unknown one */
    SMTP_POLICY_MAX_AGE, /* none, or no number */
    SMTP_POLICY_MX,      /* no server, or something that is no name */
    SMTP_POLICY_TOO_LONG,
};

/*
 * From the TXT records of _mta-sts.DOMAIN (each with its strings joined): the policy's id. False when there is no
 * policy: no record of this kind, more than one, or one that cannot be read.
 */
bool smtp_policy_id(const struct span *records, size_t count, char id[SMTP_POLICY_ID_MAX + 1]);

/* The whole file. *policy is defined only when OK. */
enum smtp_policy_status smtp_policy_parse(struct span file, struct smtp_policy *policy);
const char *smtp_policy_status_name(enum smtp_policy_status status); /* for the log: what is wrong with it */

/* Is the server named by the policy? "*." stands for exactly one label (section 4.1). A final dot does not count. */
bool smtp_policy_allows(const struct smtp_policy *policy, const char *host);

/* ---- remembering ---- */

struct smtp_policies;

enum smtp_policy_step {
    SMTP_POLICY_STEP_NONE,  /* no policy: as everywhere */
    SMTP_POLICY_STEP_USE,   /* *policy holds */
    SMTP_POLICY_STEP_FETCH, /* get it; if that fails *policy holds, or none if it is NULL */
};

/* NULL when out of memory. */
struct smtp_policies *smtp_policies_new(size_t domain_max);
void smtp_policies_free(struct smtp_policies *p);

/*
 * What to do for a mail to `domain`, whose TXT records gave `id` ("": they named no policy, or could not be had: one
 * that is remembered holds all the same, section 5.1). *policy is NULL or valid until the next call that
 * changes `p`. Seconds are of a clock that only goes forward.
 */
enum smtp_policy_step smtp_policy_decide(struct smtp_policies *p, const char *domain, const char *id,
                                         uint64_t now_s, const struct smtp_policy **policy);

/* Fetched and read; the mail at hand goes by it in any case. False when out of memory: it is not remembered then. */
bool smtp_policies_store(struct smtp_policies *p, const char *domain, const char *id,
                         const struct smtp_policy *policy, uint64_t now_s);

/* It could not be fetched, or not be read: this id is not asked for again for a while. */
void smtp_policies_failed(struct smtp_policies *p, const char *domain, const char *id, uint64_t now_s);

#endif
