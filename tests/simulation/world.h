/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_WORLD_H
#define TRAYPOST_TESTS_WORLD_H

/*
 * The world of one schedule: its random numbers, its clock, its memory, and what could happen next. Everything
 * that is decided is decided by world_random(), from the seed alone, so that the same seed is the same story.
 *
 * The loop (loop.c) collects the chances of all parts, lets one of them happen, and collects again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world {
    uint64_t seed, random;
    uint64_t now_ms;    /* since the world began, at WORLD_EPOCH_S */
    uint64_t step;      /* things that have happened */
    uint64_t late_ms;   /* how much later than due things have happened in all: excuses the engine's delays */
    bool tells;         /* the story is printed */
    bool in_engine;     /* the engine's code runs */
    unsigned no_memory; /* of a million requests by the engine so many fail */
    unsigned failing;   /* of a thousand calls of libuv that may fail so many do */
    unsigned stalling;  /* of a thousand pieces on a wire so many are held up, for up to minutes */
    unsigned jumping;   /* of a thousand turns so many take long */
    size_t allocations; /* of the engine, not freed */
    bool provider;      /* one exchanger serves many domains, and mails go to many of them */
    bool kind;          /* nothing goes wrong: nobody may be refused anything */
    bool public;        /* the engine's own address is a public one, whose name it looks up */
    bool at_once;       /* connections come as under Windows, several in one turn; at first memory is very short */
};

extern struct world world;

#define WORLD_EPOCH_S 1790000000

void world_begin(uint64_t seed, bool tells);

uint64_t world_random(void);
unsigned world_below(unsigned count); /* 0 .. count-1 */
bool world_chance(unsigned count, unsigned of);

/* A line of the story. */
__attribute__((format(__printf__, 1, 2))) void world_tell(const char *format, ...);

/* The contract is broken: prints what, and how to see it again, and ends the program. */
__attribute__((format(__printf__, 1, 2), noreturn)) void world_broken(const char *format, ...);

/* What could happen now. `run` gets `what`. */
void world_add_chance(void (*run)(void *what), void *what);
bool world_take_chance(void); /* one of them happens, the others are forgotten; false: there was none */

/* Something that happens at a time, or a little later. The memory is the caller's. */
struct alarm {
    uint64_t due_ms;
    void (*ring)(struct alarm *alarm);
    bool set;
    struct alarm *next;
};

void alarm_set(struct alarm *alarm, uint64_t in_ms, void (*ring)(struct alarm *alarm));
void alarm_stop(struct alarm *alarm);
void alarms_add_chances(void);
uint64_t alarms_due_ms(void); /* UINT64_MAX: none */

/* In place of the C library's, for the engine only (see cmake/Tests.cmake). */
void *simulated_malloc(size_t size);
void *simulated_calloc(size_t count, size_t size);
void *simulated_realloc(void *memory, size_t size);
void simulated_free(void *memory);

#endif
