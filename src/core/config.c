/* SPDX-License-Identifier: MIT */
/*
 * One table is everything: the command line, traypost.ini and the help text are made from OPTIONS below.
 * A new option is one line there and one setter. Setters get the value as text and say in a few words
 * what they wanted; the readers turn that into the error line, which always names the option and the value.
 */

#include "core/config.h"

#include <stdio.h>
#include <string.h>

#include "smtp/address.h"

#define SMTP_PORT 25
#define DNS_PORT 53
#define PATIENCE_DEFAULT_S 45 /* Outlook gives up after 60 */
#define PATIENCE_MAX_S 600
#define SESSIONS_DEFAULT 2000
#define SESSIONS_MAX 20000
#define VALUE_SHOWN_MAX 40 /* octets of a wrong value that the error line repeats */

/* X(name, argument as help shows it, times, setter, help): an empty argument makes a switch. */
#define OPTIONS(X)                                                                                           \
    X("listen", "=ADDR[:PORT]", LIST, set_listen,                                                            \
      "Accept mail on this address (default: 127.0.0.1:25 and [::1]:25).")                                   \
    X("allow", "=CIDR", LIST, set_allow,                                                                     \
      "Other machines that may send, such as 192.168.1.0/24 (default: none).")                               \
    X("hostname", "=NAME", ONCE, set_hostname, "The name to greet other servers with (default: found out).") \
    X("dns", "=ADDR[:PORT]", LIST, set_dns, "Ask this name server (default: those of the system).")          \
    X("mx-port", "=N", ONCE, set_mx_port,                                                                    \
      "For tests: reach mail servers on this port; they may be on this machine then.")                       \
    X("max-size", "=N", ONCE, set_max_size,                                                                  \
      "Largest mail in octets, or with k, M or G (default: no limit).")                                      \
    X("max-sessions", "=N", ONCE, set_max_sessions, "Clients at one time, 1 to 20000 (default: 2000).")      \
    X("patience", "=SECONDS", ONCE, set_patience,                                                            \
      "Answer the client within this time, 1 to 600 (default: 45).")                                         \
    X("lang", "=en|cs|pl", ONCE, set_language, "Language of the log (default: that of the system).")         \
    X("headless", "", ONCE, set_headless, "No icon: the log goes to standard error.")                        \
    X("exit", "", ACTION, set_exit, "Windows: have the running Traypost exit, and wait until it has gone.")  \
    X("help", "", ACTION, set_help, "Show this text.")                                                       \
    X("version", "", ACTION, set_version, "Show the version.")

enum times {
    ONCE,
    LIST,   /* may be given several times */
    ACTION, /* command line only */
};

/* NULL, or what the value should have been: "a number from 1 to 600". */
typedef const char *(*setter)(struct config *c, struct span value);

static const char *append_ip_port(struct ip_port *list, size_t *count, size_t max, struct span value,
                                  uint16_t default_port)
{
    if (*count == max)
        return "given less often (8 times at most)";
    if (!ip_port_parse(value, default_port, &list[*count]))
        return "an address such as 127.0.0.1, 127.0.0.1:2525 or [::1]:2525";
    ++*count;
    return NULL;
}

static const char *set_listen(struct config *c, struct span value)
{
    return append_ip_port(c->listen, &c->listen_count, CONFIG_LISTEN_MAX, value, SMTP_PORT);
}

static const char *set_dns(struct config *c, struct span value)
{
    return append_ip_port(c->dns, &c->dns_count, CONFIG_DNS_MAX, value, DNS_PORT);
}

static const char *set_allow(struct config *c, struct span value)
{
    if (c->allow_count == CONFIG_ALLOW_MAX)
        return "given less often (64 times at most)";
    if (!ip_block_parse(value, &c->allow[c->allow_count]))
        return "a network such as 192.168.1.0/24, with nothing set behind the /24";
    c->allow_count++;
    return NULL;
}

/* RFC 5321 section 4.1.3: "[192.0.2.1]" or "[IPv6:2001:db8::1]". */
static bool is_address_literal(struct span value)
{
    static const struct span tag = {"IPv6:", 5};
    struct span inner;
    struct ip ip;

    if (value.length < 2 || value.at[0] != '[' || value.at[value.length - 1] != ']')
        return false;
    inner = span_skip(span_first(value, value.length - 1), 1);
    if (span_starts_nocase(inner, tag))
        return ip_parse(span_skip(inner, tag.length), &ip) && ip.family == IP_V6;
    return ip_parse(inner, &ip) && ip.family == IP_V4;
}

static const char *set_hostname(struct config *c, struct span value)
{
    if ((!smtp_domain_valid(value, false) && !is_address_literal(value)) ||
        value.length >= sizeof c->hostname)
        return "a domain such as mail.example.org or a literal such as [192.0.2.1]";
    span_copy(value, c->hostname, sizeof c->hostname);
    return NULL;
}

static const char *set_mx_port(struct config *c, struct span value)
{
    uint64_t port;

    if (!span_to_number(value, UINT16_MAX, &port) || port == 0)
        return "a port from 1 to 65535";
    c->mx_port = (uint16_t)port;
    return NULL;
}

static const char *set_max_size(struct config *c, struct span value)
{
    static const char suffixes[] = "kmg"; /* each 1024 times the one before */
    unsigned shift = 0;
    uint64_t size;

    if (value.length > 0) {
        const char *suffix = strchr(suffixes, ascii_lower(value.at[value.length - 1]));

        if (suffix && *suffix) {
            shift = 10 * (unsigned)(suffix - suffixes + 1);
            value = span_first(value, value.length - 1);
        }
    }
    if (!span_to_number(value, UINT64_MAX >> shift, &size))
        return "a number of octets such as 26214400, 25600k, 25M or 1G";
    c->max_size_bytes = size << shift;
    return NULL;
}

static const char *set_max_sessions(struct config *c, struct span value)
{
    uint64_t count;

    if (!span_to_number(value, SESSIONS_MAX, &count) || count == 0)
        return "a number from 1 to 20000";
    c->max_sessions = (unsigned)count;
    return NULL;
}

static const char *set_patience(struct config *c, struct span value)
{
    uint64_t seconds;

    if (!span_to_number(value, PATIENCE_MAX_S, &seconds) || seconds == 0)
        return "a number of seconds from 1 to 600";
    c->patience_s = (unsigned)seconds;
    return NULL;
}

static const char *set_language(struct config *c, struct span value)
{
    if (span_equals(value, SPAN("en")))
        c->language = CONFIG_LANGUAGE_EN;
    else if (span_equals(value, SPAN("cs")))
        c->language = CONFIG_LANGUAGE_CS;
    else if (span_equals(value, SPAN("pl")))
        c->language = CONFIG_LANGUAGE_PL;
    else
        return "en, cs or pl";
    return NULL;
}

/* Switches: empty on the command line; the file may also say yes or no. */
static const char *set_headless(struct config *c, struct span value)
{
    if (value.length == 0 || span_equals_nocase(value, SPAN("yes")))
        c->headless = true;
    else if (span_equals_nocase(value, SPAN("no")))
        c->headless = false;
    else
        return "yes or no";
    return NULL;
}

static const char *set_exit(struct config *c, struct span value)
{
    (void)value;
    c->action = CONFIG_EXIT;
    return NULL;
}

static const char *set_help(struct config *c, struct span value)
{
    (void)value;
    c->action = CONFIG_HELP;
    return NULL;
}

static const char *set_version(struct config *c, struct span value)
{
    (void)value;
    c->action = CONFIG_VERSION;
    return NULL;
}

struct option {
    const char *name;
    bool has_argument;
    enum times times;
    setter set;
};

static const struct option options[] = {
#define X(name, argument, times, setter, help) {name, sizeof argument > 1, times, setter},
    OPTIONS(X)
#undef X
};

#define OPTION_COUNT (sizeof options / sizeof options[0])

const char *config_help(void)
{
    return "Usage: traypost [OPTION]...\n"
           "\n"
           "Relays mail from the programs of this machine (localhost:25) straight to the recipients' servers.\n"
           "All options are optional. The same names, without --, may stand as NAME = VALUE in traypost.ini\n"
           "beside the program. Options marked * may be given several times.\n"
           "\n"
#define MARK_ONCE ""
#define MARK_LIST " *"
#define MARK_ACTION ""
#define X(name, argument, times, setter, help) "  --" name argument MARK_##times "\n      " help "\n"
        OPTIONS(X);
#undef X
}

void config_defaults(struct config *c)
{
    *c = (struct config){
        .action = CONFIG_RUN,
        .max_sessions = SESSIONS_DEFAULT,
        .patience_s = PATIENCE_DEFAULT_S,
        .language = CONFIG_LANGUAGE_SYSTEM,
    };
}

/* What both readers share: a name has been read from somewhere; `where` and `dashes` tell the user where. */
struct reader {
    struct config *config;
    struct config_error *error;
    bool given[OPTION_COUNT];
    char where[40]; /* "traypost.ini line 3: " */
    const char *dashes;
};

/* A piece of input as the error line may show it: short, and nothing but printable ASCII. */
struct shown {
    char text[VALUE_SHOWN_MAX + sizeof "..."];
};

static struct shown show(struct span s)
{
    struct shown shown = {""};
    size_t length = s.length < VALUE_SHOWN_MAX ? s.length : VALUE_SHOWN_MAX;

    for (size_t i = 0; i < length; i++)
        shown.text[i] = ascii_is_print(s.at[i]) ? s.at[i] : '?';
    if (s.length > length)
        memcpy(shown.text + length, "...", 3);
    return shown;
}

static bool complain(struct reader *r, struct span name, const char *what)
{
    snprintf(r->error->text, sizeof r->error->text, "%s%s%s %s", r->where, r->dashes, show(name).text, what);
    return false;
}

static const struct option *find(struct span name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (span_equals(name, span_of(options[i].name)))
            return &options[i];
    return NULL;
}

/* A list that is given anew replaces the one from before. */
static void forget_list(struct config *c, const struct option *o)
{
    if (o->set == set_listen)
        c->listen_count = 0;
    else if (o->set == set_dns)
        c->dns_count = 0;
    else if (o->set == set_allow)
        c->allow_count = 0;
}

static bool apply(struct reader *r, const struct option *o, struct span value)
{
    bool *given = &r->given[o - options];
    const char *wanted;

    if (*given && o->times == ONCE)
        return complain(r, span_of(o->name), "is given twice");
    if (!*given && o->times == LIST)
        forget_list(r->config, o);
    *given = true;

    wanted = o->set(r->config, value);
    if (!wanted)
        return true;
    snprintf(r->error->text, sizeof r->error->text, "%s%s%s: \"%s\" should be %s", r->where, r->dashes,
             o->name, show(value).text, wanted);
    return false;
}

static bool read_ini_line(struct reader *r, struct span line)
{
    size_t equals = span_find(line, '=');
    struct span name = span_trim(span_first(line, equals));
    struct span value = span_trim(span_skip(line, equals + 1));
    const struct option *o = find(name);

    if (!o)
        return complain(r, name.length > 0 ? name : line, "is no option");
    if (o->times == ACTION)
        return complain(r, name, "is for the command line only");
    if (equals == line.length && o->has_argument)
        return complain(r, name, "needs a value: NAME = VALUE");
    return apply(r, o, value);
}

bool config_read_ini(struct config *c, struct span text, struct config_error *error)
{
    struct reader r = {.config = c, .error = error, .dashes = ""};

    if (span_starts_nocase(text, SPAN("\xef\xbb\xbf"))) /* Notepad's byte order mark */
        text = span_skip(text, 3);
    for (unsigned number = 1; text.length > 0; number++) {
        struct span line = span_cut(&text, '\n');

        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        line = span_trim(line);
        if (line.length == 0 || line.at[0] == '#' || line.at[0] == ';' || line.at[0] == '[')
            continue;
        snprintf(r.where, sizeof r.where, "traypost.ini line %u: ", number);
        if (!read_ini_line(&r, line))
            return false;
    }
    return true;
}

bool config_read_arguments(struct config *c, int argc, char *const argv[], struct config_error *error)
{
    struct reader r = {.config = c, .error = error, .dashes = "--"};

    for (int i = 1; i < argc; i++) {
        struct span argument = span_of(argv[i]);
        size_t equals = span_find(argument, '=');
        struct span name = span_skip(span_first(argument, equals), 2);
        struct span value = span_skip(argument, equals + 1);
        const struct option *o = find(name);

        if (!span_starts_nocase(argument, SPAN("--")) || !o) {
            r.dashes = "";
            return complain(&r, span_first(argument, equals), "is no option; --help shows them");
        }
        if (!o->has_argument && equals < argument.length)
            return complain(&r, name, "takes no value");
        if (o->has_argument && equals == argument.length) {
            if (++i == argc)
                return complain(&r, name, "needs a value");
            value = span_of(argv[i]);
        }
        if (!apply(&r, o, value))
            return false;
    }
    return true;
}
