/* SPDX-License-Identifier: MIT */
/* Ordering mail exchangers. Randomness is an argument, so that a test can hold it still. */

#include "smtp/mx.h"

#include <stdlib.h>

static int by_preference(const void *a, const void *b)
{
    const struct smtp_mx *left = a, *right = b;
    return (left->preference > right->preference) - (left->preference < right->preference);
}

/* splitmix64: good enough to spread load, nothing secret hangs on it. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void shuffle(struct smtp_mx *list, size_t count, uint64_t *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)(next_random(random) % i);
        struct smtp_mx kept = list[i - 1];
        list[i - 1] = list[other];
        list[other] = kept;
    }
}

bool smtp_mx_is_null(const struct smtp_mx *list, size_t count)
{
    return count == 1 && list[0].host[0] == '\0';
}

size_t smtp_mx_keep_best(struct smtp_mx *list, size_t count)
{
    qsort(list, count, sizeof *list, by_preference);
    return count < SMTP_MX_HOSTS_MAX ? count : SMTP_MX_HOSTS_MAX;
}

static bool named_before(const struct smtp_mx *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (span_equals_nocase(span_of(list[i].host), span_of(list[index].host)))
            return true;
    return false;
}

size_t smtp_mx_order(struct smtp_mx *list, size_t count, uint64_t random)
{
    qsort(list, count, sizeof *list, by_preference);

    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        list[kept] = list[i];
        if (list[kept].host[0] != '\0' && !named_before(list, kept))
            kept++;
    }

    for (size_t first = 0; first < kept;) {
        size_t end = first + 1;
        while (end < kept && list[end].preference == list[first].preference)
            end++;
        shuffle(list + first, end - first, &random);
        first = end;
    }
    return kept;
}
