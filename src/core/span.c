/* SPDX-License-Identifier: MIT */
/* Views of bytes: cutting, trimming, comparing. Nothing here allocates, and nothing asks the locale. */

#include "core/span.h"

#include <string.h>

struct span span_of(const char *text)
{
    return text ? span_make(text, strlen(text)) : span_make("", 0);
}

struct span span_first(struct span s, size_t count)
{
    return span_make(s.at, count < s.length ? count : s.length);
}

struct span span_skip(struct span s, size_t count)
{
    if (count > s.length)
        count = s.length;
    return s.at ? span_make(s.at + count, s.length - count) : s;
}

struct span span_trim(struct span s)
{
    while (s.length > 0 && (s.at[0] == ' ' || s.at[0] == '\t'))
        s = span_make(s.at + 1, s.length - 1);
    while (s.length > 0 && (s.at[s.length - 1] == ' ' || s.at[s.length - 1] == '\t'))
        s.length--;
    return s;
}

bool span_equals(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool span_equals_nocase(struct span a, struct span b)
{
    return a.length == b.length && span_starts_nocase(a, b);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
    if (s.length < prefix.length)
        return false;
    for (size_t i = 0; i < prefix.length; i++)
        if (ascii_lower(s.at[i]) != ascii_lower(prefix.at[i]))
            return false;
    return true;
}

size_t span_find(struct span s, char byte)
{
    const char *found = s.length > 0 ? memchr(s.at, byte, s.length) : NULL;
    return found ? (size_t)(found - s.at) : s.length;
}

struct span span_cut(struct span *rest, char byte)
{
    size_t index = span_find(*rest, byte);
    struct span before = span_first(*rest, index);
    *rest = span_skip(*rest, index + 1);
    return before;
}

bool span_is_utf8(struct span s)
{
    for (size_t i = 0; i < s.length;) {
        unsigned char c = (unsigned char)s.at[i++];
        unsigned low = 0x80, high = 0xBF, more;
        if (c < 0x80)
            continue;
        if (c >= 0xC2 && c <= 0xDF) {
            more = 1;
        } else if (c >= 0xE0 && c <= 0xEF) {
            more = 2;
            low = c == 0xE0 ? 0xA0 : 0x80;
            high = c == 0xED ? 0x9F : 0xBF;
        } else if (c >= 0xF0 && c <= 0xF4) {
            more = 3;
            low = c == 0xF0 ? 0x90 : 0x80;
            high = c == 0xF4 ? 0x8F : 0xBF;
        } else {
            return false;
        }
        for (; more > 0; more--, low = 0x80, high = 0xBF) {
            if (i == s.length)
                return false;
            unsigned char next = (unsigned char)s.at[i++];
            if (next < low || next > high)
                return false;
        }
    }
    return true;
}

bool span_is_ascii(struct span s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] >= 128)
            return false;
    return true;
}

bool span_to_number(struct span s, uint64_t limit, uint64_t *value)
{
    uint64_t number = 0;
    if (s.length == 0)
        return false;
    for (size_t i = 0; i < s.length; i++) {
        if (!ascii_is_digit(s.at[i]))
            return false;
        unsigned digit = (unsigned)(s.at[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number > limit)
        return false;
    *value = number;
    return true;
}

bool span_copy(struct span s, char *to, size_t size)
{
    if (size == 0)
        return false;
    size_t length = s.length < size ? s.length : size - 1;
    if (length > 0)
        memcpy(to, s.at, length);
    to[length] = '\0';
    return length == s.length;
}
