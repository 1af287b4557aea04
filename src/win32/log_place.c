/* SPDX-License-Identifier: MIT */
/*
 * A window moved to a screen of another dpi is resized by Windows, so a remembered size would change with each opening.
 * It is therefore created on its screen from the start.
 */

#include "log_place.h"

#include <stdbool.h>

/* At 96 dpi. */
#define WIDTH 980
#define HEIGHT 620

WINDOWPLACEMENT log_place_of(HWND window)
{
    WINDOWPLACEMENT place = {.length = sizeof place};

    GetWindowPlacement(window, &place);
    if (place.showCmd == SW_SHOWMINIMIZED)
        place.showCmd = place.flags & WPF_RESTORETOMAXIMIZED ? SW_SHOWMAXIMIZED : SW_SHOWNORMAL;
    return place;
}

/* The screen may have been unplugged. */
static bool is_usable(const WINDOWPLACEMENT *last)
{
    return last->length != 0 && MonitorFromRect(&last->rcNormalPosition, MONITOR_DEFAULTTONULL);
}

static MONITORINFO screen_of_the_mouse(void)
{
    MONITORINFO screen = {.cbSize = sizeof screen};
    POINT mouse = {0, 0};

    GetCursorPos(&mouse);
    GetMonitorInfoW(MonitorFromPoint(mouse, MONITOR_DEFAULTTOPRIMARY), &screen);
    return screen;
}

RECT log_place_birth(const WINDOWPLACEMENT *last)
{
    return is_usable(last) ? last->rcNormalPosition : screen_of_the_mouse().rcWork;
}

/* In the middle, and never larger than the work area. */
static WINDOWPLACEMENT first_place(HWND window)
{
    MONITORINFO screen = {.cbSize = sizeof screen};
    int dpi = (int)GetDpiForWindow(window);
    WINDOWPLACEMENT place = {.length = sizeof place, .showCmd = SW_SHOWNORMAL};
    RECT *normal = &place.rcNormalPosition;

    GetMonitorInfoW(MonitorFromWindow(window, MONITOR_DEFAULTTONEAREST), &screen);
    *normal = screen.rcWork;
    InflateRect(normal, min(0, MulDiv(WIDTH, dpi, 96) - (normal->right - normal->left)) / 2,
                min(0, MulDiv(HEIGHT, dpi, 96) - (normal->bottom - normal->top)) / 2);
    /* Placements are counted from the corner of the work area, which a task bar may have moved. */
    OffsetRect(normal, screen.rcMonitor.left - screen.rcWork.left, screen.rcMonitor.top - screen.rcWork.top);
    return place;
}

void log_place_show(HWND window, const WINDOWPLACEMENT *last)
{
    WINDOWPLACEMENT place = is_usable(last) ? *last : first_place(window);

    SetWindowPlacement(window, &place);
}
