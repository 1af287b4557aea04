/* SPDX-License-Identifier: MIT */
/* All columns but the last are as wide as the person makes them; the last one has the rest of the window. */

#include "log_columns.h"

#include "log_paint.h"
#include "wide.h"

#define HEADING_UNITS 64
#define SENTENCE_BYTES 4096
#define RESULT_WIDTH_MIN 120 /* at 96 dpi */
#define SUBCLASS_ID 1

enum text_ui log_columns_heading(enum log_column column)
{
    static const enum text_ui headings[LOG_COLUMN_COUNT] = {
        [LOG_TIME] = TEXT_UI_LOG_TIME, [LOG_PROGRAM] = TEXT_UI_LOG_PROGRAM, [LOG_FROM] = TEXT_UI_LOG_FROM,
        [LOG_TO] = TEXT_UI_LOG_TO,     [LOG_RESULT] = TEXT_UI_LOG_RESULT,
    };

    return headings[column];
}

void log_columns_cell(const struct log_list *l, int index, enum log_column column, wchar_t *text, size_t size)
{
    static void (*const says[LOG_COLUMN_COUNT])(const struct event *, enum text_language, struct buf *) = {
        [LOG_PROGRAM] = text_event_program,
        [LOG_FROM] = text_event_sender,
        [LOG_TO] = text_event_recipient,
        [LOG_RESULT] = text_event_result,
    };
    const struct event *e = &l->log->lines[index];
    char time[sizeof "12:03:11"];
    struct buf cell;
    const char *whole;

    if (column == LOG_TIME) {
        text_event_time(e, time);
        wide_copy(time, text, size);
        return;
    }
    buf_init(&cell, SENTENCE_BYTES);
    if (text_event_is_mail(e))
        says[column](e, l->language, &cell);
    else if (column == LOG_RESULT)
        text_event(e, l->language, &cell);
    whole = buf_text(&cell);
    wide_copy(whole ? whole : "", text, size); /* out of memory: an empty cell, and the log goes on */
    buf_clear(&cell);
}

void log_columns_init(struct log_list *l)
{
    static const int widths[LOG_COLUMN_COUNT] = {
        [LOG_TIME] = 92,
        [LOG_PROGRAM] = 124,
        [LOG_FROM] = 176,
        [LOG_TO] = 192,
    };

    for (int i = 0; i < LOG_COLUMN_COUNT; i++)
        l->widths[i] = widths[i];
}

/* The headings are as high as the lines: their own height leaves no air. */
static LRESULT CALLBACK on_header_message(HWND header, UINT message, WPARAM wparam, LPARAM lparam,
                                          UINT_PTR id, DWORD_PTR context)
{
    const struct log_list *l = (const struct log_list *)context;
    LRESULT result;

    (void)id;
    if (message == WM_NCDESTROY)
        RemoveWindowSubclass(header, on_header_message, SUBCLASS_ID);
    result = DefSubclassProc(header, message, wparam, lparam);
    if (message == HDM_LAYOUT && l->row_height > 0) {
        const HDLAYOUT *layout = (const HDLAYOUT *)lparam;

        layout->prc->top += l->row_height - layout->pwpos->cy; /* where the lines begin */
        layout->pwpos->cy = l->row_height;
    }
    return result;
}

void log_columns_add(struct log_list *l)
{
    SetWindowSubclass(ListView_GetHeader(l->window), on_header_message, SUBCLASS_ID, (DWORD_PTR)l);
    for (int i = 0; i < LOG_COLUMN_COUNT; i++) {
        wchar_t heading[HEADING_UNITS];
        LVCOLUMNW column = {.mask = LVCF_TEXT | LVCF_SUBITEM, .pszText = heading, .iSubItem = i};

        wide_copy(text_ui(log_columns_heading((enum log_column)i), l->language), heading, HEADING_UNITS);
        SendMessageW(l->window, LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&column);
    }
}

/* A vertical scroll bar is reckoned with before it is there: were the columns too wide for a moment, a horizontal one
 * would flash up. */
static int width_of_scroll_bar(const struct log_list *l)
{
    RECT list, header, line;

    if (l->count == 0 || !ListView_GetItemRect(l->window, 0, &line, LVIR_BOUNDS))
        return 0;
    GetWindowRect(l->window, &list);
    GetWindowRect(ListView_GetHeader(l->window), &header);
    if (l->count * (line.bottom - line.top) <= list.bottom - header.bottom)
        return 0;
    return GetSystemMetricsForDpi(SM_CXVSCROLL, (UINT)l->dpi);
}

void log_columns_fit(struct log_list *l, bool may_grow)
{
    int now = ListView_GetColumnWidth(l->window, LOG_RESULT);
    int width;
    RECT list;

    GetWindowRect(l->window, &list);
    width = list.right - list.left - width_of_scroll_bar(l);
    for (int i = 0; i < LOG_RESULT; i++)
        width -= ListView_GetColumnWidth(l->window, i);
    width = max(width, log_pixels(RESULT_WIDTH_MIN, l->dpi));
    if (width < now || (may_grow && width > now))
        ListView_SetColumnWidth(l->window, LOG_RESULT, width);
}

void log_columns_resize(struct log_list *l)
{
    l->settling = true;
    for (int i = 0; i < LOG_RESULT; i++)
        ListView_SetColumnWidth(l->window, i, log_pixels(l->widths[i], l->dpi));
    l->settling = false;
    log_columns_fit(l, true);
}

bool log_columns_on_header(struct log_list *l, const NMHDR *message, LRESULT *result)
{
    switch (message->code) {
    case NM_CUSTOMDRAW:
        *result = log_paint_heading(l, (const NMCUSTOMDRAW *)message);
        return true;
    case HDN_BEGINTRACKA:
    case HDN_BEGINTRACKW:
    case HDN_DIVIDERDBLCLICKA:
    case HDN_DIVIDERDBLCLICKW:
        *result = TRUE; /* no: the last column has no width of its own */
        return ((const NMHEADERW *)message)->iItem == LOG_RESULT;
    default:
        return false;
    }
}

void log_columns_after_header(struct log_list *l, const NMHDR *message)
{
    int column;

    if ((message->code != HDN_ITEMCHANGEDA && message->code != HDN_ITEMCHANGEDW) || l->settling)
        return;
    column = ((const NMHEADERW *)message)->iItem;
    if (column < 0 || column >= LOG_RESULT)
        return;
    l->widths[column] = MulDiv(ListView_GetColumnWidth(l->window, column), USER_DEFAULT_SCREEN_DPI, l->dpi);
    log_columns_fit(l, true);
}
