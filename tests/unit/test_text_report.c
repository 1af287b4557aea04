/* SPDX-License-Identifier: MIT */
/* What a report by mail says to the sender. */

#include "tell.h"

static void a_failure_has_its_reason_the_servers_words_and_what_can_be_done(void **state)
{
    (void)state;
    const struct {
        struct event e;
        enum text_language language;
        const char *expected, *why;
    } rows[] = {
        {mail_event(EVENT_FAILED, said(550, 1, 1, "User unknown"), ""), TEXT_EN,
         "b@there.example: There is no such mailbox.\n"
         "The server mx1.there.example said: \"User unknown\"\n"
         "What to do: Check the address for typing errors, and ask the recipient whether it is still in use.\n",
         "a refusal that is known"},
        {mail_event(EVENT_FAILED, said(450, 7, 1, "greylisted"), ""), TEXT_CS,
         "b@there.example: Server nové odesílatele na několik minut odmítá (greylisting).\n"
         "Server mx1.there.example odpověděl: „greylisted“\n"
         "Co dělat: Pošlete stejnou zprávu znovu za pět až patnáct minut.\n",
         "one that may pass"},
        {mail_event(EVENT_FAILED, said(554, 7, 1, "No"), ""), TEXT_PL,
         "b@there.example: serwer odbiorcy odrzuca tę wiadomość według własnych reguł; wiele serwerów odrzuca "
         "całą pocztę wysyłaną wprost z łącza domowego\n"
         "Serwer mx1.there.example odpowiedział: „No”\n",
         "one of which the code alone is known"},
        {mail_event(EVENT_FAILED, said(554, -1, 0, "No"), ""), TEXT_EN,
         "b@there.example: the recipient's server said: \"554 No\"\n", "one that nobody knows, once"},
        {mail_event(EVENT_FAILED, fault(OUTCOME_FAULT_TIMED_OUT, NULL, "mx1.there.example", ""), ""), TEXT_EN,
         "b@there.example: the mail server did not answer in time\n", "found here"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = told(text_report_recipient, &rows[i].e, rows[i].language);

        HOLDS(strcmp(got, rows[i].expected) == 0, "%s: %s, not %s", rows[i].why, rows[i].expected, got);
    }
}

static void expect_begin(bool failed, bool others_have_it, enum text_language language, const char *expected)
{
    struct buf out;

    buf_init(&out, TOLD_SIZE);
    text_report_begin(failed, others_have_it, language, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void all_others_have_it_is_said_if_they_have(void **state)
{
    (void)state;
    static const struct {
        const char *failed, *others;
    } rows[] = {
        [TEXT_EN] = {"Your mail could not be delivered to these recipients.",
                     "All others have it: please do not send it to them again."},
        [TEXT_CS] = {"Vaši zprávu se nepodařilo doručit těmto příjemcům.",
                     "Všichni ostatní ji mají, neposílejte jim ji prosím znovu."},
        [TEXT_PL] = {"Nie udało się dostarczyć wiadomości do tych odbiorców.",
                     "Wszyscy pozostali ją otrzymali: prosimy nie wysyłać jej do nich ponownie."},
    };

    for (enum text_language l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
        char expected[512];

        snprintf(expected, sizeof expected, "%s %s\n\n", rows[l].failed, rows[l].others);
        expect_begin(true, true, l, expected);
        snprintf(expected, sizeof expected, "%s\n\n", rows[l].failed);
        expect_begin(true, false, l, expected);
    }
}

static void a_report_of_success_says_who_took_the_mail(void **state)
{
    (void)state;
    struct event e = mail_event(EVENT_DELIVERED, said(250, 2, 0, "OK"), "");

    for (int others_have_it = 0; others_have_it < 2; others_have_it++)
        expect_begin(false, others_have_it, TEXT_EN,
                     "You asked to be told when your mail arrives. The servers of these recipients have taken it, "
                     "but send no reports of their own.\n\n");
    assert_string_equal(told(text_report_recipient, &e, TEXT_EN), "b@there.example: taken by mx1.there.example\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_has_its_reason_the_servers_words_and_what_can_be_done),
        cmocka_unit_test(all_others_have_it_is_said_if_they_have),
        cmocka_unit_test(a_report_of_success_says_who_took_the_mail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
