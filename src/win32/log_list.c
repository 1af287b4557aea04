/* SPDX-License-Identifier: MIT */
/*
 * A list view that holds no data (LVS_OWNERDATA): it asks for the texts of the lines it shows, for itself and for
 * screen readers. Chosen lines and the line in front are kept in it by index, so they are moved by hand when the log
 * drops its oldest lines.
 */

#include "log_list.h"

#include <windowsx.h>

#include "log_columns.h"
#include "log_paint.h"
#include "resource.h"

#define SUBCLASS_ID 1

void log_list_init(struct log_list *l, const struct event_log *log, enum text_language language)
{
    *l = (struct log_list){.log = log, .language = language};
    log_columns_init(l);
}

int log_list_focused(const struct log_list *l)
{
    return ListView_GetNextItem(l->window, -1, LVNI_FOCUSED);
}

bool log_list_has_chosen(const struct log_list *l)
{
    return ListView_GetSelectedCount(l->window) > 0;
}

/* ---- texts ---- */

void log_list_append_chosen(const struct log_list *l, struct buf *out)
{
    static const char symbols[] = {[EVENT_START] = '-', [EVENT_INFORMATION] = '+', [EVENT_ERROR] = '!'};

    for (int i = -1; (i = ListView_GetNextItem(l->window, i, LVNI_SELECTED)) >= 0 && i < l->count;) {
        const struct event *e = &l->log->lines[i];
        char time[9];

        text_event_time(e, time);
        buf_printf(out, "%s %c ", time, symbols[event_level(e->kind)]);
        text_event(e, l->language, out);
        buf_append_text(out, "\n");
    }
}

/* ---- following, and staying ---- */

static bool is_at_end(const struct log_list *l)
{
    return ListView_GetTopIndex(l->window) + ListView_GetCountPerPage(l->window) >= l->count;
}

static void mark(struct log_list *l, int index, UINT state)
{
    ListView_SetItemState(l->window, index, state, state);
}

/* Nothing is chosen, and the keyboard is at no line. */
static void clear_marks(struct log_list *l)
{
    int focused = log_list_focused(l);

    ListView_SetItemState(l->window, -1, 0, LVIS_SELECTED);
    if (focused >= 0)
        ListView_SetItemState(l->window, focused, 0, LVIS_FOCUSED);
    ListView_SetSelectionMark(l->window, -1);
}

void log_list_choose(struct log_list *l, int index)
{
    l->settling = true;
    clear_marks(l);
    mark(l, index, LVIS_SELECTED | LVIS_FOCUSED);
    ListView_SetSelectionMark(l->window, index);
    ListView_EnsureVisible(l->window, index, FALSE);
    l->settling = false;
    l->follows = index == l->count - 1;
}

void log_list_choose_all(struct log_list *l)
{
    mark(l, -1, LVIS_SELECTED);
}

static void set_count(struct log_list *l)
{
    l->first = l->log->dropped;
    l->count = (int)l->log->count;
    log_columns_fit(l, false);
    ListView_SetItemCountEx(l->window, l->count, LVSICF_NOINVALIDATEALL | LVSICF_NOSCROLL);
    log_columns_fit(l, true);
}

/* The oldest `gone` lines are not there any more: what was chosen, and what was in view, moves up with the rest. */
static void drop(struct log_list *l, int gone)
{
    bool chosen[EVENT_LOG_LINES] = {false};
    int focused = log_list_focused(l);
    int anchor = ListView_GetSelectionMark(l->window);
    int top = max(ListView_GetTopIndex(l->window) - gone, 0);

    for (int i = -1; (i = ListView_GetNextItem(l->window, i, LVNI_SELECTED)) >= 0;)
        if (i >= gone)
            chosen[i - gone] = true;
    SendMessageW(l->window, WM_SETREDRAW, FALSE, 0);
    clear_marks(l);
    set_count(l);
    for (int i = 0; i < l->count; i++)
        if (chosen[i])
            mark(l, i, LVIS_SELECTED);
    if (focused >= gone)
        mark(l, focused - gone, LVIS_FOCUSED);
    if (anchor >= gone)
        ListView_SetSelectionMark(l->window, anchor - gone);
    /* From below, a line that comes into view is the top one. */
    ListView_EnsureVisible(l->window, l->count - 1, FALSE);
    ListView_EnsureVisible(l->window, top, FALSE);
    SendMessageW(l->window, WM_SETREDRAW, TRUE, 0);
    RedrawWindow(l->window, NULL, NULL,
                 RDW_INVALIDATE | RDW_FRAME | RDW_ALLCHILDREN); /* the scroll bar too */
}

static void begin_anew(struct log_list *l)
{
    clear_marks(l);
    set_count(l);
    InvalidateRect(l->window, NULL, TRUE);
    l->follows = true;
}

void log_list_update(struct log_list *l, bool anew, bool may_follow)
{
    int focused = log_list_focused(l);
    bool chose_newest = focused == l->count - 1 && ListView_GetSelectedCount(l->window) <= 1;
    uint64_t gone = l->log->dropped - l->first;

    l->settling = true;
    if (anew)
        begin_anew(l);
    else if (gone > 0)
        drop(l, (int)min(gone, EVENT_LOG_LINES));
    else
        set_count(l);
    l->settling = false;
    if (l->count == 0 || !l->follows || !(may_follow || anew))
        return;
    if (chose_newest || anew)
        log_list_choose(l, l->count - 1);
    else
        ListView_EnsureVisible(l->window, l->count - 1, FALSE);
}

POINT log_list_menu_place(const struct log_list *l)
{
    int index = log_list_focused(l);
    RECT place = {0}, view;

    GetClientRect(l->window, &view);
    if (index >= 0)
        ListView_GetItemRect(l->window, index, &place, LVIR_BOUNDS);
    POINT point = {log_pixels(LOG_PAINT_MARGIN, l->dpi), max(0, min(place.bottom, view.bottom))};
    ClientToScreen(l->window, &point);
    return point;
}

/* ---- messages ---- */

static void on_state(struct log_list *l, const NMLISTVIEW *change)
{
    bool moved_here = change->uNewState & ~change->uOldState & LVIS_FOCUSED;

    if (!l->settling && moved_here && change->iItem >= 0)
        l->follows = change->iItem == l->count - 1;
}

LRESULT log_list_on_notify(struct log_list *l, NMHDR *message)
{
    switch (message->code) {
    case LVN_GETDISPINFOW: {
        LVITEMW *item = &((NMLVDISPINFOW *)message)->item;

        if ((item->mask & LVIF_TEXT) && item->iItem < (int)l->log->count && item->cchTextMax > 0)
            log_columns_cell(l, item->iItem, (enum log_column)item->iSubItem, item->pszText,
                             (size_t)item->cchTextMax);
        return 0;
    }
    case LVN_ITEMCHANGED:
        on_state(l, (NMLISTVIEW *)message);
        return 0;
    case LVN_ODFINDITEMW: /* letters typed are not looked for: a time is no name */
        return -1;
    case NM_CUSTOMDRAW:
        return log_paint_line(l, (NMLVCUSTOMDRAW *)message);
    default:
        return 0;
    }
}

static void give_back(struct log_list *l)
{
    ImageList_Destroy(l->rows);
    l->rows = NULL;
    for (int i = 0; i <= EVENT_ERROR; i++) {
        if (l->icons[i])
            DestroyIcon(l->icons[i]);
        l->icons[i] = NULL;
    }
    l->window = NULL;
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam, UINT_PTR id,
                                   DWORD_PTR context)
{
    struct log_list *l = (struct log_list *)context;
    LRESULT result;

    (void)id;
    if (message == WM_NOTIFY && log_columns_on_header(l, (const NMHDR *)lparam, &result))
        return result;
    if (message == WM_SIZE)
        log_columns_fit(l, false);
    if (message == WM_NCDESTROY)
        RemoveWindowSubclass(window, on_message, SUBCLASS_ID);
    result = DefSubclassProc(window, message, wparam, lparam);
    switch (message) {
    case WM_SIZE:
        log_columns_fit(l, true);
        if (l->follows && l->count > 0)
            ListView_EnsureVisible(window, l->count - 1, FALSE);
        break;
    case WM_VSCROLL:
    case WM_MOUSEWHEEL:
        l->follows = is_at_end(l);
        break;
    case WM_NCDESTROY:
        give_back(l);
        break;
    case WM_NOTIFY:
        log_columns_after_header(l, (const NMHDR *)lparam);
        break;
    default:
        break;
    }
    return result;
}

/* ---- opening ---- */

bool log_list_open(struct log_list *l, HWND parent, int id)
{
    l->window = CreateWindowExW(0, WC_LISTVIEWW, NULL,
                                WS_CHILD | WS_VISIBLE | WS_TABSTOP | LVS_REPORT | LVS_OWNERDATA |
                                    LVS_SHOWSELALWAYS | LVS_NOSORTHEADER | LVS_SHAREIMAGELISTS,
                                0, 0, 0, 0, parent, (HMENU)(INT_PTR)id, GetModuleHandleW(NULL), NULL);
    if (!l->window)
        return false;
    SetWindowSubclass(l->window, on_message, SUBCLASS_ID, (DWORD_PTR)l);
    ListView_SetExtendedListViewStyle(l->window, LVS_EX_FULLROWSELECT | LVS_EX_DOUBLEBUFFER);
    log_columns_add(l);
    l->first = l->log->dropped;
    l->count = 0;
    l->follows = true;
    return true;
}

static void load_icons(struct log_list *l)
{
    static const WORD ids[] = {
        [EVENT_START] = ICON_LINE_START,
        [EVENT_INFORMATION] = ICON_LINE_INFORMATION,
        [EVENT_ERROR] = ICON_LINE_ERROR,
    };
    int size = log_pixels(LOG_PAINT_ICON, l->dpi);

    for (int i = 0; i <= EVENT_ERROR; i++) {
        if (l->icons[i])
            DestroyIcon(l->icons[i]);
        l->icons[i] = LoadImageW(GetModuleHandleW(NULL), MAKEINTRESOURCEW(ids[i]), IMAGE_ICON, size, size, 0);
    }
}

/* Lines as high as the text or the icon, and air. */
static void set_row_height(struct log_list *l)
{
    HIMAGELIST before = l->rows;
    HDC dc = GetDC(l->window);
    HGDIOBJ font = SelectObject(dc, l->font);
    TEXTMETRICW text;

    GetTextMetricsW(dc, &text);
    SelectObject(dc, font);
    ReleaseDC(l->window, dc);
    l->row_height =
        max(text.tmHeight, log_pixels(LOG_PAINT_ICON, l->dpi)) + 2 * log_pixels(LOG_PAINT_AIR, l->dpi);
    l->rows = ImageList_Create(1, l->row_height, ILC_COLOR, 1, 0);
    ListView_SetImageList(l->window, l->rows, LVSIL_SMALL);
    ImageList_Destroy(before);
}

void log_list_dress(struct log_list *l, const struct theme *theme, HFONT font, int dpi)
{
    l->theme = theme;
    l->font = font;
    l->dpi = dpi;
    theme_dress_control(l->window, theme);
    ListView_SetBkColor(l->window, theme->background);
    ListView_SetTextBkColor(l->window, theme->background);
    ListView_SetTextColor(l->window, theme->text);
    SetWindowFont(l->window, font, FALSE);
    load_icons(l);
    set_row_height(l);
    log_columns_resize(l);
    InvalidateRect(l->window, NULL, TRUE);
}
