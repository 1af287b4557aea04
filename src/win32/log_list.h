/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_LIST_H
#define TRAYPOST_WIN32_LOG_LIST_H

/*
 * The list of the log window: a line per event. It owns no lines; it asks the log for what it has to show, and is
 * told when the log has changed. The columns are in log_columns.c, and how
 * it all looks is in log_paint.c.
 *
 * A line is known by its index in the log, which changes when the log drops its oldest; what is chosen and what is in
 * view is kept through that.
 */

#include <stdbool.h>
#include <windows.h>

#include <commctrl.h>

#include "core/buf.h"
#include "core/event.h"
#include "text.h"
#include "theme.h"

enum log_column { LOG_TIME, LOG_PROGRAM, LOG_FROM, LOG_TO, LOG_RESULT, LOG_COLUMN_COUNT };

struct log_list {
    HWND window; /* NULL: closed */
    const struct event_log *log;
    enum text_language language;
    const struct theme *theme;
    int dpi;
    HFONT font;      /* the parent's */
    HIMAGELIST rows; /* holds no images: its height makes the height of the lines */
    int row_height;
    HICON icons[EVENT_ERROR + 1];
    int widths[LOG_COLUMN_COUNT]; /* of the columns at 96 dpi, as the person has left them */
    uint64_t first;               /* the log's `dropped` and `count` as shown now */
    int count;
    bool follows;  /* the newest line is kept in view */
    bool settling; /* what changes now is our doing, not the person's */
};

void log_list_init(struct log_list *l, const struct event_log *log, enum text_language language);

/* The control, without looks; false when Windows refuses. It gives back all it has when it is destroyed. */
bool log_list_open(struct log_list *l, HWND parent, int id);

/* Looks: `theme` and `font` stay the caller's, until he gives others. */
void log_list_dress(struct log_list *l, const struct theme *theme, HFONT font, int dpi);

/* The log has changed. `anew`: nothing that was shown is there any more. The newest line comes into view, and is chosen
 * if the one before it was, unless the person looks at older ones or `may_follow` is false. */
void log_list_update(struct log_list *l, bool anew, bool may_follow);

/* Chooses that line alone and brings it into view. */
void log_list_choose(struct log_list *l, int index);
void log_list_choose_all(struct log_list *l);

/* The line the keyboard is at; -1: none. */
int log_list_focused(const struct log_list *l);
bool log_list_has_chosen(const struct log_list *l);

/* The chosen lines as the console prints them, a line feed behind each. */
void log_list_append_chosen(const struct log_list *l, struct buf *out);

/* Where a menu opened by the keyboard belongs: below the focused line. On the screen. */
POINT log_list_menu_place(const struct log_list *l);

/* WM_NOTIFY from the control. */
LRESULT log_list_on_notify(struct log_list *l, NMHDR *message);

/* Pixels of a length that is given for 96 dpi. */
static inline int log_pixels(int length, int dpi)
{
    return MulDiv(length, dpi, USER_DEFAULT_SCREEN_DPI);
}

#endif
