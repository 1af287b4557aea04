/* SPDX-License-Identifier: MIT */
/* The session's mail: what the machine's events ask of the transaction, and what comes back. */

#include "inbound_parts.h"

#include "relay_state.h"
#include "resend.h"
#include "transaction.h"

void inbound_leave_transaction(struct inbound *i)
{
    struct transaction *t = i->transaction;
    i->transaction = NULL;
    i->waits_for_network = false;
    if (t)
        transaction_leave(t);
}

/* ---------------------------------------------------------------- answers */

/* Answers the question that has been open longest. */
static void answer(void *client, const struct outcome *outcome)
{
    struct inbound *i = client;
    if (i->peer.closing)
        return;
    smtp_server_answer(&i->server, outcome);
    inbound_pump(i);
}

void inbound_close_receipt(struct inbound *i, bool orderly)
{
    resend_receipt_close(i->relay, i->receipt, orderly);
    i->receipt = NULL;
}

static void mail_done(void *client, const struct outcome *verdict)
{
    struct inbound *i = client;
    inbound_close_receipt(i, true);
    if (verdict->kind == OUTCOME_ACCEPTED && !i->client_done)
        i->receipt = resend_receipt_new(i->transaction);
    i->transaction = NULL;
    answer(i, verdict);
}

static void discard(void *client)
{
    struct inbound *i = client;
    if (i->server.discarding)
        return;
    smtp_server_discard(&i->server);
    inbound_pump(i);
}

static void resume(void *client)
{
    struct inbound *i = client;
    if (i->unread.length > 0 || !i->peer.reading)
        inbound_pump(i);
}

/* Who has said its last may still read, but most who close so have given up. */
static bool listens(void *client)
{
    const struct inbound *i = client;
    return !i->client_done;
}

static void shut(void *client, const char *why)
{
    inbound_shut(client, why);
}

static const struct transaction_client session = {
    .answer = answer,
    .done = mail_done,
    .discard = discard,
    .resume = resume,
    .listens = listens,
    .shut = shut,
};

/* ---------------------------------------------------------------- events of the machine */

static void refuse_mail(struct inbound *i, enum outcome_fault fault)
{
    struct outcome why = outcome_from_fault(fault, NULL);
    smtp_server_answer(&i->server, &why);
}

static void accept_mail(struct inbound *i)
{
    struct outcome why, yes = {.kind = OUTCOME_ACCEPTED, .code = 250};
    if (!route_has_name(&i->server.command.u.mail.reverse_path, &why)) {
        smtp_server_answer(&i->server, &why);
        return;
    }
    struct smtp_trace_origin origin = {
        .peer = i->client.ip,
        .extended = i->server.extended,
        .authenticated = i->server.authenticated,
        .smtputf8 = i->server.command.u.mail.smtputf8,
    };
    if (i->this_machine && !ip_is_loopback(&i->client.ip))
        origin.peer = (struct ip){.family = IP_NONE}; /* our own address in the LAN is nobody's business */
    i->transaction = transaction_new(i->relay, &session, i, &i->server.command.u.mail, &origin, i->program);
    if (i->transaction)
        smtp_server_answer(&i->server, &yes);
    else
        refuse_mail(i, OUTCOME_FAULT_NO_MEMORY);
}

/* With the internet there, the look-up at RCPT is the check; without it, look again first. */
static void on_mail(struct inbound *i)
{
    if (i->relay->netwatch.connected && !i->relay->netwatch.checking) {
        accept_mail(i);
        return;
    }
    i->waits_for_network = true;
    netwatch_check(&i->relay->netwatch, false);
}

void inbound_network_checked(struct inbound *i, bool connected)
{
    if (!i->waits_for_network || i->peer.closing)
        return;
    i->waits_for_network = false;
    if (connected)
        accept_mail(i);
    else
        refuse_mail(i, OUTCOME_FAULT_NO_INTERNET);
    inbound_pump(i);
}

static void on_content(struct inbound *i)
{
    transaction_write(i->transaction, i->server.content);
    if (i->server.decoder.nul_seen)
        transaction_spoil(i->transaction, OUTCOME_FAULT_NUL_IN_CONTENT);
}

static void on_foreign(struct inbound *i)
{
    struct event e = {.kind = EVENT_HTTP_REFUSED};
    ip_port_format(&i->client, e.detail);
    program_add_event(&i->relay->programs, i->program, &e);
    inbound_cut(i);
}

void inbound_part(struct inbound *i)
{
    i->parting = true;
    inbound_leave_transaction(i);
}

void inbound_act_on(struct inbound *i, enum smtp_server_event event)
{
    switch (event) {
    case SMTP_SERVER_MAIL:
        on_mail(i);
        return;
    case SMTP_SERVER_RCPT:
        transaction_add(i->transaction, &i->server.command.u.rcpt);
        return;
    case SMTP_SERVER_DATA:
        transaction_begin(i->transaction,
                          i->server.question == SMTP_SERVER_ASKED_BDAT && i->server.chunk_last);
        return;
    case SMTP_SERVER_CONTENT:
        on_content(i);
        return;
    case SMTP_SERVER_END:
        transaction_end(i->transaction);
        return;
    case SMTP_SERVER_RESET:
        inbound_leave_transaction(i);
        return;
    case SMTP_SERVER_CLOSE:
        if (!i->parting) /* by QUIT: who has said it ahead does not try again for want of an answer */
            inbound_close_receipt(i, true);
        inbound_part(i);
        return;
    case SMTP_SERVER_FOREIGN:
        on_foreign(i);
        return;
    case SMTP_SERVER_MORE:
    case SMTP_SERVER_WAIT:
        return;
    }
}
