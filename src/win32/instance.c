/* SPDX-License-Identifier: MIT */
/*
 * The first copy owns a mutex. Who finds it taken asks the first one's window to show its log. Rights differ: the
 * mutex is open to everybody in the session, and the message is let through explicitly.
 */

#include "instance.h"

#include <sddl.h>

#define MUTEX_NAME L"Local\\Traypost-6f0c4d0e-2b6a-4a54-9d3b-71e50c8a2519"
#define MESSAGE_NAME L"Traypost show log"
#define ANSWER_MS 2000 /* for the other's window to answer */
#define PAUSE_MS 100   /* it may have the mutex and not yet a window */
#define ENDING_MS 10000
#define END_OTHER_MS 15000 /* 5 s for its last mails; after 10 s it ends by force */

/* Everybody who is logged on may use it, whatever the level of trust of our process. */
#define OPEN_TO_THE_SESSION L"D:(A;;GA;;;IU)(A;;GA;;;BA)(A;;GA;;;SY)S:(ML;;NW;;;LW)"

static HANDLE make_mutex(void)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes};
    HANDLE mutex;

    /* If this should fail, copies with the same rights still find each other. */
    ConvertStringSecurityDescriptorToSecurityDescriptorW(OPEN_TO_THE_SESSION, SDDL_REVISION_1,
                                                         &attributes.lpSecurityDescriptor, NULL);
    mutex = CreateMutexExW(&attributes, MUTEX_NAME, 0, SYNCHRONIZE);
    LocalFree(attributes.lpSecurityDescriptor);
    return mutex;
}

UINT instance_message(void)
{
    return RegisterWindowMessageW(MESSAGE_NAME);
}

/* The first copy comes to the front only if we, whom the person has just started, allow it. */
static bool ask_to_show(void)
{
    HWND window = FindWindowW(INSTANCE_WINDOW_CLASS, NULL);
    DWORD process = 0;
    DWORD_PTR answer = 0;

    if (!window)
        return false;
    GetWindowThreadProcessId(window, &process);
    AllowSetForegroundWindow(process);
    return SendMessageTimeoutW(window, instance_message(), 0, 0, SMTO_ABORTIFHUNG, ANSWER_MS, &answer) &&
           answer == INSTANCE_SHOWN;
}

bool instance_is_first(void)
{
    HANDLE mutex = make_mutex(); /* kept until the process ends */
    ULONGLONG begin = GetTickCount64();

    if (!mutex)
        return GetLastError() != ERROR_ACCESS_DENIED || !ask_to_show();
    while (GetTickCount64() - begin < ENDING_MS) {
        DWORD got = WaitForSingleObject(mutex, PAUSE_MS);

        if (got == WAIT_OBJECT_0 || got == WAIT_ABANDONED)
            return true;
        if (ask_to_show())
            return false;
    }
    return false; /* it neither answers nor ends: a second one would not get the port either */
}

/* WM_CLOSE is Exit without a question. The process, to wait for; NULL while there is no window, or when Windows does
 * not let us: the other has an administrator's rights and we have not. */
static HANDLE ask_to_exit(void)
{
    HWND window = FindWindowW(INSTANCE_WINDOW_CLASS, NULL);
    DWORD number = 0;
    HANDLE process;

    if (!window)
        return NULL;
    GetWindowThreadProcessId(window, &number);
    process = OpenProcess(SYNCHRONIZE, FALSE, number);
    if (process && !PostMessageW(window, WM_CLOSE, 0, 0)) {
        CloseHandle(process);
        process = NULL;
    }
    return process;
}

static DWORD time_left(ULONGLONG end)
{
    ULONGLONG now = GetTickCount64();

    return now < end ? (DWORD)(end - now) : 0;
}

bool instance_end_other(void)
{
    ULONGLONG end = GetTickCount64() + END_OTHER_MS;
    HANDLE mutex = make_mutex(); /* ours from here on: who starts meanwhile waits until we have ended */
    HANDLE process = NULL;
    DWORD got;

    if (!mutex)
        return GetLastError() != ERROR_ACCESS_DENIED;
    got = WaitForSingleObject(mutex, 0);
    while (got == WAIT_TIMEOUT && time_left(end) > 0) {
        if (!process)
            process = ask_to_exit(); /* it may have the mutex and not yet, or no longer, a window */
        got = WaitForSingleObject(mutex, process ? time_left(end) : PAUSE_MS);
    }
    /* Its files are free when the process has gone, a moment after it gave up the mutex. */
    if (got != WAIT_TIMEOUT && process && WaitForSingleObject(process, time_left(end)) == WAIT_TIMEOUT)
        return false;
    return got != WAIT_TIMEOUT;
}

void instance_let_pass(HWND window, const UINT *messages, size_t count)
{
    ChangeWindowMessageFilterEx(window, instance_message(), MSGFLT_ALLOW, NULL);
    for (size_t i = 0; i < count; i++)
        ChangeWindowMessageFilterEx(window, messages[i], MSGFLT_ALLOW, NULL);
}
