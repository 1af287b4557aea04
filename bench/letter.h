/* SPDX-License-Identifier: MIT
 *
 * The mails the load client sends, made before the clock starts: sending one costs no formatting but its id.
 *
 * A mail is head (with the id), middle (the same bytes for all) and tail (the id again, and the closing dot). The id at both
 * ends of the text makes the digest notice when a relay joins the head of one mail to the end of another.
 */
#ifndef BENCH_LETTER_H
#define BENCH_LETTER_H

#include "record.h"

#include <stdbool.h>
#include <sys/uio.h>

/* What all mails of a run share. */
struct letter_form {
    char *middle;
    size_t middle_bytes;
    struct digest middle_digest; /* dots undone */
};

/* One mail on its way. */
struct letter {
    const struct letter_form *form;
    size_t head_bytes;
    size_t tail_bytes;
    char head[320];
    char tail[64];
};

/* Mails of about `bytes` bytes, header and body. False when out of memory. The form is never freed: it lasts as long as
 * the program. */
bool letter_form_make(struct letter_form *form, size_t bytes);

void letter_write(struct letter *letter, const struct letter_form *form, uint64_t id);
size_t letter_bytes(const struct letter *letter);
struct digest letter_digest(const struct letter *letter);

/* The parts between the offsets `from` and `to`, ready for sendmsg(). Returns how many of the three are used. */
int letter_parts(const struct letter *letter, size_t from, size_t to, struct iovec parts[3]);

#endif
