/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_INSTANCE_H
#define TRAYPOST_WIN32_INSTANCE_H

/* One Traypost for each session of a user, whether started with an administrator's rights or without. */

#include <stdbool.h>
#include <windows.h>

#define INSTANCE_WINDOW_CLASS L"Traypost"

/* True: we are the one, until the process ends. False: the other one has shown its log. A copy that is just
 * ending is waited for, for some seconds. */
bool instance_is_first(void);

/* Asks the other copy to exit, as its menu does but without a question, and waits until its process has gone. True:
 * there is none, or none any more. */
bool instance_end_other(void);

/* What a second copy sends to the first one's window; answer INSTANCE_SHOWN, or 0 when that one is ending. */
UINT instance_message(void);
#define INSTANCE_SHOWN 1

/* Windows keeps messages from lesser programs away from an administrator's; this one, and those named here, may pass. */
void instance_let_pass(HWND window, const UINT *messages, size_t count);

#endif
