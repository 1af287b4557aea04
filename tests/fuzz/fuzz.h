/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_FUZZ_H
#define TRAYPOST_TESTS_FUZZ_H

/*
 * What every fuzz target needs. An input begins with a few octets that steer (numbers, the seed of the
 * dice); the rest is text, so that a corpus file can be read by people.
 *
 * What is fed is fed in three ways: whole, octet by octet, and cut where the dice say. Each piece is a
 * heap allocation of exactly its size. Targets check more than that nothing crashes: ALWAYS() says
 * what has to hold for every input.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ALWAYS(condition, sentence)                                                                          \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n    does not hold: %s\n", __FILE__, __LINE__, sentence, #condition); \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* A heap copy of exactly this size; the caller frees it. */
static inline char *exact_copy(struct span s)
{
    char *copy = malloc(s.length > 0 ? s.length : 1);

    ALWAYS(copy != NULL, "memory");
    if (s.length > 0)
        memcpy(copy, s.at, s.length);
    return copy;
}

/* The first octet of the input, taken off; 0 when there is none. */
static inline uint8_t take_octet(struct span *input)
{
    uint8_t octet = input->length > 0 ? (uint8_t)input->at[0] : 0;

    *input = span_skip(*input, 1);
    return octet;
}

/* Numbers that look random and are the same in every run (splitmix64). */
static inline uint64_t dice(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

enum feed_way { FEED_WHOLE, FEED_OCTETS, FEED_CUTS, FEED_WAYS };

struct feed {
    struct span rest;
    enum feed_way way;
    uint64_t dice;
    bool whole_crlf; /* set it where a CRLF must not be split */
    char *piece;
};

static inline struct feed feed_start(struct span input, enum feed_way way, uint64_t seed)
{
    return (struct feed){.rest = input, .way = way, .dice = seed};
}

/* The next piece, never an empty one; false when the input is used up. */
static inline bool feed_piece(struct feed *f, struct span *piece)
{
    size_t size = f->rest.length;

    free(f->piece);
    f->piece = NULL;
    if (size == 0)
        return false;
    if (f->way == FEED_OCTETS)
        size = 1;
    else if (f->way == FEED_CUTS)
        size = (size_t)(dice(&f->dice) % (1u << dice(&f->dice) % 8) + 1);
    if (size > f->rest.length)
        size = f->rest.length;
    if (f->whole_crlf && size < f->rest.length && f->rest.at[size - 1] == '\r' && f->rest.at[size] == '\n')
        size++;
    f->piece = exact_copy(span_first(f->rest, size));
    *piece = span_make(f->piece, size);
    f->rest = span_skip(f->rest, size);
    return true;
}

/* Every CR has its LF and every LF its CR. */
static inline bool lines_are_whole(struct span s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] == '\r' && (i + 1 == s.length || s.at[i + 1] != '\n'))
            return false;
        if (s.at[i] == '\n' && (i == 0 || s.at[i - 1] != '\r'))
            return false;
    }
    return true;
}

static inline bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!ascii_is_print(s.at[i]))
            return false;
    return true;
}

#endif
