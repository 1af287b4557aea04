/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_BUF_H
#define TRAYPOST_CORE_BUF_H

/*
 * A growing byte buffer, born with its ceiling: appended at the end, consumed from the front.
 * A failed append (ceiling, no memory) is sticky: the buffer then refuses all further bytes, so
 * whoever fills it may check `failed` once, at the end, and never sends half of a line.
 */

#include "core/span.h"

struct buf {
    char *bytes;
    size_t start;  /* consumed so far */
    size_t length; /* waiting, from start */
    size_t capacity;
    size_t ceiling; /* `length` never exceeds this */
    bool failed;
};

/* No allocation happens before the first byte. */
void buf_init(struct buf *b, size_t ceiling);

/* Releases the memory and forgets a failure; the buffer may be used again. */
void buf_clear(struct buf *b);

/* All of it or nothing. False (and `failed`) when that is not possible. */
bool buf_append(struct buf *b, const void *bytes, size_t length);
bool buf_append_span(struct buf *b, struct span s);
bool buf_append_text(struct buf *b, const char *text);
__attribute__((format(__printf__, 2, 3))) bool buf_printf(struct buf *b, const char *format, ...);

/* Drops `count` bytes (<= length) from the front; an emptied buffer rewinds. */
void buf_consume(struct buf *b, size_t count);

/* Gives the memory of an empty buffer back if it has grown beyond `keep` octets. */
void buf_shrink(struct buf *b, size_t keep);

/* What is waiting; valid until the next append or clear. */
struct span buf_span(const struct buf *b);

/* Appends a NUL that is not counted and returns the contents as a string; NULL on failure. */
const char *buf_text(struct buf *b);

#endif
