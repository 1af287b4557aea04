/* SPDX-License-Identifier: MIT */
/* Copying, choosing all, and the menu that says so. */

#include "log_menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windowsx.h>

#include "log_detail.h"
#include "wide.h"

#define CLIPBOARD_BYTES (1 << 20)
#define CLIPBOARD_TRIES 5
#define CLIPBOARD_WAIT_MS 10
#define ENTRY_UNITS 64

enum command { COPY = 1, CHOOSE_ALL };

/* Programs that watch the clipboard keep it for some milliseconds after every change. */
static bool open_clipboard(HWND owner)
{
    for (int tries = 0; tries < CLIPBOARD_TRIES; tries++) {
        if (OpenClipboard(owner))
            return true;
        Sleep(CLIPBOARD_WAIT_MS);
    }
    return false;
}

static void to_clipboard(HWND owner, const wchar_t *text)
{
    size_t bytes = (wcslen(text) + 1) * sizeof *text;
    HGLOBAL memory = GlobalAlloc(GMEM_MOVEABLE, bytes);

    if (!memory)
        return;
    CopyMemory(GlobalLock(memory), text, bytes);
    GlobalUnlock(memory);
    if (open_clipboard(owner)) {
        EmptyClipboard();
        if (SetClipboardData(CF_UNICODETEXT, memory))
            memory = NULL; /* it is the clipboard's now */
        CloseClipboard();
    }
    if (memory)
        GlobalFree(memory);
}

static void copy_lines(const struct log_list *list, HWND owner)
{
    struct buf lines;
    const char *whole;
    wchar_t *text;

    if (!log_list_has_chosen(list))
        return;
    buf_init(&lines, CLIPBOARD_BYTES);
    log_list_append_chosen(list, &lines);
    whole = buf_text(&lines);
    text = whole ? wide_new(whole) : NULL;
    if (text)
        to_clipboard(owner, text);
    free(text);
    buf_clear(&lines);
}

void log_menu_copy(struct log_window *w, HWND from)
{
    if (from == w->detail)
        SendMessageW(w->detail, WM_COPY, 0, 0);
    else
        copy_lines(&w->list, w->window);
}

void log_menu_choose_all(struct log_window *w, HWND in)
{
    if (in == w->detail)
        log_detail_choose_all(w->detail);
    else
        log_list_choose_all(&w->list);
}

static void add_entry(HMENU menu, enum command command, bool enabled, enum text_ui words,
                      enum text_language language, const char *key)
{
    wchar_t entry[ENTRY_UNITS];
    char text[ENTRY_UNITS * 4];

    snprintf(text, sizeof text, "%s\t%s", text_ui(words, language), key);
    wide_copy(text, entry, ENTRY_UNITS);
    AppendMenuW(menu, (UINT)(enabled ? MF_ENABLED : MF_GRAYED), command, entry);
}

static enum command ask(const struct log_window *w, POINT at, bool can_copy)
{
    enum text_language language = w->list.language;
    UINT alignment = GetSystemMetrics(SM_MENUDROPALIGNMENT) ? TPM_RIGHTALIGN : TPM_LEFTALIGN;
    HMENU menu = CreatePopupMenu();
    int answer;

    if (!menu)
        return 0;
    add_entry(menu, COPY, can_copy, TEXT_UI_LOG_COPY, language, "Ctrl+C");
    add_entry(menu, CHOOSE_ALL, true, TEXT_UI_LOG_SELECT_ALL, language, "Ctrl+A");
    answer = TrackPopupMenuEx(menu, alignment | TPM_RIGHTBUTTON | TPM_RETURNCMD, at.x, at.y, w->window, NULL);
    DestroyMenu(menu);
    return (enum command)answer;
}

void log_menu_open(struct log_window *w, HWND on, LPARAM where)
{
    POINT at = {GET_X_LPARAM(where), GET_Y_LPARAM(where)};
    bool on_detail = on == w->detail;
    enum command command;

    if (!on_detail && on != w->list.window)
        return;
    SetFocus(on);
    if (where == -1) /* by the keyboard */
        at = on_detail ? log_detail_menu_place(on) : log_list_menu_place(&w->list);
    command = ask(w, at, on_detail ? log_detail_has_chosen(on) : log_list_has_chosen(&w->list));
    if (command == COPY)
        log_menu_copy(w, on);
    else if (command == CHOOSE_ALL)
        log_menu_choose_all(w, on);
}
