/* SPDX-License-Identifier: MIT */
#include <ares.h>
#include <uv.h> /* before windows.h, because of Winsock */

#include "about.h"

#include <commctrl.h>
#include <idn2.h>
#include <mbedtls/build_info.h>
#include <shellapi.h>
#include <stdlib.h>

#include "resource.h"
#include "version.h"
#include "wide.h"

#define TEXT_MAX 4096

static void append(struct buf *out, enum text_ui which, enum text_language language, const char *name,
                   const char *value)
{
    const struct text_value values[] = {{name, value}};

    text_ui_fill(which, language, values, 1, out);
}

static void append_facts(struct buf *out, const struct engine_view *view, enum text_language language)
{
    const char *none = text_ui(TEXT_UI_ABOUT_NONE, language);

    append(out, TEXT_UI_ABOUT_SENTENCE, language, "", "");
    buf_append_text(out, "\n\n");
    append(out, TEXT_UI_ABOUT_NAME_SERVER, language, "server",
           view->name_server[0] ? view->name_server : none);
    buf_append_text(out, "\n");
    append(out, TEXT_UI_ABOUT_LISTENING, language, "addresses", view->listening[0] ? view->listening : none);
}

static void append_licences(struct buf *out, enum text_language language)
{
    char libraries[192];

    snprintf(libraries, sizeof libraries,
             "libuv %s (MIT), c-ares %s (MIT), Mbed TLS %s (Apache 2.0), libidn2 %s (LGPL 3)",
             uv_version_string(), ares_version(NULL), MBEDTLS_VERSION_STRING, IDN2_VERSION);
    buf_append_text(out, "\n\n");
    append(out, TEXT_UI_ABOUT_LICENCE, language, "", "");
    buf_append_text(out, "\n");
    append(out, TEXT_UI_ABOUT_LIBRARIES, language, "libraries", libraries);
}

static void append_link(struct buf *out, enum text_language language)
{
    buf_printf(out, "<a href=\"%s\">%s</a>", TRAYPOST_HOMEPAGE, text_ui(TEXT_UI_ABOUT_WEB, language));
}

static wchar_t *finish(struct buf *text)
{
    const char *words = buf_text(text);
    wchar_t *wide = words ? wide_new(words) : NULL;

    buf_clear(text);
    return wide;
}

static HRESULT CALLBACK on_dialog(HWND window, UINT event, WPARAM wparam, LPARAM lparam, LONG_PTR data)
{
    HWND *dialog = (HWND *)data;

    (void)wparam;
    if (event == TDN_CREATED)
        *dialog = window;
    else if (event == TDN_DESTROYED)
        *dialog = NULL;
    else if (event == TDN_HYPERLINK_CLICKED)
        ShellExecuteW(window, L"open", (const wchar_t *)lparam, NULL, NULL, SW_SHOWNORMAL);
    return S_OK;
}

void about_show(const struct engine_view *view, enum text_language language, HWND *dialog)
{
    struct buf text;
    wchar_t *title, *heading, *facts, *link, *close;

    if (*dialog) {
        SetForegroundWindow(*dialog);
        return;
    }
    buf_init(&text, TEXT_MAX);
    append(&text, TEXT_UI_ABOUT_TITLE, language, "", "");
    title = finish(&text);
    append(&text, TEXT_UI_ABOUT_HEADING, language, "version", TRAYPOST_VERSION);
    heading = finish(&text);
    append_facts(&text, view, language);
    append_licences(&text, language);
    facts = finish(&text);
    append_link(&text, language);
    link = finish(&text);
    append(&text, TEXT_UI_ABOUT_CLOSE, language, "", "");
    close = finish(&text);

    const TASKDIALOG_BUTTON button = {IDCANCEL,
                                      close}; /* Windows' own is in Windows' language, not in ours */
    const TASKDIALOGCONFIG config = {
        .cbSize = sizeof config,
        .hInstance = GetModuleHandleW(NULL),
        .dwFlags = TDF_ENABLE_HYPERLINKS | TDF_ALLOW_DIALOG_CANCELLATION | TDF_SIZE_TO_CONTENT,
        .cButtons = 1,
        .pButtons = &button,
        .pszWindowTitle = title,
        .pszMainIcon = MAKEINTRESOURCEW(ICON_PROGRAM),
        .pszMainInstruction = heading,
        .pszContent = facts,
        .pszFooter = link,
        .pfCallback = on_dialog,
        .lpCallbackData = (LONG_PTR)dialog,
    };
    TaskDialogIndirect(&config, NULL, NULL, NULL);
    *dialog = NULL;
    free(title);
    free(heading);
    free(facts);
    free(link);
    free(close);
}
