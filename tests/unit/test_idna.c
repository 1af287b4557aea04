/* SPDX-License-Identifier: MIT */
/*
 * Domains as DNS knows them. What is expected here is written in RFC 5890 to 5893, RFC 3492 and UTS #46, or is the
 * A-label under which a registry has the name; it was not taken from what the library answers.
 */

#include "feed.h"
#include "smtp/address.h"
#include "smtp/idna.h"

/* On exact-size copies without an end, filled with what must not stay. */
static enum smtp_idna_status convert(const char *domain, char ascii[SMTP_DNS_NAME_MAX + 1])
{
    struct span text = span_of(domain);
    char *copy = exact_copy(text), *out = malloc(SMTP_DNS_NAME_MAX + 1);
    enum smtp_idna_status status;

    assert_non_null(out);
    memset(out, 0x55, SMTP_DNS_NAME_MAX + 1);
    status = smtp_idna_to_ascii(span_make(copy, text.length), out);
    memcpy(ascii, out, SMTP_DNS_NAME_MAX + 1);
    free(copy);
    free(out);
    return status;
}

static void a_domain_is_converted_to_the_name_that_dns_has(void **state)
{
    (void)state;
    const struct {
        const char *domain, *ascii, *why;
    } rows[] = {
        {"přílohy.test", "xn--plohy-zsa96e.test", "Czech"},
        {"bücher.example", "xn--bcher-kva.example", "RFC 5890 and everybody's example"},
        {"münchen.de", "xn--mnchen-3ya.de", "German"},
        {"żółć.pl", "xn--kda4b0koi.pl", "Polish, not one ASCII letter"},
        {"例え.jp", "xn--r8jz45g.jp", "Japanese"},
        {"почта.рф", "xn--80a1acny.xn--p1ai", "both labels"},
        {"παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp", "IANA's test domain, Greek"},
        {"例子.测试", "xn--fsqu00a.xn--0zwm56d", "IANA's, simplified Chinese"},
        {"إختبار.test", "xn--kgbechtv.test", "IANA's, from right to left"},
        {"भारत.test", "xn--h2brj9c.test", "Devanagari"},
        {"faß.de", "xn--fa-hia.de", "sharp s is a letter of its own (RFC 5894 section 7.2)"},
        {"βόλος.com", "xn--nxasmm1c.com", "so is the final sigma: IDNA2003 had xn--nxasmq6b"},
        {"σς.gr", "xn--3xab.gr", "and it is not the other one"},
        {"ΣΣ.gr", "xn--4xaa.gr", "capitals become the ordinary one"},
        {"نامه\u200cای.com", "xn--mgba3gch31f060k.com", "a ZWNJ where Persian needs it (RFC 5892 A.1)"},
        {"ශ්\u200dරී.com", "xn--10cl1a0b660p.com", "a ZWJ after a virama (A.2)"},
        {"PŘÍLOHY.Test", "xn--plohy-zsa96e.test", "letters have no case"},
        {"pr\u030ci\u0301lohy.test", "xn--plohy-zsa96e.test", "nor do accents that stand alone differ (NFC)"},
        {"ｐř.test", "xn--p-pma.test", "a letter of full width"},
        {"ř。test", "xn--hga.test", "an ideographic full stop"},
        {"ř．test", "xn--hga.test", "a full stop of full width"},
        {"ř｡test", "xn--hga.test", "of half width"},
        {"ř.test.", "xn--hga.test", "a final dot is taken off"},
        {"ř.test。", "xn--hga.test", "whatever it looks like"},
        {"ř\u00ad.test", "xn--hga.test", "a soft hyphen is nothing"},
        {"xn--hga.ř.test", "xn--hga.xn--hga.test", "an A-label stays one"},
        {"XN--HGA.ř.test", "xn--hga.xn--hga.test", "in any case"},
        {"Mail_1.ř.test", "mail_1.xn--hga.test", "labels of ASCII stay, underscores too"},
        {"l·l.cat", "xn--ll-0ea.cat", "a middle dot between two l (RFC 5892 A.3)"},
        {"example.com", "example.com", "nothing to do"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char ascii[SMTP_DNS_NAME_MAX + 1];
        enum smtp_idna_status status = convert(rows[i].domain, ascii);

        HOLDS(status == SMTP_IDNA_OK, "%s: %s", rows[i].why, smtp_idna_words(status));
        HOLDS(strcmp(ascii, rows[i].ascii) == 0, "%s: %s", rows[i].why, ascii);
        HOLDS(smtp_domain_valid(span_of(ascii), false), "%s", rows[i].why);
        HOLDS(convert(ascii, ascii) == SMTP_IDNA_OK && strcmp(ascii, rows[i].ascii) == 0, "%s: again: %s",
              rows[i].why, ascii);
    }
}

static void what_no_domain_can_be_called_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *domain;
        enum smtp_idna_status expected;
        const char *why;
    } rows[] = {
        {"♥.test", SMTP_IDNA_FORBIDDEN, "a symbol (RFC 5892 section 2.1: letters and digits)"},
        {"😀.test", SMTP_IDNA_FORBIDDEN, "an emoji"},
        {"–ř.test", SMTP_IDNA_FORBIDDEN, "a dash"},
        {"\u0301a.test", SMTP_IDNA_FORBIDDEN, "an accent without a letter (RFC 5891 section 5.4)"},
        {"-ř.test", SMTP_IDNA_FORBIDDEN, "a hyphen first"},
        {"ř-.test", SMTP_IDNA_FORBIDDEN, "a hyphen last"},
        {"ab--ř.test", SMTP_IDNA_FORBIDDEN, "hyphens in the third and fourth place"},
        {"a\u200cb.ř", SMTP_IDNA_FORBIDDEN, "a ZWNJ between Latin letters"},
        {"a\u200db.ř", SMTP_IDNA_FORBIDDEN, "a ZWJ after no virama"},
        {"אa.test", SMTP_IDNA_FORBIDDEN, "both directions in one label (RFC 5893)"},
        {"\u202ečř.test", SMTP_IDNA_FORBIDDEN, "an override of direction"},
        {"\u2028.test", SMTP_IDNA_FORBIDDEN, "a line separator"},
        {"\ufffd.test", SMTP_IDNA_FORBIDDEN, "a replacement character"},
        {"\U000e0041.test", SMTP_IDNA_FORBIDDEN, "a tag"},
        {"\uf8ff.test", SMTP_IDNA_FORBIDDEN, "for private use"},
        {"\u0378.test", SMTP_IDNA_FORBIDDEN, "not assigned"},
        {"ř..test", SMTP_IDNA_FORBIDDEN, "an empty label"},
        {"ř.。test", SMTP_IDNA_FORBIDDEN, "written in another way"},
        {".ř", SMTP_IDNA_FORBIDDEN, "an empty first label"},
        {"\u00ad.ř", SMTP_IDNA_FORBIDDEN, "a label of nothing"},
        {"ř.test..", SMTP_IDNA_FORBIDDEN, "two final dots"},
        {"ř.test。.", SMTP_IDNA_FORBIDDEN, "likewise"},
        {"", SMTP_IDNA_FORBIDDEN, "nothing"},
        {"。", SMTP_IDNA_FORBIDDEN, "the root"},
        {"＜ř＞.test", SMTP_IDNA_FORBIDDEN, "brackets of full width are no way to get brackets"},
        {"ř＠evil.test", SMTP_IDNA_FORBIDDEN, "nor is this to an @"},
        {"ř℀.test", SMTP_IDNA_FORBIDDEN, "nor a/c to a slash"},
        {"［ř］.test", SMTP_IDNA_FORBIDDEN, "nor to a literal"},
        {"ř\u3000b.test", SMTP_IDNA_FORBIDDEN, "nor to a space"},
        {"xn--a.ř", SMTP_IDNA_FORBIDDEN, "an A-label of a control character"},
        {"xn--.ř", SMTP_IDNA_BAD_A_LABEL, "xn-- and nothing"},
        {"xn--abc-.ř", SMTP_IDNA_BAD_A_LABEL, "an A-label of nothing but ASCII"},
        {"xn--př.test", SMTP_IDNA_BAD_A_LABEL, "both at once"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char ascii[SMTP_DNS_NAME_MAX + 1];
        enum smtp_idna_status status = convert(rows[i].domain, ascii);

        HOLDS(status == rows[i].expected, "%s: %d %s", rows[i].why, (int)status, ascii);
        HOLDS(ascii[0] == '\0', "%s: %s", rows[i].why, ascii);
        HOLDS(smtp_idna_words(status)[0] != '\0', "%s", rows[i].why);
    }
}

/* What counts is the A-label's length: 63 octets (RFC 1035 section 2.3.4). Of one letter the first costs most. */
static void a_label_is_as_long_as_its_a_label(void **state)
{
    (void)state;
    bool fitted = false, refused = false;

    for (size_t letters = 1; letters <= 120; letters++) {
        char domain[300] = "", ascii[SMTP_DNS_NAME_MAX + 1];
        enum smtp_idna_status status;

        for (size_t i = 0; i < letters; i++)
            memcpy(domain + 2 * i, "\xc5\x99", 3);
        memcpy(domain + 2 * letters, ".cz", 4);
        status = convert(domain, ascii);
        if (status == SMTP_IDNA_OK) {
            HOLDS(!refused, "%zu letters fit, fewer did not", letters);
            HOLDS(strlen(ascii) <= 63 + 3 && smtp_domain_valid(span_of(ascii), false), "%s", ascii);
            fitted = true;
        } else {
            HOLDS(status == SMTP_IDNA_TOO_LONG, "%zu letters: %d", letters, (int)status);
            refused = true;
        }
    }
    assert_true(fitted && refused);
}

static void a_label_of_ascii_has_63_octets_at_most(void **state)
{
    (void)state;
    for (size_t letters = 60; letters <= 70; letters++) {
        char domain[100], ascii[SMTP_DNS_NAME_MAX + 1];

        memset(domain, 'l', letters);
        memcpy(domain + letters, ".\xc5\x99", 4);
        HOLDS((convert(domain, ascii) == SMTP_IDNA_OK) == (letters <= 63), "%zu letters: %s", letters, ascii);
    }
}

/* "ab." is three octets; "ř" becomes "xn--hga", seven. */
static void a_whole_name_has_253_octets_at_most(void **state)
{
    (void)state;
    for (size_t labels = 75; labels <= 83; labels++) {
        char domain[300] = "", ascii[SMTP_DNS_NAME_MAX + 1];
        size_t length = 3 * labels + 7;
        enum smtp_idna_status status;

        for (size_t i = 0; i < labels; i++)
            memcpy(domain + 3 * i, "ab.", 4);
        memcpy(domain + 3 * labels, "\xc5\x99", 3);
        status = convert(domain, ascii);
        HOLDS(status == (length <= SMTP_DNS_NAME_MAX ? SMTP_IDNA_OK : SMTP_IDNA_TOO_LONG), "%zu octets: %d",
              length, (int)status);
        HOLDS(strlen(ascii) == (status == SMTP_IDNA_OK ? length : 0), "%zu octets: %zu", length,
              strlen(ascii));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_is_converted_to_the_name_that_dns_has),
        cmocka_unit_test(what_no_domain_can_be_called_is_refused),
        cmocka_unit_test(a_label_is_as_long_as_its_a_label),
        cmocka_unit_test(a_label_of_ascii_has_63_octets_at_most),
        cmocka_unit_test(a_whole_name_has_253_octets_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
