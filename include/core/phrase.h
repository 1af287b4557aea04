/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_PHRASE_H
#define TRAYPOST_CORE_PHRASE_H

/*
 * Looks for known phrases in a stranger's words: a remote server's reply, for example. The words are
 * made comparable once, then many phrases are looked for in them.
 *
 * Mail addresses in the words become "@". What people call their mailboxes must not be read as what
 * the server says: "<spam@example.com>: user unknown" is not about spam.
 */

#include "core/span.h"

#define PHRASE_TEXT_MAX 511 /* more than struct outcome keeps; what is longer is cut */

struct phrase_text {
    char text[PHRASE_TEXT_MAX + 1]; /* ASCII lower case, single blanks, one also at either end */
};

void phrase_prepare(struct phrase_text *prepared, struct span words);

/*
 * Does one of the `phrases` stand somewhere in the words? A vertical bar separates phrases; a star in
 * a phrase is any run of octets, also none. They are written in lower case:
 * "user unknown|no such *user". A blank in front of a phrase lets it begin with a word, also with the
 * first one. An empty phrase is never found.
 */
bool phrase_found(const struct phrase_text *prepared, const char *phrases);

#endif
