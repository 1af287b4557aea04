/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "engine.h"

const char *const step_names[STEP_COUNT] = {
#define X(name) #name,
    STEPS(X)
#undef X
};

struct wire *client_open(struct engine *e)
{
    struct ip_port to = engine_address(e);
    struct wire *client = wire_new(e);
    wire_connect(client, &to);
    WAIT(e, client->connect_status != 1);
    return client;
}

/* Cuts one line off `in`; false when none is whole. */
static bool take_line(struct wire *client, char *line, size_t size)
{
    struct span all = buf_span(&client->in);
    size_t end = span_find(all, '\n');
    if (end == all.length)
        return false;
    span_copy(span_first(all, end > 0 ? end - 1 : 0), line, size);
    buf_consume(&client->in, end + 1);
    return true;
}

const char *client_reply(struct wire *client)
{
    static char line[1024];
    engine_watch(client->engine);
    for (;;) {
        while (take_line(client, line, sizeof line))
            if (strlen(line) >= 4 && line[3] == ' ')
                return line;
        if (client->ended)
            return "(closed)";
        if (!engine_turn(client->engine))
            return "(silence)";
    }
}

bool client_is_closed(struct wire *client)
{
    return client->ended && client->in.length == 0;
}

struct wire *client_welcome(struct engine *e)
{
    struct wire *client = client_open(e);
    EXPECT(client, "220 ");
    ASK(client, "EHLO client.test", "250 ");
    return client;
}

/* A header line that makes each mail another one: what is the same is taken for sent again. */
static void say_serial(struct wire *client)
{
    static unsigned serial;
    char line[32];
    snprintf(line, sizeof line, "X-Serial: %u\r\n", ++serial);
    wire_say(client, line);
}

void client_deliver(struct wire *client, const char *recipient)
{
    ASK(client, "MAIL FROM:<me@here.test>", "250 ");
    wire_say(client, "RCPT TO:<");
    wire_say(client, recipient);
    ASK(client, ">", "250 ");
    ASK(client, "DATA", "354 ");
    say_serial(client);
    ASK(client, "Subject: x\r\n\r\nx\r\n.", "250 ");
}

/* The session that was made silent last. */
static struct fake_mx_session *silent_session(struct engine *e)
{
    struct fake_mx *mx = &e->mx[0];
    for (unsigned i = mx->session_count; i-- > 0;)
        if (mx->sessions[i].silent && !mx->sessions[i].ended)
            return &mx->sessions[i];
    fail_msg("nobody waits for the server");
    return NULL;
}

static void ask_in_vain(struct wire *client, const char *command, const char *step)
{
    struct engine *e = client->engine;
    unsigned before = fake_mx_heard(&e->mx[0], step);
    fake_mx_rule(&e->mx[0], step, FAKE_MX_SILENT, 1);
    wire_say(client, command);
    WAIT(e, fake_mx_heard(&e->mx[0], step) > before);
}

static bool content_has_come(struct fake_mx *mx)
{
    for (unsigned i = 0; i < mx->session_count; i++)
        if (fake_mx_has(&mx->sessions[i].mail.content, "Subject: half"))
            return true;
    return false;
}

/* Reaches `step` from the one before it. */
static void reach(struct wire *client, enum step step)
{
    struct engine *e = client->engine;
    switch (step) {
    case STEP_CONNECTED:
    case STEP_COUNT:
        return;
    case STEP_GREETED:
        EXPECT(client, "220 ");
        return;
    case STEP_HELLO:
        ASK(client, "EHLO client.test", "250 ");
        return;
    case STEP_LOGIN:
        ASK(client, "AUTH LOGIN", "334 ");
        return;
    case STEP_HALF_COMMAND:
        ASK(client, "bmFtZQ==", "334 ");
        ASK(client, "cGFzcw==", "235 ");
        wire_say(client, "MAIL FR");
        WAIT(e, client->writing == 0);
        return;
    case STEP_MAIL:
        ASK(client, "OM:<me@here.test>", "250 ");
        return;
    case STEP_RCPT_ASKED:
        ask_in_vain(client, "RCPT TO:<you@one.test>\r\n", "RCPT");
        return;
    case STEP_RCPT:
        fake_mx_say(silent_session(e), "250 ok");
        EXPECT(client, "250 ");
        return;
    case STEP_DATA_ASKED:
        ask_in_vain(client, "DATA\r\n", "DATA");
        return;
    case STEP_DATA:
        fake_mx_say(silent_session(e), "354 go on");
        EXPECT(client, "354 ");
        return;
    case STEP_HALF_CONTENT:
        say_serial(client);
        wire_say(client, "Subject: half\r\n\r\nhalf a li");
        WAIT(e, content_has_come(&e->mx[0]));
        return;
    case STEP_END_ASKED:
        ask_in_vain(client, "ne\r\n.\r\n", ".");
        return;
    case STEP_DELIVERED:
        fake_mx_say(silent_session(e), "250 2.0.0 taken");
        EXPECT(client, "250 ");
        return;
    }
}

void client_walk(struct wire *client, enum step from, enum step to)
{
    for (int step = (int)from + 1; step <= (int)to; step++)
        reach(client, (enum step)step);
}
