# SPDX-License-Identifier: MIT
"""The contract's section 2: a failure also raises one notification. (Wine shows one about two seconds after it was told to.)"""
import pytest
from clients import Raw, message, send
from namespaces import GATE4, HOME4, wait_until


def recipients_fail(*names):
    """One after the other in one session, each refused by Postfix."""
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        for name in names:
            c.command(f"RCPT TO:<{name}@postfix.test>", 550)


def test_a_failure_is_told_with_recipient_and_reason(traypost, probe, mark):
    """2: one notification with recipient and reason."""
    sent = send("msmtp", "sender@home.test", "nobody@postfix.test", message(mark, to="nobody@postfix.test"))
    assert not sent.ok
    balloon = traypost.wait_balloon()
    assert "nobody@postfix.test" in balloon.text
    assert any(reason in balloon.text for reason in traypost.texts.explanations()), balloon.text


def test_a_success_is_not_told(traypost, lab, mark):
    """2: a failure raises a notification; nothing else does."""
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    lab.postfix.mail.wait("anna", mark)
    with pytest.raises(TimeoutError):
        traypost.wait_balloon(4)


def test_failures_within_10_s_share_a_notification(traypost):
    """2: several failures within 10 s share one."""
    recipients_fail("one", "two", "three")
    balloon = wait_until("a notification about all three", lambda: [b for b in traypost.balloons() if all(
        f"{name}@postfix.test" in b.text for name in ("one", "two", "three"))])[0]
    assert len(traypost.balloons()) == 1
    assert balloon.text.count("@postfix.test") == 3, balloon.text


def test_of_many_failures_the_rest_is_counted(traypost):
    """2: however many there are, it is one, and says how many it does not name."""
    recipients_fail(*(f"n{i}" for i in range(30)))
    traypost.open_log().wait_line("n29@postfix.test")

    def whole():
        for b in traypost.balloons():
            named = b.text.count("@postfix.test")
            if named < 30 and traypost.texts.ui("NOTICE_MORE", count=str(30 - named)) in b.text:
                return b
    balloon = wait_until("a notification that counts 30", whole, 15)
    assert len(balloon.text) <= 255
    assert len(traypost.balloons()) == 1


def test_a_click_on_it_opens_the_log_at_that_line(traypost, mark):
    """2; the notification's line is chosen and in view, and its story is told."""
    recipients_fail("first")
    traypost.wait_balloon()
    with Raw() as c:
        for n in range(30):                         # the line is far up by now
            assert c.mail("anna@postfix.test", message(f"{mark}-{n}")).code == 250
    traypost.click_balloon()
    log = traypost.log()
    number = log.wait_line("first@postfix.test")
    said = wait_until("it is chosen", lambda: (r := log.read())["selected"] == [number] and r)
    assert said["top"] <= number < said["top"] + said["page"], said
    assert "first@postfix.test" in log.detail_text()


def test_a_stranger_is_told(start, lab):
    """2: a stranger was refused."""
    program = start("--listen", f"{HOME4}:25").wait_ready(address=HOME4)
    with lab.inside(lab.net), Raw(HOME4, source=GATE4, greet=False) as c:
        c.expect(554)
    assert GATE4 in program.wait_balloon().text
