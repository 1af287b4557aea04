/* SPDX-License-Identifier: MIT */
/*
 * Schedules: a relay, senders, mail exchangers and name servers in one process, over a simulated libuv. A seed decides
 * everything; README.md of this folder says what is looked for.
 *
 *     test_simulation --seeds FROM COUNT    run so many schedules
 *     test_simulation --trace SEED          run one, and tell its story
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchanger.h"
#include "ledger.h"
#include "loop.h"
#include "names.h"
#include "relay_state.h"
#include "sender.h"
#include "system.h"
#include "wire.h"
#include "world.h"

#define IDLE_MS (2 * 60 * 60 * 1000)  /* every time-out of several servers in turn, and no more */
#define LAST_WORD_MS (60 * 60 * 1000) /* whatever happens, then it is told to exit */
#define EXIT_MS (12 * 1000) /* 5 s for the mails (contract, section 1), and for connections to close */
#define TURNS_MAX 3000000   /* something turns in circles */
#define SHORT_OF_MEMORY 300000 /* of a million requests */

static struct relay *relay;
static bool exiting;
static bool lingers; /* when the senders are done: nothing may be left to wait for */
static uint64_t exit_ms, exit_late_ms, done_ms;
static struct alarm whim, last_word, relief;
static uint64_t steps;

/* ---------------------------------------------------------------- the relay and its orders */

static void on_event(void *context, const struct event *e)
{
    (void)context;
    world_tell("log: %s %s -> %s %s: %d %s", event_kind_name(e->kind), e->sender, e->recipient, e->detail,
               e->outcome.code, e->outcome.words);
    ledger_note_event(e);
}

static void on_status(void *context, const struct status *s)
{
    (void)context, (void)s;
}

static void order(enum relay_order what, const char *name)
{
    world_tell("order: %s", name);
    relay_post(relay, what);
}

static bool is_idle(void)
{
    return !relay->inbounds && !relay->transactions && !relay->outbounds;
}

static void exit_now(void)
{
    if (exiting)
        return;
    exiting = true;
    exit_ms = world.now_ms;
    exit_late_ms = world.late_ms;
    alarm_stop(&whim);
    alarm_stop(&last_word);
    senders_finish();
    if (!is_idle())
        ledger_note_exit();
    world.jumping = world.stalling = 0;
    order(RELAY_EXIT, "exit");
}

static void on_last_word(struct alarm *alarm)
{
    (void)alarm;
    exit_now();
}

/* What people and their computers do meanwhile. */
static void on_whim(struct alarm *alarm)
{
    switch (world_below(12)) {
    case 0:
        order(RELAY_STOP, "stop");
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        order(RELAY_START, "start");
        break;
    case 5:
        order(RELAY_RESET, "reset");
        break;
    case 6:
        order(RELAY_LOOK, "look");
        break;
    case 7:
        system_network_changes();
        break;
    case 8:
        names_silence(true);
        break;
    case 9:
    case 10:
        names_silence(false);
        break;
    case 11:
        if (world_chance(1, 8)) {
            exit_now();
            return;
        }
        break;
    }
    alarm_set(alarm, world_below(60000), on_whim);
}

/* ---------------------------------------------------------------- one schedule */

static void on_relief(struct alarm *alarm)
{
    (void)alarm;
    world.no_memory = 1; /* from now on there nearly always is some */
    world_tell("there is memory again");
}

static void choose_faults(void)
{
    world.stalling = world_chance(1, 4) ? world_below(60) : 0;
    world.jumping = world_chance(1, 4) ? world_below(20) : 0;
    world.failing = world_chance(1, 6) ? world_below(40) : 0;
    world.no_memory = world_chance(1, 5) ? world_below(world_chance(1, 2) ? 2000 : 12000) : 0;
    if (world.kind)
        world.stalling = world.jumping = world.failing = world.no_memory = 0;
    if (world.at_once) {
        world.no_memory = SHORT_OF_MEMORY;
        alarm_set(&relief, world_below(3000), on_relief);
    }
    world_tell("of a thousand: %u stalls, %u jumps, %u failures; of a million: %u without memory",
               world.stalling, world.jumping, world.failing, world.no_memory);
}

static void open_relay(void)
{
    static uv_loop_t loop;
    struct config config;
    const struct relay_watcher watcher = {.event = on_event, .status = on_status};
    config_defaults(&config);
    if (world_chance(3, 4))
        span_copy(SPAN("relay.test"), config.hostname, sizeof config.hostname);
    if (relay_open(&loop, &config, &watcher, &relay) != 0)
        world_broken("the relay cannot be opened");
    order(RELAY_START, "start");
}

/* The senders are done: is the relay, too? */
static void look_if_over(void)
{
    alarm_stop(&last_word);
    if (done_ms == 0)
        done_ms = world.now_ms;
    if (!lingers || is_idle())
        exit_now();
    else if (world.now_ms - done_ms > IDLE_MS)
        world_broken("the senders have gone, and there is still something that waits for ever");
}

/* Until the relay has closed everything, or must have. */
static void run(void)
{
    for (uint64_t turns = 0; loop_handles() > 0; turns++) {
        bool alive = loop_turn();
        if (senders_done() && !exiting) {
            look_if_over();
            alive = alive || exiting;
        }
        if (!alive || turns == TURNS_MAX) {
            loop_print_handles();
            world_broken(alive ? "turns in circles"
                               : "something was left open, and nothing will ever close it");
        }
        if (exiting && world.now_ms - exit_ms > EXIT_MS + (world.late_ms - exit_late_ms)) {
            loop_print_handles();
            world_broken("told to exit, and still there (section 1)");
        }
    }
}

static void run_schedule(uint64_t seed, bool tells)
{
    world_begin(seed, tells);
    loop_begin();
    wires_begin();
    ledger_begin();
    exchangers_begin();
    names_begin();
    exiting = false;
    whim.set = last_word.set = relief.set = false;
    lingers = world_chance(1, 3);
    done_ms = 0;
    open_relay();
    choose_faults();
    senders_begin();
    if (!world.kind && world_chance(1, 3))
        alarm_set(&whim, world_below(30000), on_whim);
    alarm_set(&last_word, LAST_WORD_MS, on_last_word);
    run();
    senders_end();
    exchangers_end();
    wires_end();
    ledger_end();
    if (world.allocations > 0)
        world_broken("%zu pieces of memory were not freed", world.allocations);
    steps += world.step;
    world_tell("the end, after %" PRIu64 " steps", world.step);
}

/* ---------------------------------------------------------------- the program */

static void on_abort(int signal_number)
{
    (void)signal_number;
    fprintf(stderr,
            "seed %" PRIu64 " ends in abort(); the whole story: test_simulation --trace %" PRIu64 "\n",
            world.seed, world.seed);
}

static void print_counts(uint64_t schedules)
{
    const struct ledger_counts *c = &ledger_counts;
    printf("%" PRIu64 " schedules, %" PRIu64 " steps: %" PRIu64 " mails in %" PRIu64 " attempts, %" PRIu64
           " copies taken; "
           "the senders heard %" PRIu64 " times 250 (%" PRIu64 " partly, %" PRIu64 " reports), %" PRIu64
           " times 4yz, %" PRIu64 " times 5yz, %" PRIu64 " times nothing; %" PRIu64
           " recipients have more than one copy\n",
           schedules, steps, c->mails, c->attempts, c->copies, c->delivered, c->partly, c->reports,
           c->deferred, c->refused, c->unheard, c->again);
}

int main(int argc, char **argv)
{
    signal(SIGABRT, on_abort);
    if (argc == 3 && strcmp(argv[1], "--trace") == 0) {
        run_schedule(strtoull(argv[2], NULL, 10), true);
        return 0;
    }
    if (argc != 4 || strcmp(argv[1], "--seeds") != 0) {
        fprintf(stderr, "usage: test_simulation --seeds FROM COUNT | --trace SEED\n");
        return 2;
    }
    uint64_t from = strtoull(argv[2], NULL, 10), count = strtoull(argv[3], NULL, 10);
    for (uint64_t i = 0; i < count; i++)
        run_schedule(from + i, false);
    print_counts(count);
    return 0;
}
