/* SPDX-License-Identifier: MIT */
/*
 * The colours. Windows has no documented question for "dark?" that a plain program can ask; the registry value is
 * what its own settings write, and it announces a change of it by WM_SETTINGCHANGE.
 */

#include "theme.h"

#include <dwmapi.h>
#include <uxtheme.h>

/* DWMWA_USE_IMMERSIVE_DARK_MODE, and what it was before Windows 10 20H1. */
#define DARK_TITLE_BAR 20
#define DARK_TITLE_BAR_BEFORE 19

static const struct theme light = {
    .background = RGB(0xff, 0xff, 0xff),
    .text = RGB(0x1b, 0x1b, 0x1b),
    .faint = RGB(0x5c, 0x61, 0x66),
    .line = RGB(0xdf, 0xe2, 0xe6),
    .chosen = RGB(0xd6, 0xe8, 0xfa),
    .chosen_idle = RGB(0xe9, 0xeb, 0xee),
    .levels = {RGB(0x1b, 0x1b, 0x1b), RGB(0x0e, 0x6b, 0x2e), RGB(0xb3, 0x26, 0x1e)},
    .chosen_levels = {RGB(0x1b, 0x1b, 0x1b), RGB(0x0e, 0x6b, 0x2e), RGB(0xb3, 0x26, 0x1e)},
};

static const struct theme dark = {
    .dark = true,
    .background = RGB(0x1f, 0x1f, 0x1f),
    .text = RGB(0xea, 0xea, 0xea),
    .faint = RGB(0xb0, 0xb0, 0xb0),
    .line = RGB(0x3a, 0x3a, 0x3a),
    .chosen = RGB(0x28, 0x41, 0x5c),
    .chosen_idle = RGB(0x36, 0x36, 0x36),
    .levels = {RGB(0xea, 0xea, 0xea), RGB(0x7f, 0xd4, 0x8a), RGB(0xff, 0x99, 0xa4)},
    .chosen_levels = {RGB(0xea, 0xea, 0xea), RGB(0x7f, 0xd4, 0x8a), RGB(0xff, 0x99, 0xa4)},
};

/* The person has chosen two colours to tell apart; a third would be our taste against their eyes. */
static struct theme of_the_system(void)
{
    COLORREF text = GetSysColor(COLOR_WINDOWTEXT);
    COLORREF on_chosen = GetSysColor(COLOR_HIGHLIGHTTEXT);

    return (struct theme){
        .high_contrast = true,
        .background = GetSysColor(COLOR_WINDOW),
        .text = text,
        .faint = text,
        .line = text,
        .chosen = GetSysColor(COLOR_HIGHLIGHT),
        .chosen_idle = GetSysColor(COLOR_HIGHLIGHT),
        .levels = {text, text, text},
        .chosen_levels = {on_chosen, on_chosen, on_chosen},
    };
}

struct theme theme_now(void)
{
    HIGHCONTRASTW contrast = {.cbSize = sizeof contrast};
    DWORD apps_use_light = 1;
    DWORD size = sizeof apps_use_light;

    if (SystemParametersInfoW(SPI_GETHIGHCONTRAST, sizeof contrast, &contrast, 0) &&
        (contrast.dwFlags & HCF_HIGHCONTRASTON))
        return of_the_system();
    RegGetValueW(HKEY_CURRENT_USER, L"Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize",
                 L"AppsUseLightTheme", RRF_RT_REG_DWORD, NULL, &apps_use_light, &size);
    return apps_use_light ? light : dark;
}

bool theme_is_change(UINT message, WPARAM wparam, LPARAM lparam)
{
    switch (message) {
    case WM_SETTINGCHANGE:
        return wparam == SPI_SETHIGHCONTRAST ||
               (lparam && lstrcmpW((const wchar_t *)lparam, L"ImmersiveColorSet") == 0);
    case WM_THEMECHANGED:
    case WM_SYSCOLORCHANGE:
        return true;
    default:
        return false;
    }
}

void theme_dress_window(HWND window, const struct theme *theme)
{
    BOOL is_dark = theme->dark;

    if (FAILED(DwmSetWindowAttribute(window, DARK_TITLE_BAR, &is_dark, sizeof is_dark)))
        DwmSetWindowAttribute(window, DARK_TITLE_BAR_BEFORE, &is_dark, sizeof is_dark);
}

void theme_dress_control(HWND control, const struct theme *theme)
{
    /* Not documented, and found in every Windows since 1809; one that does not know it goes on with its
     * usual looks. */
    SetWindowTheme(control,
                   theme->high_contrast ? NULL
                   : theme->dark        ? L"DarkMode_Explorer"
                                        : L"Explorer",
                   NULL);
}
