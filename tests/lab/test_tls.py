# SPDX-License-Identifier: MIT
"""PRODUCT 5.9: TLS is opportunistic (RFC 7435): used when offered, never verified, and a failed handshake is repeated in
plain text. A host seen with TLS in this run is not downgraded silently."""
import os
import re
import signal
import ssl
import time

import certificates
import clients
import mx as scripted
import namespaces
import pytest
from clients import Raw, message

VERSIONS = {"selfsigned": "TLSv1.3", "labca": "TLSv1.3", "expired": "TLSv1.3", "rsa12": "TLSv1.2", "ecdsa12": "TLSv1.2"}


@pytest.fixture
def context(internet):
    return lambda name="labca", **words: certificates.context(name, internet.certificates, **words)


def deliver(to, mark, **words):
    sent = clients.send("smtplib", "sender@home.test", to, message(mark, to=to, **words))
    assert sent.ok, sent.output


# --- real servers --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", VERSIONS)
def test_postfix_gets_mail_encrypted_whatever_its_certificate(relay, internet, mark, kind):
    since = relay.mark()
    deliver(f"anna@{kind}.test", mark)
    mail = internet.postfix.mail.wait("anna", mark)
    used = re.search(rb"using (TLSv1\.\d) with cipher (\S+)", mail)
    assert used and used[1].decode() == VERSIONS[kind], mail
    line = relay.wait_log(f"anna@{kind}.test: ", since)
    assert f", {VERSIONS[kind]} " in line and f"mx.{kind}.test" in line, line
    assert re.search(r"TLSv1\.[23] (AES-(128|256)-GCM|CHACHA20-POLY1305)-SHA(256|384),", line), line


def test_postfix_that_has_only_tls_1_0_gets_mail_in_clear(relay, internet, mark):
    since = relay.mark()
    deliver("anna@tls10.test", mark)
    mail = internet.postfix.mail.wait("anna", mark)
    assert b"using TLS" not in mail
    assert ", no TLS," in relay.wait_log("anna@tls10.test: ", since)
    assert "SSL_accept error" in internet.postfix.log()          # the handshake was tried


def test_exim_gets_mail_encrypted(relay, internet, mark):
    since = relay.mark()
    deliver("emil@eximtls.test", mark)
    mail = internet.exim.mail.wait("emil", mark)
    assert re.search(rb"with e?smtps\s+\(TLS1\.3\)", mail), mail
    assert ", TLSv1.3 " in relay.wait_log("emil@eximtls.test: ", since)


@pytest.mark.parametrize("kind", ["selfsigned", "rsa12"])
def test_postfix_sees_the_session_resumed(start_relay, internet, mark, kind):
    start_relay()
    seen = len(internet.postfix.log())

    def connections():
        return re.findall(r"(?:Anonymous|Untrusted|Trusted) TLS connection \w+ from \S+: .*", internet.postfix.log()[seen:])
    for n in range(2):
        deliver(f"anna@{kind}.test", f"{mark}-{n}")
        internet.postfix.mail.wait("anna", f"{mark}-{n}")
        # the idle connection goes after 5 s
        namespaces.wait_until("QUIT", lambda: len(re.findall(r"disconnect from \S+ .*quit=1", internet.postfix.log()[seen:])) > n)
    log = internet.postfix.log()[seen:]
    assert len(connections()) == 2, log
    assert len(re.findall(r"[Rr]eusing old session|TLS connection reused", log)) == 1, log


@pytest.mark.parametrize("server", ["labca", "rsa12", "eximtls"])
def test_a_big_mail_arrives_unchanged_through_tls(relay, internet, mark, server):
    body = "".join(f"{n:07} " + "x" * 60 + "\r\n.\r\n..\r\n" for n in range(20000))
    name = "emil" if server == "eximtls" else "anna"
    deliver(f"{name}@{server}.test", mark, body=body)
    mail = (internet.exim if server == "eximtls" else internet.postfix).mail.wait(name, mark, 30)
    assert mail.replace(b"\r\n", b"\n").rstrip().endswith(body.replace("\r\n", "\n").rstrip().encode())


# --- a scripted server ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("certificate, words, version", [
    ("labca", {"oldest": ssl.TLSVersion.TLSv1_3}, "TLSv1.3"),
    ("labca", {"newest": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),
    ("rsa", {"newest": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),                      # what Mbed TLS 3.6.6 refused
    ("rsa", {"newest": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-RSA-AES256-SHA"}, "TLSv1.2"),      # Exchange of 2012
    ("labca", {"oldest": ssl.TLSVersion.TLSv1_3, "curve": "secp521r1"}, "TLSv1.3"),                 # asks for another hello
    ("labca", {"oldest": ssl.TLSVersion.TLSv1_3, "curve": "secp384r1"}, "TLSv1.3"),
    ("labca", {"newest": ssl.TLSVersion.TLSv1_2, "curve": "secp521r1"}, "TLSv1.2"),
    ("labca", {"oldest": ssl.TLSVersion.TLSv1_3, "asks": ssl.CERT_OPTIONAL}, "TLSv1.3"),            # Postfix's smtpd_tls_ask_ccert
    ("labca", {"newest": ssl.TLSVersion.TLSv1_2, "asks": ssl.CERT_OPTIONAL}, "TLSv1.2"),
])
def test_versions_and_ciphers(start_relay, mx, mark, context, certificate, words, version):
    relay = start_relay()
    alpha = mx("alpha", tls=context(certificate, **words))
    deliver("anna@alpha.test", mark)
    assert alpha.sessions[0].tls.version() == version and len(alpha.sessions) == 1
    assert f", {version} " in relay.wait_log("anna@alpha.test: ")
    assert len(alpha.said("EHLO")) == 2 and alpha.sessions[0].server_name == "mx.alpha.test"


def test_an_address_literal_is_no_server_name(relay, mx, mark, context):
    alpha = mx("alpha", tls=context())
    with Raw() as c:
        assert c.mail(f"anna@[{alpha.addresses[0]}]", message(mark)).code == 250
    assert alpha.sessions[0].tls and alpha.sessions[0].server_name is None


@pytest.mark.parametrize("words", [
    {"starttls": "454 4.7.0 TLS not available"},
    {"starttls": "501 5.5.1 no"},
    {"starttls": scripted.Close()},
    {"starttls": scripted.Reset()},
    {"starttls": "220 go ahead"},                                                # and then it goes on in clear
    {"starttls": b"220 go\r\n250-mx.alpha.test\r\n250 CHUNKING\r\n"},             # injection, RFC 3207 section 6
], ids=["454", "501", "close", "reset", "clear", "injected"])
def test_a_failed_handshake_is_followed_by_one_connection_in_clear(start_relay, mx, mark, words):
    alpha = mx("alpha", **words)
    relay = start_relay()
    deliver("anna@alpha.test", mark)
    first, second = alpha.sessions
    assert not first.said("MAIL") and len(first.said("EHLO")) == 1
    assert not second.said("STARTTLS") and len(alpha.accepted) == 1
    assert ", no TLS," in relay.wait_log("anna@alpha.test: ")
    alpha.wait("the end of the first connection", lambda: first.closed)
    if words["starttls"] == "220 go ahead":
        first.violations.clear()            # it took a handshake for commands


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_insists_on_a_certificate_of_ours_gets_the_mail_in_clear(start_relay, mx, mark, context, version):
    """In TLS 1.3 our side of the handshake is done before it says so."""
    relay = start_relay()
    alpha = mx("alpha", tls=context(oldest=version, newest=version, asks=ssl.CERT_REQUIRED))
    deliver("anna@alpha.test", mark)
    first, second = alpha.sessions
    assert len(first.said("STARTTLS")) == 1 and len(first.said("EHLO")) == 1
    assert not second.said("STARTTLS") and len(alpha.accepted) == 1
    assert ", no TLS," in relay.wait_log("anna@alpha.test: ")


def test_a_handshake_that_hangs_is_given_up_in_time_for_the_client(start_relay, mx, mark, context):
    """10 s, and then there is patience left for the connection in clear."""
    alpha = mx("alpha", tls=context(), starttls=[scripted.Stall(), None])
    start_relay()
    begun = time.monotonic()
    deliver("anna@alpha.test", mark)
    assert 9 < time.monotonic() - begun < 20
    assert len(alpha.sessions) == 2 and len(alpha.accepted) == 1 and not alpha.sessions[1].tls


def test_a_handshake_that_was_slept_through_is_begun_anew_with_tls(start_relay, internet, mx, mark, context):
    """A time-out that passed in the sleep says nothing of the server's TLS."""
    alpha = mx("alpha", tls=context(), handshake=[scripted.Stall(), None])
    relay = start_relay()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.send("RCPT TO:<anna@alpha.test>\r\n")
        alpha.wait_event("stall")

        def has_begun():
            """Its hello waits to be read; asleep before that, it would begin when it is awake, and have no sleep to blame."""
            return internet.run(internet.net, "ss", "-tnHo", "state", "established", "src", alpha.addresses[0]).split()[0] != "0"
        namespaces.wait_until("the handshake has begun", has_begun)
        relay.process.send_signal(signal.SIGSTOP)
        try:
            namespaces.wait_until("it sleeps", relay.stopped)
            time.sleep(12)                  # the fault itself: longer than a handshake may take
        finally:
            relay.process.send_signal(signal.SIGCONT)
        c.expect(250)
        assert c.data(message(mark)).code == 250
    assert len(alpha.sessions) == 2 and alpha.sessions[1].tls and len(alpha.accepted) == 1


def test_a_host_that_had_tls_and_has_none_now_is_named_in_the_log(start_relay, mx, mark, context):
    relay = start_relay()
    alpha = mx("alpha", tls=context(), dot=scripted.Close("250 ok"))
    deliver("anna@alpha.test", f"{mark}-1")
    alpha.wait_closed()
    relay.wait_log("anna@alpha.test: .*, TLSv1.3 ")
    alpha.tls = None
    since = relay.mark()
    deliver("anna@alpha.test", f"{mark}-2")
    line = relay.wait_log("mx.alpha.test", since)
    assert " ! " in line and "plain text" in line and "does not offer it" in line, line
    assert ", no TLS," in relay.wait_log("anna@alpha.test: ", since)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed(start_relay, mx, mark, context, version):
    start_relay()
    alpha = mx("alpha", tls=context(oldest=version, newest=version), dot=scripted.Close("250 ok"))
    for n in range(3):
        deliver("anna@alpha.test", f"{mark}-{n}")
        alpha.wait_closed()
    assert [s.tls.session_reused for s in alpha.sessions] == [False, True, True]


# --- many ----------------------------------------------------------------------------------------------------------
def descriptors(relay):
    return len(os.listdir(f"/proc/{relay.pid}/fd"))


@pytest.mark.native
def test_1000_handshakes_leave_nothing_behind(measured_relay, mx, mark, context):
    relay, alpha = measured_relay, mx("alpha", tls=context(), dot=scripted.Close("250 ok"))

    def handshakes(count):
        with Raw() as c:
            for _ in range(count):
                assert c.mail("anna@alpha.test", message(mark)).code == 250
        alpha.wait_closed()
    handshakes(100)
    memory, files = relay.pss_kb(), descriptors(relay)
    handshakes(1000)
    assert len([s for s in alpha.sessions if s.tls]) == 1100
    print(f"{memory} kB, {files} descriptors; after 1,000 more: {relay.pss_kb()} kB, {descriptors(relay)}")
    assert relay.pss_kb() - memory < 256
    # The names of programs may still be looked up, which takes descriptors, too.
    namespaces.wait_until("the descriptors are given back", lambda: descriptors(relay) <= files)
