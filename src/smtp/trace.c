/* SPDX-License-Identifier: MIT */
/*
 * The header section as it streams by. A line start is the only place where anything is decided: the
 * octets up to the colon are held (they are few), everything else is passed on as views.
 */

#include "smtp/trace.h"

#include <stdio.h>
#include <string.h>

void smtp_trace_init(struct smtp_trace *t, const char *received, const char *date, const char *message_id)
{
    *t = (struct smtp_trace){
        .state = SMTP_TRACE_TOP, .received = received, .date = date, .message_id = message_id};
}

bool smtp_trace_loops(const struct smtp_trace *t)
{
    return t->hops > SMTP_TRACE_HOPS_MAX;
}

static struct span held_name(const struct smtp_trace *t)
{
    return span_make(t->name, t->name_length);
}

static void note_field(struct smtp_trace *t, struct span name)
{
    t->fields++;
    name = span_trim(name); /* "Date :" is obsolete syntax (RFC 5322 section 4.5), and still Date */
    if (span_equals_nocase(name, SPAN("Received")))
        t->hops++;
    else if (span_equals_nocase(name, SPAN("Date")))
        t->has_date = t->names_itself = true;
    else if (span_equals_nocase(name, SPAN("Message-ID")))
        t->has_message_id = t->names_itself = true;
}

/* May `c` be the next octet of a field name? White space may only stand before the colon. */
static bool continues_name(const struct smtp_trace *t, char c)
{
    bool blank_seen =
        t->name_length > 0 && (t->name[t->name_length - 1] == ' ' || t->name[t->name_length - 1] == '\t');
    if (c == ' ' || c == '\t')
        return t->name_length > 0;
    return c > ' ' && c <= '~' && c != ':' && !blank_seen;
}

/* An mbox "From " line in front of the header section: not a field, and not its end either. */
static bool is_mbox_line(const struct smtp_trace *t)
{
    struct span name = held_name(t);
    return span_equals(name, SPAN("From ")) || span_equals(name, SPAN(">From "));
}

/* Holds octets until the line has said what it is. True when `state` has moved on. */
static bool judge_line(struct smtp_trace *t, struct span *content)
{
    while (content->length > 0) {
        char c = content->at[0];
        if (t->name_length == 0 && (c == ' ' || c == '\t') && t->fields > 0) {
            t->state = SMTP_TRACE_VALUE; /* folded: belongs to the field before */
            return true;
        }
        if (t->name_length > 0 && c == ':') {
            note_field(t, held_name(t));
            t->state = SMTP_TRACE_VALUE;
            return true;
        }
        if (is_mbox_line(t) || t->name_length == sizeof t->name) {
            t->state = SMTP_TRACE_VALUE;
            return true;
        }
        if (!continues_name(t, c)) {
            /* The empty line, or a line that is no header: a body without its empty line. */
            t->blank_line_owed = t->name_length > 0 || c != '\r';
            t->state = SMTP_TRACE_MISSING;
            return true;
        }
        t->name[t->name_length++] = c;
        *content = span_skip(*content, 1);
    }
    return false;
}

static bool take_held_name(struct smtp_trace *t, struct span *piece)
{
    *piece = held_name(t);
    t->name_length = 0;
    return piece->length > 0;
}

/* One of the lines that were missing; false when all have been said and the body follows. */
static bool take_missing(struct smtp_trace *t, struct span *piece)
{
    if (!t->has_date) {
        t->has_date = true;
        *piece = span_of(t->date);
    } else if (!t->has_message_id) {
        t->has_message_id = true;
        *piece = span_of(t->message_id);
    } else if (t->blank_line_owed) {
        t->blank_line_owed = false;
        *piece = SPAN("\r\n");
    } else {
        t->state = SMTP_TRACE_BODY;
        return false;
    }
    return true;
}

bool smtp_trace_next(struct smtp_trace *t, struct span *content, struct span *piece)
{
    while (content->length > 0) {
        switch (t->state) {
        case SMTP_TRACE_TOP:
            t->state = SMTP_TRACE_NAME;
            *piece = span_of(t->received);
            return true;
        case SMTP_TRACE_NAME:
            if (!judge_line(t, content))
                return false;
            break;
        case SMTP_TRACE_VALUE: {
            if (take_held_name(t, piece))
                return true;
            size_t end = span_find(*content, '\n') + 1;
            if (end <= content->length)
                t->state = SMTP_TRACE_NAME;
            *piece = span_first(*content, end);
            *content = span_skip(*content, end);
            t->utf8 = t->utf8 || !span_is_ascii(*piece);
            return true;
        }
        case SMTP_TRACE_MISSING:
            if (take_missing(t, piece))
                return true;
            break;
        case SMTP_TRACE_BODY:
            if (take_held_name(t, piece))
                return true;
            *piece = *content;
            *content = span_skip(*content, content->length);
            return true;
        }
    }
    return false;
}

bool smtp_trace_end(struct smtp_trace *t, struct span *piece)
{
    switch (t->state) {
    case SMTP_TRACE_TOP:
        t->state = SMTP_TRACE_NAME;
        *piece = span_of(t->received);
        return true;
    case SMTP_TRACE_VALUE: /* the last header line has no end */
        if (take_held_name(t, piece))
            return true;
        t->state = SMTP_TRACE_MISSING;
        *piece = SPAN("\r\n");
        return true;
    case SMTP_TRACE_NAME:
        t->blank_line_owed = t->name_length > 0;
        t->state = SMTP_TRACE_MISSING;
        return smtp_trace_end(t, piece);
    case SMTP_TRACE_MISSING:
        if (take_missing(t, piece))
            return true;
        return smtp_trace_end(t, piece);
    case SMTP_TRACE_BODY:
        return take_held_name(t, piece);
    }
    return false;
}

/* Days since 1970 to a date, by eras of 400 years that begin on 1 March (so that the leap day is the
 * last of its year). */
static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void smtp_trace_format_date(int64_t time_s, int utc_offset_min, char *text, size_t size)
{
    static const char weekdays[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t absurd = INT64_C(250000000000); /* the year 9892, and as far back */
    if (time_s > absurd || time_s < -absurd)
        time_s = 0;
    int64_t local = time_s + (int64_t)utc_offset_min * 60;
    int64_t days = local / 86400, seconds = local % 86400;
    if (seconds < 0) {
        days--;
        seconds += 86400;
    }
    int year, month, day;
    date_from_days(days, &year, &month, &day);
    int offset = utc_offset_min < 0 ? -utc_offset_min : utc_offset_min;
    snprintf(text, size, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[((days % 7) + 7) % 7], day,
             months[month - 1], year, (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
             utc_offset_min < 0 ? '-' : '+', offset / 60, offset % 60);
}

/* ---------------------------------------------------------------- our own lines */

static const char *protocol_name(const struct smtp_trace_origin *o)
{
    if (o->smtputf8)
        return o->authenticated ? "UTF8SMTPA" : "UTF8SMTP";
    if (!o->extended)
        return "SMTP";
    return o->authenticated ? "ESMTPA" : "ESMTP";
}

/* Extended-Domain: behind an address literal, too, stands what TCP knows. */
static void write_from(const struct ip *peer, char *from, size_t size)
{
    const char *tag = peer->family == IP_V6 ? "IPv6:" : "";
    char ip[IP_TEXT_SIZE];
    ip_format(peer, ip);
    if (peer->family == IP_NONE)
        snprintf(from, size, "localhost");
    else if (ip_is_loopback(peer))
        snprintf(from, size, "localhost ([%s%s])", tag, ip);
    else
        snprintf(from, size, "[%s%s] ([%s%s])", tag, ip, tag, ip);
}

void smtp_trace_write_lines(struct smtp_trace_lines *lines, const struct smtp_trace_origin *origin,
                            const struct smtp_trace_mark *mark)
{
    char from[2 * sizeof "[IPv6:]" + 2 * IP_TEXT_SIZE], date[40];
    write_from(&origin->peer, from, sizeof from);
    smtp_trace_format_date(mark->time_s, mark->utc_offset_min, date, sizeof date);
    snprintf(lines->received, sizeof lines->received,
             "Received: from %s\r\n\tby localhost (Traypost %s) with %s id %08lX%06llX;\r\n\t%s\r\n", from,
             mark->version, protocol_name(origin), (unsigned long)mark->instance,
             (unsigned long long)mark->serial, date);
    snprintf(lines->date, sizeof lines->date, "Date: %s\r\n", date);
    snprintf(lines->message_id, sizeof lines->message_id, "Message-ID: <%llx.%016llx@traypost.invalid>\r\n",
             (unsigned long long)mark->time_s, (unsigned long long)mark->random);
}
