/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TRANSLATION_H
#define TRAYPOST_TRANSLATION_H

/*
 * What a remote server's refusal means, for people who do not read SMTP: in a few words for a list, in one
 * sentence, and in another one what can be done, in the reader's language. The server's own words are always shown
 * beside; the translation never stands in for them. Faults that were found here are explained by text.h.
 *
 * UTF-8; the sentences are whole, with a capital and a full stop; all are "" for NONE. PORT_25_BLOCKED also serves whoever finds
 * that no server at all can be reached.
 */

#include "core/refusal.h"
#include "text.h"

const char *translation_brief(enum refusal refusal, enum text_language language);
const char *translation_explanation(enum refusal refusal, enum text_language language);
const char *translation_remedy(enum refusal refusal, enum text_language language);

#endif
