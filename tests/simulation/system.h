/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SYSTEM_H
#define TRAYPOST_TESTS_SYSTEM_H

/* The computer says that its network has changed; nothing if nobody listens. */
void system_network_changes(void);

#endif
