/* SPDX-License-Identifier: MIT */
/* RFC 1035 as far as a test needs it: one question in, one answer out, no compression. */

#include "fake_dns.h"

#include "engine.h"

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_MX = 15, TYPE_TXT = 16, TYPE_AAAA = 28 };
enum { CODE_OK = 0, CODE_NO_DOMAIN = 3, CODE_REFUSED = 5 };

struct packet {
    unsigned char bytes[FAKE_DNS_PACKET];
    size_t length;
};

static void put(struct packet *p, unsigned value, unsigned octets)
{
    while (octets-- > 0)
        p->bytes[p->length++] = (unsigned char)(value >> (8 * octets));
}

static void put_name(struct packet *p, const char *name)
{
    struct span rest = span_of(name);
    while (rest.length > 0) {
        struct span label = span_cut(&rest, '.');
        if (label.length == 0)
            break; /* "." */
        put(p, (unsigned)label.length, 1);
        memcpy(p->bytes + p->length, label.at, label.length);
        p->length += label.length;
    }
    put(p, 0, 1);
}

static void put_row(struct packet *p, const struct fake_dns_row *row, unsigned type)
{
    put_name(p, row->name);
    put(p, type, 2);
    put(p, 1, 2);  /* IN */
    put(p, 60, 4); /* TTL */
    size_t length_at = p->length;
    put(p, 0, 2);
    if (type == TYPE_MX) {
        put(p, row->preference, 2);
        put_name(p, row->host);
    } else if (type == TYPE_TXT) { /* in two strings, which are one text */
        size_t whole = strlen(row->text), half = whole / 2;
        put(p, (unsigned)half, 1);
        memcpy(p->bytes + p->length, row->text, half);
        p->length += half;
        put(p, (unsigned)(whole - half), 1);
        memcpy(p->bytes + p->length, row->text + half, whole - half);
        p->length += whole - half;
    } else {
        size_t size = type == TYPE_A ? 4 : 16;
        memcpy(p->bytes + p->length, row->address.bytes, size);
        p->length += size;
    }
    size_t length = p->length - length_at - 2;
    p->bytes[length_at] = (unsigned char)(length >> 8);
    p->bytes[length_at + 1] = (unsigned char)length;
}

static unsigned type_of(const struct fake_dns_row *row)
{
    if (row->text)
        return TYPE_TXT;
    return row->host ? TYPE_MX : row->address.family == IP_V6 ? TYPE_AAAA : TYPE_A;
}

static void send_back(uv_udp_t *udp, char *bytes, size_t length, const struct sockaddr *to)
{
    uv_buf_t chunk = uv_buf_init(bytes, (unsigned)length);
    uv_udp_try_send(udp, &chunk, 1, to);
}

static void answer(struct fake_dns *dns, const struct fake_dns_question *q, bool refuse)
{
    struct packet p = {.length = q->length};
    unsigned answers = 0;
    bool known = strcmp(q->name, "") == 0;
    memcpy(p.bytes, q->bytes, q->length);
    for (size_t i = 0; i < dns->row_count && !refuse; i++) {
        const struct fake_dns_row *row = &dns->rows[i];
        if (!span_equals_nocase(span_of(row->name), span_of(q->name)))
            continue;
        known = true;
        if (type_of(row) != q->type)
            continue;
        put_row(&p, row, q->type);
        answers++;
    }
    p.bytes[2] = 0x81; /* an answer; recursion was desired */
    p.bytes[3] = (unsigned char)(0x80 | (refuse ? CODE_REFUSED : known ? CODE_OK : CODE_NO_DOMAIN));
    p.bytes[6] = 0;
    p.bytes[7] = (unsigned char)answers;
    memset(p.bytes + 8, 0, 4);
    if (dns->spoil)
        p.length = dns->spoil(dns, q, p.bytes, p.length);
    send_back(&dns->udp, (char *)p.bytes, p.length, (const struct sockaddr *)&q->from);
}

static bool read_question(struct fake_dns_question *q, const unsigned char *bytes, size_t length)
{
    size_t at = 12, name = 0;
    while (at < length && bytes[at] > 0) {
        size_t label = bytes[at++];
        if (at + label >= length || name + label + 2 > sizeof q->name)
            return false;
        if (name > 0)
            q->name[name++] = '.';
        memcpy(q->name + name, bytes + at, label);
        name += label;
        at += label;
    }
    at += 5;
    if (at > length || at > sizeof q->bytes)
        return false;
    q->name[name] = '\0';
    q->type = bytes[at - 4] * 256u + bytes[at - 3];
    q->length = at;
    q->edns = bytes[11] > 0; /* one record in the additional section: OPT */
    memcpy(q->bytes, bytes, at);
    return true;
}

static void on_question(uv_udp_t *udp, ssize_t count, const uv_buf_t *buffer, const struct sockaddr *from,
                        unsigned flags)
{
    struct fake_dns *dns = udp->data;
    struct fake_dns_question q = {.length = 0};
    (void)flags;
    if (count <= 0 || !from || !read_question(&q, (const unsigned char *)buffer->base, (size_t)count))
        return;
    memcpy(&q.from, from, sizeof(struct sockaddr_in));
    if (q.type == TYPE_MX)
        dns->mx_questions++;
    else if (q.type == TYPE_A || q.type == TYPE_AAAA)
        dns->address_questions++;
    else if (q.type == TYPE_TXT)
        dns->text_questions++;
    else
        dns->other_questions++;
    if (dns->mood == FAKE_DNS_HOLDS && dns->held_count < FAKE_DNS_HELD)
        dns->held[dns->held_count++] = q;
    else if (dns->mood == FAKE_DNS_REFLECTS)
        send_back(udp, buffer->base, (size_t)count, from);
    else if (dns->mood == FAKE_DNS_ANSWERS || dns->mood == FAKE_DNS_REFUSES ||
             (dns->mood == FAKE_DNS_KNOWS_NO_EDNS && !q.edns))
        answer(dns, &q, dns->mood == FAKE_DNS_REFUSES);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[4096];
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

void fake_dns_revive(struct fake_dns *dns)
{
    struct sockaddr_storage address;
    int length = sizeof address;
    ip_port_to_sockaddr(&dns->address, &address);
    if (uv_udp_init(&dns->engine->loop, &dns->udp) != 0 ||
        uv_udp_bind(&dns->udp, (struct sockaddr *)&address, 0) != 0 ||
        uv_udp_getsockname(&dns->udp, (struct sockaddr *)&address, &length) != 0 ||
        uv_udp_recv_start(&dns->udp, on_allocate, on_question) != 0)
        abort();
    dns->address = ip_port_from_sockaddr((struct sockaddr *)&address);
    dns->udp.data = dns;
    dns->alive = true;
    dns->engine->own_handles++;
}

void fake_dns_open(struct fake_dns *dns, struct engine *e)
{
    *dns = (struct fake_dns){.engine = e, .address = {{.family = IP_V4, .bytes = {127, 0, 0, 1}}, 0}};
    fake_dns_revive(dns);
}

static void on_closed(uv_handle_t *handle)
{
    struct fake_dns *dns = handle->data;
    dns->engine->own_handles--;
    dns->alive = false;
}

void fake_dns_die(struct fake_dns *dns)
{
    if (dns->alive && !uv_is_closing((uv_handle_t *)&dns->udp))
        uv_close((uv_handle_t *)&dns->udp, on_closed);
}

static struct fake_dns_row *add(struct fake_dns *dns, const char *name)
{
    if (dns->row_count == FAKE_DNS_ROWS)
        abort();
    struct fake_dns_row *row = &dns->rows[dns->row_count++];
    *row = (struct fake_dns_row){.name = name};
    return row;
}

void fake_dns_add_mx(struct fake_dns *dns, const char *domain, unsigned preference, const char *host)
{
    struct fake_dns_row *row = add(dns, domain);
    row->host = host;
    row->preference = preference;
}

void fake_dns_add_address(struct fake_dns *dns, const char *host, const char *address)
{
    if (!ip_parse(span_of(address), &add(dns, host)->address))
        abort();
}

void fake_dns_add_text(struct fake_dns *dns, const char *name, const char *text)
{
    add(dns, name)->text = text;
}

void fake_dns_release(struct fake_dns *dns)
{
    dns->mood = FAKE_DNS_ANSWERS;
    for (size_t i = 0; i < dns->held_count; i++)
        answer(dns, &dns->held[i], false);
    dns->held_count = 0;
}
