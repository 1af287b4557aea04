/* SPDX-License-Identifier: MIT */
/*
 * The header section as it streams by: Received: on top, Date: and Message-ID: where they are missing,
 * hops counted, and every other octet as it came.
 */

#include "feed.h"
#include "smtp/trace.h"

#define R "Received: by localhost; now\r\n"
#define D "Date: now\r\n"
#define M "Message-ID: <1@localhost>\r\n"

/* Sends `content` through in pieces and gathers what comes out. */
static void check_trace(struct span content, struct span expected, const char *why)
{
    struct feed feed = content.length > 2000 ? feed_start_long(content, 50) : feed_start(content);

    feed.whole_crlf = true;
    while (feed_again(&feed)) {
        struct smtp_trace t;
        struct buf out;
        struct span input, piece;

        smtp_trace_init(&t, R, D, M);
        buf_init(&out, 1000000);
        while (feed_piece(&feed, &input)) {
            size_t before = input.length;

            while (smtp_trace_next(&t, &input, &piece)) {
                assert_true(input.length <= before);
                buf_append_span(&out, piece);
            }
            HOLDS(input.length == 0, "%s, %s: false says that the content is used up", why, feed_way(&feed));
        }
        while (smtp_trace_end(&t, &piece))
            buf_append_span(&out, piece);
        HOLDS(!out.failed, "%s, %s: it never ends", why, feed_way(&feed));
        HOLDS(span_equals(buf_span(&out), expected), "%s, %s: %s gives\n    %s, not\n    %s", why,
              feed_way(&feed), quote(content), quote(buf_span(&out)), quote(expected));
        buf_clear(&out);
    }
}

static void headers_are_added_where_they_are_missing_and_nothing_else_changes(void **state)
{
    (void)state;
    const struct {
        struct span input, expected;
        const char *why;
    } rows[] = {
        {SPAN("Date: d\r\nMessage-ID: m\r\n\r\nbody\r\n"), SPAN(R "Date: d\r\nMessage-ID: m\r\n\r\nbody\r\n"),
         "nothing is missing"},
        {SPAN("Subject: s\r\n\r\nbody\r\n"), SPAN(R "Subject: s\r\n" D M "\r\nbody\r\n"), "both are missing"},
        {SPAN("Date: d\r\n\r\nbody\r\n"), SPAN(R "Date: d\r\n" M "\r\nbody\r\n"), "Message-ID is missing"},
        {SPAN("Message-ID: m\r\n\r\nbody\r\n"), SPAN(R "Message-ID: m\r\n" D "\r\nbody\r\n"),
         "Date is missing"},
        {SPAN("\r\nbody\r\n"), SPAN(R D M "\r\nbody\r\n"), "an empty header section"},
        {SPAN("DATE: d\r\nmessage-id: m\r\n\r\n"), SPAN(R "DATE: d\r\nmessage-id: m\r\n\r\n"),
         "field names have no case"},
        {SPAN("Date : d\r\nMessage-ID\t: m\r\n\r\n"), SPAN(R "Date : d\r\nMessage-ID\t: m\r\n\r\n"),
         "space before the colon (RFC 5322 section 4.5)"},
        {SPAN("Date:\r\nMessage-ID:\r\n\r\n"), SPAN(R "Date:\r\nMessage-ID:\r\n\r\n"),
         "empty ones are there"},
        {SPAN("Subject: s\r\n Date: d\r\n\tMessage-ID: m\r\n\r\nb"),
         SPAN(R "Subject: s\r\n Date: d\r\n\tMessage-ID: m\r\n" D M "\r\nb"), "a continuation is no field"},
        {SPAN("Dates: d\r\nDat: d\r\nResent-Date: d\r\nX-Message-ID: m\r\nMessage-IDs: m\r\n\r\n"),
         SPAN(R "Dates: d\r\nDat: d\r\nResent-Date: d\r\nX-Message-ID: m\r\nMessage-IDs: m\r\n" D M "\r\n"),
         "names that are nearly the same"},
        {SPAN("Subject: Date: d\r\n\r\n"), SPAN(R "Subject: Date: d\r\n" D M "\r\n"), "within a value"},
        {SPAN("Subject: s\r\n\r\nDate: d\r\nMessage-ID: m\r\n"),
         SPAN(R "Subject: s\r\n" D M "\r\nDate: d\r\nMessage-ID: m\r\n"), "in the body they are text"},
        {SPAN("Date: d\r\nMessage-ID: m\r\n\r\n\r\n\r\n"), SPAN(R "Date: d\r\nMessage-ID: m\r\n\r\n\r\n\r\n"),
         "empty lines of the body stay"},
        {SPAN("Subject: s\r\nHello, this is text\r\n\r\nmore\r\n"),
         SPAN(R "Subject: s\r\n" D M "\r\nHello, this is text\r\n\r\nmore\r\n"),
         "a line that is no field ends the header section: the empty line was owed"},
        {SPAN("Hello\r\n"), SPAN(R D M "\r\nHello\r\n"), "no header section at all"},
        {SPAN(".\r\n"), SPAN(R D M "\r\n.\r\n"), "likewise"},
        {SPAN(": empty name\r\n"), SPAN(R D M "\r\n: empty name\r\n"), "a field needs a name"},
        {SPAN("two words: x\r\n"), SPAN(R D M "\r\ntwo words: x\r\n"), "and only one"},
        {SPAN("Subject: p\xc5\x99\r\n\xc3\xad: x\r\n"),
         SPAN(R "Subject: p\xc5\x99\r\n" D M "\r\n\xc3\xad: x\r\n"), "an 8-bit line that is no field"},
        {SPAN("From: p\xc5\x99@\xc5\x99.test\r\nDate: d\r\nMessage-ID: <p\xc5\x99@x>\r\n\r\n"),
         SPAN(R "From: p\xc5\x99@\xc5\x99.test\r\nDate: d\r\nMessage-ID: <p\xc5\x99@x>\r\n\r\n"),
         "values in UTF-8 (RFC 6532): they are there"},
        {SPAN("p\xc5\x99: x\r\n"), SPAN(R D M "\r\np\xc5\x99: x\r\n"),
         "of ASCII (RFC 6532 section 3.2 as well)"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_trace(rows[i].input, rows[i].expected, rows[i].why);
}

static void octets_above_127_are_noticed_in_the_header_section_alone(void **state)
{
    (void)state;
    const struct {
        const char *content;
        bool utf8;
        const char *why;
    } rows[] = {
        {"Subject: s\r\n\r\nbody\r\n", false, "ASCII"},
        {"Subject: p\xc5\x99\r\n\r\nbody\r\n", true, "in a value"},
        {"Subject: s\r\n p\xc5\x99\r\n\r\nbody\r\n", true, "in a folded one"},
        {"X: p\xc5\x99", true, "in a line that does not end"},
        {"Subject: s\r\n\r\np\xc5\x99\r\n", false, "in the body"},
        {"p\xc5\x99: x\r\n", false, "a line that is no field begins the body"},
        {"Received: from \xc5\x99.test\r\n\r\n", true, "a hop in UTF-8, and"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed feed = feed_start(span_of(rows[i].content));

        feed.whole_crlf = true;
        while (feed_again(&feed)) {
            struct smtp_trace t;
            struct span input, piece;

            smtp_trace_init(&t, R, D, M);
            while (feed_piece(&feed, &input))
                while (smtp_trace_next(&t, &input, &piece))
                    continue;
            HOLDS(t.utf8 == rows[i].utf8, "%s, %s", rows[i].why, feed_way(&feed));
            HOLDS(t.hops == (rows[i].content[0] == 'R'), "%s, %s: a hop is counted", rows[i].why,
                  feed_way(&feed));
        }
    }
}

static void a_header_section_that_breaks_off_is_completed(void **state)
{
    (void)state;
    const struct {
        struct span input, expected;
        const char *why;
    } rows[] = {
        {SPAN("Subject: s\r\n"), SPAN(R "Subject: s\r\n" D M),
         "no body: then no empty line (RFC 5322 section 3.5)"},
        {SPAN("Date: d\r\nMessage-ID: m\r\n"), SPAN(R "Date: d\r\nMessage-ID: m\r\n"), "nothing is missing"},
        {SPAN(""), SPAN(R D M), "an empty mail"},
        {SPAN("Subject: s"), SPAN(R "Subject: s\r\n" D M), "not even a line end"},
        {SPAN("Subject: s\r\n t"), SPAN(R "Subject: s\r\n t\r\n" D M), "within a continuation"},
        {SPAN("Date"), SPAN(R D M "\r\nDate"), "a name without its colon is no field"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_trace(rows[i].input, rows[i].expected, rows[i].why);
}

static void a_first_line_with_a_space_does_not_become_part_of_our_line(void **state)
{
    (void)state;
    /* Right behind "Received: ...CRLF" it would be read as a continuation of it. */
    check_trace(SPAN(" evil\r\nDate: d\r\n\r\n"), SPAN(R D M "\r\n evil\r\nDate: d\r\n\r\n"), "a space");
    check_trace(SPAN("\tevil\r\nDate: d\r\n\r\n"), SPAN(R D M "\r\n\tevil\r\nDate: d\r\n\r\n"), "a tab");
}

static void every_beginning_of_a_field_name_is_let_go_in_the_end(void **state)
{
    (void)state;
    const char *const names[] = {"Date", "Message-ID", "Received"};

    for (size_t i = 0; i < COUNT(names); i++) {
        for (size_t length = 1; length <= strlen(names[i]); length++) {
            struct buf input, expected;
            bool whole = length == strlen(names[i]);

            buf_init(&input, 1000);
            buf_init(&expected, 1000);
            buf_append(&input, names[i], length);
            buf_append_text(&input, ": x\r\n\r\nbody");
            buf_append_text(&expected, R);
            buf_append(&expected, names[i], length);
            buf_append_text(&expected, ": x\r\n");
            if (!(whole && i == 0))
                buf_append_text(&expected, D);
            if (!(whole && i == 1))
                buf_append_text(&expected, M);
            buf_append_text(&expected, "\r\nbody");
            check_trace(buf_span(&input), buf_span(&expected), "a beginning");
            buf_clear(&input);
            buf_clear(&expected);
        }
    }
}

static void long_names_and_long_values_pass_untouched(void **state)
{
    (void)state;
    for (size_t length = SMTP_TRACE_NAME_MAX - 3; length <= SMTP_TRACE_NAME_MAX + 3; length++) {
        struct buf input, expected;

        buf_init(&input, 100000);
        buf_init(&expected, 100000);
        for (size_t i = 0; i < length; i++)
            buf_append_text(&input, "N");
        buf_append_text(&input, ": x\r\nSubject: ");
        for (size_t i = 0; i < 10000; i++)
            buf_append_text(&input, "v");
        buf_append_text(&input, "\r\n");
        buf_append_text(&expected, R);
        buf_append_span(&expected, buf_span(&input));
        buf_append_text(&input, "\r\nbody\r\n");
        buf_append_text(&expected, D M "\r\nbody\r\n");
        check_trace(buf_span(&input), buf_span(&expected), "a long name");
        buf_clear(&input);
        buf_clear(&expected);
    }
}

static void more_than_fifty_hops_are_a_loop(void **state)
{
    (void)state;
    const struct {
        unsigned hops;
        const char *name;
        bool in_body, loops;
        const char *why;
    } rows[] = {
        {0, "Received", false, false, "none"},
        {50, "Received", false, false, "as many as there may be"},
        {51, "Received", false, true, "one more"},
        {51, "RECEIVED", false, true, "in any case"},
        {51, "Received ", false, true, "with a space before the colon"},
        {200, "received", false, true, "many more"},
        {200, "Received-SPF", false, false, "another field"},
        {200, "X-Received", false, false, "another field"},
        {200, " Received", false, false, "continuations"},
        {200, "Received", true, false, "in the body they are text"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_trace t;
        struct buf input;
        struct span rest, piece;

        buf_init(&input, 100000);
        buf_append_text(&input, rows[i].in_body ? "Subject: x\r\n\r\n" : "Subject: x\r\n");
        for (unsigned k = 0; k < rows[i].hops; k++)
            buf_printf(&input, "%s: by somewhere;\r\n then\r\n", rows[i].name);
        buf_append_text(&input, "\r\n");
        smtp_trace_init(&t, R, D, M);
        rest = buf_span(&input);
        while (smtp_trace_next(&t, &rest, &piece))
            continue;
        HOLDS(smtp_trace_loops(&t) == rows[i].loops, "%u times %s: %s; %u counted", rows[i].hops,
              rows[i].name, rows[i].why, t.hops);
        buf_clear(&input);
    }
}

static void a_body_of_any_size_passes_in_whole_pieces(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    struct smtp_trace t;
    char *body = malloc(SIZE);
    struct span input = SPAN("Subject: s\r\n\r\n"), piece;
    unsigned pieces = 0;

    assert_non_null(body);
    memset(body, '\n', SIZE);
    for (size_t i = 0; i + 1 < SIZE; i += 2)
        body[i] = '\r';
    smtp_trace_init(&t, R, D, M);
    while (smtp_trace_next(&t, &input, &piece))
        continue;
    input = span_make(body, SIZE);
    while (smtp_trace_next(&t, &input, &piece))
        pieces++;
    HOLDS(pieces == 1, "behind the header section nothing is looked at: %u pieces", pieces);
    free(body);
}

static void dates_are_those_of_rfc_5322(void **state)
{
    (void)state;
    const struct {
        int64_t time_s;
        int offset_min;
        const char *expected, *why;
    } rows[] = {
        {1795363392, 60, "Sun, 22 Nov 2026 17:03:12 +0100", "the header's example"},
        {0, 0, "Thu, 01 Jan 1970 00:00:00 +0000", "the beginning"},
        {951782400, 0, "Tue, 29 Feb 2000 00:00:00 +0000", "a leap day of a leap century"},
        {951868799, 0, "Tue, 29 Feb 2000 23:59:59 +0000", "its last second"},
        {951868800, 0, "Wed, 01 Mar 2000 00:00:00 +0000", "the next"},
        {4107542400, 0, "Mon, 01 Mar 2100 00:00:00 +0000", "2100 is no leap year"},
        {4107542399, 0, "Sun, 28 Feb 2100 23:59:59 +0000", "its last second of February"},
        {2147483648, 0, "Tue, 19 Jan 2038 03:14:08 +0000", "behind 2^31"},
        {1735689599, 0, "Tue, 31 Dec 2024 23:59:59 +0000", "the last second of a year"},
        {1735689599, 60, "Wed, 01 Jan 2025 00:59:59 +0100", "where it is next year already"},
        {1735689600, -60, "Tue, 31 Dec 2024 23:00:00 -0100", "where it is last year still"},
        {1735689600, -210, "Tue, 31 Dec 2024 20:30:00 -0330", "Newfoundland"},
        {1735689600, 345, "Wed, 01 Jan 2025 05:45:00 +0545", "Nepal"},
        {1735689600, -30, "Tue, 31 Dec 2024 23:30:00 -0030", "less than an hour west"},
        {1735689600, 840, "Wed, 01 Jan 2025 14:00:00 +1400", "the far east"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[40];
        char shorter[40];

        memset(text, 'x', sizeof text);
        smtp_trace_format_date(rows[i].time_s, rows[i].offset_min, text, sizeof text);
        /* RFC 5322 allows a day of one digit as well. */
        snprintf(shorter, sizeof shorter, "%.5s%s", rows[i].expected,
                 rows[i].expected + (rows[i].expected[5] == '0' ? 6 : 5));
        HOLDS(strcmp(text, rows[i].expected) == 0 || strcmp(text, shorter) == 0, "%s: \"%s\", not \"%s\"",
              rows[i].why, text, rows[i].expected);
    }
}

static void absurd_times_stay_within_their_room(void **state)
{
    (void)state;
    const int64_t times[] = {INT64_MIN,    INT64_MIN / 2, -1,       -62135596801,
                             253402300800, INT64_MAX / 2, INT64_MAX};

    for (size_t i = 0; i < COUNT(times); i++) {
        for (int offset = -720; offset <= 840; offset += 780) {
            char *text = malloc(40);

            assert_non_null(text);
            memset(text, 'x', 40);
            smtp_trace_format_date(times[i], offset, text, 40);
            HOLDS(memchr(text, '\0', 40) != NULL, "%lld", (long long)times[i]);
            free(text);
        }
    }
}

static void our_received_line_says_localhost_and_never_more(void **state)
{
    (void)state;
    const struct {
        const char *peer;
        bool extended, authenticated, smtputf8;
        const char *from, *with, *why;
    } rows[] = {
        {"127.0.0.1", true, false, false, "from localhost ([127.0.0.1])", "with ESMTP id", "EHLO"},
        {"127.0.0.1", false, false, false, "from localhost ([127.0.0.1])", "with SMTP id", "HELO"},
        {"::1", true, true, false, "from localhost ([IPv6:::1])", "with ESMTPA id", "EHLO and AUTH"},
        {"::1", true, false, true, "from localhost ([IPv6:::1])", "with UTF8SMTP id", "RFC 6531 section 4.3"},
        {"::1", true, true, true, "from localhost ([IPv6:::1])", "with UTF8SMTPA id", "and AUTH"},
        {"192.168.1.9", false, false, false, "from [192.168.1.9] ([192.168.1.9])\r\n", "with SMTP id",
         "a device in --allow: Extended-Domain wants the literal twice"},
        {"fd00::9", true, false, false, "from [IPv6:fd00::9] ([IPv6:fd00::9])\r\n", "with ESMTP id",
         "the same by IPv6"},
        {"", true, false, false, "from localhost\r\n", "with ESMTP id", "this machine by its LAN address"},
    };
    const struct smtp_trace_mark mark = {
        .time_s = 0, .utc_offset_min = 60, .instance = 0xA, .serial = 7, .random = 0xB, .version = "1.2.3"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_trace_origin origin = {.extended = rows[i].extended,
                                           .authenticated = rows[i].authenticated,
                                           .smtputf8 = rows[i].smtputf8};
        struct smtp_trace_lines lines;

        assert_true(rows[i].peer[0] == '\0' || ip_parse(span_of(rows[i].peer), &origin.peer));
        smtp_trace_write_lines(&lines, &origin, &mark);
        HOLDS(strstr(lines.received, rows[i].from) != NULL, "%s: %s", rows[i].why, lines.received);
        HOLDS(strstr(lines.received, rows[i].with) != NULL, "%s: %s", rows[i].why, lines.received);
        assert_non_null(strstr(lines.received, "\r\n\tby localhost (Traypost 1.2.3) with "));
        assert_non_null(strstr(lines.received, "id 0000000A000007;\r\n\tThu, 1 Jan 1970 01:00:00 +0100\r\n"));
        assert_string_equal(lines.date, "Date: Thu, 1 Jan 1970 01:00:00 +0100\r\n");
        assert_string_equal(lines.message_id, "Message-ID: <0.000000000000000b@traypost.invalid>\r\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_added_where_they_are_missing_and_nothing_else_changes),
        cmocka_unit_test(octets_above_127_are_noticed_in_the_header_section_alone),
        cmocka_unit_test(a_header_section_that_breaks_off_is_completed),
        cmocka_unit_test(a_first_line_with_a_space_does_not_become_part_of_our_line),
        cmocka_unit_test(every_beginning_of_a_field_name_is_let_go_in_the_end),
        cmocka_unit_test(long_names_and_long_values_pass_untouched),
        cmocka_unit_test(more_than_fifty_hops_are_a_loop),
        cmocka_unit_test(a_body_of_any_size_passes_in_whole_pieces),
        cmocka_unit_test(dates_are_those_of_rfc_5322),
        cmocka_unit_test(absurd_times_stay_within_their_room),
        cmocka_unit_test(our_received_line_says_localhost_and_never_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
