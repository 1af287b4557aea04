/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_WIDE_H
#define TRAYPOST_WIN32_WIDE_H

/* Between our UTF-8 and Windows' UTF-16. What is broken in the one becomes U+FFFD in the other. */

#include <stddef.h>

#include "core/buf.h"

/* Writes at most `size` units, the last one 0; what does not fit is cut off between characters, and ends in
 * an ellipsis. Allocates nothing. Returns the length without the 0. */
size_t wide_copy(const char *text, wchar_t *out, size_t size);

/* The same with room made for it; NULL when out of memory. free() it. A line feed becomes CR LF, as edit
 * fields and the clipboard have it. */
wchar_t *wide_new(const char *text);

/* From Windows to us. When `out` cannot hold it, `out` has failed, as always. */
void wide_append_to(struct buf *out, const wchar_t *text);

#endif
