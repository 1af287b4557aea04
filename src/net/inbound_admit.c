/* SPDX-License-Identifier: MIT */
/* Who may come in: this machine and whom `--allow` names, as long as there is a place. */

#include "inbound_parts.h"

#include "relay_state.h"

bool inbound_is_refused(const struct inbound *i)
{
    return i->server.state == SMTP_SERVER_REFUSED;
}

/* Its client has no mail under way, and has been silent for so long that it will hardly miss the session. */
static bool is_idle(const struct inbound *i)
{
    const struct relay *relay = i->relay;
    return !smtp_server_in_transaction(&i->server) && peer_all_sent(&i->peer, &i->server.out) &&
           uv_now(relay->loop) - i->heard_ms >= relay->timeouts.client_idle_ms;
}

/* Is there a place for one more, who is among the sessions already? When all are taken, the session that has been idle longest gives
 * way. A mail that has begun is never touched. */
static bool find_place(struct relay *relay)
{
    struct inbound *longest = NULL;
    unsigned seated = 0;
    if (relay->inbound_count <= relay->config.max_sessions)
        return true;
    for (struct inbound *i = relay->inbounds; i; i = i->next) {
        if (i->parting || inbound_is_refused(i) || i->peer.closing)
            continue;
        seated++;
        if (is_idle(i) && (!longest || i->heard_ms < longest->heard_ms))
            longest = i;
    }
    if (seated <= relay->config.max_sessions)
        return true;
    if (longest)
        inbound_shut_by(longest, 3, 2, "another program needs the place");
    return longest != NULL;
}

void inbound_admit(struct inbound *i, bool few_descriptors)
{
    struct relay *relay = i->relay;
    struct ip_port here = peer_local_address(&i->peer);
    struct event e = {.kind = EVENT_STRANGER};
    i->this_machine = ip_equals(&i->client.ip, &here.ip); /* who comes from the address it connects to */
    if (!i->this_machine && !relay_allows(relay, &i->client.ip)) {
        smtp_server_init_refusing(&i->server, relay->instance, 554, 7, 1,
                                  "serves the machine it runs on only");
        peer_set_timeout(&i->peer, relay->timeouts.client_parting_ms);
        ip_port_format(&i->client, e.detail);
        events_add(&relay->events, &e);
    } else if (few_descriptors || !find_place(relay)) {
        smtp_server_init_refusing(&i->server, relay->instance, 421, 3, 2,
                                  "has too many sessions; try again later");
        relay_note_full(relay);
    } else {
        smtp_server_init(&i->server, relay->instance, relay->config.max_size_bytes);
        i->program = program_new(&relay->programs, &i->client, &here);
    }
}
