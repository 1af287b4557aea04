/* SPDX-License-Identifier: MIT */
/*
 * Mbed TLS asks for octets by callback; it gets what is in `in`, and WANT_READ when that is used up. A record that has
 * come in part is kept by the library, so input never stays with the caller. What it sends goes into `out`, which
 * refuses nothing but for lack of memory: WANT_WRITE does not occur.
 */

#include "tls.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

#include "core/ip.h"

#define TLS_OUT_CEILING (256 * 1024)

struct tls_setup {
    mbedtls_ssl_config config;
};

struct tls {
    mbedtls_ssl_context ssl;
    struct span in;
    struct buf out;
    bool has_session;
    char name[TLS_NAME_SIZE];
    char reason[80];
};

/* ---------------------------------------------------------------- what all have in common */

/* The fastest on what has AES in its processor first; at the end what only old servers take. All have forward secrecy. */
static const int suites[] = {
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    0,
};

/* In TLS 1.3 the hello has a key for the first one, which everybody knows; with this library it is also the cheapest. */
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

static bool configure(mbedtls_ssl_config *config)
{
    if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return false;
    mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_NONE); /* trust.h */
    mbedtls_ssl_conf_ciphersuites(config, suites);
    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
    return true;
}

struct tls_setup *tls_setup_new(void)
{
    struct tls_setup *setup = calloc(1, sizeof *setup);
    if (!setup)
        return NULL;
    mbedtls_ssl_config_init(&setup->config);
    if (psa_crypto_init() != PSA_SUCCESS || !configure(&setup->config)) {
        tls_setup_free(setup);
        return NULL;
    }
    return setup;
}

void tls_setup_free(struct tls_setup *setup)
{
    if (!setup)
        return;
    mbedtls_ssl_config_free(&setup->config);
    mbedtls_psa_crypto_free();
    free(setup);
}

/* ---------------------------------------------------------------- the library's view of a socket */

static int on_send(void *context, const unsigned char *bytes, size_t length)
{
    struct tls *tls = context;
    return buf_append(&tls->out, bytes, length) ? (int)length : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int on_receive(void *context, unsigned char *bytes, size_t size)
{
    struct tls *tls = context;
    struct span piece = span_first(tls->in, size);
    if (piece.length == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(bytes, piece.at, piece.length);
    tls->in = span_skip(tls->in, piece.length);
    return (int)piece.length;
}

/* ---------------------------------------------------------------- its codes */

/* The library's modules X509 and PK have a range of codes each, to which the cause is added (mbedtls/error.h). */
static bool is_about_certificate(int error)
{
    return (error < -0x2000 && error > -0x3000) || (error < -0x3800 && error > -0x4000);
}

static enum tls_status broken(struct tls *tls, int error)
{
    static const struct {
        int error;
        const char *reason;
    } known[] = {
        {MBEDTLS_ERR_SSL_ALLOC_FAILED, "out of memory"},
        {MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, "the server refuses it"},
        {MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, "the server has no TLS 1.2 or later"},
        {MBEDTLS_ERR_SSL_INVALID_RECORD, "what the server sends is no TLS"},
        {MBEDTLS_ERR_SSL_INVALID_MAC, "what the server sends was altered on its way"},
        {MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, "nothing in common with the server"},
        {MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "the server closed the connection"},
        {MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, "the server sends something that was not to come now"},
        {MBEDTLS_ERR_SSL_BAD_INPUT_DATA, "what the server sends is too much at once"},
    };
    snprintf(tls->reason, sizeof tls->reason, "error -0x%04x", (unsigned)-error);
    if (is_about_certificate(error))
        snprintf(tls->reason, sizeof tls->reason, "the server's certificate cannot be read (error -0x%04x)",
                 (unsigned)-error);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].error == error)
            snprintf(tls->reason, sizeof tls->reason, "%s", known[i].reason);
    return TLS_BROKEN;
}

const char *tls_reason(const struct tls *tls)
{
    return tls->reason;
}

/* The library's name of the suite without what says nothing new: "TLS1-3-AES-256-GCM-SHA384" (the version is named
 * already), "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384" (we offer nothing but ECDHE). */
static void note_name(struct tls *tls)
{
    const char *suite = mbedtls_ssl_get_ciphersuite(&tls->ssl);
    const char *with = strstr(suite, "-WITH-");
    if (with)
        suite = with + strlen("-WITH-");
    else if (span_starts_nocase(span_of(suite), SPAN("TLS1-3-")))
        suite += strlen("TLS1-3-");
    snprintf(tls->name, sizeof tls->name, "%s %s", mbedtls_ssl_get_version(&tls->ssl), suite);
}

const char *tls_name(const struct tls *tls)
{
    return tls->name;
}

/* ---------------------------------------------------------------- beginning and end */

static void offer_session(struct tls *tls, struct span session)
{
    mbedtls_ssl_session former;
    mbedtls_ssl_session_init(&former);
    if (session.length > 0 &&
        mbedtls_ssl_session_load(&former, (const unsigned char *)session.at, session.length) == 0)
        (void)mbedtls_ssl_set_session(&tls->ssl, &former); /* if not, a full handshake does as well */
    mbedtls_ssl_session_free(&former);
}

static bool is_name(const char *host)
{
    struct ip ip;
    return host[0] && host[0] != '[' && !ip_parse(span_of(host), &ip);
}

struct tls *tls_new(struct tls_setup *setup, const char *host, struct span session)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls)
        return NULL;
    buf_init(&tls->out, TLS_OUT_CEILING);
    mbedtls_ssl_init(&tls->ssl);
    if (mbedtls_ssl_setup(&tls->ssl, &setup->config) != 0 ||
        mbedtls_ssl_set_hostname(&tls->ssl, is_name(host) ? host : NULL) != 0) {
        tls_free(tls);
        return NULL;
    }
    mbedtls_ssl_set_bio(&tls->ssl, tls, on_send, on_receive, NULL);
    offer_session(tls, session);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    mbedtls_ssl_free(&tls->ssl);
    buf_clear(&tls->out);
    free(tls);
}

/* ---------------------------------------------------------------- on the way */

enum tls_status tls_handshake(struct tls *tls, struct span *input)
{
    if (tls->reason[0])
        return TLS_BROKEN;
    tls->in = *input;
    int error = mbedtls_ssl_handshake(&tls->ssl);
    *input = tls->in;
    if (error == MBEDTLS_ERR_SSL_WANT_READ)
        return TLS_MORE;
    if (error)
        return broken(tls, error);
    note_name(tls);
    tls->has_session = mbedtls_ssl_get_version_number(&tls->ssl) == MBEDTLS_SSL_VERSION_TLS1_2;
    return TLS_DONE;
}

enum tls_status tls_read(struct tls *tls, struct span *input, struct buf *plain)
{
    unsigned char piece[4096];
    enum tls_status status = tls->reason[0] ? TLS_BROKEN : TLS_MORE;
    tls->in = *input;
    while (status == TLS_MORE) {
        int count = mbedtls_ssl_read(&tls->ssl, piece, sizeof piece);
        if (count > 0 && !buf_append(plain, piece, (size_t)count))
            status = broken(tls, MBEDTLS_ERR_SSL_ALLOC_FAILED);
        else if (count >= 0)
            continue; /* 0: an empty record; on_receive() knows no end */
        else if (count == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
            tls->has_session = true;
        else if (count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            status = TLS_ENDED;
        else if (count != MBEDTLS_ERR_SSL_WANT_READ)
            status = broken(tls, count);
        else if (tls->in.length == 0 && !mbedtls_ssl_check_pending(&tls->ssl))
            status = TLS_DONE; /* else: it wants to be asked again, with a ticket in its hand */
    }
    *input = tls->in;
    return status;
}

bool tls_write(struct tls *tls, struct span *plain)
{
    struct span piece = span_first(*plain, TLS_PIECE_MAX);
    while (piece.length > 0 && !tls->reason[0]) {
        int count = mbedtls_ssl_write(&tls->ssl, (const unsigned char *)piece.at, piece.length);
        if (count <= 0) {
            broken(tls, count);
            break;
        }
        piece = span_skip(piece, (size_t)count);
        *plain = span_skip(*plain, (size_t)count);
    }
    return !tls->reason[0];
}

void tls_end(struct tls *tls)
{
    if (!tls->reason[0])
        (void)mbedtls_ssl_close_notify(&tls->ssl); /* a courtesy: if it cannot be said, then not */
}

struct buf *tls_out(struct tls *tls)
{
    return &tls->out;
}

/* ---------------------------------------------------------------- certificates */

size_t tls_certificates(const struct tls *tls, struct span list[TLS_CERTIFICATES_MAX])
{
    size_t count = 0;
    for (const mbedtls_x509_crt *c = mbedtls_ssl_get_peer_cert(&tls->ssl); c && count < TLS_CERTIFICATES_MAX;
         c = c->next)
        list[count++] = span_make((const char *)c->raw.p, c->raw.len);
    return count;
}

/* ---------------------------------------------------------------- sessions */

static bool save(const mbedtls_ssl_session *session, struct buf *to)
{
    size_t length = 0;
    (void)mbedtls_ssl_session_save(session, NULL, 0, &length); /* says how long it is, as an error */
    unsigned char *bytes = length > 0 ? malloc(length) : NULL;
    bool saved = bytes && mbedtls_ssl_session_save(session, bytes, length, &length) == 0 &&
                 buf_append(to, bytes, length);
    free(bytes);
    return saved;
}

bool tls_take_session(struct tls *tls, struct buf *to)
{
    mbedtls_ssl_session session;
    if (!tls->has_session)
        return false;
    tls->has_session = false;
    mbedtls_ssl_session_init(&session);
    bool taken = mbedtls_ssl_get_session(&tls->ssl, &session) == 0 && save(&session, to);
    mbedtls_ssl_session_free(&session); /* wipes its keys */
    return taken;
}
