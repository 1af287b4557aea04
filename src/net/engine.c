/* SPDX-License-Identifier: MIT */
/*
 * The thread the relay lives on, and the one piece of memory it shares. Neither side ever waits for the other:
 * the engine holds the lock only to write down one line; who looks and finds it held goes away, because the
 * engine calls again when it is through.
 */

#include "net/engine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"

#define STACK_SIZE (512 * 1024) /* the deepest path takes a tenth of it */

struct engine {
    uv_loop_t loop;
    uv_thread_t thread;
    struct relay *relay; /* not to be used once `leaving` */
    engine_changed_fn *changed;
    void *context;

    uv_mutex_t lock;
    struct engine_view view; /* under the lock, but for what follows */
    atomic_int life;         /* enum engine_life */
    atomic_bool told;        /* `changed` was called and nobody has looked since */
    atomic_bool leaving;     /* RELAY_EXIT was posted */
    atomic_bool running;     /* `self` is known */
    uv_thread_t self;        /* the thread itself, written by it */
    char crash[128];         /* written once, before `life` says ENGINE_CRASHED */
    bool clean;              /* the loop had nothing left at the end */
};

static void announce(struct engine *engine)
{
    if (!atomic_exchange(&engine->told, true))
        engine->changed(engine->context);
}

/* ---------------------------------------------------------------- on the engine's thread */

static void add_address(char *list, size_t size, const char *address)
{
    size_t length = strlen(list);
    snprintf(list + length, size - length, "%s%s", length ? ", " : "", address);
}

/* What can be read off a line besides the line. */
static void note_facts(struct engine_view *view, const struct event *e)
{
    switch (e->kind) {
    case EVENT_STARTED:
        event_log_clear(&view->log);
        view->logs++;
        view->listening[0] = view->name_server[0] = '\0';
        break;
    case EVENT_LISTENING:
        add_address(view->listening, sizeof view->listening, e->detail);
        break;
    case EVENT_DNS_FOUND:
    case EVENT_DNS_FALLBACK:
    case EVENT_NETWORK_BACK:
        span_copy(span_of(e->detail), view->name_server, sizeof view->name_server);
        break;
    case EVENT_NO_INTERNET:
        view->name_server[0] = '\0';
        break;
    case EVENT_STOPPED:
        view->listening[0] = '\0';
        break;
    case EVENT_LISTEN_FAILED:
    case EVENT_PORT_TAKEN:
    case EVENT_DELIVERED:
    case EVENT_ALREADY_DELIVERED:
    case EVENT_FAILED:
    case EVENT_LATE_DELIVERED:
    case EVENT_LATE_FAILED:
    case EVENT_LATE_WILLING:
    case EVENT_TLS_GONE:
    case EVENT_POLICY_FAILED:
    case EVENT_STRANGER:
    case EVENT_HTTP_REFUSED:
    case EVENT_SESSION_LIMIT:
    case EVENT_INTERNAL:
    case EVENT_CRASHED:
    case EVENT_KIND_COUNT:
        break;
    }
}

static void on_event(void *context, const struct event *e)
{
    struct engine *engine = context;
    uv_mutex_lock(&engine->lock);
    note_facts(&engine->view, e);
    event_log_add(&engine->view.log, e);
    uv_mutex_unlock(&engine->lock);
    announce(engine);
}

static void on_status(void *context, const struct status *status)
{
    struct engine *engine = context;
    uv_mutex_lock(&engine->lock);
    engine->view.status = *status;
    uv_mutex_unlock(&engine->lock);
    announce(engine);
}

static void run(void *argument)
{
    struct engine *engine = argument;
    engine->self = uv_thread_self();
    atomic_store(&engine->running, true);
    uv_thread_setname("engine");
    uv_run(&engine->loop, UV_RUN_DEFAULT);
    engine->clean = uv_loop_close(&engine->loop) == 0;
    atomic_store(&engine->life, ENGINE_ENDED);
    announce(engine);
}

/* ---------------------------------------------------------------- on anybody's */

static int open_relay(struct engine *engine, const struct config *config)
{
    const struct relay_watcher watcher = {.event = on_event, .status = on_status, .context = engine};
    int error = relay_open(&engine->loop, config, &watcher, &engine->relay);
    if (error) {
        uv_run(&engine->loop, UV_RUN_DEFAULT); /* what a failed relay_open() has closed goes */
        return error;
    }
    relay_post(engine->relay, RELAY_START);
    engine->view.status.running = engine->view.status.starting = true; /* what a look will find till then */
    const uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_SIZE};
    error = uv_thread_create_ex(&engine->thread, &options, run, engine);
    if (error) {
        relay_post(engine->relay, RELAY_EXIT);
        uv_run(&engine->loop, UV_RUN_DEFAULT);
    }
    return error;
}

int engine_start(const struct config *config, engine_changed_fn *changed, void *context,
                 struct engine **started)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return UV_ENOMEM;
    engine->changed = changed;
    engine->context = context;
    int error = uv_mutex_init(&engine->lock);
    if (error)
        goto engine;
    error = uv_loop_init(&engine->loop);
    if (error)
        goto lock;
    platform_enter_background();
    platform_raise_descriptor_limit();
    *started = engine; /* before `changed` can be called */
    error = open_relay(engine, config);
    if (!error)
        return 0;

    *started = NULL;
    (void)uv_loop_close(&engine->loop);
lock:
    uv_mutex_destroy(&engine->lock);
engine:
    free(engine);
    return error;
}

void engine_post(struct engine *engine, enum relay_order order)
{
    if (order == RELAY_EXIT ? atomic_exchange(&engine->leaving, true) : atomic_load(&engine->leaving))
        return;
    relay_post(engine->relay, order);
}

static void copy_log(struct event_log *copy, const struct event_log *log, bool same)
{
    size_t known = same && copy->dropped == log->dropped ? copy->count : 0;
    memcpy(copy->lines + known, log->lines + known, (log->count - known) * sizeof log->lines[0]);
    copy->count = log->count;
    copy->dropped = log->dropped;
}

static void copy_view(struct engine_view *copy, const struct engine_view *view)
{
    copy_log(&copy->log, &view->log, copy->logs == view->logs);
    copy->logs = view->logs;
    copy->status = view->status;
    memcpy(copy->name_server, view->name_server, sizeof copy->name_server);
    memcpy(copy->listening, view->listening, sizeof copy->listening);
}

/* The engine cannot say it any more: its reader says it to himself. */
static void add_crash(struct engine *engine, struct engine_view *view)
{
    struct event e = {.kind = EVENT_CRASHED};
    uv_timeval64_t now;
    if (uv_gettimeofday(&now) == 0) {
        e.time_s = now.tv_sec;
        e.utc_offset_min = platform_utc_offset_min(now.tv_sec);
    }
    span_copy(span_of(engine->crash), e.detail, sizeof e.detail);
    event_log_add(&view->log, &e);
    view->status.running = view->status.starting = view->status.listening = false;
    view->status.mails_in_progress = 0;
    view->name_server[0] = view->listening[0] = '\0';
}

void engine_look(struct engine *engine, struct engine_view *view)
{
    if (view->life == ENGINE_CRASHED)
        return;
    atomic_store(&engine->told, false);
    enum engine_life life = (enum engine_life)atomic_load(&engine->life);
    if (uv_mutex_trylock(&engine->lock) == 0) {
        copy_view(view, &engine->view);
        uv_mutex_unlock(&engine->lock);
    }
    view->life = life;
    if (life == ENGINE_CRASHED)
        add_crash(engine, view);
}

bool engine_note_crash(struct engine *engine, const char *words)
{
    uv_thread_t self = uv_thread_self();
    if (!atomic_load(&engine->running) || !uv_thread_equal(&self, &engine->self))
        return false;
    if (atomic_load(&engine->life) != ENGINE_ALIVE)
        return true; /* crashing again on the way out changes nothing */
    span_copy(span_of(words), engine->crash, sizeof engine->crash);
    atomic_store(&engine->leaving, true); /* nobody reads orders now */
    atomic_store(&engine->life, ENGINE_CRASHED);
    atomic_store(&engine->told, true);
    engine->changed(engine->context); /* said even if a look is on its way: it may come too early */
    return true;
}

bool engine_free(struct engine *engine)
{
    if (!engine)
        return true;
    uv_thread_join(&engine->thread);
    bool clean = engine->clean;
    uv_mutex_destroy(&engine->lock);
    free(engine);
    return clean;
}
