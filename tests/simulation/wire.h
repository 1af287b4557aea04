/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SIMULATED_WIRE_H
#define TRAYPOST_TESTS_SIMULATED_WIRE_H

/*
 * TCP in memory: a wire has two ends, and what is put in at one comes out at the other, in pieces of any size, at any
 * time, or never. One end is the engine's (tcp.c), the other a client's or a mail exchanger's, who is told through
 * `calls` and says what it has to say by wire_say().
 */

#include "core/buf.h"
#include "core/ip.h"

struct wire_end;

struct wire_calls {
    void (*came)(struct wire_end *end, struct span bytes);
    void (*ended)(struct wire_end *end, bool broken); /* the other side has ended, or broken, the wire */
};

struct wire_end {
    struct wire *wire;
    struct wire_end *other;
    struct ip_port name;
    struct buf in;             /* what is on its way to this end */
    size_t window;             /* at most so much of it */
    struct buf out;            /* what calls' owner has said and the window does not take yet */
    bool finishing;            /* FIN behind `out` */
    bool finished;             /* FIN is on its way from here to the other end */
    bool broken;               /* RST has come, or is coming, to this end */
    bool told;                 /* the owner has read the end */
    bool closed;               /* the owner is gone */
    bool paused;               /* the owner does not read */
    uint64_t stalled_until_ms; /* nothing comes out here before that */
    uint64_t taken, put_step;  /* octets read here; when the last ones were put in for this end */
    uint64_t watched_at;       /* octets: when so many have been taken, `watched` is called, once */
    void (*watched)(void *what);
    void *what;
    const struct wire_calls *calls; /* NULL: the engine's */
    void *owner;
};

struct wire {
    struct wire_end end[2];
    struct wire *next;
};

void wires_begin(void);
void wires_end(void); /* frees all */
struct wire *wire_new(void);

/* ---- for clients and exchangers ---- */

void wire_say(struct wire_end *end, const char *bytes, size_t length);
void wire_finish(struct wire_end *end); /* FIN, when everything has been said */
void wire_close(struct wire_end *end);  /* at once: FIN, or RST if something was not read, as systems do */
void wire_break(struct wire_end *end);  /* RST */

/* Calls `watched` when the other end has read everything said here so far. */
void wire_watch(struct wire_end *end, void (*watched)(void *what), void *what);

/* ---- for both sides ---- */

size_t wire_room(const struct wire_end *end); /* of the other end's window */
void wire_put(struct wire_end *end, const char *bytes, size_t length);
void wire_fin(struct wire_end *end);
bool wire_readable(const struct wire_end *end);           /* bytes, the end, or an error */
struct span wire_take(struct wire_end *end, size_t most); /* a piece by chance; followed by wire_taken() */
void wire_taken(struct wire_end *end, size_t length);

void wires_add_chances(void);
uint64_t wires_due_ms(void);

#endif
