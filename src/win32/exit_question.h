/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_EXIT_QUESTION_H
#define TRAYPOST_WIN32_EXIT_QUESTION_H

#include <windows.h>

#include "text.h"

enum exit_answer { EXIT_STAY, EXIT_WHEN_THROUGH, EXIT_NOW };

/* Asked while mail is on its way. `*dialog` is the window while the question stands. */
enum exit_answer exit_question_ask(unsigned mails, enum text_language language, HWND *dialog);

/* Nothing is on its way any more: answers for the person with EXIT_WHEN_THROUGH. */
void exit_question_settle(HWND dialog);

#endif
