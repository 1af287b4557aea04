/* SPDX-License-Identifier: MIT */
/* An idle handle that is active only while something is queued: an active one makes the loop turn
 * at once, an inactive one costs nothing. */

#include "later.h"

#include "owner_of.h"

static void run_all(struct later *later)
{
    while (later->first) {
        struct later_task *task = later->first;
        later->first = task->next;
        if (!later->first)
            later->last = &later->first;
        task->queued = false;
        task->run(task);
    }
}

static void on_idle(uv_idle_t *idle)
{
    struct later *later = OWNER_OF(idle, struct later, idle);
    run_all(later);
    uv_idle_stop(idle);
}

void later_init(struct later *later, uv_loop_t *loop)
{
    *later = (struct later){.last = &later->first};
    uv_idle_init(loop, &later->idle); /* always 0 */
}

void later_post(struct later *later, struct later_task *task, void (*run)(struct later_task *task))
{
    if (task->queued)
        return;
    task->run = run;
    task->next = NULL;
    task->queued = true;
    *later->last = task;
    later->last = &task->next;
    uv_idle_start(&later->idle, on_idle); /* always 0 with a callback */
}

static void on_closed(uv_handle_t *handle)
{
    struct later *later = OWNER_OF(handle, struct later, idle);
    later->closed(later);
}

void later_close(struct later *later, void (*closed)(struct later *later))
{
    run_all(later);
    later->closed = closed;
    uv_close((uv_handle_t *)&later->idle, on_closed);
}
