# SPDX-License-Identifier: MIT
"""PRODUCT 1 and 5: nothing breaks it. Each place a mail can be at, times each thing that can break there (matrix.py): no 250
without one copy for each recipient, no copy without a 250 or a client that knows that it must send again, and two copies only
where the final dot was out and its answer is lost for ever.

All cells of a fault are brought to their places side by side, then the fault happens once for all of them.
"""
import contextlib
import itertools
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor, wait

import certificates
import matrix
import pytest
from cell import REPORTS, Cell
from namespaces import wait_until

PATIENCE_S = 5
_serial = itertools.count(1)


def is_in_the_air(place):
    """The dot is out, and the MX holds its answer back and can be asked again."""
    return place.stop in ("dot?", "last?") and not place.unread and not place.lost


class Batch:
    """All cells of one fault."""

    def __init__(self, lab, farm, slot, fault, long):
        self.lab, self.slot, self.fault = lab, slot, fault
        self.options = [] if long else ["--patience", str(PATIENCE_S)]
        self.sleep_s = 120 if long else PATIENCE_S + 1
        self.relay = slot.fresh(*self.options)
        timeout_s = 300 if long else 60     # TCP waits long before it repeats what a long cut swallowed
        reports, tls = farm.open(REPORTS), certificates.context("labca", lab.certificates)
        self.cells = {place.name: Cell(lab, farm, reports, place, n, f"matrix{next(_serial)}-mark", tls, timeout_s)
                      for n, place in enumerate(matrix.places(fault, long))}
        self.frozen = False
        try:
            with ThreadPoolExecutor(len(self.cells)) as self.threads:
                self.play()
            self.log = self.relay.log()
            slot.empty()                # nobody is left who could send one more
        finally:
            for cell in self.cells.values():
                cell.find_path()
            self.violations = farm.close_all()

    def each(self, act, is_meant=lambda place: True):
        """Side by side: {cell: future}. A cell that fails stays out of what follows; its own test tells why."""
        def guarded(cell):
            try:
                act(cell)
            except Exception as e:      # noqa: BLE001
                cell.failure = e
        return {c: self.threads.submit(guarded, c) for c in self.cells.values() if is_meant(c.place) and not c.failure}

    def all(self, act, is_meant=lambda place: True):
        wait(self.each(act, is_meant).values())

    def play(self):
        self.all(Cell.enter, lambda place: place.long)
        self.all(Cell.enter, lambda place: not place.long and not place.name_asked)
        self.freeze()
        try:
            self.all(Cell.enter, lambda place: place.name_asked)
            getattr(self, "_" + re.sub(r"\W+", "_", self.fault).lower())()
        finally:
            self.thaw()
        self.all(Cell.retry)

    def freeze(self):
        for server in (self.lab.dns, self.lab.public_dns):
            server.freeze()
        self.frozen = True

    def thaw(self):
        if self.frozen:
            for server in (self.lab.dns, self.lab.public_dns):
                server.thaw()
        self.frozen = False

    def release(self):
        """MXs and name servers go on with what they held back."""
        self.thaw()
        self.all(Cell.release)

    # --- the faults ---------------------------------------------------------------------------------------------
    def _killed(self):
        self.relay.kill()
        self.release()
        self.all(Cell.go_on)
        self.relay = self.slot.fresh(*self.options)

    def _client_reset(self):
        self.all(lambda cell: cell.client.vanish(reset=True))
        self.release()

    def _client_closed(self):
        self.all(lambda cell: cell.client.vanish(reset=False))
        self.thaw()
        again = self.each(Cell.retry, is_in_the_air)
        self.all(Cell.comes_again, is_in_the_air)
        self.release()
        wait(again.values())

    def _mx_gone(self, reset):
        self.all(lambda cell: cell.break_mx(reset))
        self.release()
        self.all(Cell.go_on)
        self.all(Cell.mend_mx)

    def _mx_reset(self):
        self._mx_gone(reset=True)

    def _mx_closed(self):
        self._mx_gone(reset=False)

    def _cut(self):
        with self.lab.unplugged():
            self.release()
            going = self.each(Cell.go_on)
            wait([future for cell, future in going.items() if not cell.place.large])        # that one cannot go on without
        wait(going.values())

    def _no_dns(self):
        self.all(Cell.release)
        self.all(Cell.go_on)

    @contextlib.contextmanager
    def asleep(self):
        self.relay.process.send_signal(signal.SIGSTOP)
        try:
            wait_until("it sleeps", self.relay.stopped)
            yield
            time.sleep(self.sleep_s)        # the fault itself: so long it sleeps
        finally:
            self.relay.process.send_signal(signal.SIGCONT)

    def _asleep(self):
        with self.asleep():
            self.release()
        self.all(Cell.go_on)

    def _mx_gone_asleep(self):
        with self.asleep():
            self.all(lambda cell: cell.break_mx(reset=True))
            self.release()
        self.all(Cell.go_on)
        self.all(Cell.mend_mx)


@pytest.fixture(scope="module")
def batch(internet, farm, slot, request):
    """Played when the first of its cells is asked for."""
    made = {}

    def get(fault):
        if fault not in made:
            try:
                made[fault] = Batch(internet, farm, slot, fault, request.config.getoption("long"))
            except BaseException as e:
                made[fault] = e
                raise
        if isinstance(made[fault], BaseException):
            pytest.fail(f"could not be played: {made[fault]}")
        return made[fault]
    return get


def pytest_generate_tests(metafunc):
    if "place" in metafunc.fixturenames:
        long = metafunc.config.getoption("long")
        metafunc.parametrize("fault, place", [
            pytest.param(fault, place, id=f"{fault}: {place.name}") for fault in matrix.FAULTS for place in matrix.places(fault, long)])


def test_nothing_breaks_it(batch, fault, place):
    """1: nothing can be lost. 5.3, 5.4: 250 means delivered, or reported. 5.6: the guard."""
    played = batch(fault)
    cell = played.cells[place.name]
    told = f"{cell.transcript()}\n--- the relay\n" + "\n".join(line for line in played.log.splitlines() if cell.mark in line)
    assert not cell.failure, f"{cell.failure!r}\n{told}"
    results, why = matrix.expected(fault, place)
    assert cell.result() in results, f"{why}\n{told}"
    assert cell.at_250 and (all(cell.at_250) or "report" in cell.result()), f"250 said with {cell.at_250} copies\n{told}"


@pytest.mark.parametrize("fault", matrix.FAULTS)
def test_no_mx_sees_a_breach_of_smtp_while_things_break(batch, fault):
    assert not batch(fault).violations


# --- the table itself ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", matrix.FAULTS)
def test_the_table_allows_nothing_that_the_contract_forbids(fault):
    """1, 5.3, 5.4, 5.6: whatever is written there, a cell may not expect less than this."""
    names = {place.name for place in matrix.PLACES}
    assert all(set(row[1].split()) <= names for row in matrix.RESULTS[fault])
    for place in matrix.places(fault):
        for result in matrix.expected(fault, place)[0]:
            seen, copies, *rest = result.split()
            where = f"{fault}, {place.name}: {result}"
            dot_out = place.name in matrix.DOT_OUT.split()
            answer_lost = dot_out and (fault == "killed" or fault.startswith("MX"))
            assert seen in ("250", "4xx", "closed") or (seen == "gone" and fault.startswith("client")), where
            assert "0" not in copies or ("report" in rest and seen == "250"), f"{where}: lost"
            assert max(copies.split("+")) == "1" or (answer_lost and seen != "250"), f"{where}: sent twice"
            assert "guard" in rest or seen == "250" or not dot_out or answer_lost, f"{where}: unguarded"


def test_the_document_says_what_is_played():
    """python3 tests/lab/matrix.py writes it."""
    assert matrix.DOCUMENT.read_text() == matrix.document()
