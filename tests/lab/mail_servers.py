# SPDX-License-Identifier: MIT
"""Real mail servers besides Postfix and Exim: each is the MX of <name>.test, configured as its own manual says, started when a test
first asks for it. Users: anna and bara; everyone else is refused at RCPT.

REAL is what tests must know of each: `words` is what it says of an unknown recipient, `receipt` what it says of a mail it took.
"""
import contextlib
import shutil
from pathlib import Path

import maildir
import namespaces
import nameserver
import postfix
import roots

USERS = ("anna", "bara")
VMAIL = 64903


class MailServer:
    users, groups = (), ()
    words, receipt = "", r""

    def __init__(self, lab):
        self.lab, self.name = lab, type(self).__name__.lower()
        self.addresses, self.host = nameserver.MAIL_SERVERS[self.name], f"mail.{self.name}.test"
        people = [(user, VMAIL + 10 + i, VMAIL, "/mail/" + user) for i, user in enumerate(USERS)]
        self.root = roots.Root(lab, lab.net, lab.packages / self.name, lab.folder / self.name,
                               [*people, ("vmail", VMAIL, VMAIL, "/var/lib/vmail"), *self.users], [("vmail", VMAIL), *self.groups])
        self.mail = maildir.Maildir(self.root.folder / "mail")
        self.process = None

    def address(self, user="anna"):
        return f"{user}@{self.name}.test"

    def start(self):
        self.configure()
        self.process = self.launch()
        with contextlib.suppress(TimeoutError):
            namespaces.wait_until(f"{self.host} answers", self.ready, 20)
            return self
        raise TimeoutError(f"{self.host} does not answer\n{self.log()}")

    def ready(self):
        assert self.process.poll() is None, self.log()
        return all(postfix.greets(self.lab, a) for a in self.addresses)

    def log(self):
        return self.root.log()


class Opensmtpd(MailServer):
    """Debian 12's offers STARTTLS and then fails with everybody: it keeps its private key where OpenSSL 3 does not find it
    (https://github.com/OpenSMTPD/OpenSMTPD/issues/1171)."""
    no_tls = "missing private key"
    users = (("opensmtpd", 64911, 64911, "/var/lib/opensmtpd/empty"), ("opensmtpq", 64912, 64912, "/var/lib/opensmtpd/empty"))
    groups = (("opensmtpd", 64911), ("opensmtpq", 64912))
    words = "nobody"      # "Mailing list expansion problem: <nobody@...>": what it says of a user that a table does not have
    receipt = r"250 2\.0\.0 .*[0-9a-f]{8} Message accepted for delivery"

    def configure(self):
        self.root.write("/etc/mail.pem", (self.lab.certificates / "rsa.pem").read_text(), 0o600)
        self.root.make_folder("/var/lib/opensmtpd/empty")
        self.root.make_folder("/var/spool/smtpd", 0o711)
        mailboxes = ", ".join(f'"{self.address(user)}" = "vmail"' for user in USERS)
        self.root.write("/etc/smtpd.conf", f"""
pki {self.host} cert "/etc/mail.pem"
pki {self.host} key "/etc/mail.pem"
{"".join(f'listen on {a} hostname {self.host} tls pki {self.host}{chr(10)}' for a in self.addresses)}
table mailboxes {{ {mailboxes} }}
action "mailbox" maildir "/mail/%{{dest.user}}" virtual <mailboxes>
match from any for domain "{self.name}.test" action "mailbox"
""", 0o600)
        self.root.make_folder("/var/lib/vmail", 0o755, VMAIL, VMAIL)
        shutil.chown(self.root.folder / "mail", VMAIL, VMAIL)

    def launch(self):
        return self.root.start("/usr/sbin/smtpd", "-d", "-v")


REAL = {cls.__name__.lower(): cls for cls in (Opensmtpd,)}


class MailServers:
    """Those that a test has asked for so far."""

    def __init__(self, lab):
        self.lab, self.running = lab, {}

    def __getitem__(self, name):
        if name not in self.running:
            self.running[name] = REAL[name](self.lab).start()
        return self.running[name]
