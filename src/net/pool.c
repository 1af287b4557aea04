/* SPDX-License-Identifier: MIT */
/* Places, idle connections and the queue, per host. Pure bookkeeping: no handle lives here. */

#include "pool.h"

#include <stdlib.h>

#include "leg.h"
#include "outbound.h"

void pool_init(struct pool *pool, struct relay *relay)
{
    *pool = (struct pool){.relay = relay};
}

static struct pool_host *find(const struct pool *pool, const char *name)
{
    struct pool_host *host = pool->hosts;
    while (host && !span_equals_nocase(span_of(host->name), span_of(name)))
        host = host->next;
    return host;
}

static struct pool_host *add(struct pool *pool, const char *name)
{
    struct pool_host *host = calloc(1, sizeof *host);
    if (!host)
        return NULL;
    span_copy(span_of(name), host->name, sizeof host->name);
    host->last = &host->waiting;
    host->next = pool->hosts;
    pool->hosts = host;
    return host;
}

static void remove_if_unused(struct pool *pool, struct pool_host *host)
{
    if (host->places_taken > 0 || host->waiting)
        return;
    struct pool_host **link = &pool->hosts;
    while (*link != host)
        link = &(*link)->next;
    *link = host->next;
    free(host);
}

static bool does_for(const struct outbound *outbound, enum tls_demand demand)
{
    return demand != TLS_VERIFIED || outbound->demand == TLS_VERIFIED;
}

static struct outbound *find_idle(const struct pool_host *host, enum tls_demand demand)
{
    struct outbound *outbound = host->idle;
    while (outbound && !does_for(outbound, demand))
        outbound = outbound->next_idle;
    return outbound;
}

bool pool_has_idle(const struct pool *pool, const char *name, enum tls_demand demand)
{
    const struct pool_host *host = find(pool, name);
    return host && find_idle(host, demand);
}

enum pool_answer pool_enter(struct pool *pool, const char *name, struct leg *leg, struct pool_host **at,
                            struct outbound **outbound)
{
    struct pool_host *host = find(pool, name);
    if (!host)
        host = add(pool, name);
    if (!host)
        return POOL_NO_MEMORY;
    *at = host;
    *outbound = find_idle(host, leg->tls_demand);
    if (*outbound) {
        pool_remove_idle(host, *outbound);
        return POOL_REUSE;
    }
    if (host->places_taken < POOL_CONNECTIONS_MAX) {
        host->places_taken++;
        return POOL_PLACE;
    }
    leg->next_waiting = NULL;
    *host->last = leg;
    host->last = &leg->next_waiting;
    if (host->idle)
        outbound_retire(host->idle); /* it does not do: its place will */
    return POOL_WAIT;
}

void pool_stop_waiting(struct pool_host *host, struct leg *leg)
{
    struct leg **link = &host->waiting;
    while (*link && *link != leg)
        link = &(*link)->next_waiting;
    if (!*link)
        return;
    *link = leg->next_waiting;
    if (!*link)
        host->last = link;
}

static struct leg *take_waiting(struct pool_host *host)
{
    struct leg *leg = host->waiting;
    if (leg)
        pool_stop_waiting(host, leg);
    return leg;
}

void pool_leave(struct pool *pool, struct pool_host *host)
{
    struct leg *leg = take_waiting(host);
    if (leg) {
        leg_got_place(leg, NULL);
        return;
    }
    host->places_taken--;
    remove_if_unused(pool, host);
}

void pool_give_back(struct pool *pool, struct pool_host *host, struct outbound *outbound)
{
    (void)pool;
    if (host->waiting && does_for(outbound, host->waiting->tls_demand)) {
        leg_got_place(take_waiting(host), outbound);
        return;
    }
    outbound->next_idle = host->idle;
    host->idle = outbound;
    if (host->waiting)
        outbound_retire(outbound); /* it does not do for him: its place will */
}

void pool_remove_idle(struct pool_host *host, struct outbound *outbound)
{
    struct outbound **link = &host->idle;
    while (*link && *link != outbound)
        link = &(*link)->next_idle;
    if (*link)
        *link = outbound->next_idle;
}
