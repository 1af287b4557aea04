/* SPDX-License-Identifier: MIT */
/*
 * Network changes without polling: the kernel reports links, addresses and routes on a netlink socket, and
 * inotify reports resolv.conf. What exactly has changed is not read; whoever asked looks again anyway.
 *
 * resolv.conf changes in three ways: written in place (also through a bind mount, which its folder does not
 * see), replaced by another file, or it is a link and the file behind it is replaced. So three watches: the
 * folder, the file behind all links, and that file's folder. The last two are set anew whenever anything
 * has happened, since they may then be another file and another folder.
 */

#include "platform.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RESOLV_FOLDER "/etc"
#define RESOLV_NAME "resolv.conf"

enum { FILES_FOLDER, FILES_TARGET, FILES_TARGET_FOLDER };

static void on_file(uv_fs_event_t *handle, const char *name, int events, int status);

static void watch_target(struct platform_network_watch *watch)
{
    uv_fs_event_t *target = &watch->files[FILES_TARGET];
    uv_fs_event_t *folder = &watch->files[FILES_TARGET_FOLDER];
    char *path = realpath(RESOLV_FOLDER "/" RESOLV_NAME, NULL);
    char *slash = path ? strrchr(path, '/') : NULL;

    uv_fs_event_stop(target);
    uv_fs_event_stop(folder);
    if (slash) {
        uv_fs_event_start(target, on_file, path, 0);
        *slash = '\0';
        if (strcmp(path, RESOLV_FOLDER) != 0)
            uv_fs_event_start(folder, on_file, path[0] ? path : "/", 0);
    }
    free(path);
}

/* In /etc only resolv.conf matters; the folder behind a link is small, and its file may have any name. */
static void on_file(uv_fs_event_t *handle, const char *name, int events, int status)
{
    struct platform_network_watch *watch = handle->data;

    (void)events;
    (void)status;
    if (handle == &watch->files[FILES_FOLDER] && name && strcmp(name, RESOLV_NAME) != 0)
        return;
    watch_target(watch);
    watch->changed(watch);
}

static void on_netlink(uv_poll_t *handle, int status, int events)
{
    struct platform_network_watch *watch = handle->data;
    int fd = (int)watch->system[0];
    bool changed = false;
    char message[4096]; /* cut short when longer: only the fact counts */

    (void)status;
    (void)events;
    for (;;) {
        ssize_t received = recv(fd, message, sizeof message, 0);

        if (received < 0 && errno == EINTR)
            continue;
        if (received < 0 && errno != ENOBUFS) /* ENOBUFS: so many changes that some were lost */
            break;
        changed = true;
    }
    if (changed)
        watch->changed(watch);
}

static int open_netlink(void)
{
    const struct sockaddr_nl groups = {
        .nl_family = AF_NETLINK,
        .nl_groups =
            RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return uv_translate_sys_error(errno);
    if (bind(fd, (const struct sockaddr *)&groups, sizeof groups) != 0) {
        int err = uv_translate_sys_error(errno);

        close(fd);
        return err;
    }
    return fd;
}

int platform_watch_network(struct platform_network_watch *watch, uv_loop_t *loop)
{
    int fd = open_netlink();
    int err = fd < 0 ? fd : uv_poll_init(loop, &watch->handle.poll, fd);

    if (err != 0) {
        if (fd >= 0)
            close(fd);
        return err;
    }
    watch->loop = loop;
    watch->system[0] = fd;
    watch->handle.poll.data = watch;
    watch->open_handles = 1;

    /* From here on nothing fails as a whole: what cannot be watched (no more inotify watches, no such
     * file) is not, and the rest still tells. */
    (void)uv_poll_start(&watch->handle.poll, UV_READABLE, on_netlink);
    for (size_t i = 0; i < PLATFORM_WATCHED_FILES; i++) {
        uv_fs_event_init(loop, &watch->files[i]); /* only fills the structure in */
        watch->files[i].data = watch;
        watch->open_handles++;
    }
    uv_fs_event_start(&watch->files[FILES_FOLDER], on_file, RESOLV_FOLDER, 0);
    watch_target(watch);
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct platform_network_watch *watch = handle->data;

    if (--watch->open_handles > 0)
        return;
    close((int)watch->system[0]);
    watch->closed(watch);
}

void platform_watch_network_close(struct platform_network_watch *watch)
{
    uv_close((uv_handle_t *)&watch->handle.poll, on_closed);
    for (size_t i = 0; i < PLATFORM_WATCHED_FILES; i++)
        uv_close((uv_handle_t *)&watch->files[i], on_closed);
}
