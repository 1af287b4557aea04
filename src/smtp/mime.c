/* SPDX-License-Identifier: MIT */
/* Fields and text of our own mails. */

#include "smtp/mime.h"

#include <stdio.h>
#include <string.h>

#define WORD_OCTETS                                                                                          \
    39 /* in one encoded word: 52 letters of base64; with "=?UTF-8?B?" and "?=" 64 of the 75 */

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* ---------------------------------------------------------------- fields */

/* The length of the value's next word, and that of the white space in front of it. */
static size_t next_word(struct span value, size_t *blanks)
{
    size_t at = 0;
    while (at < value.length && (value.at[at] == ' ' || value.at[at] == '\t'))
        at++;
    *blanks = at;
    while (at < value.length && value.at[at] != ' ' && value.at[at] != '\t')
        at++;
    return at - *blanks;
}

static void put_octets(struct buf *out, struct span word, bool utf8)
{
    for (size_t i = 0; i < word.length; i++) {
        bool may_stand = ascii_is_print(word.at[i]) || (utf8 && (unsigned char)word.at[i] >= 128);
        buf_append(out, may_stand ? &word.at[i] : "?", 1);
    }
}

void smtp_mime_field(struct buf *out, const char *name, struct span value, bool utf8)
{
    size_t column = strlen(name) + 1, blanks;
    bool first = true;
    utf8 = utf8 && span_is_utf8(value);
    buf_printf(out, "%s:", name);
    for (size_t length; (length = next_word(value, &blanks)) > 0; first = false) {
        struct span word = span_first(span_skip(value, blanks), length);
        bool as_it_is = !first && blanks < SMTP_MIME_LINE_WISH; /* "a  b"@x is another address than "a b"@x */
        struct span gap = as_it_is ? span_first(value, blanks) : SPAN(" ");
        value = span_skip(value, blanks + length);
        if (!first && column + gap.length + length > SMTP_MIME_LINE_WISH) {
            buf_append_text(out, "\r\n");
            column = 0;
        }
        buf_append_span(out, gap);
        column += gap.length;
        while (column + word.length >
               SMTP_MIME_LINE_MAX) { /* no blank anywhere: cut it, not to be cut elsewhere */
            size_t fits = SMTP_MIME_LINE_MAX - column;
            while (fits > 1 && continues_character(word.at[fits]))
                fits--;
            put_octets(out, span_first(word, fits), utf8);
            buf_append_text(out, "\r\n ");
            column = 1;
            word = span_skip(word, fits);
        }
        put_octets(out, word, utf8);
        column += word.length;
    }
    buf_append_text(out, "\r\n");
}

/* ---------------------------------------------------------------- encoded words */

static void put_base64(struct buf *out, struct span octets)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < octets.length; i += 3) {
        size_t left = octets.length - i;
        uint32_t group = (uint32_t)(unsigned char)octets.at[i] << 16;
        if (left > 1)
            group |= (uint32_t)(unsigned char)octets.at[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)octets.at[i + 2];
        char four[] = {letters[group >> 18], letters[group >> 12 & 63],
                       left > 1 ? letters[group >> 6 & 63] : '=', left > 2 ? letters[group & 63] : '='};
        buf_append(out, four, sizeof four);
    }
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] >= 128)
            return false;
    return true;
}

void smtp_mime_words(struct buf *out, const char *name, struct span text)
{
    text = span_trim(text);
    if (is_ascii(text) || !span_is_utf8(text)) {
        smtp_mime_field(out, name, text, false);
        return;
    }
    buf_printf(out, "%s:", name);
    for (bool first = true; text.length > 0; first = false) {
        char piece[WORD_OCTETS];
        size_t length = text.length < sizeof piece ? text.length : sizeof piece;
        while (length < text.length && continues_character(text.at[length]))
            length--; /* a character stays within its word (RFC 2047 section 5) */
        for (size_t i = 0; i < length; i++) {
            bool is_control = (unsigned char)text.at[i] < ' ' || text.at[i] == 127;
            piece[i] = is_control ? '?' : text.at[i];
        }
        buf_append_text(out, first ? " =?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put_base64(out, span_make(piece, length));
        buf_append_text(out, "?=");
        text = span_skip(text, length);
    }
    buf_append_text(out, "\r\n");
}

/* ---------------------------------------------------------------- quoted-printable */

#define QUOTED_LINE_MAX 76 /* RFC 2045 section 6.7 (5), with the "=" of a soft line break */

/* At the start of a line these would be doubled, altered or taken for something else by somebody on the way. */
static bool is_risky_start(struct span rest)
{
    return rest.at[0] == '.' || rest.at[0] == '-' || span_starts_nocase(rest, SPAN("From "));
}

static bool stands_for_itself(struct span rest, size_t column)
{
    char c = rest.at[0];
    if (c == ' ' || c == '\t')
        return rest.length > 1; /* not at the end of the line */
    return c > ' ' && c <= '~' && c != '=' && !(column == 0 && is_risky_start(rest));
}

static void quote_line(struct buf *out, struct span line)
{
    size_t column = 0;
    for (; line.length > 0; line = span_skip(line, 1)) {
        size_t width = stands_for_itself(line, column) ? 1 : 3;
        bool last = line.length == 1;
        if (column + width > QUOTED_LINE_MAX - (last ? 0 : 1)) {
            buf_append_text(out, "=\r\n");
            column = 0;
            width = stands_for_itself(line, column) ? 1 : 3;
        }
        if (width == 1)
            buf_append(out, line.at, 1);
        else
            buf_printf(out, "=%02X", (unsigned)(unsigned char)line.at[0]);
        column += width;
    }
    buf_append_text(out, "\r\n");
}

void smtp_mime_quoted_printable(struct buf *out, struct span text)
{
    while (text.length > 0) {
        struct span line = span_cut(&text, '\n');
        bool has_cr = line.length > 0 && line.at[line.length - 1] == '\r';
        quote_line(out, has_cr ? span_first(line, line.length - 1) : line);
    }
}
