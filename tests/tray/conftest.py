# SPDX-License-Identifier: MIT
"""What the tray's tests are given.

lab       the small internet of tests/lab (session)         desktop   the Windows desktop in it, with probe and hands
mx        opens scripted mail exchangers                    mark      a word no other test has
start     starts the program: start("--listen", "..."), start(language="cs")
traypost  the program, just started, without options, and its icon is green
The test itself runs in the home namespace: its sockets and the programs it starts are those of the home machine.
"""
import itertools
import os
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "lab")]
import clients                          # noqa: E402
import desktop as windows_desktop       # noqa: E402
import hands as persons_hands           # noqa: E402
import internet                         # noqa: E402
import mx as scripted                   # noqa: E402
import namespaces                       # noqa: E402
import probe as window_probe            # noqa: E402
from traypost import Traypost           # noqa: E402

PICTURES = ROOT / "build/tray-screens"
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


@pytest.fixture(scope="session")
def exe(lab):
    """A copy in a folder of its own: nobody's build takes the program away in the middle of a run."""
    path = Path(os.environ.get("TRAYPOST_TRAY_EXE") or ROOT / "build/win64/traypost.exe")
    if not path.exists():
        pytest.exit(f"there is no program to test: {path}", 2)
    folder = lab.folder / "program"
    folder.mkdir()
    return Path(shutil.copy2(path, folder / "traypost.exe"))


@pytest.fixture(scope="session")
def desktop(lab, exe):
    d = windows_desktop.Desktop(lab, exe)
    yield d
    d.stop()


@pytest.fixture(scope="session")
def tools():
    """The folder of the Windows programs that are built from tests/tray/probe."""
    return window_probe.build(ROOT / "build/tray-probe")


@pytest.fixture(scope="session")
def probe(desktop, tools):
    p = window_probe.Probe(desktop, tools)
    # The first program that asks for windows starts the shell.
    namespaces.wait_until("the task bar", lambda: [w for w in p.windows() if w.kind == "Shell_TrayWnd" and w.visible], 30)
    return p


@pytest.fixture(scope="session")
def hands(desktop):
    return persons_hands.Hands(desktop)


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
    return f"tray-{os.getpid()}-{next(_serial)}-mark"


@pytest.fixture
def start(desktop, probe, hands, request):
    running = []

    def begin(*options, **kw):
        running.append(Traypost(desktop, probe, hands, options, **kw))
        return running[-1]
    hands.rest()
    yield begin
    if getattr(request.node, "failed_call", False):
        desktop.screen.save(PICTURES / "failed" / f"{request.node.name}.png")
    for program in running:
        program.end()
    for number in probe.processes(desktop.binary.name.lower()):       # started by a program under test
        probe.kill(number)
    if running:
        running[0].wait_forgotten()


@pytest.fixture
def traypost(start):
    program = start()
    program.wait_ready()
    return program


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed_call = True


def pytest_terminal_summary(terminalreporter):
    """The numbers for the last line of tests/tray/run."""
    if counts := os.environ.get("TRAYPOST_TRAY_COUNTS"):
        n = {k: len(v) for k, v in terminalreporter.stats.items()}
        with open(counts, "w") as f:
            print(n.get("passed", 0), n.get("failed", 0) + n.get("error", 0) + n.get("xpassed", 0),
                  n.get("skipped", 0) + n.get("xfailed", 0), file=f)
