/* SPDX-License-Identifier: MIT */
/*
 * Lines: whatever the pieces, they are those of a plain reading; no line is over the limit, and no
 * more than the limit is held. First octet: the limit. Second: the dice.
 */

#include "fuzz.h"
#include "smtp/line.h"

/* "[line]" for each line, "<long>" for each that is over the limit. */
static void model(struct span input, size_t limit, struct buf *said)
{
    while (span_find(input, '\n') < input.length) {
        struct span line = span_cut(&input, '\n');

        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        buf_append_text(said, line.length > limit ? "<long>" : "[");
        if (line.length <= limit) {
            buf_append_span(said, line);
            buf_append_text(said, "]");
        }
    }
}

static void read_piece(struct smtp_line *l, struct span piece, uint64_t *random, struct buf *said)
{
    for (;;) {
        struct span line = {0};

        switch (smtp_line_next(l, &piece, &line)) {
        case SMTP_LINE_MORE:
            ALWAYS(piece.length == 0, "MORE says that the input is used up");
            ALWAYS(smtp_line_held(l) <= l->limit + 1, "no more than the limit is held");
            return;
        case SMTP_LINE_READY:
            ALWAYS(line.length <= l->limit, "a line is within its limit");
            if (dice(random) % 4 == 0) { /* the owner may want it once more */
                size_t length = line.length;
                struct span again = {0};
                char *copy = exact_copy(line);

                ALWAYS(smtp_line_unread(l, line), "memory");
                ALWAYS(smtp_line_next(l, &piece, &again) == SMTP_LINE_READY, "an unread line comes again");
                ALWAYS(span_equals(again, span_make(copy, length)), "and is the same");
                free(copy);
                line = again;
            }
            buf_append_text(said, "[");
            buf_append_span(said, line);
            buf_append_text(said, "]");
            break;
        case SMTP_LINE_TOO_LONG:
            buf_append_text(said, "<long>");
            break;
        case SMTP_LINE_NO_MEMORY:
            ALWAYS(false, "memory");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    size_t limit = take_octet(&input);
    uint64_t seed = take_octet(&input);
    struct buf expected;

    buf_init(&expected, SIZE_MAX / 2);
    model(input, limit, &expected);
    for (int way = 0; way < FEED_WAYS; way++) {
        struct feed feed = feed_start(input, (enum feed_way)way, seed);
        struct smtp_line l;
        struct buf said;
        struct span piece;
        uint64_t random = seed;

        smtp_line_init(&l, limit);
        buf_init(&said, SIZE_MAX / 2);
        while (feed_piece(&feed, &piece))
            read_piece(&l, piece, &random, &said);
        ALWAYS(span_equals(buf_span(&said), buf_span(&expected)), "the lines are those of a plain reading");
        buf_clear(&said);
        smtp_line_clear(&l);
    }
    buf_clear(&expected);
    return 0;
}
