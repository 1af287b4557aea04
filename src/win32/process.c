/* SPDX-License-Identifier: MIT */
/*
 * From a TCP connection to the program at its other end: Windows' TCP tables know the process of every socket
 * of this machine. A table is fetched once for a whole batch, since it can have thousands of rows.
 */

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <tlhelp32.h>

#include <stdlib.h>
#include <string.h>

#include "platform.h"

#define TABLE_TRIES 5 /* it may grow between asking its size and fetching it */
#define PATH_SIZE 1024

/* The caller frees it; NULL when there is none. */
static void *fetch_table(ULONG family, TCP_TABLE_CLASS class)
{
    DWORD size = 64 * 1024;

    for (int i = 0; i < TABLE_TRIES; i++) {
        void *table = malloc(size);
        DWORD err = table ? GetExtendedTcpTable(table, &size, FALSE, family, class, 0) : ERROR_OUTOFMEMORY;

        if (err == NO_ERROR)
            return table;
        free(table);
        if (err != ERROR_INSUFFICIENT_BUFFER)
            return NULL;
        size += size / 4;
    }
    return NULL;
}

static struct ip_port from_v4(DWORD address, DWORD port)
{
    uint8_t bytes[4];

    memcpy(bytes, &address, sizeof bytes);
    return (struct ip_port){ip_from_v4(bytes), ntohs((u_short)port)};
}

static struct ip_port from_v6(const UCHAR address[16], DWORD port)
{
    return (struct ip_port){ip_from_v6(address), ntohs((u_short)port)};
}

static bool same(const struct ip_port *a, const struct ip_port *b)
{
    return a->port == b->port && ip_equals(&a->ip, &b->ip);
}

/* ---- process id -> name ---- */

static bool set_name(struct platform_process *process, const wchar_t *path)
{
    char utf8[PATH_SIZE * 3];
    const wchar_t *name = path;

    for (const wchar_t *c = path; *c; c++)
        if (*c == L'\\')
            name = c + 1;
    if (WideCharToMultiByte(CP_UTF8, 0, name, -1, utf8, sizeof utf8, NULL, NULL) == 0)
        return false;
    span_copy(span_of(utf8), process->name, sizeof process->name);
    return true;
}

/* Works for processes of other users, which may not be opened; slower, so only the second choice. */
static void name_from_snapshot(struct platform_process *process)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};

    if (snapshot == INVALID_HANDLE_VALUE)
        return;
    for (BOOL more = Process32FirstW(snapshot, &entry); more; more = Process32NextW(snapshot, &entry)) {
        if (entry.th32ProcessID == (DWORD)process->pid) {
            set_name(process, entry.szExeFile);
            break;
        }
    }
    CloseHandle(snapshot);
}

static void name_process(struct platform_process *process)
{
    HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)process->pid);
    wchar_t path[PATH_SIZE];
    DWORD length = PATH_SIZE;
    bool named = handle && QueryFullProcessImageNameW(handle, 0, path, &length) && set_name(process, path);

    if (handle)
        CloseHandle(handle);
    if (!named)
        name_from_snapshot(process);
}

/* ---- connections ---- */

static bool wants(const struct platform_connection *c, enum ip_family family)
{
    return c->process.pid == 0 && c->peer.ip.family == family;
}

static void match(struct platform_connection *connections, size_t count, const struct ip_port *local,
                  const struct ip_port *remote, DWORD pid)
{
    for (size_t i = 0; i < count; i++)
        if (connections[i].process.pid == 0 && same(&connections[i].peer, local) &&
            same(&connections[i].here, remote))
            connections[i].process.pid = (long)pid;
}

static void match_v4(struct platform_connection *connections, size_t count)
{
    MIB_TCPTABLE_OWNER_PID *table = fetch_table(AF_INET, TCP_TABLE_OWNER_PID_CONNECTIONS);

    for (DWORD i = 0; table && i < table->dwNumEntries; i++) {
        const MIB_TCPROW_OWNER_PID *row = &table->table[i];
        struct ip_port local = from_v4(row->dwLocalAddr, row->dwLocalPort);
        struct ip_port remote = from_v4(row->dwRemoteAddr, row->dwRemotePort);

        match(connections, count, &local, &remote, row->dwOwningPid);
    }
    free(table);
}

/* Rows of sockets that speak IPv4 through IPv6 match as well: their mapped addresses have become IPv4. */
static void match_v6(struct platform_connection *connections, size_t count)
{
    MIB_TCP6TABLE_OWNER_PID *table = fetch_table(AF_INET6, TCP_TABLE_OWNER_PID_CONNECTIONS);

    for (DWORD i = 0; table && i < table->dwNumEntries; i++) {
        const MIB_TCP6ROW_OWNER_PID *row = &table->table[i];
        struct ip_port local = from_v6(row->ucLocalAddr, row->dwLocalPort);
        struct ip_port remote = from_v6(row->ucRemoteAddr, row->dwRemotePort);

        match(connections, count, &local, &remote, row->dwOwningPid);
    }
    free(table);
}

void platform_find_processes(struct platform_connection *connections, size_t count)
{
    bool need_v4 = false, need_v6 = false;

    for (size_t i = 0; i < count; i++) {
        connections[i].process = (struct platform_process){.pid = 0};
        need_v4 = need_v4 || wants(&connections[i], IP_V4);
    }
    if (need_v4)
        match_v4(connections, count);
    for (size_t i = 0; i < count; i++)
        need_v6 = need_v6 || wants(&connections[i], IP_V6) || wants(&connections[i], IP_V4);
    if (need_v6)
        match_v6(connections, count);
    for (size_t i = 0; i < count; i++)
        if (connections[i].process.pid != 0)
            name_process(&connections[i].process);
}

/* ---- listeners ---- */

/* One that listens on all addresses is in the way of each; "::" often means IPv4 as well. */
static bool in_the_way(const struct ip_port *listener, const struct ip_port *wanted)
{
    return listener->port == wanted->port &&
           (ip_equals(&listener->ip, &wanted->ip) || ip_is_unspecified(&listener->ip) ||
            ip_is_unspecified(&wanted->ip));
}

static DWORD listener_v4(const struct ip_port *wanted)
{
    MIB_TCPTABLE_OWNER_PID *table = fetch_table(AF_INET, TCP_TABLE_OWNER_PID_LISTENER);
    DWORD pid = 0;

    for (DWORD i = 0; table && i < table->dwNumEntries && pid == 0; i++) {
        struct ip_port listener = from_v4(table->table[i].dwLocalAddr, table->table[i].dwLocalPort);

        if (in_the_way(&listener, wanted))
            pid = table->table[i].dwOwningPid;
    }
    free(table);
    return pid;
}

static DWORD listener_v6(const struct ip_port *wanted)
{
    MIB_TCP6TABLE_OWNER_PID *table = fetch_table(AF_INET6, TCP_TABLE_OWNER_PID_LISTENER);
    DWORD pid = 0;

    for (DWORD i = 0; table && i < table->dwNumEntries && pid == 0; i++) {
        struct ip_port listener = from_v6(table->table[i].ucLocalAddr, table->table[i].dwLocalPort);

        if (in_the_way(&listener, wanted))
            pid = table->table[i].dwOwningPid;
    }
    free(table);
    return pid;
}

void platform_find_listener(const struct ip_port *address, struct platform_process *process)
{
    DWORD pid = address->ip.family == IP_V6 ? listener_v6(address) : listener_v4(address);

    if (pid == 0) /* perhaps a listener of the other family takes both */
        pid = address->ip.family == IP_V6 ? listener_v4(address) : listener_v6(address);
    *process = (struct platform_process){.pid = (long)pid};
    if (pid != 0)
        name_process(process);
}
