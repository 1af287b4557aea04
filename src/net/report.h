/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_REPORT_H
#define TRAYPOST_NET_REPORT_H

/*
 * Reports to the sender (RFC 3464), as mails of our own that go the same road as all others: of recipients who did not
 * get what others got, and of those whose servers send no reports when a report of success was asked for. What
 * becomes of a report is told in the log and nowhere else.
 */

#include "transaction.h"

/* Content from the client; its beginning is kept if a report may quote it. */
void report_keep_headers(struct transaction *t, struct span content);

/*
 * All verdicts are in and the client is about to be told. True when nothing more is owed to the sender: a report is on
 * its way, or none is wanted. False when one would be due and there is no memory for it.
 */
bool report_send(const struct transaction *t);

#endif
