/* SPDX-License-Identifier: MIT */
/* In place of tls_server.c where Mbed TLS has no server side: there is no server, and no test asks for one. */

#include "tls_server.h"

#include <stdlib.h>

struct tls_server *tls_server_new(enum tls_server_kind kind)
{
    (void)kind;
    abort();
}

void tls_server_free(struct tls_server *s)
{
    (void)s;
}

bool tls_server_feed(struct tls_server *s, struct span sealed, struct buf *plain)
{
    (void)s;
    (void)sealed;
    (void)plain;
    return false;
}

void tls_server_write(struct tls_server *s, struct span plain)
{
    (void)s;
    (void)plain;
}

struct buf *tls_server_out(struct tls_server *s)
{
    (void)s;
    return NULL;
}

bool tls_server_is_up(const struct tls_server *s)
{
    (void)s;
    return false;
}
