/* SPDX-License-Identifier: MIT */
/*
 * Loaded into the program by the probe, and run there as the body of a thread. Under Wine a menu can be read by its own
 * process only, and nobody else hears what the shell tells the owner of an icon.
 */
#include <windows.h>

#include <windowsx.h>

#include "spy.h"

#define SPY_HEAPS 64

__declspec(dllexport) DWORD WINAPI spy_menu_read(void *argument)
{
    struct spy_menu *m = argument;
    HMENU menu = (HMENU)(uintptr_t)m->menu;
    int count = GetMenuItemCount(menu);

    m->count = count < 0 ? 0 : count > SPY_ITEMS ? SPY_ITEMS : count;
    for (int i = 0; i < m->count; i++) {
        struct spy_menu_item *item = &m->items[i];
        MENUITEMINFOW info = {
            .cbSize = sizeof info,
            .fMask = MIIM_FTYPE | MIIM_STATE | MIIM_ID | MIIM_STRING,
            .dwTypeData = item->text,
            .cch = SPY_TEXT,
        };
        RECT r = {0};

        GetMenuItemInfoW(menu, (UINT)i, TRUE, &info);
        GetMenuItemRect((HWND)(uintptr_t)m->window, menu, (UINT)i, &r);
        item->command = info.wID;
        item->separator = (info.fType & MFT_SEPARATOR) != 0;
        item->ticked = (info.fState & MFS_CHECKED) != 0;
        item->grey = (info.fState & MFS_DISABLED) != 0;
        item->left = r.left;
        item->top = r.top;
        item->right = r.right;
        item->bottom = r.bottom;
    }
    return 0;
}

__declspec(dllexport) DWORD WINAPI spy_heaps_count(void *argument)
{
    struct spy_heaps *h = argument;
    HANDLE heaps[SPY_HEAPS];
    DWORD count = GetProcessHeaps(SPY_HEAPS, heaps);

    for (DWORD i = 0; i < count && i < SPY_HEAPS; i++) {
        PROCESS_HEAP_ENTRY entry = {0};

        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry)) {
            if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) {
                h->bytes += entry.cbData;
                h->blocks++;
            }
        }
        HeapUnlock(heaps[i]);
    }
    return 0;
}

static struct spy_ear heard;

static LRESULT CALLBACK on_sent(int code, WPARAM w, LPARAM l)
{
    const CWPSTRUCT *sent = (const CWPSTRUCT *)l;

    if (code == HC_ACTION && sent->message >= WM_USER && LOWORD(sent->lParam) == WM_MOUSEMOVE) {
        heard.message = sent->message;
        heard.w = sent->wParam;
        heard.l = sent->lParam;
        heard.window = (uint64_t)(uintptr_t)sent->hwnd;
    }
    return CallNextHookEx(NULL, code, w, l);
}

__declspec(dllexport) DWORD WINAPI spy_listen(void *argument)
{
    struct spy_ear *ear = argument;
    HMODULE self = NULL;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const wchar_t *)(void *)&heard, &self);
    ear->works = SetWindowsHookExW(WH_CALLWNDPROC, on_sent, self, ear->thread) != NULL;
    return 0;
}

__declspec(dllexport) DWORD WINAPI spy_hear(void *argument)
{
    *(struct spy_ear *)argument = heard;
    return 0;
}
