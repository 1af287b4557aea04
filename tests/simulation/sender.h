/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SENDER_H
#define TRAYPOST_TESTS_SENDER_H

/*
 * The programs that send by the relay. Each has some mails, sends them one after the other, and sends again what it
 * has been told to try later, or has not been told to be delivered: soon, late, or not at all. By chance they pipeline,
 * use BDAT, read slowly, pause, give up waiting, and vanish at any moment.
 */

#include <stdbool.h>

void senders_begin(void);
void senders_end(void);

/* All have done what they wanted, or have given up. */
bool senders_done(void);

/* From now on nobody begins anything. */
void senders_finish(void);

#endif
