/* SPDX-License-Identifier: MIT */
/*
 * What a program shows on the console that it is started from.
 *
 *   console.exe [--none] PROGRAM [OPTION...]
 *
 * Opens a console of its own, starts the program in it as if typed there, and copies to stdout, which is not the
 * console, what stands on the console at the end. With --none there is neither console nor anything else to print to,
 * as for a program that is started by a click. Exit code: the program's.
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

/* As Wine's cmd has it; Windows gives a program with windows no handles, and it has to ask for the console itself. The
 * C library keeps our own stdout. */
static HANDLE open_console(void)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    HANDLE console;

    AllocConsole();
    console = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                          &inherited, OPEN_EXISTING, 0, NULL);
    SetConsoleScreenBufferSize(console, (COORD){COLUMNS, ROWS});
    return console;
}

int wmain(int argc, wchar_t *argv[])
{
    bool without = argc > 1 && wcscmp(argv[1], L"--none") == 0;
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION child = {0};
    wchar_t command[COMMAND_UNITS];
    HANDLE console = NULL;
    DWORD code = 125;

    if (!make_command(argc - 1 - without, argv + 1 + without, command))
        return 125;
    FreeConsole();
    if (!without)
        console = open_console();
    SetStdHandle(STD_INPUT_HANDLE, NULL);
    SetStdHandle(STD_OUTPUT_HANDLE, console);
    SetStdHandle(STD_ERROR_HANDLE, console);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, without ? DETACHED_PROCESS : 0, NULL, NULL, &how,
                        &child))
        return 125;
    WaitForSingleObject(child.hProcess, END_MS);
    GetExitCodeProcess(child.hProcess, &code);
    if (console)
        copy_screen(console);
    fflush(stdout);
    return (int)code;
}
