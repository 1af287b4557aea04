/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef BENCH_HAS_TLS

#include <openssl/ssl.h>

static SSL_CTX *context;

bool channel_offer_tls(const char *pem, bool resume)
{
    context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return false;
    if (!resume) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(context, 0);
    }
    return SSL_CTX_use_certificate_file(context, pem, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, pem, SSL_FILETYPE_PEM) == 1;
}

void channel_start_tls(struct channel *c)
{
    SSL *tls = SSL_new(context);

    if (tls == NULL || SSL_set_fd(tls, c->fd) != 1)
        return; /* the handshake will fail */
    SSL_set_accept_state(tls);
    c->tls = tls;
}

static ssize_t receive_sealed(SSL *tls, void *bytes, size_t size)
{
    int n = SSL_read(tls, bytes, (int)size);

    if (n > 0)
        return n;
    switch (SSL_get_error(tls, n)) {
    case SSL_ERROR_WANT_READ:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        errno = EPROTO;
        return -1;
    }
}

static bool send_sealed(SSL *tls, const void *bytes, size_t size)
{
    return SSL_write(tls, bytes, (int)size) == (int)size;
}

static void close_sealed(SSL *tls)
{
    SSL_shutdown(tls);
    SSL_free(tls);
}

#else

typedef void SSL;

bool channel_offer_tls(const char *pem, bool resume)
{
    (void)pem;
    (void)resume;
    return false;
}

void channel_start_tls(struct channel *c)
{
    (void)c;
}

static ssize_t receive_sealed(SSL *tls, void *bytes, size_t size)
{
    (void)tls;
    (void)bytes;
    (void)size;
    return 0;
}

static bool send_sealed(SSL *tls, const void *bytes, size_t size)
{
    (void)tls;
    (void)bytes;
    (void)size;
    return false;
}

static void close_sealed(SSL *tls)
{
    (void)tls;
}

#endif

ssize_t channel_receive(struct channel *c, void *bytes, size_t size)
{
    return c->tls != NULL ? receive_sealed(c->tls, bytes, size) : recv(c->fd, bytes, size, 0);
}

bool channel_send(struct channel *c, const void *bytes, size_t size)
{
    if (size == 0)
        return true;
    if (c->tls != NULL)
        return send_sealed(c->tls, bytes, size);
    return send(c->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

void channel_close(struct channel *c)
{
    if (c->tls != NULL)
        close_sealed(c->tls);
    close(c->fd);
}
