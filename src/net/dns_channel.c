/* SPDX-License-Identifier: MIT */
/*
 * c-ares hangs on the loop by its sockets (one uv_poll each, made and closed as c-ares says) and by one
 * timer that runs only while questions are open: with none, the loop has nothing to wake up for.
 *
 * When it gets no memory, c-ares may keep a question for ever, or use a connection that it has freed. So its memory comes
 * through here, and a channel that once got none is destroyed, which needs none, before c-ares is called again: all its
 * questions have failed then.
 */

#include "dns_channel.h"

#include <stdlib.h>
#include <string.h>

#include "core/span.h"
#include "owner_of.h"

/*
 * Of the first try of each server; c-ares doubles it with each further one. When a server has answered a few questions, c-ares takes
 * five times what that took, and that may be as little as 250 ms: enough for a name that the server remembers, and not for one that it has
 * to look for. How long such a name may take is up to the number of tries.
 */
#define DNS_TIMEOUT_MS 1500
#define DNS_TIMEOUT_MAX_MS 2000
#define DNS_QUERIES_PER_PORT 64 /* then another source port: they must not be guessed */

/* ---------------------------------------------------------------- memory */

/* The call of c-ares that was made last on this thread has been refused memory. */
static _Thread_local bool starved;

static void *allocate(size_t size)
{
    void *bytes = malloc(size);
    starved = starved || !bytes;
    return bytes;
}

static void *reallocate(void *old, size_t size)
{
    void *bytes = realloc(old, size);
    starved = starved || (!bytes && size > 0);
    return bytes;
}

/* ---------------------------------------------------------------- sockets and timer */

struct dns_socket {
    uv_poll_t poll;
    struct dns_channel *channel;
    ares_socket_t descriptor;
    struct dns_socket *next;
};

static void handle_closed(struct dns_channel *c)
{
    if (--c->open_handles == 0 && c->closing)
        c->closed(c);
}

static void on_timer(uv_timer_t *timer);

/* After every call of c-ares. It says when it wants to be called again, or that nothing is open. */
static void go_on(struct dns_channel *c)
{
    if (starved) {
        ares_destroy(c->ares);
        c->ares = NULL;
    }
    struct timeval wait, *next = c->ares ? ares_timeout(c->ares, NULL, &wait) : NULL;
    if (next)
        uv_timer_start(&c->timer, on_timer,
                       (uint64_t)next->tv_sec * 1000 + (uint64_t)next->tv_usec / 1000 + 1, 0);
    else
        uv_timer_stop(&c->timer);
}

static void on_timer(uv_timer_t *timer)
{
    struct dns_channel *c = OWNER_OF(timer, struct dns_channel, timer);
    starved = false;
    ares_process_fds(c->ares, NULL, 0, ARES_PROCESS_FLAG_NONE);
    go_on(c);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct dns_socket *s = OWNER_OF(poll, struct dns_socket, poll);
    struct dns_channel *c = s->channel;
    ares_fd_events_t happened = {.fd = s->descriptor, .events = 0};
    if (status < 0 || (events & UV_READABLE)) /* on an error c-ares learns more by reading */
        happened.events |= ARES_FD_EVENT_READ;
    if (events & UV_WRITABLE)
        happened.events |= ARES_FD_EVENT_WRITE;
    starved = false;
    ares_process_fds(c->ares, &happened, 1, ARES_PROCESS_FLAG_NONE);
    go_on(c);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct dns_socket *s = OWNER_OF(handle, struct dns_socket, poll);
    struct dns_channel *c = s->channel;
    free(s);
    handle_closed(c);
}

static struct dns_socket **find_socket(struct dns_channel *c, ares_socket_t descriptor)
{
    struct dns_socket **link = &c->sockets;
    while (*link && (*link)->descriptor != descriptor)
        link = &(*link)->next;
    return link;
}

/* A socket that is not watched is of no use: as if its memory had been short as well. */
static struct dns_socket *add_socket(struct dns_channel *c, ares_socket_t descriptor)
{
    struct dns_socket *s = allocate(sizeof *s);
    if (!s)
        return NULL;
    *s = (struct dns_socket){.channel = c, .descriptor = descriptor, .next = c->sockets};
    if (uv_poll_init_socket(c->loop, &s->poll, descriptor) != 0) {
        free(s);
        starved = true;
        return NULL;
    }
    c->open_handles++;
    c->sockets = s;
    return s;
}

static void on_socket_state(void *context, ares_socket_t descriptor, int readable, int writable)
{
    struct dns_channel *c = context;
    struct dns_socket **link = find_socket(c, descriptor), *s = *link;
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (events) {
        if (!s)
            s = add_socket(c, descriptor);
        if (s)
            (void)uv_poll_start(&s->poll, events, on_poll); /* fails only when closing */
    } else if (s) {
        *link = s->next;
        uv_close((uv_handle_t *)&s->poll, on_poll_closed);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(OWNER_OF(handle, struct dns_channel, timer));
}

/* ---------------------------------------------------------------- open and close */

static int begin(struct dns_channel *c)
{
    struct ares_options options = {
        .flags = (c->plain ? 0 : ARES_FLAG_EDNS) | ARES_FLAG_STAYOPEN,
        .timeout = DNS_TIMEOUT_MS,
        .maxtimeout = DNS_TIMEOUT_MAX_MS,
        .tries = c->tries,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = c,
        .qcache_max_ttl = 0,
        .udp_max_queries = DNS_QUERIES_PER_PORT,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_UDP_MAX_QUERIES | ARES_OPT_TIMEOUTMS | ARES_OPT_MAXTIMEOUTMS |
               ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_QUERY_CACHE;
    int error = ares_init_options(&c->ares, &options, mask);
    if (error != ARES_SUCCESS) {
        c->ares = NULL;
        return UV_ENOMEM;
    }
    error = ares_set_servers_ports_csv(c->ares, c->servers);
    if (error == ARES_SUCCESS)
        return 0;
    ares_destroy(c->ares);
    c->ares = NULL;
    return error == ARES_ENOMEM ? UV_ENOMEM : UV_EINVAL;
}

int dns_channel_open(struct dns_channel *c, uv_loop_t *loop, const char *servers, int tries, bool plain)
{
    *c = (struct dns_channel){.loop = loop, .tries = tries, .plain = plain};
    /* Windows needs it (Winsock). Counted, and never taken back: a worker may still be reading servers. */
    if (ares_library_init_mem(ARES_LIB_INIT_ALL, allocate, free, reallocate) != ARES_SUCCESS)
        return UV_ENOSYS;
    if (!span_copy(span_of(servers), c->servers, sizeof c->servers))
        return UV_EINVAL;
    int error = begin(c);
    if (error)
        return error;
    uv_timer_init(loop, &c->timer);
    c->open_handles = 1;
    return 0;
}

bool dns_channel_set_servers(struct dns_channel *c, const char *servers, bool plain)
{
    if (!span_copy(span_of(servers), c->servers, sizeof c->servers))
        return false;
    if (plain != c->plain) {
        ares_destroy(c->ares);
        c->ares = NULL;
    }
    c->plain = plain;
    starved = false;
    bool set = c->ares && ares_set_servers_ports_csv(c->ares, servers) == ARES_SUCCESS;
    go_on(c);
    return set || (!c->ares && begin(c) == 0);
}

void dns_channel_ask(struct dns_channel *c, const char *name, ares_dns_rec_type_t type,
                     ares_callback_dnsrec answer, void *context)
{
    starved = false;
    if (!c->ares && begin(c) != 0) {
        answer(context, ARES_ENOMEM, 0, NULL);
        return;
    }
    /* An error is also given to the callback: the return value says nothing new. */
    (void)ares_query_dnsrec(c->ares, name, ARES_CLASS_IN, type, answer, context, NULL);
    go_on(c);
}

void dns_channel_close(struct dns_channel *c, void (*closed)(struct dns_channel *channel))
{
    c->closing = true;
    c->closed = closed;
    ares_destroy(c->ares); /* answers what is open, closes the sockets */
    c->ares = NULL;
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

void dns_channel_system_servers(char *servers, size_t size)
{
    ares_channel_t *channel;
    struct ares_options none = {.flags = 0};
    servers[0] = '\0';
    if (ares_init_options(&channel, &none, 0) != ARES_SUCCESS)
        return;
    char *list = ares_get_servers_csv(channel);
    if (list && !span_copy(span_of(list), servers, size)) {
        char *last_comma = strrchr(servers, ','); /* the last one was cut */
        if (last_comma)
            *last_comma = '\0';
    }
    ares_free_string(list);
    ares_destroy(channel);
}
