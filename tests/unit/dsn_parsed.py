#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the sample reports of test_dsn with Python's mail parser, which shares no line with ours.

usage: dsn_parsed.py TEST_DSN    0 when everything is found where it should be
"""

import email
import email.policy
import quopri
import subprocess
import sys


def parse(program, sample):
    text = subprocess.run([program, sample], check=True, capture_output=True).stdout
    report = email.message_from_bytes(text, policy=email.policy.SMTP)
    for part in report.walk():
        assert not part.defects, (sample, part.get_content_type(), part.defects)
    assert report.get_content_type() == "multipart/report", report.get_content_type()
    assert report.get_param("report-type") == "delivery-status"
    assert report["Auto-Submitted"] == "auto-replied"
    assert report["MIME-Version"] == "1.0"
    return report, list(report.iter_parts())


def text_of(part):
    return part.get_content().replace("\r\n", "\n")


def check_plain(program):
    report, parts = parse(program, "plain")
    assert report["To"].addresses[0].addr_spec == "a@x.cz"
    assert report["From"].addresses[0].addr_spec == "MAILER-DAEMON@relay.example.org"
    assert report["From"].addresses[0].display_name == "Mail Delivery System"
    assert report["Date"].datetime.isoformat() == "2026-11-22T12:03:12+01:00"
    assert [p.get_content_type() for p in parts] == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert text_of(parts[0]) == "Your mail was not delivered.\n"
    mail, recipient = parts[1].get_payload()
    assert mail.items() == [("Reporting-MTA", "dns; relay.example.org"),
                            ("Arrival-Date", "Sun, 22 Nov 2026 12:03:09 +0100")]
    assert recipient.items() == [("Final-Recipient", "rfc822;b@y.cz"), ("Action", "failed"), ("Status", "5.1.1"),
                                 ("Remote-MTA", "dns; mx.y.cz"),
                                 ("Diagnostic-Code", "smtp; 550 5.1.1 <b@y.cz>: user unknown"),
                                 ("Last-Attempt-Date", "Sun, 22 Nov 2026 12:03:11 +0100")]
    assert text_of(parts[2]) == "From: a@x.cz\nSubject: hello\n"


def check_full(program):
    report, parts = parse(program, "full")
    assert report["To"].addresses[0].addr_spec == "jan@x.cz"
    assert report["Subject"] == "Zpráva nebyla doručena"
    text = text_of(parts[0])
    assert text.startswith("Dobrý den,\n\n.Vaši zprávu se nepodařilo doručit. \nFrom here on: = and ?[2J\n"), text
    assert "--=_traypost_0000000000001234\n" in text
    assert text.endswith("\nHello,\n\nyour mail was not delivered.\n"), text
    mail, failed, international, relayed = parts[1].get_payload()
    assert mail["Original-Envelope-Id"] == "job+42 of three"
    assert failed["Original-Recipient"] == "rfc822;b+old@y.cz"
    assert international["Original-Recipient"] == r"utf-8;\x{10D}\x{E1}p@y.cz"
    assert international["Final-Recipient"] == r"utf-8;\x{10D}\x{E1}p@h\x{E1}\x{10D}ky.example"
    assert international["Status"] == "5.6.7"
    assert international["Diagnostic-Code"].startswith("x-traypost; the recipient's server takes no ")
    assert "Remote-MTA" not in international
    assert relayed["Action"] == "relayed" and relayed["Status"] == "2.0.0"
    assert relayed["Diagnostic-Code"] == "smtp; 250 2.0.0 queued as 4711"
    assert parts[2].get_content_type() == "message/global-headers"
    # Python takes message/* for a message and leaves its encoding alone.
    headers = quopri.decodestring(parts[2].get_payload()[0].as_bytes()).replace(b"\r\n", b"\n")
    assert headers.rstrip() == "From: Jan <jan@x.cz>\nSubject: ř\n folded".encode(), headers


def check_global(program):
    text = subprocess.run([program, "global"], check=True, capture_output=True).stdout
    report = email.message_from_bytes(text, policy=email.policy.SMTPUTF8)
    parts = list(report.iter_parts())
    assert report["To"].addresses[0].username.encode("utf-8", "surrogateescape").decode() == "jan.novák"
    assert parts[2].get_content_type() == "text/rfc822-headers"
    assert parts[2].get_payload(decode=True) == b"Subject: \xe8\xe9\r\n"


def check_hostile(program):
    text = subprocess.run([program, "hostile"], check=True, capture_output=True).stdout
    report = email.message_from_bytes(text, policy=email.policy.compat32)
    assert sorted(name.lower() for name in report.keys()) == sorted(
        ["date", "from", "to", "subject", "message-id", "auto-submitted", "mime-version", "content-type"])
    assert "Bcc" not in report
    parts = report.get_payload()
    assert [p.get_content_type() for p in parts] == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    mail, recipient = parts[1].get_payload()
    assert mail.keys() == ["Original-Envelope-Id", "Reporting-MTA", "Arrival-Date"], mail.keys()
    assert mail["Original-Envelope-Id"] == "1+0D+0ABcc:+20victim@z.cz"
    assert recipient.keys() == ["Original-Recipient", "Final-Recipient", "Action", "Status", "Remote-MTA",
                                "Diagnostic-Code", "Last-Attempt-Date"], recipient.keys()
    assert parts[2].get_payload(decode=True) == b"--=_traypost_0000000000001234--: 1\r\n.: 1\r\nX: \x01\r\n"
    for part in [report, *parts, mail, recipient]:
        assert "Bcc" not in part


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for check in (check_plain, check_full, check_global, check_hostile):
        check(sys.argv[1])
        print(check.__name__, "passed")


main()
