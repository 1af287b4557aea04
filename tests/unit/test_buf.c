/* SPDX-License-Identifier: MIT */
/*
 * The growing buffer: all or nothing, a ceiling that counts what is waiting, a failure that sticks.
 */

#include "core/buf.h"
#include "feed.h"

static void a_new_buffer_is_empty_and_has_allocated_nothing(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 100);
    assert_int_equal(buf_span(&b).length, 0);
    assert_false(b.failed);
    assert_null(b.bytes);
    buf_clear(&b);
    buf_clear(&b);
}

static void what_is_appended_is_what_is_waiting(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 100);
    assert_true(buf_append(&b, "ab\0c", 4));
    assert_true(buf_append_span(&b, SPAN("de")));
    assert_true(buf_append_text(&b, "fg"));
    assert_true(buf_printf(&b, "%d-%s", 42, "h"));
    HOLDS(span_equals(buf_span(&b), SPAN("ab\0cdefg42-h")), "%s", quote(buf_span(&b)));
    buf_clear(&b);
}

static void appending_nothing_is_no_failure(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 0);
    assert_true(buf_append(&b, "", 0));
    assert_true(buf_append(&b, NULL, 0));
    assert_true(buf_append_span(&b, span_of(NULL)));
    assert_true(buf_append_text(&b, ""));
    assert_true(buf_printf(&b, "%s", ""));
    assert_false(b.failed);
    assert_int_equal(buf_span(&b).length, 0);
    buf_clear(&b);
}

static void consuming_takes_from_the_front_and_an_emptied_buffer_rewinds(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 100);
    assert_true(buf_append_text(&b, "abcdef"));
    buf_consume(&b, 2);
    assert_true(span_equals(buf_span(&b), SPAN("cdef")));
    buf_consume(&b, 0);
    assert_true(buf_append_text(&b, "g"));
    assert_true(span_equals(buf_span(&b), SPAN("cdefg")));
    buf_consume(&b, 5);
    assert_int_equal(buf_span(&b).length, 0);
    assert_int_equal(b.start, 0);
    buf_clear(&b);
}

static void the_ceiling_can_be_reached_and_not_passed(void **state)
{
    (void)state;
    for (size_t ceiling = 0; ceiling <= 70; ceiling++) {
        struct buf b;

        buf_init(&b, ceiling);
        for (size_t i = 0; i < ceiling; i++)
            HOLDS(buf_append(&b, "x", 1), "ceiling %zu, byte %zu", ceiling, i);
        assert_false(b.failed);
        HOLDS(!buf_append(&b, "y", 1), "ceiling %zu", ceiling);
        HOLDS(b.failed, "ceiling %zu", ceiling);
        HOLDS(buf_span(&b).length == ceiling, "ceiling %zu", ceiling);
        buf_clear(&b);
    }
}

static void an_append_that_does_not_fit_appends_nothing_and_the_failure_sticks(void **state)
{
    (void)state;
    const struct {
        int how;
        const char *why;
    } rows[] = {
        {0, "append"}, {1, "append_span"}, {2, "append_text"}, {3, "printf"}, {4, "a length that overflows"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const volatile size_t absurd = SIZE_MAX - 2; /* volatile: the compiler would see through it */
        struct buf b;
        bool ok = true;

        buf_init(&b, 10);
        assert_true(buf_append_text(&b, "12345"));
        switch (rows[i].how) {
        case 0:
            ok = buf_append(&b, "abcdef", 6);
            break;
        case 1:
            ok = buf_append_span(&b, SPAN("abcdef"));
            break;
        case 2:
            ok = buf_append_text(&b, "abcdef");
            break;
        case 3:
            ok = buf_printf(&b, "%s%d", "abc", 123);
            break;
        case 4:
            ok = buf_append(&b, "abcdef", absurd);
            break;
        }
        HOLDS(!ok && b.failed, "%s", rows[i].why);
        HOLDS(span_equals(buf_span(&b), SPAN("12345")), "%s: %s", rows[i].why, quote(buf_span(&b)));
        HOLDS(!buf_append(&b, "a", 1), "%s: later bytes would follow half of a line", rows[i].why);
        HOLDS(!buf_printf(&b, "a"), "%s: printf too", rows[i].why);
        HOLDS(span_equals(buf_span(&b), SPAN("12345")), "%s", rows[i].why);
        buf_consume(&b, 5);
        HOLDS(!buf_append(&b, "a", 1), "%s: room does not heal it", rows[i].why);
        HOLDS(b.failed, "%s", rows[i].why);
        buf_clear(&b);
        HOLDS(!b.failed, "%s: clear forgets it", rows[i].why);
        HOLDS(buf_append(&b, "a", 1), "%s: and the buffer can be used again", rows[i].why);
        buf_clear(&b);
    }
}

static void the_ceiling_counts_what_waits_not_what_went_through(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 16);
    for (int i = 0; i < 10000; i++) {
        HOLDS(buf_append_text(&b, "0123456789"), "round %d", i);
        HOLDS(span_equals(span_first(buf_span(&b), i > 0 ? 6 : 0), i > 0 ? SPAN("456789") : SPAN("")),
              "round %d", i);
        buf_consume(&b, buf_span(&b).length - 6);
        HOLDS(span_equals(buf_span(&b), SPAN("456789")), "round %d", i);
    }
    HOLDS(b.capacity <= 4096, "memory does not follow the 100000 bytes that passed: %zu", b.capacity);
    buf_clear(&b);
}

static void printf_writes_texts_of_any_length(void **state)
{
    (void)state;
    for (size_t length = 0; length < 5000; length = length * 2 + 1) {
        struct buf b;
        char *text = malloc(length + 1);

        assert_non_null(text);
        memset(text, 'p', length);
        text[length] = '\0';
        buf_init(&b, 3 + length);
        assert_true(buf_append_text(&b, "ab"));
        HOLDS(buf_printf(&b, "%s", text), "length %zu", length);
        HOLDS(buf_span(&b).length == 2 + length, "length %zu", length);
        HOLDS(span_equals(span_skip(buf_span(&b), 2), span_of(text)), "length %zu", length);
        HOLDS(buf_printf(&b, "%c", 'z'), "its NUL needs no room under the ceiling: length %zu", length);
        HOLDS(!buf_printf(&b, "%c", 'z'), "length %zu", length);
        buf_clear(&b);
        free(text);
    }
}

static void the_text_ends_with_a_nul_that_is_not_counted(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 70; length++) {
        struct buf b;
        const char *text;

        buf_init(&b, length);
        for (size_t i = 0; i < length; i++)
            assert_true(buf_append(&b, "t", 1));
        text = buf_text(&b);
        HOLDS(text != NULL, "the NUL is not counted, so it fits: length %zu", length);
        HOLDS(strlen(text) == length, "length %zu", length);
        HOLDS(buf_span(&b).length == length, "length %zu", length);
        buf_clear(&b);
    }
    struct buf b;

    buf_init(&b, 10);
    assert_true(buf_append_text(&b, "abc"));
    assert_string_equal(buf_text(&b), "abc");
    buf_consume(&b, 1);
    assert_string_equal(buf_text(&b), "bc");
    assert_true(buf_append_text(&b, "d"));
    assert_string_equal(buf_text(&b), "bcd");
    assert_false(buf_append_text(&b, "much too long for it"));
    assert_null(buf_text(&b));
    buf_clear(&b);
}

static void an_empty_buffer_that_has_grown_gives_its_memory_back(void **state)
{
    (void)state;
    struct buf b;

    buf_init(&b, 100000);
    for (int i = 0; i < 5000; i++)
        assert_true(buf_append_text(&b, "0123456789"));
    buf_shrink(&b, 1000);
    HOLDS(b.length == 50000 && b.capacity >= 50000, "not while something waits");
    buf_consume(&b, 49999);
    buf_shrink(&b, 1000);
    HOLDS(span_equals(buf_span(&b), SPAN("9")), "not even one octet is lost: %s", quote(buf_span(&b)));
    buf_consume(&b, 1);
    buf_shrink(&b, b.capacity);
    HOLDS(b.capacity >= 50000, "what is kept may be as much as there is");
    buf_shrink(&b, 1000);
    HOLDS(b.capacity <= 1000, "%zu", b.capacity);
    HOLDS(buf_append_text(&b, "again") && span_equals(buf_span(&b), SPAN("again")),
          "and it can be used again");
    assert_int_equal(b.ceiling, 100000);
    buf_clear(&b);

    buf_init(&b, 5000); /* giving memory back does not heal a failure */
    for (int i = 0; i < 500; i++)
        buf_append_text(&b, "0123456789");
    assert_false(buf_append_text(&b, "x"));
    buf_consume(&b, b.length);
    buf_shrink(&b, 10);
    assert_true(b.failed);
    assert_false(buf_append_text(&b, "x"));
    buf_clear(&b);
}

static void a_buffer_does_what_a_plain_array_would_do(void **state)
{
    (void)state;
    enum { CEILING = 3000 };
    uint64_t seed = 1;
    struct buf b;
    char model[CEILING];
    size_t held = 0;

    buf_init(&b, CEILING);
    for (int i = 0; i < 5000; i++) {
        uint64_t random = dice(&seed);
        size_t count = (size_t)(random >> 8) % 400;

        if (random % 2 == 0 && held + count <= CEILING) {
            char bytes[400];

            for (size_t k = 0; k < count; k++)
                bytes[k] = (char)dice(&seed);
            memcpy(model + held, bytes, count);
            held += count;
            assert_true(buf_append(&b, bytes, count));
        } else {
            if (count > held)
                count = held;
            memmove(model, model + count, held - count);
            held -= count;
            buf_consume(&b, count);
        }
        assert_true(span_equals(buf_span(&b), span_make(model, held)));
    }
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_is_empty_and_has_allocated_nothing),
        cmocka_unit_test(what_is_appended_is_what_is_waiting),
        cmocka_unit_test(appending_nothing_is_no_failure),
        cmocka_unit_test(consuming_takes_from_the_front_and_an_emptied_buffer_rewinds),
        cmocka_unit_test(the_ceiling_can_be_reached_and_not_passed),
        cmocka_unit_test(an_append_that_does_not_fit_appends_nothing_and_the_failure_sticks),
        cmocka_unit_test(the_ceiling_counts_what_waits_not_what_went_through),
        cmocka_unit_test(printf_writes_texts_of_any_length),
        cmocka_unit_test(the_text_ends_with_a_nul_that_is_not_counted),
        cmocka_unit_test(an_empty_buffer_that_has_grown_gives_its_memory_back),
        cmocka_unit_test(a_buffer_does_what_a_plain_array_would_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
