/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_MENU_H
#define TRAYPOST_WIN32_MENU_H

/* The icon's menu. What is chosen comes to the window as WM_COMMAND. */

#include <stdbool.h>
#include <windows.h>

#include "text.h"

enum menu_command { /* also what tests send */
                    MENU_RESET = 201,
                    MENU_STOP,
                    MENU_START,
                    MENU_LOG,
                    MENU_AUTOSTART,
                    MENU_ABOUT,
                    MENU_EXIT,
};

struct menu_state {
    bool running;   /* Stop is offered, otherwise Start */
    bool reset;     /* there is something that could be reset */
    bool autostart; /* the tick */
    bool autostart_fixed;
};

/* Returns when it is closed. `where` is on the icon, in pixels of the screen. */
void menu_show(HWND window, POINT where, const struct menu_state *state, enum text_language language);

#endif
