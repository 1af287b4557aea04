/* SPDX-License-Identifier: MIT */
/*
 * Answers of name servers that are false or broken. What does not belong to the question is as if it had not come; what
 * cannot be read is 451 (contract, section 5.7); and what we ask cannot be guessed by somebody who would answer first.
 */

#include "engine.h"

/* In front of every true answer another one, which says that everybody lives at mx[1]. */
struct forger {
    uv_udp_t elsewhere; /* a socket that was not asked */
    bool from_elsewhere, closed;
    size_t at;            /* the octet of the packet that is changed; 0: none */
    unsigned char change; /* so that it is no longer the answer to the question */
};

static size_t forge_first(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                          size_t length)
{
    struct forger *forger = dns->spoiler;
    unsigned char forged[FAKE_DNS_PACKET];
    memcpy(forged, bytes, length);
    if (q->type == 1 && length > q->length) /* the last octet is that of the address 127.0.1.1 */
        forged[length - 1] = 2;
    forged[forger->at] ^= forger->at ? forger->change : 0;
    uv_buf_t chunk = uv_buf_init((char *)forged, (unsigned)length);
    uv_udp_t *from = forger->from_elsewhere ? &forger->elsewhere : &dns->udp;
    uv_udp_try_send(from, &chunk, 1, (const struct sockaddr *)&q->from);
    return length;
}

static void on_closed(uv_handle_t *handle)
{
    struct forger *forger = handle->data;
    forger->closed = true;
}

static void deliver_past(struct engine *e, struct forger *forger, const char *address, const char *why)
{
    struct sockaddr_in here;
    uv_ip4_addr(address, 0, &here);
    forger->elsewhere.data = forger;
    assert_int_equal(uv_udp_init(&e->loop, &forger->elsewhere), 0);
    assert_int_equal(uv_udp_bind(&forger->elsewhere, (const struct sockaddr *)&here, 0), 0);
    e->dns.spoil = forge_first;
    e->dns.spoiler = forger;
    unsigned before = e->mx[0].mail_count;
    struct wire *client = client_welcome(e);
    client_deliver(client, "you@one.test");
    ASK(client, "QUIT", "221 ");
    HOLDS(e->mx[0].mail_count == before + 1 && e->mx[1].session_count == 0, "%s", why);
    e->dns.spoil = NULL;
    uv_close((uv_handle_t *)&forger->elsewhere, on_closed);
    WAIT(e, forger->closed);
    WAIT(e, e->mx[0].open_count == 0); /* the next one looks up the address again */
}

static void what_does_not_belong_to_the_question_is_not_believed(void **state)
{
    struct engine *e = *state;
    const struct {
        struct forger forger;
        const char *address, *why;
    } rows[] = {
        {{.at = 1, .change = 0x01}, "127.0.0.1", "another id"},
        {{.at = 13, .change = 0x01}, "127.0.0.1", "another name"},
        {{.from_elsewhere = true}, "127.0.0.1", "another port"},
        {{.from_elsewhere = true}, "127.0.0.2", "another address"},
    };
    engine_start(e);
    e->relay->timeouts.idle_ms = 1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct forger forger = rows[i].forger;
        deliver_past(e, &forger, rows[i].address, rows[i].why);
    }
}

/* The verdict on a recipient of a new mail: within one, a domain that has failed is not asked for again. */
static const char *verdict_on(struct wire *client, const char *recipient)
{
    ASK(client, "RSET", "250 ");
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<");
    wire_say(client, recipient);
    wire_say(client, ">\r\n");
    return client_reply(client);
}

#define VERDICT(client, recipient, begins, why)                                                              \
    do {                                                                                                     \
        const char *verdict = verdict_on(client, recipient);                                                 \
        HOLDS(strncmp(verdict, begins, strlen(begins)) == 0, "%s: %s", why, verdict);                        \
    } while (0)

/* ---- what cannot be read ---- */

struct spoiler {
    size_t cut;                 /* so many octets of what follows the question are left */
    const unsigned char *there; /* or this stands there */
    size_t there_length;
    unsigned answers; /* so many, it says */
    unsigned long random;
    unsigned asked;
};

static size_t cut_off(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                      size_t length)
{
    const struct spoiler *spoiler = dns->spoiler;
    (void)bytes;
    return q->length + spoiler->cut < length ? q->length + spoiler->cut : length;
}

static size_t write_there(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                          size_t length)
{
    struct spoiler *spoiler = dns->spoiler;
    (void)length;
    spoiler->asked++;
    bytes[6] = (unsigned char)(spoiler->answers >> 8);
    bytes[7] = (unsigned char)spoiler->answers;
    bytes[3] &= 0xf0; /* no error */
    memcpy(bytes + q->length, spoiler->there, spoiler->there_length);
    return q->length + spoiler->there_length;
}

static void what_is_cut_off_anywhere_is_451(void **state)
{
    struct engine *e = *state;
    static struct spoiler spoiler = {.cut = 0};
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->dns.spoiler = &spoiler;
    e->dns.spoil = cut_off;
    /* 10 octets before the data, the name of the owner in front of them; the address is the shorter one */
    for (spoiler.cut = 0; spoiler.cut < 10 + strlen("mx.one.test") + 2 + 4; spoiler.cut++) {
        char why[40];
        snprintf(why, sizeof why, "%zu octets behind the question", spoiler.cut);
        VERDICT(client, "you@one.test", "451 4.4.3 ", why);
    }
    e->dns.spoil = NULL;
    VERDICT(client, "you@one.test", "250 ", "afterwards");
}

#define THERE(octets) (const unsigned char *)(octets), sizeof(octets) - 1
#define POINTER "\xc0\x0c" /* to the question's name */
#define MX_RECORD "\x00\x0f\x00\x01\x00\x00\x00\x3c"

static void what_makes_no_sense_is_refused_and_harms_nobody(void **state)
{
    struct engine *e = *state;
    const struct {
        const char *why;
        const unsigned char *there;
        size_t length;
        unsigned answers;
    } rows[] = {
        {"a name that points to itself", THERE("\xc0\x1a" MX_RECORD "\x00\x04\x00\x0a\xc0\x1a"), 1},
        {"two names that point to each other", THERE("\xc0\x1c\xc0\x1a" MX_RECORD "\x00\x04\x00\x0a\xc0\x0c"),
         1},
        {"an MX that points to itself", THERE(POINTER MX_RECORD "\x00\x04\x00\x0a\xc0\x28"), 1},
        {"a name that points behind the end", THERE("\xff\xff" MX_RECORD "\x00\x04\x00\x0a\xc0\x0c"), 1},
        {"more data than there is", THERE(POINTER MX_RECORD "\xff\xff\x00\x0a\xc0\x0c"), 1},
        {"less data than the record needs", THERE(POINTER MX_RECORD "\x00\x01\x00"), 1},
        {"more records than there are", THERE(POINTER MX_RECORD "\x00\x04\x00\x0a\xc0\x0c"), 65535},
        {"a label of 64 octets", THERE("\x40" MX_RECORD "\x00\x04\x00\x0a\xc0\x0c"), 1},
        {"an MX with a line end in its name", THERE(POINTER MX_RECORD "\x00\x09\x00\x0a\x05mx\r\nx\x00"), 1},
        {"an MX with NUL in its name",
         THERE(POINTER MX_RECORD "\x00\x07\x00\x0a\x03"
                                 "m\x00x\x00"),
         1},
    };
    static struct spoiler spoiler;
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->dns.spoiler = &spoiler;
    for (size_t i = 0; i < COUNT(rows); i++) {
        spoiler = (struct spoiler){
            .there = rows[i].there, .there_length = rows[i].length, .answers = rows[i].answers};
        e->dns.spoil = write_there;
        VERDICT(client, "you@one.test", "451 4.4.3 ", rows[i].why);
        e->dns.spoil = NULL;
        VERDICT(client, "you@one.test", "250 ", rows[i].why);
    }
}

static void aliases_that_lead_in_a_circle_come_to_an_end(void **state)
{
    struct engine *e = *state;
    static const unsigned char alias[] =
        POINTER "\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02" POINTER; /* of itself */
    static struct spoiler spoiler = {.there = alias, .there_length = sizeof alias - 1, .answers = 1};
    engine_start(e);
    struct wire *client = client_welcome(e);
    e->dns.spoiler = &spoiler;
    e->dns.spoil = write_there;
    const char *reply = verdict_on(client, "you@one.test");
    HOLDS(reply[0] == '4' || reply[0] == '5', "%s", reply);
    HOLDS(spoiler.asked < 30, "%u questions", spoiler.asked);
}

/* Whatever stands behind the question, an answer or a closed connection comes of it. */
static size_t spoil_at_random(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                              size_t length)
{
    struct spoiler *spoiler = dns->spoiler;
    for (unsigned i = 0; i < 3; i++) {
        spoiler->random = spoiler->random * 1103515245u + 12345u;
        size_t at = q->length + (spoiler->random >> 8) % (length - q->length + 1);
        if (at < length)
            bytes[at] ^= (unsigned char)(1u << (spoiler->random >> 4) % 8);
    }
    return length;
}

static void answers_spoiled_at_random_do_no_harm(void **state)
{
    struct engine *e = *state;
    static struct spoiler spoiler = {.random = 1};
    engine_start(e);
    e->dns.spoiler = &spoiler;
    struct wire *client = client_welcome(e);
    for (unsigned i = 0; i < 300; i++) {
        e->dns.spoil = spoil_at_random;
        const char *reply = verdict_on(client, "you@two.test");
        HOLDS(strchr("245", reply[0]) && reply[3] == ' ', "answer %u: %s", i, reply);
    }
    e->dns.spoil = NULL;
    ASK(client, "RSET", "250 ");
    client_deliver(client, "you@one.test");
}

/* ---- what can be guessed ---- */

#define QUESTIONS 256

struct observer {
    unsigned ids[QUESTIONS], ports[QUESTIONS], count;
};

static size_t observe(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                      size_t length)
{
    struct observer *o = dns->spoiler;
    if (o->count < QUESTIONS) {
        o->ids[o->count] = bytes[0] * 256u + bytes[1];
        o->ports[o->count++] = ip_port_from_sockaddr((const struct sockaddr *)&q->from).port;
    }
    return length;
}

static unsigned different(const unsigned *numbers, unsigned count)
{
    unsigned found = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned k = 0;
        while (k < i && numbers[k] != numbers[i])
            k++;
        found += k == i;
    }
    return found;
}

/* Of 256 ids some 255.5 are different if all 65,536 are as likely; of what only counts up all differences are the same. */
static void neither_ids_nor_ports_can_be_guessed(void **state)
{
    struct engine *e = *state;
    static struct observer o = {.count = 0};
    unsigned steps[QUESTIONS];
    engine_start(e);
    e->dns.spoiler = &o;
    e->dns.spoil = observe;
    struct wire *client = client_welcome(e);
    while (o.count < QUESTIONS)
        VERDICT(client, "you@missing.test", "550 5.1.2 ", "there is no such domain");
    for (unsigned i = 0; i < QUESTIONS; i++)
        steps[i] = (o.ids[(i + 1) % QUESTIONS] - o.ids[i]) & 0xffff;
    HOLDS(different(o.ids, QUESTIONS) > QUESTIONS - 8, "%u ids", different(o.ids, QUESTIONS));
    HOLDS(different(steps, QUESTIONS) > QUESTIONS - 8, "%u steps", different(steps, QUESTIONS));
    HOLDS(different(o.ports, QUESTIONS) >= 3, "%u ports", different(o.ports, QUESTIONS));
    e->dns.spoil = NULL;
}

/* c-ares can mix capitals into a question and see whether they come back (0x20). We do not: the servers' names in the
 * answer are often written as a reference to the question's, and would stand so in the log, in replies and in TLS; and a
 * server that does not keep capitals costs a second try by TCP each time. */
static size_t look_for_capitals(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                                size_t length)
{
    struct spoiler *spoiler = dns->spoiler;
    (void)bytes;
    for (const char *c = q->name; *c; c++)
        spoiler->asked += *c >= 'A' && *c <= 'Z';
    return length;
}

static void names_are_asked_for_as_they_are_written(void **state)
{
    struct engine *e = *state;
    static struct spoiler spoiler = {.asked = 0};
    engine_start(e);
    e->dns.spoiler = &spoiler;
    e->dns.spoil = look_for_capitals;
    client_deliver(client_welcome(e), "you@one.test");
    assert_int_equal(spoiler.asked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_does_not_belong_to_the_question_is_not_believed),
        ENGINE_TEST(what_is_cut_off_anywhere_is_451),
        ENGINE_TEST(what_makes_no_sense_is_refused_and_harms_nobody),
        ENGINE_TEST(aliases_that_lead_in_a_circle_come_to_an_end),
        ENGINE_TEST(answers_spoiled_at_random_do_no_harm),
        ENGINE_TEST(neither_ids_nor_ports_can_be_guessed),
        ENGINE_TEST(names_are_asked_for_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
