/* SPDX-License-Identifier: MIT */
/*
 * Reports: when one is due, what stands in it, and that nothing which comes from outside gets out of its place. With a
 * name as its argument this program prints that sample instead; dsn_parsed.py reads them with another MIME parser.
 */

#include "feed.h"
#include "smtp/dsn.h"
#include "smtp/mime.h"

/* ---- whether one is due ---- */

static void reports_are_due_as_notify_says(void **state)
{
    (void)state;
    const struct {
        enum outcome_kind kind;
        unsigned notify;
        bool server_has_dsn;
        enum smtp_dsn_action expected;
        const char *why;
    } rows[] = {
        {OUTCOME_PERMANENT, 0, false, SMTP_DSN_FAILED, "failures are reported"},
        {OUTCOME_TEMPORARY, 0, false, SMTP_DSN_FAILED,
         "also those that another try might mend: there is none"},
        {OUTCOME_ACCEPTED, 0, false, SMTP_DSN_NONE, "success is not, unasked"},
        {OUTCOME_NONE, SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_SUCCESS, false, SMTP_DSN_NONE, "not known yet"},
        {OUTCOME_PERMANENT, SMTP_NOTIFY_NEVER, false, SMTP_DSN_NONE, "never is never"},
        {OUTCOME_ACCEPTED, SMTP_NOTIFY_NEVER, false, SMTP_DSN_NONE, "never is never"},
        {OUTCOME_PERMANENT, SMTP_NOTIFY_FAILURE, false, SMTP_DSN_FAILED, "asked for"},
        {OUTCOME_PERMANENT, SMTP_NOTIFY_SUCCESS, false, SMTP_DSN_NONE, "only success was asked for"},
        {OUTCOME_PERMANENT, SMTP_NOTIFY_DELAY, true, SMTP_DSN_NONE, "only delay was asked for"},
        {OUTCOME_PERMANENT, SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_FAILURE, true, SMTP_DSN_FAILED,
         "it refused, so it reports nothing: we do"},
        {OUTCOME_ACCEPTED, SMTP_NOTIFY_SUCCESS, false, SMTP_DSN_RELAYED,
         "it will not report: we say relayed"},
        {OUTCOME_ACCEPTED, SMTP_NOTIFY_SUCCESS, true, SMTP_DSN_NONE, "it will report itself"},
        {OUTCOME_ACCEPTED, SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY, false, SMTP_DSN_NONE,
         "success was not asked for"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        HOLDS(smtp_dsn_due(rows[i].kind, rows[i].notify, rows[i].server_has_dsn) == rows[i].expected, "%s",
              rows[i].why);
}

/* ---- making one ---- */

struct sample {
    struct smtp_mail mail;
    struct smtp_rcpt rcpts[3];
    struct outcome outcomes[3];
    struct smtp_dsn_recipient recipients[3];
    struct smtp_dsn dsn;
};

static struct smtp_address address(const char *text)
{
    struct smtp_address a = {.local_length = 0};
    struct span rest = span_of(text);

    assert_int_equal(smtp_address_parse(&rest, &a), SMTP_ADDRESS_OK);
    return a;
}

static void add_recipient(struct sample *s, const char *path, struct outcome outcome,
                          enum smtp_dsn_action action)
{
    size_t i = s->dsn.recipient_count++;

    assert_true(i < COUNT(s->recipients));
    s->rcpts[i].forward_path = address(path);
    s->outcomes[i] = outcome;
    s->recipients[i] =
        (struct smtp_dsn_recipient){&s->rcpts[i], &s->outcomes[i], action, "Sun, 22 Nov 2026 12:03:11 +0100"};
}

static void begin_sample(struct sample *s, const char *sender)
{
    memset(s, 0, sizeof *s);
    s->mail.reverse_path = address(sender);
    s->dsn = (struct smtp_dsn){
        .mail = &s->mail,
        .hostname = "relay.example.org",
        .date = "Sun, 22 Nov 2026 12:03:12 +0100",
        .arrival_date = "Sun, 22 Nov 2026 12:03:09 +0100",
        .message_id = "<1.2@traypost.invalid>",
        .random = UINT64_C(0x1234),
        .subject = "Mail not delivered",
        .text = "Your mail was not delivered.\n",
        .recipients = s->recipients,
        .headers = SPAN("From: a@x.cz\r\nSubject: hello\r\n\r\nbody\r\n"),
    };
}

static struct outcome no_such_user(void)
{
    struct outcome o = outcome_from_reply(550, 1, 1, SPAN("<b@y.cz>: user unknown"));

    outcome_set_host(&o, "mx.y.cz", "192.0.2.25");
    return o;
}

static void make_plain(struct sample *s)
{
    begin_sample(s, "<a@x.cz>");
    add_recipient(s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
}

/* All that a report may have. */
static void make_full(struct sample *s)
{
    struct outcome accepted = outcome_from_reply(250, 0, 0, SPAN("queued as 4711"));

    begin_sample(s, "<jan.nov\xC3\xA1k@x.cz>");
    s->mail.reverse_path = address("<jan@x.cz>");
    snprintf(s->mail.envid, sizeof s->mail.envid, "job+2B42+20of+20three");
    s->dsn.subject = "Zpr\xC3\xA1va nebyla doru\xC4\x8D"
                     "ena";
    s->dsn.text =
        "Dobr\xC3\xBD den,\n\n.Va\xC5\xA1i zpr\xC3\xA1vu se nepoda\xC5\x99ilo doru\xC4\x8Dit. \nFrom here on: = and \x1b[2J\n"
        "--=_traypost_0000000000001234\n";
    s->dsn.english = "Hello,\n\nyour mail was not delivered.\n";
    add_recipient(s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    snprintf(s->rcpts[0].orcpt, sizeof s->rcpts[0].orcpt, "rfc822;b+2Bold@y.cz");
    add_recipient(s, "<\xC4\x8D\xC3\xA1p@h\xC3\xA1\xC4\x8Dky.example>",
                  outcome_from_fault(OUTCOME_FAULT_NO_UTF8, NULL), SMTP_DSN_FAILED);
    snprintf(s->rcpts[1].orcpt, sizeof s->rcpts[1].orcpt, "utf-8;\\x{10D}\\x{E1}p@y.cz");
    outcome_set_host(&accepted, "mx.z.cz", "192.0.2.26");
    add_recipient(s, "<c@z.cz>", accepted, SMTP_DSN_RELAYED);
    s->dsn.headers = SPAN("From: Jan <jan@x.cz>\r\nSubject: \xC5\x99\r\n folded\r\n\r\nbody\r\n");
}

/* To somebody whose own address is internationalised, about a mail with legacy 8-bit headers. */
static void make_global(struct sample *s)
{
    begin_sample(s, "<jan.nov\xC3\xA1k@x.cz>");
    add_recipient(s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    s->dsn.headers = SPAN("Subject: \xE8\xE9\r\n\r\n");
}

/* Every string that could be a stranger's tries to be more than it is. */
static void make_hostile(struct sample *s)
{
    static const char evil[] =
        "x\r\nBcc: victim@z.cz\r\n\r\n--=_traypost_0000000000001234\r\n\r\n.\r\nMAIL FROM:<>";

    begin_sample(s, "<a@x.cz>");
    add_recipient(s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    snprintf(s->mail.reverse_path.text, sizeof s->mail.reverse_path.text, "a@x.cz%s", evil);
    snprintf(s->rcpts[0].forward_path.text, sizeof s->rcpts[0].forward_path.text, "b@y.cz%s", evil);
    snprintf(s->rcpts[0].orcpt, sizeof s->rcpts[0].orcpt, "rfc822;b@y.cz+0D+0ABcc:+20victim@z.cz");
    snprintf(s->mail.envid, sizeof s->mail.envid, "1+0D+0ABcc:+20victim@z.cz");
    snprintf(s->outcomes[0].words, sizeof s->outcomes[0].words, "%s", evil);
    snprintf(s->outcomes[0].host, sizeof s->outcomes[0].host, "%s", evil);
    s->recipients[0].last_attempt = s->dsn.date = s->dsn.arrival_date = s->dsn.message_id = s->dsn.hostname =
        evil;
    s->dsn.subject = s->dsn.text = s->dsn.english = evil;
    s->dsn.headers = span_of("--=_traypost_0000000000001234--: 1\r\n.: 1\r\nX: \x01\r\n");
}

/* No field may be 8-bit, whatever comes. */
static void make_foreign(struct sample *s)
{
    static const char foreign[] = "\xC5\x99";

    begin_sample(s, "<a@x.cz>");
    add_recipient(s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    snprintf(s->rcpts[0].forward_path.text, sizeof s->rcpts[0].forward_path.text, "%s", foreign);
    snprintf(s->rcpts[0].orcpt, sizeof s->rcpts[0].orcpt, "%s;%s", foreign, foreign);
    snprintf(s->mail.envid, sizeof s->mail.envid, "%s", foreign);
    snprintf(s->outcomes[0].words, sizeof s->outcomes[0].words, "%s", foreign);
    snprintf(s->outcomes[0].host, sizeof s->outcomes[0].host, "%s", foreign);
    s->recipients[0].last_attempt = s->dsn.date = s->dsn.arrival_date = s->dsn.message_id = s->dsn.hostname =
        foreign;
    s->dsn.subject = s->dsn.text = s->dsn.english = foreign;
    s->dsn.headers = SPAN("X: \xC5\x99\r\n");
}

static const struct {
    const char *name;
    void (*make)(struct sample *s);
} samples[] = {{"foreign", make_foreign},
               {"plain", make_plain},
               {"full", make_full},
               {"global", make_global},
               {"hostile", make_hostile}};

static const char *write_sample(const struct sample *s)
{
    static char text[100000];
    struct buf out;

    buf_init(&out, sizeof text - 1);
    assert_true(smtp_dsn_write(&s->dsn, &out));
    assert_true(span_copy(buf_span(&out), text, sizeof text));
    buf_clear(&out);
    return text;
}

/* ---- what stands in it ---- */

static void a_report_looks_like_this(void **state)
{
    (void)state;
    struct sample s;

    make_plain(&s);
    assert_string_equal(write_sample(&s), "Date: Sun, 22 Nov 2026 12:03:12 +0100\r\n"
                                          "From: Mail Delivery System <MAILER-DAEMON@relay.example.org>\r\n"
                                          "To: <a@x.cz>\r\n"
                                          "Subject: Mail not delivered\r\n"
                                          "Message-ID: <1.2@traypost.invalid>\r\n"
                                          "Auto-Submitted: auto-replied\r\n"
                                          "MIME-Version: 1.0\r\n"
                                          "Content-Type: multipart/report; report-type=delivery-status;\r\n"
                                          " boundary=\"=_traypost_0000000000001234\"\r\n"
                                          "\r\n"
                                          "--=_traypost_0000000000001234\r\n"
                                          "Content-Type: text/plain; charset=utf-8\r\n"
                                          "Content-Transfer-Encoding: quoted-printable\r\n"
                                          "\r\n"
                                          "Your mail was not delivered.\r\n"
                                          "\r\n"
                                          "--=_traypost_0000000000001234\r\n"
                                          "Content-Type: message/delivery-status\r\n"
                                          "\r\n"
                                          "Reporting-MTA: dns; relay.example.org\r\n"
                                          "Arrival-Date: Sun, 22 Nov 2026 12:03:09 +0100\r\n"
                                          "\r\n"
                                          "Final-Recipient: rfc822;b@y.cz\r\n"
                                          "Action: failed\r\n"
                                          "Status: 5.1.1\r\n"
                                          "Remote-MTA: dns; mx.y.cz\r\n"
                                          "Diagnostic-Code: smtp; 550 5.1.1 <b@y.cz>: user unknown\r\n"
                                          "Last-Attempt-Date: Sun, 22 Nov 2026 12:03:11 +0100\r\n"
                                          "\r\n"
                                          "--=_traypost_0000000000001234\r\n"
                                          "Content-Type: text/rfc822-headers\r\n"
                                          "\r\n"
                                          "From: a@x.cz\r\n"
                                          "Subject: hello\r\n"
                                          "\r\n"
                                          "--=_traypost_0000000000001234--\r\n");
}

static void the_fields_of_a_recipient_say_what_happened(void **state)
{
    (void)state;
    const struct {
        struct outcome outcome;
        const char *orcpt, *path;
        enum smtp_dsn_action action;
        const char *expected, *why;
    } rows[] = {
        {outcome_from_reply(550, -1, 0, SPAN("No")), "", "<b@y.cz>", SMTP_DSN_FAILED,
         "Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 No\r\n", "no enhanced code"},
        {outcome_from_reply(451, 7, 1, SPAN("Later")), "", "<b@y.cz>", SMTP_DSN_FAILED,
         "Action: failed\r\nStatus: 4.7.1\r\nDiagnostic-Code: smtp; 451 4.7.1 Later\r\n",
         "temporary, given up"},
        {outcome_from_reply(250, 1, 5, SPAN("Ok")), "", "<b@y.cz>", SMTP_DSN_RELAYED,
         "Action: relayed\r\nStatus: 2.1.5\r\nDiagnostic-Code: smtp; 250 2.1.5 Ok\r\n", "relayed"},
        {outcome_from_reply(250, -1, 0, SPAN("")), "", "<b@y.cz>", SMTP_DSN_DELIVERED,
         "Action: delivered\r\nStatus: 2.0.0\r\nDiagnostic-Code: smtp; 250\r\n", "no words"},
        {outcome_from_reply(451, -1, 0, SPAN("Busy")), "", "<b@y.cz>", SMTP_DSN_DELAYED,
         "Action: delayed\r\nStatus: 4.0.0\r\nDiagnostic-Code: smtp; 451 Busy\r\n", "delayed"},
        {outcome_from_fault(OUTCOME_FAULT_LOST_AFTER_DOT, NULL), "", "<b@y.cz>", SMTP_DSN_FAILED,
         "Status: 4.4.2\r\nDiagnostic-Code: x-traypost; the connection broke while the answer was\r\n awaited; a copy may exist\r\n",
         "our own words have a type of our own"},
        {no_such_user(), "rfc822;b@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "\r\n\r\nOriginal-Recipient: rfc822;b@old.cz\r\nFinal-Recipient: rfc822;b@y.cz\r\n", "ORCPT"},
        {no_such_user(), "rfc822;a+2Bb+3Dc@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: rfc822;a+b=c@old.cz\r\n", "xtext is undone"},
        {no_such_user(), "rfc822;+4A+4F+40x+5F", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: rfc822;JO@x_\r\n", "with digits of all kinds"},
        {no_such_user(), "rfc822;b+0D+0A@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: rfc822;b+0D+0A@old.cz\r\n", "unless it would not be printable"},
        {no_such_user(), "rfc822;b+4@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: rfc822;b+4@old.cz\r\n", "or is none"},
        {no_such_user(), "rfc822;b+", "<b@y.cz>", SMTP_DSN_FAILED, "Original-Recipient: rfc822;b+\r\n",
         "or ends too early"},
        {no_such_user(), "utf-8;\\x{10D}@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: utf-8;\\x{10D}@old.cz\r\n", "RFC 6533's form stays"},
        {no_such_user(), "utf-8;\xC4\x8D+\\x{E1}@old.cz", "<b@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: utf-8;\\x{10D}+\\x{E1}@old.cz\r\n", "what came in UTF-8 gets it"},
        {no_such_user(), "x400;c=cz", "<b@y.cz>", SMTP_DSN_FAILED, "Original-Recipient: x400;c=cz\r\n",
         "another type"},
        {no_such_user(), "", "<\xC4\x8D\xC3\xA1p@h\xC3\xA1\xC4\x8Dky.example>", SMTP_DSN_FAILED,
         "Final-Recipient: utf-8;\\x{10D}\\x{E1}p@h\\x{E1}\\x{10D}ky.example\r\n", "7-bit form of RFC 6533"},
        {no_such_user(), "", "<\xF0\x9F\x93\xAC+x@y.cz>", SMTP_DSN_FAILED,
         "Final-Recipient: utf-8;\\x{1F4EC}\\x{2B}x@y.cz\r\n", "beyond the first plane, and a plus sign"},
        {no_such_user(), "", "<\"a ~\xC2\x80\xE0\xA4\x84\\\"=\"@y.cz>", SMTP_DSN_FAILED,
         "Final-Recipient: utf-8;\"a\\x{20}~\\x{80}\\x{904}\\x{5C}\"\\x{3D}\"@y.cz\r\n",
         "what that form cannot hold"},
        {outcome_from_reply(250, 0, 0, SPAN("Ok")), "", "<b@y.cz>", SMTP_DSN_RELAYED,
         "Status: 2.0.0\r\nDiagnostic-Code: smtp; 250 2.0.0 Ok\r\n", "an enhanced code of zeros was said"},
        {no_such_user(), "rfc822;\"b+20+20c\"@old.cz", "<\"a  b\"@y.cz>", SMTP_DSN_FAILED,
         "Original-Recipient: rfc822;\"b  c\"@old.cz\r\nFinal-Recipient: rfc822;\"a  b\"@y.cz\r\n",
         "each blank is part of the address"},
        {no_such_user(), "", "<a+b@y.cz>", SMTP_DSN_FAILED, "Final-Recipient: rfc822;a+b@y.cz\r\n",
         "ASCII as it is"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sample s;
        const char *text;

        begin_sample(&s, "<a@x.cz>");
        add_recipient(&s, rows[i].path, rows[i].outcome, rows[i].action);
        snprintf(s.rcpts[0].orcpt, sizeof s.rcpts[0].orcpt, "%s", rows[i].orcpt);
        text = write_sample(&s);
        HOLDS(strstr(text, rows[i].expected), "%s: %s", rows[i].why, text);
        HOLDS(rows[i].orcpt[0] || !strstr(text, "Original-Recipient"), "%s: none was given", rows[i].why);
    }
}

static void fields_that_are_not_known_are_left_out(void **state)
{
    (void)state;
    struct sample s;
    const char *text;

    begin_sample(&s, "<a@x.cz>");
    add_recipient(&s, "<b@y.cz>", outcome_from_fault(OUTCOME_FAULT_NO_INTERNET, NULL), SMTP_DSN_FAILED);
    s.recipients[0].last_attempt = s.dsn.arrival_date = "";
    s.dsn.headers = SPAN("");
    text = write_sample(&s);
    assert_null(strstr(text, "Remote-MTA"));
    assert_null(strstr(text, "Last-Attempt-Date"));
    assert_null(strstr(text, "Arrival-Date"));
    assert_null(strstr(text, "Original-Envelope-Id"));
    assert_null(strstr(text, "rfc822-headers"));
}

static void an_original_recipient_is_whole_or_not_there(void **state)
{
    (void)state;
    const char *const orcpts[] = {";b@y.cz", "rfc822;", ";", "rfc822"};

    for (size_t i = 0; i < COUNT(orcpts); i++) {
        struct sample s;

        make_plain(&s);
        snprintf(s.rcpts[0].orcpt, sizeof s.rcpts[0].orcpt, "%s", orcpts[i]);
        HOLDS(!strstr(write_sample(&s), "Original-Recipient"), "%s", orcpts[i]);
    }
}

static void the_text_for_people_is_text(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected, *why;
    } rows[] = {
        {"a\x1b[2J\x7f\x01z\n", "\r\n\r\na?[2J??z\r\n\r\n--=_", "no controls"},
        {"\xC4\x80\n", "\r\n\r\n=C4=80\r\n", "all of UTF-8"},
        {"\xC4\x80\xFF\n", "\r\n\r\n???\r\n", "or nothing of it"},
        {"a\n\nb", "\r\n\r\na\r\n\r\nb\r\n\r\n--=_", "lines"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sample s;

        make_plain(&s);
        s.dsn.text = rows[i].text;
        HOLDS(strstr(write_sample(&s), rows[i].expected), "%s", rows[i].why);
    }
}

static void recipients_without_an_action_are_not_mentioned(void **state)
{
    (void)state;
    struct sample s;
    const char *text;

    begin_sample(&s, "<a@x.cz>");
    add_recipient(&s, "<b@y.cz>", outcome_from_reply(250, -1, 0, SPAN("Ok")), SMTP_DSN_NONE);
    add_recipient(&s, "<c@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    text = write_sample(&s);
    assert_null(strstr(text, "rfc822;b@y.cz"));
    assert_non_null(strstr(text, "rfc822;c@y.cz"));
}

static void there_is_no_report_to_nobody_or_about_nothing(void **state)
{
    (void)state;
    struct sample s;
    struct buf out;
    size_t whole;

    buf_init(&out, 100000);
    begin_sample(&s, "<>");
    add_recipient(&s, "<b@y.cz>", no_such_user(), SMTP_DSN_FAILED);
    assert_false(smtp_dsn_write(&s.dsn, &out));
    begin_sample(&s, "<a@x.cz>");
    assert_false(smtp_dsn_write(&s.dsn, &out));
    add_recipient(&s, "<b@y.cz>", no_such_user(), SMTP_DSN_NONE);
    assert_false(smtp_dsn_write(&s.dsn, &out));
    assert_int_equal(out.length, 0);
    buf_clear(&out);
    make_plain(&s);
    whole = strlen(write_sample(&s));
    for (size_t ceiling = 0; ceiling < whole; ceiling += 7) { /* no room: said, and no crash */
        buf_init(&out, ceiling);
        assert_false(smtp_dsn_write(&s.dsn, &out));
        buf_clear(&out);
    }
}

/* ---- the returned header section ---- */

static void the_header_section_is_returned_and_no_more(void **state)
{
    (void)state;
    const struct {
        const char *content, *expected, *why;
    } rows[] = {
        {"A: 1\r\nB: 2\r\n\r\nbody: no\r\n",
         "\r\nContent-Type: text/rfc822-headers\r\n\r\nA: 1\r\nB: 2\r\n\r\n--=_", "up to the empty line"},
        {"A: 1\r\nB: 2", "text/rfc822-headers\r\n\r\nA: 1\r\n\r\n--=_", "half a line at the end is left out"},
        {"A: 1\r\n\tx\r\n\r\n", "text/rfc822-headers\r\n\r\nA: 1\r\n\tx\r\n\r\n--=_",
         "folded lines as they were"},
        {"A: 1\r\nthis is the body: yes\r\n\r\n", "text/rfc822-headers\r\n\r\nA: 1\r\n\r\n--=_",
         "up to what is no field"},
        {"A: 1\r\n: the body\r\n\r\n", "text/rfc822-headers\r\n\r\nA: 1\r\n\r\n--=_", "a field has a name"},
        {">From me Sun\r\nA : 1\r\n\r\n", "headers\r\n\r\n>From me Sun\r\nA : 1\r\n\r\n--=_",
         "the line of an mbox, and obsolete syntax"},
        {"Not a word of this body.\r\n", "message/delivery-status", "no section at all"},
        {"--=_traypost_0000000000001234: 1\r\n\r\n",
         "text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=2D-=3D_traypost",
         "what looks like a boundary is none"},
        {"S: \xC5\x99\r\n\r\n",
         "message/global-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nS: =C5=99\r\n\r\n--=_",
         "UTF-8 header fields (RFC 6532)"},
        {"S: \xE8\r\n\r\n",
         "text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nS: =E8\r\n\r\n--=_",
         "octets of an unknown character set"},
        {"S: \x01\r\n\r\n",
         "text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nS: =01\r\n", "controls"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sample s;
        struct span content = span_of(rows[i].content);
        char *copy = exact_copy(content);
        const char *text;

        make_plain(&s);
        s.dsn.headers = span_make(copy, content.length);
        text = write_sample(&s);
        HOLDS(strstr(text, rows[i].expected), "%s: %s", rows[i].why, text);
        HOLDS(!strstr(text, "body"), "%s", rows[i].why);
        free(copy);
    }
}

static void a_long_header_section_is_cut_at_a_line(void **state)
{
    (void)state;
    struct sample s;
    struct buf headers, out;
    const char *text, *part;

    buf_init(&headers, SIZE_MAX / 2);
    while (headers.length < 3 * SMTP_DSN_HEADERS_MAX)
        buf_append_text(&headers, "Received: from somewhere by somewhere else\r\n");
    buf_append_text(&headers, "\r\n");
    make_plain(&s);
    s.dsn.headers = buf_span(&headers);
    text = write_sample(&s);
    part = strstr(text, "text/rfc822-headers");
    assert_non_null(part);
    assert_true(strlen(part) > SMTP_DSN_HEADERS_MAX - 100 && strlen(part) < SMTP_DSN_HEADERS_MAX + 100);
    assert_non_null(strstr(part, "somewhere else\r\n\r\n--=_"));
    buf_clear(&headers);

    for (size_t length = SMTP_MIME_LINE_MAX; length <= SMTP_MIME_LINE_MAX + 1;
         length++) { /* as long as may be */
        buf_init(&headers, SIZE_MAX / 2);
        buf_append_text(&headers, "X: ");
        while (headers.length < length)
            buf_append_text(&headers, "x");
        buf_append_text(&headers, "\r\n\r\n");
        s.dsn.headers = buf_span(&headers);
        assert_int_equal(strstr(write_sample(&s), "rfc822-headers\r\nContent-Transfer-Encoding") != NULL,
                         length > SMTP_MIME_LINE_MAX);
        buf_clear(&headers);
    }
    buf_init(&headers, SIZE_MAX / 2); /* one line much longer */
    buf_append_text(&headers, "X: ");
    while (headers.length < 2000)
        buf_append_text(&headers, "x");
    buf_append_text(&headers, "\r\n\r\n");
    s.dsn.headers = buf_span(&headers);
    buf_init(&out, 100000);
    assert_true(smtp_dsn_write(&s.dsn, &out));
    for (struct span rest = buf_span(&out); rest.length > 0;)
        assert_true(span_cut(&rest, '\n').length <= 999);
    buf_clear(&headers);
    buf_clear(&out);
}

/* ---- for whatever comes from outside ---- */

static void no_sample_breaks_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct sample s;
        const char *text;
        unsigned boundaries = 0, ends = 0, bare = 0;

        samples[i].make(&s);
        text = write_sample(&s);
        for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
            size_t length = strcspn(line, "\r\n");

            HOLDS(length <= 998 && line[length] == '\r' && line[length + 1] == '\n', "%s: %.80s",
                  samples[i].name, line);
            HOLDS(line[0] != '.', "%s: no line begins with a dot", samples[i].name);
            HOLDS(boundaries == 1 || strncmp(line, "Bcc:", 4) != 0, "%s: only text, no field: %.80s",
                  samples[i].name, line);
            if (strncmp(line, "--", 2) == 0) {
                boundaries += strcspn(line, "\r") == 29;
                ends += strcspn(line, "\r") == 31;
                bare += strcspn(line, "\r") != 29 && strcspn(line, "\r") != 31;
            }
            for (size_t k = 0; k < length; k++)
                HOLDS((ascii_is_print(line[k]) || line[k] == '\t') ||
                          (smtp_dsn_needs_utf8(&s.mail) && strncmp(line, "To:", 3) == 0),
                      "%s: 7-bit: %.80s", samples[i].name, line);
        }
        HOLDS(boundaries == 3 && ends == 1 && bare == 0, "%s: %u parts, %u ends, %u others", samples[i].name,
              boundaries, ends, bare);
    }
}

static void only_an_internationalised_sender_needs_smtputf8(void **state)
{
    (void)state;
    struct sample s;

    make_full(&s);
    assert_false(smtp_dsn_needs_utf8(&s.mail));
    make_global(&s);
    assert_true(smtp_dsn_needs_utf8(&s.mail));
    assert_non_null(strstr(write_sample(&s), "To: <jan.nov\xC3\xA1k@x.cz>\r\n"));
}

static void an_internationalised_domain_is_written_in_a_labels_and_needs_nothing(void **state)
{
    (void)state;
    struct sample s;

    begin_sample(&s, "<jan@h\xC3\xA1\xC4\x8Dky.example>");
    add_recipient(&s, "<b@H\xC3\x81\xC4\x8CKY.example>", no_such_user(), SMTP_DSN_FAILED);
    assert_false(smtp_dsn_needs_utf8(&s.mail));
    assert_non_null(strstr(write_sample(&s), "To: <jan@xn--hky-ela4t.example>\r\n"));
    assert_non_null(strstr(write_sample(&s), "Final-Recipient: rfc822;b@xn--hky-ela4t.example\r\n"));
    assert_true(span_is_ascii(span_of(write_sample(&s))));
}

static int print_sample(const char *name)
{
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct sample s;

        if (strcmp(name, samples[i].name) == 0) {
            samples[i].make(&s);
            fputs(write_sample(&s), stdout);
            return 0;
        }
    }
    return 2;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_due_as_notify_says),
        cmocka_unit_test(a_report_looks_like_this),
        cmocka_unit_test(the_fields_of_a_recipient_say_what_happened),
        cmocka_unit_test(fields_that_are_not_known_are_left_out),
        cmocka_unit_test(an_original_recipient_is_whole_or_not_there),
        cmocka_unit_test(the_text_for_people_is_text),
        cmocka_unit_test(recipients_without_an_action_are_not_mentioned),
        cmocka_unit_test(there_is_no_report_to_nobody_or_about_nothing),
        cmocka_unit_test(the_header_section_is_returned_and_no_more),
        cmocka_unit_test(a_long_header_section_is_cut_at_a_line),
        cmocka_unit_test(no_sample_breaks_out),
        cmocka_unit_test(only_an_internationalised_sender_needs_smtputf8),
        cmocka_unit_test(an_internationalised_domain_is_written_in_a_labels_and_needs_nothing),
    };

    return argc == 2 ? print_sample(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
