# SPDX-License-Identifier: MIT
"""PRODUCT 5.7, 5.8, 5.10: which host gets the mail, which is tried next, and what is answered when there is none."""
import time

import clients
import mx as scripted
import nameserver
import pytest
from clients import Raw, message


def at_rcpt(recipient, *parameters):
    """The reply to RCPT in a session of its own."""
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command(" ".join(("MAIL FROM:<sender@home.test>",) + parameters), 250)
        return c.command(f"RCPT TO:<{recipient}>")


def delivered(recipient, mark):
    with Raw() as c:
        c.begin(recipient)
        return c.data(message(mark))


# --- where a domain's mail goes ------------------------------------------------------------------------------------
@pytest.mark.parametrize("domain, host, why", [
    ("alpha.test", "alpha", "one MX"),
    ("ALPHA.Test", "alpha", "names have no case"),
    ("order.test", "alpha", "the lowest preference comes first, whatever the order of the answer"),
    ("implicit.test", "delta", "no MX: the domain's own address"),
    ("implicit6.test", "six", "no MX: the domain's own IPv6 address"),
    ("six.test", "six", "an MX that has only an IPv6 address"),
    ("dual.test", "dual", "an MX that has both"),
    ("mxcname.test", "alpha", "an MX that is an alias"),
    ("cname.test", "bravo", "a domain that is an alias"),
    ("missingfirst.test", "alpha", "the first MX does not exist"),
    ("many.test", "alpha", "200 MXs: the answer is cut and asked for again over TCP"),
    ("loopsecond.test", "alpha", "we are the second MX, so only the first remains"),
    ("[198.51.100.21]", "alpha", "an address literal"),
    ("[IPv6:2001:db8:1::26]", "six", "an IPv6 address literal"),
    ("xn--hky-ela4t.test", "alpha", "an internationalised domain in its A-label form"),
])
def test_a_domains_mail_goes_to_its_mx(relay, mx, mark, domain, host, why):
    """5.10"""
    hosts = {h: mx(h) for h in nameserver.SCRIPTED}
    assert delivered(f"anna@{domain}", mark).code == 250
    assert [h for h in hosts if hosts[h].sessions] == [host]
    assert [m.recipients for m in hosts[host].accepted] == [[f"anna@{domain}"]] or domain == "ALPHA.Test"


def test_an_internationalised_domain_is_sent_as_an_a_label(relay, mx, mark):
    """5.10: names are sent as A-labels."""
    alpha = mx("alpha")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> SMTPUTF8", 250)
        c.command(f"RCPT TO:<anna@{nameserver.IDN_DOMAIN}>".encode(), 250)
        assert c.data(message(mark)).code == 250
    assert alpha.wait_mail().recipients == ["anna@xn--hky-ela4t.test"]


def test_equal_preferences_are_shuffled(relay, mx, mark):
    """5.10: of four equal hosts one alone gets all of 24 mails once in 10^14 runs."""
    close_after = scripted.Close("250 2.0.0 Ok: queued as X")           # no connection is left for the next mail
    hosts = [mx(h, dot=close_after) for h in ("alpha", "bravo", "charlie", "delta")]
    for n in range(24):
        assert delivered("anna@equal.test", f"{mark}-{n}").code == 250
    counts = [len(h.mails) for h in hosts]
    assert sum(counts) == 24 and sum(1 for n in counts if n) > 1, counts


# --- what is tried next --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("open_hosts, expected", [
    (("alpha", "bravo", "charlie"), "alpha"),
    (("bravo", "charlie"), "bravo"),
    (("charlie",), "charlie"),
])
def test_a_refused_connection_moves_on_to_the_next_mx(relay, mx, mark, open_hosts, expected):
    """5.7"""
    hosts = {h: mx(h) for h in open_hosts}
    assert delivered("anna@order.test", mark).code == 250
    assert [h for h in hosts if hosts[h].mails] == [expected]


@pytest.mark.parametrize("open_hosts, expected", [
    (("bravo", "charlie"), "bravo"),          # the first or the second address of the same MX: one of them is open
    (("alpha", "charlie"), "alpha"),
    (("charlie",), "charlie"),                # none is: the next MX
])
def test_the_next_address_of_an_mx_comes_before_the_next_mx(relay, mx, mark, open_hosts, expected):
    """5.7"""
    hosts = {h: mx(h) for h in open_hosts}
    assert delivered("anna@addresses.test", mark).code == 250
    assert [h for h in hosts if hosts[h].mails] == [expected]


MOVES_ON = [
    ("greeting", scripted.Close("421 4.3.2 not now")),
    ("greeting", scripted.Close("450 4.3.2 not now")),
    ("greeting", "421 4.3.2 not now"),
    ("greeting", scripted.Close()),
    ("greeting", scripted.Reset()),
    ("ehlo", scripted.Close("421 4.3.2 not now")),
    ("ehlo", scripted.Close()),
    ("mail", scripted.Close("421 4.3.2 not now")),
    ("mail", scripted.Close()),
    ("rcpt", scripted.Close("421 4.3.2 not now")),
    ("rcpt", scripted.Reset()),
]


@pytest.mark.parametrize("step, action", MOVES_ON, ids=[f"{s}-{a}" for s, a in MOVES_ON])
def test_a_421_a_4xx_greeting_and_a_lost_connection_move_on(start_relay, mx, mark, step, action):
    """5.7"""
    start_relay()       # one that has not learnt from other tests who fails
    alpha, bravo = mx("alpha", **{step: action}), mx("bravo")
    mx("charlie")
    reply = delivered("anna@order.test", mark)
    assert reply.code == 250 and "mx.bravo.test" in reply.text, reply
    assert alpha.sessions and not alpha.mails
    assert [m.recipients for m in bravo.accepted] == [["anna@order.test"]]


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt"])
def test_a_5xx_is_final_and_no_other_mx_is_tried(relay, mx, step):
    """5.7"""
    mx("alpha", **{step: "554 5.7.1 you are not welcome"})
    bravo = mx("bravo")
    reply = at_rcpt("anna@order.test")
    assert reply.code // 100 == 5 and "you are not welcome" in reply.text, reply
    assert not bravo.sessions


@pytest.mark.parametrize("step", ["data", "dot"])
def test_a_5xx_after_rcpt_is_final_too(relay, mx, mark, step):
    """5.7"""
    mx("alpha", **{step: "554 5.7.1 you are not welcome"})
    bravo = mx("bravo")
    with Raw() as c:
        c.begin("anna@order.test")
        reply = c.command("DATA")
        if reply.code == 354:
            c.send(message(mark) + b".\r\n")
            reply = c.reply()
    assert reply.code // 100 == 5 and "you are not welcome" in reply.text, reply
    assert not bravo.sessions


def test_a_4xx_at_rcpt_is_told_and_no_other_mx_is_tried(relay, mx):
    """5.7: only a connection failure, a 421 or a 4xx greeting moves on; greylisting is the client's to wait for."""
    mx("alpha", rcpt="450 4.2.0 greylisted")
    bravo = mx("bravo")
    reply = at_rcpt("anna@order.test")
    assert reply.code == 450 and "greylisted" in reply.text
    assert not bravo.sessions


@pytest.mark.parametrize("action", [scripted.Close(), scripted.Reset(), scripted.Close("421 4.3.2 not now")],
                         ids=["close", "reset", "421"])
def test_after_the_final_dot_there_is_no_second_try(relay, mx, mark, action):
    """5.7: the second copy would be ours."""
    alpha, bravo = mx("alpha", dot=action), mx("bravo")
    reply = delivered("anna@order.test", mark)
    assert reply.code // 100 == 4, reply
    assert len(alpha.mails) == 1 and not bravo.sessions


def test_when_no_mx_can_be_reached_the_client_may_try_again_later(relay, mx):
    """5.7: refused connections are 4xx."""
    started = time.monotonic()
    reply = at_rcpt("anna@order.test")
    assert reply.code // 100 == 4, reply
    assert time.monotonic() - started < 5


def test_a_host_that_swallows_packets_is_given_up_for_the_next_mx_within_the_clients_patience(relay, mx, mark):
    """5.5, 5.7"""
    alpha = mx("alpha")
    started = time.monotonic()
    assert delivered("anna@stalledfirst.test", mark).code == 250
    assert time.monotonic() - started < 45
    assert len(alpha.accepted) == 1


GUIDELINES = "550 5.7.1 [2001:db8:2::2] our system has detected that this message does not meet IPv6 sending guidelines"


def over6(session, _):
    return GUIDELINES if ":" in session.local else None


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data"])
def test_an_ipv6_policy_refusal_is_tried_once_over_ipv4(start_relay, mx, mark, step):
    """5.8: whatever it is that is refused, until content has gone out; from then on IPv4 comes first."""
    start_relay()
    dual = mx("dual", **{step: over6})
    assert delivered("anna@dual.test", mark).code == 250
    assert ["." in s.local for s in dual.sessions if s.mails] == [True]
    assert any(":" in s.local for s in dual.sessions), "IPv6 was not tried at all"
    seen = len(dual.sessions)
    assert delivered("bara@dual.test", mark).code == 250
    assert not [s for s in dual.sessions[seen:] if ":" in s.local], "IPv6 was tried again"


def test_an_ipv6_policy_refusal_behind_the_dot_is_put_off_and_goes_over_ipv4_next_time(start_relay, mx, mark):
    """5.8, 5.7: no second try after the final dot; the client has one."""
    start_relay()
    dual = mx("dual", dot=over6)
    assert delivered("anna@dual.test", mark).code == 451
    assert delivered("anna@dual.test", mark).code == 250
    assert [":" in s.local for s in dual.sessions] == [True, False]
    assert len(dual.accepted) == 1


def test_an_ipv6_policy_refusal_stands_where_there_is_no_ipv4(relay, mx, mark):
    """5.8"""
    six = mx("six", rcpt=over6)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert "guidelines" in str(c.command("RCPT TO:<anna@implicit6.test>", 550))
    assert len(six.sessions) == 1


def test_another_refusal_over_ipv6_is_final(start_relay, mx, mark):
    """5.7: a 5xx is final."""
    start_relay()
    dual = mx("dual", rcpt="550 5.1.1 no such user")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@dual.test>", 550)
    assert len(dual.sessions) == 1


# --- no way to deliver ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("domain, code, status, why", [
    ("null.test", 556, "5.1.10", "a null MX: takes no mail (RFC 7505)"),
    ("nosuch.test", 550, "5.1.2", "no such domain"),
    ("deep.nosuch.test", 550, "5.1.2", "no such domain"),
    ("broken.test", 451, "4", "its name servers fail"),
    ("brokenmx.test", 451, "4", "its MX's name servers fail"),
    ("loop4.test", 554, "5.4.6", "an MX at 127.0.0.1"),
    ("loop127.test", 554, "5.4.6", "an MX elsewhere in 127/8"),
    ("loop0.test", 554, "5.4.6", "an MX at 0.0.0.0"),
    ("loop6.test", 554, "5.4.6", "an MX at ::1"),
    ("loopany6.test", 554, "5.4.6", "an MX at ::"),
    ("loopmapped.test", 554, "5.4.6", "an MX at ::ffff:127.0.0.1"),
    ("loopimplicit.test", 554, "5.4.6", "no MX, and its own address is ours"),
    ("loopfirst.test", 554, "5.4.6", "we are its best MX: hosts with a worse preference do not count"),
    ("[127.0.0.1]", 554, "5.4.6", "a literal"),
    ("[127.3.2.1]", 554, "5.4.6", "a literal"),
    ("[0.0.0.0]", 554, "5.4.6", "a literal"),
    ("[IPv6:::1]", 554, "5.4.6", "a literal"),
    ("[IPv6:::]", 554, "5.4.6", "a literal"),
    ("[IPv6:::ffff:127.0.0.1]", 554, "5.4.6", "a literal"),
])
def test_a_domain_that_cannot_be_served_is_refused_at_rcpt(relay, mx, domain, code, status, why):
    """5.7, 5.10"""
    alpha = mx("alpha")
    reply = at_rcpt(f"anna@{domain}")
    assert reply.code == code and reply.status.startswith(status), reply
    assert not alpha.sessions


def test_a_domain_with_neither_mx_nor_address_is_refused_for_good(relay):
    assert at_rcpt("anna@empty.test").code // 100 == 5


def test_an_mx_that_does_not_exist_is_an_error_and_never_the_domains_own_address(relay, mx):
    """FIELD: MX records that lead nowhere do not fall back to the A record (RFC 5321 section 5.1)."""
    alpha = mx("alpha")
    assert at_rcpt("anna@missing.test").code // 100 in (4, 5)
    assert not alpha.sessions


def test_an_mx_that_is_this_very_program_is_a_loop(start_relay, mx):
    """5.10: with a LAN address open, the machine's own address in an MX record leads back to the program."""
    import namespaces
    start_relay("--listen", "127.0.0.1:25", "--listen", f"{namespaces.HOME4}:25")
    reply = at_rcpt("anna@loopself.test")
    assert reply.code == 554 and reply.status == "5.4.6", reply


def test_one_dead_domain_does_not_keep_the_others_out(relay, internet, mark):
    """Each recipient has a verdict of its own (FIELD 5b.12)."""
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@broken.test>", 451)
        c.command("RCPT TO:<anna@postfix.test>", 250)
        assert c.data(message(mark)).code == 250
    internet.postfix.mail.wait("anna", mark)


# --- name servers --------------------------------------------------------------------------------------------------
@pytest.fixture
def resolv_conf(internet):
    yield internet.use_dns
    internet.use_dns()


def test_the_systems_name_server_is_asked_and_not_8_8_8_8(relay):
    """1: a domain that only the public server knows does not exist."""
    assert at_rcpt("anna@onlypublic.test").code == 550


@pytest.mark.parametrize("servers", [(nameserver.SILENT4,), ("198.51.100.21",)], ids=["silent", "refusing"])
def test_when_no_system_name_server_answers_8_8_8_8_is_used_and_the_log_says_so(
        start_relay, resolv_conf, mx, mark, servers):
    """1: the domain is one that only 8.8.8.8 knows."""
    echo = mx("echo")
    resolv_conf(*servers)
    relay = start_relay()
    assert relay.wait_log(r"None of the system.s name servers answers.*(8\.8\.8\.8|2001:4860:4860::8888)")
    assert delivered("anna@onlypublic.test", mark).code == 250
    assert len(echo.accepted) == 1


def test_an_answering_name_server_behind_a_silent_one_is_found_and_kept(start_relay, resolv_conf, mx, mark):
    """1: finds the answering server among the system's; not 8.8.8.8, and not the silent one first for each mail."""
    mx("alpha")
    resolv_conf(nameserver.SILENT4, nameserver.DNS4)
    relay = start_relay()
    relay.wait_log(r"198\.51\.100\.53")
    assert "None of the system" not in relay.log()
    started = time.monotonic()
    assert delivered("anna@alpha.test", mark).code == 250
    assert at_rcpt("anna@onlypublic.test").code == 550
    assert time.monotonic() - started < 2


@pytest.fixture
def no_public_dns(internet):
    internet.remove_host(nameserver.PUBLIC4, nameserver.PUBLIC6)
    yield
    internet.add_host(nameserver.PUBLIC4, nameserver.PUBLIC6)
    internet.public_dns.stop()
    internet.public_dns.start()


def refused_for_now(c):
    """451 at MAIL or at RCPT; nothing accepted."""
    c.command("EHLO client", 250)
    reply = c.command("MAIL FROM:<sender@home.test>")
    if reply.code == 250:
        reply = c.command("RCPT TO:<anna@alpha.test>")
    assert reply.code == 451, reply
    return reply


def test_without_any_answering_name_server_mail_is_451_and_the_log_is_red(start_relay, resolv_conf, no_public_dns, mx):
    """1: each new mail checks connection and DNS; 5.7: DNS trouble is 4xx."""
    alpha = mx("alpha")
    resolv_conf(nameserver.SILENT4)
    relay = start_relay()
    relay.wait_log("! .*(?i:no name server|no internet)", timeout_s=30)
    started = time.monotonic()
    with Raw() as c:
        refused_for_now(c)
    assert time.monotonic() - started < 45
    assert not alpha.sessions


def test_a_program_that_started_without_network_works_when_the_network_comes(start_relay, internet, mx, mark):
    """1: never fix the state at start."""
    mx("alpha")
    with internet.unplugged():
        relay = start_relay()
        with Raw() as c:
            refused_for_now(c)
        since = relay.mark()
        assert relay.light() == "red"
    works_again(mark)
    relay.wait_log("= (green|blinking)", since)


def works_again(mark, within_s=10):
    """The next mails succeed; the first may still meet the old state."""
    deadline = time.monotonic() + within_s
    n = 0
    while True:
        n += 1
        with Raw() as c:
            c.command("EHLO client", 250)
            ok = c.command("MAIL FROM:<sender@home.test>").code == 250 and \
                c.command("RCPT TO:<anna@alpha.test>").code == 250 and c.data(message(f"{mark}-{n}")).code == 250
        if ok:
            return
        assert time.monotonic() < deadline, c.transcript()


def test_network_gone_is_451_with_a_red_line_and_back_is_well_again(start_relay, internet, mx, mark):
    """1"""
    alpha = mx("alpha")
    relay = start_relay()
    relay.wait_log("= green")
    assert delivered("anna@alpha.test", mark + "before").code == 250
    since = relay.mark()
    with internet.unplugged():
        with Raw() as c:
            refused_for_now(c)
        relay.wait_log("! .*(?i:no internet)", since)
        assert relay.light() == "red"
        count = len(alpha.mails)
        since = relay.mark()
    works_again(mark)
    relay.wait_log("= (green|blinking)", since)
    assert len(alpha.mails) == count + 1


def test_a_lost_network_is_noticed_without_a_mail_and_without_polling(start_relay, internet):
    """1: noticed at once."""
    relay = start_relay()
    relay.wait_log("= green")             # the port is open a moment before the name server has answered
    since = relay.mark()
    with internet.unplugged():
        relay.wait_log("! .*(?i:no internet)", since, timeout_s=10)
        relay.wait_log("= red", since)
        since = relay.mark()
    relay.wait_log("= (green|blinking)", since, timeout_s=10)


def test_the_option_dns_takes_the_place_of_the_systems_servers(start_relay, resolv_conf, mx, mark):
    """7"""
    mx("alpha")
    resolv_conf(nameserver.SILENT4)
    start_relay("--dns", nameserver.DNS4)
    assert delivered("anna@alpha.test", mark).code == 250
    start_relay("--dns", f"{nameserver.PUBLIC4}:53")
    mx("echo")
    assert delivered("anna@onlypublic.test", mark).code == 250


def test_the_clients_own_words_do_not_matter_for_the_route(relay, mx, mark):
    """FIELD 5: the envelope alone."""
    alpha, bravo = mx("alpha"), mx("bravo")
    sent = clients.send("swaks", "sender@home.test", "anna@alpha.test", message(mark, to="anna@bravo.test"))
    assert sent.ok, sent.output
    assert len(alpha.accepted) == 1 and not bravo.sessions
