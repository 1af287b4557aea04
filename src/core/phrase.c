/* SPDX-License-Identifier: MIT */
/* Phrases in a stranger's words. A star takes as little as it can, which is all that is needed when nothing is
 * anchored at the end: there is no going back, and the time is bounded by length times length. */

#include "core/phrase.h"

#include <string.h>

/* What may stand around an address in a reply, and never within one. */
static bool ends_token(char c)
{
    return memchr(" \t<>()[]{}\"',;:", c, 15) != NULL;
}

static size_t token_length(struct span s)
{
    size_t length = 0;
    while (length < s.length && !ends_token(s.at[length]))
        length++;
    return length;
}

void phrase_prepare(struct phrase_text *prepared, struct span words)
{
    size_t used = 0;
    words = span_trim(words);
    prepared->text[used++] = ' ';
    while (words.length > 0 && used < PHRASE_TEXT_MAX - 1) {
        size_t length = token_length(words);
        struct span token = span_first(words, length);
        if (length > 0 && span_find(token, '@') < length) {
            prepared->text[used++] = '@';
        } else if (length > 0) {
            for (size_t i = 0; i < length && used < PHRASE_TEXT_MAX - 1; i++)
                prepared->text[used++] = token.at[i] ? ascii_lower(token.at[i]) : '?';
        } else {
            char c = words.at[0] == '\t' ? ' ' : words.at[0];
            length = 1;
            if (c != ' ' || prepared->text[used - 1] != ' ')
                prepared->text[used++] = c;
        }
        words = span_skip(words, length);
    }
    prepared->text[used++] = ' ';
    prepared->text[used] = '\0';
}

/* The first place of `piece` in `text`, or NULL. */
static const char *find(const char *text, struct span piece)
{
    for (size_t left = strlen(text); left >= piece.length; text++, left--)
        if (memcmp(text, piece.at, piece.length) == 0)
            return text;
    return NULL;
}

bool phrase_found(const struct phrase_text *prepared, const char *phrases)
{
    struct span rest = span_of(phrases);
    while (rest.length > 0) {
        struct span phrase = span_cut(&rest, '|');
        const char *at = phrase.length > 0 ? prepared->text : NULL;
        while (at && phrase.length > 0) {
            struct span piece = span_cut(&phrase, '*');
            at = find(at, piece);
            if (at)
                at += piece.length;
        }
        if (at)
            return true;
    }
    return false;
}
