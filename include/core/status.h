/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_STATUS_H
#define TRAYPOST_CORE_STATUS_H

/* The state people see, as a pure function of facts. The icon follows this and nothing else. */

#include <stdbool.h>
#include <stdint.h>

struct status {
    bool running;   /* started, not stopped */
    bool starting;  /* the first look at the network is not over: what is false below may just be late */
    bool listening; /* every wanted address accepts */
    bool connected; /* a name server answers */
    bool trouble;   /* a mail failed or a stranger was refused since the last reset */
    uint32_t delivered_today;
    uint32_t failed_today;
    uint32_t mails_in_progress; /* between MAIL and their answer */
};

enum light { LIGHT_RED, LIGHT_GREEN, LIGHT_BLINKING };

/* Fact by fact: what lies between the members differs without a meaning. */
bool status_equals(const struct status *a, const struct status *b);

enum light status_light(const struct status *s);
const char *light_name(enum light light); /* "red", "green", "blinking" */

#endif
