# SPDX-License-Identifier: MIT
"""Name servers that say more than anybody needs: thousands of MXs, hundreds of addresses, thousands of domains. The right server gets
the mail, the client has its answer in time, and memory does not follow."""
import time

import pytest
from clients import Raw, message
from wire import SYN, Wire

DOMAINS = 3000


def test_of_thousands_of_mxs_the_best_gets_the_mail(relay, mx, mark):
    """5.10: MX by preference, wherever it stands in an answer of 60 kB; here at its end."""
    alpha, bravo = mx("alpha"), mx("bravo")
    with Raw() as c:
        assert c.mail("anna@thousands.test", message(mark)).code == 250
    assert len(alpha.accepted) == 1 and not bravo.sessions


def test_of_hundreds_of_addresses_one_that_answers_is_found(relay, mx, mark):
    """5.10: IPv6 and IPv4 interleaved: 399 dead addresses of the one do not keep out the good one of the other."""
    alpha = mx("alpha")
    started = time.monotonic()
    with Raw() as c:
        assert c.mail("anna@crowd.test", message(mark)).code == 250
    assert time.monotonic() - started < 10
    assert len(alpha.accepted) == 1


@pytest.mark.parametrize("measured_relay", [("--patience", "4")], indirect=True, ids=[""])
@pytest.mark.native
def test_a_tar_pit_of_addresses_costs_the_client_its_patience_and_nobody_anything_else(measured_relay, internet, mx, mark):
    """5.5: 200 hosts with 508 addresses each, all silent. 451 in time; others are served meanwhile; who has gone is not tried for."""
    mx("alpha")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    before = measured_relay.pss_kb()
    with Wire(internet) as wire:
        with Raw() as c:
            c.command("EHLO client", 250)
            c.command("MAIL FROM:<sender@home.test>", 250)
            started = time.monotonic()
            c.send("RCPT TO:<anna@tar.test>\r\n")
            with Raw() as other:
                assert other.mail("anna@alpha.test", message(mark + "-other")).code == 250
            c.expect(451)
            assert 3 < time.monotonic() - started < 6
            more = measured_relay.pss_kb() - before
            assert more < 1024, f"{more} kB more"
            c.command("QUIT", 221)
        tries = [to for _, _, to, *_, flags, _ in wire.segments(1) if flags & SYN and to not in ("198.51.100.21",)]
        assert tries, "nobody was tried at all"
        assert not [to for _, _, to, *_, flags, _ in wire.segments(12) if flags & SYN]


@pytest.mark.parametrize("measured_relay", [()], indirect=True, ids=[""])
@pytest.mark.native
def test_thousands_of_domains_leave_nothing_behind(measured_relay, mx):
    """5.2: what is remembered of servers and domains has its bounds. All share an MX, which refuses, so that no mail has to be known again."""
    alpha = mx("alpha", rcpt=lambda session, text: "550 5.1.1 no such user")

    def ask(numbers):
        with Raw() as c:
            c.command("EHLO client", 250)
            for first in numbers[::100]:
                c.command("MAIL FROM:<sender@home.test>", 250)
                c.send("".join(f"RCPT TO:<anna@d{n}.wild.test>\r\n" for n in range(first, first + 100)))
                for _ in range(100):
                    c.expect(550)
                c.command("RSET", 250)
    ask(range(0, 500))
    before = measured_relay.pss_kb()
    ask(range(500, DOMAINS))
    more = measured_relay.pss_kb() - before
    assert more < 512, f"{more} kB more"
    assert len(alpha.said("RCPT")) == DOMAINS


@pytest.mark.parametrize("domains", [30])
def test_a_mail_to_more_domains_of_one_mx_than_it_has_places_is_delivered_to_all(relay, mx, mark, domains):
    """5.4, 5.11: at most 20 connections to one destination, and yet nobody is kept out by the mail itself."""
    alpha = mx("alpha")
    started = time.monotonic()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        codes = [c.command(f"RCPT TO:<anna@m{n}.wild.test>").code for n in range(domains)]
        assert codes == [250] * domains, (codes, time.monotonic() - started)
        assert c.data(message(mark)).code == 250
    assert sorted(r for m in alpha.accepted for r in m.recipients) == sorted(f"anna@m{n}.wild.test" for n in range(domains))
    assert alpha.peak <= 20


def test_a_mail_that_has_all_places_of_a_server_itself_does_not_wait_for_another(relay, mx):
    """5.5: these go to the same server, but if it fails, elsewhere: they cannot go along, and no place will be free before the mail's end."""
    mx("alpha")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        for n in range(20):
            c.command(f"RCPT TO:<anna@p{n}.{'wild' if n % 2 else 'feral'}.test>", 250)
        c.command("RCPT TO:<anna@one.wild.test>", 250)
        c.command("RCPT TO:<anna@one.feral.test>", 250)
        started = time.monotonic()
        for n in range(20, 24):
            c.command(f"RCPT TO:<anna@p{n}.wild.test>", 250)
            c.command(f"RCPT TO:<anna@p{n}.feral.test>", 250)
        c.command("RCPT TO:<anna@addresses.test>", 250)
        c.command("RCPT TO:<anna@order.test>", 451)
        assert time.monotonic() - started < 10
