# SPDX-License-Identifier: MIT
"""One cell of the crash matrix: a client and one or two MXs of its own, brought to a place; what happens to them; the second
try of an honest client; and the count of copies in the end."""
import socket
import time

import mx as scripted
import nameserver
from namespaces import wait_until
from sender import LARGE, SMALL, Sender

RETRY_S = 0.25              # an honest client's pause between two tries
REPORTS = "cell99"          # the senders' MX


class Cell:
    """timeout_s: for one answer, and for all tries together."""

    def __init__(self, lab, farm, reports, place, number, mark, tls, timeout_s):
        self.lab, self.reports, self.place, self.mark, self.timeout_s = lab, reports, place, mark, timeout_s
        self.names = [f"cell{2 * number:02}"] + [f"cell{2 * number + 1:02}"] * (place.other is not None)
        self.recipients = [f"{mark}@{name}.test" for name in self.names]
        self.holds, self.hosts = [], []
        extensions = scripted.EXTENSIONS + ("CHUNKING",) * place.chunking
        for name, hold in zip(self.names, (place.hold, place.other)):
            words = {"extensions": extensions, "tls": tls} if place.tls else {"extensions": extensions}
            self.hosts.append(farm.open(name, **self._hold(hold), **words))
        self.client = self._sender()
        self.tries, self.failure, self.at_250, self.rule = [self.client], None, None, ""

    def _hold(self, step):
        if not step:
            return {}
        self.holds.append(stall := scripted.Stall())
        return {step: scripted.After(500, stall) if step == "content" else [stall, None]}

    def _sender(self):
        return Sender(self.mark, self.recipients, f"{self.mark}@{REPORTS}.test", self.timeout_s,
                      LARGE if self.place.large else SMALL, self.place.bdat)

    # --- to the place -------------------------------------------------------------------------------------------
    def enter(self):
        place = self.place
        self.client.go_to(place.stop, patient=not place.large)
        self._note_250(self.client)
        for host, hold in zip(self.hosts, (place.hold, place.other)):
            if hold:
                host.wait_event("middle of content" if hold == "content" else "stall", 15)
        assert bool(self.client.unsent) == place.large, "the client is not held back"
        if place.name_asked:
            wait_until("the name is asked for", self.lab.dns.question_waits)
        elif place.stop in ("content", "half-dot", "chunk") and not place.hold:
            least = {"half-dot": SMALL - 2000}.get(place.stop, SMALL // 2 - 2000)
            self.hosts[0].wait("content", lambda: len(self.hosts[0].sessions[0].received) > least)
        elif place.name == "dot-unread":
            wait_until("the dot in the socket", lambda: self.hosts[0].sessions[0].arrived().endswith(scripted.END))
        elif place.name == "one-250":
            self.hosts[0].wait_mail()
        elif place.name == "one-354":
            self.hosts[0].wait_command("DATA")
        elif place.unread:
            self.client.raw.socket.recv(1, socket.MSG_PEEK)
        elif place.lost:
            self.lose_path()
            self.holds[0].go()
            self.hosts[0].wait_mail()

    # --- the path from the MX: what it says goes nowhere ------------------------------------------------------------
    def lose_path(self):
        self.rule = f"from {nameserver.CELLS[self.names[0]][0]} pref 100 blackhole"
        self.lab.ip(self.lab.net, "rule add " + self.rule)

    def find_path(self):
        if self.rule:
            self.lab.ip(self.lab.net, "rule del " + self.rule)
        self.rule = ""

    # --- what happens -------------------------------------------------------------------------------------------
    def release(self):
        """The MX goes on with what it held back."""
        for stall in self.holds:
            stall.go()
        self.find_path()

    def break_mx(self, reset):
        """The MX that the relay waits for; of two the second."""
        self.hosts[-1].vanish(reset)

    def mend_mx(self):
        self.hosts[-1].back()

    def go_on(self):
        self.client.finish()
        self._note_250(self.client)

    def _note_250(self, sender):
        """What each recipient has at the moment of it."""
        if sender.outcome == "250" and self.at_250 is None:
            self.at_250 = self.copies()

    def retry(self):
        """As long as there is no 250. A refusal for good would be wrong: every MX here takes the mail."""
        deadline = time.monotonic() + self.timeout_s
        while self.tries[-1].outcome not in ("250", "5xx") and time.monotonic() < deadline:
            self.tries[-1].close()
            if len(self.tries) > 1:
                time.sleep(RETRY_S)
            self.tries.append(self._sender())
            self.tries[-1].finish()
            self._note_250(self.tries[-1])
        self.tries[-1].close()

    def comes_again(self):
        """Has the second try reached every MX?"""
        for host in self.hosts:
            host.wait_command("RCPT", 2)

    # --- what came of it ----------------------------------------------------------------------------------------
    def copies(self):
        """At each MX, for its recipient."""
        return [len([m for m in host.mails if self.mark.encode() in m.content and m.reply[:1] not in ("4", "5")
                     for r in m.recipients if r == recipient]) for host, recipient in zip(self.hosts, self.recipients)]

    def result(self):
        """As in matrix.py."""
        copies, last = self.copies(), self.tries[-1]
        words = [self.client.outcome, str(copies[0]) if len(set(copies)) == 1 else "+".join(map(str, copies))]
        if last.reply and "already delivered" in last.reply.text:
            words.append("guard")
        words += ["report" for m in self.reports.accepted if f"{self.mark}@{REPORTS}.test" in m.recipients]
        return " ".join(words)

    def transcript(self):
        return "\n".join([f"--- try {n}: {t.outcome}\n{t.transcript()}" for n, t in enumerate(self.tries, 1)] + [
            h.transcript() for h in self.hosts])
