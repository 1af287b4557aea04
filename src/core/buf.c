/* SPDX-License-Identifier: MIT */
/* The growing buffer. It doubles, never beyond its ceiling, and slides its contents to the front
 * before it grows, so that a buffer that is filled and drained all day stays small. */

#include "core/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_CAPACITY 256

void buf_init(struct buf *b, size_t ceiling)
{
    *b = (struct buf){.ceiling = ceiling};
}

void buf_clear(struct buf *b)
{
    free(b->bytes);
    buf_init(b, b->ceiling);
}

/* Room for `length` more behind what is waiting, plus one octet for buf_text()'s NUL. */
static bool make_room(struct buf *b, size_t length)
{
    if (b->failed || length > b->ceiling - b->length) {
        b->failed = true;
        return false;
    }
    size_t wanted = b->length + length + 1;
    if (b->start + wanted <= b->capacity)
        return true;
    if (b->start > 0 && b->length > 0)
        memmove(b->bytes, b->bytes + b->start, b->length);
    b->start = 0;
    if (wanted <= b->capacity)
        return true;
    size_t capacity = b->capacity ? b->capacity : BUF_FIRST_CAPACITY;
    while (capacity < wanted)
        capacity *= 2;
    char *bytes = realloc(b->bytes, capacity);
    if (!bytes) {
        b->failed = true;
        return false;
    }
    b->bytes = bytes;
    b->capacity = capacity;
    return true;
}

bool buf_append(struct buf *b, const void *bytes, size_t length)
{
    if (!make_room(b, length))
        return false;
    if (length > 0)
        memcpy(b->bytes + b->start + b->length, bytes, length);
    b->length += length;
    return true;
}

bool buf_append_span(struct buf *b, struct span s)
{
    return buf_append(b, s.at, s.length);
}

bool buf_append_text(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

bool buf_printf(struct buf *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !make_room(b, (size_t)length)) {
        b->failed = true;
        return false;
    }
    va_start(arguments, format);
    vsnprintf(b->bytes + b->start + b->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    b->length += (size_t)length;
    return true;
}

void buf_consume(struct buf *b, size_t count)
{
    assert(count <= b->length);
    b->start += count;
    b->length -= count;
    if (b->length == 0)
        b->start = 0;
}

void buf_shrink(struct buf *b, size_t keep)
{
    if (b->length > 0 || b->capacity <= keep)
        return;
    free(b->bytes);
    b->bytes = NULL;
    b->start = b->capacity = 0;
}

struct span buf_span(const struct buf *b)
{
    return b->length > 0 ? span_make(b->bytes + b->start, b->length) : span_make("", 0);
}

const char *buf_text(struct buf *b)
{
    if (!make_room(b, 0))
        return NULL;
    b->bytes[b->start + b->length] = '\0';
    return b->bytes + b->start;
}
