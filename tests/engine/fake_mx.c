/* SPDX-License-Identifier: MIT */
/* Commands are lines, content is lines or chunks; what cannot be worked on yet stays in the wire's buffer. */

#include "fake_mx.h"

#include "engine.h"

#define CONTENT_MAX (64 * 1024 * 1024)

/* ---------------------------------------------------------------- rules */

void fake_mx_rule(struct fake_mx *mx, const char *begins, const char *reply, unsigned times)
{
    if (mx->rule_count == FAKE_MX_RULES_MAX)
        abort();
    struct fake_mx_rule *rule = &mx->rules[mx->rule_count++];
    *rule = (struct fake_mx_rule){.times = times};
    span_copy(span_of(begins), rule->begins, sizeof rule->begins);
    span_copy(span_of(reply), rule->reply, sizeof rule->reply);
}

static const char *usual_reply(const struct fake_mx *mx, struct span command)
{
    static char ehlo[512];
    if (span_equals(command, SPAN("CONNECT")))
        return "220 mx.test ESMTP";
    if (span_starts_nocase(command, SPAN("EHLO"))) {
        snprintf(ehlo, sizeof ehlo, "250-mx.test\r\n%s%s250 8BITMIME", mx->abilities,
                 mx->tls != TLS_SERVER_NONE ? "250-STARTTLS\r\n" : "");
        return ehlo;
    }
    if (span_equals(command, SPAN("DATA")))
        return "354 go on";
    if (span_equals(command, SPAN("STARTTLS")))
        return mx->tls != TLS_SERVER_NONE ? "220 go ahead" : "500 what?";
    if (span_equals(command, SPAN("QUIT")))
        return "221 bye";
    return span_equals(command, SPAN(".")) ? "250 2.0.0 taken" : "250 ok";
}

static const char *reply_to(struct fake_mx *mx, struct span command)
{
    for (size_t i = mx->rule_count; i-- > 0;) {
        struct fake_mx_rule *rule = &mx->rules[i];
        if (rule->used_up || !span_starts_nocase(command, span_of(rule->begins)))
            continue;
        if (rule->times > 0 && --rule->times == 0)
            rule->used_up = true;
        return rule->reply;
    }
    return usual_reply(mx, command);
}

unsigned fake_mx_heard(struct fake_mx *mx, const char *begins)
{
    unsigned count = 0;
    struct span rest = buf_span(&mx->said);
    while (rest.length > 0)
        count += span_starts_nocase(span_cut(&rest, '\n'), span_of(begins));
    return count;
}

/* ---------------------------------------------------------------- mails */

static void drop_mail(struct fake_mx_session *s)
{
    buf_clear(&s->mail.content);
    s->mail = (struct fake_mx_mail){.recipients = ""};
    buf_init(&s->mail.content, CONTENT_MAX);
}

static void keep_mail(struct fake_mx_session *s)
{
    struct fake_mx *mx = s->mx;
    if (mx->mail_count == FAKE_MX_MAILS_MAX)
        abort();
    mx->mails[mx->mail_count++] = s->mail;
    s->mail = (struct fake_mx_mail){.recipients = ""};
    buf_init(&s->mail.content, CONTENT_MAX);
}

static void note_recipient(struct fake_mx_session *s, struct span line)
{
    size_t length = strlen(s->mail.recipients);
    snprintf(s->mail.recipients + length, sizeof s->mail.recipients - length, "%.*s\n", (int)line.length,
             line.at);
}

bool fake_mx_has(struct buf *content, const char *text)
{
    const char *all = buf_text(content);
    return all && strstr(all, text);
}

/* ---------------------------------------------------------------- the dialogue */

static void send_sealed(struct fake_mx_session *s)
{
    struct buf *out = tls_server_out(s->tls);
    if (out->length > 0)
        wire_send(s->wire, buf_span(out).at, out->length);
    buf_consume(out, out->length);
}

void fake_mx_put(struct fake_mx_session *s, const char *text)
{
    if (!s->tls) {
        wire_say(s->wire, text);
        return;
    }
    tls_server_write(s->tls, span_of(text));
    send_sealed(s);
}

static struct buf *heard(struct fake_mx_session *s)
{
    return s->tls ? &s->plain : &s->wire->in;
}

static void give(struct fake_mx_session *s, const char *reply)
{
    struct span owed = span_of(s->owed);
    bool yes = reply[0] == '2';
    if (strcmp(reply, FAKE_MX_SILENT) == 0) {
        s->silent = true;
        return;
    }
    if (strcmp(reply, FAKE_MX_CLOSES) == 0 || strcmp(reply, FAKE_MX_BREAKS) == 0) {
        s->mx->open_count -= !s->ended;
        s->ended = true;
        if (strcmp(reply, FAKE_MX_CLOSES) == 0)
            wire_close(s->wire);
        else
            wire_break(s->wire);
        return;
    }
    fake_mx_put(s, reply);
    fake_mx_put(s, "\r\n");
    if (yes && span_equals(owed, SPAN("STARTTLS"))) {
        s->tls = tls_server_new(s->mx->tls);
        s->silent = s->mx->tls_mute;
        return;
    }
    if (strncmp(reply, "354", 3) == 0) {
        s->in_data = true;
        wire_read(s->wire, !s->mx->reads_no_content);
    } else if (yes && span_starts_nocase(owed, SPAN("RCPT"))) {
        note_recipient(s, owed);
    } else if (span_equals(owed, SPAN("."))) {
        if (yes)
            keep_mail(s);
        else
            drop_mail(s);
    } else if (span_equals(owed, SPAN("RSET"))) {
        drop_mail(s);
    }
}

static void hear(struct fake_mx_session *s, struct span command)
{
    buf_append_span(&s->mx->said, command);
    buf_append_text(&s->mx->said, "\n");
    span_copy(command, s->owed, sizeof s->owed);
    give(s, reply_to(s->mx, command));
}

static void end_content(struct fake_mx_session *s)
{
    s->in_data = s->in_chunk = false;
    hear(s, SPAN("."));
}

static void read_content_line(struct fake_mx_session *s, struct span line)
{
    if (span_equals(line, SPAN(".\r\n"))) {
        end_content(s);
        return;
    }
    if (line.at[0] == '.')
        line = span_skip(line, 1);
    buf_append_span(&s->mail.content, line);
}

static void start_chunk(struct fake_mx_session *s, struct span line)
{
    struct span rest = line;
    span_cut(&rest, ' ');
    struct span size = span_cut(&rest, ' ');
    s->chunk_last = span_equals_nocase(rest, SPAN("LAST"));
    s->in_chunk = span_to_number(size, UINT64_MAX, &s->chunk_left);
    wire_read(s->wire, !s->mx->reads_no_content);
}

static bool read_chunk(struct fake_mx_session *s)
{
    struct span piece = span_first(buf_span(heard(s)), (size_t)s->chunk_left);
    buf_append_span(&s->mail.content, piece);
    buf_consume(heard(s), piece.length);
    s->chunk_left -= piece.length;
    if (s->chunk_left > 0)
        return false;
    s->in_chunk = false;
    if (s->chunk_last) {
        end_content(s);
    } else {
        span_copy(SPAN("BDAT"), s->owed, sizeof s->owed);
        give(s, reply_to(s->mx, SPAN("BDAT")));
    }
    return true;
}

static bool read_line(struct fake_mx_session *s)
{
    struct span all = buf_span(heard(s));
    size_t end = span_find(all, '\n');
    char line[4096];
    if (end == all.length)
        return false;
    if (end >= sizeof line)
        abort();
    span_copy(span_first(all, end + 1), line, sizeof line);
    buf_consume(heard(s), end + 1);
    struct span whole = span_of(line), command = span_first(whole, whole.length >= 2 ? whole.length - 2 : 0);
    if (s->in_data)
        read_content_line(s, whole);
    else if (span_starts_nocase(command, SPAN("BDAT ")))
        start_chunk(s, command);
    else
        hear(s, command);
    return true;
}

static void work(struct fake_mx_session *s)
{
    while (!s->silent && !s->wire->closing && (s->in_chunk ? read_chunk(s) : read_line(s)))
        continue;
}

/* A handshake that goes wrong is the client's to notice, from what it is sent. */
static void open_sealed(struct fake_mx_session *s)
{
    struct buf *in = &s->wire->in;
    bool was_up = tls_server_is_up(s->tls);
    (void)tls_server_feed(s->tls, buf_span(in), &s->plain);
    buf_consume(in, in->length);
    if (s->mx->tls_hasty && !was_up && tls_server_is_up(s->tls))
        tls_server_write(s->tls, SPAN("250 hello\r\n"));
    send_sealed(s);
}

static void on_came(struct wire *wire)
{
    struct fake_mx_session *s = wire->owner;
    if (s->tls && !s->mx->tls_mute)
        open_sealed(s);
    work(s);
    if (wire->ended && !s->ended) {
        s->ended = true;
        s->mx->open_count--;
        wire_close(wire);
    }
}

void fake_mx_say(struct fake_mx_session *s, const char *reply)
{
    s->silent = false;
    give(s, reply);
    work(s);
}

void fake_mx_read_on(struct fake_mx *mx)
{
    mx->reads_no_content = false;
    for (unsigned i = 0; i < mx->session_count; i++) {
        wire_read(mx->sessions[i].wire, true);
        work(&mx->sessions[i]);
    }
}

/* ---------------------------------------------------------------- open and close */

static void on_connection(uv_stream_t *listener, int status)
{
    struct fake_mx *mx = listener->data;
    engine_own_callbacks++;
    if (status != 0 || mx->session_count == FAKE_MX_SESSIONS_MAX)
        abort();
    struct fake_mx_session *s = &mx->sessions[mx->session_count++];
    *s = (struct fake_mx_session){.mx = mx, .wire = wire_new(mx->engine)};
    s->wire->owner = s;
    s->wire->came = on_came;
    buf_init(&s->mail.content, CONTENT_MAX);
    buf_init(&s->plain, CONTENT_MAX);
    if (uv_accept(listener, (uv_stream_t *)&s->wire->tcp) != 0)
        abort();
    uv_tcp_nodelay(&s->wire->tcp, 1);
    mx->open_count++;
    if (mx->open_most < mx->open_count)
        mx->open_most = mx->open_count;
    wire_read(s->wire, true);
    hear(s, SPAN("CONNECT"));
    engine_own_callbacks--;
}

int fake_mx_open(struct fake_mx *mx, struct engine *e, const char *address, unsigned *port)
{
    struct sockaddr_in to;
    struct sockaddr_storage bound;
    int length = sizeof bound;
    *mx = (struct fake_mx){.engine = e, .abilities = ""};
    if (getenv("TRAYPOST_TEST_TLS")) /* the same tests once more, through TLS */
        mx->tls = TLS_SERVER_13;
    buf_init(&mx->said, CONTENT_MAX);
    if (uv_ip4_addr(address, (int)*port, &to) != 0 || uv_tcp_init(&e->loop, &mx->listener) != 0)
        abort();
    mx->listener.data = mx;
    mx->listening = true;
    e->own_handles++;
    int small = WIRE_BUFFER; /* inherited by what is accepted */
    int error = uv_tcp_bind(&mx->listener, (struct sockaddr *)&to, 0);
    if (!error)
        error = uv_recv_buffer_size((uv_handle_t *)&mx->listener, &small);
    if (!error)
        error = uv_listen((uv_stream_t *)&mx->listener, 128, on_connection);
    if (!error)
        error = uv_tcp_getsockname(&mx->listener, (struct sockaddr *)&bound, &length);
    if (!error)
        *port = ip_port_from_sockaddr((struct sockaddr *)&bound).port;
    return error;
}

static void on_closed(uv_handle_t *handle)
{
    struct fake_mx *mx = handle->data;
    mx->engine->own_handles--;
    mx->listening = false;
}

void fake_mx_close(struct fake_mx *mx)
{
    if (mx->listening && !uv_is_closing((uv_handle_t *)&mx->listener))
        uv_close((uv_handle_t *)&mx->listener, on_closed);
}

void fake_mx_clear(struct fake_mx *mx)
{
    for (unsigned i = 0; i < mx->session_count; i++) {
        buf_clear(&mx->sessions[i].mail.content);
        buf_clear(&mx->sessions[i].plain);
        tls_server_free(mx->sessions[i].tls);
    }
    for (unsigned i = 0; i < mx->mail_count; i++)
        buf_clear(&mx->mails[i].content);
    buf_clear(&mx->said);
}
