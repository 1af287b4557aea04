/* SPDX-License-Identifier: MIT */
/*
 * Finds and reads traypost.ini, then the command line. What the options mean is said in core/config.c; here
 * is only the file. Runs before the loop does, so it may block.
 */

#include "net/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "core/buf.h"

#define INI_NAME "traypost.ini"
#define INI_SIZE_MAX (64 * 1024)
#define PATH_SIZE 4096

/* The path of INI_NAME in the folder of the program. */
static int ini_path(char *path, size_t size)
{
    size_t length = size;
    int err = uv_exepath(path, &length);

    if (err != 0)
        return err;
    while (length > 0 && path[length - 1] != '/' && path[length - 1] != '\\')
        length--;
    if (length + sizeof INI_NAME > size)
        return UV_ENAMETOOLONG;
    memcpy(path + length, INI_NAME, sizeof INI_NAME);
    return 0;
}

/* Number of bytes (0 is the end), or a libuv error. Without a callback, libuv's file calls are synchronous. */
static int read_some(uv_file file, char *bytes, unsigned size)
{
    uv_buf_t part = uv_buf_init(bytes, size);
    uv_fs_t request;
    int count = uv_fs_read(NULL, &request, file, &part, 1, -1, NULL);

    uv_fs_req_cleanup(&request);
    return count;
}

/* UV_ENOENT is not an error for the caller: the file is optional. */
static int read_file(const char *path, struct buf *text)
{
    char part[4096];
    uv_fs_t request;
    uv_file file = uv_fs_open(NULL, &request, path, UV_FS_O_RDONLY, 0, NULL);
    int count;

    uv_fs_req_cleanup(&request);
    if (file < 0)
        return file;
    while ((count = read_some(file, part, sizeof part)) > 0)
        buf_append(text, part, (size_t)count);
    uv_fs_close(NULL, &request, file, NULL);
    uv_fs_req_cleanup(&request);
    return count < 0 ? count : text->failed ? UV_E2BIG : 0;
}

static bool read_ini(struct config *config, struct config_error *error)
{
    struct buf text;
    char path[PATH_SIZE];
    bool good = true;
    int err;

    buf_init(&text, INI_SIZE_MAX);
    err = ini_path(path, sizeof path);
    if (err == 0)
        err = read_file(path, &text);
    if (err == 0) {
        good = config_read_ini(config, buf_span(&text), error);
    } else if (err != UV_ENOENT) {
        good = false;
        snprintf(error->text, sizeof error->text, INI_NAME " cannot be read: %s", uv_strerror(err));
    }
    buf_clear(&text);
    return good;
}

bool options_read(int argc, char *const argv[], struct config *config, struct config_error *error)
{
    config_defaults(config);
    if (!config_read_arguments(config, argc, argv, error))
        return false;
    if (config->action != CONFIG_RUN)
        return true;

    config_defaults(config); /* now in the order in which they count */
    return read_ini(config, error) && config_read_arguments(config, argc, argv, error);
}
