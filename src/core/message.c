/* SPDX-License-Identifier: MIT */
/*
 * The ring a mail streams through. It starts small, doubles up to the window, and never moves what a
 * reader still has to see except when it grows. A position maps to the ring by its low bits, so the
 * capacity is a power of two.
 */

#include "core/message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_FIRST_CAPACITY 4096
#define MESSAGE_KEPT_CAPACITY 8192 /* of an empty ring: larger ones are given back */

struct message {
    char *ring;
    size_t capacity;
    size_t window;
    uint64_t oldest; /* the first byte that some reader still needs */
    uint64_t size;   /* one past the last byte written */
    bool ended;
    struct message_reader *readers;
};

struct message *message_new(size_t window_bytes)
{
    struct message *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->window = window_bytes;
    return m;
}

void message_free(struct message *m)
{
    if (!m)
        return;
    assert(!m->readers);
    free(m->ring);
    free(m);
}

size_t message_room(const struct message *m)
{
    return m->window - (size_t)(m->size - m->oldest);
}

static size_t run_length(const struct message *m, uint64_t position, size_t length)
{
    size_t to_edge = m->capacity - (size_t)(position & (m->capacity - 1));
    return length < to_edge ? length : to_edge;
}

static char *place(const struct message *m, uint64_t position)
{
    return m->ring + (size_t)(position & (m->capacity - 1));
}

size_t message_memory(const struct message *m, size_t more)
{
    size_t wanted = (size_t)(m->size - m->oldest) + more;
    size_t capacity = m->capacity || more == 0 ? m->capacity : MESSAGE_FIRST_CAPACITY;
    while (capacity < wanted)
        capacity *= 2;
    return capacity;
}

static bool grow(struct message *m, size_t capacity)
{
    struct message bigger = {.capacity = capacity, .ring = malloc(capacity)};
    if (!bigger.ring)
        return false;
    for (uint64_t at = m->oldest; at < m->size;) {
        size_t run = run_length(m, at, (size_t)(m->size - at));
        run = run_length(&bigger, at, run);
        memcpy(place(&bigger, at), place(m, at), run);
        at += run;
    }
    free(m->ring);
    m->ring = bigger.ring;
    m->capacity = capacity;
    return true;
}

bool message_append(struct message *m, struct span bytes)
{
    assert(!m->ended);
    assert(bytes.length <= message_room(m));
    size_t capacity = message_memory(m, bytes.length);
    if (capacity > m->capacity && !grow(m, capacity))
        return false;
    while (bytes.length > 0) {
        size_t run = run_length(m, m->size, bytes.length);
        memcpy(place(m, m->size), bytes.at, run);
        m->size += run;
        bytes = span_skip(bytes, run);
    }
    return true;
}

void message_end(struct message *m)
{
    m->ended = true;
}

bool message_ended(const struct message *m)
{
    return m->ended;
}

uint64_t message_size(const struct message *m)
{
    return m->size;
}

void message_attach(struct message *m, struct message_reader *r)
{
    assert(m->oldest == 0);
    *r = (struct message_reader){.message = m, .next = m->readers};
    m->readers = r;
}

/* What no reader needs any more is room again. Without readers nothing goes: one may still come. */
static void release(struct message *m)
{
    if (!m->readers)
        return;
    uint64_t oldest = m->size;
    for (const struct message_reader *r = m->readers; r; r = r->next)
        if (r->position < oldest)
            oldest = r->position;
    m->oldest = oldest;
    if (m->oldest == m->size && m->capacity > MESSAGE_KEPT_CAPACITY) { /* a mail that waits for its client */
        free(m->ring);
        m->ring = NULL;
        m->capacity = 0;
    }
}

void message_detach(struct message_reader *r)
{
    struct message *m = r->message;
    if (!m)
        return;
    struct message_reader **link = &m->readers;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
    r->message = NULL;
    release(m);
}

size_t message_left(const struct message_reader *r)
{
    return (size_t)(r->message->size - r->position);
}

struct span message_peek(const struct message_reader *r)
{
    size_t left = message_left(r);
    if (left == 0)
        return span_make("", 0);
    return span_make(place(r->message, r->position), run_length(r->message, r->position, left));
}

void message_advance(struct message_reader *r, size_t count)
{
    assert(count <= message_left(r));
    r->position += count;
    release(r->message);
}

bool message_done(const struct message_reader *r)
{
    return r->message->ended && message_left(r) == 0;
}
