/* SPDX-License-Identifier: MIT */
/* The platform, as far as src/net asks for it: a computer that knows nothing and never changes, but for its network. And TLS, which
 * is left out: no exchanger of the simulation offers it, so nobody may come here. */

#include "system.h"

#include <assert.h>
#include <stdio.h>

#include "platform.h"
#include "tls.h"
#include "world.h"

static struct platform_network_watch *watch;

void system_network_changes(void)
{
    if (watch)
        uv_async_send(&watch->handle.async);
}

static void on_change(uv_async_t *async)
{
    (void)async;
    watch->changed(watch);
}

int platform_watch_network(struct platform_network_watch *w, uv_loop_t *loop)
{
    watch = w;
    return uv_async_init(loop, &w->handle.async, on_change);
}

static void on_closed(uv_handle_t *handle)
{
    struct platform_network_watch *w = handle->data;
    w->closed(w);
}

void platform_watch_network_close(struct platform_network_watch *w)
{
    watch = NULL;
    w->handle.async.data = w;
    uv_close((uv_handle_t *)&w->handle.async, on_closed);
}

bool platform_descriptors_short(const uv_tcp_t *newest)
{
    (void)newest;
    return world_chance(world.failing, 5000);
}

void platform_release_memory(void)
{
}

void platform_keep_alive(const uv_tcp_t *tcp)
{
    (void)tcp; /* who dies here says so, or the time-outs tell */
}

int platform_utc_offset_min(int64_t time_s)
{
    (void)time_s;
    return 60;
}

void platform_locale(char *name, size_t size)
{
    snprintf(name, size, "%s", "cs-CZ");
}

void platform_find_processes(struct platform_connection *connections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        connections[i].process.pid = 1;
}

void platform_find_listener(const struct ip_port *address, struct platform_process *process)
{
    (void)address;
    process->pid = 1;
}

enum platform_trust platform_judge_certificate(const struct span *certificates, size_t count,
                                               const char *host)
{
    (void)certificates, (void)count, (void)host;
    assert(!"TLS");
    return PLATFORM_TRUST_FAILED;
}

/* ---------------------------------------------------------------- TLS */

static struct tls_setup *const no_setup = (struct tls_setup *)&watch;

struct tls_setup *tls_setup_new(void)
{
    return no_setup;
}

void tls_setup_free(struct tls_setup *setup)
{
    (void)setup;
}

void tls_free(struct tls *tls)
{
    assert(!tls);
}

struct tls *tls_new(struct tls_setup *setup, const char *host, struct span session)
{
    (void)setup, (void)host, (void)session;
    assert(!"TLS");
    return NULL;
}

enum tls_status tls_handshake(struct tls *tls, struct span *input)
{
    (void)tls, (void)input;
    assert(!"TLS");
    return TLS_BROKEN;
}

enum tls_status tls_read(struct tls *tls, struct span *input, struct buf *plain)
{
    (void)tls, (void)input, (void)plain;
    assert(!"TLS");
    return TLS_BROKEN;
}

bool tls_write(struct tls *tls, struct span *plain)
{
    (void)tls, (void)plain;
    assert(!"TLS");
    return false;
}

void tls_end(struct tls *tls)
{
    (void)tls;
    assert(!"TLS");
}

struct buf *tls_out(struct tls *tls)
{
    (void)tls;
    assert(!"TLS");
    return NULL;
}

const char *tls_name(const struct tls *tls)
{
    (void)tls;
    assert(!"TLS");
    return "";
}

const char *tls_reason(const struct tls *tls)
{
    (void)tls;
    assert(!"TLS");
    return "";
}

size_t tls_certificates(const struct tls *tls, struct span list[TLS_CERTIFICATES_MAX])
{
    (void)tls, (void)list;
    assert(!"TLS");
    return 0;
}

bool tls_take_session(struct tls *tls, struct buf *to)
{
    (void)tls, (void)to;
    assert(!"TLS");
    return false;
}
