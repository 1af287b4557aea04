/* SPDX-License-Identifier: MIT */
/* What stands in the list view of another program. */
#include "probe.h"

#include <stdio.h>

#include <commctrl.h>

enum { CELL_UNITS = 2048, CELL_AT = 256 };

static void say_heading(const struct lent *l, HWND header, int column)
{
    HDITEMW item = {.mask = HDI_TEXT, .pszText = (wchar_t *)(l->there + CELL_AT), .cchTextMax = CELL_UNITS};
    wchar_t text[CELL_UNITS] = L"";

    if (put(l, 0, &item, sizeof item) && ask(header, HDM_GETITEMW, (WPARAM)column, (LPARAM)l->there, NULL))
        get(l, CELL_AT, text, sizeof text);
    say_text(text);
}

/* The control may answer with text of its own in place of the room it was offered. */
static void say_cell(const struct lent *l, HWND list, int row, int column)
{
    LVITEMW item = {.iSubItem = column, .pszText = (wchar_t *)(l->there + CELL_AT), .cchTextMax = CELL_UNITS};
    wchar_t text[CELL_UNITS] = L"";

    if (put(l, 0, &item, sizeof item) && ask(list, LVM_GETITEMTEXTW, (WPARAM)row, (LPARAM)l->there, NULL) &&
        get(l, 0, &item, sizeof item))
        ReadProcessMemory(l->process, item.pszText, text, sizeof text - sizeof *text, NULL);
    say_text(text);
}

static int number_of(HWND window, UINT message, WPARAM w, LPARAM l)
{
    LRESULT answer = -1;

    ask(window, message, w, l, &answer);
    return (int)answer;
}

static void say_states(HWND list, const char *name, UINT state)
{
    bool first = true;

    printf("\"%s\": [", name);
    for (int i = number_of(list, LVM_GETNEXTITEM, (WPARAM)-1, (LPARAM)state); i >= 0;
         i = number_of(list, LVM_GETNEXTITEM, (WPARAM)i, (LPARAM)state)) {
        printf(first ? "%d" : ", %d", i);
        first = false;
    }
    printf("], ");
}

/* Where row `row` stands on the screen: [left, top, right, bottom]. */
static void say_row_place(const struct lent *l, HWND list, int row)
{
    RECT r = {.left = LVIR_BOUNDS};
    POINT origin = {0};

    ClientToScreen(list, &origin);
    if (put(l, 0, &r, sizeof r) && ask(list, LVM_GETITEMRECT, (WPARAM)row, (LPARAM)l->there, NULL))
        get(l, 0, &r, sizeof r);
    printf("[%ld, %ld, %ld, %ld]", r.left + origin.x, r.top + origin.y, r.right + origin.x,
           r.bottom + origin.y);
}

void say_list(HWND list)
{
    struct lent l;
    DWORD process = 0;
    LRESULT header = 0;
    int rows, columns, top, page;

    GetWindowThreadProcessId(list, &process);
    if (!lend(&l, process, CELL_AT + CELL_UNITS * sizeof(wchar_t)) ||
        !ask(list, LVM_GETHEADER, 0, 0, &header)) {
        say_failure("the list does not answer");
        take_back(&l);
        return;
    }
    rows = number_of(list, LVM_GETITEMCOUNT, 0, 0);
    columns = number_of((HWND)header, HDM_GETITEMCOUNT, 0, 0);
    top = number_of(list, LVM_GETTOPINDEX, 0, 0);
    page = number_of(list, LVM_GETCOUNTPERPAGE, 0, 0);
    printf("{\"top\": %d, \"page\": %d, ", top, page);
    say_states(list, "selected", LVNI_SELECTED);
    say_states(list, "focused", LVNI_FOCUSED);
    printf("\"columns\": [");
    for (int c = 0; c < columns; c++) {
        printf(c ? ", " : "");
        say_heading(&l, (HWND)header, c);
    }
    printf("], \"places\": [");
    for (int r = 0; r < rows; r++) {
        printf(r ? ", " : "");
        say_row_place(&l, list, r);
    }
    printf("], \"rows\": [");
    for (int r = 0; r < rows; r++) {
        printf(r ? ", [" : "[");
        for (int c = 0; c < columns; c++) {
            printf(c ? ", " : "");
            say_cell(&l, list, r, c);
        }
        putchar(']');
    }
    printf("]}");
    take_back(&l);
}

void say_title(HWND tooltip)
{
    TTGETTITLE title = {.dwSize = sizeof title, .cch = CELL_UNITS};
    wchar_t text[CELL_UNITS] = L"";
    DWORD process = 0;
    struct lent l;

    GetWindowThreadProcessId(tooltip, &process);
    if (lend(&l, process, CELL_AT + sizeof text)) {
        title.pszTitle = (wchar_t *)(l.there + CELL_AT);
        put(&l, 0, &title, sizeof title);
        ask(tooltip, TTM_GETTITLE, 0, (LPARAM)l.there, NULL);
        get(&l, CELL_AT, text, sizeof text);
    }
    take_back(&l);
    say_text(text);
}
