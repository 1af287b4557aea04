/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_H
#define TRAYPOST_TEXT_H

/*
 * Every sentence people read, in every language, from one catalogue (src/text). Facts in, UTF-8 out.
 * SMTP replies are not here: they are English and ASCII, and belong to the protocol.
 */

#include "core/buf.h"
#include "core/config.h"
#include "core/event.h"
#include "core/status.h"

enum text_language { TEXT_EN, TEXT_CS, TEXT_PL, TEXT_LANGUAGE_COUNT };

/* From the option and, where it says nothing, a locale name such as "cs_CZ.UTF-8" or "pl-PL" (NULL
 * or unknown: English). */
enum text_language text_language_choose(enum config_language wanted, const char *locale);

/* The sentence of a log line, without time and without a newline. */
void text_event(const struct event *e, enum text_language language, struct buf *out);

/* "12:03:11", local time of the event. */
void text_event_time(const struct event *e, char text[9]);

#endif
