# SPDX-License-Identifier: MIT
"""What the lab's tests are given.

internet  the small internet (session)        relay        a running relay without options, shared while it is well
mx        opens scripted mail exchangers      start_relay  a relay of the test's own: start_relay("--patience", "3")
policed   a new domain with rules (MTA-STS)
mark      a word no other test has            home/net     namespaces by name are internet.home and internet.net
The test itself runs in the home namespace: its sockets and the programs it starts are those of the home machine.
"""
import contextlib
import itertools
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import clients                          # noqa: E402
import idle                             # noqa: E402
import internet as small_internet       # noqa: E402
import mx as scripted                   # noqa: E402
import namespaces                       # noqa: E402
import relay as under_test              # noqa: E402
from policed import Policed             # noqa: E402

_serial = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--engine", choices=("native", "wine"), default="native", help="which program is under test")
    parser.addoption("--long", action="store_true", help="the crash matrix in full: every place, a sleep of two minutes")
    parser.addoption("--relay", help="the program, if it is not the one in build/")


def pytest_configure(config):
    config.addinivalue_line("markers", "native: needs Linux's own tools on the program; not run with --engine wine")


def pytest_collection_modifyitems(config, items):
    if config.getoption("engine") == "wine":
        for item in items:
            if item.get_closest_marker("native"):
                item.add_marker(pytest.mark.skip(reason="looks into the Linux program from outside"))


def program(config):
    """The program under test; a path given on the command line is seen from where the user called."""
    given = config.getoption("relay")
    builds = {"native": ("build/dev/traypost", "build/release/traypost"), "wine": ("build/win64/traypost.exe",)}
    candidates = [under_test.ROOT / b for b in builds[config.getoption("engine")]]
    if given:
        candidates = [Path(os.environ.get("TRAYPOST_LAB_FROM", "."), given)]
    found = next((c.resolve() for c in candidates if c.exists()), None)
    if found is None:
        pytest.fail(f"there is no relay to test: {' or '.join(map(str, candidates))}")
    return found


@pytest.fixture(scope="session")
def internet():
    net = small_internet.Internet(os.environ.get("TRAYPOST_LAB"))
    try:
        net.up()
        namespaces.enter(net.fds[net.home])
        clients.on_home_machine = net.inside_of(net.home)
        yield net
    finally:
        net.down()


@pytest.fixture(scope="session")
def idle_relay(internet, request):
    watched = idle.IdleRelay(internet.name + "i", program(request.config))
    yield watched
    watched.stop()


@pytest.fixture(scope="session", autouse=True)
def begin_with_what_takes_longest(request):
    if any("idle_relay" in item.fixturenames and not item.get_closest_marker("skip") for item in request.session.items):
        with contextlib.suppress(pytest.fail.Exception):      # the test that asks for it will say so
            request.getfixturevalue("idle_relay")


@pytest.fixture(scope="session")
def farm(internet):
    f = scripted.Farm(internet)
    yield f
    f.stop()


@pytest.fixture
def mx(farm):
    """mx("alpha", rcpt="550 no") opens a host. At the end no host may have seen a breach of SMTP by the relay."""
    yield farm.open
    transcripts = "".join(h.transcript() for h in farm.hosts.values())
    violations = farm.close_all()
    print(transcripts)
    assert not violations, violations


@pytest.fixture
def policed(internet):
    """policed(hosts, file) is a new domain with this MX or these, or without any at the address of alpha, and with this file."""
    yield lambda hosts, text, **words: Policed(internet, [hosts] if isinstance(hosts, str) else hosts, text, **words)
    internet.web.close_all()


@pytest.fixture(scope="session")
def slot(internet, request):
    kind = under_test.Native if request.config.getoption("engine") == "native" else under_test.Wine
    engine = kind(internet, program(request.config))
    s = under_test.Slot(engine)
    yield s
    try:
        s.empty()
    finally:
        engine.stop()


def _look_after(slot, request):
    """After a test: the relay lives unless the test killed it, and has not complained."""
    r = slot.current
    if r is None:
        return
    print("--- the relay's log\n" + r.log()[-6000:])
    failed = getattr(request.node, "failed_call", False)
    if failed:
        r.spoiled = True
    assert not r.troubles(), r.log()
    assert r.alive or r.spoiled, f"the relay died with {r.process.returncode}"


@pytest.fixture
def relay(slot, request):
    yield slot.shared()
    _look_after(slot, request)


@pytest.fixture
def start_relay(slot, request):
    yield slot.fresh
    _look_after(slot, request)


@pytest.fixture
def measured_relay(slot, request):
    """A build without sanitizers: the memory is the program's own. Options come from @pytest.mark.parametrize(..., indirect=True)."""
    slot.empty()
    native = under_test.Native(slot.engine.lab, under_test.without_sanitizers(slot.engine.binary))
    r = slot.current = under_test.Relay(native, getattr(request, "param", ())).wait_ready()
    r.spoiled = True
    yield r
    _look_after(slot, request)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed_call = True


@pytest.fixture
def mark():
    return f"lab-{os.getpid()}-{next(_serial)}-mark"


def pytest_terminal_summary(terminalreporter):
    """The numbers for the last line of tests/lab/run. A known fault (xfail) counts as skipped, an unexpected pass as failed."""
    if counts := os.environ.get("TRAYPOST_LAB_COUNTS"):
        n = {k: len(v) for k, v in terminalreporter.stats.items()}
        with open(counts, "a") as f:
            print(n.get("passed", 0), n.get("failed", 0) + n.get("error", 0) + n.get("xpassed", 0),
                  n.get("skipped", 0) + n.get("xfailed", 0), file=f)
