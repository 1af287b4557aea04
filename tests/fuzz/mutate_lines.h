/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_MUTATE_LINES_H
#define TRAYPOST_TESTS_MUTATE_LINES_H

/* What a session target gives to mutate_lines.c: lines that its input may be made of, each with its CRLF. */

#include <stddef.h>
#include <stdint.h>

extern const char *const mutate_lines[];
extern const size_t mutate_lines_count;

#endif
