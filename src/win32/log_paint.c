/* SPDX-License-Identifier: MIT */
/*
 * Lines and headings are drawn here and not by the control: its own selection colours would not go with coloured text
 * in every theme, and it cannot let a sentence run through several columns.
 */

#include "log_paint.h"

#include "log_columns.h"
#include "wide.h"

#define TEXT_UNITS 1024
#define TEXT_FORMAT (DT_SINGLELINE | DT_VCENTER | DT_NOPREFIX | DT_END_ELLIPSIS)

static void fill(HDC dc, RECT place, COLORREF colour)
{
    SetDCBrushColor(dc, colour);
    FillRect(dc, &place, GetStockObject(DC_BRUSH));
}

static void draw_text(const struct log_list *l, HDC dc, const wchar_t *text, int left, int right, RECT line)
{
    RECT place = {left, line.top, right - log_pixels(LOG_PAINT_MARGIN, l->dpi), line.bottom};

    if (place.left < place.right)
        DrawTextW(dc, text, -1, &place, TEXT_FORMAT);
}

/* Returns where the text of the column begins. */
static int draw_icon(const struct log_list *l, HDC dc, enum event_level level, RECT line)
{
    int size = log_pixels(LOG_PAINT_ICON, l->dpi);
    int margin = log_pixels(LOG_PAINT_MARGIN, l->dpi);
    int top = line.top + (line.bottom - line.top - size) / 2;

    if (l->icons[level])
        DrawIconEx(dc, line.left + margin, top, l->icons[level], size, size, 0, NULL, DI_NORMAL);
    return line.left + margin + size + margin;
}

static void draw_texts(const struct log_list *l, HDC dc, int index, int left, RECT line)
{
    const struct event *e = &l->log->lines[index];
    wchar_t text[TEXT_UNITS];
    int edge = line.left; /* of the column */

    for (int column = 0; column < LOG_COLUMN_COUNT; column++) {
        edge += ListView_GetColumnWidth(l->window, column);
        if (column == LOG_PROGRAM && !text_event_is_mail(e)) {
            column = LOG_RESULT;
            edge = line.right;
        }
        log_columns_cell(l, index, (enum log_column)column, text, TEXT_UNITS);
        draw_text(l, dc, text, left, edge, line);
        left = edge + log_pixels(LOG_PAINT_MARGIN, l->dpi);
    }
}

static void draw_line(const struct log_list *l, HDC dc, int index, RECT line)
{
    const struct theme *theme = l->theme;
    enum event_level level = event_level(l->log->lines[index].kind);
    /* Not from uItemState: with LVS_SHOWSELALWAYS that says chosen of every line. */
    UINT state = ListView_GetItemState(l->window, index, LVIS_SELECTED | LVIS_FOCUSED);
    bool has_keyboard = GetFocus() == l->window;
    bool chosen = state & LVIS_SELECTED;
    RECT stripe = line;

    InflateRect(&stripe, -log_pixels(LOG_PAINT_INSET, l->dpi), 0);
    fill(dc, line, theme->background);
    fill(dc, stripe, !chosen ? theme->background : has_keyboard ? theme->chosen : theme->chosen_idle);
    SetBkMode(dc, TRANSPARENT);
    SetTextColor(dc, chosen ? theme->chosen_levels[level] : theme->levels[level]);
    draw_texts(l, dc, index, draw_icon(l, dc, level, line), line);
    /* Where the keyboard is needs saying only when that is not the one chosen line. */
    if (has_keyboard && (state & LVIS_FOCUSED) && (!chosen || ListView_GetSelectedCount(l->window) > 1)) {
        SetDCBrushColor(dc, chosen ? theme->chosen_levels[level] : theme->faint);
        FrameRect(dc, &stripe, GetStockObject(DC_BRUSH));
    }
}

LRESULT log_paint_line(const struct log_list *l, const NMLVCUSTOMDRAW *draw)
{
    HDC dc = draw->nmcd.hdc;
    int index = (int)draw->nmcd.dwItemSpec;
    RECT line;
    int saved;

    if (draw->nmcd.dwDrawStage == CDDS_PREPAINT)
        return CDRF_NOTIFYITEMDRAW;
    if (draw->nmcd.dwDrawStage != CDDS_ITEMPREPAINT || index >= (int)l->log->count ||
        !ListView_GetItemRect(l->window, index, &line, LVIR_BOUNDS))
        return CDRF_DODEFAULT;
    saved = SaveDC(dc);
    SelectObject(dc, l->font);
    draw_line(l, dc, index, line);
    RestoreDC(dc, saved);
    return CDRF_SKIPDEFAULT;
}

static void draw_heading(const struct log_list *l, HDC dc, enum log_column column, RECT place)
{
    int hairline = log_pixels(1, l->dpi);
    int inset = log_pixels(LOG_PAINT_AIR, l->dpi);
    RECT bottom = {place.left, place.bottom - hairline, place.right, place.bottom};
    RECT border = {place.right - hairline, place.top + inset, place.right, place.bottom - inset};
    wchar_t text[TEXT_UNITS];

    fill(dc, place, l->theme->background);
    fill(dc, bottom, l->theme->line);
    if (column != LOG_RESULT)
        fill(dc, border, l->theme->line);
    SetBkMode(dc, TRANSPARENT);
    SetTextColor(dc, l->theme->faint);
    wide_copy(text_ui(log_columns_heading(column), l->language), text, TEXT_UNITS);
    draw_text(l, dc, text, place.left + log_pixels(LOG_PAINT_MARGIN, l->dpi), place.right, place);
}

/* The strip to the right of the last heading, which belongs to no column. */
static void fill_rest(const struct log_list *l, HWND header, HDC dc)
{
    RECT all, last;

    GetClientRect(header, &all);
    if (!Header_GetItemRect(header, LOG_RESULT, &last))
        return;
    all.left = last.right;
    if (all.left >= all.right)
        return;
    fill(dc, all, l->theme->background);
    all.top = all.bottom - log_pixels(1, l->dpi);
    fill(dc, all, l->theme->line);
}

LRESULT log_paint_heading(const struct log_list *l, const NMCUSTOMDRAW *draw)
{
    int saved;

    switch (draw->dwDrawStage) {
    case CDDS_PREPAINT:
        return CDRF_NOTIFYITEMDRAW | CDRF_NOTIFYPOSTPAINT;
    case CDDS_ITEMPREPAINT:
        saved = SaveDC(draw->hdc);
        SelectObject(draw->hdc, l->font);
        draw_heading(l, draw->hdc, (enum log_column)draw->dwItemSpec, draw->rc);
        RestoreDC(draw->hdc, saved);
        return CDRF_SKIPDEFAULT;
    case CDDS_POSTPAINT:
        fill_rest(l, draw->hdr.hwndFrom, draw->hdc);
        return CDRF_DODEFAULT;
    default:
        return CDRF_DODEFAULT;
    }
}
