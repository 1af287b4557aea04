/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_MENU_H
#define TRAYPOST_WIN32_LOG_MENU_H

/* The menu of the log window, and what it offers. What is copied or chosen is in one of the two controls. */

#include "log_window.h"

/* For WM_CONTEXTMENU: `on` and `where` are what came with it. */
void log_menu_open(struct log_window *w, HWND on, LPARAM where);

void log_menu_copy(struct log_window *w, HWND from);
void log_menu_choose_all(struct log_window *w, HWND in);

#endif
