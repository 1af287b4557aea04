/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_PAINT_H
#define TRAYPOST_WIN32_LOG_PAINT_H

/* How the lines and headings of the log's list look: answers to NM_CUSTOMDRAW. */

#include "log_list.h"

/* Lengths at 96 dpi. */
#define LOG_PAINT_MARGIN 8 /* left and right of a text in its column */
#define LOG_PAINT_ICON 16  /* of a line */
#define LOG_PAINT_INSET 2  /* left and right of what marks a line as chosen */
#define LOG_PAINT_AIR 4    /* above and below */

LRESULT log_paint_line(const struct log_list *l, const NMLVCUSTOMDRAW *draw);
LRESULT log_paint_heading(const struct log_list *l, const NMCUSTOMDRAW *draw);

#endif
