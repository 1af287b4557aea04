/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_INBOUND_H
#define TRAYPOST_NET_INBOUND_H

/*
 * One session with a client: a peer, the receiving machine, and the mail that is being sent. It turns the
 * machine's events into calls on the transaction, and the transaction's answers into replies.
 */

#include "core/outcome.h"
#include "later.h"
#include "peer.h"
#include "smtp/server.h"

struct program;
struct relay;
struct transaction;

struct inbound {
    struct relay *relay;
    struct peer peer;
    struct smtp_server server;
    struct buf unread;          /* came while an answer was awaited, or while the mail's window was full */
    size_t unread_memory_bytes; /* as counted in relay->content_bytes */
    struct transaction *transaction;
    struct resend_receipt *receipt; /* of the last mail, while nothing has been heard since */
    struct program *program;
    struct ip_port client;
    bool this_machine;   /* the client is, by whatever address */
    uint64_t heard_ms;   /* when something came last */
    uint64_t timed_line; /* 0, or the time-out runs from the beginning of this line (smtp_line_begun) */
    bool pumping;        /* inbound_pump() is on the stack */
    bool pump_again;
    bool waits_for_network; /* the answer to MAIL hangs on a check */
    bool client_done;       /* EOF was read: what came before it still counts */
    bool parting;           /* the last reply is said: send it, then close */
    struct later_task burial;
    struct inbound *next, *previous; /* in relay->inbounds */
};

/* Takes the connection that waits at the listener. False when there is no memory: it still waits. */
bool inbound_accept(struct relay *relay, uv_stream_t *listener);

/* The check that MAIL waited for has ended. */
void inbound_network_checked(struct inbound *i, bool connected);

/* 421 and close. With a mail under way that is given up, unless its content is complete. */
void inbound_shut(struct inbound *i, const char *why);

/* Stopping: a session without a mail ends now, the others when their mail has its answer. */
void inbound_retire(struct inbound *i);

/* At once, without a word. */
void inbound_cut(struct inbound *i);

#endif
