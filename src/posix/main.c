/* SPDX-License-Identifier: MIT */
/* The program on Linux: always headless. What the terminal or the service manager says comes as signals. */

#include <malloc.h>
#include <signal.h>

#include "net/headless.h"
#include "net/options.h"

/* What mails hold grows to 256 kB and more, and must go back to the system piece by piece: glibc by itself would soon carve
 * such pieces out of its heap, where the holes between them remain. */
#define OWN_PAGES_FROM (64 * 1024)

int main(int argc, char *argv[])
{
    static const struct headless_signal signals[] = {
        {SIGINT, RELAY_EXIT},
        {SIGTERM, RELAY_EXIT},
        {SIGHUP, RELAY_RESET}, /* as services have it: look at everything anew */
    };
    struct config config;
    struct config_error error;

    mallopt(M_MMAP_THRESHOLD, OWN_PAGES_FROM);
    signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error of write(), not the end of everybody */
    if (!options_read(argc, argv, &config, &error)) {
        headless_complain(error.text);
        return OPTIONS_EXIT_CODE;
    }
    if (config.action == CONFIG_EXIT) {
        headless_complain("--exit is for Windows; here SIGTERM ends it");
        return OPTIONS_EXIT_CODE;
    }
    return headless_run(&config, signals, sizeof signals / sizeof signals[0]);
}
