/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_IDNA_H
#define TRAYPOST_SMTP_IDNA_H

/*
 * Internationalised domain names as DNS and every mail server know them: A-labels ("xn--...", RFC 5890).
 * The work is libidn2's: IDNA2008 look-up (RFC 5891 section 5) behind the mapping of UTS #46, not transitional,
 * so letters are lower-cased, composed, of ordinary width, and the ideographic full stops are dots; but
 * "ß", the final sigma and the joiners stay themselves.
 *
 * Why not the system's on Windows: its IdnToAscii() maps "faß.de" to "fass.de", which is somebody else's, and
 * checks little; and one behaviour on both systems is worth its 290 kB of tables.
 */

#include "core/span.h"

#define SMTP_DNS_NAME_MAX 253 /* octets of a name as text, without a final dot (RFC 1035 section 2.3.4) */

enum smtp_idna_status {
    SMTP_IDNA_OK,
    SMTP_IDNA_FORBIDDEN,   /* a character, or a place for it, that no domain name has */
    SMTP_IDNA_BAD_A_LABEL, /* one of its labels begins with "xn--" and means nothing */
    SMTP_IDNA_TOO_LONG,    /* a label over 63 octets as an A-label, or the whole over SMTP_DNS_NAME_MAX */
    SMTP_IDNA_NO_MEMORY,
};

/*
 * Converts a domain in well-formed UTF-8 to A-labels, in lower case, without a final dot. `ascii` has room for
 * SMTP_DNS_NAME_MAX + 1; it is "" unless the answer is OK, and then a valid domain in ASCII.
 */
enum smtp_idna_status smtp_idna_to_ascii(struct span domain, char ascii[SMTP_DNS_NAME_MAX + 1]);

/* What is wrong, in a few words of English. */
const char *smtp_idna_words(enum smtp_idna_status status);

#endif
