/* SPDX-License-Identifier: MIT */
/*
 * Whom this computer trusts: the bundle of certificates that its distribution keeps. It is read anew each time. That takes
 * some 10 ms of a worker thread, happens once for a connection that must be verified and was not resumed, and in
 * between no memory is held and an updated bundle is never missed.
 *
 * This is the one place besides tls.c that knows Mbed TLS, and several workers may be here while the loop shakes hands. The library
 * is built without locks, and needs none for this (read in 3.6.7): chains, keys and numbers belong to the call; without
 * MBEDTLS_USE_PSA_CRYPTO neither parsing nor mbedtls_pk_verify_ext() comes to PSA, whose keys and random numbers the handshakes use;
 * what x509, pk, md, rsa, ecdsa, ecp and bignum have outside of calls are constant tables, and the list of curves, which is
 * made for handshakes only. Times are parted by gmtime_r(). Who gives the library another configuration reads that again.
 */

#include "platform.h"

#include <stdio.h>
#include <stdlib.h>

#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>

#define BUNDLE_SIZE_MAX (4L * 1024 * 1024)

/* SSL_CERT_FILE is what OpenSSL, curl and others ask; then Debian's file, Red Hat's, Alpine's. */
static FILE *open_bundle(void)
{
    static const char *const places[] = {"/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
    const char *chosen = getenv("SSL_CERT_FILE");
    if (chosen && *chosen)
        return fopen(chosen, "rbe");
    FILE *file = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && !file; i++)
        file = fopen(places[i], "rbe");
    return file;
}

/* Some of them may be of a kind that the library does not know: the others do. */
static bool read_bundle(mbedtls_x509_crt *trusted)
{
    FILE *file = open_bundle();
    if (!file)
        return false;
    unsigned char *text = NULL;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    bool read = false;
    if (size > 0 && size < BUNDLE_SIZE_MAX && (text = malloc((size_t)size + 1))) {
        rewind(file);
        size_t length = fread(text, 1, (size_t)size, file);
        text[length] = '\0'; /* it says to the library that this is text */
        read = mbedtls_x509_crt_parse(trusted, text, length + 1) >= 0;
    }
    free(text);
    fclose(file);
    return read;
}

static enum platform_trust translate(uint32_t flags)
{
    if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
        return PLATFORM_TRUST_UNKNOWN;
    if (flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))
        return PLATFORM_TRUST_EXPIRED;
    if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
        return PLATFORM_TRUST_OTHER_NAME;
    return flags ? PLATFORM_TRUST_FAILED : PLATFORM_TRUST_GOOD;
}

enum platform_trust platform_judge_certificate(const struct span *certificates, size_t count,
                                               const char *host)
{
    mbedtls_x509_crt chain, trusted;
    uint32_t flags = 0;
    enum platform_trust trust = PLATFORM_TRUST_FAILED;
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crt_init(&trusted);
    for (size_t i = 0; i < count; i++) {
        int error = mbedtls_x509_crt_parse_der(&chain, (const unsigned char *)certificates[i].at,
                                               certificates[i].length);
        if (error && i == 0)
            goto done; /* its own; another one that cannot be read only leads nowhere */
    }
    if (count == 0)
        goto done;
    if (!read_bundle(&trusted)) {
        trust = PLATFORM_TRUST_UNKNOWN;
        goto done;
    }
    int error = mbedtls_x509_crt_verify(&chain, &trusted, NULL, host, &flags, NULL, NULL);
    if (error == 0 && mbedtls_x509_crt_check_extended_key_usage(
                          &chain, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0)
        goto done;
    if (error == 0 || error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        trust = translate(flags);
    /* The library would be content with a name in the subject, RFC 8461 sections 3.3 and 4.2 are not. */
    if (trust == PLATFORM_TRUST_GOOD &&
        !mbedtls_x509_crt_has_ext_type(&chain, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME))
        trust = PLATFORM_TRUST_OTHER_NAME;
done:
    mbedtls_x509_crt_free(&chain);
    mbedtls_x509_crt_free(&trusted);
    return trust;
}
