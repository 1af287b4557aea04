/* SPDX-License-Identifier: MIT */
/*
 * The catalogue says everything in every language, with the same placeholders; the sentences come out as they
 * should; and nothing that came from outside can do more than be read.
 */

#include "../../src/text/catalogue.h"
#include "feed.h"
#include "text.h"

#define NAMES_MAX 16

static const char *const languages[TEXT_LANGUAGE_COUNT] = {"en", "cs", "pl"};

static const char *const placeholders[] = {"program", "pid",     "sender", "recipient",   "result",
                                           "host",    "address", "tls",    "seconds",     "code",
                                           "words",   "more",    "detail", "explanation", "answer"};

/* ---- the catalogue ---- */

/* What a translator must keep: each placeholder, with a mark when it stands in brackets. Sorted. */
struct shape {
    char names[NAMES_MAX][24];
    size_t count;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct shape shape_of(const char *text)
{
    struct shape shape = {.count = 0};
    bool in_brackets = false;

    for (const char *at = text; *at; at++) {
        HOLDS((unsigned char)*at >= ' ' && *at != 0x7f, "\"%s\" has no control characters", text);
        if (*at == '[' || *at == ']') {
            HOLDS(in_brackets == (*at == ']'), "\"%s\": brackets come in pairs, not nested", text);
            in_brackets = *at == '[';
        }
        HOLDS(*at != '}', "\"%s\": no brace is closed that was not opened", text);
        if (*at == '{') {
            size_t length = strcspn(++at, "{}[]");
            bool is_known = false;

            HOLDS(at[length] == '}', "\"%s\": a brace is closed", text);
            for (size_t i = 0; i < COUNT(placeholders); i++)
                is_known =
                    is_known || (strlen(placeholders[i]) == length && !strncmp(at, placeholders[i], length));
            HOLDS(is_known, "\"%s\": {%.*s} is known", text, (int)length, at);
            HOLDS(shape.count < NAMES_MAX, "\"%s\" is not too complicated", text);
            snprintf(shape.names[shape.count++], sizeof shape.names[0], "%.*s%s", (int)length, at,
                     in_brackets ? " []" : "");
            at += length;
        }
    }
    HOLDS(!in_brackets, "\"%s\": a bracket is closed", text);
    qsort(shape.names, shape.count, sizeof shape.names[0], compare);
    return shape;
}

static void check(const char *what, const char *language, const char *english, const char *text)
{
    struct shape expected, got;

    HOLDS(english && english[0], "en has %s", what);
    HOLDS(text && text[0], "%s has %s", language, what);
    expected = shape_of(english);
    got = shape_of(text);
    HOLDS(expected.count == got.count && memcmp(&expected, &got, sizeof got) == 0,
          "%s, %s: other placeholders than \"%s\"", language, what, english);
}

static void every_language_says_everything_with_the_same_placeholders(void **state)
{
    (void)state;
    static const char *const words[] = {
#define X(name) #name,
        TEXT_WORDS(X)
#undef X
    };
    const struct text_catalogue *en = &text_catalogues[TEXT_EN];

    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        const struct text_catalogue *t = &text_catalogues[l];

        for (int i = 0; i < EVENT_KIND_COUNT; i++)
            check(event_kind_name((enum event_kind)i), languages[l], en->events[i], t->events[i]);
        for (int i = 1; i < TEXT_FAULT_COUNT; i++)
            check(outcome_fault_name((enum outcome_fault)i), languages[l], en->faults[i].full,
                  t->faults[i].full);
        for (int i = 0; i < TEXT_WORD_COUNT; i++)
            check(words[i], languages[l], en->words[i], t->words[i]);
    }
}

static void every_sentence_is_translated(void **state)
{
    (void)state;
    for (int l = TEXT_EN + 1; l < TEXT_LANGUAGE_COUNT; l++) {
        for (int i = 0; i < EVENT_KIND_COUNT; i++)
            HOLDS(strcmp(text_catalogues[TEXT_EN].events[i], text_catalogues[l].events[i]) != 0, "%s: %s",
                  languages[l], event_kind_name((enum event_kind)i));
        for (int i = 1; i < TEXT_FAULT_COUNT; i++)
            HOLDS(strcmp(text_catalogues[TEXT_EN].faults[i].full, text_catalogues[l].faults[i].full) != 0,
                  "%s: %s", languages[l], outcome_fault_name((enum outcome_fault)i));
    }
}

/* ---- sentences ---- */

static const char *say(const struct event *e, enum text_language language)
{
    static char sentence[4096];
    struct buf out;

    buf_init(&out, sizeof sentence - 1);
    text_event(e, language, &out);
    HOLDS(!out.failed, "there is room for the sentence");
    assert_true(span_copy(buf_span(&out), sentence, sizeof sentence));
    buf_clear(&out);
    return sentence;
}

/* A mail from a@here.example to b@there.example by outlook.exe. */
static struct event mail(enum event_kind kind, struct outcome outcome, const char *tls)
{
    struct event e = {.kind = kind, .seconds = 3.416, .pid = 4711, .outcome = outcome};

    span_copy(SPAN("outlook.exe"), e.program, sizeof e.program);
    span_copy(SPAN("a@here.example"), e.sender, sizeof e.sender);
    span_copy(SPAN("b@there.example"), e.recipient, sizeof e.recipient);
    span_copy(span_of(tls), e.tls, sizeof e.tls);
    return e;
}

static struct outcome said(int code, int subject, int detail, const char *words)
{
    struct outcome o = outcome_from_reply(code, subject, detail, span_of(words));

    outcome_set_host(&o, "mx1.there.example", "192.0.2.25");
    return o;
}

static struct outcome fault(enum outcome_fault fault, const char *more, const char *host, const char *address)
{
    struct outcome o = outcome_from_fault(fault, more);

    outcome_set_host(&o, host, address);
    return o;
}

static void a_mail_is_told_with_all_that_matters(void **state)
{
    (void)state;
    struct event nobody = mail(EVENT_DELIVERED, said(250, 2, 0, "OK"), "");
    struct event no_words = mail(EVENT_DELIVERED, said(250, -1, 0, ""), "TLSv1.2");

    nobody.program[0] = nobody.sender[0] = '\0';
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail(EVENT_DELIVERED, said(250, 2, 0, "Ok: queued as 4XyZ"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered to mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: "
         "\"250 2.2.0 Ok: queued as 4XyZ\"",
         "delivered"},
        {mail(EVENT_DELIVERED, said(250, 2, 0, "Ok"), "TLSv1.3"), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: doručeno, mx1.there.example (192.0.2.25), TLSv1.3, 3,42 s: "
         "„250 2.2.0 Ok“",
         "in Czech, with its comma and quotes"},
        {mail(EVENT_DELIVERED, said(250, 2, 0, "Ok"), ""), TEXT_PL,
         "outlook.exe: a@here.example -> b@there.example: doręczono, mx1.there.example (192.0.2.25), bez TLS, 3,42 s: "
         "„250 2.2.0 Ok”",
         "in Polish, without TLS"},
        {nobody, TEXT_EN,
         "unknown program: <> -> b@there.example: delivered to mx1.there.example (192.0.2.25), no TLS, 3.42 s: "
         "\"250 2.2.0 OK\"",
         "nobody known, the null reverse-path, no TLS"},
        {no_words, TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered to mx1.there.example (192.0.2.25), TLSv1.2, 3.42 s",
         "a server that says nothing is not quoted"},
        {mail(EVENT_FAILED, said(550, 1, 1, "No such user here"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: "
         "\"550 5.1.1 No such user here\"",
         "refused: in the server's words"},
        {mail(EVENT_FAILED, said(451, -1, 0, "Greylisted"), ""), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example (192.0.2.25), no TLS, 3.42 s: \"451 Greylisted\"",
         "for now, and no enhanced code"},
        {mail(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered, 3.42 s: 550 5.1.2 there is no such domain; look "
         "for a typing error behind the @",
         "found here: explained, and no server is named"},
        {mail(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: nedoručeno, 3,42 s: 550 5.1.2 taková doména neexistuje; není za "
         "zavináčem překlep?",
         "in the reader's language"},
        {mail(EVENT_FAILED,
              fault(OUTCOME_FAULT_CONNECTION_LOST, "ECONNRESET", "mx1.there.example", "2001:db8::25"), ""),
         TEXT_PL,
         "outlook.exe: a@here.example -> b@there.example: tym razem nie doręczono, późniejsza próba może się udać, "
         "mx1.there.example (2001:db8::25), bez TLS, 3,42 s: 451 4.4.2 serwer pocztowy zamknął połączenie (ECONNRESET)",
         "with what the system said"},
        {mail(EVENT_FAILED, fault(OUTCOME_FAULT_CONNECT_FAILED, NULL, "mx1.there.example", ""), ""), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered this time, a later try may succeed, "
         "mx1.there.example, 3.42 s: 451 4.4.1 no mail server of this domain can be reached; if it is so with every "
         "domain, the internet provider probably blocks port 25",
         "no connection: nothing to say about TLS"},
        {mail(EVENT_LATE_DELIVERED, said(250, 2, 0, "OK"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: delivered after all, though the sending program had been told "
         "to try again, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: \"250 2.2.0 OK\"",
         "late"},
        {mail(EVENT_LATE_FAILED, said(554, 7, 1, "Spam"), "TLSv1.3"), TEXT_EN,
         "outlook.exe: a@here.example -> b@there.example: not delivered; the answer came after the sending program had "
         "been told to try again, mx1.there.example (192.0.2.25), TLSv1.3, 3.42 s: \"554 5.7.1 Spam\"",
         "late, and bad"},
        {mail(EVENT_LATE_WILLING, said(250, 1, 5, "Ok"), "TLSv1.3"), TEXT_CS,
         "outlook.exe: a@here.example -> b@there.example: zatím nedoručeno, ale server příjemce by zprávu už přijal: příští "
         "pokus by měl vyjít, mx1.there.example (192.0.2.25), TLSv1.3, 3,42 s: „250 2.1.5 Ok“",
         "late, and hopeful"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = say(&rows[i].e, rows[i].language);

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
        got = say(&e, TEXT_EN);
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
        got = say(&e, TEXT_EN);
        HOLDS(strcmp(got, expected) == 0, "%s: %s", rows[i].why, quote(span_of(got)));
    }
}

static void the_facts_of_a_column_are_as_safe_as_sentences(void **state)
{
    (void)state;
    const struct {
        const char *value, *program, *sender, *recipient, *why;
    } rows[] = {
        {"a", "a", "a", "a", "as it came"},
        {"", "unknown program", "<>", "", "nobody known, the null reverse-path"},
        {"{pid}[x]\r\n\xe2\x80\xae", "{pid}[x]???", "{pid}[x]???", "{pid}[x]???", "never read, never a new line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = {.kind = EVENT_DELIVERED};
        const struct {
            void (*say)(const struct event *e, enum text_language language, struct buf *out);
            const char *expected;
        } columns[] = {
            {text_event_program, rows[i].program},
            {text_event_sender, rows[i].sender},
            {text_event_recipient, rows[i].recipient},
        };

        span_copy(span_of(rows[i].value), e.program, sizeof e.program);
        span_copy(span_of(rows[i].value), e.sender, sizeof e.sender);
        span_copy(span_of(rows[i].value), e.recipient, sizeof e.recipient);
        for (size_t j = 0; j < COUNT(columns); j++) {
            struct buf out;

            buf_init(&out, 1000);
            columns[j].say(&e, TEXT_EN, &out);
            HOLDS(strcmp(buf_text(&out), columns[j].expected) == 0, "%s: %s", rows[i].why, quote(buf_span(&out)));
            buf_clear(&out);
        }
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
            e.recipient[sizeof e.recipient - 1] = e.tls[sizeof e.tls - 1] = '\0';
            e.outcome.kind = OUTCOME_TEMPORARY;
            e.outcome.fault = OUTCOME_FAULT_NONE;
            e.outcome.code = 599;
            e.outcome.subject = e.outcome.detail = 999;
            e.outcome.host[sizeof e.outcome.host - 1] = e.outcome.address[sizeof e.outcome.address - 1] =
                '\0';
            e.outcome.words[sizeof e.outcome.words - 1] = '\0';
            HOLDS(strlen(say(&e, (enum text_language)l)) < 2048, "%s in %s", event_kind_name(e.kind),
                  languages[l]);
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
        HOLDS(strcmp(say(&e, TEXT_EN), expected) == 0, "%g: %s, not %s", rows[i].seconds, rows[i].why,
              say(&e, TEXT_EN));
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
        cmocka_unit_test(every_language_says_everything_with_the_same_placeholders),
        cmocka_unit_test(every_sentence_is_translated),
        cmocka_unit_test(a_mail_is_told_with_all_that_matters),
        cmocka_unit_test(the_rest_of_the_log_is_told_too),
        cmocka_unit_test(values_are_copied_and_never_read),
        cmocka_unit_test(the_facts_of_a_column_are_as_safe_as_sentences),
        cmocka_unit_test(the_longest_line_is_whole),
        cmocka_unit_test(seconds_are_short_and_never_nonsense),
        cmocka_unit_test(the_time_is_the_events_own_local_time),
        cmocka_unit_test(the_option_picks_the_language_and_then_the_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
