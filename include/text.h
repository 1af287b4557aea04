/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TEXT_H
#define TRAYPOST_TEXT_H

/*
 * Every sentence people read, in every language, from one catalogue (src/text). Facts in, UTF-8 out.
 * SMTP replies are not here: they are English and ASCII, and belong to the protocol.
 */

#include "core/buf.h"
#include "core/config.h"
#include "core/event.h"
#include "core/status.h"

enum text_language { TEXT_EN, TEXT_CS, TEXT_PL, TEXT_LANGUAGE_COUNT };

/* From the option and, where it says nothing, a locale name such as "cs_CZ.UTF-8" or "pl-PL" (NULL
 * or unknown: English). */
enum text_language text_language_choose(enum config_language wanted, const char *locale);

/* The sentence of a log line, without time and without a newline. */
void text_event(const struct event *e, enum text_language language, struct buf *out);

bool text_event_is_mail(const struct event *e);

/* Who sent what to whom, for the log window's columns: "unknown program" and "<>" where there is nothing. Only for
 * events that are about a mail. */
void text_event_program(const struct event *e, enum text_language language, struct buf *out);
void text_event_sender(const struct event *e, enum text_language language, struct buf *out);
void text_event_recipient(const struct event *e, enum text_language language, struct buf *out);

/* What became of a mail in a few words ("Delivered to mx1.example.org", "Refused: no such mailbox (550 5.1.1)"),
 * for the log window's column with the result. Only for events that are about a mail. */
void text_event_result(const struct event *e, enum text_language language, struct buf *out);

/* Why it was not delivered, for a notification: our explanation, else the other server's words. Only for a mail
 * that was not. */
void text_event_reason(const struct event *e, enum text_language language, struct buf *out);

/* The whole story of a line for the pane below the log: labelled facts a line each, the other server's words
 * as they came, what they mean, and what to do. Lines end in "\n"; a fact that is not there has none. */
void text_event_detail(const struct event *e, enum text_language language, struct buf *out);

/* What a report by mail says about recipients: of those who failed, that they did not get what others got; of the others, that
 * their servers have it and will send no report. `others_have_it`: all who are not named. */
void text_report_begin(bool failed, bool others_have_it, enum text_language language, struct buf *out);

/* Of one of them: EVENT_FAILED or EVENT_DELIVERED. */
void text_report_recipient(const struct event *e, enum text_language language, struct buf *out);

/* "12:03:11", local time of the event. */
void text_event_time(const struct event *e, char text[9]);

/*
 * Texts of icon, menu, windows and notifications. X(name, limit): `limit` is what its place holds in UTF-16
 * units with every placeholder filled as long as it can be (0: the place grows with the text).
 * "&" stands before the letter that a menu or button is reached by. Lines are parted by "\n".
 *
 * NOTICE_MAIL alone cannot keep its limit, because recipient and reason are as long as strangers make them:
 * there the limit is for the words between. They come in the order of what must be read first, and what does
 * not fit is cut off at the end with an ellipsis, as wide_copy() does.
 */
#define TEXT_UIS(X)                                                                                          \
    X(TOOLTIP, 127)       /* {state} {delivered} {failed} */                                                 \
    X(STATE_STARTING, 60) /* {state}, in this order of importance when several are true */                   \
    X(STATE_ENDING, 60)   /* waits for mails before it exits */                                              \
    X(STATE_CRASHED, 60)                                                                                     \
    X(STATE_STOPPED, 60)                                                                                     \
    X(STATE_NO_INTERNET, 60)                                                                                 \
    X(STATE_NO_PORT, 60)                                                                                     \
    X(STATE_TROUBLE, 60)                                                                                     \
    X(STATE_READY, 60)                                                                                       \
    X(MENU_RESET, 40)                                                                                        \
    X(MENU_STOP, 40)                                                                                         \
    X(MENU_START, 40)                                                                                        \
    X(MENU_LOG, 40)                                                                                          \
    X(MENU_AUTOSTART, 40)                                                                                    \
    X(MENU_ABOUT, 40)                                                                                        \
    X(MENU_EXIT, 40)                                                                                         \
    X(AUTOSTART_REFUSED, 0) /* {words}: Windows' */                                                          \
    X(LOG_TITLE, 60)                                                                                         \
    X(LOG_TIME, 9) /* headings of columns */                                                                 \
    X(LOG_PROGRAM, 14)                                                                                       \
    X(LOG_FROM, 20)                                                                                          \
    X(LOG_TO, 20)                                                                                            \
    X(LOG_RESULT, 30)                                                                                        \
    X(LOG_COPY, 40) /* menu of the log */                                                                    \
    X(LOG_SELECT_ALL, 40)                                                                                    \
    X(NOTICE_TITLE_MAIL, 63)  /* one mail was not delivered */                                               \
    X(NOTICE_MAIL, 40)        /* {recipient} {reason}: text_event_reason() */                                \
    X(NOTICE_TITLE_MANY, 63)  /* {count} things went wrong */                                                \
    X(NOTICE_MORE, 60)        /* {count}: last line, when not all fit */                                     \
    X(NOTICE_TITLE_OTHER, 63) /* something else than a mail */                                               \
    X(EXIT_TITLE, 60)                                                                                        \
    X(EXIT_QUESTION, 120) /* {count} mails are on their way */                                               \
    X(EXIT_EXPLANATION, 0)                                                                                   \
    X(EXIT_WAIT, 60) /* end when they are through */                                                         \
    X(EXIT_NOW, 60)                                                                                          \
    X(EXIT_STAY, 60)        /* do not end at all */                                                          \
    X(SHUTDOWN_REASON, 255) /* why Windows must wait */                                                      \
    X(ABOUT_TITLE, 60)                                                                                       \
    X(ABOUT_HEADING, 60)    /* {version} */                                                                  \
    X(ABOUT_SENTENCE, 0)    /* what it is */                                                                 \
    X(ABOUT_NAME_SERVER, 0) /* {server} */                                                                   \
    X(ABOUT_LISTENING, 0)   /* {addresses} */                                                                \
    X(ABOUT_NONE, 30)       /* in place of {server} or {addresses} */                                        \
    X(ABOUT_LICENCE, 0)                                                                                      \
    X(ABOUT_LIBRARIES, 0) /* {libraries}: "libuv 1.50.0 (MIT), ..." */                                       \
    X(ABOUT_WEB, 60)      /* words of the link */                                                            \
    X(ABOUT_CLOSE, 40)                                                                                       \
    X(REPORT_FAILED_SUBJECT, 60)                                                                             \
    X(REPORT_FAILED, 0)                                                                                      \
    X(REPORT_OTHERS_HAVE_IT, 0) /* goes on with it, when it is so */                                         \
    X(REPORT_FAILED_LINE, 0)    /* {recipient} {reason} {host} {words} {remedy} */                           \
    X(REPORT_RELAYED_SUBJECT, 60)                                                                            \
    X(REPORT_RELAYED, 0)                                                                                     \
    X(REPORT_RELAYED_LINE, 0) /* {recipient} {host} */                                                       \
    X(CANNOT_START, 0)        /* {words}: English */

enum text_ui {
#define X(name, limit) TEXT_UI_##name,
    TEXT_UIS(X)
#undef X
        TEXT_UI_COUNT
};

const char *text_ui(enum text_ui which, enum text_language language);

struct text_value {
    const char *name; /* of the placeholder */
    const char *value;
};

/* The same with its placeholders filled; values are made safe to show. */
void text_ui_fill(enum text_ui which, enum text_language language, const struct text_value *values,
                  size_t count, struct buf *out);

/* UTF-16 units that a text takes in Windows' hands. */
size_t text_utf16_units(const char *text);

#endif
