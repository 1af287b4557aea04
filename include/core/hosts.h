/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_HOSTS_H
#define TRAYPOST_CORE_HOSTS_H

/*
 * Which mail server, by which address, and when to try the next one: RFC 8305 ("happy eyeballs") as arithmetic, with
 * what this run of the program has learnt. Nothing is connected here, and no clock is read.
 *
 * What is remembered, in a few kilobytes however many servers there are: who could not be connected to within the last
 * minute, and which servers have refused this computer's IPv6 address. Only hashes are kept. A server that is
 * mistaken for another one is tried later than it might be, and no harm is done otherwise.
 */

#include "core/ip.h"
#include "core/outcome.h"
#include "smtp/mx.h"

#define HOSTS_AVOID_MS (60 * 1000) /* one that could not be reached goes last for so long */
#define HOSTS_FAILED_MAX 256       /* remembered at once; a new one pushes out the oldest */
#define HOSTS_IPV4_ONLY_MAX 128
#define HOSTS_HEAD_START_MS 250 /* RFC 8305 section 5, Connection Attempt Delay */

struct hosts {
    struct {
        uint64_t who; /* hash; 0: none */
        uint64_t at_ms;
    } failed[HOSTS_FAILED_MAX];
    uint64_t ipv4_only[HOSTS_IPV4_ONLY_MAX]; /* hashes of names; 0: none */
    size_t failed_next, ipv4_only_next;      /* where the next one goes */
};

void hosts_init(struct hosts *h);

/* ---- what happened; names in any case ---- */

void hosts_address_failed(struct hosts *h, const struct ip *address, uint64_t now_ms);
void hosts_name_failed(struct hosts *h, const char *name, uint64_t now_ms); /* all of its addresses */
void hosts_connected(struct hosts *h, const char *name, const struct ip *address);

/* This server refuses our IPv6 address by policy: from now on it is asked over IPv4 first. */
void hosts_ipv6_refused(struct hosts *h, const char *name);

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

/* ---- the race ---- */

/*
 * Attempts at several addresses, the next one begun when those before it have had their head start, or have all
 * failed. The first that connects wins; the others are then given up.
 *
 *     hosts_race_begin(&race, count, at_once);
 *     while (hosts_race_may_start(&race, now_ms))
 *         open(list[hosts_race_start(&race, now_ms)]);
 *     set a timer to hosts_race_due_ms(&race), and look again then, and after each hosts_race_failed()
 */
struct hosts_race {
    size_t count, started, failed;
    size_t at_once;  /* attempts in the air at one time; at least 1 */
    uint64_t due_ms; /* when the head start of the latest one ends; 0: it has ended */
};

void hosts_race_begin(struct hosts_race *race, size_t count, size_t at_once);
bool hosts_race_may_start(const struct hosts_race *race, uint64_t now_ms);
size_t hosts_race_start(struct hosts_race *race, uint64_t now_ms); /* the index; only when it may */
void hosts_race_failed(struct hosts_race *race, size_t index); /* once for each that was started and fails */

/* When to look again, perhaps in the past; UINT64_MAX when only a failure or a success can change anything. */
uint64_t hosts_race_due_ms(const struct hosts_race *race);

/* Every address has been tried and has failed. */
bool hosts_race_lost(const struct hosts_race *race);

#endif
