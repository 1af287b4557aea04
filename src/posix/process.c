/* SPDX-License-Identifier: MIT */
/*
 * From a TCP connection to the program at its other end: the kernel's socket table (NETLINK_SOCK_DIAG) gives
 * the inode of that end's socket, and one walk over /proc/PID/fd finds who holds it. Without the right to
 * look into other users' processes they stay unknown, and nothing breaks.
 */

#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_S 1 /* the kernel answers in its own call; this is for the day when it does not */

/* Whose socket is being looked for, and where the answer goes. */
struct quest {
    unsigned long inode; /* 0: nothing to look for */
    struct platform_process *process;
};

/* ---- connection or listener -> inode ---- */

static int open_diag(void)
{
    const struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    return fd;
}

static bool ask(int fd, const struct inet_diag_req_v2 *question, unsigned flags)
{
    static const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 question;
    } message = {
        .header = {.nlmsg_len = sizeof message,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
        .question = *question,
    };

    return sendto(fd, &message, sizeof message, 0, (const struct sockaddr *)&kernel, sizeof kernel) ==
           (ssize_t)sizeof message;
}

/* Calls `found` for each socket of the answer until that says true, or the answer ends. An exact
 * question has one message, a dump has many and an NLMSG_DONE. */
static void read_answer(int fd, bool is_dump, bool (*found)(const struct inet_diag_msg *m, void *context),
                        void *context)
{
    union { /* of the alignment that netlink's macros expect */
        struct nlmsghdr first;
        char bytes[16384];
    } answer;
    bool done = false, ended = false;

    while (!ended) {
        ssize_t received = recv(fd, answer.bytes, sizeof answer.bytes, 0);
        unsigned left = received > 0 ? (unsigned)received : 0;

        if (received < 0 && errno == EINTR)
            continue;
        if (received <= 0)
            return;
        for (const struct nlmsghdr *h = &answer.first; NLMSG_OK(h, left) && !ended; h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
                h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
                done = done || found(NLMSG_DATA(h), context);
            ended = !is_dump || h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
        }
    }
}

static void put_address(const struct ip_port *from, __be32 address[4], __be16 *port)
{
    memcpy(address, from->ip.bytes, from->ip.family == IP_V4 ? 4 : 16);
    *port = htons(from->port);
}

static struct ip get_address(const __be32 address[4], uint8_t family)
{
    uint8_t bytes[16];

    memcpy(bytes, address, sizeof bytes);
    return family == AF_INET ? ip_from_v4(bytes) : ip_from_v6(bytes);
}

static bool take_connection(const struct inet_diag_msg *m, void *context)
{
    if (m->idiag_state != TCP_LISTEN) /* the kernel falls back to a listener on that port */
        *(unsigned long *)context = m->idiag_inode;
    return true;
}

/* A socket of the IPv6 kind that speaks IPv4 is found by its IPv4 addresses: the kernel keeps both kinds
 * in one table. */
static unsigned long connection_inode(int fd, const struct platform_connection *c)
{
    struct inet_diag_req_v2 question = {
        .sdiag_family = c->peer.ip.family == IP_V4 ? AF_INET : AF_INET6,
        .sdiag_protocol = IPPROTO_TCP,
        .idiag_states = ~0U,
        .id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE},
    };
    unsigned long inode = 0;

    if (c->peer.ip.family == IP_NONE || c->peer.ip.family != c->here.ip.family)
        return 0;
    put_address(&c->peer, question.id.idiag_src, &question.id.idiag_sport);
    put_address(&c->here, question.id.idiag_dst, &question.id.idiag_dport);
    if (ask(fd, &question, 0))
        read_answer(fd, false, take_connection, &inode);
    return inode;
}

struct listener {
    const struct ip_port *wanted;
    unsigned long inode;
};

static bool take_listener(const struct inet_diag_msg *m, void *context)
{
    struct listener *l = context;
    struct ip ip = get_address(m->id.idiag_src, m->idiag_family);

    if (ntohs(m->id.idiag_sport) != l->wanted->port)
        return false;
    /* One that listens on all addresses is in the way of each; "::" often means IPv4 as well. */
    if (!ip_equals(&ip, &l->wanted->ip) && !ip_is_unspecified(&ip) && !ip_is_unspecified(&l->wanted->ip))
        return false;
    l->inode = m->idiag_inode;
    return true;
}

static unsigned long listener_inode(int fd, const struct ip_port *address)
{
    struct listener listener = {.wanted = address};
    const uint8_t families[] = {address->ip.family == IP_V6 ? AF_INET6 : AF_INET,
                                address->ip.family == IP_V6 ? AF_INET : AF_INET6};

    for (size_t i = 0; i < sizeof families && listener.inode == 0; i++) {
        struct inet_diag_req_v2 question = {
            .sdiag_family = families[i],
            .sdiag_protocol = IPPROTO_TCP,
            .idiag_states = 1U << TCP_LISTEN,
            .id.idiag_sport = htons(address->port),
        };

        if (ask(fd, &question, NLM_F_DUMP))
            read_answer(fd, true, take_listener, &listener);
    }
    return listener.inode;
}

/* ---- inode -> process ---- */

/* Names are chosen by whoever starts a program: no control characters. */
static void set_name(struct platform_process *process, struct span name)
{
    span_copy(name, process->name, sizeof process->name);
    for (char *c = process->name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

/* Whoever may look into a process' descriptors may read this link as well. */
static void name_process(struct platform_process *process)
{
    static const struct span deleted = {" (deleted)", 10}; /* the file was replaced while it ran */
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%ld/exe", process->pid);
    ssize_t length = readlink(path, target, sizeof target);
    struct span name = span_make(target, length > 0 ? (size_t)length : 0);

    while (span_find(name, '/') < name.length)
        span_cut(&name, '/');
    if (name.length > deleted.length && span_equals(span_skip(name, name.length - deleted.length), deleted))
        name.length -= deleted.length;
    set_name(process, name);
}

/* Digits only, as the names of processes and descriptors in /proc are. */
static bool to_number(const char *text, uint64_t *number)
{
    return span_to_number(span_of(text), INT32_MAX, number);
}

/* "socket:[12345]" */
static bool socket_inode(int folder, const char *name, uint64_t *inode)
{
    char target[64];
    ssize_t length = readlinkat(folder, name, target, sizeof target);
    struct span text = span_make(target, length > 0 ? (size_t)length : 0);
    struct span tag = SPAN("socket:[");

    return span_starts_nocase(text, tag) && text.at[text.length - 1] == ']' &&
           span_to_number(span_skip(span_first(text, text.length - 1), tag.length), UINT64_MAX, inode);
}

/* Looks through one process; returns how many quests it has ended. */
static size_t search_process(uint64_t pid, struct quest *quests, size_t count)
{
    const struct dirent *entry;
    char path[64];
    size_t found = 0;
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%llu/fd", (unsigned long long)pid);
    folder = opendir(path);
    if (!folder)
        return 0; /* not ours to see, or gone by now */
    while ((entry = readdir(folder)) != NULL) {
        uint64_t number, inode;

        if (!to_number(entry->d_name, &number) || !socket_inode(dirfd(folder), entry->d_name, &inode))
            continue;
        for (size_t i = 0; i < count; i++) {
            if (quests[i].inode != inode || inode == 0)
                continue;
            quests[i].process->pid = (long)pid;
            name_process(quests[i].process);
            quests[i].inode = 0; /* inherited sockets have several holders: the first one will do */
            found++;
        }
    }
    closedir(folder);
    return found;
}

/* Mail after mail often comes from the same process. */
static atomic_long last_found;

static size_t count_open(const struct quest *quests, size_t count)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++)
        open += quests[i].inode != 0;
    return open;
}

static void search_all(struct quest *quests, size_t count)
{
    const struct dirent *entry;
    size_t left = count_open(quests, count);
    DIR *folder;

    if (left == 0)
        return;
    folder = opendir("/proc");
    if (!folder)
        return;
    while (left > 0 && (entry = readdir(folder)) != NULL) {
        uint64_t pid;

        size_t found = to_number(entry->d_name, &pid) ? search_process(pid, quests, count) : 0;
        left -= found;
        if (found > 0)
            last_found = (long)pid;
    }
    closedir(folder);
}

/* ---- the two questions of platform.h ---- */

void platform_find_processes(struct platform_connection *connections, size_t count)
{
    struct quest *quests = count > 0 ? calloc(count, sizeof *quests) : NULL;
    int fd = quests ? open_diag() : -1;

    for (size_t i = 0; i < count; i++) {
        connections[i].process = (struct platform_process){.pid = 0};
        if (fd >= 0)
            quests[i] = (struct quest){connection_inode(fd, &connections[i]), &connections[i].process};
    }
    /* The walk over all processes is long. First the one that it was the last time; then only what is
     * still connected is worth it. */
    if (fd >= 0 && last_found > 0 && count_open(quests, count) > 0)
        search_process((uint64_t)last_found, quests, count);
    for (size_t i = 0; i < count && fd >= 0; i++)
        if (quests[i].inode != 0)
            quests[i].inode = connection_inode(fd, &connections[i]);
    if (fd >= 0) {
        close(fd);
        search_all(quests, count);
    }
    free(quests);
}

void platform_find_listener(const struct ip_port *address, struct platform_process *process)
{
    int fd = open_diag();

    *process = (struct platform_process){.pid = 0};
    if (fd >= 0) {
        struct quest quest = {listener_inode(fd, address), process};

        close(fd);
        search_all(&quest, 1);
    }
}
