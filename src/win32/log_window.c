/* SPDX-License-Identifier: MIT */
/* The window around list and detail pane: opening and closing, layout, keys, copying. */

#include "log_window.h"

#include <windowsx.h>

#include "log_detail.h"
#include "log_menu.h"
#include "log_place.h"
#include "resource.h"
#include "wide.h"

/* Lengths at 96 dpi. */
#define MIN_WIDTH 740
#define MIN_HEIGHT 320
#define FIRST_DETAIL 200
#define MIN_DETAIL 40
#define MIN_LIST 80
#define GRIP 8 /* between list and pane: what the mouse can take hold of */
#define PANE_MARGIN 12

#define TITLE_UNITS 64

static int pixels(const struct log_window *w, int length)
{
    return log_pixels(length, w->dpi);
}

/* ---- layout ---- */

/* The strip between list and pane. */
static RECT grip_place(const struct log_window *w)
{
    RECT place;
    int detail, top;

    GetClientRect(w->window, &place);
    detail = min(pixels(w, w->detail_height), place.bottom - pixels(w, MIN_LIST + GRIP));
    detail = max(detail, pixels(w, MIN_DETAIL));
    top = place.bottom - detail - pixels(w, GRIP);
    return (RECT){0, top, place.right, top + pixels(w, GRIP)};
}

static void lay_out(struct log_window *w)
{
    RECT all, grip = grip_place(w);

    GetClientRect(w->window, &all);
    SetWindowPos(w->list.window, NULL, 0, 0, all.right, grip.top, SWP_NOZORDER | SWP_NOACTIVATE);
    log_detail_place(w->detail, (RECT){pixels(w, PANE_MARGIN), grip.bottom, all.right,
                                       all.bottom - pixels(w, PANE_MARGIN) / 2});
    InvalidateRect(w->window, NULL, FALSE);
}

static void paint(struct log_window *w)
{
    PAINTSTRUCT paint;
    HDC dc = BeginPaint(w->window, &paint);
    RECT line = grip_place(w);

    SetDCBrushColor(dc, w->theme.background);
    FillRect(dc, &paint.rcPaint, GetStockObject(DC_BRUSH));
    line.bottom = line.top + pixels(w, 1);
    SetDCBrushColor(dc, w->theme.line);
    FillRect(dc, &line, GetStockObject(DC_BRUSH));
    EndPaint(w->window, &paint);
}

/* Fonts, colours and lengths anew: the window has opened, or is on another monitor, or Windows looks different. */
static void dress(struct log_window *w)
{
    NONCLIENTMETRICSW metrics = {.cbSize = sizeof metrics};
    HFONT before = w->font;

    w->theme = theme_now();
    SystemParametersInfoForDpi(SPI_GETNONCLIENTMETRICS, sizeof metrics, &metrics, 0, (UINT)w->dpi);
    w->font = CreateFontIndirectW(&metrics.lfMessageFont);
    theme_dress_window(w->window, &w->theme);
    log_list_dress(&w->list, &w->theme, w->font, w->dpi);
    log_detail_dress(w->detail, &w->theme, w->font);
    if (before)
        DeleteObject(before);
    lay_out(w);
}

static bool is_over_grip(const struct log_window *w, POINT at)
{
    RECT grip = grip_place(w);

    return PtInRect(&grip, at);
}

static bool show_grip_cursor(const struct log_window *w)
{
    POINT at;

    if (!GetCursorPos(&at) || !ScreenToClient(w->window, &at) || !is_over_grip(w, at))
        return false;
    SetCursor(LoadCursorW(NULL, (const wchar_t *)IDC_SIZENS));
    return true;
}

static void take_grip(struct log_window *w, POINT at)
{
    if (!is_over_grip(w, at))
        return;
    w->grip = at.y - grip_place(w).top;
    SetCapture(w->window);
}

static void drag_grip(struct log_window *w, POINT at)
{
    RECT all;

    if (w->grip < 0)
        return;
    GetClientRect(w->window, &all);
    w->detail_height =
        MulDiv(all.bottom - (at.y - w->grip) - pixels(w, GRIP), USER_DEFAULT_SCREEN_DPI, w->dpi);
    /* Dragged too far, it stays where it stopped when the window becomes larger. */
    w->detail_height = MulDiv(all.bottom - grip_place(w).bottom, USER_DEFAULT_SCREEN_DPI, w->dpi);
    lay_out(w);
}

/* ---- what is shown and chosen ---- */

/* The pane follows the line that the keyboard is at. When that has been dropped from the log, its story stays: somebody
 * may be reading it. */
static void show_focused(struct log_window *w)
{
    const struct event_log *log = w->list.log;
    int index = log_list_focused(&w->list);
    uint64_t number = log->dropped + (uint64_t)index;

    if (index < 0 || index >= (int)log->count || (w->has_shown && w->shown == number))
        return;
    log_detail_show(w->detail, &log->lines[index], w->list.language);
    w->shown = number;
    w->has_shown = true;
}

bool log_window_takes(struct log_window *w, const MSG *message)
{
    HWND in = message->hwnd;
    /* Not with Alt: Ctrl+Alt is how AltGr arrives, and AltGr+A is a letter in Polish. */
    bool control = GetKeyState(VK_CONTROL) < 0 && GetKeyState(VK_MENU) >= 0;

    if (!w->window || message->message != WM_KEYDOWN || (in != w->window && !IsChild(w->window, in)))
        return false;
    switch (message->wParam) {
    case VK_ESCAPE:
        log_window_close(w);
        return true;
    case VK_RETURN:
        return true;
    case VK_TAB:
        if (control)
            return false;
        SetFocus(in == w->detail ? w->list.window : w->detail);
        return true;
    case 'A':
        if (control)
            log_menu_choose_all(w, in);
        return control;
    case 'C':
    case VK_INSERT:
        if (control)
            log_menu_copy(w, in);
        return control;
    default:
        return false;
    }
}

/* ---- messages ---- */

static bool on_create(struct log_window *w, HWND window)
{
    w->window = window;
    w->dpi = (int)GetDpiForWindow(window);
    if (!log_list_open(&w->list, window, LOG_LIST_ID))
        return false;
    w->detail = log_detail_open(window, LOG_DETAIL_ID);
    if (!w->detail)
        return false;
    w->keyboard = w->list.window;
    w->has_shown = false;
    w->grip = -1;
    dress(w);
    return true;
}

static void on_destroyed(struct log_window *w)
{
    DeleteObject(w->font);
    w->font = NULL;
    w->window = w->detail = w->keyboard = NULL;
}

static LRESULT on_notify(struct log_window *w, NMHDR *message)
{
    LRESULT result;

    if (message->idFrom != LOG_LIST_ID)
        return 0;
    if (message->code == NM_SETFOCUS)
        w->keyboard = w->list.window;
    result = log_list_on_notify(&w->list, message);
    if (message->code == LVN_ITEMCHANGED && !w->list.settling)
        show_focused(w);
    return result;
}

static LRESULT on_message(struct log_window *w, UINT message, WPARAM wparam, LPARAM lparam)
{
    POINT at = {GET_X_LPARAM(lparam), GET_Y_LPARAM(lparam)};

    switch (message) {
    case WM_SIZE:
        if (wparam != SIZE_MINIMIZED)
            lay_out(w);
        return 0;
    case WM_GETMINMAXINFO:
        ((MINMAXINFO *)lparam)->ptMinTrackSize = (POINT){pixels(w, MIN_WIDTH), pixels(w, MIN_HEIGHT)};
        return 0;
    case WM_COMMAND:
        if (HIWORD(wparam) == EN_SETFOCUS)
            w->keyboard = w->detail;
        return 0;
    case WM_SETFOCUS: /* back from another window */
        SetFocus(w->keyboard);
        return 0;
    case WM_NOTIFY:
        return on_notify(w, (NMHDR *)lparam);
    case WM_CTLCOLORSTATIC:
        return log_detail_colours((HDC)wparam, &w->theme);
    case WM_ERASEBKGND:
        return 1; /* WM_PAINT does all of it */
    case WM_PAINT:
        paint(w);
        return 0;
    case WM_SETCURSOR:
        if (LOWORD(lparam) == HTCLIENT && (HWND)wparam == w->window && show_grip_cursor(w))
            return TRUE;
        break;
    case WM_LBUTTONDOWN:
        take_grip(w, at);
        return 0;
    case WM_MOUSEMOVE:
        drag_grip(w, at);
        return 0;
    case WM_LBUTTONUP:
        ReleaseCapture();
        return 0;
    case WM_CAPTURECHANGED:
        w->grip = -1;
        return 0;
    case WM_CONTEXTMENU:
        log_menu_open(w, (HWND)wparam, lparam);
        return 0;
    case WM_DPICHANGED: {
        const RECT *place = (const RECT *)lparam;

        w->dpi = LOWORD(wparam);
        SetWindowPos(w->window, NULL, place->left, place->top, place->right - place->left,
                     place->bottom - place->top, SWP_NOZORDER | SWP_NOACTIVATE);
        dress(w);
        return 0;
    }
    case WM_SETTINGCHANGE:
    case WM_THEMECHANGED:
    case WM_SYSCOLORCHANGE:
        if (wparam == SPI_SETNONCLIENTMETRICS || theme_is_change(message, wparam, lparam))
            dress(w);
        break;
    case WM_CLOSE:
        log_window_close(w);
        return 0;
    default:
        break;
    }
    return DefWindowProcW(w->window, message, wparam, lparam);
}

static LRESULT CALLBACK window_procedure(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    struct log_window *w = (struct log_window *)GetWindowLongPtrW(window, GWLP_USERDATA);

    if (message == WM_CREATE) {
        w = ((const CREATESTRUCTW *)lparam)->lpCreateParams;
        SetWindowLongPtrW(window, GWLP_USERDATA, (LONG_PTR)w);
        return on_create(w, window) ? 0 : -1;
    }
    if (message == WM_NCDESTROY && w) {
        SetWindowLongPtrW(window, GWLP_USERDATA, 0);
        on_destroyed(w);
        w = NULL;
    }
    return w ? on_message(w, message, wparam, lparam) : DefWindowProcW(window, message, wparam, lparam);
}

/* ---- opening and closing ---- */

void log_window_init(struct log_window *w, const struct event_log *log, enum text_language language)
{
    HINSTANCE program = GetModuleHandleW(NULL);
    WNDCLASSEXW class = {
        .cbSize = sizeof class,
        .lpfnWndProc = window_procedure,
        .hInstance = program,
        .hIcon = LoadIconW(program, MAKEINTRESOURCEW(ICON_PROGRAM)),
        .hCursor = LoadCursorW(NULL, (const wchar_t *)IDC_ARROW),
        .lpszClassName = LOG_WINDOW_CLASS,
    };

    const INITCOMMONCONTROLSEX controls = {.dwSize = sizeof controls, .dwICC = ICC_LISTVIEW_CLASSES};

    /* If one of these fails, no window opens. */
    InitCommonControlsEx(&controls);
    RegisterClassExW(&class);
    *w = (struct log_window){.detail_height = FIRST_DETAIL};
    log_list_init(&w->list, log, language);
}

static void create(struct log_window *w)
{
    RECT place = log_place_birth(&w->place);
    wchar_t title[TITLE_UNITS];

    wide_copy(text_ui(TEXT_UI_LOG_TITLE, w->list.language), title, TITLE_UNITS);
    CreateWindowExW(0, LOG_WINDOW_CLASS, title, WS_OVERLAPPEDWINDOW | WS_CLIPCHILDREN, place.left, place.top,
                    place.right - place.left, place.bottom - place.top, NULL, NULL, GetModuleHandleW(NULL),
                    w);
}

void log_window_show(struct log_window *w)
{
    if (!w->window) {
        create(w);
        if (!w->window)
            return;
        log_window_log_changed(w, true);
        log_place_show(w->window, &w->place);
    } else if (IsIconic(w->window)) {
        ShowWindow(w->window, SW_RESTORE);
    }
    SetForegroundWindow(w->window);
}

void log_window_show_line(struct log_window *w, uint64_t number)
{
    const struct event_log *log = w->list.log;
    uint64_t index = number > log->dropped ? number - log->dropped : 0;

    log_window_show(w);
    if (!w->window || log->count == 0)
        return;
    log_list_choose(&w->list, (int)min(index, log->count - 1));
    show_focused(w);
}

void log_window_log_changed(struct log_window *w, bool anew)
{
    if (!w->window)
        return;
    /* Who is in the pane is reading: its story does not change under the eyes. */
    log_list_update(&w->list, anew, w->keyboard != w->detail);
    if (anew) {
        w->has_shown = false;
        log_detail_show(w->detail, NULL, w->list.language);
    }
    show_focused(w);
}

void log_window_theme_changed(struct log_window *w)
{
    if (w->window)
        dress(w);
}

void log_window_close(struct log_window *w)
{
    if (!w->window)
        return;
    w->place = log_place_of(w->window);
    DestroyWindow(w->window);
}
