# SPDX-License-Identifier: MIT
"""PRODUCT sections 6 and 7: nobody but this machine gets in, unless --allow names him. Seen from a neighbour: another network
namespace, at the other end of a cable; by IPv4, IPv6, IPv6 sockets with IPv4 in them, link-local addresses, and packets whose
addresses are lies."""
import json
import re
import socket
from pathlib import Path

import pytest
from clients import Closed, Raw, message
from namespaces import GATE4, GATE6, HOME4, HOME6, hex_address, run, wait_until
from wire import ACK, PSH, SYN, Handmade, Wire

ALL4, ALL6 = "0.0.0.0:25", "[::]:25"


def link_local(ns, link):
    """fe80::..., which says nothing without the link it is on."""
    found = json.loads(run("ip", "-j", "-n", ns, "-6", "addr", "show", "dev", link))[0]["addr_info"]
    return next(a["local"] for a in found if a["scope"] == "link")


@pytest.fixture
def neighbour(internet):
    """neighbour(to, source) is a connection from outside; without a source it has the one that goes with the destination."""
    def connect(to, source=None):
        with internet.inside(internet.net):
            if to == "link-local":
                to = link_local(internet.home, "wan") + "%lan"
            return Raw(to, greet=False, source=source, timeout_s=20)
    return connect


@pytest.fixture
def further_addresses(internet):
    """further_addresses(a, b, ...): the neighbour has them as well."""
    given = []

    def add(*addresses):
        for a in addresses:
            internet.ip(internet.net, "addr add", a + ("/64" if ":" in a else "/24"), "dev lan", "nodad" if ":" in a else "")
            given.append(a)
    yield add
    for a in given:
        internet.ip(internet.net, "addr del", a + ("/64" if ":" in a else "/24"), "dev lan")


def refused(c):
    """554 5.7.1, and no word of the client's changes that."""
    with c:
        reply = c.expect(554)
        assert reply.status == "5.7.1", reply
        c.send("EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@alpha.test>\r\nDATA\r\n")
        with pytest.raises(Closed):
            while (code := c.reply().code) // 100 == 5 or code == 221:
                pass
    return True


# --- nothing is open ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("to", [HOME4, HOME6, "::ffff:" + HOME4, "link-local"])
def test_without_options_nothing_answers_outside(relay, neighbour, to):
    with pytest.raises(ConnectionRefusedError):
        neighbour(to)


# --- an open address is for those who are named -------------------------------------------------------------------------
@pytest.mark.parametrize("listen, to, told", [
    ([HOME4 + ":25"], HOME4, GATE4),
    ([HOME4 + ":25"], "::ffff:" + HOME4, GATE4),
    ([ALL4], HOME4, GATE4),
    ([ALL4], "::ffff:" + HOME4, GATE4),
    ([f"[{HOME6}]:25"], HOME6, GATE6),
    ([ALL6], HOME6, GATE6),
    ([ALL6], "link-local", "fe80::"),
    ([ALL4, ALL6], HOME4, GATE4),
    ([ALL4, ALL6], HOME6, GATE6),
    ([ALL4, ALL6], "::ffff:" + HOME4, GATE4),
], ids=lambda v: "+".join(v) if isinstance(v, list) else v)
def test_a_neighbour_gets_554_and_a_red_line(start_relay, internet, neighbour, listen, to, told):
    """6: peers that are not this machine: 554 5.7.1, a red line with the address, blinking. An IPv4 address is told as one."""
    relay = start_relay(*(word for address in listen for word in ("--listen", address)))
    told = link_local(internet.net, "lan") if told == "fe80::" else told
    assert refused(neighbour(to))
    line = relay.wait_log(r"! .*" + re.escape(f"[{told}]:" if ":" in told else f" {told}:"))
    assert "ffff" not in line, line
    relay.wait_log("= blinking")


def test_an_address_of_ipv6_is_not_open_for_ipv4(start_relay, neighbour):
    """7: --listen [::] means what it says, on every system."""
    start_relay("--listen", ALL6)
    for to in (HOME4, "::ffff:" + HOME4):
        with pytest.raises(ConnectionRefusedError):
            neighbour(to)
    with pytest.raises(ConnectionRefusedError):
        Raw("127.0.0.1")
    Raw("::1").close()


def test_ipv4_written_as_ipv6_is_ipv4(start_relay, neighbour):
    """7: --listen [::ffff:a.b.c.d] is --listen a.b.c.d, and so it is told."""
    relay = start_relay("--listen", f"[::ffff:{HOME4}]:25", ready=False)
    relay.wait_log(re.escape(f" {HOME4}:25"))
    assert refused(neighbour(HOME4))


@pytest.mark.parametrize("allow, inside, outside", [
    ("192.0.2.64/26", ["192.0.2.64", "192.0.2.127"], ["192.0.2.63", "192.0.2.128"]),
    ("192.0.2.100", ["192.0.2.100"], ["192.0.2.99", "192.0.2.101"]),
    ("192.0.2.100/31", ["192.0.2.100", "192.0.2.101"], ["192.0.2.99", "192.0.2.102"]),
    ("::ffff:192.0.2.64/122", ["192.0.2.64", "192.0.2.127"], ["192.0.2.63", "192.0.2.128"]),
    ("::ffff:192.0.2.0/120", ["192.0.2.63", GATE4], []),
    ("::ffff:192.0.2.100", ["192.0.2.100"], ["192.0.2.99", "192.0.2.101"]),
    ("2001:db8:2::40/122", ["2001:db8:2::40", "2001:db8:2::7f"], ["2001:db8:2::3f", "2001:db8:2::80"]),
    ("2001:db8:2::8000:0:0/81", ["2001:db8:2::8000:0:0", "2001:db8:2::ffff:ffff:ffff"],
     ["2001:db8:2::7fff:ffff:ffff", "2001:db8:2::1:0:0:0"]),
    ("2001:db8:2::64", ["2001:db8:2::64"], ["2001:db8:2::63", "2001:db8:2::65"]),
    ("::/0", [GATE6], [GATE4]),
    ("0.0.0.0/0", [GATE4], [GATE6]),
], ids=lambda v: v if isinstance(v, str) else "")
def test_allow_admits_what_it_names_to_the_last_address(start_relay, neighbour, further_addresses, mx, mark, allow, inside, outside):
    """7; an IPv4 client is the same whether its socket is of IPv4 or of IPv6, and so is a network written either way."""
    alpha = mx("alpha")
    start_relay("--listen", ALL4, "--listen", ALL6, "--allow", allow)
    further_addresses(*(a for a in inside + outside if a not in (GATE4, GATE6)))
    for source in outside:
        assert refused(neighbour(HOME6 if ":" in source else HOME4, source))
        if ":" not in source:
            assert refused(neighbour("::ffff:" + HOME4, "::ffff:" + source))
    assert not alpha.sessions
    for n, source in enumerate(inside):
        with neighbour(HOME6 if ":" in source else HOME4, source) as c:
            c.expect(220)
            assert c.mail(f"r{n}@alpha.test", message(mark)).code == 250
        if ":" not in source:
            with neighbour("::ffff:" + HOME4, "::ffff:" + source) as c:
                c.expect(220)


def test_a_link_local_neighbour_can_be_allowed(start_relay, internet, neighbour):
    """7; and another one of the same link is none the better for it."""
    theirs = link_local(internet.net, "lan")
    start_relay("--listen", ALL6, "--allow", theirs)
    with neighbour("link-local") as c:
        c.expect(220)
    assert refused(neighbour(HOME6))
    start_relay("--listen", ALL6, "--allow", "fe80::/128")
    assert refused(neighbour("link-local"))


def test_this_machine_by_its_link_local_address_is_no_stranger(start_relay, internet):
    """6: peers that are not this machine; this one is, by whatever address."""
    start_relay("--listen", ALL6)
    with Raw(link_local(internet.home, "wan") + "%wan", greet=False) as c:
        c.expect(220)


@pytest.mark.parametrize("source, to", [(HOME4, "127.0.0.1"), (HOME6, "::1"), ("127.0.0.2", "127.0.0.1"), ("127.0.0.1", "127.0.0.2")])
def test_a_program_that_has_chosen_another_address_of_this_machine_is_no_stranger(start_relay, mx, mark, source, to):
    """6. Postfix does so: with `inet_interfaces = 192.0.2.2` it connects from there, to its `relayhost = [127.0.0.1]`, too."""
    alpha = mx("alpha")
    start_relay(*(["--listen", "127.0.0.2"] if to == "127.0.0.2" else []))
    with Raw(to, source=source, greet=False) as c:
        c.expect(220)
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert len(alpha.accepted) == 1


# --- addresses that are lies --------------------------------------------------------------------------------------------
UNKNOWN4 = "192.0.2.77"             # nobody's; what is sent to it comes over the cable, to be read there


@pytest.fixture
def wire(internet):
    with Wire(internet) as w:
        mac = ":".join(f"{octet:02x}" for octet in w.ours)
        internet.ip(internet.home, "neigh replace", UNKNOWN4, "lladdr", mac, "dev wan")
        yield w
        internet.ip(internet.home, "neigh del", UNKNOWN4, "dev wan")


@pytest.fixture
def trusting(internet):
    """The home machine is set up as carelessly as Linux can be: loopback addresses may come and go over the cable, and nobody asks
    whether the answer would go where the packet came from. Some software that makes containers sets this."""
    careless = {f"net.ipv4.conf.{link}.{key}": value for link in ("all", "wan")
                for key, value in (("route_localnet", 1), ("rp_filter", 0), ("accept_local", 1))}
    before = {}
    for key, value in careless.items():
        before[key] = internet.run(internet.home, "cat", "/proc/sys/" + key.replace(".", "/")).strip()
        internet.sysctl(internet.home, key, value)
    yield
    for key, value in before.items():
        internet.sysctl(internet.home, key, value)


def connected_from(*addresses):
    """Connections of port 25 with somebody at one of the addresses, half open ones among them, as this machine sees them."""
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path("/proc/thread-self/net", table).read_text().splitlines()[1:]:
            words = row.split()
            if words[1].endswith(":0019") and words[2].rpartition(":")[0] in addresses and words[3] not in ("0A", "06"):
                found.add((words[1], words[2]))
    return found


@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("source, to", [("127.0.0.1", HOME4), (HOME4, HOME4), ("127.0.0.1", "127.0.0.1"), ("::1", HOME6), (HOME6, HOME6),
                                        ("::1", "::1"), ("::ffff:127.0.0.1", HOME6)])
def test_a_packet_that_says_it_is_from_this_machine_opens_nothing(start_relay, internet, wire, request, mx, mark, source, to, careless):
    """6: only this machine and who is allowed. The answer to such a packet goes to this machine itself, which asked nothing: so the
    other can but guess at the number in it. Behind it comes an honest packet: when that is answered, the first has had its chance."""
    if careless:
        request.getfixturevalue("trusting")
    alpha = mx("alpha")
    relay = start_relay("--listen", ALL4, "--listen", ALL6)
    here, before = relay.mark(), connected_from(hex_address(source))    # tests before may have left some that the system still closes
    liar = Handmade(wire, source, to)
    liar.send(SYN)
    honest = Handmade(wire, UNKNOWN4, HOME4)
    assert honest.connect(), "a packet made by hand is a packet"
    for guess in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
        liar.heard = guess
        liar.send(ACK | PSH, b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@alpha.test>\r\n")
    assert honest.line().startswith(b"554 5.7.1")
    relay.wait_log(r"! .*" + re.escape(UNKNOWN4), since=here)
    wait_until("no connection is left of it", lambda: connected_from(hex_address(source)) <= before)
    assert not [line for line in relay.log()[here:].splitlines() if " ! " in line and UNKNOWN4 not in line]
    assert not alpha.sessions
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250


def test_a_loopback_address_is_not_reached_from_outside(start_relay, wire):
    """1: nobody outside the machine can use it: such packets are dropped by the system."""
    start_relay()
    assert not Handmade(wire, UNKNOWN4, "127.0.0.1").connect()


@pytest.mark.usefixtures("trusting")
def test_where_the_system_lets_a_neighbour_reach_a_loopback_address_he_is_a_stranger(start_relay, wire):
    """6: who comes to 127.0.0.1 is not of this machine for that: what counts is where he comes from."""
    relay = start_relay()
    c = Handmade(wire, UNKNOWN4, "127.0.0.1")
    assert c.connect()
    assert c.line().startswith(b"554 5.7.1"), c.content
    relay.wait_log(r"! .*" + re.escape(UNKNOWN4))
