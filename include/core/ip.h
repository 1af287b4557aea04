/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_IP_H
#define TRAYPOST_CORE_IP_H

/*
 * IP addresses as values, without sockets. IPv4-mapped IPv6 addresses (::ffff:a.b.c.d) are turned
 * into IPv4 when they are parsed or made from bytes, so that no rule can be passed by in disguise.
 */

#include "core/span.h"

enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

struct ip {
    enum ip_family family;
    uint8_t bytes[16]; /* network order; the first 4 for IPv4, the rest zero */
};

struct ip_port {
    struct ip ip;
    uint16_t port;
};

/* CIDR. */
struct ip_block {
    struct ip ip;
    unsigned prefix_bits;
};

#define IP_TEXT_SIZE 46      /* of the longest address text, with its NUL */
#define IP_PORT_TEXT_SIZE 54 /* the same with brackets and port */

/* "192.0.2.1", "2001:db8::1"; nothing else (no zone, no brackets, no octal). False if it is none. */
bool ip_parse(struct span text, struct ip *ip);

/* "A", "A:PORT", "[A6]:PORT" or a bare "A6"; `default_port` where none is written. */
bool ip_port_parse(struct span text, uint16_t default_port, struct ip_port *out);

/* "A", "A/BITS"; host bits that are set are an error of the person who wrote it: false. */
bool ip_block_parse(struct span text, struct ip_block *out);

struct ip ip_from_v4(const uint8_t bytes[4]);
struct ip ip_from_v6(const uint8_t bytes[16]);

/* RFC 5952 text; with its port "192.0.2.1:25" and "[2001:db8::1]:25". */
void ip_format(const struct ip *ip, char text[IP_TEXT_SIZE]);
void ip_port_format(const struct ip_port *address, char text[IP_PORT_TEXT_SIZE]);

bool ip_equals(const struct ip *a, const struct ip *b);
bool ip_in_block(const struct ip *ip, const struct ip_block *block);
bool ip_is_loopback(const struct ip *ip);    /* 127.0.0.0/8, ::1 */
bool ip_is_unspecified(const struct ip *ip); /* 0.0.0.0/8, :: */
bool ip_is_global(const struct ip *ip);      /* could be somebody's public address: not private,
                                                link-local, shared (100.64/10), loopback, multicast … */
#endif
