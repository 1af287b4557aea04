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

static bool is_own_address(const struct ip *ip)
{
    uv_interface_address_t *list;
    int count;
    bool own = false;
    if (uv_interface_addresses(&list, &count) != 0)
        return false;
    for (int k = 0; k < count && !own; k++) {
        struct ip_port of_interface = ip_port_from_sockaddr((const struct sockaddr *)&list[k].address);
        own = ip_equals(&of_interface.ip, ip);
    }
    uv_free_interface_addresses(list, count);
    return own;
}

/* Who comes from the address it connects to; or to loopback from another one that it has chosen, as Postfix does. Not whoever
 * comes to loopback: there are systems that let neighbours in there (net.ipv4.conf.*.route_localnet). */
static bool is_this_machine(const struct ip *client, const struct ip *here)
{
    return ip_equals(client, here) ||
           (ip_is_loopback(here) && !ip_is_loopback(client) && is_own_address(client));
}

void inbound_admit(struct inbound *i, bool few_descriptors)
{
    struct relay *relay = i->relay;
    struct ip_port here = peer_local_address(&i->peer);
    struct event e = {.kind = EVENT_STRANGER};
    i->this_machine = is_this_machine(&i->client.ip, &here.ip);
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
