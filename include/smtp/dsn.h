/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_DSN_H
#define TRAYPOST_SMTP_DSN_H

/*
 * Delivery status notifications: whether one is due (RFC 3461), and the report itself (RFC 3464, in the
 * multipart/report of RFC 6522): a text for people, in their language and in English; the same for programs; and the
 * header section of the mail it is about.
 *
 * The whole mail is never returned, also when RET=FULL asks for it: it streamed through and is gone. RFC 3464
 * section 2 allows to return a portion; RET=HDRS and no RET at all get just that portion.
 *
 * Much in a report comes from strangers: the other server's words, the client's addresses, ENVID, ORCPT and header
 * section. None of it can end the line or the part it stands in. The report is pure ASCII and needs neither 8BITMIME
 * nor SMTPUTF8, unless the very address it goes to is internationalised (smtp_dsn_needs_utf8()); other such
 * addresses are written in the 7-bit form of RFC 6533.
 *
 * A report is sent with the null reverse-path, to the reverse-path of the mail; it is made of what the client
 * said, and so it may be sent only to the client's own sender, once.
 */

#include "core/buf.h"
#include "core/outcome.h"
#include "smtp/command.h"

/* Of the header section that is returned: this much at most, cut at a line's end. */
#define SMTP_DSN_HEADERS_MAX (16 * 1024)

enum smtp_dsn_action {
    SMTP_DSN_NONE,      /* no report is due */
    SMTP_DSN_FAILED,    /* will not be delivered */
    SMTP_DSN_DELAYED,   /* not yet; tries go on */
    SMTP_DSN_DELIVERED, /* into the mailbox: never ours to say, we hand on */
    SMTP_DSN_RELAYED,   /* handed to a server that will send no report of success (RFC 3461 section 5.2.2) */
};

/*
 * What the sender is to be told of a recipient. `notify` are his NOTIFY bits, 0 when he has none: then failures are
 * reported, successes not. `server_has_dsn`: his server has taken NOTIFY over, and will report success itself.
 */
enum smtp_dsn_action smtp_dsn_due(enum outcome_kind kind, unsigned notify, bool server_has_dsn);

struct smtp_dsn_recipient {
    const struct smtp_rcpt *rcpt;
    const struct outcome *outcome;
    enum smtp_dsn_action action;
    const char *last_attempt; /* as smtp_trace_format_date() writes it; "" leaves the field out */
};

/* All pointers are the caller's, and only looked at. Texts are UTF-8 with LF between lines. */
struct smtp_dsn {
    const struct smtp_mail *mail; /* the mail it is about */
    const char *hostname;         /* our EHLO name: Reporting-MTA, and the domain of From: */
    const char *date, *arrival_date;
    const char *message_id; /* with its angle brackets */
    uint64_t random;        /* makes the boundary */
    const char *subject;
    const char *text;    /* for people: in their language */
    const char *english; /* the same in English; NULL when that is their language */
    const struct smtp_dsn_recipient *recipients;
    size_t recipient_count;
    struct span
        headers; /* the beginning of the mail's content, of which the header section is taken; may be empty */
};

/*
 * Appends an internationalised address, or the value of ORCPT that has one, in its 7-bit form: what is not ASCII as
 * \x{HEX} (utf-8-addr-xtext, RFC 6533 section 3). It must be UTF-8. What is such a form already stays as it is.
 */
void smtp_dsn_put_7bit(struct buf *out, struct span utf8_address);

/* The report must be sent with SMTPUTF8. */
bool smtp_dsn_needs_utf8(const struct smtp_mail *mail);

/*
 * Appends the whole report, header section and body, lines with CRLF, dots not doubled. False when `out` has failed,
 * or when there must be no report: the mail itself had the null reverse-path (RFC 5321 section 4.5.5), or no
 * recipient has an action.
 */
bool smtp_dsn_write(const struct smtp_dsn *d, struct buf *out);

#endif
