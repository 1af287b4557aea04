/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SPY_H
#define TRAYPOST_TESTS_SPY_H

/* What probe.exe asks of spy.dll, in memory of the program that is looked at. Both are of the same word size. */

#include <stdint.h>
#include <wchar.h>

#define SPY_ITEMS 32
#define SPY_TEXT 128

struct spy_menu_item {
    uint32_t command;
    int32_t separator, ticked, grey;
    int32_t left, top, right, bottom; /* on the screen */
    wchar_t text[SPY_TEXT];
};

struct spy_menu {
    uint64_t menu, window; /* in: HMENU, and the window that shows it */
    int32_t count;         /* out */
    struct spy_menu_item items[SPY_ITEMS];
};

/* What the program has allocated and not freed, in all its heaps. */
struct spy_heaps {
    uint64_t bytes, blocks; /* out */
};

/* How the shell tells the program that the mouse has moved over its icon. */
struct spy_ear {
    uint32_t thread; /* in, to listen: the one with the windows */
    int32_t works;   /* out: it is being listened to */
    uint64_t window; /* out; 0: nothing has been heard yet */
    uint32_t message;
    uint64_t w;
    int64_t l;
};

#endif
