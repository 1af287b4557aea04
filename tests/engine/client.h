/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_CLIENT_H
#define TRAYPOST_TESTS_CLIENT_H

/*
 * A client of the relay, and the life of one mail as a row of steps, so that a test can say "whatever
 * happens at any of them". All functions wait for what they need; a client that has to do something without
 * waiting uses its wire.
 */

#include "wire.h"

struct engine;

struct wire *client_open(struct engine *e);    /* connected; the greeting is not read */
struct wire *client_welcome(struct engine *e); /* greeted, EHLO said */

/* The last line of the next reply, without its line end; "(closed)" or "(silence)" when none comes. Good
 * until the next call. */
const char *client_reply(struct wire *client);

/* The relay has closed its side, and said nothing more. */
bool client_is_closed(struct wire *client);

#define EXPECT(client, begins)                                                                               \
    do {                                                                                                     \
        const char *reply_got = client_reply(client);                                                        \
        if (strncmp(reply_got, begins, strlen(begins)) != 0)                                                 \
            fail_msg("expected %s, got %s", begins, reply_got);                                              \
    } while (0)

#define ASK(client, command, begins)                                                                         \
    do {                                                                                                     \
        wire_say(client, command "\r\n");                                                                    \
        EXPECT(client, begins);                                                                              \
    } while (0)

#define WAIT_CLOSED(client)                                                                                  \
    do {                                                                                                     \
        WAIT((client)->engine, (client)->ended);                                                             \
        if (!client_is_closed(client))                                                                       \
            fail_msg("said before closing: %s", client_reply(client));                                       \
    } while (0)

/* A small mail from a greeted client to one recipient, delivered. */
void client_deliver(struct wire *client, const char *recipient);

/* X(name): what the client has reached. ASKED: the server of one.test owes the answer. */
#define STEPS(X)                                                                                             \
    X(CONNECTED)                                                                                             \
    X(GREETED)                                                                                               \
    X(HELLO)                                                                                                 \
    X(LOGIN) /* amid AUTH */                                                                                 \
    X(HALF_COMMAND)                                                                                          \
    X(MAIL)                                                                                                  \
    X(RCPT_ASKED)                                                                                            \
    X(RCPT)                                                                                                  \
    X(DATA_ASKED)                                                                                            \
    X(DATA)                                                                                                  \
    X(HALF_CONTENT)                                                                                          \
    X(END_ASKED)                                                                                             \
    X(DELIVERED)

enum step {
#define X(name) STEP_##name,
    STEPS(X)
#undef X
        STEP_COUNT
};

extern const char *const step_names[STEP_COUNT];

/* Does what leads from one step to another; mx[0] is silent where the step wants it. */
void client_walk(struct wire *client, enum step from, enum step to);

#endif
