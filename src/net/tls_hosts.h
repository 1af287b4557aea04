/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_TLS_HOSTS_H
#define TRAYPOST_NET_TLS_HOSTS_H

/*
 * What this run knows of the hosts that had TLS: that they had it, so that losing it does not go unnoticed, and the last
 * session of each, so that the next handshake is a short one. In memory, the most recently used ones only.
 *
 * A session may serve several connections. That lets an onlooker see that they belong together, which our address
 * tells him anyhow.
 */

#include "core/buf.h"
#include "tls.h"

#define TLS_HOSTS_MAX 500

struct tls_host {
    enum tls_demand demand; /* whom nobody has verified must not come in by resumption */
    struct buf session;
    bool gone_said; /* the log knows that it has no TLS now */
    struct tls_host *next;
    char name[];
};

struct tls_hosts {
    struct tls_host *first; /* the most recently used one */
    size_t count;
};

void tls_hosts_clear(struct tls_hosts *hosts);

/* It has TLS. Nothing is noted when there is no memory. */
void tls_hosts_note(struct tls_hosts *hosts, const char *name, enum tls_demand demand);

/* The session to offer, empty if there is none; valid until the next call that is not this one. */
struct span tls_hosts_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand);

/* The connection has a new session: it replaces the old one. */
void tls_hosts_keep_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand,
                            struct tls *tls);

/* The handshake failed: if the session was to blame, then once only. */
void tls_hosts_forget_session(struct tls_hosts *hosts, const char *name, enum tls_demand demand);

/* A connection in clear: true when the log has to say so, which is once until it has TLS again. */
bool tls_hosts_note_clear(struct tls_hosts *hosts, const char *name);

#endif
