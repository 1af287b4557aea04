/* SPDX-License-Identifier: MIT */
/*
 * Windows loses icons: Explorer crashes, or is not there yet when we start at log-on. So nothing here believes
 * that the icon exists: each change is a modification, and when that fails an addition.
 */

#include "tray.h"

#include <shellapi.h>
#include <stdio.h>

#include "resource.h"
#include "wide.h"

#define TRAY_ID 1

/* Lets Windows keep the person's choice to show the icon, whatever the version of the program. Windows binds
 * it to the exe's path. */
static const GUID identity = {0x6f0c4d0e, 0x2b6a, 0x4a54, {0x9d, 0x3b, 0x71, 0xe5, 0x0c, 0x8a, 0x25, 0x19}};

static NOTIFYICONDATAW data_of(const struct tray *tray)
{
    NOTIFYICONDATAW data = {.cbSize = sizeof data, .hWnd = tray->window, .uID = TRAY_ID};

    if (!tray->no_identity) {
        data.uFlags = NIF_GUID;
        data.guidItem = identity;
    }
    return data;
}

/* ---- the picture ---- */

static UINT taskbar_dpi(const struct tray *tray)
{
    HWND taskbar = FindWindowW(L"Shell_TrayWnd", NULL);
    UINT dpi = GetDpiForWindow(taskbar ? taskbar : tray->window);

    return dpi ? dpi : USER_DEFAULT_SCREEN_DPI;
}

void tray_load_icons(struct tray *tray)
{
    static const struct {
        size_t offset;
        int id;
    } icons[] = {{offsetof(struct tray, ready), ICON_READY}, {offsetof(struct tray, stopped), ICON_STOPPED}};
    int size = GetSystemMetricsForDpi(SM_CXSMICON, taskbar_dpi(tray));

    for (size_t i = 0; i < sizeof icons / sizeof icons[0]; i++) {
        HICON *icon = (HICON *)((char *)tray + icons[i].offset);
        HICON loaded = LoadImageW(GetModuleHandleW(NULL), MAKEINTRESOURCEW(icons[i].id), IMAGE_ICON, size,
                                  size, LR_DEFAULTCOLOR);

        if (!loaded)
            continue; /* rather the old size than none */
        if (*icon)
            DestroyIcon(*icon);
        *icon = loaded;
    }
}

static HICON icon_of(const struct tray *tray)
{
    switch (tray->light) {
    case LIGHT_GREEN:
        return tray->ready;
    case LIGHT_BLINKING:
        return tray->blinked ? tray->stopped : tray->ready;
    case LIGHT_RED:
        break;
    }
    return tray->stopped;
}

static bool add(struct tray *tray, NOTIFYICONDATAW *data)
{
    if (!Shell_NotifyIconW(NIM_ADD, data))
        return false;
    data->uVersion = NOTIFYICON_VERSION_4;
    tray->modern = Shell_NotifyIconW(NIM_SETVERSION, data) != FALSE;
    return true;
}

/* Without identity it is only this window's icon; that always works where there is a taskbar. */
static bool add_without_identity(struct tray *tray, NOTIFYICONDATAW *data)
{
    data->uFlags &= ~(UINT)NIF_GUID;
    if (!add(tray, data))
        return false;
    tray->no_identity = true;
    return true;
}

static void draw(struct tray *tray)
{
    NOTIFYICONDATAW data = data_of(tray);

    data.uFlags |= NIF_MESSAGE | NIF_ICON | NIF_TIP | NIF_SHOWTIP;
    data.uCallbackMessage = tray->message;
    data.hIcon = icon_of(tray);
    memcpy(data.szTip, tray->tooltip, sizeof data.szTip);
    tray->shown = Shell_NotifyIconW(NIM_MODIFY, &data) || add(tray, &data) ||
                  (!tray->no_identity && add_without_identity(tray, &data));
    /* No taskbar yet, or a busy one: TaskbarCreated may have been missed. */
    if (tray->shown)
        KillTimer(tray->window, tray->retry_timer);
    else
        SetTimer(tray->window, tray->retry_timer, TRAY_RETRY_MS, NULL);
}

/* ---- what it says ---- */

static enum text_ui state_of(const struct engine_view *view, bool ending)
{
    const struct status *s = &view->status;

    if (view->life == ENGINE_CRASHED)
        return TEXT_UI_STATE_CRASHED;
    if (ending)
        return TEXT_UI_STATE_ENDING;
    if (!s->running)
        return TEXT_UI_STATE_STOPPED;
    if (s->starting)
        return TEXT_UI_STATE_STARTING;
    if (!s->connected)
        return TEXT_UI_STATE_NO_INTERNET;
    if (!s->listening)
        return TEXT_UI_STATE_NO_PORT;
    return s->trouble ? TEXT_UI_STATE_TROUBLE : TEXT_UI_STATE_READY;
}

static void write_tooltip(struct tray *tray, const struct engine_view *view, bool ending)
{
    char delivered[16], failed[16];
    const struct text_value values[] = {
        {"state", text_ui(state_of(view, ending), tray->language)},
        {"delivered", delivered},
        {"failed", failed},
    };
    struct buf text;
    const char *whole;

    snprintf(delivered, sizeof delivered, "%u", view->status.delivered_today);
    snprintf(failed, sizeof failed, "%u", view->status.failed_today);
    buf_init(&text, 1024);
    text_ui_fill(TEXT_UI_TOOLTIP, tray->language, values, sizeof values / sizeof values[0], &text);
    whole = buf_text(&text);
    if (whole)
        wide_copy(whole, tray->tooltip, sizeof tray->tooltip / sizeof tray->tooltip[0]);
    buf_clear(&text);
}

void tray_show(struct tray *tray, const struct engine_view *view, bool ending)
{
    wchar_t former[sizeof tray->tooltip / sizeof tray->tooltip[0]];
    enum light light = ending ? LIGHT_RED : status_light(&view->status);

    memcpy(former, tray->tooltip, sizeof former);
    write_tooltip(tray, view, ending);
    if (tray->shown && light == tray->light && wcscmp(former, tray->tooltip) == 0)
        return;
    if (light != tray->light || !tray->shown) {
        tray->blinked = true; /* blinking begins with what is new: red */
        if (light == LIGHT_BLINKING)
            SetTimer(tray->window, tray->blink_timer, TRAY_BLINK_MS, NULL);
        else
            KillTimer(tray->window, tray->blink_timer); /* nothing wakes us while nothing moves */
    }
    tray->light = light;
    draw(tray);
}

void tray_blink(struct tray *tray)
{
    tray->blinked = !tray->blinked;
    draw(tray);
}

void tray_retry(struct tray *tray)
{
    draw(tray);
}

void tray_forgotten(struct tray *tray)
{
    tray->no_identity = false;
    draw(tray);
}

/* NIIF_ERROR's sign is Windows' own, which people know. */
void tray_notify(struct tray *tray, const wchar_t *title, const wchar_t *text, bool silent)
{
    NOTIFYICONDATAW data = data_of(tray);

    data.uFlags |= NIF_INFO;
    data.dwInfoFlags = NIIF_ERROR | NIIF_RESPECT_QUIET_TIME | (silent ? NIIF_NOSOUND : 0);
    wcsncat(data.szInfoTitle, title, sizeof data.szInfoTitle / sizeof data.szInfoTitle[0] - 1);
    wcsncat(data.szInfo, text, sizeof data.szInfo / sizeof data.szInfo[0] - 1);
    Shell_NotifyIconW(NIM_MODIFY, &data);
}

/* ---- what is done to it ---- */

enum tray_wish tray_read(const struct tray *tray, WPARAM wparam, LPARAM lparam, POINT *where)
{
    UINT event = tray->modern ? LOWORD(lparam) : (UINT)lparam;

    where->x = (short)LOWORD(wparam);
    where->y = (short)HIWORD(wparam);
    switch (event) {
    case WM_CONTEXTMENU: /* the mouse, Shift+F10, the menu key */
        return TRAY_MENU;
    case NIN_SELECT:
    case NIN_KEYSELECT:
        return TRAY_LOG;
    case NIN_BALLOONUSERCLICK:
        return TRAY_NOTICE;
    case WM_MOUSEMOVE:
        return TRAY_LOOKED_AT;
    case WM_RBUTTONUP: /* with version 4 WM_CONTEXTMENU follows */
        if (tray->modern)
            return TRAY_NOTHING;
        GetCursorPos(where);
        return TRAY_MENU;
    case WM_LBUTTONUP: /* NIN_SELECT may follow: to show the log twice is to show it */
        return TRAY_LOG;
    default:
        return TRAY_NOTHING;
    }
}

/* ---- beginning and end ---- */

void tray_init(struct tray *tray, HWND window, UINT message, UINT_PTR blink_timer, UINT_PTR retry_timer,
               enum text_language language)
{
    *tray = (struct tray){
        .window = window,
        .message = message,
        .blink_timer = blink_timer,
        .retry_timer = retry_timer,
        .language = language,
    };
    tray_load_icons(tray);
}

void tray_remove(struct tray *tray)
{
    NOTIFYICONDATAW data = data_of(tray);

    KillTimer(tray->window, tray->blink_timer);
    KillTimer(tray->window, tray->retry_timer);
    if (tray->shown)
        Shell_NotifyIconW(NIM_DELETE, &data);
    if (tray->ready)
        DestroyIcon(tray->ready);
    if (tray->stopped)
        DestroyIcon(tray->stopped);
    *tray = (struct tray){0};
}
