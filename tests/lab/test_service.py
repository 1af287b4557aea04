# SPDX-License-Identifier: MIT
"""res/linux/traypost.service: what the unit forbids the program never does, and what it needs is not forbidden."""
import json
import re
import signal
import subprocess

import clients
import confined
import pytest
from clients import Raw, message
from policed import rules

pytestmark = pytest.mark.native


@pytest.fixture
def confined_relay(slot):
    slot.empty()
    r = slot.current = confined.relay.Relay(confined.Confined(slot.engine.lab, slot.engine.binary)).wait_ready()
    r.spoiled = True
    yield r
    print(r.log())
    slot.empty()


def test_the_service_does_all_its_work_inside_its_cage(confined_relay, internet, mx, policed, mark):
    """Any other system call, address family or writable code kills it: TLS to Postfix, a certificate that is verified, clear text to a server that leaves half-way,
    a refusal, a server that is not there, Reset, and the end."""
    r = confined_relay
    alpha = mx("alpha", rcpt={"nobody@alpha.test": "550 5.1.1 no such user"})
    assert clients.send("smtplib", "sender@home.test", "anna@labca.test", message(mark)).ok
    internet.postfix.mail.wait("anna", mark)
    assert re.search(r"TLSv1\.[23] ", r.wait_log("anna@labca.test: "))
    domain = policed("mx.proven.test", rules("enforce", "mx.proven.test")).name
    assert clients.send("smtplib", "sender@home.test", f"anna@{domain}", message(mark)).ok
    assert " verified," in r.wait_log(f"anna@{domain}: ")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark)).code == 250
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        assert c.command("RCPT TO:<nobody@alpha.test>").code == 550
        assert c.command("RCPT TO:<bara@bravo.test>").code // 100 == 4, "nobody listens there"
        assert c.command("RCPT TO:<x@no-such-domain.test>").code == 550
    assert len(alpha.mails) == 1
    since = r.mark()
    r.process.send_signal(signal.SIGHUP)
    r.wait_log("= green", since)
    assert r.stop() == 0, "it ended as it was told to, not by a forbidden call"


def test_the_cage_is_closed(confined_relay):
    """The same filter in the kernel's words, and nothing of root's but one capability."""
    told = dict(re.findall(r"^(\w+):\s+(.*)$", open(f"/proc/{confined_relay.pid}/status").read(), re.MULTILINE))
    net_bind_service = f"{1 << 10:016x}"
    assert told["Seccomp"] == "2" and told["NoNewPrivs"] == "1"
    assert told["CapPrm"] == told["CapEff"] == told["CapBnd"] == net_bind_service
    assert told["Uid"].split() == [confined.USER] * 4


@pytest.mark.parametrize("code, ends", [
    ("socket.socket(socket.AF_INET6).close()", 0),
    ("os.mkdir('/tmp/never')", -signal.SIGSYS),
    ("os.unlink('/tmp/never')", -signal.SIGSYS),
    ("os.kill(1, 0)", -signal.SIGSYS),
    ("socket.socket(socket.AF_UNIX)", -signal.SIGSYS),
    ("ctypes.CDLL(None).ptrace(0, 0, 0, 0)", -signal.SIGSYS),
    ("mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)", -signal.SIGSYS),
])
def test_a_program_in_the_cage_that_does_something_else_dies(code, ends):
    """Without this the test above would hold for a filter that lets everything through."""
    given = ["/usr/bin/python3", "-c", confined.INSIDE, json.dumps(confined.cage()), code]
    assert subprocess.run(given, stdin=subprocess.DEVNULL, timeout=30).returncode == ends


def test_systemd_understands_the_unit(internet):
    unit = internet.folder / "traypost.service"
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", confined.UNIT.read_text()))
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert said.returncode == 0 and "traypost.service" not in said.stderr, said.stderr
