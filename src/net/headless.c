/* SPDX-License-Identifier: MIT */
/*
 * The relay with a console for a face. It only looks: orders go in by relay_post(), lines come out, and the
 * process ends when the loop has nothing left, which is checked to the last handle.
 */

#include "net/headless.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "platform.h"
#include "text.h"
#include "version.h"

#define EXIT_CANNOT_OPEN 1
#define EXIT_IMPATIENT 1
#define EXIT_LEFT_OPEN 70 /* EX_SOFTWARE of sysexits.h */
#define LINE_MAX_BYTES 4096
#define LOCALE_SIZE 64

#define GREEN "\x1b[32m"
#define RED "\x1b[31m"
#define PLAIN "\x1b[0m"

struct console {
    struct relay *relay;
    enum text_language language;
    bool has_colour;
    bool has_light; /* `light` has been shown */
    enum light light;
    bool leaving;
    uv_signal_t signals[HEADLESS_SIGNALS_MAX];
    struct headless_signal meanings[HEADLESS_SIGNALS_MAX];
    size_t signal_count;
};

void headless_complain(const char *text)
{
    fprintf(stderr, "traypost: %s\n", text);
}

/* One write for the whole line, so that lines of several processes on one terminal do not mix. */
static void print_line(const struct console *c, const struct event *when, char symbol, const char *colour,
                       const char *text)
{
    struct buf line;
    char time[9];
    const char *whole;

    text_event_time(when, time);
    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "%s%s %c %s%s\n", c->has_colour ? colour : "", time, symbol, text,
               c->has_colour && colour[0] ? PLAIN : "");
    whole = buf_text(&line);
    if (whole) { /* out of memory: a line of log less, and the mail goes on */
        fputs(whole, stderr);
        fflush(stderr);
    }
    buf_clear(&line);
}

static void on_event(void *context, const struct event *e)
{
    static const struct {
        char symbol;
        const char *colour;
    } looks[] = {
        [EVENT_START] = {'-', ""},
        [EVENT_INFORMATION] = {'+', GREEN},
        [EVENT_ERROR] = {'!', RED},
    };
    const struct console *c = context;
    enum event_level level = event_level(e->kind);
    struct buf sentence;
    const char *text;

    buf_init(&sentence, LINE_MAX_BYTES / 2);
    text_event(e, c->language, &sentence);
    text = buf_text(&sentence);
    if (text)
        print_line(c, e, looks[level].symbol, looks[level].colour, text);
    buf_clear(&sentence);
}

static void on_status(void *context, const struct status *s)
{
    struct console *c = context;
    enum light light = status_light(s);
    struct event now = {.kind = EVENT_STARTED};
    uv_timeval64_t clock;

    if (c->has_light && c->light == light)
        return;
    c->has_light = true;
    c->light = light;
    if (uv_gettimeofday(&clock) == 0) {
        now.time_s = clock.tv_sec;
        now.utc_offset_min = platform_utc_offset_min(clock.tv_sec);
    }
    print_line(c, &now, '=', light == LIGHT_GREEN ? GREEN : RED, light_name(light));
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct console *c = handle->data;

    for (size_t i = 0; i < c->signal_count; i++) {
        if (c->meanings[i].number != number)
            continue;
        if (c->meanings[i].order == RELAY_EXIT && c->leaving)
            _Exit(EXIT_IMPATIENT);
        c->leaving = c->leaving || c->meanings[i].order == RELAY_EXIT;
        relay_post(c->relay, c->meanings[i].order);
    }
}

/* Signals wait without keeping the loop alive: the relay alone decides when it is over. */
static int open_signals(struct console *c, uv_loop_t *loop, const struct headless_signal *signals,
                        size_t count)
{
    for (size_t i = 0; i < count && i < HEADLESS_SIGNALS_MAX; i++) {
        uv_signal_t *handle = &c->signals[i];
        int err = uv_signal_init(loop, handle);

        if (err != 0)
            return err;
        handle->data = c;
        c->meanings[i] = signals[i];
        c->signal_count++;
        err = uv_signal_start(handle, on_signal, signals[i].number);
        if (err != 0)
            return err;
        uv_unref((uv_handle_t *)handle);
    }
    return 0;
}

static int run_relay(const struct config *config, const struct headless_signal *signals, size_t signal_count)
{
    struct console console = {.has_colour = platform_terminal_has_colour(fileno(stderr))};
    const struct relay_watcher watcher = {.event = on_event, .status = on_status, .context = &console};
    char locale[LOCALE_SIZE];
    uv_loop_t loop;
    int exit_code = 0;
    int err = uv_loop_init(&loop);

    if (err != 0) {
        headless_complain(uv_strerror(err));
        return EXIT_CANNOT_OPEN;
    }
    platform_enter_background();
    platform_raise_descriptor_limit();
    platform_locale(locale, sizeof locale);
    console.language = text_language_choose(config->language, locale);

    err = open_signals(&console, &loop, signals, signal_count);
    if (err == 0)
        err = relay_open(&loop, config, &watcher, &console.relay);
    if (err == 0)
        relay_post(console.relay, RELAY_START);
    else
        headless_complain(uv_strerror(err));
    if (err != 0)
        exit_code = EXIT_CANNOT_OPEN;

    uv_run(&loop, UV_RUN_DEFAULT); /* also lets what a failed relay_open() has closed go */
    for (size_t i = 0; i < console.signal_count; i++)
        uv_close((uv_handle_t *)&console.signals[i], NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0) {
        headless_complain("something was left open at the end:");
        uv_print_all_handles(&loop, stderr);
        exit_code = EXIT_LEFT_OPEN;
    }
    return exit_code;
}

int headless_run(const struct config *config, const struct headless_signal *signals, size_t signal_count)
{
    switch (config->action) {
    case CONFIG_HELP:
        fputs(config_help(), stdout);
        return 0;
    case CONFIG_VERSION:
        puts("Traypost " TRAYPOST_VERSION);
        return 0;
    case CONFIG_RUN:
        break;
    case CONFIG_EXIT: /* main() knows where there is somebody to ask */
        return EXIT_CANNOT_OPEN;
    }
    return run_relay(config, signals, signal_count);
}
