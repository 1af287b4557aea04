/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_ENGINE_H
#define TRAYPOST_TESTS_ENGINE_H

/*
 * A whole relay in this process, on one loop with everybody it talks to: clients, mail exchangers, a
 * name server, all on loopback addresses with ports chosen by the system. A test is a story that is
 * told in order; whenever it has to wait for something it says so with WAIT(), which turns the loop
 * until that has happened, and fails the test when it has not after ten seconds. Nothing sleeps.
 *
 * Nothing may be asserted inside a callback: libuv does not survive being jumped out of.
 *
 * Every test ends in engine_close(): the relay gets RELAY_EXIT while its peers are still there, must
 * close all of its handles by itself, and uv_loop_close() must then return 0.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "fake_dns.h"
#include "fake_mx.h"
#include "net/relay.h"
#include "relay_state.h"
#include "wire.h"

#define ENGINE_MXS 3
#define ENGINE_EVENTS_MAX 512
#define ENGINE_PATIENCE_MS 30000 /* of the test itself: a dead name server alone may take twelve seconds */

struct engine {
    uv_loop_t loop;
    struct relay *relay; /* NULL once it has been told to exit */
    struct fake_dns dns;
    struct fake_mx mx[ENGINE_MXS]; /* of the domains one.test, two.test, three.test */
    struct wire *wires;            /* all that were ever opened; freed at the end */
    uv_timer_t watchdog;
    bool too_long;
    unsigned own_handles; /* the others are the relay's */
    struct event *events;
    size_t event_count;
    struct status status;
};

/* cmocka's setup and teardown. */
int engine_open(void **state);
int engine_close(void **state);

#define ENGINE_TEST(test) cmocka_unit_test_setup_teardown(test, engine_open, engine_close)

/* Posts START and waits until it listens, and is connected if the name server answers. */
void engine_start(struct engine *e);

/* Waits until a posted order has been carried out. */
void engine_order(struct engine *e, enum relay_order order);

/* Posts EXIT; e->relay is gone from here on. Then waits until no handle of the relay is left. */
void engine_exit(struct engine *e);

/* Where the relay listens; port 0: nowhere. */
struct ip_port engine_address(struct engine *e);

/* The last event of this kind about this recipient (NULL: any); NULL if there was none. */
const struct event *engine_event(const struct engine *e, enum event_kind kind, const char *recipient);
size_t engine_event_count(const struct engine *e, enum event_kind kind);

/* No session and no mail: what a client and its servers had to do with each other is over. */
bool engine_is_empty(const struct engine *e);

unsigned engine_handles_of_relay(struct engine *e);

/* How deep the loop is in callbacks of the tests themselves that need memory: there it never fails (test_memory). */
extern unsigned engine_own_callbacks;

/* One turn of the loop; false when the watchdog has barked. */
bool engine_turn(struct engine *e);
void engine_watch(struct engine *e);

#define WAIT(e, condition)                                                                                   \
    do {                                                                                                     \
        engine_watch(e);                                                                                     \
        while (!(condition))                                                                                 \
            if (!engine_turn(e))                                                                             \
                fail_msg("waited in vain for: %s", #condition);                                              \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Says, when the test fails, in which row of its table. */
#define HOLDS(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            print_error("  %s:%d does not hold: %s\n    ", __FILE__, __LINE__, #condition);                  \
            print_error(__VA_ARGS__);                                                                        \
            print_error("\n");                                                                               \
            fail();                                                                                          \
        }                                                                                                    \
    } while (0)

#endif
