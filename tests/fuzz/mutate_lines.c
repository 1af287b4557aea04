/* SPDX-License-Identifier: MIT */
/*
 * Mutates an input as what it is: a few octets that steer, then lines. libFuzzer by itself moves octets about, and hardly ever
 * makes a second command out of a first one. Half of the time this leaves out a line, says it twice, moves it, puts one of the
 * target's own in its place or beside it; the other half is libFuzzer's.
 *
 * Linked only into targets that are sessions (cmake/Tests.cmake); they say what lines there are.
 */
#include "mutate_lines.h"

#include <stdbool.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#define STEERING 2

struct piece {
    size_t at, length;
};

/* A random line with its LF; the last one may have none. */
static struct piece choose_line(const uint8_t *data, size_t size, unsigned *dice)
{
    struct piece p = {STEERING, 0};
    size_t lines = 1, wanted;

    for (size_t i = STEERING; i + 1 < size; i++)
        lines += data[i] == '\n';
    *dice = *dice * 1103515245u + 12345u;
    wanted = (*dice >> 8) % lines;
    while (wanted > 0)
        wanted -= data[p.at++] == '\n';
    while (p.at + p.length < size && (p.length == 0 || data[p.at + p.length - 1] != '\n'))
        p.length++;
    return p;
}

/* Makes room for, or takes away; false when there is no room. */
static bool replace(uint8_t *data, size_t *size, size_t max_size, struct piece old, const void *with,
                    size_t length)
{
    if (*size - old.length + length > max_size)
        return false;
    memmove(data + old.at + length, data + old.at + old.length, *size - old.at - old.length);
    memcpy(data + old.at, with, length);
    *size += length - old.length;
    return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint8_t line[4096];
    unsigned dice = seed;

    if (size <= STEERING || seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (unsigned times = 1 + seed / 2 % 3; times > 0; times--) {
        struct piece here = choose_line(data, size, &dice), there = choose_line(data, size, &dice);
        const char *known = mutate_lines[(dice >> 4) % mutate_lines_count];
        size_t length = there.length < sizeof line ? there.length : sizeof line;
        bool changed = false;

        memcpy(line, data + there.at, length);
        switch ((dice >> 16) % 5) {
        case 0:
            changed = replace(data, &size, max_size, here, "", 0);
            break;
        case 1: /* the other one too, here */
            changed = replace(data, &size, max_size, (struct piece){here.at, 0}, line, length);
            break;
        case 2: /* in the place of this one */
            changed = replace(data, &size, max_size, here, line, length);
            break;
        case 3:
            changed = replace(data, &size, max_size, here, known, strlen(known));
            break;
        case 4:
            changed = replace(data, &size, max_size, (struct piece){here.at, 0}, known, strlen(known));
            break;
        }
        if (!changed || size <= STEERING)
            return LLVMFuzzerMutate(data, size, max_size);
    }
    return size;
}
