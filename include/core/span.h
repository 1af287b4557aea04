/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_SPAN_H
#define TRAYPOST_CORE_SPAN_H

/*
 * A view of bytes that somebody else owns: pointer and length, never NUL-terminated.
 * A span lives no longer than what it points into. All comparisons are ASCII only;
 * the C locale is never asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *at;
    size_t length;
};

/* clang-format off */
/* A span over a string literal: SPAN("MAIL") in expressions, SPAN_INIT("MAIL") in initialisers. */
#define SPAN_INIT(literal) {("" literal), sizeof(literal) - 1}
#define SPAN(literal) ((struct span)SPAN_INIT(literal))
/* clang-format on */

static inline struct span span_make(const char *at, size_t length)
{
    return (struct span){at, length};
}

/* Over a NUL-terminated string; NULL gives the empty span. */
struct span span_of(const char *text);

/* The first `count` bytes, and all but the first `count` bytes; both clamp to the length. */
struct span span_first(struct span s, size_t count);
struct span span_skip(struct span s, size_t count);

/* Without spaces and tabs at both ends. */
struct span span_trim(struct span s);

bool span_equals(struct span a, struct span b);
bool span_equals_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);

/* Index of the first `byte`, or s.length if there is none. */
size_t span_find(struct span s, char byte);

/* Cuts `*rest` at the first `byte`: returns what stood before it, leaves in `*rest` what
 * follows it (empty if there was none). */
struct span span_cut(struct span *rest, char byte);

/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
bool span_is_utf8(struct span s);

/* No octet above 127. */
bool span_is_ascii(struct span s);

/* Decimal digits only, at least one, value <= limit. False, and *value untouched, otherwise. */
bool span_to_number(struct span s, uint64_t limit, uint64_t *value);

/* Copies into a caller's array, always NUL-terminated; false if it had to be cut short. */
bool span_copy(struct span s, char *to, size_t size);

/* clang-format off */
static inline bool ascii_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool ascii_is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline bool ascii_is_alnum(char c) { return ascii_is_digit(c) || ascii_is_alpha(c); }
static inline bool ascii_is_print(char c) { return c >= ' ' && c <= '~'; }
static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }
/* clang-format on */

#endif
