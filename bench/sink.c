/* SPDX-License-Identifier: MIT
 *
 * An honest SMTP sink: it takes every mail, forgets the text and keeps the proof (record.h) of what arrived, whole, and when.
 *
 * One thread, level-triggered epoll, one recv() and at most one send() for each turn of the dialogue. It must cost little,
 * because whatever it costs is paid by the direct path and by every relay alike and hides the difference between them.
 * A reply that does not fit into the socket at once closes the connection: no client of the bench leaves replies unread.
 *
 *   --listen ADDR:PORT   IPv4, repeatable
 *   --record FILE        where the proof goes; made or emptied
 *   --offer LIST         EHLO keywords, comma separated (default PIPELINING,8BITMIME,SIZE=104857600; "none" for none);
 *                        CHUNKING brings BDAT
 *   --rate N             reads a mail's text at N bytes a second on each connection, through a small receive buffer
 *   --hold N             sits on its final 250s until N mails wait for theirs, then answers them all
 *   --tls FILE           asks for STARTTLS, with this key and certificate (PEM), and takes no mail without
 *   --resume yes|no      whether TLS sessions may be resumed (default yes)
 *   --mails N            closes a connection after so many mails
 * Says "ready" on standard output when it listens; SIGTERM ends it.
 */
#include "arrival.h"
#include "channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 128
#define LISTENERS_MAX 256
#define RECORD_MAILS_MAX 64000000u /* 2 GB of a sparse file: an hour at full load has about 30 million */
#define READ_BYTES 262144
#define LINE_BYTES 1024 /* RFC 5321 section 4.5.3.1.4 asks for 512 */
#define SLOW_RECEIVE_BYTES 65536
#define SLOW_STEPS_PER_SECOND 100
#define SLOW_CATCH_UP_NS 100000000u
#define HOLD_MAX 1024

enum session_state {
    SESSION_COMMAND,
    SESSION_DATA, /* until CRLF.CRLF */
    SESSION_BDAT, /* chunk_left bytes more */
    SESSION_HELD, /* the mail is here, its 250 waits */
};

struct session {
    struct channel channel; /* first: an epoll event's pointer leads to a session or to a listener's bare fd */
    enum session_state state;
    bool has_mail;
    bool has_rcpt;
    bool last_chunk;
    bool starts_tls; /* behind the 220 that is still in `out` */
    uint64_t mails;
    bool asleep; /* --rate: not read before wake_ns */
    uint64_t wake_ns;
    uint64_t chunk_left;
    struct arrival arrival;
    size_t line_len;
    char line[LINE_BYTES];
};

static struct {
    int epoll;
    int listeners[LISTENERS_MAX];
    size_t listener_count;
    struct record_sink_header *record;
    struct record_sink_mail *mails;
    uint64_t rate;
    size_t hold;
    size_t held_count;
    struct session *held[HOLD_MAX];
    struct session *asleep[HOLD_MAX];
    size_t asleep_count;
    bool chunking, tls;
    uint64_t mails_max; /* of one connection; 0: any number */
    char ehlo[512];
    char in[READ_BYTES];
    size_t out_len;
    char out[8192]; /* replies to what one recv() brought */
} sink = {.epoll = -1};

static void fail(const char *what)
{
    fprintf(stderr, "bench_sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(const char *what)
{
    fprintf(stderr, "bench_sink: %s; see the head of sink.c\n", what);
    exit(2);
}

/* --- replies ------------------------------------------------------------------------------------------------------- */

static void say(const char *reply)
{
    size_t n = strlen(reply);

    if (n > sizeof sink.out - sink.out_len)
        n = 0; /* far more pipelined commands than the bench sends; the client will miss the reply */
    memcpy(sink.out + sink.out_len, reply, n);
    sink.out_len += n;
}

static bool send_replies(struct session *s)
{
    bool whole = channel_send(&s->channel, sink.out, sink.out_len);

    sink.out_len = 0;
    return whole;
}

/* --- sessions ------------------------------------------------------------------------------------------------------ */

static void forget(struct session **list, size_t *count, const struct session *s)
{
    for (size_t i = 0; i < *count; i++) {
        if (list[i] == s) {
            list[i] = list[--*count];
            return;
        }
    }
}

static void watch(struct session *s, uint32_t events)
{
    struct epoll_event e = {.events = events, .data = {.ptr = s}};

    if (epoll_ctl(sink.epoll, EPOLL_CTL_MOD, s->channel.fd, &e) != 0)
        fail("epoll_ctl");
}

static void session_free(struct session *s)
{
    if (s->state == SESSION_HELD)
        forget(sink.held, &sink.held_count, s);
    if (s->asleep)
        forget(sink.asleep, &sink.asleep_count, s);
    channel_close(&s->channel);
    free(s);
    sink.record->open--;
}

static void session_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct session *s;
    struct epoll_event e = {.events = EPOLLIN};

    if (fd < 0)
        return;
    s = malloc(sizeof *s);
    if (s == NULL)
        fail("malloc");
    s->channel = (struct channel){.fd = fd};
    s->state = SESSION_COMMAND;
    s->has_mail = s->has_rcpt = s->asleep = s->starts_tls = false;
    s->mails = 0;
    s->line_len = 0;
    s->wake_ns = 0;
    e.data.ptr = s;
    if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        fail("epoll_ctl");
    sink.record->sessions++;
    sink.record->open++;
    say("220 sink.bench.test ESMTP\r\n");
    if (!send_replies(s))
        session_free(s);
}

static void session_sleep(struct session *s, uint64_t bytes)
{
    uint64_t now = record_now_ns();

    if (sink.asleep_count == HOLD_MAX)
        return;
    if (s->wake_ns + SLOW_CATCH_UP_NS < now)
        s->wake_ns = now;
    s->wake_ns += bytes * 1000000000u / sink.rate; /* from when it was due: small delays do not add up */
    s->asleep = true;
    sink.asleep[sink.asleep_count++] = s;
    watch(s, 0);
}

static int wake_sessions(void)
{
    uint64_t now = record_now_ns();
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; i < sink.asleep_count;) {
        struct session *s = sink.asleep[i];
        if (s->wake_ns <= now) {
            sink.asleep[i] = sink.asleep[--sink.asleep_count];
            s->asleep = false;
            watch(s, EPOLLIN);
            continue;
        }
        next = s->wake_ns < next ? s->wake_ns : next;
        i++;
    }
    return next == UINT64_MAX ? -1 : (int)((next - now + 999999u) / 1000000u);
}

/* --- the end of a mail --------------------------------------------------------------------------------------------- */

static void record_mail(const struct session *s)
{
    uint64_t n = sink.record->mails;

    if (n == RECORD_MAILS_MAX) {
        errno = ENOSPC;
        fail("the record is full");
    }
    sink.mails[n] = (struct record_sink_mail){
        .id = s->arrival.id,
        .answered_ns = record_now_ns(),
        .digest = digest_value(s->arrival.body),
        .body_bytes = s->arrival.body.bytes,
    };
    __atomic_store_n(&sink.record->mails, n + 1, __ATOMIC_RELEASE);
}

static void answer_mail(struct session *s)
{
    s->state = SESSION_COMMAND;
    s->has_mail = s->has_rcpt = false;
    s->mails++;
    record_mail(s);
    say("250 2.0.0 taken\r\n");
}

static void mail_is_here(struct session *s)
{
    if (sink.hold == 0) {
        answer_mail(s);
        return;
    }
    s->state = SESSION_HELD;
    sink.held[sink.held_count++] = s;
}

static void release_held(void)
{
    if (sink.hold == 0 || sink.held_count < sink.hold)
        return;
    while (sink.held_count > 0) {
        struct session *s = sink.held[--sink.held_count];
        answer_mail(s);
        if (!send_replies(s))
            shutdown(s->channel.fd, SHUT_RDWR); /* freed by its own event: one may be under way */
    }
}

/* --- commands ------------------------------------------------------------------------------------------------------ */

static bool starts(const char *line, const char *word)
{
    return strncasecmp(line, word, strlen(word)) == 0;
}

static void start_chunk(struct session *s, const char *argument)
{
    char *end;

    if (s->state != SESSION_BDAT)
        arrival_start(&s->arrival);
    s->chunk_left = strtoull(argument, &end, 10);
    s->last_chunk = starts(end, " LAST");
    s->state = SESSION_BDAT;
}

/* One line, ended by NUL where the CR or LF was. Returns false when the connection is over. */
static bool command(struct session *s, const char *line)
{
    if (sink.tls && s->channel.tls == NULL && starts(line, "MAIL FROM:")) {
        say("530 5.7.0 with TLS only\r\n"); /* nobody's figures are those of plain text by mistake */
    } else if (starts(line, "MAIL FROM:")) {
        s->has_mail = true;
        say("250 2.1.0 ok\r\n");
    } else if (starts(line, "RCPT TO:")) {
        s->has_rcpt = s->has_mail;
        say(s->has_mail ? "250 2.1.5 ok\r\n" : "503 5.5.1 MAIL first\r\n");
    } else if (starts(line, "DATA")) {
        if (!s->has_rcpt) {
            say("503 5.5.1 RCPT first\r\n");
            return true;
        }
        arrival_start(&s->arrival);
        s->state = SESSION_DATA;
        say("354 go on\r\n");
    } else if (sink.chunking && s->has_rcpt && starts(line, "BDAT ")) {
        start_chunk(s, line + 5);
    } else if (starts(line, "EHLO")) {
        say(sink.tls && s->channel.tls == NULL ? "250-sink.bench.test\r\n250 STARTTLS\r\n" : sink.ehlo);
    } else if (sink.tls && s->channel.tls == NULL && starts(line, "STARTTLS")) {
        say("220 2.0.0 go on\r\n");
        s->starts_tls = true;
    } else if (starts(line, "HELO") || starts(line, "NOOP")) {
        say("250 ok\r\n");
    } else if (starts(line, "RSET")) {
        s->has_mail = s->has_rcpt = false;
        say("250 2.0.0 ok\r\n");
    } else if (starts(line, "QUIT")) {
        say("221 2.0.0 bye\r\n");
        return false;
    } else {
        say("502 5.5.1 not here\r\n");
    }
    return true;
}

/* Takes one line, or what there is of it, from p. Returns the bytes used; *open is cleared when the session is over. */
static size_t take_line(struct session *s, const char *p, size_t n, bool *open)
{
    const char *newline = memchr(p, '\n', n);
    size_t used = newline != NULL ? (size_t)(newline - p) + 1 : n;

    if (used > sizeof s->line - 1 - s->line_len) {
        *open = false;
        return used;
    }
    memcpy(s->line + s->line_len, p, used);
    s->line_len += used;
    if (newline != NULL) {
        size_t len = s->line_len - 1;
        if (len > 0 && s->line[len - 1] == '\r')
            len--;
        s->line[len] = '\0';
        s->line_len = 0;
        *open = command(s, s->line);
    }
    return used;
}

static size_t take_chunk(struct session *s, const char *p, size_t n)
{
    size_t used = n < s->chunk_left ? n : (size_t)s->chunk_left;

    arrival_feed(&s->arrival, p, used);
    s->chunk_left -= used;
    return used;
}

static void end_chunk(struct session *s)
{
    s->state = SESSION_COMMAND;
    if (s->last_chunk)
        mail_is_here(s);
    else
        say("250 2.0.0 chunk taken\r\n");
}

static bool session_feed(struct session *s, const char *p, size_t n)
{
    bool open = true;
    bool done = false;
    size_t used = 0;

    while (open && used < n) {
        switch (s->state) {
        case SESSION_COMMAND:
            used += take_line(s, p + used, n - used, &open);
            break;
        case SESSION_DATA:
            used += arrival_feed_dotted(&s->arrival, p + used, n - used, &done);
            if (done)
                mail_is_here(s);
            break;
        case SESSION_BDAT:
            used += take_chunk(s, p + used, n - used);
            break;
        case SESSION_HELD:
            return false; /* --hold serves clients that wait for the reply */
        }
        if (s->state == SESSION_BDAT && s->chunk_left == 0)
            end_chunk(s);
    }
    return open && (sink.mails_max == 0 || s->mails < sink.mails_max);
}

static void session_read(struct session *s)
{
    bool slow = sink.rate != 0 && (s->state == SESSION_DATA || s->state == SESSION_BDAT);
    size_t want = slow ? sink.rate / SLOW_STEPS_PER_SECOND + 1 : sizeof sink.in;
    ssize_t n = channel_receive(&s->channel, sink.in, want < sizeof sink.in ? want : sizeof sink.in);
    bool open;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    open = n > 0 && session_feed(s, sink.in, (size_t)n);
    open = send_replies(s) && open;
    if (s->starts_tls) {
        s->starts_tls = false;
        channel_start_tls(&s->channel);
    }
    if (!open)
        session_free(s);
    else if (slow)
        session_sleep(s, (uint64_t)n);
    release_held();
}

/* --- start --------------------------------------------------------------------------------------------------------- */

static void listen_at(const char *where)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    struct epoll_event e = {.events = EPOLLIN};
    const char *colon = strrchr(where, ':');
    char host[INET_ADDRSTRLEN] = "";
    int one = 1;
    int small = SLOW_RECEIVE_BYTES;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (colon == NULL || (size_t)(colon - where) >= sizeof host || sink.listener_count == LISTENERS_MAX)
        usage("--listen takes ADDR:PORT");
    memcpy(host, where, (size_t)(colon - where));
    a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
        usage("--listen takes an IPv4 address");
    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* accepted sockets inherit it */
    if (sink.rate != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, SOMAXCONN) != 0)
        fail(where);
    sink.listeners[sink.listener_count] = fd;
    e.data.ptr = &sink.listeners[sink.listener_count++];
    if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        fail("epoll_ctl");
}

static void open_record(const char *path)
{
    size_t bytes = RECORD_SINK_HEADER_BYTES + RECORD_MAILS_MAX * sizeof(struct record_sink_mail);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    char *map;

    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
        fail(path);
    map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        fail(path);
    close(fd);
    sink.record = (struct record_sink_header *)(void *)map;
    sink.mails = (struct record_sink_mail *)(void *)(map + RECORD_SINK_HEADER_BYTES);
    sink.record->magic = RECORD_SINK_MAGIC;
}

static void write_ehlo(const char *offer)
{
    size_t len = (size_t)snprintf(sink.ehlo, sizeof sink.ehlo, "250-sink.bench.test\r\n250-");

    sink.chunking = strstr(offer, "CHUNKING") != NULL;
    if (strcmp(offer, "none") == 0)
        len = 0;
    for (const char *p = offer; len != 0 && *p != '\0'; p++) {
        if (len + 8 > sizeof sink.ehlo)
            usage("--offer is too long");
        if (*p == ',')
            len += (size_t)snprintf(sink.ehlo + len, sizeof sink.ehlo - len, "\r\n250-");
        else
            sink.ehlo[len++] = *p == '=' ? ' ' : *p;
    }
    snprintf(sink.ehlo + len, sizeof sink.ehlo - len,
             len == 0 ? "250 sink.bench.test\r\n" : "\r\n250 ENHANCEDSTATUSCODES\r\n");
}

static void run(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];

    for (;;) {
        int timeout_ms = sink.asleep_count > 0 ? wake_sessions() : -1;
        int n = epoll_wait(sink.epoll, events, EVENTS_AT_ONCE, timeout_ms);

        for (int i = 0; i < n; i++) {
            int *listener = events[i].data.ptr;
            if (listener >= sink.listeners && listener < sink.listeners + LISTENERS_MAX)
                session_accept(*listener);
            else
                session_read(events[i].data.ptr);
        }
    }
}

int main(int argc, char **argv)
{
    const char *record = NULL;
    const char *tls = NULL;
    bool resume = true;
    const char *offer = "PIPELINING,8BITMIME,SIZE=104857600";
    const char *where[LISTENERS_MAX];
    size_t where_count = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i];
        const char *value = argv[i + 1];

        if (strcmp(name, "--listen") == 0 && where_count < LISTENERS_MAX)
            where[where_count++] = value;
        else if (strcmp(name, "--record") == 0)
            record = value;
        else if (strcmp(name, "--offer") == 0)
            offer = value;
        else if (strcmp(name, "--rate") == 0)
            sink.rate = strtoull(value, NULL, 10);
        else if (strcmp(name, "--hold") == 0)
            sink.hold = strtoull(value, NULL, 10);
        else if (strcmp(name, "--tls") == 0)
            tls = value;
        else if (strcmp(name, "--resume") == 0)
            resume = strcmp(value, "yes") == 0;
        else if (strcmp(name, "--mails") == 0)
            sink.mails_max = strtoull(value, NULL, 10);
        else
            usage(name);
    }
    if (argc % 2 == 0 || record == NULL || where_count == 0 || sink.hold > HOLD_MAX)
        usage("--listen ADDR:PORT and --record FILE are needed");
    write_ehlo(offer);
    sink.tls = tls != NULL;
    if (sink.tls && !channel_offer_tls(tls, resume))
        usage("--tls needs a sink that was built with libssl-dev, and a PEM file with key and certificate");
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes as it likes */
    open_record(record);
    sink.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (sink.epoll < 0)
        fail("epoll_create1");
    for (size_t i = 0; i < where_count; i++)
        listen_at(where[i]);
    puts("ready");
    fflush(stdout);
    run();
}
