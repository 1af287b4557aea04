/* SPDX-License-Identifier: MIT */
/*
 * Fields and text of our own mails: what comes out is exactly one field, or lines of text, whatever goes in; and
 * what a reader decodes is what was meant.
 */

#include "feed.h"
#include "smtp/mime.h"

static void fields_are_one_line_or_folded(void **state)
{
    (void)state;
    const struct {
        const char *value;
        bool utf8;
        const char *expected, *why;
    } rows[] = {
        {"", false, "X:\r\n", "empty"},
        {"a", false, "X: a\r\n", "simple"},
        {"  a \t b  ", false, "X: a \t b\r\n", "blanks as they are, and none at the ends"},
        {"a\r\nBcc: x@y.cz", false, "X: a??Bcc: x@y.cz\r\n", "no second field"},
        {"a\nb\rc\x01", false, "X: a?b?c?\r\n", "controls"},
        {"\x7f", false, "X: ?\r\n", "DEL"},
        {"\xC4\x8D", false, "X: ??\r\n", "UTF-8 where ASCII is wanted"},
        {"\xC4\x8D", true, "X: \xC4\x8D\r\n", "UTF-8 where it may be"},
        {"\xC4", true, "X: ?\r\n", "half a character"},
        {"a \r\n b", false, "X: a ?? b\r\n", "a fold of theirs is none"},
        {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890", false,
         "X: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\r\n 1234567890 1234567890\r\n",
         "folded at 78"},
        {"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345 b", false,
         "X: 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345\r\n b\r\n",
         "a long word stays whole, and on the first line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span value = span_of(rows[i].value);
        char *copy = exact_copy(value);
        struct buf out;

        buf_init(&out, 10000);
        smtp_mime_field(&out, "X", span_make(copy, value.length), rows[i].utf8);
        HOLDS(span_equals(buf_span(&out), span_of(rows[i].expected)), "%s: %s", rows[i].why,
              quote(buf_span(&out)));
        buf_clear(&out);
        free(copy);
    }
}

/* Lines that are too long, or white alone, or not CRLF, are what others would mend, each in his own way. */
static void check_lines(struct span text, size_t limit, const char *why)
{
    struct span rest = text;

    HOLDS(text.length >= 2 && span_equals(span_skip(text, text.length - 2), SPAN("\r\n")),
          "%s: ends with CRLF", why);
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n');

        HOLDS(line.length > 0 && line.at[line.length - 1] == '\r', "%s: CRLF", why);
        line.length--;
        HOLDS(line.length <= limit, "%s: %zu octets in a line", why, line.length);
        HOLDS(span_find(line, '\r') == line.length, "%s: no bare CR", why);
        HOLDS(line.length == 0 || span_trim(line).length > 0, "%s: no line of blanks", why);
    }
}

static void no_line_of_a_field_is_too_long(void **state)
{
    (void)state;
    for (size_t length = 900; length < 3100; length += 7) {
        for (int kind = 0; kind < 3; kind++) {
            char *value = malloc(length);
            struct buf out;

            assert_non_null(value);
            for (size_t i = 0; i < length; i++)
                value[i] = kind == 0 ? 'x' : kind == 1 ? (i % 2 ? '\x8D' : '\xC4') : i % 500 ? 'x' : ' ';
            buf_init(&out, 100000);
            smtp_mime_field(&out, "Some-Name", span_make(value, kind == 1 ? length / 2 * 2 : length), true);
            check_lines(buf_span(&out), SMTP_MIME_LINE_MAX, "long words");
            if (kind == 1)
                HOLDS(span_is_utf8(buf_span(&out)), "no character is cut at %zu", length);
            buf_clear(&out);
            free(value);
        }
    }
}

/* ---- encoded words, read back by an independent decoder ---- */

static int base64_digit(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(letters, c) : NULL;

    return found ? (int)(found - letters) : -1;
}

static void decode_word(struct span word, struct buf *to)
{
    struct span letters;

    HOLDS(word.length <= 75, "%zu octets in an encoded word (RFC 2047 section 2)", word.length);
    HOLDS(span_starts_nocase(word, SPAN("=?UTF-8?B?")) && word.length > 12, "a word: %s", quote(word));
    letters = span_first(span_skip(word, 10), word.length - 12);
    assert_int_equal(letters.length % 4, 0);
    for (size_t i = 0; i < letters.length; i += 4) {
        unsigned value = 0;
        char octets[3];
        size_t count = letters.at[i + 2] == '=' ? 1 : letters.at[i + 3] == '=' ? 2 : 3;

        for (size_t k = 0; k < 4; k++)
            value = value << 6 | (unsigned)(letters.at[i + k] == '=' ? 0 : base64_digit(letters.at[i + k]));
        for (size_t k = 0; k < 3; k++)
            octets[k] = (char)(value >> (16 - 8 * k));
        buf_append(to, octets, count);
    }
}

static void words_say_what_was_meant(void **state)
{
    (void)state;
    const char *const texts[] = {
        "\xC5\xA0",
        "Zpr\xC3\xA1va nebyla doru\xC4\x8D"
        "ena",
        "Nie dor\xC4\x99"
        "czono wiadomo\xC5\x9B"
        "ci: \xC5\xBC\xC3\xB3\xC5\x82\xC4\x87, \xC5\xBC\xC3\xB3\xC5\x82\xC4\x87, \xC5\xBC\xC3\xB3\xC5\x82\xC4\x87 i tak dalej, i tak dalej",
        "\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC\xF0\x9F\x93\xAC",
        "a\xE2\x82\xAC",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xE2\x82\xAC", /* across the end of a word */
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xE2\x82\xAC",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf out, meant;
        struct span rest;

        buf_init(&out, 10000);
        buf_init(&meant, 10000);
        smtp_mime_words(&out, "Subject", span_of(texts[i]));
        check_lines(buf_span(&out), SMTP_MIME_LINE_WISH, texts[i]);
        rest = span_skip(buf_span(&out), strlen("Subject:"));
        while (rest.length > 0) {
            struct span line = span_cut(&rest, '\n');
            size_t before = meant.length;

            assert_true(line.at[0] == ' ');
            decode_word(span_first(span_skip(line, 1), line.length - 2), &meant);
            HOLDS(span_is_utf8(span_skip(buf_span(&meant), before)), "each word is whole characters");
        }
        HOLDS(span_equals(buf_span(&meant), span_of(texts[i])), "%s", quote(buf_span(&meant)));
        buf_clear(&out);
        buf_clear(&meant);
    }
}

static void ascii_needs_no_encoded_words(void **state)
{
    (void)state;
    struct buf out;

    buf_init(&out, 1000);
    smtp_mime_words(&out, "Subject", SPAN("Not delivered"));
    smtp_mime_words(&out, "Subject", SPAN("a\r\nBcc: b"));
    smtp_mime_words(&out, "Subject", SPAN("\xFF\r\nBcc: b"));
    smtp_mime_words(&out, "Subject", SPAN("\xC4\x8D\r\n\x1b"));
    assert_true(span_equals(buf_span(&out), SPAN("Subject: Not delivered\r\nSubject: a??Bcc: b\r\n"
                                                 "Subject: ???Bcc: b\r\nSubject: =?UTF-8?B?xI0/Pz8=?=\r\n")));
    buf_clear(&out);
}

/* ---- quoted-printable, likewise ---- */

static void unquote(struct span text, struct buf *to)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned value;
        char hex[3] = {0};

        if (text.at[i] != '=') {
            buf_append(to, &text.at[i], 1);
            continue;
        }
        assert_true(i + 2 < text.length);
        if (text.at[i + 1] != '\r') {
            memcpy(hex, text.at + i + 1, 2);
            assert_int_equal(sscanf(hex, "%2X", &value), 1);
            buf_append(to, &(char){(char)value}, 1);
        }
        i += 2;
    }
}

static void check_quoted(struct span text, struct span expected, const char *why)
{
    char *copy = exact_copy(text);
    struct buf out, meant;
    struct span rest;

    buf_init(&out, 1000000);
    buf_init(&meant, 1000000);
    smtp_mime_quoted_printable(&out, span_make(copy, text.length));
    if (text.length > 0)
        check_lines(buf_span(&out), 76, why);
    rest = buf_span(&out);
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n');

        line.length--;
        HOLDS(!span_starts_nocase(line, SPAN(".")) && !span_starts_nocase(line, SPAN("From ")) &&
                  !span_starts_nocase(line, SPAN("--")),
              "%s: %s", why, quote(line));
        HOLDS(line.length == 0 || (line.at[line.length - 1] != ' ' && line.at[line.length - 1] != '\t'),
              "%s: no blank at the end of a line", why);
        for (size_t i = 0; i < line.length; i++)
            HOLDS(ascii_is_print(line.at[i]) || line.at[i] == '\t', "%s: 7-bit", why);
    }
    unquote(buf_span(&out), &meant);
    HOLDS(span_equals(buf_span(&meant), expected), "%s: %s", why, quote(buf_span(&meant)));
    buf_clear(&out);
    buf_clear(&meant);
    free(copy);
}

static void quoted_text_says_what_was_meant(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected, *why;
    } rows[] = {
        {"", "", "nothing"},
        {"a", "a\r\n", "a last line without an end gets one"},
        {"a\n", "a\r\n", "LF"},
        {"a\r\n", "a\r\n", "CRLF"},
        {"a\n\nb\n", "a\r\n\r\nb\r\n", "an empty line"},
        {"a \nb\t\n", "a \r\nb\t\r\n", "blanks at the end of a line"},
        {" \n", " \r\n", "a line that is a blank"},
        {".\n..\n.a\n", ".\r\n..\r\n.a\r\n", "dots"},
        {"From here\nfrom here\n", "From here\r\nfrom here\r\n", "mbox"},
        {"--x\n-\n", "--x\r\n-\r\n", "boundaries"},
        {"a=b\n", "a=b\r\n", "the sign itself"},
        {"a\rb\n", "a\rb\r\n", "a CR inside a line is an octet"},
        {"\xC4\x8D\x01\x7f\xFF\n", "\xC4\x8D\x01\x7f\xFF\r\n", "octets of all kinds"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_quoted(span_of(rows[i].text), span_of(rows[i].expected), rows[i].why);
}

static void lines_of_every_length_are_cut_rightly(void **state)
{
    (void)state;
    static const char *const fillings[] = {"x", " ", ".", "=", "\xC4\x8D", "ab ", "From ", "-", "x\t"};

    for (size_t f = 0; f < COUNT(fillings); f++) {
        for (size_t length = 1; length < 240; length++) {
            char text[256], expected[256];

            for (size_t i = 0; i < length; i++)
                text[i] = expected[i] = fillings[f][i % strlen(fillings[f])];
            memcpy(expected + length, "\r\n", 2);
            check_quoted(span_make(text, length), span_make(expected, length + 2), fillings[f]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_one_line_or_folded),
        cmocka_unit_test(no_line_of_a_field_is_too_long),
        cmocka_unit_test(words_say_what_was_meant),
        cmocka_unit_test(ascii_needs_no_encoded_words),
        cmocka_unit_test(quoted_text_says_what_was_meant),
        cmocka_unit_test(lines_of_every_length_are_cut_rightly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
