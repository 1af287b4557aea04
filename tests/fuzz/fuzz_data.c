/* SPDX-License-Identifier: MIT */
/*
 * Content in and out. Inwards: pieces do not matter, the end is the first real CRLF.CRLF, and what
 * comes out has whole lines only. Outwards: the wire has exactly one end of data, its own, and the next
 * server reads the same content. First octet: DATA or BDAT. Second: the dice.
 */

#include "fuzz.h"
#include "smtp/data.h"

/* Where the first CRLF.CRLF ends, counted from the front; a CRLF is thought before the first octet. */
static size_t end_of_data(struct span in)
{
    if (span_starts_nocase(in, SPAN(".\r\n")))
        return 3;
    for (size_t i = 0; i + 5 <= in.length; i++)
        if (memcmp(in.at + i, "\r\n.\r\n", 5) == 0)
            return i + 5;
    return 0;
}

/* True when the end was found; *input then stands behind it. */
static bool decode(struct smtp_data_decoder *d, struct span *input, struct buf *content)
{
    for (;;) {
        struct span piece = {0};

        switch (smtp_data_decode(d, input, &piece)) {
        case SMTP_DATA_MORE:
            ALWAYS(input->length == 0, "MORE says that the input is used up");
            return false;
        case SMTP_DATA_PIECE:
            ALWAYS(piece.length > 0 && lines_are_whole(piece), "a piece never splits a CRLF");
            buf_append_span(content, piece);
            break;
        case SMTP_DATA_END:
            return true;
        }
    }
}

static void encode(struct span content, enum feed_way way, uint64_t seed, struct buf *wire)
{
    struct feed feed = feed_start(content, way, seed);
    struct smtp_data_encoder e;
    struct span piece;

    feed.whole_crlf = true;
    smtp_data_encoder_init(&e);
    while (feed_piece(&feed, &piece))
        smtp_data_encode(&e, piece, wire);
    smtp_data_encode_end(&e, wire);
}

static void check_way_out(struct span content, uint64_t seed)
{
    struct buf wire, other, again;
    struct smtp_data_decoder d;
    struct span rest;

    buf_init(&wire, SIZE_MAX / 2);
    buf_init(&other, SIZE_MAX / 2);
    buf_init(&again, SIZE_MAX / 2);
    encode(content, FEED_WHOLE, seed, &wire);
    encode(content, FEED_CUTS, seed, &other);
    ALWAYS(span_equals(buf_span(&wire), buf_span(&other)), "pieces do not matter on the way out");
    ALWAYS(lines_are_whole(buf_span(&wire)), "no bare CR or LF goes out");
    ALWAYS(end_of_data(buf_span(&wire)) == buf_span(&wire).length, "one end of data, and it is the end");
    for (size_t i = 0; i < wire.length - 3; i++) {
        const char *at = buf_span(&wire).at + i;

        ALWAYS(at[0] != '.' || (i > 0 && at[-1] != '\n') || at[1] == '.', "a line's first dot is doubled");
        if (at[0] == '.' && (i == 0 || at[-1] == '\n'))
            i++;
    }
    smtp_data_decoder_init(&d, true);
    rest = buf_span(&wire);
    ALWAYS(decode(&d, &rest, &again) && rest.length == 0, "the next server finds the same end");
    if (content.length > 0 && content.at[content.length - 1] != '\n')
        ALWAYS(span_equals(buf_span(&again), content) ||
                   (again.length == content.length + 2 &&
                    span_equals(span_first(buf_span(&again), content.length), content)),
               "the same content, with its last line end");
    else
        ALWAYS(span_equals(buf_span(&again), content), "the same content");
    buf_clear(&wire);
    buf_clear(&other);
    buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    bool dots = take_octet(&input) % 2 == 0;
    uint64_t seed = take_octet(&input);
    size_t end = dots ? end_of_data(input) : 0;
    struct buf first;

    buf_init(&first, SIZE_MAX / 2);
    for (int way = 0; way < FEED_WAYS; way++) {
        struct feed feed = feed_start(input, (enum feed_way)way, seed);
        struct smtp_data_decoder d;
        struct buf content;
        struct span piece;
        bool ended = false;
        size_t left = 0;

        smtp_data_decoder_init(&d, dots);
        buf_init(&content, SIZE_MAX / 2);
        while (feed_piece(&feed, &piece)) {
            if (!ended)
                ended = decode(&d, &piece, &content);
            left += piece.length;
        }
        if (!dots)
            buf_append_span(&content, smtp_data_decode_end(&d));
        ALWAYS(ended == (end > 0), "the end is the first CRLF.CRLF");
        ALWAYS(!ended || input.length - left == end, "and nothing else");
        ALWAYS(lines_are_whole(buf_span(&content)), "content has whole lines");
        ALWAYS(d.nul_seen == (memchr(buf_span(&content).at, '\0', content.length) != NULL),
               "NUL is reported");
        if (way == FEED_WHOLE)
            buf_append_span(&first, buf_span(&content));
        ALWAYS(span_equals(buf_span(&content), buf_span(&first)), "pieces do not matter on the way in");
        buf_clear(&content);
    }
    check_way_out(buf_span(&first), seed);
    buf_clear(&first);
    return 0;
}
