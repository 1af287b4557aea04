/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_TRAY_H
#define TRAYPOST_WIN32_TRAY_H

/*
 * The icon in the notification area: light, tooltip, notification. What it shows is told to it as a whole each
 * time, and it repairs itself: an icon that Explorer has lost is added again by the next change.
 *
 * Windows answers with messages to `window`, which its procedure hands to tray_read().
 */

#include <stdbool.h>
#include <windows.h>

#include "core/status.h"
#include "net/engine.h"
#include "text.h"

#define TRAY_BLINK_MS 500
#define TRAY_RETRY_MS 2000

enum tray_wish {
    TRAY_NOTHING,
    TRAY_LOG,      /* a click, Enter */
    TRAY_MENU,     /* at `x`, `y` */
    TRAY_NOTICE,   /* a click on the notification */
    TRAY_LOOKED_AT /* the mouse is over it: the tooltip should be true */
};

struct tray {
    HWND window;
    UINT message;
    UINT_PTR blink_timer, retry_timer;
    enum text_language language;
    HICON ready, stopped;
    wchar_t tooltip[128];
    enum light light;
    bool blinked;     /* the other icon's turn */
    bool shown;       /* as far as we know */
    bool no_identity; /* Windows wants our GUID for another path: without it, then */
    bool modern;      /* Windows speaks version 4 of these messages */
};

/* Nothing is seen yet. `message` comes to `window`, which also owns the two timers and has their WM_TIMER. */
void tray_init(struct tray *tray, HWND window, UINT message, UINT_PTR blink_timer, UINT_PTR retry_timer,
               enum text_language language);
void tray_remove(struct tray *tray);

/* `ending`: it will go when the last mails are through. */
void tray_show(struct tray *tray, const struct engine_view *view, bool ending);

void tray_blink(struct tray *tray); /* WM_TIMER of blink_timer */
void tray_retry(struct tray *tray); /* WM_TIMER of retry_timer */

/* Explorer has begun anew and knows nothing of us. */
void tray_forgotten(struct tray *tray);

/* The size of small icons may have changed. */
void tray_load_icons(struct tray *tray);

/* A notification; an earlier one is replaced. */
void tray_notify(struct tray *tray, const wchar_t *title, const wchar_t *text, bool silent);

/* What a person did to the icon, from the parameters of `message`; `where` is set for TRAY_MENU. */
enum tray_wish tray_read(const struct tray *tray, WPARAM wparam, LPARAM lparam, POINT *where);

#endif
