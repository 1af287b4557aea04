/* SPDX-License-Identifier: MIT */
/* The program on Windows. There is no tray yet, so it always runs as with --headless. */

#include "net/headless.h"
#include "net/options.h"

#include <signal.h>
#include <stdio.h>

#include <windows.h>

/* A program with windows has no console of its own; the one it was started from will do. What has been
 * redirected stays so. */
static void show_on_console(DWORD which, FILE *stream)
{
    HANDLE handle = GetStdHandle(which);

    if (!handle || handle == INVALID_HANDLE_VALUE)
        freopen("CONOUT$", "w", stream);
}

int main(int argc, char *argv[])
{
    static const struct headless_signal signals[] = {
        {SIGINT, RELAY_EXIT},   /* Ctrl+C */
        {SIGBREAK, RELAY_EXIT}, /* Ctrl+Break */
        {SIGHUP, RELAY_EXIT},   /* the console window is being closed: libuv's name for it */
    };
    struct config config;
    struct config_error error;

    if (AttachConsole(ATTACH_PARENT_PROCESS)) {
        show_on_console(STD_OUTPUT_HANDLE, stdout);
        show_on_console(STD_ERROR_HANDLE, stderr);
    }
    SetConsoleOutputCP(CP_UTF8);
    if (!options_read(argc, argv, &config, &error)) {
        headless_complain(error.text);
        return OPTIONS_EXIT_CODE;
    }
    return headless_run(&config, signals, sizeof signals / sizeof signals[0]);
}
