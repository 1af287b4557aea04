/* SPDX-License-Identifier: MIT */
/*
 * MTA-STS: which records name a policy, which files are one, which servers it allows, and for how long it is
 * remembered.
 */

#include "feed.h"
#include "smtp/policy.h"

#define GOOD "version: STSv1\r\nmode: enforce\r\nmx: mx.y.cz\r\nmax_age: 86400\r\n"

/* ---- the record ---- */

static void records_name_a_policy_or_none(void **state)
{
    (void)state;
    const struct {
        const char *records[3];
        const char *id; /* NULL: none */
        const char *why;
    } rows[] = {
        {{NULL}, NULL, "no records"},
        {{"v=STSv1; id=20160831085700Z;"}, "20160831085700Z", "RFC 8461's example"},
        {{"v=STSv1; id=20160831085700Z"}, "20160831085700Z", "no delimiter at the end"},
        {{"v=STSv1;id=1"}, "1", "no blanks"},
        {{"v=STSv1 \t; \tid=1\t ;\t"}, "1", "blanks around the delimiters"},
        {{"v=STSv1; x=y; id=1; z-1._a=!~"}, "1", "other fields"},
        {{"v=STSv1; id=1; id=2"}, "1", "the first of two"},
        {{"v=spf1 -all", "v=STSv1; id=1", "hello"}, "1", "records of other kinds"},
        {{"v=STSv1; id=1", "v=STSv1; id=1"}, NULL, "two policies are none, even when they are equal"},
        {{"v=STSv1", "v=STSv1; id=1"}, "1", "what does not begin like one is not counted"},
        {{"v=STSv1"}, NULL, "no id"},
        {{"v=STSv1;"}, NULL, "no id"},
        {{"v=STSv1; x=y"}, NULL, "no id"},
        {{"v=STSv1; id="}, NULL, "an empty id"},
        {{"v=STSv1; id=1_2"}, NULL, "an id of other than letters and digits"},
        {{"v=STSv1; id=12345678901234567890123456789012"}, "12345678901234567890123456789012", "32"},
        {{"v=STSv1; id=123456789012345678901234567890123"}, NULL, "33"},
        {{"v=STSv1; id=1; bad"}, NULL, "something that is no field"},
        {{"v=STSv1; id=1; =x"}, NULL, "a field without a name"},
        {{"v=STSv1; id=1; x="}, NULL, "a field without a value"},
        {{"v=STSv1; id=1; -x=1"}, NULL, "a name that begins with a hyphen"},
        {{"v=STSv1; id=1; abcdefghijklmnopqrstuvwxyz01234567=1"}, NULL, "a name of 34"},
        {{"v=STSv1; id=1; abcdefghijklmnopqrstuvwxyz012345=1"}, "1", "a name of 32"},
        {{"v=STSv1; id=1; x=\x7f"}, NULL, "DEL"},
        {{"v=STSv1; id=1; x=a b"}, NULL, "a blank within a value"},
        {{"v=STSv1; id=1; x=\xC4\x8D"}, NULL, "8-bit"},
        {{"v=STSv1;; id=1"}, NULL, "an empty field"},
        {{"v=STSv1; id=1;;"}, NULL, "an empty field at the end"},
        {{"v=stsv1; id=1"}, NULL, "the version has its case"},
        {{"V=STSv1; id=1"}, NULL, "the name, too"},
        {{" v=STSv1; id=1"}, NULL, "nothing in front of it"},
        {{"v=STSv10; id=1"}, NULL, "another version"},
        {{"v=STSv1 x; id=1"}, NULL, "another version"},
        {{""}, NULL, "an empty record"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span records[3];
        char *copies[3], id[SMTP_POLICY_ID_MAX + 1];
        size_t count = 0;
        bool found;

        while (count < COUNT(records) && rows[i].records[count]) {
            struct span record = span_of(rows[i].records[count]);

            copies[count] = exact_copy(record);
            records[count] = span_make(copies[count], record.length);
            count++;
        }
        found = smtp_policy_id(records, count, id);
        HOLDS(found == (rows[i].id != NULL), "%s: %s", rows[i].why, rows[i].records[0]);
        HOLDS(!found || strcmp(id, rows[i].id) == 0, "%s: %s", rows[i].why, id);
        while (count > 0)
            free(copies[--count]);
    }
}

/* ---- the file ---- */

static enum smtp_policy_status parse(struct span file, struct smtp_policy *policy)
{
    char *copy = exact_copy(file);
    enum smtp_policy_status status;

    memset(policy, 0x55, sizeof *policy);
    status = smtp_policy_parse(span_make(copy, file.length), policy);
    free(copy);
    return status;
}

static void files_are_policies_or_not(void **state)
{
    (void)state;
    const struct {
        const char *file;
        enum smtp_policy_status expected;
        const char *why;
    } rows[] = {
        {GOOD, SMTP_POLICY_OK, "RFC 8461's example, shorter"},
        {"version: STSv1\nmode: enforce\nmx: mx.y.cz\nmax_age: 86400", SMTP_POLICY_OK,
         "LF, and none at the end"},
        {"max_age:1\nmx:*.y.cz\nmode:testing\nversion:STSv1\n", SMTP_POLICY_OK, "another order, no blanks"},
        {"version: STSv1  \nmode: enforce\t\nmx: mx.y.cz \nmax_age: 86400 \n", SMTP_POLICY_OK,
         "blanks at the end"},
        {"\nversion: STSv1\n\r\nmode: enforce\n \nmx: mx.y.cz\nmax_age: 1\n\n", SMTP_POLICY_OK,
         "empty lines"},
        {GOOD "later: whatever \xC4\x8D\n", SMTP_POLICY_OK, "keys of later versions"},
        {GOOD "mode: none\nversion: STSv2\nmax_age: x\n", SMTP_POLICY_OK, "repetitions do not count"},
        {"version: STSv1\nmode: none\nmax_age: 1\n", SMTP_POLICY_OK, "none needs no server"},
        {"version: STSv1\nmode: none\nmx: a.cz\nmax_age: 1\n", SMTP_POLICY_OK, "but may have one"},
        {"", SMTP_POLICY_VERSION, "an empty file"},
        {"mode: enforce\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_VERSION, "no version"},
        {"version: STSv2\nmode: enforce\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_VERSION,
         "another version"},
        {"version: stsv1\nmode: enforce\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_VERSION,
         "it has its case"},
        {"version: STSv1\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_MODE, "no mode"},
        {"version: STSv1\nmode: strict\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_MODE, "another mode"},
        {"version: STSv1\nmode: Enforce\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_MODE, "it has its case"},
        {"version: STSv1\nmode:\nmx: mx.y.cz\nmax_age: 86400\n", SMTP_POLICY_MODE, "an empty one"},
        {"version: STSv1\nmode: enforce\nmx: mx.y.cz\n", SMTP_POLICY_MAX_AGE, "no age"},
        {"version: STSv1\nmode: enforce\nmx: mx.y.cz\nmax_age: -1\n", SMTP_POLICY_MAX_AGE, "a negative age"},
        {"version: STSv1\nmode: enforce\nmx: mx.y.cz\nmax_age: 1d\n", SMTP_POLICY_MAX_AGE, "units"},
        {"version: STSv1\nmode: enforce\nmx: mx.y.cz\nmax_age: 10000000000\n", SMTP_POLICY_MAX_AGE,
         "11 digits"},
        {"version: STSv1\nmode: enforce\nmax_age: 86400\n", SMTP_POLICY_MX, "no server"},
        {"version: STSv1\nmode: testing\nmax_age: 86400\n", SMTP_POLICY_MX, "testing needs one too"},
        {"version: STSv1\nmode: enforce\nmx:\nmax_age: 86400\n", SMTP_POLICY_MX, "an empty one"},
        {"version: STSv1\nmode: enforce\nmx: *\nmax_age: 86400\n", SMTP_POLICY_MX, "a lone star"},
        {"version: STSv1\nmode: enforce\nmx: *.\nmax_age: 86400\n", SMTP_POLICY_MX, "a star and a dot"},
        {"version: STSv1\nmode: enforce\nmx: a.cz..\nmax_age: 86400\n", SMTP_POLICY_MX, "two final dots"},
        {"version: STSv1\nmode: enforce\nmx: .\nmax_age: 86400\n", SMTP_POLICY_MX, "the root"},
        {"version: STSv1\nmode: enforce\nmx: a.*.cz\nmax_age: 86400\n", SMTP_POLICY_MX, "a star inside"},
        {"version: STSv1\nmode: enforce\nmx: *.*.cz\nmax_age: 86400\n", SMTP_POLICY_MX, "two stars"},
        {"version: STSv1\nmode: enforce\nmx: a cz\nmax_age: 86400\n", SMTP_POLICY_MX, "a blank"},
        {"version: STSv1\nmode: enforce\nmx: a..cz\nmax_age: 86400\n", SMTP_POLICY_MX, "an empty label"},
        {"version: STSv1\nmode: enforce\nmx: h\xC3\xA1\xC4\x8Dky.cz\nmax_age: 1\n", SMTP_POLICY_MX,
         "no A-label"},
        {GOOD "hello\n", SMTP_POLICY_SYNTAX, "no key"},
        {GOOD ": x\n", SMTP_POLICY_SYNTAX, "an empty key"},
        {GOOD " mode: x\n", SMTP_POLICY_SYNTAX, "a blank in front"},
        {GOOD "mode : x\n", SMTP_POLICY_SYNTAX, "a blank behind"},
        {"<!DOCTYPE html>\n<html>not found</html>\n", SMTP_POLICY_SYNTAX,
         "what a web server says that has no policy"},
        {"\xEF\xBB\xBF" GOOD, SMTP_POLICY_SYNTAX, "a byte order mark"},
        {"version: STSv1\rmode: enforce\rmx: mx.y.cz\rmax_age: 86400\r", SMTP_POLICY_VERSION,
         "CR ends no line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_policy policy;
        enum smtp_policy_status status = parse(span_of(rows[i].file), &policy);

        HOLDS(status == rows[i].expected, "%s: %s", rows[i].why, smtp_policy_status_name(status));
    }
}

static void what_the_file_says_is_what_is_read(void **state)
{
    (void)state;
    const struct {
        const char *file;
        enum smtp_policy_mode mode;
        uint32_t max_age_s;
        const char *why;
    } rows[] = {
        {GOOD, SMTP_POLICY_MODE_ENFORCE, 86400, "enforce"},
        {"version: STSv1\nmode: testing\nmx: a.cz\nmax_age: 0\n", SMTP_POLICY_MODE_TESTING, 0,
         "testing, no age"},
        {"version: STSv1\nmode: none\nmax_age: 31557600\n", SMTP_POLICY_MODE_NONE, 31557600, "none, a year"},
        {"version: STSv1\nmode: none\nmax_age: 9999999999\n", SMTP_POLICY_MODE_NONE, 31557600,
         "more than a year is a year"},
        {GOOD "mode: none\nmax_age: 5\n", SMTP_POLICY_MODE_ENFORCE, 86400, "the first counts"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_policy policy;

        assert_int_equal(parse(span_of(rows[i].file), &policy), SMTP_POLICY_OK);
        HOLDS(policy.mode == rows[i].mode && policy.max_age_s == rows[i].max_age_s, "%s", rows[i].why);
    }
}

/* A file that breaks off is a policy only from where it is whole on. */
static void a_file_cut_short_is_no_other_policy(void **state)
{
    (void)state;
    struct span file = SPAN(GOOD);

    for (size_t length = 0; length <= file.length; length++) {
        struct smtp_policy policy;
        enum smtp_policy_status status = parse(span_first(file, length), &policy);

        /* From the first digit of max_age on nothing tells the cut one from a whole one; HTTP has to. */
        HOLDS((status == SMTP_POLICY_OK) == (length >= file.length - 6), "%zu: %s", length,
              smtp_policy_status_name(status));
    }
}

static void too_much_is_refused(void **state)
{
    (void)state;
    struct smtp_policy *policy = malloc(sizeof *policy);
    char *file = malloc(SMTP_POLICY_FILE_MAX + 1);
    size_t used = (size_t)snprintf(file, 100, "%s", GOOD), names = 0;

    assert_non_null(policy);
    memset(file + used, '\n', SMTP_POLICY_FILE_MAX + 1 - used);
    assert_int_equal(parse(span_make(file, SMTP_POLICY_FILE_MAX), policy), SMTP_POLICY_OK);
    assert_int_equal(parse(span_make(file, SMTP_POLICY_FILE_MAX + 1), policy), SMTP_POLICY_TOO_LONG);
    while (parse(span_make(file, used), policy) == SMTP_POLICY_OK) { /* each name 8 octets with its NUL */
        HOLDS(policy->patterns_length <= SMTP_POLICY_PATTERNS_MAX, "%zu", policy->patterns_length);
        names++;
        used += (size_t)snprintf(file + used, 100, "mx: mx.y.cz\n");
    }
    assert_int_equal(parse(span_make(file, used), policy), SMTP_POLICY_TOO_LONG);
    assert_int_equal(names, SMTP_POLICY_PATTERNS_MAX / 8);
    used = (size_t)snprintf(file, 100, "version: STSv1\nmode: enforce\nmax_age: 1\nmx: mx1.y.cz\n");
    names = 0; /* the first one is longer by an octet: the last that would fit does so but for its NUL */
    while (parse(span_make(file, used), policy) == SMTP_POLICY_OK) {
        names++;
        used += (size_t)snprintf(file + used, 100, "mx: mx.y.cz\n");
    }
    assert_int_equal(names, SMTP_POLICY_PATTERNS_MAX / 8 - 1);
    free(file);
    free(policy);
}

/* RFC 8461 section 3.3 wants no more than that 64 KB of a file be read. */
static void a_policy_may_name_hundreds_of_servers(void **state)
{
    (void)state;
    struct smtp_policy policy;
    char file[16 * 1024], host[40];
    size_t used = (size_t)snprintf(file, sizeof file, "version: STSv1\nmode: enforce\nmax_age: 86400\n");

    for (int i = 0; i < 300; i++)
        used += (size_t)snprintf(file + used, sizeof file - used, "mx: mx%d.mail.provider.cz\n", i);
    assert_int_equal(parse(span_make(file, used), &policy), SMTP_POLICY_OK);
    for (int i = 0; i < 300; i++) {
        snprintf(host, sizeof host, "mx%d.mail.provider.cz", i);
        HOLDS(smtp_policy_allows(&policy, host), "%s", host);
    }
    assert_false(smtp_policy_allows(&policy, "mx300.mail.provider.cz"));
}

/* ---- servers ---- */

static void servers_are_allowed_by_name(void **state)
{
    (void)state;
    const struct {
        const char *patterns, *host;
        bool expected;
        const char *why;
    } rows[] = {
        {"mx.y.cz", "mx.y.cz", true, "the same"},
        {"mx.y.cz", "MX.Y.cz", true, "names have no case"},
        {"MX.y.cz", "mx.y.CZ", true, "on either side"},
        {"mx.y.cz", "mx.y.cz.", true, "a final dot"},
        {"mx.y.cz.", "mx.y.cz", true, "on either side"},
        {"mx.y.cz", "mx2.y.cz", false, "another one"},
        {"mx.y.cz", "a.mx.y.cz", false, "a name below it"},
        {"mx.y.cz", "y.cz", false, "the name above it"},
        {"mx.y.cz", "xmx.y.cz", false, "one that ends like it"},
        {"mx.y.cz", "", false, "no name"},
        {"*.y.cz", "mx.y.cz", true, "one label"},
        {"*.y.cz", "MX.Y.CZ", true, "in any case"},
        {"*.y.cz", "y.cz", false, "no label"},
        {"*.y.cz", "a.b.y.cz", false, "two labels (section 4.1)"},
        {"*.y.cz", ".y.cz", false, "an empty label"},
        {"*.y.cz", "mxy.cz", false, "the dot matters"},
        {"*.y.cz", "mx.z.y.cz.evil.example", false, "at the end"},
        {"*.y.cz", "*.y.cz", true, "a star in a name is a label like others"},
        {"a.cz\nmx: *.b.cz\nmx: c.cz", "mx.b.cz", true, "the second of three"},
        {"a.cz\nmx: *.b.cz\nmx: c.cz", "c.cz", true, "the last of three"},
        {"a.cz\nmx: *.b.cz\nmx: c.cz", "d.cz", false, "none of three"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_policy policy;
        char file[300];

        snprintf(file, sizeof file, "version: STSv1\nmode: enforce\nmax_age: 1\nmx: %s\n", rows[i].patterns);
        assert_int_equal(parse(span_of(file), &policy), SMTP_POLICY_OK);
        HOLDS(smtp_policy_allows(&policy, rows[i].host) == rows[i].expected, "%s: %s, %s", rows[i].why,
              rows[i].patterns, rows[i].host);
    }
}

/* ---- remembering ---- */

static struct smtp_policies *policies_make(size_t domain_max)
{
    struct smtp_policies *p = smtp_policies_new(domain_max);

    assert_non_null(p);
    return p;
}

static void store(struct smtp_policies *p, const char *domain, const char *id, const char *mx,
                  unsigned max_age_s, uint64_t now_s)
{
    struct smtp_policy policy;
    char file[300];

    snprintf(file, sizeof file, "version: STSv1\nmode: enforce\nmax_age: %u\nmx: %s\n", max_age_s, mx);
    assert_int_equal(parse(span_of(file), &policy), SMTP_POLICY_OK);
    assert_true(smtp_policies_store(p, domain, id, &policy, now_s));
}

static void expect(struct smtp_policies *p, const char *domain, const char *id, uint64_t now_s,
                   enum smtp_policy_step step, const char *mx, const char *why)
{
    const struct smtp_policy *policy = (const struct smtp_policy *)"not set";
    enum smtp_policy_step got = smtp_policy_decide(p, domain, id, now_s, &policy);

    HOLDS(got == step, "%s: step %d", why, got);
    HOLDS((policy != NULL) == (mx != NULL), "%s: a policy or none", why);
    HOLDS(!policy || (policy->mode == SMTP_POLICY_MODE_ENFORCE && smtp_policy_allows(policy, mx)), "%s: %s",
          why, policy->patterns);
}

static void a_policy_holds_for_its_age(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(4);

    expect(p, "y.cz", "", 0, SMTP_POLICY_STEP_NONE, NULL, "nothing known, nothing named");
    expect(p, "y.cz", "1", 0, SMTP_POLICY_STEP_FETCH, NULL, "one is named");
    store(p, "y.cz", "1", "a.cz", 1000, 100);
    expect(p, "y.cz", "1", 100, SMTP_POLICY_STEP_USE, "a.cz", "known");
    expect(p, "Y.CZ", "1", 100, SMTP_POLICY_STEP_USE, "a.cz", "in any case");
    expect(p, "z.cz", "1", 100, SMTP_POLICY_STEP_FETCH, NULL, "another domain");
    expect(p, "y.cz", "", 1099, SMTP_POLICY_STEP_USE, "a.cz", "it holds though no record is seen any more");
    expect(p, "y.cz", "2", 1099, SMTP_POLICY_STEP_FETCH, "a.cz",
           "a new one is named; until it is had, the old");
    expect(p, "y.cz", "", 1100, SMTP_POLICY_STEP_NONE, NULL, "its time is over");
    expect(p, "y.cz", "1", 1100, SMTP_POLICY_STEP_FETCH, NULL, "to be fetched again");
    smtp_policies_free(p);
}

static void a_new_policy_replaces_the_old_one(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(4);

    store(p, "y.cz", "1", "a.cz", 1000, 0);
    store(p, "y.cz", "2", "b.cz", 10, 5);
    expect(p, "y.cz", "2", 6, SMTP_POLICY_STEP_USE, "b.cz", "the new one");
    expect(p, "y.cz", "2", 15, SMTP_POLICY_STEP_FETCH, NULL, "and its own age");
    smtp_policies_free(p);
}

static void the_longest_ids_are_told_apart(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(4);

    store(p, "y.cz", "12345678901234567890123456789012", "a.cz", 1000, 0);
    expect(p, "y.cz", "12345678901234567890123456789012", 1, SMTP_POLICY_STEP_USE, "a.cz", "the same");
    expect(p, "y.cz", "12345678901234567890123456789013", 1, SMTP_POLICY_STEP_FETCH, "a.cz", "another");
    smtp_policies_failed(p, "y.cz", "12345678901234567890123456789013", 1);
    expect(p, "y.cz", "12345678901234567890123456789013", 2, SMTP_POLICY_STEP_USE, "a.cz",
           "could not be had");
    expect(p, "y.cz", "12345678901234567890123456789014", 2, SMTP_POLICY_STEP_FETCH, "a.cz", "another still");
    smtp_policies_free(p);
}

static void what_could_not_be_had_is_not_asked_for_again_at_once(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(4);

    smtp_policies_failed(p, "y.cz", "1", 1000);
    expect(p, "y.cz", "1", 1000, SMTP_POLICY_STEP_NONE, NULL, "as though there were none (section 3.3)");
    expect(p, "y.cz", "1", 1299, SMTP_POLICY_STEP_NONE, NULL, "for five minutes");
    expect(p, "y.cz", "2", 1299, SMTP_POLICY_STEP_FETCH, NULL, "another id is another policy");
    expect(p, "y.cz", "1", 1300, SMTP_POLICY_STEP_FETCH, NULL, "then again");
    store(p, "y.cz", "1", "a.cz", 100000, 1300);
    smtp_policies_failed(p, "y.cz", "2", 2000);
    expect(p, "y.cz", "2", 2001, SMTP_POLICY_STEP_USE, "a.cz", "the old one holds (section 5.1)");
    expect(p, "y.cz", "2", 2300, SMTP_POLICY_STEP_FETCH, "a.cz", "while the new one is asked for");
    store(p, "y.cz", "2", "b.cz", 100000, 2301);
    expect(p, "y.cz", "2", 2302, SMTP_POLICY_STEP_USE, "b.cz", "now it is here");
    smtp_policies_free(p);
}

static void a_policy_without_age_is_not_remembered(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(1);

    store(p, "y.cz", "1", "a.cz", 0, 10);
    expect(p, "y.cz", "1", 10, SMTP_POLICY_STEP_FETCH, NULL, "over at once");
    smtp_policies_free(p);
}

static void the_domain_not_asked_for_longest_makes_room(void **state)
{
    (void)state;
    struct smtp_policies *p = policies_make(3);

    store(p, "a.cz", "1", "mx.a.cz", 1000, 0);
    store(p, "b.cz", "1", "mx.b.cz", 1000, 0);
    store(p, "c.cz", "1", "mx.c.cz", 1000, 0);
    expect(p, "a.cz", "1", 1, SMTP_POLICY_STEP_USE, "mx.a.cz", "asked for");
    store(p, "d.cz", "1", "mx.d.cz", 1000, 2);
    expect(p, "b.cz", "1", 3, SMTP_POLICY_STEP_FETCH, NULL, "gone");
    expect(p, "a.cz", "1", 3, SMTP_POLICY_STEP_USE, "mx.a.cz", "stays");
    expect(p, "c.cz", "1", 3, SMTP_POLICY_STEP_USE, "mx.c.cz", "stays");
    expect(p, "d.cz", "1", 3, SMTP_POLICY_STEP_USE, "mx.d.cz", "came");
    for (int i = 0; i < 1000; i++) {
        char domain[32];

        snprintf(domain, sizeof domain, "d%d.cz", i);
        store(p, domain, "1", "mx.cz", 1000, 4);
        smtp_policies_failed(p, domain, "2", 4);
        expect(p, domain, "2", 5, SMTP_POLICY_STEP_USE, "mx.cz", domain);
    }
    smtp_policies_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_name_a_policy_or_none),
        cmocka_unit_test(files_are_policies_or_not),
        cmocka_unit_test(what_the_file_says_is_what_is_read),
        cmocka_unit_test(a_file_cut_short_is_no_other_policy),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_policy_may_name_hundreds_of_servers),
        cmocka_unit_test(servers_are_allowed_by_name),
        cmocka_unit_test(a_policy_holds_for_its_age),
        cmocka_unit_test(a_new_policy_replaces_the_old_one),
        cmocka_unit_test(the_longest_ids_are_told_apart),
        cmocka_unit_test(what_could_not_be_had_is_not_asked_for_again_at_once),
        cmocka_unit_test(a_policy_without_age_is_not_remembered),
        cmocka_unit_test(the_domain_not_asked_for_longest_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
