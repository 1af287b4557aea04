/* SPDX-License-Identifier: MIT */
/* What a process holds. Under Wine the usual functions all say 0. */
#include "probe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <winternl.h>

struct handle_entry {
    void *object;
    ULONG_PTR process;
    ULONG_PTR value;
    ULONG access;
    USHORT trace, type;
    ULONG attributes, reserved;
};

struct handle_table {
    ULONG_PTR count, reserved;
    struct handle_entry entries[];
};

enum { SYSTEM_EXTENDED_HANDLES = 64 };

/* Wine's GetProcessHandleCount() always says 0. */
static long kernel_handles(DWORD process)
{
    ULONG size = 1 << 20, needed = 0;
    long count = 0;

    for (;;) {
        struct handle_table *table = malloc(size);
        NTSTATUS status;

        if (!table)
            return -1;
        status =
            NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)SYSTEM_EXTENDED_HANDLES, table, size, &needed);
        if (status == 0) {
            for (ULONG_PTR i = 0; i < table->count; i++)
                count += table->entries[i].process == process;
            free(table);
            return count;
        }
        free(table);
        if (size > 64 << 20)
            return -1;
        size *= 2;
    }
}

struct gdi_entry {
    ULONG64 object;
    ULONG owner; /* process id; 0: the entry is free */
    USHORT unique;
    BYTE type; /* 0: the entry is free */
    BYTE flags;
    ULONG64 user_pointer;
};

enum { GDI_ENTRIES = 16384, PEB_GDI_TABLE = 0xf8 };

/* Wine's GetGuiResources() always says 0; but each process has its table where Windows has it. */
static long gdi_objects(HANDLE process)
{
    static struct gdi_entry entries[GDI_ENTRIES];
    PROCESS_BASIC_INFORMATION basic;
    char *table = NULL;
    long count = 0;

    if (NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, NULL) != 0 ||
        !ReadProcessMemory(process, (char *)basic.PebBaseAddress + PEB_GDI_TABLE, &table, sizeof table,
                           NULL) ||
        !ReadProcessMemory(process, table, entries, sizeof entries, NULL))
        return -1;
    for (int i = 0; i < GDI_ENTRIES; i++)
        count += entries[i].type != 0;
    return count;
}

enum { USER_FIRST = 0x20, USER_ALL = 16000, USER_SURE = 64 };

/*
 * Windows, menus, icons and cursors of all processes together, which is enough to see one of them grow. Wine gives
 * out the lowest free numbers in no order; once USER_SURE new ones in a row follow each other, none below is free.
 */
static long user_objects(void)
{
    static HMENU taken[USER_ALL];
    long count = 0, in_a_row = 0, used = -1;

    while (count < USER_ALL && in_a_row < USER_SURE && (taken[count] = CreateMenu())) {
        long place = (long)((uintptr_t)taken[count] & 0xffff);
        long before = count ? (long)((uintptr_t)taken[count - 1] & 0xffff) : 0;

        in_a_row = place == before + 2 ? in_a_row + 1 : 0;
        count++;
        if (in_a_row == USER_SURE)
            used = (place - USER_FIRST) / 2 + 1 - count;
    }
    while (count > 0)
        DestroyMenu(taken[--count]);
    return used;
}

void say_resources(DWORD id)
{
    HANDLE process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, id);

    if (!process) {
        say_failure("OpenProcess");
        return;
    }
    printf("{\"gdi\": %ld, \"user\": %ld, \"priority\": %lu, \"kernel\": %ld}", gdi_objects(process),
           user_objects(), GetPriorityClass(process), kernel_handles(id));
    CloseHandle(process);
}
