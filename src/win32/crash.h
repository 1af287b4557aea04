/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_CRASH_H
#define TRAYPOST_WIN32_CRASH_H

/*
 * A crash on the engine's thread must not pass unseen: the thread is stopped where it stands, the person is told,
 * and the window lives on. What crashes elsewhere ends the process, as Windows has it.
 */

#include <windows.h>

#include "net/engine.h"

/* From now on; `*engine` may be NULL until the engine exists. */
void crash_watch(struct engine *const *engine);

/* On the engine's thread, first of all: leaves room on its stack for telling that it has overflowed. */
void crash_reserve_stack(void);

/* After a crash, on the window's thread: ends all connections, so that nobody waits for an answer. */
void crash_cut_connections(void);

/* A fresh process with our command line; then this one is to end without further ado. */
bool crash_begin_anew(void);

#endif
