/* SPDX-License-Identifier: MIT */
/* traypost.ini beside the program, for which this test's own folder serves, and the command line after it. */

#include <uv.h>

#include "feed.h"
#include "net/options.h"

#define PATH_SIZE 4096

static char ini[PATH_SIZE];

static int find_ini(void **state)
{
    size_t length = sizeof ini - sizeof "traypost.ini";

    (void)state;
    if (uv_exepath(ini, &length) != 0)
        return -1;
    while (length > 0 && ini[length - 1] != '/' && ini[length - 1] != '\\')
        length--;
    memcpy(ini + length, "traypost.ini", sizeof "traypost.ini");
    return 0;
}

static int remove_ini(void **state)
{
    (void)state;
    remove(ini);
    return 0;
}

static void write_ini(const char *text)
{
    FILE *file = fopen(ini, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void the_file_is_read_first_and_the_command_line_wins(void **state)
{
    (void)state;
    const struct {
        const char *file; /* NULL: none */
        const char *argument;
        unsigned patience_s; /* 0: an error is expected */
        enum config_action action;
        const char *error, *why;
    } rows[] = {
        {NULL, NULL, 45, CONFIG_RUN, "", "no file is no error"},
        {"", NULL, 45, CONFIG_RUN, "", "nor is an empty one"},
        {"patience = 7\r\n", NULL, 7, CONFIG_RUN, "", "the file counts"},
        {"patience = 7\r\n", "--patience=8", 8, CONFIG_RUN, "", "the command line more"},
        {"patience = 0\r\n", NULL, 0, CONFIG_RUN,
         "traypost.ini line 1: patience: \"0\" should be a number of seconds from 1 to 600",
         "an error in the file"},
        {"patience = 0\r\n", "--help", 45, CONFIG_HELP, "", "keeps nobody from asking for help"},
        {"patience = 7\r\n", "--lang=xx", 0, CONFIG_RUN, "--lang: \"xx\" should be en, cs or pl",
         "an error on the command line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char program[] = "traypost", argument[40] = "";
        char *argv[] = {program, argument, NULL};
        struct config config;
        struct config_error error = {""};
        bool good;

        remove(ini);
        if (rows[i].file)
            write_ini(rows[i].file);
        span_copy(span_of(rows[i].argument), argument, sizeof argument);
        good = options_read(rows[i].argument ? 2 : 1, argv, &config, &error);
        HOLDS(good == (rows[i].patience_s != 0), "%s (%s)", rows[i].why, error.text);
        HOLDS(strcmp(error.text, rows[i].error) == 0, "%s: %s", rows[i].why, error.text);
        HOLDS(!good || config.patience_s == rows[i].patience_s, "%s: %u", rows[i].why, config.patience_s);
        HOLDS(!good || config.action == rows[i].action, "%s", rows[i].why);
    }
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    char program[] = "traypost", *argv[] = {program, NULL};
    struct config config;
    struct config_error error;
    char *text = malloc(100 * 1024);

    assert_non_null(text);
    memset(text, '\n', 100 * 1024);
    text[100 * 1024 - 1] = '\0';
    write_ini(text);
    free(text);
    assert_false(options_read(1, argv, &config, &error));
    assert_memory_equal(error.text, "traypost.ini cannot be read: ", 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_file_is_read_first_and_the_command_line_wins, remove_ini),
        cmocka_unit_test_teardown(a_file_without_end_is_refused, remove_ini),
    };

    return cmocka_run_group_tests(tests, find_ini, NULL);
}
