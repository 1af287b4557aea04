/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_MX_H
#define TRAYPOST_SMTP_MX_H

/* The order in which a domain's mail exchangers are tried (RFC 5321 section 5.1, RFC 7505). */

#include "core/span.h"

#define SMTP_MX_HOSTS_MAX 256 /* a domain that names more is served by the best ones */

struct smtp_mx {
    uint16_t preference;
    char host[256]; /* "" = the root: alone it is the null MX */
};

/* Of all the records of an answer those that will do: sorted, the best SMTP_MX_HOSTS_MAX of them stay. Returns how many. */
size_t smtp_mx_keep_best(struct smtp_mx *list, size_t count);

/* Sorts by preference, shuffles equal ones by `random`, drops hosts named twice (the better
 * preference stays) and the root among others. Returns the new count. */
size_t smtp_mx_order(struct smtp_mx *list, size_t count, uint64_t random);

/* One record, and it names the root: the domain takes no mail. */
bool smtp_mx_is_null(const struct smtp_mx *list, size_t count);

#endif
