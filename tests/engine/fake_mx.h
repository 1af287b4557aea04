/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_FAKE_MX_H
#define TRAYPOST_TESTS_FAKE_MX_H

/*
 * A mail exchanger that does as it is told. Without rules it takes every mail and keeps it. A rule gives
 * another reply to commands that begin in a certain way; the rule made last wins. Two steps are no commands
 * and have names of their own: "CONNECT" (the greeting) and "." (the end of the content). "BDAT" is a whole chunk, but the last.
 *
 * With `tls` set STARTTLS is offered and taken, and the rest of the session goes through a TLS server.
 *
 * A session that was made silent by a rule works on nothing until fake_mx_say() gives the reply that is owed.
 */

#include <uv.h>

#include "core/buf.h"
#include "tls_server.h"
#include "wire.h"

struct engine;

#define FAKE_MX_SILENT ""
#define FAKE_MX_CLOSES "(closes)"
#define FAKE_MX_BREAKS "(breaks)" /* RST */

#define FAKE_MX_SESSIONS_MAX 256
#define FAKE_MX_MAILS_MAX 64
#define FAKE_MX_RULES_MAX 16

struct fake_mx_mail {
    char recipients[256]; /* the lines of RCPT, each with a newline */
    struct buf content;   /* as in RFC 5322: dots undone, without the end */
};

struct fake_mx_session {
    struct fake_mx *mx;
    struct wire *wire;
    struct tls_server *tls; /* NULL: in clear */
    struct buf plain;       /* what has come through it */
    bool silent, in_data, in_chunk, chunk_last;
    uint64_t chunk_left;
    bool ended;     /* the relay has closed it */
    char owed[512]; /* the command whose reply is due */
    struct fake_mx_mail mail;
};

struct fake_mx_rule {
    char begins[128], reply[256];
    unsigned times; /* 0: always */
    bool used_up;
};

struct fake_mx {
    struct engine *engine;
    uv_tcp_t listener;
    bool listening;
    const char *abilities; /* of the reply to EHLO, "250-...\r\n" each */
    enum tls_server_kind tls;
    bool tls_mute;         /* 220 to STARTTLS, and then nothing at all */
    bool tls_hasty;        /* says "250 hello" as soon as the handshake is over */
    bool reads_no_content; /* new content is left with the system; fake_mx_read_on() */
    struct fake_mx_rule rules[FAKE_MX_RULES_MAX];
    size_t rule_count;
    struct fake_mx_session sessions[FAKE_MX_SESSIONS_MAX]; /* in the order in which they came */
    unsigned session_count;
    unsigned open_count, open_most; /* connections at once */
    struct fake_mx_mail mails[FAKE_MX_MAILS_MAX];
    unsigned mail_count;
    struct buf said; /* every command, each after a newline */
};

/* On the address given; port 0 takes any, and says which. 0 or a libuv error. */
int fake_mx_open(struct fake_mx *mx, struct engine *e, const char *address, unsigned *port);
void fake_mx_close(struct fake_mx *mx); /* the listener; its sessions stay */
void fake_mx_clear(struct fake_mx *mx); /* memory, when all is closed */

void fake_mx_rule(struct fake_mx *mx, const char *begins, const char *reply, unsigned times);

/* How many commands, on all sessions, began like this. */
unsigned fake_mx_heard(struct fake_mx *mx, const char *begins);

/* The reply a silent session owes; without its line end. */
void fake_mx_say(struct fake_mx_session *s, const char *reply);

/* This, as it is, whether it is due or not. */
void fake_mx_put(struct fake_mx_session *s, const char *text);
void fake_mx_read_on(struct fake_mx *mx);

/* Does the mail (its content so far, on this session) hold this text? */
bool fake_mx_has(struct buf *content, const char *text);

#endif
