/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_SMTP_DATA_H
#define TRAYPOST_SMTP_DATA_H

/*
 * Mail content between wire and memory (RFC 5321 section 4.5.2, RFC 3030).
 *
 * In memory all lines end with CRLF and no dot is doubled. Inwards, a bare CR or LF becomes CRLF, and
 * only CRLF.CRLF ends DATA: a dot behind a bare CR or LF is content, whatever follows it. Outwards,
 * every content line that begins with a dot gets a second one. So no byte a client can send makes an
 * end of data for the next server that was not one for us: SMTP smuggling has no way through.
 */

#include "core/buf.h"

/* Named for the octets seen last. */
enum smtp_data_state {
    SMTP_DATA_LINE_START,     /* CR LF */
    SMTP_DATA_LINE_START_DOT, /* CR LF "." */
    SMTP_DATA_LINE_START_DOT_CR,
    SMTP_DATA_IN_LINE,
    SMTP_DATA_CR,
};

struct smtp_data_decoder {
    enum smtp_data_state state;
    bool dots;     /* DATA: undo doubled dots and find the end; false: BDAT, the owner counts */
    bool nul_seen; /* NUL passed: RFC 5321 section 2.3.8 forbids it, the owner refuses the mail */
};

enum smtp_data_status {
    SMTP_DATA_MORE,  /* the input is used up */
    SMTP_DATA_PIECE, /* *piece is content; call again */
    SMTP_DATA_END,   /* the final CRLF.CRLF is behind us; *input stands right after it */
};

void smtp_data_decoder_init(struct smtp_data_decoder *d, bool dots);

/* Advances *input; pieces point into it or at constants, and never split a CRLF. */
enum smtp_data_status smtp_data_decode(struct smtp_data_decoder *d, struct span *input, struct span *piece);

/* For BDAT, after the last chunk: what a CR at the very end still owes ("\r\n" or nothing). */
struct span smtp_data_decode_end(struct smtp_data_decoder *d);

struct smtp_data_encoder {
    bool in_line; /* the last octet was not a line end */
};

void smtp_data_encoder_init(struct smtp_data_encoder *e);

/* Appends the content with dots doubled. `content` must not split a CRLF. */
void smtp_data_encode(struct smtp_data_encoder *e, struct span content, struct buf *out);

/* Appends the end of data: a CRLF if the content lacked its last one, then ".\r\n". */
void smtp_data_encode_end(struct smtp_data_encoder *e, struct buf *out);

#endif
