/* SPDX-License-Identifier: MIT */
/*
 * The small questions of platform.h, as Windows answers them: priority, local time, language, colour. Who
 * sits behind a connection is in process.c, what changes in the network in netwatch.c.
 */

#include "platform.h"

#include <io.h>
#include <stdlib.h>

#include <windows.h>

#include <mstcpip.h>

void platform_enter_background(void)
{
    PROCESS_POWER_THROTTLING_STATE eco = {
        .Version = PROCESS_POWER_THROTTLING_CURRENT_VERSION,
        .ControlMask = PROCESS_POWER_THROTTLING_EXECUTION_SPEED,
        .StateMask = PROCESS_POWER_THROTTLING_EXECUTION_SPEED,
    };

    /* Base priority 4: whatever the person at the machine does goes first. And EcoQoS, where Windows has
     * it: slow, cool cores are good enough for mail. */
    SetPriorityClass(GetCurrentProcess(), IDLE_PRIORITY_CLASS);
    SetProcessInformation(GetCurrentProcess(), ProcessPowerThrottling, &eco, sizeof eco);
}

void platform_raise_descriptor_limit(void)
{
    /* Nothing: sockets are not C descriptors here, and Windows has no such limit. */
}

bool platform_descriptors_short(const uv_tcp_t *newest)
{
    (void)newest;
    return false;
}

void platform_release_memory(void)
{
    HeapCompact(GetProcessHeap(), 0);
    SetProcessWorkingSetSize(GetCurrentProcess(), (SIZE_T)-1, (SIZE_T)-1); /* pages come back when touched */
}

void platform_keep_alive(const uv_tcp_t *tcp)
{
    /* Windows asks ten times, always, and repeats what was sent for less than a minute. The options of their own for these times came only with Windows 10 1709. */
    struct tcp_keepalive often = {.onoff = 1, .keepalivetime = 60 * 1000, .keepaliveinterval = 6 * 1000};
    uv_os_fd_t fd;
    DWORD length;

    if (uv_fileno((const uv_handle_t *)tcp, &fd) == 0)
        WSAIoctl((SOCKET)fd, SIO_KEEPALIVE_VALS, &often, sizeof often, NULL, 0, &length, NULL, NULL);
}

int platform_utc_offset_min(int64_t time_s)
{
    static const int64_t ticks_s = 10000000; /* of 100 ns */
    static const int64_t from_1601_to_1970_s = 11644473600;
    ULARGE_INTEGER ticks;
    FILETIME utc, local;
    SYSTEMTIME utc_parts, local_parts;
    ULARGE_INTEGER shifted;

    /* By the rules of the year in question, not by today's: FileTimeToLocalFileTime() would not do. */
    ticks.QuadPart = (ULONGLONG)((time_s + from_1601_to_1970_s) * ticks_s);
    utc.dwLowDateTime = ticks.LowPart;
    utc.dwHighDateTime = ticks.HighPart;
    if (!FileTimeToSystemTime(&utc, &utc_parts) ||
        !SystemTimeToTzSpecificLocalTime(NULL, &utc_parts, &local_parts) ||
        !SystemTimeToFileTime(&local_parts, &local))
        return 0;
    shifted.LowPart = local.dwLowDateTime;
    shifted.HighPart = local.dwHighDateTime;
    return (int)((int64_t)(shifted.QuadPart - ticks.QuadPart) / ticks_s / 60);
}

void platform_locale(char *name, size_t size)
{
    wchar_t wide[LOCALE_NAME_MAX_LENGTH];
    /* The language Windows shows itself in, which is not that of its dates and numbers. */
    LCID language = MAKELCID(GetUserDefaultUILanguage(), SORT_DEFAULT);

    if (LCIDToLocaleName(language, wide, LOCALE_NAME_MAX_LENGTH, 0) == 0 ||
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, name, (int)size, NULL, NULL) == 0)
        name[0] = '\0';
}

bool platform_terminal_has_colour(int descriptor)
{
    HANDLE console = (HANDLE)_get_osfhandle(descriptor);
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org */
    DWORD mode;

    if ((no_colour && no_colour[0]) || !GetConsoleMode(console, &mode))
        return false;
    return SetConsoleMode(console, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}
