/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_PLATFORM_H
#define TRAYPOST_PLATFORM_H

/*
 * All that differs between Windows and Linux, apart from the tray. The folder that is compiled
 * (src/win32 or src/posix) decides; nothing else in the project asks which system it is on.
 */

#include <uv.h>

#include "core/ip.h"
#include "core/span.h"

/* Loop thread, once at start. Failures are not worth a word: the relay works without. */
void platform_enter_background(void);       /* Windows: idle priority class and EcoQoS */
void platform_raise_descriptor_limit(void); /* as many sockets as the system allows */

/* Is `newest`, the connection opened last, among the last that the system grants us? Then it must go: worker threads and
 * name servers need some as well, and libuv its one to spare. Without that one it would leave who connects waiting, and the
 * loop would turn in circles. */
bool platform_descriptors_short(const uv_tcp_t *newest);

/* The engine has just become idle: memory that is free inside goes back to the system. */
void platform_release_memory(void);

/* Minutes to add to UTC for local time at that moment. */
int platform_utc_offset_min(int64_t time_s);

/* The user's language as a locale name ("cs-CZ", "pl_PL.UTF-8"); "" if unknown. */
void platform_locale(char *name, size_t size);

/* True when colour sequences (ANSI) written to this descriptor will be shown as colours; switches
 * the console to that mode where it needs it. */
bool platform_terminal_has_colour(int descriptor);

/*
 * A connection on which nothing is said is asked by the system, after a minute and then every 6 s, whether its other end is still
 * there (TCP keepalive). Without an answer it is broken after some two (Windows) or three (Linux) minutes, also when it is what we
 * have sent that nobody acknowledges. Not sooner: a network that was away for less must not cost a mail its answer.
 * Only for a socket that there is: after the connection was begun.
 */
void platform_keep_alive(const uv_tcp_t *tcp);

struct platform_process {
    long pid;      /* 0 = unknown */
    char name[64]; /* executable's file name; "" = unknown */
};

/* A TCP connection of this machine seen from its other end: `peer` is the client's address and port,
 * `here` ours. */
struct platform_connection {
    struct ip_port peer, here;
    struct platform_process process; /* filled in */
};

/* Who sits at the other end of each connection. Slow (walks tables of the system): worker threads
 * only, one call for many connections. What cannot be found stays unknown. */
void platform_find_processes(struct platform_connection *connections, size_t count);

/* Who listens on this address and port. Worker threads only. */
void platform_find_listener(const struct ip_port *address, struct platform_process *process);

enum platform_trust {
    PLATFORM_TRUST_GOOD,
    PLATFORM_TRUST_UNKNOWN,    /* nobody whom this computer trusts vouches for it */
    PLATFORM_TRUST_EXPIRED,    /* or not valid yet */
    PLATFORM_TRUST_OTHER_NAME, /* it is not for this name */
    PLATFORM_TRUST_REVOKED,
    PLATFORM_TRUST_FAILED, /* cannot be read, or cannot be judged now */
};

/*
 * Is certificates[0] (DER) good for a server called `host`, as this computer judges servers? The others came with it and may
 * lead to somebody who is trusted. Worker threads only: it reads files, and Windows may fetch what it lacks.
 */
enum platform_trust platform_judge_certificate(const struct span *certificates, size_t count,
                                               const char *host);

#define PLATFORM_WATCHED_FILES 3

/*
 * Network changes: `changed` is called on the loop, without polling, after any change of links,
 * addresses, routes or name servers. Several changes may be reported as one; a change may be
 * reported that is none. The storage is the caller's, and is his again when `closed` is called.
 */
struct platform_network_watch {
    uv_loop_t *loop;
    void (*changed)(struct platform_network_watch *watch);
    void (*closed)(struct platform_network_watch *watch);
    void *data; /* the caller's */
    union {
        void *pointer;
        uv_async_t async; /* Windows: callbacks come from the system's threads */
        uv_poll_t poll;   /* Linux: netlink */
    } handle;
    uv_fs_event_t files[PLATFORM_WATCHED_FILES]; /* Linux: resolv.conf, and where it leads */
    int open_handles;
    intptr_t system[4]; /* descriptors or registrations */
};

/* 0, or a libuv error (then nothing is open and `closed` is not called). */
int platform_watch_network(struct platform_network_watch *watch, uv_loop_t *loop);
void platform_watch_network_close(struct platform_network_watch *watch);

#endif
