/* SPDX-License-Identifier: MIT */
/* Processes, and threads by name; and ways to end both that nobody is asked about. */
#include "probe.h"

#include <stdio.h>

#include <tlhelp32.h>

void say_processes(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    bool first = true;

    putchar('[');
    for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
        printf("%s{\"id\": %lu, \"name\": ", first ? "" : ", ", entry.th32ProcessID);
        say_text(entry.szExeFile);
        putchar('}');
        first = false;
    }
    putchar(']');
    CloseHandle(all);
}

/* Where its program lies, and when it was started: numbers of processes are used again. */
void say_image(DWORD process)
{
    HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);
    FILETIME born, times[3];
    wchar_t path[MAX_PATH];
    DWORD size = MAX_PATH;

    if (handle && QueryFullProcessImageNameW(handle, 0, path, &size) &&
        GetProcessTimes(handle, &born, &times[0], &times[1], &times[2])) {
        printf("{\"born\": %llu, \"path\": ",
               (unsigned long long)born.dwHighDateTime << 32 | born.dwLowDateTime);
        say_text(path);
        putchar('}');
    } else
        say_failure("no such process");
    CloseHandle(handle);
}

void kill_process(DWORD id)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, id);

    say_truth(process && TerminateProcess(process, 1));
    CloseHandle(process);
}

typedef HRESULT WINAPI get_description_fn(HANDLE thread, wchar_t **text);

/* The C library's headers do not have it; the function itself has been there since Windows 10. */
static get_description_fn *get_description(void)
{
    union {
        FARPROC plain;
        get_description_fn *typed;
    } f = {.plain = GetProcAddress(GetModuleHandleA("kernelbase"), "GetThreadDescription")};

    return f.typed;
}

void say_threads(DWORD process)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    bool first = true;

    putchar('[');
    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry)) {
        HANDLE thread;
        wchar_t *text = NULL;

        if (entry.th32OwnerProcessID != process)
            continue;
        thread = OpenThread(THREAD_ALL_ACCESS, FALSE, entry.th32ThreadID);
        if (thread && get_description())
            get_description()(thread, &text);
        printf("%s{\"id\": %lu, \"name\": ", first ? "" : ", ", entry.th32ThreadID);
        say_text(text ? text : L"");
        putchar('}');
        first = false;
        LocalFree(text);
        CloseHandle(thread);
    }
    putchar(']');
    CloseHandle(all);
}

/* Sends a thread to an address where nothing is: a real access violation, as soon as it runs again. */
void crash_thread(DWORD id)
{
    HANDLE thread = OpenThread(THREAD_ALL_ACCESS, FALSE, id);
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};

    if (!thread || SuspendThread(thread) == (DWORD)-1 || !GetThreadContext(thread, &context)) {
        say_failure("the thread cannot be stopped");
        return;
    }
    context.Rip = 0x10;
    context.ContextFlags = CONTEXT_CONTROL;
    if (!SetThreadContext(thread, &context))
        say_failure("SetThreadContext");
    else
        say_truth(true);
    ResumeThread(thread);
    CloseHandle(thread);
}
