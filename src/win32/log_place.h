/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_PLACE_H
#define TRAYPOST_WIN32_LOG_PLACE_H

/*
 * Where on the screens the log window opens: in the middle of the one where the person is (the mouse, at the icon), and
 * later where it was when it was closed. `last` is what log_place_of() said then, or of length 0 the first time.
 */

#include <windows.h>

/* Of a window that is about to be closed. Never minimized. */
WINDOWPLACEMENT log_place_of(HWND window);

/* Where to create the window, so that it is born on the right screen and with its dpi. */
RECT log_place_birth(const WINDOWPLACEMENT *last);

/* Puts a window that was born there into its place, and shows it. */
void log_place_show(HWND window, const WINDOWPLACEMENT *last);

#endif
