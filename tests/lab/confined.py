# SPDX-License-Identifier: MIT
"""The native program in the cage of res/linux/traypost.service: its user, its one capability, its system calls. Nothing here runs
systemd; the unit is read, its groups are what `systemd-analyze syscall-filter` says, and libseccomp builds the same filter."""
import json
import os
import re
import shutil
import socket
import subprocess

import relay

UNIT = relay.ROOT / "res/linux/traypost.service"
USER = "65534"                                                 # nobody

# Python that closes the door behind itself and then does what it is told.
INSIDE = """
import ctypes, errno, json, mmap, os, seccomp, socket, sys
cage = json.loads(sys.argv[1])
calls = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
for name in cage["allowed"]:
    try:
        if name == "socket":
            for family in cage["families"]:
                calls.add_rule(seccomp.ALLOW, name, seccomp.Arg(0, seccomp.EQ, family))
        elif name in ("mmap", "mprotect"):
            calls.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, mmap.PROT_EXEC, 0))
            if name == "mmap":
                both = mmap.PROT_WRITE | mmap.PROT_EXEC
                calls.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, both, mmap.PROT_EXEC))
        else:
            calls.add_rule(seccomp.ALLOW, name)
    except (RuntimeError, ValueError, OSError):
        pass                                                   # a call that this processor does not have
for name, number in cage["answered"].items():
    calls.add_rule(seccomp.ERRNO(getattr(errno, number)), name)
calls.load()
exec(sys.argv[2])
"""
BECOME = "os.execv(sys.argv[3], sys.argv[3:])"


def settings(name):
    """All values of a setting of the unit, in order."""
    return [line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(name + "=")]


def members(group):
    said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], check=True, capture_output=True, text=True).stdout
    for word in re.findall(r"^ {4}([@\w]+)$", said, re.MULTILINE):
        yield from members(word) if word.startswith("@") else [word]


def cage():
    allowed, answered = set(), {}
    for value in settings("SystemCallFilter"):
        for word in value.lstrip("~").split():
            if value.startswith("~"):
                name, _, number = word.partition(":")
                answered[name] = number
            else:
                allowed.update(members(word) if word.startswith("@") else [word])
    families = [int(getattr(socket, f)) for f in " ".join(settings("RestrictAddressFamilies")).split()]
    assert settings("MemoryDenyWriteExecute") == ["yes"]
    return {"allowed": sorted(allowed - set(answered)), "answered": answered, "families": families}


class Confined(relay.Native):
    def __init__(self, lab, binary):
        super().__init__(lab, shutil.copy(relay.without_sanitizers(binary), lab.folder / "confined"))
        os.chmod(lab.folder, 0o755)                            # the program is another user's

    def command(self):
        capability = settings("CapabilityBoundingSet")[0].removeprefix("CAP_").lower()
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs", f"--bounding-set=-all,+{capability}",
                f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}", "/usr/bin/python3", "-c", INSIDE, json.dumps(cage()),
                BECOME, self.binary, "--headless"]
