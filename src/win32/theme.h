/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_THEME_H
#define TRAYPOST_WIN32_THEME_H

/*
 * Light or dark, as the person has told Windows, and high contrast, which overrides both: then all colours
 * are the system's. Asked of Windows each time, never remembered.
 */

#include <stdbool.h>
#include <windows.h>

#include "core/event.h"

/* Every colour of a text has a contrast of 4.5:1 or more to every colour it may stand on (WCAG 2, AA). */
struct theme {
    bool dark;
    bool high_contrast;
    COLORREF background;                     /* of windows, lists and panes */
    COLORREF text;                           /* on it */
    COLORREF faint;                          /* headings and other text beside the matter */
    COLORREF line;                           /* between panes; not for text */
    COLORREF chosen;                         /* background of chosen lines */
    COLORREF chosen_idle;                    /* the same while the keyboard is elsewhere */
    COLORREF levels[EVENT_ERROR + 1];        /* text of a log line, by enum event_level */
    COLORREF chosen_levels[EVENT_ERROR + 1]; /* the same when it is chosen */
};

struct theme theme_now(void);

/* True for the messages by which Windows says that theme_now() may have another answer. */
bool theme_is_change(UINT message, WPARAM wparam, LPARAM lparam);

/* Title bar, scroll bars and the controls' own drawing follow the theme, where Windows can do it. */
void theme_dress_window(HWND window, const struct theme *theme);
void theme_dress_control(HWND control, const struct theme *theme);

#endif
