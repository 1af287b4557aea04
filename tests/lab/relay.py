# SPDX-License-Identifier: MIT
"""The relay under test, in the home namespace: the native program, or the Windows program under Wine.

One Slot holds at most one running relay, because there is one port 25. Tests that change nothing share it; a test that
needs other options, or breaks it, gets its own. The log is what the program writes on stderr (PRODUCT section 7): the time,
a sign (- start, + information, ! error, in the window black, green and red; = the light), and the text.
"""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import namespaces

ROOT = Path(__file__).resolve().parents[2]
TROUBLE = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion .* failed|Unhandled exception|uv_assert")


def listening(port):
    """Local addresses with a listener, as /proc of the calling thread's namespace tells: nobody has to connect for it."""
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path("/proc/thread-self/net", table).read_text().splitlines()[1:]:
            local, state = row.split()[1], row.split()[3]
            address, p = local.rsplit(":", 1)
            if state == "0A" and int(p, 16) == port:
                found.add(address)
    return found


def without_sanitizers(binary):
    """The program itself, or its release build: for measuring what the sanitizers would change."""
    if b"__asan_init" in Path(binary).read_bytes():
        binary = ROOT / "build/release/traypost"
        assert binary.exists(), "build/release/traypost is needed: the sanitizers would be measured"
    return binary


class Native:
    """How the Linux program is started."""
    name = "native"

    def __init__(self, lab, binary):
        self.lab, self.binary = lab, binary

    def command(self):
        return [self.binary, "--headless"]

    def environment(self):
        return {**os.environ, "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}

    def stop(self):
        pass


class Wine:
    """How the Windows program is started: a prefix of its own, and a wineserver born inside the home namespace,
    because the sockets of a Windows program belong to the namespace its wineserver was started in."""
    name = "wine"

    def __init__(self, lab, binary):
        self.lab, self.binary = lab, binary
        self.prefix = lab.folder / "wine"
        subprocess.run([ROOT / "tests/wine", "--new-prefix", self.prefix], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
        out = open(lab.folder / "wineserver.log", "w")
        self.server = lab.start(lab.home, [server, "-f", "-p"], env=self.environment(), stdout=out, stderr=out)
        # The first program starts services that would inherit a pipe of ours and keep it open: let it be one without.
        subprocess.run([*lab.inside_of(lab.home), "wine", "cmd", "/c", "exit"], env=self.environment(), check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)

    def command(self):
        return ["wine", self.binary, "--headless"]

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
        return {**kept, "WINEPREFIX": str(self.prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}

    def stop(self):
        namespaces.stop(self.server)


class Relay:
    def __init__(self, engine, options=(), nofile=None):
        self.engine, self.lab, self.options = engine, engine.lab, list(options)
        self.logfile = self.lab.folder / f"relay{time.monotonic_ns()}.log"
        self.spoiled = False                    # True: the next test gets a new one
        self.started = time.monotonic()
        limited = ["prlimit", f"--nofile={nofile}"] if nofile else []
        with open(self.logfile, "wb") as log:
            self.process = self.lab.start(self.lab.home, limited + engine.command() + self.options, env=engine.environment(),
                                          stdout=log, stderr=log, cwd="/")

    def addresses(self):
        """Where it listens by its options: (address as in /proc, port)."""
        listen = [self.options[i + 1] for i, o in enumerate(self.options) if o == "--listen"] or ["127.0.0.1:25", "[::1]:25"]
        wanted = set()
        for text in listen:
            host, _, port = text.rpartition(":") if re.search(r"(\]|\.\d+):\d+$", text) else (text, "", "25")
            wanted.add((namespaces.hex_address(host.strip("[]")), int(port)))
        return wanted

    def wait_ready(self, timeout_s=30):
        """The ports are open. The program may not have ended."""
        wanted = self.addresses()

        def open_now():
            assert self.alive, f"the relay ended with {self.process.returncode}\n{self.log()}"
            return all(address in listening(port) for address, port in wanted)
        namespaces.wait_until(f"the relay listens\n{self.log()}", open_now, timeout_s)
        return self

    # --- its log ------------------------------------------------------------------------------------------------
    def log(self):
        return self.logfile.read_text("utf-8", "replace")

    def lines(self, pattern=""):
        return [line for line in self.log().splitlines() if re.search(pattern, line)]

    def mark(self):
        """A place in the log; lines after it are new."""
        return len(self.log())

    def wait_log(self, pattern, since=0, timeout_s=10):
        def found():
            return re.search(pattern, self.log()[since:])
        try:
            match = namespaces.wait_until("", found, timeout_s)
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s} s in the relay's log: {pattern}\n{self.log()[since:]}") from None
        line_start = self.log().rfind("\n", 0, since + match.start()) + 1
        return self.log()[line_start:].split("\n", 1)[0]

    def light(self):
        """What the icon would show now: green, blinking or red."""
        said = self.lines(r"^\S+ = ")
        return said[-1].split()[-1] if said else ""

    # --- its process --------------------------------------------------------------------------------------------
    @property
    def pid(self):
        return self.process.pid

    @property
    def alive(self):
        return self.process.poll() is None

    def stopped(self):
        """By SIGSTOP, which takes a moment to reach every thread."""
        return all(f.read_text().rpartition(")")[2].split()[0] == "T" for f in Path(f"/proc/{self.pid}/task").glob("*/stat"))

    def pss_kb(self):
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
        raise RuntimeError("no Pss")

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.process.wait()
        self.wait_closed()

    def wait_closed(self):
        """Wine's server closes the sockets of a program that has ended, a moment later: the next one is not to be taken for ready by
        them. Somebody else may have the port by now."""
        with contextlib.suppress(TimeoutError):
            namespaces.wait_until("its ports are closed", lambda: not any(a in listening(port) for a, port in self.addresses()), 2)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the relay did not end within 15 s of SIGTERM\n{self.log()}") from None
        self.wait_closed()
        return self.process.returncode

    def troubles(self):
        return self.lines(TROUBLE.pattern)


class Slot:
    """At most one relay at a time."""

    def __init__(self, engine):
        self.engine, self.current = engine, None

    def shared(self):
        """A running relay without options; the one of the test before if nothing happened to it."""
        r = self.current
        if r is None or r.options or r.spoiled or not r.alive:
            self.empty()
            self.current = Relay(self.engine).wait_ready()
        return self.current

    def fresh(self, *options, ready=True, nofile=None):
        self.empty()
        self.current = Relay(self.engine, options, nofile)
        self.current.spoiled = True
        return self.current.wait_ready() if ready else self.current

    def empty(self):
        if self.current and self.current.alive:
            self.current.stop()
        if self.current and self.current.troubles():
            trouble, self.current = self.current, None
            raise AssertionError("the relay complained:\n" + trouble.log())
        self.current = None
