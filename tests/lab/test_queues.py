# SPDX-License-Identifier: MIT
"""A mail server with a queue hands its mail to Traypost: whatever goes wrong on the way, each good recipient has one copy in the end,
and the sender hears of each bad one, once."""
import email
import email.policy

import pytest
import queues
from clients import message
from mx import After, Stall
from namespaces import wait_until

DOTS = ".\r\n..\r\n...\r\n.a\r\n..b\r\n. \r\n\r\n.\r\n"
CZECH = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148 \u20ac\r\n"
MIME = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
LARGE = "A line of content, no more than that.\r\n" * 50_000
AT_ONCE = 20                            # connections to one destination (PRODUCT 5.11), and deliveries of a Postfix to one


@pytest.fixture(scope="session")
def at_home(internet):
    return queues.Queues(internet)


@pytest.fixture(params=[name for name in queues.EVERY if name not in queues.SMALL])
def queue(request, at_home):
    q = at_home[request.param]
    yield q
    if getattr(request.node, "failed_call", False):
        print(f"--- the log of {q.name}\n{q.log()[-6000:]}")
        q.clear()
    else:
        q.wait_empty()


def copies(host, mark):
    return len([m for m in host.accepted if mark.encode() in m.content])


def try_until_it_is_gone(queue):
    def is_gone():
        queue.try_again()
        return not queue.waiting()
    wait_until(f"{queue.name} has got rid of its mail", is_gone, 15)


def the_report(internet, mark, user="anna"):
    """The only mail with the mark that the sender gets: (who made it, [(recipient, action, words)], as text)."""
    report = email.message_from_bytes(internet.postfix.mail.wait(user, mark), policy=email.policy.default)
    assert report.get_content_type() == "multipart/report", report
    about_mail, *about = list(report.iter_parts())[1].get_payload()
    return about_mail["Reporting-MTA"].partition(";")[2].strip(), [
        (a["Final-Recipient"].partition(";")[2].strip(), a["Action"], " ".join(a.get("Diagnostic-Code", "").split())) for a in about]


def test_a_mail_arrives_once_and_whole(relay, internet, queue, mark):
    queue.submit("sender@home.test", ["anna@postfix.test"], message(mark, body=CZECH + DOTS + "the end\r\n", headers=MIME))
    mail = internet.postfix.mail.wait("anna", mark)
    assert mail.partition(b"\n\n")[2].decode() == (CZECH + DOTS + "the end\r\n").replace("\r\n", "\n")
    queue.wait_empty()
    assert [word for word, _ in queue.became_of("anna@postfix.test")][-1] == "sent"


def test_each_of_several_recipients_at_several_domains_gets_one_copy(relay, internet, mx, queue, mark):
    alpha, bravo = mx("alpha"), mx("bravo")
    to = ["anna@postfix.test", "bara@postfix.test", "emil@exim.test", f"one.{mark}@alpha.test", f"two.{mark}@alpha.test", f"{mark}@bravo.test"]
    queue.submit("sender@home.test", to, message(mark))
    for mails, user in ((internet.postfix.mail, "anna"), (internet.postfix.mail, "bara"), (internet.exim.mail, "emil")):
        mails.wait(user, mark)
    queue.wait_empty()
    assert copies(alpha, mark) == copies(bravo, mark) == 1
    assert alpha.accepted[0].recipients == to[3:5] and bravo.accepted[0].recipients == to[5:]


def test_who_is_refused_at_rcpt_is_told_by_the_queue_and_the_others_have_one_copy(relay, internet, mx, queue, mark):
    alpha = mx("alpha")
    queue.submit("anna@postfix.test", ["bara@postfix.test", "nobody@exim.test", f"{mark}@alpha.test"], message(mark))
    reporter, about = the_report(internet, mark)
    assert reporter == queues.HOST
    [(recipient, action, words)] = about
    assert (recipient, action) == ("nobody@exim.test", "failed")
    assert "550" in words and "mail.exim.test said: " in words and "nobody of that name lives here" in words
    queue.wait_empty()
    internet.postfix.mail.wait("bara", mark)
    assert copies(alpha, mark) == 1


def test_who_cannot_have_so_large_a_mail_is_told_by_the_queue_and_the_others_have_one_copy(relay, internet, mx, queue, mark):
    """5.11: at RCPT, as the queue says the size with MAIL."""
    alpha, bravo = mx("alpha", size=100_000), mx("bravo")
    queue.submit("anna@postfix.test", [f"{mark}@alpha.test", f"{mark}@bravo.test"], message(mark, body=LARGE))
    reporter, [(recipient, action, words)] = the_report(internet, mark)
    assert (reporter, recipient, action) == (queues.HOST, f"{mark}@alpha.test", "failed") and "552 5.3.4 mx.alpha.test" in words, words
    queue.wait_empty()
    assert copies(bravo, mark) == 1 and not alpha.mails


def test_a_mail_for_more_recipients_than_a_server_takes_at_once_reaches_each_once(relay, mx, queue, mark):
    """5.11: in several transactions with that server, and all at the first try."""
    def ten_at_most(session, _):
        return "452 4.5.3 too many recipients" if session.mail and len(session.mail.recipients) >= 10 else None
    alpha, bravo = mx("alpha", rcpt=ten_at_most), mx("bravo")
    to = [f"{n}.{mark}@{domain}" for domain in ("alpha.test", "bravo.test") for n in range(25)]
    queue.submit("sender@home.test", to, message(mark))
    queue.wait_empty()
    assert sorted(r for host in (alpha, bravo) for m in host.accepted for r in m.recipients) == sorted(to)
    assert len(alpha.mails) == 3
    assert all([word for word, _ in queue.became_of(address)] == ["sent"] for address in to)


@pytest.mark.parametrize("verdict", ["554 5.7.1 our filter does not like it", "451 4.3.0 disk full"])
def test_who_is_refused_at_the_end_while_others_have_the_mail_is_told_by_traypost(relay, internet, mx, queue, mark, verdict):
    """5.4: also of a server that says "later": SMTP has one answer for all recipients, and the queue would send to all again."""
    alpha, bravo = mx("alpha", dot=verdict), mx("bravo")
    queue.submit("anna@postfix.test", [f"{mark}@alpha.test", f"{mark}@bravo.test"], message(mark))
    reporter, about = the_report(internet, mark)
    assert reporter != queues.HOST
    assert about == [(f"{mark}@alpha.test", "failed", "smtp; " + verdict)]
    queue.wait_empty()
    assert copies(bravo, mark) == 1 and len(alpha.mails) == 1
    assert [word for word, _ in queue.became_of(f"{mark}@alpha.test")] == ["sent"]


def test_a_mail_that_is_refused_at_the_end_is_told_by_the_queue(relay, internet, mx, queue, mark):
    alpha = mx("alpha", dot="554 5.7.1 our filter does not like it")
    queue.submit("anna@postfix.test", [f"{mark}@alpha.test"], message(mark))
    reporter, [(recipient, action, words)] = the_report(internet, mark)
    assert (reporter, recipient, action) == (queues.HOST, f"{mark}@alpha.test", "failed")
    assert "mx.alpha.test said: " in words and "our filter does not like it" in words
    assert len(alpha.mails) == 1


def test_who_is_greylisted_gets_the_mail_at_a_later_try_and_the_others_at_the_first(relay, internet, queue, mark):
    """A real greylisting server, whose "later" is a second. "Later" is nothing that the sender hears of."""
    sender = f"{queue.name}.{mark}@home.test"         # for Postgrey all numbers in a name are the same: it knows {mark} from other tests
    queue.submit(sender, ["anna@grey.test", "emil@exim.test"], message(mark))
    queue.settle()
    internet.exim.mail.wait("emil", mark)
    word, told = queue.became_of("anna@grey.test")[-1]
    assert word == "deferred" and "mx.grey.test said: " in told and "Greylisted" in told, told
    try_until_it_is_gone(queue)
    internet.postfix.mail.wait("anna", mark)
    internet.exim.mail.wait("emil", mark)


def test_a_mail_that_is_for_later_at_the_end_comes_again_and_arrives_once(relay, mx, queue, mark):
    alpha = mx("alpha", dot=["451 4.3.0 disk full", None])
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark))
    queue.settle()
    word, told = queue.became_of(f"{mark}@alpha.test")[-1]
    assert word == "deferred" and "mx.alpha.test said: " in told and "disk full" in told, told
    queue.try_again()
    assert not queue.waiting() and copies(alpha, mark) == 1 and len(alpha.mails) == 2


@pytest.mark.parametrize("end", ["killed", pytest.param("stopped", marks=pytest.mark.native)])
def test_when_traypost_ends_amid_a_mail_the_next_try_delivers_it_once(start_relay, mx, queue, mark, end):
    """1: what was not delivered was never acknowledged. (Under Wine a signal ends the program at once.)"""
    alpha = mx("alpha", content=After(50_000, Stall()))
    relay = start_relay()
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark, body=LARGE))
    alpha.wait_event("middle of content")
    relay.kill() if end == "killed" else relay.stop()
    queue.settle()
    assert [word for word, _ in queue.became_of(f"{mark}@alpha.test")] == ["deferred"]
    assert not alpha.mails and len(alpha.incomplete) == 1
    alpha.table["content"] = None
    start_relay()
    queue.try_again()
    assert not queue.waiting() and copies(alpha, mark) == 1


def test_without_traypost_mail_waits(slot, start_relay, mx, queue, mark):
    alpha = mx("alpha")
    slot.empty()
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark))
    queue.settle()
    word, told = queue.became_of(f"{mark}@alpha.test")[-1]
    assert word == "deferred" and "refused" in told, told
    start_relay()
    queue.try_again()
    assert not queue.waiting() and copies(alpha, mark) == 1


def test_who_has_a_silent_server_gets_the_mail_at_a_later_try_and_the_others_at_the_first(start_relay, mx, queue, mark):
    stall = Stall()
    alpha, bravo = mx("alpha", rcpt=[stall, None]), mx("bravo")
    silent, other = f"{mark}@alpha.test", f"{mark}@bravo.test"
    start_relay("--patience", "1")
    queue.submit("sender@home.test", [silent, other], message(mark))
    queue.settle()
    assert [word for word, _ in queue.became_of(silent)] == ["deferred"] and [word for word, _ in queue.became_of(other)] == ["sent"]
    stall.go()
    queue.try_again()
    assert not queue.waiting() and copies(alpha, mark) == copies(bravo, mark) == 1


def test_what_an_mx_takes_too_late_is_not_sent_again(start_relay, mx, queue, mark):
    """5.5, 5.6: the queue hears 451 when patience ends, comes again while the first is in the air, and once more after it. It is "later" for
    both recipients, though one of them has the mail; neither gets another."""
    stall = Stall()
    alpha, bravo = mx("alpha", dot=[stall, None]), mx("bravo")
    late, early = f"{mark}@alpha.test", f"{mark}@bravo.test"
    relay = start_relay("--patience", "1")
    queue.submit("sender@home.test", [late, early], message(mark))
    alpha.wait_event("stall")
    queue.settle()
    queue.try_again()
    stall.go()
    relay.wait_log(rf"\+ .*{late}")
    queue.try_again()
    assert not queue.waiting()
    for address in (late, early):
        *before, (word, told) = queue.became_of(address)
        assert [w for w, _ in before] == ["deferred"] * 2 and word == "sent" and "already delivered at" in told, (before, told)
    assert copies(alpha, mark) == copies(bravo, mark) == 1
    assert len(alpha.mails) == len(bravo.mails) == 1


def test_addresses_and_headers_in_utf8_arrive_as_they_were(relay, internet, queue, mark):
    headers = f"X-Subject: {CZECH}{MIME}"
    queue.submit("\u017eofie@po\u0161ta.test", ["ji\u0159\u00ed@po\u0161ta.test"], message(mark, headers=headers, body=CZECH))
    mail = internet.postfix.mail.wait("ji\u0159\u00ed", mark).decode()
    for text in (f"X-Subject: {CZECH.strip()}\n", "\n\n" + CZECH.strip() + "\n", " with UTF8SMTP id ", "Return-Path: <\u017eofie@xn--pota-h6a.test>\n"):
        assert text in mail, mail


def test_an_accented_address_at_a_server_without_smtputf8_comes_back(relay, internet, mx, queue, mark):
    alpha = mx("alpha", extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"))
    queue.submit("anna@postfix.test", ["ane\u017eka@alpha.test"], message(mark))
    raw = internet.postfix.mail.wait("anna", mark).decode()
    assert "mx.alpha.test" in raw and "5.6.7" in raw, raw
    assert not alpha.mails


def test_many_mails_side_by_side_arrive_each_once(relay, mx, queue, mark):
    stall = Stall()
    alpha = mx("alpha", dot=stall)
    marks = [f"{mark}-{n}-of-many" for n in range(2 * AT_ONCE)]
    for each in marks:
        queue.submit("sender@home.test", [f"{each}@alpha.test"], message(each))
    alpha.wait("as many as may be wait for their verdict", lambda: len(alpha.mails) == AT_ONCE, 30)
    stall.go()
    queue.wait_empty()
    assert [copies(alpha, each) for each in marks] == [1] * len(marks) and alpha.peak == AT_ONCE


@pytest.mark.parametrize("queue", ["postfix"], indirect=True)
def test_a_report_of_success_that_a_sender_asks_for_comes_once_from_the_last_server(relay, internet, queue, mark):
    """RFC 3461: the queue hands NOTIFY on to us, we hand it to the recipient's server, which makes the report."""
    queue.submit("anna@postfix.test", ["bara@postfix.test"], message(mark), "-N", "success,failure", "-V", mark)
    internet.postfix.mail.wait("bara", mark)
    reporter, [(recipient, action, _)] = the_report(internet, mark)
    assert (reporter, recipient, action) == ("mail.postfix.test", "bara@postfix.test", "delivered")


# --- small ones, of which most know neither ESMTP nor a report that programs read ----------------------------------------
SMALL = pytest.mark.parametrize("queue", queues.SMALL, indirect=True)


@SMALL
def test_a_small_queue_delivers_a_mail_once_and_whole(relay, internet, queue, mark):
    queue.submit("sender@home.test", ["anna@postfix.test", "emil@exim.test"], message(mark, body=CZECH + DOTS + "the end\r\n", headers=MIME))
    for mails, user in ((internet.postfix.mail, "anna"), (internet.exim.mail, "emil")):
        mail = mails.wait(user, mark).replace(b"\r\n", b"\n")
        assert mail.partition(b"\n\n")[2].decode() == (CZECH + DOTS + "the end\r\n").replace("\r\n", "\n")


@SMALL
def test_a_small_queue_tells_the_sender_of_a_refusal_in_the_words_of_the_recipients_server(relay, internet, queue, mark):
    queue.submit("anna@postfix.test", ["nobody@exim.test"], message(mark))
    report = " ".join(internet.postfix.mail.wait("anna", mark).decode().split())
    assert "nobody@exim.test" in report and "mail.exim.test said: nobody of that name lives here" in report, report


@SMALL
def test_a_small_queue_sends_again_what_is_for_later_and_it_arrives_once(relay, mx, queue, mark):
    alpha = mx("alpha", rcpt=["450 4.2.0 greylisted", None], dot=["451 4.3.0 disk full", None])
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark))
    queue.settle()
    try_until_it_is_gone(queue)
    assert copies(alpha, mark) == 1 and len(alpha.mails) == 2 and len(alpha.said("RCPT")) == 3


@SMALL
def test_what_an_mx_takes_too_late_is_not_sent_again_for_a_small_queue(start_relay, mx, queue, mark):
    """5.5, 5.6"""
    stall = Stall()
    alpha = mx("alpha", dot=[stall, None])
    relay = start_relay("--patience", "1")
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark))
    alpha.wait_event("stall")
    queue.settle()
    stall.go()
    relay.wait_log(rf"\+ .*{mark}@alpha\.test")
    try_until_it_is_gone(queue)
    assert copies(alpha, mark) == len(alpha.mails) == 1


@SMALL
def test_when_traypost_is_killed_amid_a_mail_of_a_small_queue_it_arrives_once(start_relay, mx, queue, mark):
    alpha = mx("alpha", content=After(50_000, Stall()))
    relay = start_relay()
    queue.submit("sender@home.test", [f"{mark}@alpha.test"], message(mark, body=LARGE))
    alpha.wait_event("middle of content")
    relay.kill()
    queue.settle()
    assert not alpha.mails and queue.waiting()
    alpha.table["content"] = None
    start_relay()
    try_until_it_is_gone(queue)
    assert copies(alpha, mark) == 1
