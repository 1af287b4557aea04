/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_DESKTOP_H
#define TRAYPOST_WIN32_DESKTOP_H

#include "core/config.h"

/*
 * The program as people at the machine see it: icon, menu, log, notifications, with the engine on a thread of
 * its own. Returns the exit code when it has been ended: 0, also when another copy was there already and has
 * shown its log; 1 when the engine could not be started or did not end in time; 70 when it left something open.
 */
int desktop_run(const struct config *config);

/* "Traypost cannot start: WORDS", in a window. */
void desktop_complain(const char *words, enum config_language wanted);

#endif
