/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_NOTIFY_H
#define TRAYPOST_WIN32_NOTIFY_H

/* Notifications of failures: finds what is new in the log, asks core/notice when to speak, and writes it. */

#include "core/notice.h"
#include "net/engine.h"
#include "tray.h"

struct notify {
    struct tray *tray;
    UINT_PTR timer; /* of the tray's window */
    struct notice notice;
    uint32_t logs; /* the log that was read last, */
    uint64_t next; /* up to this line */
};

void notify_init(struct notify *notify, struct tray *tray, UINT_PTR timer);

/* The log may have new lines. */
void notify_look(struct notify *notify, const struct engine_view *view);

/* WM_TIMER of `timer`. */
void notify_tick(struct notify *notify, const struct engine_view *view);

#endif
