/* SPDX-License-Identifier: MIT
 *
 * The load client: N clients at once, each sending one mail after another in an ordinary dialogue that waits for each reply,
 * and a record (record.h) of when each mail's 250 came.
 *
 * One thread, level-triggered epoll, everything it says is formatted before; a client is a small state machine whose state
 * names the reply it waits for. Behind QUIT it closes its half of the connection and still waits for the 221: Exim (4.96) keeps
 * the 221 back for up to 200 ms until it sees the client close, and that pause would be all that is measured of it. Mails are bounded in number (--mails) and in time (--seconds: none starts later, what is
 * under way is finished); a run in which nothing moves for --patience seconds is given up.
 *
 *   --to ADDR:PORT     the server
 *   --record FILE      where the record goes
 *   --clients N        at once (1)                  --mails N        in all (1)
 *   --bytes N          of a mail (1000)             --seconds N      fractions allowed (none)
 *   --first-id N       ids count up from here (1)   --patience N     (60)
 *   --connection new|kept   a connection for each mail, or one for all (new)
 *   --domains N        recipients at m0...m<N-1>.bench.test in turn, 0 for bench.test (0)
 *   --domain NAME      recipients at NAME instead
 *   --pipelining 1     MAIL, RCPT and DATA in one write
 *   --hold rcpt|data   each client stops when RCPT was answered, or in the middle of its text; when all have, says
 *                      "holding" on standard output and goes on at a line on standard input
 */
#include "letter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 128
#define REPLY_BYTES 1024
#define COMMAND_BYTES 256
#define CLIENTS_MAX 10000

/* What a client waits for; bench/proof.py has the same list. */
enum load_stage {
    LOAD_GREETING,
    LOAD_EHLO,
    LOAD_MAIL,
    LOAD_RCPT,
    LOAD_DATA,
    LOAD_TAKEN, /* sending the text, then the final reply */
    LOAD_QUIT,
    LOAD_IDLE, /* no mail left */
};

struct client {
    int fd;
    enum load_stage stage;
    bool held; /* --hold: reached the place */
    bool writable_wanted;
    struct record_load_mail *mail; /* the one at hand */
    size_t sent;                   /* of the letter */
    size_t reply_len;
    char reply[REPLY_BYTES];
    char rcpt[COMMAND_BYTES]; /* with DATA behind it: --pipelining sends both with MAIL */
    size_t rcpt_len;
    struct letter letter;
};

static struct {
    struct sockaddr_in to;
    const char *record;
    const char *domain;
    size_t client_count;
    uint64_t mail_count;
    uint64_t first_id;
    uint64_t deadline_ns; /* no mail starts later */
    size_t bytes;
    int patience_ms;
    unsigned domains;
    bool kept;
    bool pipelining;
    enum load_stage hold; /* LOAD_RCPT or LOAD_TAKEN; LOAD_IDLE for none */

    int epoll;
    struct client *clients;
    struct record_load_mail *mails;
    struct letter_form form;
    uint64_t started; /* mails */
    size_t working;   /* clients not idle */
    size_t held;
} load = {.client_count = 1,
          .mail_count = 1,
          .first_id = 1,
          .bytes = 1000,
          .patience_ms = 60000,
          .hold = LOAD_IDLE};

static void fail(const char *what)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(const char *what)
{
    fprintf(stderr, "bench_load: %s; see the head of load.c\n", what);
    exit(2);
}

/* --- one client ---------------------------------------------------------------------------------------------------- */

static void client_next(struct client *c);

static void client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->reply_len = 0;
    c->writable_wanted = false;
}

/* The mail at hand is over: taken (250) or not. */
static void mail_over(struct client *c, unsigned code)
{
    c->mail->answered_ns = record_now_ns();
    c->mail->code = code;
    c->mail->stage = (uint32_t)c->stage;
    c->mail = NULL;
}

static void client_failed(struct client *c, unsigned code)
{
    static bool told;

    if (!told && c->mail != NULL) {
        told = true;
        fprintf(stderr, "bench_load: first failure: stage %u: %.*s\n", (unsigned)c->stage,
                code != 0 ? (int)c->reply_len : 0, c->reply);
    }
    if (c->mail != NULL)
        mail_over(c, code);
    if (c->held) {
        c->held = false;
        load.held--;
    }
    client_close(c);
    client_next(c);
}

static bool client_say(struct client *c, const char *text, size_t n)
{
    return send(c->fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void client_watch(struct client *c, int operation, bool writable)
{
    struct epoll_event e = {.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN, .data = {.ptr = c}};

    if (epoll_ctl(load.epoll, operation, c->fd, &e) != 0)
        fail("epoll_ctl");
    c->writable_wanted = writable;
}

static void client_connect(struct client *c)
{
    int one = 1;

    c->stage = LOAD_GREETING;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        fail("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (struct sockaddr *)&load.to, sizeof load.to) != 0 && errno != EINPROGRESS)
        fail("connect");
    client_watch(c, EPOLL_CTL_ADD, false);
}

/* Gives the client its next mail; false when there is none. */
static bool client_take_mail(struct client *c)
{
    uint64_t now = record_now_ns();
    struct digest digest;

    if (load.started == load.mail_count || now >= load.deadline_ns)
        return false;
    c->mail = &load.mails[load.started];
    c->sent = 0;
    letter_write(&c->letter, &load.form, load.first_id + load.started);
    digest = letter_digest(&c->letter);
    *c->mail = (struct record_load_mail){.id = load.first_id + load.started,
                                         .digest = digest_value(digest),
                                         .body_bytes = digest.bytes,
                                         .started_ns = now};
    load.started++;
    return true;
}

/* A client without a connection begins a mail on a new one, or is done. */
static void client_next(struct client *c)
{
    if (client_take_mail(c)) {
        client_connect(c);
        return;
    }
    c->stage = LOAD_IDLE;
    load.working--;
}

static void client_hold(struct client *c)
{
    c->held = true;
    load.held++;
}

/* Sends what the socket takes of the letter. Returns false when the connection broke. */
static bool client_send_letter(struct client *c)
{
    size_t end = letter_bytes(&c->letter);
    bool blocked = false;

    if (load.hold == LOAD_TAKEN)
        end /= 2;
    while (c->sent < end && !blocked) {
        struct iovec parts[3];
        struct msghdr m = {.msg_iov = parts};
        ssize_t n;

        m.msg_iovlen = (size_t)letter_parts(&c->letter, c->sent, end, parts);
        n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return false;
        blocked = n < 0;
        c->sent += blocked ? 0 : (size_t)n;
    }
    if (blocked != c->writable_wanted)
        client_watch(c, EPOLL_CTL_MOD, blocked);
    if (load.hold == LOAD_TAKEN && !blocked)
        client_hold(c);
    return true;
}

static bool client_say_mail(struct client *c)
{
    static const char mail[] = "MAIL FROM:<from@bench.test>\r\n";
    char all[COMMAND_BYTES + sizeof mail + 8];

    c->stage = LOAD_MAIL;
    if (!load.pipelining)
        return client_say(c, mail, sizeof mail - 1);
    return client_say(c, all,
                      (size_t)snprintf(all, sizeof all, "%s%.*sDATA\r\n", mail, (int)c->rcpt_len, c->rcpt));
}

static bool client_say_data(struct client *c)
{
    c->stage = LOAD_DATA;
    return load.pipelining || client_say(c, "DATA\r\n", 6);
}

/* The mail was taken: the next one on this connection, or QUIT. */
static bool client_after_mail(struct client *c)
{
    mail_over(c, 250);
    if (load.kept && client_take_mail(c))
        return client_say_mail(c);
    c->stage = LOAD_QUIT;
    return send(c->fd, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_MORE) == 6 && /* one segment with the FIN */
           shutdown(c->fd, SHUT_WR) == 0;
}

/* The reply waited for is here and is the one hoped for. Returns false when the connection broke. */
static bool client_go_on(struct client *c)
{
    switch (c->stage) {
    case LOAD_GREETING:
        c->stage = LOAD_EHLO;
        return client_say(c, "EHLO client.bench.test\r\n", 24);
    case LOAD_EHLO:
        return client_say_mail(c);
    case LOAD_MAIL:
        c->stage = LOAD_RCPT;
        return load.pipelining || client_say(c, c->rcpt, c->rcpt_len);
    case LOAD_RCPT:
        if (load.hold != LOAD_RCPT)
            return client_say_data(c);
        client_hold(c);
        return true;
    case LOAD_DATA:
        c->stage = LOAD_TAKEN;
        return client_send_letter(c);
    case LOAD_TAKEN:
        return client_after_mail(c);
    case LOAD_QUIT:
        client_close(c);
        client_next(c);
        return true;
    case LOAD_IDLE:
        break;
    }
    return false;
}

static unsigned hoped_for(enum load_stage stage)
{
    static const unsigned codes[] = {
        [LOAD_GREETING] = 220, [LOAD_EHLO] = 250,  [LOAD_MAIL] = 250, [LOAD_RCPT] = 250,
        [LOAD_DATA] = 354,     [LOAD_TAKEN] = 250, [LOAD_QUIT] = 221, [LOAD_IDLE] = 0};
    return codes[stage];
}

/* Takes the first whole reply out of the buffer. Returns its code, 0 when there is none yet. */
static unsigned client_take_reply(struct client *c, size_t *used)
{
    const char *p = c->reply;
    const char *end = c->reply + c->reply_len;

    for (;;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (newline == NULL)
            return 0;
        if (newline - p < 4 || p[3] != '-') {
            *used = (size_t)(newline + 1 - c->reply);
            return newline - p < 3 ? 1 : (unsigned)((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
        }
        p = newline + 1;
    }
}

static void client_read(struct client *c)
{
    ssize_t n = recv(c->fd, c->reply + c->reply_len, sizeof c->reply - c->reply_len, 0);
    unsigned code;
    size_t used = 0;

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        client_failed(c, 0);
        return;
    }
    c->reply_len += (size_t)n;
    while (c->fd >= 0 && (code = client_take_reply(c, &used)) != 0) {
        bool early = c->stage == LOAD_TAKEN && c->sent < letter_bytes(&c->letter);

        if (code != hoped_for(c->stage) || early || c->held) {
            client_failed(c, code);
            return;
        }
        c->reply_len -= used;
        memmove(c->reply, c->reply + used, c->reply_len);
        if (!client_go_on(c)) {
            client_failed(c, 0);
            return;
        }
    }
}

/* --- all of them --------------------------------------------------------------------------------------------------- */

static void release_held(void)
{
    enum load_stage where = load.hold;
    char line[16];

    puts("holding");
    fflush(stdout);
    if (read(STDIN_FILENO, line, sizeof line) < 0)
        fail("standard input");
    load.held = 0;
    load.hold = LOAD_IDLE;
    for (size_t i = 0; i < load.client_count; i++) {
        struct client *c = &load.clients[i];

        if (!c->held)
            continue;
        c->held = false;
        if (!(where == LOAD_RCPT ? client_say_data(c) : client_send_letter(c)))
            client_failed(c, 0);
    }
}

static void run(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];

    while (load.working > 0) {
        int n;

        if (load.hold != LOAD_IDLE && load.held == load.working)
            release_held();
        n = epoll_wait(load.epoll, events, EVENTS_AT_ONCE, load.patience_ms);
        if (n == 0) {
            fprintf(stderr, "bench_load: nothing moved for %d s, %zu clients given up\n",
                    load.patience_ms / 1000, load.working);
            return;
        }
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;

            if ((events[i].events & EPOLLOUT) != 0 && !client_send_letter(c))
                client_failed(c, 0);
            else if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0)
                client_read(c);
        }
    }
}

static void write_record(void)
{
    struct record_load_header header = {.magic = RECORD_LOAD_MAGIC, .mails = load.started};
    FILE *f = fopen(load.record, "wb");

    if (f == NULL || fwrite(&header, sizeof header, 1, f) != 1 ||
        fwrite(load.mails, sizeof load.mails[0], load.started, f) != load.started || fclose(f) != 0)
        fail(load.record);
}

static void start_clients(void)
{
    load.clients = calloc(load.client_count, sizeof load.clients[0]);
    load.mails = calloc(load.mail_count, sizeof load.mails[0]);
    if (load.clients == NULL || load.mails == NULL || !letter_form_make(&load.form, load.bytes))
        fail("memory");
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.epoll < 0)
        fail("epoll_create1");
    load.working = load.client_count;
    for (size_t i = 0; i < load.client_count; i++) {
        struct client *c = &load.clients[i];
        char domain[64];

        c->fd = -1;
        snprintf(domain, sizeof domain, "m%zu.bench.test", load.domains > 0 ? i % load.domains : 0);
        c->rcpt_len = (size_t)snprintf(c->rcpt, sizeof c->rcpt, "RCPT TO:<to@%.64s>\r\n",
                                       load.domains > 0 ? domain : load.domain);
        client_next(c);
    }
}

static void set_address(const char *value)
{
    char host[INET_ADDRSTRLEN] = "";
    const char *colon = strrchr(value, ':');

    if (colon == NULL || (size_t)(colon - value) >= sizeof host)
        usage("--to takes ADDR:PORT");
    memcpy(host, value, (size_t)(colon - value));
    load.to.sin_family = AF_INET;
    load.to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &load.to.sin_addr) != 1)
        usage("--to takes an IPv4 address");
}

static void set_option(const char *name, const char *value)
{
    if (strcmp(name, "--to") == 0)
        set_address(value);
    else if (strcmp(name, "--record") == 0)
        load.record = value;
    else if (strcmp(name, "--clients") == 0)
        load.client_count = strtoul(value, NULL, 10);
    else if (strcmp(name, "--mails") == 0)
        load.mail_count = strtoull(value, NULL, 10);
    else if (strcmp(name, "--bytes") == 0)
        load.bytes = strtoul(value, NULL, 10);
    else if (strcmp(name, "--seconds") == 0)
        load.deadline_ns = record_now_ns() + (uint64_t)(strtod(value, NULL) * 1e9);
    else if (strcmp(name, "--first-id") == 0)
        load.first_id = strtoull(value, NULL, 10);
    else if (strcmp(name, "--patience") == 0)
        load.patience_ms = (int)strtol(value, NULL, 10) * 1000;
    else if (strcmp(name, "--connection") == 0)
        load.kept = strcmp(value, "kept") == 0;
    else if (strcmp(name, "--domains") == 0)
        load.domains = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "--domain") == 0)
        load.domain = value;
    else if (strcmp(name, "--pipelining") == 0)
        load.pipelining = strcmp(value, "1") == 0;
    else if (strcmp(name, "--hold") == 0)
        load.hold = strcmp(value, "rcpt") == 0 ? LOAD_RCPT : LOAD_TAKEN;
    else
        usage(name);
}

int main(int argc, char **argv)
{
    load.deadline_ns = UINT64_MAX;
    load.domain = "bench.test";
    for (int i = 1; i + 1 < argc; i += 2)
        set_option(argv[i], argv[i + 1]);
    if (argc % 2 == 0 || load.record == NULL || load.to.sin_family == 0 ||
        load.client_count - 1 >= CLIENTS_MAX || load.mail_count == 0)
        usage("--to ADDR:PORT and --record FILE are needed");
    start_clients();
    run();
    write_record();
    return 0;
}
