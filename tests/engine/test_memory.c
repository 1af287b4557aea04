/* SPDX-License-Identifier: MIT */
/*
 * Out of memory is an ordinary error, wherever it happens. The linker gives this program an allocator that fails when
 * told to (cmake/Tests.cmake), for our code and for the libraries alike; what the tests themselves need they get. A day in
 * the life of a relay is told again and again, and each time another allocation fails.
 *
 *     TRAYPOST_TEST_STRIDE=1    every allocation, and not one in STRIDE
 *     TRAYPOST_TEST_FIRST=N     beginning with the N-th
 */

#include "engine.h"

#include "inbound.h"

#define STRIDE 29
#define STRIDE_TLS 997 /* a handshake has a few hundred */

/* ---------------------------------------------------------------- the allocator */

enum failing {
    FAILING_ONCE,    /* the N-th allocation */
    FAILING_A_WHILE, /* from the N-th on, until there is memory again */
    FAILING_ALWAYS,  /* from the N-th on, also at the end */
    FAILINGS,
};

static const char *const failing_names[FAILINGS] = {"alone", "and all for a while", "and all from there on"};

static struct {
    enum failing how;
    unsigned long count, nth; /* nth 0: there is memory */
} memory;

/* Of this thread: the relay's worker threads have all the memory they want. */
static _Thread_local bool at_work;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_uv_run(uv_loop_t *loop, uv_run_mode mode);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode);

static bool fails(void)
{
    if (!at_work || engine_own_callbacks > 0)
        return false;
    unsigned long number = ++memory.count;
    return memory.nth > 0 && (memory.how == FAILING_ONCE ? number == memory.nth : number >= memory.nth);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    at_work = true;
    int result = __real_uv_run(loop, mode);
    at_work = false;
    return result;
}

static void let_fail(enum failing how, unsigned long nth)
{
    memory.how = how;
    memory.count = 0;
    memory.nth = nth;
}

static unsigned long number_from(const char *variable, unsigned long usual)
{
    const char *text = getenv(variable);
    uint64_t number;
    return text && span_to_number(span_of(text), 1000000, &number) && number > 0 ? (unsigned long)number
                                                                                 : usual;
}

/* ---------------------------------------------------------------- a client that takes what comes */

#define RECIPIENTS_MAX 2

struct mail {
    const char *name; /* in its Message-ID: the same name is the same mail */
    const char *recipients[RECIPIENTS_MAX];
    const char *refused_by; /* whose server says no when it has the whole mail */
    bool in_chunks;
};

/* The code of the reply that is to begin with `wanted`; 0 when the relay has closed instead. `well` stays true as long as
 * everything went as wanted. */
static const char *hear(struct wire *client, char wanted, bool *well)
{
    const char *reply = client_reply(client);
    bool closed = strcmp(reply, "(closed)") == 0;
    bool ordinary = strchr("2345", reply[0]) && reply[3] == ' ' && strspn(reply, "0123456789") == 3;
    HOLDS(closed || ordinary, "an ordinary answer, or the connection is closed: %s", reply);
    *well = *well && reply[0] == wanted;
    return reply;
}

static void ask(struct wire *client, const char *line, char wanted, bool *well)
{
    if (!*well)
        return;
    wire_say(client, line);
    wire_say(client, "\r\n");
    hear(client, wanted, well);
}

static const char *say_content(struct wire *client, const struct mail *mail, bool *well)
{
    char content[256], line[64];
    snprintf(content, sizeof content, "Subject: %s\r\nMessage-ID: <%s@client.test>\r\n\r\n.%s\r\n",
             mail->name, mail->name, mail->in_chunks ? "" : ".");
    if (mail->in_chunks) {
        snprintf(line, sizeof line, "BDAT 9\r\n%.9s", content);
        wire_say(client, line);
        hear(client, '2', well);
        snprintf(line, sizeof line, "BDAT %zu LAST\r\n", strlen(content) - 9);
        wire_say(client, line);
        wire_say(client, content + 9);
    } else {
        ask(client, "DATA", '3', well);
        if (!*well)
            return "";
        wire_say(client, content);
        wire_say(client, ".\r\n");
    }
    return hear(client, '2', well);
}

static bool has_mail(struct fake_mx *mx, const char *name)
{
    char subject[64];
    snprintf(subject, sizeof subject, "Subject: %s\r\n", name);
    for (unsigned i = 0; i < mx->mail_count; i++)
        if (fake_mx_has(&mx->mails[i].content, subject))
            return true;
    return false;
}

static struct fake_mx *server_of(struct engine *e, const char *recipient)
{
    return &e->mx[strstr(recipient, "@one.") ? 0 : strstr(recipient, "@two.") ? 1 : 2];
}

/* True when the client was told 250. Then whoever was taken at RCPT has the mail, or the log says that he has not. */
static bool deliver(struct engine *e, const struct mail *mail)
{
    struct wire *client = client_open(e);
    bool well = client->connect_status == 0, taken[RECIPIENTS_MAX] = {false};
    if (well)
        hear(client, '2', &well);
    ask(client, "EHLO client.test", '2', &well);
    ask(client, "MAIL FROM:<me@three.test>", '2', &well);
    for (int i = 0; i < RECIPIENTS_MAX && mail->recipients[i] && well; i++) {
        char line[64];
        snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", mail->recipients[i]);
        wire_say(client, line);
        taken[i] = true;
        hear(client, '2', &taken[i]);
    }
    if (well)
        say_content(client, mail, &well);
    for (int i = 0; i < RECIPIENTS_MAX && well; i++) {
        const char *recipient = mail->recipients[i];
        if (!taken[i])
            continue;
        if (mail->refused_by && strstr(recipient, mail->refused_by))
            WAIT(e, engine_event(e, EVENT_FAILED, recipient));
        else
            HOLDS(has_mail(server_of(e, recipient), mail->name), "250 to %s, and %s has it not", mail->name,
                  recipient);
    }
    wire_close(client);
    return well;
}

/* ---------------------------------------------------------------- the day */

static void tell_day(struct engine *e)
{
    static const struct mail mails[] = {
        {.name = "two", .recipients = {"a@one.test", "b@two.test"}},
        {.name = "chunks", .recipients = {"a@one.test"}, .in_chunks = true},
        {.name = "unknown", .recipients = {"nobody@one.test", "b@two.test"}},
        {.name = "half", .recipients = {"a@one.test", "b@two.test"}, .refused_by = "@two."},
        {.name = "two", .recipients = {"a@one.test", "b@two.test"}}, /* again */
    };
    fake_mx_rule(&e->mx[0], "RCPT TO:<nobody", "550 5.1.1 who?", 0);
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening);
    for (size_t i = 0; i < COUNT(mails); i++) {
        if (mails[i].refused_by)
            fake_mx_rule(&e->mx[1], ".", "554 5.7.1 no", 0);
        deliver(e, &mails[i]);
        e->mx[1].rule_count = 0;
    }
    e->relay->config.listen[0].port = engine_address(e).port;
    engine_order(e, RELAY_STOP);
    engine_order(e, RELAY_START);
    WAIT(e, e->status.listening);
    deliver(e, &(struct mail){.name = "restarted", .recipients = {"a@one.test"}});
    engine_order(e, RELAY_RESET);
    WAIT(e, e->status.listening);
}

static void goes_on(struct engine *e)
{
    WAIT(e, !e->relay->netwatch.checking); /* or the check that fails is the one the mail waits for */
    const struct mail mail = {.name = "after", .recipients = {"a@one.test", "b@two.test"}};
    HOLDS(deliver(e, &mail), "the relay takes a mail again");
}

/* False when the day has fewer allocations. */
static bool survives(enum failing how, unsigned long nth)
{
    void *state;
    engine_open(&state);
    struct engine *e = state;
    e->relay->config.patience_s = 1;
    let_fail(how, nth);
    tell_day(e);
    bool failed = memory.count >= nth;
    if (how != FAILING_ALWAYS) {
        let_fail(FAILING_ONCE, 0);
        goes_on(e);
    }
    engine_exit(e);
    let_fail(FAILING_ONCE, 0);
    HOLDS(engine_close(&state) == 0, "the loop closes");
    return failed;
}

static void whatever_allocation_fails_the_relay_lives_and_tells_the_truth(void **state)
{
    unsigned long usual = getenv("TRAYPOST_TEST_TLS") ? STRIDE_TLS : STRIDE;
    unsigned long stride = number_from("TRAYPOST_TEST_STRIDE", usual),
                  first = number_from("TRAYPOST_TEST_FIRST", 1);
    (void)state;
    for (enum failing how = FAILING_ONCE; how < FAILINGS; how++) {
        unsigned long nth = first;
        while (survives(how, nth))
            nth += stride;
        print_message("  up to number %lu, %s\n", nth, failing_names[how]);
    }
}

static int say_which(void **state)
{
    (void)state;
    if (memory.nth > 0) /* the test has failed */
        print_error("  the allocation was number %lu, %s\n", memory.nth, failing_names[memory.how]);
    return 0;
}

/* ---------------------------------------------------------------- the beginning */

static bool opens(uv_loop_t *loop, enum failing how, unsigned long nth)
{
    struct relay *relay = NULL;
    struct config config;
    config_defaults(&config);
    let_fail(how, nth);
    at_work = true;
    int error = relay_open(loop, &config, &(struct relay_watcher){.event = NULL}, &relay);
    at_work = false;
    HOLDS((error == 0) == (relay != NULL), "number %lu, %s", nth, failing_names[how]);
    if (relay)
        relay_post(relay, RELAY_EXIT);
    uv_run(loop, UV_RUN_DEFAULT);
    bool failed = memory.count >= nth;
    let_fail(FAILING_ONCE, 0);
    return failed;
}

static void a_relay_that_gets_no_memory_to_begin_with_leaves_nothing_behind(void **state)
{
    (void)state;
    for (enum failing how = FAILING_ONCE; how < FAILINGS; how++) {
        bool failed = true;
        for (unsigned long nth = 1; failed; nth++) {
            uv_loop_t loop;
            assert_int_equal(uv_loop_init(&loop), 0);
            failed = opens(&loop, how, nth);
            HOLDS(uv_loop_close(&loop) == 0, "number %lu, %s", nth, failing_names[how]);
        }
    }
}

/* Two leaks of the libraries', a few hundred octets for each time: an answer that c-ares has no memory to note as such, and
 * what Mbed TLS had of a pair of keys when there was none for the second. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:ares_dns_parse_buf\nleak:mbedtls_ssl_tls13_populate_transform";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_relay_that_gets_no_memory_to_begin_with_leaves_nothing_behind, say_which),
        cmocka_unit_test_teardown(whatever_allocation_fails_the_relay_lives_and_tells_the_truth, say_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
