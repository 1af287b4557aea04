/* SPDX-License-Identifier: MIT */
/*
 * Facts in, light out. Nothing is remembered here: whoever shows the light asks again when a fact changes,
 * so an icon can never be left behind by an event that was missed.
 */

#include "core/status.h"

enum light status_light(const struct status *s)
{
    if (!s->running || !s->listening || !s->connected)
        return LIGHT_RED; /* cannot send: that matters more than what failed before */
    return s->trouble ? LIGHT_BLINKING : LIGHT_GREEN;
}

const char *light_name(enum light light)
{
    switch (light) {
    case LIGHT_RED:
        return "red";
    case LIGHT_GREEN:
        return "green";
    case LIGHT_BLINKING:
        return "blinking";
    }
    return "";
}
