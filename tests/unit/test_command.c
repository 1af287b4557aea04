/* SPDX-License-Identifier: MIT */
/*
 * Command lines: verbs, the two paths, every parameter of every extension we offer, and what is
 * wrong with a line that is wrong.
 */

#include "feed.h"
#include "smtp/command.h"

#define ANY_ERROR (-1)  /* it must not be OK; which error it is was left open */
#define ANY_STATUS (-2) /* the verb says it all */

/* The argument of a parsed command points into the line, so the line lives until the next one. */
static char *parsed_line;

static int parse(struct span line, bool smtputf8, struct smtp_command *command)
{
    free(parsed_line);
    parsed_line = exact_copy(line);
    memset(command, 0x55, sizeof *command);
    return (int)smtp_command_parse(span_make(parsed_line, line.length), smtputf8, command);
}

static int forget_line(void **state)
{
    (void)state;
    free(parsed_line);
    parsed_line = NULL;
    return 0;
}

static void check_status(int status, int expected, struct span line, const char *why)
{
    if (expected == ANY_ERROR)
        HOLDS(status != SMTP_COMMAND_OK, "%s: %s", why, quote(line));
    else
        HOLDS(status == expected, "%s: %s gives %d, not %d", why, quote(line), status, expected);
}

static void verbs_are_known_in_any_case_and_only_whole(void **state)
{
    (void)state;
    const struct {
        struct span line;
        enum smtp_verb verb;
        int status;
        const char *argument, *why;
    } rows[] = {
        {SPAN("HELO client.example"), SMTP_VERB_HELO, SMTP_COMMAND_OK, "client.example", "the usual"},
        {SPAN("EHLO client.example"), SMTP_VERB_EHLO, SMTP_COMMAND_OK, "client.example", "the usual"},
        {SPAN("ehlo CLIENT"), SMTP_VERB_EHLO, SMTP_COMMAND_OK, "CLIENT", "lower case; the argument as it is"},
        {SPAN("eHlO client  "), SMTP_VERB_EHLO, SMTP_COMMAND_OK, "client", "spaces behind it are no matter"},
        {SPAN("HELO [192.0.2.1]"), SMTP_VERB_HELO, SMTP_COMMAND_OK, "[192.0.2.1]", "a literal"},
        {SPAN("HELO my_pc"), SMTP_VERB_HELO, SMTP_COMMAND_OK, "my_pc", "any word"},
        {SPAN("HELO -.-"), SMTP_VERB_HELO, SMTP_COMMAND_OK, "-.-", "any word"},
        {SPAN("HELO \xff"), SMTP_VERB_HELO, SMTP_COMMAND_OK, "\xff",
         "in any code page: the name goes nowhere"},
        {SPAN("HELO"), SMTP_VERB_HELO, SMTP_COMMAND_SYNTAX, NULL, "no name"},
        {SPAN("EHLO "), SMTP_VERB_EHLO, SMTP_COMMAND_SYNTAX, NULL, "no name but a space"},
        {SPAN("DATA"), SMTP_VERB_DATA, SMTP_COMMAND_OK, "", "no argument"},
        {SPAN("DATA "), SMTP_VERB_DATA, SMTP_COMMAND_OK, "", "a space behind it"},
        {SPAN("DATA now"), SMTP_VERB_DATA, SMTP_COMMAND_SYNTAX, NULL, "takes no argument (section 4.1.1)"},
        {SPAN("RSET"), SMTP_VERB_RSET, SMTP_COMMAND_OK, "", "no argument"},
        {SPAN("RSET all"), SMTP_VERB_RSET, SMTP_COMMAND_SYNTAX, NULL, "takes no argument"},
        {SPAN("NOOP"), SMTP_VERB_NOOP, SMTP_COMMAND_OK, "", "no argument"},
        {SPAN("NOOP anything at all"), SMTP_VERB_NOOP, SMTP_COMMAND_OK, "anything at all", "ignored"},
        {SPAN("QUIT"), SMTP_VERB_QUIT, SMTP_COMMAND_OK, "", "no argument"},
        {SPAN("VRFY somebody"), SMTP_VERB_VRFY, SMTP_COMMAND_OK, "somebody", "a name"},
        {SPAN("VRFY"), SMTP_VERB_VRFY, SMTP_COMMAND_SYNTAX, NULL, "no name"},
        {SPAN("EXPN list"), SMTP_VERB_EXPN, SMTP_COMMAND_OK, "list", "a list"},
        {SPAN("HELP"), SMTP_VERB_HELP, SMTP_COMMAND_OK, "", "no argument"},
        {SPAN("HELP MAIL"), SMTP_VERB_HELP, SMTP_COMMAND_OK, "MAIL", "a topic"},
        {SPAN("AUTH PLAIN AHUAcA=="), SMTP_VERB_AUTH, SMTP_COMMAND_OK,
         "PLAIN AHUAcA==", "left to the server"},
        {SPAN("auth login"), SMTP_VERB_AUTH, SMTP_COMMAND_OK, "login", "lower case"},
        {SPAN("AUTH"), SMTP_VERB_AUTH, SMTP_COMMAND_SYNTAX, NULL, "no mechanism"},
        {SPAN("STARTTLS"), SMTP_VERB_STARTTLS, SMTP_COMMAND_OK, "", "a verb, even when not offered"},
        {SPAN(""), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "an empty line"},
        {SPAN("   "), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "only spaces"},
        {SPAN("XCLIENT a=b"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "not ours"},
        {SPAN("MAI FROM:<a@b>"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "a part of a verb"},
        {SPAN("MAILX FROM:<a@b>"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "more than a verb"},
        {SPAN("MAILFROM:<a@b>"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "no space"},
        {SPAN("QUITQUIT"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "twice"},
        {SPAN("250 ok"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "a reply is no command"},
        {SPAN("."), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "the end of data is no command"},
        {SPAN("Subject: x"), SMTP_VERB_UNKNOWN, ANY_STATUS, NULL, "a header line is no command"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_command c;
        int status = parse(rows[i].line, false, &c);

        HOLDS(c.verb == rows[i].verb, "%s: %s gives %s", rows[i].why, quote(rows[i].line),
              smtp_verb_name(c.verb));
        if (rows[i].status != ANY_STATUS)
            check_status(status, rows[i].status, rows[i].line, rows[i].why);
        if (rows[i].argument != NULL)
            HOLDS(span_equals(c.argument, span_of(rows[i].argument)), "%s: %s", rows[i].why,
                  quote(c.argument));
    }
}

static void every_verb_has_its_name(void **state)
{
    (void)state;
    const char *const names[] = {"HELO", "EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET",
                                 "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH", "STARTTLS"};

    for (size_t i = 0; i < COUNT(names); i++) {
        struct smtp_command c;

        parse(span_of(names[i]), false, &c);
        HOLDS(strcmp(smtp_verb_name(c.verb), names[i]) == 0, "%s: %s", names[i], smtp_verb_name(c.verb));
    }
    assert_non_null(smtp_verb_name(SMTP_VERB_UNKNOWN));
    assert_non_null(smtp_verb_name(SMTP_VERB_FOREIGN));
}

static void other_protocols_are_told_from_mistakes(void **state)
{
    (void)state;
    const struct {
        struct span line;
        bool foreign;
        const char *why;
    } rows[] = {
        {SPAN("GET / HTTP/1.1"), true, "a browser"},
        {SPAN("POST /x HTTP/1.1"), true, "a form on a web page"},
        {SPAN("HEAD / HTTP/1.0"), true, "a probe"},
        {SPAN("PUT / HTTP/1.1"), true, "HTTP"},
        {SPAN("DELETE / HTTP/1.1"), true, "HTTP"},
        {SPAN("OPTIONS * HTTP/1.1"), true, "HTTP, a preflight"},
        {SPAN("PATCH / HTTP/1.1"), true, "HTTP"},
        {SPAN("CONNECT mx.example:25 HTTP/1.1"), true, "a proxy's client"},
        {SPAN("TRACE / HTTP/1.1"), true, "HTTP"},
        {SPAN("PRI * HTTP/2.0"), true, "HTTP/2"},
        {SPAN("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), true, "a TLS client hello"},
        {SPAN("GETTER"), false, "a word that begins like one"},
        {SPAN("POSTMASTER"), false, "likewise"},
        {SPAN("HEADER x"), false, "likewise"},
        {SPAN("NOOP GET / HTTP/1.1"), false, "an argument"},
        {SPAN("HELO get"), false, "an argument"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_command c;

        parse(rows[i].line, false, &c);
        HOLDS((c.verb == SMTP_VERB_FOREIGN) == rows[i].foreign, "%s: %s", rows[i].why, quote(rows[i].line));
    }
}

static void octets_that_no_command_has_are_refused_whatever_the_verb(void **state)
{
    (void)state;
    const struct {
        struct span line;
        const char *why;
    } rows[] = {
        {SPAN("NOOP \0"), "NUL in an argument"},
        {SPAN("NOOP\0"), "NUL behind the verb"},
        {SPAN("\0"), "NUL alone"},
        {SPAN("NO\0OP"), "NUL within the verb"},
        {SPAN("MAIL FROM:<a@b.example>\0"), "NUL behind a path"},
        {SPAN("MAIL FROM:<a\0@b.example>"), "NUL within a path"},
        {SPAN("MAIL FROM:<a@b.example> SIZE=1\0"), "NUL behind a parameter"},
        {SPAN("RCPT TO:<a@[192.0.2.1\0]>"), "NUL within a literal"},
        {SPAN("RCPT TO:<a@b.example> ORCPT=rfc822;a\0b"), "NUL within a value"},
        {SPAN("BDAT 10\0"), "NUL behind a number"},
        {SPAN("NOOP a\rb"), "a bare CR"},
        {SPAN("NOOP a\r"), "a bare CR at the end"},
        {SPAN("\rQUIT"), "a bare CR in front"},
        {SPAN("MAIL FROM:<a@b.example>\rRCPT TO:<c@d.example>"), "two commands by a bare CR"},
        {SPAN("NOOP \x01"), "a control character"},
        {SPAN("HELO \x1b[2J"), "a terminal escape"},
        {SPAN("HELO a\x7f"), "DEL"},
        {SPAN("VRFY \xff"), "no UTF-8"},
        {SPAN("NOOP \xc3"), "half a sequence"},
        {SPAN("NOOP \xc0\xaf"), "an overlong sequence"},
        {SPAN("NOOP \xed\xa0\x80"), "a surrogate"},
        {SPAN("MAIL FROM:<\xe9@b.example> SMTPUTF8"), "Latin-1 in a path"},
        {SPAN("RCPT TO:<\xe9@b.example>"), "likewise"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_command c;

        check_status(parse(rows[i].line, true, &c), SMTP_COMMAND_BAD_OCTET, rows[i].line, rows[i].why);
        check_status(parse(rows[i].line, false, &c), SMTP_COMMAND_BAD_OCTET, rows[i].line, rows[i].why);
    }
}

struct mail_row {
    const char *line;
    int status;
    const char *path;
    bool has_size;
    uint64_t size;
    enum smtp_body body;
    bool smtputf8;
    enum smtp_ret ret;
    const char *envid;
    const char *why;
};

static void mail_is_read_with_every_parameter_we_offer(void **state)
{
    (void)state;
#define PLAIN false, 0, SMTP_BODY_UNSTATED, false, SMTP_RET_UNSTATED, ""
#define NOTHING "", PLAIN
    const struct mail_row rows[] = {
        {"MAIL FROM:<a@b.example>", 0, "a@b.example", PLAIN, "the usual"},
        {"mail from:<a@b.example>", 0, "a@b.example", PLAIN, "lower case"},
        {"MAIL FROM:<>", 0, "", PLAIN, "the null reverse-path"},
        {"MAIL FROM: <a@b.example>", 0, "a@b.example", PLAIN, "a space behind the colon"},
        {"MAIL FROM: <>", 0, "", PLAIN, "likewise"},
        {"MAIL FROM:a@b.example", 0, "a@b.example", PLAIN, "no brackets"},
        {"MAIL FROM: a@b.example", 0, "a@b.example", PLAIN, "both"},
        {"MAIL FROM:<a@b.example> ", 0, "a@b.example", PLAIN, "a space at the end"},
        {"MAIL FROM:<@r.example:a@b.example>", 0, "a@b.example", PLAIN, "a source route"},
        {"MAIL FROM:<a@b.example> SIZE=1234", 0, "a@b.example", true, 1234, SMTP_BODY_UNSTATED, false,
         SMTP_RET_UNSTATED, "", "RFC 1870"},
        {"MAIL FROM:<a@b.example> size=0", 0, "a@b.example", true, 0, SMTP_BODY_UNSTATED, false,
         SMTP_RET_UNSTATED, "", "zero is stated, too"},
        {"MAIL FROM:a@b.example SIZE=7", 0, "a@b.example", true, 7, SMTP_BODY_UNSTATED, false,
         SMTP_RET_UNSTATED, "", "without brackets as well"},
        {"MAIL FROM:<a@b.example> SIZE=4294967297", 0, "a@b.example", true, UINT64_C(4294967297),
         SMTP_BODY_UNSTATED, false, SMTP_RET_UNSTATED, "", "2^32+1 is not 1"},
        {"MAIL FROM:<a@b.example> BODY=7BIT", 0, "a@b.example", false, 0, SMTP_BODY_7BIT, false,
         SMTP_RET_UNSTATED, "", "RFC 6152"},
        {"MAIL FROM:<a@b.example> body=8bitmime", 0, "a@b.example", false, 0, SMTP_BODY_8BITMIME, false,
         SMTP_RET_UNSTATED, "", "in any case"},
        {"MAIL FROM:<a@b.example> SMTPUTF8", 0, "a@b.example", false, 0, SMTP_BODY_UNSTATED, true,
         SMTP_RET_UNSTATED, "", "RFC 6531"},
        {"MAIL FROM:<p\xc5\x99@b.example> SMTPUTF8", 0, "p\xc5\x99@b.example", false, 0, SMTP_BODY_UNSTATED,
         true, SMTP_RET_UNSTATED, "", "an address that needs it"},
        {"MAIL FROM:<a@\xc5\x99.example>", 0, "a@\xc5\x99.example", PLAIN,
         "an 8-bit domain needs no SMTPUTF8: it has a name in ASCII"},
        {"MAIL FROM:<a@b.example> RET=FULL", 0, "a@b.example", false, 0, SMTP_BODY_UNSTATED, false,
         SMTP_RET_FULL, "", "RFC 3461"},
        {"MAIL FROM:<a@b.example> RET=hdrs", 0, "a@b.example", false, 0, SMTP_BODY_UNSTATED, false,
         SMTP_RET_HDRS, "", "in any case"},
        {"MAIL FROM:<a@b.example> ENVID=QQ314159", 0, "a@b.example", false, 0, SMTP_BODY_UNSTATED, false,
         SMTP_RET_UNSTATED, "QQ314159", "as it came"},
        {"MAIL FROM:<a@b.example> ENVID=a+0D+0Ab+2B+3D", 0, "a@b.example", false, 0, SMTP_BODY_UNSTATED,
         false, SMTP_RET_UNSTATED, "a+0D+0Ab+2B+3D", "xtext is never decoded"},
        {"MAIL FROM:<a@b.example> AUTH=<>", 0, "a@b.example", PLAIN,
         "RFC 4954 section 5: understood and forgotten"},
        {"MAIL FROM:<a@b.example> AUTH=e+3Dmc2@example.com", 0, "a@b.example", PLAIN, "likewise"},
        {"MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=x AUTH=<>", 0, "a@b.example",
         true, 10, SMTP_BODY_8BITMIME, true, SMTP_RET_FULL, "x", "all at once"},
        {"MAIL FROM:<> ENVID=x RET=HDRS BODY=7BIT SIZE=5", 0, "", true, 5, SMTP_BODY_7BIT, false,
         SMTP_RET_HDRS, "x", "in another order"},

        {"MAIL", SMTP_COMMAND_SYNTAX, NOTHING, "nothing"},
        {"MAIL FROM", SMTP_COMMAND_SYNTAX, NOTHING, "no colon"},
        {"MAIL <a@b.example>", SMTP_COMMAND_SYNTAX, NOTHING, "no FROM"},
        {"MAIL TO:<a@b.example>", SMTP_COMMAND_SYNTAX, NOTHING, "the other word"},
        {"MAIL FROM <a@b.example>", SMTP_COMMAND_SYNTAX, NOTHING, "no colon"},
        {"MAIL FROM:", ANY_ERROR, NOTHING, "no path"},
        {"MAIL FROM:<a@b.example", SMTP_COMMAND_BAD_SENDER, NOTHING, "not closed"},
        {"MAIL FROM:<a b@c.example>", SMTP_COMMAND_BAD_SENDER, NOTHING, "no address"},
        {"MAIL FROM:<@>", SMTP_COMMAND_BAD_SENDER, NOTHING, "no address"},
        {"MAIL FROM:<a@b.example>SIZE=1", ANY_ERROR, NOTHING, "no space before the parameter"},
        {"MAIL FROM:<a@b.example>x", ANY_ERROR, NOTHING, "something behind the path"},
        {"MAIL FROM:<a@b.example> <c@d.example>", ANY_ERROR, NOTHING, "two paths"},
        {"MAIL FROM:<p\xc5\x99@b.example>", SMTP_COMMAND_NEEDS_UTF8, NOTHING,
         "an 8-bit local part not announced"},
        {"MAIL FROM:<p\xc5\x99@b.example> SIZE=1", SMTP_COMMAND_NEEDS_UTF8, NOTHING,
         "likewise with a parameter"},
        {"MAIL FROM:<a@b.example> XYZ", SMTP_COMMAND_PARAMETER, NOTHING, "an unknown parameter"},
        {"MAIL FROM:<a@b.example> XYZ=1", SMTP_COMMAND_PARAMETER, NOTHING,
         "an unknown parameter with a value"},
        {"MAIL FROM:<a@b.example> NOTIFY=NEVER", SMTP_COMMAND_PARAMETER, NOTHING, "one of RCPT's"},
        {"MAIL FROM:<a@b.example> SIZE=1 SIZE=1", SMTP_COMMAND_SYNTAX, NOTHING, "twice"},
        {"MAIL FROM:<a@b.example> BODY=7BIT BODY=7BIT", SMTP_COMMAND_SYNTAX, NOTHING, "twice"},
        {"MAIL FROM:<a@b.example> SMTPUTF8 smtputf8", SMTP_COMMAND_SYNTAX, NOTHING, "twice"},
        {"MAIL FROM:<a@b.example> RET=FULL RET=HDRS", SMTP_COMMAND_SYNTAX, NOTHING,
         "twice (RFC 3461 section 5.1)"},
        {"MAIL FROM:<a@b.example> ENVID=a ENVID=b", SMTP_COMMAND_SYNTAX, NOTHING, "twice"},
        {"MAIL FROM:<a@b.example> SIZE", SMTP_COMMAND_SYNTAX, NOTHING, "no value"},
        {"MAIL FROM:<a@b.example> SIZE=", SMTP_COMMAND_SYNTAX, NOTHING, "an empty value"},
        {"MAIL FROM:<a@b.example> SIZE=-1", SMTP_COMMAND_SYNTAX, NOTHING, "a sign"},
        {"MAIL FROM:<a@b.example> SIZE=0x10", SMTP_COMMAND_SYNTAX, NOTHING, "not decimal"},
        {"MAIL FROM:<a@b.example> SIZE=1k", SMTP_COMMAND_SYNTAX, NOTHING, "a unit"},
        {"MAIL FROM:<a@b.example> BODY=BINARYMIME", ANY_ERROR, NOTHING,
         "RFC 3030's other half is not offered"},
        {"MAIL FROM:<a@b.example> BODY", SMTP_COMMAND_SYNTAX, NOTHING, "no value"},
        {"MAIL FROM:<a@b.example> SMTPUTF8=yes", ANY_ERROR, NOTHING, "takes no value"},
        {"MAIL FROM:<a@b.example> RET=BOTH", SMTP_COMMAND_SYNTAX, NOTHING, "no such"},
        {"MAIL FROM:<a@b.example> ENVID=", SMTP_COMMAND_SYNTAX, NOTHING, "empty"},
        {"MAIL FROM:<a@b.example> ENVID=a+", SMTP_COMMAND_SYNTAX, NOTHING, "xtext that breaks off"},
        {"MAIL FROM:<a@b.example> ENVID=a+2", SMTP_COMMAND_SYNTAX, NOTHING, "xtext that breaks off"},
        {"MAIL FROM:<a@b.example> ENVID=a+2g", SMTP_COMMAND_SYNTAX, NOTHING, "no hexadecimal"},
        {"MAIL FROM:<a@b.example> ENVID=a+2b", SMTP_COMMAND_SYNTAX, NOTHING, "upper case only (section 4)"},
        {"MAIL FROM:<a@b.example> ENVID=a=b", SMTP_COMMAND_SYNTAX, NOTHING, "'=' is not in xtext"},
        {"MAIL FROM:<a@b.example> =x", ANY_ERROR, NOTHING, "a parameter without a name"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span line = span_of(rows[i].line);
        struct smtp_command c;
        int status = parse(line, false, &c);

        HOLDS(c.verb == SMTP_VERB_MAIL, "%s: %s", rows[i].why, rows[i].line);
        check_status(status, rows[i].status, line, rows[i].why);
        if (status != SMTP_COMMAND_OK)
            continue;
        HOLDS(strcmp(c.u.mail.reverse_path.text, rows[i].path) == 0, "%s: %s", rows[i].why,
              c.u.mail.reverse_path.text);
        HOLDS(c.u.mail.has_size == rows[i].has_size, "%s", rows[i].why);
        HOLDS(!rows[i].has_size || c.u.mail.size_bytes == rows[i].size, "%s", rows[i].why);
        HOLDS(c.u.mail.body == rows[i].body, "%s: %d", rows[i].why, (int)c.u.mail.body);
        HOLDS(c.u.mail.smtputf8 == rows[i].smtputf8, "%s", rows[i].why);
        HOLDS(c.u.mail.ret == rows[i].ret, "%s: %d", rows[i].why, (int)c.u.mail.ret);
        HOLDS(strcmp(c.u.mail.envid, rows[i].envid) == 0, "%s: %s", rows[i].why, c.u.mail.envid);
    }
#undef PLAIN
#undef NOTHING
}

static void a_declared_size_never_wraps(void **state)
{
    (void)state;
    const char *const lines[] = {
        "MAIL FROM:<a@b.example> SIZE=18446744073709551616",
        "MAIL FROM:<a@b.example> SIZE=99999999999999999999",
        "MAIL FROM:<a@b.example> SIZE=184467440737095516170000000000000000000",
    };

    for (size_t i = 0; i < COUNT(lines); i++) {
        struct smtp_command c;

        /* RFC 1870 allows 20 digits; a number this big may be refused or taken for "enormous". */
        if (parse(span_of(lines[i]), false, &c) == SMTP_COMMAND_OK)
            HOLDS(c.u.mail.has_size && c.u.mail.size_bytes == UINT64_MAX, "%s", lines[i]);
    }
}

static void rcpt_is_read_with_every_parameter_we_offer(void **state)
{
    (void)state;
    enum { N = SMTP_NOTIFY_NEVER, S = SMTP_NOTIFY_SUCCESS, F = SMTP_NOTIFY_FAILURE, D = SMTP_NOTIFY_DELAY };
    const struct {
        const char *line;
        bool smtputf8;
        int status;
        const char *path;
        unsigned notify;
        const char *orcpt;
        const char *why;
    } rows[] = {
        {"RCPT TO:<a@b.example>", false, 0, "a@b.example", 0, "", "the usual"},
        {"rcpt to:a@b.example", false, 0, "a@b.example", 0, "", "lower case, no brackets"},
        {"RCPT TO: <a@b.example>", false, 0, "a@b.example", 0, "", "a space behind the colon"},
        {"RCPT TO:<postmaster>", false, 0, "postmaster", 0, "", "RFC 5321 section 4.1.1.3"},
        {"RCPT TO:<a@[192.0.2.1]>", false, 0, "a@[192.0.2.1]", 0, "", "a literal"},
        {"RCPT TO:<a@b.example> NOTIFY=NEVER", false, 0, "a@b.example", N, "", "RFC 3461 section 4.1"},
        {"RCPT TO:<a@b.example> NOTIFY=SUCCESS", false, 0, "a@b.example", S, "", "one"},
        {"RCPT TO:<a@b.example> notify=failure,delay", false, 0, "a@b.example", F | D, "", "two, lower case"},
        {"RCPT TO:<a@b.example> NOTIFY=DELAY,FAILURE,SUCCESS", false, 0, "a@b.example", S | F | D, "",
         "three"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;Bob+2B@b.example", false, 0, "a@b.example", 0,
         "rfc822;Bob+2B@b.example", "as it came"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;a+0D+0Ab", false, 0, "a@b.example", 0, "rfc822;a+0D+0Ab",
         "xtext is never decoded"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;a NOTIFY=NEVER", false, 0, "a@b.example", N, "rfc822;a", "both"},
        {"RCPT TO:<p\xc5\x99@b.example>", true, 0, "p\xc5\x99@b.example", 0, "", "after MAIL with SMTPUTF8"},
        {"RCPT TO:<a@\xc5\x99.example>", false, 0, "a@\xc5\x99.example", 0, "", "an 8-bit domain without it"},
        {"RCPT TO:<p\xc5\x99@b.example> ORCPT=utf-8;p\xc5\x99@b.example", true, 0, "p\xc5\x99@b.example", 0,
         "utf-8;p\xc5\x99@b.example",
         "UTF-8 as it is, which RFC 6533 section 3 wants where SMTPUTF8 is offered"},
        {"RCPT TO:<a@b.example> ORCPT=UTF-8;p\\x{159}@b.example", false, 0, "a@b.example", 0,
         "UTF-8;p\\x{159}@b.example", "and its 7-bit form, always"},

        {"RCPT", false, SMTP_COMMAND_SYNTAX, "", 0, "", "nothing"},
        {"RCPT TO", false, SMTP_COMMAND_SYNTAX, "", 0, "", "no colon"},
        {"RCPT FROM:<a@b.example>", false, SMTP_COMMAND_SYNTAX, "", 0, "", "the other word"},
        {"RCPT TO <a@b.example>", false, SMTP_COMMAND_SYNTAX, "", 0, "", "no colon"},
        {"RCPT TO:", false, ANY_ERROR, "", 0, "", "no path"},
        {"RCPT TO:<>", false, SMTP_COMMAND_BAD_RECIPIENT, "", 0, "", "nobody: only a sender may be null"},
        {"RCPT TO:<a@b", false, SMTP_COMMAND_BAD_RECIPIENT, "", 0, "", "not closed"},
        {"RCPT TO:<@b.example>", false, SMTP_COMMAND_BAD_RECIPIENT, "", 0, "", "no address"},
        {"RCPT TO:<a@b.example,c@d.example>", false, SMTP_COMMAND_BAD_RECIPIENT, "", 0, "", "two at once"},
        {"RCPT TO:<a@b.example> <c@d.example>", false, ANY_ERROR, "", 0, "", "two paths"},
        {"RCPT TO:<a@b.example>x", false, ANY_ERROR, "", 0, "", "something behind the path"},
        {"RCPT TO:<p\xc5\x99@b.example>", false, SMTP_COMMAND_NEEDS_UTF8, "", 0, "", "without SMTPUTF8"},
        {"RCPT TO:<a@b.example> SIZE=1", false, SMTP_COMMAND_PARAMETER, "", 0, "", "one of MAIL's"},
        {"RCPT TO:<a@b.example> XYZ=1", false, SMTP_COMMAND_PARAMETER, "", 0, "", "unknown"},
        {"RCPT TO:<a@b.example> NOTIFY=NEVER NOTIFY=NEVER", false, SMTP_COMMAND_SYNTAX, "", 0, "", "twice"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;a ORCPT=rfc822;a", false, SMTP_COMMAND_SYNTAX, "", 0, "",
         "twice"},
        {"RCPT TO:<a@b.example> NOTIFY", false, SMTP_COMMAND_SYNTAX, "", 0, "", "no value"},
        {"RCPT TO:<a@b.example> NOTIFY=", false, SMTP_COMMAND_SYNTAX, "", 0, "", "an empty value"},
        {"RCPT TO:<a@b.example> NOTIFY=NEVER,SUCCESS", false, SMTP_COMMAND_SYNTAX, "", 0, "",
         "NEVER stands alone (section 4.1)"},
        {"RCPT TO:<a@b.example> NOTIFY=SUCCESS,NEVER", false, SMTP_COMMAND_SYNTAX, "", 0, "", "likewise"},
        {"RCPT TO:<a@b.example> NOTIFY=ALWAYS", false, SMTP_COMMAND_SYNTAX, "", 0, "", "no such"},
        {"RCPT TO:<a@b.example> NOTIFY=SUCCESS,", false, SMTP_COMMAND_SYNTAX, "", 0, "", "breaks off"},
        {"RCPT TO:<a@b.example> NOTIFY=,", false, SMTP_COMMAND_SYNTAX, "", 0, "", "nothing and nothing"},
        {"RCPT TO:<a@b.example> ORCPT=", false, SMTP_COMMAND_SYNTAX, "", 0, "", "empty"},
        {"RCPT TO:<a@b.example> ORCPT=a", false, SMTP_COMMAND_SYNTAX, "", 0, "", "no type"},
        {"RCPT TO:<a@b.example> ORCPT=;a", false, SMTP_COMMAND_SYNTAX, "", 0, "", "an empty type"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;a+0", false, SMTP_COMMAND_SYNTAX, "", 0, "",
         "xtext that breaks off"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;a=b", false, SMTP_COMMAND_SYNTAX, "", 0, "",
         "'=' is not in xtext"},
        {"RCPT TO:<a@b.example> ORCPT=utf-8;p\xc5\x99@b.example", false, SMTP_COMMAND_SYNTAX, "", 0, "",
         "UTF-8 not announced"},
        {"RCPT TO:<a@b.example> ORCPT=rfc822;p\xc5\x99@b.example", true, SMTP_COMMAND_SYNTAX, "", 0, "",
         "only the type utf-8 has such addresses"},
        {"RCPT TO:<a@b.example> ORCPT=utf-8;p\xc5\x99=b", true, SMTP_COMMAND_SYNTAX, "", 0, "",
         "'=' is not in there either"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span line = span_of(rows[i].line);
        struct smtp_command c;
        int status = parse(line, rows[i].smtputf8, &c);

        HOLDS(c.verb == SMTP_VERB_RCPT, "%s: %s", rows[i].why, rows[i].line);
        check_status(status, rows[i].status, line, rows[i].why);
        if (status != SMTP_COMMAND_OK)
            continue;
        HOLDS(strcmp(c.u.rcpt.forward_path.text, rows[i].path) == 0, "%s: %s", rows[i].why,
              c.u.rcpt.forward_path.text);
        HOLDS(c.u.rcpt.notify == rows[i].notify, "%s: %u", rows[i].why, c.u.rcpt.notify);
        HOLDS(strcmp(c.u.rcpt.orcpt, rows[i].orcpt) == 0, "%s: %s", rows[i].why, c.u.rcpt.orcpt);
    }
}

static void envid_and_orcpt_fit_their_limits_exactly(void **state)
{
    (void)state;
    for (size_t length = 1; length < 700; length++) {
        char line[900];
        struct smtp_command c;
        size_t used = (size_t)snprintf(line, sizeof line, "MAIL FROM:<a@b.example> ENVID=");

        memset(line + used, 'e', length);
        check_status(parse(span_make(line, used + length), false, &c),
                     length <= SMTP_ENVID_MAX ? SMTP_COMMAND_OK : ANY_ERROR, span_make(line, used + length),
                     "RFC 3461 section 4.4: 100");
        used = (size_t)snprintf(line, sizeof line, "RCPT TO:<a@b.example> ORCPT=rfc822;");
        memset(line + used, 'o', length);
        check_status(parse(span_make(line, used + length), false, &c),
                     length + 7 <= SMTP_ORCPT_MAX ? SMTP_COMMAND_OK : ANY_ERROR,
                     span_make(line, used + length), "RFC 3461 section 4.2: 500");
    }
}

static void a_path_that_is_too_long_is_a_bad_path(void **state)
{
    (void)state;
    char line[600];
    struct smtp_command c;
    size_t used = (size_t)snprintf(line, sizeof line, "MAIL FROM:<");

    memset(line + used, 'l', 300);
    memcpy(line + used + 300, "@b.example>", 12);
    check_status(parse(span_of(line), false, &c), SMTP_COMMAND_BAD_SENDER, span_of(line),
                 "a local part of 300");
    used = (size_t)snprintf(line, sizeof line, "RCPT TO:<");
    memset(line + used, 'l', 300);
    memcpy(line + used + 300, "@b.example>", 12);
    check_status(parse(span_of(line), false, &c), SMTP_COMMAND_BAD_RECIPIENT, span_of(line),
                 "a local part of 300");
}

static void the_size_of_a_chunk_is_read_exactly_or_not_at_all(void **state)
{
    (void)state;
    const struct {
        struct span line;
        int status;
        uint64_t size;
        bool last;
        const char *why;
    } rows[] = {
        {SPAN("BDAT 10"), 0, 10, false, "the usual"},
        {SPAN("BDAT 10 LAST"), 0, 10, true, "the last"},
        {SPAN("bdat 10 last"), 0, 10, true, "lower case"},
        {SPAN("BDAT 0"), 0, 0, false, "nothing"},
        {SPAN("BDAT 0 LAST"), 0, 0, true, "nothing, and the end"},
        {SPAN("BDAT 10 "), 0, 10, false, "a space at the end"},
        {SPAN("BDAT 2147483647"), 0, SMTP_CHUNK_MAX, false, "the largest chunk"},
        {SPAN("BDAT 2147483648"), SMTP_COMMAND_BDAT_SIZE, 0, false, "one more"},
        {SPAN("BDAT 4294967296"), SMTP_COMMAND_BDAT_SIZE, 0, false, "2^32 is not 0"},
        {SPAN("BDAT 4294967297"), SMTP_COMMAND_BDAT_SIZE, 0, false, "2^32+1 is not 1"},
        {SPAN("BDAT"), SMTP_COMMAND_BDAT_SIZE, 0, false, "no size"},
        {SPAN("BDAT "), SMTP_COMMAND_BDAT_SIZE, 0, false, "no size but a space"},
        {SPAN("BDAT LAST"), SMTP_COMMAND_BDAT_SIZE, 0, false, "no size but LAST"},
        {SPAN("BDAT -1"), SMTP_COMMAND_BDAT_SIZE, 0, false, "a sign"},
        {SPAN("BDAT +1"), SMTP_COMMAND_BDAT_SIZE, 0, false, "a sign"},
        {SPAN("BDAT 0x10"), SMTP_COMMAND_BDAT_SIZE, 0, false, "not decimal"},
        {SPAN("BDAT 10x"), SMTP_COMMAND_BDAT_SIZE, 0, false, "not only digits"},
        {SPAN("BDAT 1.5"), SMTP_COMMAND_BDAT_SIZE, 0, false, "not an integer"},
        {SPAN("BDAT 1e3"), SMTP_COMMAND_BDAT_SIZE, 0, false, "not decimal"},
        {SPAN("BDAT 18446744073709551616"), SMTP_COMMAND_BDAT_SIZE, 0, false, "2^64 is not 0"},
        {SPAN("BDAT 18446744073709551626 LAST"), SMTP_COMMAND_BDAT_SIZE, 0, false, "2^64+10 is not 10"},
        {SPAN("BDAT 99999999999999999999999999999999"), SMTP_COMMAND_BDAT_SIZE, 0, false, "32 digits"},
        {SPAN("BDAT 10 FIRST"), ANY_ERROR, 0, false, "no such word"},
        {SPAN("BDAT 10 LAST LAST"), ANY_ERROR, 0, false, "one word too many"},
        {SPAN("BDAT 1 0"), ANY_ERROR, 0, false, "two numbers: which would it be?"},
        {SPAN("BDAT 10LAST"), ANY_ERROR, 0, false, "no space"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_command c;
        int status = parse(rows[i].line, false, &c);

        HOLDS(c.verb == SMTP_VERB_BDAT, "%s: %s", rows[i].why, quote(rows[i].line));
        check_status(status, rows[i].status, rows[i].line, rows[i].why);
        if (status == SMTP_COMMAND_OK) {
            HOLDS(c.u.bdat.size_bytes == rows[i].size, "%s: %s", rows[i].why, quote(rows[i].line));
            HOLDS(c.u.bdat.last == rows[i].last, "%s: %s", rows[i].why, quote(rows[i].line));
        }
    }
}

static void every_beginning_of_a_line_is_read_without_looking_past_its_end(void **state)
{
    (void)state;
    const char *const lines[] = {
        "MAIL FROM:<@r.example:\"a b\"@[IPv6:2001:db8::1]> SIZE=10 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=a+2Bb AUTH=<>",
        "RCPT TO:<p\xc5\x99@b.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb",
        "BDAT 18446744073709551615 LAST",
        "CONNECT a:25 HTTP/1.1",
        "AUTH LOGIN dXNlcg==",
        "STARTTLS",
    };

    for (size_t i = 0; i < COUNT(lines); i++) {
        for (size_t length = 0; length <= strlen(lines[i]); length++) {
            struct smtp_command c;

            parse(span_make(lines[i], length), true, &c);
            HOLDS(c.argument.length == 0 || (c.argument.at >= parsed_line &&
                                             c.argument.at + c.argument.length <= parsed_line + length),
                  "the argument lies within the line");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_are_known_in_any_case_and_only_whole),
        cmocka_unit_test(every_verb_has_its_name),
        cmocka_unit_test(other_protocols_are_told_from_mistakes),
        cmocka_unit_test(octets_that_no_command_has_are_refused_whatever_the_verb),
        cmocka_unit_test(mail_is_read_with_every_parameter_we_offer),
        cmocka_unit_test(a_declared_size_never_wraps),
        cmocka_unit_test(rcpt_is_read_with_every_parameter_we_offer),
        cmocka_unit_test(envid_and_orcpt_fit_their_limits_exactly),
        cmocka_unit_test(a_path_that_is_too_long_is_a_bad_path),
        cmocka_unit_test(the_size_of_a_chunk_is_read_exactly_or_not_at_all),
        cmocka_unit_test(every_beginning_of_a_line_is_read_without_looking_past_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, forget_line);
}
