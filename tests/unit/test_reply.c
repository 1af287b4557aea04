/* SPDX-License-Identifier: MIT */
/*
 * Replies of servers that may be hostile: what is a reply, what it says, and that nothing it says can
 * break a line, a log or a terminal. And the writing of our own.
 */

#include "feed.h"
#include "smtp/reply.h"

/* Tells what came out: "LINE text|", "DONE code subject.detail words|", "GARBAGE|". */
static bool read_replies(struct smtp_reply_reader *r, struct span piece, struct buf *said)
{
    for (;;) {
        struct span text = {0};
        size_t before = piece.length;
        enum smtp_reply_status status = smtp_reply_next(r, &piece, &text);

        assert_true(piece.length <= before);
        switch (status) {
        case SMTP_REPLY_MORE:
            HOLDS(piece.length == 0, "MORE says that the input is used up");
            return true;
        case SMTP_REPLY_LINE:
        case SMTP_REPLY_DONE:
            for (size_t i = 0; i < text.length; i++)
                HOLDS(ascii_is_print(text.at[i]), "%s", quote(text));
            buf_append_text(said, "LINE ");
            buf_append_span(said, text);
            buf_append_text(said, "|");
            if (status == SMTP_REPLY_LINE) {
                HOLDS(smtp_reply_begun(r), "a line of several was read");
                break;
            }
            HOLDS(memchr(r->reply.words, '\0', sizeof r->reply.words) != NULL, "words end");
            for (const char *c = r->reply.words; *c != '\0'; c++)
                HOLDS(ascii_is_print(*c), "%s", quote(span_of(r->reply.words)));
            HOLDS(r->reply.code >= 200 && r->reply.code <= 599, "%d", r->reply.code);
            if (r->reply.subject < 0)
                buf_printf(said, "DONE %d - %s|", r->reply.code, r->reply.words);
            else
                buf_printf(said, "DONE %d %d.%d %s|", r->reply.code, r->reply.subject, r->reply.detail,
                           r->reply.words);
            break;
        case SMTP_REPLY_GARBAGE:
            buf_append_text(said, "GARBAGE|");
            return false;
        }
    }
}

/* Feeds `input` in every way and compares what was said. */
static void check_replies(struct span input, const char *expected, const char *why)
{
    struct feed feed = feed_start(input);

    while (feed_again(&feed)) {
        struct smtp_reply_reader r;
        struct buf said;
        struct span piece;
        bool sound = true;

        smtp_reply_reader_init(&r);
        buf_init(&said, 100000);
        HOLDS(!smtp_reply_begun(&r), "nothing was read yet");
        while (feed_piece(&feed, &piece)) {
            if (sound)
                sound = read_replies(&r, piece, &said);
        }
        HOLDS(span_equals(buf_span(&said), span_of(expected)), "%s, %s: %s gives %s", why, feed_way(&feed),
              quote(input), quote(buf_span(&said)));
        buf_clear(&said);
        smtp_reply_reader_clear(&r);
    }
}

static void replies_are_read_the_same_however_they_arrive(void **state)
{
    (void)state;
    const struct {
        struct span input;
        const char *expected, *why;
    } rows[] = {
        {SPAN(""), "", "nothing"},
        {SPAN("250 ok\r\n"), "LINE ok|DONE 250 - ok|", "the usual"},
        {SPAN("250 ok\n"), "LINE ok|DONE 250 - ok|", "LF alone"},
        {SPAN("250\r\n"), "LINE |DONE 250 - |", "a code alone"},
        {SPAN("250 \r\n"), "LINE |DONE 250 - |", "an empty text"},
        {SPAN("200 a\r\n"), "LINE a|DONE 200 - a|", "the lowest code"},
        {SPAN("599 a\r\n"), "LINE a|DONE 599 - a|", "the highest"},
        {SPAN("354 go\r\n"), "LINE go|DONE 354 - go|", "an intermediate one"},
        {SPAN("250-a\r\n250 b\r\n"), "LINE a|LINE b|DONE 250 - a b|", "two lines"},
        {SPAN("250-a\r\n250-b\r\n250 c\r\n"), "LINE a|LINE b|LINE c|DONE 250 - a b c|", "three lines"},
        {SPAN("250-a\r\n250\r\n"), "LINE a|LINE |DONE 250 - a|", "the last line has no text"},
        {SPAN("250-a\r\n"), "LINE a|", "waits for the rest"},
        {SPAN("250 a\r\n550 b\r\n"), "LINE a|DONE 250 - a|LINE b|DONE 550 - b|", "two replies at once"},
        {SPAN("550 5.1.1 no such user\r\n"), "LINE 5.1.1 no such user|DONE 550 1.1 no such user|",
         "an enhanced code is taken off"},
        {SPAN("250 2.0.0\r\n"), "LINE 2.0.0|DONE 250 0.0 |", "nothing but one"},
        {SPAN("550 5.7.509 policy\r\n"), "LINE 5.7.509 policy|DONE 550 7.509 policy|", "three digits"},
        {SPAN("550-5.7.1 go\r\n550 5.7.1 away\r\n"), "LINE 5.7.1 go|LINE 5.7.1 away|DONE 550 7.1 go away|",
         "taken off every line"},
        {SPAN("550-5.7.1 go\r\n550 away\r\n"), "LINE 5.7.1 go|LINE away|DONE 550 7.1 go away|",
         "if only the first line has it"},
        {SPAN("550 5.1.1.1 is blocked\r\n"), "LINE 5.1.1.1 is blocked|DONE 550 - 5.1.1.1 is blocked|",
         "an IP address is no enhanced code"},
        {SPAN("550 5.1 x\r\n"), "LINE 5.1 x|DONE 550 - 5.1 x|", "two numbers are none"},
        {SPAN("550 5.1.x\r\n"), "LINE 5.1.x|DONE 550 - 5.1.x|", "a letter"},
        {SPAN("550 5.1.1x\r\n"), "LINE 5.1.1x|DONE 550 - 5.1.1x|", "no space behind it"},
        {SPAN("550 5.1000.1 x\r\n"), "LINE 5.1000.1 x|DONE 550 - 5.1000.1 x|",
         "four digits (RFC 3463 section 2)"},
        {SPAN("550 5.1.99999999999 x\r\n"), "LINE 5.1.99999999999 x|DONE 550 - 5.1.99999999999 x|",
         "far too many"},
        {SPAN("550 \x1b[31mred\x1b[0m\r\n"), "LINE ?[31mred?[0m|DONE 550 - ?[31mred?[0m|",
         "a terminal escape"},
        {SPAN("550 a\0b\r\n"), "LINE a?b|DONE 550 - a?b|", "NUL"},
        {SPAN("550 a\rb\r\n"), "LINE a?b|DONE 550 - a?b|", "a bare CR would forge a line"},
        {SPAN("550 a\r\r\n"), "LINE a?|DONE 550 - a?|", "a CR before the line end"},
        {SPAN("550 a\tb\x7f\r\n"), "LINE a?b?|DONE 550 - a?b?|", "tab and DEL"},
        {SPAN("550 p\xc5\x99\xc3\r\n"), "LINE p???|DONE 550 - p???|", "octets above 127"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_replies(rows[i].input, rows[i].expected, rows[i].why);
}

static void what_is_not_smtp_is_garbage(void **state)
{
    (void)state;
    const struct {
        struct span input;
        const char *why;
    } rows[] = {
        {SPAN("\r\n"), "an empty line"},
        {SPAN("ok\r\n"), "no code"},
        {SPAN("25 ok\r\n"), "two digits"},
        {SPAN("2\r\n"), "one digit"},
        {SPAN("2500 ok\r\n"), "four digits"},
        {SPAN("250ok\r\n"), "no space"},
        {SPAN("250+ok\r\n"), "neither space nor hyphen"},
        {SPAN(" 250 ok\r\n"), "a space in front"},
        {SPAN("-250 ok\r\n"), "a sign"},
        {SPAN("+25 ok\r\n"), "a sign that makes three"},
        {SPAN("000 ok\r\n"), "zero"},
        {SPAN("100 ok\r\n"), "1yz does not exist in SMTP"},
        {SPAN("199 ok\r\n"), "1yz"},
        {SPAN("600 ok\r\n"), "6yz"},
        {SPAN("999 ok\r\n"), "9yz"},
        {SPAN("2x0 ok\r\n"), "a letter"},
        {SPAN("\xb2"
              "50 ok\r\n"),
         "a superscript two in Latin-1"},
        {SPAN("\0\0\0 ok\r\n"), "NULs"},
        {SPAN("HTTP/1.1 400 Bad Request\r\n"), "a web server"},
        {SPAN("SSH-2.0-OpenSSH_9.2\r\n"), "an SSH server"},
        {SPAN("+OK POP3 ready\r\n"), "a POP3 server"},
        {SPAN("* OK IMAP4 ready\r\n"), "an IMAP server"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_replies(rows[i].input, "GARBAGE|", rows[i].why);
    check_replies(SPAN("250-a\r\nb\r\n"), "LINE a|GARBAGE|", "a later line without a code");
}

static void codes_that_differ_within_one_reply_are_never_taken_for_the_better_one(void **state)
{
    (void)state;
    const char *const inputs[] = {"250-a\r\n550 b\r\n", "550-a\r\n250 b\r\n", "250-a\r\n450-b\r\n250 c\r\n"};

    /* RFC 5321 section 4.2.1 demands equal codes; which error it is was left open. */
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct smtp_reply_reader r;
        struct span input = span_of(inputs[i]), text;
        enum smtp_reply_status status;

        smtp_reply_reader_init(&r);
        do {
            status = smtp_reply_next(&r, &input, &text);
        } while (status == SMTP_REPLY_LINE);
        HOLDS(status == SMTP_REPLY_GARBAGE || (status == SMTP_REPLY_DONE && r.reply.code >= 400), "%s",
              inputs[i]);
        smtp_reply_reader_clear(&r);
    }
}

static void a_line_has_its_limit(void **state)
{
    (void)state;
    for (size_t length = SMTP_REPLY_LINE_MAX - 3; length <= SMTP_REPLY_LINE_MAX + 3; length++) {
        char *line = malloc(length + 2);

        assert_non_null(line);
        memset(line, 'x', length);
        memcpy(line, "250 ", 4);
        memcpy(line + length, "\r\n", 2);
        struct feed feed = feed_start_long(span_make(line, length + 2), 40);

        while (feed_again(&feed)) {
            struct smtp_reply_reader r;
            struct span piece, text;
            enum smtp_reply_status status = SMTP_REPLY_MORE;

            smtp_reply_reader_init(&r);
            while (feed_piece(&feed, &piece)) {
                if (status == SMTP_REPLY_MORE)
                    status = smtp_reply_next(&r, &piece, &text);
                if (status == SMTP_REPLY_DONE)
                    HOLDS(text.length == length - 4, "%zu", text.length);
            }
            HOLDS(status == (length <= SMTP_REPLY_LINE_MAX ? SMTP_REPLY_DONE : SMTP_REPLY_GARBAGE),
                  "a line of %zu, %s: %d", length, feed_way(&feed), (int)status);
            smtp_reply_reader_clear(&r);
        }
        free(line);
    }
}

static void a_reply_that_never_ends_is_given_up(void **state)
{
    (void)state;
    struct smtp_reply_reader r;
    enum smtp_reply_status status = SMTP_REPLY_LINE;
    unsigned lines = 0;
    struct span text;

    smtp_reply_reader_init(&r);
    for (; status == SMTP_REPLY_LINE && lines < 10 * SMTP_REPLY_LINES_MAX; lines++) {
        struct span input = SPAN("250-more\r\n");

        status = smtp_reply_next(&r, &input, &text);
    }
    assert_int_equal(status, SMTP_REPLY_GARBAGE);
    HOLDS(lines >= SMTP_REPLY_LINES_MAX && lines <= SMTP_REPLY_LINES_MAX + 1, "after %u lines", lines);
    smtp_reply_reader_clear(&r);

    smtp_reply_reader_init(&r);
    for (lines = 0; lines + 1 < SMTP_REPLY_LINES_MAX; lines++) {
        struct span input = SPAN("250-more\r\n");

        assert_int_equal(smtp_reply_next(&r, &input, &text), SMTP_REPLY_LINE);
    }
    struct span input = SPAN("250 last\r\n");

    HOLDS(smtp_reply_next(&r, &input, &text) == SMTP_REPLY_DONE, "%u lines are allowed",
          SMTP_REPLY_LINES_MAX);
    smtp_reply_reader_clear(&r);
}

static void a_line_that_never_ends_holds_no_memory(void **state)
{
    (void)state;
    struct smtp_reply_reader r;
    enum smtp_reply_status status = SMTP_REPLY_MORE;
    char chunk[4096];

    smtp_reply_reader_init(&r);
    memset(chunk, '2', sizeof chunk);
    for (int i = 0; i < 2560 && status == SMTP_REPLY_MORE; i++) { /* 10 MB */
        struct span input = span_make(chunk, sizeof chunk), text;

        status = smtp_reply_next(&r, &input, &text);
        HOLDS(r.line.partial.capacity <= 16384, "%zu", r.line.partial.capacity);
        HOLDS(smtp_reply_begun(&r) || status == SMTP_REPLY_GARBAGE, "a reply has begun");
    }
    assert_true(status == SMTP_REPLY_MORE || status == SMTP_REPLY_GARBAGE);
    smtp_reply_reader_clear(&r);
}

static void words_are_kept_up_to_their_limit(void **state)
{
    (void)state;
    for (size_t per_line = 30; per_line < 450; per_line += 7) {
        struct smtp_reply_reader r;
        struct buf reply;
        char line[500];
        struct span input, text;
        enum smtp_reply_status status;

        memset(line, 'w', sizeof line);
        buf_init(&reply, 100000);
        for (int i = 0; i < 20; i++) {
            buf_append_text(&reply, i < 19 ? "550-5.1.1 " : "550 5.1.1 ");
            buf_append(&reply, line, per_line);
            buf_append_text(&reply, "\r\n");
        }
        input = buf_span(&reply);
        smtp_reply_reader_init(&r);
        do {
            status = smtp_reply_next(&r, &input, &text);
        } while (status == SMTP_REPLY_LINE);
        HOLDS(status == SMTP_REPLY_DONE, "lines of %zu", per_line);
        HOLDS(strlen(r.reply.words) == SMTP_REPLY_WORDS_MAX - 1, "lines of %zu: %zu kept", per_line,
              strlen(r.reply.words));
        smtp_reply_reader_clear(&r);
        buf_clear(&reply);
    }
}

static void one_reply_leaves_nothing_behind_for_the_next(void **state)
{
    (void)state;
    check_replies(SPAN("550-5.7.1 a\r\n550 5.7.1 b\r\n250 c\r\n"),
                  "LINE 5.7.1 a|LINE 5.7.1 b|DONE 550 7.1 a b|LINE c|DONE 250 - c|", "no code, no words");

    struct smtp_reply_reader r;
    struct span input = SPAN("250 a\r\n25"), text;

    smtp_reply_reader_init(&r);
    assert_int_equal(smtp_reply_next(&r, &input, &text), SMTP_REPLY_DONE);
    assert_false(smtp_reply_begun(&r));
    assert_int_equal(smtp_reply_next(&r, &input, &text), SMTP_REPLY_MORE);
    assert_true(smtp_reply_begun(&r));
    smtp_reply_reader_clear(&r);
}

static void our_replies_are_one_line_of_printable_octets(void **state)
{
    (void)state;
    const struct {
        int code, subject, detail;
        struct span text;
        const char *expected, *why;
    } rows[] = {
        {250, 1, 0, SPAN("ok"), "250 2.1.0 ok\r\n", "the class follows the code"},
        {451, 4, 3, SPAN("later"), "451 4.4.3 later\r\n", "4"},
        {550, 7, 509, SPAN("no"), "550 5.7.509 no\r\n", "5"},
        {250, -1, 0, SPAN("localhost"), "250 localhost\r\n", "no enhanced code"},
        {354, -1, 0, SPAN("go on"), "354 go on\r\n", "nor for 3yz"},
        {250, 0, 0, SPAN("a\r\n250 b"), "250 2.0.0 a??250 b\r\n", "a line end would forge a reply"},
        {250, 0, 0, SPAN("a\0b\x1b\x7f\t"), "250 2.0.0 a?b???\r\n", "control characters"},
        {250, 0, 0, SPAN("p\xc5\x99"), "250 2.0.0 p??\r\n", "replies are ASCII"},
        {250, 0, 0, SPAN("100% %s %n"), "250 2.0.0 100% %s %n\r\n", "words are no format"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        char *copy = exact_copy(rows[i].text);

        buf_init(&out, 10000);
        buf_append_text(&out, "before|");
        smtp_reply_write(&out, rows[i].code, rows[i].subject, rows[i].detail,
                         span_make(copy, rows[i].text.length));
        HOLDS(span_equals(span_skip(buf_span(&out), 7), span_of(rows[i].expected)), "%s: %s", rows[i].why,
              quote(buf_span(&out)));
        buf_clear(&out);
        free(copy);
    }
}

static void our_replies_are_cut_to_512_octets(void **state)
{
    (void)state;
    for (size_t length = 0; length < 1200; length++) {
        struct buf out;
        struct span line;
        char *text = malloc(length + 1);
        size_t whole = length + 12; /* "550 5.7.509 ", then CRLF */

        assert_non_null(text);
        memset(text, 'x', length + 1);
        buf_init(&out, 10000);
        smtp_reply_write(&out, 550, 7, 509, span_make(text, length));
        line = buf_span(&out);
        HOLDS(line.length <= 512, "text of %zu: %zu", length, line.length);
        HOLDS(line.length >= (whole + 2 <= 512 ? whole - (length == 0) + 2 : 500), "text of %zu: %zu", length,
              line.length);
        HOLDS(span_equals(span_skip(line, line.length - 2), SPAN("\r\n")), "text of %zu", length);
        HOLDS(span_find(line, '\r') == line.length - 2 && span_find(line, '\n') == line.length - 1,
              "text of %zu", length);
        buf_clear(&out);
        free(text);
    }
}

static void what_we_write_we_can_read(void **state)
{
    (void)state;
    const int codes[] = {200, 220, 250, 354, 421, 451, 500, 550, 599};

    for (size_t i = 0; i < COUNT(codes); i++) {
        struct smtp_reply_reader r;
        struct buf out;
        struct span input, text;
        bool enhanced = codes[i] / 100 != 3;

        buf_init(&out, 1000);
        smtp_reply_write(&out, codes[i], enhanced ? 7 : -1, 25, SPAN("said"));
        input = buf_span(&out);
        smtp_reply_reader_init(&r);
        assert_int_equal(smtp_reply_next(&r, &input, &text), SMTP_REPLY_DONE);
        assert_int_equal(r.reply.code, codes[i]);
        assert_int_equal(r.reply.subject, enhanced ? 7 : -1);
        if (enhanced)
            assert_int_equal(r.reply.detail, 25);
        assert_string_equal(r.reply.words, "said");
        smtp_reply_reader_clear(&r);
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read_the_same_however_they_arrive),
        cmocka_unit_test(what_is_not_smtp_is_garbage),
        cmocka_unit_test(codes_that_differ_within_one_reply_are_never_taken_for_the_better_one),
        cmocka_unit_test(a_line_has_its_limit),
        cmocka_unit_test(a_reply_that_never_ends_is_given_up),
        cmocka_unit_test(a_line_that_never_ends_holds_no_memory),
        cmocka_unit_test(words_are_kept_up_to_their_limit),
        cmocka_unit_test(one_reply_leaves_nothing_behind_for_the_next),
        cmocka_unit_test(our_replies_are_one_line_of_printable_octets),
        cmocka_unit_test(our_replies_are_cut_to_512_octets),
        cmocka_unit_test(what_we_write_we_can_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
