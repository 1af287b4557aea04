/* SPDX-License-Identifier: MIT */
/*
 * Looks at other programs' windows from inside the same Windows desktop, for the tests of the tray.
 *
 * Reads one command a line from stdin and answers each with one line of JSON on stdout, so that a question costs
 * a millisecond and not the start of a program. probe.py is the other end and says what there is to ask. Numbers
 * are decimal. What cannot be asked from outside (a menu's items, under Wine) is asked by spy.c inside the program.
 */
#include "probe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 6, LINE_BYTES = 4096 };

static unsigned long long number(const char *word)
{
    return strtoull(word, NULL, 10);
}

static HWND window(const char *word)
{
    return (HWND)(uintptr_t)number(word);
}

/* Valid until the next call. */
static const wchar_t *wide(const char *word)
{
    static wchar_t text[LINE_BYTES];

    MultiByteToWideChar(CP_UTF8, 0, word, -1, text, LINE_BYTES);
    return text;
}

static bool is(const char *verb, int words, char *const word[], int count)
{
    return count == words + 1 && strcmp(word[0], verb) == 0;
}

static void obey(char *const w[], int n)
{
    if (is("windows", 0, w, n))
        say_windows(NULL);
    else if (is("children", 1, w, n))
        say_windows(window(w[1]));
    else if (is("text", 1, w, n))
        say_window_text(window(w[1]));
    else if (is("focus", 0, w, n))
        say_focus();
    else if (is("list", 1, w, n))
        say_list(window(w[1]));
    else if (is("menu", 2, w, n))
        say_menu(window(w[1]), wide(w[2]));
    else if (is("heaps", 2, w, n))
        say_heaps((DWORD)number(w[1]), wide(w[2]));
    else if (is("listen", 3, w, n))
        listen_to((DWORD)number(w[1]), (DWORD)number(w[2]), wide(w[3]));
    else if (is("heard", 2, w, n))
        say_heard((DWORD)number(w[1]), wide(w[2]));
    else if (is("forget-icon", 2, w, n))
        forget_icon(window(w[1]), (UINT)number(w[2]));
    else if (is("title", 1, w, n))
        say_title(window(w[1]));
    else if (is("processes", 0, w, n))
        say_processes();
    else if (is("image", 1, w, n))
        say_image((DWORD)number(w[1]));
    else if (is("kill", 1, w, n))
        kill_process((DWORD)number(w[1]));
    else if (is("resources", 1, w, n))
        say_resources((DWORD)number(w[1]));
    else if (is("threads", 1, w, n))
        say_threads((DWORD)number(w[1]));
    else if (is("crash", 1, w, n))
        crash_thread((DWORD)number(w[1]));
    else if (is("post", 4, w, n))
        say_truth(PostMessageW(window(w[1]), (UINT)number(w[2]), (WPARAM)number(w[3]), (LPARAM)number(w[4])));
    else if (is("send", 4, w, n))
        say_answer(window(w[1]), (UINT)number(w[2]), (WPARAM)number(w[3]), (LPARAM)number(w[4]));
    else if (is("broadcast", 1, w, n))
        say_truth(PostMessageW(HWND_BROADCAST, RegisterWindowMessageW(wide(w[1])), 0, 0));
    else if (is("open-and-close", 5, w, n))
        open_and_close(window(w[1]), (LPARAM)number(w[2]), (DWORD)number(w[3]), wide(w[4]),
                       (int)number(w[5]));
    else
        say_failure("not a command");
}

/* Cuts the line at its blanks. */
static int split(char *line, char *word[WORDS_MAX])
{
    int count = 0;

    for (char *p = line; *p;) {
        size_t length = strcspn(p, " \r\n");

        if (length > 0 && count < WORDS_MAX)
            word[count++] = p;
        p += length;
        if (*p)
            *p++ = '\0';
    }
    return count;
}

int main(void)
{
    static char line[LINE_BYTES];

    while (fgets(line, sizeof line, stdin)) {
        char *word[WORDS_MAX];
        int count = split(line, word);

        if (count > 0)
            obey(word, count);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
