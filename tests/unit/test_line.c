/* SPDX-License-Identifier: MIT */
/*
 * Lines out of a stream: the same ones however the bytes arrive, and no more memory than the limit.
 */

#include "feed.h"
#include "smtp/line.h"

/* All that came out, as text: "[line]" for each line, "<long>" for each that was too long. */
static void read_lines(struct smtp_line *l, struct span piece, struct buf *said)
{
    for (;;) {
        struct span line = {0};
        size_t before = piece.length;
        enum smtp_line_status status = smtp_line_next(l, &piece, &line);

        assert_true(piece.length <= before);
        switch (status) {
        case SMTP_LINE_MORE:
            HOLDS(piece.length == 0, "MORE says that the input is used up");
            return;
        case SMTP_LINE_READY:
            HOLDS(line.length <= l->limit, "%zu over the limit %zu", line.length, l->limit);
            buf_append_text(said, "[");
            buf_append_span(said, line);
            buf_append_text(said, "]");
            break;
        case SMTP_LINE_TOO_LONG:
            buf_append_text(said, "<long>");
            break;
        case SMTP_LINE_NO_MEMORY:
            HOLDS(false, "no memory");
        }
    }
}

static void lines_are_the_same_however_their_bytes_arrive(void **state)
{
    (void)state;
    const struct {
        struct span input, expected;
        size_t held;
        const char *why;
    } rows[] = {
        {SPAN(""), SPAN(""), 0, "nothing"},
        {SPAN("\r\n"), SPAN("[]"), 0, "an empty line"},
        {SPAN("\n"), SPAN("[]"), 0, "an empty line without CR"},
        {SPAN("abc\r\n"), SPAN("[abc]"), 0, "one line"},
        {SPAN("abc\n"), SPAN("[abc]"), 0, "LF alone ends a line"},
        {SPAN("a\r\nb\r\n"), SPAN("[a][b]"), 0, "two lines"},
        {SPAN("a\nb\r\nc\n"), SPAN("[a][b][c]"), 0, "mixed ends"},
        {SPAN("a\r\nbc"), SPAN("[a]"), 2, "an unfinished line waits"},
        {SPAN("a\rb\r\n"), SPAN("[a\rb]"), 0, "a CR inside stays for its reader to refuse"},
        {SPAN("a\r\r\n"), SPAN("[a\r]"), 0, "only the CR right before the LF is the line end's"},
        {SPAN("\r\r\n"), SPAN("[\r]"), 0, "likewise in an empty line"},
        {SPAN("a\0b\r\n"), SPAN("[a\0b]"), 0, "NUL stays"},
        {SPAN("\n\r\n\r\n"), SPAN("[][][]"), 0, "empty lines"},
        {SPAN("\n\rx\n"), SPAN("[][\rx]"), 0, "LF CR is no line end plus something"},
        {SPAN("12345678\r\n"), SPAN("[12345678]"), 0, "the limit itself"},
        {SPAN("123456789\r\n"), SPAN("<long>"), 0, "one more"},
        {SPAN("12345678\n"), SPAN("[12345678]"), 0, "the limit, LF only"},
        {SPAN("123456789\n"), SPAN("<long>"), 0, "one more, LF only"},
        {SPAN("1234567\r\r\n"), SPAN("[1234567\r]"), 0, "a CR that is content counts"},
        {SPAN("12345678\r\r\n"), SPAN("<long>"), 0, "and goes over the limit"},
        {SPAN("12345678\rx\n"), SPAN("<long>"), 0, "a CR at the limit that turned out to be content"},
        {SPAN("12345678901234567890\r\nok\r\n"), SPAN("<long>[ok]"), 0,
         "said once, and the next line is read"},
        {SPAN("123456789\r\n123456789\r\n"), SPAN("<long><long>"), 0, "each long line is said"},
        {SPAN("a\r\n123456789012\r\nb\r\n"), SPAN("[a]<long>[b]"), 0, "in order"},
        {SPAN("12345678901234567\r8\r\nb\r\n"), SPAN("<long>[b]"), 0,
         "a CR inside a skipped line ends nothing"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed feed = feed_start(rows[i].input);

        while (feed_again(&feed)) {
            struct smtp_line l;
            struct buf said;
            struct span piece;

            smtp_line_init(&l, 8);
            buf_init(&said, 1000);
            while (feed_piece(&feed, &piece))
                read_lines(&l, piece, &said);
            HOLDS(span_equals(buf_span(&said), rows[i].expected), "%s, %s: %s", rows[i].why, feed_way(&feed),
                  quote(buf_span(&said)));
            HOLDS(smtp_line_held(&l) == rows[i].held, "%s, %s: holds %zu", rows[i].why, feed_way(&feed),
                  smtp_line_held(&l));
            buf_clear(&said);
            smtp_line_clear(&l);
        }
    }
}

static void a_line_that_never_ends_holds_no_more_than_the_limit(void **state)
{
    (void)state;
    struct smtp_line l;
    struct buf said;
    char chunk[4096];

    smtp_line_init(&l, 512);
    buf_init(&said, 1000);
    memset(chunk, 'A', sizeof chunk);
    for (int i = 0; i < 2560; i++) { /* 10 MB */
        read_lines(&l, span_make(chunk, sizeof chunk), &said);
        HOLDS(smtp_line_held(&l) <= 513, "holds %zu", smtp_line_held(&l));
        HOLDS(l.partial.capacity <= 4096, "holds %zu", l.partial.capacity);
    }
    assert_int_equal(buf_span(&said).length, 0);
    read_lines(&l, SPAN("\r\nQUIT\r\n"), &said);
    HOLDS(span_equals(buf_span(&said), SPAN("<long>[QUIT]")), "%s", quote(buf_span(&said)));
    buf_clear(&said);
    smtp_line_clear(&l);
}

static void a_line_that_was_put_back_comes_again_and_then_the_rest(void **state)
{
    (void)state;
    struct feed feed = feed_start(SPAN("first\r\nsecond\r\n\r\nlast\r\n"));

    while (feed_again(&feed)) {
        struct smtp_line l;
        struct buf said;
        struct span piece;

        smtp_line_init(&l, 100);
        buf_init(&said, 1000);
        while (feed_piece(&feed, &piece)) {
            struct span line = {0};

            while (smtp_line_next(&l, &piece, &line) == SMTP_LINE_READY) {
                struct span again = {0};
                char *copy = exact_copy(line);
                size_t length = line.length, left = piece.length;

                HOLDS(smtp_line_unread(&l, line), "%s", feed_way(&feed));
                HOLDS(smtp_line_next(&l, &piece, &again) == SMTP_LINE_READY, "%s", feed_way(&feed));
                HOLDS(span_equals(again, span_make(copy, length)), "%s: %s", feed_way(&feed), quote(again));
                HOLDS(piece.length == left, "%s: nothing of the input was used for it", feed_way(&feed));
                /* And once more, as an owner does who has to wait twice. */
                HOLDS(smtp_line_unread(&l, again), "%s", feed_way(&feed));
                HOLDS(smtp_line_next(&l, &piece, &again) == SMTP_LINE_READY, "%s", feed_way(&feed));
                HOLDS(span_equals(again, span_make(copy, length)), "%s: %s", feed_way(&feed), quote(again));
                buf_append_span(&said, again);
                buf_append_text(&said, "|");
                free(copy);
            }
        }
        HOLDS(span_equals(buf_span(&said), SPAN("first|second||last|")), "%s: %s", feed_way(&feed),
              quote(buf_span(&said)));
        buf_clear(&said);
        smtp_line_clear(&l);
    }
}

static void a_line_put_back_outlives_the_input_it_came_from(void **state)
{
    (void)state;
    struct smtp_line l;
    char *bytes = exact_copy(SPAN("MAIL\r\nre"));
    struct span input = span_make(bytes, 8), line = {0};

    smtp_line_init(&l, 100);
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    assert_true(smtp_line_unread(&l, line));
    assert_int_equal(input.length, 2);
    free(bytes);
    bytes = exact_copy(SPAN("rest\r\n"));
    input = span_make(bytes, 6);
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    HOLDS(span_equals(line, SPAN("MAIL")), "%s", quote(line));
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    HOLDS(span_equals(line, SPAN("rest")), "%s", quote(line));
    free(bytes);
    smtp_line_clear(&l);
}

static void a_whole_line_is_not_copied(void **state)
{
    (void)state;
    struct smtp_line l;
    const char text[] = "one\r\ntwo\r\n";
    struct span input = span_of(text), line = {0};

    smtp_line_init(&l, 100);
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    assert_ptr_equal(line.at, text);
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    assert_ptr_equal(line.at, text + 5);
    smtp_line_clear(&l);
}

static void a_line_is_known_to_have_begun_until_it_has_ended(void **state)
{
    (void)state;
    const struct {
        const char *input;
        uint64_t begun;
        const char *why;
    } rows[] = {
        {"", 0, "nothing"},
        {"a", 1, "the first one"},
        {"a\r\n", 0, "its end came"},
        {"a\r\nb", 2, "the second one"},
        {"\n\n\r", 3, "a CR alone"},
        {"123456789abc", 1, "over the limit, and still without an end"},
        {"123456789abc\n", 0, "ended"},
        {"123456789abc\nx", 2, "the next one"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_line l;
        struct buf said;
        smtp_line_init(&l, 8);
        buf_init(&said, 1000);
        for (const char *octet = rows[i].input; *octet; octet++)
            read_lines(&l, span_make(octet, 1), &said);
        HOLDS(smtp_line_begun(&l) == rows[i].begun, "%s", rows[i].why);
        smtp_line_clear(&l);
        buf_clear(&said);
    }
}

static void clearing_forgets_the_half_line(void **state)
{
    (void)state;
    struct smtp_line l;
    struct span input = SPAN("half"), line = {0};

    smtp_line_init(&l, 100);
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_MORE);
    assert_int_equal(smtp_line_held(&l), 4);
    smtp_line_clear(&l);
    smtp_line_clear(&l);
    smtp_line_init(&l, 100);
    input = SPAN("new\n");
    assert_int_equal(smtp_line_next(&l, &input, &line), SMTP_LINE_READY);
    HOLDS(span_equals(line, SPAN("new")), "%s", quote(line));
    smtp_line_clear(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_their_bytes_arrive),
        cmocka_unit_test(a_line_that_never_ends_holds_no_more_than_the_limit),
        cmocka_unit_test(a_line_that_was_put_back_comes_again_and_then_the_rest),
        cmocka_unit_test(a_line_put_back_outlives_the_input_it_came_from),
        cmocka_unit_test(a_whole_line_is_not_copied),
        cmocka_unit_test(a_line_is_known_to_have_begun_until_it_has_ended),
        cmocka_unit_test(clearing_forgets_the_half_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
