# SPDX-License-Identifier: MIT
"""The small internet: two namespaces, DNS, Postfix and Exim, in one object. Used by the tests and by scripts/demo.

    with internet.Internet() as net:
        net.postfix.mail.wait("anna", "some text")
"""
import os
import shutil
import tempfile
from pathlib import Path

import certificates
import exim
import nameserver
import namespaces
import postfix
import postgrey
import web


def cache():
    """Where `scripts/packages lab` unpacks what must not be installed over the machine's own mail server."""
    base = os.environ.get("TRAYPOST_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "traypost")
    return Path(base) / "lab"


class Internet(namespaces.Namespaces):
    def __init__(self, name=None, mail_servers=True):
        super().__init__(name)
        self.mail_servers = mail_servers
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}.", dir="/tmp"))
        self.folder.chmod(0o755)
        self.packages = cache()
        packages = self.packages / "root"
        self.dns = nameserver.Nameserver(
            self, packages / "usr/sbin/nsd", self.folder / "dns", (nameserver.DNS4, nameserver.DNS6),
            nameserver.DOMAINS + list(nameserver.scripted_domains()))
        self.public_dns = nameserver.Nameserver(
            self, packages / "usr/sbin/nsd", self.folder / "public", (nameserver.PUBLIC4, nameserver.PUBLIC6),
            nameserver.DOMAINS + list(nameserver.scripted_domains()) + nameserver.ONLY_PUBLIC)
        self.certificates = certificates.make(self.folder / "certificates")
        self.postfix = postfix.Postfix(self, packages, self.folder / "postfix")
        self.exim = exim.Exim(self, packages, self.folder / "exim")
        self.postgrey = postgrey.Postgrey(self, packages, self.folder / "postgrey")
        self.silent_dns = self.web = None

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_):
        self.down()

    def up(self):
        super().up()
        self.add_host(nameserver.DNS4, nameserver.DNS6, nameserver.SILENT4, nameserver.PUBLIC4, nameserver.PUBLIC6,
                      *nameserver.POSTFIX, nameserver.POSTFIX_GREY, *nameserver.EXIM, nameserver.EXIM_TLS, nameserver.WEB4, *nameserver.POSTFIX_TLS.values(),
                      *(a for hosts in (nameserver.SCRIPTED, nameserver.MAIL_SERVERS) for h in hosts.values() for a in h))
        self.ip(self.net, "addr add", nameserver.CELLS_NET, "dev lo")
        self.users(postfix.PASSWD + exim.PASSWD, postfix.GROUP + exim.GROUP)
        self.use_dns()
        self.resolv_conf(self.net, nameserver.DNS4)
        self.trust_lab_ca()
        self.silent_dns = nameserver.SilentNameserver(self)
        self.web = web.Web(self)
        servers = [s.start() for s in (self.postfix, self.exim, self.postgrey) if self.mail_servers]
        self.dns.start()
        self.public_dns.start()
        for s in servers:
            namespaces.wait_until(f"{s.host} answers", s.ready, 20)

    def use_dns(self, *servers):
        """What the home machine's resolv.conf says; without arguments the working servers."""
        self.resolv_conf(self.home, *(servers or (nameserver.DNS4, nameserver.DNS6)))

    def users(self, passwd, group):
        """The accounts that Postfix and Exim insist on exist in the namespaces only (in files that ip netns binds)."""
        for name, lines in (("passwd", passwd), ("group", group)):
            for namespace in (self.home, self.net):
                Path("/etc/netns", namespace, name).write_text(Path("/etc", name).read_text() + "\n".join(lines) + "\n")

    def trust_lab_ca(self):
        """Whom the home machine trusts: a file that the Linux program reads, and Wine when it fills the store of Windows."""
        bundle = Path("/etc/netns", self.home, "ssl/certs/ca-certificates.crt")
        bundle.parent.mkdir(parents=True)
        shutil.copy(self.certificates / "ca.pem", bundle)

    def down(self):
        super().down()
        for server in (self.silent_dns, self.web):
            if server:
                server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
