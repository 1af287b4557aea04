/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_AUTOSTART_H
#define TRAYPOST_WIN32_AUTOSTART_H

/*
 * "Start with Windows": the Run key of this user, or that of all users, which only an administrator can change. Nothing is
 * remembered here; Windows is asked each time.
 */

#include <stdbool.h>
#include <windows.h>

/* This exe starts when the user logs on, and Task Manager's list of start-up programs has not switched it off. */
bool autostart_is_on(void);

/* An administrator has it start for all users of the computer: not ours to change. */
bool autostart_is_everybodys(void);

/* Of this user. ERROR_SUCCESS, or Windows' error. */
LSTATUS autostart_set(bool on);

#endif
