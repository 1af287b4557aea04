/* SPDX-License-Identifier: MIT */
#include "autostart.h"

#include <stdio.h>
#include <wchar.h>

#define RUN L"Software\\Microsoft\\Windows\\CurrentVersion\\Run"
#define APPROVED L"Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run"
#define NAME L"Traypost"
#define PATH_SIZE 1024

/* Quoted, since a path with a space would be read as program and argument. */
static bool command_line(wchar_t *line)
{
    wchar_t path[PATH_SIZE];
    DWORD length = GetModuleFileNameW(NULL, path, PATH_SIZE);

    return length > 0 && length < PATH_SIZE && swprintf(line, PATH_SIZE + 2, L"\"%ls\"", path) > 0;
}

/* Task Manager leaves the entry in place and notes beside it, in the first byte: even means on. */
static bool is_switched_off(HKEY whose)
{
    BYTE note[16] = {0};
    DWORD size = sizeof note;

    return RegGetValueW(whose, APPROVED, NAME, RRF_RT_REG_BINARY, NULL, note, &size) == ERROR_SUCCESS &&
           (note[0] & 1);
}

static bool is_on(HKEY whose)
{
    wchar_t wanted[PATH_SIZE + 2], found[PATH_SIZE + 2];
    DWORD size = sizeof found;

    return command_line(wanted) &&
           RegGetValueW(whose, RUN, NAME, RRF_RT_REG_SZ, NULL, found, &size) == ERROR_SUCCESS &&
           _wcsicmp(found, wanted) == 0 && !is_switched_off(whose);
}

bool autostart_is_everybodys(void)
{
    return is_on(HKEY_LOCAL_MACHINE);
}

bool autostart_is_on(void)
{
    return is_on(HKEY_CURRENT_USER) || autostart_is_everybodys();
}

static LSTATUS remove_value(const wchar_t *key, const wchar_t *name)
{
    LSTATUS result = RegDeleteKeyValueW(HKEY_CURRENT_USER, key, name);

    return result == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : result;
}

LSTATUS autostart_set(bool on)
{
    wchar_t line[PATH_SIZE + 2];

    if (!on)
        return remove_value(RUN, NAME);
    if (!command_line(line))
        return ERROR_FILENAME_EXCED_RANGE;
    remove_value(APPROVED, NAME); /* the person says it here and now */
    return RegSetKeyValueW(HKEY_CURRENT_USER, RUN, NAME, REG_SZ, line,
                           (DWORD)((wcslen(line) + 1) * sizeof line[0]));
}
