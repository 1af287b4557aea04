/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_MESSAGE_H
#define TRAYPOST_CORE_MESSAGE_H

/*
 * A mail on its way through memory: one writer, several readers, a window between the first and the
 * last of them. The bytes are content as in RFC 5322 (CRLF line ends, no doubled dots). The slowest
 * reader decides how much room the writer has; what all readers have passed is gone.
 *
 * It is a ring that grows to its window and no further. Positions count from the mail's first byte.
 * A message without readers keeps everything until the window is full, so readers may come late.
 */

#include "core/span.h"

struct message;

struct message_reader {
    struct message *message; /* NULL when detached */
    uint64_t position;
    struct message_reader *next;
};

/* NULL when out of memory. Free it only after all readers have detached. */
struct message *message_new(size_t window_bytes);
void message_free(struct message *m);

/* How many bytes may be appended now. */
size_t message_room(const struct message *m);

/* How much memory it has for bytes, and would have with `more` of them. */
size_t message_memory(const struct message *m, size_t more);

/* Copies all of it; false when out of memory. More than message_room() is an error of the caller. */
bool message_append(struct message *m, struct span bytes);

/* The writer has said everything. */
void message_end(struct message *m);
bool message_ended(const struct message *m);

/* All bytes appended so far. */
uint64_t message_size(const struct message *m);

/* A reader starts at the first byte; only while that byte is still there. */
void message_attach(struct message *m, struct message_reader *r);
void message_detach(struct message_reader *r); /* idempotent */

/* The next contiguous run for this reader, empty if it has to wait or is at the end; valid until
 * the next append. message_left() counts all that is there for it, across runs. */
struct span message_peek(const struct message_reader *r);
size_t message_left(const struct message_reader *r);
void message_advance(struct message_reader *r, size_t count);

/* The writer has ended and this reader has had everything. */
bool message_done(const struct message_reader *r);

#endif
