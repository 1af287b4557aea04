# SPDX-License-Identifier: MIT
"""The lab tests itself, without the relay: what these cannot show, no other test here can rely on."""
import socket
import subprocess
import time

import clients
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import mx as scripted
import nameserver
import namespaces
import pytest


def ask(name, kind, server=nameserver.DNS4):
    return dns.query.udp(dns.message.make_query(name, kind), server, timeout=3)


@pytest.mark.parametrize("client", clients.CLIENTS)
def test_every_client_can_send_to_the_labs_postfix(internet, mark, client):
    sent = clients.send(client, "sender@home.test", "anna@postfix.test", clients.message(mark), host=nameserver.POSTFIX[0])
    assert sent.ok, sent.output
    assert b"Good day." in internet.postfix.mail.wait("anna", mark)


@pytest.mark.parametrize("client", clients.CLIENTS)
def test_every_client_tells_that_the_labs_postfix_does_not_know_the_recipient(internet, mark, client):
    sent = clients.send(client, "sender@home.test", "nobody@postfix.test", clients.message(mark), host=nameserver.POSTFIX[0])
    assert not sent.ok
    if client != "curl" or "550" in sent.output:
        assert "550" in sent.output and "User unknown" in sent.output, sent.output


def test_the_labs_exim_takes_a_mail_over_ipv4_and_ipv6(internet, mark):
    for address in nameserver.EXIM:
        sent = clients.send("smtplib", "sender@home.test", "emil@exim.test", clients.message(mark + address), host=address)
        assert sent.ok, sent.output
        internet.exim.mail.wait("emil", mark + address)


@pytest.mark.parametrize("address, offered", [
    (nameserver.EXIM[0], {"CHUNKING", "PRDR", "PIPELINING", "8BITMIME"}),
    (nameserver.EXIM_TLS, {"CHUNKING", "PRDR", "STARTTLS"}),
    (nameserver.POSTFIX_TLS["tls10"], {"STARTTLS"}),
])
def test_the_labs_servers_offer_what_is_to_be_tested(internet, address, offered):
    with clients.Raw(address) as c:
        assert offered <= {line[4:].split()[0] for line in c.command("EHLO x", 250).lines}


def test_the_labs_servers_have_limits(internet, mark):
    with clients.Raw(nameserver.EXIM[0]) as c:
        assert c.command("EHLO x").code == 250
        assert c.command("MAIL FROM:<a@home.test> SIZE=9000000").code == 552
        c.command("MAIL FROM:<a@home.test>", 250)
        assert c.command("RCPT TO:<nobody@exim.test>").code == 550
    with clients.Raw(nameserver.POSTFIX[0]) as c:
        c.command("EHLO x", 250)
        c.command("MAIL FROM:<a@home.test>", 250)
        answers = [c.command("RCPT TO:<anna@postfix.test>").code for _ in range(21)]
        assert answers == [250] * 20 + [452]


def test_the_labs_postfix_is_open_to_smuggling_so_that_a_relay_which_smuggles_is_caught(internet, mark):
    """A bare-line-feed end of data ends the mail there: two mails come out of one DATA."""
    with clients.Raw(nameserver.POSTFIX[0]) as c:
        c.begin("anna@postfix.test")
        c.command("DATA", 354)
        c.send(f"Subject: {mark}-1\r\n\r\none\n.\nMAIL FROM:<evil@home.test>\r\nRCPT TO:<smuggled@postfix.test>\r\nDATA\r\n"
               f"Subject: {mark}-2\r\n\r\ntwo\r\n.\r\n")
        c.expect(250)
    internet.postfix.mail.wait("anna", mark + "-1")
    internet.postfix.mail.wait("smuggled", mark + "-2")


@pytest.mark.parametrize("name, kind, rcode, answers", [
    ("postfix.test.", "MX", "NOERROR", 1),
    ("order.test.", "MX", "NOERROR", 3),
    ("null.test.", "MX", "NOERROR", 1),
    ("empty.test.", "MX", "NOERROR", 0),
    ("cname.test.", "MX", "NOERROR", 2),
    ("nosuch.test.", "MX", "NXDOMAIN", 0),
    ("nowhere.missing.test.", "A", "NXDOMAIN", 0),
    ("broken.test.", "MX", "SERVFAIL", 0),
    ("mx.broken.test.", "A", "SERVFAIL", 0),
    (nameserver.IDN_DOMAIN.encode("idna").decode() + ".", "MX", "NOERROR", 1),
    (".", "NS", "NOERROR", 1),
    ("onlypublic.test.", "MX", "NXDOMAIN", 0),
])
def test_the_labs_dns_answers(internet, name, kind, rcode, answers):
    got = ask(name, kind)
    assert dns.rcode.to_text(got.rcode()) == rcode
    assert sum(len(r) for r in got.answer) == answers


def test_the_labs_dns_changes_when_it_is_told(internet):
    record = ("changing.test.", "TXT", '"new"')
    assert ask("changing.test", "TXT").rcode() == dns.rcode.NXDOMAIN
    before = internet.dns.records
    internet.dns.change([*before, record])
    assert '0 IN TXT "new"' in ask("changing.test", "TXT").answer[0].to_text()
    internet.dns.change(before)
    assert ask("changing.test", "TXT").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("words, code, told", [
    ({}, 0, "version"),
    ({"status": "404 Not Found"}, 22, "404"),
    ({"certificate": "selfsigned"}, 60, "self"),
    ({"certificate": "expiredweb"}, 60, "expired"),
    ({"certificate": "proven"}, 60, "subject name"),
])
def test_a_web_server_is_believed_by_the_home_machine_or_not(internet, words, code, told):
    host = f"mta-sts.{nameserver.POLICED[0]}"
    site = internet.web.open(host, "version: STSv1\r\n", **words)
    done = subprocess.run([*clients.on_home_machine, "curl", "-sSf", "--max-time", "20", f"https://{host}/"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30)
    internet.web.close_all()
    assert done.returncode == code and told in done.stdout + done.stderr, done
    assert len(site.requests) == (0 if code == 60 else 1) and internet.web.asked_for[-1] == host


def test_200_mxs_fit_only_into_tcp(internet):
    query = dns.message.make_query("many.test.", "MX", use_edns=0, payload=1232)
    assert dns.query.udp(query, nameserver.DNS4, timeout=3).flags & dns.flags.TC
    assert len(dns.query.tcp(query, nameserver.DNS4, timeout=3).answer[0]) == 200


def test_the_public_servers_address_has_a_server_of_its_own(internet):
    assert ask("onlypublic.test.", "MX", nameserver.PUBLIC4).answer
    assert ask("onlypublic.test.", "MX", nameserver.PUBLIC6).answer


def test_the_silent_server_is_silent(internet):
    internet.silent_dns.questions()
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(dns.message.make_query("alpha.test.", "MX"), nameserver.SILENT4, timeout=0.3)
    assert internet.silent_dns.questions() == 1


def test_the_cable_can_be_pulled_out_and_plugged_in(internet):
    with internet.unplugged():
        with pytest.raises(OSError):
            socket.create_connection((nameserver.POSTFIX[0], 25), timeout=1)
    for address in nameserver.POSTFIX:
        socket.create_connection((address, 25), timeout=5).close()


def test_nothing_leaves_the_lab(internet):
    """There is no route to anything but the two namespaces: an address of the outside is silence."""
    with pytest.raises(OSError):
        socket.create_connection((nameserver.NOBODY4, 25), timeout=0.5)
    links = internet.run(internet.net, "ip", "-br", "link") + internet.run(internet.home, "ip", "-br", "link")
    assert sorted(line.split("@")[0].split()[0] for line in links.splitlines()) == ["lan", "lo", "lo", "wan"]


# --- the scripted mail exchanger -----------------------------------------------------------------------------------
ALPHA = nameserver.SCRIPTED["alpha"][0]


def test_a_scripted_mx_takes_a_mail_and_remembers_it_to_the_octet(mx, mark):
    alpha = mx("alpha")
    before = time.monotonic()
    with clients.Raw(ALPHA) as c:
        reply = c.mail("anna@alpha.test", f"Subject: {mark}\r\n\r\n..dot\r\n...\r\n".encode())
        c.command("QUIT", 221)
    mail = alpha.wait_mail()
    assert mail.recipients == ["anna@alpha.test"] and mail.sender == "sender@home.test"
    assert mail.content == f"Subject: {mark}\r\n\r\n..dot\r\n...\r\n".encode()
    assert mail.text == f"Subject: {mark}\r\n\r\n.dot\r\n..\r\n".encode()
    assert before < mail.ended <= mail.replied and "LAB" in reply.text


@pytest.mark.parametrize("table, step, expected", [
    ({"greeting": "554 no"}, "connect", 554),
    ({"greeting": scripted.Close()}, "connect", None),
    ({"greeting": scripted.Reset()}, "connect", None),
    ({"ehlo": scripted.Close("421 bye")}, "EHLO x", 421),
    ({"mail": "451 later"}, "MAIL FROM:<a@b.test>", 451),
    ({"rcpt": {"bad@b.test": "550 no"}}, "RCPT TO:<bad@b.test>", 550),
    ({"rcpt": {"bad@b.test": "550 no"}}, "RCPT TO:<good@b.test>", 250),
    ({"data": "554 no"}, "DATA", 554),
    ({"dot": ["452 full", "250 fine"]}, ".", 452),
    ({"dot": scripted.Drip("250 slow", 0.01)}, ".", 250),
    ({"content": scripted.After(5, scripted.Close("421 enough"))}, ".", 421),
])
def test_a_scripted_mx_misbehaves_as_its_table_says(mx, table, step, expected):
    mx("alpha", **table)
    script = ["connect", "EHLO x", "MAIL FROM:<a@b.test>", "RCPT TO:<good@b.test>", "DATA", "Subject: x\r\n\r\nx\r\n."]
    last = None
    try:
        with clients.Raw(ALPHA, greet=False) as c:
            for line in script:
                if step.startswith("RCPT") and line.startswith("RCPT"):
                    line = step
                last = c.reply() if line == "connect" else c.command(line)
                if line == step or (line.endswith(".") and step == "."):
                    break
        assert last.code == expected
    except (clients.Closed, ConnectionError):
        assert expected is None


def test_a_stalled_scripted_mx_goes_on_when_it_is_told(mx):
    stall = scripted.Stall()
    alpha = mx("alpha", mail=stall)
    with clients.Raw(ALPHA) as c:
        c.command("EHLO x", 250)
        c.send("MAIL FROM:<a@b.test>\r\n")
        alpha.wait_event("stall")
        c.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            c.reply()
        c.socket.settimeout(5)
        stall.go()
        c.expect(250)


@pytest.mark.parametrize("octets, breach", [
    (b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nmine\n.\r\n", "sent on before"),
    (b"EHLO x\nQUIT\r\n", "bare"),
    (b"HELO x\r\nMAIL FROM:<a@b.test> RET=FULL\r\n", "does not offer DSN"),
])
def test_a_scripted_mx_notices_breaches_of_smtp(farm, octets, breach):
    alpha = farm.open("alpha")
    with clients.Raw(ALPHA) as c:
        c.send(octets)
        c.socket.shutdown(socket.SHUT_WR)
        alpha.wait_closed()
    violations = farm.close_all()
    assert any(breach in v for v in violations), violations


def test_a_slow_scripted_mx_is_slow_and_loses_nothing(mx):
    alpha = mx("alpha", speed=1_000_000)
    content = b"Subject: slow\r\n\r\n" + (b"x" * 98 + b"\r\n") * 10_000
    with clients.Raw(ALPHA) as c:
        started = time.monotonic()
        assert c.mail("anna@alpha.test", content).code == 250
        assert time.monotonic() - started > 0.7
    assert alpha.wait_mail().content == content


def test_a_host_that_is_not_open_refuses(mx):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ALPHA, 25), timeout=2)


def test_namespaces_of_a_run_can_be_removed_by_their_name(internet):
    other = namespaces.Namespaces(internet.name + "x")
    other.up()
    child = other.start(other.net, ["cat"], stdin=-1)
    # as after a lab that was killed: only the name is known
    namespaces.remove(other.name)
    assert child.wait(5) != 0
    assert other.name not in namespaces.run("ip", "netns")
    other.children.clear()
    namespaces.enter(internet.fds[internet.home])
