/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_STATUS_H
#define TRAYPOST_CORE_STATUS_H

/* The state people see, as a pure function of facts. The icon follows this and nothing else. */

#include <stdbool.h>
#include <stdint.h>

struct status {
    bool running;   /* started, not stopped */
    bool listening; /* every wanted address accepts */
    bool connected; /* a name server answers */
    bool trouble;   /* a mail failed or a stranger was refused since the last reset */
    uint32_t delivered_today;
    uint32_t failed_today;
};

enum light { LIGHT_RED, LIGHT_GREEN, LIGHT_BLINKING };

enum light status_light(const struct status *s);
const char *light_name(enum light light); /* "red", "green", "blinking" */

#endif
