/* SPDX-License-Identifier: MIT */
/*
 * What Linux is asked: who is at the other end of a connection, and whether a descriptor shows colours. Names of programs are
 * chosen by whoever starts them, and end up in the log: they are what a local attacker has. Here this program starts copies
 * of itself under such names (test_platform client PORT).
 */
#include "platform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed.h"

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Connects and stays until the other side closes. */
static int be_client(const char *port)
{
    struct sockaddr_in to = loopback((uint16_t)strtoul(port, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char octet;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        return 1;
    return read(fd, &octet, 1) == 0 ? 0 : 1;
}

static void copy_program(const char *to)
{
    char block[65536];
    ssize_t length;
    int from_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to_fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

    assert_true(from_fd >= 0 && to_fd >= 0);
    while ((length = read(from_fd, block, sizeof block)) > 0)
        assert_int_equal(write(to_fd, block, (size_t)length), length);
    close(from_fd);
    close(to_fd);
}

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in here = loopback(0);
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&here, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &size), 0);
    *port = ntohs(here.sin_port);
    return fd;
}

static struct ip_port endpoint(const struct sockaddr_in *address)
{
    struct ip_port e;
    char text[32];

    snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)ntohs(address->sin_port));
    assert_true(ip_port_parse(span_of(text), 0, &e));
    return e;
}

static void the_sending_program_has_its_files_name(void **state)
{
    (void)state;
    static const char long_name[] = "a-name-of-more-than-the-sixty-three-octets-that-a-line-of-the-log-has-room-for";
    const struct {
        const char *file, *name;
        bool deleted;
        const char *why;
    } rows[] = {
        {"mailer", "mailer", false, "the name without its folder"},
        {"replaced", "replaced", true, "it was updated while it ran: Linux writes (deleted) behind it"},
        {"a b", "a b", false, "spaces are allowed"},
        {"a\r\n12:00:00 - b", "a??12:00:00 - b", false, "a second line in the log"},
        {"\x1b[2Ja\x7f", "?[2Ja?", false, "orders for a terminal"},
        {long_name, NULL, false, "cut to its room"},
    };
    uint16_t port;
    int listener = listen_anywhere(&port);
    char folder[] = "/tmp/traypost-XXXXXX", path[200], number[8];

    assert_non_null(mkdtemp(folder));
    snprintf(number, sizeof number, "%u", port);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct platform_connection connection = {.process = {.pid = 0}};
        struct sockaddr_in from, here = loopback(port);
        socklen_t size = sizeof from;
        int status;

        snprintf(path, sizeof path, "%s/%s", folder, rows[i].file);
        copy_program(path);
        pid_t child = fork();
        if (child == 0) {
            execl(path, path, "client", number, (char *)NULL);
            _exit(127);
        }
        int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
        assert_true(fd >= 0);
        if (rows[i].deleted)
            assert_int_equal(unlink(path), 0);
        connection.peer = endpoint(&from);
        connection.here = endpoint(&here);
        platform_find_processes(&connection, 1);
        close(fd);
        assert_int_equal(waitpid(child, &status, 0), child);
        unlink(path);
        HOLDS(status == 0, "%s: the client ended with %d", rows[i].why, status);
        HOLDS(connection.process.pid == child, "%s: it is process %ld", rows[i].why, connection.process.pid);
        if (rows[i].name)
            HOLDS(strcmp(connection.process.name, rows[i].name) == 0, "%s: %s", rows[i].why,
                  connection.process.name);
        else
            HOLDS(strlen(connection.process.name) == sizeof connection.process.name - 1 &&
                      strncmp(connection.process.name, rows[i].file, 63) == 0,
                  "%s: %s", rows[i].why, connection.process.name);
    }
    rmdir(folder);
    close(listener);
}

static void nobody_is_found_behind_a_connection_that_is_not_there(void **state)
{
    (void)state;
    uint16_t port;
    int listener = listen_anywhere(&port);
    struct sockaddr_in here = loopback(port), from = loopback(port == 9 ? 10 : 9);
    struct platform_connection connection = {.peer = endpoint(&from), .here = endpoint(&here)};

    platform_find_processes(&connection, 1);
    assert_int_equal(connection.process.pid, 0);
    assert_string_equal(connection.process.name, "");
    close(listener);
}

static void the_holder_of_a_port_is_named(void **state)
{
    (void)state;
    uint16_t port;
    int listener = listen_anywhere(&port);
    struct sockaddr_in here = loopback(port);
    struct ip_port address = endpoint(&here);
    struct platform_process process = {.pid = 0};

    platform_find_listener(&address, &process);
    assert_int_equal(process.pid, getpid());
    assert_string_equal(process.name, "test_platform");
    close(listener);
}

static void colours_are_for_terminals_that_want_them(void **state)
{
    (void)state;
    const struct {
        const char *terminal, *no_colour;
        bool colour;
        const char *why;
    } rows[] = {
        {"xterm", NULL, true, "an ordinary terminal"},
        {"xterm", "", true, "an empty NO_COLOR counts as none"},
        {"xterm", "1", false, "the user wants none"},
        {"dumb", NULL, false, "it would show the codes"},
        {NULL, NULL, false, "no terminal is named"},
    };
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), file = open("/dev/null", O_WRONLY);

    assert_true(terminal >= 0 && file >= 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        rows[i].terminal ? setenv("TERM", rows[i].terminal, 1) : unsetenv("TERM");
        rows[i].no_colour ? setenv("NO_COLOR", rows[i].no_colour, 1) : unsetenv("NO_COLOR");
        HOLDS(platform_terminal_has_colour(terminal) == rows[i].colour, "%s", rows[i].why);
        HOLDS(!platform_terminal_has_colour(file), "a file has none: %s", rows[i].why);
    }
    close(terminal);
    close(file);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sending_program_has_its_files_name),
        cmocka_unit_test(nobody_is_found_behind_a_connection_that_is_not_there),
        cmocka_unit_test(the_holder_of_a_port_is_named),
        cmocka_unit_test(colours_are_for_terminals_that_want_them),
    };

    if (argc == 3 && strcmp(argv[1], "client") == 0)
        return be_client(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
