/* SPDX-License-Identifier: MIT */
/* A library that somebody has put beside a setup under the name of one of Windows': says that it was loaded, by a file. */
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    wchar_t path[MAX_PATH], mark[MAX_PATH] = L"C:\\planted-";
    const wchar_t *name = path;

    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH || !GetModuleFileNameW(module, path, MAX_PATH))
        return TRUE;
    for (const wchar_t *p = path; *p; p++)
        if (*p == L'\\')
            name = p + 1;
    lstrcatW(mark, name);
    CloseHandle(CreateFileW(mark, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
    return TRUE;
}
