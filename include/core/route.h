/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_ROUTE_H
#define TRAYPOST_CORE_ROUTE_H

/*
 * Where a recipient's mail goes: today the MXs of the domain, or an address literal. A smart host or
 * a local folder will be further kinds. Recipients with equal routes share one leg.
 */

#include "core/ip.h"
#include "core/outcome.h"
#include "smtp/address.h"

enum route_kind {
    ROUTE_MX,      /* look up the MXs of `domain` */
    ROUTE_ADDRESS, /* connect to `ip` (RFC 5321 section 4.1.3 literal) */
};

struct route {
    enum route_kind kind;
    struct ip ip;
    char domain[256]; /* A-labels, lower case, no final dot; the literal's text for ROUTE_ADDRESS */
};

/* Can servers be told this address? False with *why set when its domain has no A-labels. */
bool route_has_name(const struct smtp_address *address, struct outcome *why);

/* False with *why set when nothing can be sent there (no domain, none with A-labels, odd literal). */
bool route_for(const struct smtp_address *recipient, struct route *route, struct outcome *why);

bool route_equals(const struct route *a, const struct route *b);

#endif
