# SPDX-License-Identifier: MIT
"""PRODUCT 5.2, 5.5, 5.11: little memory, patience, and good manners towards mail exchangers. (Idleness: test_sleep.py.)"""
import threading
import time

import mx as scripted
import pytest
import relay as under_test
from clients import Raw, message
from namespaces import wait_until


# --- connections ---------------------------------------------------------------------------------------------------
def test_two_mails_in_a_row_share_one_connection_and_quit_is_said_in_the_end(relay, mx, mark):
    """5.11: up to 5 s of reuse, QUIT before closing."""
    alpha = mx("alpha")
    for n in range(2):
        with Raw() as c:
            assert c.mail(f"r{n}@alpha.test", message(f"{mark}-{n}")).code == 250
            c.command("QUIT", 221)
    assert len(alpha.mails) == 2 and len(alpha.sessions) == 1
    last = alpha.mails[-1].replied
    alpha.wait_command("QUIT", timeout_s=12)
    asked = next(t for t, who, text in alpha.sessions[0].events if who == "C" and text.upper() == "QUIT")
    assert 1 < asked - last < 7, f"QUIT after {asked - last:.1f} s"
    alpha.wait_closed(5)


def test_mails_to_different_domains_of_one_mx_do_not_mix(relay, mx, mark):
    """Two destinations may share a host; their recipients go in transactions of their own or together, but nothing is lost."""
    alpha = mx("alpha")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("RCPT TO:<anna@mxcname.test>", 250)
        c.command("RCPT TO:<anna@many.test>", 250)
        assert c.data(message(mark)).code == 250
    got = sorted(r for m in alpha.accepted for r in m.recipients)
    assert got == ["anna@alpha.test", "anna@many.test", "anna@mxcname.test"]


def test_at_most_20_connections_go_to_one_destination_at_a_time(start_relay, mx, mark):
    """5.11: 30 mails at once; all arrive."""
    stall = scripted.Stall()
    alpha = mx("alpha", rcpt=stall)
    start_relay()
    results = []

    def one(n):
        with Raw() as c:
            results.append(c.mail(f"r{n}@alpha.test", message(f"{mark}-{n}")).code)
    threads = [threading.Thread(target=one, args=(n,)) for n in range(30)]
    for t in threads:
        t.start()
    alpha.wait("20 connections", lambda: len(alpha.said("RCPT")) >= 20, 15)
    assert len(alpha.sessions) == 20
    stall.go()
    for t in threads:
        t.join(40)
    assert results == [250] * 30
    assert alpha.peak <= 20 and len(alpha.accepted) == 30


def test_a_busy_destination_does_not_hold_up_another(relay, mx, mark):
    stall = scripted.Stall()
    alpha = mx("alpha", rcpt=stall)
    mx("bravo")
    held = []
    for n in range(25):
        c = Raw()
        held.append(c)
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.send(f"RCPT TO:<r{n}@alpha.test>\r\n")
    alpha.wait("20 connections", lambda: len(alpha.said("RCPT")) >= 20, 15)
    started = time.monotonic()
    with Raw() as c:
        assert c.mail("anna@bravo.test", message(mark)).code == 250
    assert time.monotonic() - started < 2
    stall.go()
    for c in held:
        c.expect(250)
        c.close()


@pytest.mark.parametrize("engine_says", ["EHLO", "HELO"])
def test_the_relay_greets_by_the_option_hostname(start_relay, mx, mark, engine_says):
    """7"""
    alpha = mx("alpha", **({} if engine_says == "EHLO" else {"ehlo": "500 what", "extensions": ()}))
    start_relay("--hostname", "relay.home.test")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert alpha.said(engine_says) == [f"{engine_says} relay.home.test"]


def test_without_the_option_the_relay_greets_by_its_public_name_or_address(relay, mx, mark):
    """7: the reverse name of our public address if it can be learnt, else an address literal; never the machine's own name."""
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert alpha.said("EHLO")[0] in ("EHLO home.test", "EHLO [192.0.2.2]", "EHLO [127.0.0.1]")


# --- SIZE, recipient limits ----------------------------------------------------------------------------------------
def test_a_declared_size_over_the_mxs_limit_is_refused_before_a_byte_of_content(relay, mx):
    """5.11: 552 5.3.4"""
    alpha = mx("alpha", size=100_000)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> SIZE=200000", 250)
        reply = c.command("RCPT TO:<anna@alpha.test>")
        assert (reply.code, reply.status) == (552, "5.3.4"), reply
    assert not alpha.said("DATA") and not alpha.said("BDAT")


def test_a_declared_size_under_the_mxs_limit_is_passed_on(relay, mx, mark):
    alpha = mx("alpha", size=100_000)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test> SIZE=5000", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    assert len(alpha.accepted) == 1


def test_a_mail_that_turns_out_larger_than_the_mx_takes_is_552(relay, mx, mark):
    """The size was not declared."""
    alpha = mx("alpha", size=100_000, dot=lambda session, _: "552 5.3.4 too big after all")
    with Raw() as c:
        reply = c.mail("anna@alpha.test", message(mark) + b"line\r\n" * 50_000)
        assert reply.code == 552, reply
        c.command("NOOP", 250)
    assert not alpha.accepted


def test_a_real_servers_size_limit_is_told(relay, mark):
    import exim
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command(f"MAIL FROM:<sender@home.test> SIZE={exim.SIZE_LIMIT_BYTES + 1}", 250)
        reply = c.command("RCPT TO:<emil@exim.test>")
        assert (reply.code, reply.status) == (552, "5.3.4"), reply


def recipients_per_transaction(limit):
    def answer(session, _):
        return "452 4.5.3 too many recipients" if len(session.mail.recipients) >= limit else None
    return answer


@pytest.mark.parametrize("limit, count", [(1, 3), (4, 10)])
def test_a_host_that_limits_recipients_gets_several_transactions(relay, mx, mark, limit, count):
    """5.11: one mail for the client, and each recipient gets it once."""
    alpha = mx("alpha", rcpt=recipients_per_transaction(limit))
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        for n in range(count):
            c.command(f"RCPT TO:<r{n}@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    assert sorted(r for m in alpha.accepted for r in m.recipients) == [f"r{n}@alpha.test" for n in range(count)]
    assert len(alpha.accepted) == -(-count // limit)
    assert len({m.text for m in alpha.accepted}) == 1


def test_a_real_servers_recipient_limit_is_met_with_a_second_transaction(relay, internet, mark):
    """5.11: the lab's Postfix takes 20 in one mail."""
    import postfix
    since = len(internet.postfix.log())
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        for n in range(postfix.RECIPIENT_LIMIT + 2):
            c.command(f"RCPT TO:<{'bara' if n >= postfix.RECIPIENT_LIMIT else 'anna'}@postfix.test>", 250)
        assert c.data(message(mark)).code == 250
    assert mark.encode() in internet.postfix.mail.wait("bara", mark)
    wait_until("anna's mail", lambda: internet.postfix.mail.with_mark("anna", mark))
    assert internet.postfix.log()[since:].count("message-id=") == 2


@pytest.mark.parametrize("size, ok", [(5_000, True), (20_000, False)])
def test_the_option_max_size_limits_a_mail(start_relay, mx, mark, size, ok):
    """7"""
    alpha = mx("alpha")
    start_relay("--max-size", "10000")
    with Raw() as c:
        assert "SIZE 10000" in c.command("EHLO client", 250).text
        declared = c.command(f"MAIL FROM:<sender@home.test> SIZE={size}")
        assert declared.code == (250 if ok else 552), declared
        if not ok:
            assert declared.status == "5.3.4"
            c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        content = message(mark)
        content += b"x" * 48 + b"\r\n"
        content += b"line" * 12 + b"\r\n"
        reply = c.data(content + (b"y" * 48 + b"\r\n") * ((size - len(content)) // 50))
        assert reply.code == (250 if ok else 552), reply
    assert len(alpha.accepted) == ok


def test_the_option_max_sessions_limits_clients(start_relay):
    """7"""
    start_relay("--max-sessions", "3")
    three = [Raw() for _ in range(3)]
    with Raw(greet=False) as fourth:
        assert fourth.reply().code == 421
    three.pop().close()

    def free():
        with Raw(greet=False) as c:
            return c.reply().code == 220
    wait_until("a place is free again", free)
    for c in three:
        c.close()


def test_an_idle_session_gives_its_place_to_a_newcomer(start_relay, mx, mark):
    """7: when all are taken. A mail that has begun keeps its own."""
    alpha = mx("alpha")
    start_relay("--max-sessions", "2")
    with Raw() as idle, Raw() as busy:
        idle.command("EHLO client", 250)
        busy.begin("anna@alpha.test")
        began = time.monotonic()

        def place():
            c = Raw(greet=False)
            if c.reply().code == 220:
                return c
            c.close()
            return None
        with wait_until("a place", place, 20) as newcomer:
            assert time.monotonic() - began > 9
            assert idle.expect(421).status == "4.3.2" and idle.closed()
            newcomer.command("EHLO client", 250)
            assert busy.data(message(mark)).code == 250
    assert len(alpha.accepted) == 1


# --- patience ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt"])
def test_an_mx_that_stalls_before_the_mail_is_451_within_the_clients_patience(start_relay, mx, step):
    """5.5"""
    alpha = mx("alpha", **{step: scripted.Stall()})
    start_relay("--patience", "2")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        started = time.monotonic()
        reply = c.command("RCPT TO:<anna@alpha.test>", 451)
        assert 1.5 < reply.time - started < 4
        c.command("NOOP", 250)
    assert alpha.sessions


@pytest.mark.parametrize("late, logged", [("250 2.0.0 Ok: queued as LATE1", "LATE1"), ("554 5.7.1 late refusal", "late refusal")])
def test_an_mx_that_stalls_after_the_dot_is_451_and_its_late_answer_is_logged(start_relay, mx, mark, late, logged):
    """5.5: the remote is listened to in the background and the result logged."""
    stall = scripted.Stall(then=late)
    alpha = mx("alpha", dot=stall)
    relay = start_relay("--patience", "2")
    with Raw() as c:
        c.begin(f"{mark}@alpha.test")
        c.command("DATA", 354)
        started = time.monotonic()
        c.send(message(mark) + b".\r\n")
        reply = c.expect(451)
        assert 1.5 < reply.time - started < 4
        c.command("NOOP", 250)
        c.command("QUIT", 221)
    assert alpha.open_sessions, "the connection was given up"
    since = relay.mark()
    stall.go()
    line = relay.wait_log(logged, since)
    assert f"{mark}@alpha.test" in line, line


def test_the_first_recipients_patience_is_not_the_seconds(start_relay, mx, mark):
    """5.5: each answer comes in time, and a stalled domain costs its own recipients only."""
    mx("alpha", rcpt=scripted.Stall())
    mx("bravo")
    start_relay("--patience", "2")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 451)
        c.command("RCPT TO:<bara@bravo.test>", 250)
        assert c.data(message(mark)).code == 250


# --- memory -----------------------------------------------------------------------------------------------------
@pytest.mark.native
@pytest.mark.parametrize("mxs", [1, 3])
def test_a_40_mb_mail_to_a_slow_mx_takes_less_than_4_mb(measured_relay, mx, mark, mxs):
    """5.2: memory per mail is a small window whatever its size; the client is slowed down instead."""
    stall = scripted.Stall()
    slow = mx("alpha", content=scripted.After(200_000, stall), speed=20_000_000)
    others = [mx(h) for h in ("bravo", "charlie")[:mxs - 1]]
    mx("echo")
    with Raw() as c:                      # what the first mail needs once is there afterwards
        assert c.mail("anna@echo.test", message(mark)).code == 250
    relay = measured_relay
    before = relay.pss_kb()
    block = (b"x" * 98 + b"\r\n") * 2000                # 200 kB
    sent = 0
    with Raw() as c:
        c.begin("anna@alpha.test")
        for h in ("bravo", "charlie")[:mxs - 1]:
            c.command(f"RCPT TO:<anna@{h}.test>", 250)
        c.command("DATA", 354)
        c.send(message(mark))
        peak = 0
        c.socket.settimeout(1)
        try:
            while sent < 200:
                rest = memoryview(block)
                while rest:
                    rest = rest[c.socket.send(rest):]
                sent += 1
        except TimeoutError:
            pass                          # the client is held back, as it should
        assert sent < 60, f"{sent * 200} kB were taken from the client while the MX took none"
        peak = max(peak, relay.pss_kb())
        stall.go()
        c.socket.settimeout(60)
        while rest:
            rest = rest[c.socket.send(rest):]
        sent += 1
        while sent < 200:
            c.socket.sendall(block)
            sent += 1
            if sent % 20 == 0:
                peak = max(peak, relay.pss_kb())
        c.send(".\r\n")
        c.expect(250)
    peak = max(peak, relay.pss_kb())
    for host in [slow, *others]:
        assert len(host.accepted[-1].content) > 40_000_000
    assert peak - before < 4096, f"{peak - before} kB more"
