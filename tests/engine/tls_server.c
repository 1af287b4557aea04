/* SPDX-License-Identifier: MIT */
#include "tls_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <psa/crypto.h>

#include "certificates.h"

struct tls_server {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt certificate;
    mbedtls_pk_context key;
    struct span in;
    struct buf out;
    bool up, ended, resumed;
    char asked_for[256];
};

static mbedtls_ssl_ticket_context tickets;
static unsigned ticket_users;

static void must(int error)
{
    if (error)
        abort();
}

static char bundle[] = "/tmp/traypost-test-XXXXXX";

static void remove_bundle(void)
{
    remove(bundle);
}

void tls_server_trust(const char *certificates)
{
    static bool is_made;
    if (!is_made) {
        int descriptor = mkstemp(bundle);
        must(descriptor < 0 || close(descriptor) != 0 || setenv("SSL_CERT_FILE", bundle, 1) != 0 ||
             atexit(remove_bundle) != 0);
        is_made = true;
    }
    FILE *file = fopen(bundle, "w");
    must(!file || fputs(certificates, file) < 0 || fclose(file) != 0);
}

static int on_send(void *context, const unsigned char *bytes, size_t length)
{
    struct tls_server *s = context;
    if (!buf_append(&s->out, bytes, length))
        abort();
    return (int)length;
}

static int on_receive(void *context, unsigned char *bytes, size_t size)
{
    struct tls_server *s = context;
    struct span piece = span_first(s->in, size);
    if (piece.length == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(bytes, piece.at, piece.length);
    s->in = span_skip(s->in, piece.length);
    return (int)piece.length;
}

static int on_name(void *context, mbedtls_ssl_context *ssl, const unsigned char *name, size_t length)
{
    struct tls_server *s = context;
    (void)ssl;
    span_copy(span_make((const char *)name, length), s->asked_for, sizeof s->asked_for);
    return 0;
}

static int on_ticket(void *context, mbedtls_ssl_session *session, unsigned char *ticket, size_t length)
{
    struct tls_server *s = context;
    int error = mbedtls_ssl_ticket_parse(&tickets, session, ticket, length);
    s->resumed = error == 0;
    return error;
}

static int make_ticket(void *context, const mbedtls_ssl_session *session, unsigned char *start,
                       const unsigned char *end, size_t *length, uint32_t *lifetime)
{
    (void)context;
    return mbedtls_ssl_ticket_write(&tickets, session, start, end, length, lifetime);
}

static void share_ticket_keys(void)
{
    if (ticket_users++ > 0)
        return;
    mbedtls_ssl_ticket_init(&tickets);
    must(mbedtls_ssl_ticket_setup(&tickets, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE,
                                  MBEDTLS_CIPHER_AES_256_GCM, 86400));
}

struct tls_server *tls_server_new(enum tls_server_kind kind)
{
    static const struct {
        const char *certificate, *key;
        size_t certificate_size, key_size;
        mbedtls_ssl_protocol_version version;
    } kinds[] = {
#define EC ec_key, sizeof ec_certificate, sizeof ec_key
        [TLS_SERVER_13] = {ec_certificate, EC, MBEDTLS_SSL_VERSION_TLS1_3},
        [TLS_SERVER_12_EC] = {ec_certificate, EC, MBEDTLS_SSL_VERSION_TLS1_2},
        [TLS_SERVER_12_RSA] = {rsa_certificate, rsa_key, sizeof rsa_certificate, sizeof rsa_key,
                               MBEDTLS_SSL_VERSION_TLS1_2},
        [TLS_SERVER_EXPIRED] = {expired_certificate, ec_key, sizeof expired_certificate, sizeof ec_key,
                                MBEDTLS_SSL_VERSION_TLS1_3},
        [TLS_SERVER_WEB] = {web_certificate, ec_key, sizeof web_certificate, sizeof ec_key,
                            MBEDTLS_SSL_VERSION_TLS1_3},
        [TLS_SERVER_NAMELESS] = {nameless_certificate, ec_key, sizeof nameless_certificate, sizeof ec_key,
                                 MBEDTLS_SSL_VERSION_TLS1_3},
#undef EC
    };
    struct tls_server *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    must(psa_crypto_init() != PSA_SUCCESS);
    share_ticket_keys();
    buf_init(&s->out, 64 * 1024 * 1024);
    mbedtls_ssl_init(&s->ssl);
    mbedtls_ssl_config_init(&s->config);
    mbedtls_x509_crt_init(&s->certificate);
    mbedtls_pk_init(&s->key);
    must(mbedtls_ssl_config_defaults(&s->config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&s->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_min_tls_version(&s->config, kinds[kind].version);
    mbedtls_ssl_conf_max_tls_version(&s->config, kinds[kind].version);
    mbedtls_ssl_conf_sni(&s->config, on_name, s);
    mbedtls_ssl_conf_session_tickets_cb(&s->config, make_ticket, on_ticket, s);
    must(mbedtls_x509_crt_parse(&s->certificate, (const unsigned char *)kinds[kind].certificate,
                                kinds[kind].certificate_size));
    must(mbedtls_pk_parse_key(&s->key, (const unsigned char *)kinds[kind].key, kinds[kind].key_size, NULL, 0,
                              mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE));
    must(mbedtls_ssl_conf_own_cert(&s->config, &s->certificate, &s->key));
    must(mbedtls_ssl_setup(&s->ssl, &s->config));
    mbedtls_ssl_set_bio(&s->ssl, s, on_send, on_receive, NULL);
    return s;
}

void tls_server_free(struct tls_server *s)
{
    if (!s)
        return;
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->config);
    mbedtls_x509_crt_free(&s->certificate);
    mbedtls_pk_free(&s->key);
    buf_clear(&s->out);
    if (--ticket_users == 0)
        mbedtls_ssl_ticket_free(&tickets);
    free(s);
}

bool tls_server_feed(struct tls_server *s, struct span sealed, struct buf *plain)
{
    s->in = sealed;
    while (!s->up) {
        int error = mbedtls_ssl_handshake(&s->ssl);
        if (error == MBEDTLS_ERR_SSL_WANT_READ)
            return true;
        if (error)
            return false;
        s->up = true;
    }
    for (;;) {
        unsigned char piece[1024];
        int count = mbedtls_ssl_read(&s->ssl, piece, sizeof piece);
        if (count > 0)
            buf_append(plain, piece, (size_t)count);
        else if (count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || count == 0)
            return s->ended = true;
        else if (count != MBEDTLS_ERR_SSL_WANT_READ)
            return false;
        else if (s->in.length == 0)
            return true;
    }
}

void tls_server_write(struct tls_server *s, struct span plain)
{
    while (plain.length > 0) {
        int count = mbedtls_ssl_write(&s->ssl, (const unsigned char *)plain.at, plain.length);
        if (count <= 0)
            abort();
        plain = span_skip(plain, (size_t)count);
    }
}

void tls_server_write_nothing(struct tls_server *s)
{
    must(mbedtls_ssl_write(&s->ssl, (const unsigned char *)"", 0));
}

void tls_server_end(struct tls_server *s)
{
    must(mbedtls_ssl_close_notify(&s->ssl));
}

struct buf *tls_server_out(struct tls_server *s)
{
    return &s->out;
}

bool tls_server_is_up(const struct tls_server *s)
{
    return s->up;
}

bool tls_server_ended(const struct tls_server *s)
{
    return s->ended;
}

bool tls_server_resumed(const struct tls_server *s)
{
    return s->resumed;
}

const char *tls_server_asked_for(const struct tls_server *s)
{
    return s->asked_for;
}
