# SPDX-License-Identifier: MIT
"""PRODUCT section 6, "strict where it matters": smuggling, dots, NUL, endless lines, browsers, BDAT sizes."""
import re
import time

import mx as scripted
import pytest
from clients import Closed, Raw, message

ENVELOPE = b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<smuggled@postfix.test>\r\nDATA\r\n"

# Every end of data that some server or relay was found to believe in, apart from the true one.
FALSE_ENDS = {
    "LF.LF": b"\n.\n", "LF.CRLF": b"\n.\r\n", "CRLF.LF": b"\r\n.\n", "CR.CR": b"\r.\r", "CR.CRLF": b"\r.\r\n", "CRLF.CR": b"\r\n.\r",
    "LF.CR": b"\n.\r", "CR.LF": b"\r.\n", "CRLF.CRCRLF": b"\r\n.\r\r\n", "CRLF CR.CRLF": b"\r\n\r.\r\n",
    "LFLF.CRLF": b"\n\n.\r\n", "CRLF.LFCR": b"\r\n.\n\r", "LFCR.CRLF": b"\n\r.\r\n", "CRLF..CRLF": b"\r\n..\r\n",
    "CRLF. CRLF": b"\r\n. \r\n",
    "NEL": b"\xc2\x85.\xc2\x85", "VT": b"\r\n.\x0b\r\n", "FF": b"\x0c.\x0c",
}


@pytest.mark.parametrize("cut", ["whole", "octet by octet"])
@pytest.mark.parametrize("end", FALSE_ENDS)
def test_a_false_end_of_data_never_ends_a_mail(relay, internet, mark, end, cut):
    """6: the end of data is CRLF.CRLF and nothing else. The lab's Postfix believes in bare line feeds, so that one that
    gets through is seen as a second mail; a false end that the relay makes true is seen as a mail cut in two."""
    inner = FALSE_ENDS[end] + ENVELOPE + f"Subject: {mark} smuggled\r\n\r\nthe end {mark}\r\n".encode()
    content = message(mark, body="text") + inner
    with Raw() as c:
        c.begin("anna@postfix.test")
        c.command("DATA", 354)
        if cut == "whole":
            c.send(content + b".\r\n")
        else:
            head = content.index(b"text") + 4
            c.send(content[:head])
            for i in range(head, head + 60):
                c.send(content[i:i + 1])
            c.send(content[head + 60:] + b".\r\n")
        assert c.reply().code == 250
        c.command("NOOP", 250)            # exactly one reply was given
        c.command("QUIT", 221)
    mail = internet.postfix.mail.wait("anna", mark)
    assert f"the end {mark}".encode() in mail and b"RCPT TO:<smuggled@postfix.test>" in mail, "the mail was cut in two"
    assert not internet.postfix.mail.with_mark("smuggled", mark)


@pytest.mark.parametrize("end", ["LF.LF", "LF.CRLF", "CR.CR", "CR.CRLF", "CRLF.CR", "CRLF.LF"])
def test_a_false_end_inside_bdat_is_content_too(relay, mx, mark, end):
    """FIELD 5b.1: it holds in every state. The MX notes bare CR and LF as a breach."""
    alpha = mx("alpha")
    content = message(mark, body="text") + FALSE_ENDS[end] + f"MAIL FROM:<evil@home.test>\r\nthe end {mark}\r\n".encode()
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        c.expect(250)
        c.command("NOOP", 250)
    assert len(alpha.mails) == 1 and f"the end {mark}".encode() in alpha.mails[0].text


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("end", [*FALSE_ENDS, "CRLF.CRLF"])
def test_a_false_end_on_the_edge_of_two_chunks_is_content_too(relay, mx, mark, end, chunking):
    """FIELD 5b.14: cut at each octet, and each octet a chunk; to an MX that gets it by DATA, where a line of one dot must be doubled,
    and to one that gets it by BDAT, where it must not. The lab's MX notes bare CR and LF, and commands it does not know."""
    alpha = mx("alpha", extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", *(["CHUNKING"] if chunking else [])))
    octets = FALSE_ENDS.get(end, b"\r\n.\r\n")
    line_ends = re.compile(rb"\r\n|\r|\n")
    cuts = [[n] for n in range(len(octets) + 1)] + [list(range(1, len(octets)))]
    for n, cut in enumerate(cuts):
        head = message(f"{mark}-{n}", body="text", headers="Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <it@is.mine>\r\n")
        tail = f"MAIL FROM:<evil@home.test>\r\nthe end {mark}\r\n".encode()
        content = head + octets + tail
        at = [0, *(len(head) + c for c in cut), len(content)]
        with Raw() as c:
            c.begin(f"r{n}@alpha.test")
            for a, b in zip(at, at[1:]):
                c.send(f"BDAT {b - a}{' LAST' if b == len(content) else ''}\r\n".encode() + content[a:b])
                c.expect(250)
            c.command("NOOP", 250)
        assert alpha.wait_mail(n + 1).text.endswith(line_ends.sub(b"\r\n", content)), cut
        assert alpha.mails[n].by_bdat == chunking
    assert len(alpha.mails) == len(cuts) and not [line for line in alpha.said("") if "evil" in line]


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("end", [b"\r\0\n.\r\n", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\0\n", b"\0\n.\n\0", b"\n.\0\n"], ids=repr)
def test_an_end_with_nul_in_it_is_none_and_its_mail_is_refused(relay, mx, mark, end, chunking):
    """6: NUL is refused; some servers throw it away, and then believe in the end that is left."""
    alpha = mx("alpha", extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", *(["CHUNKING"] if chunking else [])))
    content = message(mark, body="text") + end + b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<bara@alpha.test>\r\nDATA\r\nx\r\n"
    with Raw() as c:
        c.begin("anna@alpha.test")
        if chunking:
            c.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        else:
            c.command("DATA", 354)
            c.send(content + b".\r\n")
        assert c.reply().code // 100 == 5
        c.command("NOOP", 250)            # exactly one reply was given
    alpha.wait_closed()
    assert not alpha.accepted and not [line for line in alpha.said("") if "evil" in line or "bara" in line]


@pytest.mark.parametrize("end", ["LF.LF", "CR.CR", "CR.CRLF", "LF.CRLF"])
def test_a_false_end_does_not_end_a_mail_that_is_being_thrown_away(relay, mx, mark, end):
    """FIELD 5b.1: also while the rest of a refused mail is discarded: what follows are no commands."""
    mx("alpha", content=scripted.After(1000, scripted.Close("552 5.3.4 no more")))
    bravo = mx("bravo")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(message(mark) + (b"x" * 70 + b"\r\n") * 10_000)
        mx_saw = b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<bara@bravo.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n"
        c.send(b"text" + FALSE_ENDS[end] + mx_saw + b".\r\n")
        assert c.reply().code // 100 in (4, 5)
        c.command("NOOP", 250)
    assert not bravo.sessions


# --- dots and line ends --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", [
    ".\r\n", "..\r\n", "...\r\n", ".\r\n.\r\n.\r\n", ".a\r\n", "..a\r\n", "a.\r\n", "a\r\n.\r\n", "\r\n.\r\n\r\n",
    ".\r\na", "\r\n\r\n\r\n", "",
    " .\r\n", ".\t\r\n", "." * 998 + "\r\n", "x" * 998 + "\r\n.\r\n", "a\r\n..\r\n.\r\n..b\r\n",
], ids=lambda b: repr(b)[:30])
def test_dots_come_back_as_they_were(relay, mx, mark, body):
    """FIELD 5: another relay lost the dot of a line that was one dot, and with it the rest of the mail."""
    alpha = mx("alpha")
    content = message(mark, body=body if body.endswith("\r\n") or not body else body + "\r\n",
                      headers="Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <it@is.mine>\r\n")
    with Raw() as c:
        assert c.mail("anna@alpha.test", content.replace(b"\r\n.", b"\r\n..")).code == 250
    assert alpha.wait_mail().text.endswith(content)
    with Raw() as c:                     # the same by BDAT, where dots are not doubled by the client; to somebody who has not got it yet
        c.begin("bara@alpha.test")
        c.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        assert c.reply().code == 250
    assert alpha.wait_mail(2).text.endswith(content)


@pytest.mark.parametrize("sent, received", [
    (b"one\ntwo\r\n", b"one\r\ntwo\r\n"),
    (b"one\rtwo\r\n", b"one\r\ntwo\r\n"),
    (b"one\n.\ntwo\r\n", b"one\r\n.\r\ntwo\r\n"),
    (b"one\n\n\ntwo\r\n", b"one\r\n\r\n\r\ntwo\r\n"),
    (b"one\n.two\r\n", b"one\r\n.two\r\n"),
])
def test_bare_line_ends_arrive_as_line_ends(relay, mx, mark, sent, received):
    """6: a bare CR or LF in data is sent on as CRLF with dots doubled."""
    alpha = mx("alpha")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark, body="") + sent).code == 250
    assert alpha.wait_mail().text.endswith(b"\r\n\r\n" + received)


def test_a_mail_of_an_old_device_with_bare_line_feeds_only_arrives_readable(relay, internet, mark):
    """A body whose lines end in LF alone; only the end of data is right."""
    content = message(mark, body="one\r\ntwo\r\n.three\r\n").replace(b"\r\n", b"\n")
    with Raw() as c:
        assert c.mail("anna@postfix.test", content + b"\r\n").code == 250
    assert internet.postfix.mail.wait("anna", mark).endswith(b"\n\none\ntwo\n.three\n\n")


# --- NUL, long lines -----------------------------------------------------------------------------------------------
def test_nul_in_a_command_is_refused_and_the_session_goes_on(relay, mx):
    """6"""
    alpha = mx("alpha")
    with Raw() as c:
        c.command("EHLO client", 250)
        assert c.command(b"MAIL FROM:<send\0er@home.test>").code // 100 == 5
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert c.command(b"RCPT TO:<anna@alpha.test>\0").code // 100 == 5
        c.command("NOOP", 250)
    assert not alpha.said("RCPT")


@pytest.mark.parametrize("where", ["header", "body", "before the dot"])
def test_nul_in_a_mail_is_refused_and_nothing_is_delivered(relay, mx, mark, where):
    """6"""
    alpha = mx("alpha")
    content = {"header": message(mark, headers="X-Odd: a\0b\r\n"), "body": message(mark, body="a\0b\r\n"),
               "before the dot": message(mark) + b"\r\n\0"}[where]
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.command("DATA", 354)
        c.send(content + (b".\r\nend\r\n.\r\n" if where == "before the dot" else b".\r\n"))
        assert c.reply().code // 100 == 5
        c.command("NOOP", 250)
    alpha.wait_closed()
    assert not alpha.accepted


@pytest.mark.parametrize("octets", [3_000, 100_000])
def test_a_command_line_over_the_limit_gets_one_500_and_the_session_goes_on(relay, octets):
    """6"""
    with Raw() as c:
        c.command("EHLO client", 250)
        c.send(b"NOOP " + b"x" * octets + b"\r\n")
        c.expect(500)
        c.command("NOOP", 250)
        c.command("MAIL FROM:<" + "a" * octets + "@home.test>", 500)
        c.command("QUIT", 221)


@pytest.mark.native
def test_10_mb_without_a_line_end_take_no_memory(start_relay):
    """FIELD 5; the session goes on, or ends: memory is what counts."""
    relay = start_relay()
    with Raw() as c:
        c.command("EHLO client", 250)
        before = relay.pss_kb()
        try:
            for _ in range(160):
                c.send(b"x" * 65536)
            grown = relay.pss_kb() - before
            c.send(b"\r\n")
            c.expect(500)
            c.command("NOOP", 250)
        except (Closed, ConnectionError):
            grown = relay.pss_kb() - before
        assert grown < 2000, f"{grown} kB more"


@pytest.mark.parametrize("octets", [998, 5_000, 1_000_000])
def test_a_long_line_of_content_arrives_whole_or_is_refused(relay, mx, mark, octets):
    """RFC 5321 4.5.3.1.6 promises 998; longer ones are common, and must not be cut in two silently."""
    alpha = mx("alpha")
    line = b"y" * octets + b"\r\n"
    with Raw() as c:
        reply = c.mail("anna@alpha.test", message(mark, body="") + line)
        c.command("NOOP", 250)
    assert reply.code == 250 if octets <= 998 else reply.code in (250, 500, 552, 554), reply
    if reply.code == 250:
        assert alpha.wait_mail().text.endswith(b"\r\n\r\n" + line)
    else:
        assert not alpha.accepted


@pytest.mark.parametrize("octets", [10_000, 3_000_000])
def test_a_header_without_an_end_takes_no_harm(relay, mx, mark, octets):
    """Date and Message-ID are looked for in the header: it may be longer than anything one would keep."""
    alpha = mx("alpha")
    with Raw() as c:
        reply = c.mail("anna@alpha.test", b"X-Long: " + b"z" * 900 + b"\r\n" + b" folded\r\n" * (octets // 9) + message(mark))
        assert reply.code in (250, 552, 554), reply
        c.command("NOOP", 250)
    assert len(alpha.accepted) == (reply.code == 250)


def test_commands_come_octet_by_octet(relay, mx, mark):
    alpha = mx("alpha")
    with Raw() as c:
        for line, code in (("EHLO client", 250), ("MAIL FROM:<sender@home.test>", 250), ("RCPT TO:<anna@alpha.test>", 250),
                           ("DATA", 354), (message(mark).decode() + ".", 250), ("QUIT", 221)):
            for octet in line.encode() + b"\r\n":
                c.send(bytes([octet]))
            c.expect(code)
    assert len(alpha.accepted) == 1


# --- who is no mail client -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", [
    "GET / HTTP/1.1", "POST /x HTTP/1.1", "HEAD / HTTP/1.0", "PUT /a HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT a:25 HTTP/1.1",
    "DELETE / HTTP/1.1", "post / HTTP/1.1",
])
def test_a_browser_is_dropped_and_its_body_is_not_mail(relay, mx, first):
    """6: a web page can make a browser POST to localhost:25; the body must not be taken for commands."""
    alpha = mx("alpha")
    body = "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@alpha.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"
    with Raw() as c:
        try:
            c.send(f"{first}\r\nHost: localhost:25\r\nContent-Length: {len(body)}\r\n\r\n{body}")
            codes = []
            while True:
                codes.append(c.reply().code)
        except (Closed, ConnectionError):
            pass
    assert all(code // 100 in (4, 5) for code in codes), codes
    assert not alpha.sessions


def test_tls_on_the_plain_port_is_no_command(relay):
    """A client that speaks TLS at once hears nothing that it could take for a greeting of TLS, and the relay lives."""
    with Raw() as c:
        c.send(b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03" + bytes(range(256)) + b"\r\n")
        try:
            assert c.reply().code // 100 in (4, 5)
        except (Closed, ConnectionError):
            pass


# --- BDAT ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [
    "-1", "", "4294967297", "18446744073709551616", "18446744073709551617", "99999999999999999999999", "0x10", "1e3", "+5",
    "5 LATS", "5LAST", " LAST", "1 2"])
def test_an_odd_bdat_size_is_refused_and_nothing_is_read_as_content_or_twice(relay, mx, size):
    """FIELD 5b.14: 501 or 552, no over-read."""
    alpha = mx("alpha")
    with Raw() as c:
        c.begin("anna@alpha.test")
        reply = c.command(f"BDAT {size}".rstrip(" ") if not size else f"BDAT {size}")
        assert reply.code in (501, 552, 500, 503), reply
        try:
            c.send("NOOP\r\n")
            c.socket.settimeout(0.3)      # a refused chunk that is too large may be swallowed for ever: then nothing is said
            assert c.reply().code in (250, 421)
        except (Closed, ConnectionError):
            pass
        except TimeoutError:
            assert len(size) > 8, "waits for octets of a chunk that was refused"
    assert not alpha.mails


@pytest.mark.parametrize("chunks", [[10_000], [1, 9_999], [5_000, 5_000, 0], [3_333] * 3 + [1], [0, 10_000], [100] * 100])
def test_bdat_content_reaches_a_data_only_mx_unchanged(relay, mx, mark, chunks):
    """FIELD 5b.14: content that holds CRLF.CRLF is dot-stuffed when it is sent by DATA."""
    alpha = mx("alpha")
    content = message(mark, headers="Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <it@is.mine>\r\n")
    content += (b"before\r\n.\r\nQUIT\r\n..\r\n" * 1000)[:10_000 - len(content) - 2] + b"\r\n"
    content = re.sub(rb"\r(?!\n)|(?<!\r)\n", b"-", content)
    assert len(content) == 10_000
    with Raw() as c:
        c.begin("anna@alpha.test")
        at = 0
        for n, size in enumerate(chunks):
            last = n == len(chunks) - 1
            c.send(f"BDAT {size}{' LAST' if last else ''}\r\n".encode() + content[at:at + size])
            c.expect(250)
            at += size
        c.command("NOOP", 250)
    assert alpha.wait_mail().text.endswith(content)


def test_bdat_content_reaches_a_real_server_that_takes_bdat(relay, internet, mark):
    content = message(mark, body="one\r\n.\r\ntwo\r\n")
    with Raw() as c:
        c.begin("emil@exim.test")
        c.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        c.expect(250)
    assert internet.exim.mail.wait("emil", mark).endswith(b"\none\n.\ntwo\n")


def test_bdat_without_a_recipient_swallows_its_octets(relay, mx):
    """RFC 3030: the octets follow the command whatever the reply is; they are never commands."""
    alpha = mx("alpha")
    content = b"EHLO x\r\nMAIL FROM:<evil@home.test>\r\nRCPT TO:<anna@alpha.test>\r\nDATA\r\n"
    with Raw() as c:
        c.command("EHLO client", 250)
        c.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        c.expect(503, 554)
        c.command("NOOP", 250)
        c.command("RCPT TO:<anna@alpha.test>", 503)
    assert not alpha.sessions


def test_rset_between_chunks_throws_the_mail_away(relay, mx, mark):
    alpha = mx("alpha")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.send(b"BDAT 20\r\nSubject: rubbish\r\n\r\n")
        c.expect(250)
        c.command("RSET", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    assert len(alpha.mails) == 1 and b"rubbish" not in alpha.mails[0].content


def test_data_in_the_middle_of_bdat_is_out_of_order(relay, mx):
    """RFC 3030 section 2: DATA and BDAT are not mixed in one mail."""
    alpha = mx("alpha")
    with Raw() as c:
        c.begin("anna@alpha.test")
        c.send(b"BDAT 10\r\n0123456789")
        c.expect(250)
        c.command("DATA", 503)
    assert not alpha.mails


# --- pipelining ----------------------------------------------------------------------------------------------------
def test_a_pipelined_mail_is_answered_in_order(relay, mx, mark):
    """6; and ARCHITECTURE: pipelined RCPTs run side by side and are answered in order."""
    stall = scripted.Stall(then="550 5.1.1 slow refusal")
    mx("alpha", rcpt=stall)
    bravo = mx("bravo", rcpt={"no@bravo.test": "550 5.1.1 quick refusal"})
    with Raw() as c:
        c.command("EHLO client", 250)
        c.send("MAIL FROM:<sender@home.test>\r\nRCPT TO:<anna@alpha.test>\r\n"
               "RCPT TO:<no@bravo.test>\r\nRCPT TO:<yes@bravo.test>\r\nDATA\r\n")
        c.expect(250)
        bravo.wait_command("RCPT TO:<yes")          # not held up by the slow one
        stall.go()
        assert "slow refusal" in c.expect(550).text
        assert "quick refusal" in c.expect(550).text
        c.expect(250)
        c.expect(354)
        c.send(message(mark) + b".\r\nQUIT\r\n")
        c.expect(250)
        c.expect(221)
        assert c.closed()
    assert bravo.wait_mail().recipients == ["yes@bravo.test"]


def test_content_sent_before_the_354_is_never_commands(relay, mx, mark):
    """6: here every recipient is refused, so there is no 354, and yet the content is there already."""
    mx("alpha", rcpt="550 5.1.1 no")
    bravo = mx("bravo")
    with Raw() as c:
        c.command("EHLO client", 250)
        c.send(b"MAIL FROM:<sender@home.test>\r\nRCPT TO:<anna@alpha.test>\r\nDATA\r\n" + b"Subject: x\r\n\r\n"
               b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<bara@bravo.test>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n.\r\nQUIT\r\n")
        try:
            while True:
                c.reply()
        except (Closed, ConnectionError):
            pass
    assert not bravo.mails


def test_the_greeting_is_waited_for_or_nothing_is_lost(relay, mx, mark):
    """A client that talks first gets its mail delivered or is refused; it is never half heard."""
    alpha = mx("alpha")
    with Raw(greet=False) as c:
        c.send("EHLO client\r\n")
        try:
            codes = [c.reply().code, c.reply().code]
            assert codes == [220, 250] and c.mail("anna@alpha.test", message(mark)).code == 250
            assert len(alpha.accepted) == 1
        except (Closed, ConnectionError):
            assert not alpha.sessions


@pytest.mark.parametrize("name", ["ENVID=+0D+0ARCPT+20TO:<x@y>", "AUTH=<a+0D+0A@b.test>", "RET=FULL ENVID=a+3Db"])
def test_xtext_is_never_decoded_onto_the_wire(relay, mx, mark, name):
    """FIELD 5b.13; the MX notes commands it does not expect."""
    alpha = mx("alpha", extensions=("PIPELINING", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES"))
    with Raw() as c:
        c.command("EHLO client", 250)
        if c.command(f"MAIL FROM:<sender@home.test> {name}").code == 250:
            c.command("RCPT TO:<anna@alpha.test> ORCPT=rfc822;anna+0D+0AQUIT@alpha.test")
    assert not [line for s in alpha.sessions for _, who, line in s.events if who == "C" and
                not re.match(r"(EHLO|MAIL|RCPT|RSET|QUIT|DATA)\b", line)]
    assert not any("\r" in line for line in alpha.said("MAIL"))


def test_odd_characters_in_helo_never_reach_the_received_line(relay, mx, mark):
    """FIELD 5b.13"""
    alpha = mx("alpha")
    with Raw() as c:
        c.command(b"EHLO a\xff(b)\x1b;\"c\\<d>", 250, 501)
        c.command("EHLO ok", 250)
        c.command("EHLO od(d;na\"me", 250, 501)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<anna@alpha.test>", 250)
        assert c.data(message(mark)).code == 250
    received = alpha.wait_mail().text.split(b"\r\nFrom:")[0]
    assert b"od(d" not in received and b"\x1b" not in received


@pytest.mark.parametrize("stops_at", ["connect", "EH", "EHLO", "RCPT", "DATA", "content"])
def test_half_a_dialogue_and_silence_hold_nobody_up(relay, mx, mark, stops_at):
    """Many clients that fell silent do not keep one that talks from its 250. (Time limits are the engine's own tests.)"""
    mx("alpha")
    silent = []
    for _ in range(20):
        c = Raw()
        silent.append(c)
        if stops_at == "EH":
            c.send("EH")
        elif stops_at != "connect":
            c.command("EHLO client", 250)
            if stops_at != "EHLO":
                c.command("MAIL FROM:<sender@home.test>", 250)
                if stops_at == "RCPT":
                    c.send("RCPT TO:<anna@al")
                elif stops_at in ("DATA", "content") and len(silent) <= 10:
                    c.command("RCPT TO:<anna@alpha.test>", 250)
                    c.command("DATA", 354)
                    if stops_at == "content":
                        c.send("Subject: x\r\n\r\nhalf a")
    started = time.monotonic()
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert time.monotonic() - started < 5
    for c in silent:
        c.close()
