/* SPDX-License-Identifier: MIT */
/*
 * Paths: what is an address, what is not, and where the next word of the line begins.
 */

#include "feed.h"
#include "smtp/address.h"

/* Parses an exact-size copy, so that reading past the end shows. */
static enum smtp_address_status parse(struct span path, struct smtp_address *address, size_t *left)
{
    char *copy = exact_copy(path);
    struct span rest = span_make(copy, path.length);
    enum smtp_address_status status;

    memset(address, 0x55, sizeof *address);
    status = smtp_address_parse(&rest, address);
    if (status == SMTP_ADDRESS_OK)
        HOLDS(rest.at + rest.length == copy + path.length, "%s: the rest is the rest", quote(path));
    *left = rest.length;
    free(copy);
    return status;
}

static void paths_that_are_addresses_are_read(void **state)
{
    (void)state;
    const struct {
        const char *path, *text, *rest;
        const char *why;
    } rows[] = {
        {"<a@b.example>", "a@b.example", "", "the usual"},
        {"<>", "", "", "the null reverse-path"},
        {"<> BODY=8BITMIME", "", " BODY=8BITMIME", "and what follows it"},
        {"<a@b.example> SIZE=10", "a@b.example", " SIZE=10", "stops behind the bracket"},
        {"a@b.example", "a@b.example", "", "brackets may be missing"},
        {"a@b.example SIZE=10", "a@b.example", " SIZE=10", "then a space ends it"},
        {"<A.b@EXAMPLE.Com>", "A.b@EXAMPLE.Com", "", "case is kept"},
        {"<postmaster>", "postmaster", "", "RFC 5321 section 4.1.1.3"},
        {"<Postmaster>", "Postmaster", "", "in any case"},
        {"<a@localhost>", "a@localhost", "", "one label"},
        {"<a.b.c@d.e.f.g>", "a.b.c@d.e.f.g", "", "dots on both sides"},
        {"<a+tag=x@b.example>", "a+tag=x@b.example", "", "tags"},
        {"<!#$%&'*+-/=?^_`{|}~@b.example>", "!#$%&'*+-/=?^_`{|}~@b.example", "", "every atext sign"},
        {"<0@0.0>", "0@0.0", "", "digits"},
        {"<a@b-c.example>", "a@b-c.example", "", "a hyphen inside a label"},
        {"<a@_dmarc.b_c.example>", "a@_dmarc.b_c.example", "", "underscores exist in the wild"},
        {"<@relay.example:a@b.example>", "a@b.example", "", "a source route is dropped (section 3.6.1)"},
        {"<@r1.example,@r2.example:a@b.example>", "a@b.example", "", "a longer one too"},
        {"<\"a b\"@c.example>", "\"a b\"@c.example", "", "a quoted string with a space"},
        {"<\"a@b\"@c.example>", "\"a@b\"@c.example", "", "with an @"},
        {"<\"a>b\"@c.example> X", "\"a>b\"@c.example", " X", "with a bracket"},
        {"<\"a\\\"b\"@c.example>", "\"a\\\"b\"@c.example", "", "with an escaped quote"},
        {"<\"a\\\\\"@c.example>", "\"a\\\\\"@c.example", "", "with an escaped backslash at its end"},
        {"<\"\"@c.example>", "\"\"@c.example", "", "an empty one"},
        {"\"a b\"@c.example X", "\"a b\"@c.example", " X", "quoted, without brackets"},
        {"<a@[192.0.2.1]>", "a@[192.0.2.1]", "", "an IPv4 literal"},
        {"<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "", "an IPv6 literal"},
        {"<a..b.@c.example>", "a..b.@c.example", "",
         "against the grammar, but such mailboxes exist: theirs to judge"},
        {"<.a@c.example>", ".a@c.example", "", "likewise"},
        {"<p\xc5\x99@b.example>", "p\xc5\x99@b.example", "", "UTF-8 in the local part"},
        {"<a@b\xc3\xbc.example>", "a@b\xc3\xbc.example", "", "UTF-8 in the domain"},
        {"<\"\xe2\x82\xac \xf0\x9f\x93\xa7\"@b.example>", "\"\xe2\x82\xac \xf0\x9f\x93\xa7\"@b.example", "",
         "UTF-8 in quotes, three and four octets"},
        {"<\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf@b.example>",
         "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf@b.example", "",
         "both sides of the surrogates, and the last"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span path = span_of(rows[i].path);
        struct smtp_address a;
        size_t left;
        enum smtp_address_status status = parse(path, &a, &left);
        struct span local, domain;
        size_t at;

        HOLDS(status == SMTP_ADDRESS_OK, "%s: %s gives %d", rows[i].why, quote(path), (int)status);
        HOLDS(strcmp(a.text, rows[i].text) == 0, "%s: %s gives %s", rows[i].why, quote(path),
              quote(span_of(a.text)));
        HOLDS(left == strlen(rows[i].rest), "%s: %s leaves %zu", rows[i].why, quote(path), left);
        local = smtp_address_local_part(&a);
        domain = smtp_address_domain(&a);
        at = strlen(a.text);
        for (size_t k = 0; k < strlen(a.text); k++) {
            if (a.text[k] == '@')
                at = k; /* the last one: none can stand in a domain */
        }
        HOLDS(a.local_length == at, "%s: %zu", rows[i].why, a.local_length);
        HOLDS(span_equals(local, span_make(a.text, at)), "%s", rows[i].why);
        HOLDS(span_equals(domain, span_skip(span_of(a.text), at + 1)), "%s", rows[i].why);
        HOLDS(a.literal == (domain.length > 0 && domain.at[0] == '['), "%s", rows[i].why);
        HOLDS(a.utf8 == !span_is_ascii(local), "%s", rows[i].why);
        HOLDS(a.idna == SMTP_IDNA_OK, "%s", rows[i].why);
        HOLDS((a.ascii_domain[0] != '\0') == !span_is_ascii(domain), "%s: %s", rows[i].why, a.ascii_domain);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    const struct {
        struct span path;
        enum smtp_address_status expected;
        const char *why;
    } rows[] = {
        {SPAN(""), SMTP_ADDRESS_SYNTAX, "nothing"},
        {SPAN(" "), SMTP_ADDRESS_SYNTAX, "only a space"},
        {SPAN("<"), SMTP_ADDRESS_SYNTAX, "only a bracket"},
        {SPAN(">"), SMTP_ADDRESS_SYNTAX, "only the other"},
        {SPAN("<a@b"), SMTP_ADDRESS_SYNTAX, "not closed"},
        {SPAN("<a@b X>"), SMTP_ADDRESS_SYNTAX, "a space inside"},
        {SPAN("<a b@c>"), SMTP_ADDRESS_SYNTAX, "a space in the local part"},
        {SPAN("<@b>"), SMTP_ADDRESS_SYNTAX, "no local part"},
        {SPAN("@b"), SMTP_ADDRESS_SYNTAX, "no local part, no brackets"},
        {SPAN("<a@>"), SMTP_ADDRESS_SYNTAX, "no domain behind the @"},
        {SPAN("a@"), SMTP_ADDRESS_SYNTAX, "no domain, no brackets"},
        {SPAN("<a@@b>"), SMTP_ADDRESS_SYNTAX, "two @"},
        {SPAN("<a@b@c>"), SMTP_ADDRESS_SYNTAX, "two @ apart"},
        {SPAN("<a@.b>"), SMTP_ADDRESS_SYNTAX, "an empty label in front"},
        {SPAN("<a@b..c>"), SMTP_ADDRESS_SYNTAX, "an empty label inside"},
        {SPAN("<a@-b>"), SMTP_ADDRESS_SYNTAX, "a hyphen first"},
        {SPAN("<a@b->"), SMTP_ADDRESS_SYNTAX, "a hyphen last"},
        {SPAN("<a@b,c>"), SMTP_ADDRESS_SYNTAX, "a comma"},
        {SPAN("<a@b:25>"), SMTP_ADDRESS_SYNTAX, "a port"},
        {SPAN("<a@b/c>"), SMTP_ADDRESS_SYNTAX, "a slash"},
        {SPAN("<a(x)@b>"), SMTP_ADDRESS_SYNTAX, "a comment"},
        {SPAN("<a:b@c>"), SMTP_ADDRESS_SYNTAX, "a colon without a route"},
        {SPAN("<\"a@b>"), SMTP_ADDRESS_SYNTAX, "a quote that does not end"},
        {SPAN("<\"a\\"), SMTP_ADDRESS_SYNTAX, "the line ends behind a backslash"},
        {SPAN("<\"a\"b@c>"), SMTP_ADDRESS_SYNTAX, "something behind the quote"},
        {SPAN("<a\"b\"@c>"), SMTP_ADDRESS_SYNTAX, "something before the quote"},
        {SPAN("<@r.example a@b>"), SMTP_ADDRESS_SYNTAX, "a source route without its colon"},
        {SPAN("<@r.example:>"), SMTP_ADDRESS_SYNTAX, "a source route to nobody"},
        {SPAN("<@:a@b>"), SMTP_ADDRESS_SYNTAX, "a source route through nobody"},
        {SPAN("<a@[192.0.2.1>"), SMTP_ADDRESS_SYNTAX, "a literal that does not end"},
        {SPAN("<a@[]>"), SMTP_ADDRESS_SYNTAX, "an empty literal"},
        {SPAN("<a@["), SMTP_ADDRESS_SYNTAX, "the line ends within a literal"},
        {SPAN("<a@[192.0.2.1]x>"), SMTP_ADDRESS_SYNTAX, "something behind the literal"},
        {SPAN("<a@[1[2]>"), SMTP_ADDRESS_SYNTAX, "a bracket in a literal"},
        {SPAN("<a@[192.0.2.1 ]>"), SMTP_ADDRESS_SYNTAX, "a space in a literal"},
        {SPAN("<a@[192.0.2.1\0]>"), SMTP_ADDRESS_SYNTAX, "NUL in a literal"},
        {SPAN("<a@[\0]>"), SMTP_ADDRESS_SYNTAX, "NUL alone in a literal"},
        {SPAN("<a\0@b>"), SMTP_ADDRESS_SYNTAX, "NUL in the local part"},
        {SPAN("<a@b\0c>"), SMTP_ADDRESS_SYNTAX, "NUL in the domain"},
        {SPAN("<\"a\0b\"@c>"), SMTP_ADDRESS_SYNTAX, "NUL in quotes"},
        {SPAN("<\"a\\\0b\"@c>"), SMTP_ADDRESS_SYNTAX, "NUL behind a backslash"},
        {SPAN("<\"a\rb\"@c>"), SMTP_ADDRESS_SYNTAX, "CR in quotes"},
        {SPAN("<\"a\tb\"@c>"), SMTP_ADDRESS_SYNTAX, "tab in quotes (QcontentSMTP is 32..126)"},
        {SPAN("<\"a\x7f\"@c>"), SMTP_ADDRESS_SYNTAX, "DEL in quotes"},
        {SPAN("<a\x01@b>"), SMTP_ADDRESS_SYNTAX, "a control character"},
        {SPAN("<\xff@b>"), SMTP_ADDRESS_UTF8, "an octet that is never UTF-8"},
        {SPAN("<a\xe9@b>"), SMTP_ADDRESS_UTF8, "Latin-1"},
        {SPAN("<\x80@b>"), SMTP_ADDRESS_UTF8, "a continuation octet alone"},
        {SPAN("<\xc3@b>"), SMTP_ADDRESS_UTF8, "half a sequence"},
        {SPAN("<\xe2\x82@b>"), SMTP_ADDRESS_UTF8, "two thirds"},
        {SPAN("<\xc0\xaf@b>"), SMTP_ADDRESS_UTF8, "overlong, two octets"},
        {SPAN("<\xc1\x80@b>"), SMTP_ADDRESS_UTF8, "overlong: 0x40 is '@'"},
        {SPAN("<\xe0\x9f\xbf@b>"), SMTP_ADDRESS_UTF8, "overlong, three octets"},
        {SPAN("<\xf0\x8f\xbf\xbf@b>"), SMTP_ADDRESS_UTF8, "overlong, four octets"},
        {SPAN("<\xed\xa0\x80@b>"), SMTP_ADDRESS_UTF8, "a surrogate"},
        {SPAN("<\xf4\x90\x80\x80@b>"), SMTP_ADDRESS_UTF8, "above U+10FFFF"},
        {SPAN("<\xf8\x88\x80\x80\x80@b>"), SMTP_ADDRESS_UTF8, "five octets"},
        {SPAN("<\"\xff\"@b>"), SMTP_ADDRESS_UTF8, "in quotes too"},
        {SPAN("<a@\xff.example>"), SMTP_ADDRESS_UTF8, "in the domain too"},
        {SPAN("a@b\xc3"), SMTP_ADDRESS_UTF8, "half a sequence at the end of the line"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_address a;
        size_t left;
        enum smtp_address_status status = parse(rows[i].path, &a, &left);

        HOLDS(status != SMTP_ADDRESS_OK, "%s: %s", rows[i].why, quote(rows[i].path));
        HOLDS(status == rows[i].expected, "%s: %s gives %d", rows[i].why, quote(rows[i].path), (int)status);
    }
}

static void every_beginning_of_a_path_is_read_without_looking_past_its_end(void **state)
{
    (void)state;
    const char *const paths[] = {
        "<@r1.example,@r2.example:\"a\\\"b\xc5\x99\"@[IPv6:2001:db8::1]> X",
        "<a.b+c@p\xc5\x99\xc3\xad.example> X",
        "a.b+c@[192.0.2.1] X",
        "\"\\\\\"@\xf0\x9f\x93\xa7.example X",
    };

    for (size_t i = 0; i < COUNT(paths); i++) {
        for (size_t length = 0; length <= strlen(paths[i]); length++) {
            struct smtp_address a;
            size_t left;

            if (parse(span_make(paths[i], length), &a, &left) == SMTP_ADDRESS_OK)
                assert_true(strlen(a.text) <= length);
        }
    }
}

/* "<llll@d.ddd...>" with parts of these lengths; labels of at most 63. */
static char *long_path(size_t local, size_t domain)
{
    char *path = malloc(local + domain + 4);
    size_t used = 0;

    assert_non_null(path);
    path[used++] = '<';
    for (size_t i = 0; i < local; i++)
        path[used++] = 'l';
    path[used++] = '@';
    for (size_t i = 0; i < domain; i++)
        path[used++] = i % 60 == 59 && i + 1 < domain ? '.' : 'd';
    path[used++] = '>';
    path[used] = '\0';
    return path;
}

static void parts_have_the_lengths_of_section_4_5_3_1_made_wider(void **state)
{
    (void)state;
    const struct {
        size_t local, domain;
        enum smtp_address_status expected;
        const char *why;
    } rows[] = {
        {64, 255, SMTP_ADDRESS_OK, "what RFC 5321 demands"},
        {SMTP_LOCAL_PART_MAX, 20, SMTP_ADDRESS_OK, "the longest local part"},
        {SMTP_LOCAL_PART_MAX + 1, 20, SMTP_ADDRESS_TOO_LONG, "one more"},
        {20, SMTP_DOMAIN_MAX, SMTP_ADDRESS_OK, "the longest domain"},
        {20, SMTP_DOMAIN_MAX + 1, SMTP_ADDRESS_TOO_LONG, "one more"},
        {SMTP_LOCAL_PART_MAX, SMTP_DOMAIN_MAX, SMTP_ADDRESS_OK, "both at once"},
        {SMTP_LOCAL_PART_MAX + 1, SMTP_DOMAIN_MAX + 1, SMTP_ADDRESS_TOO_LONG, "both too long"},
        {4000, 20, SMTP_ADDRESS_TOO_LONG, "far too long"},
        {20, 4000, SMTP_ADDRESS_TOO_LONG, "far too long"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *path = long_path(rows[i].local, rows[i].domain);
        struct smtp_address a;
        size_t left;
        enum smtp_address_status status = parse(span_of(path), &a, &left);

        HOLDS(status == rows[i].expected, "%s: %d", rows[i].why, (int)status);
        if (status == SMTP_ADDRESS_OK) {
            HOLDS(smtp_address_local_part(&a).length == rows[i].local, "%s", rows[i].why);
            HOLDS(smtp_address_domain(&a).length == rows[i].domain, "%s", rows[i].why);
        }
        free(path);
    }
}

static void long_quoted_local_parts_and_literals_do_not_run_over(void **state)
{
    (void)state;
    for (size_t length = 100; length < 600; length++) {
        char *path = malloc(length + 40);
        struct smtp_address a;
        size_t left;
        size_t used = 0;

        assert_non_null(path);
        path[used++] = '<';
        path[used++] = '"';
        for (size_t i = 0; i < length / 2; i++) {
            path[used++] = '\\';
            path[used++] = '"';
        }
        memcpy(path + used, "\"@b>", 5);
        if (parse(span_of(path), &a, &left) == SMTP_ADDRESS_OK)
            assert_true(a.local_length <= SMTP_LOCAL_PART_MAX);
        used = 0;
        memcpy(path, "<a@[", 4);
        used = 4;
        for (size_t i = 0; i < length; i++)
            path[used++] = 'x';
        memcpy(path + used, "]>", 3);
        if (parse(span_of(path), &a, &left) == SMTP_ADDRESS_OK)
            assert_true(smtp_address_domain(&a).length <= SMTP_DOMAIN_MAX);
        free(path);
    }
}

static void a_domain_is_labels_of_letters_digits_and_hyphens(void **state)
{
    (void)state;
    const struct {
        struct span domain;
        bool ascii, utf8;
        const char *why;
    } rows[] = {
        {SPAN("example.com"), true, true, "the usual"},
        {SPAN("localhost"), true, true, "one label"},
        {SPAN("a"), true, true, "one letter"},
        {SPAN("1.2.3.4"), true, true, "digits"},
        {SPAN("xn--bcher-kva.example"), true, true, "an A-label"},
        {SPAN("a_b.example"), true, true, "underscores exist"},
        {SPAN("A-B.C"), true, true, "a hyphen inside"},
        {SPAN(""), false, false, "nothing"},
        {SPAN("."), false, false, "the root"},
        {SPAN(".a"), false, false, "an empty first label"},
        {SPAN("a..b"), false, false, "an empty label"},
        {SPAN("-a.b"), false, false, "a hyphen first"},
        {SPAN("a-.b"), false, false, "a hyphen last"},
        {SPAN("a.-b"), false, false, "a hyphen first in a later label"},
        {SPAN("a b"), false, false, "a space"},
        {SPAN("a\0b"), false, false, "NUL"},
        {SPAN("a\r\nb"), false, false, "a line end"},
        {SPAN("a/b"), false, false, "a slash"},
        {SPAN("[1.2.3.4]"), false, false, "a literal is no domain"},
        {SPAN("a@b"), false, false, "an @"},
        {SPAN("b\xc3\xbc"
              "cher.example"),
         false, true, "a U-label"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = exact_copy(rows[i].domain);
        struct span domain = span_make(copy, rows[i].domain.length);

        HOLDS(smtp_domain_valid(domain, false) == rows[i].ascii, "%s: %s", rows[i].why, quote(domain));
        HOLDS(smtp_domain_valid(domain, true) == rows[i].utf8, "%s: %s", rows[i].why, quote(domain));
        free(copy);
    }
    for (size_t label = 60; label <= 70; label++) {
        char text[80];

        memset(text, 'l', label);
        memcpy(text + label, ".cz", 4);
        HOLDS(smtp_domain_valid(span_of(text), false) == (label <= 63),
              "a label of %zu (RFC 1035 section 2.3.4)", label);
    }
}

static void servers_are_told_the_domain_in_a_labels_and_the_rest_as_it_was_written(void **state)
{
    (void)state;
    const struct {
        const char *path, *said, *domain, *why;
    } rows[] = {
        {"<>", "", "", "nobody"},
        {"<postmaster>", "postmaster", "", "no domain"},
        {"<A.b@EXAMPLE.Com>", "A.b@EXAMPLE.Com", "EXAMPLE.Com", "ASCII stays as it is, case and all"},
        {"<a@example.com.>", "a@example.com", "example.com", "but for a final dot, which SMTP has not"},
        {"<a@xn--hga.test>", "a@xn--hga.test", "xn--hga.test", "an A-label already"},
        {"<a@xn--a.test>", "a@xn--a.test", "xn--a.test", "in ASCII whatever it means: DNS will say"},
        {"<a@[192.0.2.1]>", "a@[192.0.2.1]", "[192.0.2.1]", "a literal"},
        {"<Anna@P\xc5\x98\xc3\x8dLOHY.test>", "Anna@xn--plohy-zsa96e.test", "xn--plohy-zsa96e.test",
         "a U-label"},
        {"<p\xc5\x99@\xc5\x99.test>", "p\xc5\x99@xn--hga.test", "xn--hga.test",
         "a local part has no other name"},
        {"<\"a @ b\"@\xc5\x99\xe3\x80\x82test>", "\"a @ b\"@xn--hga.test", "xn--hga.test",
         "quotes, and another full stop"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span path = span_of(rows[i].path);
        struct smtp_address a;
        struct buf said;
        size_t left;

        buf_init(&said, 1000);
        HOLDS(parse(path, &a, &left) == SMTP_ADDRESS_OK, "%s", rows[i].why);
        HOLDS(span_equals(span_of(a.text), span_make(path.at + 1, path.length - 2)), "%s: the log has %s",
              rows[i].why, quote(span_of(a.text)));
        HOLDS(span_equals(smtp_address_ascii_domain(&a), span_of(rows[i].domain)), "%s: %s", rows[i].why,
              quote(smtp_address_ascii_domain(&a)));
        smtp_address_say(&a, &said);
        HOLDS(span_equals(buf_span(&said), span_of(rows[i].said)), "%s: %s", rows[i].why,
              quote(buf_span(&said)));
        buf_clear(&said);
    }
}

static void a_domain_that_dns_can_not_have_is_noted(void **state)
{
    (void)state;
    const struct {
        const char *path;
        enum smtp_idna_status expected;
    } rows[] = {
        {"<a@\xe2\x99\xa5.test>", SMTP_IDNA_FORBIDDEN},
        {"<a@xn--p\xc5\x99.test>", SMTP_IDNA_BAD_A_LABEL},
        {"<a@llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll.test>", SMTP_IDNA_TOO_LONG},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_address a;
        size_t left;

        HOLDS(parse(span_of(rows[i].path), &a, &left) == SMTP_ADDRESS_OK, "%s", rows[i].path);
        HOLDS(a.idna == rows[i].expected, "%s: %d", rows[i].path, (int)a.idna);
        HOLDS(smtp_address_ascii_domain(&a).length == 0, "%s", rows[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_are_addresses_are_read),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(every_beginning_of_a_path_is_read_without_looking_past_its_end),
        cmocka_unit_test(parts_have_the_lengths_of_section_4_5_3_1_made_wider),
        cmocka_unit_test(long_quoted_local_parts_and_literals_do_not_run_over),
        cmocka_unit_test(servers_are_told_the_domain_in_a_labels_and_the_rest_as_it_was_written),
        cmocka_unit_test(a_domain_that_dns_can_not_have_is_noted),
        cmocka_unit_test(a_domain_is_labels_of_letters_digits_and_hyphens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
