/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_HEADLESS_H
#define TRAYPOST_NET_HEADLESS_H

/*
 * The relay without a tray: the log goes to standard error, one line each, and so does the light:
 *
 *     12:03:11 - Traypost 0.1.0 has started          start
 *     12:03:11 + Waiting for mail on 127.0.0.1:25    information, green
 *     12:03:12 ! No internet connection: ...         error, red
 *     12:03:12 = red                                 the light has changed: red, green or blinking
 */

#include "core/config.h"
#include "net/relay.h"

/* Which signals mean what is the system's matter: its main() says so. */
struct headless_signal {
    int number;
    enum relay_order order;
};

#define HEADLESS_SIGNALS_MAX 4

/*
 * Does what `config` says: prints help or version, or runs the relay until a signal says RELAY_EXIT; if
 * that comes a second time, the process ends at once. Returns the exit code: 0; 1 when the relay
 * could not be opened; 70 when something was left open at the end.
 */
int headless_run(const struct config *config, const struct headless_signal *signals, size_t signal_count);

/* "traypost: TEXT" on standard error. */
void headless_complain(const char *text);

#endif
