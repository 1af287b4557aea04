/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_CORE_CONFIG_H
#define TRAYPOST_CORE_CONFIG_H

/*
 * The options, all of which may be absent. The command line and the optional traypost.ini have the
 * same names; the command line is read last and wins (a repeatable option given there replaces the
 * file's list). Text in, struct out: no file is opened here.
 */

#include "core/ip.h"

#define CONFIG_LISTEN_MAX 8
#define CONFIG_DNS_MAX 8
#define CONFIG_ALLOW_MAX 64

enum config_language { CONFIG_LANGUAGE_SYSTEM, CONFIG_LANGUAGE_EN, CONFIG_LANGUAGE_CS, CONFIG_LANGUAGE_PL };

enum config_action { CONFIG_RUN, CONFIG_EXIT, CONFIG_HELP, CONFIG_VERSION };

struct config {
    enum config_action action;
    struct ip_port listen[CONFIG_LISTEN_MAX];
    size_t listen_count; /* 0: 127.0.0.1:25 and [::1]:25 */
    char hostname[256];  /* EHLO name; "": learnt, else an address literal */
    struct ip_port dns[CONFIG_DNS_MAX];
    size_t dns_count; /* 0: the system's */
    struct ip_block allow[CONFIG_ALLOW_MAX];
    size_t allow_count;      /* other machines that may send */
    uint16_t mx_port;        /* 0: 25, and MXs must not be loopback addresses */
    uint64_t max_size_bytes; /* 0: no limit of ours */
    unsigned max_sessions;
    unsigned patience_s;
    enum config_language language;
    bool headless;
};

struct config_error {
    char text[160]; /* one clear line, without a newline */
};

void config_defaults(struct config *c);

/* `path`-less text of an ini file: NAME = VALUE lines, [sections] ignored, # and ; comments. */
bool config_read_ini(struct config *c, struct span text, struct config_error *error);

/* argv[0] is skipped. "--name value" and "--name=value". */
bool config_read_arguments(struct config *c, int argc, char *const argv[], struct config_error *error);

/* The text that --help prints. */
const char *config_help(void);

#endif
