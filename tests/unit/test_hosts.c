/* SPDX-License-Identifier: MIT */
/*
 * The order of servers and addresses, with what was learnt before; and which refusals are worth a try over IPv4.
 */

#include "core/buf.h"
#include "core/hosts.h"
#include "feed.h"

#define ADDRESSES_MAX 9

/* "6a 6b 4a": families and a letter. */
static size_t addresses(const char *text, struct ip *list)
{
    size_t count = 0;

    for (struct span rest = span_of(text); rest.length > 0; count++) {
        struct span word = span_cut(&rest, ' ');

        assert_true(count < ADDRESSES_MAX && word.length == 2);
        list[count] =
            (struct ip){.family = word.at[0] == '6' ? IP_V6 : IP_V4, .bytes = {(uint8_t)word.at[1]}};
    }
    return count;
}

static struct ip one_address(const char *text)
{
    struct ip list[ADDRESSES_MAX];

    assert_int_equal(addresses(text, list), 1);
    return list[0];
}

static const char *said(const struct ip *list, size_t count)
{
    static char text[4 * ADDRESSES_MAX];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d%c", i > 0 ? " " : "", list[i].family,
                                 list[i].bytes[0]);
    return text;
}

/* On a heap allocation of exactly its size. */
static void check_order(const struct hosts *h, const char *name, const char *given, const char *expected,
                        uint64_t now_ms, const char *why)
{
    struct ip list[ADDRESSES_MAX], *exact;
    size_t count = addresses(given, list);

    exact = malloc(count > 0 ? count * sizeof *exact : 1);
    assert_non_null(exact);
    memcpy(exact, list, count * sizeof *exact);
    hosts_order_addresses(h, name, exact, count, now_ms);
    HOLDS(strcmp(said(exact, count), expected) == 0, "%s: %s", why, said(exact, count));
    free(exact);
}

static struct hosts *hosts_make(void)
{
    struct hosts *h = malloc(sizeof *h);

    assert_non_null(h);
    memset(h, 0x55, sizeof *h);
    hosts_init(h);
    return h;
}

/* ---- the order of addresses ---- */

static void families_take_turns_and_ipv6_begins(void **state)
{
    (void)state;
    const struct {
        const char *given, *expected, *why;
    } rows[] = {
        {"", "", "none"},
        {"4a", "4a", "one"},
        {"4a 6a", "6a 4a", "IPv6 first"},
        {"6a 4a", "6a 4a", "is so already"},
        {"4a 4b 6a 6b", "6a 4a 6b 4b", "in turn, and in their order"},
        {"6a 6b 6c 4a", "6a 4a 6b 6c", "the rest behind"},
        {"4a 4b 4c 6a", "6a 4a 4b 4c", "on either side"},
        {"4c 4b 4a", "4c 4b 4a", "one family: as the name server had them"},
        {"6c 6b 6a", "6c 6b 6a", "the other one"},
        {"4a 6a 4b 6b 4c 6c 4d 6d 4e", "6a 4a 6b 4b 6c 4c 6d 4d 4e", "many"},
    };
    struct hosts *h = hosts_make();

    for (size_t i = 0; i < COUNT(rows); i++)
        check_order(h, "mx.y.cz", rows[i].given, rows[i].expected, 0, rows[i].why);
    free(h);
}

static void an_address_that_just_failed_goes_last_for_a_minute(void **state)
{
    (void)state;
    const struct {
        const char *failed, *given, *expected;
        uint64_t later_ms;
        const char *why;
    } rows[] = {
        {"6a", "4a 6a", "4a 6a", 0, "the other family goes first now"},
        {"6a", "4a 6a", "4a 6a", 59999, "for a minute"},
        {"6a", "4a 6a", "6a 4a", 60000, "and no longer"},
        {"6a", "6a 6b 4a 4b", "6b 4a 4b 6a", 1, "behind all the others"},
        {"4a", "6a 4a 4b", "6a 4b 4a", 1, "IPv4 likewise"},
        {"6a", "6a", "6a", 1, "the only one is tried all the same"},
        {"6z", "4a 6a", "6a 4a", 1, "another one"},
        {"4a", "6a 4b", "6a 4b", 1, "the same letter in the other family is another one"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hosts *h = hosts_make();
        struct ip failed = one_address(rows[i].failed);

        hosts_address_failed(h, &failed, 1000);
        check_order(h, "mx.y.cz", rows[i].given, rows[i].expected, 1000 + rows[i].later_ms, rows[i].why);
        free(h);
    }
}

static void several_that_failed_take_turns_too(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();
    const char *const failed[] = {"4a", "6a", "6b"};

    for (size_t i = 0; i < COUNT(failed); i++) {
        struct ip address = one_address(failed[i]);

        hosts_address_failed(h, &address, 0);
    }
    check_order(h, "mx.y.cz", "4a 4b 6a 6b 6c", "6c 4b 6a 4a 6b", 1, "good ones, then the others");
    free(h);
}

static void a_connection_makes_good(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();
    struct ip address = one_address("6a");
    struct ip other = one_address("6b");
    struct smtp_mx list[3] = {{10, "mx3.y.cz"}, {10, "mx1.y.cz"}, {10, "mx2.y.cz"}};

    hosts_address_failed(h, &other, 0);
    hosts_address_failed(h, &address, 0);
    hosts_name_failed(h, "mx1.y.cz", 0);
    hosts_name_failed(h, "mx3.y.cz", 0);
    hosts_connected(h, "MX1.y.cz", &address);
    check_order(h, "mx1.y.cz", "4a 6b 6a", "6a 4a 6b", 1, "forgiven, and nobody else");
    hosts_order_exchangers(h, list, 3, 1);
    assert_string_equal(list[0].host, "mx1.y.cz");
    assert_string_equal(list[2].host, "mx3.y.cz");
    free(h);
}

static void who_fails_again_waits_again(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();
    struct ip address = one_address("6a");

    hosts_address_failed(h, &address, 0);
    hosts_address_failed(h, &address, 50000);
    check_order(h, "mx.y.cz", "4a 6a", "4a 6a", 100000, "a minute since the last time");
    check_order(h, "mx.y.cz", "4a 6a", "6a 4a", 110000, "is over");
    free(h);
}

static void a_server_that_refused_ipv6_is_asked_over_ipv4_first(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();
    struct ip failed = one_address("4a");

    hosts_ipv6_refused(h, "MX.y.cz");
    hosts_ipv6_refused(h, "mx.y.cz");
    assert_int_equal(h->ipv4_only.next, 1);
    check_order(h, "mx.y.cz", "6a 4a 6b 4b", "4a 4b 6a 6b", 0, "IPv4, and IPv6 if all of it fails");
    check_order(h, "mx.z.cz", "6a 4a", "6a 4a", 0, "others are not touched");
    check_order(h, "mx.y.cz", "6a", "6a", 0, "what else");
    hosts_address_failed(h, &failed, 0);
    check_order(h, "mx.y.cz", "6a 4a 4b", "4b 6a 4a", 1, "one that failed is last all the same");
    free(h);
}

static void a_server_that_does_not_know_bdat_is_known(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();

    assert_true(hosts_knows_bdat(h, "mx.y.cz"));
    hosts_bdat_unknown(h, "MX.y.cz");
    assert_false(hosts_knows_bdat(h, "mx.y.cz"));
    assert_true(hosts_knows_bdat(h, "mx.z.cz"));
    check_order(h, "mx.y.cz", "6a 4a", "6a 4a", 0, "which has nothing to do with IPv6");
    free(h);
}

/* ---- the order of exchangers ---- */

static void an_exchanger_that_just_failed_goes_last(void **state)
{
    (void)state;
    const struct {
        const char *failed[3];
        const char *expected, *why;
    } rows[] = {
        {{NULL}, "a b c", "nobody"},
        {{"a"}, "b c a", "the first"},
        {{"b"}, "a c b", "the second"},
        {{"c"}, "a b c", "the last"},
        {{"b", "a"}, "c a b", "two, in their order of preference and not of failing"},
        {{"a", "b", "c"}, "a b c", "all: then the order is as it was"},
        {{"A"}, "b c a", "names have no case"},
        {{"z"}, "a b c", "somebody else"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hosts *h = hosts_make();
        struct smtp_mx *list = malloc(3 * sizeof *list);
        struct buf text;

        assert_non_null(list);
        for (int k = 0; k < 3; k++)
            list[k] = (struct smtp_mx){(uint16_t)(10 * k), {(char)('a' + k)}};
        for (int k = 0; k < 3 && rows[i].failed[k]; k++)
            hosts_name_failed(h, rows[i].failed[k], 5);
        hosts_order_exchangers(h, list, 3, 6);
        buf_init(&text, 100);
        buf_printf(&text, "%s %s %s", list[0].host, list[1].host, list[2].host);
        HOLDS(span_equals(buf_span(&text), span_of(rows[i].expected)), "%s: %s", rows[i].why,
              quote(buf_span(&text)));
        hosts_order_exchangers(h, list, 0, 6);
        buf_clear(&text);
        free(list);
        free(h);
    }
}

static void the_memory_is_bounded_and_the_oldest_goes(void **state)
{
    (void)state;
    struct hosts *h = hosts_make();
    struct smtp_mx list[2];
    char name[32];

    for (int i = 0; i < 3 * HOSTS_FAILED_MAX; i++) {
        snprintf(name, sizeof name, "mx%d.y.cz", i);
        hosts_name_failed(h, name, 0);
        hosts_ipv6_refused(h, name);
    }
    for (int i = 0; i < 3 * HOSTS_FAILED_MAX; i++) {
        bool kept = i >= 2 * HOSTS_FAILED_MAX, kept_ipv4 = i >= 3 * HOSTS_FAILED_MAX - HOSTS_TRAITS_MAX;

        snprintf(list[0].host, sizeof list[0].host, "mx%d.y.cz", i);
        snprintf(list[1].host, sizeof list[1].host, "other");
        hosts_order_exchangers(h, list, 2, 1);
        HOLDS((strcmp(list[0].host, "other") == 0) == kept, "%d", i);
        snprintf(name, sizeof name, "mx%d.y.cz", i);
        check_order(h, name, "6a 4a", kept_ipv4 ? "4a 6a" : "6a 4a", 1, name);
    }
    free(h);
}

/* ---- refusals over IPv6 ---- */

static void only_a_refusal_of_the_ipv6_address_is_one(void **state)
{
    (void)state;
    static const char gmail[] = "[2001:db8::7] Our system has detected that this message does not meet IPv6 "
                                "sending guidelines regarding PTR records and authentication.";
    const struct {
        const char *address;
        struct outcome outcome;
        bool expected;
        const char *why;
    } rows[] = {
        {"2a00:1450:4013:c01::1a", outcome_from_reply(550, 7, 1, span_of(gmail)), true, "Gmail"},
        {"64.233.184.27", outcome_from_reply(550, 7, 1, span_of(gmail)), false, "was reached over IPv4"},
        {"::ffff:64.233.184.27", outcome_from_reply(550, 7, 1, span_of(gmail)), false, "which this is, too"},
        {"", outcome_from_reply(550, 7, 1, span_of(gmail)), false, "was not reached"},
        {"2a00::1", outcome_from_reply(550, 7, 25, SPAN("no")), true, "RFC 7372's code for PTR"},
        {"2a00::1", outcome_from_reply(550, 7, 26, SPAN("SPF and DKIM failed")), false,
         "the sender's domain"},
        {"2a00::1", outcome_from_reply(550, 1, 1, SPAN("user unknown")), false, "the recipient"},
        {"2a00::1", outcome_from_reply(250, 7, 25, SPAN("ok")), false, "taken"},
        {"2a00::1", outcome_from_fault(OUTCOME_FAULT_CONNECT_FAILED, NULL), false,
         "not refused, not reached"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome o = rows[i].outcome;

        outcome_set_host(&o, "mx.y.cz", rows[i].address);
        HOLDS(hosts_is_ipv6_refusal(&o) == rows[i].expected, "%s", rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_take_turns_and_ipv6_begins),
        cmocka_unit_test(an_address_that_just_failed_goes_last_for_a_minute),
        cmocka_unit_test(several_that_failed_take_turns_too),
        cmocka_unit_test(a_connection_makes_good),
        cmocka_unit_test(who_fails_again_waits_again),
        cmocka_unit_test(a_server_that_refused_ipv6_is_asked_over_ipv4_first),
        cmocka_unit_test(a_server_that_does_not_know_bdat_is_known),
        cmocka_unit_test(an_exchanger_that_just_failed_goes_last),
        cmocka_unit_test(the_memory_is_bounded_and_the_oldest_goes),
        cmocka_unit_test(only_a_refusal_of_the_ipv6_address_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
