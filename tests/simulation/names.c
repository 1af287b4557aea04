/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns_channel.h"
#include "exchanger.h"
#include "world.h"

struct query {
    struct alarm alarm;
    struct dns_channel *channel;
    ares_callback_dnsrec answer;
    void *context;
    ares_dns_rec_type_t type;
    char name[256];
    struct query *next;
};

static struct query *queries;
static unsigned unreliable; /* of a thousand questions so many get a bad answer, or none */
static bool all_silent;

void names_begin(void)
{
    queries = NULL;
    all_silent = false;
    unreliable = world_chance(1, 3) ? world_below(300) : 0;
    if (world.kind)
        unreliable = 0;
}

void names_silence(bool silent)
{
    all_silent = silent;
    world_tell("name servers: %s", silent ? "silent" : "there");
}

/* ---------------------------------------------------------------- answers */

static ares_dns_rr_t *add(ares_dns_record_t *record, const struct query *q)
{
    ares_dns_rr_t *rr;
    ares_status_t status =
        ares_dns_record_rr_add(&rr, record, ARES_SECTION_ANSWER, q->name, q->type, ARES_CLASS_IN, 60);
    assert(status == ARES_SUCCESS);
    return rr;
}

static void add_exchangers(ares_dns_record_t *record, const struct query *q)
{
    unsigned domain;
    if (sscanf(q->name, "d%u.test", &domain) != 1)
        return;
    for (unsigned i = 0; i < EXCHANGERS; i++) {
        unsigned preference = exchanger_serves(i, domain);
        if (preference == 0)
            continue;
        ares_dns_rr_t *rr = add(record, q);
        ares_dns_rr_set_u16(rr, ARES_RR_MX_PREFERENCE, (unsigned short)preference);
        ares_dns_rr_set_str(rr, ARES_RR_MX_EXCHANGE, exchanger_name(i));
    }
}

static void add_addresses(ares_dns_record_t *record, const struct query *q)
{
    for (unsigned i = 0; i < EXCHANGERS; i++) {
        if (strcmp(q->name, exchanger_name(i)) != 0)
            continue;
        const struct ip *ip = exchanger_address(i, q->type == ARES_REC_TYPE_AAAA ? IP_V6 : IP_V4);
        if (ip && ip->family == IP_V4)
            ares_dns_rr_set_addr(add(record, q), ARES_RR_A_ADDR, (const void *)ip->bytes);
        else if (ip)
            ares_dns_rr_set_addr6(add(record, q), ARES_RR_AAAA_ADDR, (const void *)ip->bytes);
    }
}

static ares_dns_record_t *honest_answer(const struct query *q)
{
    ares_dns_record_t *record;
    ares_status_t status =
        ares_dns_record_create(&record, 1, ARES_FLAG_QR, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR);
    assert(status == ARES_SUCCESS);
    if (q->type == ARES_REC_TYPE_MX)
        add_exchangers(record, q);
    else if (q->type == ARES_REC_TYPE_A || q->type == ARES_REC_TYPE_AAAA)
        add_addresses(record, q);
    else if (q->type == ARES_REC_TYPE_PTR)
        ares_dns_rr_set_str(add(record, q), ARES_RR_PTR_DNAME, "home.test");
    return record;
}

static void forget(struct query *q)
{
    struct query **link = &queries;
    while (*link != q)
        link = &(*link)->next;
    *link = q->next;
    alarm_stop(&q->alarm);
}

static void answer(struct query *q, ares_status_t status, const ares_dns_record_t *record)
{
    forget(q);
    world.in_engine = true;
    q->answer(q->context, status, 0, record);
    world.in_engine = false;
    free(q);
}

static void on_answer_due(struct alarm *alarm)
{
    static const ares_status_t bad[] = {ARES_ESERVFAIL, ARES_ETIMEOUT, ARES_ENOTFOUND, ARES_ENODATA};
    struct query *q = (struct query *)alarm;
    if (all_silent || world_chance(unreliable, 1000)) {
        ares_status_t status = all_silent ? ARES_ETIMEOUT : bad[world_below(4)];
        world_tell("name servers: %s: %s", q->name, ares_strerror(status));
        answer(q, status, NULL);
        return;
    }
    ares_dns_record_t *record = honest_answer(q);
    answer(q, ARES_SUCCESS, record);
    ares_dns_record_destroy(record);
}

void dns_channel_ask(struct dns_channel *channel, const char *name, ares_dns_rec_type_t type,
                     ares_callback_dnsrec done, void *context)
{
    struct query *q = calloc(1, sizeof *q);
    assert(q);
    q->channel = channel;
    q->answer = done;
    q->context = context;
    q->type = type;
    snprintf(q->name, sizeof q->name, "%s", name);
    q->next = queries;
    queries = q;
    unsigned wait_ms = all_silent ? 4500 : world_chance(1, 20) ? world_below(9000) : world_below(60);
    alarm_set(&q->alarm, wait_ms, on_answer_due);
}

/* ---------------------------------------------------------------- the channel */

int dns_channel_open(struct dns_channel *c, uv_loop_t *loop, const char *servers, int tries, bool plain)
{
    (void)tries, (void)servers, (void)plain;
    *c = (struct dns_channel){.loop = loop};
    uv_timer_init(loop, &c->timer);
    return 0;
}

bool dns_channel_set_servers(struct dns_channel *c, const char *servers, bool plain)
{
    (void)c, (void)servers, (void)plain;
    return true;
}

static void on_closed(uv_handle_t *handle)
{
    struct dns_channel *c = handle->data;
    c->closed(c);
}

void dns_channel_close(struct dns_channel *c, void (*closed)(struct dns_channel *channel))
{
    struct query *next;
    c->closing = true;
    c->closed = closed;
    for (struct query *q = queries; q; q = next) {
        next = q->next;
        if (q->channel != c)
            continue;
        forget(q);
        q->answer(q->context, ARES_EDESTRUCTION, 0, NULL);
        free(q);
    }
    c->timer.data = c;
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

void dns_channel_system_servers(char *servers, size_t size)
{
    snprintf(servers, size, "%s", "192.0.2.53,192.0.2.54");
}
