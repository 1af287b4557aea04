/* SPDX-License-Identifier: MIT
 *
 * What the sink reads from and writes to: a socket, with TLS on it after STARTTLS. By OpenSSL, where its headers are installed
 * (libssl-dev); without them the sink has no TLS, and the bench leaves those rows out.
 */
#ifndef TRAYPOST_BENCH_CHANNEL_H
#define TRAYPOST_BENCH_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct channel {
    int fd;
    void *tls; /* NULL: in clear */
};

/* Key and certificate for all channels; `resume`: sessions may be resumed. False when that cannot be. */
bool channel_offer_tls(const char *pem, bool resume);

void channel_start_tls(struct channel *c);

/* As recv(): 0 at the end, -1 with EAGAIN when there is nothing now. The handshake goes on in here. */
ssize_t channel_receive(struct channel *c, void *bytes, size_t size);

/* All of it, or false. */
bool channel_send(struct channel *c, const void *bytes, size_t size);

void channel_close(struct channel *c);

#endif
