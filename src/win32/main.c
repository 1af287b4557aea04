/* SPDX-License-Identifier: MIT */
/*
 * The program on Windows: on the desktop, or on a console with --headless. An exe with windows has no console of
 * its own; the one it was started from serves where there is something to print, and is left alone otherwise.
 */

#include "net/headless.h"
#include "net/options.h"

#include <signal.h>
#include <stdio.h>

#include <uv.h> /* for SIGHUP; and before windows.h, because of Winsock */

#include <windows.h>

#include "desktop.h"
#include "instance.h"

#define EXIT_STAYS 1

/* What has been redirected stays so. True when there is somewhere to print to. */
static bool print_to(DWORD which, FILE *stream, bool has_console)
{
    HANDLE handle = GetStdHandle(which);

    if (handle && handle != INVALID_HANDLE_VALUE)
        return true;
    return has_console && freopen("CONOUT$", "w", stream) != NULL;
}

static bool find_console(void)
{
    /* "Access denied" means that there is one already. */
    bool has_console = AttachConsole(ATTACH_PARENT_PROCESS) || GetLastError() == ERROR_ACCESS_DENIED;
    bool out = print_to(STD_OUTPUT_HANDLE, stdout, has_console);
    bool err = print_to(STD_ERROR_HANDLE, stderr, has_console);

    SetConsoleOutputCP(CP_UTF8);
    return out && err;
}

/* Setup programs ask this way, too: nothing may wait for somebody to press a button. */
static int end_other(void)
{
    if (instance_end_other())
        return 0;
    headless_complain("the running Traypost has not exited");
    return EXIT_STAYS;
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

    if (!options_read(argc, argv, &config, &error)) {
        if (find_console())
            headless_complain(error.text);
        else
            desktop_complain(error.text, CONFIG_LANGUAGE_SYSTEM);
        return OPTIONS_EXIT_CODE;
    }
    if (config.action == CONFIG_RUN && !config.headless)
        return desktop_run(&config);
    find_console();
    if (config.action == CONFIG_EXIT)
        return end_other();
    return headless_run(&config, signals, sizeof signals / sizeof signals[0]);
}
