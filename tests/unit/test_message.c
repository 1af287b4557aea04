/* SPDX-License-Identifier: MIT */
/*
 * The streamed body: one writer, several readers, a window that the slowest reader holds open.
 * Every byte of the mail is a function of its position, so a reader that gets a wrong one knows.
 */

#include "core/message.h"
#include "feed.h"

static char byte_at(uint64_t position)
{
    return (char)(unsigned char)((position * 131 + (position >> 8) * 7) % 251);
}

/* Writes the next `count` bytes of the pattern. */
static void write_pattern(struct message *m, size_t count)
{
    char *bytes = malloc(count > 0 ? count : 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++)
        bytes[i] = byte_at(message_size(m) + i);
    assert_true(message_append(m, span_make(bytes, count)));
    free(bytes);
}

/* Reads up to `count` bytes and compares them with the pattern. */
static size_t read_pattern(struct message_reader *r, size_t count)
{
    size_t done = 0;

    while (done < count) {
        struct span run = message_peek(r);
        uint64_t position = r->position;

        if (run.length == 0) {
            assert_int_equal(message_left(r), 0);
            break;
        }
        assert_true(run.length <= message_left(r));
        run = span_first(run, count - done);
        for (size_t i = 0; i < run.length; i++)
            HOLDS(run.at[i] == byte_at(position + i), "byte %llu", (unsigned long long)(position + i));
        message_advance(r, run.length);
        assert_true(r->position == position + run.length);
        done += run.length;
    }
    return done;
}

static void an_empty_message_has_a_window_of_room_and_is_not_ended(void **state)
{
    (void)state;
    struct message *m = message_new(100);
    struct message_reader r = {0};

    assert_non_null(m);
    assert_int_equal(message_room(m), 100);
    assert_int_equal(message_size(m), 0);
    assert_false(message_ended(m));
    message_attach(m, &r);
    assert_int_equal(message_peek(&r).length, 0);
    assert_int_equal(message_left(&r), 0);
    assert_false(message_done(&r));
    message_end(m);
    assert_true(message_ended(m));
    assert_true(message_done(&r));
    message_detach(&r);
    message_free(m);
    message_free(NULL);
}

static void a_message_without_readers_keeps_everything_for_those_who_come_late(void **state)
{
    (void)state;
    struct message *m = message_new(64);
    struct message_reader early = {0}, late = {0};

    write_pattern(m, 40);
    message_attach(m, &early);
    assert_int_equal(message_left(&early), 40);
    write_pattern(m, 24);
    assert_int_equal(message_room(m), 0);
    assert_int_equal(message_left(&early), 64);
    message_attach(m, &late);
    assert_int_equal(message_left(&late), 64);
    assert_int_equal(read_pattern(&late, 100), 64);
    assert_int_equal(message_room(m), 0);
    assert_int_equal(read_pattern(&early, 100), 64);
    assert_int_equal(message_room(m), 64);
    message_detach(&early);
    message_detach(&late);
    message_free(m);
}

static void the_slowest_reader_decides_how_much_room_there_is(void **state)
{
    (void)state;
    struct message *m = message_new(50);
    struct message_reader fast = {0}, slow = {0};

    message_attach(m, &fast);
    message_attach(m, &slow);
    write_pattern(m, 50);
    assert_int_equal(read_pattern(&fast, 50), 50);
    assert_int_equal(message_room(m), 0);
    assert_int_equal(read_pattern(&slow, 20), 20);
    assert_int_equal(message_room(m), 20);
    write_pattern(m, 20);
    assert_int_equal(message_left(&slow), 50);
    assert_int_equal(message_left(&fast), 20);
    assert_int_equal(read_pattern(&fast, 100), 20);
    message_detach(&slow);
    assert_int_equal(message_room(m), 50);
    write_pattern(m, 50);
    assert_int_equal(read_pattern(&fast, 100), 50);
    message_detach(&fast);
    message_free(m);
}

static void detaching_twice_does_no_harm_and_forgets_the_message(void **state)
{
    (void)state;
    struct message *m = message_new(10);
    struct message_reader a = {0}, b = {0}, c = {0};

    message_attach(m, &a);
    message_attach(m, &b);
    message_attach(m, &c);
    message_detach(&b);
    assert_null(b.message);
    message_detach(&b);
    write_pattern(m, 10);
    assert_int_equal(read_pattern(&a, 10), 10);
    assert_int_equal(read_pattern(&c, 4), 4);
    assert_int_equal(message_room(m), 4);
    message_detach(&c);
    message_detach(&c);
    assert_int_equal(message_room(m), 10);
    message_detach(&a);
    message_free(m);
    message_detach(&a); /* after the message has gone: it is detached, so nothing is touched */
}

static void a_reader_is_done_when_the_writer_has_ended_and_all_was_read(void **state)
{
    (void)state;
    struct message *m = message_new(10);
    struct message_reader r = {0};

    message_attach(m, &r);
    write_pattern(m, 7);
    assert_false(message_done(&r));
    assert_int_equal(read_pattern(&r, 7), 7);
    assert_false(message_done(&r));
    write_pattern(m, 3);
    message_end(m);
    assert_false(message_done(&r));
    assert_int_equal(read_pattern(&r, 2), 2);
    assert_false(message_done(&r));
    assert_int_equal(read_pattern(&r, 9), 1);
    assert_true(message_done(&r));
    assert_int_equal(message_size(m), 10);
    message_detach(&r);
    message_free(m);
}

static void appending_nothing_and_advancing_by_nothing_change_nothing(void **state)
{
    (void)state;
    struct message *m = message_new(4);
    struct message_reader r = {0};

    message_attach(m, &r);
    assert_true(message_append(m, span_of(NULL)));
    message_advance(&r, 0);
    write_pattern(m, 4);
    assert_true(message_append(m, SPAN("")));
    assert_int_equal(message_size(m), 4);
    assert_int_equal(read_pattern(&r, 4), 4);
    message_detach(&r);
    message_free(m);
}

static void every_window_gives_the_bytes_in_order_across_growth_and_wrap(void **state)
{
    (void)state;
    const size_t windows[] = {1, 2, 33, 1000, 4095, 4096, 4097, 5000, 8192, 10000, 65536};
    const size_t steps[] = {1, 7, 100, 4095, 4096, 4097, 9999};
    const size_t reads[] = {1, 13, 4096, 5001, SIZE_MAX};

    for (size_t i = 0; i < COUNT(windows) * COUNT(steps) * COUNT(reads); i++) {
        size_t window = windows[i % COUNT(windows)], step = steps[i / COUNT(windows) % COUNT(steps)];
        size_t read = reads[i / COUNT(windows) / COUNT(steps)];
        uint64_t target = step < 100 || read < 100 ? 2 * window : 6 * window, got = 0;
        struct message *m = message_new(window);
        struct message_reader r = {0};

        assert_non_null(m);
        message_attach(m, &r);
        while (message_size(m) < target) {
            size_t room = message_room(m);

            HOLDS(room <= window, "window %zu: room %zu", window, room);
            write_pattern(m, room < step ? room : step);
            /* A reader that reads less than is written: the ring fills up, and wraps at every place. */
            if (message_room(m) == 0 || message_size(m) % 3 != 0)
                got += read_pattern(&r, read);
        }
        message_end(m);
        got += read_pattern(&r, SIZE_MAX);
        HOLDS(got == message_size(m), "window %zu, step %zu, read %zu", window, step, read);
        assert_true(message_done(&r));
        message_detach(&r);
        message_free(m);
    }
}

static void the_memory_it_has_and_would_need_is_known_beforehand(void **state)
{
    (void)state;
    const struct {
        size_t more, memory;
        const char *why;
    } rows[] = {
        {0, 0, "nothing is asked for before it is needed"},
        {1, 4096, "the first ring"},
        {4096, 4096, "just fits"},
        {4097, 8192, "one octet more"},
        {60000, 65536, "it doubles until all fits"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct message *m = message_new(100000);
        struct message_reader r;
        message_attach(m, &r);
        HOLDS(message_memory(m, rows[i].more) == rows[i].memory, "%s", rows[i].why);
        write_pattern(m, rows[i].more);
        HOLDS(message_memory(m, 0) == rows[i].memory, "%s: as foretold", rows[i].why);
        message_advance(&r, rows[i].more);
        HOLDS(message_memory(m, 0) == (rows[i].memory > 8192 ? 0 : rows[i].memory),
              "%s: a large one that is empty is given back", rows[i].why);
        message_detach(&r);
        message_free(m);
    }
}

static void readers_that_come_and_go_all_see_the_same_mail(void **state)
{
    (void)state;
    enum { READERS = 5 };

    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t random = seed;
        const size_t window = seed % 2 == 0 ? 97 : 9000;
        struct message *m = message_new(window);
        struct message_reader readers[READERS] = {{0}};
        bool attached[READERS] = {false};
        uint64_t gone = 0; /* what all readers have passed */

        for (int i = 0; i < 300; i++) {
            size_t which = (size_t)dice(&random) % READERS;
            size_t count = (size_t)dice(&random) % (window / 2 + 12);
            uint64_t slowest = message_size(m);
            bool any = false;

            switch (dice(&random) % 4) {
            case 0:
                write_pattern(m, count < message_room(m) ? count : message_room(m));
                break;
            case 1:
                if (attached[which])
                    read_pattern(&readers[which], count);
                break;
            case 2:
                if (!attached[which] && gone == 0) {
                    message_attach(m, &readers[which]);
                    attached[which] = true;
                    assert_true(readers[which].position == 0);
                }
                break;
            default:
                if (attached[which] && dice(&random) % 12 == 0) {
                    message_detach(&readers[which]);
                    attached[which] = false;
                }
                break;
            }
            slowest = message_size(m);
            for (size_t k = 0; k < READERS; k++) {
                if (!attached[k])
                    continue;
                any = true;
                if (readers[k].position < slowest)
                    slowest = readers[k].position;
                HOLDS(message_left(&readers[k]) == message_size(m) - readers[k].position, "seed %llu",
                      (unsigned long long)seed);
            }
            if (any && slowest > gone)
                gone = slowest;
            HOLDS(message_room(m) <= window, "seed %llu", (unsigned long long)seed);
            if (any)
                HOLDS(message_room(m) == window - (message_size(m) - slowest), "seed %llu",
                      (unsigned long long)seed);
        }
        for (size_t k = 0; k < READERS; k++)
            message_detach(&readers[k]);
        message_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_message_has_a_window_of_room_and_is_not_ended),
        cmocka_unit_test(a_message_without_readers_keeps_everything_for_those_who_come_late),
        cmocka_unit_test(the_slowest_reader_decides_how_much_room_there_is),
        cmocka_unit_test(detaching_twice_does_no_harm_and_forgets_the_message),
        cmocka_unit_test(a_reader_is_done_when_the_writer_has_ended_and_all_was_read),
        cmocka_unit_test(appending_nothing_and_advancing_by_nothing_change_nothing),
        cmocka_unit_test(every_window_gives_the_bytes_in_order_across_growth_and_wrap),
        cmocka_unit_test(the_memory_it_has_and_would_need_is_known_beforehand),
        cmocka_unit_test(readers_that_come_and_go_all_see_the_same_mail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
