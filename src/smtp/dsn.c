/* SPDX-License-Identifier: MIT */
/*
 * The report, from top to bottom. Fields go through smtp_mime_field(), texts through quoted-printable; nothing else
 * writes what came from outside. The boundary contains "=_", which quoted-printable never does, and what is not
 * quoted-printable has no line that begins with "--".
 */

#include "smtp/dsn.h"

#include <stdio.h>
#include <string.h>

#include "smtp/mime.h"

#define BOUNDARY_SIZE 40
#define ADDRESS_MAX 4096 /* of the longest one in its 7-bit form */

enum smtp_dsn_action smtp_dsn_due(enum outcome_kind kind, unsigned notify, bool server_has_dsn)
{
    if (notify & SMTP_NOTIFY_NEVER)
        return SMTP_DSN_NONE;
    switch (kind) {
    case OUTCOME_NONE:
        return SMTP_DSN_NONE;
    case OUTCOME_ACCEPTED:
        return (notify & SMTP_NOTIFY_SUCCESS) && !server_has_dsn ? SMTP_DSN_RELAYED : SMTP_DSN_NONE;
    case OUTCOME_TEMPORARY: /* nobody tries again: what has not arrived now has failed */
    case OUTCOME_PERMANENT:
        return notify == 0 || (notify & SMTP_NOTIFY_FAILURE) ? SMTP_DSN_FAILED : SMTP_DSN_NONE;
    }
    return SMTP_DSN_NONE;
}

bool smtp_dsn_needs_utf8(const struct smtp_mail *mail)
{
    return mail->reverse_path.utf8;
}

/* ---------------------------------------------------------------- values */

static int hex_digit(char c)
{
    return ascii_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* xtext (RFC 3461 section 4) into what it stands for; left as it is when that would not be printable. */
static struct span decode_xtext(struct span xtext, char *to, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < xtext.length; i++) {
        char c = xtext.at[i];
        if (c == '+') {
            int high = i + 2 < xtext.length ? hex_digit(xtext.at[i + 1]) : -1;
            int low = i + 2 < xtext.length ? hex_digit(xtext.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return xtext;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (!ascii_is_print(c) || used == size)
            return xtext;
        to[used++] = c;
    }
    return span_make(to, used);
}

/* Of well-formed UTF-8. */
static uint32_t take_character(struct span *rest)
{
    unsigned char lead = (unsigned char)rest->at[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t character = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++)
        character = character << 6 | ((unsigned char)rest->at[i] & 0x3F);
    *rest = span_skip(*rest, length);
    return character;
}

/* As smtp_dsn_put_7bit(); `special` are the ASCII characters that do not stand for themselves either. */
static void put_7bit(struct buf *out, struct span utf8, struct span special)
{
    while (utf8.length > 0) {
        uint32_t c = take_character(&utf8);
        if (c > ' ' && c <= '~' && span_find(special, (char)c) == special.length)
            buf_append(out, &(char){(char)c}, 1);
        else
            buf_printf(out, "\\x{%lX}", (unsigned long)c);
    }
}

void smtp_dsn_put_7bit(struct buf *out, struct span utf8_address)
{
    put_7bit(out, utf8_address, SPAN(""));
}

static void put_address_field(struct buf *out, const char *name, const struct smtp_address *a)
{
    struct span text = span_of(a->text);
    struct buf value;
    buf_init(&value, ADDRESS_MAX);
    buf_append_text(&value, a->utf8 ? "utf-8;" : "rfc822;");
    if (a->utf8 && span_is_utf8(text))
        put_7bit(&value, text, SPAN("\\+="));
    else
        smtp_address_say(a, &value); /* a domain alone needs no form of its own: it has A-labels */
    smtp_mime_field(out, name, buf_span(&value), false);
    out->failed = out->failed || value.failed;
    buf_clear(&value);
}

/* ORCPT is "type;xtext". Of an internationalised one the 7-bit form is what the field wants. */
static void put_original_recipient(struct buf *out, const char *orcpt)
{
    char decoded[SMTP_ORCPT_MAX];
    struct span address = span_of(orcpt);
    struct span type = span_cut(&address, ';');
    struct buf value;
    if (type.length == 0 || address.length == 0)
        return;
    buf_init(&value, ADDRESS_MAX);
    buf_append_span(&value, type);
    buf_append_text(&value, ";");
    if (span_equals_nocase(type, SPAN("utf-8")) && span_is_utf8(address))
        smtp_dsn_put_7bit(&value, address);
    else
        buf_append_span(&value, decode_xtext(address, decoded, sizeof decoded));
    smtp_mime_field(out, "Original-Recipient", buf_span(&value), false);
    out->failed = out->failed || value.failed;
    buf_clear(&value);
}

/* ---------------------------------------------------------------- for people */

/* No control characters, well-formed UTF-8: whoever shows the text shows no more than text. */
static void put_text(struct buf *out, const char *text)
{
    struct span rest = span_of(text);
    bool utf8 = span_is_utf8(rest);
    struct buf clean;
    buf_init(&clean, SIZE_MAX / 2);
    for (size_t i = 0; i < rest.length; i++) {
        unsigned char c = (unsigned char)rest.at[i];
        bool may_stand = c == '\n' || (c >= ' ' && c < 127) || (c >= 128 && utf8);
        buf_append(&clean, may_stand ? &rest.at[i] : "?", 1);
    }
    smtp_mime_quoted_printable(out, buf_span(&clean));
    out->failed = out->failed || clean.failed;
    buf_clear(&clean);
}

static void put_people_part(struct buf *out, const struct smtp_dsn *d)
{
    buf_append_text(out, "Content-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: quoted-printable\r\n"
                         "\r\n");
    put_text(out, d->text);
    if (d->english) {
        put_text(out, "\n________________________________________\n\n");
        put_text(out, d->english);
    }
}

/* ---------------------------------------------------------------- for programs */

static const char *action_name(enum smtp_dsn_action action)
{
    static const char *const names[] = {[SMTP_DSN_FAILED] = "failed",
                                        [SMTP_DSN_DELAYED] = "delayed",
                                        [SMTP_DSN_DELIVERED] = "delivered",
                                        [SMTP_DSN_RELAYED] = "relayed"};
    return names[action];
}

static void put_recipient(struct buf *out, const struct smtp_dsn_recipient *r)
{
    const struct outcome *o = r->outcome;
    bool has_subject = o->subject >= 0;
    char text[64 + sizeof o->words];

    buf_append_text(out, "\r\n");
    put_original_recipient(out, r->rcpt->orcpt);
    put_address_field(out, "Final-Recipient", &r->rcpt->forward_path);
    smtp_mime_field(out, "Action", span_of(action_name(r->action)), false);
    snprintf(text, sizeof text, "%d.%d.%d", o->code / 100, has_subject ? o->subject : 0,
             has_subject ? o->detail : 0);
    smtp_mime_field(out, "Status", span_of(text), false);
    if (o->host[0]) {
        snprintf(text, sizeof text, "dns; %s", o->host);
        smtp_mime_field(out, "Remote-MTA", span_of(text), false);
    }
    if (o->fault != OUTCOME_FAULT_NONE) /* no server's words: a type of our own (RFC 3464 section 2.1.2) */
        snprintf(text, sizeof text, "x-traypost; %s", o->words);
    else if (has_subject)
        snprintf(text, sizeof text, "smtp; %d %d.%d.%d %s", o->code, o->code / 100, o->subject, o->detail,
                 o->words);
    else
        snprintf(text, sizeof text, "smtp; %d %s", o->code, o->words);
    smtp_mime_field(out, "Diagnostic-Code", span_of(text), false);
    if (r->last_attempt[0])
        smtp_mime_field(out, "Last-Attempt-Date", span_of(r->last_attempt), false);
}

static void put_program_part(struct buf *out, const struct smtp_dsn *d)
{
    char decoded[SMTP_ENVID_MAX], mta[300];

    buf_append_text(out, "Content-Type: message/delivery-status\r\n\r\n");
    if (d->mail->envid[0])
        smtp_mime_field(out, "Original-Envelope-Id",
                        decode_xtext(span_of(d->mail->envid), decoded, sizeof decoded), false);
    snprintf(mta, sizeof mta, "dns; %s", d->hostname);
    smtp_mime_field(out, "Reporting-MTA", span_of(mta), false);
    if (d->arrival_date[0])
        smtp_mime_field(out, "Arrival-Date", span_of(d->arrival_date), false);
    for (size_t i = 0; i < d->recipient_count; i++)
        if (d->recipients[i].action != SMTP_DSN_NONE)
            put_recipient(out, &d->recipients[i]);
}

/* ---------------------------------------------------------------- the header section */

/* A field, or the rest of one. A mail may begin with its body: that is nobody's business here. */
static bool is_header_line(struct span line, bool is_first)
{
    if (line.length == 0 || line.at[0] == ' ' || line.at[0] == '\t')
        return line.length > 0 && !is_first;
    if (is_first && (span_starts_nocase(line, SPAN("From ")) || span_starts_nocase(line, SPAN(">From "))))
        return true; /* of an mbox */
    size_t colon = span_find(line, ':');
    struct span name = span_trim(span_first(line, colon));
    for (size_t i = 0; i < name.length; i++)
        if (!ascii_is_print(name.at[i]) || name.at[i] == ' ')
            return false;
    return name.length > 0 && colon < line.length;
}

/* Whole lines, up to the end of the section, not too many. */
static struct span header_section(struct span content)
{
    struct span rest = content, section = span_first(content, 0);
    while (rest.length > 0) {
        bool has_end = span_find(rest, '\n') < rest.length;
        struct span line = span_cut(&rest, '\n');
        size_t length = content.length - rest.length;
        if (!has_end || !is_header_line(line, section.length == 0) || length > SMTP_DSN_HEADERS_MAX)
            break;
        section = span_first(content, length);
    }
    return section;
}

/* Lines that any 7-bit way lets through, and that cannot be taken for a boundary. */
static bool is_plain(struct span section)
{
    while (section.length > 0) {
        struct span line = span_cut(&section, '\n');
        if (line.length == 0 || line.at[line.length - 1] != '\r' || line.length - 1 > SMTP_MIME_LINE_MAX ||
            span_starts_nocase(line, SPAN("--")))
            return false;
        for (size_t i = 0; i + 1 < line.length; i++)
            if (!ascii_is_print(line.at[i]) && line.at[i] != '\t')
                return false;
    }
    return true;
}

static void put_headers_part(struct buf *out, struct span section)
{
    bool plain = is_plain(section), ascii = true;
    for (size_t i = 0; i < section.length; i++)
        ascii = ascii && (unsigned char)section.at[i] < 128;
    bool global = !ascii && span_is_utf8(section); /* RFC 6532's header fields */
    buf_printf(out, "Content-Type: %s\r\n", global ? "message/global-headers" : "text/rfc822-headers");
    if (!plain)
        buf_append_text(out, "Content-Transfer-Encoding: quoted-printable\r\n");
    buf_append_text(out, "\r\n");
    if (plain)
        buf_append_span(out, section);
    else
        smtp_mime_quoted_printable(out, section);
}

/* ---------------------------------------------------------------- the whole */

static void put_top(struct buf *out, const struct smtp_dsn *d, const char *boundary)
{
    char value[sizeof d->mail->reverse_path.text + 64];
    struct buf to;

    smtp_mime_field(out, "Date", span_of(d->date), false);
    snprintf(value, sizeof value, "Mail Delivery System <MAILER-DAEMON@%s>", d->hostname);
    smtp_mime_field(out, "From", span_of(value), false);
    buf_init(&to, ADDRESS_MAX);
    buf_append_text(&to, "<");
    smtp_address_say(&d->mail->reverse_path, &to);
    buf_append_text(&to, ">");
    smtp_mime_field(out, "To", buf_span(&to), smtp_dsn_needs_utf8(d->mail));
    out->failed = out->failed || to.failed;
    buf_clear(&to);
    smtp_mime_words(out, "Subject", span_of(d->subject));
    smtp_mime_field(out, "Message-ID", span_of(d->message_id), false);
    buf_printf(out,
               "Auto-Submitted: auto-replied\r\n"
               "MIME-Version: 1.0\r\n"
               "Content-Type: multipart/report; report-type=delivery-status;\r\n"
               " boundary=\"%s\"\r\n"
               "\r\n",
               boundary);
}

static bool is_due(const struct smtp_dsn *d)
{
    bool due = false;
    for (size_t i = 0; i < d->recipient_count; i++)
        due = due || d->recipients[i].action != SMTP_DSN_NONE;
    return due && d->mail->reverse_path.text[0] != '\0';
}

bool smtp_dsn_write(const struct smtp_dsn *d, struct buf *out)
{
    struct span section = header_section(d->headers);
    char boundary[BOUNDARY_SIZE];
    if (!is_due(d))
        return false;
    snprintf(boundary, sizeof boundary, "=_traypost_%016llx", (unsigned long long)d->random);
    put_top(out, d, boundary);
    buf_printf(out, "--%s\r\n", boundary);
    put_people_part(out, d);
    buf_printf(out, "\r\n--%s\r\n", boundary);
    put_program_part(out, d);
    if (section.length > 0) {
        buf_printf(out, "\r\n--%s\r\n", boundary);
        put_headers_part(out, section);
    }
    buf_printf(out, "\r\n--%s--\r\n", boundary);
    return !out->failed;
}
