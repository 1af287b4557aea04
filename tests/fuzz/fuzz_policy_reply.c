/* SPDX-License-Identifier: MIT */
/*
 * Answers of web servers that are asked for a policy. First octet: whether the connection has ended. Whatever it is read as,
 * it is read as the same again, and a part of it is never a different file.
 */

#include "fuzz.h"
#include "smtp/policy.h"
#include "smtp/policy_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct buf file, part;
    struct smtp_policy policy;
    if (size == 0)
        return 0;
    bool ended = bytes[0] & 1;
    struct span input = span_make((const char *)bytes + 1, size - 1);
    buf_init(&file, SMTP_POLICY_FILE_MAX);
    buf_init(&part, SMTP_POLICY_FILE_MAX);
    enum smtp_policy_reply reply = smtp_policy_reply_read(input, ended, &file);
    ALWAYS(!ended || reply != SMTP_POLICY_REPLY_MORE, "what has ended is not waited for");
    ALWAYS(smtp_policy_reply_name(reply)[0], "it has a name");
    if (reply == SMTP_POLICY_REPLY_OK) {
        ALWAYS(file.length <= SMTP_POLICY_FILE_MAX && file.length <= input.length, "no more than has come");
        (void)smtp_policy_parse(buf_span(&file), &policy);
    }
    for (size_t cut = 0; cut < input.length; cut += 1 + input.length / 64) {
        enum smtp_policy_reply early = smtp_policy_reply_read(span_first(input, cut), false, &part);
        if (early == SMTP_POLICY_REPLY_OK)
            ALWAYS(reply == early && span_equals(buf_span(&part), buf_span(&file)), "a file stays what it is");
        else if (early != SMTP_POLICY_REPLY_MORE)
            ALWAYS(reply == early, "and so does a refusal");
    }
    buf_clear(&file);
    buf_clear(&part);
    return 0;
}
