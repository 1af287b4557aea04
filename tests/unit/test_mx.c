/* SPDX-License-Identifier: MIT */
/*
 * The order of mail exchangers: preference first, chance among equals, nobody twice.
 */

#include "core/buf.h"
#include "feed.h"
#include "smtp/mx.h"

struct exchanger {
    unsigned preference;
    const char *host;
};

/* At most six of them, on a heap allocation of exactly their size; ends at host NULL. */
static struct smtp_mx *make_list(const struct exchanger *from, size_t *count)
{
    struct smtp_mx *list;

    *count = 0;
    while (*count < 6 && from[*count].host != NULL)
        (*count)++;
    list = malloc(*count > 0 ? *count * sizeof *list : 1);
    assert_non_null(list);
    for (size_t i = 0; i < *count; i++) {
        memset(&list[i], 0x55, sizeof list[i]);
        list[i].preference = (uint16_t)from[i].preference;
        snprintf(list[i].host, sizeof list[i].host, "%s", from[i].host);
    }
    return list;
}

static void lower_preference_comes_first_and_nobody_twice(void **state)
{
    (void)state;
    const struct {
        struct exchanger input[6];
        const char *expected;
        const char *why;
    } rows[] = {
        {{{0, NULL}}, "", "none"},
        {{{10, "a"}}, "10 a|", "one"},
        {{{20, "b"}, {10, "a"}}, "10 a|20 b|", "two in the wrong order"},
        {{{30, "c"}, {10, "a"}, {20, "b"}}, "10 a|20 b|30 c|", "three"},
        {{{65535, "z"}, {0, "a"}}, "0 a|65535 z|", "both ends of the range: no signed numbers"},
        {{{40000, "z"}, {1000, "a"}}, "1000 a|40000 z|", "above 32767"},
        {{{10, "a"}, {20, "a"}}, "10 a|", "named twice: the better one stays"},
        {{{20, "a"}, {10, "a"}}, "10 a|", "whatever the order"},
        {{{20, "a"}, {10, "b"}, {5, "a"}}, "5 a|10 b|", "with another between them"},
        {{{10, "a"}, {20, "A"}}, "10 a|", "host names have no case"},
        {{{10, "a"}, {10, "a"}}, "10 a|", "twice with one preference"},
        {{{10, "a"}, {0, ""}}, "10 a|", "the root among others is no host (RFC 7505 section 3)"},
        {{{0, ""}, {10, "a"}, {20, "b"}}, "10 a|20 b|", "wherever it stands"},
        {{{10, "a"}, {20, "ab"}, {30, "abc"}}, "10 a|20 ab|30 abc|", "names that begin alike are others"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (uint64_t random = 0; random < 50; random++) {
            uint64_t seed = random;
            size_t count;
            struct smtp_mx *list = make_list(rows[i].input, &count);
            struct buf said;

            buf_init(&said, 1000);
            count = smtp_mx_order(list, count, random < 10 ? random : dice(&seed));
            for (size_t k = 0; k < count; k++)
                buf_printf(&said, "%u %s|", list[k].preference, list[k].host);
            /* Of two spellings either may stay. */
            for (char *c = said.bytes; said.length > 0 && c < said.bytes + said.start + said.length; c++)
                *c = ascii_lower(*c);
            HOLDS(span_equals(buf_span(&said), span_of(rows[i].expected)), "%s: %s", rows[i].why,
                  quote(buf_span(&said)));
            buf_clear(&said);
            free(list);
        }
    }
}

static void equal_ones_come_in_every_order_and_each_about_as_often(void **state)
{
    (void)state;
    enum { ROUNDS = 6000 };
    unsigned seen[3][3][3] = {{{0}}};
    uint64_t seed = 42;

    for (int i = 0; i < ROUNDS; i++) {
        const struct exchanger input[6] = {{10, "a"},    {10, "b"},    {10, "c"},
                                           {5, "first"}, {20, "last"}, {0, NULL}};
        size_t count;
        struct smtp_mx *list = make_list(input, &count);

        assert_int_equal(smtp_mx_order(list, count, dice(&seed)), 5);
        assert_string_equal(list[0].host, "first");
        assert_string_equal(list[4].host, "last");
        seen[list[1].host[0] - 'a'][list[2].host[0] - 'a'][list[3].host[0] - 'a']++;
        free(list);
    }
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
            for (int c = 0; c < 3; c++) {
                bool order = a != b && b != c && a != c;

                HOLDS(order ? seen[a][b][c] > ROUNDS / 6 - 200 && seen[a][b][c] < ROUNDS / 6 + 200
                            : seen[a][b][c] == 0,
                      "%c%c%c came %u times of %d", 'a' + a, 'a' + b, 'a' + c, seen[a][b][c], ROUNDS);
            }
        }
    }
}

static void the_same_chance_gives_the_same_order(void **state)
{
    (void)state;
    const struct exchanger input[6] = {{10, "a"}, {10, "b"}, {10, "c"}, {10, "d"}, {10, "e"}, {10, "f"}};

    for (uint64_t random = 0; random < 100; random++) {
        size_t one_count, other_count;
        struct smtp_mx *one = make_list(input, &one_count), *other = make_list(input, &other_count);

        one_count = smtp_mx_order(one, one_count, random);
        other_count = smtp_mx_order(other, other_count, random);
        assert_int_equal(one_count, 6);
        assert_int_equal(other_count, 6);
        for (size_t i = 0; i < one_count; i++)
            assert_string_equal(one[i].host, other[i].host);
        free(one);
        free(other);
    }
}

static void the_greatest_number_of_hosts_is_ordered_and_none_is_lost(void **state)
{
    (void)state;
    struct smtp_mx *list = malloc(SMTP_MX_HOSTS_MAX * sizeof *list);
    bool seen[SMTP_MX_HOSTS_MAX] = {false};

    assert_non_null(list);
    for (int i = 0; i < SMTP_MX_HOSTS_MAX; i++) {
        list[i].preference = (uint16_t)(i % 7);
        memset(list[i].host, 'h', sizeof list[i].host - 1); /* names as long as they can be */
        list[i].host[sizeof list[i].host - 1] = '\0';
        list[i].host[0] = (char)('a' + i % 16);
        list[i].host[1] = (char)('a' + i / 16);
    }
    assert_int_equal(smtp_mx_order(list, SMTP_MX_HOSTS_MAX, 12345), SMTP_MX_HOSTS_MAX);
    for (int i = 0; i < SMTP_MX_HOSTS_MAX; i++) {
        int which = (list[i].host[0] - 'a') + 16 * (list[i].host[1] - 'a');

        assert_false(seen[which]);
        seen[which] = true;
        assert_int_equal(list[i].preference, which % 7);
        assert_int_equal(strlen(list[i].host), sizeof list[i].host - 1);
        if (i > 0)
            assert_true(list[i - 1].preference <= list[i].preference);
    }
    free(list);
}

static void of_more_than_enough_the_best_are_kept(void **state)
{
    (void)state;
    enum { COUNT_OF_ALL = 4000 };
    struct smtp_mx *list = calloc(COUNT_OF_ALL, sizeof *list);

    assert_non_null(list);
    for (unsigned i = 0; i < COUNT_OF_ALL; i++) { /* 7 and 4000 have no common divisor: each preference comes once */
        list[i].preference = (uint16_t)(i * 7 % COUNT_OF_ALL);
        snprintf(list[i].host, sizeof list[i].host, "h%u", (unsigned)list[i].preference);
    }
    assert_int_equal(smtp_mx_keep_best(list, COUNT_OF_ALL), SMTP_MX_HOSTS_MAX);
    for (unsigned i = 0; i < SMTP_MX_HOSTS_MAX; i++)
        HOLDS(list[i].preference == i && strtoul(list[i].host + 1, NULL, 10) == i, "place %u", i);
    assert_int_equal(smtp_mx_keep_best(list, 3), 3);
    assert_int_equal(smtp_mx_keep_best(list, 0), 0);
    free(list);
}

static void a_null_mx_is_the_root_and_it_alone(void **state)
{
    (void)state;
    const struct {
        struct exchanger input[6];
        bool null;
        const char *why;
    } rows[] = {
        {{{0, ""}}, true, "RFC 7505 section 3"},
        {{{10, ""}}, true, "whatever its preference"},
        {{{0, "a"}}, false, "a host"},
        {{{0, ""}, {10, "a"}}, false, "not alone"},
        {{{10, "a"}, {0, ""}}, false, "not alone"},
        {{{0, NULL}}, false, "no records at all: the domain itself is asked"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t count;
        struct smtp_mx *list = make_list(rows[i].input, &count);

        HOLDS(smtp_mx_is_null(list, count) == rows[i].null, "%s", rows[i].why);
        free(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_preference_comes_first_and_nobody_twice),
        cmocka_unit_test(equal_ones_come_in_every_order_and_each_about_as_often),
        cmocka_unit_test(the_same_chance_gives_the_same_order),
        cmocka_unit_test(the_greatest_number_of_hosts_is_ordered_and_none_is_lost),
        cmocka_unit_test(of_more_than_enough_the_best_are_kept),
        cmocka_unit_test(a_null_mx_is_the_root_and_it_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
