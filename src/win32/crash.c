/* SPDX-License-Identifier: MIT */
/*
 * Everything that can end a thread arrives here as an exception: a bad access, and by way of SIGABRT also
 * assert() and abort(). Only what is safe in a broken process is done: fixed memory, one message to the window.
 */

#include <winsock2.h>

#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define STACK_FOR_TELLING (32 * 1024)
#define ABORTED 0xE0000001u /* an exception code of our own */

static struct engine *const *watched;

static const char *name_of(DWORD code)
{
    static const struct {
        DWORD code;
        const char *name;
    } names[] = {
        {EXCEPTION_ACCESS_VIOLATION, "access violation"},
        {EXCEPTION_STACK_OVERFLOW, "stack overflow"},
        {EXCEPTION_ILLEGAL_INSTRUCTION, "illegal instruction"},
        {EXCEPTION_INT_DIVIDE_BY_ZERO, "division by zero"},
        {EXCEPTION_IN_PAGE_ERROR, "program file unreadable"},
        {STATUS_HEAP_CORRUPTION, "heap corruption"},
        {ABORTED, "failed assertion"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].code == code)
            return names[i].name;
    return "exception";
}

/* Relative to the program, so that it means the same on every machine. */
static void describe(const EXCEPTION_RECORD *record, char *words, size_t size)
{
    uintptr_t offset = (uintptr_t)record->ExceptionAddress - (uintptr_t)GetModuleHandleW(NULL);

    snprintf(words, size, "%s, 0x%08lX at +0x%llX", name_of(record->ExceptionCode), record->ExceptionCode,
             (unsigned long long)offset);
}

static LONG WINAPI on_exception(EXCEPTION_POINTERS *exception)
{
    char words[128];

    describe(exception->ExceptionRecord, words, sizeof words);
    if (!*watched || !engine_note_crash(*watched, words))
        return EXCEPTION_CONTINUE_SEARCH;
    for (;;)
        Sleep(INFINITE); /* nothing of this thread can be trusted any more, not even its end */
}

static void on_abort(int number)
{
    (void)number;
    RaiseException(ABORTED, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

void crash_watch(struct engine *const *engine)
{
    watched = engine;
    _set_error_mode(_OUT_TO_STDERR); /* no message box of the C library from a thread without windows */
    signal(SIGABRT, on_abort);
    SetUnhandledExceptionFilter(on_exception);
}

void crash_reserve_stack(void)
{
    ULONG bytes = STACK_FOR_TELLING;

    SetThreadStackGuarantee(&bytes);
}

/* The engine's thread would have had to close its sockets. When the last user of Winsock leaves, Windows does. */
void crash_cut_connections(void)
{
    while (WSACleanup() == 0)
        ;
}

bool crash_begin_anew(void)
{
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;

    if (!CreateProcessW(NULL, GetCommandLineW(), NULL, NULL, FALSE, 0, NULL, NULL, &start, &process))
        return false;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return true;
}
