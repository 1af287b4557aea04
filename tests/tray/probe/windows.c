/* SPDX-License-Identifier: MIT */
/* Which windows there are, what they say, and which one has the keyboard. */
#include "probe.h"

#include <stdint.h>
#include <stdio.h>

#include <shellapi.h>

#define TEXT_UNITS 32768

bool ask(HWND window, UINT message, WPARAM w, LPARAM l, LRESULT *answer)
{
    DWORD_PTR result = 0;

    if (!SendMessageTimeoutW(window, message, w, l, SMTO_ABORTIFHUNG, PATIENCE_MS, &result))
        return false;
    if (answer)
        *answer = (LRESULT)result;
    return true;
}

static const wchar_t *text_of(HWND window)
{
    static wchar_t text[TEXT_UNITS];

    text[0] = 0;
    if (!ask(window, WM_GETTEXT, TEXT_UNITS, (LPARAM)text, NULL))
        text[0] = 0;
    return text;
}

static BOOL CALLBACK say_window(HWND window, LPARAM first)
{
    wchar_t class[256] = L"";
    DWORD process = 0;
    DWORD thread = GetWindowThreadProcessId(window, &process);
    RECT r = {0};

    GetClassNameW(window, class, 256);
    GetWindowRect(window, &r);
    if (*(bool *)first)
        *(bool *)first = false;
    else
        putchar(',');
    printf(
        "{\"id\": %llu, \"process\": %lu, \"thread\": %lu, \"visible\": %s, \"enabled\": %s, \"control\": %d, "
        "\"parent\": %llu, \"style\": %lu, \"rect\": [%ld, %ld, %ld, %ld], \"class\": ",
        (unsigned long long)(uintptr_t)window, process, thread, IsWindowVisible(window) ? "true" : "false",
        IsWindowEnabled(window) ? "true" : "false", GetDlgCtrlID(window),
        (unsigned long long)(uintptr_t)GetAncestor(window, GA_PARENT),
        (DWORD)GetWindowLongW(window, GWL_STYLE), r.left, r.top, r.right, r.bottom);
    say_text(class);
    printf(", \"text\": ");
    say_text(text_of(window));
    putchar('}');
    return TRUE;
}

void say_window_text(HWND window)
{
    say_text(text_of(window));
}

/* All top-level windows, or all that are inside one. */
void say_windows(HWND inside)
{
    bool first = true;

    putchar('[');
    if (inside)
        EnumChildWindows(inside, say_window, (LPARAM)&first);
    else
        EnumWindows(say_window, (LPARAM)&first);
    putchar(']');
}

void say_answer(HWND window, UINT message, WPARAM w, LPARAM l)
{
    LRESULT answer = 0;

    if (ask(window, message, w, l, &answer))
        printf("%lld", (long long)answer);
    else
        say_failure("no answer");
}

void say_focus(void)
{
    HWND front = GetForegroundWindow();
    GUITHREADINFO info = {.cbSize = sizeof info};

    GetGUIThreadInfo(GetWindowThreadProcessId(front, NULL), &info);
    printf("{\"front\": %llu, \"focus\": %llu}", (unsigned long long)(uintptr_t)front,
           (unsigned long long)(uintptr_t)info.hwndFocus);
}

/* As a shell does that has begun anew: it knows nothing of that icon any more. */
void forget_icon(HWND owner, UINT id)
{
    NOTIFYICONDATAW icon = {.cbSize = sizeof icon, .hWnd = owner, .uID = id};

    say_truth(Shell_NotifyIconW(NIM_DELETE, &icon));
}

static HWND find(DWORD process, const wchar_t *class)
{
    for (HWND w = FindWindowExW(NULL, NULL, class, NULL); w; w = FindWindowExW(NULL, w, class, NULL)) {
        DWORD owner = 0;

        GetWindowThreadProcessId(w, &owner);
        if (owner == process && IsWindowVisible(w))
            return w;
    }
    return NULL;
}

static bool wait_for(DWORD process, const wchar_t *class, bool there)
{
    for (int ms = 0; ms < 5000; ms++) {
        if ((find(process, class) != NULL) == there)
            return true;
        Sleep(1);
    }
    return false;
}

/* Clicks on a place of the task bar; the window of that class must come, and go on Esc. So many times; says how often
 * it did. */
void open_and_close(HWND bar, LPARAM place, DWORD process, const wchar_t *class, int times)
{
    int done = 0;

    while (done < times) {
        GUITHREADINFO info = {.cbSize = sizeof info};
        HWND window;

        PostMessageW(bar, WM_LBUTTONDOWN, MK_LBUTTON, place);
        PostMessageW(bar, WM_LBUTTONUP, 0, place);
        if (!wait_for(process, class, true))
            break;
        window = find(process, class);
        GetGUIThreadInfo(GetWindowThreadProcessId(window, NULL), &info);
        PostMessageW(info.hwndFocus ? info.hwndFocus : window, WM_KEYDOWN, VK_ESCAPE, 1);
        if (!wait_for(process, class, false))
            break;
        done++;
    }
    printf("%d", done);
}
