/* SPDX-License-Identifier: MIT
 *
 * One mail arriving at the sink: its bytes go in as they come from the socket, the id and the digest of the body come out.
 *
 * Nothing is stored but the header line at hand. Relays add header fields, so the digest begins after the empty line.
 */
#ifndef BENCH_ARRIVAL_H
#define BENCH_ARRIVAL_H

#include "record.h"

#include <stdbool.h>

/* Where the last byte fed lies in the hunt for CRLF.CRLF. */
enum arrival_dot {
    ARRIVAL_DOT_NONE, /* not behind a dot at the start of a line */
    ARRIVAL_DOT,      /* CRLF. */
    ARRIVAL_DOT_CR,   /* CRLF.CR */
};

struct arrival {
    uint64_t id;
    struct digest body;
    bool in_body;
    enum arrival_dot dot;
    char before[2];  /* the last two bytes of what was fed before */
    size_t line_len; /* of the header line at hand; what is longer than the array is cut */
    char line[80];
};

void arrival_start(struct arrival *a);

/* Feed the bytes after DATA's 354. Returns how many belong to the mail; *done is set when the closing dot was among them. */
size_t arrival_feed_dotted(struct arrival *a, const char *p, size_t n, bool *done);

/* Feed bytes that are content as they stand (BDAT). */
void arrival_feed(struct arrival *a, const char *p, size_t n);

#endif
