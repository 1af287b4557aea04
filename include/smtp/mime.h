/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_MIME_H
#define TRAYPOST_SMTP_MIME_H

/*
 * Writing mails of our own: header fields and text in 7-bit lines of at most 78 octets where that is possible, and
 * never more than RFC 5322 section 2.1.1 allows. Whatever is handed in, what comes out is one field, or lines of text:
 * nothing in a value can end its line.
 *
 * All of these append to `out`; whether it has failed is for the caller to see, once, at the end.
 */

#include "core/buf.h"

#define SMTP_MIME_LINE_WISH 78 /* RFC 5322 section 2.1.1 */
#define SMTP_MIME_LINE_MAX 998

/*
 * "Name: value", folded at blanks. Octets outside 32..126 become '?'; with `utf8`, characters of well-formed UTF-8
 * stay (RFC 6532). Blanks at both ends go; in between they stay, at a fold too, unless they would fill a line.
 */
void smtp_mime_field(struct buf *out, const char *name, struct span value, bool utf8);

/* A field of free text for people: UTF-8, which becomes encoded words (RFC 2047) unless it is ASCII. */
void smtp_mime_words(struct buf *out, const char *name, struct span text);

/* Quoted-printable (RFC 2045 section 6.7). Lines of `text` end with LF or CRLF, in the output with CRLF, the last one
 * too, whether it had an end or not. All other octets come out as they were, when it is decoded. No line of the output begins with a dot, with
 * "From " or with "--". */
void smtp_mime_quoted_printable(struct buf *out, struct span text);

#endif
