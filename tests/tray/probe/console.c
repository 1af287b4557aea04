/* SPDX-License-Identifier: MIT */
/* What a program shows on the console that it was started from. */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 200, ROWS = 100, END_MS = 20000 };

static HANDLE screen_of_console(void)
{
    return CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, 0, NULL);
}

/* All its lines, without the blanks at their ends. */
static void say_lines(HANDLE console)
{
    CONSOLE_SCREEN_BUFFER_INFO info = {0};
    bool first = true;

    GetConsoleScreenBufferInfo(console, &info);
    putchar('[');
    for (SHORT y = 0; y <= info.dwCursorPosition.Y; y++) {
        wchar_t line[COLUMNS + 1];
        DWORD length = 0;

        ReadConsoleOutputCharacterW(console, line, (DWORD)min(info.dwSize.X, COLUMNS), (COORD){0, y},
                                    &length);
        while (length > 0 && line[length - 1] == L' ')
            length--;
        line[length] = 0;
        fputs(first ? "" : ", ", stdout);
        say_text(line);
        first = false;
    }
    putchar(']');
}

/* A console of our own, and the program in it as if typed there: its output is not redirected. */
void say_console(const wchar_t *command)
{
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION child = {0};
    wchar_t *line = _wcsdup(command);
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), input = GetStdHandle(STD_INPUT_HANDLE),
           error = GetStdHandle(STD_ERROR_HANDLE);
    DWORD code = 0;
    HANDLE console;

    FreeConsole();
    AllocConsole();
    console = screen_of_console();
    SetConsoleScreenBufferSize(console, (COORD){COLUMNS, ROWS});
    SetStdHandle(STD_INPUT_HANDLE, NULL);
    SetStdHandle(STD_OUTPUT_HANDLE, NULL);
    SetStdHandle(STD_ERROR_HANDLE, NULL);
    if (!CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &child))
        code = GetLastError();
    SetStdHandle(STD_INPUT_HANDLE, input);
    SetStdHandle(STD_OUTPUT_HANDLE, output);
    SetStdHandle(STD_ERROR_HANDLE, error);
    WaitForSingleObject(child.hProcess, END_MS);
    GetExitCodeProcess(child.hProcess, &code);
    printf("{\"code\": %ld, \"lines\": ", (long)code);
    say_lines(console);
    putchar('}');
    if (code == STILL_ACTIVE)
        TerminateProcess(child.hProcess, 1);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    CloseHandle(console);
    FreeConsole();
    free(line);
}
