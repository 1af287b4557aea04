/* SPDX-License-Identifier: MIT */
/* Reading and writing replies. Everything read is made printable at once, so that no later reader has
 * to think of what a remote server might have slipped in. */

#include "smtp/reply.h"

#include <stdio.h>
#include <string.h>

#define REPLY_OUT_MAX 510 /* RFC 5321 section 4.5.3.1.5: 512 with CRLF */

void smtp_reply_reader_init(struct smtp_reply_reader *r)
{
    *r = (struct smtp_reply_reader){.reply = {.subject = -1}};
    smtp_line_init(&r->line, SMTP_REPLY_LINE_MAX);
}

void smtp_reply_reader_clear(struct smtp_reply_reader *r)
{
    smtp_line_clear(&r->line);
}

bool smtp_reply_begun(const struct smtp_reply_reader *r)
{
    return r->lines > 0 || smtp_line_held(&r->line) > 0 || r->line.skipping;
}

static struct span make_printable(struct span s, char *to)
{
    for (size_t i = 0; i < s.length; i++)
        to[i] = ascii_is_print(s.at[i]) ? s.at[i] : '?';
    to[s.length] = '\0';
    return span_make(to, s.length);
}

/* "5.1.1 " at the front, its class the same as the reply's: taken off (RFC 2034 section 4). */
static void take_enhanced_code(struct smtp_reply *reply, struct span *text)
{
    struct span rest = *text;
    uint64_t class, subject, detail;
    struct span word = span_cut(&rest, ' ');
    if (!span_to_number(span_cut(&word, '.'), 9, &class) || (int)class != reply->code / 100 ||
        !span_to_number(span_cut(&word, '.'), 999, &subject) || !span_to_number(word, 999, &detail))
        return;
    reply->subject = (int)subject;
    reply->detail = (int)detail;
    *text = rest;
}

static void add_words(struct smtp_reply_reader *r, struct span words)
{
    words = span_trim(words);
    if (words.length == 0)
        return;
    size_t room = sizeof r->reply.words - 1 - r->words_length;
    if (r->words_length > 0 && room > 1) {
        r->reply.words[r->words_length++] = ' ';
        room--;
    }
    words = span_first(words, room);
    memcpy(r->reply.words + r->words_length, words.at, words.length);
    r->words_length += words.length;
    r->reply.words[r->words_length] = '\0';
}

/* One line "250-text", "250 text" or "250". False when it is none. */
static bool read_line(struct smtp_reply_reader *r, struct span line, struct span *text, bool *last)
{
    uint64_t code;
    if (!span_to_number(span_first(line, 3), 599, &code) || line.length < 3 || code < 200)
        return false;
    if (line.length > 3 && line.at[3] != ' ' && line.at[3] != '-')
        return false;
    if (r->lines > 0 && (int)code != r->reply.code)
        return false; /* RFC 5321 section 4.2.1: the same code on every line */
    r->reply.code = (int)code;
    *last = line.length == 3 || line.at[3] == ' ';
    *text = make_printable(span_skip(line, 4), r->text);

    struct span words = *text;
    take_enhanced_code(&r->reply, &words);
    add_words(r, words);
    return true;
}

enum smtp_reply_status smtp_reply_next(struct smtp_reply_reader *r, struct span *input, struct span *text)
{
    if (r->lines == 0) {
        r->reply = (struct smtp_reply){.subject = -1};
        r->words_length = 0;
    }
    struct span line;
    switch (smtp_line_next(&r->line, input, &line)) {
    case SMTP_LINE_MORE:
        /* A line that is over the limit is given up here and not at an end that may never come. */
        return r->line.skipping ? SMTP_REPLY_GARBAGE : SMTP_REPLY_MORE;
    case SMTP_LINE_TOO_LONG:
    case SMTP_LINE_NO_MEMORY:
        return SMTP_REPLY_GARBAGE;
    case SMTP_LINE_READY:
        break;
    }
    bool last = false;
    r->first = r->lines == 0;
    if (!read_line(r, line, text, &last) || ++r->lines > SMTP_REPLY_LINES_MAX)
        return SMTP_REPLY_GARBAGE;
    if (!last)
        return SMTP_REPLY_LINE;
    r->lines = 0;
    return SMTP_REPLY_DONE;
}

void smtp_reply_write(struct buf *out, int code, int subject, int detail, struct span text)
{
    char words[REPLY_OUT_MAX + 1];
    int used = 3;
    buf_printf(out, "%03d", code);
    if (subject >= 0) {
        used += snprintf(words, sizeof words, " %d.%d.%d", code / 100, subject, detail);
        buf_append_text(out, words);
    }
    text = make_printable(span_first(text, REPLY_OUT_MAX - 1 - (size_t)used), words);
    if (text.length > 0)
        buf_printf(out, " %s", words);
    buf_append_text(out, "\r\n");
}
