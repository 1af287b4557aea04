# SPDX-License-Identifier: MIT
"""A client that says one mail step by step, and can stop at any of them.

Steps: connect ehlo auth user password mail rcpt [rcpt2] data content rest half-dot dot, or chunk last in place of those
from data on. go_to("rcpt") ends with the reply read, go_to("rcpt?") before it is read; finish() says the rest.
It is honest and simple: whatever is not 2xx or 3xx ends the mail.
"""
import socket

from clients import Closed, Raw, message

SMALL, LARGE = 40_000, 3_000_000
LINE = b"A line of content, no more than that.\r\n"


class Sender:
    def __init__(self, mark, recipients, sender, timeout_s, size=SMALL, bdat=False):
        self.timeout_s = timeout_s
        self.raw, self.awaited, self.unsent, self.outcome, self.reply = None, None, b"", "", None
        head = message(mark, sender, recipients[0], "", f"Message-ID: <{mark}@home.test>\r\nDate: Sun, 29 Nov 2026 12:00:00 +0000\r\n")
        first, second = head + LINE * (size // 2 // len(LINE)), LINE * (size // 2 // len(LINE))
        self.steps = [
            ("connect", b"", 220), ("ehlo", b"EHLO client\r\n", 250), ("auth", b"AUTH LOGIN\r\n", 334), ("user", b"dXNlcg==\r\n", 334),
            ("password", b"cGFzc3dvcmQ=\r\n", 235), ("mail", f"MAIL FROM:<{sender}>\r\n".encode(), 250)]
        for name, to in zip(("rcpt", "rcpt2"), recipients):
            self.steps.append((name, f"RCPT TO:<{to}>\r\n".encode(), 250))
        if bdat:
            self.steps += [("chunk", b"BDAT %d\r\n" % len(first) + first, 250), ("last", b"BDAT %d LAST\r\n" % len(second) + second, 250)]
        else:
            self.steps += [("data", b"DATA\r\n", 354), ("content", first, None), ("rest", second, None), ("half-dot", b".\r", None),
                           ("dot", b"\n", 250)]

    def _say(self, octets, patient=True):
        """Impatient: what the relay does not take within a moment is kept for later."""
        self.raw.socket.settimeout(self.timeout_s if patient else 0.3)
        rest = memoryview(octets)
        try:
            while rest:
                rest = rest[self.raw.socket.send(rest):]
        except TimeoutError:
            if patient:
                raise
        self.unsent = bytes(rest)
        self.raw.socket.settimeout(self.timeout_s)

    def _step(self, read=True, patient=True):
        name, octets, good = self.steps.pop(0)
        if name == "connect":
            self.raw = Raw(greet=False, timeout_s=self.timeout_s)
            self.raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)      # what is held back shows soon
        self._say(octets, patient)
        self.awaited = good
        if read:
            self._read()

    def _read(self):
        if self.awaited is None:
            return
        self.reply = self.raw.reply()
        good, self.awaited = self.awaited, None
        if self.reply.code != good:
            self.outcome = f"{self.reply.code // 100}xx"
        elif not self.steps:
            self.outcome = "250"

    def go_to(self, stop, patient=True):
        name = stop.removesuffix("?")
        while any(step[0] == name for step in self.steps):
            self._step(read=self.steps[0][0] != name or name == stop, patient=patient)
            assert not self.outcome or not self.steps, self.transcript()

    def finish(self):
        """The outcome: 250, 4xx, 5xx, closed, or silent."""
        try:
            self._say(self.unsent) if self.raw else None
            while not self.outcome:
                self._read() if self.awaited else self._step()
        except TimeoutError:
            self.outcome = "silent"
        except (Closed, OSError):
            self.outcome = "closed"
        return self.outcome

    def vanish(self, reset):
        self.outcome = self.outcome or "gone"
        self.raw.vanish() if reset else self.raw.close()

    def close(self):
        if self.raw:
            self.raw.close()

    def transcript(self):
        return self.raw.transcript() if self.raw else "never connected"
