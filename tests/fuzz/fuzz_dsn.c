/* SPDX-License-Identifier: MIT */
/*
 * Reports made of what strangers say: whatever stands in the values, the report has its fields, its parts and its
 * lines, and no more. Octets: action and code, subject, detail, boundary; then lines, each the next value.
 */

#include "fuzz.h"
#include "smtp/dsn.h"

static const char boundary[] = "--=_traypost_";

struct strings {
    char text[12][600];
    size_t count;
};

/* The next line of the input, cut to what its place in the program would hold; a NUL ends it early. */
static const char *next_string(struct strings *s, struct span *input)
{
    char *text = s->text[s->count++];

    span_copy(span_cut(input, '\n'), text, sizeof s->text[0]);
    for (char *c = text; *c; c++) /* the input's way of writing a line end, which a string may well contain */
        if (*c == '\\')
            *c = c[1] == 'n' ? '\n' : c[1] == 'r' ? '\r' : '\\';
    return text;
}

static struct smtp_address address_of(const char *text)
{
    struct smtp_address a = {.local_length = 0};

    span_copy(span_of(text), a.text, sizeof a.text);
    while (a.text[a.local_length] && a.text[a.local_length] != '@')
        a.local_length++;
    for (const char *c = a.text; *c; c++)
        a.utf8 = a.utf8 || (unsigned char)*c >= 128;
    return a;
}

/* A header section: field names at the start of lines, the rest folded. Returns how many fields. */
static unsigned count_fields(struct span *rest)
{
    unsigned fields = 0;

    while (rest->length > 0) {
        struct span line = span_cut(rest, '\n');

        ALWAYS(line.length > 0 && line.at[line.length - 1] == '\r', "lines end with CRLF");
        if (line.length == 1)
            return fields;
        if (line.at[0] != ' ' && line.at[0] != '\t') {
            ALWAYS(span_find(line, ':') < line.length && ascii_is_alpha(line.at[0]), "a field has a name");
            fields++;
        }
    }
    return fields;
}

static void check_lines(struct span report, bool utf8, unsigned *boundaries)
{
    ALWAYS(lines_are_whole(report), "CR and LF only together");
    ALWAYS(span_equals(span_skip(report, report.length - 2), SPAN("\r\n")), "the last line has its end");
    while (report.length > 0) {
        struct span line = span_cut(&report, '\n');

        line.length--;
        ALWAYS(line.length <= 998, "RFC 5322 section 2.1.1");
        if (!utf8)
            for (size_t i = 0; i < line.length; i++)
                ALWAYS(ascii_is_print(line.at[i]) || line.at[i] == '\t', "7-bit");
        if (span_starts_nocase(line, SPAN("--"))) {
            ALWAYS(span_starts_nocase(line, span_of(boundary)), "no other line begins like a boundary");
            (*boundaries)++;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint8_t steer = take_octet(&input), code = take_octet(&input), detail = take_octet(&input);
    uint8_t random = take_octet(&input);
    struct strings *s = calloc(1, sizeof *s);
    struct smtp_mail mail = {.ret = SMTP_RET_UNSTATED};
    struct smtp_rcpt rcpt = {.notify = 0};
    struct outcome outcome;
    struct smtp_dsn_recipient recipients[2];
    struct smtp_dsn dsn = {.mail = &mail, .recipients = recipients, .recipient_count = 2};
    struct buf out;
    unsigned boundaries = 0;
    char *headers;

    ALWAYS(s != NULL, "memory");
    mail.reverse_path = address_of(next_string(s, &input));
    span_copy(span_of(next_string(s, &input)), mail.envid, sizeof mail.envid);
    rcpt.forward_path = address_of(next_string(s, &input));
    span_copy(span_of(next_string(s, &input)), rcpt.orcpt, sizeof rcpt.orcpt);
    if (steer & 1)
        outcome = outcome_from_fault((enum outcome_fault)(1 + code % 20), next_string(s, &input));
    else
        outcome = outcome_from_reply(200 + code * 2, detail % 8 - 1, detail, span_of(next_string(s, &input)));
    outcome_set_host(&outcome, next_string(s, &input), "192.0.2.1");
    dsn.hostname = next_string(s, &input);
    dsn.date = dsn.arrival_date = dsn.message_id = next_string(s, &input);
    dsn.subject = next_string(s, &input);
    dsn.text = next_string(s, &input);
    dsn.english = steer & 2 ? next_string(s, &input) : NULL;
    dsn.random = random;
    headers = exact_copy(input);
    dsn.headers = span_make(headers, input.length);
    for (int i = 0; i < 2; i++)
        recipients[i] = (struct smtp_dsn_recipient){
            &rcpt, &outcome, (enum smtp_dsn_action)((steer >> (2 + 3 * i)) % (SMTP_DSN_RELAYED + 1)),
            dsn.date};

    buf_init(&out, 10000000);
    if (smtp_dsn_write(&dsn, &out)) {
        struct span rest = buf_span(&out);
        bool both = recipients[0].action && recipients[1].action;

        ALWAYS(mail.reverse_path.text[0], "nobody gets no report");
        ALWAYS(count_fields(&rest) == 8, "the header section has its eight fields");
        check_lines(buf_span(&out), smtp_dsn_needs_utf8(&mail), &boundaries);
        ALWAYS(boundaries == 3 || boundaries == 4, "two or three parts");
        for (struct span from = rest; from.length > 0; span_cut(&from, '\n')) {
            if (!span_starts_nocase(from, SPAN("Content-Type: message/delivery-status\r\n\r\n")))
                continue;
            from = span_skip(from, 41);
            ALWAYS(count_fields(&from) == 1u + (dsn.arrival_date[0] != 0) + (mail.envid[0] != 0),
                   "the mail's fields");
            for (int i = 0; i < (both ? 2 : 1); i++) {
                unsigned fields = count_fields(&from);

                ALWAYS(fields >= 4 && fields <= 7, "a recipient's fields");
            }
            ALWAYS(span_starts_nocase(from, span_of(boundary)), "and then the part's end");
            break;
        }
    } else {
        ALWAYS(out.length == 0 && !out.failed, "nothing is said when there is nothing to say");
    }
    buf_clear(&out);
    free(headers);
    free(s);
    return 0;
}
