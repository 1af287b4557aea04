/* SPDX-License-Identifier: MIT
 *
 * The proofs of the bench stand on arrival.c: each row is fed whole, byte by byte and at every split, and must give the same
 * id, the same body digest and the same end.
 */
#include "arrival.h"

#include <assert.h>
#include <stdio.h>

struct row {
    const char *name;
    const char *wire; /* what follows the 354 */
    const char *body; /* what the digest must be of */
    uint64_t id;
    size_t left; /* bytes behind the end that are not the mail's */
};

static const struct row rows[] = {
    {"a plain mail", "X-Bench-Id: 0042\r\n\r\nhello\r\n.\r\n", "hello\r\n", 42, 0},
    {"a mail without our header", "Subject: x\r\n\r\nhello\r\n.\r\n", "hello\r\n", 0, 0},
    {"a relay's fields stand before ours", "Received: from a\r\n by b\r\nX-Bench-Id: 7\r\n\r\na\r\n.\r\n",
     "a\r\n", 7, 0},
    {"a header line longer than the buffer",
     "X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n"
     "X-Bench-Id: 9\r\n\r\nb\r\n.\r\n",
     "b\r\n", 9, 0},
    {"doubled dots are undone", "X-Bench-Id: 1\r\n\r\n..\r\n..a\r\n...\r\nb..c.\r\n.\r\n",
     ".\r\n.a\r\n..\r\nb..c.\r\n", 1, 0},
    {"an undoubled dot at a line's start is dropped", "X-Bench-Id: 1\r\n\r\n.a\r\n.\r\n", "a\r\n", 1, 0},
    {"a dot and a bare CR do not end it", "X-Bench-Id: 1\r\n\r\n.\rx\r\n.\r\n", "\rx\r\n", 1, 0},
    {"a bare LF does not start a line", "X-Bench-Id: 1\r\n\r\na\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", 1, 0},
    {"an empty mail", ".\r\n", "", 0, 0},
    {"an empty body", "X-Bench-Id: 3\r\n\r\n.\r\n", "", 3, 0},
    {"the next command is left", "X-Bench-Id: 3\r\n\r\na\r\n.\r\nQUIT\r\n", "a\r\n", 3, 6},
};

static bool arrives(const struct row *row, size_t first, size_t piece)
{
    struct arrival a;
    struct digest want = {0};
    size_t n = strlen(row->wire);
    size_t at = 0;
    bool done = false;

    arrival_start(&a);
    while (at < n && !done) {
        size_t size = at == 0 && first > 0 ? first : piece;
        size = size < n - at ? size : n - at;
        at += arrival_feed_dotted(&a, row->wire + at, size, &done);
    }
    digest_add(&want, row->body, strlen(row->body));
    return done && n - at == row->left && a.id == row->id && a.body.bytes == want.bytes &&
           digest_value(a.body) == digest_value(want);
}

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool ok = arrives(&rows[i], 0, strlen(rows[i].wire)) && arrives(&rows[i], 0, 1);
        for (size_t split = 1; split < strlen(rows[i].wire); split++)
            ok = ok && arrives(&rows[i], split, strlen(rows[i].wire));
        if (!ok) {
            printf("FAILED: %s\n", rows[i].name);
            failed++;
        }
    }
    printf("%d passed, %d failed\n", (int)(sizeof rows / sizeof rows[0]) - failed, failed);
    return failed != 0;
}
