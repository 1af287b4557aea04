/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_PROBE_H
#define TRAYPOST_TESTS_PROBE_H

/* What the files of the probe offer each other. say_... write one JSON value to stdout. */

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>

#define PATIENCE_MS 2000

/* say.c */
void say_text(const wchar_t *text);
void say_truth(bool is_true);
void say_failure(const char *what);

/* windows.c */
bool ask(HWND window, UINT message, WPARAM w, LPARAM l, LRESULT *answer); /* false: it does not answer */
void say_windows(HWND inside);                                            /* NULL: all top-level windows */
void say_window_text(HWND window);
void say_answer(HWND window, UINT message, WPARAM w, LPARAM l);
void say_focus(void);
void forget_icon(HWND owner, UINT id);
void say_title(HWND tooltip); /* of a notification */
void open_and_close(HWND bar, LPARAM place, DWORD process, const wchar_t *class, int times);

/* memory.c: a piece of memory in another process */
struct lent {
    HANDLE process;
    char *there;
};

bool lend(struct lent *l, DWORD process, size_t size); /* take_back() in any case */
void take_back(struct lent *l);
bool put(const struct lent *l, size_t offset, const void *from, size_t size);
bool get(const struct lent *l, size_t offset, void *to, size_t size);

/* list.c */
void say_list(HWND list);

/* inside.c; `spy` is the path of spy.dll */
void say_menu(HWND window, const wchar_t *spy);
void say_heaps(DWORD process, const wchar_t *spy);
void listen_to(DWORD process, DWORD thread, const wchar_t *spy);
void say_heard(DWORD process, const wchar_t *spy);

/* resources.c */
void say_resources(DWORD process);

/* threads.c */
void say_processes(void);
void say_image(DWORD process);
void kill_process(DWORD process);
void say_threads(DWORD process);
void crash_thread(DWORD thread);

#endif
