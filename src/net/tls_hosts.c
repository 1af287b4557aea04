/* SPDX-License-Identifier: MIT */
/* A list in the order of use: who is looked for moves to its front, and its end falls off. */

#include "tls_hosts.h"

#include <stdlib.h>
#include <string.h>

#define SESSION_SIZE_MAX 8192 /* ticket, and with TLS 1.2 the server's certificate */

static void free_host(struct tls_host *host)
{
    buf_clear(&host->session);
    free(host);
}

void tls_hosts_clear(struct tls_hosts *hosts)
{
    while (hosts->first) {
        struct tls_host *host = hosts->first;
        hosts->first = host->next;
        free_host(host);
    }
    hosts->count = 0;
}

static struct tls_host *find(struct tls_hosts *hosts, const char *name, enum tls_demand demand)
{
    for (struct tls_host **link = &hosts->first; *link; link = &(*link)->next) {
        struct tls_host *host = *link;
        if (host->demand != demand || !span_equals_nocase(span_of(host->name), span_of(name)))
            continue;
        *link = host->next;
        host->next = hosts->first;
        hosts->first = host;
        return host;
    }
    return NULL;
}

static void drop_last(struct tls_hosts *hosts)
{
    struct tls_host **link = &hosts->first;
    while ((*link)->next)
        link = &(*link)->next;
    free_host(*link);
    *link = NULL;
    hosts->count--;
}

void tls_hosts_note(struct tls_hosts *hosts, const char *name, enum tls_demand demand)
{
    struct tls_host *host = find(hosts, name, demand);
    if (host) {
        host->gone_said = false;
        return;
    }
    size_t size = strlen(name) + 1;
    host = malloc(sizeof *host + size);
    if (!host)
        return;
    *host = (struct tls_host){.demand = demand, .next = hosts->first};
    buf_init(&host->session, SESSION_SIZE_MAX);
    memcpy(host->name, name, size);
    hosts->first = host;
    if (++hosts->count > TLS_HOSTS_MAX)
        drop_last(hosts);
}

struct span tls_hosts_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand)
{
    struct tls_host *host = find(hosts, name, demand);
    return host ? buf_span(&host->session) : span_of("");
}

void tls_hosts_keep_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand,
                            struct tls *tls)
{
    struct buf session;
    buf_init(&session, SESSION_SIZE_MAX);
    struct tls_host *host = tls_take_session(tls, &session) ? find(hosts, name, demand) : NULL;
    if (host) {
        buf_clear(&host->session);
        host->session = session;
    } else {
        buf_clear(&session);
    }
}

void tls_hosts_forget_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand)
{
    struct tls_host *host = find(hosts, name, demand);
    if (host)
        buf_clear(&host->session);
}

/* Whether it was verified then is all one: a policy may have run out together with the host's TLS. */
bool tls_hosts_note_clear(struct tls_hosts *hosts, const char *name)
{
    static const enum tls_demand demands[] = {TLS_OPPORTUNISTIC, TLS_VERIFIED};
    bool news = false;
    for (size_t i = 0; i < sizeof demands / sizeof *demands; i++) {
        struct tls_host *host = find(hosts, name, demands[i]);
        if (!host)
            continue;
        news = news || !host->gone_said;
        host->gone_said = true;
    }
    return news;
}
