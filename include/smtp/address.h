/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_ADDRESS_H
#define TRAYPOST_SMTP_ADDRESS_H

/*
 * Reverse-paths and forward-paths (RFC 5321 section 4.1.2, RFC 6531 section 3.3). Strict in which
 * octets may stand in an address, lenient in how it is written: brackets may be missing, a source route
 * is dropped (section 3.6.1), dots may stand anywhere in a local part (whether such a mailbox exists is
 * for its server to say), limits of length are those of section 4.5.3.1 made a little wider.
 *
 * An address stays as it was written, for the log; what is said to servers has its domain in A-labels.
 */

#include "core/buf.h"
#include "smtp/idna.h"

#define SMTP_LOCAL_PART_MAX 128 /* RFC says 64; VERP and SRS senders need more */
#define SMTP_DOMAIN_MAX 255

struct smtp_address {
    char text[SMTP_LOCAL_PART_MAX + 1 + SMTP_DOMAIN_MAX + 1]; /* "" = the null reverse-path "<>" */
    size_t local_length;        /* text[local_length] is the '@', or the end when there is no domain */
    bool literal;               /* the domain is an address literal, "[...]" */
    bool utf8;                  /* octets above 127 in the local part: SMTPUTF8 is needed to send it on */
    enum smtp_idna_status idna; /* OK, or why DNS can have no such domain */
    char ascii_domain[SMTP_DNS_NAME_MAX + 1]; /* in A-labels, where it is not written so; otherwise "" */
};

enum smtp_address_status {
    SMTP_ADDRESS_OK,
    SMTP_ADDRESS_SYNTAX, /* not an address */
    SMTP_ADDRESS_TOO_LONG,
    SMTP_ADDRESS_UTF8, /* 8-bit octets that are no UTF-8 */
};

/*
 * Reads one path from the front of *rest ("<a@b>", "<@relay:a@b>", "<>", "a@b", "<postmaster>") and
 * advances *rest behind it. "<>" gives an empty text; whether that is allowed here is the caller's
 * matter. On error *rest is unspecified.
 */
enum smtp_address_status smtp_address_parse(struct span *rest, struct smtp_address *address);

struct span smtp_address_local_part(const struct smtp_address *a);
struct span smtp_address_domain(const struct smtp_address *a); /* empty when there is none */

/* The domain as DNS is asked for it, without a final dot; empty when there is none, or when `idna` says why not. */
struct span smtp_address_ascii_domain(const struct smtp_address *a);

/* Appends the address as servers are told it, without brackets. Only when `idna` is OK. */
void smtp_address_say(const struct smtp_address *a, struct buf *out);

/* A domain as RFC 5321 section 2.3.5 has it: labels of letters, digits, hyphens (and underscores,
 * which exist in the wild); octets above 127 only where `utf8` says so. */
bool smtp_domain_valid(struct span domain, bool utf8);

#endif
