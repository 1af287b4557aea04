# SPDX-License-Identifier: MIT
"""Mail servers of the home machine that have Traypost for their relay host, as a small office has one, and two small ones that can do
nothing else. Programs give them mail by `sendmail`; they keep it, hand it to 127.0.0.1:25, try again, and tell the sender by mail when
they give up. None waits on a port.

    queue.submit("anna@postfix.test", ["emil@exim.test"], content)
    queue.settle()                          # all of it has been tried; what was not taken waits
    queue.try_again()                       # now, not in a quarter of an hour; ends when all that waited has been tried
    queue.waiting()                         # the names of the mails that it still has
    queue.became_of("emil@exim.test")       # what its log says of each try: [("deferred", "said: 451 ..."), ("sent", "250 ...")]
"""
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import exim
import namespaces
import postfix
import roots

HOST = "home.test"                      # what they call themselves
MAIL = 8                                # the user and group of that name, on every Debian system


class Queue:
    def inside(self, *words):
        return [*self.lab.inside_of(self.lab.home), *map(str, words)]

    def environment(self):
        return None

    def command(self, *words, given=b"", check=True):
        """A program of theirs, called by the machine's root."""
        done = subprocess.run(self.inside(*words), input=given, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=60)
        assert not check or done.returncode == 0, f"{words}: {done.stdout}\n{self.log()[-5000:]}"
        return done.stdout

    def wait_empty(self):
        """Nothing is left that it could send another time."""
        self.settle()
        try:
            namespaces.wait_until("", lambda: not self.waiting(), 10)
        except TimeoutError:
            raise TimeoutError(f"{self.name} still has {self.waiting()}\n{self.log()[-5000:]}") from None

    def became_of(self, address):
        return [(word, " ".join(told.split())) for word, told in self.tries(re.escape(address))]


class Postfix(postfix.Instance, Queue):
    """It has the machine's address in the LAN, and connects to Traypost from there. With 127.0.0.1 among its interfaces it would take
    Traypost for itself ("loops back to myself")."""
    name = "postfix"

    def __init__(self, lab):
        super().__init__(lab, lab.home, lab.packages / "postfix", lab.folder / "postfix-at-home")

    def start(self):
        self.lay_out()
        for name in ("postdrop", "postqueue", "postsuper", "sendmail"):
            shutil.copy(self.packages / "usr/sbin" / name, self.programs)
        self.configure(f"""
myhostname = {HOST}
inet_interfaces = {namespaces.HOME4}
relayhost = [127.0.0.1]
initial_destination_concurrency = 20
""", ["smtp unix - - n - - smtp"])
        self.launch()
        namespaces.wait_until(f"Postfix runs\n{self.told()}", lambda: (self.queue / "public/qmgr").exists(), 20)
        return self

    def submit(self, sender, recipients, content, *options):
        self.command(self.programs / "sendmail", "-i", *options, "-f", sender, "--", *recipients, given=content.replace(b"\r\n", b"\n"))

    def _names(self, *folders):
        """Mails move from folder to folder in this order: who looks in the same order misses none."""
        return [f.name for folder in folders for f in (self.queue / folder).glob("**/*") if f.is_file()]

    def settle(self):
        try:
            namespaces.wait_until("", lambda: not self._names("maildrop", "incoming", "active"), 30)
        except TimeoutError:
            raise TimeoutError(f"Postfix is still at it\n{self.log()[-5000:]}") from None

    def waiting(self):
        return self._names("maildrop", "incoming", "active", "deferred")

    def try_again(self):
        waiting, since = self.waiting(), len(self.log())
        self.command(self.programs / "postqueue", "-f")
        for name in waiting:
            namespaces.wait_until(f"Postfix tries {name} again", lambda: re.search(rf" {name}: to=<", self.log()[since:]), 30)
        self.settle()

    def tries(self, address):
        return re.findall(rf": to=<{address}>,.* status=(\w+) \((.*)\)$", self.log(), re.MULTILINE)

    def clear(self):
        self.command(self.programs / "postsuper", "-d", "ALL", check=False)


class Exim(exim.Instance, Queue):
    name = "exim"
    words = {"=>": "sent", "->": "sent", "==": "deferred", "**": "bounced"}

    def __init__(self, lab):
        super().__init__(lab, lab.home, lab.packages / "root", lab.folder / "exim-at-home")
        self.at_work = []

    def start(self):
        self.lay_out()
        self.configure(f"""
primary_hostname = {HOST}
smtputf8_advertise_hosts = *

begin routers
smarthost:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = to_smarthost

begin transports
to_smarthost:
  driver = smtp
  multi_domain

begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h
""")
        return self

    def submit(self, sender, recipients, content, *options):
        """Each mail is delivered by the process that takes it in; it is not waited for here."""
        work = subprocess.Popen(self.inside(self.program, "-C", self.conf, "-odf", "-i", *options, "-f", sender, "--", *recipients),
                                stdin=subprocess.PIPE, stdout=open(self.folder / "out", "ab"), stderr=subprocess.STDOUT)
        work.stdin.write(content.replace(b"\r\n", b"\n"))
        work.stdin.close()
        self.at_work.append(work)

    def settle(self):
        while self.at_work:
            code = self.at_work.pop().wait(60)
            assert code == 0, f"{(self.folder / 'out').read_text()}\n{self.log()[-5000:]}"

    def waiting(self):
        return [f.name for f in (self.folder / "spool/input").glob("**/*-H")]

    def try_again(self):
        self.settle()
        self.command(self.program, "-C", self.conf, "-qf")

    def tries(self, address):
        return [(self.words[sign], told) for sign, told in re.findall(rf"(=>|->|==|\*\*) {address} (.*)$", self.log(), re.MULTILINE)]

    def clear(self):
        for name in self.waiting():
            self.command(self.program, "-C", self.conf, "-Mrm", name.removesuffix("-H"), check=False)


class Small(Queue):
    """Each in a root of its own, for it knows its places by heart."""

    def __init__(self, lab):
        self.lab, self.name, self.since = lab, type(self).__name__.lower(), 0
        self.root = roots.Root(lab, lab.home, lab.packages / self.name, lab.folder / f"{self.name}-at-home")
        self.spool = self.root.folder / "var/spool" / self.name

    def inside(self, *words):
        return super().inside(*self.root.command(*words))

    def log(self):
        return self.root.log()

    def _wait(self, what, is_so):
        try:
            namespaces.wait_until("", is_so, 30)
        except TimeoutError:
            raise TimeoutError(f"{self.name} was {what}\n{self.log()[-5000:]}") from None

    def clear(self):
        for name in self.waiting():
            name.unlink()


class Nullmailer(Small):
    """It sends one mail after the other, and what is left at once again; of a mail that is refused to one recipient the others get nothing."""

    def start(self):
        self.root.write("/etc/mailname", HOST + "\n")
        self.root.write("/etc/nullmailer/remotes", "127.0.0.1\n")
        for name in ("", "queue", "failed", "tmp"):
            self.root.make_folder(f"/var/spool/nullmailer/{name}", 0o755, MAIL, MAIL)
        os.mkfifo(self.spool / "trigger")
        os.chown(self.spool / "trigger", MAIL, MAIL)
        self.root.start("setpriv", f"--reuid={MAIL}", f"--regid={MAIL}", "--clear-groups", "/usr/sbin/nullmailer-send")
        self._wait("to start", lambda: "Rescanning queue" in self.log())
        return self

    def submit(self, sender, recipients, content):
        self.since = len(self.log())
        self.command("/usr/sbin/sendmail", "-i", "-f", sender, "--", *recipients, given=content.replace(b"\r\n", b"\n"))

    def settle(self):
        self._wait("to have tried", lambda: not self.waiting() or "Delivery complete" in self.log()[self.since:])

    def waiting(self):
        return list((self.spool / "queue").iterdir())

    def try_again(self):
        """As its manual says."""
        self.since = len(self.log())
        self.command("sh", "-c", "echo 1 >/var/spool/nullmailer/trigger")
        self.settle()


class Dma(Small):
    """A process for each recipient. Who has to wait sleeps until SIGHUP, and tries again when `dma -q1` has been called in the meantime.
    When a connection breaks that it is writing to, it dies of SIGPIPE; then `dma -q1` takes its place."""

    def start(self):
        self.root.write("/etc/dma/dma.conf", f"SMARTHOST 127.0.0.1\nMAILNAME {HOST}\nNULLCLIENT\n")
        self.root.make_folder("/var/spool/dma", 0o2770, 0, MAIL)
        self.work = None
        return self

    def _begin(self, *options):
        self.work = subprocess.Popen(self.inside("/usr/sbin/dma", "-D", *options), stdin=subprocess.PIPE, start_new_session=True)

    def submit(self, sender, recipients, content):
        self._begin("-i", "-f", sender, *recipients)
        self.work.stdin.write(content.replace(b"\r\n", b"\n"))
        self.work.stdin.close()

    def settle(self):
        """It has ended, or sleeps."""
        sleep = Path(f"/proc/{self.work.pid}/wchan")
        self._wait("to try", lambda: self.work.poll() is not None or sleep.read_text() == "hrtimer_nanosleep")

    def waiting(self):
        return list(self.spool.glob("Q*"))

    def try_again(self):
        self.settle()
        if self.work.returncode is None:
            self.since = len(self.log())
            self.command("/usr/sbin/dma", "-q1")
            os.killpg(self.work.pid, signal.SIGHUP)
            self._wait("to wake up", lambda: "trying delivery" in self.log()[self.since:])
        else:
            self._begin("-q1")
        self.settle()

    def clear(self):
        super().clear()
        if self.work:
            self.work.kill()


EVERY = {cls.__name__.lower(): cls for cls in (Postfix, Exim, Nullmailer, Dma)}
SMALL = ("nullmailer", "dma")


class Queues:
    """Those that a test has asked for so far."""

    def __init__(self, lab):
        self.lab, self.running = lab, {}

    def __getitem__(self, name):
        if name not in self.running:
            self.running[name] = EVERY[name](self.lab).start()
        return self.running[name]
