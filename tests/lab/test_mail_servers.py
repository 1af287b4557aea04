# SPDX-License-Identifier: MIT
"""Real MXs of every make: the mail is there once and whole, their refusals and receipts are told, one session takes several mails."""
import re

import clients
import mail_servers
import pytest
from clients import Raw, message

SERVERS = list(mail_servers.REAL)
DOTS = ".\r\n..\r\n...\r\n.a\r\n..b\r\n. \r\n\r\n.\r\n"
CZECH = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148 \u20ac\r\n"
MIME = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


@pytest.fixture(scope="session")
def servers(internet):
    return mail_servers.MailServers(internet)


def arrived(server, mark, user="anna"):
    """The mail, with line ends as everybody's files have them."""
    return server.mail.wait(user, mark).replace(b"\r\n", b"\n")


@pytest.mark.parametrize("name", SERVERS)
def test_a_mail_arrives_whole_and_the_receipt_is_the_servers(relay, servers, mark, name):
    server = servers[name]
    body = CZECH + DOTS + "the end\r\n"
    sent = clients.send("msmtp", "sender@home.test", server.address(), message(mark, to=server.address(), body=body, headers=MIME))
    assert sent.ok, sent.output
    assert re.search(rf"{server.host} said: ", sent.output) and re.search(server.receipt, sent.output), sent.output
    assert arrived(server, mark).partition(b"\n\n")[2] == body.replace("\r\n", "\n").encode()


@pytest.mark.parametrize("name", SERVERS)
def test_one_wrong_recipient_is_told_in_the_servers_words_and_the_others_get_the_mail(relay, servers, mark, name):
    server = servers[name]
    with Raw() as c:
        c.begin(server.address())
        reply = c.command(f"RCPT TO:<{server.address('nobody')}>", 524, 550)
        assert server.words in reply.text and reply.status.startswith("5."), reply
        c.command(f"RCPT TO:<{server.address('bara')}>", 250)
        assert c.data(message(mark)).code == 250
    for user in ("anna", "bara"):
        arrived(server, mark, user)


@pytest.mark.parametrize("name", SERVERS)
def test_several_mails_of_one_session_and_one_of_many_megabytes(relay, servers, mark, name):
    server = servers[name]
    large = b"".join(b"%07d %s\r\n" % (n, b"x" * 60) for n in range(75_000))
    with Raw() as c:
        c.command("EHLO client", 250)
        for n, body in enumerate((b"one\r\n", large, b"three\r\n")):
            c.command("MAIL FROM:<sender@home.test>", 250)
            c.command(f"RCPT TO:<{server.address()}>", 250)
            assert c.data(message(f"{mark}-{n}") + body).code == 250
    assert arrived(server, f"{mark}-1").endswith(large.replace(b"\r\n", b"\n"))
    assert arrived(server, f"{mark}-0").endswith(b"\none\n") and arrived(server, f"{mark}-2").endswith(b"\nthree\n")


def test_a_server_whose_tls_fails_with_everybody_gets_its_mail_in_clear(start_relay, servers, mark):
    """5.9"""
    server, relay = servers["opensmtpd"], start_relay()
    before = server.log().count(server.no_tls)
    with Raw() as c:
        assert c.mail(server.address(), message(mark)).code == 250
    arrived(server, mark)
    assert server.log().count(server.no_tls) == before + 1
    assert ", no TLS, " in relay.wait_log(rf"\+ .*{re.escape(server.address())}")


def test_one_mail_to_every_make_arrives_once_at_each(relay, internet, servers, mark):
    everywhere = [servers[name] for name in SERVERS]
    to = ["anna@postfix.test", "emil@exim.test", *(s.address() for s in everywhere)]
    sent = clients.send("smtplib", "sender@home.test", to, message(mark))
    assert sent.ok, sent.output
    internet.postfix.mail.wait("anna", mark)
    internet.exim.mail.wait("emil", mark)
    for server in everywhere:
        arrived(server, mark)
