/* SPDX-License-Identifier: MIT */
/*
 * Options: any text is either read into values within their bounds or answered with one clear line.
 * First octet: 'i' reads the rest as traypost.ini; otherwise each of its lines is an argument.
 */

#include "core/config.h"
#include "fuzz.h"

#define ARGUMENTS_MAX 40

static void check(bool ok, const struct config *c, const struct config_error *error)
{
    if (!ok) {
        ALWAYS(memchr(error->text, '\0', sizeof error->text) != NULL, "the error ends");
        ALWAYS(error->text[0] != '\0', "and says something");
        for (const char *at = error->text; *at != '\0'; at++)
            ALWAYS((unsigned char)*at >= ' ' && *at != 127, "in one line without control characters");
        return;
    }
    ALWAYS(c->listen_count <= CONFIG_LISTEN_MAX && c->dns_count <= CONFIG_DNS_MAX &&
               c->allow_count <= CONFIG_ALLOW_MAX,
           "lists have their bounds");
    ALWAYS(memchr(c->hostname, '\0', sizeof c->hostname) != NULL, "the name ends");
    for (const char *at = c->hostname; *at != '\0'; at++)
        ALWAYS(*at > ' ' && *at < 127, "and can stand behind EHLO");
    for (size_t i = 0; i < c->listen_count; i++)
        ALWAYS(c->listen[i].ip.family != IP_NONE, "an address to listen on");
    for (size_t i = 0; i < c->dns_count; i++)
        ALWAYS(c->dns[i].ip.family != IP_NONE, "an address to ask");
    for (size_t i = 0; i < c->allow_count; i++)
        ALWAYS(c->allow[i].ip.family != IP_NONE, "a block to allow");
    ALWAYS(c->max_sessions > 0 && c->patience_s > 0, "numbers that let it work");
}

static void read_arguments(struct span text)
{
    char *arguments[ARGUMENTS_MAX + 1] = {NULL};
    struct config c;
    struct config_error error;
    int count = 1;
    char name[] = "traypost";

    arguments[0] = name;
    memset(&error, 0x55, sizeof error);
    while (text.length > 0 && count < ARGUMENTS_MAX) {
        struct span one = span_cut(&text, '\n');

        arguments[count] = malloc(one.length + 1);
        ALWAYS(arguments[count] != NULL, "memory");
        span_copy(one, arguments[count++], one.length + 1);
    }
    config_defaults(&c);
    check(true, &c, &error);
    check(config_read_arguments(&c, count, arguments, &error), &c, &error);
    for (int i = 1; i < count; i++)
        free(arguments[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);

    if (take_octet(&input) == 'i') {
        char *copy = exact_copy(input);
        struct config c;
        struct config_error error;

        memset(&error, 0x55, sizeof error);
        config_defaults(&c);
        check(config_read_ini(&c, span_make(copy, input.length), &error), &c, &error);
        free(copy);
    } else {
        read_arguments(input);
    }
    return 0;
}
