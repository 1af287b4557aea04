/* SPDX-License-Identifier: MIT */
/* Syntax of command lines. One table of verbs, one of MAIL's and RCPT's parameters; each parameter is
 * read by a function of its own that returns how it went. */

#include "smtp/command.h"

#include <string.h>

/* ------------------------------------------------------------------ verbs */

static const struct {
    struct span name;
    enum smtp_verb verb;
} verbs[] = {
    {SPAN_INIT("HELO"), SMTP_VERB_HELO}, {SPAN_INIT("EHLO"), SMTP_VERB_EHLO},
    {SPAN_INIT("MAIL"), SMTP_VERB_MAIL}, {SPAN_INIT("RCPT"), SMTP_VERB_RCPT},
    {SPAN_INIT("DATA"), SMTP_VERB_DATA}, {SPAN_INIT("BDAT"), SMTP_VERB_BDAT},
    {SPAN_INIT("RSET"), SMTP_VERB_RSET}, {SPAN_INIT("NOOP"), SMTP_VERB_NOOP},
    {SPAN_INIT("QUIT"), SMTP_VERB_QUIT}, {SPAN_INIT("VRFY"), SMTP_VERB_VRFY},
    {SPAN_INIT("EXPN"), SMTP_VERB_EXPN}, {SPAN_INIT("HELP"), SMTP_VERB_HELP},
    {SPAN_INIT("AUTH"), SMTP_VERB_AUTH}, {SPAN_INIT("STARTTLS"), SMTP_VERB_STARTTLS},
};

/* A browser (or a page that makes it send a form to localhost:25), a proxy, a SIP client. */
static const struct span foreign_methods[] = {
    SPAN_INIT("GET"),      SPAN_INIT("POST"),    SPAN_INIT("PUT"),      SPAN_INIT("HEAD"),
    SPAN_INIT("DELETE"),   SPAN_INIT("OPTIONS"), SPAN_INIT("PATCH"),    SPAN_INIT("CONNECT"),
    SPAN_INIT("TRACE"),    SPAN_INIT("PRI"),     SPAN_INIT("PROPFIND"), SPAN_INIT("INVITE"),
    SPAN_INIT("REGISTER"),
};

static enum smtp_verb find_verb(struct span word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (span_equals_nocase(word, verbs[i].name))
            return verbs[i].verb;
    for (size_t i = 0; i < sizeof foreign_methods / sizeof *foreign_methods; i++)
        if (span_equals_nocase(word, foreign_methods[i]))
            return SMTP_VERB_FOREIGN;
    return SMTP_VERB_UNKNOWN;
}

const char *smtp_verb_name(enum smtp_verb verb)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i].verb == verb)
            return verbs[i].name.at;
    return verb == SMTP_VERB_FOREIGN ? "foreign" : "unknown";
}

/* ------------------------------------------------------------- parameters */

static bool is_hex(char c)
{
    return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* xtext (RFC 3461 section 4): printable, without space, '=', and '+' only before two hex digits. We
 * pass it on as it is and never decode it, so a "+0D+0A" stays harmless. `utf8`: other characters may stand for
 * themselves. */
static bool is_xtext(struct span s, bool utf8)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (utf8 && (unsigned char)c >= 128)
            continue;
        if (c < '!' || c > '~' || c == '=')
            return false;
        if (c == '+') {
            if (s.length - i < 3 || !is_hex(s.at[i + 1]) || !is_hex(s.at[i + 2]))
                return false;
            i += 2;
        }
    }
    return s.length > 0;
}

static bool read_size(struct span value, struct smtp_command *c)
{
    /* RFC 1870 section 5 allows 20 digits; what does not fit 64 bits is larger than anything. */
    if (value.length == 0 || value.length > 20)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (!ascii_is_digit(value.at[i]))
            return false;
    if (!span_to_number(value, UINT64_MAX, &c->u.mail.size_bytes))
        c->u.mail.size_bytes = UINT64_MAX;
    c->u.mail.has_size = true;
    return true;
}

static bool read_body(struct span value, struct smtp_command *c)
{
    bool eight = span_equals_nocase(value, SPAN("8BITMIME"));
    c->u.mail.body = eight ? SMTP_BODY_8BITMIME : SMTP_BODY_7BIT;
    return eight || span_equals_nocase(value, SPAN("7BIT"));
}

static bool read_smtputf8(struct span value, struct smtp_command *c)
{
    c->u.mail.smtputf8 = true;
    return value.at == NULL; /* "SMTPUTF8=..." is no such parameter */
}

static bool read_ret(struct span value, struct smtp_command *c)
{
    bool full = span_equals_nocase(value, SPAN("FULL"));
    c->u.mail.ret = full ? SMTP_RET_FULL : SMTP_RET_HDRS;
    return full || span_equals_nocase(value, SPAN("HDRS"));
}

static bool read_envid(struct span value, struct smtp_command *c)
{
    return is_xtext(value, false) && span_copy(value, c->u.mail.envid, sizeof c->u.mail.envid);
}

static bool read_auth(struct span value, struct smtp_command *c)
{
    (void)c; /* RFC 4954 section 5: we trust nobody's word about who wrote a mail */
    return span_equals(value, SPAN("<>")) || is_xtext(value, false);
}

static bool read_notify(struct span value, struct smtp_command *c)
{
    static const struct {
        struct span name;
        unsigned bit;
    } words[] = {
        {SPAN_INIT("NEVER"), SMTP_NOTIFY_NEVER},
        {SPAN_INIT("SUCCESS"), SMTP_NOTIFY_SUCCESS},
        {SPAN_INIT("FAILURE"), SMTP_NOTIFY_FAILURE},
        {SPAN_INIT("DELAY"), SMTP_NOTIFY_DELAY},
    };
    unsigned notify = 0;
    for (bool more = true; more;) {
        more = span_find(value, ',') < value.length;
        struct span word = span_cut(&value, ',');
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (span_equals_nocase(word, words[i].name))
                bit = words[i].bit;
        if (bit == 0)
            return false;
        notify |= bit;
    }
    c->u.rcpt.notify = notify;
    return (notify & SMTP_NOTIFY_NEVER) == 0 || notify == SMTP_NOTIFY_NEVER;
}

static bool read_orcpt(struct span value, struct smtp_command *c)
{
    struct span address = value;
    struct span type = span_cut(&address, ';');
    if (type.length == 0)
        return false;
    for (size_t i = 0; i < type.length; i++)
        if (!ascii_is_alnum(type.at[i]) && type.at[i] != '-')
            return false;
    bool utf8 = span_equals_nocase(type, SPAN("utf-8")); /* RFC 6533 section 3 */
    return is_xtext(address, utf8) && span_copy(value, c->u.rcpt.orcpt, sizeof c->u.rcpt.orcpt);
}

struct parameter {
    enum smtp_verb verb;
    struct span name;
    bool (*read)(struct span value, struct smtp_command *c);
};

static const struct parameter parameters[] = {
    {SMTP_VERB_MAIL, SPAN_INIT("SIZE"), read_size},         {SMTP_VERB_MAIL, SPAN_INIT("BODY"), read_body},
    {SMTP_VERB_MAIL, SPAN_INIT("SMTPUTF8"), read_smtputf8}, {SMTP_VERB_MAIL, SPAN_INIT("RET"), read_ret},
    {SMTP_VERB_MAIL, SPAN_INIT("ENVID"), read_envid},       {SMTP_VERB_MAIL, SPAN_INIT("AUTH"), read_auth},
    {SMTP_VERB_RCPT, SPAN_INIT("NOTIFY"), read_notify},     {SMTP_VERB_RCPT, SPAN_INIT("ORCPT"), read_orcpt},
};

static const struct parameter *find_parameter(enum smtp_verb verb, struct span name)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (parameters[i].verb == verb && span_equals_nocase(name, parameters[i].name))
            return &parameters[i];
    return NULL;
}

static enum smtp_command_status read_parameters(struct span rest, struct smtp_command *c)
{
    unsigned seen = 0;
    for (rest = span_trim(rest); rest.length > 0; rest = span_trim(rest)) {
        struct span word = span_cut(&rest, ' ');
        struct span value = word;
        struct span name = span_cut(&value, '=');
        if (name.length == word.length)
            value = span_make(NULL, 0); /* there was no '=' */
        const struct parameter *p = find_parameter(c->verb, name);
        if (!p)
            return SMTP_COMMAND_PARAMETER;
        unsigned bit = 1u << (unsigned)(p - parameters);
        if ((seen & bit) || !p->read(value, c))
            return SMTP_COMMAND_SYNTAX; /* twice is 501 as well: RFC 3461 section 5.1 */
        seen |= bit;
    }
    return SMTP_COMMAND_OK;
}

/* --------------------------------------------------------------- commands */

/* "FROM:" or "TO:", in any case, with spaces around the colon forgiven; then the path. */
static enum smtp_command_status read_path(struct span *rest, struct span word, struct smtp_address *address,
                                          enum smtp_command_status bad)
{
    if (!span_starts_nocase(*rest, word))
        return SMTP_COMMAND_SYNTAX;
    *rest = span_trim(span_skip(*rest, word.length));
    if (rest->length == 0 || rest->at[0] != ':')
        return SMTP_COMMAND_SYNTAX;
    *rest = span_trim(span_skip(*rest, 1));
    return smtp_address_parse(rest, address) == SMTP_ADDRESS_OK ? SMTP_COMMAND_OK : bad;
}

static enum smtp_command_status parse_mail(struct span rest, struct smtp_command *c)
{
    struct smtp_mail *mail = &c->u.mail;
    enum smtp_command_status status =
        read_path(&rest, SPAN("FROM"), &mail->reverse_path, SMTP_COMMAND_BAD_SENDER);
    if (status == SMTP_COMMAND_OK)
        status = read_parameters(rest, c);
    if (status == SMTP_COMMAND_OK && mail->reverse_path.utf8 && !mail->smtputf8)
        status = SMTP_COMMAND_NEEDS_UTF8;
    return status;
}

static enum smtp_command_status parse_rcpt(struct span rest, bool smtputf8, struct smtp_command *c)
{
    struct smtp_address *path = &c->u.rcpt.forward_path;
    enum smtp_command_status status = read_path(&rest, SPAN("TO"), path, SMTP_COMMAND_BAD_RECIPIENT);
    if (status == SMTP_COMMAND_OK && path->text[0] == '\0')
        status = SMTP_COMMAND_BAD_RECIPIENT; /* "<>" receives nothing */
    if (status == SMTP_COMMAND_OK)
        status = read_parameters(rest, c);
    if (status == SMTP_COMMAND_OK && path->utf8 && !smtputf8)
        status = SMTP_COMMAND_NEEDS_UTF8;
    if (status == SMTP_COMMAND_OK && !smtputf8 && !span_is_ascii(span_of(c->u.rcpt.orcpt)))
        status = SMTP_COMMAND_SYNTAX;
    return status;
}

static enum smtp_command_status parse_bdat(struct span rest, struct smtp_command *c)
{
    struct span size = span_cut(&rest, ' ');
    rest = span_trim(rest);
    if (!span_to_number(size, SMTP_CHUNK_MAX, &c->u.bdat.size_bytes))
        return SMTP_COMMAND_BDAT_SIZE;
    c->u.bdat.last = span_equals_nocase(rest, SPAN("LAST"));
    return c->u.bdat.last || rest.length == 0 ? SMTP_COMMAND_OK : SMTP_COMMAND_BDAT_SIZE;
}

/* Refused here, once for all commands: NUL, a bare CR, escape sequences, octets that are no UTF-8. A client's own name
 * goes nowhere from here: a machine may have one in any letters of the world, in any code page. */
static bool octets_allowed(enum smtp_verb verb, struct span line)
{
    for (size_t i = 0; i < line.length; i++)
        if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 127)
            return false;
    return verb == SMTP_VERB_HELO || verb == SMTP_VERB_EHLO || span_is_utf8(line);
}

enum smtp_command_status smtp_command_parse(struct span line, bool smtputf8, struct smtp_command *c)
{
    memset(c, 0, sizeof *c);
    /* A TLS ClientHello: somebody took us for port 465. */
    if (line.length >= 2 && line.at[0] == 0x16 && line.at[1] == 0x03) {
        c->verb = SMTP_VERB_FOREIGN;
        return SMTP_COMMAND_OK;
    }
    struct span rest = span_trim(line);
    size_t word = 0;
    while (word < rest.length && rest.at[word] != ' ' && rest.at[word] != '\t')
        word++;
    c->verb = find_verb(span_first(rest, word));
    rest = span_trim(span_skip(rest, word));
    c->argument = rest;
    if (c->verb == SMTP_VERB_FOREIGN)
        return SMTP_COMMAND_OK;
    if (!octets_allowed(c->verb, line))
        return SMTP_COMMAND_BAD_OCTET;

    bool none = rest.length == 0;
    switch (c->verb) {
    case SMTP_VERB_MAIL:
        return parse_mail(rest, c);
    case SMTP_VERB_RCPT:
        return parse_rcpt(rest, smtputf8, c);
    case SMTP_VERB_BDAT:
        return parse_bdat(rest, c);
    case SMTP_VERB_HELO:
    case SMTP_VERB_EHLO:
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_AUTH:
        return none ? SMTP_COMMAND_SYNTAX : SMTP_COMMAND_OK;
    case SMTP_VERB_DATA:
    case SMTP_VERB_RSET:
    case SMTP_VERB_QUIT:
    case SMTP_VERB_STARTTLS:
        return none ? SMTP_COMMAND_OK : SMTP_COMMAND_SYNTAX;
    case SMTP_VERB_NOOP:
    case SMTP_VERB_HELP:
    case SMTP_VERB_UNKNOWN:
    case SMTP_VERB_FOREIGN:
        return SMTP_COMMAND_OK;
    }
    return SMTP_COMMAND_SYNTAX;
}
