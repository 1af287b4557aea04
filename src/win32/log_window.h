/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_WINDOW_H
#define TRAYPOST_WIN32_LOG_WINDOW_H

/*
 * The log on the screen: a list with columns (time, program, from, to, result), and below it everything there is to
 * say about the chosen line. It exists only while it is open; closing destroys it and remembers its place for
 * this run.
 *
 * The log it shows is its owner's and is changed on the UI's thread only.
 */

#include <stdbool.h>
#include <windows.h>

#include "core/event.h"
#include "log_list.h"
#include "text.h"
#include "theme.h"

#define LOG_WINDOW_CLASS L"TraypostLog"

/* Numbers of the controls in it, by which tests find them. */
#define LOG_LIST_ID 100
#define LOG_DETAIL_ID 101

struct log_window {
    HWND window; /* NULL: closed */
    HWND detail;
    struct log_list list;
    HWND keyboard;  /* the control that has it, or had it last */
    uint64_t shown; /* number of the line that `detail` is about */
    bool has_shown;
    int dpi;
    HFONT font;
    struct theme theme;
    int detail_height;     /* of the pane, at 96 dpi */
    int grip;              /* while the splitter is dragged: where it was taken hold of; else -1 */
    WINDOWPLACEMENT place; /* where it was when it was closed; length 0: not yet opened */
};

/* Before anything else; `log` is the owner's and stays where it is, and so does `w`. */
void log_window_init(struct log_window *w, const struct event_log *log, enum text_language language);

/* Opens it, or brings it to the front. */
void log_window_show(struct log_window *w);

/* The same, with that line chosen and in view. Numbers are those of event_log: lines[i] is number
 * dropped + i. A line that is gone: the oldest. */
void log_window_show_line(struct log_window *w, uint64_t number);

/* Lines were added; or the log has begun anew (`anew`: nothing of what was shown is there any more). To be called
 * after each change, before the next message is taken. */
void log_window_log_changed(struct log_window *w, bool anew);

/* The settings of Windows that theme.h speaks of may have changed. The window also hears of that itself. */
void log_window_theme_changed(struct log_window *w);

/* For the message loop: true when the message was a key of this window (Esc, Ctrl+A, Tab...) and is done. */
bool log_window_takes(struct log_window *w, const MSG *message);

void log_window_close(struct log_window *w);

#endif
