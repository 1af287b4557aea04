/* SPDX-License-Identifier: MIT */
/* From a forward-path to the place its mail goes. Pure: the look-up itself is the resolver's. */

#include "core/route.h"

#include <string.h>

static bool refuse(struct outcome *why, enum outcome_fault fault, const char *more)
{
    *why = outcome_from_fault(fault, more);
    return false;
}

/* "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3). */
static bool literal_route(struct span literal, struct route *route, struct outcome *why)
{
    struct span inside = span_make(literal.at + 1, literal.length - 2);
    bool six = span_starts_nocase(inside, SPAN("IPv6:"));
    if (six)
        inside = span_skip(inside, 5);
    bool colons = span_find(inside, ':') < inside.length; /* ::ffff:192.0.2.1 is an IPv6 text too */
    if (!ip_parse(inside, &route->ip) || six != colons)
        return refuse(why, OUTCOME_FAULT_DNS_NO_DOMAIN, "not an address literal");
    route->kind = ROUTE_ADDRESS;
    span_copy(literal, route->domain, sizeof route->domain);
    return true;
}

bool route_has_name(const struct smtp_address *address, struct outcome *why)
{
    if (address->idna == SMTP_IDNA_OK)
        return true;
    if (address->idna == SMTP_IDNA_NO_MEMORY)
        return refuse(why, OUTCOME_FAULT_NO_MEMORY, NULL);
    return refuse(why, OUTCOME_FAULT_NO_IDNA, smtp_idna_words(address->idna));
}

bool route_for(const struct smtp_address *recipient, struct route *route, struct outcome *why)
{
    struct span domain = smtp_address_ascii_domain(recipient);
    *route = (struct route){.kind = ROUTE_MX};

    if (!route_has_name(recipient, why))
        return false;
    if (domain.length == 0)
        return refuse(why, OUTCOME_FAULT_NO_MAILBOX, NULL);
    if (recipient->literal)
        return literal_route(domain, route, why);
    span_copy(domain, route->domain, sizeof route->domain);
    for (char *c = route->domain; *c; c++)
        *c = ascii_lower(*c);
    return true;
}

bool route_equals(const struct route *a, const struct route *b)
{
    if (a->kind != b->kind)
        return false;
    return a->kind == ROUTE_ADDRESS ? ip_equals(&a->ip, &b->ip) : strcmp(a->domain, b->domain) == 0;
}
