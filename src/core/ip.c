/* SPDX-License-Identifier: MIT */
/*
 * IP addresses as values. The parsers are our own because inet_pton() lives with the sockets, and because
 * every program reads odd forms (octal, zones, short IPv4) in its own way: here they are errors.
 * Whatever makes an address passes through ip_from_v4() or ip_from_v6(), so a mapped one never exists.
 */

#include "core/ip.h"

#include <stdio.h>
#include <string.h>

#define V4_BITS 32U
#define V6_BITS 128U
#define V6_GROUPS 8
#define MAPPED_BITS 96U /* of ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */

static unsigned bits_of(enum ip_family family)
{
    return family == IP_V4 ? V4_BITS : V6_BITS;
}

struct ip ip_from_v4(const uint8_t bytes[4])
{
    struct ip ip = {.family = IP_V4};
    memcpy(ip.bytes, bytes, 4);
    return ip;
}

struct ip ip_from_v6(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct ip ip = {.family = IP_V6};

    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return ip_from_v4(bytes + sizeof mapped);
    memcpy(ip.bytes, bytes, sizeof ip.bytes);
    return ip;
}

/* Four decimal numbers. A leading zero is refused: to some readers it means octal. */
static bool parse_v4(struct span text, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        size_t dot = span_find(text, '.');
        struct span part = span_first(text, dot);

        if ((dot == text.length) != (i == 3))
            return false;
        if (part.length > 3 || (part.length > 1 && part.at[0] == '0') || !span_to_number(part, 255, &value))
            return false;
        bytes[i] = (uint8_t)value;
        text = span_skip(text, dot + 1);
    }
    return true;
}

/* One to four hexadecimal digits. */
static bool parse_group(struct span text, uint8_t bytes[2])
{
    unsigned value = 0;

    if (text.length < 1 || text.length > 4)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = ascii_lower(text.at[i]);

        if (ascii_is_digit(c))
            value = value * 16 + (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (unsigned)(c - 'a') + 10;
        else
            return false;
    }
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)(value & 0xff);
    return true;
}

/* RFC 4291 section 2.2: groups, one "::", and dotted decimal in the last four bytes. */
static bool parse_v6(struct span text, uint8_t bytes[16])
{
    size_t length = 0, gap = SIZE_MAX;

    memset(bytes, 0, 16);
    if (text.length >= 2 && text.at[0] == ':' && text.at[1] == ':') {
        gap = 0;
        text = span_skip(text, 2);
    }
    while (text.length > 0) {
        size_t colon = span_find(text, ':');
        struct span part = span_first(text, colon);
        bool is_last = colon == text.length;

        if (is_last && span_find(part, '.') < part.length) {
            if (length > 12 || !parse_v4(part, bytes + length))
                return false;
            length += 4;
            break;
        }
        if (length > 14 || !parse_group(part, bytes + length))
            return false;
        length += 2;
        text = span_skip(text, colon + 1);
        if (is_last)
            break;
        if (text.length == 0)
            return false; /* "1:" */
        if (text.at[0] == ':') {
            if (gap != SIZE_MAX)
                return false;
            gap = length;
            text = span_skip(text, 1);
        }
    }
    if (gap == SIZE_MAX)
        return length == 16;
    if (length == 16)
        return false; /* "::" must stand for something */
    memmove(bytes + 16 - (length - gap), bytes + gap, length - gap);
    memset(bytes + gap, 0, 16 - length);
    return true;
}

bool ip_parse(struct span text, struct ip *ip)
{
    uint8_t bytes[16];

    if (parse_v4(text, bytes)) {
        *ip = ip_from_v4(bytes);
        return true;
    }
    if (parse_v6(text, bytes)) {
        *ip = ip_from_v6(bytes);
        return true;
    }
    return false;
}

static bool parse_port(struct span text, uint16_t *port)
{
    uint64_t value;

    if (!span_to_number(text, UINT16_MAX, &value) || value == 0)
        return false;
    *port = (uint16_t)value;
    return true;
}

bool ip_port_parse(struct span text, uint16_t default_port, struct ip_port *out)
{
    struct ip_port result = {.port = default_port};
    size_t colon = span_find(text, ':');

    if (text.length > 0 && text.at[0] == '[') {
        size_t bracket = span_find(text, ']');
        struct span rest = span_skip(text, bracket + 1);

        if (bracket == text.length || colon > bracket) /* without a colon inside it is no IPv6 address */
            return false;
        if (!ip_parse(span_skip(span_first(text, bracket), 1), &result.ip))
            return false;
        if (rest.length > 0 && (rest.at[0] != ':' || !parse_port(span_skip(rest, 1), &result.port)))
            return false;
    } else if (colon < text.length && span_find(span_skip(text, colon + 1), ':') == text.length - colon - 1) {
        /* exactly one colon: "A:PORT" */
        if (!ip_parse(span_first(text, colon), &result.ip) ||
            !parse_port(span_skip(text, colon + 1), &result.port))
            return false;
    } else if (!ip_parse(text, &result.ip)) {
        return false;
    }
    *out = result;
    return true;
}

static bool bit_is_set(const struct ip *ip, unsigned bit)
{
    return (ip->bytes[bit / 8] & (0x80U >> (bit % 8))) != 0;
}

bool ip_block_parse(struct span text, struct ip_block *out)
{
    struct ip_block block;
    size_t slash = span_find(text, '/');
    struct span address = span_first(text, slash);
    bool written_as_v6 = span_find(address, ':') < address.length;
    unsigned width;
    uint64_t bits;

    if (!ip_parse(address, &block.ip))
        return false;
    width = written_as_v6 ? V6_BITS : V4_BITS;
    bits = width;
    if (slash < text.length && !span_to_number(span_skip(text, slash + 1), width, &bits))
        return false;
    if (written_as_v6 && block.ip.family == IP_V4) { /* "::ffff:10.0.0.0/104" is 10.0.0.0/8 */
        if (bits < MAPPED_BITS)
            return false;
        bits -= MAPPED_BITS;
    }
    block.prefix_bits = (unsigned)bits;
    for (unsigned bit = block.prefix_bits; bit < bits_of(block.ip.family); bit++)
        if (bit_is_set(&block.ip, bit))
            return false;
    *out = block;
    return true;
}

/* RFC 5952 section 4: lower case, no leading zeros, "::" for the first of the longest runs of zero groups,
 * but not for a single one. */
static void format_v6(const uint8_t bytes[16], char text[IP_TEXT_SIZE])
{
    unsigned group[V6_GROUPS];
    int run_at = -1, run_length = 1;
    size_t used = 0;

    for (int i = 0; i < V6_GROUPS; i++)
        group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    for (int i = 0; i < V6_GROUPS; i++) {
        int end = i;

        while (end < V6_GROUPS && group[end] == 0)
            end++;
        if (end - i > run_length) {
            run_at = i;
            run_length = end - i;
        }
        if (end > i)
            i = end - 1;
    }
    for (int i = 0; i < V6_GROUPS;) {
        if (i == run_at) {
            used += (size_t)snprintf(text + used, IP_TEXT_SIZE - used, "::");
            i += run_length;
            continue;
        }
        used += (size_t)snprintf(text + used, IP_TEXT_SIZE - used, "%s%x",
                                 i == 0 || (run_at >= 0 && i == run_at + run_length) ? "" : ":", group[i]);
        i++;
    }
}

void ip_format(const struct ip *ip, char text[IP_TEXT_SIZE])
{
    const uint8_t *b = ip->bytes;

    if (ip->family == IP_V6)
        format_v6(b, text);
    else if (ip->family == IP_V4)
        snprintf(text, IP_TEXT_SIZE, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    else
        text[0] = '\0';
}

void ip_port_format(const struct ip_port *address, char text[IP_PORT_TEXT_SIZE])
{
    char ip[IP_TEXT_SIZE];
    ip_format(&address->ip, ip);
    snprintf(text, IP_PORT_TEXT_SIZE, address->ip.family == IP_V6 ? "[%s]:%u" : "%s:%u", ip,
             (unsigned)address->port);
}

bool ip_equals(const struct ip *a, const struct ip *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool ip_in_block(const struct ip *ip, const struct ip_block *block)
{
    if (ip->family == IP_NONE || ip->family != block->ip.family)
        return false;
    for (unsigned bit = 0; bit < block->prefix_bits; bit++)
        if (bit_is_set(ip, bit) != bit_is_set(&block->ip, bit))
            return false;
    return true;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};

    if (ip->family == IP_V4)
        return ip->bytes[0] == 127;
    return ip->family == IP_V6 && memcmp(ip->bytes, one, sizeof one) == 0;
}

bool ip_is_unspecified(const struct ip *ip)
{
    static const uint8_t zero[16];

    if (ip->family == IP_V4)
        return ip->bytes[0] == 0;
    return ip->family == IP_V6 && memcmp(ip->bytes, zero, sizeof zero) == 0;
}

/* IANA's special-purpose address registries (RFC 6890), as far as they are not globally reachable. */
static const struct ip_block special[] = {
    {{IP_V4, {0}}, 8},                       /* "this network" */
    {{IP_V4, {10}}, 8},                      /* private, RFC 1918 */
    {{IP_V4, {100, 64}}, 10},                /* shared by a provider's customers, RFC 6598 */
    {{IP_V4, {127}}, 8},                     /* loopback */
    {{IP_V4, {169, 254}}, 16},               /* link-local */
    {{IP_V4, {172, 16}}, 12},                /* private */
    {{IP_V4, {192, 0, 0}}, 24},              /* protocol assignments */
    {{IP_V4, {192, 0, 2}}, 24},              /* documentation, RFC 5737 */
    {{IP_V4, {192, 88, 99}}, 24},            /* 6to4 relays, gone: RFC 7526 */
    {{IP_V4, {192, 168}}, 16},               /* private */
    {{IP_V4, {198, 18}}, 15},                /* benchmarks, RFC 2544 */
    {{IP_V4, {198, 51, 100}}, 24},           /* documentation */
    {{IP_V4, {203, 0, 113}}, 24},            /* documentation */
    {{IP_V4, {224}}, 4},                     /* multicast */
    {{IP_V4, {240}}, 4},                     /* reserved, and broadcast */
    {{IP_V6, {0x20, 0x01}}, 23},             /* protocol assignments; Teredo among them */
    {{IP_V6, {0x20, 0x01, 0x0d, 0xb8}}, 32}, /* documentation */
    {{IP_V6, {0x20, 0x02}}, 16},             /* 6to4 */
    {{IP_V6, {0x3f, 0xff}}, 20},             /* documentation, RFC 9637 */
};

bool ip_is_global(const struct ip *ip)
{
    static const struct ip_block global_unicast = {{IP_V6, {0x20}}, 3};        /* RFC 4291 section 2.4 */
    static const struct ip_block nat64 = {{IP_V6, {0, 0x64, 0xff, 0x9b}}, 96}; /* RFC 6052 */

    if (ip->family == IP_NONE)
        return false;
    if (ip_in_block(ip, &nat64)) { /* is what it translates to */
        struct ip inner = ip_from_v4(ip->bytes + 12);

        return ip_is_global(&inner);
    }
    if (ip->family == IP_V6 && !ip_in_block(ip, &global_unicast))
        return false;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (ip_in_block(ip, &special[i]))
            return false;
    return true;
}
