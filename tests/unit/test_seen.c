/* SPDX-License-Identifier: MIT */
/*
 * The duplicate guard: what it knows, for how long, what it forgets, and that it never says "delivered" of a mail
 * that was not. At the end it is compared, over many random steps, with a list that does the same slowly.
 */

#include "core/seen.h"
#include "feed.h"

#define MINUTE UINT64_C(60000)

static struct smtp_address address(const char *text)
{
    struct smtp_address a = {.local_length = 0};
    struct span rest = span_of(text);

    assert_int_equal(smtp_address_parse(&rest, &a), SMTP_ADDRESS_OK);
    return a;
}

/* Stands for SHA-256 of the identity: a digest that only equal identities share, well mixed. */
static struct seen_key key_of(const char *content, const char *sender, const char *recipient)
{
    struct smtp_address from = address(sender), to = address(recipient);
    uint8_t content_digest[SEEN_DIGEST_SIZE] = {0};
    char octets[SEEN_IDENTITY_MAX];
    struct seen_key key;
    struct span identity;

    assert_true(strlen(content) < sizeof content_digest);
    memcpy(content_digest, content, strlen(content));
    identity = seen_identity(content_digest, &from, &to, octets);
    for (size_t lane = 0; lane < SEEN_DIGEST_SIZE / 8; lane++) {
        uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) * (lane + 1);

        for (size_t i = 0; i < identity.length; i++)
            hash = (hash ^ (uint8_t)identity.at[i]) * UINT64_C(1099511628211);
        memcpy(key.digest + 8 * lane, &hash, 8);
    }
    return key;
}

struct mail {
    struct seen_key key;
    struct smtp_address sender, recipient;
};

static struct mail mail_of(const char *content, const char *sender, const char *recipient)
{
    return (struct mail){key_of(content, sender, recipient), address(sender), address(recipient)};
}

static struct seen *seen_make(size_t mail_max)
{
    struct seen *s = seen_new(mail_max);

    assert_non_null(s);
    return s;
}

static uint64_t begin(struct seen *s, const struct mail *m, uint64_t now_ms)
{
    return seen_begin(s, &m->key, now_ms);
}

static enum seen_kind ask(const struct seen *s, const struct mail *m, uint64_t now_ms)
{
    return seen_ask(s, &m->key, now_ms).kind;
}

/* ---- the life of a mail ---- */

static void a_mail_is_new_then_in_the_air_then_delivered_for_an_hour(void **state)
{
    (void)state;
    struct seen *s = seen_make(10);
    struct mail m = mail_of("hello", "<a@x.cz>", "<b@y.cz>");
    uint64_t ticket;
    struct seen_answer answer;

    assert_int_equal(ask(s, &m, 5), SEEN_NEW);
    ticket = begin(s, &m, 1000);
    assert_true(ticket != 0);
    answer = seen_ask(s, &m.key, 2000);
    assert_int_equal(answer.kind, SEEN_IN_THE_AIR);
    assert_int_equal(answer.ticket, ticket);
    seen_settle(s, ticket, true, 3000, 1795348980);
    answer = seen_ask(s, &m.key, 3000);
    assert_int_equal(answer.kind, SEEN_DELIVERED);
    assert_int_equal(answer.ticket, ticket);
    assert_int_equal(answer.at_s, 1795348980);
    assert_false(answer.client_knows);
    assert_int_equal(ask(s, &m, 3000 + 60 * MINUTE - 1), SEEN_DELIVERED);
    assert_int_equal(ask(s, &m, 3000 + 60 * MINUTE), SEEN_NEW);
    seen_free(s);
}

static void what_was_not_delivered_may_be_sent_again(void **state)
{
    (void)state;
    struct seen *s = seen_make(10);
    struct mail m = mail_of("hello", "<a@x.cz>", "<b@y.cz>");
    uint64_t ticket = begin(s, &m, 0);

    seen_settle(s, ticket, false, 10, 0);
    assert_int_equal(ask(s, &m, 10), SEEN_NEW);
    seen_settle(s, ticket, true, 20, 0); /* the ticket is worth nothing any more */
    assert_int_equal(ask(s, &m, 20), SEEN_NEW);
    seen_free(s);
}

static void a_mail_in_the_air_does_not_grow_old(void **state)
{
    (void)state;
    struct seen *s = seen_make(10);
    struct mail m = mail_of("slow", "<a@x.cz>", "<b@y.cz>"), other = mail_of("x", "<a@x.cz>", "<c@y.cz>");
    uint64_t ticket = begin(s, &m, 0);

    seen_settle(s, begin(s, &other, 100 * MINUTE), true, 100 * MINUTE, 0);
    assert_int_equal(ask(s, &m, 100 * MINUTE), SEEN_IN_THE_AIR);
    seen_settle(s, ticket, true, 101 * MINUTE, 0);
    assert_int_equal(ask(s, &m, 160 * MINUTE), SEEN_DELIVERED); /* the hour begins with the delivery */
    seen_free(s);
}

static void an_old_ticket_is_worth_nothing(void **state)
{
    (void)state;
    struct seen *s = seen_make(1); /* the next mail takes the first one's place */
    struct mail one = mail_of("one", "<a@x.cz>", "<b@y.cz>"),
                other = mail_of("other", "<a@x.cz>", "<b@y.cz>");
    uint64_t old = begin(s, &one, 0), ticket;

    seen_settle(s, old, false, 1, 0);
    ticket = begin(s, &other, 2);
    assert_true(ticket != old);
    seen_settle(s, old, true, 3, 0);
    assert_int_equal(ask(s, &other, 3), SEEN_IN_THE_AIR);
    seen_settle(s, old, false, 3, 0);
    assert_int_equal(ask(s, &other, 3), SEEN_IN_THE_AIR);
    seen_settle(s, ticket, true, 4, 0);
    seen_note_client(s, old, true);
    seen_note_client(s, UINT64_MAX, true);
    assert_false(seen_ask(s, &other.key, 4).client_knows);
    seen_free(s);
}

static void one_who_is_named_twice_in_a_mail_is_one_flight(void **state)
{
    (void)state;
    const struct {
        bool first, second;
        enum seen_kind between, after;
        const char *why;
    } rows[] = {
        {true, true, SEEN_DELIVERED, SEEN_DELIVERED, "both"},
        {true, false, SEEN_DELIVERED, SEEN_DELIVERED, "once is delivered"},
        {false, true, SEEN_IN_THE_AIR, SEEN_DELIVERED, "in either order"},
        {false, false, SEEN_IN_THE_AIR, SEEN_NEW, "none"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct seen *s = seen_make(10);
        struct mail m = mail_of("hello", "<a@x.cz>", "<b@y.cz>");
        uint64_t one = begin(s, &m, 0), other = begin(s, &m, 0);

        assert_int_equal(one, other);
        seen_settle(s, one, rows[i].first, 10, 1);
        HOLDS(ask(s, &m, 10) == rows[i].between, "%s", rows[i].why);
        seen_settle(s, other, rows[i].second, 20, 2);
        HOLDS(ask(s, &m, 20) == rows[i].after, "%s", rows[i].why);
        seen_settle(s, other, true, 30, 3); /* once more than it was given out */
        HOLDS(ask(s, &m, 30) == rows[i].after, "%s", rows[i].why);
        seen_free(s);
    }
}

static void another_sender_recipient_or_content_is_another_mail(void **state)
{
    (void)state;
    const struct {
        const char *content, *sender, *recipient;
        enum seen_kind expected;
        const char *why;
    } rows[] = {
        {"hello", "<a@x.cz>", "<b@y.cz>", SEEN_DELIVERED, "the same"},
        {"hellp", "<a@x.cz>", "<b@y.cz>", SEEN_NEW, "one octet differs"},
        {"hello", "<c@x.cz>", "<b@y.cz>", SEEN_NEW, "another sender"},
        {"hello", "<a@x.cz>", "<c@y.cz>", SEEN_NEW, "another recipient"},
        {"hello", "<b@y.cz>", "<a@x.cz>", SEEN_NEW, "the other way round"},
        {"hello", "<a@X.CZ>", "<b@Y.cz>", SEEN_DELIVERED, "domains have no case"},
        {"hello", "<A@x.cz>", "<b@y.cz>", SEEN_NEW, "local parts may have (RFC 5321 section 2.4)"},
        {"hello", "<>", "<b@y.cz>", SEEN_NEW, "the null reverse-path"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct seen *s = seen_make(10);
        struct mail first = mail_of("hello", "<a@x.cz>", "<b@y.cz>");
        struct mail then = mail_of(rows[i].content, rows[i].sender, rows[i].recipient);

        seen_settle(s, begin(s, &first, 0), true, 0, 0);
        HOLDS(ask(s, &then, 1) == rows[i].expected, "%s", rows[i].why);
        seen_free(s);
    }
}

/* Where the sender ends and the recipient begins cannot be moved. */
static void identities_are_unambiguous(void **state)
{
    (void)state;
    const char *const addresses[] = {"<>", "<a@b.cz>", "<a@b.c>", "<z@z.cz>", "<zz@z.cz>", "<\"a b\"@c.cz>"};
    char identities[COUNT(addresses) * COUNT(addresses)][SEEN_IDENTITY_MAX];
    size_t lengths[COUNT(identities)], count = 0;
    const uint8_t digest[SEEN_DIGEST_SIZE] = {7};

    for (size_t i = 0; i < COUNT(addresses); i++) {
        for (size_t k = 0; k < COUNT(addresses); k++, count++) {
            struct smtp_address from = address(addresses[i]), to = address(addresses[k]);
            struct span identity = seen_identity(digest, &from, &to, identities[count]);

            assert_true(identity.length <= SEEN_IDENTITY_MAX);
            lengths[count] = identity.length;
            for (size_t n = 0; n < count; n++)
                HOLDS(lengths[n] != lengths[count] ||
                          memcmp(identities[n], identities[count], lengths[count]) != 0,
                      "%zu and %zu", n, count);
        }
    }
}

static void the_longest_addresses_have_room(void **state)
{
    (void)state;
    struct smtp_address longest = {.local_length = SMTP_LOCAL_PART_MAX};
    const uint8_t digest[SEEN_DIGEST_SIZE] = {0};
    char *octets = malloc(SEEN_IDENTITY_MAX);

    assert_non_null(octets);
    memset(longest.text, 'x', sizeof longest.text - 1);
    longest.text[longest.local_length] = '@';
    assert_int_equal(seen_identity(digest, &longest, &longest, octets).length,
                     SEEN_DIGEST_SIZE + 2 * sizeof longest.text);
    free(octets);
}

/* ---- what the client knows ---- */

static void whether_the_client_knows_is_noted_of_its_latest_delivery(void **state)
{
    (void)state;
    struct seen *s = seen_make(10);
    struct mail m = mail_of("hello", "<a@x.cz>", "<b@y.cz>");
    uint64_t ticket = begin(s, &m, 0);

    seen_settle(s, ticket, true, 0, 0);
    assert_false(seen_ask(s, &m.key, 1).client_knows);
    seen_note_client(s, ticket, true);
    assert_true(seen_ask(s, &m.key, 1).client_knows);
    seen_note_client(s, ticket, false); /* it hung up without a word */
    assert_false(seen_ask(s, &m.key, 1).client_knows);
    seen_note_client(s, ticket, true);
    assert_int_equal(begin(s, &m, 2), ticket); /* sent again all the same: nobody knows of that one yet */
    assert_int_equal(ask(s, &m, 2), SEEN_DELIVERED);
    seen_settle(s, ticket, true, 3, 0);
    assert_false(seen_ask(s, &m.key, 3).client_knows);
    seen_free(s);
}

static void the_time_is_told_as_clocks_do(void **state)
{
    (void)state;
    const struct {
        int64_t at_s;
        int utc_offset_min;
        const char *expected, *why;
    } rows[] = {
        {0, 0, "already delivered at 00:00", "the epoch"},
        {43380, 0, "already delivered at 12:03", "the contract's example"},
        {43380 + 59, 60, "already delivered at 13:03", "local time; seconds are dropped"},
        {0, -60, "already delivered at 23:00", "the day before"},
        {-1, 0, "already delivered at 23:59", "before the epoch"},
        {86399, 14 * 60, "already delivered at 13:59", "the day after"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct seen_answer answer = {.kind = SEEN_DELIVERED, .at_s = rows[i].at_s};
        char text[SEEN_TEXT_SIZE];

        seen_format(&answer, rows[i].utc_offset_min, text);
        HOLDS(strcmp(text, rows[i].expected) == 0, "%s: %s", rows[i].why, text);
    }
}

/* ---- bounds ---- */

static struct mail numbered(uint64_t number)
{
    char content[24], recipient[32];

    snprintf(content, sizeof content, "%llu", (unsigned long long)number);
    snprintf(recipient, sizeof recipient, "<u%llu@y.cz>", (unsigned long long)number);
    return mail_of(content, "<a@x.cz>", recipient);
}

static void the_oldest_delivery_makes_room(void **state)
{
    (void)state;
    enum { ROOM = 8 };
    struct seen *s = seen_make(ROOM);

    for (uint64_t i = 0; i < 3 * ROOM; i++) {
        struct mail m = numbered(i);

        seen_settle(s, begin(s, &m, i), true, i, 0);
        for (uint64_t k = 0; k <= i; k++) {
            struct mail old = numbered(k);

            HOLDS((ask(s, &old, i) == SEEN_DELIVERED) == (k + ROOM > i), "%u of %u", (unsigned)k,
                  (unsigned)i);
        }
    }
    seen_free(s);
}

static void what_is_in_the_air_never_makes_room(void **state)
{
    (void)state;
    enum { ROOM = 4 };
    struct seen *s = seen_make(ROOM);
    uint64_t tickets[ROOM];
    struct mail late = numbered(100);

    for (uint64_t i = 0; i < ROOM; i++) {
        struct mail m = numbered(i);

        tickets[i] = begin(s, &m, 0);
        assert_true(tickets[i] != 0);
    }
    assert_int_equal(begin(s, &late, 0), 0);
    seen_settle(s, 0, true, 0, 0); /* unguarded: nothing happens */
    seen_note_client(s, 0, true);
    assert_int_equal(ask(s, &late, 0), SEEN_NEW);
    seen_settle(s, tickets[2], false, 1, 0);
    assert_true(begin(s, &late, 1) != 0);
    for (uint64_t i = 0; i < ROOM; i++) {
        struct mail m = numbered(i);

        assert_int_equal(ask(s, &m, 1), i == 2 ? SEEN_NEW : SEEN_IN_THE_AIR);
    }
    seen_free(s);
}

static void a_clock_that_goes_back_forgets_and_does_not_lose_mail(void **state)
{
    (void)state;
    struct seen *s = seen_make(10);
    struct mail m = mail_of("hello", "<a@x.cz>", "<b@y.cz>");

    seen_settle(s, begin(s, &m, 100 * MINUTE), true, 100 * MINUTE, 0);
    assert_int_equal(ask(s, &m, 10 * MINUTE), SEEN_NEW);
    seen_free(s);
}

/* ---- against a slow list ---- */

enum { MODEL_ROOM = 12, MODEL_MAILS = 30, MODEL_TICKETS = 64 };

struct model {
    bool delivered;
    uint64_t delivered_ms, order;
    unsigned flights;
};

static unsigned model_used(const struct model *m)
{
    unsigned used = 0;

    for (int i = 0; i < MODEL_MAILS; i++)
        used += m[i].delivered || m[i].flights > 0;
    return used;
}

static void model_expire(struct model *m, uint64_t now_ms)
{
    for (int i = 0; i < MODEL_MAILS; i++)
        if (m[i].delivered && now_ms - m[i].delivered_ms >= SEEN_KEEP_MS)
            m[i].delivered = false;
}

/* As many of the oldest deliveries as are in the way; false when all is in the air. */
static bool model_make_room(struct model *m)
{
    while (model_used(m) >= MODEL_ROOM) {
        int oldest = -1;

        for (int i = 0; i < MODEL_MAILS; i++)
            if (m[i].delivered && (oldest < 0 || m[i].order < m[oldest].order))
                oldest = i;
        if (oldest < 0)
            return false;
        m[oldest].delivered = false;
    }
    return true;
}

static void it_does_what_a_slow_list_does(void **state)
{
    (void)state;
    struct seen *s = seen_make(MODEL_ROOM);
    struct model model[MODEL_MAILS] = {{0}};
    struct mail mails[MODEL_MAILS];
    struct {
        uint64_t ticket;
        int mail;
    } flying[MODEL_TICKETS];
    size_t flying_count = 0;
    uint64_t seed = 1, now_ms = 0, order = 0, refused = 0, joined = 0;

    for (uint64_t i = 0; i < MODEL_MAILS; i++)
        mails[i] = numbered(i);
    for (int step = 0; step < 60000; step++) {
        now_ms += dice(&seed) % 8 == 0 ? dice(&seed) % (20 * MINUTE) : dice(&seed) % 1000;
        if (dice(&seed) % 5 < 2 && flying_count < MODEL_TICKETS) {
            int which = (int)(dice(&seed) % MODEL_MAILS);
            uint64_t ticket = begin(s, &mails[which], now_ms);
            bool has_place;

            model_expire(model, now_ms);
            has_place = model[which].delivered || model[which].flights > 0 || model_make_room(model);
            HOLDS((ticket != 0) == has_place, "step %d", step);
            if (ticket != 0) {
                joined += model[which].flights > 0;
                model[which].flights++;
                flying[flying_count].ticket = ticket;
                flying[flying_count++].mail = which;
            }
            refused += ticket == 0;
        } else if (flying_count > 0 && dice(&seed) % 3 > 0) {
            size_t which = (size_t)(dice(&seed) % flying_count);
            bool delivered = dice(&seed) % 2 == 0;
            struct model *m = &model[flying[which].mail];

            seen_settle(s, flying[which].ticket, delivered, now_ms, 0);
            m->flights--;
            if (delivered)
                *m = (struct model){true, now_ms, ++order, m->flights};
            flying[which] = flying[--flying_count];
            model_expire(model, now_ms);
        }
        for (int i = 0; i < MODEL_MAILS; i++) {
            bool fresh = model[i].delivered && now_ms - model[i].delivered_ms < SEEN_KEEP_MS;
            enum seen_kind expected = fresh                  ? SEEN_DELIVERED
                                      : model[i].flights > 0 ? SEEN_IN_THE_AIR
                                                             : SEEN_NEW;

            HOLDS(ask(s, &mails[i], now_ms) == expected, "step %d, mail %d", step, i);
        }
    }
    HOLDS(refused > 50 && joined > 50 && order > 5000,
          "all of it happened: %u refused, %u joined, %u delivered", (unsigned)refused, (unsigned)joined,
          (unsigned)order);
    seen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_is_new_then_in_the_air_then_delivered_for_an_hour),
        cmocka_unit_test(what_was_not_delivered_may_be_sent_again),
        cmocka_unit_test(a_mail_in_the_air_does_not_grow_old),
        cmocka_unit_test(an_old_ticket_is_worth_nothing),
        cmocka_unit_test(one_who_is_named_twice_in_a_mail_is_one_flight),
        cmocka_unit_test(another_sender_recipient_or_content_is_another_mail),
        cmocka_unit_test(identities_are_unambiguous),
        cmocka_unit_test(the_longest_addresses_have_room),
        cmocka_unit_test(whether_the_client_knows_is_noted_of_its_latest_delivery),
        cmocka_unit_test(the_time_is_told_as_clocks_do),
        cmocka_unit_test(the_oldest_delivery_makes_room),
        cmocka_unit_test(what_is_in_the_air_never_makes_room),
        cmocka_unit_test(a_clock_that_goes_back_forgets_and_does_not_lose_mail),
        cmocka_unit_test(it_does_what_a_slow_list_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
