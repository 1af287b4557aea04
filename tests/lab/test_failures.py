# SPDX-License-Identifier: MIT
"""PRODUCT section 5 when things break: the MX fails at every step, the client vanishes at every step, the relay is killed
at every step. Never a 250 that is not true, never a mail that the client did not finish."""
import re
import signal
import socket
import time

import mx as scripted
import pytest
from clients import Closed, Raw, message
from mx import After, Close, Drip, Endless, Reset
from namespaces import wait_until


def outcome(mark, recipient="anna@alpha.test"):
    """Sends one mail as far as it goes: (step, reply) of the first refusal, or of the final dot."""
    with Raw() as c:
        c.command("EHLO client", 250)
        for step, line, good in (("mail", "MAIL FROM:<sender@home.test>", 250), ("rcpt", f"RCPT TO:<{recipient}>", 250),
                                 ("data", "DATA", 354)):
            reply = c.command(line)
            if reply.code != good:
                c.command("NOOP", 250)
                return step, reply
        c.send(message(mark) + b"line\r\n" * 20_000 + b".\r\n")
        reply = c.reply()
        c.command("NOOP", 250)
        return "dot", reply


# What the MX does, and what the client must hear: (table, steps at which it may be told, reply class, words)
FAILURES = [
    # greeting
    ({"greeting": "554 5.3.2 not here"}, "rcpt", 5, "not here"),
    ({"greeting": "421 4.3.2 closed for tea"}, "rcpt", 4, "closed for tea"),
    ({"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"}, "rcpt", 4, ""),
    ({"greeting": b"\x16\x03\x01\x00\xa5\x01\xff\x00\r\n"}, "rcpt", 4, ""),
    ({"greeting": b"2\r\n"}, "rcpt", 4, ""),
    ({"greeting": b"999 no such code\r\n"}, "rcpt", 4, ""),
    ({"greeting": Close()}, "rcpt", 4, ""),
    ({"greeting": Reset()}, "rcpt", 4, ""),
    ({"greeting": Endless("220-I go on and on")}, "rcpt", 4, ""),
    ({"greeting": b"220" + b"x" * 200_000}, "rcpt", 4, ""),
    ({"greeting": Drip("220 mx.alpha.test slow but well", 0.005)}, "dot", 2, ""),
    # EHLO, HELO
    ({"ehlo": "500 5.5.1 what", "extensions": ()}, "dot", 2, ""),
    ({"ehlo": "502 5.5.1 what", "extensions": ()}, "dot", 2, ""),
    ({"ehlo": "550 5.7.1 not you", "helo": "550 5.7.1 not you"}, "rcpt", 5, "not you"),
    ({"ehlo": Close("421 4.3.2 shutting down")}, "rcpt", 4, "shutting down"),
    ({"ehlo": Close()}, "rcpt", 4, ""),
    ({"ehlo": Endless("250-MORE")}, "rcpt", 4, ""),
    ({"ehlo": b"250-mx\r\n550 two codes in one reply\r\n"}, "rcpt", 4, ""),
    ({"ehlo": b"complete nonsense\r\n"}, "rcpt", 4, ""),
    # MAIL
    ({"mail": "451 4.3.0 try again"}, "rcpt", 4, "try again"),
    ({"mail": "550 5.1.8 sender unknown"}, "rcpt", 5, "sender unknown"),
    ({"mail": "552 5.3.4 too large"}, "rcpt", 5, "too large"),
    ({"mail": "354 go on"}, "rcpt", 4, ""),
    ({"mail": b"garbage\r\n"}, "rcpt", 4, ""),
    ({"mail": "150 wait a moment"}, "rcpt", 4, ""),
    ({"mail": Close()}, "rcpt", 4, ""),
    ({"mail": Close("421 4.7.0 too many connections")}, "rcpt", 4, "too many connections"),
    # RCPT
    ({"rcpt": "251 2.1.5 will forward"}, "dot", 2, ""),
    ({"rcpt": "450 4.2.0 greylisted"}, "rcpt", 4, "greylisted"),
    ({"rcpt": "550 5.1.1 unknown"}, "rcpt", 5, "unknown"),
    ({"rcpt": "551 5.1.6 not local"}, "rcpt", 5, "not local"),
    ({"rcpt": "354 go on"}, "rcpt", 4, ""),
    ({"rcpt": "999 5.1.1 odd"}, "rcpt", 4, ""),
    ({"rcpt": b"\xff\xfe\r\n"}, "rcpt", 4, ""),
    ({"rcpt": b"000 nothing\r\n"}, "rcpt", 4, ""),
    ({"rcpt": b"99 short\r\n"}, "rcpt", 4, ""),
    ({"rcpt": b"\0\0\0\0\r\n"}, "rcpt", 4, ""),
    ({"rcpt": Close()}, "rcpt", 4, ""),
    ({"rcpt": Reset()}, "rcpt", 4, ""),
    ({"rcpt": Endless("250-again")}, "rcpt", 4, ""),
    ({"rcpt": Endless("550-again")}, "rcpt", 4, ""),
    # DATA; the client may have its 354 already, for bytes go on only after the MX's
    ({"data": "451 4.3.0 try again"}, "data dot", 4, "try again"),
    ({"data": "554 5.7.1 no valid mail"}, "data dot", 5, "no valid mail"),
    ({"data": "250 2.0.0 what do you mean"}, "data dot", 4, ""),
    ({"data": Close()}, "data dot", 4, ""),
    ({"data": Close("421 4.3.2 shutting down")}, "data dot", 4, "shutting down"),
    ({"data": b"garbage\r\n"}, "data dot", 4, ""),
    # in the middle of the content
    ({"content": After(1000, Close())}, "data dot", 4, ""),
    ({"content": After(1000, Reset())}, "data dot", 4, ""),
    ({"content": After(1000, Close("421 4.3.2 shutting down"))}, "data dot", 4, ""),
    ({"content": After(1000, Close("552 5.3.4 too much for me"))}, "data dot", 45, ""),
    # the verdict
    ({"dot": "250 2.6.0 odd but good"}, "dot", 2, ""),
    ({"dot": b"250\r\n"}, "dot", 2, ""),
    ({"dot": "250-two\n250 lines"}, "dot", 2, ""),
    ({"dot": "451 4.3.0 disk full"}, "dot", 4, "disk full"),
    ({"dot": "550 5.7.1 looks like spam"}, "dot", 5, "looks like spam"),
    ({"dot": "354 more please"}, "dot", 4, ""),
    ({"dot": Close()}, "dot", 4, ""),
    ({"dot": Reset()}, "dot", 4, ""),
    ({"dot": Close("421 4.3.2 shutting down")}, "dot", 4, "shutting down"),
    ({"dot": b"garbage\r\n"}, "dot", 4, ""),
    ({"dot": b"250 no line end", "quit": Close()}, "dot", 4, ""),
    ({"dot": Endless("250-queued")}, "dot", 4, ""),
    ({"dot": b"2500 2.0.0 queued\r\n"}, "dot", 4, ""),
    ({"dot": "150 nearly"}, "dot", 4, ""),
    ({"dot": b"000 2.0.0 queued\r\n"}, "dot", 4, ""),
    # replies that come before their command: the verdict is what is read after the dot
    ({"data": b"354 go\r\n250 2.0.0 Ok: queued as TOOEARLY\r\n", "dot": "554 5.7.1 the true verdict"}, "data dot", 45, ""),
    ({"rcpt": b"250 ok\r\n354 go\r\n250 2.0.0 TOOEARLY\r\n", "data": "554 5.5.1 the true verdict"}, "rcpt data dot", 45, ""),
    ({"mail": b"250 ok\r\n250 TOOEARLY\r\n", "rcpt": "550 5.1.1 the true verdict"}, "rcpt data dot", 45, ""),
]


def row(value):
    return " ".join(f"{k}={v}" for k, v in value.items())[:60] if isinstance(value, dict) else None


@pytest.mark.parametrize("table, steps, class_, words", FAILURES, ids=row)
def test_an_mx_that_fails_is_told_truly(start_relay_with_little_patience, mx, mark, table, steps, class_, words):
    """5.1, 5.3, 5.7"""
    alpha = mx("alpha", **table)
    step, reply = outcome(mark)
    assert step in steps.split(), f"told at {step}: {reply}"
    assert str(reply.code // 100) in str(class_), reply
    assert words in reply.text and "TOOEARLY" not in reply.text, reply
    if reply.code == 250:
        assert len(alpha.accepted) == 1
    else:
        assert not alpha.accepted or "dot" in table
    if "TOOEARLY" in str(table):        # the MX itself counts replies wrongly there: its complaints mean nothing
        for session in alpha.sessions:
            session.violations.clear()


@pytest.fixture
def start_relay_with_little_patience(slot, request):
    """An MX whose reply never ends is given up when the client's patience is: 5 s here, so that it can be waited for."""
    from conftest import _look_after
    r = slot.current
    if r is None or r.options != ["--patience", "5"] or not r.alive or getattr(r, "failed", False):
        slot.fresh("--patience", "5")
    slot.current.spoiled = False
    yield slot.current
    _look_after(slot, request)
    slot.current.failed = getattr(request.node, "failed_call", False)


@pytest.mark.parametrize("step, action", [
    ("quit", Close()), ("quit", Reset()), ("quit", "500 5.5.1 what is that"), ("quit", b"\x00\x01junk\r\n"),
    ("quit", Endless("221-bye")), ("rset", "500 5.5.1 what is that"), ("rset", Close()), ("rset", Close("421 enough")),
    ("rset", b"garbage\r\n"),
], ids=str)
def test_trouble_after_the_final_250_does_not_matter(relay, mx, mark, step, action):
    """FIELD 5: be lenient after the verdict; the next mail goes as if nothing had been."""
    alpha = mx("alpha", **{step: action})
    for n in range(2):
        with Raw() as c:
            assert c.mail("anna@alpha.test", message(f"{mark}-{n}")).code == 250
            c.command("RSET", 250)
            c.command("QUIT", 221)
    assert len(alpha.accepted) == 2


def test_a_kept_connection_that_the_mx_closed_costs_nothing(relay, mx, mark):
    """5.11: the second mail meets a connection that died in the meantime, and takes another."""
    alpha = mx("alpha", mail=["250 ok", Close("421 4.4.2 idle for too long"), "250 ok"])
    for n in range(2):
        with Raw() as c:
            assert c.mail("anna@alpha.test", message(f"{mark}-{n}")).code == 250
    assert len(alpha.accepted) == 2


def dot_is_out(c, alpha, mark):
    c.begin("anna@alpha.test")
    c.command("DATA", 354)
    c.send(message(mark) + b".\r\n")
    alpha.wait_event("stall")


def test_a_silent_mx_is_asked_after_a_minute_whether_it_lives(relay, internet, mx, mark):
    """By TCP's keepalive; without it, a server that dies behind the final dot holds the mail up for ten minutes."""
    alpha = mx("alpha", dot=(stall := scripted.Stall()))
    with Raw() as c:
        dot_is_out(c, alpha, mark)

        def asks():
            told = internet.run(internet.home, "ss", "-tnoH", "state", "established", "dst", alpha.sessions[0].local)
            return re.search(r"timer:\(keepalive,(\d+(?:\.\d+)?)(sec|min|ms)", told)
        found = wait_until("the timer of keepalive", asks)
        assert float(found[1]) * {"min": 60, "sec": 1, "ms": 0.001}[found[2]] <= 60, found[0]
        stall.go()
        c.expect(250)


@pytest.mark.parametrize("acknowledged", [True, pytest.param(False, marks=pytest.mark.native)], ids=["dot heard", "dot lost"])
def test_an_mx_that_dies_without_a_word_is_noticed_within_minutes(start_relay, internet, mx, mark, request, acknowledged):
    """Windows has its own time for what nobody acknowledges, which Wine does not know."""
    if not request.config.getoption("--long"):
        pytest.skip("takes minutes: --long")
    alpha = mx("alpha", dot=scripted.Stall())
    relay = start_relay("--patience", "5")

    def unheard():
        return internet.run(internet.home, "ss", "-tnH", "dst", alpha.sessions[0].local).split()[2]
    with Raw() as c:
        if not acknowledged:
            c.begin("anna@alpha.test")
            c.command("DATA", 354)
            internet.remove_host(*alpha.addresses)
            c.send(message(mark) + b".\r\n")
        else:
            dot_is_out(c, alpha, mark)
            wait_until("the dot is acknowledged", lambda: unheard() == "0")
            internet.remove_host(*alpha.addresses)
        began = time.monotonic()
        try:
            c.expect(451)
            relay.wait_log("a copy may have arrived", timeout_s=220)
            assert 100 < time.monotonic() - began
        finally:
            internet.add_host(*alpha.addresses)


def test_a_remote_reply_full_of_odd_octets_cannot_forge_replies(relay, mx):
    """FIELD 5b.3: only octets 32 to 126 go on. Raw checks every line that it reads."""
    mx("alpha", rcpt=b"550-5.1.1 one\r250 forged\r\n550-\x00\x07\x1b[2J\xff\xfe\xc3\xa9\r\n550 5.1.1 " + b"y" * 900 + b"\r\n")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        reply = c.command("RCPT TO:<anna@alpha.test>")
        assert reply.code // 100 in (4, 5)
        assert c.command("NOOP").code == 250


def test_a_remote_reply_of_many_lines_is_shortened(relay, mx):
    """FIELD 5b.3, 5b.4"""
    mx("alpha", rcpt="\n".join(["550-5.1.1 again"] * 60 + ["550 5.1.1 the last"]))
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        reply = c.command("RCPT TO:<anna@alpha.test>")
        assert reply.code // 100 in (4, 5) and len(reply.lines) <= 20
        c.command("NOOP", 250)


# --- what the MX can and cannot do ---------------------------------------------------------------------------------
@pytest.mark.parametrize("extensions", [(), ("8BITMIME",), ("PIPELINING",), ("CHUNKING", "PIPELINING"), ("CHUNKING", "8BITMIME")],
                         ids=lambda e: "+".join(e) or "nothing")
def test_an_mx_gets_only_what_it_offers(relay, mx, mark, extensions):
    """The MX notes as a breach: sending ahead, BDAT, or parameters that it did not offer."""
    alpha = mx("alpha", extensions=extensions)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> SIZE=300 BODY=8BITMIME RET=HDRS ENVID=abc", 250)
        c.command("RCPT TO:<anna@alpha.test> NOTIFY=FAILURE", 250)
        c.command("RCPT TO:<bara@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    assert alpha.wait_mail().recipients == ["anna@alpha.test", "bara@alpha.test"]


def test_an_mx_that_knows_only_helo_gets_the_mail(relay, mx, mark):
    alpha = mx("alpha", ehlo="502 5.5.1 EHLO is too new", extensions=())
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert alpha.said("HELO") and alpha.wait_mail().parameters == ""


def test_8_bit_content_is_never_sent_to_an_mx_without_8bitmime(relay, mx, mark):
    """RFC 6152 section 3: refused; the MX notes 8-bit octets as a breach."""
    alpha = mx("alpha", extensions=("PIPELINING",))
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> BODY=8BITMIME", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        reply = c.data(message(mark, body="p\u0159\u00edli\u0161\r\n"))
        assert (reply.code, reply.status) == (554, "5.6.3"), reply
    assert not alpha.accepted


def test_ascii_content_declared_as_8bitmime_goes_to_an_mx_without_it(relay, mx, mark):
    """FIELD 5b.11"""
    alpha = mx("alpha", extensions=("PIPELINING",))
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> BODY=8BITMIME", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    assert len(alpha.accepted) == 1


def test_an_accented_address_goes_only_to_an_mx_with_smtputf8(relay, mx):
    mx("alpha", extensions=("PIPELINING", "8BITMIME"))
    bravo = mx("bravo")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> SMTPUTF8", 250)
        assert c.command("RCPT TO:<ane\u017eka@alpha.test>").code // 100 == 5
        c.command("RCPT TO:<ane\u017eka@bravo.test>", 250)
    assert "SMTPUTF8" in bravo.said("MAIL")[0]


# --- the client vanishes -------------------------------------------------------------------------------------------
VANISH = ["connect", "EHLO", "MAIL", "RCPT", "half a command", "DATA", "content", "content ends with a dot", "dot without line end"]


@pytest.mark.parametrize("how", ["reset", "close", "half-close"])
@pytest.mark.parametrize("step", VANISH)
def test_a_client_that_vanishes_before_the_end_delivers_nothing(relay, mx, mark, step, how):
    """FIELD 5b.7: the connection to the MX is closed, never ended by a dot."""
    alpha = mx("alpha")
    c = Raw()
    sent = [("EHLO", "EHLO client\r\n", 250), ("MAIL", "MAIL FROM:<sender@home.test>\r\n", 250),
            ("RCPT", "RCPT TO:<anna@alpha.test>\r\n", 250), ("half a command", "DA", None), ("DATA", "DATA\r\n", 354),
            ("content", "Subject: x\r\n\r\n" + "text\r\n" * 5000, None), ("content ends with a dot", "\r\n.", None),
            ("dot without line end", "\r", None)]
    if step != "connect":
        for name, octets, code in sent:
            if name == "half a command" and step != name:
                continue
            c.send(octets)
            if code:
                c.expect(code)
            if name == step:
                break
    in_content = step in ("DATA", "content", "content ends with a dot", "dot without line end")
    if in_content:
        alpha.wait_command("DATA")
    if how == "reset":
        c.vanish()
    elif how == "close":
        c.close()
    else:
        c.socket.shutdown(socket.SHUT_WR)
    if step in ("RCPT", "half a command") or in_content:
        alpha.wait("the relay lets go", lambda: not alpha.open_sessions or alpha.said("RSET") or alpha.said("QUIT"))
    if in_content:
        alpha.wait_closed()
        assert not alpha.said("QUIT"), "a connection in the middle of a mail must be closed, not asked to QUIT"
    c.close()
    with Raw() as other:        # the relay still works, and the mail of another client arrives alone
        assert other.mail("anna@alpha.test", message(mark)).code == 250
    assert len(alpha.mails) == 1 and mark.encode() in alpha.mails[0].content


def test_a_client_that_vanishes_after_the_final_dot_has_sent_one_mail_at_most(relay, mx, mark):
    stall = scripted.Stall()
    alpha = mx("alpha", dot=stall)
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(message(mark) + b".\r\n")
        alpha.wait_event("stall")
        c.vanish()
    stall.go()
    with Raw() as other:
        other.command("NOOP", 250)
    assert len(alpha.mails) == 1


# --- the relay is killed -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "content", "all but the last octet", "dot"])
def test_a_relay_killed_at_any_step_has_neither_said_250_nor_sent_half_a_mail(start_relay, mx, mark, step):
    """1: crash or power cut: what was not delivered was never acknowledged."""
    stall = scripted.Stall()
    alpha, bravo = mx("alpha", dot=stall), mx("bravo")
    relay = start_relay()
    c = Raw()
    c.command("EHLO client", 250)
    c.command("MAIL FROM:<sender@home.test>", 250)
    if step != "MAIL":
        c.command("RCPT TO:<anna@alpha.test>", 250)
        c.command("RCPT TO:<bara@bravo.test>", 250)
    if step in ("DATA", "content", "all but the last octet", "dot"):
        c.command("DATA", 354)
        alpha.wait_command("DATA")
    if step in ("content", "all but the last octet", "dot"):
        c.send(message(mark) + b"text\r\n" * 20_000)
        alpha.wait("content", lambda: any(len(s.received) > 50_000 for s in alpha.sessions))
    if step == "all but the last octet":
        c.send(".\r")
    if step == "dot":
        c.send(".\r\n")
        alpha.wait_event("stall")
        bravo.wait_mail()
    relay.kill()
    native = relay.engine.name == "native"      # Wine's server may keep the sockets of a killed program for a while
    c.socket.settimeout(10 if native else 1)
    with pytest.raises(Closed if native else (Closed, TimeoutError)):
        c.reply()
    c.close()
    if native and step != "MAIL":
        alpha.wait_closed()
        bravo.wait_closed()
    stall.go()
    if step != "dot":
        assert not alpha.mails and not bravo.mails


@pytest.mark.native        # under Wine a signal ends the program at once: the tray's tests stop it the Windows way
def test_a_relay_that_is_told_to_stop_answers_421_or_ends_the_mail_within_5_s(start_relay, mx, mark):
    """1: mail in progress gets its answer or 421 within 5 s."""
    alpha = mx("alpha", dot=scripted.Stall())
    relay = start_relay()
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(message(mark) + b".\r\n")
        alpha.wait_event("stall")
        started = time.monotonic()
        relay.process.send_signal(signal.SIGTERM)
        assert c.reply().code == 421
        assert time.monotonic() - started < 6
    assert relay.process.wait(10) == 0


@pytest.mark.native        # under Wine a signal ends the program at once: the tray's tests stop it the Windows way
def test_a_relay_that_is_told_to_stop_ends_at_once_when_nothing_is_in_the_air(start_relay):
    relay = start_relay()
    c = Raw()
    assert relay.stop() == 0
    try:
        assert c.reply().code == 421
    except Closed:
        pass
