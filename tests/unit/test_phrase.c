/* SPDX-License-Identifier: MIT */
/*
 * Phrases in a stranger's words: found wherever they stand, whatever the case and the blanks, and never
 * in a mail address.
 */

#include "core/phrase.h"
#include "feed.h"

static void words_are_made_comparable(void **state)
{
    (void)state;
    const struct {
        const char *words, *expected, *why;
    } rows[] = {
        {"", "  ", "nothing: the two blanks"},
        {"Mailbox FULL", " mailbox full ", "lower case"},
        {"  a   b\t\tc  ", " a b c ", "single blanks"},
        {"<a@b.cz>: User unknown", " <@>: user unknown ", "an address between brackets"},
        {"to=a@b.cz, no", " @, no ", "what clings to an address goes with it"},
        {"mailto:a@b.cz:blocked", " mailto:@:blocked ", "a colon ends it"},
        {"'a@b'(c@d)[e@f]", " '@'(@)[@] ", "other brackets and quotes"},
        {"@", " @ ", "a lone at sign"},
        {"ÄÖ", " ÄÖ ", "octets above 127 stay as they are"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span words = span_of(rows[i].words);
        char *copy = exact_copy(words);
        struct phrase_text prepared;

        memset(&prepared, 0x55, sizeof prepared);
        phrase_prepare(&prepared, span_make(copy, words.length));
        HOLDS(strcmp(prepared.text, rows[i].expected) == 0, "%s: \"%s\"", rows[i].why, prepared.text);
        free(copy);
    }
}

static void phrases_are_found(void **state)
{
    (void)state;
    const struct {
        const char *words, *phrases;
        bool found;
        const char *why;
    } rows[] = {
        {"User unknown", "user unknown", true, "all of it"},
        {"550 User  Unknown here", "user unknown", true, "inside"},
        {"users unknown", "user unknown", false, "not quite"},
        {"no such luser", "user unknown|no such", true, "the second of two"},
        {"x", "", false, "no phrase"},
        {"x", "|", false, "two empty ones"},
        {"", "x", false, "no words"},
        {"a then b", "a*b", true, "a star is a run"},
        {"ab", "a*b", true, "also an empty one"},
        {"b then a", "a*b", false, "in this order"},
        {"a b c", "a*b*c", true, "two stars"},
        {"aXbYbZc", "a*b*bz", true, "the star is short, what follows it finds its place"},
        {"abc", "a**c", true, "two stars in a row are one"},
        {"abc", "*c", true, "a star in front"},
        {"abc", "a*", true, "a star behind"},
        {"abc", "a*x|b", true, "the first one ends before the second begins"},
        {"your ip is bad", " ip", true, "a word"},
        {"recip is bad", " ip", false, "not a word"},
        {"IP is bad", " ip", true, "the first word"},
        {"bad IP", "ip ", true, "the last word"},
        {"<virus@example.com> unknown", "virus", false, "not in an address"},
        {"<user@b>: full", "<@>: full", true, "the address itself can be asked for"},
        {"a", "aa", false, "longer than the words"},
        {"aab", "ab", true, "a false start"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct phrase_text prepared;

        phrase_prepare(&prepared, span_of(rows[i].words));
        HOLDS(phrase_found(&prepared, rows[i].phrases) == rows[i].found, "%s: \"%s\" in \"%s\"", rows[i].why,
              rows[i].phrases, rows[i].words);
    }
}

static void long_words_are_cut_and_end_with_a_blank(void **state)
{
    (void)state;
    for (size_t length = PHRASE_TEXT_MAX - 5; length < PHRASE_TEXT_MAX + 5; length++) {
        char *words = malloc(length);
        struct phrase_text prepared;

        assert_non_null(words);
        memset(words, 'A', length);
        phrase_prepare(&prepared, span_make(words, length));
        assert_true(strlen(prepared.text) <= PHRASE_TEXT_MAX);
        assert_int_equal(prepared.text[strlen(prepared.text) - 1], ' ');
        assert_int_equal(strlen(prepared.text), length + 2 <= PHRASE_TEXT_MAX ? length + 2 : PHRASE_TEXT_MAX);
        free(words);
    }
}

static void octets_of_every_value_are_harmless(void **state)
{
    (void)state;
    uint64_t seed = 7;

    for (int round = 0; round < 2000; round++) {
        char words[600];
        size_t length = (size_t)(dice(&seed) % sizeof words);
        struct phrase_text prepared;
        char *copy;

        for (size_t i = 0; i < length; i++)
            words[i] = (char)dice(&seed);
        copy = exact_copy(span_make(words, length));
        phrase_prepare(&prepared, span_make(copy, length));
        assert_true(strlen(prepared.text) >= 2 && strlen(prepared.text) <= PHRASE_TEXT_MAX);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_made_comparable),
        cmocka_unit_test(phrases_are_found),
        cmocka_unit_test(long_words_are_cut_and_end_with_a_blank),
        cmocka_unit_test(octets_of_every_value_are_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
