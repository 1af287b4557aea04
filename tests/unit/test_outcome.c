/* SPDX-License-Identifier: MIT */
/*
 * Outcomes: the two ways they are made, what never gets into their words, and how several become one.
 */

#include "core/outcome.h"
#include "feed.h"

static enum outcome_kind kind_of(int code)
{
    return code / 100 == 2 ? OUTCOME_ACCEPTED : code / 100 == 4 ? OUTCOME_TEMPORARY : OUTCOME_PERMANENT;
}

/* Printable, one line, and if there are octets above 127, whole UTF-8 sequences. */
static bool words_are_clean(const char *words, size_t size)
{
    const char *end = memchr(words, '\0', size);
    size_t length = end == NULL ? 0 : (size_t)(end - words);

    if (end == NULL)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)words[i];
        size_t more;

        if (c >= 32 && c <= 126)
            continue;
        more = c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
        if (more == 0)
            return false;
        for (; more > 0; more--)
            if (((unsigned char)words[++i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static void every_fault_has_the_code_and_the_words_of_the_table(void **state)
{
    (void)state;
    const struct {
        enum outcome_fault fault;
        const char *name;
        int code, subject, detail;
        const char *words;
    } rows[] = {
#define X(name, code, subject, detail, words) {OUTCOME_FAULT_##name, #name, code, subject, detail, words},
        OUTCOME_FAULTS(X)
#undef X
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome plain = outcome_from_fault(rows[i].fault, NULL);
        struct outcome more = outcome_from_fault(rows[i].fault, "mx1.example");

        HOLDS(plain.fault == rows[i].fault, "%s", rows[i].name);
        HOLDS(plain.code == rows[i].code, "%s", rows[i].name);
        HOLDS(plain.kind == kind_of(rows[i].code), "%s", rows[i].name);
        HOLDS(plain.subject == rows[i].subject && plain.detail == rows[i].detail, "%s", rows[i].name);
        HOLDS(strcmp(plain.words, rows[i].words) == 0, "%s: \"%s\"", rows[i].name, plain.words);
        HOLDS(plain.host[0] == '\0' && plain.address[0] == '\0', "%s", rows[i].name);
        HOLDS(plain.copy_may_exist == (rows[i].fault == OUTCOME_FAULT_LOST_AFTER_DOT),
              "%s: only a break after the dot may have left a copy", rows[i].name);
        HOLDS(strncmp(more.words, rows[i].words, strlen(rows[i].words)) == 0, "%s: \"%s\"", rows[i].name,
              more.words);
        HOLDS(strcmp(more.words + strlen(rows[i].words), ": mx1.example") == 0, "%s: \"%s\"", rows[i].name,
              more.words);
        HOLDS(strcmp(outcome_fault_name(rows[i].fault), rows[i].name) == 0, "%s",
              outcome_fault_name(rows[i].fault));
    }
    assert_non_null(outcome_fault_name(OUTCOME_FAULT_NONE));
}

static void a_reply_is_judged_by_its_first_digit(void **state)
{
    (void)state;
    const struct {
        int code;
        enum outcome_kind kind;
        const char *why;
    } rows[] = {
        {200, OUTCOME_ACCEPTED, "the lowest"},    {250, OUTCOME_ACCEPTED, "the usual"},
        {251, OUTCOME_ACCEPTED, "will forward"},  {252, OUTCOME_ACCEPTED, "cannot verify, will try"},
        {299, OUTCOME_ACCEPTED, "2yz"},           {400, OUTCOME_TEMPORARY, "4yz"},
        {421, OUTCOME_TEMPORARY, "leaving"},      {450, OUTCOME_TEMPORARY, "greylisted"},
        {499, OUTCOME_TEMPORARY, "4yz"},          {500, OUTCOME_PERMANENT, "5yz"},
        {550, OUTCOME_PERMANENT, "no such user"}, {599, OUTCOME_PERMANENT, "the highest"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome o = outcome_from_reply(rows[i].code, 1, 2, SPAN("said the server"));

        HOLDS(o.kind == rows[i].kind, "%d: %s", rows[i].code, rows[i].why);
        HOLDS(o.code == rows[i].code, "%d: %s", rows[i].code, rows[i].why);
        HOLDS(o.fault == OUTCOME_FAULT_NONE, "%d: the words are the server's", rows[i].code);
        HOLDS(o.subject == 1 && o.detail == 2, "%d", rows[i].code);
        HOLDS(strcmp(o.words, "said the server") == 0, "%d: \"%s\"", rows[i].code, o.words);
        HOLDS(!o.copy_may_exist, "%d", rows[i].code);
        HOLDS(o.host[0] == '\0' && o.address[0] == '\0', "%d", rows[i].code);
    }
    for (int code = 300; code < 400; code++) {
        struct outcome o = outcome_from_reply(code, -1, 0, SPAN("go on"));

        HOLDS(o.kind != OUTCOME_ACCEPTED && o.kind != OUTCOME_NONE, "%d accepts nothing", code);
    }
}

static void a_code_that_is_no_final_reply_is_a_protocol_fault(void **state)
{
    (void)state;
    const int codes[] = {0, -1, 1, 25, 99, 100, 199, 600, 999, 2500, INT32_MIN, INT32_MAX};

    for (size_t i = 0; i < COUNT(codes); i++) {
        struct outcome o = outcome_from_reply(codes[i], 1, 1, SPAN("odd"));

        HOLDS(o.kind == OUTCOME_TEMPORARY, "%d", codes[i]);
        HOLDS(o.fault == OUTCOME_FAULT_PROTOCOL, "%d", codes[i]);
        HOLDS(o.code == 451, "%d gives %d", codes[i], o.code);
    }
}

static void a_reply_without_an_enhanced_code_keeps_none(void **state)
{
    (void)state;
    struct outcome o = outcome_from_reply(550, -1, 0, SPAN("no"));

    assert_true(o.subject < 0);
    assert_string_equal(o.words, "no");
}

static void words_are_printable_one_line_and_never_too_long(void **state)
{
    (void)state;
    const struct {
        struct span words;
        const char *why;
    } rows[] = {
        {SPAN(""), "nothing said"},
        {SPAN("a\r\n250 forged"), "a line end would forge a reply"},
        {SPAN("a\nb"), "LF"},
        {SPAN("a\rb"), "CR"},
        {SPAN("a\0b"), "NUL"},
        {SPAN("\x1b[2Jgone"), "a terminal escape"},
        {SPAN("\x7f"), "DEL"},
        {SPAN("\tx"), "tab"},
        {SPAN("\xff\xfe"), "octets that are no UTF-8"},
        {SPAN("\xc3"), "half of a UTF-8 sequence"},
        {SPAN("p\xc5\x99\xc3\xad"), "UTF-8"},
        {SPAN("\xc2\x9b"
              "2J"),
         "a C1 control in UTF-8: a terminal takes it for an escape"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = exact_copy(rows[i].words);
        struct outcome o = outcome_from_reply(550, -1, 0, span_make(copy, rows[i].words.length));

        HOLDS(words_are_clean(o.words, sizeof o.words), "%s: %s", rows[i].why, quote(span_of(o.words)));
        HOLDS(strstr(o.words, "\xc2\x9b") == NULL, "%s: %s", rows[i].why, quote(span_of(o.words)));
        free(copy);
    }
    struct outcome utf8 =
        outcome_from_reply(550, -1, 0, SPAN("p\xc5\x99\xc3\xad \xe2\x82\xac \xf0\x9f\x93\xa7"));

    HOLDS(strcmp(utf8.words, "p\xc5\x99\xc3\xad \xe2\x82\xac \xf0\x9f\x93\xa7") == 0, "UTF-8 is kept: %s",
          quote(span_of(utf8.words)));
    for (size_t length = 380; length < 2000; length += length < 420 ? 1 : 97) {
        char *text = malloc(length);

        assert_non_null(text);
        for (size_t i = 0; i < length; i++)
            text[i] = i % 2 == 0 ? '\xc5' : '\x99';
        struct outcome o = outcome_from_reply(550, -1, 0, span_make(text, length));

        HOLDS(words_are_clean(o.words, sizeof o.words), "a cut must not halve a sequence: %s",
              quote(span_of(o.words)));
        memset(text, 'w', length);
        o = outcome_from_reply(550, -1, 0, span_make(text, length));
        HOLDS(words_are_clean(o.words, sizeof o.words), "length %zu", length);
        HOLDS(strlen(o.words) >= (length < 399 ? length : 390),
              "as much is kept as there is room for: %zu of %zu", strlen(o.words), length);
        text[length - 1] = '\0';
        o = outcome_from_fault(OUTCOME_FAULT_CONNECT_FAILED, text);
        HOLDS(words_are_clean(o.words, sizeof o.words), "a long addition to a fault: %zu", length);
        free(text);
    }
    struct outcome o = outcome_from_fault(OUTCOME_FAULT_CONNECT_FAILED, "mx\r\n250 forged\x1b");

    HOLDS(words_are_clean(o.words, sizeof o.words), "what is added to a fault's words: %s",
          quote(span_of(o.words)));
}

static void the_server_it_is_about_can_be_named_however_long(void **state)
{
    (void)state;
    struct outcome o = outcome_from_reply(250, 0, 0, SPAN("ok"));
    char host[1000];

    outcome_set_host(&o, "mx.example", "192.0.2.1");
    assert_string_equal(o.host, "mx.example");
    assert_string_equal(o.address, "192.0.2.1");
    outcome_set_host(&o, "", "");
    assert_string_equal(o.host, "");
    assert_string_equal(o.address, "");
    memset(host, 'h', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    outcome_set_host(&o, host, host);
    assert_non_null(memchr(o.host, '\0', sizeof o.host));
    assert_non_null(memchr(o.address, '\0', sizeof o.address));
    assert_string_equal(o.words, "ok");
}

static void several_become_one_accepted_if_any_then_temporary_if_any(void **state)
{
    (void)state;
    const struct {
        int codes[4];
        int expected; /* 0: any of the list */
        enum outcome_kind kind;
        const char *why;
    } rows[] = {
        {{250}, 250, OUTCOME_ACCEPTED, "one alone is itself"},
        {{451}, 451, OUTCOME_TEMPORARY, "one alone is itself"},
        {{550}, 550, OUTCOME_PERMANENT, "one alone is itself"},
        {{550, 250}, 250, OUTCOME_ACCEPTED, "one has it: the sender must not send again"},
        {{451, 250}, 250, OUTCOME_ACCEPTED, "likewise"},
        {{250, 451, 550}, 250, OUTCOME_ACCEPTED, "whatever the order"},
        {{550, 451, 250}, 250, OUTCOME_ACCEPTED, "whatever the order"},
        {{451, 250, 550}, 250, OUTCOME_ACCEPTED, "whatever the order"},
        {{550, 451}, 451, OUTCOME_TEMPORARY, "one may succeed later"},
        {{451, 550}, 451, OUTCOME_TEMPORARY, "whatever the order"},
        {{550, 550, 550, 421}, 421, OUTCOME_TEMPORARY, "the last one"},
        {{550, 554}, 0, OUTCOME_PERMANENT, "all are final"},
        {{451, 452}, 0, OUTCOME_TEMPORARY, "all may succeed"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome outcomes[4];
        const struct outcome *list[4];
        const struct outcome *merged;
        size_t count = 0;
        bool ours = false;

        for (; count < 4 && rows[i].codes[count] != 0; count++) {
            outcomes[count] = outcome_from_reply(rows[i].codes[count], -1, 0, SPAN("x"));
            list[count] = &outcomes[count];
        }
        merged = outcome_merge(list, count);
        for (size_t k = 0; k < count; k++)
            ours = ours || merged == list[k];
        HOLDS(ours, "%s: one of the list", rows[i].why);
        HOLDS(merged->kind == rows[i].kind, "%s", rows[i].why);
        HOLDS(rows[i].expected == 0 || merged->code == rows[i].expected, "%s: %d", rows[i].why, merged->code);
    }
}

static void the_worst_permanent_one_does_not_depend_on_the_order(void **state)
{
    (void)state;
    struct outcome low = outcome_from_reply(550, 1, 1, SPAN("no such user"));
    struct outcome high = outcome_from_reply(554, 7, 1, SPAN("policy"));
    const struct outcome *one[] = {&low, &high};
    const struct outcome *other[] = {&high, &low};

    assert_ptr_equal(outcome_merge(one, 2), outcome_merge(other, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_the_code_and_the_words_of_the_table),
        cmocka_unit_test(a_reply_is_judged_by_its_first_digit),
        cmocka_unit_test(a_code_that_is_no_final_reply_is_a_protocol_fault),
        cmocka_unit_test(a_reply_without_an_enhanced_code_keeps_none),
        cmocka_unit_test(words_are_printable_one_line_and_never_too_long),
        cmocka_unit_test(the_server_it_is_about_can_be_named_however_long),
        cmocka_unit_test(several_become_one_accepted_if_any_then_temporary_if_any),
        cmocka_unit_test(the_worst_permanent_one_does_not_depend_on_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
