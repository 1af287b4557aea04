/* SPDX-License-Identifier: MIT */
/*
 * What a program shows on the console that it is started from.
 *
 *   console.exe PROGRAM [OPTION...]
 *
 * Opens a console of its own, starts the program in it as if typed there, and copies to stdout, which is not the
 * console, what stands on the console at the end. Exit code: the program's.
 */
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

#include <windows.h>

enum { COLUMNS = 200, ROWS = 100, COMMAND_UNITS = 2048, END_MS = 20000 };

static void copy_line(HANDLE console, SHORT y, SHORT width)
{
    wchar_t line[COLUMNS + 1];
    char bytes[COLUMNS * 3 + 1];
    DWORD length = 0;

    ReadConsoleOutputCharacterW(console, line, (DWORD)width, (COORD){0, y}, &length);
    while (length > 0 && line[length - 1] == L' ')
        length--;
    line[length] = 0;
    WideCharToMultiByte(CP_UTF8, 0, line, -1, bytes, sizeof bytes, NULL, NULL);
    puts(bytes);
}

static void copy_screen(HANDLE console)
{
    CONSOLE_SCREEN_BUFFER_INFO info = {0};

    GetConsoleScreenBufferInfo(console, &info);
    for (SHORT y = 0; y <= info.dwCursorPosition.Y; y++)
        copy_line(console, y, (SHORT)min(info.dwSize.X, COLUMNS));
}

static bool make_command(int count, wchar_t *word[], wchar_t command[COMMAND_UNITS])
{
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        int n = swprintf(command + used, COMMAND_UNITS - used, L"%ls\"%ls\"", i ? L" " : L"", word[i]);

        if (n < 0)
            return false;
        used += (size_t)n;
    }
    return count > 0;
}

int wmain(int argc, wchar_t *argv[])
{
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION child = {0};
    wchar_t command[COMMAND_UNITS];
    DWORD code = 125;
    HANDLE console;

    if (!make_command(argc - 1, argv + 1, command))
        return 125;
    FreeConsole();
    AllocConsole();
    console = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                          OPEN_EXISTING, 0, NULL);
    SetConsoleScreenBufferSize(console, (COORD){COLUMNS, ROWS});
    /* The C library keeps our stdout; the program must not find it. */
    SetStdHandle(STD_INPUT_HANDLE, NULL);
    SetStdHandle(STD_OUTPUT_HANDLE, NULL);
    SetStdHandle(STD_ERROR_HANDLE, NULL);
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &how, &child))
        return 125;
    WaitForSingleObject(child.hProcess, END_MS);
    GetExitCodeProcess(child.hProcess, &code);
    copy_screen(console);
    fflush(stdout);
    return (int)code;
}
