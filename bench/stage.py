# SPDX-License-Identifier: MIT
"""The stage the bench plays on: a machine of its own inside this one, and what every relay finds there.

`private()` starts the program again in new network, mount and process namespaces. They have no name and no link to the
outside; when the program ends, however it ends, the kernel stops whatever still runs in them and they are gone. Inside,
/usr and /etc get layers on top: the unpacked packages, and an /etc with the accounts and resolv.conf the relays expect.

Addresses: the relays listen on 127.0.0.x, port 25; the mail exchangers are in 198.51.100.0/24 (all of it is here), so that every
relay routes by MX as it does in real life.
"""
import contextlib
import ctypes
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
TOOLS = ROOT / "build/bench"

DNS = "198.51.100.53"
SINK = "198.51.100.1"                   # MX of bench.test
SLOW = "198.51.100.2"                   # MX of slow.bench.test
HELD = "198.51.100.3"                   # MX of held.bench.test
SECURED = "198.51.100.4"                # MX of secured.bench.test
MANY = [f"198.51.100.{n}" for n in range(64, 128)]      # MX of m0.bench.test and so on: 64 destinations

INSIDE = "TRAYPOST_BENCH_FOLDER"        # set in the environment of the program on the stage: its folder
PASSWD = ("postfix:x:64901:64901::/nonexistent:/usr/sbin/nologin", "Debian-exim:x:64904:64904::/nonexistent:/usr/sbin/nologin")
GROUP = ("postfix:x:64901:", "postdrop:x:64902:", "Debian-exim:x:64904:")


class Trouble(Exception):
    """The bench cannot go on; the text says why."""


def cache():
    base = os.environ.get("TRAYPOST_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "traypost")
    return Path(base)


def packages():
    """Where Postfix, Exim and NSD lie unpacked; shared with the lab (Debian lets only one mail server be installed)."""
    root = cache() / "lab/root"
    if not all((root / p).exists() for p in ("usr/sbin/exim4", "usr/sbin/nsd", "usr/lib/postfix/sbin/master")):
        run(ROOT / "scripts/packages", "lab")
    return root


def build():
    """The sink and the load client, by their own CMake project: the bench does not depend on the rest being built."""
    for step in (["-S", BENCH, "-B", TOOLS, "-DCMAKE_BUILD_TYPE=Release"], ["--build", TOOLS]):
        done = subprocess.run(["cmake", *map(str, step)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Trouble(f"the bench's own programs do not build:\n{done.stdout}{done.stderr}")


def sink_has_tls():
    """Was it built where OpenSSL's headers are?"""
    return b"SSL_CTX_new" in (TOOLS / "bench_sink").read_bytes()


def private(arguments):
    """Runs this program again on the stage and returns its exit code. The folder is on a real disk: queues live there."""
    if os.geteuid() != 0:
        raise Trouble("the bench needs root: it makes namespaces, and Postfix and Exim want accounts of their own")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="traypost-bench.", dir="/var/tmp")
    try:
        os.chmod(folder, 0o755)
        return subprocess.run(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3", *arguments],
            env={**os.environ, INSIDE: folder}).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(*command):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_until(what, is_so, timeout_s=20.0, interval_s=0.01):
    """Polls a condition that has no event of its own; returns its first true value."""
    deadline = time.monotonic() + timeout_s
    while not (value := is_so()):
        if time.monotonic() > deadline:
            raise Trouble(f"not within {timeout_s:g} s: {what}")
        time.sleep(interval_s)
    return value


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def with_many_files():
    """For the sink and the load client; the relays get the machine's own limit and have to cope."""
    die_with_parent()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Stage:
    """Everything that is the same for all relays. It ends with the program."""

    def __init__(self):
        self.folder = Path(os.environ[INSIDE])
        self.processes = []
        self.sinks = []
        self.serial = 0

        self.network()
        self.layers(packages())
        self.nameserver()

    # --- the machine --------------------------------------------------------------------------------------------
    def network(self):
        run("ip", "link", "set", "lo", "up")
        for address in (f"{SINK}/24", "127.0.0.2/8", "127.0.0.3/8"):     # on a loopback the first brings its whole network;
            run("ip", "address", "add", address, "dev", "lo")           # Postfix wants to see its own by name
        for key, value in (("ip_local_port_range", "10000 65000"),      # a connection per mail uses many ports
                           ("tcp_tw_reuse", "1"), ("tcp_max_syn_backlog", "4096")):
            Path("/proc/sys/net/ipv4", key).write_text(value)

    def layers(self, root):
        etc = self.folder / "etc"
        etc.mkdir()
        for name, lines in (("passwd", PASSWD), ("group", GROUP)):
            old = Path("/etc", name).read_text()
            known = {line.split(":")[0] for line in old.splitlines()}
            (etc / name).write_text(old + "".join(line + "\n" for line in lines if line.split(":")[0] not in known))
        (etc / "resolv.conf").write_text(f"nameserver {DNS}\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (etc / "nsswitch.conf").write_text("".join(f"{d}: files\n" for d in ("passwd", "group", "services", "protocols"))
                                           + "hosts: files dns\n")
        for top, under in ((root / "usr", "/usr"), (root / "etc", "/etc"), (etc, "/etc")):
            run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={top}:{under}", under)
        if os.path.exists("/dev/log"):          # nobody's log is written to: that of this machine would be
            run("mount", "--bind", "/dev/null", "/dev/log")

    # --- processes ----------------------------------------------------------------------------------------------
    def start(self, command, name, **keywords):
        """Output goes to a file of that name unless told otherwise. Stopped at the end of the stage at the latest."""
        with open(self.folder / f"{name}.out", "ab") as out:
            keywords.setdefault("stdout", out)
            keywords.setdefault("stderr", out)
            keywords.setdefault("stdin", subprocess.DEVNULL)
            keywords.setdefault("preexec_fn", die_with_parent)
            p = subprocess.Popen(list(map(str, command)), **keywords)
        self.processes.append(p)
        return p

    @contextlib.contextmanager
    def scene(self):
        """Whatever is started in it is stopped at its end, however it ends."""
        before = set(self.processes)
        try:
            yield
        finally:
            for p in reversed([p for p in self.processes if p not in before]):
                self.stop(p)

    def stop(self, p):
        if p in self.processes:
            self.processes.remove(p)
        if p.poll() is None:
            p.terminate()
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()

    def output(self, name):
        path = self.folder / f"{name}.out"
        return path.read_text("utf-8", "replace")[-2000:] if path.exists() else ""

    def greets(self, address, name, p):
        """Waits until an SMTP server says 220."""
        def says():
            if p.poll() is not None:
                raise Trouble(f"{name} ended with {p.returncode}:\n{self.output(name)}")
            with contextlib.suppress(OSError), socket.create_connection((address, 25), timeout=5) as s:
                greeting = s.recv(512)
                s.sendall(b"QUIT\r\n")
                while s.recv(512):
                    pass
                return greeting.startswith(b"220")
        wait_until(f"{name} greets", says)

    # --- DNS ----------------------------------------------------------------------------------------------------
    def nameserver(self):
        records = [("bench.test.", SINK), ("slow.bench.test.", SLOW), ("held.bench.test.", HELD),
                   ("secured.bench.test.", SECURED),
                   *((f"m{i}.bench.test.", address) for i, address in enumerate(MANY))]
        zone = "".join(f"{name} MX 10 mx.{name}\nmx.{name} A {address}\n" for name, address in records)
        (self.folder / "zone").write_text(
            "$TTL 3600\ntest. SOA ns.test. bench.test. 1 3600 600 86400 60\ntest. NS ns.test.\n"
            f"ns.test. A {DNS}\npostfix.bench.test. A 127.0.0.2\nexim.bench.test. A 127.0.0.3\n{zone}")
        conf = self.folder / "nsd.conf"
        conf.write_text(f"""server:
  ip-address: {DNS}
  username: ""
  zonesdir: "{self.folder}"
  database: ""
  pidfile: ""
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: ""
  xfrdir: "{self.folder}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "test"
  zonefile: "zone"
""")
        p = self.start(["nsd", "-d", "-c", conf], "nsd")

        def answers():
            if p.poll() is not None:
                raise Trouble(f"nsd ended:\n{self.output('nsd')}")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, contextlib.suppress(OSError):
                s.settimeout(0.2)       # the SOA of test., written by hand
                s.sendto(b"\x12\x34\0\0\0\1\0\0\0\0\0\0\4test\0\0\6\0\1", (DNS, 53))
                return s.recv(512)[:2] == b"\x12\x34"
        wait_until("the name server answers", answers)

    # --- sink and load ------------------------------------------------------------------------------------------
    def sink(self, name, addresses, *options):
        """Starts a sink; returns the path of its record."""
        record = self.folder / f"{name}.record"
        p = self.start([TOOLS / "bench_sink", *(w for a in addresses for w in ("--listen", f"{a}:25")), "--record", record,
                        *options], name, stdout=subprocess.PIPE, text=True, preexec_fn=with_many_files)
        if p.stdout.readline() != "ready\n":
            raise Trouble(f"the sink does not start:\n{self.output(name)}")
        self.sinks.append((name, p))
        return record

    def check_sinks(self):
        """A relay cannot deliver to one that has ended, and must not be blamed for it."""
        for name, p in self.sinks:
            if p in self.processes and p.poll() is not None:
                raise Trouble(f"the sink has ended:\n{self.output(name)}")

    def certificate(self):
        """A key and its certificate in one file, for sinks with TLS."""
        pem = self.folder / "sink.pem"
        if not pem.exists():
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", "/CN=mx.secured.bench.test", "-keyout", pem, "-out", self.folder / "sink.crt")
            pem.write_text(pem.read_text() + (self.folder / "sink.crt").read_text())
        return pem

    def load(self, address, **options):
        """Starts a load client; returns the process and the path of its record. Options as bench_load has them."""
        self.serial += 1
        record = self.folder / f"load{self.serial}.record"
        words = [w for k, v in options.items() for w in ("--" + k.replace("_", "-"), str(v))]
        return self.start([TOOLS / "bench_load", "--to", f"{address}:25", "--record", record, *words], "load",
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=with_many_files), record


    def finish(self, p, timeout_s):
        """Waits for a load client to end by itself."""
        try:
            code = p.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise Trouble(f"the load client does not end within {timeout_s:g} s") from None
        self.processes.remove(p)
        p.stdin.close()
        p.stdout.close()
        if code != 0:
            raise Trouble(f"the load client ended with {code}:\n{self.output('load')}")


def say_when(p, word, timeout_s):
    """Waits until the process prints the word on a line of its own."""
    ready, _, _ = select.select([p.stdout], [], [], timeout_s)
    line = p.stdout.readline() if ready else ""
    if line.strip() != word:
        raise Trouble(f"waited for {word!r}, got {line!r}")
