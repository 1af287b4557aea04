/* SPDX-License-Identifier: MIT */
/*
 * Linux tells of changes of the network, and nobody has to ask. In a network namespace of its own, so that nothing else changes
 * there and this machine's network stays as it is; where none may be made, the test is skipped.
 */
#include "platform.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed.h"

struct watcher {
    struct platform_network_watch watch;
    unsigned changes;
    bool closed;
};

static void on_changed(struct platform_network_watch *watch)
{
    struct watcher *w = watch->data;
    w->changes++;
}

static void on_closed(struct platform_network_watch *watch)
{
    struct watcher *w = watch->data;
    w->closed = true;
}

/* The loopback interface of a new namespace is down. */
static void set_loopback(bool up)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

static void a_link_that_comes_or_goes_is_told(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct watcher w = {.watch = {.changed = on_changed, .closed = on_closed}};

    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        skip();
    w.watch.data = &w;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(platform_watch_network(&w.watch, &loop), 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(w.changes, 0);
    for (int i = 0; i < 2; i++) {
        unsigned before = w.changes;

        set_loopback(i == 0);
        while (w.changes == before)
            uv_run(&loop, UV_RUN_ONCE); /* the kernel has told already: this does not wait */
    }
    platform_watch_network_close(&w.watch);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(w.closed);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_that_comes_or_goes_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
