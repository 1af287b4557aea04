/* SPDX-License-Identifier: MIT */
/*
 * Orders while mails fly: Start, Stop, Reset and Look in any order and at any moment, clients that come and break, servers
 * that answer and vanish, and at last Exit amid all of it. Whatever comes, nobody is told 250 without a delivery, nothing
 * is left open, and a relay that is started again takes mail. A storm is made from its number: it can be had again.
 *
 *     TRAYPOST_TEST_STORMS=N    so many storms, of some 100 orders each
 *     TRAYPOST_TEST_FIRST=N     beginning with this one
 */

#include "engine.h"

#include "inbound.h"

#define STORMS 25
#define STORMS_TLS 10
#define STEPS_OF_ONE 150
#define CLIENTS_MAX 40 /* as many as a server of the tests remembers */
#define REPLIES 6

struct sender {
    struct wire *wire;
    char subject[32];
};

struct storm {
    struct engine *e;
    uint64_t number, random;
    struct sender senders[CLIENTS_MAX];
    unsigned count, orders, delivered;
    bool runs; /* so it was ordered last */
};

static unsigned roll(struct storm *s, unsigned sides)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(s->random >> 33) % sides;
}

/* The first digits of the replies it has got, without those that go on. */
static size_t read_replies(const struct sender *sender, char codes[REPLIES + 1])
{
    size_t count = 0;
    struct span rest = buf_span(&sender->wire->in);
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n');
        if (line.length >= 4 && line.at[3] == ' ' && count < REPLIES)
            codes[count++] = line.at[0];
    }
    codes[count] = '\0';
    return count;
}

/* ---------------------------------------------------------------- what happens */

/* All at once, as PIPELINING and CHUNKING allow; the replies are looked at when the storm is over. */
static void send_mail(struct storm *s)
{
    if (s->count == CLIENTS_MAX || engine_address(s->e).port == 0)
        return;
    struct sender *sender = &s->senders[s->count];
    char content[96], all[512];
    snprintf(sender->subject, sizeof sender->subject, "Subject: storm %u\r\n", s->count++);
    snprintf(content, sizeof content, "%sMessage-ID: <%u@storm>\r\n\r\nx\r\n", sender->subject, s->count);
    snprintf(
        all, sizeof all,
        "EHLO client.test\r\nMAIL FROM:<me@three.test>\r\nRCPT TO:<a@one.test>\r\nRCPT TO:<b@two.test>\r\n"
        "BDAT %zu LAST\r\n%s",
        strlen(content), content);
    sender->wire = client_open(s->e);
    wire_say(sender->wire, all);
    char codes[REPLIES + 1];
    size_t awaited = roll(s, 2) * roll(s, REPLIES + 1); /* it may get so far before the next order */
    WAIT(s->e, sender->wire->ended || read_replies(sender, codes) >= awaited);
}

static void break_a_client(struct storm *s)
{
    if (s->count > 0)
        wire_break(s->senders[roll(s, s->count)].wire);
}

static void let_a_server_fail(struct storm *s)
{
    static const char *const steps[] = {"CONNECT", "EHLO", "MAIL", "RCPT", "BDAT", "DATA", "."};
    static const char *const replies[] = {"450 4.3.2 not now", "550 5.7.1 no", "421 4.3.2 bye",
                                          FAKE_MX_CLOSES, FAKE_MX_BREAKS};
    struct fake_mx *mx = &s->e->mx[roll(s, 2)];
    if (mx->rule_count < FAKE_MX_RULES_MAX / 2)
        fake_mx_rule(mx, steps[roll(s, COUNT(steps))], replies[roll(s, COUNT(replies))], 1);
}

static void give_an_order(struct storm *s)
{
    static const enum relay_order orders[] = {RELAY_START, RELAY_START, RELAY_STOP, RELAY_RESET, RELAY_LOOK};
    enum relay_order order = orders[roll(s, COUNT(orders))];
    relay_post(s->e->relay, order);
    s->runs = order == RELAY_LOOK ? s->runs : order != RELAY_STOP;
    s->orders++;
}

static void blow(struct storm *s)
{
    for (unsigned step = 0; step < STEPS_OF_ONE; step++) {
        unsigned what = roll(s, 16);
        if (what < 10)
            give_an_order(s);
        else if (what < 13)
            send_mail(s);
        else if (what < 14)
            break_a_client(s);
        else
            let_a_server_fail(s);
        for (unsigned turns = roll(s, 8); turns > 0; turns--)
            uv_run(&s->e->loop, UV_RUN_NOWAIT);
    }
}

/* ---------------------------------------------------------------- what has come of it */

static bool has_mail(struct fake_mx *mx, const char *subject)
{
    for (unsigned i = 0; i < mx->mail_count; i++)
        if (fake_mx_has(&mx->mails[i].content, subject))
            return true;
    return false;
}

static void look_at(struct storm *s, struct sender *sender)
{
    char codes[REPLIES + 1];
    size_t count = read_replies(sender, codes);
    if (count < REPLIES || codes[REPLIES - 1] != '2')
        return;
    bool a_has = codes[3] == '2' && has_mail(&s->e->mx[0], sender->subject);
    bool b_has = codes[4] == '2' && has_mail(&s->e->mx[1], sender->subject);
    s->delivered++;
    HOLDS(a_has || b_has, "250 to %s, and nobody has it: storm %u", sender->subject, (unsigned)s->number);
}

static void everybody_is_let_go(struct storm *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        wire_finish(s->senders[i].wire);
        WAIT(s->e, s->senders[i].wire->ended || s->senders[i].wire->closing);
    }
}

/* One storm in two ends in Exit, while everything is in the air. */
static void survives(uint64_t number, struct storm *s)
{
    void *state;
    engine_open(&state);
    *s = (struct storm){.e = state,
                        .number = number,
                        .random = number,
                        .orders = s->orders,
                        .delivered = s->delivered,
                        .runs = true};
    struct engine *e = s->e;
    e->relay->timeouts.stop_ms = e->relay->timeouts.client_parting_ms = 20;
    engine_start(e);
    blow(s);
    if (number % 2 == 0) {
        engine_exit(e);
    } else {
        WAIT(e, e->relay->order_count == 0);
        HOLDS(e->status.running == s->runs, "as it was ordered last: storm %u", (unsigned)number);
        engine_order(e, RELAY_START);
        e->mx[0].rule_count = e->mx[1].rule_count = 0;
        everybody_is_let_go(s);
        WAIT(e, e->status.listening && !e->relay->netwatch.checking && engine_is_empty(e));
        assert_int_equal(e->status.mails_in_progress, 0);
        client_deliver(client_welcome(e), "you@one.test");
    }
    for (unsigned i = 0; i < s->count; i++)
        look_at(s, &s->senders[i]);
    HOLDS(engine_close(&state) == 0, "the loop closes after storm %u", (unsigned)number);
}

/* All of three are posted before the first of them is carried out. */
static void what_was_ordered_last_holds(void **state)
{
    static const enum relay_order choice[] = {RELAY_START, RELAY_STOP, RELAY_RESET};
    struct engine *e = *state;
    for (unsigned i = 0; i < 27; i++) {
        enum relay_order orders[] = {choice[i / 9], choice[i / 3 % 3], choice[i % 3]};
        engine_start(e);
        size_t before = e->event_count;
        for (size_t k = 0; k < COUNT(orders); k++)
            relay_post(e->relay, orders[k]);
        WAIT(e, e->relay->order_count == 0);
        bool runs = orders[2] != RELAY_STOP, said = true;
        for (size_t k = before; k < e->event_count; k++)
            if (e->events[k].kind == EVENT_STARTED || e->events[k].kind == EVENT_STOPPED)
                said = e->events[k].kind == EVENT_STARTED;
        HOLDS(e->status.running == runs && said == runs, "%d, %d, %d", orders[0], orders[1], orders[2]);
    }
}

static unsigned number_from(const char *variable, unsigned usual)
{
    const char *text = getenv(variable);
    uint64_t number;
    return text && span_to_number(span_of(text), 1000000, &number) ? (unsigned)number : usual;
}

static void orders_may_come_at_any_time(void **state)
{
    struct storm storm = {.orders = 0};
    unsigned usual = getenv("TRAYPOST_TEST_TLS") ? STORMS_TLS : STORMS;
    unsigned first = number_from("TRAYPOST_TEST_FIRST", 1),
             count = number_from("TRAYPOST_TEST_STORMS", usual);
    (void)state;
    for (unsigned i = 0; i < count; i++)
        survives(first + i, &storm);
    print_message("  %u orders, %u mails delivered\n", storm.orders, storm.delivered);
    assert_true(storm.delivered > 0); /* or the storms were all wind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_was_ordered_last_holds),
        cmocka_unit_test(orders_may_come_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
