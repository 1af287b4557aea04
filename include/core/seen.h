/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_SEEN_H
#define TRAYPOST_CORE_SEEN_H

/*
 * The duplicate guard. Clients give up waiting and silently send again (some do so for hours); this remembers,
 * for an hour and in memory only, what has been delivered to whom, so that the second copy need not go out.
 *
 * A false "already delivered" is a lost mail. So what is remembered is a cryptographic digest that the owner
 * makes (SHA-256; the function itself lives outside of the pure code), over exactly the octets that
 * seen_identity() gives: nobody can make another mail look like one that was delivered.
 *
 * What is the same mail: the same reverse-path, the same forward-path, the same content. Content is what the
 * client sent, behind the undoing of dots and the mending of line ends, and before any header of ours: a
 * resend is the same whether it comes by DATA or by BDAT, and our Received: line of each does not count.
 *
 * When it is known. Content streams, so the digest is whole only when the content is; by then all of it but the
 * final dot has gone to the servers. That is early enough: without its dot a mail is no mail. For each recipient:
 *
 *   seen_ask() says NEW          seen_begin(), send the dot, seen_settle() with the verdict
 *              says DELIVERED    cut the leg off before its dot; 250, seen_format()
 *              says IN_THE_AIR   keep the leg's dot back until the flight with that ticket is settled: if it was
 *                                delivered, as above; if not, end this one with its dot
 *
 * All recipients of a mail are asked first and begun afterwards: one that is named twice must not wait for
 * itself.
 *
 * Mails that are the same on purpose. A device that reports "door open" twice in an hour, without Date: and
 * without Message-ID:, sends the same octets twice and means two mails. To tell them from a resend it is noted
 * whether the client knows of the delivery: one that knows has no reason to send again. What follows from it is
 * the owner's decision.
 *
 * Time comes in twice: a monotonic clock decides what is old, the wall clock is only told.
 */

#include "smtp/address.h"

#define SEEN_KEEP_MS (60 * 60 * 1000)
#define SEEN_MAIL_MAX 10000 /* remembered at once; the oldest delivered ones make room (about 1 MB) */
#define SEEN_DIGEST_SIZE 32
#define SEEN_IDENTITY_MAX (SEEN_DIGEST_SIZE + 2 * sizeof(struct smtp_address))
#define SEEN_TEXT_SIZE 32

struct seen_key {
    uint8_t digest[SEEN_DIGEST_SIZE];
};

enum seen_kind { SEEN_NEW, SEEN_IN_THE_AIR, SEEN_DELIVERED };

struct seen_answer {
    enum seen_kind kind;
    uint64_t ticket;   /* of the flight or the delivery; 0 for NEW */
    int64_t at_s;      /* DELIVERED: when, since 1970 */
    bool client_knows; /* DELIVERED: see seen_note_client() */
};

struct seen;

/* Room for `mail_max` mails. NULL when out of memory. */
struct seen *seen_new(size_t mail_max);
void seen_free(struct seen *s);

/* What the digest of a mail to one recipient has to be made of; `octets` has room for SEEN_IDENTITY_MAX. The
 * domains count without regard to case, the local parts with. */
struct span seen_identity(const uint8_t content_digest[SEEN_DIGEST_SIZE], const struct smtp_address *sender,
                          const struct smtp_address *recipient, char *octets);

/* The mail's standing. What has been delivered wins over what is in the air. */
struct seen_answer seen_ask(const struct seen *s, const struct seen_key *key, uint64_t now_ms);

/*
 * The dot is about to go out. Returns a ticket for the two calls below, or 0 when there is no room: such a mail goes
 * unguarded. Each ticket has to be settled once for each time it was given out; a mail that is in the air already
 * gets the ticket of that flight.
 */
uint64_t seen_begin(struct seen *s, const struct seen_key *key, uint64_t now_ms);

/* The verdict. What was not delivered is forgotten at once, so that the resend goes out. Uncertain (the connection
 * broke behind the dot) is not delivered: better twice than never. Ticket 0 does nothing. */
void seen_settle(struct seen *s, uint64_t ticket, bool delivered, uint64_t now_ms, int64_t at_s);

/* Whether the client of the latest delivery knows of it; at first it does not. An unknown or outdated ticket does
 * nothing. */
void seen_note_client(struct seen *s, uint64_t ticket, bool knows);

/* "already delivered at 12:03", local time. */
void seen_format(const struct seen_answer *answer, int utc_offset_min, char text[SEEN_TEXT_SIZE]);

#endif
