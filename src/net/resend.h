/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_RESEND_H
#define TRAYPOST_NET_RESEND_H

/*
 * Mails that are sent again (contract, "Duplicate guard"): the transaction's side of core/seen. Content streams, so
 * who already has a mail is known when all of it but the end has gone out. A leg whose recipients all have it is cut
 * off there, and without its end a mail is none. A leg that others may be completing at this moment waits for them.
 * A leg with both kinds of recipients goes out: better twice than never.
 *
 * A mail with a Message-ID or a Date of its own is the same one when it comes again. One without either may be a device
 * that has the same to say twice within the hour: it counts as sent again only if the client of the first cannot know
 * that it was delivered, because it had gone by then, or has been told 451, or broke the connection after its 250.
 */

#include "transaction.h"

/* The content, as it comes. */
void resend_begin_digest(struct transaction *t);
void resend_digest(struct transaction *t, struct span content);

/* The content is complete and its end has not gone out: settles who has it already, holds the legs that have to wait,
 * notes the others as being in the air. May be the transaction's verdict. */
void resend_look(struct transaction *t);

/* A recipient has his verdict, or will never have one. */
void resend_settled(struct transaction *t, struct recipient *r);

/* What a client is told 250 for: it is taken to know, as long as nothing speaks against it. NULL: nothing, or no
 * memory. */
struct resend_receipt *resend_receipt_new(const struct transaction *t);

/* It has gone on, or ended, in an orderly way: it knows; or it has not. Frees. */
void resend_receipt_close(struct relay *relay, struct resend_receipt *receipt, bool orderly);

#endif
