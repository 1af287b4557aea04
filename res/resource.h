/* SPDX-License-Identifier: MIT */
/* Numbers of what the exe carries. Also read by the resource compiler: definitions only. */
#ifndef TRAYPOST_RESOURCE_H
#define TRAYPOST_RESOURCE_H

/* Icons of 16 to 64 pixels; the lowest number is the one that Windows shows for the file. */
#define ICON_PROGRAM 1
#define ICON_READY 2
#define ICON_STOPPED 3

/* Icons of 16 to 32 pixels beside the lines of the log, for any background: ICON_LINE_START + enum event_level. */
#define ICON_LINE_START 4
#define ICON_LINE_INFORMATION 5
#define ICON_LINE_ERROR 6

#endif
