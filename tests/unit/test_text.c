/* SPDX-License-Identifier: MIT */
/*
 * The sentences of the log come out as they should, and nothing that came from outside can do more than be
 * read. (That each text is there in each language is test_catalogue.c's affair.)
 */

#include "tell.h"

static void a_mail_is_told_with_all_that_matters(void **state)
{
    (void)state;
    struct event nobody = mail_event(EVENT_DELIVERED, said(250, 2, 0, "OK"), "");
    struct event no_words = mail_event(EVENT_DELIVERED, said(250, -1, 0, ""), "TLSv1.2");

    nobody.program[0] = nobody.sender[0] = '\0';
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail_event(EVENT_DELIVERED, said(250, 2, 0, "Ok: queued as 4XyZ"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered to mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: "
         "\"250 2.2.0 Ok: queued as 4XyZ\"",
         "delivered"},
        {mail_event(EVENT_DELIVERED, said(250, 2, 0, "Ok"), "TLSv1.3"), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: doručeno, mx1.there.example (192.0.2.25), TLSv1.3, 3,42 s: "
         "„250 2.2.0 Ok“",
         "in Czech, with its comma and quotes"},
        {mail_event(EVENT_DELIVERED, said(250, 2, 0, "Ok"), ""), TEXT_PL,
         "outlook.exe: a@here.example -> b@there.example: dostarczono, mx1.there.example (192.0.2.25), bez TLS, 3,42 s: "
         "„250 2.2.0 Ok”",
         "in Polish, without TLS"},
        {nobody, TEXT_EN,
         "unknown program: <> -> b@there.example: delivered to mx1.there.example (192.0.2.25), no TLS, 3.42 s: "
         "\"250 2.2.0 OK\"",
         "nobody known, the null reverse-path, no TLS"},
        {no_words, TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered to mx1.there.example (192.0.2.25), TLSv1.2, 3.42 s",
         "a server that says nothing is not quoted"},
        {mail_event(EVENT_FAILED, said(550, 1, 1, "No such user here"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: "
         "\"550 5.1.1 No such user here\" – no such mailbox",
         "refused: in the server's words, and in plain ones"},
        {mail_event(EVENT_FAILED, said(450, 2, 0, "Recipient address rejected: Greylisted"), "TLSv1.3"),
         TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: tentokrát nedoručeno, později se to může podařit, "
         "mx1.there.example (192.0.2.25), TLSv1.3, 3,42 s: „450 4.2.0 Recipient address rejected: Greylisted“ – na několik "
         "minut odmítnuto (greylisting)",
         "greylisting is explained"},
        {mail_event(EVENT_FAILED, said(554, -1, 0, "Mff"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: "
         "\"554 Mff\"",
         "words that nobody can explain"},
        {mail_event(EVENT_FAILED, said(451, -1, 0, "Greylisted"), ""), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example (192.0.2.25), no TLS, 3.42 s: \"451 Greylisted\" – turned away for some "
         "minutes (greylisting)",
         "for now, and no enhanced code"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered, 3.42 s: 550 5.1.2 there is no such domain; look "
         "for a typing error behind the @",
         "found here: explained, and no server is named"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: nedoručeno, 3,42 s: 550 5.1.2 taková doména neexistuje; není za "
         "zavináčem překlep?",
         "in the reader's language"},
        {mail_event(EVENT_FAILED,
                    fault(OUTCOME_FAULT_CONNECTION_LOST, "ECONNRESET", "mx1.there.example", "2001:db8::25"),
                    ""),
         TEXT_PL,
         "outlook.exe: a@here.example -> b@there.example: tym razem nie dostarczono, późniejsza próba może się udać, "
         "mx1.there.example (2001:db8::25), bez TLS, 3,42 s: 451 4.4.2 serwer pocztowy zamknął połączenie (ECONNRESET)",
         "with what the system said"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_CONNECT_FAILED, NULL, "mx1.there.example", ""), ""),
         TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example, 3.42 s: 451 4.4.1 no mail server of this domain can be reached; if it is so with every "
         "domain, the internet provider probably blocks port 25",
         "no connection: nothing to say about TLS"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_POLICY_HOST, NULL, "mx1.there.example", ""), ""),
         TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example, 3.42 s: 451 4.7.0 the mail server that DNS names is not on the list of this domain's servers "
         "(MTA-STS): either somebody tampers with DNS, or the domain has forgotten to update its list",
         "it was not even asked: nothing to say about TLS"},
        {mail_event(EVENT_FAILED,
                    fault(OUTCOME_FAULT_POLICY_TLS, "the server's certificate is for another name",
                          "mx1.there.example", "192.0.2.25"),
                    ""),
         TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example (192.0.2.25), 3.42 s: 451 4.7.5 this domain takes mail only encrypted and by a server that "
         "proves its name (MTA-STS), and this one did not (the server's certificate is for another name)",
         "it was encrypted, but not by whom it should have been"},
        {mail_event(EVENT_LATE_DELIVERED, said(250, 2, 0, "OK"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered after all, though the sending program had been told "
         "to try again, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: \"250 2.2.0 OK\"",
         "late"},
        {mail_event(EVENT_LATE_FAILED, said(554, 7, 1, "Spam"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered; the sending program had already "
         "been told to try again, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: \"554 5.7.1 Spam\" – against the "
         "server's rules",
         "late, and bad"},
        {mail_event(EVENT_LATE_FAILED, fault(OUTCOME_FAULT_LOST_AFTER_DOT, NULL, "mx1.there.example", "192.0.2.25"), ""),
         TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed; the sending "
         "program had already been told to try again, mx1.there.example (192.0.2.25), no TLS, 3.42 s: 451 4.4.2 the "
         "connection broke while the answer was awaited; a copy may have arrived",
         "no answer at all came"},
        {mail_event(EVENT_LATE_WILLING, said(250, 1, 5, "Ok"), "TLSv1.3"), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: zatím nedoručeno, ale server příjemce by zprávu už přijal: příští "
         "pokus by měl vyjít, mx1.there.example (192.0.2.25), TLSv1.3, 3,42 s: „250 2.1.5 Ok“",
         "late, and hopeful"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = told(text_event, &rows[i].e, rows[i].language);

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s:\n      %s\n  not %s", rows[i].why, rows[i].expected,
              got);
    }
}

static void the_rest_of_the_log_is_told_too(void **state)
{
    (void)state;
    const struct {
        enum event_kind kind;
        long pid;
        const char *program, *detail, *words, *expected, *why;
    } rows[] = {
        {EVENT_STARTED, 0, "", "0.1.0", "", "Traypost 0.1.0 has started", "the first line"},
        {EVENT_LISTENING, 0, "", "[::1]:25", "", "Waiting for mail on [::1]:25", "a value's brackets stay"},
        {EVENT_LISTEN_FAILED, 0, "", "10.0.0.1:25", "permission denied",
         "Cannot wait for mail on 10.0.0.1:25: permission denied", "why"},
        {EVENT_PORT_TAKEN, 1234, "inetinfo.exe", "127.0.0.1:25", "",
         "Cannot wait for mail on 127.0.0.1:25: the port is taken by inetinfo.exe (process 1234)", "by whom"},
        {EVENT_PORT_TAKEN, 0, "", "127.0.0.1:25", "",
         "Cannot wait for mail on 127.0.0.1:25: the port is taken by unknown program", "by nobody we know"},
        {EVENT_NO_INTERNET, 0, "", "", "", "No internet connection: no name server answers",
         "nobody was asked"},
        {EVENT_NO_INTERNET, 0, "", "192.0.2.1, 8.8.8.8", "",
         "No internet connection: no name server answers (192.0.2.1, 8.8.8.8)", "who was"},
        {EVENT_STRANGER, 0, "", "192.168.1.7", "",
         "Refused: 192.168.1.7 wanted to send mail, but is neither this machine nor an allowed one",
         "a stranger"},
        {EVENT_HTTP_REFUSED, 99, "curl.exe", "127.0.0.1:50123", "",
         "Refused: curl.exe (process 99) at 127.0.0.1:50123 does not speak SMTP but HTTP or TLS", "HTTP"},
        {EVENT_STOPPED, 0, "", "", "", "Stopped: no mail is accepted", "the last line"},
        {EVENT_INTERNAL, 0, "", "", "out of handles", "Something inside failed: out of handles", "what"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = {.kind = rows[i].kind, .pid = rows[i].pid};
        const char *got;

        span_copy(span_of(rows[i].program), e.program, sizeof e.program);
        span_copy(span_of(rows[i].detail), e.detail, sizeof e.detail);
        span_copy(span_of(rows[i].words), e.outcome.words, sizeof e.outcome.words);
        got = told(text_event, &e, TEXT_EN);
        HOLDS(strcmp(got, rows[i].expected) == 0, "%s:\n      %s\n  not %s", rows[i].why, rows[i].expected,
              got);
    }
}

static void values_are_copied_and_never_read(void **state)
{
    (void)state;
    const struct {
        const char *value, *shown, *why;
    } rows[] = {
        {"{recipient}", "{recipient}", "a placeholder"},
        {"[{tls}]", "[{tls}]", "a bracket"},
        {"%s%n%999999d", "%s%n%999999d", "a printf format"},
        {"a\r\n12:00:00 + forged", "a??12:00:00 + forged", "a second line"},
        {"\033[2Ja", "?[2Ja", "a terminal's command"},
        {"a\x7f\x08", "a??", "deleting"},
        {"\xc2\x9b"
         "2J",
         "?2J", "a terminal's command in one character of Latin 1"},
        {"žluťoučký", "žluťoučký", "letters are letters"},
        {"\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7", "so are pictures"},
        {"a\xe2\x80\xae"
         "exe.b",
         "a?exe.b", "turned around"},
        {"a\xe2\x80\xa8"
         "b",
         "a?b", "Unicode's line end"},
        {"a\xef\xbb\xbf\xe2\x80\x8b"
         "b",
         "a??b", "invisible"},
        {"\xff\xfe", "??", "no UTF-8"},
        {"\xc5", "?", "half a character"},
        {"\xe2\x82x", "??x", "two thirds of one"},
        {"\xc0\xaf", "??", "an overlong one"},
        {"\xed\xa0\x80", "???", "a surrogate"},
        {"\xf4\x90\x80\x80", "????", "beyond Unicode"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = {.kind = EVENT_STARTED};
        char expected[200];
        const char *got;

        span_copy(span_of(rows[i].value), e.detail, sizeof e.detail);
        snprintf(expected, sizeof expected, "Traypost %s has started", rows[i].shown);
        got = told(text_event, &e, TEXT_EN);
        HOLDS(strcmp(got, expected) == 0, "%s: %s", rows[i].why, quote(span_of(got)));
    }
}

static void the_longest_line_is_whole(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
            struct event e;

            memset(&e, 'x', sizeof e);
            e.kind = (enum event_kind)kind;
            e.seconds = 1e300;
            e.program[sizeof e.program - 1] = e.sender[sizeof e.sender - 1] = e.detail[sizeof e.detail - 1] =
                '\0';
            e.recipient[sizeof e.recipient - 1] = e.outcome.tls[sizeof e.outcome.tls - 1] = '\0';
            e.outcome.kind = OUTCOME_TEMPORARY;
            e.outcome.fault = OUTCOME_FAULT_NONE;
            e.outcome.code = 599;
            e.outcome.subject = e.outcome.detail = 999;
            e.outcome.host[sizeof e.outcome.host - 1] = e.outcome.address[sizeof e.outcome.address - 1] =
                '\0';
            e.outcome.words[sizeof e.outcome.words - 1] = '\0';
            HOLDS(strlen(told(text_event, &e, (enum text_language)l)) < 2048, "%s in %s",
                  event_kind_name(e.kind), language_names[l]);
        }
    }
}

static void seconds_are_short_and_never_nonsense(void **state)
{
    (void)state;
    const struct {
        double seconds;
        const char *expected, *why;
    } rows[] = {
        {0, "0.00", "nothing"},        {0.004, "0.00", "almost nothing"}, {0.005, "0.01", "rounded up"},
        {1.5, "1.50", "hundredths"},   {9.99, "9.99", "up to ten"},       {9.996, "10.0", "then tenths"},
        {44.95, "44.9", "no more"},    {3600, "3600.0", "an hour"},       {-1, "0.00", "a clock set back"},
        {1e300, "999999.0", "absurd"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = {.kind = EVENT_DNS_FOUND, .seconds = rows[i].seconds, .detail = "D"};
        char expected[80];

        snprintf(expected, sizeof expected, "Name server D answers (%s s)", rows[i].expected);
        HOLDS(strcmp(told(text_event, &e, TEXT_EN), expected) == 0, "%g: %s, not %s", rows[i].seconds,
              rows[i].why, told(text_event, &e, TEXT_EN));
    }
}

/* ---- time and language ---- */

static void the_time_is_the_events_own_local_time(void **state)
{
    (void)state;
    const struct {
        int64_t time_s;
        int offset_min;
        const char *expected, *why;
    } rows[] = {
        {0, 0, "00:00:00", "the beginning"},
        {1700000000, 0, "22:13:20", "UTC"},
        {1700000000, 60, "23:13:20", "Prague in winter"},
        {1700000000, 120, "00:13:20", "past midnight"},
        {1700000000, -300, "17:13:20", "west"},
        {1700000000, 345, "03:58:20", "Kathmandu"},
        {1700006399, 0, "23:59:59", "the last second of a day"},
        {0, -60, "23:00:00", "before the beginning"},
        {-1, 0, "23:59:59", "likewise"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct event e = {.time_s = rows[i].time_s, .utc_offset_min = rows[i].offset_min};
        char text[9];

        text_event_time(&e, text);
        HOLDS(strcmp(text, rows[i].expected) == 0, "%s: %s, not %s", rows[i].why, rows[i].expected, text);
    }
}

static void the_option_picks_the_language_and_then_the_system(void **state)
{
    (void)state;
    const struct {
        enum config_language wanted;
        const char *locale;
        enum text_language expected;
        const char *why;
    } rows[] = {
        {CONFIG_LANGUAGE_SYSTEM, "cs_CZ.UTF-8", TEXT_CS, "Linux"},
        {CONFIG_LANGUAGE_SYSTEM, "pl-PL", TEXT_PL, "Windows"},
        {CONFIG_LANGUAGE_SYSTEM, "cs", TEXT_CS, "only the language"},
        {CONFIG_LANGUAGE_SYSTEM, "CS-cz", TEXT_CS, "in any case"},
        {CONFIG_LANGUAGE_SYSTEM, "en_GB.UTF-8", TEXT_EN, "English"},
        {CONFIG_LANGUAGE_SYSTEM, "de_DE", TEXT_EN, "one that we do not have"},
        {CONFIG_LANGUAGE_SYSTEM, "csb_PL", TEXT_EN, "Kashubian is not Czech"},
        {CONFIG_LANGUAGE_SYSTEM, "C", TEXT_EN, "none"},
        {CONFIG_LANGUAGE_SYSTEM, "", TEXT_EN, "nothing"},
        {CONFIG_LANGUAGE_SYSTEM, NULL, TEXT_EN, "not even that"},
        {CONFIG_LANGUAGE_EN, "cs_CZ.UTF-8", TEXT_EN, "the option wins"},
        {CONFIG_LANGUAGE_CS, "pl_PL", TEXT_CS, "likewise"},
        {CONFIG_LANGUAGE_PL, NULL, TEXT_PL, "likewise"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        HOLDS(text_language_choose(rows[i].wanted, rows[i].locale) == rows[i].expected, "%s", rows[i].why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_is_told_with_all_that_matters),
        cmocka_unit_test(the_rest_of_the_log_is_told_too),
        cmocka_unit_test(values_are_copied_and_never_read),
        cmocka_unit_test(the_longest_line_is_whole),
        cmocka_unit_test(seconds_are_short_and_never_nonsense),
        cmocka_unit_test(the_time_is_the_events_own_local_time),
        cmocka_unit_test(the_option_picks_the_language_and_then_the_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
