/* SPDX-License-Identifier: MIT */
/*
 * The receiving session, told as dialogues. Each dialogue is played with every packet whole, byte by
 * byte, and cut at every place; each of those with an owner who answers at once and one who answers
 * as late as the machine lets him. What the client sees and what the owner is told must not differ.
 *
 *     C: text      the client sends text and CRLF; lines in a row are one packet
 *     C> text      the same without CRLF; \r \n \0 \\ \xNN stand for octets
 *     S: prefix    the next reply; its last line begins so; with a '$' at the end it is exactly so
 *     A: RCPT 550 5.1.1 words      what the owner answers to the next such question (else: accepted)
 *     E: RCPT c@d.example          the events, all of them in order, if there is any such line
 *     D: text      the whole content the owner got, escapes as in C>
 */

#include "feed.h"
#include "smtp/server.h"

#define INSTANCE 0x1234ABCDu
#define ANSWERS_MAX 16

struct dialogue {
    const char *name;
    uint64_t max_size_bytes;
    const char *text;
};

struct answer {
    char question[8];
    struct outcome outcome;
};

struct player {
    struct smtp_server server;
    bool late; /* answer only when nothing else goes on */
    struct answer answers[ANSWERS_MAX];
    size_t answer_count;
    const char *open[SMTP_SERVER_RCPTS_OPEN_MAX + 1]; /* questions not answered yet */
    size_t open_count;
    struct buf replies; /* all there were, in one text: last lines only, LF between */
    struct buf events;
    struct buf content;
    bool closed;
    const char *name;
    char way[80];
};

/* ---------------------------------------------------------------- the owner */

static void player_init(struct player *p, uint64_t max_size_bytes, bool late, const char *name)
{
    memset(p, 0, sizeof *p);
    smtp_server_init(&p->server, INSTANCE, max_size_bytes);
    buf_init(&p->replies, 10000000);
    buf_init(&p->events, 10000000);
    buf_init(&p->content, 100000000);
    p->late = late;
    p->name = name;
}

static void player_clear(struct player *p)
{
    smtp_server_clear(&p->server);
    buf_clear(&p->replies);
    buf_clear(&p->events);
    buf_clear(&p->content);
}

/* Takes all whole replies out of `out` and looks at every octet of them. */
static void take_replies(struct player *p)
{
    struct span out = buf_span(&p->server.out);

    while (out.length > 0) {
        size_t end = span_find(out, '\n');
        struct span line = span_first(out, end);

        HOLDS(end < out.length && end > 0 && line.at[end - 1] == '\r', "%s, %s: half a line: %s", p->name,
              p->way, quote(out));
        line.length--;
        HOLDS(line.length + 2 <= 512, "%s: RFC 5321 section 4.5.3.1.5: %zu octets", p->name, line.length + 2);
        for (size_t i = 0; i < line.length; i++)
            HOLDS(ascii_is_print(line.at[i]), "%s, %s: %s", p->name, p->way, quote(line));
        HOLDS(line.length >= 3 && line.at[0] >= '2' && line.at[0] <= '5' && ascii_is_digit(line.at[1]) &&
                  ascii_is_digit(line.at[2]),
              "%s, %s: %s", p->name, p->way, quote(line));
        HOLDS(line.length == 3 || line.at[3] == ' ' || line.at[3] == '-', "%s: %s", p->name, quote(line));
        if (line.length == 3 || line.at[3] == ' ') {
            buf_append_span(&p->replies, line);
            buf_append_text(&p->replies, "\n");
        }
        out = span_skip(out, end + 1);
    }
    buf_consume(&p->server.out, p->server.out.length);
}

static struct outcome choose_answer(struct player *p, const char *question)
{
    for (size_t i = 0; i < p->answer_count; i++) {
        if (strcmp(p->answers[i].question, question) == 0) {
            p->answers[i].question[0] = '\0';
            return p->answers[i].outcome;
        }
    }
    if (strcmp(question, "MAIL") == 0)
        return outcome_from_reply(250, 1, 0, SPAN("sender ok"));
    if (strcmp(question, "RCPT") == 0)
        return outcome_from_reply(250, 1, 5, SPAN("recipient ok"));
    return outcome_from_reply(250, 6, 0, SPAN("accepted by mx.example (id 1)"));
}

static void answer_oldest(struct player *p)
{
    struct outcome verdict = choose_answer(p, p->open[0]);

    p->open_count--;
    memmove(p->open, p->open + 1, p->open_count * sizeof p->open[0]);
    smtp_server_answer(&p->server, &verdict);
    take_replies(p);
}

static void ask(struct player *p, const char *question)
{
    HOLDS(p->open_count < COUNT(p->open), "%s, %s: too many questions", p->name, p->way);
    p->open[p->open_count++] = question;
    HOLDS(p->open_count == 1 || strcmp(question, "RCPT") == 0,
          "%s, %s: only RCPTs may be open together, not %s", p->name, p->way, question);
}

/* Feeds one piece and does what an owner does, until the machine wants more. */
static void give(struct player *p, struct span input)
{
    for (unsigned steps = 0;; steps++) {
        size_t before = input.length;
        enum smtp_server_event event = smtp_server_feed(&p->server, &input);

        assert_true(input.length <= before);
        HOLDS(steps < 1000000, "%s, %s: it turns in a circle", p->name, p->way);
        switch (event) {
        case SMTP_SERVER_MORE:
            HOLDS(input.length == 0, "%s, %s: MORE with bytes left", p->name, p->way);
            take_replies(p);
            if (p->open_count == 0 || p->late)
                return;
            break;
        case SMTP_SERVER_WAIT:
            HOLDS(p->open_count > 0 || p->server.out.length > 0, "%s, %s: WAIT for nobody", p->name, p->way);
            take_replies(p);
            if (p->open_count > 0)
                answer_oldest(p);
            continue;
        case SMTP_SERVER_MAIL:
            buf_printf(&p->events, "MAIL %s\n", p->server.command.u.mail.reverse_path.text);
            ask(p, "MAIL");
            break;
        case SMTP_SERVER_RCPT:
            buf_printf(&p->events, "RCPT %s\n", p->server.command.u.rcpt.forward_path.text);
            ask(p, "RCPT");
            break;
        case SMTP_SERVER_DATA:
            buf_append_text(&p->events, "DATA\n");
            ask(p, "DATA");
            break;
        case SMTP_SERVER_CONTENT:
            HOLDS(p->server.content.length > 0, "%s, %s: a piece has something in it", p->name, p->way);
            buf_append_span(&p->content, p->server.content);
            continue;
        case SMTP_SERVER_END:
            buf_append_text(&p->events, "END\n");
            ask(p, "END");
            break;
        case SMTP_SERVER_RESET:
            buf_append_text(&p->events, "RESET\n");
            p->open_count = 0;
            continue;
        case SMTP_SERVER_CLOSE:
        case SMTP_SERVER_FOREIGN:
            HOLDS(!p->closed, "%s, %s: closed twice", p->name, p->way);
            buf_append_text(&p->events, event == SMTP_SERVER_CLOSE ? "CLOSE\n" : "FOREIGN\n");
            p->closed = true;
            p->open_count = 0;
            take_replies(p);
            return;
        }
        if (!p->late && p->open_count > 0)
            answer_oldest(p);
    }
}

/* The client waits for its replies: a late owner has to say something now. */
static void settle(struct player *p)
{
    while (p->open_count > 0 && !p->closed) {
        answer_oldest(p);
        give(p, SPAN(""));
    }
}

/* ---------------------------------------------------------------- playing a dialogue */

static void unescape(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];

        if (c == '\\' && i + 1 < text.length) {
            c = text.at[++i];
            if (c == 'x') {
                char hex[3] = {text.at[i + 1], text.at[i + 2], '\0'};

                c = (char)strtol(hex, NULL, 16);
                i += 2;
            } else {
                c = c == 'r' ? '\r' : c == 'n' ? '\n' : c == '0' ? '\0' : c;
            }
        }
        buf_append(out, &c, 1);
    }
}

static void read_answer(struct player *p, struct span text)
{
    struct answer *a = &p->answers[p->answer_count++];
    struct span question = span_cut(&text, ' '), code = span_cut(&text, ' '), enhanced = span_cut(&text, ' ');
    uint64_t number = 0, subject = 0, detail = 0;

    assert_true(p->answer_count <= ANSWERS_MAX);
    span_cut(&enhanced, '.');
    span_copy(question, a->question, sizeof a->question);
    assert_true(span_to_number(code, 999, &number));
    assert_true(span_to_number(span_cut(&enhanced, '.'), 999, &subject));
    assert_true(span_to_number(enhanced, 999, &detail));
    a->outcome = outcome_from_reply((int)number, (int)subject, (int)detail, text);
}

/* Sends a packet: whole (way 0), byte by byte (1), or in two (the cut counts from the session's start). */
static void send_packet(struct player *p, struct buf *packet, size_t way, size_t *sent)
{
    struct span bytes = buf_span(packet);

    while (bytes.length > 0 && !p->closed) {
        size_t size = bytes.length;
        char *copy;

        if (way == 1)
            size = 1;
        else if (way > 1 && way > *sent + 1 && way - 1 < *sent + bytes.length)
            size = way - 1 - *sent;
        copy = exact_copy(span_first(bytes, size));
        give(p, span_make(copy, size));
        free(copy);
        bytes = span_skip(bytes, size);
        *sent += size;
    }
    *sent += bytes.length;
    buf_consume(packet, packet->length);
    settle(p);
}

/* Returns how many bytes the client had to send. */
static size_t play(const struct dialogue *d, size_t way, bool late)
{
    struct player p;
    struct buf packet, events, content;
    struct span rest = span_of(d->text), replies;
    bool judge_events = false, judge_content = false;
    size_t sent = 0;

    player_init(&p, d->max_size_bytes, late, d->name);
    if (way < 2)
        snprintf(p.way, sizeof p.way, "%s, %s", way == 0 ? "whole" : "byte by byte",
                 late ? "late" : "at once");
    else
        snprintf(p.way, sizeof p.way, "cut at %zu, %s", way - 1, late ? "late" : "at once");
    buf_init(&packet, 10000000);
    buf_init(&events, 100000);
    buf_init(&content, 100000);
    give(&p, SPAN("")); /* the greeting */
    for (struct span script = rest; script.length > 0;) {
        struct span line = span_cut(&script, '\n');

        if (span_starts_nocase(line, SPAN("A: ")))
            read_answer(&p, span_skip(line, 3));
    }
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n'), text = span_skip(line, 3);

        if (span_starts_nocase(line, SPAN("C:"))) {
            buf_append_span(&packet, text);
            buf_append_text(&packet, "\r\n");
        } else if (span_starts_nocase(line, SPAN("C>"))) {
            unescape(text, &packet);
        } else if (span_starts_nocase(line, SPAN("S:"))) {
            struct span got;
            bool exactly = text.length > 0 && text.at[text.length - 1] == '$';

            send_packet(&p, &packet, way, &sent);
            replies = buf_span(&p.replies);
            HOLDS(replies.length > 0, "%s, %s: no reply where \"%.*s\" should come", d->name, p.way,
                  (int)text.length, text.at);
            got = span_cut(&replies, '\n');
            if (exactly)
                text.length--;
            HOLDS(exactly ? span_equals(got, text) : span_equals(span_first(got, text.length), text),
                  "%s, %s: %s came where \"%.*s\" should", d->name, p.way, quote(got), (int)text.length,
                  text.at);
            buf_consume(&p.replies, got.length + 1);
        } else if (span_starts_nocase(line, SPAN("E:"))) {
            judge_events = true;
            buf_append_span(&events, text);
            if (text.length > 0) /* "E: " alone: there were none */
                buf_append_text(&events, "\n");
        } else if (span_starts_nocase(line, SPAN("D:"))) {
            judge_content = true;
            unescape(text, &content);
        } else {
            HOLDS(span_starts_nocase(line, SPAN("A: ")) || line.length == 0, "%s: odd line %s", d->name,
                  quote(line));
        }
        if (span_starts_nocase(line, SPAN("C")))
            HOLDS(buf_span(&p.replies).length == 0, "%s, %s: %s came and was not expected", d->name, p.way,
                  quote(buf_span(&p.replies)));
    }
    send_packet(&p, &packet, way, &sent);
    HOLDS(buf_span(&p.replies).length == 0, "%s, %s: %s came and was not expected", d->name, p.way,
          quote(buf_span(&p.replies)));
    if (judge_events)
        HOLDS(span_equals(buf_span(&p.events), buf_span(&events)), "%s, %s: events %s, not %s", d->name,
              p.way, quote(buf_span(&p.events)), quote(buf_span(&events)));
    if (judge_content)
        HOLDS(span_equals(buf_span(&p.content), buf_span(&content)), "%s, %s: content %s, not %s", d->name,
              p.way, quote(buf_span(&p.content)), quote(buf_span(&content)));
    for (size_t i = 0; i < p.answer_count; i++)
        HOLDS(p.answers[i].question[0] == '\0', "%s, %s: the %s question never came", d->name, p.way,
              p.answers[i].question);
    if (p.closed) { /* nobody is listening any more: bytes vanish, nothing is said or told */
        struct span more = SPAN("MAIL FROM:<a@b.example>\r\n");
        enum smtp_server_event event = smtp_server_feed(&p.server, &more);

        HOLDS(event == SMTP_SERVER_MORE || event == SMTP_SERVER_CLOSE, "%s, %s: after the end: %d", d->name,
              p.way, (int)event);
        HOLDS(p.server.out.length == 0, "%s, %s: %s", d->name, p.way, quote(buf_span(&p.server.out)));
        HOLDS(!smtp_server_in_transaction(&p.server), "%s, %s", d->name, p.way);
    }
    buf_clear(&packet);
    buf_clear(&events);
    buf_clear(&content);
    player_clear(&p);
    return sent;
}

static void play_all(const struct dialogue *dialogues, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = play(&dialogues[i], 0, false);
        size_t step = bytes > 3000 ? bytes / 100 : 1; /* of long ones not every cut */

        play(&dialogues[i], 0, true);
        play(&dialogues[i], 1, false);
        play(&dialogues[i], 1, true);
        for (size_t cut = 1; cut < bytes; cut += step) {
            play(&dialogues[i], cut + 1, false);
            play(&dialogues[i], cut + 1, true);
        }
    }
}

/* What most dialogues begin with. */
#define HELLO                                                                                                \
    "S: 220 localhost ESMTP Traypost 1234ABCD$\n"                                                            \
    "C: EHLO client.example\n"                                                                               \
    "S: 250 \n"
#define ENVELOPE                                                                                             \
    HELLO "C: MAIL FROM:<a@b.example>\n"                                                                     \
          "S: 250 2.1.0\n"                                                                                   \
          "C: RCPT TO:<c@d.example>\n"                                                                       \
          "S: 250 2.1.5\n"
#define E_ENVELOPE "E: MAIL a@b.example\nE: RCPT c@d.example\n"

static void a_mail_goes_through(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"step by step", 0,
         ENVELOPE "C: DATA\nS: 354\n"
                  "C: Subject: s\nC: \nC: ..dot\nC: .\nS: 250 2.6.0 accepted by mx.example (id 1)\n"
                  "C: QUIT\nS: 221 2.0.0\n" E_ENVELOPE "E: DATA\nE: END\nE: CLOSE\n"
                  "D: Subject: s\\r\\n\\r\\n.dot\\r\\n"},
        {"pipelined as RFC 2920 allows", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: RCPT TO:<e@f.example>\nC: DATA\n"
               "S: 250 2.1.0\nS: 250 2.1.5\nS: 250 2.1.5\nS: 354\n"
               "C: text\nC: .\nC: QUIT\nS: 250 2.6.0\nS: 221\n"
               "E: MAIL a@b.example\nE: RCPT c@d.example\nE: RCPT e@f.example\nE: DATA\nE: END\nE: CLOSE\n"
               "D: text\\r\\n"},
        {"two mails in one session, the second right behind the first's dot", 0,
         ENVELOPE "C: DATA\nS: 354\nC: one\nC: .\nC: MAIL FROM:<>\nC: RCPT TO:<g@h.example>\nC: DATA\n"
                  "S: 250 2.6.0\nS: 250 2.1.0\nS: 250 2.1.5\nS: 354\n"
                  "C: two\nC: .\nS: 250 2.6.0\n" E_ENVELOPE
                  "E: DATA\nE: END\nE: MAIL \nE: RCPT g@h.example\nE: DATA\nE: END\nD: one\\r\\ntwo\\r\\n"},
        {"with HELO", 0,
         "S: 220\nC: HELO client\nS: 250 localhost\nC: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<c@d.example>\n"
         "S: 250\nC: DATA\nS: 354\nC: x\nC: .\nS: 250\nC: QUIT\nS: 221\n"},
        {"an empty mail", 0,
         ENVELOPE "C: DATA\nS: 354\nC: .\nS: 250 2.6.0\n" E_ENVELOPE "E: DATA\nE: END\nD: \n"},
        {"lines end with LF alone", 0,
         "S: 220\nC> EHLO x\\n\nS: 250 \nC> MAIL FROM:<a@b.example>\\nRCPT TO:<c@d.example>\\nDATA\\n\n"
         "S: 250\nS: 250\nS: 354\nC> a\\nb\\n.\\nc\\r\\n.\\r\\n\nS: 250\n"
         "D: a\\r\\nb\\r\\n.\\r\\nc\\r\\n\n"},
        {"what looks like an end of data is content", 0,
         ENVELOPE
         "C: DATA\nS: 354\nC> a\\n.\\nMAIL FROM:<evil@x>\\r\\n\\r.\\r\\nRSET\\r\\n.\\n\\r\\n.\\r\\n\nS: 250 2.6.0\n"
         "C: NOOP\nS: 250\n" E_ENVELOPE
         "E: DATA\nE: END\nD: a\\r\\n.\\r\\nMAIL FROM:<evil@x>\\r\\n\\r\\n.\\r\\nRSET\\r\\n\\r\\n\\r\\n\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void the_owners_refusals_reach_the_client_in_their_own_words(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"MAIL", 0,
         HELLO "A: MAIL 451 4.4.3 no name server answers\n"
               "C: MAIL FROM:<a@b.example>\nS: 451 4.4.3 no name server answers\n"
               "C: RCPT TO:<c@d.example>\nS: 503 5.5.1\n"
               "C: MAIL FROM:<a@b.example>\nS: 250\nE: MAIL a@b.example\nE: MAIL a@b.example\n"},
        {"RCPT", 0,
         HELLO
         "A: RCPT 550 5.1.1 no such user here\n"
         "C: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<c@d.example>\nS: 550 5.1.1 no such user here\n"
         "C: RCPT TO:<e@f.example>\nS: 250\nC: DATA\nS: 354\nC: x\nC: .\nS: 250\n"},
        {"the middle one of three", 0,
         HELLO "A: RCPT 250 2.1.5 first\nA: RCPT 452 4.5.3 second\nA: RCPT 251 2.1.5 third\n"
               "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c1@d.example>\nC: RCPT TO:<c2@d.example>\n"
               "C: RCPT TO:<c3@d.example>\nC: DATA\n"
               "S: 250 2.1.0\nS: 250 2.1.5 first\nS: 452 4.5.3 second\nS: 25\nS: 354\nC: x\nC: .\nS: 250\n"},
        {"all of them, pipelined with DATA", 0,
         HELLO "A: RCPT 550 5.1.1 no\nA: RCPT 550 5.1.1 no\n"
               "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: RCPT TO:<e@d.example>\nC: DATA\n"
               "S: 250\nS: 550 5.1.1\nS: 550 5.1.1\nS: 5\n"
               "C: RSET\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\n"},
        {"DATA", 0,
         ENVELOPE "A: DATA 451 4.4.1 nobody there\nC: DATA\nS: 451 4.4.1 nobody there\nC: RSET\nS: 250\n"
                  "C: MAIL FROM:<a@b.example>\nS: 250\n"},
        {"the end", 0,
         ENVELOPE "A: END 554 5.6.0 spam\nC: DATA\nS: 354\nC: x\nC: .\nS: 554 5.6.0 spam\n"
                  "C: RCPT TO:<c@d.example>\nS: 503 5.5.1\nC: MAIL FROM:<a@b.example>\nS: 250\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void every_command_has_its_place(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"before HELO", 0,
         "S: 220\nC: MAIL FROM:<a@b.example>\nS: 503 5.5.1\nC: RCPT TO:<c@d.example>\nS: 503 5.5.1\n"
         "C: DATA\nS: 503 5.5.1\nC: NOOP\nS: 250\nC: RSET\nS: 250\nC: HELP\nS: 214\nC: VRFY joe\nS: 252\n"
         "C: QUIT\nS: 221\nE: CLOSE\n"},
        {"AUTH before EHLO", 0, "S: 220\nC: AUTH PLAIN AHUAcA==\nS: 503 5.5.1\n"},
        {"BDAT before EHLO", 0, "S: 220\nC> BDAT 4\\r\\nQUIT\nS: 503 5.5.1\nC: NOOP\nS: 250\n"},
        {"without a transaction", 0,
         HELLO
         "C: RCPT TO:<c@d.example>\nS: 503 5.5.1\nC: DATA\nS: 503 5.5.1\nC: RSET\nS: 250\nC: NOOP x\nS: 250\n"},
        {"MAIL twice", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC: MAIL FROM:<e@b.example>\nS: 503 5.5.1\n"
               "C: RCPT TO:<c@d.example>\nS: 250\nC: MAIL FROM:<e@b.example>\nS: 503 5.5.1\nC: DATA\nS: 354\n"
               "C: x\nC: .\nS: 250\nE: MAIL a@b.example\nE: RCPT c@d.example\nE: DATA\nE: END\n"},
        {"DATA without a recipient", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC: DATA\nS: 5\nC: NOOP\nS: 250\n"},
        {"RCPT after the mail was sent", 0,
         ENVELOPE
         "C: DATA\nS: 354\nC: x\nC: .\nS: 250\nC: RCPT TO:<c@d.example>\nS: 503 5.5.1\nC: DATA\nS: 503 5.5.1\n"},
        {"the commands that may come at any time", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC: NOOP\nS: 250 2.0.0\nC: VRFY <c@d.example>\nS: 252\n"
               "C: EXPN list\nS: 502\nC: HELP\nS: 214\nC: RCPT TO:<c@d.example>\nS: 250\n"},
        {"commands nobody knows", 0, HELLO "C: XYZZY\nS: 500\nC: TURN\nS: 50\nC: \nS: 500\nC: .\nS: 500\n"},
        {"STARTTLS is not offered", 0, HELLO "C: STARTTLS\nS: 50\nC: NOOP\nS: 250\n"},
        {"wrong arguments", 0,
         HELLO
         "C: MAIL\nS: 501 5.5.4\nC: MAIL FROM:<a b>\nS: 501 5.1.7\nC: MAIL FROM:<a@b.example> X=1\nS: 555 5.5.4\n"
         "C> MAIL FROM:<\\xc5\\x99@b.example>\\r\\n\nS: 553 5.6.7\nC: HELO\nS: 501 5.5.4\nC: EHLO\nS: 501 5.5.4\n"
         "C: VRFY\nS: 501 5.5.4\nC: RSET x\nS: 501 5.5.4\n"
         "C: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<c>d\nS: 501\nC: RCPT TO:<>\nS: 501 5.1.3\n"
         "C: RCPT TO:<c@d.example> NOTIFY=NEVER,DELAY\nS: 501 5.5.4\nC: DATA x\nS: 501 5.5.4\n"
         "C: RCPT TO:<c@d.example>\nS: 250\nE: MAIL a@b.example\nE: RCPT c@d.example\n"},
        {"EHLO begins anew (section 4.1.4)", 0,
         ENVELOPE
         "C: EHLO client.example\nS: 250 \nC: RCPT TO:<c@d.example>\nS: 503 5.5.1\nC: DATA\nS: 503 5.5.1\n"
         "C: MAIL FROM:<n@b.example>\nS: 250\n" E_ENVELOPE "E: RESET\nE: MAIL n@b.example\n"},
        {"HELO too", 0,
         ENVELOPE "C: HELO client.example\nS: 250 \nC: DATA\nS: 503 5.5.1\n" E_ENVELOPE "E: RESET\n"},
        {"RSET forgets", 0,
         ENVELOPE
         "C: RSET\nS: 250 2.0.0\nC: DATA\nS: 503 5.5.1\nC: MAIL FROM:<n@b.example>\nS: 250\n" E_ENVELOPE
         "E: RESET\nE: MAIL n@b.example\n"},
        {"RSET without a transaction tells the owner nothing", 0, HELLO "C: RSET\nS: 250\nE: \n"},
        {"QUIT within a transaction", 0, ENVELOPE "C: QUIT\nS: 221\n"},
        {"nothing behind QUIT is read", 0,
         HELLO "C: QUIT\nC: MAIL FROM:<a@b.example>\nC: NOOP\nS: 221\nE: CLOSE\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void what_is_written_oddly_and_meant_well_is_taken(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"no brackets, spaces behind the colon, lower case", 0,
         "S: 220\nC: helo any_word!\nS: 250\nC: mail from: a@b.example\nS: 250 2.1.0\nC: rcpt to: <c@d.example>\nS: 250\n"
         "C: Rcpt To:e@d.example\nS: 250\nC: data\nS: 354\nC: x\nC: .\nS: 250\nC: quit\nS: 221\n"
         "E: MAIL a@b.example\nE: RCPT c@d.example\nE: RCPT e@d.example\nE: DATA\nE: END\nE: CLOSE\n"},
        {"HELO with the name of a Windows machine, in its own code page", 0,
         "S: 220\nC> HELO JI\xd8\xcd-PC\\r\\n\nS: 250\nC> EHLO Ji\xc5\x99\xc3\xad\\r\\n\nS: 250 \n"
         "C> EHLO \xff\xfe\\r\\n\nS: 250 \nC> MAIL FROM:<\xd8@b.example> SMTPUTF8\\r\\n\nS: 501 5.5.2\n"},
        {"HELO with a literal", 0, "S: 220\nC: HELO [192.168.1.7]\nS: 250\n"},
        {"a source route", 0, HELLO "C: MAIL FROM:<@r.example:a@b.example>\nS: 250\nE: MAIL a@b.example\n"},
        {"spaces at the ends", 0,
         HELLO "C: MAIL FROM:<a@b.example> \nS: 250\nC: RSET \nS: 250\nC: QUIT \nS: 221\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void every_user_may_log_in(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"PLAIN with its response", 0, HELLO "C: AUTH PLAIN AHVzZXIAcGFzcw==\nS: 235 2.7.0\n"},
        {"PLAIN asked for it", 0, HELLO "C: AUTH PLAIN\nS: 334 $\nC: AHVzZXIAcGFzcw==\nS: 235 2.7.0\n"},
        {"LOGIN", 0,
         HELLO
         "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6$\nC: cGFzcw==\nS: 235 2.7.0\n"
         "C: MAIL FROM:<a@b.example>\nS: 250\n"},
        {"LOGIN with the user inline", 0,
         HELLO "C: AUTH LOGIN dXNlcg==\nS: 334 UGFzc3dvcmQ6$\nC: cGFzcw==\nS: 235 2.7.0\n"},
        {"LOGIN in lower case", 0,
         HELLO
         "C: auth login\nS: 334 VXNlcm5hbWU6$\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6$\nC: cGFzcw==\nS: 235\n"},
        {"LOGIN with empty answers", 0,
         HELLO "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\nC: \nS: 334 UGFzc3dvcmQ6$\nC: \nS: 235\n"},
        {"LOGIN, all sent at once by a client that knows the prompts", 0,
         HELLO
         "C: AUTH LOGIN\nC: dXNlcg==\nC: cGFzcw==\nS: 334 VXNlcm5hbWU6$\nS: 334 UGFzc3dvcmQ6$\nS: 235\n"},
        {"cancelled at PLAIN", 0, HELLO "C: AUTH PLAIN\nS: 334 $\nC: *\nS: 501\nC: NOOP\nS: 250\n"},
        {"cancelled at the user", 0,
         HELLO "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\nC: *\nS: 501\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\n"
               "C: dXNlcg==\nS: 334 UGFzc3dvcmQ6$\nC: cGFzcw==\nS: 235\n"},
        {"cancelled at the password", 0,
         HELLO
         "C: AUTH LOGIN dXNlcg==\nS: 334 UGFzc3dvcmQ6$\nC: *\nS: 501\nC: MAIL FROM:<a@b.example>\nS: 250\n"},
        {"an answer that looks like a command is an answer", 0,
         HELLO
         "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\nC: QUIT\nS: 334 UGFzc3dvcmQ6$\nC: RSET\nS: 235\nC: NOOP\nS: 250\n"},
        {"a mechanism we do not have", 0, HELLO "C: AUTH CRAM-MD5\nS: 504\nC: NOOP\nS: 250\n"},
        {"no mechanism", 0, HELLO "C: AUTH\nS: 501 5.5.4\n"},
        {"twice (RFC 4954 section 4)", 0,
         HELLO
         "C: AUTH PLAIN AHUAcA==\nS: 235\nC: AUTH PLAIN AHUAcA==\nS: 503 5.5.1\nC: AUTH LOGIN\nS: 503 5.5.1\n"},
        {"within a transaction (RFC 4954 section 4)", 0,
         ENVELOPE "C: AUTH PLAIN AHUAcA==\nS: 503 5.5.1\nC: DATA\nS: 354\nC: x\nC: .\nS: 250\n"},
        {"what is no base64 is no user name (RFC 4954 section 4)", 0,
         HELLO
         "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6$\nC: !!!!\nS: 501 5.5.2\nC: AUTH PLAIN <>\nS: 501 5.5.2\n"},
        {"what nobody could decode", 0,
         HELLO
         "C: AUTH PLAIN ====\nS: 501 5.5.2\nC: AUTH PLAIN AHVzZ\nS: 501 5.5.2\nC: AUTH PLAIN AH=zZXI=\nS: 501 5.5.2\n"
         "C: AUTH LOGIN\nS: 334\nC: dXNlcg===\nS: 501 5.5.2\nC: NOOP\nS: 250\n"},
        {"an end that is not filled up", 0,
         HELLO "C: AUTH LOGIN\nS: 334\nC: dXNlcg\nS: 334 UGFzc3dvcmQ6$\nC: cGFzcw=\nS: 235\n"},
        {"the empty initial response", 0, HELLO "C: AUTH PLAIN =\nS: 235\n"},
        {"NUL in an answer", 0, HELLO "C: AUTH LOGIN\nS: 334\nC> dX\\0lcg==\\r\\n\nS: 50\nC: NOOP\nS: 250\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void odd_octets_and_other_protocols_are_refused(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"NUL", 0, HELLO "C> MAIL FROM:<a@b.example>\\0\\r\\n\nS: 501 5.5.2\nC: NOOP\nS: 250\nE: \n"},
        {"a bare CR hides no second command", 0,
         HELLO "C> NOOP\\rMAIL FROM:<a@b.example>\\r\\n\nS: 50\nC: NOOP\nS: 250\nE: \n"},
        {"a terminal escape in HELO", 0, "S: 220\nC> HELO \\x1b[2J\\r\\n\nS: 501 5.5.2\nC: NOOP\nS: 250\n"},
        {"NUL in a verb", 0, HELLO "C> NO\\0OP\\r\\n\nS: 500 5.5.2\nC: NOOP\nS: 250\nE: \n"},
        {"HTTP GET", 0, "S: 220\nC: GET / HTTP/1.1\nC: Host: localhost:25\nC: \nE: FOREIGN\n"},
        {"HTTP POST with commands in its body", 0,
         "S: 220\nC: POST / HTTP/1.1\nC: Content-Type: text/plain\nC: \nC: EHLO x\nC: MAIL FROM:<a@b.example>\n"
         "C: RCPT TO:<c@d.example>\nC: DATA\nE: FOREIGN\n"},
        {"HTTP CONNECT", 0, "S: 220\nC: CONNECT localhost:25 HTTP/1.1\nE: FOREIGN\n"},
        {"TLS", 0, "S: 220\nC> \\x16\\x03\\x01\\x00\\xa5\\x01\\x00\\x00\\xa1\\x03\\x03\\n\nE: FOREIGN\n"},
        {"a header line is no command", 0,
         "S: 220\nC: Host: localhost\nS: 500\nC: Subject: x\nS: 500\nC: NOOP\nS: 250\nE: \n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void parameters_are_kept_to(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"SIZE within the limit", 1000, HELLO "C: MAIL FROM:<a@b.example> SIZE=1000\nS: 250\n"},
        {"SIZE over the limit (RFC 1870 section 6.1)", 1000,
         HELLO "C: MAIL FROM:<a@b.example> SIZE=1001\nS: 552 5.3.4\nC: RCPT TO:<c@d.example>\nS: 503\nE: \n"},
        {"SIZE without a limit", 0, HELLO "C: MAIL FROM:<a@b.example> SIZE=18446744073709551615\nS: 250\n"},
        {"SMTPUTF8 opens RCPT for 8-bit addresses", 0,
         HELLO "C> MAIL FROM:<\\xc5\\x99@b.example> SMTPUTF8 BODY=8BITMIME\\r\\n\nS: 250\n"
               "C> RCPT TO:<\\xc3\\xad@d.example>\\r\\n\nS: 250\n"},
        {"an 8-bit domain alone needs no opening", 0,
         HELLO "C> MAIL FROM:<a@\\xc5\\x99.example>\\r\\n\nS: 250\n"
               "C> RCPT TO:<c@\\xc3\\xad.example>\\r\\n\nS: 250\n"},
        {"without it they are refused", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC> RCPT TO:<\\xc3\\xad@d.example>\\r\\n\nS: 553 5.6.7\n"},
        {"SMTPUTF8 ends with its transaction", 0,
         HELLO
         "C: MAIL FROM:<a@b.example> SMTPUTF8\nS: 250\nC: RSET\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\n"
         "C> RCPT TO:<\\xc3\\xad@d.example>\\r\\n\nS: 553 5.6.7\n"},
        {"SMTPUTF8 of a refused MAIL does not count", 0,
         HELLO
         "A: MAIL 451 4.0.0 no\nC: MAIL FROM:<a@b.example> SMTPUTF8\nS: 451\nC: MAIL FROM:<a@b.example>\nS: 250\n"
         "C> RCPT TO:<\\xc3\\xad@d.example>\\r\\n\nS: 553 5.6.7\n"},
        {"SMTPUTF8 of a MAIL out of order does not count", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC: MAIL FROM:<a@b.example> SMTPUTF8\nS: 503\n"
               "C> RCPT TO:<\\xc3\\xad@d.example>\\r\\n\nS: 553 5.6.7\n"},
        {"DSN parameters", 0,
         HELLO "C: MAIL FROM:<a@b.example> RET=HDRS ENVID=x+2By\nS: 250\n"
               "C: RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c@d.example\nS: 250\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void chunks_are_counted_and_never_read_as_commands(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"one chunk", 0,
         ENVELOPE "C> BDAT 5 LAST\\r\\nabc\\r\\n\nS: 250 2.6.0\nC: NOOP\nS: 250\n" E_ENVELOPE
                  "E: DATA\nE: END\nD: abc\\r\\n\n"},
        {"two chunks and an empty last one, pipelined", 0,
         ENVELOPE
         "C> BDAT 3\\r\\nabcBDAT 4\\r\\n\\r\\ndeBDAT 0 LAST\\r\\n\nS: 250\nS: 250\nS: 250 2.6.0\n" E_ENVELOPE
         "E: DATA\nE: END\nD: abc\\r\\nde\n"},
        {"a chunk ends between CR and LF", 0,
         ENVELOPE "C> BDAT 2\\r\\na\\rBDAT 2 LAST\\r\\n\\nb\nS: 250\nS: 250 2.6.0\nD: a\\r\\nb\n"},
        {"the last chunk ends with a CR", 0, ENVELOPE "C> BDAT 2 LAST\\r\\na\\r\nS: 250 2.6.0\nD: a\\r\\n\n"},
        {"an empty last chunk behind a CR", 0,
         ENVELOPE "C> BDAT 2\\r\\na\\r\nS: 250\nC> BDAT 0 LAST\\r\\n\nS: 250 2.6.0\nD: a\\r\\n\n"},
        {"an empty mail", 0, ENVELOPE "C: BDAT 0 LAST\nS: 250 2.6.0\n" E_ENVELOPE "E: DATA\nE: END\nD: \n"},
        {"an empty chunk first", 0,
         ENVELOPE "C: BDAT 0\nS: 250\nC> BDAT 1 LAST\\r\\nx\nS: 250 2.6.0\nD: x\n"},
        {"content that looks like an end of data and like commands", 0,
         ENVELOPE "C> BDAT 16 LAST\\r\\nx\\r\\n.\\r\\nQUIT\\r\\n..y\\n\nS: 250 2.6.0\n" E_ENVELOPE
                  "E: DATA\nE: END\nD: x\\r\\n.\\r\\nQUIT\\r\\n..y\\r\\n\n"},
        {"all of the mail in one packet", 0,
         HELLO "C> MAIL FROM:<a@b.example>\\r\\nRCPT TO:<c@d.example>\\r\\nBDAT 3 LAST\\r\\nabcQUIT\\r\\n\n"
               "S: 250\nS: 250\nS: 250 2.6.0\nS: 221\n" E_ENVELOPE "E: DATA\nE: END\nE: CLOSE\nD: abc\n"},
        {"without a transaction it is read over", 0,
         HELLO "C> BDAT 24\\r\\nMAIL FROM:<evil@x.ex>\\r\\nx\nS: 503 5.5.1\nC: NOOP\nS: 250\nE: \n"},
        {"without a recipient too", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nS: 250\nC> BDAT 6 LAST\\r\\nQUIT\\r\\n\nS: 5\nC: NOOP\nS: 250\n"
               "E: MAIL a@b.example\n"},
        {"refused by the owner: this chunk and the next are read over", 0,
         ENVELOPE
         "A: DATA 451 4.4.1 nobody there\nC> BDAT 6\\r\\nQUIT\\r\\n\nS: 451 4.4.1\n"
         "C> BDAT 6 LAST\\r\\nQUIT\\r\\n\nS: 5\nC: RSET\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\n"},
        {"refused by the owner, pipelined", 0,
         ENVELOPE
         "A: DATA 451 4.4.1 nobody there\nC> BDAT 6\\r\\nQUIT\\r\\nBDAT 6 LAST\\r\\nQUIT\\r\\nNOOP\\r\\n\n"
         "S: 451 4.4.1\nS: 5\nS: 250\n"},
        {"all recipients were refused, pipelined", 0,
         HELLO
         "A: RCPT 550 5.1.1 no\n"
         "C> MAIL FROM:<a@b.example>\\r\\nRCPT TO:<c@d.example>\\r\\nBDAT 6 LAST\\r\\nQUIT\\r\\nNOOP\\r\\n\n"
         "S: 250\nS: 550\nS: 5\nS: 250\n"},
        {"the end is refused", 0,
         ENVELOPE
         "A: END 552 5.3.4 too big\nC> BDAT 1 LAST\\r\\nx\nS: 552 5.3.4 too big\nC: MAIL FROM:<>\nS: 250\n"},
        {"between chunks only BDAT, NOOP, RSET and QUIT (RFC 3030 section 2)", 0,
         ENVELOPE
         "C> BDAT 1\\r\\nx\nS: 250\nC: DATA\nS: 503 5.5.1\nC: MAIL FROM:<>\nS: 503 5.5.1\n"
         "C: RCPT TO:<e@f.example>\nS: 503 5.5.1\nC: NOOP\nS: 250\nC> BDAT 1 LAST\\r\\ny\nS: 250 2.6.0\n"
         "D: xy\n"},
        {"RSET between chunks", 0,
         ENVELOPE "C> BDAT 1\\r\\nx\nS: 250\nC: RSET\nS: 250\nC> BDAT 1 LAST\\r\\ny\nS: 503\n" E_ENVELOPE
                  "E: DATA\nE: RESET\nD: x\n"},
        {"EHLO between chunks", 0,
         ENVELOPE
         "C> BDAT 1\\r\\nx\nS: 250\nC: EHLO x\nS: 250 \nC: MAIL FROM:<n@b.example>\nS: 250\n" E_ENVELOPE
         "E: DATA\nE: RESET\nE: MAIL n@b.example\n"},
        {"-1 cannot be read over: the session ends", 0,
         ENVELOPE
         "C> BDAT -1\\r\\nNOOP\\r\\nMAIL FROM:<evil@x>\\r\\n\nS: 501 5.5.4\nS: 421 4.5.0\n" E_ENVELOPE
         "E: CLOSE\n"},
        {"no size", 0,
         ENVELOPE "C> BDAT\\r\\nNOOP\\r\\n\nS: 501 5.5.4\nS: 421 4.5.0\n" E_ENVELOPE "E: CLOSE\n"},
        {"0x10", 0,
         ENVELOPE "C> BDAT 0x10 LAST\\r\\nNOOP\\r\\n\nS: 501 5.5.4\nS: 421 4.5.0\n" E_ENVELOPE "E: CLOSE\n"},
        {"2^64", 0,
         ENVELOPE "C> BDAT 18446744073709551616 LAST\\r\\nNOOP\\r\\n\nS: 501 5.5.4\nS: 421 4.5.0\n" E_ENVELOPE
                  "E: CLOSE\n"},
        {"2^64+4, out of order", 0,
         HELLO "C> BDAT 18446744073709551620\\r\\nQUIT\nS: 50\nS: 421 4.5.0\nE: CLOSE\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void rset_while_recipients_are_open_leaves_no_command_without_a_reply(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"RSET", 0,
         HELLO
         "C: MAIL FROM:<a@b.example>\nS: 250\n"
         "C: RCPT TO:<c@d.example>\nC: RCPT TO:<e@d.example>\nC: RSET\nC: NOOP\nS: 2\nS: 2\nS: 250 2.0.0\nS: 250\n"
         "C: RCPT TO:<c@d.example>\nS: 503\n"},
        {"EHLO", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: EHLO again.example\nC: NOOP\n"
               "S: 250\nS: 2\nS: 250\nS: 250\n"},
        {"QUIT", 0,
         HELLO "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: QUIT\nS: 250\nS: 2\nS: 221\n"},
        {"a mistake between two RCPTs is answered between their verdicts", 0,
         HELLO
         "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: XYZZY\nC: RCPT TO:<>\nC: RCPT TO:<e@d.example>\n"
         "C: NOOP\nS: 250 2.1.0\nS: 250 2.1.5\nS: 500\nS: 501 5.1.3\nS: 250 2.1.5\nS: 250 2.0.0\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

/* ---------------------------------------------------------------- what no dialogue can say */

static void the_greeting_is_known_again_as_our_own(void **state)
{
    (void)state;
    const struct {
        const char *greeting;
        uint32_t instance;
        bool own;
        const char *why;
    } rows[] = {
        {"localhost ESMTP Traypost 1234ABCD", INSTANCE, true, "ours"},
        {"localhost ESMTP Traypost 1234ABCD", INSTANCE + 1, false, "another run of the program"},
        {"localhost ESMTP Traypost 0000000A", 10, true, "leading zeros"},
        {"localhost ESMTP Traypost", INSTANCE, false, "no number"},
        {"localhost ESMTP Traypost 1234ABC", INSTANCE, false, "a part of it"},
        {"mx.example ESMTP Postfix", INSTANCE, false, "somebody else"},
        {"", INSTANCE, false, "nothing"},
        {"1234ABCD", INSTANCE, false, "the number alone may be chance"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = exact_copy(span_of(rows[i].greeting));

        HOLDS(smtp_server_is_own_greeting(span_make(copy, strlen(rows[i].greeting)), rows[i].instance) ==
                  rows[i].own,
              "%s", rows[i].why);
        free(copy);
    }
    const uint32_t instances[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};

    for (size_t i = 0; i < COUNT(instances); i++) {
        struct smtp_server s;
        struct span greeting;

        smtp_server_init(&s, instances[i], 0);
        greeting = buf_span(&s.out);
        HOLDS(span_starts_nocase(greeting, SPAN("220 localhost ESMTP Traypost ")), "%s", quote(greeting));
        greeting = span_skip(span_first(greeting, greeting.length - 2), 4);
        HOLDS(smtp_server_is_own_greeting(greeting, instances[i]), "%s", quote(greeting));
        HOLDS(!smtp_server_is_own_greeting(greeting, instances[i] ^ 1), "%s", quote(greeting));
        smtp_server_clear(&s);
    }
}

static void ehlo_lists_what_we_can_and_nothing_else(void **state)
{
    (void)state;
    const char *const keywords[] = {"PIPELINING",          "8BITMIME", "SMTPUTF8",         "CHUNKING",
                                    "ENHANCEDSTATUSCODES", "DSN",      "AUTH PLAIN LOGIN", "SIZE"};

    for (int limited = 0; limited < 2; limited++) {
        struct smtp_server s;
        struct span input = SPAN("EHLO client.example\r\n"), out;
        bool seen[COUNT(keywords)] = {false};

        smtp_server_init(&s, INSTANCE, limited ? 5000 : 0);
        buf_consume(&s.out, s.out.length);
        assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_MORE);
        out = buf_span(&s.out);
        HOLDS(span_starts_nocase(span_cut(&out, '\n'), SPAN("250-localhost")), "no name of this machine: %s",
              quote(buf_span(&s.out)));
        while (out.length > 0) {
            struct span line = span_cut(&out, '\n'), keyword;
            bool known = false;

            assert_true(span_starts_nocase(line, SPAN("250")) && line.at[3] == (out.length > 0 ? '-' : ' '));
            keyword = span_skip(span_first(line, line.length - 1), 4);
            for (size_t i = 0; i < COUNT(keywords); i++) {
                if (span_equals(keyword, span_of(keywords[i])) ||
                    (i == COUNT(keywords) - 1 &&
                     span_equals(keyword, limited ? SPAN("SIZE 5000") : SPAN("SIZE 0")))) {
                    HOLDS(!seen[i], "twice: %s", keywords[i]);
                    seen[i] = known = true;
                }
            }
            HOLDS(known, "PRODUCT: %s is not in the list", quote(keyword));
        }
        for (size_t i = 0; i < COUNT(keywords); i++)
            HOLDS(seen[i], "%s is missing", keywords[i]);
        smtp_server_clear(&s);
    }
}

static void overlong_lines_get_500_and_the_session_goes_on(void **state)
{
    (void)state;
    const size_t lengths[] = {SMTP_SERVER_LINE_MAX - 1, SMTP_SERVER_LINE_MAX, SMTP_SERVER_LINE_MAX + 1,
                              5 * SMTP_SERVER_LINE_MAX};

    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *text = malloc(lengths[i] + 200);
        struct dialogue d = {"a long NOOP", 0, text};
        int used;

        assert_non_null(text);
        used = snprintf(text, 100, "S: 220\nC: NOOP ");
        memset(text + used, 'x', lengths[i] - 5);
        snprintf(text + (size_t)used + lengths[i] - 5, 100, "\nC: NOOP\nS: %s\nS: 250\nE: \n",
                 lengths[i] <= SMTP_SERVER_LINE_MAX ? "250" : "500 5.5.");
        play_all(&d, 1);
        free(text);
    }
}

static void overlong_lines_are_answered_behind_the_recipients_before_them(void **state)
{
    (void)state;
    const struct {
        const char *before, *name;
        size_t length;
    } rows[] = {
        {"RCPT TO:<long@d.example>", "a RCPT that could be read", SMTP_SERVER_LINE_MAX + 1},
        {"XYZZY", "read over", SMTP_SERVER_AUTH_LINE_MAX + 100},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = malloc(rows[i].length + 600);
        struct dialogue d = {rows[i].name, 0, text};
        size_t used, spaces = rows[i].length - strlen(rows[i].before);

        assert_non_null(text);
        used = (size_t)snprintf(
            text, 300, HELLO "C: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: %s", rows[i].before);
        memset(text + used, ' ', spaces);
        snprintf(
            text + used + spaces, 300,
            "\nC: RCPT TO:<e@d.example>\nC: NOOP\nS: 250 2.1.0\nS: 250 2.1.5\nS: 500 5.5.2\nS: 250 2.1.5\n"
            "S: 250 2.0.0\nE: MAIL a@b.example\nE: RCPT c@d.example\nE: RCPT e@d.example\n");
        play_all(&d, 1);
        free(text);
    }
}

static void auth_responses_may_be_longer_than_commands(void **state)
{
    (void)state;
    const struct {
        size_t length;
        const char *expected;
        const char *why;
    } rows[] = {
        {SMTP_SERVER_LINE_MAX + 100, "235", "longer than a command"},
        {SMTP_SERVER_AUTH_LINE_MAX, "235", "RFC 4954 section 4: 12288"},
        {SMTP_SERVER_AUTH_LINE_MAX + 4, "500 5.5.6", "more than that (section 6)"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t length = rows[i].length / 4 * 4; /* base64 comes in fours */
        char *text = malloc(length + 400);
        struct dialogue d = {rows[i].why, 0, text};
        int used;

        assert_non_null(text);
        used = snprintf(text, 200, HELLO "C: AUTH PLAIN\nS: 334 $\nC: ");
        memset(text + used, 'A', length);
        snprintf(text + (size_t)used + length, 100, "\nS: %s\nC: NOOP\nS: 250\n", rows[i].expected);
        play_all(&d, 1);
        free(text);
    }
}

static void ten_megabytes_without_a_line_end_hold_no_memory(void **state)
{
    (void)state;
    static const char *const before[] = {"", "EHLO x\r\n", "EHLO x\r\nAUTH LOGIN\r\n"};

    for (size_t i = 0; i < COUNT(before); i++) {
        struct player p;
        char chunk[8192];

        player_init(&p, 0, false, "a line without an end");
        give(&p, span_of(before[i]));
        buf_consume(&p.replies, p.replies.length);
        memset(chunk, 'A', sizeof chunk);
        for (int k = 0; k < 1280; k++) {
            give(&p, span_make(chunk, sizeof chunk));
            HOLDS(p.server.line.partial.capacity <= 4 * SMTP_SERVER_AUTH_LINE_MAX, "%zu bytes are held",
                  p.server.line.partial.capacity);
            HOLDS(p.replies.length == 0, "said once, at the end: %s", quote(buf_span(&p.replies)));
        }
        give(&p, SPAN("\r\nNOOP\r\n"));
        HOLDS(span_starts_nocase(buf_span(&p.replies), SPAN("500")), "%s", quote(buf_span(&p.replies)));
        HOLDS(!p.closed, "the session goes on");
        player_clear(&p);
    }
}

static void a_thousand_recipients_and_no_more(void **state)
{
    enum { BEYOND = SMTP_SERVER_ERRORS_MAX + 5 };
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct player p;
        struct buf packet;
        struct span replies;
        unsigned accepted = 0, refused = 0;

        player_init(&p, 0, late, "1000 recipients");
        buf_init(&packet, 1000000);
        give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"));
        settle(&p);
        buf_consume(&p.replies, p.replies.length);
        for (int i = 0; i < SMTP_SERVER_RCPTS_MAX + BEYOND; i++)
            buf_printf(&packet, "RCPT TO:<r%d@d.example>\r\n", i);
        give(&p, buf_span(&packet));
        settle(&p);
        for (replies = buf_span(&p.replies); replies.length > 0;) {
            struct span reply = span_cut(&replies, '\n');

            if (span_starts_nocase(reply, SPAN("250 2.1.5")))
                accepted++;
            else if (span_starts_nocase(reply, SPAN("452 4.5.3")))
                refused++;
            else
                HOLDS(false, "RFC 5321 section 4.5.3.1.10: 452, not %s", quote(reply));
        }
        assert_int_equal(accepted, SMTP_SERVER_RCPTS_MAX);
        assert_int_equal(refused, BEYOND);
        give(&p, SPAN("DATA\r\n"));
        settle(&p);
        give(&p, SPAN("x\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\n"));
        settle(&p);
        HOLDS(strstr(buf_text(&p.replies), "354") != NULL, "and the mail can be sent");
        HOLDS(strstr(buf_text(&p.events), "RCPT c@d.example") != NULL, "the next mail counts anew");
        buf_clear(&packet);
        player_clear(&p);
    }
}

static void at_most_a_hundred_recipients_are_open_at_once(void **state)
{
    (void)state;
    struct smtp_server s;
    struct buf packet;
    struct span input;
    unsigned asked = 0;
    struct outcome yes = outcome_from_reply(250, 1, 5, SPAN("ok"));

    smtp_server_init(&s, INSTANCE, 0);
    buf_init(&packet, 100000);
    buf_append_text(&packet, "EHLO x\r\nMAIL FROM:<a@b.example>\r\n");
    for (int i = 0; i < 250; i++)
        buf_printf(&packet, "RCPT TO:<r%d@d.example>\r\n", i);
    input = buf_span(&packet);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_MAIL);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_WAIT);
    smtp_server_answer(&s, &yes);
    while (smtp_server_feed(&s, &input) == SMTP_SERVER_RCPT)
        asked++;
    assert_int_equal(asked, SMTP_SERVER_RCPTS_OPEN_MAX);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_WAIT);
    smtp_server_answer(&s, &yes);
    buf_consume(&s.out, s.out.length);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_RCPT);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_WAIT);
    smtp_server_clear(&s);
    buf_clear(&packet);
}

static void a_client_that_does_not_read_is_not_read_either(void **state)
{
    (void)state;
    struct smtp_server s;
    struct buf packet;
    struct span input;
    enum smtp_server_event event;

    smtp_server_init(&s, INSTANCE, 0);
    buf_init(&packet, 2000000);
    for (int i = 0; i < 100000; i++)
        buf_append_text(&packet, "NOOP\r\n");
    input = buf_span(&packet);
    event = smtp_server_feed(&s, &input);
    HOLDS(event == SMTP_SERVER_WAIT && input.length > 0, "%d, %zu left", (int)event, input.length);
    HOLDS(buf_span(&s.out).length < 100000, "%zu octets wait", buf_span(&s.out).length);
    HOLDS(!s.out.failed, "a full buffer is no reason to lose replies");
    smtp_server_clear(&s);
    buf_clear(&packet);
}

static void a_client_that_only_errs_is_sent_away(void **state)
{
    (void)state;
    struct player p;
    int i;

    player_init(&p, 0, false, "only errors");
    for (i = 0; i < 10 * SMTP_SERVER_ERRORS_MAX && !p.closed; i++) {
        buf_consume(&p.replies, p.replies.length);
        give(&p, SPAN("XYZZY\r\n"));
    }
    HOLDS(p.closed, "after %d errors", i);
    HOLDS(i > 20, "but not at once: %d", i);
    HOLDS(strstr(buf_text(&p.replies), "421 4.7.0") != NULL, "%s", buf_text(&p.replies));
    player_clear(&p);
}

static void bytes_behind_a_refused_data_are_no_commands(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        const struct {
            const char *answer, *text, *why;
        } rows[] = {
            {"DATA 451 4.4.1 nobody", "DATA\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<evil@y>\r\nNOOP\r\n",
             "DATA refused"},
            {"RCPT 550 5.1.1 no", "DATA\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<evil@y>\r\nNOOP\r\n",
             "no recipient"},
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
            struct player p;

            player_init(&p, 0, late, rows[i].why);
            read_answer(&p, span_of(rows[i].answer));
            give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"));
            settle(&p);
            give(&p, SPAN("RCPT TO:<c@d.example>\r\n"));
            settle(&p);
            give(&p, span_of(rows[i].text));
            settle(&p);
            HOLDS(strstr(buf_text(&p.events), "evil") == NULL,
                  "%s: a body that was sent early became a mail: %s", rows[i].why, buf_text(&p.events));
            HOLDS(strstr(buf_text(&p.replies), "\n421 4.5.0 ") != NULL,
                  "%s: nobody is left without a 421 (RFC 5321 section 3.8): %s", rows[i].why,
                  buf_text(&p.replies));
            player_clear(&p);
        }
    }
}

static void bytes_before_the_354_are_content(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct player p;

        player_init(&p, 0, late, "early bytes");
        give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
                      "DATA\r\nSubject: x\r\nQUIT\r\nMAIL FROM:<evil@x>\r\n.\r\nNOOP\r\n"));
        settle(&p);
        HOLDS(strstr(buf_text(&p.events), "evil") == NULL, "%s", buf_text(&p.events));
        HOLDS(strstr(buf_text(&p.events), "CLOSE") == NULL || p.content.length == 0, "%s",
              buf_text(&p.events));
        if (p.content.length > 0)
            HOLDS(span_equals(buf_span(&p.content), SPAN("Subject: x\r\nQUIT\r\nMAIL FROM:<evil@x>\r\n")),
                  "%s", quote(buf_span(&p.content)));
        player_clear(&p);
    }
}

static void a_refused_chunk_is_answered_when_it_has_been_read_over(void **state)
{
    (void)state;
    /* RFC 3030 section 2: accept and discard the data "before sending the appropriate 5XX or 4XX code". */
    const char *const rows[] = {"out of order", "refused by the owner"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;

        player_init(&p, 0, false, rows[i]);
        give(&p, SPAN("EHLO x\r\n"));
        if (i == 1) {
            read_answer(&p, SPAN("DATA 451 4.4.1 nobody"));
            give(&p, SPAN("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"));
        }
        buf_consume(&p.replies, p.replies.length);
        give(&p, SPAN("BDAT 10\r\n12345"));
        HOLDS(p.replies.length == 0, "%s: too early: %s", rows[i], quote(buf_span(&p.replies)));
        give(&p, SPAN("67890"));
        HOLDS(span_starts_nocase(buf_span(&p.replies), i == 0 ? SPAN("503") : SPAN("451")), "%s: %s", rows[i],
              quote(buf_span(&p.replies)));
        player_clear(&p);
    }
}

static void enormous_chunks_are_counted_in_64_bits(void **state)
{
    (void)state;
    const struct {
        const char *line;
        uint64_t size;
    } rows[] = {
        {"BDAT 4294967297 LAST\r\n", UINT64_C(4294967297)},
        {"BDAT 18446744073709551615\r\n", UINT64_MAX},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;
        char chunk[5000];

        player_init(&p, 0, false, rows[i].line);
        give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"));
        give(&p, span_of(rows[i].line));
        if (p.closed || strstr(buf_text(&p.replies), "552") != NULL) {
            player_clear(&p); /* refused: as good */
            continue;
        }
        buf_consume(&p.replies, p.replies.length);
        memset(chunk, 'c', sizeof chunk);
        for (int k = 0; k < 10; k++)
            give(&p, span_make(chunk, sizeof chunk));
        HOLDS(p.content.length == 50000, "%s: %zu", rows[i].line, p.content.length);
        HOLDS(p.replies.length == 0, "%s: %s", rows[i].line, quote(buf_span(&p.replies)));
        HOLDS(p.server.chunk_left_bytes == rows[i].size - 50000, "%s", rows[i].line);
        player_clear(&p);
    }
}

static void discarded_content_is_read_to_its_end_and_given_to_nobody(void **state)
{
    (void)state;
    const struct {
        const char *before, *first, *rest, *why;
    } rows[] = {
        {"DATA\r\n", "one\r\n", "two\r\n.\nQUIT\r\n.\r\nNOOP\r\n", "DATA"},
        {"BDAT 20 LAST\r\n", "one\r\n", "two\r\n.\r\nQUIT\r\n\r\nNOOP\r\n", "BDAT"},
        {"BDAT 5\r\n", "one\r\n", "BDAT 15 LAST\r\ntwo\r\n.\r\nQUIT\r\n\rNOOP\r\n", "between two BDATs"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed feed = feed_start(span_of(rows[i].rest));

        while (feed_again(&feed)) {
            struct player p;
            struct span piece;

            player_init(&p, 0, false, rows[i].why);
            read_answer(&p, SPAN("END 451 4.4.2 the mail server closed the connection"));
            give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"));
            give(&p, span_of(rows[i].before));
            give(&p, span_of(rows[i].first));
            smtp_server_discard(&p.server);
            while (feed_piece(&feed, &piece))
                give(&p, piece);
            HOLDS(span_equals(buf_span(&p.content), SPAN("one\r\n")), "%s, %s: %s", rows[i].why,
                  feed_way(&feed), quote(buf_span(&p.content)));
            HOLDS(strstr(buf_text(&p.replies), "451 4.4.2 the mail server closed") != NULL, "%s, %s: %s",
                  rows[i].why, feed_way(&feed), buf_text(&p.replies));
            HOLDS(!p.closed, "%s, %s: QUIT was content", rows[i].why, feed_way(&feed));
            HOLDS(!smtp_server_in_transaction(&p.server), "%s", rows[i].why);
            player_clear(&p);
        }
    }
}

static void nul_in_content_is_known_at_its_end(void **state)
{
    (void)state;
    struct player p;

    player_init(&p, 0, true, "NUL in content");
    give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"));
    settle(&p);
    give(&p, SPAN("RCPT TO:<c@d.example>\r\nDATA\r\n"));
    settle(&p);
    give(&p, SPAN("a\0b\r\n.\r\n"));
    HOLDS(strstr(buf_text(&p.events), "END") != NULL && p.server.decoder.nul_seen,
          "the owner has to be able to refuse it: %s", buf_text(&p.events));
    player_clear(&p);
}

static void a_transaction_is_open_from_mail_to_the_final_answer(void **state)
{
    (void)state;
    struct smtp_server s;
    struct span input;
    struct outcome yes = outcome_from_reply(250, 0, 0, SPAN("ok")),
                   no = outcome_from_reply(451, 0, 0, SPAN("no"));

    smtp_server_init(&s, INSTANCE, 0);
    assert_false(smtp_server_in_transaction(&s));
    input = SPAN("EHLO x\r\nMAIL FROM:<>\r\n");
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_MAIL);
    smtp_server_answer(&s, &no);
    assert_false(smtp_server_in_transaction(&s));
    input = SPAN("MAIL FROM:<>\r\n");
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_MAIL);
    smtp_server_answer(&s, &yes);
    assert_true(smtp_server_in_transaction(&s));
    input = SPAN("RCPT TO:<a@b.example>\r\n");
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_RCPT);
    assert_true(smtp_server_in_transaction(&s));
    smtp_server_answer(&s, &yes);
    input = SPAN("DATA\r\n");
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_DATA);
    assert_true(smtp_server_in_transaction(&s));
    smtp_server_answer(&s, &yes);
    assert_true(smtp_server_in_transaction(&s));
    input = SPAN(".\r\n");
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_END);
    assert_true(smtp_server_in_transaction(&s));
    smtp_server_answer(&s, &yes);
    assert_false(smtp_server_in_transaction(&s));
    smtp_server_clear(&s);
}

static void shutting_says_421_in_every_state_and_closes(void **state)
{
    (void)state;
    const char *const before[] = {
        "",
        "EHLO x\r\n",
        "EHLO x\r\nMAIL",
        "EHLO x\r\nAUTH LOGIN\r\n",
        "EHLO x\r\nAUTH PLAIN\r\nAHU",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntext\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntext\r\n.\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 3\r\nab",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 3 LAST\r\nabc",
        "EHLO x\r\nBDAT 3\r\nab",
    };

    for (size_t i = 0; i < COUNT(before); i++) {
        for (int late = 0; late < 2; late++) {
            struct player p;
            struct span more = SPAN("NOOP\r\n");

            player_init(&p, 0, late, before[i]);
            give(&p, span_of(before[i]));
            buf_consume(&p.replies, p.replies.length);
            smtp_server_shut(&p.server, 3, 2, "stopping");
            p.open_count = 0;
            take_replies(&p);
            HOLDS(span_equals(buf_span(&p.replies), SPAN("421 4.3.2 stopping\n")), "%s: %s",
                  quote(span_of(before[i])), quote(buf_span(&p.replies)));
            HOLDS(smtp_server_feed(&p.server, &more) == SMTP_SERVER_CLOSE, "%s", quote(span_of(before[i])));
            HOLDS(smtp_server_feed(&p.server, &more) == SMTP_SERVER_MORE, "%s", quote(span_of(before[i])));
            HOLDS(p.server.out.length == 0, "%s: nothing behind the 421", quote(span_of(before[i])));
            HOLDS(!smtp_server_in_transaction(&p.server), "%s", quote(span_of(before[i])));
            player_clear(&p);
        }
    }
}

static void what_a_remote_wants_from_us_is_not_asked_of_the_client(void **state)
{
    (void)state;
    const struct {
        int code;
        const char *expected, *why;
    } rows[] = {
        {530, "550 5.7.0 ", "Must issue STARTTLS: the client would look for it here"},
        {535, "550 5.7.0 ", "wrong password: the client would ask its person for another"},
        {421, "451 4.7.0 ", "the remote closes its connection, we do not close ours"},
        {251, "250 2.7.0 ", "the remote forwards, which is for it to promise"},
        {550, "550 5.7.0 ", "an ordinary refusal stays as it is"},
        {452, "452 4.7.0 ", "and so does an ordinary delay"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_server s;
        struct span input = SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
        const struct outcome yes = {.kind = OUTCOME_ACCEPTED, .code = 250};
        struct outcome verdict = outcome_from_reply(rows[i].code, 7, 0, SPAN("words"));

        outcome_set_host(&verdict, "mx.example", "192.0.2.1");
        smtp_server_init(&s, 1, 0);
        HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_MAIL, "%s", rows[i].why);
        smtp_server_answer(&s, &yes);
        HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_RCPT, "%s", rows[i].why);
        buf_consume(&s.out, s.out.length);
        smtp_server_answer(&s, &verdict);
        HOLDS(span_starts_nocase(buf_span(&s.out), span_of(rows[i].expected)), "%s: %s", rows[i].why,
              quote(buf_span(&s.out)));
        smtp_server_clear(&s);
    }
}

static void a_command_that_waits_inside_is_dropped_when_the_session_is_shut(void **state)
{
    (void)state;
    struct smtp_server s;
    struct span input = SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    const struct outcome yes = {.kind = OUTCOME_ACCEPTED, .code = 250};

    smtp_server_init(&s, 1, 0);
    HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_MAIL, "the mail is asked");
    smtp_server_answer(&s, &yes);
    HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_RCPT, "the recipient is asked");
    HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_WAIT, "DATA waits for the verdict");
    smtp_server_shut(&s, 3, 2, "stopping");
    HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_CLOSE, "the owner hears of the end");
    HOLDS(smtp_server_feed(&s, &input) == SMTP_SERVER_MORE, "and nothing goes on for ever");
    smtp_server_clear(&s);
}

static void who_comes_when_all_places_are_taken_gets_one_line_and_the_door(void **state)
{
    (void)state;
    const struct span expected = SPAN("421 4.3.2 Traypost 0A0B0C0D too many sessions\r\n");
    struct smtp_server s;
    struct span input = SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n");

    smtp_server_init_refusing(&s, 0x0A0B0C0D, 421, 3, 2, "too many sessions");
    HOLDS(span_equals(buf_span(&s.out), expected), "%s", quote(buf_span(&s.out)));
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_CLOSE);
    assert_int_equal(smtp_server_feed(&s, &input), SMTP_SERVER_MORE);
    HOLDS(span_equals(buf_span(&s.out), expected), "nothing more: %s", quote(buf_span(&s.out)));
    smtp_server_clear(&s);
}

/* RFC 5321 section 3.1: 503 to all it says, until it says QUIT. */
static void a_stranger_gets_554_and_nothing_but_its_quit_is_heard(void **state)
{
    (void)state;
    static const char *const lines[] = {"EHLO x\r\n",      "MAIL FROM:<a@b.example>\r\n",
                                        "DATA\r\n",        "BDAT 5 LAST\r\n",
                                        "AUTH LOGIN\r\n",  "GET / HTTP/1.1\r\n",
                                        "NOOP\r\n",        "\0\r\n",
                                        "MAIL FROM:<\r\n", "BDAT x\r\n"};
    struct player p;

    memset(&p, 0, sizeof p);
    p.name = "a stranger";
    buf_init(&p.replies, 10000);
    buf_init(&p.events, 10000);
    smtp_server_init_refusing(&p.server, 0x0A0B0C0D, 554, 7, 1, "not for you");
    give(&p, SPAN(""));
    HOLDS(strcmp(buf_text(&p.replies), "554 5.7.1 Traypost 0A0B0C0D not for you\n") == 0, "%s",
          buf_text(&p.replies));
    for (size_t i = 0; i < COUNT(lines); i++) {
        buf_consume(&p.replies, p.replies.length);
        give(&p, lines[i][0] ? span_of(lines[i]) : SPAN("\0\r\n"));
        HOLDS(span_starts_nocase(buf_span(&p.replies), SPAN("503 5.5.1 ")), "%s: %s", lines[i],
              quote(buf_span(&p.replies)));
        HOLDS(span_find(buf_span(&p.replies), '\n') + 1 == p.replies.length, "%s: one reply", lines[i]);
        HOLDS(p.events.length == 0 && !p.closed, "%s: %s", lines[i], buf_text(&p.events));
    }
    buf_consume(&p.replies, p.replies.length);
    give(&p, SPAN("quit\r\nNOOP\r\n"));
    HOLDS(span_starts_nocase(buf_span(&p.replies), SPAN("221 2.0.0 ")) && p.closed, "%s",
          quote(buf_span(&p.replies)));
    player_clear(&p);
}

static void a_stranger_that_talks_on_is_closed_upon(void **state)
{
    (void)state;
    struct player p;

    memset(&p, 0, sizeof p);
    buf_init(&p.replies, 100000);
    buf_init(&p.events, 10000);
    smtp_server_init_refusing(&p.server, 1, 554, 7, 1, "not for you");
    for (int i = 0; i < 2 * SMTP_SERVER_ERRORS_MAX && !p.closed; i++)
        give(&p, SPAN("NOOP\r\n"));
    assert_true(p.closed);
    player_clear(&p);
}

static void the_words_of_an_outcome_cannot_forge_a_reply(void **state)
{
    (void)state;
    struct player p;
    struct outcome o = outcome_from_reply(550, 1, 1, SPAN("x"));

    player_init(&p, 0, true, "hostile words");
    give(&p, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"));
    settle(&p);
    buf_consume(&p.replies, p.replies.length);
    give(&p, SPAN("RCPT TO:<c@d.example>\r\n"));
    memset(o.words, 'w', sizeof o.words - 1);
    o.words[sizeof o.words - 1] = '\0';
    memcpy(o.words, "a\r\n250 2.1.5 forged\r\n\xc5\x99\x1b", 23);
    smtp_server_answer(&p.server, &o);
    p.open_count = 0;
    take_replies(&p);
    HOLDS(span_find(buf_span(&p.replies), '\n') == p.replies.length - 1, "one reply: %s",
          quote(buf_span(&p.replies)));
    HOLDS(span_starts_nocase(buf_span(&p.replies), SPAN("550 5.1.1 a??250")), "%s",
          quote(buf_span(&p.replies)));
    buf_consume(&p.replies, p.replies.length);
    give(&p, SPAN("RCPT TO:<c@d.example>\r\n"));
    memcpy(o.host, "mx\r\n250 forged", 15);
    smtp_server_answer(&p.server, &o);
    p.open_count = 0;
    take_replies(&p);
    HOLDS(span_find(buf_span(&p.replies), '\n') == p.replies.length - 1, "one reply: %s",
          quote(buf_span(&p.replies)));
    player_clear(&p);
}

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = SMTP_SERVER_HELLO; i <= SMTP_SERVER_CLOSED; i++) {
        assert_non_null(smtp_server_state_name((enum smtp_server_state)i));
        for (int k = SMTP_SERVER_HELLO; k < i; k++)
            assert_string_not_equal(smtp_server_state_name((enum smtp_server_state)i),
                                    smtp_server_state_name((enum smtp_server_state)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_goes_through),
        cmocka_unit_test(the_owners_refusals_reach_the_client_in_their_own_words),
        cmocka_unit_test(every_command_has_its_place),
        cmocka_unit_test(what_is_written_oddly_and_meant_well_is_taken),
        cmocka_unit_test(every_user_may_log_in),
        cmocka_unit_test(odd_octets_and_other_protocols_are_refused),
        cmocka_unit_test(parameters_are_kept_to),
        cmocka_unit_test(chunks_are_counted_and_never_read_as_commands),
        cmocka_unit_test(rset_while_recipients_are_open_leaves_no_command_without_a_reply),
        cmocka_unit_test(the_greeting_is_known_again_as_our_own),
        cmocka_unit_test(ehlo_lists_what_we_can_and_nothing_else),
        cmocka_unit_test(overlong_lines_get_500_and_the_session_goes_on),
        cmocka_unit_test(overlong_lines_are_answered_behind_the_recipients_before_them),
        cmocka_unit_test(auth_responses_may_be_longer_than_commands),
        cmocka_unit_test(ten_megabytes_without_a_line_end_hold_no_memory),
        cmocka_unit_test(a_thousand_recipients_and_no_more),
        cmocka_unit_test(at_most_a_hundred_recipients_are_open_at_once),
        cmocka_unit_test(a_client_that_does_not_read_is_not_read_either),
        cmocka_unit_test(a_client_that_only_errs_is_sent_away),
        cmocka_unit_test(bytes_behind_a_refused_data_are_no_commands),
        cmocka_unit_test(bytes_before_the_354_are_content),
        cmocka_unit_test(a_refused_chunk_is_answered_when_it_has_been_read_over),
        cmocka_unit_test(enormous_chunks_are_counted_in_64_bits),
        cmocka_unit_test(discarded_content_is_read_to_its_end_and_given_to_nobody),
        cmocka_unit_test(nul_in_content_is_known_at_its_end),
        cmocka_unit_test(a_transaction_is_open_from_mail_to_the_final_answer),
        cmocka_unit_test(shutting_says_421_in_every_state_and_closes),
        cmocka_unit_test(what_a_remote_wants_from_us_is_not_asked_of_the_client),
        cmocka_unit_test(a_command_that_waits_inside_is_dropped_when_the_session_is_shut),
        cmocka_unit_test(who_comes_when_all_places_are_taken_gets_one_line_and_the_door),
        cmocka_unit_test(a_stranger_gets_554_and_nothing_but_its_quit_is_heard),
        cmocka_unit_test(a_stranger_that_talks_on_is_closed_upon),
        cmocka_unit_test(the_words_of_an_outcome_cannot_forge_a_reply),
        cmocka_unit_test(every_state_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
