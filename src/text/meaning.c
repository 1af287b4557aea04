/* SPDX-License-Identifier: MIT */
#include "meaning.h"

#define ANY (-2)
#define NO_SUBJECT (-1) /* there was no enhanced status code */

/* Enhanced status codes: RFC 3463, RFC 7372 (SPF, DKIM, names of addresses) and IANA's registry. The first row
 * that fits decides. `code` is a class (4, 5) or a whole reply code. */
static const struct {
    int code, subject, detail;
    enum text_meaning meaning;
} meanings[] = {
    {ANY, 1, 1, TEXT_MEANING_NO_MAILBOX},
    {ANY, 1, 2, TEXT_MEANING_NOT_HERE},
    {ANY, 1, 3, TEXT_MEANING_BAD_ADDRESS},
    {ANY, 1, 6, TEXT_MEANING_MOVED},
    {ANY, 1, 7, TEXT_MEANING_BAD_SENDER},
    {ANY, 1, 8, TEXT_MEANING_BAD_SENDER},
    {ANY, 2, 1, TEXT_MEANING_MAILBOX_OFF},
    {ANY, 2, 2, TEXT_MEANING_MAILBOX_FULL},
    {ANY, 2, 3, TEXT_MEANING_TOO_BIG},
    {ANY, 3, 4, TEXT_MEANING_TOO_BIG},
    {4, 3, ANY, TEXT_MEANING_SERVER_TROUBLE},
    {4, 4, 5, TEXT_MEANING_TOO_MUCH},
    {ANY, 5, 3, TEXT_MEANING_TOO_MANY_RECIPIENTS},
    {ANY, 7, 10, TEXT_MEANING_NEEDS_TLS},
    {ANY, 7, 20, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 21, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 22, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 23, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 24, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 25, TEXT_MEANING_NO_REVERSE_NAME},
    {ANY, 7, 26, TEXT_MEANING_UNPROVEN},
    {ANY, 7, 27, TEXT_MEANING_BAD_SENDER},
    {ANY, 7, 28, TEXT_MEANING_TOO_MUCH},
    {4, 7, ANY, TEXT_MEANING_LATER},
    {5, 7, ANY, TEXT_MEANING_RULES},
    {421, NO_SUBJECT, ANY, TEXT_MEANING_SERVER_TROUBLE},
    {450, NO_SUBJECT, ANY, TEXT_MEANING_LATER},
    {451, NO_SUBJECT, ANY, TEXT_MEANING_LATER},
};

enum text_meaning text_meaning_of(const struct outcome *o)
{
    if (o->fault != OUTCOME_FAULT_NONE || o->code < 400)
        return TEXT_MEANING_NONE;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        int code = meanings[i].code;
        int subject = o->subject < 0 ? NO_SUBJECT : o->subject;

        if ((code == ANY || code == o->code || code == o->code / 100) && meanings[i].subject == subject &&
            (meanings[i].detail == ANY || meanings[i].detail == o->detail))
            return meanings[i].meaning;
    }
    return TEXT_MEANING_NONE;
}
