/* SPDX-License-Identifier: MIT */
/* Paths: RFC 5321 section 4.1.2, read from left to right without going back. */

#include "smtp/address.h"

#include <string.h>

static bool is_eight_bit(char c)
{
    return (unsigned char)c >= 128;
}

/* RFC 5322 atext; octets above 127 are atext in RFC 6531. */
static bool is_atext(char c)
{
    struct span others = SPAN("!#$%&'*+-/=?^_`{|}~");
    return ascii_is_alnum(c) || is_eight_bit(c) || span_find(others, c) < others.length;
}

bool smtp_domain_valid(struct span domain, bool utf8)
{
    if (domain.length > 1 && domain.at[domain.length - 1] == '.')
        domain.length--;
    if (domain.length == 0 || domain.length > SMTP_DOMAIN_MAX)
        return false;
    size_t label = 0;
    for (size_t i = 0; i < domain.length; i++) {
        char c = domain.at[i];
        if (c == '.') {
            if (label == 0 || domain.at[i - 1] == '-')
                return false;
            label = 0;
        } else if (ascii_is_alnum(c) || c == '_' || (utf8 && is_eight_bit(c)) || (c == '-' && label > 0)) {
            /* The 63 octets of a DNS label bind its A-label form; a U-label may be longer. */
            if (++label > 63 && !utf8)
                return false;
        } else {
            return false;
        }
    }
    return label > 0 && domain.at[domain.length - 1] != '-';
}

/* How many octets of the front are a local part: a dot-string or a quoted string; 0 for none. */
static size_t local_part_length(struct span s)
{
    if (s.length == 0)
        return 0;
    if (s.at[0] == '"') {
        for (size_t i = 1; i < s.length; i++) {
            if (s.at[i] == '"')
                return i + 1;
            if (s.at[i] == '\\' && ++i == s.length)
                return 0;
            if (!ascii_is_print(s.at[i]) && !is_eight_bit(s.at[i]))
                return 0;
        }
        return 0;
    }
    /* Dots at odd places ("a..b", ".a", "a.") are against the grammar but exist as real mailboxes:
     * whether they do is for the recipient's server to say. */
    size_t i = 0;
    while (i < s.length && (is_atext(s.at[i]) || s.at[i] == '.'))
        i++;
    return i;
}

static size_t domain_length(struct span s)
{
    size_t i = 0;
    while (i < s.length && (ascii_is_alnum(s.at[i]) || is_eight_bit(s.at[i]) || s.at[i] == '.' ||
                            s.at[i] == '-' || s.at[i] == '_'))
        i++;
    return i;
}

/* A source route "@a,@b:" is accepted and ignored (RFC 5321 section 3.6.1 and appendix C). */
static bool skip_source_route(struct span *rest)
{
    while (rest->length > 0 && rest->at[0] == '@') {
        *rest = span_skip(*rest, 1);
        size_t length = domain_length(*rest);
        if (length == 0)
            return false;
        *rest = span_skip(*rest, length);
        if (rest->length == 0 || (rest->at[0] != ',' && rest->at[0] != ':'))
            return false;
        bool last = rest->at[0] == ':';
        *rest = span_skip(*rest, 1);
        if (last)
            return true;
    }
    return false;
}

static enum smtp_address_status parse_domain(struct span *rest, struct smtp_address *a, struct span *domain)
{
    if (rest->length > 0 && rest->at[0] == '[') {
        size_t end = span_find(*rest, ']');
        if (end == rest->length || end < 2)
            return SMTP_ADDRESS_SYNTAX;
        *domain = span_first(*rest, end + 1);
        for (size_t i = 1; i < end; i++)
            if (!ascii_is_alnum(domain->at[i]) && span_find(SPAN(".:-"), domain->at[i]) == 3)
                return SMTP_ADDRESS_SYNTAX;
        a->literal = true;
    } else {
        *domain = span_first(*rest, domain_length(*rest));
        if (domain->length > SMTP_DOMAIN_MAX)
            return SMTP_ADDRESS_TOO_LONG;
        if (!smtp_domain_valid(*domain, true))
            return SMTP_ADDRESS_SYNTAX;
    }
    *rest = span_skip(*rest, domain->length);
    return domain->length > SMTP_DOMAIN_MAX ? SMTP_ADDRESS_TOO_LONG : SMTP_ADDRESS_OK;
}

enum smtp_address_status smtp_address_parse(struct span *rest, struct smtp_address *a)
{
    memset(a, 0, sizeof *a);
    bool bracketed = rest->length > 0 && rest->at[0] == '<';
    if (bracketed) {
        *rest = span_skip(*rest, 1);
        if (rest->length > 0 && rest->at[0] == '>') {
            *rest = span_skip(*rest, 1);
            return SMTP_ADDRESS_OK;
        }
        if (rest->length > 0 && rest->at[0] == '@' && !skip_source_route(rest))
            return SMTP_ADDRESS_SYNTAX;
    }

    struct span start = *rest, domain = span_make("", 0);
    size_t local = local_part_length(*rest);
    if (local == 0)
        return SMTP_ADDRESS_SYNTAX;
    if (local > SMTP_LOCAL_PART_MAX)
        return SMTP_ADDRESS_TOO_LONG;
    *rest = span_skip(*rest, local);
    if (rest->length > 0 && rest->at[0] == '@') {
        *rest = span_skip(*rest, 1);
        enum smtp_address_status status = parse_domain(rest, a, &domain);
        if (status != SMTP_ADDRESS_OK)
            return status;
    }
    if (bracketed) {
        if (rest->length == 0 || rest->at[0] != '>')
            return SMTP_ADDRESS_SYNTAX;
        *rest = span_skip(*rest, 1);
    }
    if (rest->length > 0 && rest->at[0] != ' ' && rest->at[0] != '\t')
        return SMTP_ADDRESS_SYNTAX;

    size_t length = local + (domain.length > 0 ? 1 + domain.length : 0);
    span_copy(span_first(start, length), a->text, sizeof a->text);
    a->local_length = local;
    if (!span_is_utf8(span_of(a->text)))
        return SMTP_ADDRESS_UTF8;
    a->utf8 = !span_is_ascii(smtp_address_local_part(a));
    if (domain.length > 0 && !a->literal && !smtp_domain_valid(domain, false))
        a->idna = smtp_idna_to_ascii(domain, a->ascii_domain);
    return SMTP_ADDRESS_OK;
}

struct span smtp_address_local_part(const struct smtp_address *a)
{
    return span_make(a->text, a->local_length);
}

struct span smtp_address_domain(const struct smtp_address *a)
{
    if (a->text[a->local_length] != '@')
        return span_make("", 0);
    return span_of(a->text + a->local_length + 1);
}

struct span smtp_address_ascii_domain(const struct smtp_address *a)
{
    bool written_so = a->idna == SMTP_IDNA_OK && a->ascii_domain[0] == '\0';
    struct span domain = written_so ? smtp_address_domain(a) : span_of(a->ascii_domain);
    if (domain.length > 0 && domain.at[domain.length - 1] == '.')
        domain.length--; /* people write it; SMTP has no such dot, and some servers refuse it */
    return domain;
}

void smtp_address_say(const struct smtp_address *a, struct buf *out)
{
    struct span domain = smtp_address_ascii_domain(a);
    buf_append_span(out, smtp_address_local_part(a));
    if (domain.length > 0)
        buf_append_text(out, "@");
    buf_append_span(out, domain);
}
