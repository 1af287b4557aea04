/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_VERDICT_H
#define TRAYPOST_NET_VERDICT_H

/* What the client is told about its mail when every recipient has his outcome. */

#include "transaction.h"

/* The reply to the end of the content: a receipt, a refusal, or who did not get it. */
struct outcome verdict_on_mail(const struct transaction *t);

/* All have failed: the worst permanent outcome, or a temporary one if any may succeed later. */
struct outcome verdict_of_failures(const struct transaction *t);

#endif
