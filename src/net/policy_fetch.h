/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_POLICY_FETCH_H
#define TRAYPOST_NET_POLICY_FETCH_H

/*
 * One domain's policy fetched over HTTPS from a server that proves to be mta-sts.DOMAIN (RFC 8461 section 3.3). It frees itself
 * when it is through; the relay's end waits for that.
 */

#include "smtp/policy.h"

struct policy_fetch;
struct relay;

/* `policy` is NULL when it could not be had; then `trouble` says why (English). Both are valid inside only. */
typedef void (*policy_fetch_done)(void *context, const struct smtp_policy *policy, const char *trouble);

/* NULL when out of memory; then `done` is not called. Never from inside. */
struct policy_fetch *policy_fetch_begin(struct relay *relay, const char *domain, policy_fetch_done done,
                                        void *context);

/* `done` will not be called; NULL is fine. */
void policy_fetch_drop(struct policy_fetch *fetch);

#endif
