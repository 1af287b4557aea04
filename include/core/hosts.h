/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_HOSTS_H
#define TRAYPOST_CORE_HOSTS_H

/*
 * Which mail server first, and by which address: the order of RFC 8305 ("happy eyeballs"), with what this run of the
 * program has learnt. Nothing is connected here, and no clock is read.
 *
 * What is remembered, in a few kilobytes however many servers there are: who could not be connected to within the last
 * minute, which servers have refused this computer's IPv6 address, and which do not know the BDAT that they offer. Only hashes
 * are kept. A server that is mistaken for another one is tried later than it might be, and no harm is done otherwise.
 */

#include "core/ip.h"
#include "core/outcome.h"
#include "smtp/mx.h"

#define HOSTS_AVOID_MS (60 * 1000) /* one that could not be reached goes last for so long */
#define HOSTS_FAILED_MAX 256       /* remembered at once; a new one pushes out the oldest */
#define HOSTS_TRAITS_MAX 128       /* servers with this or that trait, likewise */

/* Hashes of names; 0: none. */
struct hosts_trait {
    uint64_t who[HOSTS_TRAITS_MAX];
    size_t next; /* where the next one goes */
};

struct hosts {
    struct {
        uint64_t who; /* hash; 0: none */
        uint64_t at_ms;
    } failed[HOSTS_FAILED_MAX];
    size_t failed_next; /* where the next one goes */
    struct hosts_trait ipv4_only, no_bdat;
};

void hosts_init(struct hosts *h);

/* ---- what happened; names in any case ---- */

void hosts_address_failed(struct hosts *h, const struct ip *address, uint64_t now_ms);
void hosts_name_failed(struct hosts *h, const char *name, uint64_t now_ms); /* all of its addresses */
void hosts_connected(struct hosts *h, const char *name, const struct ip *address);

/* This server refuses our IPv6 address by policy: from now on it is asked over IPv4 first. */
void hosts_ipv6_refused(struct hosts *h, const char *name);

/* This server offers CHUNKING (RFC 3030), and something in front of it does not know BDAT. */
void hosts_bdat_unknown(struct hosts *h, const char *name);
bool hosts_knows_bdat(const struct hosts *h, const char *name); /* as far as we know */

/*
 * The contract's question: did this server, reached over IPv6, refuse the connecting address as such, so that the mail
 * is worth one try over IPv4? `o` says over which address it was reached.
 */
bool hosts_is_ipv6_refusal(const struct outcome *o);

/* ---- the order ---- */

/*
 * The addresses of the server `name`: families in turn, beginning with IPv6 (RFC 8305 section 4, with a First
 * Address Family Count of 1), or with IPv4 and all of it if the server has refused IPv6; within a family as the name
 * server had them. Those that just failed go last, in the same manner.
 */
void hosts_order_addresses(const struct hosts *h, const char *name, struct ip *list, size_t count,
                           uint64_t now_ms);

/* The exchangers of a domain, in the order of smtp_mx_order(): those that just failed go last, in their order. To be
 * passed over for having failed a minute ago is to have been tried (RFC 5321 section 5.1). */
void hosts_order_exchangers(const struct hosts *h, struct smtp_mx *list, size_t count, uint64_t now_ms);

#endif
