/* SPDX-License-Identifier: MIT */
/*
 * A receiving session with any client and any owner. First octet: the owner's mind. Second: bit 0, a
 * limit of size. The rest is what the client sends.
 *
 * Always: replies are lines of at most 512 printable octets; each command has one; questions and
 * events come in the order of a transaction; content has whole lines; and it does not matter in which
 * pieces the bytes came nor how late the owner answered.
 */

#include "fuzz.h"
#include "mutate_lines.h"
#include "smtp/server.h"

const char *const mutate_lines[] = {
    "EHLO client.example\r\n",
    "HELO client\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "MAIL FROM:<> SIZE=2000 BODY=8BITMIME SMTPUTF8\r\n",
    "MAIL FROM:<p\xc5\x99@b.example> SMTPUTF8 RET=HDRS ENVID=x+2By\r\n",
    "mail from: a@b.example AUTH=<>\r\n",
    "RCPT TO:<c@d.example>\r\n",
    "RCPT TO:<p\xc5\x99@p\xc5\x99.example>\r\n",
    "RCPT TO:<c@[192.0.2.1]> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c@d.example\r\n",
    "RCPT TO:<Postmaster>\r\n",
    "DATA\r\n",
    "DATA\r\nSubject: x\r\n\r\ntext\r\n.\r\n",
    "text\r\n",
    "text\n",
    "text\r",
    ".\r\n",
    "..\r\n",
    ".\n",
    "\r\n",
    "BDAT 0\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT 6\r\ntext\r\n",
    "BDAT 5 LAST\r\ntext\r",
    "BDAT 2000 LAST\r\n",
    "BDAT 18446744073709551615\r\n",
    "AUTH PLAIN AHVzZXIAcGFzcw==\r\n",
    "AUTH PLAIN\r\n",
    "AUTH LOGIN\r\n",
    "AUTH LOGIN dXNlcg==\r\n",
    "dXNlcg==\r\n",
    "*\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY a\r\n",
    "STARTTLS\r\n",
    "GET / HTTP/1.1\r\n",
    "QUIT\r\n",
};
const size_t mutate_lines_count = COUNT(mutate_lines);

enum transaction {
    TRANSACTION_NONE,
    TRANSACTION_MAIL_ASKED,
    TRANSACTION_ENVELOPE,
    TRANSACTION_DATA_ASKED,
    TRANSACTION_CONTENT,
    TRANSACTION_END_ASKED
};

struct run {
    struct smtp_server server;
    uint64_t mind;
    bool late; /* the owner answers only when he has to */
    enum transaction transaction;
    bool discarding, utf8;
    unsigned questions;                            /* asked so far, of all kinds */
    unsigned open[SMTP_SERVER_RCPTS_OPEN_MAX + 1]; /* their numbers */
    unsigned open_count, accepted;
    struct buf out, events, content;
    unsigned replies;
    int last_code;
    bool closed, foreign;
};

static void run_init(struct run *r, uint64_t mind, uint64_t max_size_bytes, bool late)
{
    memset(r, 0, sizeof *r);
    r->mind = mind;
    r->late = late;
    smtp_server_init(&r->server, 0x1234ABCD, max_size_bytes);
    buf_init(&r->out, SIZE_MAX / 2);
    buf_init(&r->events, SIZE_MAX / 2);
    buf_init(&r->content, SIZE_MAX / 2);
}

static void run_clear(struct run *r)
{
    smtp_server_clear(&r->server);
    buf_clear(&r->out);
    buf_clear(&r->events);
    buf_clear(&r->content);
}

static void take_replies(struct run *r)
{
    struct span out = buf_span(&r->server.out);

    buf_append_span(&r->out, out);
    while (out.length > 0) {
        size_t end = span_find(out, '\n');
        struct span line = span_first(out, end);

        ALWAYS(end < out.length && end > 3 && line.at[end - 1] == '\r', "a reply is a whole line");
        line.length--;
        ALWAYS(line.length + 2 <= 512 && is_printable(line), "of at most 512 printable octets");
        ALWAYS(line.at[0] >= '2' && line.at[0] <= '5' && ascii_is_digit(line.at[1]) &&
                   ascii_is_digit(line.at[2]),
               "and begins with a code");
        ALWAYS(line.length == 3 || line.at[3] == ' ' || line.at[3] == '-', "and a space or a hyphen");
        r->last_code = (line.at[0] - '0') * 100 + (line.at[1] - '0') * 10 + (line.at[2] - '0');
        if (line.length == 3 || line.at[3] == ' ')
            r->replies++;
        out = span_skip(out, end + 1);
    }
    buf_consume(&r->server.out, r->server.out.length);
}

static void check_transaction(const struct run *r)
{
    bool open = r->transaction >= TRANSACTION_ENVELOPE && !r->closed;

    if (r->transaction == TRANSACTION_MAIL_ASKED)
        return; /* then either answer will do */
    ALWAYS(smtp_server_in_transaction(&r->server) == open,
           "a transaction is open from MAIL to the final answer");
}

/* The same question gets the same answer in every run. */
static struct outcome answer_to(const struct run *r, unsigned question)
{
    uint64_t random = r->mind * 1000003 + question;
    uint64_t choice = r->mind == '0' ? 0 : dice(&random) % 8;

    if (choice < 6)
        return outcome_from_reply(250, 1, 5, SPAN("accepted"));
    if (choice == 6)
        return outcome_from_reply(451, 4, 3, SPAN("later\r\n250 forged \xc5\x99"));
    return outcome_from_fault(OUTCOME_FAULT_DNS_NO_DOMAIN, "nowhere.example");
}

static void answer_oldest(struct run *r)
{
    struct outcome verdict = answer_to(r, r->open[0]);
    bool yes = verdict.kind == OUTCOME_ACCEPTED;

    r->open_count--;
    memmove(r->open, r->open + 1, r->open_count * sizeof r->open[0]);
    smtp_server_answer(&r->server, &verdict);
    switch (r->transaction) {
    case TRANSACTION_MAIL_ASKED:
        r->transaction = yes ? TRANSACTION_ENVELOPE : TRANSACTION_NONE;
        break;
    case TRANSACTION_ENVELOPE:
        r->accepted += yes;
        break;
    case TRANSACTION_DATA_ASKED:
        r->transaction = yes ? TRANSACTION_CONTENT : TRANSACTION_NONE;
        r->discarding = yes && (r->mind >> 6) % 4 == 3;
        if (r->discarding)
            smtp_server_discard(&r->server);
        break;
    case TRANSACTION_END_ASKED:
        r->transaction = TRANSACTION_NONE;
        break;
    case TRANSACTION_NONE:
    case TRANSACTION_CONTENT:
        ALWAYS(false, "no question was open");
    }
    r->closed = r->closed || r->server.state == SMTP_SERVER_CLOSED;
    take_replies(r);
    check_transaction(r);
}

static void ask(struct run *r)
{
    ALWAYS(r->open_count < COUNT(r->open), "not too many questions at once");
    r->open[r->open_count++] = r->questions++;
}

/* What an owner does on an event; false when feeding has to stop. */
static bool on_event(struct run *r, enum smtp_server_event event)
{
    const struct smtp_command *c = &r->server.command;

    switch (event) {
    case SMTP_SERVER_MORE:
    case SMTP_SERVER_WAIT:
        break;
    case SMTP_SERVER_MAIL:
        ALWAYS(r->transaction == TRANSACTION_NONE, "MAIL begins a transaction");
        r->transaction = TRANSACTION_MAIL_ASKED;
        r->accepted = 0;
        r->utf8 = c->u.mail.smtputf8;
        ALWAYS(!c->u.mail.reverse_path.utf8 || r->utf8, "an 8-bit sender needs SMTPUTF8");
        buf_printf(&r->events, "MAIL %s\n", c->u.mail.reverse_path.text);
        ask(r);
        break;
    case SMTP_SERVER_RCPT:
        ALWAYS(r->transaction == TRANSACTION_ENVELOPE, "RCPT stands in an envelope");
        ALWAYS(!c->u.rcpt.forward_path.utf8 || r->utf8, "an 8-bit recipient needs SMTPUTF8");
        buf_printf(&r->events, "RCPT %s\n", c->u.rcpt.forward_path.text);
        ask(r);
        break;
    case SMTP_SERVER_DATA:
        ALWAYS(r->transaction == TRANSACTION_ENVELOPE && r->open_count == 0, "content follows the envelope");
        ALWAYS(r->accepted > 0, "and somebody receives it");
        r->transaction = TRANSACTION_DATA_ASKED;
        buf_append_text(&r->events, "DATA\n");
        ask(r);
        break;
    case SMTP_SERVER_CONTENT:
        ALWAYS(r->transaction == TRANSACTION_CONTENT && !r->discarding, "content is wanted");
        ALWAYS(r->server.content.length > 0 && lines_are_whole(r->server.content),
               "a piece never splits a CRLF");
        buf_append_span(&r->content, r->server.content);
        break;
    case SMTP_SERVER_END:
        ALWAYS(r->transaction == TRANSACTION_CONTENT, "an end has a beginning");
        r->transaction = TRANSACTION_END_ASKED;
        buf_append_text(&r->events, "END\n");
        ask(r);
        break;
    case SMTP_SERVER_RESET:
        ALWAYS(r->transaction == TRANSACTION_ENVELOPE || r->transaction == TRANSACTION_CONTENT,
               "there was one");
        r->transaction = TRANSACTION_NONE;
        r->open_count = 0;
        buf_append_text(&r->events, "RESET\n");
        break;
    case SMTP_SERVER_CLOSE:
    case SMTP_SERVER_FOREIGN:
        r->closed = true;
        r->foreign = event == SMTP_SERVER_FOREIGN;
        r->open_count = 0;
        buf_append_text(&r->events, "CLOSE\n");
        take_replies(r);
        return false;
    }
    take_replies(r);
    check_transaction(r);
    return true;
}

static void give(struct run *r, struct span input)
{
    while (!r->closed || r->server.state == SMTP_SERVER_CLOSED) {
        size_t before = input.length;
        bool full = r->server.out.length > 0;
        enum smtp_server_event event = smtp_server_feed(&r->server, &input);

        ALWAYS(input.length <= before, "input is used from the front");
        ALWAYS(event != SMTP_SERVER_MORE || input.length == 0, "MORE says that the input is used up");
        ALWAYS(event != SMTP_SERVER_WAIT || r->open_count > 0 || full || r->server.out.length > 0,
               "WAIT has a reason");
        if (!on_event(r, event))
            return;
        if (r->open_count > 0 && (event == SMTP_SERVER_WAIT || !r->late))
            answer_oldest(r);
        else if (event == SMTP_SERVER_MORE)
            return;
    }
}

static bool reads_lines(enum smtp_server_state state)
{
    return state != SMTP_SERVER_CONTENT_DATA && state != SMTP_SERVER_CONTENT_CHUNK &&
           state != SMTP_SERVER_SWALLOW_CHUNK && state != SMTP_SERVER_CLOSED;
}

/* Octet by octet the commands can be counted: each line is one, and so is the end of DATA. */
static void give_counting(struct run *r, struct span piece, unsigned *commands)
{
    enum smtp_server_state before = r->server.state;

    if (reads_lines(before) && piece.at[0] == '\n')
        ++*commands;
    give(r, piece);
    if (before == SMTP_SERVER_CONTENT_DATA && r->server.state != SMTP_SERVER_CONTENT_DATA)
        ++*commands;
    if (!r->closed && reads_lines(r->server.state))
        ALWAYS(r->replies == 1 + *commands, "every command has one reply");
}

static void play(struct run *r, struct span input, enum feed_way way)
{
    struct feed feed = feed_start(input, way, r->mind);
    struct span piece;
    unsigned commands = 0;

    give(r, SPAN(""));
    while (feed_piece(&feed, &piece)) {
        if (r->closed)
            continue;
        if (way == FEED_OCTETS && !r->late)
            give_counting(r, piece, &commands);
        else
            give(r, piece);
    }
    while (r->open_count > 0 && !r->closed) {
        answer_oldest(r);
        give(r, SPAN(""));
    }
    ALWAYS(r->discarding || lines_are_whole(buf_span(&r->content)), "content has whole lines");
    ALWAYS(smtp_line_held(&r->server.line) <= SMTP_SERVER_AUTH_LINE_MAX + 1,
           "no line is held beyond its limit");
    if (r->closed) {
        struct span more = SPAN("NOOP\r\nMAIL FROM:<a@b>\r\n");
        enum smtp_server_event event = smtp_server_feed(&r->server, &more);

        ALWAYS(r->foreign || event == SMTP_SERVER_MORE, "a closed session tells nothing");
        ALWAYS(r->server.out.length == 0, "and says nothing");
    }
}

/* A session that ended because bytes came too early ends so only when they come in one piece. */
static bool depends_on_timing(const struct run *r)
{
    static const struct span last = SPAN_INIT(" content came before it was asked for\r\n");
    struct span out = buf_span(&r->out);

    return out.length >= last.length && span_equals(span_skip(out, out.length - last.length), last);
}

static void check_shutting(struct run *r)
{
    struct span more = SPAN("NOOP\r\n");

    if (r->closed)
        return;
    smtp_server_shut(&r->server, 3, 2, "stopping");
    take_replies(r);
    ALWAYS(r->last_code == 421, "RFC 5321 section 3.8");
    ALWAYS(smtp_server_feed(&r->server, &more) == SMTP_SERVER_CLOSE, "and the end");
    ALWAYS(!smtp_server_in_transaction(&r->server), "of all");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    uint64_t mind = take_octet(&input);
    uint64_t max_size_bytes = take_octet(&input) % 2 == 1 ? 1000 : 0;
    const struct {
        enum feed_way way;
        bool late;
    } ways[] = {{FEED_WHOLE, false}, {FEED_WHOLE, true}, {FEED_OCTETS, false}, {FEED_CUTS, true}};
    static struct run runs[COUNT(ways)];
    bool timing = false;

    for (size_t i = 0; i < COUNT(ways); i++) {
        run_init(&runs[i], mind, max_size_bytes, ways[i].late);
        play(&runs[i], input, ways[i].way);
        ALWAYS(!runs[i].closed || runs[i].foreign || runs[i].last_code == 221 || runs[i].last_code == 421,
               "RFC 5321 section 3.8: we close after QUIT or with a 421");
        timing = timing || depends_on_timing(&runs[i]);
    }
    for (size_t i = 1; i < COUNT(ways) && !timing; i++) {
        ALWAYS(span_equals(buf_span(&runs[i].out), buf_span(&runs[0].out)), "the client sees the same");
        ALWAYS(span_equals(buf_span(&runs[i].events), buf_span(&runs[0].events)),
               "the owner is told the same");
        ALWAYS(span_equals(buf_span(&runs[i].content), buf_span(&runs[0].content)), "the mail is the same");
    }
    for (size_t i = 0; i < COUNT(ways); i++) {
        check_shutting(&runs[i]);
        run_clear(&runs[i]);
    }
    return 0;
}
