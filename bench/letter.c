/* SPDX-License-Identifier: MIT
 *
 * See letter.h. The text has a line with a doubled dot now and then, so that undoing and adding dots is part of the proof.
 */
#include "letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char plain_line[] =
    "The quick brown fox jumps over the lazy dog and 0123456789 other animals\r\n";
static const char dotted_line[] = "..a line that began with a dot\r\n";

#define LINES_PER_DOTTED_LINE 16

bool letter_form_make(struct letter_form *form, size_t bytes)
{
    struct letter letter;
    size_t frame;
    size_t used = 0;
    size_t line = 0;

    memset(form, 0, sizeof *form);
    letter_write(&letter, form, 0);
    frame = letter.head_bytes + letter.tail_bytes;
    form->middle = malloc(bytes + sizeof plain_line);
    if (form->middle == NULL)
        return false;
    while (frame + used < bytes) {
        bool dotted = line++ % LINES_PER_DOTTED_LINE == 0;
        const char *text = dotted ? dotted_line : plain_line;
        size_t len = strlen(text);

        memcpy(form->middle + used, text, len);
        digest_add(&form->middle_digest, text + dotted, len - dotted);
        used += len;
    }
    form->middle_bytes = used;
    return true;
}

void letter_write(struct letter *letter, const struct letter_form *form, uint64_t id)
{
    letter->form = form;
    letter->head_bytes = (size_t)snprintf(letter->head, sizeof letter->head,
                                          "From: Bench <from@bench.test>\r\n"
                                          "To: Sink <to@bench.test>\r\n"
                                          "Subject: bench\r\n"
                                          "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\n"
                                          "Message-ID: <%0*" PRIu64 "@bench.test>\r\n"
                                          "X-Bench-Id: %0*" PRIu64 "\r\n"
                                          "\r\n",
                                          RECORD_ID_DIGITS, id, RECORD_ID_DIGITS, id);
    letter->tail_bytes = (size_t)snprintf(letter->tail, sizeof letter->tail, "end of %0*" PRIu64 "\r\n.\r\n",
                                          RECORD_ID_DIGITS, id);
}

size_t letter_bytes(const struct letter *letter)
{
    return letter->head_bytes + letter->form->middle_bytes + letter->tail_bytes;
}

struct digest letter_digest(const struct letter *letter)
{
    struct digest d = letter->form->middle_digest;

    digest_add(&d, letter->tail, letter->tail_bytes - strlen(".\r\n"));
    return d;
}

int letter_parts(const struct letter *letter, size_t from, size_t to, struct iovec parts[3])
{
    const char *base[3] = {letter->head, letter->form->middle, letter->tail};
    size_t size[3] = {letter->head_bytes, letter->form->middle_bytes, letter->tail_bytes};
    size_t start = 0; /* offset of the part at hand in the whole mail */
    int used = 0;

    for (int i = 0; i < 3 && start < to; start += size[i++]) {
        size_t first = from > start ? from - start : 0;
        size_t last = to - start < size[i] ? to - start : size[i];

        if (first < last)
            parts[used++] =
                (struct iovec){.iov_base = (char *)(uintptr_t)(base[i] + first), .iov_len = last - first};
    }
    return used;
}
