/* SPDX-License-Identifier: MIT */
/* Addresses: what is one, how it is written, and which rules it falls under. */

#include "core/ip.h"
#include "feed.h"

/* Parses an exact-size copy, so that reading past the end shows. */
static bool parse(const char *text, struct ip *ip)
{
    char *copy = exact_copy(span_of(text));
    bool good = ip_parse(span_make(copy, strlen(text)), ip);

    free(copy);
    return good;
}

static struct ip ip_of(const char *text)
{
    struct ip ip = {IP_NONE, {0}};

    HOLDS(parse(text, &ip), "%s is an address", text);
    return ip;
}

static void addresses_are_read_and_written_as_rfc_5952_says(void **state)
{
    (void)state;
    const struct {
        const char *text, *written;
        enum ip_family family;
        const char *why;
    } rows[] = {
        {"0.0.0.0", "0.0.0.0", IP_V4, "the lowest"},
        {"192.0.2.1", "192.0.2.1", IP_V4, "the usual"},
        {"255.255.255.255", "255.255.255.255", IP_V4, "the highest"},
        {"::", "::", IP_V6, "all zero"},
        {"::1", "::1", IP_V6, "loopback"},
        {"1::", "1::", IP_V6, "zeros at the end"},
        {"2001:db8::1", "2001:db8::1", IP_V6, "the usual"},
        {"2001:0DB8:0:0:0:0:0:0001", "2001:db8::1", IP_V6, "lower case, no leading zeros, shortened"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", IP_V6, "one zero group stays"},
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", IP_V6, "also when it was written short"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", IP_V6, "the longer run is shortened"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", IP_V6, "the first of two equal ones"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", IP_V6, "a gap of one group at the end"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", IP_V6, "and at the beginning"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", IP_V6, "no zeros at all"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_V6,
         "the highest"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221", IP_V6, "dotted decimal in the last bytes"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304", IP_V6, "after six groups"},
        {"::ffff:192.0.2.1", "192.0.2.1", IP_V4, "mapped IPv4 is IPv4"},
        {"::ffff:7f00:1", "127.0.0.1", IP_V4, "in every way of writing it"},
        {"0:0:0:0:0:FFFF:127.0.0.1", "127.0.0.1", IP_V4, "this one too"},
        {"::fffe:192.0.2.1", "::fffe:c000:201", IP_V6, "almost mapped is not"},
        {"::192.0.2.1", "::c000:201", IP_V6, "nor is the older compatible form"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip ip = ip_of(rows[i].text);
        char text[IP_TEXT_SIZE];

        ip_format(&ip, text);
        HOLDS(ip.family == rows[i].family, "%s: %s", rows[i].text, rows[i].why);
        HOLDS(strcmp(text, rows[i].written) == 0, "%s: %s, not %s", rows[i].text, rows[i].why, text);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *why;
    } rows[] = {
        {"", "nothing"},
        {"1.2.3", "short IPv4, which some read as 1.2.0.3"},
        {"1.2.3.4.5", "too long"},
        {"1.2.3.", "an empty part"},
        {".1.2.3", "at the beginning"},
        {"1..2.3", "in the middle"},
        {"256.0.0.1", "over 255"},
        {"01.2.3.4", "a leading zero: octal to some"},
        {"1.2.3.00", "likewise"},
        {"0x7f.0.0.1", "hexadecimal"},
        {"2130706433", "one number"},
        {" 1.2.3.4", "a space before"},
        {"1.2.3.4 ", "a space behind"},
        {"1.2.3.4\n", "a line end"},
        {"-1.2.3.4", "a sign"},
        {"+1.2.3.4", "the other sign"},
        {":", "one colon"},
        {":::", "three"},
        {"::1::", "two gaps"},
        {"1::2::3", "two gaps in the middle"},
        {":1:2:3:4:5:6:7", "a colon at the beginning"},
        {"1:2:3:4:5:6:7:", "at the end"},
        {"1:2:3:4:5:6:7", "seven groups"},
        {"1:2:3:4:5:6:7:8:9", "nine"},
        {"::1:2:3:4:5:6:7:8", "a gap for nothing"},
        {"1:2:3:4:5:6:7:8::", "likewise at the end"},
        {"12345::", "five digits"},
        {"g::", "no digit"},
        {"[::1]", "brackets"},
        {"fe80::1%eth0", "a zone"},
        {"::1/128", "a prefix"},
        {"1:2:3:4:5:6:7:1.2.3.4", "dotted decimal after seven groups"},
        {"::1.2.3", "short dotted decimal"},
        {"::1.2.3.4:1", "dotted decimal not at the end"},
        {"localhost", "a name"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip ip;

        HOLDS(!parse(rows[i].text, &ip), "\"%s\": %s", rows[i].text, rows[i].why);
    }
}

static void ports_follow_a_colon_or_a_bracket(void **state)
{
    (void)state;
    const struct {
        const char *text, *ip; /* NULL: refused */
        uint16_t port;
        const char *why;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", 25, "no port: the usual one"},
        {"127.0.0.1:2525", "127.0.0.1", 2525, "with one"},
        {"127.0.0.1:65535", "127.0.0.1", 65535, "the highest"},
        {"::1", "::1", 25, "bare IPv6"},
        {"::1:2525", "::1:2525", 25, "which is an address and not a port"},
        {"[::1]", "::1", 25, "brackets"},
        {"[::1]:2525", "::1", 2525, "brackets and port"},
        {"[::ffff:10.0.0.1]:26", "10.0.0.1", 26, "mapped"},
        {"127.0.0.1:0", NULL, 0, "no port 0"},
        {"127.0.0.1:65536", NULL, 0, "over the highest"},
        {"127.0.0.1:", NULL, 0, "an empty port"},
        {"127.0.0.1:smtp", NULL, 0, "a name"},
        {"127.0.0.1:25:25", NULL, 0, "two ports"},
        {"[127.0.0.1]:25", NULL, 0, "brackets are for IPv6"},
        {"[::1", NULL, 0, "not closed"},
        {"[::1]25", NULL, 0, "no colon"},
        {"[::1]:", NULL, 0, "nothing behind it"},
        {"[]:25", NULL, 0, "nothing inside"},
        {":25", NULL, 0, "only a port"},
        {"", NULL, 0, "nothing"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = exact_copy(span_of(rows[i].text));
        struct ip_port got;
        bool good = ip_port_parse(span_make(copy, strlen(rows[i].text)), 25, &got);

        HOLDS(good == (rows[i].ip != NULL), "\"%s\": %s", rows[i].text, rows[i].why);
        if (good) {
            struct ip expected = ip_of(rows[i].ip);

            HOLDS(ip_equals(&got.ip, &expected) && got.port == rows[i].port, "%s: %s", rows[i].text,
                  rows[i].why);
        }
        free(copy);
    }
}

static void an_address_with_its_port_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const char *const rows[] = {"127.0.0.1:25", "255.255.255.255:65535", "[::1]:2525",
                                       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip_port address;
        char text[IP_PORT_TEXT_SIZE];

        assert_true(ip_port_parse(span_of(rows[i]), 1, &address));
        ip_port_format(&address, text);
        assert_string_equal(text, rows[i]);
    }
}

static void blocks_hold_what_begins_like_them(void **state)
{
    (void)state;
    const struct {
        const char *block, *ip;
        bool is_in;
        const char *why;
    } rows[] = {
        {"192.168.1.0/24", "192.168.1.0", true, "its first"},
        {"192.168.1.0/24", "192.168.1.255", true, "its last"},
        {"192.168.1.0/24", "192.168.2.0", false, "the one behind"},
        {"192.168.1.0/24", "192.168.0.255", false, "the one before"},
        {"10.0.0.4/31", "10.0.0.5", true, "a prefix that ends inside a byte"},
        {"10.0.0.4/31", "10.0.0.6", false, "and what is outside"},
        {"10.0.0.1", "10.0.0.1", true, "a single address"},
        {"10.0.0.1", "10.0.0.2", false, "holds no other"},
        {"0.0.0.0/0", "203.0.113.9", true, "everything"},
        {"0.0.0.0/0", "2001:db8::1", false, "of its own family"},
        {"::/0", "2001:db8::1", true, "everything in IPv6"},
        {"::/0", "192.0.2.1", false, "is not IPv4"},
        {"::/0", "::ffff:192.0.2.1", false, "in any disguise"},
        {"2001:db8::/32", "2001:db8:ffff::1", true, "IPv6"},
        {"2001:db8::/32", "2001:db9::1", false, "and its neighbour"},
        {"::1/128", "::1", true, "all bits"},
        {"::ffff:10.0.0.0/104", "10.9.9.9", true, "a mapped block is IPv4's"},
        {"10.0.0.0/8", "::ffff:10.9.9.9", true, "a mapped address too"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip ip = ip_of(rows[i].ip);
        struct ip_block block;

        HOLDS(ip_block_parse(span_of(rows[i].block), &block), "%s is a block", rows[i].block);
        HOLDS(ip_in_block(&ip, &block) == rows[i].is_in, "%s in %s: %s", rows[i].ip, rows[i].block,
              rows[i].why);
    }
}

static void what_is_no_block_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *why;
    } rows[] = {
        {"", "nothing"},
        {"/8", "no address"},
        {"10.0.0.0/", "no prefix"},
        {"10.0.0.0/33", "longer than the address"},
        {"::/129", "likewise"},
        {"10.0.0.0/-1", "a sign"},
        {"10.0.0.0/8/8", "two"},
        {"10.0.0.0 /8", "a space"},
        {"10.0.0.0/255.0.0.0", "a mask"},
        {"10.0.0.1/8", "host bits set: one of the two is an error"},
        {"10.0.0.5/31", "in the last bit"},
        {"2001:db8::1/32", "in IPv6"},
        {"::ffff:10.0.0.0/8", "a mapped address with IPv4's prefix"},
        {"10/8", "short IPv4"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip_block block;

        HOLDS(!ip_block_parse(span_of(rows[i].text), &block), "\"%s\": %s", rows[i].text, rows[i].why);
    }
}

static void every_address_has_its_kind(void **state)
{
    enum { LOOPBACK = 1, UNSPECIFIED = 2, GLOBAL = 4 };
    (void)state;
    const struct {
        const char *ip;
        int kind;
        const char *why;
    } rows[] = {
        {"127.0.0.1", LOOPBACK, "the usual"},
        {"127.255.255.254", LOOPBACK, "all of 127/8"},
        {"::1", LOOPBACK, "IPv6"},
        {"::ffff:127.0.0.1", LOOPBACK, "mapped"},
        {"0.0.0.0", UNSPECIFIED, "reaches this machine on most systems"},
        {"0.1.2.3", UNSPECIFIED, "and so do its neighbours on some"},
        {"::", UNSPECIFIED, "IPv6"},
        {"128.0.0.1", GLOBAL, "behind loopback"},
        {"8.8.8.8", GLOBAL, "public"},
        {"10.1.2.3", 0, "private"},
        {"172.15.255.255", GLOBAL, "before the private block"},
        {"172.16.0.1", 0, "private"},
        {"172.31.255.255", 0, "private"},
        {"172.32.0.1", GLOBAL, "behind it"},
        {"192.168.0.1", 0, "private"},
        {"100.64.0.1", 0, "shared by a provider's customers"},
        {"100.128.0.1", GLOBAL, "behind it"},
        {"169.254.1.1", 0, "link-local"},
        {"192.0.2.1", 0, "documentation"},
        {"224.0.0.1", 0, "multicast"},
        {"255.255.255.255", 0, "broadcast"},
        {"2a00:1450:4001::1a", GLOBAL, "public"},
        {"2001:4860:4860::8888", GLOBAL, "public, close to Teredo's block"},
        {"2001:0:1:2::3", 0, "Teredo"},
        {"2001:db8::1", 0, "documentation"},
        {"2002:c000:201::1", 0, "6to4"},
        {"fe80::1", 0, "link-local"},
        {"fd00::1", 0, "private"},
        {"ff02::1", 0, "multicast"},
        {"::2", 0, "reserved"},
        {"64:ff9b::808:808", GLOBAL, "NAT64 of a public address"},
        {"64:ff9b::10.0.0.1", 0, "NAT64 of a private one"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip ip = ip_of(rows[i].ip);
        int kind = (ip_is_loopback(&ip) ? LOOPBACK : 0) | (ip_is_unspecified(&ip) ? UNSPECIFIED : 0) |
                   (ip_is_global(&ip) ? GLOBAL : 0);

        HOLDS(kind == rows[i].kind, "%s: %s (%d)", rows[i].ip, rows[i].why, kind);
    }
}

static void no_address_is_in_no_block_and_of_no_kind(void **state)
{
    (void)state;
    const struct ip none = {IP_NONE, {0}};
    struct ip_block all;
    char text[IP_TEXT_SIZE] = "?";

    assert_true(ip_block_parse(SPAN("0.0.0.0/0"), &all));
    assert_false(ip_in_block(&none, &all));
    assert_false(ip_is_loopback(&none) || ip_is_unspecified(&none) || ip_is_global(&none));
    ip_format(&none, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written_as_rfc_5952_says),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(ports_follow_a_colon_or_a_bracket),
        cmocka_unit_test(an_address_with_its_port_is_written_as_it_is_read),
        cmocka_unit_test(blocks_hold_what_begins_like_them),
        cmocka_unit_test(what_is_no_block_is_refused),
        cmocka_unit_test(every_address_has_its_kind),
        cmocka_unit_test(no_address_is_in_no_block_and_of_no_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
