/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_DETAIL_H
#define TRAYPOST_WIN32_LOG_DETAIL_H

/* The pane below the log's list: the whole story of one line, to be read, selected and copied. */

#include <windows.h>

#include "core/event.h"
#include "text.h"
#include "theme.h"

/* The control, without looks; NULL when Windows refuses. It passes WM_CONTEXTMENU to its parent. */
HWND log_detail_open(HWND parent, int id);

/* Looks. The font stays the caller's. */
void log_detail_dress(HWND detail, const struct theme *theme, HFONT font);

/* The answer to WM_CTLCOLORSTATIC. */
LRESULT log_detail_colours(HDC dc, const struct theme *theme);

/* In its parent. */
void log_detail_place(HWND detail, RECT place);

/* NULL: nothing. */
void log_detail_show(HWND detail, const struct event *e, enum text_language language);

void log_detail_choose_all(HWND detail);
bool log_detail_has_chosen(HWND detail);

/* Where a menu opened by the keyboard belongs: at the caret. On the screen. */
POINT log_detail_menu_place(HWND detail);

#endif
