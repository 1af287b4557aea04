# SPDX-License-Identifier: MIT
"""PRODUCT 5.9, RFC 8461: a domain may demand that its mail goes to certain servers only, and only over TLS by a server that
proves its name. Each test takes a domain of its own, since the relay remembers what they demand."""
import re
import ssl

import certificates
import mx as scripted
import namespaces
import pytest
from clients import Raw, message
from policed import rules

NOT_FETCHED = " has rules .*could not be fetched"


@pytest.fixture
def context(internet):
    return lambda name="proven", **words: certificates.context(name, internet.certificates, **words)


def accept(domain, mark):
    with Raw() as c:
        assert c.mail(f"anna@{domain.name}", message(mark)).code == 250


def refuse(relay, domain, status):
    """The refusal comes before the content; returns the log's line about it."""
    since = relay.mark()
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        reply = c.command(f"RCPT TO:<anna@{domain.name}>", 451)
        assert reply.status == status, reply
    return relay.wait_log(f" ! .*anna@{domain.name}", since)


# --- what is enforced ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pattern", ["mx.proven.test", "*.proven.test"])
def test_mail_goes_to_a_server_that_is_allowed_and_proves_its_name(relay, internet, policed, mark, pattern):
    """RFC 8461 sections 4.1 and 4.2."""
    since = relay.mark()
    domain = policed("mx.proven.test", rules("enforce", "mx.other.test", pattern))
    accept(domain, mark)
    assert b"using TLSv1.3 with cipher" in internet.postfix.mail.wait("anna", mark)
    line = relay.wait_log(f"anna@{domain.name}: ", since)
    assert re.search(r", TLSv1\.3 \S+ verified,", line) and "mx.proven.test" in line, line
    [request] = domain.site.requests
    assert request.startswith(f"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.{domain.name}\r\n")


@pytest.mark.parametrize("pattern", ["mx.other.test", "*.test", "*.alpha.test.example"])
def test_a_server_that_is_not_on_the_list_gets_nothing(relay, mx, policed, context, pattern):
    """RFC 8461 section 4.1: a star is one label, and nothing else is near enough."""
    alpha = mx("alpha", tls=context())
    line = refuse(relay, policed("mx.alpha.test", rules("enforce", pattern)), "4.7.0")
    assert "not on the list" in line and "MTA-STS" in line and "mx.alpha.test" in line, line
    assert not alpha.sessions


@pytest.mark.parametrize("kind, why", [
    ("selfsigned", "nobody whom this computer trusts"),
    ("expired", "has expired"),
    ("labca", "is for another name"),
    ("rsa12", "is for another name"),
])
def test_postfix_that_does_not_prove_its_name_gets_nothing(relay, internet, policed, kind, why):
    """RFC 8461 section 4.2; neither over TLS nor in clear."""
    seen = len(internet.postfix.log())
    line = refuse(relay, policed(f"mx.{kind}.test", rules("enforce", f"mx.{kind}.test")), "4.7.5")
    assert why in line and "MTA-STS" in line and f"mx.{kind}.test" in line, line

    def connections():
        """The ends of those that have begun since; one that a former mail has left may end meanwhile, too."""
        _, *begun = re.split(r"(?=smtpd\[\d+\]: connect from)", internet.postfix.log()[seen:])
        servers = {re.match(r"smtpd\[\d+\]", text)[0] for text in begun}
        return [end for server, end in re.findall(r"(smtpd\[\d+\]): (disconnect from .*)", "".join(begun)) if server in servers]
    namespaces.wait_until("the end of the connection", connections)
    assert len(connections()) == 1 and "starttls=1" in connections()[0] and "mail=" not in connections()[0], connections()


@pytest.mark.parametrize("words", [
    {},
    {"tls": "proven", "starttls": "454 4.7.0 not now"},
    {"tls": "proven", "starttls": scripted.Close()},
    {"tls": "proven", "starttls": b"220 go\r\n250-mx.alpha.test\r\n250 CHUNKING\r\n"},
], ids=["none", "454", "close", "injected"])
def test_a_server_without_tls_gets_nothing(start_relay, mx, policed, context, words):
    """RFC 8461 section 4.2: who removes STARTTLS on the way gains nothing."""
    alpha = mx("alpha", **{**words, **({"tls": context()} if "tls" in words else {})})
    line = refuse(start_relay(), policed("mx.alpha.test", rules("enforce", "mx.alpha.test")), "4.7.5")
    assert "MTA-STS" in line, line
    assert alpha.sessions and not alpha.said("MAIL")


def test_a_name_in_the_subject_proves_nothing(relay, mx, policed, context):
    """RFC 8461 section 4.2: it has to be among the alternative names."""
    alpha = mx("alpha", tls=context("nameless"))
    line = refuse(relay, policed("mx.alpha.test", rules("enforce", "mx.alpha.test")), "4.7.5")
    assert "is for another name" in line, line
    assert alpha.sessions and not alpha.said("MAIL")


@pytest.mark.parametrize("first", ["unlisted", "selfsigned", "clear"])
def test_the_second_server_gets_what_the_first_may_not_have(relay, mx, policed, context, mark, first):
    """RFC 8461 section 5.1: the next candidate is tried."""
    alpha = mx("alpha", **{"unlisted": {"tls": context()}, "selfsigned": {"tls": context("selfsigned")}, "clear": {}}[first])
    bravo = mx("bravo", tls=context())
    allowed = ["mx.bravo.test"] if first == "unlisted" else ["mx.alpha.test", "mx.bravo.test"]
    since = relay.mark()
    domain = policed(["mx.alpha.test", "mx.bravo.test"], rules("enforce", *allowed))
    accept(domain, mark)
    assert len(bravo.accepted) == 1 and not alpha.said("MAIL")
    assert " verified," in relay.wait_log(f"anna@{domain.name}: .*mx.bravo.test", since)
    assert bool(alpha.sessions) == (first != "unlisted")


def test_a_domain_without_mx_is_its_own_server(relay, mx, policed, context, mark):
    """RFC 5321 section 5.1: as if it had an MX of its own name."""
    alpha, since = mx("alpha", tls=context("labca")), relay.mark()       # a certificate for *.test
    domain = policed([], rules("enforce", "*.test"))
    accept(domain, mark)
    assert len(alpha.accepted) == 1 and alpha.sessions[0].server_name == domain.name
    assert " verified," in relay.wait_log(f"anna@{domain.name}: ", since)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("dot", [None, scripted.Close("250 ok")], ids=["open", "closed"])
def test_what_was_not_verified_for_another_domain_does_not_count(start_relay, mx, policed, context, mark, dot, version):
    """RFC 8461 section 4.2: neither a connection that is still open nor a session to be resumed proves a name."""
    relay = start_relay()
    alpha = mx("alpha", tls=context("selfsigned", oldest=version, newest=version), dot=dot)
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    line = refuse(relay, policed("mx.alpha.test", rules("enforce", "mx.alpha.test")), "4.7.5")
    assert "nobody whom this computer trusts" in line, line
    assert len(alpha.said("MAIL")) == 1 and len(alpha.sessions) == 2 and not alpha.sessions[1].said("MAIL")


# --- what is not ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["testing", "none"])
def test_rules_that_are_not_enforced_change_nothing(relay, mx, policed, mark, mode):
    """RFC 8461 section 5."""
    alpha, since = mx("alpha"), relay.mark()
    domain = policed("mx.alpha.test", rules(mode, "mx.other.test"))
    accept(domain, mark)
    assert len(alpha.accepted) == 1 and len(domain.site.requests) == 1
    assert ", no TLS," in relay.wait_log(f"anna@{domain.name}: ", since)
    assert not re.search(NOT_FETCHED, relay.log()[since:])


ENFORCE = rules("enforce", "mx.other.test")


@pytest.mark.parametrize("text, words, why", [
    ("mode: enforce\r\n", {}, "cannot be read"),
    (ENFORCE, {"status": "404 Not Found"}, "does not give the file"),
    (ENFORCE, {"status": "302 Found", "headers": "Location: https://mta-sts.policed49.test/.well-known/mta-sts.txt\r\n"},
     "does not give the file"),
    (ENFORCE, {"headers": "Content-Type: text/html\r\n"}, "no plain text"),
    (ENFORCE, {"certificate": "selfsigned"}, "nobody whom this computer trusts"),
    (ENFORCE, {"certificate": "expiredweb"}, "has expired"),
    (ENFORCE, {"certificate": "proven"}, "is for another name"),
    (None, {}, "did not answer in time"),
], ids=["garbage", "404", "redirect", "html", "selfsigned", "expired", "othername", "silent"])
def test_rules_that_cannot_be_had_stand_in_nobodys_way(relay, internet, mx, policed, mark, text, words, why):
    """RFC 8461 sections 3.3 and 5: there is no policy then, and the log says so."""
    alpha, since = mx("alpha"), relay.mark()
    elsewhere = internet.web.open("mta-sts.policed49.test", ENFORCE)
    domain = policed("mx.alpha.test", text, **words)
    accept(domain, mark)
    assert len(alpha.accepted) == 1 and not elsewhere.requests
    line = relay.wait_log(domain.name + NOT_FETCHED, since)
    assert why in line and " + " in line, line
    assert len(domain.site.requests) == (0 if "certificate" in words else 1)


@pytest.mark.parametrize("records, why", [
    ([], "no record"),
    ([("TXT", '"v=spf1 -all"')], "one of another kind"),
    ([("TXT", '"v=STSv1; id=1;"'), ("TXT", '"v=STSv1; id=2;"')], "two of them are none"),
    ([("TXT", '"v=STSv1;"')], "no id"),
    ([("TXT", '"v=STSv2; id=1;"')], "a later version"),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
def test_without_a_good_record_no_rules_are_asked_for(relay, internet, mx, policed, mark, records, why):
    """RFC 8461 section 3.1."""
    alpha = mx("alpha")
    domain = policed("mx.alpha.test", ENFORCE, records=records)
    accept(domain, mark)
    assert len(alpha.accepted) == 1 and f"mta-sts.{domain.name}" not in internet.web.asked_for, why


@pytest.mark.parametrize("records, why", [
    ([("TXT", '"v=STSv1;" " id=1" ";"')], "in several strings"),
    ([("TXT", '"v=spf1 -all"'), ("TXT", '"v=STSv1; id=1; more=of;"')], "beside another kind"),
    ([("CNAME", "_mta-sts.provider.test.")], "kept by a provider"),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
def test_a_record_is_found_in_every_form(relay, policed, records, why):
    """RFC 8461 sections 3.1 and 8.2."""
    domain = policed("mx.alpha.test", ENFORCE, records=records)
    refuse(relay, domain, "4.7.0")
    assert len(domain.site.requests) == 1, why


# --- what is remembered --------------------------------------------------------------------------------------------
def test_rules_are_remembered_until_there_are_others(relay, internet, mx, policed, context, mark):
    """RFC 8461 sections 3.3 and 5.1: fetched anew when the id is another one; what was fetched holds while nothing better can be had."""
    alpha = mx("alpha", tls=context(), dot=scripted.Close("250 ok"))
    domain = policed("mx.alpha.test", rules("enforce", "mx.alpha.test"))
    for n in range(2):
        accept(domain, f"{mark}-{n}")
    assert len(domain.site.requests) == 1 and len(alpha.accepted) == 2
    other = domain.publish(rules("enforce", "mx.bravo.test"))
    refuse(relay, domain, "4.7.0")
    assert len(other.requests) == 1
    since = relay.mark()
    domain.publish(rules("none"))
    internet.web.close_all()
    refuse(relay, domain, "4.7.0")
    relay.wait_log(domain.name + NOT_FETCHED, since)
    refuse(relay, domain, "4.7.0")
    assert internet.web.asked_for.count(f"mta-sts.{domain.name}") == 3      # it is not asked again for every mail
    domain.publish(rules("none"))
    accept(domain, f"{mark}-none")
    assert len(alpha.accepted) == 3
