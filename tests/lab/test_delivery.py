# SPDX-License-Identifier: MIT
"""PRODUCT section 5, the delivery contract: 250 means delivered, and a refusal is told at RCPT in the remote's words."""
import contextlib
import os
import re
import socket
import stat
from pathlib import Path

import clients
import mx as scripted
import namespaces
import pytest
from clients import Raw, message

REAL = {"postfix": ("anna@postfix.test", "mail.postfix.test", "User unknown"),
        "exim": ("emil@exim.test", "mail.exim.test", "nobody of that name lives here")}


def arrived(internet, server, mark):
    return getattr(internet, server).mail.wait(REAL[server][0].split("@")[0], mark)


# --- real clients, real servers ------------------------------------------------------------------------------------
@pytest.mark.parametrize("server", REAL)
@pytest.mark.parametrize("client", clients.CLIENTS)
def test_every_client_delivers_to_every_server_and_sees_who_took_the_mail(relay, internet, mark, client, server):
    """5.3: the reply is a receipt: which host accepted, with its queue id."""
    to, host, _ = REAL[server]
    sent = clients.send(client, "sender@home.test", to, message(mark, to=to))
    assert sent.ok, sent.output
    mail = arrived(internet, server, mark)
    assert b"Good day." in mail
    queue_id = re.search(rb"\bid ([\w-]+)", mail)[1].decode()
    assert host in sent.output and queue_id in sent.output, sent.output


@pytest.mark.parametrize("server", REAL)
@pytest.mark.parametrize("client", clients.CLIENTS)
def test_a_wrong_recipient_is_told_by_every_client_in_the_words_of_the_remote_server(relay, client, server, mark):
    """5.1: a refusal reaches the client's own error box with the remote's words."""
    to, _, words = REAL[server]
    to = "nobody@" + to.split("@")[1]
    sent = clients.send(client, "sender@home.test", to, message(mark, to=to))
    assert not sent.ok
    assert "550" in sent.output and words in sent.output, sent.output


@pytest.mark.parametrize("client", clients.CLIENTS)
def test_the_relay_is_reached_as_localhost_over_ipv6_too(relay, internet, mark, client):
    """1: listens on 127.0.0.1:25 and [::1]:25."""
    sent = clients.send(client, "sender@home.test", "anna@postfix.test", message(mark), host="::1")
    assert sent.ok, sent.output
    arrived(internet, "postfix", mark)


@pytest.mark.parametrize("method", ["LOGIN", "PLAIN"])
@pytest.mark.parametrize("client", clients.CLIENTS)
def test_every_client_may_log_in_with_any_name_and_password(relay, mx, mark, client, method):
    """6: every user name and password is accepted and forgotten: neither the log nor the MX hears of them."""
    alpha = mx("alpha")
    since = relay.mark()
    sent = clients.send(client, "sender@home.test", "anna@alpha.test", message(mark), login=(method, "my-name", "my-secret"))
    assert sent.ok, sent.output
    assert "235" in sent.output or client in ("smtplib", "nodemailer"), sent.output      # these two fail without it and say nothing
    assert len(alpha.accepted) == 1 and not alpha.said("AUTH")
    relay.wait_log("anna@alpha.test", since)
    assert "my-" not in relay.log() and b"my-" not in alpha.accepted[0].content


@pytest.mark.parametrize("server", REAL)
@pytest.mark.parametrize("client", clients.CLIENTS)
def test_8_bit_text_arrives_unchanged(relay, internet, mark, client, server):
    body = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148 \u20ac\r\n"
    headers = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    to = REAL[server][0]
    sent = clients.send(client, "sender@home.test", to, message(mark, to=to, body=body, headers=headers))
    assert sent.ok, sent.output
    assert body.strip().encode() in arrived(internet, server, mark)


def test_one_mail_to_recipients_at_three_servers_arrives_once_at_each(relay, internet, mx, mark):
    alpha = mx("alpha")
    to = ["anna@postfix.test", "emil@exim.test", "anyone@alpha.test"]
    sent = clients.send("smtplib", "sender@home.test", to, message(mark))
    assert sent.ok, sent.output
    arrived(internet, "postfix", mark)
    arrived(internet, "exim", mark)
    assert len(alpha.accepted) == 1 and alpha.accepted[0].recipients == ["anyone@alpha.test"]


def test_two_recipients_of_one_domain_go_in_one_transaction(relay, internet, mark):
    sent = clients.send("swaks", "sender@home.test", ["anna@postfix.test", "bara@postfix.test"], message(mark))
    assert sent.ok, sent.output
    anna, bara = (internet.postfix.mail.wait(u, mark) for u in ("anna", "bara"))
    ids = {re.search(rb"\bid (\w+)", m)[1] for m in (anna, bara)}
    assert len(ids) == 1


def test_the_sender_may_be_empty(relay, internet, mark):
    """Reports have no sender (RFC 5321 section 4.5.5)."""
    with Raw() as c:
        assert c.mail("anna@postfix.test", message(mark), sender="").code == 250
    assert b"Return-Path: <>" in arrived(internet, "postfix", mark)


def test_recipients_come_from_the_envelope_and_not_from_headers(relay, mx, mark):
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("secret@alpha.test", message(mark, to="public@alpha.test")).code == 250
    assert alpha.wait_mail().recipients == ["secret@alpha.test"]


def test_several_mails_in_one_session_are_several_mails(relay, internet, mark):
    with Raw() as c:
        c.command("EHLO client", 250)
        for n in range(3):
            c.command("MAIL FROM:<sender@home.test>", 250)
            c.command("RCPT TO:<anna@postfix.test>", 250)
            assert c.data(message(f"{mark}-{n}")).code == 250
    for n in range(3):
        arrived(internet, "postfix", f"{mark}-{n}")


def test_a_second_mail_with_more_recipients_than_the_first_gets_them_all(relay, mx, mark):
    """One of the bugs of another cut-through relay."""
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("one@alpha.test", message(mark + "1")).code == 250
        c.command("MAIL FROM:<other@home.test>", 250)
        for n in range(5):
            c.command(f"RCPT TO:<r{n}@alpha.test>", 250)
        assert c.data(message(mark + "2")).code == 250
    assert [m.recipients for m in alpha.accepted] == [["one@alpha.test"], [f"r{n}@alpha.test" for n in range(5)]]
    assert [m.sender for m in alpha.accepted] == ["sender@home.test", "other@home.test"]


def test_a_large_mail_arrives_to_the_last_octet(relay, mx, mark):
    alpha = mx("alpha")
    body = b"".join(b"%07d %s\r\n" % (n, b"x" * 60) for n in range(100_000))
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark) + body).code == 250
    assert alpha.wait_mail().text.endswith(body)


# --- when 250 is said ----------------------------------------------------------------------------------------------
def says_nothing(c, seconds=0.3):
    c.socket.settimeout(seconds)
    with pytest.raises(TimeoutError):
        c.reply()
    c.socket.settimeout(60)


def test_the_client_hears_250_only_after_every_mx_said_it(relay, mx, mark):
    """5.3, the sentence this program is made for."""
    stall = scripted.Stall()
    alpha, bravo = mx("alpha", dot=stall), mx("bravo")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("RCPT TO:<bara@bravo.test>", 250)
        c.command("DATA", 354)
        c.send(message(mark) + b".\r\n")
        bravo.wait_mail()
        alpha.wait_event("stall")
        says_nothing(c)
        stall.go()
        reply = c.expect(250)
    assert reply.time >= alpha.wait_mail().replied and reply.time >= bravo.wait_mail().replied
    assert len(alpha.accepted) == len(bravo.accepted) == 1


def test_rcpt_is_answered_only_after_the_mx_answered_it(relay, mx, mark):
    """5.1"""
    stall = scripted.Stall()
    alpha = mx("alpha", rcpt=stall)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.send("RCPT TO:<anna@alpha.test>\r\n")
        alpha.wait_event("stall")
        says_nothing(c)
        stall.go()
        c.expect(250)


def test_the_receipt_names_the_host_and_its_queue_id(relay, mx, mark):
    """5.3"""
    mx("alpha", dot="250 2.0.0 Ok: queued as QUEUE4711")
    with Raw() as c:
        reply = c.mail("anna@alpha.test", message(mark))
    assert reply.code == 250 and "mx.alpha.test" in reply.text and "QUEUE4711" in reply.text, reply
    assert reply.status.startswith("2."), reply


def test_the_content_streams_to_the_mx_while_the_client_still_sends(relay, mx, mark):
    """5.2: bytes go on as they come."""
    alpha = mx("alpha")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(message(mark) + b"streamed\r\n" * 50_000)
        alpha.wait("half the content", lambda: any(len(s.received) > 100_000 for s in alpha.sessions))
        assert not alpha.mails
        c.send(b".\r\n")
        c.expect(250)


# --- refusals ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("reply, why", [
    ("550 5.1.1 <anna@alpha.test>: there is no such person", "no such user"),
    ("550 there is no such person", "without an enhanced code"),
    ("450 4.2.0 greylisted, there is no such person yet", "greylisting"),
    ("552 5.2.2 mailbox full, there is no such person", "quota"),
    ("550-5.7.1 first line\n550 5.7.1 there is no such person", "two lines"),
    ("553 5.1.3 there is no such person", "an odd code"),
])
def test_the_verdict_at_rcpt_is_the_remotes_code_and_words(relay, mx, reply, why):
    """5.1"""
    mx("alpha", rcpt=reply)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        got = c.command("RCPT TO:<anna@alpha.test>")
        assert got.code == int(reply[:3]), got
        assert "there is no such person" in got.text
        if got.code // 100 == 5 and "5.7.1 first" in reply:
            assert "first line" in got.text
        c.command("NOOP", 250)


def test_one_recipient_is_refused_and_the_other_gets_the_mail(relay, internet, mark):
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert "User unknown" in c.command("RCPT TO:<nobody@postfix.test>", 550).text
        c.command("RCPT TO:<anna@postfix.test>", 250)
        assert c.data(message(mark)).code == 250
    arrived(internet, "postfix", mark)


def test_one_domain_refuses_and_the_other_gets_the_mail(relay, internet, mx, mark):
    alpha = mx("alpha", rcpt="550 5.1.1 no")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anyone@alpha.test>", 550)
        c.command("RCPT TO:<emil@exim.test>", 250)
        assert c.data(message(mark)).code == 250
    arrived(internet, "exim", mark)
    assert not alpha.mails


def test_without_an_accepted_recipient_there_is_no_data(relay, mx):
    alpha = mx("alpha", rcpt="550 5.1.1 no")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<one@alpha.test>", 550)
        c.command("RCPT TO:<two@alpha.test>", 550)
        c.command("DATA", 503, 554)
        c.command("NOOP", 250)
    assert not alpha.said("DATA")


@pytest.mark.parametrize("alpha_says, bravo_says, class_", [
    ("550 5.7.1 no spam", "554 5.6.0 no", 5),
    ("550 5.7.1 no spam", "451 4.3.0 later", 4),
    ("452 4.3.1 full", "451 4.3.0 later", 4),
])
def test_when_all_fail_after_the_dot_the_answer_is_4xx_if_one_may_succeed_later(
        relay, mx, mark, alpha_says, bravo_says, class_):
    """5.4: the worst permanent code, or 4xx if any may succeed later."""
    mx("alpha", dot=alpha_says)
    mx("bravo", dot=bravo_says)
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("RCPT TO:<bara@bravo.test>", 250)
        reply = c.data(message(mark))
        assert reply.code // 100 == class_, reply
        c.command("NOOP", 250)


@pytest.mark.parametrize("answer", ["550 5.7.1 our filter does not like it", "451 4.7.1 our filter does not like it now"])
def test_a_refusal_after_the_dot_reaches_the_client_in_the_remotes_words(relay, mx, mark, answer):
    mx("alpha", dot=answer)
    with Raw() as c:
        reply = c.mail("anna@alpha.test", message(mark))
    assert reply.code == int(answer[:3]) and answer[10:] in reply.text


@pytest.mark.xfail(reason="PRODUCT 5.4: the RFC 3464 report comes with a later change", strict=True)
def test_when_one_mx_took_it_and_another_refused_after_the_dot_the_sender_gets_a_report(relay, internet, mx, mark):
    """5.4: 250, and a non-delivery report at once, by the same road."""
    mx("alpha", dot="554 5.7.1 our filter does not like it")
    with Raw() as c:
        c.begin("emil@exim.test", sender="anna@postfix.test")
        c.command("RCPT TO:<anyone@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    arrived(internet, "exim", mark)
    report = namespaces.wait_until("a report", lambda: [
        m for m in internet.postfix.mail.mails("anna") if b"multipart/report" in m and mark.encode() in m], 10)
    assert len(report) == 1
    assert b"anyone@alpha.test" in report[0] and b"our filter does not like it" in report[0]
    assert b"Return-Path: <>" in report[0]


def test_after_a_refused_mail_the_session_goes_on(relay, mx, mark):
    alpha = mx("alpha", dot=["554 5.7.1 no", "250 2.0.0 fine"])
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark + "1")).code == 554
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark + "2")).code == 250
    assert len(alpha.accepted) == 1


# --- what is added to a mail ---------------------------------------------------------------------------------------
def headers_of(mail):
    text = re.sub(r"\r\n[ \t]+", " ", mail.text.split(b"\r\n\r\n")[0].decode("latin-1"))
    return [line.partition(": ")[::2] for line in text.split("\r\n")]


def test_received_date_and_message_id_are_added(relay, mx, mark):
    """6: Received (RFC 5321 section 4.4), Date and Message-ID if missing."""
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    headers = headers_of(alpha.wait_mail())
    names = [n.lower() for n, _ in headers]
    assert names[0] == "received" and names.count("received") == 1
    assert names.count("date") == 1 and names.count("message-id") == 1
    found = dict((n.lower(), v) for n, v in headers)
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", found["message-id"])
    date = r"(\w{3}, )?\d{1,2} \w{3} \d{4} \d\d:\d\d(:\d\d)? [+-]\d{4}"
    assert re.match(date, found["date"]), found["date"]
    assert re.search(r"\bby \S+ .*with E?SMTPS?A?\b.*; " + date, found["received"]), found["received"]
    assert dict(headers)["Subject"] == mark


@pytest.mark.parametrize("present", ["Date", "date", "Message-ID", "MESSAGE-Id"])
def test_a_header_that_is_there_is_not_added_again(relay, mx, mark, present):
    alpha = mx("alpha")
    value = "Thu, 1 Jan 2026 00:00:00 +0000" if present.lower() == "date" else "<it@is.mine>"
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark, headers=f"{present}: {value}\r\n")).code == 250
    headers = headers_of(alpha.wait_mail())
    assert [v for n, v in headers if n.lower() == present.lower()] == [value]


def test_a_mail_that_has_all_headers_arrives_as_it_was_below_the_received_line(relay, mx, mark):
    alpha = mx("alpha")
    content = message(mark, headers="Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <it@is.mine>\r\n")
    with Raw() as c:
        assert c.mail("anna@alpha.test", content).code == 250
    text = alpha.wait_mail().text
    assert text.endswith(content)
    assert re.fullmatch(rb"Received: [^\r\n]*(\r\n[ \t][^\r\n]*)*\r\n", text[:-len(content)])


def test_a_mail_without_any_header_keeps_its_body(relay, mx, mark):
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("anna@alpha.test", b"\r\n" + mark.encode() + b"\r\n").code == 250
    head, _, body = alpha.wait_mail().text.partition(b"\r\n\r\n")
    assert body == mark.encode() + b"\r\n" and b"Date:" in head and b"Message-ID:" in head


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_headers_say_localhost_and_never_the_lan_name_or_address(relay, mx, mark, address):
    """6"""
    alpha = mx("alpha")
    with Raw(address) as c:
        c.command("EHLO [192.168.7.7]" if address == "::1" else "HELO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    added = [v for n, v in headers_of(alpha.wait_mail()) if n.lower() in ("received", "message-id")]
    assert "localhost" in added[0]
    for secret in (namespaces.HOME4, namespaces.HOME6, rf"\b{re.escape(socket.gethostname())}\b"):
        assert not any(re.search(secret, v) for v in added), added


@pytest.mark.parametrize("count, code", [(50, 250), (51, 554), (200, 554)])
def test_over_50_received_lines_are_a_loop(relay, mx, mark, count, code):
    """5.10: 554 5.4.6"""
    alpha = mx("alpha")
    with Raw() as c:
        reply = c.mail("anna@alpha.test", b"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n" * count + message(mark))
        assert reply.code == code, reply
        if code == 554:
            assert reply.status == "5.4.6", reply
            assert not alpha.mails
            c.command("NOOP", 250)


# --- the log -------------------------------------------------------------------------------------------------------
def test_the_log_tells_sender_recipient_mx_and_outcome_of_a_delivery(relay, mx, mark):
    """3"""
    mx("alpha", dot=f"250 2.0.0 Ok: queued as {mark}")
    since = relay.mark()
    with Raw() as c:
        assert c.mail(f"{mark}@alpha.test", message(mark), sender="somebody@home.test").code == 250
    line = relay.wait_log(f"{mark}@alpha.test", since)
    assert "somebody@home.test" in line and "mx.alpha.test" in line, line


def test_the_log_quotes_the_remotes_words_of_a_failure(relay, mx, mark):
    """3"""
    mx("alpha", rcpt="550 5.1.1 the words of the remote")
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<somebody@home.test>", 250)
        c.command(f"RCPT TO:<{mark}@alpha.test>", 550)
    line = relay.wait_log(f"! .*{mark}@alpha.test", since)
    assert relay.light() == "blinking"
    assert "the words of the remote" in line and "550" in line, line


def test_control_characters_never_reach_the_log(relay, mx, mark):
    """3"""
    mx("alpha", rcpt=b"550 5.1.1 red \x1b[31malert\x07\x08\x9b\r\n")
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO cli\x1bent")
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<somebody@home.test>", 250)
        c.command(f"RCPT TO:<{mark}@alpha.test>", 550)
    relay.wait_log(f"{mark}@alpha.test", since)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", relay.log()[since:])


@pytest.mark.native
def test_nothing_is_written_to_disk(start_relay, mx, mark):
    """5.2: in the middle of a mail no file is open for writing but the one that standard error is."""
    relay = start_relay()
    stall = scripted.Stall()
    alpha = mx("alpha", dot=stall)
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(message(mark) + b"x\r\n" * 10_000 + b".\r\n")
        alpha.wait_event("stall")
        written = []
        for fd in os.listdir(f"/proc/{relay.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):      # closed in the meantime
                flags = re.search(r"flags:\s+(\d+)", Path(f"/proc/{relay.pid}/fdinfo/{fd}").read_text())[1]
                if stat.S_ISREG(os.stat(f"/proc/{relay.pid}/fd/{fd}").st_mode) and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                    written.append(int(fd))
        stall.go()
        c.expect(250)
    assert sorted(written) == [1, 2]          # both are the log that the test reads
