/* SPDX-License-Identifier: MIT */
#include "exit_question.h"

#include <commctrl.h>
#include <stdio.h>

#include "wide.h"

#define TEXT_SIZE 512
#define FIRST_BUTTON 100 /* + enum exit_answer */

static HRESULT CALLBACK on_dialog(HWND window, UINT event, WPARAM wparam, LPARAM lparam, LONG_PTR data)
{
    HWND *dialog = (HWND *)data;

    (void)wparam;
    (void)lparam;
    if (event == TDN_CREATED)
        *dialog = window;
    else if (event == TDN_DESTROYED)
        *dialog = NULL;
    return S_OK;
}

static void write_question(unsigned mails, enum text_language language, wchar_t *out)
{
    char count[16];
    const struct text_value value = {"count", count};
    struct buf text;
    const char *words;

    snprintf(count, sizeof count, "%u", mails);
    buf_init(&text, TEXT_SIZE);
    text_ui_fill(TEXT_UI_EXIT_QUESTION, language, &value, 1, &text);
    words = buf_text(&text);
    wide_copy(words ? words : "", out, TEXT_SIZE);
    buf_clear(&text);
}

enum exit_answer exit_question_ask(unsigned mails, enum text_language language, HWND *dialog)
{
    static const struct {
        enum exit_answer answer;
        enum text_ui text;
    } rows[] = {
        {EXIT_WHEN_THROUGH, TEXT_UI_EXIT_WAIT},
        {EXIT_NOW, TEXT_UI_EXIT_NOW},
        {EXIT_STAY, TEXT_UI_EXIT_STAY},
    };
    enum { COUNT = sizeof rows / sizeof rows[0] };
    wchar_t title[TEXT_SIZE], question[TEXT_SIZE], explanation[TEXT_SIZE], words[COUNT][TEXT_SIZE];
    TASKDIALOG_BUTTON buttons[COUNT];
    int pressed = 0;

    wide_copy(text_ui(TEXT_UI_EXIT_TITLE, language), title, TEXT_SIZE);
    wide_copy(text_ui(TEXT_UI_EXIT_EXPLANATION, language), explanation, TEXT_SIZE);
    write_question(mails, language, question);
    for (int i = 0; i < COUNT; i++) {
        wide_copy(text_ui(rows[i].text, language), words[i], TEXT_SIZE);
        buttons[i] = (TASKDIALOG_BUTTON){FIRST_BUTTON + (int)rows[i].answer, words[i]};
    }
    const TASKDIALOGCONFIG config = {
        .cbSize = sizeof config,
        .hInstance = GetModuleHandleW(NULL),
        .dwFlags = TDF_ALLOW_DIALOG_CANCELLATION | TDF_SIZE_TO_CONTENT,
        .pszWindowTitle = title,
        .pszMainIcon = TD_WARNING_ICON,
        .pszMainInstruction = question,
        .pszContent = explanation,
        .cButtons = COUNT,
        .pButtons = buttons,
        .nDefaultButton = FIRST_BUTTON + EXIT_WHEN_THROUGH,
        .pfCallback = on_dialog,
        .lpCallbackData = (LONG_PTR)dialog,
    };
    HRESULT result = TaskDialogIndirect(&config, &pressed, NULL, NULL);
    *dialog = NULL;
    if (FAILED(result))
        return EXIT_WHEN_THROUGH; /* what does no harm */
    return pressed >= FIRST_BUTTON ? (enum exit_answer)(pressed - FIRST_BUTTON) : EXIT_STAY; /* Esc */
}

void exit_question_settle(HWND dialog)
{
    PostMessageW(dialog, TDM_CLICK_BUTTON, FIRST_BUTTON + EXIT_WHEN_THROUGH, 0);
}
