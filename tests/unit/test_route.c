/* SPDX-License-Identifier: MIT */
/*
 * From a recipient to the place its mail goes to, or to the reason why it can go nowhere.
 */

#include "core/route.h"
#include "feed.h"

static struct smtp_address address_of(const char *path)
{
    struct span rest = span_of(path);
    struct smtp_address address;

    HOLDS(smtp_address_parse(&rest, &address) == SMTP_ADDRESS_OK, "%s", path);
    return address;
}

static void a_domain_is_routed_by_its_mx_in_lower_case(void **state)
{
    (void)state;
    const struct {
        const char *path, *domain, *why;
    } rows[] = {
        {"<a@example.com>", "example.com", "the usual"},
        {"<a@EXAMPLE.Com>", "example.com", "domains have no case"},
        {"<A.B@localhost>", "localhost", "one label"},
        {"<\"a@b\"@example.com>", "example.com", "an @ within quotes"},
        {"<@relay.example:a@example.com>", "example.com", "the source route is dropped"},
        {"<a@xn--bcher-kva.example>", "xn--bcher-kva.example", "an A-label"},
        {"<a@B\xc3\xbc"
         "CHER.example>",
         "xn--bcher-kva.example", "a U-label is the same place"},
        {"<a@1.2.3.4>", "1.2.3.4", "without brackets it is a name"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_address address = address_of(rows[i].path);
        struct route route;
        struct outcome why;

        memset(&route, 0x55, sizeof route);
        HOLDS(route_for(&address, &route, &why), "%s", rows[i].why);
        HOLDS(route.kind == ROUTE_MX, "%s", rows[i].why);
        HOLDS(strcmp(route.domain, rows[i].domain) == 0, "%s: %s", rows[i].why, route.domain);
    }
}

static void a_literal_is_routed_to_its_address(void **state)
{
    (void)state;
    const struct {
        const char *path, *ip, *why;
    } rows[] = {
        {"<a@[192.0.2.1]>", "192.0.2.1", "IPv4"},
        {"<a@[IPv6:2001:db8::1]>", "2001:db8::1", "IPv6 with its tag"},
        {"<a@[ipv6:2001:DB8::1]>", "2001:db8::1", "the tag has no case"},
        {"<a@[IPv6:::1]>", "::1", "three colons"},
        {"<a@[IPv6:::ffff:192.0.2.1]>", "192.0.2.1", "an IPv4 address in disguise"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_address address = address_of(rows[i].path);
        struct route route;
        struct outcome why;
        char text[IP_TEXT_SIZE];

        memset(&route, 0x55, sizeof route);
        HOLDS(route_for(&address, &route, &why), "%s", rows[i].why);
        HOLDS(route.kind == ROUTE_ADDRESS, "%s", rows[i].why);
        ip_format(&route.ip, text);
        HOLDS(strcmp(text, rows[i].ip) == 0, "%s: %s", rows[i].why, text);
    }
}

static void what_cannot_be_sent_anywhere_is_refused_for_good_with_a_reason(void **state)
{
    (void)state;
    const struct {
        const char *path;
        enum outcome_fault fault; /* NONE: any */
        const char *why;
    } rows[] = {
        {"<postmaster>", OUTCOME_FAULT_NO_MAILBOX, "no domain, and nobody lives here"},
        {"<a@\xe2\x99\xa5.example>", OUTCOME_FAULT_NO_IDNA, "a heart is in no domain name"},
        {"<a@xn--a.\xc5\x99.example>", OUTCOME_FAULT_NO_IDNA, "xn-- and nothing"},
        {"<a@llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll.example>",
         OUTCOME_FAULT_NO_IDNA, "a label of 64"},
        {"<a@[300.0.0.1]>", OUTCOME_FAULT_NONE, "no IPv4 address"},
        {"<a@[192.0.2.1.5]>", OUTCOME_FAULT_NONE, "nor this"},
        {"<a@[IPv6:192.0.2.1]>", OUTCOME_FAULT_NONE, "no IPv6 address"},
        {"<a@[IPv6:1::2::3]>", OUTCOME_FAULT_NONE, "two gaps"},
        {"<a@[x400:c=us]>", OUTCOME_FAULT_NONE, "a tag nobody registered"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span rest = span_of(rows[i].path);
        struct smtp_address address;
        struct route route;
        struct outcome why;

        if (smtp_address_parse(&rest, &address) != SMTP_ADDRESS_OK)
            continue; /* refused even earlier: as good */
        HOLDS(!route_for(&address, &route, &why), "%s", rows[i].why);
        HOLDS(why.kind == OUTCOME_PERMANENT, "%s: %d", rows[i].why, why.code);
        HOLDS(why.code >= 500 && why.code <= 599, "%s: %d", rows[i].why, why.code);
        HOLDS(why.words[0] != '\0', "%s", rows[i].why);
        HOLDS(rows[i].fault == OUTCOME_FAULT_NONE || why.fault == rows[i].fault, "%s: %s", rows[i].why,
              outcome_fault_name(why.fault));
    }
}

static void the_same_place_is_the_same_route_however_it_is_written(void **state)
{
    (void)state;
    const struct {
        const char *a, *b;
        bool equal;
        const char *why;
    } rows[] = {
        {"<a@example.com>", "<b@EXAMPLE.COM>", true, "another mailbox of the domain"},
        {"<a@example.com>", "<a@example.org>", false, "another domain"},
        {"<a@example.com>", "<a@mail.example.com>", false, "a subdomain"},
        {"<a@example.com>", "<a@example.co>", false, "a prefix"},
        {"<a@\xc5\x99.test>", "<a@XN--HGA.test>", true, "a U-label and its A-label"},
        {"<a@\xc5\x99.test>", "<p\xc5\x99@\xc5\x98\xe3\x80\x82test.>", true, "however it is written"},
        {"<a@[192.0.2.1]>", "<b@[192.0.2.1]>", true, "the same address"},
        {"<a@[192.0.2.1]>", "<b@[192.0.2.2]>", false, "another address"},
        {"<a@[IPv6:2001:db8::1]>", "<a@[IPv6:2001:DB8:0:0::1]>", true, "two ways to write one address"},
        {"<a@[IPv6:::ffff:192.0.2.1]>", "<a@[192.0.2.1]>", true, "the disguise is taken off"},
        {"<a@[192.0.2.1]>", "<a@192.0.2.1>", false, "a name is not an address"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_address address_a = address_of(rows[i].a), address_b = address_of(rows[i].b);
        struct route a, b;
        struct outcome why;

        memset(&a, 0x55, sizeof a);
        memset(&b, 0xaa, sizeof b);
        assert_true(route_for(&address_a, &a, &why));
        assert_true(route_for(&address_b, &b, &why));
        HOLDS(route_equals(&a, &b) == rows[i].equal, "%s", rows[i].why);
        HOLDS(route_equals(&b, &a) == rows[i].equal, "%s", rows[i].why);
        HOLDS(route_equals(&a, &a), "%s", rows[i].why);
    }
}

static void a_final_dot_makes_no_other_domain(void **state)
{
    (void)state;
    struct span rest = SPAN("<a@example.com.>");
    struct smtp_address address;
    struct route route;
    struct outcome why;

    if (smtp_address_parse(&rest, &address) != SMTP_ADDRESS_OK)
        return; /* RFC 5321 has no such dot: refusing it is right, too */
    if (route_for(&address, &route, &why))
        assert_string_equal(route.domain, "example.com");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_is_routed_by_its_mx_in_lower_case),
        cmocka_unit_test(a_literal_is_routed_to_its_address),
        cmocka_unit_test(what_cannot_be_sent_anywhere_is_refused_for_good_with_a_reason),
        cmocka_unit_test(the_same_place_is_the_same_route_however_it_is_written),
        cmocka_unit_test(a_final_dot_makes_no_other_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
