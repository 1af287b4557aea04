# SPDX-License-Identifier: MIT
"""Mail servers of the home machine that have Traypost for their relay host, as a small office has one. Programs give them mail by
`sendmail`; they keep it, hand it to 127.0.0.1:25, try again, and tell the sender by mail when they give up. None waits on a port.

    queue.submit("anna@postfix.test", ["emil@exim.test"], content)
    queue.settle()                          # all of it has been tried; what was not taken waits
    queue.try_again()                       # now, not in a quarter of an hour; ends when all that waited has been tried
    queue.waiting()                         # the names of the mails that it still has
    queue.became_of("emil@exim.test")       # what its log says of each try: [("deferred", "said: 451 ..."), ("sent", "250 ...")]
"""
import re
import shutil
import subprocess

import exim
import namespaces
import postfix

HOST = "home.test"                      # what they call themselves


class Queue:
    def command(self, *words, given=b"", check=True):
        """A program of theirs, called by the machine's root."""
        done = subprocess.run([*self.lab.inside_of(self.lab.home), *map(str, words)], input=given, env=self.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
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


class Postfix(Queue, postfix.Instance):
    """It has the machine's address in the LAN. With 127.0.0.1 among its interfaces it would take Traypost for itself ("loops back to
    myself"); and with one interface it would connect from there, to where it is not the address that it comes from."""
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
smtp_bind_address = 127.0.0.1
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


class Exim(Queue, exim.Instance):
    name = "exim"
    words = {"=>": "sent", "->": "sent", "==": "deferred", "**": "bounced"}

    def __init__(self, lab):
        super().__init__(lab, lab.home, lab.packages / "root", lab.folder / "exim-at-home")
        self.at_work = []

    def environment(self):
        return None

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
        work = subprocess.Popen([*self.lab.inside_of(self.lab.home), self.program, "-C", self.conf, "-odf", "-i", *options, "-f", sender,
                                 "--", *recipients], stdin=subprocess.PIPE, stdout=open(self.folder / "out", "ab"), stderr=subprocess.STDOUT)
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


EVERY = {cls.name: cls for cls in (Postfix, Exim)}


class Queues:
    """Those that a test has asked for so far."""

    def __init__(self, lab):
        self.lab, self.running = lab, {}

    def __getitem__(self, name):
        if name not in self.running:
            self.running[name] = EVERY[name](self.lab).start()
        return self.running[name]
