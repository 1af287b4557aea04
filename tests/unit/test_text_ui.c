/* SPDX-License-Identifier: MIT */
/* Texts of the windows fit their places, are reached by different letters, and take values as they are. */

#include "../../src/text/catalogue.h"
#include "feed.h"
#include "text.h"

#define FILLED_SIZE 4096

static const char *const languages[TEXT_LANGUAGE_COUNT] = {"en", "cs", "pl"};

static const struct {
    const char *name;
    size_t limit;
} uis[] = {
#define X(name, limit) {#name, limit},
    TEXT_UIS(X)
#undef X
};

static const char *filled(enum text_ui which, enum text_language language, const struct text_value *values,
                          size_t count)
{
    static char text[FILLED_SIZE];
    struct buf out;

    buf_init(&out, sizeof text - 1);
    text_ui_fill(which, language, values, count, &out);
    HOLDS(!out.failed, "there is room for the text");
    assert_true(span_copy(buf_span(&out), text, sizeof text));
    buf_clear(&out);
    return text;
}

/* ---- places ---- */

static const char *longest_state(enum text_language language)
{
    const char *longest = "";

    for (int i = TEXT_UI_STATE_STARTING; i <= TEXT_UI_STATE_READY; i++) {
        const char *text = text_ui((enum text_ui)i, language);

        if (text_utf16_units(text) > text_utf16_units(longest))
            longest = text;
    }
    return longest;
}

static void every_text_fits_its_place(void **state)
{
    (void)state;
    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        const struct text_value longest[] = {
            {"state", longest_state((enum text_language)l)},
            {"delivered", "4294967295"},
            {"failed", "4294967295"},
            {"count", "4294967295"},
            {"version", "999.999.999-unreleased"},
            /* not {recipient} and {reason} of NOTICE_MAIL: text.h says why */
        };

        for (int i = 0; i < TEXT_UI_COUNT; i++) {
            const char *text = filled((enum text_ui)i, (enum text_language)l, longest, COUNT(longest));
            size_t units = text_utf16_units(text);

            HOLDS(uis[i].limit == 0 || units <= uis[i].limit, "%s, %s: \"%s\" has %zu units, its place %zu",
                  languages[l], uis[i].name, text, units, uis[i].limit);
        }
    }
}

static void a_text_of_limited_length_has_values_of_limited_length(void **state)
{
    (void)state;
    static const char *const limited[] = {"{state}", "{delivered}", "{failed}", "{count}", "{version}"};

    for (int i = 0; i < TEXT_UI_COUNT; i++) {
        const char *text = text_ui((enum text_ui)i, TEXT_EN);
        size_t known = 0, all = 0;

        if (uis[i].limit == 0 || i == TEXT_UI_NOTICE_MAIL)
            continue;
        for (const char *at = text; (at = strchr(at, '{')); at++, all++)
            for (size_t n = 0; n < COUNT(limited); n++)
                known += strncmp(at, limited[n], strlen(limited[n])) == 0;
        HOLDS(known == all, "%s: \"%s\" is measured with all its values", uis[i].name, text);
    }
}

static void a_notification_says_first_who_did_not_get_the_mail(void **state)
{
    (void)state;
    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        const char *text = text_ui(TEXT_UI_NOTICE_MAIL, (enum text_language)l);
        const char *recipient = strstr(text, "{recipient}"), *reason = strstr(text, "{reason}");

        HOLDS(recipient && reason && recipient < reason, "%s: \"%s\"", languages[l], text);
    }
}

/* ---- letters ---- */

/* The letter behind "&", in lower case. Its text has one, and it is on every keyboard. */
static char mnemonic(enum text_ui which, enum text_language language)
{
    const char *text = text_ui(which, language);
    const char *at = strchr(text, '&');

    HOLDS(at && ascii_is_alpha(at[1]) && !strchr(at + 1, '&'), "%s: \"%s\" is reached by one letter",
          languages[language], text);
    return ascii_lower(at[1]);
}

static void what_is_seen_together_is_reached_by_different_letters(void **state)
{
    (void)state;
    static const enum text_ui menus[][8] = {
        {TEXT_UI_MENU_RESET, TEXT_UI_MENU_STOP, TEXT_UI_MENU_LOG, TEXT_UI_MENU_AUTOSTART, TEXT_UI_MENU_ABOUT,
         TEXT_UI_MENU_EXIT, TEXT_UI_COUNT},
        {TEXT_UI_MENU_RESET, TEXT_UI_MENU_START, TEXT_UI_MENU_LOG, TEXT_UI_MENU_AUTOSTART, TEXT_UI_MENU_ABOUT,
         TEXT_UI_MENU_EXIT, TEXT_UI_COUNT},
        {TEXT_UI_LOG_COPY, TEXT_UI_LOG_SELECT_ALL, TEXT_UI_COUNT},
        {TEXT_UI_EXIT_WAIT, TEXT_UI_EXIT_NOW, TEXT_UI_EXIT_STAY, TEXT_UI_COUNT},
    };
    bool has_letter[TEXT_UI_COUNT] = {false};

    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        for (size_t m = 0; m < COUNT(menus); m++) {
            char taken[8] = "";

            for (size_t i = 0; menus[m][i] != TEXT_UI_COUNT; i++) {
                char letter = mnemonic(menus[m][i], (enum text_language)l);

                HOLDS(!strchr(taken, letter), "%s: '%c' of \"%s\" is not taken", languages[l], letter,
                      text_ui(menus[m][i], (enum text_language)l));
                taken[i] = letter;
                has_letter[menus[m][i]] = true;
            }
        }
        for (int i = 0; i < TEXT_UI_COUNT; i++)
            HOLDS(has_letter[i] || !strchr(text_ui((enum text_ui)i, (enum text_language)l), '&'),
                  "%s, %s is not reached by a letter", languages[l], uis[i].name);
    }
}

static void a_remedy_names_the_menu_as_it_is(void **state)
{
    (void)state;
    const struct {
        enum event_kind kind;
        enum text_ui item;
    } rows[] = {
        {EVENT_LISTEN_FAILED, TEXT_UI_MENU_RESET},
        {EVENT_PORT_TAKEN, TEXT_UI_MENU_RESET},
        {EVENT_INTERNAL, TEXT_UI_MENU_RESET},
        {EVENT_CRASHED, TEXT_UI_MENU_START},
    };

    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            const char *item = text_ui(rows[i].item, (enum text_language)l);
            struct span name = span_of(item);
            char words[64] = "";
            size_t length = 0;

            for (size_t n = 0; n < name.length && length + 1 < sizeof words; n++)
                if (name.at[n] != '&')
                    words[length++] = name.at[n];
            HOLDS(strstr(text_catalogues[l].remedies[rows[i].kind], words),
                  "%s: the remedy of %s says \"%s\"", languages[l], event_kind_name(rows[i].kind), words);
        }
    }
}

/* ---- values ---- */

static void values_are_put_in_and_never_read(void **state)
{
    (void)state;
    const struct {
        const char *recipient, *reason, *expected, *why;
    } rows[] = {
        {"b@there.example", "the mailbox is full", "To b@there.example: the mailbox is full", "two values"},
        {"{reason}", "[{recipient}]", "To {reason}: [{recipient}]", "values that look like placeholders"},
        {"a\r\nb", "c\033[2J", "To a??b: c?[2J", "controls"},
        {"a\xe2\x80\xae"
         "b",
         "\xff", "To a?b: ?", "what turns text around, and what is no text"},
        {"žluťoučký@kůň.example", "„ano“", "To žluťoučký@kůň.example: „ano“", "letters are letters"},
        {"", NULL, "To : ", "nothing"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct text_value values[] = {
            {"unasked", "?"}, {"reason", rows[i].reason}, {"recipient", rows[i].recipient}};
        const char *got = filled(TEXT_UI_NOTICE_MAIL, TEXT_EN, values, COUNT(values));

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s: %s", rows[i].why, quote(span_of(got)));
    }
    HOLDS(strcmp(filled(TEXT_UI_NOTICE_MAIL, TEXT_EN, NULL, 0), "To : ") == 0, "no values at all");
    HOLDS(strcmp(filled(TEXT_UI_TOOLTIP, TEXT_CS,
                        (const struct text_value[]){
                            {"state", "připraveno"}, {"delivered", "5"}, {"failed", "1"}},
                        3),
                 "Traypost: připraveno\nDnes doručeno: 5, nedoručeno: 1") == 0,
          "two lines stay two lines");
}

static void units_are_counted_as_windows_counts_them(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t units;
        const char *why;
    } rows[] = {
        {"", 0, "nothing"},
        {"abc", 3, "ASCII"},
        {"žluť", 4, "two bytes, one unit"},
        {"„…“", 3, "three bytes, one unit"},
        {"\xf0\x9f\x93\xa7", 2, "beyond the first plane: a pair"},
        {"\xef\xbf\xbf\xf0\x90\x80\x80", 3, "on both sides of the border"},
        {"a\xff"
         "b",
         3, "no UTF-8 is one replacement character"},
        {"\xc5", 1, "so is half a character"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        HOLDS(text_utf16_units(rows[i].text) == rows[i].units, "%s: %zu, not %zu", rows[i].why, rows[i].units,
              text_utf16_units(rows[i].text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_fits_its_place),
        cmocka_unit_test(a_text_of_limited_length_has_values_of_limited_length),
        cmocka_unit_test(a_notification_says_first_who_did_not_get_the_mail),
        cmocka_unit_test(what_is_seen_together_is_reached_by_different_letters),
        cmocka_unit_test(a_remedy_names_the_menu_as_it_is),
        cmocka_unit_test(values_are_put_in_and_never_read),
        cmocka_unit_test(units_are_counted_as_windows_counts_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
