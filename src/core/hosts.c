/* SPDX-License-Identifier: MIT */
/* What is remembered of servers, and the order that follows from it. */

#include "core/hosts.h"

#include <string.h>

#include "core/refusal.h"

/* ---------------------------------------------------------------- memory */

void hosts_init(struct hosts *h)
{
    memset(h, 0, sizeof *h);
}

/* FNV-1a; never 0, which says that a place is empty. */
static uint64_t hash_octet(uint64_t hash, char octet)
{
    return (hash ^ (unsigned char)octet) * UINT64_C(1099511628211);
}

static uint64_t hash_of_name(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *name; name++)
        hash = hash_octet(hash, ascii_lower(*name));
    return hash | 1;
}

static uint64_t hash_of_address(const struct ip *address)
{
    uint64_t hash = hash_octet(UINT64_C(14695981039346656037), (char)address->family);
    for (size_t i = 0; i < sizeof address->bytes; i++)
        hash = hash_octet(hash, (char)address->bytes[i]);
    return hash | 1;
}

static void note_failed(struct hosts *h, uint64_t who, uint64_t now_ms)
{
    for (size_t i = 0; i < HOSTS_FAILED_MAX; i++)
        if (h->failed[i].who == who) {
            h->failed[i].at_ms = now_ms;
            return;
        }
    h->failed[h->failed_next].who = who;
    h->failed[h->failed_next].at_ms = now_ms;
    h->failed_next = (h->failed_next + 1) % HOSTS_FAILED_MAX;
}

static void note_reached(struct hosts *h, uint64_t who)
{
    for (size_t i = 0; i < HOSTS_FAILED_MAX; i++)
        if (h->failed[i].who == who)
            h->failed[i].who = 0;
}

static bool just_failed(const struct hosts *h, uint64_t who, uint64_t now_ms)
{
    for (size_t i = 0; i < HOSTS_FAILED_MAX; i++)
        if (h->failed[i].who == who)
            return now_ms - h->failed[i].at_ms < HOSTS_AVOID_MS;
    return false;
}

void hosts_address_failed(struct hosts *h, const struct ip *address, uint64_t now_ms)
{
    note_failed(h, hash_of_address(address), now_ms);
}

void hosts_name_failed(struct hosts *h, const char *name, uint64_t now_ms)
{
    note_failed(h, hash_of_name(name), now_ms);
}

void hosts_connected(struct hosts *h, const char *name, const struct ip *address)
{
    note_reached(h, hash_of_name(name));
    note_reached(h, hash_of_address(address));
}

static bool has_trait(const struct hosts_trait *trait, const char *name)
{
    uint64_t who = hash_of_name(name);
    for (size_t i = 0; i < HOSTS_TRAITS_MAX; i++)
        if (trait->who[i] == who)
            return true;
    return false;
}

static void note_trait(struct hosts_trait *trait, const char *name)
{
    if (has_trait(trait, name))
        return;
    trait->who[trait->next] = hash_of_name(name);
    trait->next = (trait->next + 1) % HOSTS_TRAITS_MAX;
}

void hosts_ipv6_refused(struct hosts *h, const char *name)
{
    note_trait(&h->ipv4_only, name);
}

void hosts_bdat_unknown(struct hosts *h, const char *name)
{
    note_trait(&h->no_bdat, name);
}

bool hosts_knows_bdat(const struct hosts *h, const char *name)
{
    return !has_trait(&h->no_bdat, name);
}

bool hosts_is_ipv6_refusal(const struct outcome *o)
{
    struct ip address;
    return ip_parse(span_of(o->address), &address) && address.family == IP_V6 &&
           refusal_is_of_address(refusal_of(o));
}

/* ---------------------------------------------------------------- order */

/* Moves list[from] to list[to] (to <= from); those between give way. */
static void move_address(struct ip *list, size_t from, size_t to)
{
    struct ip moved = list[from];
    memmove(&list[to + 1], &list[to], (from - to) * sizeof *list);
    list[to] = moved;
}

/* The next one of `family` at or behind `at`, or `count`. */
static size_t find_family(const struct ip *list, size_t count, size_t at, enum ip_family family)
{
    while (at < count && list[at].family != family)
        at++;
    return at;
}

/* IPv6, IPv4, IPv6 … and what is left over; or all of IPv4 first. */
static void interleave(struct ip *list, size_t count, bool ipv4_first)
{
    enum ip_family wanted = ipv4_first ? IP_V4 : IP_V6;
    for (size_t at = 0; at < count; at++) {
        size_t found = find_family(list, count, at, wanted);
        if (found < count)
            move_address(list, found, at);
        if (!ipv4_first)
            wanted = list[at].family == IP_V6 ? IP_V4 : IP_V6;
    }
}

void hosts_order_addresses(const struct hosts *h, const char *name, struct ip *list, size_t count,
                           uint64_t now_ms)
{
    bool ipv4_first = has_trait(&h->ipv4_only, name);
    size_t good = 0;
    for (size_t i = 0; i < count; i++)
        if (!just_failed(h, hash_of_address(&list[i]), now_ms))
            move_address(list, i, good++);
    interleave(list, good, ipv4_first);
    interleave(list + good, count - good, ipv4_first);
}

void hosts_order_exchangers(const struct hosts *h, struct smtp_mx *list, size_t count, uint64_t now_ms)
{
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        if (just_failed(h, hash_of_name(list[i].host), now_ms))
            continue;
        struct smtp_mx moved = list[i];
        memmove(&list[good + 1], &list[good], (i - good) * sizeof *list);
        list[good++] = moved;
    }
}
