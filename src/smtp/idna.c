/* SPDX-License-Identifier: MIT */
/* The one place that calls libidn2. */

#include "smtp/idna.h"

#include <idn2.h>

#include "smtp/address.h"

static enum smtp_idna_status status_of(int code)
{
    switch (code) {
    case IDN2_OK:
        return SMTP_IDNA_OK;
    case IDN2_MALLOC:
        return SMTP_IDNA_NO_MEMORY;
    case IDN2_TOO_BIG_DOMAIN:
    case IDN2_TOO_BIG_LABEL:
    case IDN2_PUNYCODE_BIG_OUTPUT:
    case IDN2_PUNYCODE_OVERFLOW:
        return SMTP_IDNA_TOO_LONG;
    case IDN2_INVALID_ALABEL:
    case IDN2_PUNYCODE_BAD_INPUT:
        return SMTP_IDNA_BAD_A_LABEL;
    default:
        return SMTP_IDNA_FORBIDDEN;
    }
}

/* The mapping can make anything of what looks like ASCII: a fullwidth "<" becomes "<", a soft hyphen becomes
 * nothing and leaves an empty label. So what comes out is judged like what a client writes itself. */
static enum smtp_idna_status take(struct span found, char ascii[SMTP_DNS_NAME_MAX + 1])
{
    if (found.length > 0 && found.at[found.length - 1] == '.')
        found.length--;
    if (found.length > SMTP_DNS_NAME_MAX)
        return SMTP_IDNA_TOO_LONG;
    if (!smtp_domain_valid(found, false) || found.at[found.length - 1] == '.')
        return SMTP_IDNA_FORBIDDEN;
    span_copy(found, ascii, SMTP_DNS_NAME_MAX + 1);
    return SMTP_IDNA_OK;
}

enum smtp_idna_status smtp_idna_to_ascii(struct span domain, char ascii[SMTP_DNS_NAME_MAX + 1])
{
    char text[SMTP_DOMAIN_MAX + 1];
    uint8_t *found = NULL;
    ascii[0] = '\0';
    if (!span_copy(domain, text, sizeof text))
        return SMTP_IDNA_TOO_LONG;
    int code = idn2_lookup_u8((const uint8_t *)text, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    enum smtp_idna_status status = status_of(code);
    if (status == SMTP_IDNA_OK)
        status = take(span_of((const char *)found), ascii);
    idn2_free(found);
    return status;
}

const char *smtp_idna_words(enum smtp_idna_status status)
{
    switch (status) {
    case SMTP_IDNA_OK:
        break;
    case SMTP_IDNA_FORBIDDEN:
        return "a character in it is not for domain names";
    case SMTP_IDNA_BAD_A_LABEL:
        return "a part that begins with xn-- means nothing";
    case SMTP_IDNA_TOO_LONG:
        return "it, or a part of it, is too long as DNS writes it";
    case SMTP_IDNA_NO_MEMORY:
        return "out of memory";
    }
    return "it is right";
}
