/* SPDX-License-Identifier: MIT */
/* Names of sending programs, looked up in batches on a worker thread. */

#include "program.h"

#include <stdlib.h>

#include "owner_of.h"
#include "relay_state.h"

#define PROGRAMS_WAITING_MAX 256  /* beyond these a flood is under way: names are not worth it */
#define PROGRAMS_REST_FACTOR 9    /* a walk costs a rest of so many times its length, */
#define PROGRAMS_REST_MIN_MS 100  /* at least this long, */
#define PROGRAMS_REST_MAX_MS 3000 /* at most: the machine may have slept for hours amid the walk */
#define PROGRAMS_CREDIT_MS 1000   /* and no rest is taken before this much is owed */

struct program_line {
    struct event event;
    struct program_line *next;
};

struct program *program_hold(struct program *program)
{
    if (program)
        program->holders++;
    return program;
}

void program_release(struct program *program)
{
    if (program && --program->holders == 0)
        free(program); /* lines are only kept while the worker holds it */
}

static void add_named(struct programs *programs, const struct program *program, struct event *e)
{
    if (program) {
        e->pid = program->connection.process.pid;
        span_copy(span_of(program->connection.process.name), e->program, sizeof e->program);
    }
    events_add(&programs->relay->events, e);
}

static void now_known(struct programs *programs, struct program *program)
{
    program->known = true;
    while (program->lines) {
        struct program_line *line = program->lines;
        program->lines = line->next;
        add_named(programs, program, &line->event);
        free(line);
    }
    program_release(program);
}

/* ---------------------------------------------------------------- the worker */

static void look_up(uv_work_t *work)
{
    struct programs *programs = OWNER_OF(work, struct programs, work);
    platform_find_processes(programs->connections, programs->batch_count);
}

static void begin(struct programs *programs);

static void on_rested(uv_timer_t *timer)
{
    begin(OWNER_OF(timer, struct programs, timer));
}

static void owe_rest(struct programs *programs, uint64_t took_ms)
{
    uint64_t rest_ms = took_ms * PROGRAMS_REST_FACTOR;
    if (rest_ms < PROGRAMS_REST_MIN_MS)
        rest_ms = PROGRAMS_REST_MIN_MS;
    if (rest_ms > PROGRAMS_REST_MAX_MS)
        rest_ms = PROGRAMS_REST_MAX_MS;
    programs->owed_rest_ms += rest_ms;
}

/* How long the next walk has to wait. */
static uint64_t rest_left_ms(struct programs *programs)
{
    uint64_t now = uv_now(programs->relay->loop), gone = now - programs->owed_since_ms;
    programs->owed_since_ms = now;
    programs->owed_rest_ms -= gone < programs->owed_rest_ms ? gone : programs->owed_rest_ms;
    return programs->owed_rest_ms > PROGRAMS_CREDIT_MS ? programs->owed_rest_ms - PROGRAMS_CREDIT_MS : 0;
}

static void look_if_closed(struct programs *programs)
{
    if (programs->closing && programs->timer_closed && !programs->working)
        relay_part_closed(programs->relay);
}

static void on_looked_up(uv_work_t *work, int status)
{
    struct programs *programs = OWNER_OF(work, struct programs, work);
    uint64_t took_ms = (uv_hrtime() - programs->began_ns) / 1000000;
    programs->working = false;
    for (size_t i = 0; i < programs->batch_count; i++) {
        if (status == 0)
            programs->batch[i]->connection.process = programs->connections[i].process;
        now_known(programs, programs->batch[i]);
    }
    free(programs->batch);
    free(programs->connections);
    programs->batch = NULL;
    programs->connections = NULL;
    if (programs->closing) {
        look_if_closed(programs);
        return;
    }
    owe_rest(programs, took_ms);
    begin(programs);
}

static void give_up_waiting(struct programs *programs)
{
    while (programs->waiting) {
        struct program *program = programs->waiting;
        programs->waiting = program->next;
        now_known(programs, program);
    }
    programs->waiting_count = 0;
}

static void begin(struct programs *programs)
{
    if (programs->working || !programs->waiting)
        return;
    uint64_t rest_ms = rest_left_ms(programs);
    if (rest_ms > 0) {
        uv_timer_start(&programs->timer, on_rested, rest_ms, 0);
        return;
    }
    size_t count = programs->waiting_count;
    programs->batch = malloc(count * sizeof(struct program *));
    programs->connections = malloc(count * sizeof(struct platform_connection));
    if (!programs->batch || !programs->connections) {
        free(programs->batch);
        free(programs->connections);
        give_up_waiting(programs);
        return;
    }
    programs->batch_count = 0;
    for (struct program *p = programs->waiting; p; p = p->next) {
        programs->connections[programs->batch_count] = p->connection;
        programs->batch[programs->batch_count++] = p;
    }
    programs->waiting = NULL;
    programs->waiting_count = 0;
    programs->began_ns = uv_hrtime();
    programs->working = true;
    if (uv_queue_work(programs->relay->loop, &programs->work, look_up, on_looked_up) != 0)
        on_looked_up(&programs->work, UV_ENOMEM);
}

struct program *program_new(struct programs *programs, const struct ip_port *peer, const struct ip_port *here)
{
    struct program *program = calloc(1, sizeof *program);
    if (!program)
        return NULL;
    program->holders = 1;
    program->last_line = &program->lines;
    program->connection = (struct platform_connection){.peer = *peer, .here = *here};
    if (programs->closing || programs->waiting_count == PROGRAMS_WAITING_MAX) {
        program->known = true;
        return program;
    }
    program->next = programs->waiting;
    programs->waiting = program_hold(program);
    programs->waiting_count++;
    begin(programs);
    return program;
}

void program_add_event(struct programs *programs, struct program *program, struct event *e)
{
    struct program_line *line = program && !program->known ? malloc(sizeof *line) : NULL;
    if (!line) {
        add_named(programs, program, e);
        return;
    }
    *line = (struct program_line){.event = *e};
    *program->last_line = line;
    program->last_line = &line->next;
}

/* ---------------------------------------------------------------- open and close */

void programs_open(struct programs *programs, struct relay *relay)
{
    *programs = (struct programs){.relay = relay};
    uv_timer_init(relay->loop, &programs->timer);
    relay->open_parts++;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct programs *programs = OWNER_OF(handle, struct programs, timer);
    programs->timer_closed = true;
    look_if_closed(programs);
}

void programs_close(struct programs *programs)
{
    programs->closing = true;
    give_up_waiting(programs);
    uv_close((uv_handle_t *)&programs->timer, on_timer_closed);
}
