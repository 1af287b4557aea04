/* SPDX-License-Identifier: MIT */
/* What a web server answers when it is asked for a policy (RFC 8461 section 3.3): the file, or why there is none. */

#include "feed.h"
#include "smtp/policy.h"
#include "smtp/policy_reply.h"

#define OK "HTTP/1.1 200 OK\r\n"

static const struct {
    const char *bytes;
    enum smtp_policy_reply open, ended; /* while more may come, and when nothing more will */
    const char *file, *why;
} rows[] = {
#define MORE SMTP_POLICY_REPLY_MORE, SMTP_POLICY_REPLY_SYNTAX
#define BOTH(status) SMTP_POLICY_REPLY_##status, SMTP_POLICY_REPLY_##status
    {"", MORE, NULL, "nothing yet"},
    {"HTTP/1.1 200 OK", MORE, NULL, "half a line"},
    {OK "Content-Length: 3\r\n", MORE, NULL, "half a head"},
    {OK "Content-Length: 3\r\n\r\nab", MORE, NULL, "half a file"},
    {OK "Content-Length: 3\r\n\r\nabc", BOTH(OK), "abc", "a file"},
    {OK "Content-Length: 3\r\n\r\nabcd", BOTH(OK), "abc", "and something behind it"},
    {OK "content-length:3\r\n\r\nabc", BOTH(OK), "abc", "names have no case, values no need of a blank"},
    {OK "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", BOTH(OK), "abc", "said twice"},
    {OK "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", BOTH(SYNTAX), NULL, "two lengths"},
    {OK "Content-Length: -3\r\n\r\nabc", BOTH(SYNTAX), NULL, "no length"},
    {OK "Content-Length: 99999999999999999999\r\n\r\nabc", BOTH(SYNTAX), NULL, "beyond all numbers"},
    {OK "Content-Length: 65537\r\n\r\nabc", BOTH(TOO_LONG), NULL, "a large file"},
    {OK "Content-Length: 0\r\n\r\n", BOTH(OK), "", "an empty file"},
    {OK "\r\nabc", SMTP_POLICY_REPLY_MORE, SMTP_POLICY_REPLY_OK, "abc", "up to the end of the connection"},
    {"HTTP/1.0 200\r\n\r\nabc", SMTP_POLICY_REPLY_MORE, SMTP_POLICY_REPLY_OK, "abc", "an old server"},
    {"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", BOTH(OK), "abc", "lines that end by LF alone"},
    {"HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\n", BOTH(REFUSED), NULL, "elsewhere"},
    {"HTTP/1.1 404 Not Found\r\n\r\nabc", BOTH(REFUSED), NULL, "nowhere"},
    {"HTTP/1.1 204 No Content\r\n\r\n", BOTH(REFUSED), NULL, "a success without a file"},
    {"HTTP/2 200 OK\r\n\r\nabc", BOTH(SYNTAX), NULL, "another HTTP"},
    {"HTTP/1.1 2000 OK\r\n\r\nabc", BOTH(SYNTAX), NULL, "a code of four digits"},
    {"220 mx.one.test ESMTP\r\n\r\n", BOTH(SYNTAX), NULL, "SMTP"},
    {"\r\n\r\n", BOTH(SYNTAX), NULL, "empty lines"},
    {OK "no field\r\n\r\nabc", BOTH(SYNTAX), NULL, "a line that is no field"},
    {"HTTP/1.1 100 Continue\r\n\r\n", MORE, NULL, "the answer is still to come"},
    {"HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n" OK "Content-Length: 3\r\n\r\nabc",
     BOTH(OK), "abc", "an answer on the way to the answer (RFC 9110 section 15.2)"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n",
     BOTH(REFUSED), NULL, "and two of them"},
    {OK "X-Long: a\r\n b\r\n\tc: d\r\nContent-Length: 3\r\n\r\nabc", BOTH(OK), "abc",
     "a field on three lines (RFC 9112 section 5.2)"},
    {OK "Content-Type:\r\n text/html\r\nContent-Length: 3\r\n\r\nabc", BOTH(NO_TEXT), NULL,
     "a type on two lines"},
    {OK "Content-Length:\r\n 3\r\n\r\nabc", BOTH(SYNTAX), NULL, "a length on two"},
    {OK "Transfer-Encoding: gzip,\r\n chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", BOTH(SYNTAX), NULL,
     "packed, on two"},
    {OK " X: y\r\nContent-Length: 3\r\n\r\nabc", BOTH(SYNTAX), NULL, "more of nothing"},
    {OK "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nabc", BOTH(OK), "abc", "text"},
    {OK "Content-Type: TEXT/Plain\r\nContent-Length: 3\r\n\r\nabc", BOTH(OK), "abc", "text"},
    {OK "Content-Type: text/html\r\nContent-Length: 3\r\n\r\nabc", BOTH(NO_TEXT), NULL, "a page"},
    {OK "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", BOTH(SYNTAX), NULL, "packed"},
    {OK "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", BOTH(SYNTAX), NULL, "packed"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", BOTH(OK), "abc", "a chunk"},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n02;x=y\r\nbc\r\n0\r\n", BOTH(OK), "abc", "two chunks"},
    {OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n", BOTH(OK), "0123456789", "in hex"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", MORE, NULL, "one chunk, not the last"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r", MORE, NULL, "amid the end of a chunk"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nab", MORE, NULL, "amid a chunk"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", BOTH(SYNTAX), NULL, "longer than it says"},
    {OK "Transfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n", BOTH(SYNTAX), NULL, "no size"},
    {OK "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n", BOTH(SYNTAX), NULL, "an empty size"},
    {OK "Transfer-Encoding: chunked\r\n\r\n10000\r\n", MORE, NULL, "a chunk as large as a file may be"},
    {OK "Transfer-Encoding: chunked\r\n\r\n10001\r\n", BOTH(TOO_LONG), NULL, "a larger one"},
    {OK "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF3\r\n", BOTH(SYNTAX), NULL, "beyond all numbers"},
    {OK "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n3\r\nabc\r\n0\r\n", BOTH(OK), "abc",
     "chunks go before a length (RFC 9112 section 6.3)"},
#undef BOTH
#undef MORE
};

static void every_answer_is_a_file_or_none(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, SMTP_POLICY_FILE_MAX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span bytes = span_of(rows[i].bytes);
        char *copy = exact_copy(bytes);
        bytes.at = copy;
        for (int ended = 0; ended < 2; ended++) {
            enum smtp_policy_reply wanted = ended ? rows[i].ended : rows[i].open;
            enum smtp_policy_reply reply = smtp_policy_reply_read(bytes, ended, &file);
            HOLDS(reply == wanted, "%s: %s (%s)", rows[i].why, quote(bytes), smtp_policy_reply_name(reply));
            if (reply == SMTP_POLICY_REPLY_OK)
                HOLDS(span_equals(buf_span(&file), span_of(rows[i].file)), "%s: %s", rows[i].why,
                      quote(buf_span(&file)));
        }
        free(copy);
    }
    buf_clear(&file);
}

/* What has come in part is never a whole file, unless the connection is what ends it. */
static void a_part_of_an_answer_is_not_taken_for_all_of_it(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, SMTP_POLICY_FILE_MAX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span whole = span_of(rows[i].bytes);
        for (size_t length = 0; length < whole.length; length++) {
            char *copy = exact_copy(span_first(whole, length));
            enum smtp_policy_reply reply = smtp_policy_reply_read(span_make(copy, length), false, &file);
            if (reply == SMTP_POLICY_REPLY_OK)
                HOLDS(rows[i].open == SMTP_POLICY_REPLY_OK &&
                          span_equals(buf_span(&file), span_of(rows[i].file)),
                      "%s, %zu octets: %s", rows[i].why, length, quote(buf_span(&file)));
            else
                HOLDS(reply == SMTP_POLICY_REPLY_MORE || reply == rows[i].open, "%s, %zu octets: %s",
                      rows[i].why, length, smtp_policy_reply_name(reply));
            free(copy);
        }
    }
    buf_clear(&file);
}

static void what_never_ends_is_given_up(void **state)
{
    (void)state;
    struct buf file, bytes;
    buf_init(&file, SMTP_POLICY_FILE_MAX);
    buf_init(&bytes, 1024 * 1024);
    buf_append_text(&bytes, OK);
    while (bytes.length <= SMTP_POLICY_HEAD_MAX)
        buf_append_text(&bytes, "X: y\r\n");
    assert_int_equal(smtp_policy_reply_read(buf_span(&bytes), false, &file), SMTP_POLICY_REPLY_TOO_LONG);
    buf_clear(&bytes);
    buf_append_text(&bytes, OK "\r\n");
    while (bytes.length <= SMTP_POLICY_FILE_MAX + sizeof OK)
        buf_append_text(&bytes, "mx: mx.one.test\r\n");
    assert_int_equal(smtp_policy_reply_read(buf_span(&bytes), false, &file), SMTP_POLICY_REPLY_TOO_LONG);
    buf_clear(&bytes);
    buf_append_text(&bytes, OK "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i <= SMTP_POLICY_FILE_MAX / 4; i++)
        buf_append_text(&bytes, "4\r\nabcd\r\n");
    assert_int_equal(smtp_policy_reply_read(buf_span(&bytes), false, &file), SMTP_POLICY_REPLY_TOO_LONG);
    buf_clear(&bytes);
    buf_clear(&file);
}

static void the_request_asks_for_the_policy_of_the_domain(void **state)
{
    (void)state;
    struct buf out;
    static const char start[] = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.one.test\r\n";
    buf_init(&out, 4096);
    smtp_policy_request("one.test", &out);
    const char *text = buf_text(&out);
    assert_memory_equal(text, start, sizeof start - 1);
    assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
    assert_string_equal(text + out.length - 4, "\r\n\r\n");
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_is_a_file_or_none),
        cmocka_unit_test(a_part_of_an_answer_is_not_taken_for_all_of_it),
        cmocka_unit_test(what_never_ends_is_given_up),
        cmocka_unit_test(the_request_asks_for_the_policy_of_the_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
