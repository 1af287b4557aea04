/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_TLS_SERVER_H
#define TRAYPOST_TESTS_TLS_SERVER_H

/*
 * The other end of TLS, over memory, by Mbed TLS's server side (which only the sanitizers' build of the library has).
 * Sessions are resumed by tickets; every server of a program shares their keys.
 */

#include "core/buf.h"

enum tls_server_kind {
    TLS_SERVER_NONE,
    TLS_SERVER_13,       /* TLS 1.3, certificate of an EC key */
    TLS_SERVER_12_EC,    /* TLS 1.2 and nothing later */
    TLS_SERVER_12_RSA,   /* likewise with an RSA certificate, which Mbed TLS 3.6.6 refused */
    TLS_SERVER_EXPIRED,  /* TLS 1.3 with an expired certificate */
    TLS_SERVER_WEB,      /* TLS 1.3, the certificate of mta-sts.one.test */
    TLS_SERVER_NAMELESS, /* TLS 1.3, a certificate that names mx.one.test in its subject only */
    TLS_SERVER_KIND_COUNT,
};

struct tls_server;

/* From now on the computer of this test trusts whom these certificates (PEM) belong to, and nobody else. */
void tls_server_trust(const char *certificates);

struct tls_server *tls_server_new(enum tls_server_kind kind);
void tls_server_free(struct tls_server *s);

/* What the client has sent; opened text is appended to *plain. False when it is no good. */
bool tls_server_feed(struct tls_server *s, struct span sealed, struct buf *plain);
void tls_server_write(struct tls_server *s, struct span plain);
void tls_server_write_nothing(struct tls_server *s); /* a record with nothing in it */
void tls_server_end(struct tls_server *s);           /* close_notify */

struct buf *tls_server_out(struct tls_server *s); /* to be sent; the caller consumes it */
bool tls_server_is_up(const struct tls_server *s);
bool tls_server_ended(const struct tls_server *s);            /* close_notify has come */
bool tls_server_resumed(const struct tls_server *s);          /* a ticket of ours was shown, and taken */
const char *tls_server_asked_for(const struct tls_server *s); /* the name in the hello; "" for none */

#endif
