# SPDX-License-Identifier: MIT
"""The relays: how each is set up, started and watched. bench/README.md says why the settings are fair.

A relay is a process tree; CPU time and memory are those of the whole tree, from /proc.
"""
import os
import shutil
from pathlib import Path

import stage as stages

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and all below it."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry))
    found = [pid]
    for p in found:
        found += children.get(p, [])
    return found


def cpu_seconds(pid):
    """User and system time of the tree, with that of its members who have ended."""
    ticks = 0
    for p in tree(pid):
        try:
            fields = Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(map(int, fields[11:15]))   # utime, stime and both of the children waited for
    return ticks / TICKS


def pss_bytes(pid):
    total = 0
    for p in tree(pid):
        try:
            rollup = Path(f"/proc/{p}/smaps_rollup").read_text()
        except OSError:                         # ended, or a kernel view of a process that is ending
            continue
        total += next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total


class Relay:
    """What race.py and limits.py need to know. `cut_through`: its 250 means that the sink's was there before."""
    name = ""
    address = ""
    cut_through = True
    process = None

    def __init__(self, stage):
        self.stage = stage
        self.folder = stage.folder / self.name.lower()

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def pss(self):
        return pss_bytes(self.process.pid)

    def settled(self):
        """Has the work of a run ended, so far as the processes show it?"""
        return True

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.process = self.launch()
        self.stage.greets(self.address, self.name.lower(), self.process)
        return self

    def stop(self):
        self.stage.stop(self.process)


class Direct(Relay):
    """No relay: the client talks to the sink. The measure of what the machine can do."""
    name = "direct"
    address = stages.SINK

    def start(self):
        return self

    def stop(self):
        pass

    def cpu(self):
        return 0.0

    def pss(self):
        return 0


class Traypost(Relay):
    name = "Traypost"
    address = "127.0.0.1"
    binary = stages.ROOT / "build/release/traypost"
    options = ()

    def command(self):
        return [self.binary, "--listen", f"{self.address}:25", "--dns", f"{stages.DNS}:53", "--hostname", "traypost.bench.test",
                "--headless", *self.options]

    def launch(self):
        return self.stage.start(self.command(), self.name.lower())


class Postfix(Relay):
    name = "Postfix"
    tls = "none"
    address = "127.0.0.2"
    cut_through = False

    def launch(self):
        etc, queue, data = (self.folder / d for d in ("etc", "queue", "data"))
        for d in (etc, queue, data):
            d.mkdir()
        for name, mode, group in (
                *((n, 0o700, 0) for n in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                                          "private", "saved", "trace")),
                ("maildrop", 0o730, 64902), ("public", 0o710, 64902), ("pid", 0o755, 0)):
            (queue / name).mkdir()
            (queue / name).chmod(mode)
            shutil.chown(queue / name, "root" if name == "pid" else "postfix", group)
        shutil.chown(data, "postfix")
        (etc / "main.cf").write_text(f"""
compatibility_level = 3.6
myhostname = postfix.bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {self.address}
inet_protocols = ipv4
queue_directory = {queue}
data_directory = {data}
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
shlib_directory = /usr/lib/postfix
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
default_process_limit = 250
in_flow_delay = 0
smtpd_tls_security_level = none
smtp_tls_security_level = {self.tls}
smtp_tls_session_cache_database = btree:{data}/smtp_scache
""")
        (etc / "master.cf").write_text("""
smtp      inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
""")
        return self.stage.start(["/usr/lib/postfix/sbin/master", "-c", etc, "-d"], self.name.lower(), start_new_session=True,
                                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(etc)})


class Exim(Relay):
    name = "Exim"
    address = "127.0.0.3"

    def settled(self):
        return len(tree(self.process.pid)) == 1         # its children, one a connection, have gone

    def launch(self):
        for d in ("spool", "log"):
            (self.folder / d).mkdir()
            shutil.chown(self.folder / d, "Debian-exim", "Debian-exim")
        conf = self.folder / "exim.conf"
        conf.write_text(f"""
primary_hostname = exim.bench.test
local_interfaces = {self.address}
daemon_smtp_ports = 25
disable_ipv6 = true
dns_ipv4_lookup = *
spool_directory = {self.folder}/spool
log_file_path = {self.folder}/log/%slog
log_selector = -all
write_rejectlog = false
pid_file_path = {self.folder}/exim.pid
host_lookup =
rfc1413_hosts =
tls_advertise_hosts =
keep_environment =
smtp_accept_max = 0
smtp_connect_backlog = 1024
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept

begin acl
check_rcpt:
  accept  hosts = 127.0.0.0/8
          control = cutthrough_delivery
  deny

begin routers
by_mx:
  driver = dnslookup
  transport = to_mx

begin transports
to_mx:
  driver = smtp
  hosts_avoid_tls = *

begin retry
*  *  F,1h,1m
""")
        conf.chmod(0o644)
        return self.stage.start(["/usr/sbin/exim4", "-C", conf, "-bdf"], self.name.lower(), start_new_session=True)


ALL = (Direct, Traypost, Postfix, Exim)
