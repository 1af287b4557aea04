/* SPDX-License-Identifier: MIT */
/*
 * Conversion to A-labels: what comes out is a name that can be said on a command line and asked of DNS, and
 * converting it again changes nothing. What cannot be converted leaves nothing behind.
 */

#include "fuzz.h"
#include "smtp/address.h"
#include "smtp/idna.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span domain = span_make((const char *)data, size);
    char ascii[SMTP_DNS_NAME_MAX + 1], again[SMTP_DNS_NAME_MAX + 1];

    if (!span_is_utf8(domain) || span_find(domain, '\0') < size)
        return 0; /* no command line holds it */
    memset(ascii, 'x', sizeof ascii);
    char *copy = exact_copy(domain);
    enum smtp_idna_status status = smtp_idna_to_ascii(span_make(copy, size), ascii);
    free(copy);

    ALWAYS(smtp_idna_words(status)[0] != '\0', "there are words for it");
    if (status != SMTP_IDNA_OK) {
        ALWAYS(ascii[0] == '\0', "a name that cannot be converted leaves nothing");
        return 0;
    }
    ALWAYS(memchr(ascii, '\0', sizeof ascii) != NULL, "the name ends");
    ALWAYS(smtp_domain_valid(span_of(ascii), false), "it is a domain in ASCII");
    ALWAYS(ascii[strlen(ascii) - 1] != '.', "without a final dot");
    status = smtp_idna_to_ascii(span_of(ascii), again);
    ALWAYS(status == SMTP_IDNA_OK && strcmp(ascii, again) == 0, "and is its own name");
    return 0;
}
