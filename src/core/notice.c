/* SPDX-License-Identifier: MIT */
/* Windows shows one notification of a program at a time, and a person reads one. So what fails in a row is one
 * story: told at its first line, and told further while it is still on the screen. */

#include "core/notice.h"

bool notice_concerns(const struct event *e)
{
    /* That the internet is gone is seen everywhere, and on a train ten times in an hour: the red icon will do. */
    return event_level(e->kind) == EVENT_ERROR && e->kind != EVENT_NO_INTERNET;
}

static bool is_over(const struct notice *n, uint64_t now_ms)
{
    return now_ms - n->opened_ms >= NOTICE_SHARE_MS;
}

static bool may_rewrite(const struct notice *n, uint64_t now_ms)
{
    return now_ms - n->shown_ms >= NOTICE_REWRITE_MS;
}

static enum notice_step rewrite(struct notice *n, uint64_t now_ms)
{
    n->changed = false;
    n->shown_ms = now_ms;
    return NOTICE_REWRITE;
}

enum notice_step notice_add(struct notice *n, uint64_t line, uint64_t now_ms)
{
    if (n->failures > 0 && !is_over(n, now_ms)) {
        n->failures++;
        n->changed = true;
        return may_rewrite(n, now_ms) ? rewrite(n, now_ms) : NOTICE_NOTHING;
    }
    *n = (struct notice){.opened_ms = now_ms, .shown_ms = now_ms, .first_line = line, .failures = 1};
    return NOTICE_SHOW;
}

enum notice_step notice_tick(struct notice *n, uint64_t now_ms)
{
    return n->changed && may_rewrite(n, now_ms) ? rewrite(n, now_ms) : NOTICE_NOTHING;
}

uint64_t notice_due_ms(const struct notice *n, uint64_t now_ms)
{
    if (!n->changed)
        return UINT64_MAX;
    return may_rewrite(n, now_ms) ? 0 : NOTICE_REWRITE_MS - (now_ms - n->shown_ms);
}
