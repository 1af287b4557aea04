# SPDX-License-Identifier: MIT
"""Two network namespaces joined by one cable: `home` (client programs and Traypost) and `net` (a small internet).

Made and removed by the lab; the names carry an id of the run, so that several labs can stand side by side. Nothing
in here can reach a real network: the namespaces have no other link than the one between them.
A process is started with start() and stopped by its pid; whatever is left when the lab ends is stopped too.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

HOME4, HOME6 = "192.0.2.2", "2001:db8:2::2"        # the machine Traypost runs on
GATE4, GATE6 = "192.0.2.1", "2001:db8:2::1"        # its gateway, also a neighbour in the same network

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace_fd):
    """Moves the calling thread; sockets it opens from now on, and programs it starts, belong to the namespace."""
    if _libc.setns(namespace_fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, check=True, **kw):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **kw)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def hex_address(text):
    """An address as /proc/net/tcp writes it."""
    raw = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    return "".join(raw[i:i + 4][::-1].hex() for i in range(0, len(raw), 4)).upper()


class Namespaces:
    """One home and one net. Addresses of the net's hosts are added with add_host()."""

    def __init__(self, name=None):
        self.name = name or f"tp{os.getpid()}"
        self.home, self.net = self.name + "home", self.name + "net"
        self.children = []
        self.fds = {}
        self._outside = None

    # --- life -------------------------------------------------------------------------------------------------
    def up(self):
        self._outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        for ns in (self.home, self.net):
            Path("/etc/netns", ns).mkdir(parents=True, exist_ok=True)
            Path("/etc/netns", ns, "resolv.conf").write_text("")
            Path("/etc/netns", ns, "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n")
            run("ip", "netns", "add", ns)
            run("ip", "-n", ns, "link", "set", "lo", "up")
            for key in ("all", "default"):      # addresses are usable at once, no router is waited for
                self.sysctl(ns, f"net.ipv6.conf.{key}.accept_dad", "0")
                self.sysctl(ns, f"net.ipv6.conf.{key}.accept_ra", "0")
            self.fds[ns] = os.open(f"/run/netns/{ns}", os.O_RDONLY)
        run("ip", "-n", self.home, "link", "add", "wan", "type", "veth", "peer", "name", "lan", "netns", self.net)
        self.ip(self.net, "addr add", GATE4 + "/24", "dev lan")
        self.ip(self.net, "addr add", GATE6 + "/64", "dev lan nodad")
        self.ip(self.net, "link set lan up")
        self.plug_in()

    def down(self):
        for child in reversed(self.children):
            stop(child)
        for ns in (self.home, self.net):
            if fd := self.fds.pop(ns, None):
                os.close(fd)
        if self._outside is not None:
            enter(self._outside)
            os.close(self._outside)
            self._outside = None
        remove(self.name)

    def sysctl(self, ns, key, value):
        run("ip", "netns", "exec", ns, "sh", "-c", f"echo {value} >/proc/sys/{key.replace('.', '/')}", check=False)

    def ip(self, ns, *words):
        return run("ip", "-n", ns, *" ".join(words).split())

    # --- the cable --------------------------------------------------------------------------------------------
    def plug_in(self):
        """The home machine's link comes up, with addresses and default routes, as after a cable is plugged in."""
        self.ip(self.home, "link set wan up")
        self.ip(self.home, "addr add", HOME4 + "/24", "dev wan")
        self.ip(self.home, "addr add", HOME6 + "/64", "dev wan nodad")
        self.ip(self.home, "route replace default via", GATE4)
        self.ip(self.home, "-6 route replace default via", GATE6)

    def pull_out(self):
        """The addresses go with the link, as they do on a machine that had them from DHCP."""
        self.ip(self.home, "addr flush dev wan")
        self.ip(self.home, "link set wan down")

    @contextlib.contextmanager
    def unplugged(self):
        self.pull_out()
        try:
            yield
        finally:
            self.plug_in()

    def add_host(self, *addresses):
        for a in addresses:
            self.ip(self.net, "addr add", a + ("/128" if ":" in a else "/32"), "dev lo", "nodad" if ":" in a else "")

    def remove_host(self, *addresses):
        for a in addresses:
            self.ip(self.net, "addr del", a + ("/128" if ":" in a else "/32"), "dev lo")

    # --- DNS as the programs of a namespace see it ------------------------------------------------------------
    def resolv_conf(self, ns, *servers):
        """Rewritten in place: `ip netns exec` binds the inode, a renamed file would not be seen."""
        with open(f"/etc/netns/{ns}/resolv.conf", "r+") as f:
            f.seek(0)
            f.truncate()
            f.write("".join(f"nameserver {s}\n" for s in servers) + "options timeout:1 attempts:1\n")

    # --- processes --------------------------------------------------------------------------------------------
    def start(self, ns, command, **kw):
        """A process that is stopped when the lab ends at the latest. Its pid is the program's own (ip execs it)."""
        kw.setdefault("stdin", subprocess.DEVNULL)
        child = subprocess.Popen([*self.inside_of(ns), *map(str, command)], preexec_fn=die_with_parent, **kw)
        self.children.append(child)
        return child

    def run(self, ns, *command, **kw):
        return run(*self.inside_of(ns), *map(str, command), **kw)

    @staticmethod
    def inside_of(ns):
        """The beginning of a command that runs in the namespace."""
        return ["ip", "netns", "exec", ns]

    @contextlib.contextmanager
    def inside(self, ns):
        """For the calling thread only: with lab.inside(lab.net): socket.create_connection(...)"""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        enter(self.fds[ns])
        try:
            yield
        finally:
            enter(here)
            os.close(here)

    def thread(self, ns, target, name):
        """A thread whose sockets live in the namespace."""
        def body():
            enter(self.fds[ns])
            target()
        t = threading.Thread(target=body, name=name, daemon=True)
        t.start()
        return t


def stop(child, grace_s=5):
    """By pid, politely first."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(grace_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return child.returncode


def remove(name):
    """Ends what still runs in the two namespaces of that run (found by pid, in these namespaces only) and deletes them."""
    for ns in (name + "home", name + "net"):
        if os.path.exists(f"/run/netns/{ns}"):
            for sig in (signal.SIGTERM, signal.SIGKILL):
                pids = [int(p) for p in run("ip", "netns", "pids", ns, check=False).split() if int(p) != os.getpid()]
                if not pids:
                    break
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, sig)
                deadline = time.monotonic() + 3
                while run("ip", "netns", "pids", ns, check=False).split() and time.monotonic() < deadline:
                    time.sleep(0.02)
            run("ip", "netns", "del", ns, check=False)
        shutil.rmtree(f"/etc/netns/{ns}", ignore_errors=True)
    with contextlib.suppress(OSError):
        os.rmdir("/etc/netns")


def wait_until(what, is_so, timeout_s=10.0):
    """Polls a condition that has no event of its own; returns its first true value."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = is_so()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s} s: {what}")
        time.sleep(0.02)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--remove":
        for lab_name in sys.argv[2:]:
            remove(lab_name)
    else:
        sys.exit("usage: namespaces.py --remove NAME...")
