/* SPDX-License-Identifier: MIT */
/*
 * Addresses: what is one is what the system takes for one, and it reads the same when it is written.
 */

#include <arpa/inet.h>

#include "core/ip.h"
#include "fuzz.h"

static void check_address(const struct ip *ip)
{
    char text[IP_TEXT_SIZE];
    struct ip again;
    struct ip_block block;

    ALWAYS(ip->family == IP_V4 || ip->family == IP_V6, "a family");
    for (size_t i = ip->family == IP_V4 ? 4 : 16; i < sizeof ip->bytes; i++)
        ALWAYS(ip->bytes[i] == 0, "the rest is zero");
    memset(text, 'x', sizeof text);
    ip_format(ip, text);
    ALWAYS(memchr(text, '\0', sizeof text) != NULL, "its text ends");
    ALWAYS(ip_parse(span_of(text), &again) && ip_equals(ip, &again), "and is the same address");
    ALWAYS(ip_block_parse(span_of(text), &block) && ip_in_block(ip, &block), "it is in its own block");
    ALWAYS(!(ip_is_global(ip) && (ip_is_loopback(ip) || ip_is_unspecified(ip))),
           "global is neither of those");
}

/* The same question to the system. */
static bool system_parse(struct span text, struct ip *ip)
{
    char copy[64];
    uint8_t bytes[16];

    if (memchr(text.at, '\0', text.length) != NULL || !span_copy(text, copy, sizeof copy))
        return false;
    if (inet_pton(AF_INET, copy, bytes) == 1)
        *ip = ip_from_v4(bytes);
    else if (inet_pton(AF_INET6, copy, bytes) == 1)
        *ip = ip_from_v6(bytes);
    else
        return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = exact_copy(span_make((const char *)data, size));
    struct span text = span_make(copy, size);
    struct ip ip, theirs;
    struct ip_port port;
    struct ip_block block;
    bool ok = ip_parse(text, &ip);

    ALWAYS(ok == system_parse(text, &theirs), "the system thinks so, too");
    if (ok) {
        ALWAYS(ip_equals(&ip, &theirs), "and of the same address");
        check_address(&ip);
    }
    if (ip_port_parse(text, 25, &port)) {
        char written[IP_PORT_TEXT_SIZE];
        struct ip_port again;

        check_address(&port.ip);
        memset(written, 'x', sizeof written);
        ip_port_format(&port, written);
        ALWAYS(memchr(written, '\0', sizeof written) != NULL, "its text ends");
        ALWAYS(ip_port_parse(span_of(written), 1, &again) && ip_equals(&again.ip, &port.ip) &&
                   again.port == port.port,
               "with its port it is the same as well");
    }
    if (ip_block_parse(text, &block)) {
        check_address(&block.ip);
        ALWAYS(block.prefix_bits <= (block.ip.family == IP_V4 ? 32u : 128u), "a prefix that fits");
        ALWAYS(ip_in_block(&block.ip, &block), "a block holds its first address");
    }
    free(copy);
    return 0;
}
