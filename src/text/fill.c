/* SPDX-License-Identifier: MIT */
#include "fill.h"

#include "text.h"

/* One character of UTF-8 (RFC 3629) from the front of `s`: its length, or 0 if there is none. */
static size_t decode(struct span s, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t)s.at[0];
    size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    uint32_t c = length == 1 ? lead : lead & (0x7fU >> length);

    if (length == 0 || length > s.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (((uint8_t)s.at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)s.at[i] & 0x3f);
    }
    if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return length;
}

/* Controls, line separators, and what reorders or hides text (Unicode's Bidi_Control and zero width). */
static bool may_be_shown(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return false;
    return true;
}

static void append_value(struct buf *out, struct span s)
{
    while (s.length > 0) {
        uint32_t c;
        size_t length = decode(s, &c);

        if (length > 0 && may_be_shown(c))
            buf_append(out, s.at, length);
        else
            buf_append_text(out, "?");
        s = span_skip(s, length > 0 ? length : 1);
    }
}

/* One stretch of a sentence, without brackets. */
static bool fill_part(struct span text, text_find_fn *find, const void *facts, struct buf *out)
{
    bool complete = true;

    while (text.length > 0) {
        size_t brace = span_find(text, '{');
        struct span name;
        struct text_filling value = {.span = span_of("")};

        if (out)
            buf_append_span(out, span_first(text, brace));
        if (brace == text.length)
            break;
        text = span_skip(text, brace + 1);
        name = span_cut(&text, '}');
        find(facts, name, &value);
        if (value.made[0])
            value.span = span_of(value.made);
        if (value.span.length == 0)
            complete = false;
        if (out)
            append_value(out, value.span);
    }
    return complete;
}

bool text_fill(const char *sentence, text_find_fn *find, const void *facts, struct buf *out)
{
    struct span rest = span_of(sentence);
    bool complete = true;

    while (rest.length > 0) {
        struct span outside = span_cut(&rest, '[');
        struct span inside = span_cut(&rest, ']');

        if (!fill_part(outside, find, facts, out))
            complete = false;
        if (out && fill_part(inside, find, facts, NULL))
            fill_part(inside, find, facts, out);
    }
    return complete;
}

size_t text_utf16_units(const char *text)
{
    struct span s = span_of(text);
    size_t units = 0;

    while (s.length > 0) {
        uint32_t c = 0;
        size_t length = decode(s, &c);

        units += c > 0xffff ? 2 : 1; /* a byte that is no UTF-8 becomes one U+FFFD */
        s = span_skip(s, length > 0 ? length : 1);
    }
    return units;
}
