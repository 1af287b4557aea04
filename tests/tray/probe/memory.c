/* SPDX-License-Identifier: MIT */
/* Room in another process, for messages whose answer is written through a pointer. */
#include "probe.h"

bool lend(struct lent *l, DWORD process, size_t size)
{
    *l = (struct lent){.process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, process)};
    if (l->process)
        l->there = VirtualAllocEx(l->process, NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    return l->there != NULL;
}

void take_back(struct lent *l)
{
    if (l->there)
        VirtualFreeEx(l->process, l->there, 0, MEM_RELEASE);
    if (l->process)
        CloseHandle(l->process);
}

bool put(const struct lent *l, size_t offset, const void *from, size_t size)
{
    return WriteProcessMemory(l->process, l->there + offset, from, size, NULL);
}

bool get(const struct lent *l, size_t offset, void *to, size_t size)
{
    return ReadProcessMemory(l->process, l->there + offset, to, size, NULL);
}
