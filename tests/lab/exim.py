# SPDX-License-Identifier: MIT
"""Exim as MX of exim.test, run from an unpacked Debian package with a configuration of its own.

Users: emil, frida; everyone else is 550 at RCPT. It offers CHUNKING, PRDR and SMTPUTF8, and keeps its size limit low. At the address
of mail.eximtls.test it offers TLS as well. Instance is what any Exim needs.
"""
import shutil
from pathlib import Path

import maildir
import nameserver
import postfix

USERS = ("emil", "frida", "smuggled")
SIZE_LIMIT_BYTES = 2_000_000
PASSWD = ("Debian-exim:x:64904:64904::/nonexistent:/usr/sbin/nologin",)
GROUP = ("Debian-exim:x:64904:",)


class Instance:
    """An Exim in a folder of its own: its program, its spool, its configuration."""

    def __init__(self, lab, namespace, packages, folder):
        self.lab, self.namespace, self.packages, self.folder = lab, namespace, Path(packages), Path(folder)
        self.program, self.conf = self.folder / "exim4", self.folder / "exim.conf"
        self.process = None

    def lay_out(self):
        for d in ("spool", "log"):
            (self.folder / d).mkdir(parents=True)
            shutil.chown(self.folder / d, 64904, 64904)
        shutil.copy(self.packages / "usr/sbin/exim4", self.program)

    def configure(self, text):
        self.conf.write_text(f"""
exim_path = {self.program}
spool_directory = {self.folder}/spool
log_file_path = {self.folder}/log/%slog
pid_file_path = {self.folder}/exim.pid
deliver_drop_privilege = true
keep_environment =
{text}""")
        self.conf.chmod(0o644)

    def log(self):
        return "".join(f.read_text("utf-8", "replace") for f in sorted((self.folder / "log").glob("*log")))


class Exim(Instance):
    host = "mail.exim.test"

    def __init__(self, lab, packages, folder):
        super().__init__(lab, lab.net, packages, folder)
        self.mail = maildir.Maildir(self.folder / "mail")

    def start(self):
        self.lay_out()
        (self.folder / "mail").mkdir()
        shutil.chown(self.folder / "mail", 64904, 64904)
        shutil.copy(self.lab.certificates / "rsa.pem", self.folder / "tls.pem")
        shutil.chown(self.folder / "tls.pem", 64904, 64904)
        self.configure(rf"""
primary_hostname = {self.host}
domainlist local_domains = exim.test : eximtls.test
local_interfaces = <; {" ; ".join([*nameserver.EXIM, nameserver.EXIM_TLS])}
daemon_smtp_ports = 25
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = ${{if eq{{$received_ip_address}}{{{nameserver.EXIM_TLS}}}{{*}}{{}}}}
tls_certificate = {self.folder}/tls.pem
tls_privatekey = {self.folder}/tls.pem
prdr_enable = true
message_size_limit = {SIZE_LIMIT_BYTES}
smtp_accept_max = 100
smtp_accept_queue = 100
smtp_accept_queue_per_connection = 100
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept

begin acl
check_rcpt:
  deny    message = relay not permitted
         !domains = +local_domains
  deny    message = 5.1.1 nobody of that name lives here
         !verify  = recipient
  accept

begin routers
users:
  driver = accept
  domains = +local_domains
  local_parts = {" : ".join(USERS)}
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {self.folder}/mail/$local_part_data
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim
""")
        out = open(self.folder / "exim.out", "w")
        self.process = self.lab.start(self.namespace, [self.program, "-C", self.conf, "-bdf"], stdout=out, stderr=out,
                                      start_new_session=True)
        return self

    def ready(self):
        assert self.process.poll() is None, (self.folder / "exim.out").read_text() + self.log()
        return all(postfix.greets(self.lab, a) for a in [*nameserver.EXIM, nameserver.EXIM_TLS])

    def stop(self):
        import namespaces
        namespaces.stop(self.process)
