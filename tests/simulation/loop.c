/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"
#include "world.h"

static struct handle *handles; /* in the order in which they were made, newest first */
static uint64_t orders, loop_now_ms;

void loop_begin(void)
{
    handles = NULL;
    orders = 0;
    loop_now_ms = 0;
    tcp_begin();
}

/* ---------------------------------------------------------------- handles */

struct handle *handle_add(uv_handle_t *uv, uv_handle_type type)
{
    struct handle *h = calloc(1, sizeof *h);
    assert(h);
    h->uv = uv;
    if (uv) {
        uv->type = type;
        uv->u.reserved[0] = h;
    }
    h->next = handles;
    handles = h;
    return h;
}

struct handle *handle_of(const void *uv)
{
    return ((const uv_handle_t *)uv)->u.reserved[0];
}

static void handle_free(struct handle *h)
{
    struct handle **link = &handles;
    while (*link != h)
        link = &(*link)->next;
    *link = h->next;
    free(h);
}

size_t loop_handles(void)
{
    size_t count = 0;
    for (struct handle *h = handles; h; h = h->next)
        count++;
    return count;
}

void loop_print_handles(void)
{
    for (struct handle *h = handles; h; h = h->next)
        fprintf(stderr, "  still open: type %d%s\n", h->uv ? (int)h->uv->type : 0,
                h->active ? ", active" : "");
}

void uv_close(uv_handle_t *uv, uv_close_cb closed)
{
    struct handle *h = handle_of(uv);
    assert(!h->closing);
    h->closing = true;
    h->active = false;
    h->closed = closed;
    if (h->tcp)
        tcp_close(h);
}

int uv_is_closing(const uv_handle_t *uv)
{
    return handle_of(uv)->closing;
}

int uv_is_active(const uv_handle_t *uv)
{
    return handle_of(uv)->active;
}

/* ---------------------------------------------------------------- timers, idle, async */

int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
    timer->loop = loop;
    handle_add((uv_handle_t *)timer, UV_TIMER);
    return 0;
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb run, uint64_t timeout_ms, uint64_t repeat_ms)
{
    struct handle *h = handle_of(timer);
    assert(repeat_ms == 0);
    if (h->closing)
        return UV_EINVAL;
    h->active = true;
    h->due_ms = loop_now_ms + timeout_ms;
    h->order = ++orders;
    h->run.timer = run;
    return 0;
}

int uv_timer_stop(uv_timer_t *timer)
{
    handle_of(timer)->active = false;
    return 0;
}

int uv_idle_init(uv_loop_t *loop, uv_idle_t *idle)
{
    idle->loop = loop;
    handle_add((uv_handle_t *)idle, UV_IDLE);
    return 0;
}

int uv_idle_start(uv_idle_t *idle, uv_idle_cb run)
{
    struct handle *h = handle_of(idle);
    h->active = !h->closing;
    h->run.idle = run;
    return 0;
}

int uv_idle_stop(uv_idle_t *idle)
{
    handle_of(idle)->active = false;
    return 0;
}

int uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb run)
{
    async->loop = loop;
    handle_add((uv_handle_t *)async, UV_ASYNC)->run.async = run;
    return 0;
}

int uv_async_send(uv_async_t *async)
{
    handle_of(async)->sent = true;
    return 0;
}

int uv_queue_work(uv_loop_t *loop, uv_work_t *work, uv_work_cb run, uv_after_work_cb after)
{
    if (world_chance(world.failing, 1000))
        return UV_ENOMEM;
    struct handle *h = handle_add(NULL, UV_UNKNOWN_HANDLE);
    work->loop = loop;
    h->work = work;
    h->after = after;
    work->work_cb = run;
    return 0;
}

/* ---------------------------------------------------------------- the rest of what src/net calls */

uint64_t uv_now(const uv_loop_t *loop)
{
    (void)loop;
    return loop_now_ms;
}

uint64_t uv_hrtime(void)
{
    return world.now_ms * 1000000;
}

int uv_random(uv_loop_t *loop, uv_random_t *request, void *buffer, size_t size, unsigned flags,
              uv_random_cb done)
{
    uint64_t number = world_random();
    (void)loop, (void)request, (void)flags, (void)done;
    assert(size == sizeof number);
    memcpy(buffer, &number, sizeof number);
    return 0;
}

uv_buf_t uv_buf_init(char *base, unsigned length)
{
    return (uv_buf_t){.base = base, .len = length};
}

const char *uv_strerror(int error)
{
#define X(name, text) UV_##name == error ? text:
    return UV_ERRNO_MAP(X) "unknown error";
#undef X
}

/* There is one thread. */
int uv_mutex_init(uv_mutex_t *mutex)
{
    (void)mutex;
    return 0;
}

void uv_mutex_destroy(uv_mutex_t *mutex)
{
    (void)mutex;
}

void uv_mutex_lock(uv_mutex_t *mutex)
{
    (void)mutex;
}

void uv_mutex_unlock(uv_mutex_t *mutex)
{
    (void)mutex;
}

/* ---------------------------------------------------------------- the turn */

static struct handle *next_timer(void)
{
    struct handle *first = NULL;
    for (struct handle *h = handles; h; h = h->next) {
        bool timer = h->uv && h->uv->type == UV_TIMER && h->active;
        if (timer &&
            (!first || h->due_ms < first->due_ms || (h->due_ms == first->due_ms && h->order < first->order)))
            first = h;
    }
    return first;
}

static void run_timers(void)
{
    uint64_t newest = orders; /* what they start anew has its turn later */
    for (struct handle *h; (h = next_timer()) && h->due_ms <= loop_now_ms && h->order <= newest;) {
        h->active = false;
        world.step++;
        h->run.timer((uv_timer_t *)h->uv);
    }
}

static void run_idle(void)
{
    struct handle *next;
    for (struct handle *h = handles; h; h = next) {
        next = h->next;
        if (h->uv && h->uv->type == UV_IDLE && h->active)
            h->run.idle((uv_idle_t *)h->uv);
    }
}

/* In libuv, too, callbacks of closed handles may close others: those have their turn in the next one. */
static void run_closings(void)
{
    struct handle *closing[256];
    size_t count = 0;
    for (struct handle *h = handles; h && count < 256; h = h->next)
        if (h->closing)
            closing[count++] = h;
    for (size_t i = 0; i < count; i++) {
        uv_handle_t *uv = closing[i]->uv;
        uv_close_cb closed = closing[i]->closed;
        if (closing[i]->tcp)
            tcp_closed(closing[i]);
        handle_free(closing[i]);
        if (closed)
            closed(uv);
    }
}

static void run_async(void *what)
{
    struct handle *h = what;
    h->sent = false;
    world.in_engine = true;
    h->run.async((uv_async_t *)h->uv);
    world.in_engine = false;
}

static void run_work(void *what)
{
    struct handle *h = what;
    uv_work_t *work = h->work;
    uv_after_work_cb after = h->after;
    handle_free(h);
    work->work_cb(work);
    world.in_engine = true;
    after(work, 0);
    world.in_engine = false;
}

static void add_chances(void)
{
    for (struct handle *h = handles; h; h = h->next) {
        if (h->closing)
            continue;
        if (h->work)
            world_add_chance(run_work, h);
        else if (h->sent)
            world_add_chance(run_async, h);
        else if (h->tcp)
            tcp_add_chances(h);
    }
    wires_add_chances();
    alarms_add_chances();
}

static bool has_to_turn(void)
{
    for (struct handle *h = handles; h; h = h->next)
        if (h->closing || (h->uv && h->uv->type == UV_IDLE && h->active))
            return true;
    return false;
}

static uint64_t earliest_ms(void)
{
    struct handle *timer = next_timer();
    uint64_t due = timer ? timer->due_ms : UINT64_MAX;
    if (alarms_due_ms() < due)
        due = alarms_due_ms();
    for (struct handle *h = handles; h; h = h->next)
        if (h->tcp && !h->closing && tcp_due_ms(h) < due)
            due = tcp_due_ms(h);
    return wires_due_ms() < due ? wires_due_ms() : due;
}

static void go_forward(uint64_t ms)
{
    uint64_t due = earliest_ms();
    world.now_ms += ms;
    if (world.now_ms > due)
        world.late_ms += world.now_ms - due;
}

/* Time goes by although something could happen: the machine is busy, or has slept. */
static void dawdle(void)
{
    if (world_chance(30, 1000))
        go_forward(world_below(20));
    if (world_chance(world.jumping, 1000))
        go_forward(world_below(world_chance(1, 8) ? 90000 : 3000));
}

/* What is ready, in any order. Nothing is, and nothing has to be done: time goes by. */
static bool poll(void)
{
    bool happened = false;
    dawdle();
    loop_now_ms = world.now_ms;
    for (unsigned most = 1 + world_below(4); most > 0; most--) {
        add_chances();
        if (!world_take_chance())
            break;
        happened = true;
    }
    if (happened || has_to_turn())
        return true;
    uint64_t due = earliest_ms();
    if (due == UINT64_MAX)
        return false;
    if (due > world.now_ms)
        world.now_ms = due;
    return true;
}

bool loop_turn(void)
{
    loop_now_ms = world.now_ms;
    world.in_engine = true;
    run_timers();
    run_idle();
    world.in_engine = false;
    bool alive = poll();
    world.in_engine = true;
    run_closings();
    world.in_engine = false;
    return alive;
}
