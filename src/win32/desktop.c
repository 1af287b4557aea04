/* SPDX-License-Identifier: MIT */
/*
 * One window that is never seen owns everything on the screen. It gets the engine's "look", the icon's messages,
 * the menu's commands, and what Windows tells every window: that it will sleep, has slept, shuts down.
 *
 * The window's thread never waits for the engine, but for some seconds when Windows itself ends the session and
 * would otherwise take the process away at once.
 */

#include "desktop.h"

#include "platform.h" /* before windows.h, because of Winsock */

#include <windows.h>

#include "about.h"
#include "autostart.h"
#include "crash.h"
#include "exit_question.h"
#include "instance.h"
#include "log_window.h"
#include "menu.h"
#include "notify.h"
#include "resource.h"
#include "tray.h"
#include "wide.h"

#define EXIT_CANNOT_OPEN 1
#define EXIT_STUCK 1
#define EXIT_LEFT_OPEN 70 /* as net/headless has it */

#define END_MS 10000         /* the engine takes 5 s for its last mails */
#define SESSION_END_MS 4500u /* Windows waits 5 s before it calls us hung */
#define TEXT_SIZE 1024
#define LOCALE_SIZE 64

enum { WM_LOOK = WM_APP + 1, WM_TRAY };
enum { TIMER_BLINK = 1, TIMER_RETRY, TIMER_NOTICE, TIMER_END };

enum leaving { STAYING, WHEN_THROUGH, ENDING };

struct desktop {
    HWND window;
    UINT taskbar_created, show_log; /* registered messages */
    enum text_language language;
    struct engine *engine;
    struct engine_view view;
    struct tray tray;
    struct notify notify;
    struct log_window log;
    HWND about, question; /* while they are open */
    enum leaving leaving;
    bool blocking; /* Windows has been told why it must not end the session */
    bool crashed;  /* and everybody has been told */
    bool settled;  /* the memory that only starting needs has been given back */
    int day;       /* of the counts in the tooltip */
    int exit_code;
};

static struct desktop desktop; /* 150 kB, and there is only one */

/* ---- the engine speaks ---- */

static void on_changed(void *context)
{
    static bool prepared; /* of the engine's thread alone */

    if (!prepared) {
        prepared = true;
        crash_reserve_stack();
    }
    PostMessageW(context, WM_LOOK, 0, 0);
}

static int today(void)
{
    SYSTEMTIME now;

    GetLocalTime(&now);
    return now.wDay;
}

/* As long as a mail is in the air, Windows knows a reason to wait for. */
static void block_shutdown(struct desktop *d)
{
    bool wanted = d->view.status.mails_in_progress > 0;
    wchar_t reason[TEXT_SIZE];

    if (wanted == d->blocking)
        return;
    d->blocking = wanted;
    if (!wanted) {
        ShutdownBlockReasonDestroy(d->window);
        return;
    }
    wide_copy(text_ui(TEXT_UI_SHUTDOWN_REASON, d->language), reason, TEXT_SIZE);
    ShutdownBlockReasonCreate(d->window, reason);
}

static void end_now(struct desktop *d)
{
    if (d->leaving == ENDING)
        return;
    d->leaving = ENDING;
    engine_post(d->engine, RELAY_EXIT);
    SetTimer(d->window, TIMER_END, END_MS, NULL);
    tray_show(&d->tray, &d->view, true);
}

static void look_at_life(struct desktop *d)
{
    if (d->view.life == ENGINE_CRASHED && !d->crashed) {
        d->crashed = true;
        crash_cut_connections();
    }
    if (d->view.life == ENGINE_ENDED)
        DestroyWindow(d->window);
}

static void look(struct desktop *d)
{
    uint32_t logs = d->view.logs;
    uint64_t lines = d->view.log.dropped + d->view.log.count;

    engine_look(d->engine, &d->view);
    d->day = today();
    tray_show(&d->tray, &d->view, d->leaving != STAYING);
    if (logs != d->view.logs || lines != d->view.log.dropped + d->view.log.count)
        log_window_log_changed(&d->log, logs != d->view.logs);
    notify_look(&d->notify, &d->view);
    block_shutdown(d);
    if (d->view.status.mails_in_progress == 0 && d->question)
        exit_question_settle(d->question);
    if (d->view.status.mails_in_progress == 0 && d->leaving == WHEN_THROUGH)
        end_now(d);
    if (!d->settled && !d->view.status.starting) {
        d->settled = true;
        platform_release_memory();
    }
    look_at_life(d);
}

/* ---- the person speaks ---- */

/* Nothing of a process whose engine has crashed is fit for an orderly end. */
static void end_crashed(struct desktop *d)
{
    tray_remove(&d->tray);
    TerminateProcess(GetCurrentProcess(), EXIT_STUCK);
}

static void start(struct desktop *d)
{
    if (!d->crashed)
        engine_post(d->engine, RELAY_START);
    else if (crash_begin_anew())
        end_crashed(d);
}

static void leave(struct desktop *d)
{
    if (d->crashed) {
        end_crashed(d);
        return;
    }
    if (d->view.status.mails_in_progress == 0) {
        end_now(d);
        return;
    }
    if (d->question) {
        SetForegroundWindow(d->question);
        return;
    }
    switch (exit_question_ask(d->view.status.mails_in_progress, d->language, &d->question)) {
    case EXIT_STAY:
        if (d->leaving == WHEN_THROUGH)
            d->leaving = STAYING; /* thought better of it */
        break;
    case EXIT_NOW:
        end_now(d);
        break;
    case EXIT_WHEN_THROUGH:
        if (d->leaving == STAYING)
            d->leaving = WHEN_THROUGH;
        break;
    }
    look(d);
}

static void toggle_autostart(struct desktop *d)
{
    LSTATUS error = autostart_set(!autostart_is_on());
    wchar_t words[TEXT_SIZE];
    struct buf utf8, text;

    if (error == ERROR_SUCCESS)
        return;
    if (!FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, (DWORD)error, 0,
                        words, TEXT_SIZE, NULL))
        words[0] = 0;
    buf_init(&utf8, TEXT_SIZE * 3);
    buf_init(&text, TEXT_SIZE * 3);
    wide_append_to(&utf8, words);
    const struct text_value value = {"words", buf_text(&utf8)};
    text_ui_fill(TEXT_UI_AUTOSTART_REFUSED, d->language, &value, 1, &text);
    wide_copy(buf_text(&text), words, TEXT_SIZE);
    MessageBoxW(NULL, words, L"Traypost", MB_OK | MB_ICONWARNING);
    buf_clear(&utf8);
    buf_clear(&text);
}

static void on_command(struct desktop *d, enum menu_command command)
{
    switch (command) {
    case MENU_RESET:
        engine_post(d->engine, RELAY_RESET);
        break;
    case MENU_STOP:
        engine_post(d->engine, RELAY_STOP);
        break;
    case MENU_START:
        start(d);
        break;
    case MENU_LOG:
        log_window_show(&d->log);
        break;
    case MENU_AUTOSTART:
        toggle_autostart(d);
        break;
    case MENU_ABOUT:
        about_show(&d->view, d->language, &d->about);
        break;
    case MENU_EXIT:
        leave(d);
        break;
    }
}

static void show_menu(struct desktop *d, POINT where)
{
    const struct menu_state state = {
        .running = d->view.status.running,
        .reset = !d->crashed,
        .autostart = autostart_is_on(),
        .autostart_fixed = autostart_is_everybodys(),
    };

    menu_show(d->window, where, &state, d->language);
}

static void on_tray(struct desktop *d, WPARAM wparam, LPARAM lparam)
{
    POINT where;

    switch (tray_read(&d->tray, wparam, lparam, &where)) {
    case TRAY_NOTHING:
        break;
    case TRAY_LOG:
        log_window_show(&d->log);
        break;
    case TRAY_MENU:
        show_menu(d, where);
        break;
    case TRAY_NOTICE:
        log_window_show_line(&d->log, d->notify.notice.first_line);
        break;
    case TRAY_LOOKED_AT:
        if (d->day != today()) { /* no timer wakes us at midnight: the first glance of the day does */
            d->day = today();
            engine_post(d->engine, RELAY_LOOK);
        }
        break;
    }
}

/* ---- Windows speaks ---- */

/* After WM_ENDSESSION the process may be gone at any moment: what can still be answered is answered first. */
static void end_with_session(struct desktop *d)
{
    ULONGLONG end = GetTickCount64() + SESSION_END_MS;

    if (d->crashed)
        return;
    end_now(d);
    while (d->view.life == ENGINE_ALIVE && GetTickCount64() < end) {
        MSG message;

        MsgWaitForMultipleObjects(0, NULL, FALSE, (DWORD)(end - GetTickCount64()), QS_POSTMESSAGE);
        while (PeekMessageW(&message, d->window, WM_LOOK, WM_LOOK, PM_REMOVE))
            engine_look(d->engine, &d->view);
    }
    tray_remove(&d->tray);
}

static void on_timer(struct desktop *d, UINT_PTR timer)
{
    switch (timer) {
    case TIMER_BLINK:
        tray_blink(&d->tray);
        break;
    case TIMER_RETRY:
        tray_retry(&d->tray);
        break;
    case TIMER_NOTICE:
        notify_tick(&d->notify, &d->view);
        break;
    case TIMER_END: /* the engine does not end: better no program than one that cannot be ended */
        end_crashed(d);
        break;
    }
}

static void on_settings(struct desktop *d, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message == WM_DPICHANGED || message == WM_DISPLAYCHANGE || message == WM_SETTINGCHANGE) {
        tray_load_icons(&d->tray);
        tray_retry(&d->tray);
    }
    if (theme_is_change(message, wparam, lparam))
        log_window_theme_changed(&d->log);
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    struct desktop *d = &desktop;

    switch (message) {
    case WM_LOOK:
        look(d);
        return 0;
    case WM_TRAY:
        on_tray(d, wparam, lparam);
        return 0;
    case WM_COMMAND:
        on_command(d, (enum menu_command)LOWORD(wparam));
        return 0;
    case WM_TIMER:
        on_timer(d, wparam);
        return 0;
    case WM_CLOSE: /* from --exit, taskkill and the like: no question, but in good order */
        if (d->crashed)
            end_crashed(d);
        else
            end_now(d);
        return 0;
    case WM_QUERYENDSESSION:
        return !d->blocking || (lparam & ENDSESSION_CRITICAL);
    case WM_ENDSESSION:
        if (wparam)
            end_with_session(d);
        return 0;
    case WM_POWERBROADCAST:
        if (wparam == PBT_APMRESUMEAUTOMATIC)
            engine_post(d->engine, RELAY_LOOK);
        return TRUE;
    case WM_DESTROY:
        tray_remove(&d->tray);
        log_window_close(&d->log);
        PostQuitMessage(0);
        return 0;
    default:
        break;
    }
    if (message == d->taskbar_created && message != 0) {
        tray_forgotten(&d->tray);
        return 0;
    }
    if (message == d->show_log && message != 0) {
        if (d->leaving == ENDING)
            return 0;
        log_window_show(&d->log);
        return INSTANCE_SHOWN;
    }
    if (d->window)
        on_settings(d, message, wparam, lparam);
    return DefWindowProcW(window, message, wparam, lparam);
}

/* ---- beginning and end ---- */

static HWND make_window(struct desktop *d)
{
    const WNDCLASSEXW class = {
        .cbSize = sizeof class,
        .lpfnWndProc = on_message,
        .hInstance = GetModuleHandleW(NULL),
        .hIcon = LoadIconW(GetModuleHandleW(NULL), MAKEINTRESOURCEW(ICON_PROGRAM)),
        .lpszClassName = INSTANCE_WINDOW_CLASS,
    };
    HWND window;

    d->taskbar_created = RegisterWindowMessageW(L"TaskbarCreated");
    d->show_log = instance_message();
    RegisterClassExW(&class);
    /* An ordinary window, since those for messages only hear neither of the taskbar nor of the session's end. */
    window = CreateWindowExW(WS_EX_TOOLWINDOW, INSTANCE_WINDOW_CLASS, L"Traypost", WS_POPUP, 0, 0, 0, 0, NULL,
                             NULL, GetModuleHandleW(NULL), NULL);
    if (window) {
        const UINT others[] = {d->taskbar_created, WM_TRAY};

        instance_let_pass(window, others, sizeof others / sizeof others[0]);
    }
    return window;
}

static enum text_language language_of(enum config_language wanted)
{
    char locale[LOCALE_SIZE];

    platform_locale(locale, sizeof locale);
    return text_language_choose(wanted, locale);
}

void desktop_complain(const char *words, enum config_language wanted)
{
    const struct text_value value = {"words", words};
    wchar_t wide[TEXT_SIZE];
    struct buf text;

    buf_init(&text, TEXT_SIZE * 3);
    text_ui_fill(TEXT_UI_CANNOT_START, language_of(wanted), &value, 1, &text);
    wide_copy(buf_text(&text) ? buf_text(&text) : words, wide, TEXT_SIZE);
    MessageBoxW(NULL, wide, L"Traypost", MB_OK | MB_ICONERROR);
    buf_clear(&text);
}

static int finish(struct desktop *d)
{
    if (d->view.life == ENGINE_ENDED && !engine_free(d->engine))
        return EXIT_LEFT_OPEN;
    return 0;
}

int desktop_run(const struct config *config)
{
    struct desktop *d = &desktop;
    MSG message;
    int error;

    if (!instance_is_first())
        return 0;
    d->language = language_of(config->language);
    log_window_init(&d->log, &d->view.log, d->language);
    crash_watch(&d->engine);
    d->window = make_window(d);
    if (!d->window)
        return EXIT_CANNOT_OPEN;
    tray_init(&d->tray, d->window, WM_TRAY, TIMER_BLINK, TIMER_RETRY, d->language);
    notify_init(&d->notify, &d->tray, TIMER_NOTICE);
    error = engine_start(config, on_changed, d->window, &d->engine);
    if (error != 0) {
        desktop_complain(uv_strerror(error), config->language);
        return EXIT_CANNOT_OPEN;
    }
    look(d);
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        if (log_window_takes(&d->log, &message))
            continue;
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    return finish(d);
}
