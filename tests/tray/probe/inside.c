/* SPDX-License-Identifier: MIT */
/* What only the program itself can be asked, by way of the spy that is loaded into it. */
#include "probe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <tlhelp32.h>

#include "spy.h"

/* Functions of every process at the same address, and functions of the spy: two ways to find a thread's body. */
union body {
    FARPROC function;
    char *address;
    LPTHREAD_START_ROUTINE start;
};

static void run_inside(HANDLE process, union body body, void *argument)
{
    HANDLE thread = CreateRemoteThread(process, NULL, 0, body.start, argument, 0, NULL);

    WaitForSingleObject(thread, PATIENCE_MS);
    CloseHandle(thread);
}

static char *where_loaded(DWORD process)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, process);
    MODULEENTRY32W module = {.dwSize = sizeof module};
    char *found = NULL;

    for (BOOL more = Module32FirstW(all, &module); more && !found; more = Module32NextW(all, &module)) {
        if (_wcsicmp(module.szModule, L"spy.dll") == 0)
            found = (char *)module.modBaseAddr;
    }
    CloseHandle(all);
    return found;
}

static void load(DWORD process, const wchar_t *spy)
{
    size_t size = (wcslen(spy) + 1) * sizeof *spy;
    union body body = {.function = GetProcAddress(GetModuleHandleA("kernel32"), "LoadLibraryW")};
    struct lent l;

    if (lend(&l, process, size) && put(&l, 0, spy, size))
        run_inside(l.process, body, l.there);
    take_back(&l);
}

/* Calls a function of the spy inside the process with a copy of `argument`, and copies it back. */
static bool call(DWORD process, const wchar_t *spy, const char *function, void *argument, size_t size)
{
    HMODULE here = LoadLibraryW(spy);
    union body body = {.function = here ? GetProcAddress(here, function) : NULL};
    struct lent l = {0};
    char *there;
    bool done;

    if (!where_loaded(process))
        load(process, spy);
    there = where_loaded(process);
    done = body.address && there && lend(&l, process, size) && put(&l, 0, argument, size);
    if (done) {
        body.address += there - (char *)here;
        run_inside(l.process, body, l.there);
        done = get(&l, 0, argument, size);
    }
    take_back(&l);
    if (!done)
        say_failure(function);
    return done;
}

void say_menu(HWND window, const wchar_t *spy)
{
    static struct spy_menu menu;
    LRESULT handle = 0;
    DWORD process = 0;

    GetWindowThreadProcessId(window, &process);
    if (!ask(window, MN_GETHMENU, 0, 0, &handle) || !handle) {
        say_failure("not a menu");
        return;
    }
    menu = (struct spy_menu){.menu = (uint64_t)handle, .window = (uint64_t)(uintptr_t)window};
    if (!call(process, spy, "spy_menu_read", &menu, sizeof menu))
        return;
    putchar('[');
    for (int i = 0; i < menu.count; i++) {
        const struct spy_menu_item *item = &menu.items[i];

        printf("%s{\"command\": %u, \"separator\": %s, \"ticked\": %s, \"grey\": %s, "
               "\"rect\": [%d, %d, %d, %d], \"text\": ",
               i ? ", " : "", item->command, item->separator ? "true" : "false",
               item->ticked ? "true" : "false", item->grey ? "true" : "false", item->left, item->top,
               item->right, item->bottom);
        say_text(item->text);
        putchar('}');
    }
    putchar(']');
}

void say_heaps(DWORD process, const wchar_t *spy)
{
    struct spy_heaps heaps = {0};

    if (call(process, spy, "spy_heaps_count", &heaps, sizeof heaps))
        printf("{\"bytes\": %llu, \"blocks\": %llu}", (unsigned long long)heaps.bytes,
               (unsigned long long)heaps.blocks);
}

void listen_to(DWORD process, DWORD thread, const wchar_t *spy)
{
    struct spy_ear ear = {.thread = thread};

    if (call(process, spy, "spy_listen", &ear, sizeof ear))
        say_truth(ear.works);
}

void say_heard(DWORD process, const wchar_t *spy)
{
    struct spy_ear ear = {0};

    if (call(process, spy, "spy_hear", &ear, sizeof ear))
        printf("{\"window\": %llu, \"message\": %u, \"w\": %llu, \"l\": %lld}",
               (unsigned long long)ear.window, ear.message, (unsigned long long)ear.w, (long long)ear.l);
}
