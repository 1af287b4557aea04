# SPDX-License-Identifier: MIT
"""Internationalised mail (RFC 6531, RFC 5891; PRODUCT 5.10 and 6): real clients, a real server, and scripted ones."""
import email.message
import email.policy
import re
import smtplib

import pytest

import nameserver
from clients import Raw, message, send

OLD = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")      # an MX without SMTPUTF8
HACKY = nameserver.IDN_DOMAIN


@pytest.mark.parametrize("client", ["swaks", "curl", "msmtp", "nodemailer"])
def test_every_client_reaches_an_internationalised_domain_at_an_mx_without_smtputf8(relay, mx, mark, client):
    """Some clients convert the name themselves, others say it in UTF-8 with SMTPUTF8 or without."""
    alpha = mx("alpha", extensions=OLD)
    sent = send(client, "sender@home.test", f"anna@{HACKY}", message(mark))
    assert sent.ok, sent.output
    assert alpha.wait_mail().recipients == ["anna@xn--hky-ela4t.test"]


@pytest.mark.parametrize("parameter", ["", " SMTPUTF8", " BODY=8BITMIME SMTPUTF8"])
def test_domains_need_no_smtputf8_and_the_log_has_them_as_they_were_written(relay, mx, mark, parameter):
    alpha, since = mx("alpha", extensions=OLD), relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command(f"MAIL FROM:<me@po\u0161ta.test>{parameter}", 250)
        c.command("RCPT TO:<Anna@H\u00c1\u010cKY\u3002test>", 250)
        assert c.data(message(mark)).code == 250
    mail = alpha.wait_mail()
    assert (mail.sender, mail.recipients) == ("me@xn--pota-h6a.test", ["Anna@xn--hky-ela4t.test"])
    assert "SMTPUTF8" not in mail.parameters
    relay.wait_log("me@po\u0161ta.test -> Anna@H\u00c1\u010cKY\u3002test: delivered", since)


@pytest.mark.parametrize("domain, why", [
    ("\u2665.test", "a character in it is not for domain names"),
    ("\u0159" * 60 + ".test", "too long"),
    ("xn--p\u0159.test", "xn--"),
])
def test_a_name_that_no_domain_can_have_is_refused_with_the_reason(relay, domain, why):
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        assert c.command(f"MAIL FROM:<me@{domain}>").status == "5.6.7"
        c.command("MAIL FROM:<me@home.test>", 250)
        reply = c.command(f"RCPT TO:<anna@{domain}>")
    assert (reply.code, reply.status) == (553, "5.6.7") and why in reply.text, reply
    relay.wait_log("! .*" + re.escape(domain[:20]), since)


def test_python_sends_an_internationalised_mail_to_postfix(relay, internet, mark):
    """Addresses and headers in UTF-8, as smtplib does it when the server says SMTPUTF8: they arrive as they were."""
    mail = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
    mail["From"] = "\u017dofie <\u017eofie@po\u0161ta.test>"
    mail["To"] = "ji\u0159\u00ed@po\u0161ta.test"
    mail["Subject"] = f"P\u0159\u00edli\u0161 {mark}"
    mail.set_content("\u017elu\u0165ou\u010dk\u00fd k\u016f\u0148\r\n", cte="8bit")
    with smtplib.SMTP("127.0.0.1", 25, local_hostname="client", timeout=60) as s:
        assert s.send_message(mail) == {}
    got = internet.postfix.mail.wait("ji\u0159\u00ed", mark).decode()
    for text in (f"Subject: P\u0159\u00edli\u0161 {mark}\n", "From: \u017dofie <\u017eofie@po\u0161ta.test>\n", "\u017elu\u0165ou\u010dk\u00fd k\u016f\u0148\n",
                 " with UTF8SMTP id ", "Return-Path: <\u017eofie@xn--pota-h6a.test>\n"):
        assert text in got, got


def test_headers_in_utf8_are_refused_where_the_mx_has_no_smtputf8_and_only_there(relay, mx, mark):
    """RFC 6531 section 3.5. What was declared and turns out to be ASCII is delivered."""
    alpha = mx("alpha", extensions=OLD)
    with Raw() as c:
        c.command("EHLO client", 250)
        for subject, code, status in (("p\u0159\u00edli\u0161", 554, "5.6.9"), ("plain", 250, "2.0.0")):
            c.command("MAIL FROM:<sender@home.test> SMTPUTF8", 250)
            c.command("RCPT TO:<anna@alpha.test>", 250)
            reply = c.data(message(mark, headers=f"X-Subject: {subject}\r\n"))
            assert (reply.code, reply.status) == (code, status), reply
    assert len(alpha.accepted) == 1 and alpha.accepted[0].content.isascii()


def test_a_local_part_in_utf8_must_be_declared(relay, mx):
    """Without SMTPUTF8 nothing says that its octets are UTF-8."""
    alpha = mx("alpha")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<ane\u017eka@home.test>", 553)
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert c.command("RCPT TO:<ane\u017eka@alpha.test>").status == "5.6.7"
    assert not alpha.sessions
