/* SPDX-License-Identifier: MIT */
/*
 * Views of bytes: that they clamp instead of running over, and never ask the locale.
 */

#include "feed.h"

static void a_span_over_text_has_its_length_and_null_is_empty(void **state)
{
    (void)state;
    assert_int_equal(span_of("").length, 0);
    assert_int_equal(span_of("abc").length, 3);
    assert_int_equal(span_of(NULL).length, 0);
    assert_int_equal(SPAN("a\0b").length, 3);
    assert_int_equal(SPAN("").length, 0);
}

static void first_and_skip_clamp_to_the_length(void **state)
{
    (void)state;
    const struct {
        size_t count;
        const char *first, *skipped;
        const char *why;
    } rows[] = {
        {0, "", "abc", "nothing taken"},      {1, "a", "bc", "one"},
        {3, "abc", "", "all of it"},          {4, "abc", "", "one more than there is"},
        {SIZE_MAX, "abc", "", "no overflow"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span s = SPAN("abc");
        struct span first = span_first(s, rows[i].count);
        struct span skipped = span_skip(s, rows[i].count);

        HOLDS(span_equals(first, span_of(rows[i].first)), "%s", rows[i].why);
        HOLDS(span_equals(skipped, span_of(rows[i].skipped)), "%s", rows[i].why);
        HOLDS(skipped.at == s.at + (s.length - skipped.length), "%s: stays inside", rows[i].why);
    }
    assert_int_equal(span_first(span_of(NULL), 5).length, 0);
    assert_int_equal(span_skip(span_of(NULL), 5).length, 0);
}

static void trim_takes_spaces_and_tabs_and_nothing_else(void **state)
{
    (void)state;
    const struct {
        const char *input, *expected, *why;
    } rows[] = {
        {"", "", "nothing"},
        {" ", "", "only a space"},
        {" \t \t", "", "only white space"},
        {"a", "a", "nothing to trim"},
        {" a b ", "a b", "the inside stays"},
        {"\ta\t", "a", "tabs"},
        {"a\r\n", "a\r\n", "line ends are not white space here"},
        {"\v\f\xa0"
         "a",
         "\v\f\xa0"
         "a",
         "what a locale might call a space"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span input = span_of(rows[i].input);
        char *copy = exact_copy(input);
        struct span trimmed = span_trim(span_make(copy, input.length));

        HOLDS(span_equals(trimmed, span_of(rows[i].expected)), "%s: %s", rows[i].why, quote(trimmed));
        free(copy);
    }
}

static void comparing_folds_ascii_letters_only(void **state)
{
    (void)state;
    const struct {
        struct span a, b;
        bool equal, equal_nocase;
        const char *why;
    } rows[] = {
        {SPAN(""), SPAN(""), true, true, "both empty"},
        {SPAN("a"), SPAN(""), false, false, "one empty"},
        {SPAN("MAIL"), SPAN("MAIL"), true, true, "the same"},
        {SPAN("MAIL"), SPAN("mAiL"), false, true, "only the case differs"},
        {SPAN("MAIL"), SPAN("MAIL "), false, false, "one is longer"},
        {SPAN("@[`{"), SPAN("`{@["), false, false, "neighbours of the letters, 32 apart, are not letters"},
        {SPAN("[\\]^"), SPAN("{|}~"), false, false, "likewise behind Z"},
        {SPAN("\xc4"), SPAN("\xe4"), false, false, "Latin-1 letters are not ASCII"},
        {SPAN("a\0b"), SPAN("a\0c"), false, false, "NUL ends nothing"},
        {SPAN("a\0b"), SPAN("A\0B"), false, true, "NUL ends nothing"},
        {SPAN("zZ"), SPAN("Zz"), false, true, "the last letter too"},
        {SPAN("aA"), SPAN("Aa"), false, true, "and the first"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        HOLDS(span_equals(rows[i].a, rows[i].b) == rows[i].equal, "%s", rows[i].why);
        HOLDS(span_equals(rows[i].b, rows[i].a) == rows[i].equal, "%s", rows[i].why);
        HOLDS(span_equals_nocase(rows[i].a, rows[i].b) == rows[i].equal_nocase, "%s", rows[i].why);
        HOLDS(span_equals_nocase(rows[i].b, rows[i].a) == rows[i].equal_nocase, "%s", rows[i].why);
    }
    assert_true(span_equals(span_of(NULL), SPAN("")));
    assert_true(span_equals_nocase(SPAN(""), span_of(NULL)));
}

static void a_prefix_is_found_whatever_its_case_and_never_past_the_end(void **state)
{
    (void)state;
    const struct {
        const char *text, *prefix;
        bool expected;
        const char *why;
    } rows[] = {
        {"FROM:<a@b>", "from:", true, "case"},          {"FROM", "FROM:", false, "the prefix is longer"},
        {"FROM:", "FROM:", true, "all of it"},          {"", "", true, "nothing begins with nothing"},
        {"x", "", true, "anything with nothing"},       {"", "x", false, "nothing with something"},
        {"xFROM:", "FROM:", false, "not at the front"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span text = span_of(rows[i].text);
        char *copy = exact_copy(text);

        HOLDS(span_starts_nocase(span_make(copy, text.length), span_of(rows[i].prefix)) == rows[i].expected,
              "%s", rows[i].why);
        free(copy);
    }
}

static void find_gives_the_first_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(span_find(SPAN("abcb"), 'b'), 1);
    assert_int_equal(span_find(SPAN("abc"), 'x'), 3);
    assert_int_equal(span_find(SPAN(""), 'x'), 0);
    assert_int_equal(span_find(span_of(NULL), 'x'), 0);
    assert_int_equal(span_find(SPAN("a\0b"), '\0'), 1);
    assert_int_equal(span_find(SPAN("a\xff"), '\xff'), 1);
}

static void cut_splits_at_the_first_and_only_there(void **state)
{
    (void)state;
    const struct {
        const char *input, *before, *rest, *why;
    } rows[] = {
        {"a=b=c", "a", "b=c", "at the first"},
        {"abc", "abc", "", "there is none"},
        {"=a", "", "a", "at the front"},
        {"a=", "a", "", "at the end"},
        {"", "", "", "nothing"},
        {"=", "", "", "only it"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span rest = span_of(rows[i].input);
        struct span before = span_cut(&rest, '=');

        HOLDS(span_equals(before, span_of(rows[i].before)), "%s", rows[i].why);
        HOLDS(span_equals(rest, span_of(rows[i].rest)), "%s", rows[i].why);
    }
}

static void a_number_is_digits_within_the_limit_and_nothing_else(void **state)
{
    (void)state;
    const struct {
        const char *input;
        uint64_t limit;
        bool ok;
        uint64_t value;
        const char *why;
    } rows[] = {
        {"0", 10, true, 0, "zero"},
        {"7", 10, true, 7, "one digit"},
        {"10", 10, true, 10, "the limit itself"},
        {"11", 10, false, 0, "one more than the limit"},
        {"007", 10, true, 7, "leading zeros are decimal"},
        {"00000000000000000000000000000007", 10, true, 7, "however many"},
        {"", 10, false, 0, "no digit"},
        {"-1", 10, false, 0, "a sign is not a digit"},
        {"+1", 10, false, 0, "nor is plus"},
        {" 1", 10, false, 0, "nor a space"},
        {"1 ", 10, false, 0, "behind it neither"},
        {"0x10", 100, false, 0, "decimal only"},
        {"1e1", 100, false, 0, "decimal only"},
        {"1.0", 100, false, 0, "decimal only"},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX, "2^64-1"},
        {"18446744073709551616", UINT64_MAX, false, 0, "2^64"},
        {"18446744073709551625", UINT64_MAX, false, 0, "2^64+9: the last digit overflows"},
        {"184467440737095516150", UINT64_MAX, false, 0, "ten times that: the multiplication overflows"},
        {"99999999999999999999999999999999", UINT64_MAX, false, 0, "far too many digits"},
        {"4294967296", UINT32_MAX, false, 0, "2^32 against 2^32-1"},
        {"4294967297", UINT64_MAX, true, UINT64_C(4294967297), "2^32+1 is not 1"},
        {"0", 0, true, 0, "limit zero"},
        {"1", 0, false, 0, "limit zero"},
        {"\xd9\xa1", 10, false, 0, "an Arabic digit is none here"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span input = span_of(rows[i].input);
        char *copy = exact_copy(input);
        uint64_t value = UINT64_C(123456789);
        bool ok = span_to_number(span_make(copy, input.length), rows[i].limit, &value);

        HOLDS(ok == rows[i].ok, "%s: %s", rows[i].input, rows[i].why);
        HOLDS(value == (ok ? rows[i].value : UINT64_C(123456789)), "%s: %s", rows[i].input, rows[i].why);
        free(copy);
    }
    uint64_t value = 5;

    assert_false(span_to_number(SPAN("1\0"), 10, &value));
    assert_int_equal(value, 5);
}

/* The octets of a code point, whether or not it may be written so. */
static size_t encode(uint32_t c, size_t octets, char *text)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    if (octets == 1) {
        text[0] = (char)(unsigned char)c;
        return 1;
    }
    for (size_t i = octets - 1; i > 0; i--, c >>= 6)
        text[i] = (char)(unsigned char)(0x80 | (c & 0x3f));
    text[0] = (char)(unsigned char)(first[octets] | c);
    return octets;
}

static bool is_utf8(const char *text, size_t length)
{
    char *copy = exact_copy(span_make(text, length));
    bool result = span_is_utf8(span_make(copy, length));

    free(copy);
    return result;
}

static void utf8_is_every_code_point_in_its_shortest_form_and_nothing_else(void **state)
{
    (void)state;
    const uint32_t beyond[] = {0, 0, 0x80, 0x800, 0x10000, 0x200000}; /* first that needs more octets */
    char text[8];

    /* Every number that some octets can hold, in steps that meet all the edges. */
    for (size_t octets = 1; octets <= 4; octets++) {
        uint32_t limit = octets == 1 ? 0x80 : beyond[octets + 1];

        for (uint32_t c = 0; c < limit; c += c % 0x400 < 3 || c % 0x400 >= 0x3fc ? 1 : 61) {
            bool shortest = octets == 1 || c >= beyond[octets];
            bool right = shortest && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);

            encode(c, octets, text);
            HOLDS(is_utf8(text, octets) == right, "U+%04X in %zu octets", (unsigned)c, octets);
            for (size_t cut = 1; cut < octets; cut++)
                HOLDS(!is_utf8(text, cut), "U+%04X in %zu octets, cut to %zu", (unsigned)c, octets, cut);
            text[octets] = 'a';
            HOLDS(is_utf8(text, octets + 1) == right, "U+%04X in %zu octets and a letter", (unsigned)c,
                  octets);
        }
    }
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            bool two_ascii = first < 0x80 && second < 0x80;
            bool one_of_two = first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;

            text[0] = (char)(unsigned char)first;
            text[1] = (char)(unsigned char)second;
            HOLDS(is_utf8(text, 2) == (two_ascii || one_of_two), "%02x %02x", first, second);
            /* As the last two of three: a wrong octet behind a right one. */
            text[2] = text[1];
            text[1] = text[0];
            text[0] = '\xe1';
            HOLDS(is_utf8(text, 3) == (first >= 0x80 && first <= 0xbf && second >= 0x80 && second <= 0xbf),
                  "e1 %02x %02x", first, second);
        }
    }
    assert_true(span_is_ascii(SPAN("")) && span_is_ascii(SPAN("\x01 a~\x7f")));
    assert_false(span_is_ascii(SPAN("a\x80")) || span_is_ascii(SPAN("\xff")));
    assert_true(span_is_utf8(SPAN("")));
    assert_true(span_is_utf8(span_of(NULL)));
    assert_false(span_is_utf8(SPAN("good \xc5\x99, then \xf5\x80\x80\x80")));
}

static void copying_ends_with_nul_and_says_when_it_was_cut(void **state)
{
    (void)state;
    const struct {
        const char *input;
        size_t size;
        bool whole;
        const char *expected, *why;
    } rows[] = {
        {"abc", 4, true, "abc", "fits with its NUL"},
        {"abc", 3, false, "ab", "the NUL takes the last place"},
        {"abc", 1, false, "", "room for the NUL alone"},
        {"", 1, true, "", "nothing fits anywhere"},
        {"abc", 100, true, "abc", "plenty of room"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *to = malloc(rows[i].size);

        assert_non_null(to);
        memset(to, 'x', rows[i].size);
        HOLDS(span_copy(span_of(rows[i].input), to, rows[i].size) == rows[i].whole, "%s", rows[i].why);
        assert_string_equal(to, rows[i].expected);
        free(to);
    }
}

static void the_ascii_questions_are_about_ascii(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)(unsigned char)i;
        bool digit = i >= 48 && i <= 57, upper = i >= 65 && i <= 90, lower = i >= 97 && i <= 122;

        HOLDS(ascii_is_digit(c) == digit, "%d", i);
        HOLDS(ascii_is_alpha(c) == (upper || lower), "%d", i);
        HOLDS(ascii_is_alnum(c) == (digit || upper || lower), "%d", i);
        HOLDS(ascii_is_print(c) == (i >= 32 && i <= 126), "%d", i);
        HOLDS((unsigned char)ascii_lower(c) == (upper ? i + 32 : i), "%d", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_over_text_has_its_length_and_null_is_empty),
        cmocka_unit_test(first_and_skip_clamp_to_the_length),
        cmocka_unit_test(trim_takes_spaces_and_tabs_and_nothing_else),
        cmocka_unit_test(comparing_folds_ascii_letters_only),
        cmocka_unit_test(a_prefix_is_found_whatever_its_case_and_never_past_the_end),
        cmocka_unit_test(find_gives_the_first_or_the_length),
        cmocka_unit_test(cut_splits_at_the_first_and_only_there),
        cmocka_unit_test(a_number_is_digits_within_the_limit_and_nothing_else),
        cmocka_unit_test(utf8_is_every_code_point_in_its_shortest_form_and_nothing_else),
        cmocka_unit_test(copying_ends_with_nul_and_says_when_it_was_cut),
        cmocka_unit_test(the_ascii_questions_are_about_ascii),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
