/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_MEANING_H
#define TRAYPOST_TEXT_MEANING_H

/* What a server's reply means by its codes alone: they are a standard's, its words are anything. */

#include "catalogue.h"

/* TEXT_MEANING_NONE when the codes do not tell, or the outcome is not a server's refusal. */
enum text_meaning text_meaning_of(const struct outcome *o);

#endif
