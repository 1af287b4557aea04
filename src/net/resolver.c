/* SPDX-License-Identifier: MIT */
/*
 * Questions and answers. c-ares' callbacks may come at any time, even from inside ares_query_dnsrec(),
 * so they only note the answer; what follows from it runs later, from the top of the loop, where asking
 * again or closing is harmless.
 */

#include "resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owner_of.h"
#include "smtp/address.h"

/* ---------------------------------------------------------------- open and close */

int resolver_open(struct resolver *r, uv_loop_t *loop, struct later *later, const char *servers, int tries,
                  bool plain)
{
    *r = (struct resolver){.later = later};
    return dns_channel_open(&r->dns, loop, servers, tries, plain);
}

bool resolver_set_servers(struct resolver *r, const char *servers, bool plain)
{
    return dns_channel_set_servers(&r->dns, servers, plain);
}

static void on_channel_closed(struct dns_channel *channel)
{
    struct resolver *r = OWNER_OF(channel, struct resolver, dns);
    r->closed(r);
}

void resolver_close(struct resolver *r, void (*closed)(struct resolver *resolver))
{
    r->closing = true;
    r->closed = closed;
    dns_channel_close(&r->dns, on_channel_closed);
}

/* ---------------------------------------------------------------- requests */

static void free_request(struct resolver_request *q)
{
    free(q->mx);
    buf_clear(&q->text_bytes);
    free(q);
}

static enum resolver_status translate(ares_status_t status)
{
    switch ((int)status) {
    case ARES_SUCCESS:
        return RESOLVER_OK;
    case ARES_ENOTFOUND:
        return RESOLVER_NO_DOMAIN;
    case ARES_ENODATA:
        return RESOLVER_NO_DATA;
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
    case ARES_ENOSERVER:
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED:
        return RESOLVER_NO_ANSWER;
    case ARES_ENOMEM:
        return RESOLVER_NO_MEMORY;
    default: /* SERVFAIL, REFUSED, NOTIMP, FORMERR, a name or answer that cannot be read */
        return RESOLVER_FAILED;
    }
}

/* Of the two answers for a host's addresses the better one counts: an address, else an honest "there
 * is none", else what may be otherwise the next time. */
static enum resolver_status better(enum resolver_status a, enum resolver_status b)
{
    static const int rank[] = {
        [RESOLVER_OK] = 5,      [RESOLVER_FAILED] = 4,    [RESOLVER_NO_ANSWER] = 3,
        [RESOLVER_NO_DATA] = 1, [RESOLVER_NO_DOMAIN] = 0, [RESOLVER_NO_MEMORY] = 2,
    };
    return rank[a] >= rank[b] ? a : b;
}

static void ask(struct resolver_request *q, const char *name, ares_dns_rec_type_t type);

static void hand_out(struct resolver_request *q)
{
    if (q->done) {
        q->took_ns = uv_hrtime() - q->asked_at_ns;
        q->done(q, q->context);
    }
    free_request(q);
}

static void copy_answer(struct resolver_request *to, const struct resolver_request *from)
{
    to->status = from->status;
    if (!from->mx)
        return;
    to->mx = malloc(from->mx_count * sizeof *to->mx);
    if (!to->mx) {
        to->status = RESOLVER_NO_MEMORY;
        return;
    }
    memcpy(to->mx, from->mx, from->mx_count * sizeof *to->mx);
    to->mx_count = from->mx_count;
}

static void stop_leading(struct resolver_request *q)
{
    struct resolver_request **link = &q->resolver->asking;
    while (*link && *link != q)
        link = &(*link)->next;
    if (*link)
        *link = q->next;
}

static void deliver(struct later_task *task)
{
    struct resolver_request *q = OWNER_OF(task, struct resolver_request, task), *followers = q->followers;
    if (q->kind == RESOLVER_MX)
        stop_leading(q);
    for (struct resolver_request *f = followers; f; f = f->next)
        copy_answer(f, q); /* before `done` may take it */
    hand_out(q);
    while (followers) {
        struct resolver_request *f = followers;
        followers = f->next;
        hand_out(f);
    }
}

static void ask_for_addresses(struct resolver_request *q)
{
    q->is_alias = false;
    q->status = RESOLVER_NO_DOMAIN;
    q->open_queries++; /* held until both are asked: the first may be answered at once */
    ask(q, q->name, ARES_REC_TYPE_AAAA);
    q->open_queries--;
    ask(q, q->name, ARES_REC_TYPE_A);
}

/* An answer that is only a CNAME: the target has to be asked. A resolver for everybody follows by
 * itself; one that serves its own zones only does not. */
static void ask_again(struct later_task *task)
{
    struct resolver_request *q = OWNER_OF(task, struct resolver_request, task);
    if (q->resolver->closing)
        deliver(task);
    else if (q->kind == RESOLVER_MX)
        ask(q, q->name, ARES_REC_TYPE_MX);
    else
        ask_for_addresses(q);
}

/* In place of handing out what is there now: nothing. */
static void follow_alias(struct resolver_request *q)
{
    if (q->cnames_followed++ < RESOLVER_CNAMES_MAX)
        later_post(q->resolver->later, &q->task, ask_again);
}

/* An answer may have thousands; the mail that waits for it keeps the list to its end. */
static void keep_best(struct resolver_request *q)
{
    q->mx_count = smtp_mx_keep_best(q->mx, q->mx_count);
    struct smtp_mx *shorter = realloc(q->mx, q->mx_count * sizeof *q->mx);
    if (shorter)
        q->mx = shorter;
}

static void read_mx(struct resolver_request *q, const ares_dns_record_t *record)
{
    size_t count = ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER);
    const char *alias = NULL;
    bool seen = false;
    q->mx = calloc(count > 0 ? count : 1, sizeof *q->mx);
    if (!q->mx) {
        q->status = RESOLVER_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, i);
        if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_CNAME)
            alias = ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME);
        if (ares_dns_rr_get_type(rr) != ARES_REC_TYPE_MX)
            continue;
        seen = true;
        struct smtp_mx *mx = &q->mx[q->mx_count];
        struct span host = span_of(ares_dns_rr_get_str(rr, ARES_RR_MX_EXCHANGE));
        if (host.length > 0 && host.at[host.length - 1] == '.')
            host.length--;
        mx->preference = ares_dns_rr_get_u16(rr, ARES_RR_MX_PREFERENCE);
        if ((host.length == 0 || smtp_domain_valid(host, false)) &&
            span_copy(host, mx->host, sizeof mx->host))
            q->mx_count++;
    }
    if (q->mx_count > 0) {
        keep_best(q);
        return;
    }
    q->status = seen ? RESOLVER_FAILED : RESOLVER_NO_DATA; /* MXs that are no names do not mean "none" */
    free(q->mx);
    q->mx = NULL;
    if (alias && span_copy(span_of(alias), q->name, sizeof q->name))
        follow_alias(q);
}

/* IPv6 takes the even places, IPv4 the odd ones, as far as there are enough of both. When there is no place left, the family
 * with more of them gives way: a host with hundreds of IPv6 addresses may be within reach by its one of IPv4 only. */
static void insert_address(struct resolver_request *q, struct ip ip)
{
    size_t same = 0;
    for (size_t i = 0; i < q->address_count; i++)
        same += q->addresses[i].family == ip.family;
    size_t place = 2 * same + (ip.family == IP_V4 ? 1 : 0);
    if (q->address_count == RESOLVER_ADDRESSES_MAX) {
        if (place >= RESOLVER_ADDRESSES_MAX)
            return;
        q->address_count--; /* the last one is of the other family */
    }
    if (place > q->address_count)
        place = q->address_count;
    memmove(&q->addresses[place + 1], &q->addresses[place], (q->address_count - place) * sizeof ip);
    q->addresses[place] = ip;
    q->address_count++;
}

static void read_addresses(struct resolver_request *q, const ares_dns_record_t *record)
{
    for (size_t i = 0; i < ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER); i++) {
        const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, i);
        if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_A)
            insert_address(q, ip_from_v4((const void *)ares_dns_rr_get_addr(rr, ARES_RR_A_ADDR)));
        else if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_AAAA)
            insert_address(q, ip_from_v6((const void *)ares_dns_rr_get_addr6(rr, ARES_RR_AAAA_ADDR)));
        else if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_CNAME)
            q->is_alias =
                span_copy(span_of(ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME)), q->name, sizeof q->name);
    }
}

/* The strings of a record are one text (RFC 8461 section 3.1, as in SPF). What is too much is left out. */
static void read_text(struct resolver_request *q, const ares_dns_rr_t *rr)
{
    size_t before = q->text_bytes.length;
    for (size_t i = 0; i < ares_dns_rr_get_abin_cnt(rr, ARES_RR_TXT_DATA); i++) {
        size_t length = 0;
        const unsigned char *piece = ares_dns_rr_get_abin(rr, ARES_RR_TXT_DATA, i, &length);
        if (piece)
            buf_append(&q->text_bytes, piece, length);
    }
    q->texts[q->text_count++].length = q->text_bytes.length - before;
    uint32_t ttl_s = ares_dns_rr_get_ttl(rr);
    if (q->text_count == 1 || ttl_s < q->ttl_s)
        q->ttl_s = ttl_s;
}

static void read_texts(struct resolver_request *q, const ares_dns_record_t *record)
{
    buf_init(&q->text_bytes, RESOLVER_TEXT_SIZE_MAX);
    for (size_t i = 0; i < ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER); i++) {
        const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, i);
        if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_TXT && q->text_count < RESOLVER_TEXTS_MAX)
            read_text(q, rr);
    }
    const char *at = q->text_bytes.bytes;
    for (size_t i = 0; i < q->text_count; i++) {
        q->texts[i].at = at;
        at += q->texts[i].length;
    }
    if (q->text_bytes.failed || q->text_count == 0)
        q->status = q->text_bytes.failed ? RESOLVER_FAILED : RESOLVER_NO_DATA;
}

static void read_name(struct resolver_request *q, const ares_dns_record_t *record)
{
    for (size_t i = 0; i < ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER); i++) {
        const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, i);
        if (ares_dns_rr_get_type(rr) != ARES_REC_TYPE_PTR)
            continue;
        struct span name = span_of(ares_dns_rr_get_str(rr, ARES_RR_PTR_DNAME));
        if (smtp_domain_valid(name, false) && span_copy(name, q->name, sizeof q->name))
            return;
    }
    q->status = RESOLVER_NO_DATA;
}

/* c-ares takes a question that comes back for an answer that says "there is none". It comes back from what sends every
 * packet back, and from the system itself: when a name server on this computer is dead, the socket that asks may by
 * chance have been given the dead one's port, and asks itself. */
static bool is_question(const ares_dns_record_t *record)
{
    return record && !(ares_dns_record_get_flags(record) & ARES_FLAG_QR);
}

static void on_answer(void *context, ares_status_t ares_status, size_t timeouts,
                      const ares_dns_record_t *record)
{
    struct resolver_request *q = context;
    enum resolver_status status = is_question(record) ? RESOLVER_NO_ANSWER : translate(ares_status);
    (void)timeouts;
    q->open_queries--;
    q->status = q->kind == RESOLVER_ADDRESSES ? better(q->status, status) : status;
    if (status == RESOLVER_OK && record) {
        switch (q->kind) {
        case RESOLVER_MX:
            read_mx(q, record);
            break;
        case RESOLVER_ADDRESSES:
            read_addresses(q, record);
            break;
        case RESOLVER_TEXTS:
            read_texts(q, record);
            break;
        case RESOLVER_NAME:
            read_name(q, record);
            break;
        case RESOLVER_PROBE:
            break;
        }
    }
    if (q->open_queries > 0)
        return;
    if (q->kind == RESOLVER_ADDRESSES && q->status == RESOLVER_OK && q->address_count == 0) {
        q->status = RESOLVER_NO_DATA;
        if (q->is_alias)
            follow_alias(q);
    }
    later_post(q->resolver->later, &q->task, deliver);
}

static void ask(struct resolver_request *q, const char *name, ares_dns_rec_type_t type)
{
    q->open_queries++;
    dns_channel_ask(&q->resolver->dns, name, type, on_answer, q);
}

static struct resolver_request *new_request(struct resolver *r, enum resolver_kind kind, const char *name,
                                            resolver_done done, void *context)
{
    struct resolver_request *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->resolver = r;
    q->kind = kind;
    q->done = done;
    q->context = context;
    q->asked_at_ns = uv_hrtime();
    q->status = RESOLVER_NO_DOMAIN;
    q->last_follower = &q->followers;
    span_copy(span_of(name), q->name, sizeof q->name);
    return q;
}

struct resolver_request *resolver_ask_mx(struct resolver *r, const char *domain, resolver_done done,
                                         void *context)
{
    struct resolver_request *q = new_request(r, RESOLVER_MX, domain, done, context), *leader = r->asking;
    if (!q)
        return NULL;
    while (leader && !span_equals_nocase(span_of(leader->name), span_of(domain)))
        leader = leader->next;
    if (leader) {
        *leader->last_follower = q;
        leader->last_follower = &q->next;
        return q;
    }
    q->next = r->asking;
    r->asking = q;
    ask(q, q->name, ARES_REC_TYPE_MX);
    return q;
}

struct resolver_request *resolver_ask_addresses(struct resolver *r, const char *host, resolver_done done,
                                                void *context)
{
    struct resolver_request *q = new_request(r, RESOLVER_ADDRESSES, host, done, context);
    if (q)
        ask_for_addresses(q);
    return q;
}

struct resolver_request *resolver_ask_texts(struct resolver *r, const char *name, resolver_done done,
                                            void *context)
{
    struct resolver_request *q = new_request(r, RESOLVER_TEXTS, name, done, context);
    if (q)
        ask(q, name, ARES_REC_TYPE_TXT);
    return q;
}

struct resolver_request *resolver_ask_name(struct resolver *r, const struct ip *ip, resolver_done done,
                                           void *context)
{
    char name[80];
    size_t length = 0, count = ip->family == IP_V6 ? 16 : 4;
    for (size_t i = count; i-- > 0;) {
        unsigned high = ip->bytes[i] >> 4, low = ip->bytes[i] & 15;
        int more = ip->family == IP_V6 ? snprintf(name + length, sizeof name - length, "%x.%x.", low, high)
                                       : snprintf(name + length, sizeof name - length, "%u.", ip->bytes[i]);
        length += (size_t)more;
    }
    snprintf(name + length, sizeof name - length, "%s", ip->family == IP_V6 ? "ip6.arpa" : "in-addr.arpa");
    struct resolver_request *q = new_request(r, RESOLVER_NAME, name, done, context);
    if (q)
        ask(q, name, ARES_REC_TYPE_PTR);
    return q;
}

struct resolver_request *resolver_probe(struct resolver *r, resolver_done done, void *context)
{
    struct resolver_request *q = new_request(r, RESOLVER_PROBE, ".", done, context);
    if (q)
        ask(q, ".", ARES_REC_TYPE_NS);
    return q;
}

void resolver_drop(struct resolver_request *q)
{
    if (q)
        q->done = NULL;
}
