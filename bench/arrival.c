/* SPDX-License-Identifier: MIT
 *
 * See arrival.h. The hunt for the closing dot looks for dots, not for line ends: a body has few dots and memchr() skips
 * the rest at memory speed. A dot counts when the two bytes before it are CRLF; those may lie in an earlier feed, hence
 * `before`, and what follows it may lie in a later one, hence `dot`.
 */
#include "arrival.h"

static const char id_field[] = "X-Bench-Id:";

void arrival_start(struct arrival *a)
{
    memset(a, 0, sizeof *a);
    a->before[0] = '\r';
    a->before[1] = '\n';
}

static void arrival_header_line(struct arrival *a)
{
    size_t len = a->line_len;

    a->line_len = 0;
    if (len == 1 && a->line[0] == '\r') {
        a->in_body = true;
        return;
    }
    if (len < sizeof id_field || memcmp(a->line, id_field, sizeof id_field - 1) != 0)
        return;
    for (size_t i = sizeof id_field - 1; i < len; i++) {
        if (a->line[i] >= '0' && a->line[i] <= '9')
            a->id = a->id * 10 + (uint64_t)(a->line[i] - '0');
    }
}

void arrival_feed(struct arrival *a, const char *p, size_t n)
{
    const char *end = p + n;

    while (!a->in_body && p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline != NULL ? newline : end;
        size_t room = sizeof a->line - a->line_len;
        size_t take = (size_t)(stop - p) < room ? (size_t)(stop - p) : room;

        memcpy(a->line + a->line_len, p, take);
        a->line_len += take;
        p = stop;
        if (newline != NULL) {
            arrival_header_line(a);
            p++;
        }
    }
    if (p < end)
        digest_add(&a->body, p, (size_t)(end - p));
}

/* Is the dot at p[i] the first byte of its line? */
static bool arrival_at_line_start(const struct arrival *a, const char *p, size_t i)
{
    char last = i >= 1 ? p[i - 1] : a->before[1];
    char last_but_one = i >= 2 ? p[i - 2] : a->before[i];

    return last == '\n' && last_but_one == '\r';
}

/* Go on behind CRLF. with the bytes that decide what it was. Returns the bytes used. */
static size_t arrival_after_dot(struct arrival *a, const char *p, size_t n, bool *done)
{
    size_t used = 0;

    if (a->dot == ARRIVAL_DOT && n > used && p[used] == '\r') {
        a->dot = ARRIVAL_DOT_CR;
        used++;
    }
    if (used == n)
        return used;
    if (a->dot == ARRIVAL_DOT_CR) {
        if (p[used] == '\n') {
            *done = true;
            return used + 1;
        }
        arrival_feed(a, "\r", 1);
    }
    a->dot = ARRIVAL_DOT_NONE;
    return used;
}

size_t arrival_feed_dotted(struct arrival *a, const char *p, size_t n, bool *done)
{
    size_t fed = 0;  /* content up to here was passed on */
    size_t seek = 0; /* dots are looked for from here */

    *done = false;
    if (a->dot != ARRIVAL_DOT_NONE && n > 0) {
        fed = seek = arrival_after_dot(a, p, n, done);
        if (*done)
            return fed;
    }
    while (a->dot == ARRIVAL_DOT_NONE) {
        const char *found = seek < n ? memchr(p + seek, '.', n - seek) : NULL;
        size_t at = found != NULL ? (size_t)(found - p) : n;

        seek = at + 1;
        if (found != NULL && !arrival_at_line_start(a, p, at))
            continue;
        arrival_feed(a, p + fed, at - fed);
        if (found == NULL)
            break;
        a->dot = ARRIVAL_DOT;
        fed = at + 1;
        fed += arrival_after_dot(a, p + fed, n - fed, done);
        if (*done)
            return fed;
        seek = fed;
    }
    if (n >= 2)
        a->before[0] = p[n - 2];
    else if (n == 1)
        a->before[0] = a->before[1];
    if (n >= 1)
        a->before[1] = p[n - 1];
    return n;
}
