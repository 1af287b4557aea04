/* SPDX-License-Identifier: MIT */
/* An edit field that cannot be edited, with a scroll bar only while there is something to scroll. */

#include "log_detail.h"

#include <stdlib.h>
#include <wchar.h>

#include <commctrl.h>
#include <windowsx.h>

#include "wide.h"

#define DETAIL_BYTES 8192
#define SUBCLASS_ID 1

/* Would the text be higher than the field, if no scroll bar made it narrower? */
static bool overflows(HWND detail)
{
    int length = GetWindowTextLengthW(detail);
    wchar_t *text = malloc(((size_t)length + 1) * sizeof *text);
    RECT field, needed;
    HGDIOBJ font;
    HDC dc;

    if (!text)
        return true; /* a bar too many does no harm */
    GetWindowTextW(detail, text, length + 1);
    GetWindowRect(detail, &field);
    needed = (RECT){0, 0, field.right - field.left, 0};
    dc = GetDC(detail);
    font = SelectObject(dc, GetWindowFont(detail));
    DrawTextW(dc, text, -1, &needed, DT_CALCRECT | DT_WORDBREAK | DT_EDITCONTROL | DT_NOPREFIX);
    SelectObject(dc, font);
    ReleaseDC(detail, dc);
    free(text);
    return needed.bottom > field.bottom - field.top;
}

static void show_scroll_bar_if_needed(HWND detail)
{
    bool is_there = GetWindowLongPtrW(detail, GWL_STYLE) & WS_VSCROLL;
    bool is_needed = overflows(detail);

    if (is_there != is_needed)
        ShowScrollBar(detail, SB_VERT, is_needed);
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam, UINT_PTR id,
                                   DWORD_PTR context)
{
    (void)id;
    (void)context;
    switch (message) {
    case WM_CONTEXTMENU: /* the field's own menu speaks Windows' language, and offers to cut and paste */
        return SendMessageW(GetParent(window), message, wparam, lparam);
    case WM_DESTROY: /* Wine's field never frees what it knows of its last text */
        SetWindowTextW(window, NULL);
        break;
    case WM_NCDESTROY:
        RemoveWindowSubclass(window, on_message, SUBCLASS_ID);
        break;
    default:
        break;
    }
    return DefSubclassProc(window, message, wparam, lparam);
}

HWND log_detail_open(HWND parent, int id)
{
    HWND detail = CreateWindowExW(0, WC_EDITW, NULL,
                                  WS_CHILD | WS_VISIBLE | WS_TABSTOP | WS_VSCROLL | ES_MULTILINE |
                                      ES_READONLY | ES_AUTOVSCROLL,
                                  0, 0, 0, 0, parent, (HMENU)(INT_PTR)id, GetModuleHandleW(NULL), NULL);

    if (detail)
        SetWindowSubclass(detail, on_message, SUBCLASS_ID, 0);
    return detail;
}

void log_detail_dress(HWND detail, const struct theme *theme, HFONT font)
{
    theme_dress_control(detail, theme);
    SetWindowFont(detail, font, TRUE);
}

LRESULT log_detail_colours(HDC dc, const struct theme *theme)
{
    SetTextColor(dc, theme->text);
    SetBkColor(dc, theme->background);
    SetDCBrushColor(dc, theme->background);
    return (LRESULT)GetStockObject(DC_BRUSH);
}

void log_detail_place(HWND detail, RECT place)
{
    SetWindowPos(detail, NULL, place.left, place.top, place.right - place.left, place.bottom - place.top,
                 SWP_NOZORDER | SWP_NOACTIVATE);
    show_scroll_bar_if_needed(detail);
}

void log_detail_show(HWND detail, const struct event *e, enum text_language language)
{
    struct buf story;
    const char *whole;
    wchar_t *text = NULL;
    size_t length;

    buf_init(&story, DETAIL_BYTES);
    if (e)
        text_event_detail(e, language, &story);
    whole = buf_text(&story);
    if (whole)
        text = wide_new(whole);
    buf_clear(&story);
    if (text) {
        length = wcslen(text);
        if (length >= 2) /* the end of the last line would look like an empty one */
            text[length - 2] = 0;
    }
    SetWindowTextW(detail, text); /* out of memory: nothing */
    free(text);
    show_scroll_bar_if_needed(detail);
}

void log_detail_choose_all(HWND detail)
{
    Edit_SetSel(detail, 0, -1);
}

bool log_detail_has_chosen(HWND detail)
{
    DWORD from = 0, to = 0;

    SendMessageW(detail, EM_GETSEL, (WPARAM)&from, (LPARAM)&to);
    return from < to;
}

POINT log_detail_menu_place(HWND detail)
{
    POINT caret = {0, 0};

    GetCaretPos(&caret); /* in the window that has the keyboard, which is this one */
    ClientToScreen(detail, &caret);
    return caret;
}
