/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_FACT_H
#define TRAYPOST_TEXT_FACT_H

/* An event as values for the placeholders that en.h lists. */

#include "catalogue.h"
#include "fill.h"

struct text_facts {
    const struct event *event;
    const struct text_catalogue *catalogue;
};

struct text_facts text_facts_of(const struct event *e, enum text_language language);

/* A text_find_fn over struct text_facts. */
void text_fact(const void *facts, struct span name, struct text_filling *value);

/* Why a mail was not delivered, as far as it is known: the fault, what the server's words mean, or what its code
 * says. NULLs: only the server's own words tell. */
struct text_reason text_reason_of(const struct text_facts *facts);

#endif
