/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_OWNER_OF_H
#define TRAYPOST_NET_OWNER_OF_H

/* From a member that libuv or a list hands back to the struct it is embedded in. */

#include <stddef.h>

#define OWNER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
