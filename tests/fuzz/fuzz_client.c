/* SPDX-License-Identifier: MIT */
/*
 * A sending session with any server. First octet: what the owner has to send and how. Second: bit 0,
 * not all was sent when the replies come; bit 1, TLS is wanted, and what stands behind the first NUL is said
 * inside it. The rest is what the server says.
 *
 * Always: replies are matched to commands in order; good news about a mail comes only behind its end,
 * and only when that has left us; parameters go to servers that know them; the wire holds commands of
 * one line and content with one end; and it does not matter in which pieces the replies came.
 */

#include "fuzz.h"
#include "mutate_lines.h"
#include "smtp/client.h"

const char *const mutate_lines[] = {
    "220 mx.example ESMTP\r\n",
    "250 ok\r\n",
    "250 2.1.5 ok\r\n",
    "250-mx.example\r\n",
    "250-PIPELINING\r\n",
    "250-CHUNKING\r\n",
    "250-PIPELINING\r\n250-CHUNKING\r\n250-DSN\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    "250-SIZE 18446744073709551616\r\n",
    "250-STARTTLS\r\n",
    "250 HELP\r\n",
    "250-\r\n",
    "354 go on\r\n",
    "354-go\r\n354 on\r\n",
    "421 4.3.2 leaving\r\n",
    "450 4.2.1 later\r\n",
    "452 4.5.3 too many recipients\r\n",
    "502 5.5.1 no such command\r\n",
    "503 5.5.1 order\r\n",
    "550 5.1.1 no such user\r\n",
    "552-5.3.4 too\r\n552 5.3.4 big\r\n",
    "554 5.7.1 no\r\n",
    "220-\r\n220 go\r\n",
    "250 1 ok\n",
    "25\r\n",
    "999 odd\r\n",
    "221 bye\r\n",
};
const size_t mutate_lines_count = COUNT(mutate_lines);

#define MAILS_MAX 3
#define RCPTS_MAX 4

enum step {
    STEP_MAIL,
    STEP_RCPTS,
    STEP_BEGIN,
    STEP_AWAIT_DATA,
    STEP_CONTENT,
    STEP_AWAIT_FINAL,
    STEP_AWAIT_RESET,
    STEP_AWAIT_QUIT,
    STEP_OVER
};

struct run {
    struct smtp_client client;
    uint64_t dice;
    bool all_sent;
    bool starts_tls, secured;
    bool ready, over; /* READY was told; nothing more may come */
    enum step step;
    unsigned mails, rcpts_left, pieces_left;
    bool early;                                        /* DATA in the same group as its RCPTs */
    enum smtp_client_wait awaited[SMTP_CLIENT_WINDOW]; /* what we think is on the wire */
    unsigned awaited_count;
    bool accepted_any, ended; /* a recipient was accepted; the mail's end is in `out` */
    struct buf wire, events;
    struct buf data; /* what went out since 354 */
};

static void take_out(struct run *r, struct buf *also)
{
    struct span out = buf_span(&r->client.out);

    buf_append_span(&r->wire, out);
    if (also != NULL)
        buf_append_span(also, out);
    buf_consume(&r->client.out, out.length);
}

static void await(struct run *r, enum smtp_client_wait wait)
{
    ALWAYS(r->awaited_count < COUNT(r->awaited), "no more commands than the window holds");
    r->awaited[r->awaited_count++] = wait;
}

/* Is there a parameter of this name on the line, and may it be? */
static void check_parameter(struct span line, struct span name, bool allowed)
{
    while (line.length > 0) {
        struct span word = span_cut(&line, ' ');

        ALWAYS(allowed || !span_starts_nocase(word, name), "a parameter goes to a server that knows it");
    }
}

static void check_command(struct run *r, struct span verb)
{
    struct span line = buf_span(&r->client.out);
    const struct smtp_server_abilities *can = &r->client.server;

    ALWAYS(line.length > verb.length + 1 && span_starts_nocase(line, verb), "the command that was asked for");
    ALWAYS(span_equals(span_skip(line, line.length - 2), SPAN("\r\n")), "ends with CRLF");
    line.length -= 2;
    ALWAYS(is_printable(line), "and is one printable line");
    check_parameter(line, SPAN("SIZE"), can->has_size);
    check_parameter(line, SPAN("BODY"), can->eight_bit_mime);
    check_parameter(line, SPAN("SMTPUTF8"), can->smtputf8);
    check_parameter(line, SPAN("RET"), can->dsn);
    check_parameter(line, SPAN("ENVID"), can->dsn);
    check_parameter(line, SPAN("NOTIFY"), can->dsn);
    check_parameter(line, SPAN("ORCPT"), can->dsn);
    take_out(r, NULL);
}

static void send_mail(struct run *r)
{
    struct smtp_mail mail = {.has_size = dice(&r->dice) % 2,
                             .size_bytes = dice(&r->dice),
                             .body = (enum smtp_body)(dice(&r->dice) % 3),
                             .smtputf8 = dice(&r->dice) % 2,
                             .ret = (enum smtp_ret)(dice(&r->dice) % 3),
                             .envid = "a+2Bb"};
    struct span path = dice(&r->dice) % 2 ? SPAN("<a@b.example>") : SPAN("<>");

    smtp_address_parse(&path, &mail.reverse_path);
    smtp_client_mail(&r->client, &mail);
    check_command(r, SPAN("MAIL FROM:<"));
    await(r, SMTP_CLIENT_WAIT_MAIL);
    r->rcpts_left = 1 + (unsigned)(dice(&r->dice) % RCPTS_MAX);
    r->accepted_any = r->ended = false;
    r->early = dice(&r->dice) % 2;
    r->step = STEP_RCPTS;
}

static void send_rcpt(struct run *r)
{
    struct smtp_rcpt rcpt = {.notify = (unsigned)(dice(&r->dice) % 2) * SMTP_NOTIFY_FAILURE,
                             .orcpt = "rfc822;c"};
    struct span path = dice(&r->dice) % 2 ? SPAN("<c@d.example>") : SPAN("<c@p\xc5\x99.example>");

    smtp_address_parse(&path, &rcpt.forward_path);
    smtp_client_rcpt(&r->client, &rcpt);
    check_command(r, SPAN("RCPT TO:<"));
    await(r, SMTP_CLIENT_WAIT_RCPT);
    if (--r->rcpts_left == 0)
        r->step = STEP_BEGIN;
}

static void begin(struct run *r)
{
    bool chunks = r->client.server.chunking && r->client.server.pipelining;

    ALWAYS(smtp_client_begin(&r->client) == chunks, "chunks where the server has both");
    r->pieces_left = (unsigned)(dice(&r->dice) % 4);
    r->step = chunks ? STEP_CONTENT : STEP_AWAIT_DATA;
    if (chunks)
        return;
    ALWAYS(span_equals(buf_span(&r->client.out), SPAN("DATA\r\n")), "DATA");
    take_out(r, NULL);
    await(r, SMTP_CLIENT_WAIT_DATA);
    buf_consume(&r->data, r->data.length);
}

/* Where the first end of data ends; 0 for none. */
static size_t end_of_data(struct span in)
{
    if (span_starts_nocase(in, SPAN(".\r\n")))
        return 3;
    for (size_t i = 0; i + 5 <= in.length; i++)
        if (memcmp(in.at + i, "\r\n.\r\n", 5) == 0)
            return i + 5;
    return 0;
}

static void send_content(struct run *r)
{
    static const char *const pieces[] = {"text\r\n", ".\r\n", "..\r\n.\r\n",       "\r\n",
                                         "a",        ".",     "\r\n.\r\nQUIT\r\n", "line\r\n.dot"};
    struct span content = span_of(pieces[dice(&r->dice) % COUNT(pieces)]);
    bool last = r->pieces_left == 0, chunks = r->client.chunked;
    char *copy = exact_copy(content);

    smtp_client_content(&r->client, span_make(copy, content.length), last);
    free(copy);
    if (chunks) {
        struct buf expected;

        buf_init(&expected, 10000);
        buf_printf(&expected, "BDAT %zu%s\r\n", content.length, last ? " LAST" : "");
        buf_append_span(&expected, content);
        ALWAYS(span_equals(buf_span(&r->client.out), buf_span(&expected)), "a chunk is its octets");
        buf_clear(&expected);
        take_out(r, NULL);
    } else {
        take_out(r, &r->data);
        ALWAYS(lines_are_whole(buf_span(&r->data)), "no bare CR or LF goes out");
        ALWAYS(end_of_data(buf_span(&r->data)) == (last ? r->data.length : 0),
               "one end of data, and it is the end");
    }
    if (last || chunks)
        await(r, last ? SMTP_CLIENT_WAIT_FINAL : SMTP_CLIENT_WAIT_CHUNK);
    r->ended = last;
    if (last)
        r->step = STEP_AWAIT_FINAL;
    else
        r->pieces_left--;
}

static void leave_or_reset(struct run *r)
{
    if (++r->mails < MAILS_MAX) {
        smtp_client_reset(&r->client);
        check_command(r, SPAN("RSET"));
        await(r, SMTP_CLIENT_WAIT_RSET);
        r->step = STEP_AWAIT_RESET;
    } else {
        smtp_client_quit(&r->client);
        check_command(r, SPAN("QUIT"));
        await(r, SMTP_CLIENT_WAIT_QUIT);
        r->step = STEP_AWAIT_QUIT;
    }
}

/* Everything that may be done now. */
static void act(struct run *r)
{
    while (r->ready && !r->over) {
        bool may = smtp_client_may_send(&r->client);

        if (r->step == STEP_MAIL && may)
            send_mail(r);
        else if (r->step == STEP_RCPTS && may)
            send_rcpt(r);
        else if (r->step == STEP_BEGIN && r->awaited_count == 0 && !r->accepted_any)
            leave_or_reset(r);
        else if (r->step == STEP_BEGIN && may && (r->awaited_count == 0 || r->early))
            begin(r);
        else if (r->step == STEP_CONTENT && (may || !r->client.chunked))
            send_content(r);
        else
            return;
    }
}

static void on_event(struct run *r, enum smtp_client_event event)
{
    static const struct {
        enum smtp_client_event event;
        enum smtp_client_wait wait;
    } pairs[] = {{SMTP_CLIENT_MAIL, SMTP_CLIENT_WAIT_MAIL},
                 {SMTP_CLIENT_RCPT, SMTP_CLIENT_WAIT_RCPT},
                 {SMTP_CLIENT_DATA, SMTP_CLIENT_WAIT_DATA},
                 {SMTP_CLIENT_RSET, SMTP_CLIENT_WAIT_RSET},
                 {SMTP_CLIENT_QUIT, SMTP_CLIENT_WAIT_QUIT}};
    int code = r->client.in.reply.code;
    bool good = code < 300;

    bool tls = event == SMTP_CLIENT_NO_TLS; /* whether more came in clear with the 220, pieces do decide */
    buf_printf(&r->events, "%d %d\n", (int)(tls ? SMTP_CLIENT_STARTTLS : event),
               event == SMTP_CLIENT_BROKEN ? 0 : code);
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (event == pairs[i].event)
            ALWAYS(r->awaited_count > 0 && r->awaited[0] == pairs[i].wait,
                   "replies come in the order of commands");

    switch (event) {
    case SMTP_CLIENT_READY:
        ALWAYS(!r->ready, "greeted once");
        r->ready = true;
        return;
    case SMTP_CLIENT_REFUSED:
        ALWAYS(!r->ready, "a greeting is the first thing");
        r->over = true;
        return;
    case SMTP_CLIENT_STARTTLS:
    case SMTP_CLIENT_NO_TLS:
        ALWAYS(!r->ready && !r->secured, "TLS is brought up once, before anything else");
        ALWAYS(event == SMTP_CLIENT_NO_TLS || code == 220, "and only 220 begins it");
        r->starts_tls = event == SMTP_CLIENT_STARTTLS;
        r->over = true; /* nothing more is read in clear */
        return;
    case SMTP_CLIENT_LEAVING:
    case SMTP_CLIENT_BROKEN:
        r->over = true;
        return;
    case SMTP_CLIENT_FINAL:
        ALWAYS(!good || (r->ended && r->all_sent),
               "good news comes behind the end of the mail, when that has left us");
        if (r->client.broken || r->awaited_count == 0) { /* a chunk, or the content half-way, was refused */
            ALWAYS(!good, "before the end only a refusal counts");
            r->over = true; /* the connection is of no use any more */
            return;
        }
        r->step = ++r->mails < MAILS_MAX ? STEP_MAIL : STEP_OVER;
        break;
    case SMTP_CLIENT_DATA:
        if (code == 354)
            r->step = STEP_CONTENT;
        break;
    case SMTP_CLIENT_RSET:
        r->step = STEP_MAIL;
        break;
    case SMTP_CLIENT_QUIT:
        r->over = true;
        break;
    case SMTP_CLIENT_RCPT:
        r->accepted_any = r->accepted_any || good;
        break;
    case SMTP_CLIENT_MAIL:
    case SMTP_CLIENT_MORE:
        break;
    }
    r->awaited_count--;
    memmove(r->awaited, r->awaited + 1, r->awaited_count * sizeof r->awaited[0]);
    if (event == SMTP_CLIENT_DATA && code != 354) {
        if (smtp_client_may_send(&r->client))
            leave_or_reset(r);
        else
            r->over = true;
    }
}

static void give(struct run *r, struct span input)
{
    while (!r->over) {
        size_t before = input.length;
        unsigned chunks = 0;
        enum smtp_client_event event = smtp_client_feed(&r->client, &input, r->all_sent);

        ALWAYS(input.length <= before, "input is used from the front");
        /* Good replies to chunks are no events: they only leave the queue. */
        while (r->ready && r->awaited_count > chunks && r->awaited[chunks] == SMTP_CLIENT_WAIT_CHUNK &&
               r->client.wait_count < r->awaited_count - chunks)
            chunks++;
        r->awaited_count -= chunks;
        memmove(r->awaited, r->awaited + chunks, r->awaited_count * sizeof r->awaited[0]);
        if (r->client.out.length > 0) {
            struct span out = buf_span(&r->client.out);
            const struct span ehlo = SPAN("EHLO client.example\r\n"), helo = SPAN("HELO client.example\r\n");
            const struct span starttls = SPAN("STARTTLS\r\n");

            ALWAYS(!r->ready, "it says nothing on its own once it is greeted");
            if (span_starts_nocase(out, ehlo))
                out = span_skip(out, ehlo.length);
            if (span_equals(out, starttls) && r->client.wants_tls && !r->secured)
                out = span_skip(out, starttls.length);
            ALWAYS(out.length == 0 || span_equals(out, helo), "and before that only EHLO, STARTTLS and HELO");
            take_out(r, NULL);
        }
        if (event == SMTP_CLIENT_MORE) {
            ALWAYS(input.length == 0, "MORE says that the input is used up");
            act(r); /* a chunk may have made room */
            return;
        }
        on_event(r, event);
        act(r);
        if (r->ready && !r->over && r->awaited_count > 0)
            ALWAYS(smtp_client_waits_for(&r->client) == r->awaited[0], "what is awaited is known");
    }
}

static void feed_all(struct run *r, struct span input, enum feed_way way, uint64_t seed)
{
    struct feed feed = feed_start(input, way, seed);
    struct span piece;

    while (feed_piece(&feed, &piece)) {
        r->starts_tls = r->starts_tls && piece.length == 0; /* more came in clear behind the 220 */
        give(r, piece);
    }
}

static void play(struct run *r, struct span input, enum feed_way way, uint64_t seed, unsigned options)
{
    struct span clear = input.length > 0 && (options & 2) ? span_cut(&input, '\0') : input;

    memset(r, 0, sizeof *r);
    r->dice = seed;
    r->all_sent = !(options & 1);
    smtp_client_init(&r->client, "client.example", 0x1234ABCD);
    r->client.wants_tls = options & 2;
    buf_init(&r->wire, SIZE_MAX / 2);
    buf_init(&r->events, SIZE_MAX / 2);
    buf_init(&r->data, SIZE_MAX / 2);
    feed_all(r, clear, way, seed);
    if (r->starts_tls) {
        r->secured = true;
        r->over = false;
        smtp_client_secured(&r->client);
        ALWAYS(!r->client.server.pipelining && !r->client.server.chunking,
               "what was said in clear is forgotten");
        take_out(r, NULL);
        feed_all(r, input, way, seed);
    }
    for (int i = 0; i < 2 && r->over && r->step != STEP_AWAIT_QUIT; i++) {
        struct span more = SPAN("250 ok\r\n250 ok\r\n");
        enum smtp_client_event event = smtp_client_feed(&r->client, &more, true);

        ALWAYS(event == SMTP_CLIENT_MORE || event == SMTP_CLIENT_BROKEN, "what is broken stays broken");
    }
}

static void run_clear(struct run *r)
{
    smtp_client_clear(&r->client);
    buf_clear(&r->wire);
    buf_clear(&r->events);
    buf_clear(&r->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint64_t seed = take_octet(&input);
    unsigned options = take_octet(&input);
    static struct run runs[FEED_WAYS];

    for (int way = 0; way < FEED_WAYS; way++)
        play(&runs[way], input, (enum feed_way)way, seed, options);
    for (int way = 1; way < FEED_WAYS; way++) {
        ALWAYS(span_equals(buf_span(&runs[way].events), buf_span(&runs[0].events)), "pieces do not matter");
        ALWAYS(span_equals(buf_span(&runs[way].wire), buf_span(&runs[0].wire)), "nor for what is sent");
    }
    for (int way = 0; way < FEED_WAYS; way++)
        run_clear(&runs[way]);
    return 0;
}
