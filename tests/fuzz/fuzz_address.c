/* SPDX-License-Identifier: MIT */
/*
 * Paths: what is accepted is text that is safe on a command line, means the same when it is written
 * and read again, has a route or a reason why not, and is said to servers with a domain in ASCII.
 */

#include "core/route.h"
#include "fuzz.h"
#include "smtp/address.h"

static void check_route(const struct smtp_address *a)
{
    struct route route;
    struct outcome why;

    if (!route_for(a, &route, &why)) {
        ALWAYS(why.kind == OUTCOME_PERMANENT && why.code >= 500 && why.words[0] != '\0',
               "refused with a reason");
        return;
    }
    ALWAYS(memchr(route.domain, '\0', sizeof route.domain) != NULL, "the domain ends");
    ALWAYS(route_equals(&route, &route), "a route is itself");
    if (route.kind == ROUTE_ADDRESS) {
        ALWAYS(a->literal && route.ip.family != IP_NONE, "an address comes of a literal");
        return;
    }
    ALWAYS(smtp_domain_valid(span_of(route.domain), false), "a domain that DNS can be asked for");
    for (const char *c = route.domain; *c != '\0'; c++)
        ALWAYS(*c == ascii_lower(*c), "in lower case");
}

/* What a server is told is an address with the same local part, and with nothing more to convert. */
static void check_said(const struct smtp_address *a)
{
    struct smtp_address again;
    struct buf said;
    struct outcome why;

    if (!route_has_name(a, &why)) {
        ALWAYS(smtp_address_ascii_domain(a).length == 0, "without a name there is none");
        return;
    }
    buf_init(&said, sizeof a->text + SMTP_DNS_NAME_MAX);
    smtp_address_say(a, &said);
    struct span rest = buf_span(&said);
    ALWAYS(smtp_address_parse(&rest, &again) == SMTP_ADDRESS_OK && rest.length == 0, "it is an address");
    ALWAYS(span_equals(smtp_address_local_part(&again), smtp_address_local_part(a)), "of the same person");
    ALWAYS(span_is_ascii(smtp_address_domain(&again)) && again.ascii_domain[0] == '\0',
           "at a domain in ASCII");
    ALWAYS(again.idna == SMTP_IDNA_OK, "that DNS can have");
    ALWAYS(a->utf8 || span_is_ascii(buf_span(&said)), "only the local part may need SMTPUTF8");
    buf_clear(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = exact_copy(span_make((const char *)data, size));
    struct span rest = span_make(copy, size), text, local, domain;
    struct smtp_address a, again;
    char written[sizeof a.text + 2];

    if (smtp_address_parse(&rest, &a) != SMTP_ADDRESS_OK) {
        free(copy);
        return 0;
    }
    ALWAYS(rest.at >= copy && rest.at + rest.length == copy + size, "the rest is the end of the input");
    ALWAYS(memchr(a.text, '\0', sizeof a.text) != NULL, "the text ends");
    text = span_of(a.text);
    for (size_t i = 0; i < text.length; i++) {
        ALWAYS((unsigned char)text.at[i] > 127 || ascii_is_print(text.at[i]), "no control characters");
    }
    local = smtp_address_local_part(&a);
    domain = smtp_address_domain(&a);
    ALWAYS(a.utf8 == !span_is_ascii(local), "utf8 is about the local part");
    ALWAYS(a.local_length <= SMTP_LOCAL_PART_MAX && local.length == a.local_length,
           "the local part has its limit");
    ALWAYS(domain.length <= SMTP_DOMAIN_MAX, "the domain has its limit");
    ALWAYS(text.length == local.length + (domain.length > 0 ? 1 + domain.length : 0), "parts make the whole");
    if (domain.length > 0) {
        ALWAYS(local.length > 0 && a.text[a.local_length] == '@', "an @ between them");
        ALWAYS(span_find(domain, '@') == domain.length && span_find(domain, '>') == domain.length,
               "none inside");
        ALWAYS(a.literal == (domain.at[0] == '['), "literal says so");
        ALWAYS(!a.literal || (domain.length > 2 && domain.at[domain.length - 1] == ']'),
               "a literal is closed");
        ALWAYS(a.literal || smtp_domain_valid(domain, true), "a domain is one");
    }

    snprintf(written, sizeof written, "<%s>", a.text);
    rest = span_of(written);
    ALWAYS(smtp_address_parse(&rest, &again) == SMTP_ADDRESS_OK && rest.length == 0,
           "what was read can be written");
    ALWAYS(strcmp(again.text, a.text) == 0 && again.local_length == a.local_length &&
               again.literal == a.literal && again.utf8 == a.utf8,
           "and is the same when it is read again");
    check_route(&a);
    if (a.text[0] != '\0')
        check_said(&a);
    free(copy);
    return 0;
}
