/* SPDX-License-Identifier: MIT */
/*
 * Our texts in Windows' arrays: that they are cut between characters and say so, and that nothing is written beyond.
 */

#include "feed.h"

#include <stdlib.h>
#include <wchar.h>

#include "wide.h"

#define CANARY 0x5a5a
#define ROOM 16

static void a_text_is_cut_between_characters_and_says_so(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t size;
        const wchar_t *expected;
        const char *why;
    } rows[] = {
        {"", 4, L"", "nothing"},
        {"abc", 4, L"abc", "fits exactly"},
        {"abcd", 4, L"ab\x2026", "one too many"},
        {"abc", 3, L"a\x2026", "cut, with an ellipsis"},
        {"abc", 2, L"\x2026", "room for the ellipsis alone"},
        {"abc", 1, L"", "room for the end alone"},
        {"", 1, L"", "nothing into almost nothing"},
        {"ř\xc5\xbe", 3, L"\x159\x17e", "letters are one unit each"},
        {"ř\xc5\xbe\xc5\xa5", 3, L"\x159\x2026", "and count as one"},
        {"\xf0\x9f\x93\xa7", 3, L"\xd83d\xdce7", "a picture is two"},
        {"\xf0\x9f\x93\xa7", 2, L"\x2026", "and is not cut in the middle"},
        {"a\xf0\x9f\x93\xa7", 3, L"a\x2026", "even when half of it would fit"},
        {"a\xf0\x9f\x93\xa7z", 4, L"a\x2026", "or all of it, and no ellipsis behind"},
        {"a\xff"
         "b",
         8,
         L"a\xfffd"
         L"b",
         "what is not UTF-8 is said to be so"},
        {"a\xc5", 8, L"a\xfffd", "also at the end"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        wchar_t out[ROOM];
        size_t length;

        for (size_t j = 0; j < ROOM; j++)
            out[j] = CANARY;
        length = wide_copy(rows[i].text, out, rows[i].size);
        HOLDS(length < rows[i].size && length == wcslen(out), "%s: %zu units", rows[i].why, length);
        HOLDS(wcscmp(out, rows[i].expected) == 0, "%s: %ls", rows[i].why, out);
        for (size_t j = rows[i].size; j < ROOM; j++)
            HOLDS(out[j] == CANARY, "%s: nothing is written behind", rows[i].why);
    }
}

static void into_nothing_goes_nothing(void **state)
{
    (void)state;
    wchar_t out = CANARY;

    assert_int_equal(wide_copy("abc", &out, 0), 0);
    assert_int_equal(out, CANARY);
}

static void a_new_text_has_windows_line_ends(void **state)
{
    (void)state;
    const struct {
        const char *text;
        const wchar_t *expected;
    } rows[] = {
        {"", L""},
        {"a", L"a"},
        {"\n", L"\r\n"},
        {"a\nb\n", L"a\r\nb\r\n"},
        {"\n\n\n", L"\r\n\r\n\r\n"},
        {"\xf0\x9f\x93\xa7\nř", L"\xd83d\xdce7\r\n\x159"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        wchar_t *wide = wide_new(rows[i].text);

        assert_non_null(wide);
        HOLDS(wcscmp(wide, rows[i].expected) == 0, "%s: %ls", quote(span_of(rows[i].text)), wide);
        free(wide);
    }
}

static void what_windows_says_becomes_utf8(void **state)
{
    (void)state;
    const struct {
        const wchar_t *text;
        const char *expected;
    } rows[] = {
        {L"", ""},
        {L"a\x159\x2026", "ař…"},
        {L"\xd83d\xdce7", "\xf0\x9f\x93\xa7"},
        {L"\xd83d", "\xef\xbf\xbd"},
        {L"\xdce7z", "\xef\xbf\xbdz"},
        {L"\xd83d\xd83d\xdce7", "\xef\xbf\xbd\xf0\x9f\x93\xa7"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;

        buf_init(&out, 100);
        wide_append_to(&out, rows[i].text);
        HOLDS(strcmp(buf_text(&out), rows[i].expected) == 0, "%zu: %s", i, quote(buf_span(&out)));
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_cut_between_characters_and_says_so),
        cmocka_unit_test(into_nothing_goes_nothing),
        cmocka_unit_test(a_new_text_has_windows_line_ends),
        cmocka_unit_test(what_windows_says_becomes_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
