/* SPDX-License-Identifier: MIT */
/*
 * Facts in, light out. Nothing is remembered here: whoever shows the light asks again when a fact changes,
 * so an icon can never be left behind by an event that was missed.
 */

#include "core/status.h"

bool status_equals(const struct status *a, const struct status *b)
{
    return a->running == b->running && a->starting == b->starting && a->listening == b->listening &&
           a->connected == b->connected && a->trouble == b->trouble &&
           a->delivered_today == b->delivered_today && a->failed_today == b->failed_today &&
           a->mails_in_progress == b->mails_in_progress;
}

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
