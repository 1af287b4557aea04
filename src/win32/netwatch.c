/* SPDX-License-Identifier: MIT */
/*
 * Network changes without polling. Windows calls us on threads of its own; all that happens there is
 * uv_async_send(). Two ways bring the news:
 *
 *   notices   callbacks registered with the IP helper: interfaces, addresses, routes
 *   signals   events that a waiting thread of the pool turns into a callback: the socket layer's list of
 *             addresses (which also works where the first way does not), and the registry keys where the
 *             name servers are kept, of which no notice tells
 *
 * A signal fires once and is then armed anew, on the loop's thread, before anybody is told: what changes
 * while we look is not missed. Closing unregisters everything, and waits for callbacks that are under way,
 * before the async handle goes.
 */

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <mstcpip.h>

#include <stdlib.h>

#include "platform.h"

#define CANCEL_WAIT_MS 1000

enum { NOTICE_COUNT = 3 };
enum { SIGNAL_ADDRESSES, SIGNAL_DNS4, SIGNAL_DNS6, SIGNAL_COUNT };

struct change_signal {
    uv_async_t *async;
    HANDLE event; /* NULL: could not be had, not in use */
    HANDLE wait;
    volatile LONG fired;
    SOCKET socket; /* of SIGNAL_ADDRESSES */
    WSAOVERLAPPED overlapped;
    HKEY key; /* of the others */
};

/* Apart from the caller's structure, because Windows writes into it until it has been told to stop. */
struct registrations {
    HANDLE notices[NOTICE_COUNT];
    struct change_signal signals[SIGNAL_COUNT];
};

/* ---- on Windows' threads ---- */

static void WINAPI on_interface(void *context, MIB_IPINTERFACE_ROW *row, MIB_NOTIFICATION_TYPE type)
{
    (void)row;
    (void)type;
    uv_async_send(context);
}

static void WINAPI on_address(void *context, MIB_UNICASTIPADDRESS_ROW *row, MIB_NOTIFICATION_TYPE type)
{
    (void)row;
    (void)type;
    uv_async_send(context);
}

static void WINAPI on_route(void *context, MIB_IPFORWARD_ROW2 *row, MIB_NOTIFICATION_TYPE type)
{
    (void)row;
    (void)type;
    uv_async_send(context);
}

static void CALLBACK on_event(void *context, BOOLEAN timed_out)
{
    struct change_signal *signal = context;

    (void)timed_out;
    InterlockedExchange(&signal->fired, 1);
    uv_async_send(signal->async);
}

/* ---- on the loop's thread ---- */

static bool arm(struct change_signal *signal)
{
    DWORD none;

    if (signal->key) /* the key, all below it, and values set: DhcpNameServer, NameServer */
        return RegNotifyChangeKeyValue(signal->key, TRUE, REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET,
                                       signal->event, TRUE) == ERROR_SUCCESS;
    signal->overlapped = (WSAOVERLAPPED){.hEvent = signal->event};
    return WSAIoctl(signal->socket, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &none, &signal->overlapped,
                    NULL) == 0 ||
           WSAGetLastError() == WSA_IO_PENDING;
}

static void release(struct change_signal *signal)
{
    if (signal->wait)
        UnregisterWaitEx(signal->wait, INVALID_HANDLE_VALUE); /* waits for a callback under way */
    if (signal->key)
        RegCloseKey(signal->key);
    if (signal->socket != INVALID_SOCKET)
        closesocket(signal->socket);
    if (signal->event)
        CloseHandle(signal->event);
    *signal = (struct change_signal){.socket = INVALID_SOCKET};
}

/* The request is cancelled before its memory goes. False: Windows still holds it. */
static bool cancel(const struct change_signal *signal)
{
    if (signal->key || signal->socket == INVALID_SOCKET || HasOverlappedIoCompleted(&signal->overlapped))
        return true;
    CancelIoEx((HANDLE)signal->socket, NULL);
    return WaitForSingleObject(signal->event, CANCEL_WAIT_MS) == WAIT_OBJECT_0;
}

/* `signal` has its key or its socket. */
static void start_signal(struct change_signal *signal, uv_async_t *async)
{
    signal->async = async;
    signal->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!signal->event || !arm(signal) ||
        !RegisterWaitForSingleObject(&signal->wait, signal->event, on_event, signal, INFINITE,
                                     WT_EXECUTEDEFAULT))
        release(signal);
}

static void start_addresses(struct change_signal *signal, uv_async_t *async)
{
    signal->socket = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
                                WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (signal->socket != INVALID_SOCKET)
        start_signal(signal, async);
}

static void start_key(struct change_signal *signal, uv_async_t *async, const wchar_t *path)
{
    signal->socket = INVALID_SOCKET;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_NOTIFY, &signal->key) == ERROR_SUCCESS)
        start_signal(signal, async);
    else
        signal->key = NULL;
}

static void on_async(uv_async_t *async)
{
    struct platform_network_watch *watch = async->data;
    struct registrations *r = (struct registrations *)watch->system[0];

    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct change_signal *signal = &r->signals[i];

        if (InterlockedExchange(&signal->fired, 0) && !arm(signal))
            release(signal);
    }
    watch->changed(watch);
}

int platform_watch_network(struct platform_network_watch *watch, uv_loop_t *loop)
{
    struct registrations *r = calloc(1, sizeof *r);
    uv_async_t *async = &watch->handle.async;
    int err = r ? uv_async_init(loop, async, on_async) : UV_ENOMEM;

    if (err != 0) {
        free(r);
        return err;
    }
    watch->loop = loop;
    watch->open_handles = 1;
    watch->system[0] = (intptr_t)r;
    async->data = watch;

    /* Each of these may fail, and the others still tell. */
    NotifyIpInterfaceChange(AF_UNSPEC, on_interface, async, FALSE, &r->notices[0]);
    NotifyUnicastIpAddressChange(AF_UNSPEC, on_address, async, FALSE, &r->notices[1]);
    NotifyRouteChange2(AF_UNSPEC, on_route, async, FALSE, &r->notices[2]);
    start_addresses(&r->signals[SIGNAL_ADDRESSES], async);
    start_key(&r->signals[SIGNAL_DNS4], async,
              L"SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces");
    start_key(&r->signals[SIGNAL_DNS6], async,
              L"SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters\\Interfaces");
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct platform_network_watch *watch = handle->data;

    watch->open_handles = 0;
    watch->closed(watch);
}

void platform_watch_network_close(struct platform_network_watch *watch)
{
    struct registrations *r = (struct registrations *)watch->system[0];
    bool is_free = true;

    for (size_t i = 0; i < NOTICE_COUNT; i++)
        if (r->notices[i])
            CancelMibChangeNotify2(r->notices[i]); /* waits for a callback under way */
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct change_signal *signal = &r->signals[i];

        if (signal->wait) {
            UnregisterWaitEx(signal->wait, INVALID_HANDLE_VALUE);
            signal->wait = NULL;
        }
        is_free = cancel(signal) && is_free;
        release(signal);
    }
    if (is_free) /* otherwise rather lost memory than written by Windows */
        free(r);
    uv_close((uv_handle_t *)&watch->handle.async, on_closed);
}
