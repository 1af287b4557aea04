/* SPDX-License-Identifier: MIT */
/*
 * Command lines: what is accepted has no odd octets, keeps every rule of its parameters, and reads the
 * same when it is written again. First octet: whether SMTPUTF8 was declared before.
 */

#include "fuzz.h"
#include "smtp/command.h"

static void check_xtext(const char *text, bool utf8)
{
    struct span s = span_of(text);

    ALWAYS(utf8 || span_is_ascii(s), "only where it was declared");
    for (size_t i = 0; i < s.length; i++) {
        ALWAYS((unsigned char)s.at[i] >= 128 || (s.at[i] >= '!' && s.at[i] <= '~'),
               "printable, without spaces");
        if (s.at[i] == '+')
            ALWAYS(i + 2 < s.length && strchr("0123456789ABCDEF", s.at[i + 1]) != NULL &&
                       strchr("0123456789ABCDEF", s.at[i + 2]) != NULL,
                   "and '+' has its two digits");
    }
}

static void write_mail(const struct smtp_mail *m, struct buf *line)
{
    buf_printf(line, "MAIL FROM:<%s>", m->reverse_path.text);
    if (m->has_size)
        buf_printf(line, " SIZE=%llu", (unsigned long long)m->size_bytes);
    if (m->body != SMTP_BODY_UNSTATED)
        buf_append_text(line, m->body == SMTP_BODY_7BIT ? " BODY=7BIT" : " BODY=8BITMIME");
    if (m->smtputf8)
        buf_append_text(line, " SMTPUTF8");
    if (m->ret != SMTP_RET_UNSTATED)
        buf_append_text(line, m->ret == SMTP_RET_FULL ? " RET=FULL" : " RET=HDRS");
    if (m->envid[0] != '\0')
        buf_printf(line, " ENVID=%s", m->envid);
}

static void check_mail(const struct smtp_mail *m)
{
    struct smtp_command again;
    struct buf line;

    ALWAYS(memchr(m->envid, '\0', sizeof m->envid) != NULL, "ENVID ends");
    check_xtext(m->envid, false);
    ALWAYS(!m->reverse_path.utf8 || m->smtputf8, "an 8-bit sender needs SMTPUTF8");
    buf_init(&line, 10000);
    write_mail(m, &line);
    ALWAYS(smtp_command_parse(buf_span(&line), false, &again) == SMTP_COMMAND_OK, "it can be written");
    ALWAYS(again.verb == SMTP_VERB_MAIL &&
               strcmp(again.u.mail.reverse_path.text, m->reverse_path.text) == 0 &&
               again.u.mail.has_size == m->has_size &&
               (!m->has_size || again.u.mail.size_bytes == m->size_bytes) && again.u.mail.body == m->body &&
               again.u.mail.smtputf8 == m->smtputf8 && again.u.mail.ret == m->ret &&
               strcmp(again.u.mail.envid, m->envid) == 0,
           "and is the same when it is read again");
    buf_clear(&line);
}

static void check_rcpt(const struct smtp_rcpt *r, bool smtputf8)
{
    struct smtp_command again;
    struct buf line;
    const char *separator = " NOTIFY=";
    const struct {
        unsigned bit;
        const char *name;
    } bits[] = {{SMTP_NOTIFY_NEVER, "NEVER"},
                {SMTP_NOTIFY_SUCCESS, "SUCCESS"},
                {SMTP_NOTIFY_FAILURE, "FAILURE"},
                {SMTP_NOTIFY_DELAY, "DELAY"}};

    ALWAYS(r->forward_path.text[0] != '\0', "somebody receives it");
    ALWAYS(!r->forward_path.utf8 || smtputf8, "an 8-bit recipient needs SMTPUTF8");
    ALWAYS(r->notify == SMTP_NOTIFY_NEVER || (r->notify & ~14u) == 0, "NEVER stands alone");
    ALWAYS(memchr(r->orcpt, '\0', sizeof r->orcpt) != NULL, "ORCPT ends");
    check_xtext(r->orcpt, smtputf8);
    ALWAYS(r->orcpt[0] == '\0' || (strchr(r->orcpt, ';') != NULL && r->orcpt[0] != ';'), "ORCPT has a type");
    buf_init(&line, 10000);
    buf_printf(&line, "RCPT TO:<%s>", r->forward_path.text);
    for (size_t i = 0; i < COUNT(bits); i++) {
        if (r->notify & bits[i].bit) {
            buf_printf(&line, "%s%s", separator, bits[i].name);
            separator = ",";
        }
    }
    if (r->orcpt[0] != '\0')
        buf_printf(&line, " ORCPT=%s", r->orcpt);
    ALWAYS(smtp_command_parse(buf_span(&line), smtputf8, &again) == SMTP_COMMAND_OK, "it can be written");
    ALWAYS(again.verb == SMTP_VERB_RCPT &&
               strcmp(again.u.rcpt.forward_path.text, r->forward_path.text) == 0 &&
               again.u.rcpt.notify == r->notify && strcmp(again.u.rcpt.orcpt, r->orcpt) == 0,
           "and is the same when it is read again");
    buf_clear(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size), line;
    bool smtputf8 = take_octet(&input) % 2 == 1;
    char *copy = exact_copy(input);
    struct smtp_command c;
    enum smtp_command_status status;

    line = span_make(copy, input.length);
    memset(&c, 0x55, sizeof c);
    status = smtp_command_parse(line, smtputf8, &c);
    ALWAYS(smtp_verb_name(c.verb) != NULL, "the verb is set whatever the status");
    ALWAYS(c.argument.length == 0 ||
               (c.argument.at >= copy && c.argument.at + c.argument.length <= copy + line.length),
           "the argument lies within the line");
    if (status == SMTP_COMMAND_OK && c.verb != SMTP_VERB_FOREIGN && c.verb != SMTP_VERB_UNKNOWN) {
        for (size_t i = 0; i < line.length; i++)
            ALWAYS((unsigned char)line.at[i] > 127 || ascii_is_print(line.at[i]) || line.at[i] == '\t',
                   "no control characters");
    }
    if (status == SMTP_COMMAND_OK && c.verb == SMTP_VERB_MAIL)
        check_mail(&c.u.mail);
    if (status == SMTP_COMMAND_OK && c.verb == SMTP_VERB_RCPT)
        check_rcpt(&c.u.rcpt, smtputf8);
    free(copy);
    return 0;
}
