/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TRANSACTION_PARTS_H
#define TRAYPOST_NET_TRANSACTION_PARTS_H

/* What the three files of a transaction offer each other: transaction.c (its life, recipients and verdicts),
 * transaction_content.c (from DATA to the end of the content), transaction_patience.c (how long the client waits). Everybody
 * else uses transaction.h. */

#include "events.h"
#include "transaction.h"

/* ---- transaction.c ---- */

void transaction_add_event(struct transaction *t, const struct recipient *r, enum event_kind kind,
                           const struct outcome *outcome);

/* Answers the RCPTs that have their verdict, up to the first that has none. */
void transaction_tell_in_order(struct transaction *t);

/* The answer to the mail; the client goes its own way, and what still listens, listens for the log. */
void transaction_tell_end(struct transaction *t, const struct outcome *verdict);

/* Is the last verdict in that the answer to the end waits for? */
void transaction_look_if_verdict(struct transaction *t);

/* ---- transaction_content.c ---- */

/* Has every leg its server's answer to DATA? Then the client hears 354, or that nobody wants the mail. */
void transaction_look_if_open(struct transaction *t);

/* What all mails together hold is counted, so that it has an end. */
void transaction_count_memory(struct transaction *t);

/* ---- transaction_patience.c ---- */

/* To be called whenever another question is open than before, or none. */
void transaction_arm_patience(struct transaction *t);

#endif
