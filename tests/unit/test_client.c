/* SPDX-License-Identifier: MIT */
/*
 * The sending session, told as dialogues: what the owner does, what stands on the wire, what the
 * server says, which event comes of it. What the server says arrives whole, byte by byte, and cut at
 * every place.
 *
 *     S: text      the server sends text and CRLF; lines in a row are one packet
 *     C: text      this line, and nothing else, is in `out` now (several: in order, nothing more)
 *     C> text      the same without CRLF; \r \n \\ stand for octets
 *     X: RCPT 550  the next event and the reply's code; "A|B" means that either is right
 *     do: mail, rcpt, reset, quit, begin, content TEXT, last TEXT      what the owner does
 *     tls: yes     the owner wants TLS; "do: secured": it is up
 *     may: yes     whether another command may go out; idle: and unsent: likewise
 */

#include "feed.h"
#include "smtp/client.h"

#define INSTANCE 0x1234ABCDu

struct dialogue {
    const char *name;
    const char *text;
};

struct player {
    struct smtp_client client;
    struct buf events; /* "RCPT 550\n" each */
    bool all_sent;
    bool broken;
    const char *name;
    char way[40];
};

static const char *event_name(enum smtp_client_event event)
{
    switch (event) {
    case SMTP_CLIENT_MORE:
        return "MORE";
    case SMTP_CLIENT_READY:
        return "READY";
    case SMTP_CLIENT_REFUSED:
        return "REFUSED";
    case SMTP_CLIENT_STARTTLS:
        return "STARTTLS";
    case SMTP_CLIENT_NO_TLS:
        return "NO_TLS";
    case SMTP_CLIENT_MAIL:
        return "MAIL";
    case SMTP_CLIENT_RCPT:
        return "RCPT";
    case SMTP_CLIENT_DATA:
        return "DATA";
    case SMTP_CLIENT_FINAL:
        return "FINAL";
    case SMTP_CLIENT_RSET:
        return "RSET";
    case SMTP_CLIENT_QUIT:
        return "QUIT";
    case SMTP_CLIENT_LEAVING:
        return "LEAVING";
    case SMTP_CLIENT_BROKEN:
        return "BROKEN";
    }
    return "?";
}

static void player_init(struct player *p, const char *name)
{
    memset(p, 0, sizeof *p);
    smtp_client_init(&p->client, "client.example", INSTANCE);
    buf_init(&p->events, 100000);
    p->all_sent = true;
    p->name = name;
}

static void player_clear(struct player *p)
{
    smtp_client_clear(&p->client);
    buf_clear(&p->events);
}

static void give(struct player *p, struct span input)
{
    while (!p->broken) {
        size_t before = input.length;
        enum smtp_client_event event = smtp_client_feed(&p->client, &input, p->all_sent);

        assert_true(input.length <= before);
        if (event == SMTP_CLIENT_MORE) {
            HOLDS(input.length == 0, "%s, %s: MORE with bytes left", p->name, p->way);
            return;
        }
        p->broken = p->client.broken;
        if (event == SMTP_CLIENT_BROKEN || event == SMTP_CLIENT_READY)
            buf_printf(&p->events, "%s\n", event_name(event));
        else
            buf_printf(&p->events, "%s %d\n", event_name(event), p->client.in.reply.code);
    }
}

static void unescape(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];

        if (c == '\\' && i + 1 < text.length) {
            c = text.at[++i];
            c = c == 'r' ? '\r' : c == 'n' ? '\n' : c;
        }
        buf_append(out, &c, 1);
    }
}

static struct smtp_mail plain_mail(const char *path)
{
    struct smtp_mail mail = {0};
    struct span rest = span_of(path);

    assert_int_equal(smtp_address_parse(&rest, &mail.reverse_path), SMTP_ADDRESS_OK);
    return mail;
}

static struct smtp_rcpt plain_rcpt(const char *path)
{
    struct smtp_rcpt rcpt = {0};
    struct span rest = span_of(path);

    assert_int_equal(smtp_address_parse(&rest, &rcpt.forward_path), SMTP_ADDRESS_OK);
    return rcpt;
}

static void act(struct player *p, struct span what)
{
    struct smtp_client *c = &p->client;
    struct span verb = span_cut(&what, ' ');
    bool content = span_equals(verb, SPAN("content")), last = span_equals(verb, SPAN("last"));

    if (content || last) {
        struct buf bytes;
        char *copy;

        buf_init(&bytes, 10000);
        unescape(what, &bytes);
        copy = exact_copy(buf_span(&bytes));
        smtp_client_content(c, span_make(copy, bytes.length), last);
        free(copy);
        buf_clear(&bytes);
        return;
    }
    if (span_equals(verb, SPAN("secured"))) {
        smtp_client_secured(c);
        return;
    }
    HOLDS(smtp_client_may_send(c), "%s, %s: \"%.*s\" may be sent", p->name, p->way, (int)verb.length,
          verb.at);
    if (span_equals(verb, SPAN("mail"))) {
        struct smtp_mail mail = plain_mail("<a@b.example>");

        smtp_client_mail(c, &mail);
    } else if (span_equals(verb, SPAN("rcpt"))) {
        struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");

        smtp_client_rcpt(c, &rcpt);
    } else if (span_equals(verb, SPAN("reset"))) {
        smtp_client_reset(c);
    } else if (span_equals(verb, SPAN("quit"))) {
        smtp_client_quit(c);
    } else if (span_equals(verb, SPAN("begin"))) {
        HOLDS(smtp_client_begin(c) == (c->server.chunking && c->server.pipelining), "%s, %s: DATA or BDAT",
              p->name, p->way);
    } else {
        HOLDS(false, "%s: odd line \"%.*s\"", p->name, (int)verb.length, verb.at);
    }
}

/* One of the alternatives in "A|B", and nothing else. */
static bool is_one_of(struct span got, struct span wanted)
{
    while (wanted.length > 0)
        if (span_equals(span_cut(&wanted, '|'), got))
            return true;
    return false;
}

static void check_events_are_done(struct player *p)
{
    HOLDS(p->events.length == 0, "%s, %s: an event nobody expected: %s", p->name, p->way,
          quote(buf_span(&p->events)));
}

static void check_out_is_done(struct player *p)
{
    HOLDS(p->client.out.length == 0, "%s, %s: nobody expected %s", p->name, p->way,
          quote(buf_span(&p->client.out)));
}

/* Way 0: whole, 1: byte by byte, n: cut before the n-1st octet the server says. Returns how many it says. */
static size_t play(const struct dialogue *d, size_t way)
{
    struct player p;
    struct buf packet;
    struct span rest = span_of(d->text);
    size_t said = 0;

    player_init(&p, d->name);
    if (way > 1)
        snprintf(p.way, sizeof p.way, "cut at %zu", way - 1);
    else
        snprintf(p.way, sizeof p.way, "%s", way == 0 ? "whole" : "byte by byte");
    buf_init(&packet, 1000000);
    while (rest.length > 0) {
        struct span line = span_cut(&rest, '\n'), text = line;
        struct span tag = span_cut(&text, ' ');

        if (span_equals(tag, SPAN("S:"))) {
            check_events_are_done(&p);
            check_out_is_done(&p);
            buf_append_span(&packet, text);
            buf_append_text(&packet, "\r\n");
            if (span_starts_nocase(rest, SPAN("S: ")))
                continue;
            while (packet.length > 0) {
                size_t size = way == 1 ? 1 : packet.length;
                char *copy;

                if (way > 1 && way - 1 > said && way - 1 < said + packet.length)
                    size = way - 1 - said;
                copy = exact_copy(span_first(buf_span(&packet), size));
                give(&p, span_make(copy, size));
                free(copy);
                buf_consume(&packet, size);
                said += size;
            }
        } else if (span_equals(tag, SPAN("C:")) || span_equals(tag, SPAN("C>"))) {
            struct buf wanted;
            struct span out = buf_span(&p.client.out);

            buf_init(&wanted, 10000);
            unescape(text, &wanted);
            if (tag.at[1] == ':')
                buf_append_text(&wanted, "\r\n");
            HOLDS(span_equals(span_first(out, wanted.length), buf_span(&wanted)),
                  "%s, %s: %s should be sent, not %s", d->name, p.way, quote(buf_span(&wanted)), quote(out));
            buf_consume(&p.client.out, wanted.length);
            buf_clear(&wanted);
        } else if (span_equals(tag, SPAN("X:"))) {
            struct span events = buf_span(&p.events), got = span_cut(&events, '\n');

            HOLDS(is_one_of(got, text), "%s, %s: event %s, not \"%.*s\"", d->name, p.way, quote(got),
                  (int)text.length, text.at);
            buf_consume(&p.events, got.length + 1);
        } else if (span_equals(tag, SPAN("do:"))) {
            check_events_are_done(&p);
            act(&p, text);
        } else if (span_equals(tag, SPAN("may:"))) {
            HOLDS(smtp_client_may_send(&p.client) == span_equals(text, SPAN("yes")), "%s, %s: may send: %.*s",
                  d->name, p.way, (int)text.length, text.at);
        } else if (span_equals(tag, SPAN("idle:"))) {
            HOLDS(smtp_client_idle(&p.client) == span_equals(text, SPAN("yes")), "%s, %s: idle: %.*s",
                  d->name, p.way, (int)text.length, text.at);
        } else if (span_equals(tag, SPAN("tls:"))) {
            p.client.wants_tls = span_equals(text, SPAN("yes"));
        } else if (span_equals(tag, SPAN("unsent:"))) {
            p.all_sent = !span_equals(text, SPAN("yes"));
        } else {
            HOLDS(false, "%s: odd line %s", d->name, quote(line));
        }
    }
    check_events_are_done(&p);
    check_out_is_done(&p);
    if (p.broken) { /* and it stays so: no good news comes any more */
        struct span more = SPAN("250 ok\r\n");
        enum smtp_client_event event = smtp_client_feed(&p.client, &more, true);

        HOLDS(event == SMTP_CLIENT_BROKEN || event == SMTP_CLIENT_MORE, "%s, %s", d->name, p.way);
        HOLDS(p.client.out.length == 0, "%s, %s", d->name, p.way);
        HOLDS(!smtp_client_may_send(&p.client) && !smtp_client_idle(&p.client), "%s, %s", d->name, p.way);
    }
    buf_clear(&packet);
    player_clear(&p);
    return said;
}

static void play_all(const struct dialogue *dialogues, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t said = play(&dialogues[i], 0);

        play(&dialogues[i], 1);
        for (size_t cut = 1; cut < said; cut++)
            play(&dialogues[i], cut + 1);
    }
}

#define GREETED "S: 220 mx.example ESMTP\nC: EHLO client.example\n"
#define PLAIN GREETED "S: 250 mx.example\nX: READY\n"
#define PIPELINED GREETED "S: 250-mx.example\nS: 250 PIPELINING\nX: READY\n"
#define CHUNKED GREETED "S: 250-mx.example\nS: 250-PIPELINING\nS: 250 CHUNKING\nX: READY\n"
#define ENVELOPE                                                                                             \
    "do: mail\nC: MAIL FROM:<a@b.example>\nS: 250 ok\nX: MAIL 250\n"                                         \
    "do: rcpt\nC: RCPT TO:<c@d.example>\nS: 250 ok\nX: RCPT 250\n"
#define DATA "do: begin\nC: DATA\nS: 354 go\nX: DATA 354\n"

static void a_session_is_greeted_or_given_up(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"ESMTP", "idle: no\nmay: no\n" PLAIN "idle: yes\nmay: yes\n"},
        {"a greeting of several lines",
         "S: 220-mx.example ESMTP\nS: 220-no spam\nS: 220 please\nC: EHLO client.example\n"},
        {"greeting and EHLO's reply at once: it answers nothing",
         "S: 220 mx\nS: 250 mx\nC: EHLO client.example\n"
         "X: READY|BROKEN\n"},
        {"HELO for a server that knows no EHLO",
         GREETED "S: 500 what?\nC: HELO client.example\nS: 250 mx\nX: READY\n"},
        {"likewise with 502",
         GREETED "S: 502 no\nC: HELO client.example\nS: 250 mx\nX: READY\nidle: yes\nmay: yes\n"},
        {"nor HELO", GREETED "S: 502 no\nC: HELO client.example\nS: 502 no\nX: REFUSED 502\n"},
        {"a greeting that refuses hears QUIT (section 3.1)",
         "S: 554 5.7.1 go away\nX: REFUSED 554\nidle: yes\ndo: quit\nC: QUIT\nS: 221 bye\nX: QUIT 221\n"},
        {"a greeting that cannot now", "S: 421 too busy\nX: REFUSED 421|LEAVING 421\n"},
        {"a greeting of 4yz", "S: 450 later\nX: REFUSED 450\n"},
        {"a greeting of another 2yz: the first digit decides (section 4.2)",
         "S: 250 ok\nC: EHLO client.example\n"},
        {"a greeting of 3yz", "S: 354 go\nX: REFUSED 354|BROKEN\n"},
        {"EHLO is refused for now", GREETED "S: 421 leaving\nX: REFUSED 421|LEAVING 421\n"},
        {"and QUIT follows",
         GREETED "S: 450 later\nX: REFUSED 450\ndo: quit\nC: QUIT\nS: 221 bye\nX: QUIT 221\n"},
        {"a web server", "S: HTTP/1.1 400 Bad Request\nX: BROKEN\n"},
        {"an SSH server", "S: SSH-2.0-OpenSSH_9.2p1\nX: BROKEN\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

/* Who ends the connection right behind it has said why. */
static void a_refusal_of_ehlo_is_known_while_helo_is_awaited(void **state)
{
    (void)state;
    const struct {
        const char *said;
        bool refused;
    } rows[] = {
        {"220 mx\r\n550 5.7.1 your address is listed\r\n", true},
        {"220 mx\r\n554 go away\r\n", true},
        {"220 mx\r\n500 what?\r\n", false}, /* it only does not know EHLO */
        {"220 mx\r\n502 no\r\n", false},
        {"220 mx\r\n504 no\r\n", false},
        {"220 mx\r\n", false},
        {"", false},
        {"220 mx\r\n550 no\r\n250 mx\r\n", false}, /* HELO did */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_client c;
        struct span said = span_of(rows[i].said);
        smtp_client_init(&c, "client.example", INSTANCE);
        (void)smtp_client_feed(&c, &said, true);
        HOLDS(smtp_client_was_refused(&c) == rows[i].refused, "%s", rows[i].said);
        smtp_client_clear(&c);
    }
}

#define OFFERED "tls: yes\n" GREETED "S: 250-mx.example\nS: 250-PIPELINING\nS: 250 STARTTLS\nC: STARTTLS\n"
#define SECURED                                                                                              \
    OFFERED "may: no\nS: 220 go\nX: STARTTLS 220\nidle: yes\ndo: secured\nC: EHLO client.example\n"

static void tls_is_asked_for_where_it_is_offered(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"TLS, and everything anew", SECURED "may: no\nS: 250 mx.example\nX: READY\nmay: yes\nidle: yes\n"},
        {"what was offered in clear is forgotten: one command at a time",
         SECURED "S: 250 mx.example\nX: READY\ndo: mail\nC: MAIL FROM:<a@b.example>\nmay: no\n"},
        {"STARTTLS offered again is not taken",
         SECURED "S: 250-mx.example\nS: 250 STARTTLS\nX: READY\nidle: yes\n"},
        {"not offered", "tls: yes\n" PIPELINED "idle: yes\n"},
        {"offered, not wanted", GREETED "S: 250-mx.example\nS: 250 STARTTLS\nX: READY\nidle: yes\n"},
        {"refused for now, and QUIT", OFFERED
         "S: 454 4.7.0 TLS not available\nX: NO_TLS 454\nidle: yes\ndo: quit\nC: QUIT\nS: 221 bye\nX: QUIT 221\n"},
        {"refused, and QUIT",
         OFFERED "S: 501 5.5.1 no\nX: NO_TLS 501\nidle: yes\ndo: quit\nC: QUIT\nS: 221 bye\nX: QUIT 221\n"},
        {"answered with another 2yz", OFFERED "S: 250 ok\nX: NO_TLS 250\nmay: no\nidle: no\n"},
        {"220 before STARTTLS has left us",
         OFFERED "unsent: yes\nS: 220 go\nX: NO_TLS 220\nmay: no\nidle: no\n"},
        {"the EHLO inside refused",
         SECURED "S: 554 5.7.1 no\nC: HELO client.example\nS: 554 no\nX: REFUSED 554\n"},
        {"the EHLO inside refused for now", SECURED "S: 421 busy\nX: REFUSED 421\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

/* Whole only: what comes in a later read is not the machine's any more, it goes to TLS. */
static void nothing_that_comes_in_clear_behind_the_220_is_taken(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"a reply to EHLO", OFFERED "S: 220 go\nS: 250 mx.example\nX: NO_TLS 220\nmay: no\nidle: no\n"},
        {"a second 220", OFFERED "S: 220 go\nS: 220 go\nX: NO_TLS 220\nmay: no\nidle: no\n"},
        {"nonsense", OFFERED "S: 220 go\nS: \nX: NO_TLS 220\nmay: no\nidle: no\n"},
    };

    for (size_t i = 0; i < COUNT(dialogues); i++)
        play(&dialogues[i], 0);
}

static void a_mail_goes_out_by_data(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"one command at a time", PLAIN
         "do: mail\nC: MAIL FROM:<a@b.example>\nmay: no\nidle: no\nS: 250 ok\nX: MAIL 250\nmay: yes\n"
         "do: rcpt\nC: RCPT TO:<c@d.example>\nmay: no\nS: 250 ok\nX: RCPT 250\n"
         "do: begin\nC: DATA\nmay: no\nS: 354 go\nX: DATA 354\nmay: no\nidle: no\n"
         "do: content Subject: s\\r\\n\\r\\n.dot\\r\\n\nC> Subject: s\\r\\n\\r\\n..dot\\r\\n\n"
         "do: last ..\\r\\n\nC> ...\\r\\n.\\r\\n\nidle: no\nmay: no\nS: 250 2.0.0 ok id 7\nX: FINAL 250\n"
         "idle: yes\nmay: yes\ndo: quit\nC: QUIT\nS: 221 bye\nX: QUIT 221\n"},
        {"a last line without its end",
         PLAIN ENVELOPE DATA "do: last x\nC> x\\r\\n.\\r\\n\nS: 250 ok\nX: FINAL 250\n"},
        {"an empty mail", PLAIN ENVELOPE DATA "do: last \nC: .\nS: 250 ok\nX: FINAL 250\n"},
        {"a lone dot, its line in a piece of its own", PLAIN ENVELOPE DATA
         "do: content a\\r\\n\nC: a\ndo: content .\\r\\n\nC: ..\ndo: last b\\r\\n\nC: b\nC: .\n"},
        {"a dot right at the beginning of a piece within a line", PLAIN ENVELOPE DATA
         "do: content a\nC> a\ndo: content .b\\r\\n\nC: .b\ndo: last .c\\r\\n\nC: ..c\nC: .\n"},
        {"pipelined", PIPELINED
         "do: mail\nmay: yes\ndo: rcpt\ndo: rcpt\nmay: yes\nC: MAIL FROM:<a@b.example>\n"
         "C: RCPT TO:<c@d.example>\nC: RCPT TO:<c@d.example>\n"
         "S: 250 ok\nS: 550 5.1.1 no\nS: 250 ok\nX: MAIL 250\nX: RCPT 550\nX: RCPT 250\nidle: yes\n"},
        {"pipelined with DATA, which is the last of its group", PIPELINED
         "do: mail\ndo: rcpt\ndo: begin\nmay: no\nC: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\nC: DATA\n"
         "S: 250 ok\nS: 250 ok\nS: 354 go\nX: MAIL 250\nX: RCPT 250\nX: DATA 354\nmay: no\n"
         "do: content x\\r\\n\nC: x\nmay: no\ndo: last x\\r\\n\nC: x\nC: .\nS: 250 ok\nX: FINAL 250\n"},
        {"two mails over one connection", PLAIN ENVELOPE DATA
         "do: last .x\\r\\n\nC: ..x\nC: .\nS: 250 ok\nX: FINAL 250\nidle: yes\n" ENVELOPE DATA
         "do: last .y\\r\\n\nC: ..y\nC: .\nS: 250 ok\nX: FINAL 250\n"},
        {"MAIL refused", PLAIN "do: mail\nC: MAIL FROM:<a@b.example>\nS: 550 5.7.1 no\nX: MAIL 550\n"
                               "do: reset\nC: RSET\nS: 250 ok\nX: RSET 250\nidle: yes\n" ENVELOPE},
        {"DATA refused",
         PLAIN ENVELOPE "do: begin\nC: DATA\nS: 554 no\nX: DATA 554\ndo: reset\nC: RSET\nS: 250 ok\n"
                        "X: RSET 250\nidle: yes\n" ENVELOPE},
        {"DATA answered with 250 is no invitation",
         PLAIN ENVELOPE "do: begin\nC: DATA\nS: 250 ok\nX: DATA 250|BROKEN\n"},
        {"the final reply is negative",
         PLAIN ENVELOPE DATA "do: last x\\r\\n\nC: x\nC: .\nS: 554-5.6.0 spam\n"
                             "S: 554 5.6.0 go away\nX: FINAL 554\nidle: yes\n"},
        {"CHUNKING without PIPELINING means DATA", GREETED "S: 250-mx\nS: 250 CHUNKING\nX: READY\n" ENVELOPE
                                                           "do: begin\nC: DATA\nS: 354 go\nX: DATA 354\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void a_mail_goes_out_in_chunks(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"one chunk",
         CHUNKED ENVELOPE "do: begin\ndo: last .x\\r\\n\nC> BDAT 4 LAST\\r\\n.x\\r\\n\nidle: no\n"
                          "S: 250 ok\nX: FINAL 250\nidle: yes\n"},
        {"several, pipelined; only the last reply is a verdict", CHUNKED ENVELOPE
         "do: begin\ndo: content one\\r\\n\nC> BDAT 5\\r\\none\\r\\n\nmay: yes\n"
         "do: content ..\\r\\n.\\r\\n\nC> BDAT 7\\r\\n..\\r\\n.\\r\\n\ndo: last two\nC> BDAT 3 LAST\\r\\ntwo\n"
         "S: 250 ok\nS: 250 ok\nS: 250 2.0.0 id 7\nX: FINAL 250\nidle: yes\n"},
        {"an empty last one",
         CHUNKED ENVELOPE "do: begin\ndo: content a\\r\\n\nC> BDAT 3\\r\\na\\r\\n\n"
                          "do: last \nC: BDAT 0 LAST\nS: 250 ok\nS: 250 ok\nX: FINAL 250\n"},
        {"a whole mail in one packet", CHUNKED
         "do: mail\ndo: rcpt\ndo: begin\ndo: last x\\r\\n\nC: MAIL FROM:<a@b.example>\nC: RCPT TO:<c@d.example>\n"
         "C> BDAT 3 LAST\\r\\nx\\r\\n\nS: 250 ok\nS: 250 ok\nS: 250 ok\nX: MAIL 250\nX: RCPT 250\nX: FINAL 250\n"},
        {"a refused chunk is the verdict",
         CHUNKED ENVELOPE "do: begin\ndo: content a\\r\\n\nC> BDAT 3\\r\\na\\r\\n\n"
                          "S: 552 5.3.4 too big\nX: FINAL 552\n"},
        {"the last chunk is refused", CHUNKED ENVELOPE
         "do: begin\ndo: last a\\r\\n\nC> BDAT 3 LAST\\r\\na\\r\\n\nS: 451 later\nX: FINAL 451\nidle: yes\n"},
        {"two mails",
         CHUNKED ENVELOPE "do: begin\ndo: last a\nC> BDAT 1 LAST\\r\\na\nS: 250 ok\nX: FINAL 250\n" ENVELOPE
                          "do: begin\ndo: last b\nC> BDAT 1 LAST\\r\\nb\nS: 250 ok\nX: FINAL 250\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void only_what_follows_the_end_is_a_verdict(void **state)
{
    (void)state;
    const struct dialogue dialogues[] = {
        {"250 right behind 354",
         PLAIN ENVELOPE "do: begin\nC: DATA\nS: 354 go\nS: 250 ok\nX: DATA 354\nX: BROKEN\n"},
        {"250 while content goes out",
         PLAIN ENVELOPE DATA "do: content a\\r\\n\nC: a\nS: 250 ok\nX: BROKEN\n"},
        {"354 while content goes out",
         PLAIN ENVELOPE DATA "do: content a\\r\\n\nC: a\nS: 354 go\nX: BROKEN\n"},
        {"250 before the dot has left us",
         PLAIN ENVELOPE DATA "do: last a\\r\\n\nC: a\nC: .\nunsent: yes\nS: 250 ok\nX: BROKEN\n"},
        {"the same with BDAT", CHUNKED ENVELOPE
         "do: begin\ndo: last a\nC> BDAT 1 LAST\\r\\na\nunsent: yes\nS: 250 ok\nX: BROKEN\n"},
        {"a refusal before the dot has left us is one", PLAIN ENVELOPE DATA
         "do: last a\\r\\n\nC: a\nC: .\nunsent: yes\nS: 552 5.3.4 too big\nX: FINAL 552\n"},
        {"a refusal while content goes out",
         PLAIN ENVELOPE DATA "do: content a\\r\\n\nC: a\nS: 451 disk full\nX: FINAL 451\n"},
        {"421 while content goes out",
         PLAIN ENVELOPE DATA "do: content a\\r\\n\nC: a\nS: 421 leaving\nX: FINAL 421|LEAVING 421\n"},
        {"one verdict and another", PLAIN ENVELOPE DATA "do: last a\\r\\n\nC: a\nC: .\nS: 250 ok\nS: 550 no\n"
                                                        "X: FINAL 250\nX: BROKEN\n"},
        {"a reply to nothing", PLAIN "S: 250 ok\nX: BROKEN\n"},
        {"one reply too many",
         PIPELINED "do: mail\nC: MAIL FROM:<a@b.example>\nS: 250 ok\nS: 250 ok\nX: MAIL 250\nX: BROKEN\n"},
        {"a reply to DATA that came before DATA", PLAIN ENVELOPE "S: 354 go\nX: BROKEN\n"},
        {"421 out of the blue (RFC 5321 section 3.8)", PLAIN "S: 421 4.3.2 shutting down\nX: LEAVING 421\n"},
        {"421 between mails",
         PLAIN ENVELOPE DATA "do: last a\\r\\n\nC: a\nC: .\nS: 250 ok\nX: FINAL 250\nS: 421 bye\n"
                             "X: LEAVING 421\n"},
        {"421 to a command",
         PLAIN "do: mail\nC: MAIL FROM:<a@b.example>\nS: 421 leaving\nX: MAIL 421|LEAVING 421\n"},
        {"garbage in the middle", PLAIN "do: mail\nC: MAIL FROM:<a@b.example>\nS: what?\nX: BROKEN\n"},
        {"codes of one reply differ, the last is good",
         PLAIN ENVELOPE DATA "do: last a\\r\\n\nC: a\nC: .\nS: 550-no\n"
                             "S: 250 yes\nX: BROKEN|FINAL 550\n"},
    };

    play_all(dialogues, COUNT(dialogues));
}

static void what_a_server_can_is_read_from_its_ehlo_reply(void **state)
{
    (void)state;
    const struct {
        const char *reply;
        const char *abilities; /* in this order: pipelining 8bit utf8 chunking dsn starttls enhanced size */
        bool has_size;
        uint64_t size;
        const char *why;
    } rows[] = {
        {"250 mx.example\r\n", ".......", false, 0, "nothing"},
        {"250-mx.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-DSN\r\n"
         "250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000\r\n",
         "p8ucdse", true, 1000, "everything"},
        {"250-mx\r\n250-pipelining\r\n250 8bitMime\r\n", "p8.....", false, 0, "keywords have no case"},
        {"250-PIPELINING\r\n250 DSN\r\n", "....d..", false, 0,
         "the first line is the server's name (section 4.1.1.1)"},
        {"250 PIPELINING\r\n", ".......", false, 0, "though it be the only one"},
        {"250-mx\r\n250-PIPELININGX\r\n250-XPIPELINING\r\n250 X-PIPELINING\r\n", ".......", false, 0,
         "other keywords"},
        {"250-mx\r\n250-XCHUNKING CHUNKING\r\n250 AUTH DSN\r\n", ".......", false, 0,
         "parameters are no keywords"},
        {"250-mx\r\n250-PIPELINING \r\n250 8BITMIME x\r\n", "p8.....", false, 0,
         "what stands behind is no matter"},
        {"250-mx\r\n250 SIZE\r\n", ".......", true, 0, "no limit is said (RFC 1870 section 4)"},
        {"250-mx\r\n250 SIZE 0\r\n", ".......", true, 0, "no fixed limit"},
        {"250-mx\r\n250 size 35882577\r\n", ".......", true, 35882577, "lower case"},
        {"250-mx\r\n250 SIZE 4294967297\r\n", ".......", true, UINT64_C(4294967297), "2^32+1 is not 1"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed feed = feed_start(span_of(rows[i].reply));

        while (feed_again(&feed)) {
            struct player p;
            struct span piece;
            const struct smtp_server_abilities *s = &p.client.server;
            char text[8];

            player_init(&p, rows[i].why);
            give(&p, SPAN("220 mx.example\r\n"));
            while (feed_piece(&feed, &piece))
                give(&p, piece);
            HOLDS(span_equals(buf_span(&p.events), SPAN("READY\n")), "%s, %s", rows[i].why, feed_way(&feed));
            snprintf(text, sizeof text, "%c%c%c%c%c%c%c", s->pipelining ? 'p' : '.',
                     s->eight_bit_mime ? '8' : '.', s->smtputf8 ? 'u' : '.', s->chunking ? 'c' : '.',
                     s->dsn ? 'd' : '.', s->starttls ? 's' : '.', s->enhanced_status_codes ? 'e' : '.');
            HOLDS(strcmp(text, rows[i].abilities) == 0, "%s, %s: %s", rows[i].why, feed_way(&feed), text);
            HOLDS(s->esmtp, "%s", rows[i].why);
            HOLDS(s->has_size == rows[i].has_size, "%s, %s", rows[i].why, feed_way(&feed));
            HOLDS(s->size_bytes == rows[i].size, "%s, %s: %llu", rows[i].why, feed_way(&feed),
                  (unsigned long long)s->size_bytes);
            player_clear(&p);
        }
    }
}

static void a_size_that_cannot_be_read_limits_nothing(void **state)
{
    (void)state;
    const char *const replies[] = {"250-mx\r\n250 SIZE -1\r\n", "250-mx\r\n250 SIZE 18446744073709551616\r\n",
                                   "250-mx\r\n250 SIZE 10MB\r\n"};

    for (size_t i = 0; i < COUNT(replies); i++) {
        struct player p;

        player_init(&p, replies[i]);
        give(&p, SPAN("220 mx.example\r\n"));
        give(&p, span_of(replies[i]));
        HOLDS(p.client.server.size_bytes == 0, "%s: %llu", replies[i],
              (unsigned long long)p.client.server.size_bytes);
        player_clear(&p);
    }
}

static void abilities_of_helo_are_none(void **state)
{
    (void)state;
    struct player p;

    player_init(&p, "HELO");
    give(&p, SPAN("220 mx.example\r\n502 no EHLO\r\n"));
    give(&p, SPAN("250-mx\r\n250-PIPELINING\r\n250 SIZE 10\r\n"));
    assert_false(p.client.server.esmtp);
    assert_false(p.client.server.pipelining);
    assert_false(p.client.server.has_size);
    player_clear(&p);
}

/* Is `word` one of the words of the line? */
static bool has_word(struct span line, const char *word)
{
    while (line.length > 0) {
        struct span one = span_cut(&line, ' ');

        if (span_equals(one, span_of(word)))
            return true;
    }
    return false;
}

static void an_original_recipient_in_utf8_goes_in_7_bits_to_a_server_without_smtputf8(void **state)
{
    (void)state;
    const struct {
        const char *offered, *orcpt, *expected;
    } rows[] = {
        {"250-DSN\r\n250 SMTPUTF8\r\n", "utf-8;p\xc5\x99@d.example", " ORCPT=utf-8;p\xc5\x99@d.example\r\n"},
        {"250 DSN\r\n", "utf-8;p\xc5\x99@d.example", " ORCPT=utf-8;p\\x{159}@d.example\r\n"},
        {"250 DSN\r\n", "utf-8;p\\x{159}@d.example", " ORCPT=utf-8;p\\x{159}@d.example\r\n"},
        {"250 DSN\r\n", "rfc822;a+2Bb+3D@d.example", " ORCPT=rfc822;a+2Bb+3D@d.example\r\n"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;
        struct smtp_mail mail = plain_mail("<a@b.example>");
        struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");

        snprintf(rcpt.orcpt, sizeof rcpt.orcpt, "%s", rows[i].orcpt);
        player_init(&p, rows[i].orcpt);
        give(&p, SPAN("220 mx.example\r\n"));
        give(&p, SPAN("250-mx\r\n"));
        give(&p, span_of(rows[i].offered));
        smtp_client_mail(&p.client, &mail);
        give(&p, SPAN("250 ok\r\n"));
        smtp_client_rcpt(&p.client, &rcpt);
        HOLDS(strstr(buf_text(&p.client.out), rows[i].expected) != NULL, "RFC 6533 section 3: %s",
              quote(buf_span(&p.client.out)));
        player_clear(&p);
    }
}

static void parameters_go_only_to_a_server_that_knows_them(void **state)
{
    (void)state;
    const struct {
        const char *ability;
        const char *mail_word, *rcpt_word; /* what this ability brings */
    } abilities[] = {
        {"SIZE 100000", "SIZE=1234", NULL},
        {"8BITMIME", "BODY=8BITMIME", NULL},
        {"SMTPUTF8", "SMTPUTF8", NULL},
        {"DSN", "RET=HDRS", "NOTIFY=SUCCESS,DELAY"},
        {"DSN", "ENVID=a+2Bb", "ORCPT=rfc822;c+2Bd"},
        {"PIPELINING", NULL, NULL},
    };

    for (unsigned set = 0; set < 1u << COUNT(abilities); set++) {
        struct player p;
        struct buf reply;
        struct smtp_mail mail = plain_mail("<a@b.example>");
        struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");
        struct span line;

        mail.has_size = true;
        mail.size_bytes = 1234;
        mail.body = SMTP_BODY_8BITMIME;
        mail.smtputf8 = true;
        mail.ret = SMTP_RET_HDRS;
        snprintf(mail.envid, sizeof mail.envid, "a+2Bb");
        rcpt.notify = SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_DELAY;
        snprintf(rcpt.orcpt, sizeof rcpt.orcpt, "rfc822;c+2Bd");
        player_init(&p, "parameters");
        buf_init(&reply, 1000);
        buf_append_text(&reply, "250-mx\r\n");
        for (size_t i = 0; i < COUNT(abilities); i++)
            if (set & 1u << i)
                buf_printf(&reply, "250-%s\r\n", abilities[i].ability);
        buf_append_text(&reply, "250 HELP\r\n");
        give(&p, SPAN("220 mx.example\r\n"));
        give(&p, buf_span(&reply));
        buf_consume(&p.client.out, p.client.out.length);

        smtp_client_mail(&p.client, &mail);
        line = buf_span(&p.client.out);
        HOLDS(line.length > 2 && line.at[line.length - 2] == '\r', "%s", quote(line));
        HOLDS(span_starts_nocase(line, SPAN("MAIL FROM:<a@b.example>")), "%s", quote(line));
        line.length -= 2;
        for (size_t i = 0; i < COUNT(abilities); i++) {
            bool offered = strstr(buf_text(&reply), abilities[i].ability) != NULL;

            if (abilities[i].mail_word != NULL)
                HOLDS(has_word(line, abilities[i].mail_word) == offered, "%s: %s", abilities[i].mail_word,
                      quote(line));
        }
        buf_consume(&p.client.out, p.client.out.length);
        give(&p, SPAN("250 ok\r\n"));
        smtp_client_rcpt(&p.client, &rcpt);
        line = buf_span(&p.client.out);
        HOLDS(span_starts_nocase(line, SPAN("RCPT TO:<c@d.example>")), "%s", quote(line));
        line.length -= 2;
        for (size_t i = 0; i < COUNT(abilities); i++) {
            bool offered = strstr(buf_text(&reply), abilities[i].ability) != NULL;

            if (abilities[i].rcpt_word != NULL)
                HOLDS(has_word(line, abilities[i].rcpt_word) == offered, "%s: %s", abilities[i].rcpt_word,
                      quote(line));
        }
        buf_clear(&reply);
        player_clear(&p);
    }
}

static void paths_are_written_as_the_rfc_has_them(void **state)
{
    (void)state;
    const struct {
        const char *path, *mail;
        const char *why;
    } rows[] = {
        {"<>", "MAIL FROM:<>\r\n", "the null reverse-path"},
        {"a@b.example", "MAIL FROM:<a@b.example>\r\n", "brackets are put back"},
        {"<@r.example:a@b.example>", "MAIL FROM:<a@b.example>\r\n", "source routes are not sent on"},
        {"<\"a b\"@c.example>", "MAIL FROM:<\"a b\"@c.example>\r\n", "quotes stay"},
        {"<a@[192.0.2.1]>", "MAIL FROM:<a@[192.0.2.1]>\r\n", "literals stay"},
        {"<a@\xc5\x99.example>", "MAIL FROM:<a@xn--hga.example>\r\n", "any server knows the A-label"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;
        struct smtp_mail mail = plain_mail(rows[i].path);

        player_init(&p, rows[i].why);
        give(&p, SPAN("220 mx.example\r\n"));
        give(&p, SPAN("250-mx\r\n250-SIZE\r\n250-SMTPUTF8\r\n250 DSN\r\n"));
        buf_consume(&p.client.out, p.client.out.length);
        smtp_client_mail(&p.client, &mail);
        HOLDS(span_equals(buf_span(&p.client.out), span_of(rows[i].mail)), "%s: %s", rows[i].why,
              quote(buf_span(&p.client.out)));
        player_clear(&p);
    }
}

static void no_more_commands_are_on_the_wire_than_the_window_holds(void **state)
{
    (void)state;
    struct player p;
    struct smtp_mail mail = plain_mail("<a@b.example>");
    struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");
    unsigned sent = 1;

    player_init(&p, "the window");
    give(&p, SPAN("220 mx.example\r\n"));
    give(&p, SPAN("250-mx\r\n250 PIPELINING\r\n"));
    smtp_client_mail(&p.client, &mail);
    while (smtp_client_may_send(&p.client) && sent < 1000) {
        smtp_client_rcpt(&p.client, &rcpt);
        sent++;
    }
    assert_int_equal(sent, SMTP_CLIENT_WINDOW);
    /* Round and round the ring: one reply, one more command. */
    buf_consume(&p.events, p.events.length);
    for (int i = 0; i < 1000; i++) {
        give(&p, SPAN("250 ok\r\n"));
        HOLDS(span_equals(buf_span(&p.events), i == 0 ? SPAN("MAIL 250\n") : SPAN("RCPT 250\n")), "%d: %s", i,
              quote(buf_span(&p.events)));
        buf_consume(&p.events, p.events.length);
        buf_consume(&p.client.out, p.client.out.length);
        HOLDS(smtp_client_may_send(&p.client), "%d", i);
        smtp_client_rcpt(&p.client, &rcpt);
        HOLDS(!smtp_client_may_send(&p.client), "%d", i);
    }
    player_clear(&p);
}

static void what_is_awaited_is_known_for_the_time_outs(void **state)
{
    (void)state;
    struct player p;
    struct smtp_mail mail = plain_mail("<a@b.example>");
    struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");

    player_init(&p, "waits");
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_GREETING);
    give(&p, SPAN("220 mx\r\n"));
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_EHLO);
    give(&p, SPAN("502 no\r\n"));
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_HELO);
    give(&p, SPAN("250 mx\r\n"));
    assert_true(smtp_client_idle(&p.client));
    smtp_client_mail(&p.client, &mail);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_MAIL);
    give(&p, SPAN("250 ok\r\n"));
    smtp_client_rcpt(&p.client, &rcpt);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_RCPT);
    give(&p, SPAN("250 ok\r\n"));
    smtp_client_begin(&p.client);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_DATA);
    give(&p, SPAN("354 ok\r\n"));
    smtp_client_content(&p.client, SPAN("x\r\n"), true);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_FINAL);
    give(&p, SPAN("250 ok\r\n"));
    smtp_client_reset(&p.client);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_RSET);
    give(&p, SPAN("250 ok\r\n"));
    smtp_client_quit(&p.client);
    assert_int_equal(smtp_client_waits_for(&p.client), SMTP_CLIENT_WAIT_QUIT);
    player_clear(&p);
}

static void our_own_greeting_is_a_loop(void **state)
{
    (void)state;
    const struct {
        const char *greeting;
        bool ours;
    } rows[] = {
        {"220 localhost ESMTP Traypost 1234ABCD\r\n", true},
        {"220 localhost ESMTP Traypost 1234ABCE\r\n", false},
        {"554 5.7.1 Traypost 1234ABCD not for you\r\n", true}, /* we may be a stranger to ourselves */
        {"421 4.3.2 Traypost 1234ABCD too many sessions\r\n", true},
        {"554 5.7.1 Traypost 1234ABCE not for you\r\n", false},
        {"220 mx.example ESMTP Postfix\r\n", false},
        {"220 \r\n", false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed feed = feed_start(span_of(rows[i].greeting));

        while (feed_again(&feed)) {
            struct player p;
            struct span piece;

            player_init(&p, rows[i].greeting);
            while (feed_piece(&feed, &piece))
                give(&p, piece);
            HOLDS(p.client.greeting_is_ours == rows[i].ours, "%s, %s", rows[i].greeting, feed_way(&feed));
            player_clear(&p);
        }
    }
}

static void a_reply_that_was_read_before_its_command_was_said_is_none(void **state)
{
    (void)state;
    const struct {
        bool told; /* the owner says where a read begins */
        const char *read;
        const char *events;
        const char *why;
    } rows[] = {
        {true, "250 ok\r\n", "MAIL 250\n", "one command, one reply"},
        {true, "250 ok\r\n250 ok\r\n", "MAIL 250\nBROKEN\n",
         "the second answers a RCPT that was said in between"},
        {true, "250 ok\r\n250-o", "MAIL 250\n", "half of such a reply is none yet"},
        {false, "250 ok\r\n250 ok\r\n", "MAIL 250\nRCPT 250\n", "who does not say it gets what there is"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;
        struct smtp_mail mail = plain_mail("<a@b.example>");
        struct smtp_rcpt rcpt = plain_rcpt("<c@d.example>");
        char *copy = exact_copy(span_of(rows[i].read));
        struct span input = span_make(copy, strlen(rows[i].read));

        player_init(&p, rows[i].why);
        give(&p, SPAN("220 mx.example\r\n"));
        give(&p, SPAN("250-mx\r\n250 PIPELINING\r\n"));
        buf_consume(&p.events, p.events.length);
        smtp_client_mail(&p.client, &mail);
        if (rows[i].told)
            smtp_client_read_begins(&p.client);
        assert_int_equal(smtp_client_feed(&p.client, &input, true), SMTP_CLIENT_MAIL);
        buf_append_text(&p.events, "MAIL 250\n");
        smtp_client_rcpt(&p.client, &rcpt);
        give(&p, input);
        HOLDS(span_equals(buf_span(&p.events), span_of(rows[i].events)), "%s: %s", rows[i].why,
              quote(buf_span(&p.events)));
        free(copy);
        player_clear(&p);
    }
}

static void the_words_of_the_last_reply_can_be_read(void **state)
{
    (void)state;
    struct player p;
    struct smtp_mail mail = plain_mail("<a@b.example>");

    player_init(&p, "words");
    give(&p, SPAN("220 mx.example\r\n"));
    give(&p, SPAN("250-mx\r\n250 ENHANCEDSTATUSCODES\r\n"));
    smtp_client_mail(&p.client, &mail);
    give(&p, SPAN("550-5.7.25 no reverse name\r\n550 5.7.25 see\x1b our page\r\n"));
    assert_int_equal(p.client.in.reply.code, 550);
    assert_int_equal(p.client.in.reply.subject, 7);
    assert_int_equal(p.client.in.reply.detail, 25);
    assert_string_equal(p.client.in.reply.words, "no reverse name see? our page");
    player_clear(&p);
}

static void endless_replies_are_given_up(void **state)
{
    (void)state;
    const char *const chunks[] = {"250-more\r\n",
                                  "2222222222222222222222222222222222222222222222222222222222222222"};

    for (size_t i = 0; i < COUNT(chunks); i++) {
        struct player p;
        int rounds = 0;

        player_init(&p, "endless");
        give(&p, SPAN("220 mx.example\r\n"));
        for (; !p.broken && rounds < 200000; rounds++) {
            give(&p, span_of(chunks[i]));
            HOLDS(p.client.in.line.partial.capacity < 16384, "%zu", p.client.in.line.partial.capacity);
        }
        HOLDS(i == 1 || p.broken, "a reply without end: %d lines were read", rounds);
        player_clear(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_greeted_or_given_up),
        cmocka_unit_test(a_refusal_of_ehlo_is_known_while_helo_is_awaited),
        cmocka_unit_test(tls_is_asked_for_where_it_is_offered),
        cmocka_unit_test(nothing_that_comes_in_clear_behind_the_220_is_taken),
        cmocka_unit_test(a_mail_goes_out_by_data),
        cmocka_unit_test(a_mail_goes_out_in_chunks),
        cmocka_unit_test(only_what_follows_the_end_is_a_verdict),
        cmocka_unit_test(what_a_server_can_is_read_from_its_ehlo_reply),
        cmocka_unit_test(a_size_that_cannot_be_read_limits_nothing),
        cmocka_unit_test(abilities_of_helo_are_none),
        cmocka_unit_test(an_original_recipient_in_utf8_goes_in_7_bits_to_a_server_without_smtputf8),
        cmocka_unit_test(parameters_go_only_to_a_server_that_knows_them),
        cmocka_unit_test(paths_are_written_as_the_rfc_has_them),
        cmocka_unit_test(no_more_commands_are_on_the_wire_than_the_window_holds),
        cmocka_unit_test(what_is_awaited_is_known_for_the_time_outs),
        cmocka_unit_test(our_own_greeting_is_a_loop),
        cmocka_unit_test(a_reply_that_was_read_before_its_command_was_said_is_none),
        cmocka_unit_test(the_words_of_the_last_reply_can_be_read),
        cmocka_unit_test(endless_replies_are_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
