/* SPDX-License-Identifier: MIT */
/* JSON out. */
#include "probe.h"

#include <stdio.h>

#define TEXT_BYTES (1 << 18)

void say_text(const wchar_t *text)
{
    static char bytes[TEXT_BYTES];
    int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);

    putchar('"');
    for (int i = 0; i + 1 < length; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

void say_failure(const char *what)
{
    printf("{\"error\": \"%s: %lu\"}", what, GetLastError());
}

void say_truth(bool is_true)
{
    fputs(is_true ? "true" : "false", stdout);
}
