/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_FEED_H
#define TRAYPOST_TESTS_FEED_H

/*
 * The rule of these tests: whatever is fed is fed whole, byte by byte, and in two pieces cut at
 * every place. Each piece is a heap allocation of exactly its size, freed when the next is asked
 * for, so that the address sanitizer sees every read past its end and every use after its time.
 *
 *     struct feed feed = feed_start(input);
 *     while (feed_again(&feed)) {            once whole, once byte by byte, once per cut
 *         ... make the thing afresh ...
 *         while (feed_piece(&feed, &piece))
 *             ... give it the piece ...
 *         ... judge; feed_way(&feed) says how it was fed ...
 *     }
 *
 * And what every row of a table needs: HOLDS(), which says why a row matters when it fails.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/span.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails the test with a sentence when `condition` is not met. */
#define HOLDS(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            print_error("  %s:%d does not hold: %s\n    ", __FILE__, __LINE__, #condition);                  \
            print_error(__VA_ARGS__);                                                                        \
            print_error("\n");                                                                               \
            fail();                                                                                          \
        }                                                                                                    \
    } while (0)

#define QUOTE_SLOTS 4
#define QUOTE_SIZE 400

/* Bytes as a C programmer would write them, for messages; good until four more were asked for. */
static inline const char *quote(struct span s)
{
    static char slots[QUOTE_SLOTS][QUOTE_SIZE];
    static unsigned next;
    char *text = slots[next++ % QUOTE_SLOTS];
    size_t used = 0;

    text[used++] = '"';
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (used > QUOTE_SIZE - 16) {
            used += (size_t)snprintf(text + used, QUOTE_SIZE - used, "...");
            break;
        }
        if (c == '\r')
            used += (size_t)snprintf(text + used, QUOTE_SIZE - used, "\\r");
        else if (c == '\n')
            used += (size_t)snprintf(text + used, QUOTE_SIZE - used, "\\n");
        else if (c < ' ' || c > '~' || c == '"' || c == '\\')
            used += (size_t)snprintf(text + used, QUOTE_SIZE - used, "\\x%02x", c);
        else
            text[used++] = (char)c;
    }
    text[used++] = '"';
    text[used] = '\0';
    return text;
}

/* A heap copy of exactly this size; the caller frees it. */
static inline char *exact_copy(struct span s)
{
    char *copy = malloc(s.length > 0 ? s.length : 1);

    assert_non_null(copy);
    if (s.length > 0)
        memcpy(copy, s.at, s.length);
    return copy;
}

struct feed {
    struct span input;
    size_t cuts; /* how many places to cut at; 0 turns the cutting off */
    size_t way;  /* 0: not begun, 1: whole, 2: byte by byte, 3 + n: cut at n + 1 */
    size_t given;
    bool whole_crlf; /* set it after feed_start() where a CRLF must not be split */
    char *piece;
    char text[40];
};

/* `input` has to stay where it is. */
static inline struct feed feed_start(struct span input)
{
    return (struct feed){.input = input, .cuts = input.length > 0 ? input.length - 1 : 0};
}

/* For inputs so long that cutting at every place would take minutes: at `cuts` places, spread. */
static inline struct feed feed_start_long(struct span input, size_t cuts)
{
    struct feed feed = feed_start(input);

    if (feed.cuts > cuts)
        feed.cuts = cuts;
    return feed;
}

static inline size_t feed_cut_place(const struct feed *feed)
{
    size_t n = feed->way - 3;
    size_t places = feed->input.length - 1;

    return 1 + (feed->cuts == places ? n : (size_t)((double)n * (double)places / (double)feed->cuts));
}

/* Begins the next way of feeding; false when all have been. */
static inline bool feed_again(struct feed *feed)
{
    free(feed->piece);
    feed->piece = NULL;
    feed->given = 0;
    feed->way++;
    return feed->way < 3 + feed->cuts;
}

/* The next piece; false when the input is used up. An empty input is given as one empty piece. */
static inline bool feed_piece(struct feed *feed, struct span *piece)
{
    size_t end = feed->input.length;
    bool first = feed->piece == NULL;

    if (feed->way == 2 && feed->given < end)
        end = feed->given + 1;
    else if (feed->way > 2 && feed->given < feed_cut_place(feed))
        end = feed_cut_place(feed);
    if (feed->whole_crlf && end > 0 && end < feed->input.length && feed->input.at[end - 1] == '\r' &&
        feed->input.at[end] == '\n')
        end++;
    free(feed->piece);
    feed->piece = NULL;
    if (feed->given == feed->input.length && !(first && feed->input.length == 0))
        return false;
    *piece = span_make(feed->input.at + feed->given, end - feed->given);
    feed->given = end;
    feed->piece = exact_copy(*piece);
    piece->at = feed->piece;
    return true;
}

/* "whole", "byte by byte", "cut at 7". */
static inline const char *feed_way(struct feed *feed)
{
    if (feed->way == 1)
        return "whole";
    if (feed->way == 2)
        return "byte by byte";
    snprintf(feed->text, sizeof feed->text, "cut at %zu", feed_cut_place(feed));
    return feed->text;
}

/* Numbers that look random and are the same in every run (splitmix64). */
static inline uint64_t dice(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

#endif
