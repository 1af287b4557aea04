# SPDX-License-Identifier: MIT
"""What these tests are given.

lab       the small internet of tests/lab (session)       windows   a Windows desktop in it, with probe and hands (session)
programs  the built programs: programs.x64, programs.x86  setups    setups.this, setups.former, setups.later (made from them)
clean     nothing is installed before and after a test; what a test leaves behind is its failure
mark      a word no other test has                        mx        opens scripted mail exchangers
locales   {"cs": environment} for programs that are to speak a language
The test itself runs in the home namespace: its sockets and the programs it starts are those of the home machine.
"""
import dataclasses
import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "tray"), str(HERE.parent / "lab")]
import clients                          # noqa: E402
import hands as persons_hands           # noqa: E402
import internet                         # noqa: E402
import mx as scripted                   # noqa: E402
import namespaces                       # noqa: E402
import probe as window_probe            # noqa: E402
import windows as windows_computer      # noqa: E402

PICTURES = ROOT / "build/pictures/setup"
_serial = itertools.count(1)


@pytest.fixture(scope="session")
def lab():
    net = internet.Internet(os.environ.get("TRAYPOST_LAB"))
    try:
        net.up()
        namespaces.enter(net.fds[net.home])
        clients.on_home_machine = net.inside_of(net.home)
        yield net
    finally:
        net.down()


@dataclasses.dataclass(frozen=True)
class Programs:
    x64: Path
    x86: Path
    former: Path        # the 64-bit one as it was in a version before: other bytes


@pytest.fixture(scope="session")
def programs(lab):
    """Copies: nobody's build takes the programs away in the middle of a run."""
    folder = lab.folder / "programs"
    folder.mkdir()
    copies = {}
    for name, build in (("x64", "win64"), ("x86", "win32")):
        path = Path(os.environ.get(f"TRAYPOST_{name.upper()}") or ROOT / "build" / build / "traypost.exe")
        if not path.exists():
            pytest.exit(f"there is no program to pack: {path}", 2)
        copies[name] = Path(shutil.copy2(path, folder / f"{name}.exe"))
    former = folder / "former.exe"
    former.write_bytes(copies["x64"].read_bytes() + b"the version before")
    return Programs(**copies, former=former)


@dataclasses.dataclass(frozen=True)
class Setups:
    this: Path
    former: Path
    later: Path


def make_setup(out, x64, x86, *options):
    subprocess.run([ROOT / "installer/make-setup", "--x64", x64, "--x86", x86, "--out", out, *options], check=True)
    return out


@pytest.fixture(scope="session")
def setups(lab, programs):
    folder = lab.folder / "setups"
    target = ("--target", "amd64-unicode")          # this Wine has no 32 bits; the script is the same
    return Setups(make_setup(folder / "TraypostSetup.exe", programs.x64, programs.x86, *target),
                  make_setup(folder / "former/TraypostSetup.exe", programs.former, programs.x86, *target, "--version", "0.0.9"),
                  make_setup(folder / "later/TraypostSetup.exe", programs.x64, programs.x86, *target, "--version", "99.0.0"))


@pytest.fixture(scope="session")
def windows(lab):
    w = windows_computer.Windows(lab)
    yield w
    w.stop()


@pytest.fixture(scope="session")
def probe(windows):
    p = window_probe.Probe(windows, window_probe.build(ROOT / "build/tray-probe"))
    # The first program that asks for windows starts the shell.
    namespaces.wait_until("the task bar", lambda: [w for w in p.windows() if w.kind == "Shell_TrayWnd" and w.visible], 30)
    return p


@pytest.fixture(scope="session")
def hands(windows):
    return persons_hands.Hands(windows)


@pytest.fixture(scope="session")
def farm(lab):
    f = scripted.Farm(lab)
    yield f
    f.stop()


@pytest.fixture
def mx(farm):
    yield farm.open
    farm.close_all()


@pytest.fixture
def mark():
    return f"package-{os.getpid()}-{next(_serial)}-mark"


@pytest.fixture(scope="session")
def locales(lab):
    return {"en": {}, **windows_computer.locales(lab.folder / "locales", "cs_CZ", "pl_PL", "de_DE")}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed_call = True


def pytest_terminal_summary(terminalreporter):
    """The numbers for the last line of tests/package/run."""
    if counts := os.environ.get("TRAYPOST_TRAY_COUNTS"):
        n = {k: len(v) for k, v in terminalreporter.stats.items()}
        with open(counts, "w") as f:
            print(n.get("passed", 0), n.get("failed", 0) + n.get("error", 0) + n.get("xpassed", 0),
                  n.get("skipped", 0) + n.get("xfailed", 0), file=f)
