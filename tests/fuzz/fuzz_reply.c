/* SPDX-License-Identifier: MIT */
/*
 * Replies of a hostile server: pieces do not matter, what comes out is printable and bounded, and what
 * we pass on of it is one line. First octet: the dice.
 */

#include "fuzz.h"
#include "smtp/reply.h"

static void pass_on(const struct smtp_reply *reply)
{
    struct buf out;
    struct span line;

    buf_init(&out, 10000);
    smtp_reply_write(&out, reply->code, reply->subject, reply->detail, span_of(reply->words));
    line = buf_span(&out);
    ALWAYS(line.length >= 5 && line.length <= 512, "RFC 5321 section 4.5.3.1.5");
    ALWAYS(span_equals(span_skip(line, line.length - 2), SPAN("\r\n")), "a line has its end");
    ALWAYS(is_printable(span_first(line, line.length - 2)), "and is printable");
    buf_clear(&out);
}

/* False when the connection would be given up. */
static bool read_piece(struct smtp_reply_reader *r, struct span piece, struct buf *said)
{
    for (;;) {
        struct span text = {0};
        enum smtp_reply_status status = smtp_reply_next(r, &piece, &text);

        switch (status) {
        case SMTP_REPLY_MORE:
            ALWAYS(piece.length == 0, "MORE says that the input is used up");
            return true;
        case SMTP_REPLY_GARBAGE:
            buf_append_text(said, "garbage");
            return false;
        case SMTP_REPLY_LINE:
        case SMTP_REPLY_DONE:
            ALWAYS(text.length <= SMTP_REPLY_LINE_MAX && is_printable(text), "a line's text is printable");
            buf_append_span(said, text);
            buf_append_text(said, "\n");
            if (status == SMTP_REPLY_LINE)
                break;
            ALWAYS(r->reply.code >= 200 && r->reply.code <= 599, "a code is one");
            ALWAYS(r->reply.subject < 0 ||
                       (r->reply.subject <= 999 && r->reply.detail >= 0 && r->reply.detail <= 999),
                   "three digits each (RFC 3463 section 2)");
            ALWAYS(memchr(r->reply.words, '\0', sizeof r->reply.words) != NULL, "words end");
            ALWAYS(is_printable(span_of(r->reply.words)), "and are printable");
            buf_printf(said, "%d %d.%d %s\n", r->reply.code, r->reply.subject,
                       r->reply.subject < 0 ? 0 : r->reply.detail, r->reply.words);
            pass_on(&r->reply);
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint64_t seed = take_octet(&input);
    struct buf first;

    buf_init(&first, SIZE_MAX / 2);
    for (int way = 0; way < FEED_WAYS; way++) {
        struct feed feed = feed_start(input, (enum feed_way)way, seed);
        struct smtp_reply_reader r;
        struct buf said;
        struct span piece;
        bool sound = true;

        smtp_reply_reader_init(&r);
        buf_init(&said, SIZE_MAX / 2);
        while (feed_piece(&feed, &piece))
            sound = sound && read_piece(&r, piece, &said);
        if (way == FEED_WHOLE)
            buf_append_span(&first, buf_span(&said));
        ALWAYS(span_equals(buf_span(&said), buf_span(&first)), "pieces do not matter");
        buf_clear(&said);
        smtp_reply_reader_clear(&r);
    }
    buf_clear(&first);
    return 0;
}
