/* SPDX-License-Identifier: MIT */
/* The question is copied, since the connection may be gone before the answer is there. */

#include "trust.h"

#include <stdlib.h>
#include <string.h>

#include "owner_of.h"
#include "platform.h"
#include "relay_state.h"

struct trust_check {
    struct relay *relay;
    struct peer *peer;
    trust_done done; /* NULL: nobody waits any more */
    void *context;
    uv_work_t work;
    struct span certificates[TLS_CERTIFICATES_MAX]; /* in `bytes` */
    size_t count;
    char host[256];
    enum platform_trust trust;
    char bytes[];
};

static const char *trouble_of(enum platform_trust trust)
{
    switch (trust) {
    case PLATFORM_TRUST_GOOD:
        return NULL;
    case PLATFORM_TRUST_UNKNOWN:
        return "nobody whom this computer trusts vouches for the server's certificate";
    case PLATFORM_TRUST_EXPIRED:
        return "the server's certificate has expired, or is not valid yet";
    case PLATFORM_TRUST_OTHER_NAME:
        return "the server's certificate is for another name";
    case PLATFORM_TRUST_REVOKED:
        return "the server's certificate was revoked";
    case PLATFORM_TRUST_FAILED:
        break;
    }
    return "the server's certificate cannot be judged";
}

static void judge(uv_work_t *work)
{
    struct trust_check *c = OWNER_OF(work, struct trust_check, work);
    c->trust = platform_judge_certificate(c->certificates, c->count, c->host);
}

static void conclude(struct trust_check *c, enum platform_trust trust)
{
    const char *trouble = trouble_of(trust);
    int error = trouble ? 0 : peer_start_reading(c->peer);
    c->done(c->context, error ? uv_strerror(error) : trouble);
}

static void on_judged(uv_work_t *work, int status)
{
    struct trust_check *c = OWNER_OF(work, struct trust_check, work);
    struct relay *relay = c->relay;
    if (c->done)
        conclude(c, status == 0 ? c->trust : PLATFORM_TRUST_FAILED);
    free(c);
    relay_part_closed(relay);
}

struct trust_check *trust_begin(struct relay *relay, struct peer *peer, const char *host, trust_done done,
                                void *context)
{
    struct span certificates[TLS_CERTIFICATES_MAX];
    size_t count = tls_certificates(peer->tls, certificates), size = 0;
    for (size_t i = 0; i < count; i++)
        size += certificates[i].length;
    struct trust_check *c = malloc(sizeof *c + size);
    if (!c)
        return NULL;
    *c = (struct trust_check){.relay = relay, .peer = peer, .done = done, .context = context, .count = count};
    span_copy(span_of(host), c->host, sizeof c->host);
    char *at = c->bytes;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, certificates[i].at, certificates[i].length);
        c->certificates[i] = span_make(at, certificates[i].length);
        at += certificates[i].length;
    }
    if (uv_queue_work(relay->loop, &c->work, judge, on_judged) != 0) {
        free(c);
        return NULL;
    }
    relay->open_parts++;
    peer_stop_reading(peer);
    return c;
}

void trust_drop(struct trust_check *check)
{
    if (check)
        check->done = NULL;
}
