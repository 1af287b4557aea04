/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_ABOUT_H
#define TRAYPOST_WIN32_ABOUT_H

#include <windows.h>

#include "net/engine.h"
#include "text.h"

/* What Traypost is, which version, what it uses, whose work is in it. `*dialog` is the window while it is open;
 * a second call brings that one to the front. Returns when it is closed. */
void about_show(const struct engine_view *view, enum text_language language, HWND *dialog);

#endif
