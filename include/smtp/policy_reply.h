/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_POLICY_REPLY_H
#define TRAYPOST_SMTP_POLICY_REPLY_H

/*
 * The web server's side of fetching a policy (RFC 8461 section 3.3): as much of HTTP/1.1 (RFC 9112) as one GET of one small file
 * needs. Redirects are not followed, no cookie, cache or encoding is understood.
 */

#include "core/buf.h"

#define SMTP_POLICY_HEAD_MAX (16 * 1024) /* status line and header fields */

enum smtp_policy_reply {
    SMTP_POLICY_REPLY_OK,      /* *file is the whole file */
    SMTP_POLICY_REPLY_MORE,    /* more must come */
    SMTP_POLICY_REPLY_REFUSED, /* the server is well, but there is no such file, or it is elsewhere */
    SMTP_POLICY_REPLY_NO_TEXT, /* a file, but of another kind: perhaps from a user of that server */
    SMTP_POLICY_REPLY_SYNTAX,  /* no HTTP/1.x, or cut short */
    SMTP_POLICY_REPLY_TOO_LONG,
};

/* Appends the request for the policy of `domain`. */
void smtp_policy_request(const char *domain, struct buf *out);

/*
 * Everything that has come so far; `ended` when nothing more will. *file is cleared first and may hold anything unless
 * OK; its ceiling is SMTP_POLICY_FILE_MAX.
 */
enum smtp_policy_reply smtp_policy_reply_read(struct span bytes, bool ended, struct buf *file);
const char *smtp_policy_reply_name(enum smtp_policy_reply reply);

#endif
