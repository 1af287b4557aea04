/* SPDX-License-Identifier: MIT */
/*
 * tls.c against a server in the same program, without sockets: what one side wants to send is carried to the other whole
 * or octet by octet.
 */

#include "engine.h"

#include "certificates.h"
#include "platform.h"
#include "tls.h"
#include "tls_server.h"

struct link {
    struct tls *tls;
    struct tls_server *server;
    struct buf here, there; /* what has arrived, opened */
    enum tls_status handshake, reading;
    bool server_well;
    size_t step; /* so many octets are carried at once */
};

static struct tls_setup *setup;

static int make_setup(void **state)
{
    (void)state;
    setup = tls_setup_new();
    return setup ? 0 : -1;
}

static int free_setup(void **state)
{
    (void)state;
    tls_setup_free(setup);
    return 0;
}

static void link_open(struct link *l, enum tls_server_kind kind, const char *host, struct span session)
{
    *l = (struct link){.handshake = TLS_MORE, .reading = TLS_DONE, .server_well = true, .step = SIZE_MAX};
    buf_init(&l->here, SIZE_MAX / 2);
    buf_init(&l->there, SIZE_MAX / 2);
    l->tls = tls_new(setup, host, session);
    l->server = tls_server_new(kind);
    assert_non_null(l->tls);
}

static void link_close(struct link *l)
{
    tls_free(l->tls);
    tls_server_free(l->server);
    buf_clear(&l->here);
    buf_clear(&l->there);
}

static void take(struct link *l, struct span bytes)
{
    if (l->handshake == TLS_MORE)
        l->handshake = tls_handshake(l->tls, &bytes);
    if (l->handshake == TLS_DONE && l->reading == TLS_DONE)
        l->reading = tls_read(l->tls, &bytes, &l->here);
}

/* Until neither side has anything to send. */
static void carry(struct link *l)
{
    struct buf *up = tls_out(l->tls), *down = tls_server_out(l->server);
    while (up->length > 0 || down->length > 0) {
        struct span piece = span_first(buf_span(up), l->step);
        l->server_well = l->server_well && tls_server_feed(l->server, piece, &l->there);
        buf_consume(up, piece.length);
        piece = span_first(buf_span(down), l->step);
        if (piece.length > 0)
            take(l, piece);
        buf_consume(down, piece.length);
    }
}

static void shake_hands(struct link *l)
{
    take(l, span_of(""));
    carry(l);
}

static void say(struct link *l, struct span text)
{
    while (text.length > 0) {
        size_t before = text.length;
        assert_true(tls_write(l->tls, &text));
        assert_true(before - text.length <= TLS_PIECE_MAX);
    }
    carry(l);
}

static const struct row {
    enum tls_server_kind kind;
    const char *version;
} rows[] = {
    {TLS_SERVER_13, "TLSv1.3 "},
    {TLS_SERVER_12_EC, "TLSv1.2 "},
    {TLS_SERVER_12_RSA, "TLSv1.2 "},
    {TLS_SERVER_EXPIRED, "TLSv1.3 "},
};

static void text_goes_both_ways_with_every_kind_of_server(void **state)
{
    (void)state;
    static char text[100000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7 + i / 256);
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        const struct row *row = &rows[i / 2];
        struct span all = span_make(text, i % 2 ? 3000 : sizeof text);
        struct link l;
        link_open(&l, row->kind, "mx.one.test", span_of(""));
        l.step = i % 2 ? 1 : SIZE_MAX;
        shake_hands(&l);
        HOLDS(l.handshake == TLS_DONE && tls_server_is_up(l.server), "%s%s", row->version, tls_reason(l.tls));
        HOLDS(span_starts_nocase(span_of(tls_name(l.tls)), span_of(row->version)), "%s", tls_name(l.tls));
        HOLDS(strlen(tls_name(l.tls)) > 20 && !strchr(tls_name(l.tls) + 8, '_'), "%s", tls_name(l.tls));
        say(&l, all);
        HOLDS(span_equals(buf_span(&l.there), all), "%s up", row->version);
        tls_server_write(l.server, all);
        carry(&l);
        HOLDS(span_equals(buf_span(&l.here), all) && l.reading == TLS_DONE, "%s down", row->version);
        tls_end(l.tls);
        carry(&l);
        HOLDS(tls_server_ended(l.server), "%s: the server hears that we end", row->version);
        link_close(&l);
    }
}

static void a_session_makes_the_next_handshake_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct link l;
        struct buf session;
        buf_init(&session, 8192);
        link_open(&l, rows[i].kind, "mx.one.test", span_of(""));
        struct tls_server *keeper = tls_server_new(TLS_SERVER_13); /* of the tickets' keys */
        shake_hands(&l);
        HOLDS(tls_take_session(l.tls, &session), "%sgives a session", rows[i].version);
        HOLDS(!tls_take_session(l.tls, &session), "%sand not twice", rows[i].version);
        HOLDS(!tls_server_resumed(l.server), "%s", rows[i].version);
        link_close(&l);
        for (int again = 0; again < 2; again++) { /* the same one serves several connections */
            link_open(&l, rows[i].kind, "mx.one.test", buf_span(&session));
            shake_hands(&l);
            HOLDS(l.handshake == TLS_DONE && tls_server_resumed(l.server), "%s", rows[i].version);
            say(&l, SPAN("EHLO"));
            HOLDS(l.there.length == 4, "%s", rows[i].version);
            link_close(&l);
        }
        tls_server_free(keeper);
        buf_clear(&session);
    }
}

static void a_session_of_no_use_does_no_harm(void **state)
{
    (void)state;
    struct link l;
    struct buf session;
    buf_init(&session, 8192);
    link_open(&l, TLS_SERVER_13, "mx.one.test", span_of(""));
    shake_hands(&l);
    assert_true(tls_take_session(l.tls, &session));
    link_close(&l); /* and with the last server go the keys of its tickets */
    const struct {
        struct span session;
        enum tls_server_kind kind;
        const char *host, *why;
    } tries[] = {
        {buf_span(&session), TLS_SERVER_13, "mx.one.test", "the server has forgotten it"},
        {span_first(buf_span(&session), session.length / 2), TLS_SERVER_13, "mx.one.test", "half of one"},
        {SPAN("nonsense"), TLS_SERVER_13, "mx.one.test", "none at all"},
    };
    for (size_t i = 0; i < COUNT(tries); i++) {
        link_open(&l, tries[i].kind, tries[i].host, tries[i].session);
        shake_hands(&l);
        HOLDS(l.handshake == TLS_DONE && !tls_server_resumed(l.server), "%s: %s", tries[i].why,
              tls_reason(l.tls));
        link_close(&l);
    }
    link_open(&l, TLS_SERVER_12_EC, "mx.one.test", buf_span(&session));
    shake_hands(&l); /* the exception; if this ever works, leg.c has a connection to spare */
    assert_false(l.server_well && l.handshake == TLS_DONE);
    link_close(&l);
    buf_clear(&session);
}

static void names_are_sent_and_addresses_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *host, *sent;
    } hosts[] = {
        {"mx.one.test", "mx.one.test"},
        {"192.0.2.1", ""},
        {"[192.0.2.1]", ""},
        {"2001:db8::1", ""},
        {"[IPv6:::1]", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct link l;
        link_open(&l, TLS_SERVER_13, hosts[i].host, span_of(""));
        shake_hands(&l);
        HOLDS(l.handshake == TLS_DONE, "%s", hosts[i].host);
        HOLDS(strcmp(tls_server_asked_for(l.server), hosts[i].sent) == 0, "%s", hosts[i].host);
        link_close(&l);
    }
}

static void only_a_certificate_that_holds_is_good(void **state)
{
    (void)state;
    static const struct {
        const char *trusted;
        enum tls_server_kind kind;
        const char *host;
        enum platform_trust wanted;
        const char *why;
    } tries[] = {
        {"", TLS_SERVER_13, "mx.one.test", PLATFORM_TRUST_UNKNOWN, "nobody is trusted"},
        {"nonsense", TLS_SERVER_13, "mx.one.test", PLATFORM_TRUST_UNKNOWN, "no certificate in the bundle"},
        {ca_certificate, TLS_SERVER_13, "mx.one.test", PLATFORM_TRUST_GOOD, "all is well"},
        {ca_certificate, TLS_SERVER_13, "MX.One.Test", PLATFORM_TRUST_GOOD, "names have no case"},
        {ca_certificate, TLS_SERVER_12_RSA, "mx.one.test", PLATFORM_TRUST_GOOD, "all is well with TLS 1.2"},
        {ca_certificate, TLS_SERVER_13, "mx.two.test", PLATFORM_TRUST_OTHER_NAME, "another name"},
        {ca_certificate, TLS_SERVER_13, "one.test", PLATFORM_TRUST_OTHER_NAME, "a part of its name"},
        {ca_certificate, TLS_SERVER_13, "127.0.1.1", PLATFORM_TRUST_OTHER_NAME,
         "an address it does not name"},
        {ca_certificate, TLS_SERVER_EXPIRED, "mx.one.test", PLATFORM_TRUST_EXPIRED, "expired"},
        {ec_certificate, TLS_SERVER_12_RSA, "mx.one.test", PLATFORM_TRUST_UNKNOWN, "another one is trusted"},
        {nameless_certificate, TLS_SERVER_NAMELESS, "mx.one.test", PLATFORM_TRUST_OTHER_NAME,
         "a name in the subject is none (RFC 8461 section 4.2)"},
    };
    for (size_t i = 0; i < COUNT(tries); i++) {
        struct link l;
        struct span certificates[TLS_CERTIFICATES_MAX];
        tls_server_trust(tries[i].trusted);
        link_open(&l, tries[i].kind, tries[i].host, span_of(""));
        shake_hands(&l);
        HOLDS(l.handshake == TLS_DONE, "%s: %s", tries[i].why, tls_reason(l.tls));
        size_t count = tls_certificates(l.tls, certificates);
        HOLDS(count > 0, "%s", tries[i].why);
        enum platform_trust trust = platform_judge_certificate(certificates, count, tries[i].host);
        HOLDS(trust == tries[i].wanted, "%s: %d", tries[i].why, (int)trust);
        link_close(&l);
    }
    tls_server_trust(ca_certificate);
    assert_int_equal(platform_judge_certificate(NULL, 0, "mx.one.test"), PLATFORM_TRUST_FAILED);
    assert_int_equal(platform_judge_certificate(&SPAN("nonsense"), 1, "mx.one.test"), PLATFORM_TRUST_FAILED);
}

static void what_is_no_tls_breaks_it_for_good(void **state)
{
    (void)state;
    static const char *const answers[] = {"250 mx.one.test\r\n250 HELP\r\n", "\x16\x03\x03\xff\xff",
                                          "\r\n\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"};
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct link l;
        struct span answer = span_of(answers[i]), text = SPAN("secret"), none = span_of("");
        link_open(&l, TLS_SERVER_13, "mx.one.test", none);
        take(&l, none);
        take(&l, answer);
        HOLDS(l.handshake == TLS_BROKEN && tls_reason(l.tls)[0], "%s", answers[i]);
        size_t said = tls_out(l.tls)->length;
        HOLDS(!tls_write(l.tls, &text) && text.length == 6, "%s", answers[i]);
        HOLDS(tls_handshake(l.tls, &none) == TLS_BROKEN && tls_read(l.tls, &none, &l.here) == TLS_BROKEN,
              "%s", answers[i]);
        HOLDS(tls_out(l.tls)->length == said, "%s: nothing of it goes out", answers[i]);
        link_close(&l);
    }
}

/* What a server may answer to our hello, and how people are told. */
static void what_goes_wrong_is_said_in_words(void **state)
{
    (void)state;
    enum { RECORD = 5 + 0x4000 };
    static char much[2 * RECORD] = "\x16\x03\x03\x40\0\2\0\xff\xff"; /* a hello of 64 kB */
    memcpy(much + RECORD, much, 5);
    const struct {
        struct span answer;
        const char *reason;
    } answers[] = {
        {SPAN("\x15\x03\x03\0\2\2\x28"), "the server refuses it"},
        {SPAN("\x15\x03\x03\0\2\1\0"), "the server closed the connection"},
        {SPAN("\x17\x03\x03\0\4abcd"), "the server sends something that was not to come now"},
        {span_make(much, sizeof much), "what the server sends is too much at once"},
        {SPAN("421 too busy\r\n"), "what the server sends is no TLS"},
    };
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct link l;
        link_open(&l, TLS_SERVER_13, "mx.one.test", span_of(""));
        take(&l, span_of(""));
        take(&l, answers[i].answer);
        HOLDS(l.handshake == TLS_BROKEN && strcmp(tls_reason(l.tls), answers[i].reason) == 0, "%s: %s",
              answers[i].reason, tls_reason(l.tls));
        link_close(&l);
    }
}

/* It is not judged, but the library has to find the key in it. */
static void a_certificate_that_cannot_be_read_is_called_so(void **state)
{
    (void)state;
    struct link l;
    link_open(&l, TLS_SERVER_12_EC, "mx.one.test", span_of(""));
    take(&l, span_of(""));
    struct buf *up = tls_out(l.tls), *down = tls_server_out(l.server);
    assert_true(tls_server_feed(l.server, buf_span(up), &l.there));
    buf_consume(up, up->length);
    struct span flight = buf_span(down);
    size_t at = 0;
    while (at + 4 < flight.length && memcmp(flight.at + at, "\x30\x82\x01", 3) != 0)
        at++;
    assert_true(at + 4 < flight.length);
    down->bytes[down->start + at] ^= 0x7F;
    carry(&l);
    HOLDS(l.handshake == TLS_BROKEN && strstr(tls_reason(l.tls), "certificate cannot be read"), "%s",
          tls_reason(l.tls));
    link_close(&l);
}

/* OpenSSL used to send such in front of others. */
static void empty_records_are_no_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct link l;
        link_open(&l, rows[i].kind, "mx.one.test", span_of(""));
        shake_hands(&l);
        for (int empty = 0; empty <= 3; empty++) { /* the library takes more in a row for an attack */
            for (int n = 0; n < empty; n++)
                tls_server_write_nothing(l.server);
            tls_server_write(l.server, SPAN("250 good\r\n"));
            carry(&l);
            HOLDS(l.reading == TLS_DONE, "%s%d empty ones: %d", rows[i].version, empty, (int)l.reading);
        }
        HOLDS(l.here.length == 4 * strlen("250 good\r\n"), "%s", rows[i].version);
        link_close(&l);
    }
}

static void altered_text_is_not_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct link l;
        link_open(&l, rows[i].kind, "mx.one.test", span_of(""));
        shake_hands(&l);
        tls_server_write(l.server, SPAN("250 good\r\n"));
        tls_server_write(l.server, SPAN("250 evil\r\n"));
        struct buf *down = tls_server_out(l.server);
        down->bytes[down->start + down->length - 3] ^= 1;
        carry(&l);
        HOLDS(l.reading == TLS_BROKEN, "%s", rows[i].version);
        HOLDS(span_equals(buf_span(&l.here), SPAN("250 good\r\n")), "%swhat came before is good",
              rows[i].version);
        link_close(&l);
    }
}

static void hundreds_of_handshakes_may_be_under_way_at_once(void **state)
{
    (void)state;
    enum { CROWD = 200 };
    static struct link links[CROWD];
    for (int i = 0; i < CROWD; i++) {
        link_open(&links[i], TLS_SERVER_13, "mx.one.test", span_of(""));
        take(&links[i], span_of("")); /* each has its key now */
    }
    for (int i = 0; i < CROWD; i++)
        carry(&links[i]);
    for (int i = 0; i < CROWD; i++) {
        HOLDS(links[i].handshake == TLS_DONE, "%d: %s", i, tls_reason(links[i].tls));
        link_close(&links[i]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_setup, free_setup)
    const struct CMUnitTest tests[] = {
        TEST(text_goes_both_ways_with_every_kind_of_server),
        TEST(a_session_makes_the_next_handshake_short),
        TEST(a_session_of_no_use_does_no_harm),
        TEST(names_are_sent_and_addresses_are_not),
        TEST(only_a_certificate_that_holds_is_good),
        TEST(what_is_no_tls_breaks_it_for_good),
        TEST(what_goes_wrong_is_said_in_words),
        TEST(a_certificate_that_cannot_be_read_is_called_so),
        TEST(empty_records_are_no_end),
        TEST(altered_text_is_not_read),
        TEST(hundreds_of_handshakes_may_be_under_way_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
