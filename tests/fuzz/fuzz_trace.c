/* SPDX-License-Identifier: MIT */
/*
 * The walk along the header section: pieces do not matter; what comes out is the content as it was,
 * with our lines between, each at most once and at the start of a line. First octet: the dice.
 */

#include "fuzz.h"
#include "smtp/data.h"
#include "smtp/trace.h"

static const char received[] = "Received: by localhost; now\r\n";
static const char date[] = "Date: now\r\n";
static const char message_id[] = "Message-ID: <1@localhost>\r\n";

struct walk {
    struct buf all;    /* all that came out */
    struct buf theirs; /* without our three lines */
    unsigned inserted[3];
};

/* `before` is the walk as it was before it gave this piece. */
static void note(struct walk *w, struct span piece, const struct smtp_trace *before)
{
    const char *const ours[] = {received, date, message_id};
    bool is_ours = false;

    ALWAYS(piece.length > 0, "a piece has something in it");
    for (size_t i = 0; i < COUNT(ours); i++) {
        if (piece.at == ours[i]) {
            ALWAYS(piece.length == strlen(ours[i]), "our lines are whole");
            ALWAYS(w->all.length == 0 || buf_span(&w->all).at[w->all.length - 1] == '\n',
                   "at the start of a line");
            w->inserted[i]++;
            is_ours = true;
        }
    }
    ALWAYS(!(piece.at == date && before->has_date), "one Date: is enough");
    ALWAYS(!(piece.at == message_id && before->has_message_id), "one Message-ID: is enough");
    buf_append_span(&w->all, piece);
    if (!is_ours)
        buf_append_span(&w->theirs, piece);
}

static void check_walk(const struct walk *w, const struct smtp_trace *t, struct span content)
{
    struct span theirs = buf_span(&w->theirs);

    ALWAYS(w->inserted[0] == 1 && span_starts_nocase(buf_span(&w->all), span_of(received)),
           "Received: is on top");
    ALWAYS(w->inserted[1] <= 1 && w->inserted[2] <= 1, "each at most once");
    ALWAYS(w->inserted[1] == 1 || t->has_date, "a Date: there is");
    ALWAYS(w->inserted[2] == 1 || t->has_message_id, "a Message-ID: there is");
    ALWAYS(lines_are_whole(buf_span(&w->all)), "lines stay whole");
    /* At most two octet pairs are ours: the end of the last header line and the empty line owed. */
    ALWAYS(theirs.length >= content.length && theirs.length <= content.length + 4, "nothing is lost");
    for (size_t i = 0, k = 0; i < theirs.length; i++) {
        if (k < content.length && theirs.at[i] == content.at[k])
            k++;
        else
            ALWAYS(theirs.at[i] == '\r' || theirs.at[i] == '\n', "only line ends are added");
        ALWAYS(i + 1 < theirs.length || k == content.length, "and all is there, in order");
    }
    ALWAYS(smtp_trace_loops(t) == (t->hops > SMTP_TRACE_HOPS_MAX), "many hops are a loop");
}

/* Content as the decoder gives it: whole lines. */
static void make_content(struct span input, struct buf *content)
{
    struct smtp_data_decoder d;
    struct span piece;

    smtp_data_decoder_init(&d, false);
    while (smtp_data_decode(&d, &input, &piece) == SMTP_DATA_PIECE)
        buf_append_span(content, piece);
    buf_append_span(content, smtp_data_decode_end(&d));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint64_t seed = take_octet(&input);
    struct buf content, first;

    buf_init(&content, SIZE_MAX / 2);
    buf_init(&first, SIZE_MAX / 2);
    make_content(input, &content);
    for (int way = 0; way < FEED_WAYS; way++) {
        struct feed feed = feed_start(buf_span(&content), (enum feed_way)way, seed);
        struct smtp_trace t;
        struct walk w = {.inserted = {0}};
        struct span piece, part;

        feed.whole_crlf = true;
        buf_init(&w.all, SIZE_MAX / 2);
        buf_init(&w.theirs, SIZE_MAX / 2);
        smtp_trace_init(&t, received, date, message_id);
        while (feed_piece(&feed, &part)) {
            for (struct smtp_trace before = t; smtp_trace_next(&t, &part, &piece); before = t)
                note(&w, piece, &before);
            ALWAYS(part.length == 0, "false says that the content is used up");
        }
        for (struct smtp_trace before = t; smtp_trace_end(&t, &piece); before = t)
            note(&w, piece, &before);
        check_walk(&w, &t, buf_span(&content));
        if (way == FEED_WHOLE)
            buf_append_span(&first, buf_span(&w.all));
        ALWAYS(span_equals(buf_span(&w.all), buf_span(&first)), "pieces do not matter");
        buf_clear(&w.all);
        buf_clear(&w.theirs);
    }
    buf_clear(&content);
    buf_clear(&first);
    return 0;
}
