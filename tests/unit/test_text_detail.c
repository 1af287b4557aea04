/* SPDX-License-Identifier: MIT */
/* What the log window says of a line: the result in a few words, the reason, and the whole story. */

#include "../../src/text/meaning.h"
#include "tell.h"

static void the_result_is_a_few_words(void **state)
{
    (void)state;
    struct outcome nowhere = outcome_from_reply(250, 2, 0, SPAN("OK"));
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail_event(EVENT_DELIVERED, said(250, 2, 0, "OK"), ""), TEXT_EN, "Delivered to mx1.there.example",
         "good"},
        {mail_event(EVENT_DELIVERED, nowhere, ""), TEXT_CS, "Doručeno", "nobody knows where to"},
        {mail_event(EVENT_FAILED, said(550, 1, 1, "User unknown"), ""), TEXT_EN,
         "Refused: no such mailbox (550 5.1.1)", "the code says it"},
        {mail_event(EVENT_FAILED, said(550, 1, 1, "User unknown"), ""), TEXT_PL,
         "Odrzucono: nie ma takiej skrzynki (550 5.1.1)", "in every language"},
        {mail_event(EVENT_FAILED, said(550, -1, 0, "User unknown"), ""), TEXT_EN,
         "Refused: no such mailbox (550)", "the code says nothing, the words do"},
        {mail_event(EVENT_FAILED, said(550, -1, 0, "Go away"), ""), TEXT_EN, "Refused: 550 Go away",
         "words that mean nothing known"},
        {mail_event(EVENT_FAILED, said(554, 0, 0, ""), ""), TEXT_EN, "Refused: 554 5.0.0", "not even words"},
        {mail_event(EVENT_FAILED, said(452, 2, 2, "Quota"), ""), TEXT_CS,
         "Zkuste později: schránka je plná (452 4.2.2)", "may work later"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_EN,
         "Not delivered: no such domain", "found here: no code"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_NO_INTERNET, NULL, "", ""), ""), TEXT_PL,
         "Spróbuj później: brak połączenia z internetem", "found here, may work later"},
        {mail_event(EVENT_LATE_DELIVERED, said(250, 2, 0, "OK"), ""), TEXT_EN,
         "Delivered late to mx1.there.example", "late"},
        {mail_event(EVENT_LATE_WILLING, said(250, 2, 0, "OK"), ""), TEXT_EN,
         "Send again: the server would take it now", "willing"},
        {mail_event(EVENT_LATE_FAILED, said(550, 7, 1, "Spam"), ""), TEXT_EN,
         "Not delivered in the end: against the server's rules (550 5.7.1)", "late and bad"},
        {mail_event(EVENT_LATE_FAILED, fault(OUTCOME_FAULT_TIMED_OUT, NULL, "mx1.there.example", ""), ""),
         TEXT_EN, "Try again later: the server did not answer in time", "late, and may work later"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = told(text_event_result, &rows[i].e, rows[i].language);

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s: %s, not %s", rows[i].why, rows[i].expected, got);
    }
}

static void long_words_are_shortened_to_their_first_sentence(void **state)
{
    (void)state;
    const struct {
        const char *words, *expected, *why;
    } rows[] = {
        {"Unknown", "Unknown", "short"},
        {"Message rejected. See https://there.example/?id=4711 for more", "Message rejected…", "a sentence"},
        {"Message rejected.", "Message rejected.", "one sentence is whole"},
        {"Rejected; and a second half", "Rejected…", "half a sentence"},
        {"mx1.there.example does not want it", "mx1.there.example does not want it", "a dot is no end"},
        {"This is a sentence of which every word says as little as could be said at all, and it goes on",
         "This is a sentence of which every word says as little as could be said at all…", "whole words"},
        {"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb", /* 80 */
         "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb",
         "as much as fits"},
        {"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbc",
         "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb…",
         "one word, too long"},
        {"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbžž",
         "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbb…",
         "not inside a character"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = mail_event(EVENT_FAILED, said(554, -1, 0, rows[i].words), "");
        char expected[200];
        const char *got = told(text_event_result, &e, TEXT_EN);

        snprintf(expected, sizeof expected, "Refused: 554 %s", rows[i].expected);
        HOLDS(strcmp(got, expected) == 0, "%s: %s, not %s", rows[i].why, expected, got);
    }
}

static void the_reason_is_ours_or_the_servers(void **state)
{
    (void)state;
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail_event(EVENT_FAILED, said(550, 1, 1, "User unknown"), ""), TEXT_EN,
         "There is no such mailbox.", "a meaning"},
        {mail_event(EVENT_FAILED, said(550, 7, 1, "Odd"), ""), TEXT_EN,
         "the recipient's server refuses this mail by its own rules; many refuse all mail that comes straight from a "
         "home connection",
         "by its code"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), ""), TEXT_CS,
         "taková doména neexistuje; není za zavináčem překlep?", "a fault"},
        {mail_event(EVENT_FAILED, said(550, -1, 0, "Go away. Now."), ""), TEXT_EN,
         "the recipient's server said: \"550 Go away. Now.\"", "words, all of them"},
        {mail_event(EVENT_FAILED, said(550, -1, 0, ""), ""), TEXT_PL, "serwer odbiorcy odpowiedział: „550”",
         "a number only"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = told(text_event_reason, &rows[i].e, rows[i].language);

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s: %s, not %s", rows[i].why, rows[i].expected, got);
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
        {"{pid}[x]\r\n\xe2\x80\xae", "{pid}[x]???", "{pid}[x]???", "{pid}[x]???",
         "never read, never a new line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = {.kind = EVENT_DELIVERED};
        const struct {
            tell_fn *tell;
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
            const char *got = told(columns[j].tell, &e, TEXT_EN);

            HOLDS(strcmp(got, columns[j].expected) == 0, "%s: %s", rows[i].why, quote(span_of(got)));
        }
    }
}

/* ---- the whole story ---- */

static struct event other_event(enum event_kind kind, const char *program, const char *detail)
{
    struct event e = {.kind = kind, .time_s = 43391};

    span_copy(span_of(program), e.program, sizeof e.program);
    span_copy(span_of(detail), e.detail, sizeof e.detail);
    return e;
}

static void the_story_has_a_line_for_each_fact(void **state)
{
    (void)state;
    struct event unknown = mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL, "", ""), "");

    unknown.pid = 0;
    unknown.program[0] = unknown.sender[0] = '\0';
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail_event(EVENT_DELIVERED, said(250, 2, 0, "Ok: queued as 4XyZ"), "TLSv1.3"), TEXT_EN,
         "Time: 00:00:00\nProgram: outlook.exe (process 4711)\nFrom: a@here.example\nTo: b@there.example\n"
         "Result: delivered\nServer: mx1.there.example (192.0.2.25)\nEncryption: TLSv1.3\nTook: 3.42 s\n"
         "The server said: \"250 2.2.0 Ok: queued as 4XyZ\"\n",
         "delivered: nothing to explain"},
        {mail_event(EVENT_FAILED, said(550, 1, 1, "User unknown"), ""), TEXT_CS,
         "Čas: 00:00:00\nProgram: outlook.exe (proces 4711)\nOd: a@here.example\nKomu: b@there.example\n"
         "Výsledek: nedoručeno, server příjemce zprávu odmítl\nServer: mx1.there.example (192.0.2.25)\n"
         "Šifrování: žádné\nDoba trvání: 3,42 s\nServer odpověděl: „550 5.1.1 User unknown“\n"
         "Co to znamená: Taková schránka neexistuje.\nCo dělat: Zkontrolujte, zda v adrese není překlep, a zeptejte se příjemce, zda ji ještě používá.\n",
         "refused: in the server's words and in ours"},
        {unknown, TEXT_EN,
         "Time: 00:00:00\nProgram: unknown program\nFrom: <>\nTo: b@there.example\nResult: not delivered\n"
         "Took: 3.42 s\nWhat it means: there is no such domain; look for a typing error behind the @\n",
         "found here: no server, no encryption, no answer"},
        {mail_event(EVENT_FAILED,
                    fault(OUTCOME_FAULT_CONNECTION_LOST, "ECONNRESET", "mx1.there.example", "2001:db8::1"),
                    ""),
         TEXT_PL,
         "Godzina: 00:00:00\nProgram: outlook.exe (proces 4711)\nOd: a@here.example\nDo: b@there.example\n"
         "Wynik: tym razem nie dostarczono, późniejsza próba może się udać\n"
         "Serwer: mx1.there.example (2001:db8::1)\nSzyfrowanie: brak\nCzas trwania: 3,42 s\n"
         "Co to znaczy: serwer pocztowy zamknął połączenie (ECONNRESET)\n",
         "with what the system said"},
        {mail_event(EVENT_LATE_WILLING, said(250, 1, 5, ""), "TLSv1.2"), TEXT_EN,
         "Time: 00:00:00\nProgram: outlook.exe (process 4711)\nFrom: a@here.example\nTo: b@there.example\n"
         "Result: not delivered yet, but the recipient's server would take it now: the next try should succeed\n"
         "Server: mx1.there.example (192.0.2.25)\nEncryption: TLSv1.2\nTook: 3.42 s\n"
         "The server said: \"250 2.1.5\"\n",
         "a server of few words"},
        {other_event(EVENT_STARTED, "", "0.1.0"), TEXT_EN, "Time: 12:03:11\nTraypost 0.1.0 has started\n",
         "not about a mail, and nothing to be done"},
        {other_event(EVENT_PORT_TAKEN, "inetinfo.exe", "127.0.0.1:25"), TEXT_EN,
         "Time: 12:03:11\nCannot wait for mail on 127.0.0.1:25: the port is taken by inetinfo.exe\n"
         "What to do: close that program or stop its service; then choose Reset from the menu of the Traypost icon\n",
         "what to do"},
        {other_event(EVENT_STRANGER, "", "192.168.1.7:50123"), TEXT_EN,
         "Time: 12:03:11\nRefused: 192.168.1.7:50123 wanted to send mail, but is neither this machine nor an allowed one\n"
         "What to do: nothing, if you do not know this device. If it is yours and is to send mail, add the line "
         "allow = 192.168.1.7 to the file traypost.ini beside the program, then exit Traypost and start it again\n",
         "the line for traypost.ini, without the port"},
        {other_event(EVENT_STRANGER, "", "[2001:db8::7]:50123"), TEXT_CS,
         "Čas: 12:03:11\nOdmítnuto: [2001:db8::7]:50123 chce posílat poštu, ale není to tento počítač ani žádný z povolených\n"
         "Co dělat: pokud toto zařízení neznáte, nic. Pokud je vaše a má posílat poštu, přidejte do souboru traypost.ini "
         "vedle programu řádek allow = 2001:db8::7, Traypost ukončete a znovu spusťte\n",
         "likewise, in IPv6"},
        {other_event(EVENT_CRASHED, "", "0xC0000005"), TEXT_PL,
         "Godzina: 12:03:11\nTraypost przestał działać z powodu błędu wewnętrznego (0xC0000005); żadna wiadomość nie "
         "przepadła\nCo zrobić: wybierz Uruchom z menu ikony Traypost. Niedostarczone wiadomości pozostały w programie, "
         "który je wysyłał; wyślij je z niego ponownie\n",
         "a crash"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = told(text_event_detail, &rows[i].e, rows[i].language);

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s:\n%s  not\n%s", rows[i].why, rows[i].expected, got);
    }
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    return lines;
}

/* Every string of the event says this. */
static struct event full_of(enum event_kind kind, int code, enum outcome_fault fault, const char *words)
{
    struct outcome o = fault ? outcome_from_fault(fault, NULL) : outcome_from_reply(code, -1, 0, SPAN("x"));
    struct event e = {.kind = kind, .pid = 1, .outcome = o};
    const struct {
        char *at;
        size_t size;
    } places[] = {
        {e.program, sizeof e.program},
        {e.sender, sizeof e.sender},
        {e.recipient, sizeof e.recipient},
        {e.detail, sizeof e.detail},
        {e.outcome.tls, sizeof e.outcome.tls},
        {e.outcome.host, sizeof e.outcome.host},
        {e.outcome.address, sizeof e.outcome.address},
        {e.outcome.words, sizeof e.outcome.words},
    };

    for (size_t i = 0; i < COUNT(places); i++)
        span_copy(span_of(words), places[i].at, places[i].size);
    return e;
}

static void every_line_has_a_story_and_no_value_can_change_it(void **state)
{
    (void)state;
    static tell_fn *const tells[] = {text_event, text_event_detail, text_event_result, text_event_reason};
    static const struct {
        int code;
        enum outcome_fault fault;
    } ends[] = {{250, 0}, {450, 0}, {550, 0}, {0, OUTCOME_FAULT_LOOP}, {0, OUTCOME_FAULT_TIMED_OUT}};

    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
            for (size_t end = 0; end < COUNT(ends); end++) {
                for (size_t t = 0; t < COUNT(tells); t++) {
                    struct event good =
                        full_of((enum event_kind)kind, ends[end].code, ends[end].fault, "good");
                    struct event evil = full_of((enum event_kind)kind, ends[end].code, ends[end].fault,
                                                "\n\r\033\xe2\x80\xae\xc2\x9b\xff");
                    const char *what = event_kind_name(good.kind), *text;
                    size_t lines;

                    if (t >= 2 && !text_event_is_mail(&good))
                        continue;
                    text = told(tells[t], &good, (enum text_language)l);
                    lines = lines_of(text);
                    HOLDS(strlen(text) > 3, "%s says something of %s", language_names[l], what);
                    HOLDS(!strpbrk(text, "{}[]"), "%s, %s: \"%s\" is filled", language_names[l], what, text);
                    HOLDS(lines == 0 || (t == 1 && text[strlen(text) - 1] == '\n'),
                          "%s, %s: only stories have lines", language_names[l], what);

                    text = told(tells[t], &evil, (enum text_language)l);
                    HOLDS(lines_of(text) == lines, "%s, %s: no line can be added", language_names[l], what);
                    HOLDS(!strpbrk(text, "\r\033\x7f") && !strstr(text, "\xe2\x80\xae") &&
                              !strstr(text, "\xc2\x9b") && span_is_utf8(span_of(text)),
                          "%s, %s: %s is safe", language_names[l], what, quote(span_of(text)));
                }
            }
        }
    }
}

static void the_longest_story_is_whole(void **state)
{
    (void)state;
    char longest[600];

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        struct event e = full_of(EVENT_FAILED, 550, OUTCOME_FAULT_NONE, longest);
        char answer[440];
        const char *text = told(text_event_detail, &e, (enum text_language)l);

        snprintf(answer, sizeof answer, "550 %s", e.outcome.words);
        HOLDS(strstr(text, e.recipient) && strstr(text, answer), "%s: %s", language_names[l], text);
        HOLDS(strlen(text) < 2048, "%s: it does not get out of hand", language_names[l]);
    }
}

/* ---- what codes mean ---- */

static void codes_mean_what_the_registry_says(void **state)
{
    (void)state;
    const struct {
        int code, subject, detail;
        enum text_meaning expected;
        const char *why;
    } rows[] = {
        {550, 1, 1, TEXT_MEANING_NO_MAILBOX, "RFC 3463: bad destination mailbox address"},
        {450, 1, 1, TEXT_MEANING_NO_MAILBOX, "whatever the class"},
        {550, 1, 11, TEXT_MEANING_NONE, "another detail"},
        {552, 2, 2, TEXT_MEANING_MAILBOX_FULL, "mailbox full"},
        {552, 3, 4, TEXT_MEANING_TOO_BIG, "message too big for system"},
        {452, 3, 1, TEXT_MEANING_SERVER_TROUBLE, "mail system full"},
        {554, 3, 0, TEXT_MEANING_NONE, "for good: it is not known why"},
        {451, 7, 1, TEXT_MEANING_LATER, "greylisting"},
        {550, 7, 1, TEXT_MEANING_RULES, "delivery not authorized"},
        {550, 7, 25, TEXT_MEANING_NO_REVERSE_NAME, "RFC 7372: reverse DNS validation failed"},
        {450, 7, 25, TEXT_MEANING_NO_REVERSE_NAME, "not taken for greylisting"},
        {550, 7, 26, TEXT_MEANING_UNPROVEN, "RFC 7372: multiple authentication checks failed"},
        {421, -1, 0, TEXT_MEANING_SERVER_TROUBLE, "RFC 5321: service not available"},
        {450, -1, 0, TEXT_MEANING_LATER, "RFC 5321: mailbox unavailable for now"},
        {452, -1, 0, TEXT_MEANING_NONE, "storage, or too many recipients"},
        {550, -1, 0, TEXT_MEANING_NONE, "no mailbox, or policy"},
        {250, 1, 1, TEXT_MEANING_NONE, "taken"},
        {250, 7, 1, TEXT_MEANING_NONE, "likewise"},
    };
    struct outcome loop = outcome_from_fault(OUTCOME_FAULT_DNS_NO_DOMAIN, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome o = said(rows[i].code, rows[i].subject, rows[i].detail, "");

        HOLDS(text_meaning_of(&o) == rows[i].expected, "%d x.%d.%d: %s", rows[i].code, rows[i].subject,
              rows[i].detail, rows[i].why);
    }
    HOLDS(text_meaning_of(&loop) == TEXT_MEANING_NONE, "our own 550 5.1.2 has an explanation of its own");
}

static void every_meaning_is_some_codes(void **state)
{
    (void)state;
    bool seen[TEXT_MEANING_COUNT] = {false};

    for (int code = 400; code < 600; code++)
        for (int subject = -1; subject < 8; subject++)
            for (int detail = 0; detail < 32; detail++) {
                struct outcome o = said(code, subject, detail, "");

                seen[text_meaning_of(&o)] = true;
            }
    for (int i = 0; i < TEXT_MEANING_COUNT; i++)
        HOLDS(seen[i], "\"%s\" can come", i ? text_catalogues[TEXT_EN].meanings[i].brief : "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_is_a_few_words),
        cmocka_unit_test(long_words_are_shortened_to_their_first_sentence),
        cmocka_unit_test(the_reason_is_ours_or_the_servers),
        cmocka_unit_test(the_facts_of_a_column_are_as_safe_as_sentences),
        cmocka_unit_test(the_story_has_a_line_for_each_fact),
        cmocka_unit_test(every_line_has_a_story_and_no_value_can_change_it),
        cmocka_unit_test(the_longest_story_is_whole),
        cmocka_unit_test(codes_mean_what_the_registry_says),
        cmocka_unit_test(every_meaning_is_some_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
