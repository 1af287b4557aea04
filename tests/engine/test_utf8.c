/* SPDX-License-Identifier: MIT */
/*
 * Internationalised mail and 8-bit content (RFC 6531, RFC 6152) to servers that know them and servers that do
 * not: what needs no extension goes everywhere, what needs one goes to those that offer it, and nothing is
 * rewritten on the way.
 */

#include "engine.h"

#define DOMAIN "přílohy.test"
#define A_LABELS "xn--plohy-zsa96e.test"
#define UTF8_SERVER "250-SMTPUTF8\r\n"

static void nothing_but(struct fake_mx *mx, const char *ehlo)
{
    fake_mx_rule(mx, "EHLO", ehlo, 0);
}

static struct wire *start(struct engine *e)
{
    fake_dns_add_mx(&e->dns, A_LABELS, 10, "mx.one.test");
    engine_start(e);
    return client_welcome(e);
}

/* `fault` NONE: delivered. */
static void log_has(struct engine *e, const char *sender, const char *recipient, enum outcome_fault fault)
{
    enum event_kind kind = fault == OUTCOME_FAULT_NONE ? EVENT_DELIVERED : EVENT_FAILED;
    WAIT(e, engine_event(e, kind, recipient)); /* the name of the sending program is found first */
    const struct event *event = engine_event(e, kind, recipient);
    HOLDS(strcmp(event->sender, sender) == 0, "%s: %s", recipient, event->sender);
    HOLDS(event->outcome.fault == fault, "%s: %s", recipient, outcome_fault_name(event->outcome.fault));
}

/* ---- domains ---- */

static void any_server_takes_a_domain_in_utf8_and_the_log_has_it_as_it_was_written(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    nothing_but(&e->mx[0], "250 mx.test");
    ASK(client, "MAIL FROM:<Já-ne@x>", "553 5.6.7 ");
    ASK(client, "MAIL FROM:<Me@ř.TEST>", "250 ");
    ASK(client, "RCPT TO:<Anna@PŘÍLOHY.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    HOLDS(fake_mx_has(&e->mx[0].said, "\nMAIL FROM:<Me@xn--hga.test>\n"), "%s", buf_text(&e->mx[0].said));
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<Anna@" A_LABELS ">\n");
    log_has(e, "Me@ř.TEST", "Anna@PŘÍLOHY.test", OUTCOME_FAULT_NONE);
}

static void however_a_domain_is_written_its_recipients_share_one_mail(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    ASK(client, "MAIL FROM:<me@here.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<a@" DOMAIN ">", "250 ");
    ASK(client, "RCPT TO:<b@" A_LABELS ">", "250 ");
    ASK(client, "RCPT TO:<c@PŘÍLOHY。ＴＥＳＴ>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_int_equal(e->mx[0].mail_count, 1);
    assert_string_equal(e->mx[0].mails[0].recipients,
                        "RCPT TO:<a@" A_LABELS ">\nRCPT TO:<b@" A_LABELS ">\nRCPT TO:<c@" A_LABELS ">\n");
}

static void a_domain_that_cannot_be_is_refused_with_the_reason(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    unsigned questions = e->dns.mx_questions;
    ASK(client, "MAIL FROM:<me@♥.test>", "553 5.6.7 ");
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<a@♥.test>", "553 5.6.7 there can be no domain of this name: ");
    ASK(client, "RCPT TO:<a@xn--př.test>", "553 5.6.7 ");
    log_has(e, "me@here.test", "a@♥.test", OUTCOME_FAULT_NO_IDNA);
    assert_int_equal(e->dns.mx_questions, questions);
}

/* ---- local parts ---- */

static void a_local_part_in_utf8_goes_to_a_server_that_offers_smtputf8(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    e->mx[0].abilities = UTF8_SERVER;
    ASK(client, "MAIL FROM:<jiří@ř.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<žofie@" DOMAIN ">", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    HOLDS(fake_mx_has(&e->mx[0].said, "\nMAIL FROM:<jiří@xn--hga.test> BODY=8BITMIME SMTPUTF8\n"), "%s",
          buf_text(&e->mx[0].said));
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<žofie@" A_LABELS ">\n");
    assert_true(fake_mx_has(&e->mx[0].mails[0].content, " with UTF8SMTP id "));
    log_has(e, "jiří@ř.test", "žofie@" DOMAIN, OUTCOME_FAULT_NONE);
}

static void a_recipient_in_utf8_is_refused_where_the_server_has_no_smtputf8_and_others_are_not(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    ASK(client, "MAIL FROM:<me@here.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<žofie@one.test>", "553 5.6.7 ");
    ASK(client, "RCPT TO:<anna@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
    assert_string_equal(e->mx[0].mails[0].recipients, "RCPT TO:<anna@one.test>\n");
    assert_int_equal(fake_mx_heard(&e->mx[0], "RCPT"), 1);
    log_has(e, "me@here.test", "žofie@one.test", OUTCOME_FAULT_NO_UTF8);
    log_has(e, "me@here.test", "anna@one.test", OUTCOME_FAULT_NONE);
}

static void a_sender_in_utf8_is_refused_where_the_server_has_no_smtputf8(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    e->mx[1].abilities = UTF8_SERVER;
    ASK(client, "MAIL FROM:<jiří@here.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<anna@one.test>", "553 5.6.7 ");
    ASK(client, "RCPT TO:<anna@two.test>", "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "MAIL"), 0);
    assert_int_equal(fake_mx_heard(&e->mx[1], "MAIL FROM:<jiří@here.test> BODY=8BITMIME SMTPUTF8"), 1);
    log_has(e, "jiří@here.test", "anna@one.test", OUTCOME_FAULT_NO_UTF8);
}

/* ---- headers ---- */

static void what_was_declared_and_does_not_need_smtputf8_goes_everywhere(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    ASK(client, "MAIL FROM:<me@ř.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<anna@" DOMAIN ">", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: x\r\n\r\npříliš\r\n.", "250 ");
    assert_int_equal(fake_mx_heard(&e->mx[0], "MAIL FROM:<me@xn--hga.test> BODY=8BITMIME"), 1);
    HOLDS(!fake_mx_has(&e->mx[0].said, "SMTPUTF8"), "%s", buf_text(&e->mx[0].said));
    assert_true(fake_mx_has(&e->mx[0].mails[0].content, "\r\n\r\npříliš\r\n"));
}

/* The one server offers SMTPUTF8 and gets it all; the other one gets no mail, chunks or not, and a report says so. */
static void headers_in_utf8(struct engine *e, const char *old_server, const char *headers)
{
    struct wire *client = start(e);
    nothing_but(&e->mx[0], old_server);
    e->mx[1].abilities = UTF8_SERVER;
    fake_dns_add_mx(&e->dns, "xn--hga.test", 10, "mx.three.test");
    ASK(client, "MAIL FROM:<me@ř.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<anna@one.test>", "250 ");
    ASK(client, "RCPT TO:<emil@two.test>", "250 ");
    ASK(client, "DATA", "354 ");
    wire_say(client, headers);
    wire_say(client, "\r\nbody\r\n.\r\n");
    EXPECT(client, "250 ");
    WAIT(e, e->mx[0].open_count == 0);
    assert_int_equal(e->mx[0].mail_count, 0);
    assert_int_equal(e->mx[1].mail_count, 1);
    assert_true(fake_mx_has(&e->mx[1].mails[0].content, headers));
    log_has(e, "me@ř.test", "anna@one.test", OUTCOME_FAULT_NO_UTF8_HEADER);
    log_has(e, "me@ř.test", "emil@two.test", OUTCOME_FAULT_NONE);
    WAIT(e, e->mx[2].mail_count == 1);
    assert_string_equal(e->mx[2].mails[0].recipients, "RCPT TO:<me@xn--hga.test>\n");
    assert_true(fake_mx_has(&e->mx[2].mails[0].content, "\r\nTo: <me@xn--hga.test>\r\n"));
    assert_true(fake_mx_has(&e->mx[2].mails[0].content, "\r\nStatus: 5.6.9\r\n"));
}

static void headers_in_utf8_go_only_where_smtputf8_is_offered(void **state)
{
    headers_in_utf8(*state, "250-mx.test\r\n250 8BITMIME", "Subject: příliš\r\n");
}

static void headers_in_utf8_are_that_first_and_8_bit_content_second(void **state)
{
    headers_in_utf8(*state, "250 mx.test", "Subject: příliš\r\n");
}

static void headers_in_utf8_are_found_however_late_they_come(void **state)
{
    static char headers[200 * 1024];
    size_t length = 0;
    while (length < sizeof headers - 200)
        length += (size_t)snprintf(headers + length, sizeof headers - length, "X-Line: %0100zu\r\n", length);
    snprintf(headers + length, sizeof headers - length, "Subject: x\r\n příliš\r\n");
    headers_in_utf8(*state, "250-mx.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME", headers);
}

static void alone_they_are_refused_with_the_code_for_them(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    ASK(client, "MAIL FROM:<me@here.test> SMTPUTF8", "250 ");
    ASK(client, "RCPT TO:<anna@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: příliš\r\n\r\nbody\r\n.", "554 5.6.9 ");
    assert_int_equal(e->mx[0].mail_count, 0);
    client_deliver(client, "anna@one.test");
}

/* Nobody called it international: octets as old programs have always sent them. */
static void undeclared_8_bit_headers_go_the_way_of_8_bit_content(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    ASK(client, "RCPT TO:<anna@one.test>", "250 ");
    ASK(client, "DATA", "354 ");
    ASK(client, "Subject: p\xf8\xedli\xb9\r\n\r\nbody\r\n.", "250 ");
    assert_true(fake_mx_has(&e->mx[0].mails[0].content, "Subject: p\xf8\xedli\xb9\r\n"));
    assert_int_equal(fake_mx_heard(&e->mx[0], "MAIL FROM:<me@here.test> BODY=8BITMIME"), 1);
}

/* ---- 8BITMIME ---- */

static const char *const bodies[] = {"", " BODY=7BIT", " BODY=8BITMIME"};

static void declared_bodies_are_passed_on_where_8bitmime_is_offered(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    /* What was not declared may be anything, and 8BITMIME is true of all of it. */
    const char *const told[] = {" BODY=8BITMIME", " BODY=7BIT", " BODY=8BITMIME"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        char mail[100];
        snprintf(mail, sizeof mail, "MAIL FROM:<m%zu@here.test>%s\r\n", i, bodies[i]);
        wire_say(client, mail);
        EXPECT(client, "250 ");
        ASK(client, "RCPT TO:<anna@one.test>", "250 ");
        ASK(client, "RSET", "250 ");
        snprintf(mail, sizeof mail, "MAIL FROM:<m%zu@here.test>%s", i, told[i]);
        HOLDS(fake_mx_heard(&e->mx[0], mail) == 1, "%s", mail);
    }
}

static void ascii_goes_to_a_server_without_8bitmime_whatever_was_declared(void **state)
{
    struct engine *e = *state;
    struct wire *client = start(e);
    nothing_but(&e->mx[0], "250 mx.test");
    for (size_t i = 0; i < COUNT(bodies); i++) {
        wire_say(client, "MAIL FROM:<me@here.test>");
        wire_say(client, bodies[i]);
        ASK(client, "", "250 ");
        ASK(client, "RCPT TO:<anna@one.test>", "250 ");
        ASK(client, "DATA", "354 ");
        ASK(client, "Subject: x\r\n\r\nASCII\r\n.", "250 ");
    }
    assert_int_equal(e->mx[0].mail_count, COUNT(bodies));
    HOLDS(!fake_mx_has(&e->mx[0].said, "BODY"), "%s", buf_text(&e->mx[0].said));
}

static void eight_bit_content_is_refused(struct engine *e, const char *ehlo)
{
    struct wire *client = start(e);
    nothing_but(&e->mx[0], ehlo);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        wire_say(client, "MAIL FROM:<me@here.test>");
        wire_say(client, bodies[i]);
        ASK(client, "", "250 ");
        ASK(client, "RCPT TO:<anna@one.test>", "250 ");
        ASK(client, "DATA", "354 ");
        ASK(client, "Subject: x\r\n\r\npříliš\r\n.", "554 5.6.3 ");
        log_has(e, "me@here.test", "anna@one.test", OUTCOME_FAULT_NO_EIGHT_BIT);
    }
    WAIT(e, e->mx[0].open_count == 0);
    assert_int_equal(e->mx[0].mail_count, 0);
}

static void eight_bit_content_is_refused_where_8bitmime_is_not_offered(void **state)
{
    eight_bit_content_is_refused(*state, "250 mx.test");
}

static void likewise_in_chunks(void **state)
{
    eight_bit_content_is_refused(*state, "250-mx.test\r\n250-CHUNKING\r\n250 PIPELINING");
}

/* RFC 6531 section 3.1 wants 8BITMIME beside it: who does not say it has not promised 8 bits. */
static void smtputf8_alone_is_no_promise_of_8_bits(void **state)
{
    eight_bit_content_is_refused(*state, "250-mx.test\r\n250 SMTPUTF8");
}

static void binarymime_is_not_offered(void **state)
{
    struct engine *e = *state;
    engine_start(e);
    struct wire *client = client_open(e);
    EXPECT(client, "220 ");
    wire_say(client, "EHLO client.test\r\n");
    WAIT(e, fake_mx_has(&client->in, "250 "));
    assert_true(fake_mx_has(&client->in, "8BITMIME"));
    assert_false(fake_mx_has(&client->in, "BINARYMIME"));
    EXPECT(client, "250 ");
    ASK(client, "MAIL FROM:<me@here.test> BODY=BINARYMIME", "501 5.5.4 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(any_server_takes_a_domain_in_utf8_and_the_log_has_it_as_it_was_written),
        ENGINE_TEST(however_a_domain_is_written_its_recipients_share_one_mail),
        ENGINE_TEST(a_domain_that_cannot_be_is_refused_with_the_reason),
        ENGINE_TEST(a_local_part_in_utf8_goes_to_a_server_that_offers_smtputf8),
        ENGINE_TEST(a_recipient_in_utf8_is_refused_where_the_server_has_no_smtputf8_and_others_are_not),
        ENGINE_TEST(a_sender_in_utf8_is_refused_where_the_server_has_no_smtputf8),
        ENGINE_TEST(what_was_declared_and_does_not_need_smtputf8_goes_everywhere),
        ENGINE_TEST(headers_in_utf8_go_only_where_smtputf8_is_offered),
        ENGINE_TEST(headers_in_utf8_are_that_first_and_8_bit_content_second),
        ENGINE_TEST(headers_in_utf8_are_found_however_late_they_come),
        ENGINE_TEST(alone_they_are_refused_with_the_code_for_them),
        ENGINE_TEST(undeclared_8_bit_headers_go_the_way_of_8_bit_content),
        ENGINE_TEST(declared_bodies_are_passed_on_where_8bitmime_is_offered),
        ENGINE_TEST(ascii_goes_to_a_server_without_8bitmime_whatever_was_declared),
        ENGINE_TEST(eight_bit_content_is_refused_where_8bitmime_is_not_offered),
        ENGINE_TEST(likewise_in_chunks),
        ENGINE_TEST(smtputf8_alone_is_no_promise_of_8_bits),
        ENGINE_TEST(binarymime_is_not_offered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
