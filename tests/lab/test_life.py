# SPDX-License-Identifier: MIT
"""PRODUCT sections 1 and 7: start, who may connect, the port, the options."""
import contextlib
import os
import re
import select
import signal
import socket
import subprocess

import nameserver
import pytest
import relay as under_test
from clients import Closed, Raw, message
from namespaces import GATE4, GATE6, HOME4, HOME6, wait_until


# --- start ---------------------------------------------------------------------------------------------------------
def test_the_start_is_told_in_the_log(start_relay):
    """1, 3: a start line, the name server that answers, where it listens."""
    relay = start_relay()
    relay.wait_log("(?i)traypost .*start")
    relay.wait_log(r"198\.51\.100\.53|2001:db8:1::53")
    relay.wait_log(r"127\.0\.0\.1\b.*25|\[::1\]:25|::1")


def test_it_listens_on_loopback_only(relay, internet):
    """1: nobody outside the machine can use it."""
    for address in ("127.0.0.1", "::1"):
        Raw(address).close()
    with internet.inside(internet.net):
        for address in (HOME4, HOME6):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, 25), timeout=2)


@contextlib.contextmanager
def taken_ports(start_relay):
    """This very process holds port 25."""
    start_relay("--listen", "127.0.0.1:2525")           # in place of one that may still hold it
    with socket.create_server(("127.0.0.1", 25)), socket.create_server(("::1", 25), family=socket.AF_INET6):
        yield


def test_a_taken_port_is_told_with_the_name_and_process_id_of_its_holder(start_relay, request):
    """1; under Wine the holder is no Windows process, and its name cannot be known."""
    with taken_ports(start_relay):
        relay = start_relay(ready=False)
        line = relay.wait_log(r"(?i)127\.0\.0\.1.*taken", timeout_s=30)
        if request.config.getoption("engine") == "native":
            assert str(os.getpid()) in line, line
            with open("/proc/self/comm") as f:
                assert f.read().strip() in line, line
    relay.spoiled = True


@pytest.mark.native        # the signal stands for the menu's Reset; Windows has the menu
def test_a_port_that_is_free_again_is_taken_at_reset(start_relay):
    """1: tried again at Start/Reset."""
    with taken_ports(start_relay):
        relay = start_relay(ready=False)
        wait_until("both addresses are told", lambda: len(relay.lines("! .*taken")) == 2)
        wait_until("the light is red", lambda: relay.light() == "red")
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_ready()
    wait_until("the light is green", lambda: relay.light() == "green")


@pytest.mark.native
def test_the_light_is_green_until_something_fails_and_again_after_reset(start_relay, mx, mark):
    """2: green: no trouble since the last reset; blinking until Reset."""
    mx("alpha", rcpt={"no@alpha.test": "550 5.1.1 no"})
    relay = start_relay()
    wait_until("the light is green", lambda: relay.light() == "green")
    with Raw() as c:
        assert c.mail("yes@alpha.test", message(mark)).code == 250
        assert relay.light() == "green"
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<no@alpha.test>", 550)
    wait_until("the light blinks", lambda: relay.light() == "blinking")
    relay.process.send_signal(signal.SIGHUP)
    wait_until("the light is green", lambda: relay.light() == "green")


# --- who may connect -----------------------------------------------------------------------------------------------
@contextlib.contextmanager
def stranger(internet, to, source):
    with internet.inside(internet.net):
        c = Raw(to, greet=False, source=source)
    with c:
        yield c


@pytest.mark.parametrize("to, source", [(HOME4, GATE4), (HOME6, GATE6), (HOME4, nameserver.POSTFIX[0])])
def test_a_stranger_is_refused_and_told_in_the_log_with_its_address(start_relay, internet, to, source):
    """6: peers that are not this machine: 554 5.7.1, a red line with the address."""
    relay = start_relay("--listen", f"[{to}]:25" if ":" in to else f"{to}:25")
    with stranger(internet, to, source) as c:
        reply = c.reply()
        assert (reply.code, reply.status) == (554, "5.7.1"), reply
        c.send("EHLO x\r\nMAIL FROM:<a@b.test>\r\n")
        with pytest.raises(Closed):
            while c.reply().code // 100 == 5:
                pass
    relay.wait_log("! .*" + re.escape(source))
    relay.wait_log("= blinking")


def test_a_stranger_may_say_quit(start_relay, internet):
    """6, RFC 5321 section 3.1: 503 to all but QUIT, which is waited for."""
    start_relay("--listen", f"{HOME4}:25")
    with stranger(internet, HOME4, GATE4) as c:
        c.expect(554)
        c.command("EHLO x", 503)
        c.command("QUIT", 221)
        assert c.closed()


def test_a_stranger_that_talks_on_gets_no_more_time(start_relay, internet):
    """It holds a descriptor, and there may be many of its kind: 2 s from the greeting on, whatever it says."""
    start_relay("--listen", f"{HOME4}:25")
    with stranger(internet, HOME4, GATE4) as c:
        c.expect(554)
        with pytest.raises(Closed):
            for _ in range(20):
                c.command("NOOP", 503)
                select.select([c.socket], [], [], 0.5)      # the end would be something to read


@pytest.mark.parametrize("allow, to, source, ok", [
    ("192.0.2.1/32", HOME4, GATE4, True),
    ("192.0.2.0/24", HOME4, GATE4, True),
    ("192.0.2.1", HOME4, GATE4, True),
    ("0.0.0.0/0", HOME4, GATE4, True),
    ("192.0.2.2/31", HOME4, GATE4, False),
    ("192.0.0.0/23", HOME4, GATE4, False),
    ("10.0.0.0/8", HOME4, GATE4, False),
    ("2001:db8:2::/64", HOME6, GATE6, True),
    ("2001:db8:2::1", HOME6, GATE6, True),
    ("2001:db8:3::/64", HOME6, GATE6, False),
    ("::/0", HOME4, GATE4, False),
])
def test_the_option_allow_lets_a_machine_in_and_no_other(start_relay, internet, mx, mark, allow, to, source, ok):
    """7"""
    alpha = mx("alpha")
    start_relay("--listen", f"[{to}]:25" if ":" in to else f"{to}:25", "--allow", allow)
    with stranger(internet, to, source) as c:
        if ok:
            c.expect(220)
            assert c.mail("anna@alpha.test", message(mark)).code == 250
        else:
            c.expect(554)
    assert len(alpha.accepted) == ok


def test_several_networks_can_be_allowed(start_relay, internet):
    start_relay("--listen", f"{HOME4}:25", "--allow", "10.0.0.0/8", "--allow", "192.0.2.1/32")
    with stranger(internet, HOME4, GATE4) as c:
        c.expect(220)
    with stranger(internet, HOME4, nameserver.POSTFIX[0]) as c:
        c.expect(554)


def test_this_machine_may_connect_by_its_lan_address(start_relay):
    """6: peers that are not this machine; this one is."""
    start_relay("--listen", f"{HOME4}:25", "--listen", f"[{HOME6}]:25")
    Raw(HOME4).close()
    Raw(HOME6).close()


@pytest.mark.parametrize("to", [HOME4, HOME6])
def test_this_machines_lan_address_does_not_get_into_its_own_mail(start_relay, mx, mark, to):
    """6: never the LAN name or address of this machine."""
    alpha = mx("alpha")
    start_relay("--listen", f"[{to}]:25" if ":" in to else f"{to}:25")
    with Raw(to) as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    head = alpha.wait_mail().text.split(b"\r\nFrom:")[0].decode()
    assert head.startswith("Received: from localhost\r\n") and to not in head, head


def test_an_allowed_machines_name_and_address_do_not_get_into_the_mail(start_relay, internet, mx, mark):
    """6: never the LAN name or address of this machine."""
    alpha = mx("alpha")
    start_relay("--listen", f"{HOME4}:25", "--allow", "192.0.2.0/24")
    with stranger(internet, HOME4, GATE4) as c:
        c.expect(220)
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    head = alpha.wait_mail().text.split(b"\r\nFrom:")[0].decode()
    assert HOME4 not in head and not re.search(rf"\b{re.escape(socket.gethostname())}\b", head), head


def test_another_port_can_be_listened_on(start_relay, mx, mark):
    """7"""
    alpha = mx("alpha")
    start_relay("--listen", "127.0.0.1:2525")
    with Raw(port=2525) as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    assert len(alpha.accepted) == 1
    with pytest.raises(ConnectionRefusedError):
        Raw()


# --- options -------------------------------------------------------------------------------------------------------
@pytest.fixture
def call(slot):
    """Runs the program with options until it ends by itself: (exit code, what it printed)."""
    slot.empty()

    def run(*options):
        engine = slot.engine
        command = [*engine.lab.inside_of(engine.lab.home), *map(str, engine.command()[:-1]), *options]
        done = subprocess.run(command, env=engine.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=30, cwd="/")
        return done.returncode, done.stdout.decode(), done.stderr.decode().replace("\r\n", "\n")
    return run


@pytest.mark.parametrize("options", [
    ["--nonsense"], ["-x"], ["nonsense"], ["--listen"], ["--listen", "nowhere"], ["--listen", "127.0.0.1:0"],
    ["--listen", "127.0.0.1:70000"], ["--listen", "127.0.0.1:x"], ["--listen", "256.0.0.1:25"], ["--dns", "name.server.test"],
    ["--dns", ""], ["--mx-port", "0"], ["--mx-port", "65536"], ["--mx-port", "x"], ["--allow", "10.0.0.0/33"], ["--allow", "10.0.0/8"],
    ["--allow", "::/129"], ["--allow", "everyone"], ["--max-size", "big"], ["--max-size", "-1"], ["--max-sessions", "0"],
    ["--max-sessions", "-5"], ["--patience", "-1"], ["--patience", "0"], ["--patience", "1e9"], ["--lang", "xx"], ["--hostname", ""],
    ["--hostname", "bad name\r\nX"], ["--hostname"],
], ids=" ".join)
def test_a_wrong_option_is_exit_code_2_and_one_clear_line(call, options):
    """7"""
    code, _, errors = call("--headless", *options)
    assert code == 2
    assert errors.count("\n") == 1 and errors.endswith("\n"), errors
    assert len(options) < 2 or options[0] in errors, errors


@pytest.mark.native        # on Windows there is a tray to ask: tests/tray/test_life.py
def test_exit_by_option_is_for_windows(call):
    """7: a wrong option: exit code 2 and one clear line"""
    code, out, errors = call("--exit")
    assert code == 2 and not out and errors.count("\n") == 1 and "--exit is for Windows" in errors, errors


@pytest.mark.parametrize("option, expected", [("--help", "--patience"), ("--version", r"\d+\.\d+")])
def test_help_and_version_are_printed(call, option, expected):
    """7"""
    code, out, errors = call("--headless", option)
    assert code == 0 and re.search(expected, out) and not errors


def test_help_names_every_option(call):
    """7"""
    out = call("--headless", "--help")[1]
    for option in ("listen", "hostname", "dns", "mx-port", "allow", "max-size", "max-sessions", "patience", "lang", "headless",
                   "exit", "help", "version"):
        assert f"--{option}" in out


@pytest.mark.parametrize("lang, word", [("cs", "\u010dek\u00e1|naslouch|po\u0161t|spu\u0161t"), ("pl", "czeka|poczt|uruchom|nas\u0142uch")])
def test_the_log_speaks_czech_and_polish(start_relay, lang, word):
    """4, 7"""
    relay = start_relay("--lang", lang)
    relay.wait_log(f"(?i){word}")


def test_replies_are_english_in_every_language(start_relay, mx):
    """4: SMTP replies are always English (Raw checks that they are ASCII)."""
    start_relay("--lang", "cs")
    with Raw() as c:
        c.command("EHLO client", 250)
        assert c.command("RCPT TO:<a@b.test>").code == 503
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert c.command("RCPT TO:<anna@nosuch.test>").code == 550
        assert c.command("RCPT TO:<anna@alpha.test>").code // 100 == 4


def test_mx_port_is_for_tests_and_lets_loopback_be_an_mx(start_relay, mark):
    """7: MXs are reached on this port, and may then be loopback addresses."""
    got = []
    with socket.create_server(("127.0.0.1", 2626)) as server:
        start_relay("--mx-port", "2626")
        with Raw() as c:
            c.command("EHLO client", 250)
            c.command("MAIL FROM:<sender@home.test>", 250)
            c.send("RCPT TO:<anna@loop4.test>\r\n")
            server.settimeout(10)
            mx, _ = server.accept()
            with mx, mx.makefile("rwb") as talk:
                talk.write(b"220 hi\r\n")
                talk.flush()
                for reply in ("250 hi", "250 ok", "550 5.1.1 not here"):
                    got.append(talk.readline().split()[0])
                    talk.write(reply.encode() + b"\r\n")
                    talk.flush()
                assert "not here" in c.expect(550).text
    assert got == [b"EHLO", b"MAIL", b"RCPT"]


# --- nothing on disk ---------------------------------------------------------------------------------------------
class Traced(under_test.Native):
    """The native program from its first system call on; -D: the process is the program's own, strace is the guest."""

    def command(self):
        self.trace = self.lab.folder / "files"
        calls = "openat,open,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,truncate,memfd_create"
        return ["strace", "-D", "-f", "-q", "-e", f"trace={calls}", "-o", self.trace, *super().command()]


@pytest.mark.native
def test_from_start_to_end_no_file_is_opened_for_writing(slot, mx, mark):
    """1, 5.2: neither a mail nor its envelope, not even for a moment; not a refused one, nor one for a report."""
    mx("alpha")
    mx("bravo", dot="554 5.7.1 no")
    mx("charlie")
    slot.empty()
    engine = Traced(slot.engine.lab, under_test.without_sanitizers(slot.engine.binary))
    relay = slot.current = under_test.Relay(engine).wait_ready()
    relay.spoiled = True
    with Raw() as c:
        c.begin("anna@alpha.test", sender="me@charlie.test")
        c.command("RCPT TO:<bara@bravo.test>", 250)
        assert c.data(message(mark) + b"line\r\n" * 100_000).code == 250
    relay.wait_log("me@charlie.test: delivered")
    slot.empty()
    opened = [line for line in engine.trace.read_text().splitlines() if " = -1 " not in line]
    assert any('"/etc/resolv.conf"' in line for line in opened), "strace saw nothing"
    written = [line for line in opened if not re.search(r"\b(openat|open)\(.*O_RDONLY", line)
               and not re.search(r'"/dev/(null|urandom|random|tty)"', line) and "(" in line]
    assert not written, "\n".join(written)
