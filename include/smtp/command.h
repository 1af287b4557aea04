/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_COMMAND_H
#define TRAYPOST_SMTP_COMMAND_H

/*
 * One command line as a value. What is right in which state is the server's matter (server.h); here
 * only syntax is judged: RFC 5321 section 4.1.1, SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531),
 * BDAT (RFC 3030), DSN parameters (RFC 3461), AUTH (RFC 4954).
 */

#include "smtp/address.h"

enum smtp_verb {
    SMTP_VERB_UNKNOWN,
    SMTP_VERB_HELO,
    SMTP_VERB_EHLO,
    SMTP_VERB_MAIL,
    SMTP_VERB_RCPT,
    SMTP_VERB_DATA,
    SMTP_VERB_BDAT,
    SMTP_VERB_RSET,
    SMTP_VERB_NOOP,
    SMTP_VERB_QUIT,
    SMTP_VERB_VRFY,
    SMTP_VERB_EXPN,
    SMTP_VERB_HELP,
    SMTP_VERB_AUTH,
    SMTP_VERB_STARTTLS,
    SMTP_VERB_FOREIGN, /* HTTP or TLS on this port: the session must end */
};

enum smtp_body { SMTP_BODY_UNSTATED, SMTP_BODY_7BIT, SMTP_BODY_8BITMIME };
enum smtp_ret { SMTP_RET_UNSTATED, SMTP_RET_FULL, SMTP_RET_HDRS };

/* Bits; 0 = not stated. */
enum smtp_notify {
    SMTP_NOTIFY_NEVER = 1,
    SMTP_NOTIFY_SUCCESS = 2,
    SMTP_NOTIFY_FAILURE = 4,
    SMTP_NOTIFY_DELAY = 8,
};

#define SMTP_CHUNK_MAX INT32_MAX /* octets in one BDAT; ours: more is a mistake or an attack */
#define SMTP_ENVID_MAX 100       /* RFC 3461 section 4.4 */
#define SMTP_ORCPT_MAX 500       /* RFC 3461 section 4.2 */

/* MAIL FROM. */
struct smtp_mail {
    struct smtp_address reverse_path;
    bool has_size;
    uint64_t size_bytes; /* as declared */
    enum smtp_body body;
    bool smtputf8;
    enum smtp_ret ret;
    char envid[SMTP_ENVID_MAX + 1]; /* still xtext, never decoded; "" = none */
};

/* RCPT TO. */
struct smtp_rcpt {
    struct smtp_address forward_path;
    unsigned notify;                /* enum smtp_notify bits */
    char orcpt[SMTP_ORCPT_MAX + 1]; /* "type;xtext", never decoded; "" = none; UTF-8 only with SMTPUTF8 */
};

struct smtp_command {
    enum smtp_verb verb;
    struct span argument; /* what follows the verb, trimmed; points into the line */
    union {
        struct smtp_mail mail;
        struct smtp_rcpt rcpt;
        struct {
            uint64_t size_bytes;
            bool last;
        } bdat;
    } u;
};

enum smtp_command_status {
    SMTP_COMMAND_OK,
    SMTP_COMMAND_SYNTAX,     /* 501 5.5.4; also for a parameter given twice */
    SMTP_COMMAND_BAD_OCTET,  /* 501 (500 without a verb) 5.5.2: NUL, bare CR, control characters, no UTF-8 */
    SMTP_COMMAND_BAD_SENDER, /* 501 5.1.7 */
    SMTP_COMMAND_BAD_RECIPIENT, /* 501 5.1.3 */
    SMTP_COMMAND_NEEDS_UTF8,    /* 553 5.6.7: an 8-bit local part without SMTPUTF8 */
    SMTP_COMMAND_PARAMETER,     /* 555 5.5.4: a parameter we do not know */
    SMTP_COMMAND_BDAT_SIZE,     /* 501 5.5.4: not a number, or absurd; where the chunk ends cannot be known */
};

/*
 * Parses `line` (without its end). The verb is set whatever the status. `smtputf8` says whether the
 * current transaction declared SMTPUTF8: a forward-path may then have an 8-bit local part. An 8-bit domain may be
 * there always: it has another name in ASCII, so nobody further on needs to know of SMTPUTF8. A local part has
 * not, and without SMTPUTF8 nothing says that its octets are UTF-8 at all.
 */
enum smtp_command_status smtp_command_parse(struct span line, bool smtputf8, struct smtp_command *command);

const char *smtp_verb_name(enum smtp_verb verb);

#endif
