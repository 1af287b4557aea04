# SPDX-License-Identifier: MIT
"""PRODUCT 5.1, 5.7: a greylisting server, a real one: its "later" is the client's "later", and the next try is the delivery."""
import clients
import postgrey
from clients import Raw, message
from namespaces import wait_until


def test_greylisting_reaches_the_client_in_the_servers_words_and_the_log_explains_it(relay, mark):
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command(f"MAIL FROM:<{mark}@home.test>", 250)
        reply = c.command("RCPT TO:<anna@grey.test>")
        assert (reply.code, reply.status) == (450, "4.2.0"), reply
        assert "mx.grey.test said: " in reply.text and "Greylisted, see http://postgrey" in reply.text, reply
        c.command("NOOP", 250)
    line = relay.wait_log(f"! .*{mark}@home.test -> anna@grey.test", since)
    assert "not delivered this time, a later try may succeed" in line and '"450 4.2.0 ' in line and "Greylisted, see" in line, line
    assert line.endswith(" – turned away for some minutes (greylisting)"), line
    assert relay.light() == "blinking"


def test_a_greylisted_mail_that_is_sent_again_after_the_delay_is_delivered_once(relay, internet, mark):
    """And its third copy, from a client that was too quick, is no second delivery (5.6)."""
    content = message(mark, to="anna@grey.test", headers=f"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <{mark}@home.test>\r\n")
    sender = f"again.{mark}@home.test"         # for Postgrey all numbers in a name are the same: it knows {mark} from the test before

    def send():
        return clients.send("swaks", sender, "anna@grey.test", content)
    first = send()
    assert not first.ok and "450 4.2.0" in first.output and "Greylisted" in first.output, first.output
    taken = wait_until("a resend is taken", lambda: (sent := send()).ok and sent, postgrey.DELAY_S + 15)
    assert "mx.grey.test said: Ok: " in taken.output, taken.output
    again = send()
    assert again.ok and "already delivered" in again.output, again.output
    assert b"\nX-Greylist: delayed " in internet.postfix.mail.wait("anna", mark)       # and it is the only one
