/* SPDX-License-Identifier: MIT */
/* Made anew each time: there is no state that could be out of date. */

#include "menu.h"

#include "wide.h"

#define ITEM_SIZE 64

static void add(HMENU menu, UINT flags, enum menu_command command, enum text_ui text,
                enum text_language language)
{
    wchar_t words[ITEM_SIZE];

    wide_copy(text_ui(text, language), words, ITEM_SIZE);
    AppendMenuW(menu, flags, (UINT_PTR)command, words);
}

static void fill(HMENU menu, const struct menu_state *state, enum text_language language)
{
    add(menu, state->reset ? 0 : (UINT)MF_GRAYED, MENU_RESET, TEXT_UI_MENU_RESET, language);
    if (state->running)
        add(menu, 0, MENU_STOP, TEXT_UI_MENU_STOP, language);
    else
        add(menu, 0, MENU_START, TEXT_UI_MENU_START, language);
    add(menu, 0, MENU_LOG, TEXT_UI_MENU_LOG, language);
    SetMenuDefaultItem(menu, MENU_LOG, FALSE); /* what a click on the icon does */
    AppendMenuW(menu, MF_SEPARATOR, 0, NULL);
    add(menu, (state->autostart ? (UINT)MF_CHECKED : 0) | (state->autostart_fixed ? (UINT)MF_GRAYED : 0),
        MENU_AUTOSTART, TEXT_UI_MENU_AUTOSTART, language);
    add(menu, 0, MENU_ABOUT, TEXT_UI_MENU_ABOUT, language);
    AppendMenuW(menu, MF_SEPARATOR, 0, NULL);
    add(menu, 0, MENU_EXIT, TEXT_UI_MENU_EXIT, language);
}

void menu_show(HWND window, POINT where, const struct menu_state *state, enum text_language language)
{
    HMENU menu = CreatePopupMenu();
    UINT side = GetSystemMetrics(SM_MENUDROPALIGNMENT) ? TPM_RIGHTALIGN : TPM_LEFTALIGN;

    if (!menu)
        return;
    fill(menu, state, language);
    SetForegroundWindow(window); /* or it would stay open when the person clicks elsewhere */
    TrackPopupMenuEx(menu, side | TPM_BOTTOMALIGN | TPM_RIGHTBUTTON, where.x, where.y, window, NULL);
    PostMessageW(window, WM_NULL, 0, 0); /* or it would not open a second time */
    DestroyMenu(menu);
}
