/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_VERDICT_H
#define TRAYPOST_NET_VERDICT_H

/* What the client is told about its mail when every recipient has his outcome. */

#include "transaction.h"

/* The reply to the end of the content: a receipt, or a refusal. Where some have it and others do not, a receipt that says so
 * if the sender has been `reported` who does not; otherwise a refusal that says it. */
struct outcome verdict_on_mail(const struct transaction *t, bool reported);

/* All have failed: the worst permanent outcome, or a temporary one if any may succeed later. */
struct outcome verdict_of_failures(const struct transaction *t);

#endif
