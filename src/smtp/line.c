/* SPDX-License-Identifier: MIT */
/* Lines with a limit. The common case, a whole line in the input, is a view; only a line that comes
 * in parts is gathered in `partial`. */

#include "smtp/line.h"

void smtp_line_init(struct smtp_line *l, size_t limit)
{
    *l = (struct smtp_line){.limit = limit};
    buf_init(&l->partial, SIZE_MAX / 2);
}

void smtp_line_clear(struct smtp_line *l)
{
    buf_clear(&l->partial);
}

static struct span without_cr(struct span line)
{
    if (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

/* `limit` is for the line without its end: a CR may stand behind it. */
static bool over_limit(const struct smtp_line *l, struct span more)
{
    size_t length = l->partial.length + more.length;
    struct span end = more.length > 0 ? more : buf_span(&l->partial);
    bool cr = end.length > 0 && end.at[end.length - 1] == '\r';
    return length > l->limit + (cr ? 1 : 0);
}

enum smtp_line_status smtp_line_next(struct smtp_line *l, struct span *input, struct span *line)
{
    if (l->again) {
        l->again = false;
        l->given = true;
        *line = buf_span(&l->partial);
        return SMTP_LINE_READY;
    }
    if (l->given) {
        l->given = false;
        buf_consume(&l->partial, l->partial.length);
    }

    size_t index = span_find(*input, '\n');
    bool complete = index < input->length;
    struct span part = span_first(*input, index);
    *input = span_skip(*input, index + 1);
    l->ended += complete;

    if (l->skipping || over_limit(l, part)) {
        buf_clear(&l->partial);
        l->skipping = !complete;
        return complete ? SMTP_LINE_TOO_LONG : SMTP_LINE_MORE;
    }
    if (complete && l->partial.length == 0) {
        *line = without_cr(part);
        return SMTP_LINE_READY;
    }
    if (!buf_append_span(&l->partial, part))
        return SMTP_LINE_NO_MEMORY;
    if (!complete)
        return SMTP_LINE_MORE;
    *line = without_cr(buf_span(&l->partial));
    l->given = true;
    return SMTP_LINE_READY;
}

bool smtp_line_unread(struct smtp_line *l, struct span line)
{
    if (l->given) { /* it lies in `partial`, perhaps with its CR behind it */
        l->partial.length = line.length;
    } else if (!buf_append_span(&l->partial, line)) {
        return false;
    }
    l->given = false;
    l->again = true;
    return true;
}

size_t smtp_line_held(const struct smtp_line *l)
{
    return l->given ? 0 : l->partial.length;
}

uint64_t smtp_line_begun(const struct smtp_line *l)
{
    bool begun = l->skipping || (smtp_line_held(l) > 0 && !l->again);
    return begun ? l->ended + 1 : 0;
}
