/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_NAMES_H
#define TRAYPOST_TESTS_NAMES_H

/*
 * The name servers, in place of src/net/dns_channel.c; what the answers are made of, and what src/net/resolver.c makes
 * of them, is real. Domain dN.test has the exchangers that exchanger_serves() says, each with its addresses.
 */

#include <stdbool.h>

void names_begin(void);

/* Nobody answers from now on, or they do again. */
void names_silence(bool silent);

#endif
