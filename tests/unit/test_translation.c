/* SPDX-License-Identifier: MIT */
/*
 * Every refusal is explained in every language, by one sentence and one remedy.
 */

#include "feed.h"
#include "translation.h"

static void check_sentence(const char *language, const char *what, const char *name, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    HOLDS(length > 0, "%s has the %s of %s", language, what, name);
    HOLDS(length >= 15 && length <= 220, "%s, %s of %s: %zu octets", language, what, name, length);
    HOLDS(span_is_utf8(span_of(text)), "%s, %s of %s is UTF-8", language, what, name);
    HOLDS(text[length - 1] == '.' && !strstr(text, ". ") && !strstr(text, "  "), "one sentence: %s", text);
    HOLDS(text[0] != ascii_lower(text[0]) || (unsigned char)text[0] >= 128, "begins with a capital: %s",
          text);
    HOLDS(!strpbrk(text, "{}[]%\n\r\t"), "no placeholders and no controls: %s", text);
}

static void check_brief(const char *language, const char *name, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    HOLDS(length >= 8 && length <= 60, "%s, %s: %zu octets", language, name, length);
    HOLDS(span_is_utf8(span_of(text)), "%s, %s is UTF-8", language, name);
    HOLDS(text[length - 1] != '.' && !strpbrk(text, "{}[]%\n\r\t\""), "%s, %s: a few words: %s", language,
          name, text);
}

static void every_language_says_everything(void **state)
{
    (void)state;
    static const char *const languages[TEXT_LANGUAGE_COUNT] = {"en", "cs", "pl"};

    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
            enum refusal t = (enum refusal)i;
            enum text_language language = (enum text_language)l;
            const char *name = refusal_name(t);

            check_brief(languages[l], name, translation_brief(t, language));
            check_sentence(languages[l], "explanation", name, translation_explanation(t, language));
            check_sentence(languages[l], "remedy", name, translation_remedy(t, language));
            if (language != TEXT_EN) {
                HOLDS(strcmp(translation_brief(t, language), translation_brief(t, TEXT_EN)) != 0,
                      "%s, %s is translated", languages[l], name);
                HOLDS(strcmp(translation_explanation(t, language), translation_explanation(t, TEXT_EN)) != 0,
                      "%s, %s is translated", languages[l], name);
                HOLDS(strcmp(translation_remedy(t, language), translation_remedy(t, TEXT_EN)) != 0,
                      "%s, %s is translated", languages[l], name);
            }
        }
        assert_string_equal(translation_brief(REFUSAL_NONE, (enum text_language)l), "");
        assert_string_equal(translation_explanation(REFUSAL_NONE, (enum text_language)l), "");
        assert_string_equal(translation_remedy(REFUSAL_NONE, (enum text_language)l), "");
    }
}

static void no_two_refusals_are_explained_alike(void **state)
{
    (void)state;
    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++)
        for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
            for (int k = i + 1; k < REFUSAL_COUNT; k++)
                HOLDS(strcmp(translation_explanation((enum refusal)i, (enum text_language)l),
                             translation_explanation((enum refusal)k, (enum text_language)l)) != 0,
                      "%s and %s", refusal_name((enum refusal)i), refusal_name((enum refusal)k));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_says_everything),
        cmocka_unit_test(no_two_refusals_are_explained_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
