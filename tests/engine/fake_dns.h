/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_FAKE_DNS_H
#define TRAYPOST_TESTS_FAKE_DNS_H

/*
 * A name server on a UDP port of its own, with a table of names. It can refuse, say nothing, send questions back,
 * not hear those with EDNS, keep them for later, die and come back on the same port.
 */

#include <uv.h>

#include "core/ip.h"

struct engine;

#define FAKE_DNS_ROWS 64
#define FAKE_DNS_HELD 64
#define FAKE_DNS_PACKET 2048

enum fake_dns_mood {
    FAKE_DNS_ANSWERS,
    FAKE_DNS_REFUSES,
    FAKE_DNS_SILENT,
    FAKE_DNS_REFLECTS,
    FAKE_DNS_KNOWS_NO_EDNS, /* and says nothing to it */
    FAKE_DNS_HOLDS
};

struct fake_dns_row {
    const char *name;
    const char *host; /* an MX; or NULL and ... */
    unsigned preference;
    const char *text; /* or a TXT record */
    struct ip address;
};

struct fake_dns_question {
    struct sockaddr_storage from;
    size_t length; /* up to the end of the question */
    unsigned char bytes[300];
    char name[256];
    unsigned type;
    bool edns;
};

struct fake_dns {
    struct engine *engine;
    uv_udp_t udp;
    bool alive;
    struct ip_port address;
    enum fake_dns_mood mood;
    struct fake_dns_row rows[FAKE_DNS_ROWS];
    size_t row_count;
    struct fake_dns_question held[FAKE_DNS_HELD];
    size_t held_count;
    unsigned mx_questions, address_questions, text_questions, other_questions;
    /* NULL, or changes an answer before it goes out; `bytes` has room for FAKE_DNS_PACKET. Says how long it is now. */
    size_t (*spoil)(struct fake_dns *dns, const struct fake_dns_question *q, unsigned char *bytes,
                    size_t length);
    void *spoiler; /* whatever `spoil` wants to know */
};

void fake_dns_open(struct fake_dns *dns, struct engine *e);
void fake_dns_die(struct fake_dns *dns); /* the port is closed: the system answers for it */
void fake_dns_revive(struct fake_dns *dns);

void fake_dns_add_mx(struct fake_dns *dns, const char *domain, unsigned preference, const char *host);
void fake_dns_add_address(struct fake_dns *dns, const char *host, const char *address);
void fake_dns_add_text(struct fake_dns *dns, const char *name, const char *text);

/* Answers what was held, and from now on everything. */
void fake_dns_release(struct fake_dns *dns);

#endif
