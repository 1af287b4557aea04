/* SPDX-License-Identifier: MIT */
/* Who had TLS: how much is remembered, of whom, and what is told once. */

#include "tls_hosts.h"

#include "feed.h"

static void note(struct tls_hosts *hosts, unsigned number)
{
    char name[32];

    snprintf(name, sizeof name, "mx%u.example", number);
    tls_hosts_note(hosts, name, TLS_OPPORTUNISTIC);
}

static void only_the_most_recently_used_hosts_are_remembered(void **state)
{
    (void)state;
    struct tls_hosts hosts = {.first = NULL};

    for (unsigned i = 0; i < TLS_HOSTS_MAX; i++)
        note(&hosts, i);
    note(&hosts, 0); /* used again: now 1 is the oldest */
    for (unsigned i = 0; i < 3 * TLS_HOSTS_MAX; i++) {
        note(&hosts, TLS_HOSTS_MAX + i % 2);
        HOLDS(hosts.count <= TLS_HOSTS_MAX, "after %u more", i);
    }
    assert_int_equal(hosts.count, TLS_HOSTS_MAX);
    assert_false(tls_hosts_note_clear(&hosts, "mx1.example"));
    assert_false(tls_hosts_note_clear(&hosts, "mx2.example"));
    assert_true(tls_hosts_note_clear(&hosts, "mx0.example"));
    assert_true(tls_hosts_note_clear(&hosts, "mx3.example"));
    tls_hosts_clear(&hosts);
    assert_int_equal(hosts.count, 0);
}

static void a_host_that_has_lost_tls_is_told_once_until_it_has_it_again(void **state)
{
    (void)state;
    struct tls_hosts hosts = {.first = NULL};

    assert_false(tls_hosts_note_clear(&hosts, "mx.example")); /* it never had any */
    tls_hosts_note(&hosts, "mx.example", TLS_OPPORTUNISTIC);
    assert_true(tls_hosts_note_clear(&hosts, "MX.example"));
    assert_false(tls_hosts_note_clear(&hosts, "mx.example"));
    tls_hosts_note(&hosts, "mx.EXAMPLE", TLS_OPPORTUNISTIC);
    assert_true(tls_hosts_note_clear(&hosts, "mx.example"));
    assert_int_equal(hosts.count, 1);
    tls_hosts_clear(&hosts);
}

/* Its domain's policy has run out, and now it is as any other. */
static void a_host_that_was_verified_is_told_like_any_other(void **state)
{
    (void)state;
    struct tls_hosts hosts = {.first = NULL};

    tls_hosts_note(&hosts, "mx.example", TLS_VERIFIED);
    assert_true(tls_hosts_note_clear(&hosts, "mx.example"));
    assert_false(tls_hosts_note_clear(&hosts, "mx.example"));
    tls_hosts_note(&hosts, "mx.example", TLS_OPPORTUNISTIC);
    assert_true(tls_hosts_note_clear(&hosts, "mx.example"));
    tls_hosts_note(&hosts, "mx.example", TLS_OPPORTUNISTIC);
    tls_hosts_note(&hosts, "mx.example", TLS_VERIFIED);
    assert_true(tls_hosts_note_clear(&hosts, "mx.example"));
    assert_false(tls_hosts_note_clear(&hosts, "mx.example"));
    tls_hosts_clear(&hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_most_recently_used_hosts_are_remembered),
        cmocka_unit_test(a_host_that_has_lost_tls_is_told_once_until_it_has_it_again),
        cmocka_unit_test(a_host_that_was_verified_is_told_like_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
