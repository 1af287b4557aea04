/* SPDX-License-Identifier: MIT */
/* One failure is told with recipient and reason; several as a list of them, as far as there is room. */

#include "notify.h"

#include <stdio.h>

#include "wide.h"

#define TITLE_SIZE 64 /* of NOTIFYICONDATA, in UTF-16 units */
#define TEXT_SIZE 256
#define BYTES_MAX 4096

/* ---- the words ---- */

static void fill_count(enum text_ui which, enum text_language language, unsigned count, struct buf *out)
{
    char number[16];
    const struct text_value value = {"count", number};

    snprintf(number, sizeof number, "%u", count);
    text_ui_fill(which, language, &value, 1, out);
}

/* `write_reason` is text_event_reason(), or text_event_result() where room is short. */
static void append_failure(const struct event *e, enum text_language language,
                           void (*write_reason)(const struct event *, enum text_language, struct buf *),
                           struct buf *out)
{
    struct buf reason;
    const char *words;

    if (!text_event_is_mail(e)) {
        text_event(e, language, out);
        return;
    }
    buf_init(&reason, BYTES_MAX);
    write_reason(e, language, &reason);
    words = buf_text(&reason);
    const struct text_value values[] = {{"recipient", e->recipient}, {"reason", words ? words : ""}};
    text_ui_fill(TEXT_UI_NOTICE_MAIL, language, values, sizeof values / sizeof values[0], out);
    buf_clear(&reason);
}

/* The failures of this notification that the log still has. */
static bool is_in(const struct notice *notice, const struct event_log *log, size_t i)
{
    return log->dropped + i >= notice->first_line && notice_concerns(&log->lines[i]);
}

static size_t units_of(struct buf *text)
{
    const char *words = buf_text(text);

    return words ? text_utf16_units(words) : 0;
}

/* As many as fit, the newest first; how many do not is said in the last line. */
static void append_list(const struct notice *notice, const struct event_log *log, enum text_language language,
                        struct buf *out)
{
    unsigned told = 0;

    for (size_t i = log->count; i-- > 0;) {
        struct buf line, rest;
        bool fits;

        if (!is_in(notice, log, i))
            continue;
        buf_init(&line, BYTES_MAX);
        buf_init(&rest, BYTES_MAX);
        append_failure(&log->lines[i], language, text_event_result, &line);
        if (notice->failures > told + 1)
            fill_count(TEXT_UI_NOTICE_MORE, language, notice->failures - told - 1, &rest);
        fits = told == 0 || units_of(out) + units_of(&line) + 1 + units_of(&rest) < TEXT_SIZE;
        if (fits) {
            buf_append_span(out, buf_span(&line));
            buf_append_text(out, "\n");
            told++;
        }
        buf_clear(&line);
        buf_clear(&rest);
        if (!fits)
            break;
    }
    if (notice->failures > told)
        fill_count(TEXT_UI_NOTICE_MORE, language, notice->failures - told, out);
}

static void show(const struct notify *notify, const struct engine_view *view, bool silent)
{
    const struct notice *notice = &notify->notice;
    const struct event_log *log = &view->log;
    enum text_language language = notify->tray->language;
    size_t first = 0;
    struct buf title, text;
    wchar_t wide_title[TITLE_SIZE] = L"", wide_text[TEXT_SIZE] = L"";

    while (first < log->count && !is_in(notice, log, first))
        first++;
    if (first == log->count)
        return; /* a reset was quicker */
    buf_init(&title, BYTES_MAX);
    buf_init(&text, BYTES_MAX);
    if (notice->failures > 1) {
        fill_count(TEXT_UI_NOTICE_TITLE_MANY, language, notice->failures, &title);
        append_list(notice, log, language, &text);
    } else {
        bool is_mail = text_event_is_mail(&log->lines[first]);

        text_ui_fill(is_mail ? TEXT_UI_NOTICE_TITLE_MAIL : TEXT_UI_NOTICE_TITLE_OTHER, language, NULL, 0,
                     &title);
        append_failure(&log->lines[first], language, text_event_reason, &text);
    }
    if (buf_text(&title) && buf_text(&text)) {
        wide_copy(buf_text(&title), wide_title, TITLE_SIZE);
        wide_copy(buf_text(&text), wide_text, TEXT_SIZE);
        tray_notify(notify->tray, wide_title, wide_text, silent);
    }
    buf_clear(&title);
    buf_clear(&text);
}

/* ---- the moments ---- */

static void wait_for_tick(const struct notify *notify)
{
    uint64_t due_ms = notice_due_ms(&notify->notice, GetTickCount64());

    if (due_ms == UINT64_MAX)
        KillTimer(notify->tray->window, notify->timer);
    else
        SetTimer(notify->tray->window, notify->timer, (UINT)due_ms, NULL);
}

void notify_look(struct notify *notify, const struct engine_view *view)
{
    const struct event_log *log = &view->log;
    enum notice_step step = NOTICE_NOTHING;
    uint64_t now_ms = GetTickCount64();

    if (notify->logs != view->logs) { /* a new log: what was told stood in the old one */
        notify->logs = view->logs;
        notify->next = 0;
        notify->notice = (struct notice){0};
    }
    if (notify->next < log->dropped)
        notify->next = log->dropped;
    for (; notify->next < log->dropped + log->count; notify->next++) {
        enum notice_step now = NOTICE_NOTHING;

        if (notice_concerns(&log->lines[notify->next - log->dropped]))
            now = notice_add(&notify->notice, notify->next, now_ms);
        if (now != NOTICE_NOTHING && step != NOTICE_SHOW)
            step = now;
    }
    if (step != NOTICE_NOTHING)
        show(notify, view, step == NOTICE_REWRITE);
    wait_for_tick(notify);
}

void notify_tick(struct notify *notify, const struct engine_view *view)
{
    if (notice_tick(&notify->notice, GetTickCount64()) == NOTICE_REWRITE)
        show(notify, view, true);
    wait_for_tick(notify);
}

void notify_init(struct notify *notify, struct tray *tray, UINT_PTR timer)
{
    *notify = (struct notify){.tray = tray, .timer = timer};
}
