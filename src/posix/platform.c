/* SPDX-License-Identifier: MIT */
/*
 * The small questions of platform.h, as Linux answers them: limits, local time, language, colour. Who sits
 * behind a connection is in process.c, what changes in the network in netwatch.c.
 */

#include "platform.h"

#include <malloc.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/span.h"

/* Up to four worker threads that walk through /proc with three each, name servers over UDP and TCP, a bundle of certificates. */
#define DESCRIPTORS_KEPT 32

void platform_enter_background(void)
{
    /* Nothing: how much of the machine a service gets is the service manager's to say (Nice=,
     * CPUWeight=), and a program that lowers itself could not be raised again by it. */
}

void platform_raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool platform_descriptors_short(const uv_tcp_t *newest)
{
    struct rlimit limit;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)newest, &fd) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    /* The lowest number that is free is given out, so the number says how many there are. */
    rlim_t kept = limit.rlim_cur / 2 < DESCRIPTORS_KEPT ? limit.rlim_cur / 2 : DESCRIPTORS_KEPT;
    return (rlim_t)fd >= limit.rlim_cur - kept;
}

void platform_release_memory(void)
{
    malloc_trim(0); /* glibc keeps what lies between two blocks in use, even when a thousand sessions end */
}

void platform_keep_alive(const uv_tcp_t *tcp)
{
    /* libuv's own would ask every second, and give up after ten. The time for an acknowledgement, by itself a quarter of an hour,
     * is for the questions, too, and for a server that takes no more: a little more than a block of content has (timeouts.h). */
    static const int on = 1, idle_s = 60, interval_s = 6;
    static const unsigned unacknowledged_ms = 190 * 1000;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)tcp, &fd) != 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

int platform_utc_offset_min(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm local;

    return localtime_r(&time, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}

void platform_locale(char *name, size_t size)
{
    /* The order of POSIX (XBD section 8.2); an empty variable counts as unset. */
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL;

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        value = getenv(variables[i]);
        if (value && value[0])
            break;
    }
    span_copy(span_of(value), name, size);
}

bool platform_terminal_has_colour(int descriptor)
{
    const char *terminal = getenv("TERM");
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org */

    return isatty(descriptor) && terminal && strcmp(terminal, "dumb") != 0 && !(no_colour && no_colour[0]);
}
