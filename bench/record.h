/* SPDX-License-Identifier: MIT
 *
 * What the sink and the load client write down, and the digest both take of a mail's body.
 *
 * The checker joins the two records by mail id: every id must stand in the sink's record exactly once, with the body the
 * client sent, and the client's 250 must not be older than the sink's. Both clocks are CLOCK_MONOTONIC of one machine,
 * so the times compare directly. The records are raw structs in the machine's own byte order; bench/proof.py reads them.
 *
 * The digest only has to notice damage, not an adversary: it costs half a cycle a byte, or the 1 MB mails would measure it
 * instead of the relays.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define RECORD_SINK_MAGIC 0x314b4e4953595254u /* "TRYSINK1" */
#define RECORD_LOAD_MAGIC 0x3144414f4c595254u /* "TRYLOAD1" */
#define RECORD_ID_DIGITS 16 /* ids are written with leading zeros: mails of one run have one length */

/* The sink maps its file, so that the checker can follow the counters while the bench runs. Entries begin at
 * RECORD_SINK_HEADER_BYTES; only the first `mails` are valid. */
#define RECORD_SINK_HEADER_BYTES 4096

struct record_sink_header {
    uint64_t magic;
    uint64_t mails;    /* entries written */
    uint64_t sessions; /* connections accepted so far */
    uint64_t open;     /* connections open now */
};

struct record_sink_mail {
    uint64_t id;          /* 0: a mail without our header */
    uint64_t answered_ns; /* just before the final 250 went to the kernel */
    uint64_t digest;      /* of the body, dots undone */
    uint64_t body_bytes;
};

struct record_load_header {
    uint64_t magic;
    uint64_t mails;
};

struct record_load_mail {
    uint64_t id;
    uint64_t started_ns;  /* connect(), or MAIL on a kept connection */
    uint64_t answered_ns; /* the final reply, or the failure, was read */
    uint64_t digest;
    uint64_t body_bytes;
    uint32_t code;  /* the last reply; 250 for a mail that was taken; 0 when the connection broke */
    uint32_t stage; /* enum load_stage at that moment */
};

static inline uint64_t record_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct digest {
    uint64_t hash;
    uint64_t word; /* bytes that do not yet fill eight */
    uint64_t bytes;
};

static inline void digest_mix(struct digest *d, uint64_t word)
{
    uint64_t x = d->hash ^ word;
    d->hash = (x << 27 | x >> 37) * 0x9e3779b97f4a7c15u;
}

static inline void digest_add(struct digest *d, const char *p, size_t n)
{
    const char *end = p + n;
    unsigned held = (unsigned)d->bytes & 7u;

    d->bytes += n;
    while (p < end && held != 0) {
        d->word |= (uint64_t)(unsigned char)*p++ << 8 * held;
        held = (held + 1) & 7u;
        if (held == 0) {
            digest_mix(d, d->word);
            d->word = 0;
        }
    }
    for (; end - p >= 8; p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        digest_mix(d, word);
    }
    for (; p < end; p++)
        d->word |= (uint64_t)(unsigned char)*p << 8 * held++;
}

/* The digest so far; adding may go on afterwards. */
static inline uint64_t digest_value(struct digest d)
{
    digest_mix(&d, d.word);
    digest_mix(&d, d.bytes);
    return d.hash;
}

#endif
