# SPDX-License-Identifier: MIT
"""Postfix as MX of postfix.test and pošta.test, with greylisting as MX of grey.test, and with TLS of several kinds as MX of the
domains in nameserver.POSTFIX_TLS; run from an unpacked Debian package with a configuration of its own. Instance is what any Postfix needs.

Users: anna, bara and the rest below; everyone else is 550 at RCPT. Bare line feeds are let through as line
ends (smtpd_forbid_bare_newline = no), as half of the world's servers still do: a relay that passes one on is caught.
"""
import os
import shutil
from pathlib import Path

import maildir
import namespaces
import nameserver
import postgrey

USERS = ("anna", "bara", "cyril", "dana", "ji\u0159\u00ed", "smuggled")
DOMAINS = ("postfix.test", "xn--pota-h6a.test", "grey.test")
ADDRESSES = (*nameserver.POSTFIX, nameserver.POSTFIX_GREY, *nameserver.POSTFIX_TLS.values())
SIZE_LIMIT_BYTES = 12_000_000
RECIPIENT_LIMIT = 20                            # the 21st RCPT is 452 4.5.3
PASSWD = ("postfix:x:64901:64901::/nonexistent:/usr/sbin/nologin", "vmail:x:64903:64903::/nonexistent:/usr/sbin/nologin")
ANCIENT = ["smtpd_tls_protocols=TLSv1", "smtpd_tls_ciphers=low", "tls_low_cipherlist=ALL:@SECLEVEL=0"]
TLS = {                                         # which certificate, and what else is set
    "selfsigned": ("selfsigned", []),
    "labca": ("labca", []),
    "expired": ("expired", []),
    "rsa12": ("rsa", ["smtpd_tls_protocols=TLSv1.2"]),
    "ecdsa12": ("labca", ["smtpd_tls_protocols=TLSv1.2"]),
    "tls10": ("rsa", ANCIENT),
    "proven": ("proven", []),
}
GROUP = ("postfix:x:64901:", "postdrop:x:64902:", "vmail:x:64903:")


# What a Postfix runs that has nothing but its queue; who it takes mail from and gives it to comes on top.
SERVICES = (
    "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap", "error unix - - n - - error", "retry unix - - n - - error",
    "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache", "tlsmgr unix - - n 1000? 1 tlsmgr", "postlog unix-dgram n - n - 1 postlogd",
    "showq unix n - n - - showq",
)


class Instance:
    """A Postfix in a folder of its own: its programs, its queue, its configuration."""

    def __init__(self, lab, namespace, packages, folder):
        self.lab, self.namespace, self.packages, self.folder = lab, namespace, Path(packages), Path(folder)
        self.etc, self.queue, self.programs, self.libraries = (self.folder / d for d in ("etc", "queue", "programs", "lib"))
        self.logfile = self.folder / "log"
        self.process = None

    def lay_out(self):
        data = self.folder / "data"
        for d in (self.etc, self.queue, data):
            d.mkdir(parents=True)
        shutil.copytree(self.packages / "usr/lib/postfix/sbin", self.programs)       # the daemons must be able to reach them
        shutil.copytree(self.packages / "usr/lib/postfix", self.libraries, ignore=shutil.ignore_patterns("sbin"))
        for name, mode, gid in (("active", 0o700, 0), ("bounce", 0o700, 0), ("corrupt", 0o700, 0), ("defer", 0o700, 0),
                                ("deferred", 0o700, 0), ("flush", 0o700, 0), ("hold", 0o700, 0), ("incoming", 0o700, 0),
                                ("private", 0o700, 0), ("saved", 0o700, 0), ("trace", 0o700, 0),
                                ("maildrop", 0o730, 64902), ("public", 0o710, 64902), ("pid", 0o755, None)):
            d = self.queue / name
            d.mkdir()
            os.chown(d, 0 if gid is None else 64901, gid or 0)
            d.chmod(mode)
        os.chown(data, 64901, 64901)
        (self.etc / "dynamicmaps.cf").write_text("")

    def configure(self, main, services):
        (self.etc / "main.cf").write_text(f"""
compatibility_level = 3.6
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = all
queue_directory = {self.queue}
data_directory = {self.folder}/data
daemon_directory = {self.programs}
command_directory = {self.programs}
meta_directory = {self.etc}
shlib_directory = {self.libraries}
maillog_file = {self.logfile}
maillog_file_prefixes = {self.folder}
mail_owner = postfix
setgid_group = postdrop
import_environment = LD_LIBRARY_PATH MAIL_CONFIG MAIL_LOGTAG TZ
export_environment = LD_LIBRARY_PATH MAIL_CONFIG TZ
alias_maps =
{main}""")
        (self.etc / "master.cf").write_text("\n".join([*SERVICES, *services]) + "\n")

    def environment(self):
        return {"LD_LIBRARY_PATH": str(self.libraries), "PATH": os.environ["PATH"], "MAIL_CONFIG": str(self.etc)}

    def launch(self):
        errors = open(self.folder / "master.out", "w")
        self.process = self.lab.start(self.namespace, [self.programs / "master", "-s", "-c", self.etc], env=self.environment(),
                                      stdout=errors, stderr=errors, start_new_session=True)
        return self

    def log(self):
        return self.logfile.read_text("utf-8", "replace") if self.logfile.exists() else ""

    def told(self):
        """All that it has said, for somebody who wonders why it does not work."""
        return self.log() + (self.folder / "master.out").read_text()

    def stop(self):
        namespaces.stop(self.process)


class Postfix(Instance):
    host = "mail.postfix.test"

    def __init__(self, lab, packages, folder):
        super().__init__(lab, lab.net, packages, folder)
        self.mail = maildir.Maildir(self.folder / "mail" / "postfix.test")

    def start(self):
        self.lay_out()
        (self.folder / "mail").mkdir()
        os.chown(self.folder / "mail", 64903, 64903)
        domains = [*DOMAINS, *(f"{name}.test" for name in TLS)]
        users = "".join(f"{u}@{domain} postfix.test/{u}/\n" for u in USERS for domain in [*domains, *nameserver.POLICED])
        (self.etc / "users").write_text(users, encoding="utf-8")
        services = [
            *(f"{a}:smtp inet n - n - - smtpd" for a in (nameserver.POSTFIX[0], f"[{nameserver.POSTFIX[1]}]")),
            "virtual unix - n n - - virtual", "local unix - n n - - local", "smtp unix - - n - - error",
            f"{nameserver.POSTFIX_GREY}:smtp inet n - n - - smtpd -o "
            f"{{ smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{postgrey.PORT} }}"]
        for name, (certificate, settings) in TLS.items():
            settings = ["smtpd_tls_security_level=may", f"smtpd_tls_chain_files={self.lab.certificates}/{certificate}.pem",
                        "smtpd_tls_received_header=yes", "smtpd_tls_loglevel=2", *settings]
            services.append(f"{nameserver.POSTFIX_TLS[name]}:smtp inet n - n - - smtpd" +
                            "".join(f" -o {s}" for s in settings))
        self.configure(f"""
myhostname = {self.host}
inet_interfaces = {", ".join(ADDRESSES)}
virtual_mailbox_domains = {", ".join([*domains, *nameserver.POLICED])}
virtual_mailbox_maps = texthash:{self.etc}/users
virtual_mailbox_base = {self.folder}/mail
virtual_uid_maps = static:64903
virtual_gid_maps = static:64903
virtual_mailbox_limit = 0
message_size_limit = {SIZE_LIMIT_BYTES}
smtpd_recipient_limit = {RECIPIENT_LIMIT}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100
smtpd_forbid_bare_newline = no
smtpd_tls_security_level = none
""", services)
        return self.launch()

    def ready(self):
        assert self.process.poll() is None, self.told()
        return all(greets(self.lab, a) for a in ADDRESSES)

    def wait_log(self, text, timeout_s=10):
        return namespaces.wait_until(f"Postfix logs {text!r}", lambda: text in self.log(), timeout_s)


def greets(lab, address):
    """True if the host at the address says 220."""
    import socket
    try:
        with lab.inside(lab.net), socket.create_connection((address, 25), timeout=1) as s:
            s.settimeout(5)
            hello = s.recv(512)
            s.sendall(b"QUIT\r\n")
            return hello.startswith(b"220")
    except OSError:
        return False
