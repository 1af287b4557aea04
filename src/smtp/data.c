/* SPDX-License-Identifier: MIT */
/*
 * The decoder hands out views of its input as long as nothing has to be changed, which for ordinary
 * mail is all of it. It stops for three things only: a dot at the start of a wire line, a bare CR, a
 * bare LF. "Wire line start" is reached by a real CRLF and by nothing else.
 */

#include "smtp/data.h"

#include <string.h>

/* How far a line end is looked for at once: bounds the work per octet when every octet is a line end. */
#define LOOK_AHEAD 4096

static const struct span crlf = SPAN_INIT("\r\n");

void smtp_data_decoder_init(struct smtp_data_decoder *d, bool dots)
{
    *d = (struct smtp_data_decoder){.state = SMTP_DATA_LINE_START, .dots = dots};
}

static enum smtp_data_status give(struct smtp_data_decoder *d, enum smtp_data_state next, struct span given,
                                  struct span *piece)
{
    d->state = next;
    *piece = given;
    return SMTP_DATA_PIECE;
}

/*
 * The run of input that is content as it stands: up to a bare CR or LF, a CR whose successor has not
 * come yet, or a line that starts with a dot. May be empty. Sets the state behind it.
 */
static struct span take_run(struct smtp_data_decoder *d, struct span *input)
{
    struct span rest = *input;
    d->state = SMTP_DATA_IN_LINE;
    while (rest.length > 0) {
        struct span near = span_first(rest, LOOK_AHEAD);
        size_t end = span_find(span_first(near, span_find(near, '\n')), '\r');
        if (end == near.length) { /* a long line */
            rest = span_skip(rest, end);
            continue;
        }
        bool proper = rest.at[end] == '\r' && end + 1 < rest.length && rest.at[end + 1] == '\n';
        if (!proper) {
            rest = span_skip(rest, end);
            break;
        }
        rest = span_skip(rest, end + crlf.length);
        if (rest.length == 0 || (d->dots && rest.at[0] == '.')) {
            d->state = SMTP_DATA_LINE_START;
            break;
        }
    }
    struct span run = span_first(*input, input->length - rest.length);
    if (span_find(run, '\0') < run.length)
        d->nul_seen = true;
    *input = rest;
    return run;
}

static enum smtp_data_status decode_line(struct smtp_data_decoder *d, struct span *input, struct span *piece)
{
    struct span run = take_run(d, input);
    if (run.length > 0)
        return give(d, d->state, run, piece);
    /* Here stands a bare LF, a bare CR, or a CR at the very end of the input. */
    bool lone_cr_at_end = input->at[0] == '\r' && input->length == 1;
    *input = span_skip(*input, 1);
    if (lone_cr_at_end) {
        d->state = SMTP_DATA_CR;
        return SMTP_DATA_MORE;
    }
    return give(d, SMTP_DATA_IN_LINE, crlf, piece);
}

enum smtp_data_status smtp_data_decode(struct smtp_data_decoder *d, struct span *input, struct span *piece)
{
    while (input->length > 0) {
        char c = input->at[0];
        switch (d->state) {
        case SMTP_DATA_LINE_START:
            if (!d->dots || c != '.')
                return decode_line(d, input, piece);
            *input = span_skip(*input, 1);
            d->state = SMTP_DATA_LINE_START_DOT;
            break;
        case SMTP_DATA_LINE_START_DOT: /* the dot is dropped, whatever follows */
            if (c == '\r')
                *input = span_skip(*input, 1);
            d->state = c == '\r' ? SMTP_DATA_LINE_START_DOT_CR : SMTP_DATA_IN_LINE;
            break;
        case SMTP_DATA_LINE_START_DOT_CR:
            if (c != '\n')
                return give(d, SMTP_DATA_IN_LINE, crlf, piece);
            *input = span_skip(*input, 1);
            return SMTP_DATA_END;
        case SMTP_DATA_CR:
            if (c != '\n')
                return give(d, SMTP_DATA_IN_LINE, crlf, piece);
            *input = span_skip(*input, 1);
            return give(d, SMTP_DATA_LINE_START, crlf, piece);
        case SMTP_DATA_IN_LINE:
            return decode_line(d, input, piece);
        }
    }
    return SMTP_DATA_MORE;
}

struct span smtp_data_decode_end(struct smtp_data_decoder *d)
{
    bool owes = d->state == SMTP_DATA_CR;
    d->state = SMTP_DATA_LINE_START;
    return owes ? crlf : span_make("", 0);
}

void smtp_data_encoder_init(struct smtp_data_encoder *e)
{
    e->in_line = false;
}

void smtp_data_encode(struct smtp_data_encoder *e, struct span content, struct buf *out)
{
    while (content.length > 0) {
        if (!e->in_line && content.at[0] == '.')
            buf_append(out, ".", 1);
        /* As far as no line starts with a dot, one copy. */
        size_t end = 0;
        do {
            end += span_find(span_skip(content, end), '\n') + 1;
        } while (end < content.length && content.at[end] != '.');
        if (end > content.length)
            end = content.length;
        buf_append(out, content.at, end);
        e->in_line = content.at[end - 1] != '\n';
        content = span_skip(content, end);
    }
}

void smtp_data_encode_end(struct smtp_data_encoder *e, struct buf *out)
{
    buf_append_text(out, e->in_line ? "\r\n.\r\n" : ".\r\n");
    e->in_line = false;
}
