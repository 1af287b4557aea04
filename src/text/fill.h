/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_FILL_H
#define TRAYPOST_TEXT_FILL_H

/*
 * Puts values into sentences. The sentences are ours and are read for braces and brackets, as en.h says; the
 * values are often a stranger's and are only ever copied, with everything taken out that could move a cursor,
 * hide or reorder text. This is the last door before people's eyes.
 */

#include "core/buf.h"

/* A value on its way into a sentence: points at somebody's text, or at what was made here. */
struct text_filling {
    struct span span;
    char made[512];
};

/* The value of a placeholder. A name that it does not know, which the tests do not let pass, is empty. */
typedef void text_find_fn(const void *facts, struct span name, struct text_filling *value);

/* False when a value outside of brackets was empty. With `out` NULL it only looks. */
bool text_fill(const char *sentence, text_find_fn *find, const void *facts, struct buf *out);

#endif
