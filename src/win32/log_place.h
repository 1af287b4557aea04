/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_PLACE_H
#define TRAYPOST_WIN32_LOG_PLACE_H

/* Where on the screens the log window opens: in the middle of the one where the person is (the mouse, at the icon), and
 * later where it was when it was closed. */

#include <windows.h>

/* Of a window that is about to be closed; length 0 if it was never seen. Never minimized. */
WINDOWPLACEMENT log_place_of(HWND window);

/* Where to create the window, in coordinates of the screen, so that it is born on the right screen and with its dpi. */
RECT log_place_birth(const WINDOWPLACEMENT *last);

/* Puts a window there that was born there, and shows it. */
void log_place_show(HWND window, const WINDOWPLACEMENT *last);

#endif
