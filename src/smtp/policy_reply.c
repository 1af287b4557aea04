/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.1 as one file needs it. Each time all that has come is read from its beginning: it is small, and there is no
 * state that could be wrong.
 */

#include "smtp/policy_reply.h"

#include "smtp/policy.h"

#define CHUNK_DIGITS_MAX 8

struct head {
    unsigned status;
    bool is_chunked, has_length, is_text;
    uint64_t length;
};

void smtp_policy_request(const char *domain, struct buf *out)
{
    buf_printf(out,
               "GET /.well-known/mta-sts.txt HTTP/1.1\r\n"
               "Host: mta-sts.%s\r\n"
               "Accept: text/plain\r\n"
               "User-Agent: Traypost\r\n"
               "Connection: close\r\n"
               "\r\n",
               domain);
}

/* False: it has no end yet. Some servers end lines by LF alone (RFC 9112 section 2.2). */
static bool cut_line(struct span *rest, struct span *line)
{
    size_t end = span_find(*rest, '\n');
    if (end == rest->length)
        return false;
    *line = span_first(*rest, end);
    if (end > 0 && line->at[end - 1] == '\r')
        line->length--;
    *rest = span_skip(*rest, end + 1);
    return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(struct span line, unsigned *status)
{
    uint64_t number;
    if (!span_equals(span_first(line, 7), SPAN("HTTP/1.")))
        return false;
    span_cut(&line, ' ');
    struct span digits = span_cut(&line, ' ');
    if (digits.length != 3 || !span_to_number(digits, 999, &number))
        return false;
    *status = (unsigned)number;
    return true;
}

/* False: such a reply cannot be read. */
static bool read_field(struct span line, struct head *head)
{
    struct span value = line, name = span_cut(&value, ':');
    value = span_trim(value);
    if (name.length == line.length)
        return false;
    if (span_equals_nocase(name, SPAN("Content-Length"))) {
        uint64_t before = head->length;
        if (!span_to_number(value, UINT32_MAX, &head->length) || (head->has_length && head->length != before))
            return false;
        head->has_length = true;
    } else if (span_equals_nocase(name, SPAN("Transfer-Encoding"))) {
        head->is_chunked = span_equals_nocase(value, SPAN("chunked"));
        return head->is_chunked;
    } else if (span_equals_nocase(name, SPAN("Content-Encoding"))) {
        return span_equals_nocase(value, SPAN("identity"));
    } else if (span_equals_nocase(name, SPAN("Content-Type"))) {
        head->is_text = span_equals_nocase(span_trim(span_cut(&value, ';')), SPAN("text/plain"));
    }
    return true;
}

/* More of the field before, as of old (RFC 9112 section 5.2). Who writes so has a long one; those that matter here are short. */
static bool is_continuation(struct span line)
{
    return line.length > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
}

/* From the status line to the empty line. */
static enum smtp_policy_reply read_head(struct span *rest, struct head *head)
{
    struct span line;
    bool has_field = false;
    *head = (struct head){.is_text = true}; /* who does not say what it is gets the benefit of the doubt */
    if (!cut_line(rest, &line))
        return SMTP_POLICY_REPLY_MORE;
    if (!read_status(line, &head->status))
        return SMTP_POLICY_REPLY_SYNTAX;
    while (cut_line(rest, &line)) {
        if (line.length == 0)
            return SMTP_POLICY_REPLY_OK;
        if (is_continuation(line) ? !has_field : !read_field(line, head))
            return SMTP_POLICY_REPLY_SYNTAX;
        has_field = true;
    }
    return SMTP_POLICY_REPLY_MORE;
}

/* Of the answer itself: others may come in front of it (RFC 9110 section 15.2). */
static enum smtp_policy_reply read_final_head(struct span *rest, struct head *head)
{
    enum smtp_policy_reply reply;
    do
        reply = read_head(rest, head);
    while (reply == SMTP_POLICY_REPLY_OK && head->status / 100 == 1);
    return reply;
}

static bool read_hex(struct span digits, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits.length; i++) {
        char c = ascii_lower(digits.at[i]);
        if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
        *value = *value * 16 + (uint64_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return digits.length > 0 && digits.length <= CHUNK_DIGITS_MAX;
}

/* RFC 9112 section 7.1. What follows the last chunk says nothing about the file. */
static enum smtp_policy_reply read_chunks(struct span rest, struct buf *file)
{
    struct span line;
    while (cut_line(&rest, &line)) {
        uint64_t size;
        if (!read_hex(span_trim(span_cut(&line, ';')), &size))
            return SMTP_POLICY_REPLY_SYNTAX;
        if (size == 0)
            return SMTP_POLICY_REPLY_OK;
        if (size > SMTP_POLICY_FILE_MAX || !buf_append_span(file, span_first(rest, (size_t)size)))
            return SMTP_POLICY_REPLY_TOO_LONG;
        rest = span_skip(rest, (size_t)size);
        if (rest.length == 0 || span_equals(rest, SPAN("\r")))
            return SMTP_POLICY_REPLY_MORE;
        if (!cut_line(&rest, &line) || line.length > 0)
            return SMTP_POLICY_REPLY_SYNTAX;
    }
    return SMTP_POLICY_REPLY_MORE;
}

static enum smtp_policy_reply read_body(struct span rest, const struct head *head, bool ended,
                                        struct buf *file)
{
    if (head->is_chunked)
        return read_chunks(rest, file);
    if (head->has_length && head->length > SMTP_POLICY_FILE_MAX)
        return SMTP_POLICY_REPLY_TOO_LONG;
    if (head->has_length && rest.length < head->length)
        return SMTP_POLICY_REPLY_MORE;
    if (!buf_append_span(file, head->has_length ? span_first(rest, (size_t)head->length) : rest))
        return SMTP_POLICY_REPLY_TOO_LONG;
    return head->has_length || ended ? SMTP_POLICY_REPLY_OK : SMTP_POLICY_REPLY_MORE;
}

enum smtp_policy_reply smtp_policy_reply_read(struct span bytes, bool ended, struct buf *file)
{
    struct head head;
    struct span rest = bytes;
    buf_clear(file);
    enum smtp_policy_reply reply = read_final_head(&rest, &head);
    size_t head_length = bytes.length - (reply == SMTP_POLICY_REPLY_OK ? rest.length : 0);
    if (reply != SMTP_POLICY_REPLY_SYNTAX && head_length > SMTP_POLICY_HEAD_MAX)
        reply = SMTP_POLICY_REPLY_TOO_LONG;
    else if (reply == SMTP_POLICY_REPLY_OK && head.status != 200)
        reply = SMTP_POLICY_REPLY_REFUSED;
    else if (reply == SMTP_POLICY_REPLY_OK && !head.is_text)
        reply = SMTP_POLICY_REPLY_NO_TEXT;
    else if (reply == SMTP_POLICY_REPLY_OK)
        reply = read_body(rest, &head, ended, file);
    return reply == SMTP_POLICY_REPLY_MORE && ended ? SMTP_POLICY_REPLY_SYNTAX : reply;
}

const char *smtp_policy_reply_name(enum smtp_policy_reply reply)
{
    static const char *const names[] = {
        [SMTP_POLICY_REPLY_OK] = "well",
        [SMTP_POLICY_REPLY_MORE] = "not all there",
        [SMTP_POLICY_REPLY_REFUSED] = "the web server does not give the file",
        [SMTP_POLICY_REPLY_NO_TEXT] = "the file is no plain text",
        [SMTP_POLICY_REPLY_SYNTAX] = "the web server's answer is no HTTP, or cut short",
        [SMTP_POLICY_REPLY_TOO_LONG] = "the file is too large",
    };
    return names[reply];
}
