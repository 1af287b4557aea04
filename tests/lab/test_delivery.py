# SPDX-License-Identifier: MIT
"""PRODUCT section 5, the delivery contract: 250 means delivered, and a refusal is told at RCPT in the remote's words."""
import contextlib
import email
import email.policy
import os
import re
import socket
import stat
import threading
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


@pytest.mark.parametrize("domain", ["exim.test", "eximtls.test"])
def test_exim_that_offers_chunking_and_prdr_gets_chunks_and_answers_once_for_all_recipients(relay, internet, mark, domain):
    """PRDR is a reply for each recipient behind the end, for those who ask for it: nobody has, so nobody waits for one."""
    with Raw() as c:
        c.begin(f"emil@{domain}")
        c.command(f"RCPT TO:<frida@{domain}>", 250)
        reply = c.data(message(mark))
        assert reply.code == 250 and "byte chunk" in reply.text, reply
        c.command("NOOP", 250)
    queue_id = re.search(r" id=(\S+)", reply.text)[1]
    assert all(f"id {queue_id}" in internet.exim.mail.wait(user, mark).decode() for user in ("emil", "frida"))
    [arrival] = re.findall(rf" {queue_id} <= .*", internet.exim.log())
    assert " K " in arrival and " PRDR " not in arrival, arrival


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


def test_the_envelope_says_who_gets_a_mail_and_its_headers_do_not(relay, mx, mark):
    """FIELD 5: another relay read the headers: who was named in the envelope only (Bcc) got nothing."""
    alpha, bravo = mx("alpha"), mx("bravo")
    with Raw() as c:
        c.begin("hidden@alpha.test")
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark, to="anna@alpha.test", headers="Cc: bara@bravo.test\r\nBcc: cyril@bravo.test\r\n")).code == 250
    assert sorted(alpha.wait_mail().recipients) == ["anna@alpha.test", "hidden@alpha.test"]
    assert not bravo.sessions


@pytest.mark.parametrize("last_words", [b"\0\1\2junk\r\n", b"QUIT now please\r\n", b"quit \r\n", b"QUI", b"\r\n\r\n.\r\n", b"\n"])
def test_what_a_device_says_after_its_250_undoes_nothing(start_relay, mx, mark, last_words):
    """FIELD 5: a device that says rubbish in place of QUIT was told an error, and sent its mail every hour anew."""
    alpha = mx("alpha")
    relay = start_relay()
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
        c.send(last_words)
    relay.wait_log("anna@alpha.test.*delivered")
    with Raw() as c:
        c.command("NOOP", 250)
    assert len(alpha.accepted) == 1 and not relay.lines(" ! "), relay.log()


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


SUBJECTS = {"en": "Mail not delivered to everybody", "cs": "Zpráva nebyla doručena všem",
            "pl": "Wiadomości nie dostarczono do wszystkich"}
OPENINGS = {"en": "Your mail could not be delivered to these recipients.", "cs": "Vaši zprávu se nepodařilo doručit těmto příjemcům.",
            "pl": "Nie udało się dostarczyć wiadomości do tych odbiorców."}


def report_for(internet, server, mark):
    """The report in the sender's mailbox at a real server, as somebody else's parser reads it."""
    raw = arrived(internet, server, mark)
    assert server != "postfix" or b"Return-Path: <>" in raw, raw      # this Exim notes none
    assert all(octet < 128 for octet in raw), raw
    report = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in report.walk() if part.defects] == [], raw
    return report


@pytest.mark.parametrize("lang", SUBJECTS)
@pytest.mark.parametrize("home, taker", [("postfix", "exim"), ("exim", "postfix")])
def test_when_one_mx_took_it_and_another_refused_after_the_dot_the_sender_gets_a_report(
        start_relay, internet, mx, mark, lang, home, taker):
    """5.4: 250, and a non-delivery report (RFC 3464) at once, by the same road, in the user's language and in English."""
    alpha = mx("alpha", dot="554 5.7.1 our filter does not like it")
    start_relay("--lang", lang)
    sender, to = REAL[home][0], REAL[taker][0]
    with Raw() as c:
        c.begin(to, sender=sender)
        c.command("RCPT TO:<anyone@alpha.test>", 250)
        reply = c.data(message(mark, sender=sender, to=to))
        assert reply.code == 250 and REAL[taker][1] in reply.text, reply
        c.command("NOOP", 250)
    arrived(internet, taker, mark)
    report = report_for(internet, home, mark)
    assert report.get_content_type() == "multipart/report" and report.get_param("report-type") == "delivery-status"
    assert report["Subject"] == SUBJECTS[lang] and report["Auto-Submitted"] == "auto-replied"
    assert report["To"].addresses[0].addr_spec == sender and report["Date"].datetime and report["Message-ID"]

    people, programs, headers = report.iter_parts()
    text = people.get_content()
    assert people.get_content_type() == "text/plain" and text.startswith(OPENINGS[lang]), text
    assert text.count(OPENINGS["en"]) == 1 and "anyone@alpha.test" in text and "our filter does not like it" in text, text
    assert to not in text

    assert programs.get_content_type() == "message/delivery-status"
    about_mail, *about_recipients = programs.get_payload()
    assert about_mail["Reporting-MTA"] and about_mail["Arrival-Date"]
    assert [dict(r.items()) for r in about_recipients] == [{
        "Final-Recipient": "rfc822;anyone@alpha.test", "Action": "failed", "Status": "5.7.1", "Remote-MTA": "dns; mx.alpha.test",
        "Diagnostic-Code": "smtp; 554 5.7.1 our filter does not like it"}]

    assert headers.get_content_type() == "text/rfc822-headers"
    assert f"Subject: {mark}" in headers.get_content() and "Good day." not in report.as_string()
    assert len(alpha.mails) == 1


@pytest.mark.parametrize("parameters, action", [(" NOTIFY=NEVER", None), (" NOTIFY=SUCCESS,FAILURE", "relayed"), (" NOTIFY=SUCCESS", "relayed")])
def test_a_report_of_success_is_ours_where_the_server_makes_none(relay, internet, mx, mark, parameters, action):
    """5.4: RFC 3461 section 5.2.2 (d): "relayed"."""
    alpha = mx("alpha")
    assert not alpha.offers("DSN")
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<anna@postfix.test>", 250)
        c.command("RCPT TO:<anyone@alpha.test>" + parameters, 250)
        assert c.data(message(mark)).code == 250
        c.command("QUIT", 221)
    relay.wait_log(r"\+ .*anyone@alpha\.test", since)
    if not action:
        with Raw() as c:        # whatever had been on its way to Postfix before this mail would be there before it
            assert c.mail("anna@postfix.test", message(mark + "-last")).code == 250
        internet.postfix.mail.wait("anna", mark + "-last")
        assert not [m for m in internet.postfix.mail.with_mark("anna", mark) if b"multipart/report" in m]
        return
    report = report_for(internet, "postfix", mark)
    _, programs, _ = report.iter_parts()
    assert programs.get_payload()[1]["Action"] == action


def test_a_report_that_cannot_be_delivered_is_a_red_line_and_the_icon(relay, mx, mark):
    """5.4: if that cannot be delivered either, the log and icon remain."""
    mx("alpha", dot="554 5.7.1 our filter does not like it")
    bravo = mx("bravo")
    charlie = mx("charlie", rcpt="450 4.2.0 greylisted, come back later")
    since = relay.mark()
    with Raw() as c:
        c.begin("bara@bravo.test", sender=f"{mark}@charlie.test")
        c.command("RCPT TO:<anyone@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
        relay.wait_log(rf"! .*-> {mark}@charlie\.test: .*greylisted", since)
        c.command("QUIT", 221)
    charlie.wait_closed()
    assert charlie.said("RCPT") == [f"RCPT TO:<{mark}@charlie.test>"] and len(bravo.accepted) == 1


# --- a mail that is sent again -------------------------------------------------------------------------------------
class Outlook:
    """Gives up after a while, says nothing to anybody, and sends the same mail again: until it hears 250."""

    def __init__(self, timeout_s, vanishes=False):
        self.timeout_s, self.vanishes, self.tries = timeout_s, vanishes, 0

    def send(self, to, content, give_up=20):
        while self.tries < give_up:
            self.tries += 1
            c = Raw(timeout_s=self.timeout_s)
            try:
                reply = c.mail(to, content)
                if reply.code == 250:
                    c.command("QUIT", 221)
                    return reply
                assert reply.code // 100 == 4, reply
            except TimeoutError:
                if self.vanishes:
                    c.vanish()
            finally:
                c.close()
        pytest.fail(f"no 250 in {self.tries} tries")


@pytest.mark.parametrize("headers", ["Message-ID: <{}@client.test>\r\n", ""], ids=["with a Message-ID", "without"])
@pytest.mark.parametrize("vanishes", [True, False], ids=["RST", "FIN"])
def test_a_client_that_gives_up_and_silently_sends_again_delivers_once(relay, mx, mark, headers, vanishes):
    """5.6: a resend while the first is still in the air joins it."""
    stall = scripted.Stall()
    alpha = mx("alpha", dot=[stall, None])
    client = Outlook(1.5, vanishes)
    content = message(mark, headers=headers.format(mark))
    slow = threading.Timer(4, stall.go)         # the client has been back twice by then
    slow.start()
    reply = client.send(f"{mark}@alpha.test", content)
    slow.join()
    assert client.tries > 1
    assert re.search(r"already delivered at \d\d:\d\d$", reply.text), reply
    assert len(alpha.mails) == 1 and len(alpha.accepted) == 1
    relay.wait_log(rf"\+ .*{mark}@alpha\.test")


def test_a_client_that_is_told_451_in_time_and_comes_again_delivers_once(start_relay, mx, mark):
    """5.5 and 5.6"""
    stall = scripted.Stall()
    alpha = mx("alpha", dot=[stall, None])
    start_relay("--patience", "1")
    client = Outlook(10)
    slow = threading.Timer(3.5, stall.go)
    slow.start()
    reply = client.send("anna@alpha.test", message(mark))
    slow.join()
    assert client.tries > 1 and "already delivered at" in reply.text, reply
    assert len(alpha.mails) == 1


def test_what_the_first_did_not_deliver_the_resend_does(relay, mx, mark):
    """5.6: it joins the first; when that fails, it goes out."""
    stall = scripted.Stall(then="451 4.7.1 greylisted")
    alpha = mx("alpha", dot=[stall, None])
    with Raw() as first, Raw() as second:
        first.begin("anna@alpha.test").command("DATA", 354)
        first.send(message(mark, headers=f"Message-ID: <{mark}@client.test>\r\n") + b".\r\n")
        alpha.wait_event("stall")
        first.vanish()
        second.begin("anna@alpha.test").command("DATA", 354)
        second.send(message(mark, headers=f"Message-ID: <{mark}@client.test>\r\n") + b".\r\n")
        stall.go()
        reply = second.expect(250)
    assert "mx.alpha.test said:" in reply.text and len(alpha.accepted) == 1 and len(alpha.mails) == 2


@pytest.mark.parametrize("server", REAL)
@pytest.mark.parametrize("client", clients.CLIENTS)
def test_a_mail_sent_again_by_a_real_client_is_in_the_mailbox_once(relay, internet, mark, client, server):
    """5.6: what names itself is the same mail whenever it comes again; a different recipient gets it."""
    to = REAL[server][0]
    other = {"postfix": "bara@postfix.test", "exim": "frida@exim.test"}[server]
    content = message(mark, to=to, headers=f"Message-ID: <{mark}@client.test>\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n")
    assert clients.send(client, "sender@home.test", to, content).ok
    again = clients.send(client, "sender@home.test", to, content)
    assert again.ok and "already delivered at" in again.output, again.output
    elsewhere = clients.send(client, "sender@home.test", other, content)
    assert elsewhere.ok and "already" not in elsewhere.output, elsewhere.output
    getattr(internet, server).mail.wait(other.split("@")[0], mark)
    arrived(internet, server, mark)


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
