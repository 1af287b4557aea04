/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_NET_LATER_H
#define TRAYPOST_NET_LATER_H

/*
 * Work that must not run inside its caller: freeing an object from one of its own callbacks, handing
 * out a result from inside the call that asked for it. It is queued and runs from the top of the
 * loop, before the loop waits again.
 */

#include <stdbool.h>
#include <uv.h>

struct later_task {
    void (*run)(struct later_task *task);
    struct later_task *next;
    bool queued;
};

struct later {
    uv_idle_t idle;
    struct later_task *first, **last;
    void (*closed)(struct later *later);
};

void later_init(struct later *later, uv_loop_t *loop);

/* Queues `task`; once is enough, a second time changes nothing. The task's memory must stay. */
void later_post(struct later *later, struct later_task *task, void (*run)(struct later_task *task));

/* Runs what is queued, then closes; `closed` is called from the handle's close callback. */
void later_close(struct later *later, void (*closed)(struct later *later));

#endif
