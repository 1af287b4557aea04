/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_WIN32_LOG_COLUMNS_H
#define TRAYPOST_WIN32_LOG_COLUMNS_H

/* The columns of the log's list: what stands in them, and how wide they are. */

#include "log_list.h"

enum text_ui log_columns_heading(enum log_column column);

/* What stands in a column, in at most `size` units. The sentence of a line that is not about a mail stands in the last
 * one, and in no other but the time. */
void log_columns_cell(const struct log_list *l, int index, enum log_column column, wchar_t *text,
                      size_t size);

/* The widths that a person finds at first. */
void log_columns_init(struct log_list *l);

/* To the list when it has been made, and the widths when it has its dpi. */
void log_columns_add(struct log_list *l);
void log_columns_resize(struct log_list *l);

/* The list has become wider (if `may_grow`) or narrower, or has more lines than fit: the last column, and it alone,
 * goes with it. */
void log_columns_fit(struct log_list *l, bool may_grow);

/* WM_NOTIFY from the headings to the list. The first before the list has it, true when the answer is `result` and the
 * list need not; the second after. */
bool log_columns_on_header(struct log_list *l, const NMHDR *message, LRESULT *result);
void log_columns_after_header(struct log_list *l, const NMHDR *message);

#endif
