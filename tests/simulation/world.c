/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHANCES_MAX 512

struct world world;

static struct {
    void (*run)(void *what);
    void *what;
} chances[CHANCES_MAX];
static size_t chance_count;

static struct alarm *alarms; /* the next one first */

void world_begin(uint64_t seed, bool tells)
{
    world = (struct world){.seed = seed, .random = seed * UINT64_C(0x2545F4914F6CDD1D), .tells = tells};
    /* Not by chance: so all other seeds tell the stories that they told before there were these (README.md names some). */
    world.provider = seed % 16 == 7;
    world.kind = seed % 32 == 7;
    world.public = seed % 16 == 13;
    world.at_once = seed % 16 == 11;
    chance_count = 0;
    alarms = NULL;
}

/* ---------------------------------------------------------------- chance */

uint64_t world_random(void)
{
    world.random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = world.random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

unsigned world_below(unsigned count)
{
    return (unsigned)(world_random() % count);
}

bool world_chance(unsigned count, unsigned of)
{
    return count > 0 && world_below(of) < count;
}

void world_add_chance(void (*run)(void *what), void *what)
{
    if (chance_count == CHANCES_MAX)
        return; /* it has its turn when there is less to choose from */
    chances[chance_count].run = run;
    chances[chance_count++].what = what;
}

bool world_take_chance(void)
{
    if (chance_count == 0)
        return false;
    size_t chosen = world_below((unsigned)chance_count);
    chance_count = 0;
    world.step++;
    chances[chosen].run(chances[chosen].what);
    return true;
}

/* ---------------------------------------------------------------- the story */

static void tell(FILE *to, const char *format, va_list arguments)
{
    fprintf(to, "%8" PRIu64 ".%03" PRIu64 " ", world.now_ms / 1000, world.now_ms % 1000);
    vfprintf(to, format, arguments);
    fputc('\n', to);
}

void world_tell(const char *format, ...)
{
    if (!world.tells)
        return;
    va_list arguments;
    va_start(arguments, format);
    tell(stdout, format, arguments);
    va_end(arguments);
}

void world_broken(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "seed %" PRIu64 " breaks the contract:\n", world.seed);
    va_start(arguments, format);
    tell(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "the whole story: test_simulation --trace %" PRIu64 "\n", world.seed);
    _Exit(1);
}

/* ---------------------------------------------------------------- alarms */

void alarm_set(struct alarm *alarm, uint64_t in_ms, void (*ring)(struct alarm *alarm))
{
    struct alarm **link = &alarms;
    alarm_stop(alarm);
    alarm->due_ms = world.now_ms + in_ms;
    alarm->ring = ring;
    alarm->set = true;
    while (*link && (*link)->due_ms <= alarm->due_ms)
        link = &(*link)->next;
    alarm->next = *link;
    *link = alarm;
}

void alarm_stop(struct alarm *alarm)
{
    if (!alarm->set)
        return;
    alarm->set = false;
    struct alarm **link = &alarms;
    while (*link != alarm)
        link = &(*link)->next;
    *link = alarm->next;
}

static void ring(void *what)
{
    struct alarm *alarm = what;
    alarm_stop(alarm);
    alarm->ring(alarm);
}

void alarms_add_chances(void)
{
    for (struct alarm *a = alarms; a && a->due_ms <= world.now_ms; a = a->next)
        world_add_chance(ring, a);
}

uint64_t alarms_due_ms(void)
{
    return alarms ? alarms->due_ms : UINT64_MAX;
}

/* ---------------------------------------------------------------- what the engine asks of the C library */

static bool memory_fails(void)
{
    return world.in_engine && world_chance(world.no_memory, 1000000);
}

void *simulated_malloc(size_t size)
{
    void *memory = memory_fails() ? NULL : malloc(size);
    world.allocations += memory != NULL;
    return memory;
}

void *simulated_calloc(size_t count, size_t size)
{
    void *memory = memory_fails() ? NULL : calloc(count, size);
    world.allocations += memory != NULL;
    return memory;
}

void *simulated_realloc(void *memory, size_t size)
{
    void *more = memory_fails() ? NULL : realloc(memory, size);
    world.allocations += more && !memory;
    return more;
}

void simulated_free(void *memory)
{
    world.allocations -= memory != NULL;
    free(memory);
}

time_t simulated_time(time_t *also);

time_t simulated_time(time_t *also)
{
    (void)also;
    return (time_t)(WORLD_EPOCH_S + world.now_ms / 1000);
}
