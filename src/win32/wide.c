/* SPDX-License-Identifier: MIT */
/* UTF-8 and UTF-16. Windows converts; what is ours is where to cut: it is never inside a character. */

#include "wide.h"

#include <stdlib.h>

#include <windows.h>

#define ELLIPSIS 0x2026

/* Of the character at `text`: its first byte and what continues it, whether or not they belong together. */
static int bytes_of_character(const char *text)
{
    int bytes = 1;

    while (bytes < 4 && (text[bytes] & 0xc0) == 0x80)
        bytes++;
    return bytes;
}

size_t wide_copy(const char *text, wchar_t *out, size_t size)
{
    size_t length = 0;
    size_t cut = 0; /* as much of `out` as still leaves room for an ellipsis */

    if (size == 0)
        return 0;
    while (*text) {
        wchar_t units[4];
        int bytes = bytes_of_character(text);
        int count = MultiByteToWideChar(CP_UTF8, 0, text, bytes, units, 4);

        if (length + (size_t)count >= size) {
            length = cut;
            if (length + 1 < size)
                out[length++] = ELLIPSIS;
            break;
        }
        for (int i = 0; i < count; i++)
            out[length++] = units[i];
        if (length + 1 < size)
            cut = length;
        text += bytes;
    }
    out[length] = 0;
    return length;
}

wchar_t *wide_new(const char *text)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0); /* with the 0 */
    size_t lines = 0;
    wchar_t *wide, *from, *to;

    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    if (units == 0 || !(wide = malloc(((size_t)units + lines) * sizeof *wide)))
        return NULL;
    /* Written behind the room for the carriage returns, then moved up between them. */
    from = wide + lines;
    MultiByteToWideChar(CP_UTF8, 0, text, -1, from, units);
    for (to = wide; *from; *to++ = *from++)
        if (*from == '\n')
            *to++ = '\r';
    *to = 0;
    return wide;
}

void wide_append_to(struct buf *out, const wchar_t *text)
{
    while (*text) {
        char bytes[4];
        int units = IS_HIGH_SURROGATE(text[0]) && IS_LOW_SURROGATE(text[1]) ? 2 : 1;
        int count = WideCharToMultiByte(CP_UTF8, 0, text, units, bytes, sizeof bytes, NULL, NULL);

        buf_append(out, bytes, (size_t)count);
        text += units;
    }
}
