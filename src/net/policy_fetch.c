/* SPDX-License-Identifier: MIT */
/*
 * Addresses -> connection -> TLS -> certificate -> request -> file. What fails before the request leads to the next address; from
 * the request on there is one answer. Every failure closes the connection, and what comes next is done when it is closed.
 */

#include "policy_fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "owner_of.h"
#include "peer.h"
#include "relay_state.h"
#include "resolver.h"
#include "smtp/policy_reply.h"
#include "trust.h"

#define ADDRESSES_TRIED_MAX 3

struct policy_fetch {
    struct relay *relay;
    policy_fetch_done done; /* NULL: told already, or nobody waits */
    void *context;
    char host[264]; /* mta-sts.DOMAIN */
    struct ip addresses[ADDRESSES_TRIED_MAX];
    size_t address_count, address_index;
    struct resolver_request *query;
    struct trust_check *trust;
    struct peer peer;
    bool asked; /* the request is out: no other address */
    struct buf in, out;
    char trouble[120];
    struct later_task burial;
};

static const struct peer_owner owner;

/* ---------------------------------------------------------------- the end */

static void bury(struct later_task *task)
{
    struct policy_fetch *f = OWNER_OF(task, struct policy_fetch, burial);
    struct relay *relay = f->relay;
    buf_clear(&f->in);
    buf_clear(&f->out);
    free(f);
    relay_part_closed(relay);
}

static void report(struct policy_fetch *f, const struct smtp_policy *policy)
{
    policy_fetch_done done = f->done;
    f->done = NULL;
    if (done)
        done(f->context, policy, f->trouble);
}

/* With the connection closed, or without one. */
static void end(struct policy_fetch *f)
{
    report(f, NULL); /* unless it was told */
    later_post(&f->relay->later, &f->burial, bury);
}

static void let_go(struct policy_fetch *f)
{
    trust_drop(f->trust);
    f->trust = NULL;
    peer_close(&f->peer);
}

static void fail(struct policy_fetch *f, const char *trouble)
{
    span_copy(span_of(trouble), f->trouble, sizeof f->trouble);
    let_go(f);
}

/* ---------------------------------------------------------------- the file */

static void read_file(struct policy_fetch *f, bool ended)
{
    struct buf file;
    struct smtp_policy policy;
    buf_init(&file, SMTP_POLICY_FILE_MAX);
    enum smtp_policy_reply reply = smtp_policy_reply_read(buf_span(&f->in), ended, &file);
    if (reply == SMTP_POLICY_REPLY_OK) {
        enum smtp_policy_status status = smtp_policy_parse(buf_span(&file), &policy);
        if (status == SMTP_POLICY_OK)
            report(f, &policy);
        else
            snprintf(f->trouble, sizeof f->trouble, "the policy cannot be read (%s)",
                     smtp_policy_status_name(status));
        let_go(f);
    } else if (reply != SMTP_POLICY_REPLY_MORE) {
        fail(f, smtp_policy_reply_name(reply));
    }
    buf_clear(&file);
}

static void on_read(struct peer *peer, struct span bytes)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    if (!buf_append_span(&f->in, bytes))
        fail(f, smtp_policy_reply_name(SMTP_POLICY_REPLY_TOO_LONG));
    else
        read_file(f, false);
}

/* A file that only the end of the connection ends is whole if the server itself has said so (RFC 9112 section 9.8): who cuts it
 * off within max_age would have us forget all too soon. */
static void on_ended(struct peer *peer, int status)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    if (status == UV_EOF && f->asked && peer->parted)
        read_file(f, true);
    else
        fail(f, status == UV_EOF ? "the web server closed the connection" : uv_strerror(status));
}

/* ---------------------------------------------------------------- asking */

static void ask(struct policy_fetch *f)
{
    f->asked = true;
    smtp_policy_request(f->host + sizeof "mta-sts." - 1, &f->out);
    peer_send(&f->peer, &f->out);
}

static void on_judged(void *context, const char *trouble)
{
    struct policy_fetch *f = context;
    f->trust = NULL;
    if (trouble)
        fail(f, trouble);
    else
        ask(f);
}

static void on_secured(struct peer *peer, const char *trouble)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    if (trouble) {
        fail(f, trouble);
        return;
    }
    f->trust = trust_begin(f->relay, peer, f->host, on_judged, f);
    if (!f->trust)
        fail(f, uv_strerror(UV_ENOMEM));
}

static void on_connected(struct peer *peer, int status)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    int error = status < 0 ? status : peer_start_reading(peer);
    struct tls *tls = error ? NULL : tls_new(f->relay->tls_setup, f->host, span_of(""));
    if (!tls) {
        fail(f, uv_strerror(error ? error : UV_ENOMEM));
        return;
    }
    peer_set_timeout(peer, f->relay->timeouts.policy_ms);
    peer_start_tls(peer, tls);
}

static void on_sent(struct peer *peer)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    peer_send(peer, &f->out);
}

/* Who took the connection and is silent then has had all the time that a mail can wait for this. */
static void on_timed_out(struct peer *peer)
{
    struct policy_fetch *f = OWNER_OF(peer, struct policy_fetch, peer);
    if (peer_rests(peer))
        return;
    if (peer->tls)
        f->address_index = f->address_count;
    fail(f, "the web server did not answer in time");
}

/* ---------------------------------------------------------------- addresses */

static void try_next_address(struct policy_fetch *f)
{
    while (f->done && !f->asked && f->address_index < f->address_count) {
        struct ip_port to = {f->addresses[f->address_index++], f->relay->policy_port};
        int error = peer_init(&f->peer, f->relay->loop, f->relay->read_buffer, &owner);
        if (!error) {
            error = peer_connect(&f->peer, &to);
            if (error)
                fail(f, uv_strerror(error)); /* goes on when closed */
            else
                peer_set_timeout(&f->peer, f->relay->timeouts.policy_connect_ms);
            return;
        }
        span_copy(span_of(uv_strerror(error)), f->trouble, sizeof f->trouble);
    }
    end(f);
}

static void on_closed(struct peer *peer)
{
    try_next_address(OWNER_OF(peer, struct policy_fetch, peer));
}

static const struct peer_owner owner = {
    .connected = on_connected,
    .read = on_read,
    .ended = on_ended,
    .secured = on_secured,
    .sent = on_sent,
    .timed_out = on_timed_out,
    .closed = on_closed,
};

static void on_addresses(struct resolver_request *request, void *context)
{
    struct policy_fetch *f = context;
    f->query = NULL;
    for (size_t i = 0; i < request->address_count && f->address_count < ADDRESSES_TRIED_MAX; i++)
        if (!relay_is_led_home(f->relay, &request->addresses[i]))
            f->addresses[f->address_count++] = request->addresses[i];
    span_copy(SPAN("the web server has no address"), f->trouble, sizeof f->trouble);
    try_next_address(f);
}

/* ---------------------------------------------------------------- begin and drop */

struct policy_fetch *policy_fetch_begin(struct relay *relay, const char *domain, policy_fetch_done done,
                                        void *context)
{
    struct policy_fetch *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->relay = relay;
    f->done = done;
    f->context = context;
    buf_init(&f->in, SMTP_POLICY_HEAD_MAX + 2 * SMTP_POLICY_FILE_MAX);
    buf_init(&f->out, PEER_READ_SIZE);
    snprintf(f->host, sizeof f->host, "mta-sts.%s", domain);
    f->query = resolver_ask_addresses(&relay->resolver, f->host, on_addresses, f);
    if (!f->query) {
        free(f);
        return NULL;
    }
    relay->open_parts++;
    return f;
}

void policy_fetch_drop(struct policy_fetch *f)
{
    if (!f)
        return;
    f->done = NULL;
    if (!f->query) {
        let_go(f);
        return;
    }
    resolver_drop(f->query);
    f->query = NULL;
    end(f);
}
