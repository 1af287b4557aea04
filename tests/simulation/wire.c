/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <assert.h>
#include <stdlib.h>

#include "world.h"

static struct wire *wires;

void wires_begin(void)
{
    wires = NULL;
}

static void free_wire(struct wire *wire)
{
    for (int i = 0; i < 2; i++) {
        buf_clear(&wire->end[i].in);
        buf_clear(&wire->end[i].out);
    }
    free(wire);
}

void wires_end(void)
{
    while (wires) {
        struct wire *wire = wires;
        wires = wire->next;
        free_wire(wire);
    }
}

struct wire *wire_new(void)
{
    struct wire *wire = calloc(1, sizeof *wire);
    assert(wire);
    for (int i = 0; i < 2; i++) {
        struct wire_end *end = &wire->end[i];
        end->wire = wire;
        end->other = &wire->end[1 - i];
        end->window = world_chance(1, 4) ? 1 + world_below(500) : 1000 + world_below(100000);
        buf_init(&end->in, SIZE_MAX / 2);
        buf_init(&end->out, SIZE_MAX / 2);
    }
    wire->next = wires;
    wires = wire;
    return wire;
}

/* ---------------------------------------------------------------- both sides */

size_t wire_room(const struct wire_end *end)
{
    const struct wire_end *to = end->other;
    return to->closed ? SIZE_MAX / 4 : to->window > to->in.length ? to->window - to->in.length : 0;
}

void wire_put(struct wire_end *end, const char *bytes, size_t length)
{
    struct wire_end *to = end->other;
    assert(!end->finished && !end->closed);
    if (to->closed) {
        end->broken = true; /* they come to nobody: RST comes back */
        return;
    }
    bool in_engine = world.in_engine;
    world.in_engine = false; /* the network has memory */
    buf_append(&to->in, bytes, length);
    world.in_engine = in_engine;
    to->put_step = world.step;
    if (world_chance(world.stalling, 1000))
        to->stalled_until_ms = world.now_ms + world_below(world_chance(1, 4) ? 400000 : 5000);
}

void wire_fin(struct wire_end *end)
{
    end->finished = true;
}

bool wire_readable(const struct wire_end *end)
{
    if (end->closed || end->told || end->stalled_until_ms > world.now_ms)
        return false;
    return end->in.length > 0 || end->broken || end->other->finished;
}

struct span wire_take(struct wire_end *end, size_t most)
{
    struct span all = span_first(buf_span(&end->in), most);
    if (all.length > 0 && world_chance(1, 3))
        return span_first(all, 1 + world_below((unsigned)all.length));
    return all;
}

void wire_taken(struct wire_end *end, size_t length)
{
    buf_consume(&end->in, length);
    end->taken += length;
    if (!end->watched || end->taken < end->watched_at)
        return;
    void (*watched)(void *what) = end->watched;
    end->watched = NULL;
    watched(end->what);
}

static void look_if_over(struct wire *wire)
{
    if (!wire->end[0].closed || !wire->end[1].closed)
        return;
    struct wire **link = &wires;
    while (*link != wire)
        link = &(*link)->next;
    *link = wire->next;
    free_wire(wire);
}

/* What is on its way to the other end may still come out there, or not: systems differ. */
void wire_break(struct wire_end *end)
{
    if (end->closed)
        return;
    end->closed = true;
    end->other->broken = true;
    if (world_chance(1, 2))
        buf_clear(&end->other->in);
    look_if_over(end->wire);
}

void wire_close(struct wire_end *end)
{
    if (end->closed)
        return;
    if (end->in.length > 0) {
        wire_break(end);
        return;
    }
    end->closed = end->finished = true;
    look_if_over(end->wire);
}

/* ---------------------------------------------------------------- clients and exchangers */

void wire_say(struct wire_end *end, const char *bytes, size_t length)
{
    if (!end->closed && !end->finishing)
        buf_append(&end->out, bytes, length);
}

void wire_finish(struct wire_end *end)
{
    end->finishing = true;
}

void wire_watch(struct wire_end *end, void (*watched)(void *what), void *what)
{
    struct wire_end *to = end->other;
    to->watched_at = to->taken + to->in.length + end->out.length;
    to->watched = watched;
    to->what = what;
}

static void flow(void *what)
{
    struct wire_end *end = what;
    size_t room = wire_room(end);
    size_t length = end->out.length < room ? end->out.length : room;
    if (length > 0 && world_chance(1, 3))
        length = 1 + world_below((unsigned)length);
    if (length > 0) {
        wire_put(end, buf_span(&end->out).at, length);
        buf_consume(&end->out, length);
    }
    if (end->finishing && end->out.length == 0 && !end->finished)
        wire_fin(end);
}

static void come(void *what)
{
    struct wire_end *end = what;
    struct span piece = wire_take(end, SIZE_MAX);
    if (piece.length > 0) {
        static char bytes[1 << 20]; /* the wire may be gone when the owner is through */
        piece = span_first(piece, sizeof bytes);
        for (size_t i = 0; i < piece.length; i++)
            bytes[i] = piece.at[i];
        wire_taken(end, piece.length);
        end->calls->came(end, span_make(bytes, piece.length));
        return;
    }
    end->told = true;
    end->calls->ended(end, end->broken);
}

static bool may_flow(const struct wire_end *end)
{
    bool more = end->out.length > 0 || (end->finishing && !end->finished);
    return more && !end->closed && !end->broken && (end->out.length == 0 || wire_room(end) > 0);
}

void wires_add_chances(void)
{
    for (struct wire *wire = wires; wire; wire = wire->next)
        for (int i = 0; i < 2; i++) {
            struct wire_end *end = &wire->end[i];
            if (!end->calls)
                continue;
            if (may_flow(end))
                world_add_chance(flow, end);
            if (wire_readable(end) && !end->paused)
                world_add_chance(come, end);
        }
}

uint64_t wires_due_ms(void)
{
    uint64_t due = UINT64_MAX;
    for (struct wire *wire = wires; wire; wire = wire->next)
        for (int i = 0; i < 2; i++) {
            uint64_t until = wire->end[i].stalled_until_ms;
            if (until > world.now_ms && until < due)
                due = until;
        }
    return due;
}
