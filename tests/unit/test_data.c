/* SPDX-License-Identifier: MIT */
/*
 * Mail content on its way in and out, where SMTP smuggling lives: the only end of data is CRLF.CRLF,
 * and nothing that came in as content can be an end of data for the next server.
 *
 * Beside the tables, every string of up to eight octets out of CR, LF, dot and one letter is tried
 * against a second, slow and plain, reading of the same rules (model_decode).
 */

#include "feed.h"
#include "smtp/data.h"

/* The rules of RFC 5321 section 4.5.2 and of data.h, as plainly as they can be written. Returns how
 * much of `in` was used; *ended says whether the end of data was found. */
static size_t model_decode(struct span in, bool dots, struct buf *out, bool *ended)
{
    bool line_start = true; /* behind a real CRLF, or at the very beginning */
    size_t i = 0;

    *ended = false;
    while (i < in.length) {
        bool crlf = in.at[i] == '\r' && i + 1 < in.length && in.at[i + 1] == '\n';

        if (dots && line_start && in.at[i] == '.') {
            if (i + 2 < in.length && in.at[i + 1] == '\r' && in.at[i + 2] == '\n') {
                *ended = true;
                return i + 3;
            }
            i++; /* section 4.5.2: the first period is deleted if there are others on the line */
            line_start = false;
            continue;
        }
        if (crlf) {
            buf_append_text(out, "\r\n");
            i += 2;
        } else if (in.at[i] == '\r' || in.at[i] == '\n') {
            buf_append_text(out, "\r\n");
            i++;
        } else {
            buf_append(out, in.at + i, 1);
            i++;
        }
        line_start = crlf;
    }
    return i;
}

/* A dot doubled in front of every line that begins with one. */
static void model_encode(struct span content, struct buf *out)
{
    bool line_start = true;

    for (size_t i = 0; i < content.length; i++) {
        if (line_start && content.at[i] == '.')
            buf_append_text(out, ".");
        buf_append(out, content.at + i, 1);
        line_start = content.at[i] == '\n';
    }
    if (!line_start)
        buf_append_text(out, "\r\n");
    buf_append_text(out, ".\r\n");
}

/* Every CR has its LF and every LF its CR. */
static bool lines_are_whole(struct span s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] == '\r' && (i + 1 == s.length || s.at[i + 1] != '\n'))
            return false;
        if (s.at[i] == '\n' && (i == 0 || s.at[i - 1] != '\r'))
            return false;
    }
    return true;
}

/* Decodes one piece; what remains behind the end stays in *input. True when the end was found. */
static bool decode_piece(struct smtp_data_decoder *d, struct span *input, struct buf *content)
{
    for (;;) {
        struct span piece = {0};
        size_t before = input->length;
        enum smtp_data_status status = smtp_data_decode(d, input, &piece);

        assert_true(input->length <= before);
        switch (status) {
        case SMTP_DATA_MORE:
            HOLDS(input->length == 0, "MORE says that the input is used up");
            return false;
        case SMTP_DATA_PIECE:
            HOLDS(piece.length > 0, "a piece has something in it");
            HOLDS(lines_are_whole(piece), "a piece never splits a CRLF: %s", quote(piece));
            buf_append_span(content, piece);
            break;
        case SMTP_DATA_END:
            return true;
        }
    }
}

/* Feeds `input` in every way (or only whole and byte by byte), compares content, end and rest. */
static void check_decode(struct span input, bool dots, struct span expected, bool ends, size_t used, bool nul,
                         bool every_cut, const char *why)
{
    struct feed feed = feed_start(input);

    if (!every_cut)
        feed.cuts = 0;
    while (feed_again(&feed)) {
        struct smtp_data_decoder d;
        struct buf content;
        struct span piece;
        bool ended = false;
        size_t left = 0;

        smtp_data_decoder_init(&d, dots);
        buf_init(&content, 100000);
        while (feed_piece(&feed, &piece)) {
            if (!ended)
                ended = decode_piece(&d, &piece, &content);
            left += piece.length;
        }
        if (!dots)
            buf_append_span(&content, smtp_data_decode_end(&d));
        HOLDS(ended == ends, "%s, %s: %s %s", why, feed_way(&feed), quote(input),
              ended ? "ends" : "does not end");
        if (ends)
            HOLDS(input.length - left == used, "%s, %s: %s: %zu used", why, feed_way(&feed), quote(input),
                  input.length - left);
        HOLDS(span_equals(buf_span(&content), expected), "%s, %s: %s gives %s, not %s", why, feed_way(&feed),
              quote(input), quote(buf_span(&content)), quote(expected));
        HOLDS(d.nul_seen == nul, "%s, %s", why, feed_way(&feed));
        buf_clear(&content);
    }
}

static void only_crlf_dot_crlf_ends_the_data(void **state)
{
    (void)state;
    const struct {
        struct span input, content;
        const char *rest; /* NULL: the end was not found */
        const char *why;
    } rows[] = {
        {SPAN(".\r\n"), SPAN(""), "", "an empty mail"},
        {SPAN(".\r\nQUIT\r\n"), SPAN(""), "QUIT\r\n", "what follows is not touched"},
        {SPAN("a\r\n.\r\n"), SPAN("a\r\n"), "", "one line"},
        {SPAN("a\r\n.\r\n.\r\n"), SPAN("a\r\n"), ".\r\n", "the first end is the end"},
        {SPAN("a\r\n\r\n.\r\n"), SPAN("a\r\n\r\n"), "", "an empty line before it"},
        {SPAN("a\r\n..\r\n.\r\n"), SPAN("a\r\n.\r\n"), "", "a line of one dot"},
        {SPAN("..\r\n.\r\n"), SPAN(".\r\n"), "", "at the very beginning"},
        {SPAN("a\r\n...\r\n.\r\n"), SPAN("a\r\n..\r\n"), "", "only the first dot goes"},
        {SPAN("a\r\n..b\r\n.\r\n"), SPAN("a\r\n.b\r\n"), "", "a line that begins with one"},
        {SPAN("a\r\n.b\r\n.\r\n"), SPAN("a\r\nb\r\n"), "",
         "RFC 5321 section 4.5.2: deleted though not doubled"},
        {SPAN("a.\r\n.\r\n"), SPAN("a.\r\n"), "", "a dot at the end of a line"},
        {SPAN("a .\r\n.\r\n"), SPAN("a .\r\n"), "", "or behind a space"},
        {SPAN("\r\n. \r\n.\r\n"), SPAN("\r\n \r\n"), "", "a dot and a space end nothing"},
        {SPAN("a\r\n.\r\nb"), SPAN("a\r\n"), "b", "anything may follow"},
        {SPAN("a\r\n."), SPAN("a\r\n"), NULL, "not yet"},
        {SPAN("a\r\n.\r"), SPAN("a\r\n"), NULL, "nor yet"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ends = rows[i].rest != NULL;

        check_decode(rows[i].input, true, rows[i].content, ends,
                     rows[i].input.length - (ends ? strlen(rows[i].rest) : 0), false, true, rows[i].why);
    }
}

/*
 * Every form of a false end that was published as SMTP smuggling (2023 and later), and their kin. Each
 * stands between "a" and "MAIL FROM:<evil@x>CRLF.CRLF": if it ended the data, a command would follow.
 */
static void no_false_end_ends_the_data_here_or_for_the_next_server(void **state)
{
    (void)state;
    const struct {
        struct span false_end, inside;
        const char *why;
    } rows[] = {
        {SPAN("\n.\n"), SPAN("\r\n.\r\n"), "LF . LF"},
        {SPAN("\n.\r\n"), SPAN("\r\n.\r\n"), "LF . CRLF"},
        {SPAN("\r\n.\n"), SPAN("\r\n\r\n"), "CRLF . LF"},
        {SPAN("\r.\r"), SPAN("\r\n.\r\n"), "CR . CR"},
        {SPAN("\r.\r\n"), SPAN("\r\n.\r\n"), "CR . CRLF"},
        {SPAN("\r\n.\r"), SPAN("\r\n\r\n"), "CRLF . CR"},
        {SPAN("\r.\n"), SPAN("\r\n.\r\n"), "CR . LF"},
        {SPAN("\n.\r"), SPAN("\r\n.\r\n"), "LF . CR"},
        {SPAN("\n\r.\n\r"), SPAN("\r\n\r\n.\r\n\r\n"), "LF CR . LF CR"},
        {SPAN("\n\r.\r\n"), SPAN("\r\n\r\n.\r\n"), "LF CR . CRLF"},
        {SPAN("\r\n.\n\r"), SPAN("\r\n\r\n\r\n"), "CRLF . LF CR"},
        {SPAN("\r\r\n.\r"), SPAN("\r\n\r\n\r\n"), "CR CRLF . CR"},
        {SPAN("\r\n.\r\r\n"), SPAN("\r\n\r\n\r\n"), "CRLF . CR CRLF"},
        {SPAN("\n\n.\r\n"), SPAN("\r\n\r\n.\r\n"), "LF LF . CRLF"},
        {SPAN("\n\n.\n\n"), SPAN("\r\n\r\n.\r\n\r\n"), "LF LF . LF LF"},
        {SPAN("\r\n\n.\n"), SPAN("\r\n\r\n.\r\n"), "CRLF LF . LF"},
        {SPAN("\r\n\r.\r\n"), SPAN("\r\n\r\n.\r\n"), "CRLF CR . CRLF"},
        {SPAN("\n..\r\n"), SPAN("\r\n..\r\n"), "LF .. CRLF: a doubled dot behind a bare LF is two dots"},
        {SPAN("\r..\r\n"), SPAN("\r\n..\r\n"), "CR .. CRLF"},
        {SPAN("\r\n..\n"), SPAN("\r\n.\r\n"), "CRLF .. LF: here the first goes"},
        {SPAN("\r\n..\r"), SPAN("\r\n.\r\n"), "CRLF .. CR"},
        {SPAN("\r\n.\r.\r\n"), SPAN("\r\n\r\n.\r\n"), "CRLF . CR . CRLF"},
        {SPAN("\r\n.\n.\r\n"), SPAN("\r\n\r\n.\r\n"), "CRLF . LF . CRLF"},
        {SPAN("\r\n .\r\n"), SPAN("\r\n .\r\n"), "CRLF space . CRLF"},
        {SPAN("\r\n. \r\n"), SPAN("\r\n \r\n"), "CRLF . space CRLF"},
        {SPAN("\r\n.\t\r\n"), SPAN("\r\n\t\r\n"), "CRLF . tab CRLF"},
        {SPAN("\v.\v"), SPAN("\v.\v"), "vertical tabs are content"},
        {SPAN("\xc2\x85.\xc2\x85"), SPAN("\xc2\x85.\xc2\x85"), "U+0085 is content"},
        {SPAN("\xe2\x80\xa8.\xe2\x80\xa8"), SPAN("\xe2\x80\xa8.\xe2\x80\xa8"), "U+2028 is content"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf input, content, wire, again;
        struct smtp_data_encoder e;
        struct smtp_data_decoder d;
        struct span rest;

        buf_init(&input, 10000);
        buf_init(&content, 10000);
        buf_init(&wire, 10000);
        buf_init(&again, 10000);
        buf_append_text(&input, "a");
        buf_append_span(&input, rows[i].false_end);
        buf_append_text(&input, "MAIL FROM:<evil@x>\r\n.\r\n");
        buf_append_text(&content, "a");
        buf_append_span(&content, rows[i].inside);
        buf_append_text(&content, "MAIL FROM:<evil@x>\r\n");
        check_decode(buf_span(&input), true, buf_span(&content), true, buf_span(&input).length, false, true,
                     rows[i].why);

        /* Outwards: the only end is our own, and each line that begins with a dot has two. */
        smtp_data_encoder_init(&e);
        smtp_data_encode(&e, buf_span(&content), &wire);
        smtp_data_encode_end(&e, &wire);
        HOLDS(lines_are_whole(buf_span(&wire)), "%s: %s", rows[i].why, quote(buf_span(&wire)));
        for (size_t k = 0; k + 3 < buf_span(&wire).length - 3; k++) {
            struct span at = span_skip(buf_span(&wire), k);

            HOLDS(!span_starts_nocase(at, SPAN("\r\n.")) || at.length == 5 || at.at[3] == '.', "%s: %s",
                  rows[i].why, quote(at));
        }
        smtp_data_decoder_init(&d, true);
        rest = buf_span(&wire);
        HOLDS(decode_piece(&d, &rest, &again) && rest.length == 0, "%s: %s", rows[i].why,
              quote(buf_span(&wire)));
        HOLDS(span_equals(buf_span(&again), buf_span(&content)), "%s: %s", rows[i].why,
              quote(buf_span(&again)));
        buf_clear(&input);
        buf_clear(&content);
        buf_clear(&wire);
        buf_clear(&again);
    }
}

static void nul_is_reported_and_forges_no_end(void **state)
{
    (void)state;
    const struct {
        struct span input, content;
        bool ends;
        const char *why;
    } rows[] = {
        {SPAN("a\0b\r\n.\r\n"), SPAN("a\0b\r\n"), true, "within a line"},
        {SPAN("a\r\n.\0\r\nb\r\n.\r\n"), SPAN("a\r\n\0\r\nb\r\n"), true, "CRLF . NUL CRLF"},
        {SPAN("a\r\0\n.\r\nb\r\n.\r\n"), SPAN("a\r\n\0\r\n.\r\nb\r\n"), true, "CR NUL LF . CRLF"},
        {SPAN("a\r\n\0.\r\nb\r\n.\r\n"), SPAN("a\r\n\0.\r\nb\r\n"), true, "CRLF NUL . CRLF"},
        {SPAN("a\r\n.\r\0\n"), SPAN("a\r\n\r\n\0\r\n"), false, "CRLF . CR NUL LF"},
        {SPAN("\0\r\n.\r\n"), SPAN("\0\r\n"), true, "first of all"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_decode(rows[i].input, true, rows[i].content, rows[i].ends, rows[i].input.length, true, true,
                     rows[i].why);
    check_decode(SPAN("a\0"), false, SPAN("a\0"), false, 0, true, true, "in a chunk");
    check_decode(SPAN("a\r\n.\r\n\0"), true, SPAN("a\r\n"), true, 6, false, true,
                 "behind the end it is not ours");
}

static void chunks_have_no_end_and_no_doubled_dots(void **state)
{
    (void)state;
    const struct {
        struct span input, content;
        const char *why;
    } rows[] = {
        {SPAN(""), SPAN(""), "nothing"},
        {SPAN("a\r\n.\r\nb\r\n"), SPAN("a\r\n.\r\nb\r\n"), "CRLF.CRLF is content"},
        {SPAN("..a\r\n"), SPAN("..a\r\n"), "no dot is taken off"},
        {SPAN("\r\n..\r\n"), SPAN("\r\n..\r\n"), "nor here"},
        {SPAN("a\nb\rc"), SPAN("a\r\nb\r\nc"), "bare ones become CRLF"},
        {SPAN("a\n.\nb"), SPAN("a\r\n.\r\nb"), "LF . LF"},
        {SPAN("a\r"), SPAN("a\r\n"), "a CR at the very end is owed its LF"},
        {SPAN("\r"), SPAN("\r\n"), "a CR alone"},
        {SPAN("a\r\r"), SPAN("a\r\n\r\n"), "two"},
        {SPAN("a\r\n"), SPAN("a\r\n"), "nothing is owed"},
        {SPAN("a"), SPAN("a"), "a last line without an end stays so"},
        {SPAN("."), SPAN("."), "a dot"},
        {SPAN(".\r\n"), SPAN(".\r\n"), "a line of one dot"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_decode(rows[i].input, false, rows[i].content, false, 0, false, true, rows[i].why);
}

/* The n-th string of this length out of four octets. */
static void nth_string(unsigned n, size_t length, char *text)
{
    for (size_t i = 0; i < length; i++, n /= 4)
        text[i] = "\r\n.x"[n % 4];
}

static void every_short_string_is_decoded_as_the_rules_say(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 8; length++) {
        for (unsigned n = 0; n < 1U << (2 * length); n++) {
            char text[16];
            struct span input;
            struct buf expected;
            bool ended;
            size_t used;

            nth_string(n, length, text);
            memcpy(text + length, "\r\n.\r\n", 5);
            input = span_make(text, length + 5);
            buf_init(&expected, 1000);
            used = model_decode(input, true, &expected, &ended);
            assert_true(ended);
            check_decode(input, true, buf_span(&expected), true, used, false, length <= 5, "with dots");
            buf_clear(&expected);
            input = span_make(text, length);
            model_decode(input, false, &expected, &ended);
            check_decode(input, false, buf_span(&expected), false, 0, false, length <= 5, "a chunk");
            buf_clear(&expected);
        }
    }
}

static void what_goes_out_comes_in_again_at_the_next_server(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 8; length++) {
        for (unsigned n = 0; n < 1U << (2 * length); n++) {
            char text[16];
            struct buf content, wire, expected, again;
            bool ended;
            struct span rest;
            struct smtp_data_decoder d;

            nth_string(n, length, text);
            buf_init(&content, 1000);
            buf_init(&wire, 1000);
            buf_init(&expected, 1000);
            buf_init(&again, 1000);
            model_decode(span_make(text, length), false, &content, &ended); /* makes bare ones CRLF */
            model_encode(buf_span(&content), &expected);
            /* In one piece, and cut at every place that is not within a CRLF. */
            for (size_t cut = 0; cut <= buf_span(&content).length; cut++) {
                struct smtp_data_encoder e;
                struct span first = span_first(buf_span(&content), cut),
                            second = span_skip(buf_span(&content), cut);
                char *one, *two;

                if (cut > 0 && first.at[cut - 1] == '\r')
                    continue;
                one = exact_copy(first);
                two = exact_copy(second);
                buf_clear(&wire);
                smtp_data_encoder_init(&e);
                smtp_data_encode(&e, span_make(one, first.length), &wire);
                smtp_data_encode(&e, span_make(two, second.length), &wire);
                smtp_data_encode_end(&e, &wire);
                HOLDS(span_equals(buf_span(&wire), buf_span(&expected)), "%s cut at %zu gives %s",
                      quote(buf_span(&content)), cut, quote(buf_span(&wire)));
                free(one);
                free(two);
            }
            smtp_data_decoder_init(&d, true);
            rest = buf_span(&wire);
            HOLDS(decode_piece(&d, &rest, &again) && rest.length == 0, "%s has one end, its own",
                  quote(buf_span(&wire)));
            if (buf_span(&content).length > 0 && content.bytes[content.start + content.length - 1] != '\n')
                buf_append_text(&content, "\r\n");
            HOLDS(span_equals(buf_span(&again), buf_span(&content)), "%s", quote(buf_span(&wire)));
            buf_clear(&content);
            buf_clear(&wire);
            buf_clear(&expected);
            buf_clear(&again);
        }
    }
}

static void an_end_of_data_stands_on_a_line_of_its_own(void **state)
{
    (void)state;
    const struct {
        const char *content, *wire, *why;
    } rows[] = {
        {"", ".\r\n", "an empty mail: 354's CRLF is the line end before the dot"},
        {"a\r\n", "a\r\n.\r\n", "the last line is whole"},
        {"a", "a\r\n.\r\n", "the last line is given its end"},
        {".", "..\r\n.\r\n", "a single dot is doubled first"},
        {"\r\n", "\r\n.\r\n", "an empty line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_data_encoder e;
        struct buf wire;

        buf_init(&wire, 100);
        smtp_data_encoder_init(&e);
        smtp_data_encode(&e, span_of(rows[i].content), &wire);
        smtp_data_encode_end(&e, &wire);
        HOLDS(span_equals(buf_span(&wire), span_of(rows[i].wire)), "%s: %s", rows[i].why,
              quote(buf_span(&wire)));
        buf_clear(&wire);
    }
}

static void a_chunk_boundary_within_a_crlf_makes_no_second_line_end(void **state)
{
    (void)state;
    struct smtp_data_decoder d;
    struct buf content;
    struct span first = SPAN("a\r"), second = SPAN("\nb\r"), third = SPAN("c");

    smtp_data_decoder_init(&d, false);
    buf_init(&content, 100);
    decode_piece(&d, &first, &content);
    decode_piece(&d, &second, &content);
    decode_piece(&d, &third, &content);
    buf_append_span(&content, smtp_data_decode_end(&d));
    HOLDS(span_equals(buf_span(&content), SPAN("a\r\nb\r\nc")), "%s", quote(buf_span(&content)));
    buf_clear(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_crlf_dot_crlf_ends_the_data),
        cmocka_unit_test(no_false_end_ends_the_data_here_or_for_the_next_server),
        cmocka_unit_test(nul_is_reported_and_forges_no_end),
        cmocka_unit_test(chunks_have_no_end_and_no_doubled_dots),
        cmocka_unit_test(every_short_string_is_decoded_as_the_rules_say),
        cmocka_unit_test(what_goes_out_comes_in_again_at_the_next_server),
        cmocka_unit_test(an_end_of_data_stands_on_a_line_of_its_own),
        cmocka_unit_test(a_chunk_boundary_within_a_crlf_makes_no_second_line_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
