/* SPDX-License-Identifier: MIT */
/*
 * What comes out is what went in, but for Received: and line ends (contract 5.2, 6): bodies at random, with dots, CRs and LFs at
 * every edge, by DATA and by BDAT in pieces of any size, to servers that take DATA or BDAT.
 *
 * TRAYPOST_TEST_SEED=n begins with that body, TRAYPOST_TEST_BODIES=n makes so many of each kind.
 */

#include "engine.h"

#define BODIES 60
#define BODY_MAX 3000
#define HEADER                                                                                               \
    "Message-ID: <1@here.test>\r\nDate: Sat, 28 Nov 2026 12:00:00 +0000\r\nFrom: <me@here.test>\r\n"

struct random {
    uint64_t state;
};

static size_t below(struct random *r, size_t limit)
{
    r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(r->state >> 33) % limit;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    uint64_t number;
    const char *text = getenv(name);
    return text && span_to_number(span_of(text), UINT64_MAX / 2, &number) ? number : otherwise;
}

/* What ends a line, what looks like the end of a mail, and what is neither. */
static void make_message(struct random *r, struct buf *message)
{
    static const char *const pieces[] = {"\r\n",
                                         "\r\n",
                                         "\r",
                                         "\n",
                                         ".",
                                         "..",
                                         "\r\n.",
                                         "\r\n..",
                                         "\n.",
                                         "\r.",
                                         "\n.\n",
                                         "\r.\r",
                                         "\n.\r\n",
                                         "\r\n.\r\n",
                                         "\r\n.\n",
                                         "a",
                                         "BDAT 3 LAST\r\n",
                                         "QUIT\r\n",
                                         "RSET\r\n",
                                         "\xc3\xa9",
                                         "\xff",
                                         " ",
                                         "\t",
                                         "word word word"};
    size_t length = below(r, below(r, 4) ? 80 : BODY_MAX);
    buf_init(message, 2 * BODY_MAX);
    buf_printf(message, "%sSubject: %llu\r\n\r\n", HEADER, (unsigned long long)r->state);
    while (message->length < sizeof HEADER + length)
        buf_append_text(message, pieces[below(r, COUNT(pieces))]);
    if (below(r, 8) == 0) /* a line that is longer than any buffer on its way */
        for (size_t i = 0; i < BODY_MAX / 2; i++)
            buf_append_text(message, "x");
}

static bool ends_line(struct span text)
{
    return text.length >= 2 && span_equals(span_skip(text, text.length - 2), SPAN("\r\n"));
}

/* As it must arrive: every CR, LF and CRLF is a CRLF, and the last line has one. */
static void make_expected(struct span message, struct buf *expected)
{
    buf_init(expected, 4 * BODY_MAX);
    for (size_t i = 0; i < message.length; i++) {
        char c = message.at[i];
        if (c == '\r' && i + 1 < message.length && message.at[i + 1] == '\n')
            i++;
        buf_append(expected, c == '\r' || c == '\n' ? "\r\n" : &c, c == '\r' || c == '\n' ? 2 : 1);
    }
    if (!ends_line(buf_span(expected)))
        buf_append_text(expected, "\r\n");
}

/* With the dots that begin a line doubled, and the end. */
static void make_data(struct span message, struct buf *out)
{
    bool starts = true; /* a line */
    buf_init(out, 8 * BODY_MAX);
    for (size_t i = 0; i < message.length; i++) {
        if (starts && message.at[i] == '.')
            buf_append_text(out, ".");
        buf_append(out, &message.at[i], 1);
        starts = i > 0 && message.at[i] == '\n' && message.at[i - 1] == '\r';
    }
    buf_append_text(out, ".\r\n");
}

static void send_in_pieces(struct random *r, struct wire *client, struct span bytes)
{
    size_t most = below(r, 3) ? 1 + below(r, 40) : bytes.length;
    while (bytes.length > 0) {
        struct span piece = span_first(bytes, 1 + below(r, most));
        wire_send(client, piece.at, piece.length);
        WAIT(client->engine, client->writing == 0);
        bytes = span_skip(bytes, piece.length);
    }
}

static void send_chunks(struct random *r, struct wire *client, struct span bytes)
{
    size_t most = below(r, 2) ? 1 + below(r, 60) : bytes.length;
    while (bytes.length > 0) {
        struct span chunk = span_first(bytes, 1 + below(r, most));
        char command[40];
        bytes = span_skip(bytes, chunk.length);
        snprintf(command, sizeof command, "BDAT %zu%s\r\n", chunk.length, bytes.length > 0 ? "" : " LAST");
        wire_say(client, command);
        send_in_pieces(r, client, chunk);
        EXPECT(client, "250 ");
    }
}

static void pass_one(struct engine *e, uint64_t seed, bool chunks_in, bool chunks_out)
{
    struct random r = {seed};
    struct buf message, expected, data;
    struct fake_mx *mx = &e->mx[0];
    make_message(&r, &message);
    if (!chunks_in && !ends_line(buf_span(&message))) /* nothing else can be said by DATA */
        buf_append_text(&message, "\r\n");
    make_expected(buf_span(&message), &expected);
    make_data(buf_span(&message), &data);
    mx->mail_count = 0;

    struct wire *client = client_welcome(e);
    ASK(client, "MAIL FROM:<me@here.test> BODY=8BITMIME", "250 ");
    ASK(client, "RCPT TO:<you@one.test>", "250 ");
    if (chunks_in) {
        send_chunks(&r, client, buf_span(&message));
    } else {
        ASK(client, "DATA", "354 ");
        send_in_pieces(&r, client, buf_span(&data));
        EXPECT(client, "250 ");
    }
    wire_close(client);
    WAIT(e, engine_is_empty(e));
    HOLDS(mx->mail_count == 1, "seed %llu, %d%d", (unsigned long long)seed, chunks_in, chunks_out);
    struct span arrived = buf_span(&mx->mails[0].content);
    bool longer = arrived.length > expected.length;
    struct span trace = span_first(arrived, longer ? arrived.length - expected.length : 0);
    HOLDS(span_starts_nocase(trace, SPAN("Received: ")), "seed %llu, %d%d", (unsigned long long)seed,
          chunks_in, chunks_out);
    HOLDS(span_equals(span_skip(arrived, trace.length), buf_span(&expected)), "seed %llu, %d%d",
          (unsigned long long)seed, chunks_in, chunks_out);
    buf_clear(&mx->mails[0].content);
    buf_clear(&message);
    buf_clear(&expected);
    buf_clear(&data);
}

static void pass_many(struct engine *e, bool chunks_in, bool chunks_out)
{
    uint64_t seed = number_of("TRAYPOST_TEST_SEED", 1), count = number_of("TRAYPOST_TEST_BODIES", BODIES);
    e->mx[0].abilities = chunks_out ? "250-8BITMIME\r\n250-CHUNKING\r\n" : "250-8BITMIME\r\n";
    engine_start(e);
    for (uint64_t i = 0; i < count; i++)
        pass_one(e, seed + i, chunks_in, chunks_out);
}

static void data_to_data(void **state)
{
    pass_many(*state, false, false);
}

static void data_to_chunks(void **state)
{
    pass_many(*state, false, true);
}

static void chunks_to_data(void **state)
{
    pass_many(*state, true, false);
}

static void chunks_to_chunks(void **state)
{
    pass_many(*state, true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(data_to_data),
        ENGINE_TEST(data_to_chunks),
        ENGINE_TEST(chunks_to_data),
        ENGINE_TEST(chunks_to_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
