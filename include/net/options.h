/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_OPTIONS_H
#define TRAYPOST_NET_OPTIONS_H

/* The options of this run: traypost.ini beside the program, if there is one, then the command line. */

#include "core/config.h"

/* False: *error says what is wrong, and where; the exit code is then OPTIONS_EXIT_CODE. A question for
 * help or the version is answered whatever the file says. */
bool options_read(int argc, char *const argv[], struct config *config, struct config_error *error);

#define OPTIONS_EXIT_CODE 2

#endif
