# SPDX-License-Identifier: MIT
"""An unpacked server that takes itself for installed: a root folder of its own, in which its files are at their usual places,
/etc/mail and all, and everything that it has not brought along is the machine's.

For the time that a program runs, and for its eyes only, /usr is the package's over the machine's, /etc is the folder's over the machine's.
/var, /run, /tmp and /mail are the folder's own. What programs tell syslog is in log().
"""
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

OWN = ("host", "usr", "etc", "dev", "run", "tmp", "root", "mail", "var/lib", "var/log", "var/spool", "var/tmp")
ENTER = """
root=$0 package=$1; shift
mount --rbind / "$root/host" &&
mount -t overlay -o "lowerdir=$package/usr:/usr" usr "$root/usr" &&
mount -t overlay -o "lowerdir=$root/etc:/etc" etc "$root/etc" &&
exec chroot "$root" "$@"
"""


class Root:
    def __init__(self, lab, namespace, package, folder, users=(), groups=()):
        """users: (name, uid, gid, home); groups: (name, gid)."""
        self.lab, self.namespace, self.package, self.folder = lab, namespace, Path(package), Path(folder)
        for name in OWN:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "mail", "var/tmp"):
            (self.folder / name).chmod(0o1777)
        for name in ("etc", "var"):
            if (self.package / name).exists():
                shutil.copytree(self.package / name, self.folder / name, symlinks=True, dirs_exist_ok=True)
        if not (self.folder / "var/run").exists():
            (self.folder / "var/run").symlink_to("/run")
        self.write("/etc/passwd", Path("/etc/passwd").read_text() +
                   "".join(f"{name}:x:{uid}:{gid}::{home}:/usr/sbin/nologin\n" for name, uid, gid, home in users))
        self.write("/etc/group", Path("/etc/group").read_text() + "".join(f"{name}:x:{gid}:\n" for name, gid in groups))
        for name in ("hosts", "resolv.conf"):
            shutil.copy(Path("/etc/netns", namespace, name), self.folder / "etc" / name)
        self._listen_to_syslog()
        for link in (entry for entry in Path("/").iterdir() if entry.is_symlink()):         # /bin and /lib, which are in /usr
            (self.folder / link.name).symlink_to(os.readlink(link))
        for name in ("proc", "sys", *(f"dev/{name}" for name in os.listdir("/dev") if name != "log")):
            (self.folder / name).symlink_to(Path("/host", name))

    def _listen_to_syslog(self):
        self.told = []
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.syslog.bind(str(self.folder / "dev/log"))
        (self.folder / "dev/log").chmod(0o666)

        def listen():
            while line := self.syslog.recv(8192):
                self.told.append(line.decode("utf-8", "replace").rstrip("\0\n") + "\n")
        threading.Thread(target=listen, daemon=True).start()

    def write(self, path, text, mode=0o644):
        file = self.folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, "utf-8")
        file.chmod(mode)

    def make_folder(self, path, mode=0o755, owner=0, group=0):
        folder = self.folder / path.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner, group)
        folder.chmod(mode)

    def command(self, *words):
        return ["unshare", "--mount", "sh", "-c", ENTER, str(self.folder), str(self.package), *map(str, words)]

    def start(self, *words, **kw):
        """A server that stays in the foreground."""
        out = open(self.folder / "out", "ab")
        return self.lab.start(self.namespace, self.command(*words), stdout=out, stderr=out, start_new_session=True, **kw)

    def log(self):
        out = self.folder / "out"
        return (out.read_text("utf-8", "replace") if out.exists() else "") + "".join(self.told)
