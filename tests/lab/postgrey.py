# SPDX-License-Identifier: MIT
"""Postgrey, the greylisting that many a Postfix has: what comes from an address for a recipient is 450 at RCPT, until
a second has passed. Run from an unpacked Debian package, with the Perl modules it needs unpacked beside it."""
import socket
from pathlib import Path

PORT = 10023                    # at 127.0.0.1, where its only user, Postfix, asks
DELAY_S = 1


class Postgrey:
    host = "postgrey"

    def __init__(self, lab, packages, folder):
        self.lab, self.packages, self.folder = lab, Path(packages), Path(folder)
        self.process = None

    def start(self):
        database = self.folder / "database"
        database.mkdir(parents=True)
        nobody = self.folder / "nobody"         # is on no white list, also not after many mails
        nobody.write_text("")
        modules = [self.packages / "usr/share/perl5", *(self.packages / "usr/lib").glob("*/perl5/*/")]
        out = open(self.folder / "log", "w")
        self.process = self.lab.start(self.lab.net, [
            "perl", "-T", *(f"-I{m}" for m in modules), self.packages / "usr/sbin/postgrey", f"--inet=127.0.0.1:{PORT}",
            f"--dbdir={database}", "--user=root", "--group=root", f"--delay={DELAY_S}", "--auto-whitelist-clients=0",
            f"--whitelist-clients={nobody}", f"--whitelist-recipients={nobody}"], stdout=out, stderr=out)
        return self

    def ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with self.lab.inside(self.lab.net), socket.socket() as s:
            return s.connect_ex(("127.0.0.1", PORT)) == 0
