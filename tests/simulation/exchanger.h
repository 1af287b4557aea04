/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_EXCHANGER_H
#define TRAYPOST_TESTS_EXCHANGER_H

/*
 * The mail exchangers of the simulation, written for it and sharing nothing with src/smtp. They speak SMTP as it
 * should be spoken, and by chance refuse, leave, hang, dribble or break off at any step.
 */

#include "core/ip.h"
#include "wire.h"

#define EXCHANGERS 4
#define DOMAINS 4
#define PROVIDED 32 /* further domains, from DOMAINS on: those of a provider (world.provider) */

void exchangers_begin(void);
void exchangers_end(void);

const char *exchanger_name(unsigned exchanger);
const struct ip *exchanger_address(unsigned exchanger, enum ip_family family); /* NULL: none */

/* The preference in the domain's MX record; 0: it has nothing to do with it. */
unsigned exchanger_serves(unsigned exchanger, unsigned domain);

/* Somebody connects: 0 and the caller's end, or a libuv error; and after how long, UINT64_MAX for never. */
int exchanger_knock(const struct ip_port *to, struct wire_end **end, uint64_t *after_ms);

#endif
