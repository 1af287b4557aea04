/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_SIMULATED_TCP_H
#define TRAYPOST_TESTS_SIMULATED_TCP_H

struct wire_end;

/* A client's end of a connection to wherever the engine listens; NULL: nowhere. */
struct wire_end *tcp_knock(void);

#endif
