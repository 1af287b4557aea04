/* SPDX-License-Identifier: MIT */
/* Options: what is understood, what is refused and in which words, and who wins. */

#include "core/config.h"
#include "feed.h"

#define ARGUMENTS_MAX 16

/* Reads a command line that is written as one text, words separated by single spaces. */
static bool read_line(struct config *c, const char *line, struct config_error *error)
{
    char words[1024], *argv[ARGUMENTS_MAX + 1] = {(char[]){"traypost"}};
    int argc = 1;

    error->text[0] = '\0';
    assert_true(span_copy(span_of(line), words, sizeof words));
    for (char *at = words; *at && argc < ARGUMENTS_MAX;) {
        char *space = strchr(at, ' ');

        argv[argc++] = at;
        if (!space)
            break;
        *space = '\0';
        at = space + 1;
    }
    return config_read_arguments(c, argc, argv, error);
}

/* The same for traypost.ini, on an exact-size copy. */
static bool read_ini(struct config *c, const char *text, struct config_error *error)
{
    char *copy = exact_copy(span_of(text));
    bool good;

    error->text[0] = '\0';
    good = config_read_ini(c, span_make(copy, strlen(text)), error);
    free(copy);
    return good;
}

/* What an option has made of a config, as text: one line per test row instead of one function. */
static void describe(const struct config *c, char *text, size_t size)
{
    static const char *const actions[] = {"", " exit", " help", " version"};
    static const char *const languages[] = {"", " en", " cs", " pl"};
    char ip[IP_TEXT_SIZE];
    size_t used = 0;

    text[0] = '\0';
    used += (size_t)snprintf(text + used, size - used, "%s%s%s", c->headless ? " headless" : "",
                             actions[c->action], languages[c->language]);
    for (size_t i = 0; i < c->listen_count; i++) {
        ip_format(&c->listen[i].ip, ip);
        used += (size_t)snprintf(text + used, size - used, " listen %s %u", ip, c->listen[i].port);
    }
    for (size_t i = 0; i < c->dns_count; i++) {
        ip_format(&c->dns[i].ip, ip);
        used += (size_t)snprintf(text + used, size - used, " dns %s %u", ip, c->dns[i].port);
    }
    for (size_t i = 0; i < c->allow_count; i++) {
        ip_format(&c->allow[i].ip, ip);
        used += (size_t)snprintf(text + used, size - used, " allow %s/%u", ip, c->allow[i].prefix_bits);
    }
    if (c->hostname[0])
        used += (size_t)snprintf(text + used, size - used, " hostname %s", c->hostname);
    if (c->mx_port)
        used += (size_t)snprintf(text + used, size - used, " mx %u", c->mx_port);
    if (c->max_size_bytes)
        used +=
            (size_t)snprintf(text + used, size - used, " size %llu", (unsigned long long)c->max_size_bytes);
    if (c->max_sessions != 2000)
        used += (size_t)snprintf(text + used, size - used, " sessions %u", c->max_sessions);
    if (c->patience_s != 45)
        used += (size_t)snprintf(text + used, size - used, " patience %u", c->patience_s);
}

#define HOLDS_CONFIG(c, expected, what, why)                                                                 \
    do {                                                                                                     \
        char text_[1024];                                                                                    \
        describe(&(c), text_, sizeof text_);                                                                 \
        HOLDS(strcmp(text_, expected) == 0, "%s: %s, not \"%s\"", what, why, text_);                         \
    } while (0)

static void nothing_said_means_the_defaults(void **state)
{
    (void)state;
    struct config c;
    struct config_error error;

    config_defaults(&c);
    assert_true(read_line(&c, "", &error));
    assert_true(read_ini(&c, "", &error));
    assert_int_equal(c.action, CONFIG_RUN);
    assert_int_equal(c.patience_s, 45);
    assert_int_equal(c.max_sessions, 2000);
    assert_int_equal(c.language, CONFIG_LANGUAGE_SYSTEM);
    HOLDS_CONFIG(c, "", "nothing", "nothing is set");
}

static void the_command_line_is_understood(void **state)
{
    (void)state;
    const struct {
        const char *line, *expected, *why;
    } rows[] = {
        {"--listen 127.0.0.1", " listen 127.0.0.1 25", "SMTP's port"},
        {"--listen=127.0.0.1:2525", " listen 127.0.0.1 2525", "the other way to give a value"},
        {"--listen ::1 --listen [::1]:26", " listen ::1 25 listen ::1 26", "repeated"},
        {"--dns 192.0.2.53", " dns 192.0.2.53 53", "DNS's port"},
        {"--dns [2001:db8::53]:5353", " dns 2001:db8::53 5353", "another"},
        {"--allow 192.168.0.0/16 --allow ::1", " allow 192.168.0.0/16 allow ::1/128", "blocks and addresses"},
        {"--hostname mail.example.org", " hostname mail.example.org", "a domain"},
        {"--hostname localhost", " hostname localhost", "of one label"},
        {"--hostname [192.0.2.1]", " hostname [192.0.2.1]", "a literal"},
        {"--hostname [IPv6:2001:db8::1]", " hostname [IPv6:2001:db8::1]", "in IPv6"},
        {"--mx-port 2525", " mx 2525", "a port"},
        {"--max-size 0", "", "no limit"},
        {"--max-size 1000", " size 1000", "octets"},
        {"--max-size 10k", " size 10240", "thousands of 1024"},
        {"--max-size 25M", " size 26214400", "in either case"},
        {"--max-size 2G", " size 2147483648", "more than 32 bits"},
        {"--max-size 18446744073709551615", " size 18446744073709551615", "the highest"},
        {"--max-size 17179869183G", " size 18446744072635809792", "the highest with a suffix"},
        {"--max-sessions 1", " sessions 1", "the lowest"},
        {"--max-sessions 20000", " sessions 20000", "the highest"},
        {"--patience 1", " patience 1", "the lowest"},
        {"--patience 600", " patience 600", "the highest"},
        {"--lang en", " en", "English"},
        {"--lang cs", " cs", "Czech"},
        {"--lang pl", " pl", "Polish"},
        {"--headless", " headless", "a switch"},
        {"--help", " help", "a question"},
        {"--exit", " exit", "an order to the one that runs"},
        {"--version", " version", "another"},
        {"--patience 9 --headless --mx-port=1", " headless mx 1 patience 9", "several"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c;
        struct config_error error;

        config_defaults(&c);
        HOLDS(read_line(&c, rows[i].line, &error), "%s: %s (%s)", rows[i].line, rows[i].why, error.text);
        HOLDS_CONFIG(c, rows[i].expected, rows[i].line, rows[i].why);
    }
}

static void a_wrong_option_is_named_with_its_value(void **state)
{
    (void)state;
    const struct {
        const char *line, *error, *why;
    } rows[] = {
        {"--patience 0", "--patience: \"0\" should be a number of seconds from 1 to 600", "below"},
        {"--patience 601", "--patience: \"601\" should be a number of seconds from 1 to 600", "above"},
        {"--patience 4x", "--patience: \"4x\" should be a number of seconds from 1 to 600", "no number"},
        {"--patience=", "--patience: \"\" should be a number of seconds from 1 to 600", "empty"},
        {"--patience", "--patience needs a value", "none at all"},
        {"--patience 5 --patience 6", "--patience is given twice", "which of them?"},
        {"--max-sessions 20001", "--max-sessions: \"20001\" should be a number from 1 to 20000", "above"},
        {"--max-size 5T",
         "--max-size: \"5T\" should be a number of octets such as 26214400, 25600k, 25M or 1G",
         "no such suffix"},
        {"--max-size k", "--max-size: \"k\" should be a number of octets such as 26214400, 25600k, 25M or 1G",
         "only a suffix"},
        {"--max-size 17179869184G",
         "--max-size: \"17179869184G\" should be a number of octets such as 26214400, 25600k, 25M or 1G",
         "does not fit into 64 bits"},
        {"--mx-port 0", "--mx-port: \"0\" should be a port from 1 to 65535", "below"},
        {"--mx-port 65536", "--mx-port: \"65536\" should be a port from 1 to 65535", "above"},
        {"--listen localhost",
         "--listen: \"localhost\" should be an address such as 127.0.0.1, 127.0.0.1:2525 or [::1]:2525",
         "a name"},
        {"--dns 1.1.1.1:x",
         "--dns: \"1.1.1.1:x\" should be an address such as 127.0.0.1, 127.0.0.1:2525 or [::1]:2525",
         "a bad port"},
        {"--allow 10.0.0.1/8",
         "--allow: \"10.0.0.1/8\" should be a network such as 192.168.1.0/24, with nothing set behind the /24",
         "host bits"},
        {"--hostname -x",
         "--hostname: \"-x\" should be a domain such as mail.example.org or a literal such as "
         "[192.0.2.1]",
         "no domain"},
        {"--hostname [IPv6:192.0.2.1]",
         "--hostname: \"[IPv6:192.0.2.1]\" should be a domain such as mail.example.org or a literal such as "
         "[192.0.2.1]",
         "the wrong family"},
        {"--hostname [::1]",
         "--hostname: \"[::1]\" should be a domain such as mail.example.org or a literal such as "
         "[192.0.2.1]",
         "no tag (RFC 5321 section 4.1.3)"},
        {"--lang de", "--lang: \"de\" should be en, cs or pl", "not yet"},
        {"--lang EN", "--lang: \"EN\" should be en, cs or pl", "exactly so"},
        {"--headless=1", "--headless takes no value", "a switch"},
        {"--help=x", "--help takes no value", "another"},
        {"--verbose", "--verbose is no option; --help shows them", "unknown"},
        {"--Patience 5", "--Patience is no option; --help shows them", "names are in lower case"},
        {"-h", "-h is no option; --help shows them", "there are no short ones"},
        {"--", "-- is no option; --help shows them", "nothing follows options"},
        {"file", "file is no option; --help shows them", "a word"},
        {"--bogus=secret", "--bogus is no option; --help shows them", "only its name"},
        {"--patience 5 --bogus", "--bogus is no option; --help shows them", "the first wrong one"},
        {"--lang a\033[31m\xc5\xbe", "--lang: \"a?[31m??\" should be en, cs or pl",
         "nothing that moves a terminal"},
        {"--lang 0123456789012345678901234567890123456789XYZ",
         "--lang: \"0123456789012345678901234567890123456789...\" should be en, cs or pl", "not endless"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c;
        struct config_error error;

        config_defaults(&c);
        HOLDS(!read_line(&c, rows[i].line, &error), "%s: %s", rows[i].line, rows[i].why);
        HOLDS(strcmp(error.text, rows[i].error) == 0, "%s: %s, not \"%s\"", rows[i].line, rows[i].why,
              error.text);
    }
}

static void lists_have_an_end(void **state)
{
    (void)state;
    const struct {
        const char *option, *value;
        size_t most;
        const char *error;
    } rows[] = {
        {"listen", "::1", CONFIG_LISTEN_MAX, "\"::1\" should be given less often (8 times at most)"},
        {"dns", "::1", CONFIG_DNS_MAX, "\"::1\" should be given less often (8 times at most)"},
        {"allow", "::1", CONFIG_ALLOW_MAX, "\"::1\" should be given less often (64 times at most)"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[64 * 20] = "", expected[160];
        size_t used = 0;
        struct config c;
        struct config_error error;

        for (size_t n = 0; n < rows[i].most; n++)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s=%s\n", rows[i].option, rows[i].value);
        config_defaults(&c);
        HOLDS(read_ini(&c, text, &error), "%s: as often as allowed (%s)", rows[i].option, error.text);
        snprintf(text + used, sizeof text - used, "%s=%s\n", rows[i].option, rows[i].value);
        snprintf(expected, sizeof expected, "traypost.ini line %zu: %s: %s", rows[i].most + 1, rows[i].option,
                 rows[i].error);
        HOLDS(!read_ini(&c, text, &error), "%s: once more", rows[i].option);
        HOLDS(strcmp(error.text, expected) == 0, "%s: \"%s\"", rows[i].option, error.text);
    }
}

static void the_file_is_understood(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected, *why;
    } rows[] = {
        {"patience = 9\n", " patience 9", "the usual"},
        {"patience=9", " patience 9", "no spaces, no line end"},
        {"\t patience\t=  9 \t\r\n", " patience 9", "many spaces, Windows' line end"},
        {"\xef\xbb\xbfpatience = 9\n", " patience 9", "Notepad's mark at the beginning"},
        {"# patience = 9\n; patience = 9\n\n \n", "", "comments and empty lines"},
        {"[traypost]\npatience = 9\n", " patience 9", "sections are passed over"},
        {"listen = 127.0.0.1\nlisten = ::1\n", " listen 127.0.0.1 25 listen ::1 25", "repeated"},
        {"headless\n", " headless", "a switch"},
        {"headless = yes\n", " headless", "said in full"},
        {"headless = No\n", "", "and the other way"},
        {"hostname = [192.0.2.1]\n", " hostname [192.0.2.1]", "a bracket that opens no section"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c;
        struct config_error error;

        config_defaults(&c);
        HOLDS(read_ini(&c, rows[i].text, &error), "%s: %s", quote(span_of(rows[i].text)), error.text);
        HOLDS_CONFIG(c, rows[i].expected, quote(span_of(rows[i].text)), rows[i].why);
    }
}

static void a_wrong_line_of_the_file_is_named_with_its_number(void **state)
{
    (void)state;
    const struct {
        const char *text, *error, *why;
    } rows[] = {
        {"patience = 0\n", "traypost.ini line 1: patience: \"0\" should be a number of seconds from 1 to 600",
         "value"},
        {"\n# x\r\nlang = de\n", "traypost.ini line 3: lang: \"de\" should be en, cs or pl",
         "every line counts"},
        {"verbose = 1\n", "traypost.ini line 1: verbose is no option", "unknown"},
        {"--patience = 1\n", "traypost.ini line 1: --patience is no option", "names stand without --"},
        {"patience\n", "traypost.ini line 1: patience needs a value: NAME = VALUE", "no value"},
        {"patience 9\n", "traypost.ini line 1: patience 9 is no option", "no ="},
        {"= 9\n", "traypost.ini line 1: = 9 is no option", "no name"},
        {"patience = 9 # long\n",
         "traypost.ini line 1: patience: \"9 # long\" should be a number of seconds from 1 to 600",
         "comments have lines of their own"},
        {"patience = 5\npatience = 6\n", "traypost.ini line 2: patience is given twice", "which of them?"},
        {"headless = maybe\n", "traypost.ini line 1: headless: \"maybe\" should be yes or no", "a switch"},
        {"help\n", "traypost.ini line 1: help is for the command line only", "a question"},
        {"exit\n", "traypost.ini line 1: exit is for the command line only", "an order"},
        {"version = 1\n", "traypost.ini line 1: version is for the command line only", "another"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c;
        struct config_error error;

        config_defaults(&c);
        HOLDS(!read_ini(&c, rows[i].text, &error), "%s: %s", quote(span_of(rows[i].text)), rows[i].why);
        HOLDS(strcmp(error.text, rows[i].error) == 0, "%s: %s, not \"%s\"", quote(span_of(rows[i].text)),
              rows[i].why, error.text);
    }
}

static void the_longest_complaint_fits(void **state)
{
    (void)state;
    struct config c;
    struct config_error error;
    char text[400];
    size_t used = 0;

    while (used < 300)
        text[used++] = '\n'; /* far down in the file */
    snprintf(text + used, sizeof text - used, "hostname = %060d/", 0);
    config_defaults(&c);
    assert_false(read_ini(&c, text, &error));
    assert_string_equal(error.text,
                        "traypost.ini line 301: hostname: \"0000000000000000000000000000000000000000...\" "
                        "should be a domain such as mail.example.org or a literal such as [192.0.2.1]");
}

static void the_command_line_wins_over_the_file(void **state)
{
    (void)state;
    struct config c;
    struct config_error error;

    config_defaults(&c);
    assert_true(read_ini(
        &c, "patience = 5\nlang = cs\nlisten = 10.0.0.1\nlisten = 10.0.0.2\nallow = 10.0.0.0/8\n", &error));
    assert_true(read_line(&c, "--patience 6 --listen ::1", &error));
    HOLDS_CONFIG(c, " cs listen ::1 25 allow 10.0.0.0/8 patience 6", "both",
                 "a list is replaced, what is not named stays");
}

static void help_names_every_option(void **state)
{
    (void)state;
    static const char *const names[] = {"listen",   "allow",    "hostname",     "dns",  "mx-port",
                                        "max-size", "patience", "max-sessions", "lang", "help",
                                        "headless", "version",  "exit"};
    const char *help = config_help();

    for (size_t i = 0; i < COUNT(names); i++) {
        char line[40];

        snprintf(line, sizeof line, "\n  --%s", names[i]);
        HOLDS(strstr(help, line) != NULL, "%s is in the help", names[i]);
    }
    for (const char *at = help; *at; at++)
        HOLDS(ascii_is_print(*at) || *at == '\n', "the help is plain ASCII");
    HOLDS(help[strlen(help) - 1] == '\n', "it ends its last line");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_means_the_defaults),
        cmocka_unit_test(the_command_line_is_understood),
        cmocka_unit_test(a_wrong_option_is_named_with_its_value),
        cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(the_file_is_understood),
        cmocka_unit_test(a_wrong_line_of_the_file_is_named_with_its_number),
        cmocka_unit_test(the_longest_complaint_fits),
        cmocka_unit_test(the_command_line_wins_over_the_file),
        cmocka_unit_test(help_names_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
