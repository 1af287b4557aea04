# SPDX-License-Identifier: MIT
"""PRODUCT 5.4 with everything mixed: sessions of several mails, each to several domains of which every one takes it, refuses it for now or for
good, or breaks off, at RCPT, DATA or the end, over connections that are used again. Who is told what, and who has the mail?

What a server does stands in the local part: "dot5-..." is refused at the end, and with it all who share its transaction.
"""
import dataclasses
import email
import email.policy
import random
from concurrent.futures import ThreadPoolExecutor

import mx as scripted
import pytest
from clients import Raw

DOMAINS = ("alpha", "bravo", "charlie", "delta")
AT_RCPT = {"rcpt5": "550 5.1.1 nobody", "rcpt4": "450 4.2.0 greylisted"}
AT_DATA = {"data5": "554 5.7.1 no", "data4": "451 4.3.0 not now", "data-": scripted.Close(), "data421": scripted.Close("421 4.3.2 bye")}
AT_DOT = {"dot5": "554 5.7.1 spam", "dot4": "451 4.3.0 not now", "dot-": scripted.Close(), "dot421": scripted.Close("421 4.3.2 bye")}
FOR_GOOD = ("data5", "dot5")


def temper(address):
    return address.split("_")[0]


def first_of(table, addresses):
    return next((table[temper(a)] for a in addresses if temper(a) in table), None)


def open_all(mx):
    for name in DOMAINS:
        yield name, mx(name, rcpt=lambda _, a: AT_RCPT.get(temper(a)), data=lambda s, _: first_of(AT_DATA, s.mail.recipients),
                       dot=lambda s, _: first_of(AT_DOT, s.judged.recipients),
                       extensions=() if name == "delta" else scripted.EXTENSIONS)


@dataclasses.dataclass
class Told:
    """A mail, and what its client was told."""
    mark: str
    plan: dict                      # domain: what becomes of the mail there
    recipients: list
    ends_by: str                    # DATA, or what gives it up
    verdicts: dict = dataclasses.field(default_factory=dict)
    final: object = None

    @property
    def taken(self):
        return [r for r in self.recipients if temper(r) not in AT_RCPT]

    def at(self, domain):
        return sorted(r for r in self.taken if r.endswith(f"@{domain}.test"))

    @property
    def good(self):
        return [d for d in self.plan if self.plan[d] == "ok"]

    @property
    def failed(self):
        return sorted(r for d in self.plan if d not in self.good for r in self.at(d))


def plan_mail(chance, mark):
    plan = {d: chance.choice(["ok"] * 4 + [*AT_DATA, *AT_DOT]) for d in chance.sample(DOMAINS, chance.randint(1, 4))}
    recipients = [f"{what}_{mark}@{d}.test" for d, what in plan.items()]
    for d in plan:
        recipients += [f"{chance.choice(['ok', *AT_RCPT])}_{mark}.{n}@{d}.test" for n in range(chance.randint(0, 2))]
    chance.shuffle(recipients)
    return Told(mark, plan, recipients, chance.choice(["DATA"] * 5 + ["RSET", "EHLO again"]))


def say(c, mail, pipelined):
    mail_from = f"MAIL FROM:<{mail.mark}@echo.test>"
    if pipelined:
        c.send("\r\n".join([mail_from, *(f"RCPT TO:<{r}>" for r in mail.recipients)]) + "\r\n")
        c.expect(250)
        mail.verdicts = {r: c.reply() for r in mail.recipients}
    else:
        c.command(mail_from, 250)
        mail.verdicts = {r: c.command(f"RCPT TO:<{r}>") for r in mail.recipients}
    reply = c.command(mail.ends_by)
    if reply.code == 354:
        c.send(f"Message-ID: <{mail.mark}@client.test>\r\n\r\n{mail.mark}\r\n..\r\n.\r\n")
        reply = c.reply()
    mail.final = reply


def talk(mark, number):
    chance, told = random.Random(number), []
    for session in range(20):
        with Raw() as c:
            c.command("EHLO client", 250)
            for n in range(chance.choice([1, 3, 6])):
                told.append(plan_mail(chance, f"{mark}.{number}.{session}.{n}"))
                say(c, told[-1], chance.random() < 0.5)
            c.command("QUIT", 221)
    return told


def wait_reports(echo, told):
    expected = {f"{m.mark}@echo.test" for m in told if m.ends_by == "DATA" and m.good and m.failed}
    echo.wait("all reports", lambda: len(echo.accepted) >= len(expected), 20)
    reports = {m.recipients[0]: m for m in echo.accepted}
    assert set(reports) == expected and len(echo.accepted) == len(expected)
    return reports


def check_report(mail, report):
    assert report.sender == ""
    parsed = email.message_from_bytes(report.text, policy=email.policy.default)
    assert [part.defects for part in parsed.walk() if part.defects] == [], report.text
    people, programs, _ = parsed.iter_parts()
    named = programs.get_payload()[1:]
    assert sorted(f["Final-Recipient"].removeprefix("rfc822;") for f in named) == mail.failed
    for f in named:
        what = mail.plan[f["Final-Recipient"].split("@")[1].removesuffix(".test")]
        assert f["Action"] == "failed" and f["Status"][0] == ("5" if what in FOR_GOOD else "4"), dict(f.items())
    text = people.get_content()
    assert all((r in text) == (r in mail.failed) for r in mail.recipients), text
    assert ("All others have it" in text) == (mail.taken == mail.recipients), text


@pytest.mark.parametrize("clients", [1, 4])
def test_whatever_each_server_does_everybody_is_told_the_truth_and_nobody_gets_a_mail_twice(relay, mx, mark, clients):
    hosts, echo = dict(open_all(mx)), mx("echo")
    with ThreadPoolExecutor(clients) as pool:
        told = [mail for mails in pool.map(talk, [mark] * clients, range(clients)) for mail in mails]
    reports = wait_reports(echo, told)

    copies = {}
    for domain, host in hosts.items():
        for m in host.accepted:
            copies.setdefault((m.text.split(b"\r\n\r\n")[1].split(b"\r\n")[0].decode(), domain), []).append(m)
    for mail in told:
        for r, reply in mail.verdicts.items():
            assert reply.code == int(AT_RCPT.get(temper(r), "250")[:3]), (mail, reply)
        if mail.ends_by != "DATA":
            assert not any((mail.mark, domain) in copies for domain in DOMAINS), mail
            continue
        kind = 2 if mail.good else 5 if all(what in FOR_GOOD for what in mail.plan.values()) else 4
        assert mail.final.code // 100 == kind, mail
        for domain in DOMAINS:
            got = copies.get((mail.mark, domain), [])
            assert len(got) == (domain in mail.good), (domain, mail)
            assert all(sorted(m.recipients) == mail.at(domain) and m.text.endswith(b"\r\n.\r\n") for m in got), (domain, mail)
        if f"{mail.mark}@echo.test" in reports:
            check_report(mail, reports[f"{mail.mark}@echo.test"])
