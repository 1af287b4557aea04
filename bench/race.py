# SPDX-License-Identifier: MIT
"""The race: every relay runs every cell of the table, in rounds, so that noise of the machine hits all alike.

A cell is a way of sending: how many clients, how large, a new connection per mail or a kept one. Round 0 warms up and is
where memory is looked at, because looking costs time; the figures are medians of the rounds after it. The order of the relays
changes from round to round.
"""
import dataclasses
import statistics
import subprocess

import proof
import relays
import stage as stages


@dataclasses.dataclass(frozen=True)
class Cell:
    connection: str             # "new" or "kept"
    size: int                   # bytes
    clients: int

    def __str__(self):
        return f"{self.connection}/{size_text(self.size)}/{self.clients}"


def size_text(size):
    return f"{size // 1000000} MB" if size >= 1000000 else f"{size // 1000} kB"


FULL = [Cell(connection, size, clients) for connection in ("new", "kept") for size in (1000, 1000000) for clients in (1, 10, 100)]
QUICK = [Cell("new", 1000, 1), Cell("new", 1000, 10)]
KEY = Cell("new", 1000, 10)     # the cell the targets speak of
ALONE = Cell("new", 1000, 1)


@dataclasses.dataclass(frozen=True)
class Way:
    """How the relays reach the sink."""
    name: str
    address: str = stages.SINK
    domain: str = "bench.test"
    options: tuple = ()         # of the sink

    @property
    def tls(self):
        return "tls" in self.name


PLAIN = Way("plain")
_ONCE = ("--mails", "1")
SECURED = [Way(name, stages.SECURED, "secured.bench.test", options) for name, options in (
    ("plain kept", ()), ("tls kept", ()), ("plain new", _ONCE), ("tls resumed", _ONCE), ("tls new", (*_ONCE, "--resume", "no")))]

MAILS_MAX = 200000              # of one run of one cell
WARM_SECONDS = 0.5
PATIENCE_SECONDS = 60           # for what a store-and-forward relay still has in its queue


@dataclasses.dataclass
class Run:
    rate: float                 # mails a second, end to end
    p50_ms: float
    p99_ms: float
    answer_p50_ms: float        # what the client feels; for a cut-through relay the same
    cpu_ms: float               # of the relay, per mail
    mails: int


class Race:
    def __init__(self, stage, names, cells, rounds, seconds, say, way=PLAIN):
        self.stage, self.cells, self.rounds, self.seconds, self.say = stage, cells, rounds, seconds, say
        self.way = way
        self.entrants = [r(stage) for r in relays.ALL if r.name in names]
        self.next_id = 1
        self.runs = {(r.name, c): [] for r in self.entrants for c in cells}
        self.pss = {}
        self.idle_pss = {}
        self.verdicts = {r.name: proof.Verdict() for r in self.entrants}

    def run(self):
        tls = ("--tls", self.stage.certificate()) if self.way.tls else ()
        self.sink = proof.SinkRecord(self.stage.sink("sink", [self.way.address], *self.way.options, *tls))
        for r in self.entrants:
            r.tls = "may" if self.way.tls else "none"
            r.start()
            self.idle_pss[r.name] = r.pss()
        for number in range(self.rounds + 1):
            turn = number % len(self.entrants)
            for cell in self.cells:
                self.say(f"round {number} of {self.rounds}, {cell}")
                for r in self.entrants[turn:] + self.entrants[:turn]:
                    if number == 0:
                        self.warm_up(r, cell)
                    else:
                        self.runs[r.name, cell].append(self.measure(r, cell, self.seconds))

    def warm_up(self, relay, cell):
        peak = 0

        def watch(load):
            nonlocal peak
            while load.poll() is None:
                peak = max(peak, relay.pss())
                try:
                    load.wait(0.05)
                except subprocess.TimeoutExpired:
                    pass
        self.measure(relay, cell, WARM_SECONDS, watch)
        self.pss[relay.name, cell] = peak

    def measure(self, relay, cell, seconds, watch=None):
        mark, cpu = self.sink.mails, relay.cpu()
        load, record = self.stage.load(relay.address, clients=cell.clients, bytes=cell.size, connection=cell.connection,
                                       seconds=seconds, mails=MAILS_MAX, first_id=self.next_id,
                                       domain=self.way.domain)
        if watch:
            watch(load)
        self.stage.finish(load, seconds + PATIENCE_SECONDS)
        self.stage.check_sinks()
        sent = proof.load_record(record)
        record.unlink()
        self.next_id += len(sent)
        taken = sum(m[5] == 250 for m in sent)
        stages.wait_until(f"{relay.name} has settled", relay.settled)
        try:
            stages.wait_until(f"all of {taken} mails are at the sink",
                              lambda: self.sink.mails - mark >= taken, PATIENCE_SECONDS)
        except stages.Trouble as e:
            self.say(f"{relay.name}, {cell}: {e}")      # the proof says what is missing
        cpu = relay.cpu() - cpu
        joined = proof.join(sent, self.sink.since(mark))
        self.verdicts[relay.name].add(joined.verdict)
        mails = len(joined.latencies_ms)
        if not mails:
            return Run(0.0, *[float("nan")] * 4, 0)
        return Run(mails / joined.seconds, proof.percentile(joined.latencies_ms, 0.5),
                   proof.percentile(joined.latencies_ms, 0.99), proof.percentile(joined.answers_ms, 0.5),
                   1000 * cpu / mails, mails)

    # --- what came out ------------------------------------------------------------------------------------------
    def median(self, name, cell, field):
        return statistics.median(getattr(r, field) for r in self.runs[name, cell])

    def ratio(self, cell, name, to, field="rate"):
        """Median of the rounds' own ratios: what disturbs the machine in a round disturbs both."""
        pairs = zip(self.runs[name, cell], self.runs[to, cell])
        return statistics.median(getattr(a, field) / getattr(b, field) if getattr(b, field) else float("nan")
                                 for a, b in pairs)


def hold_proof(stage, names, waves=20, clients=10):
    """The sink sits on its 250s until all clients' mails wait for theirs: whoever answers before is caught for certain."""
    record = proof.SinkRecord(stage.sink("held", [stages.HELD], "--hold", str(clients)))
    verdicts = {}
    for kind in relays.ALL:
        if kind.name not in names or kind is relays.Direct or not kind.cut_through:
            continue
        relay = kind(stage).start()
        mark = record.mails
        load, sent = stage.load(relay.address, clients=clients, mails=clients * waves, domain="held.bench.test", patience=30,
                                first_id=1)
        stage.finish(load, PATIENCE_SECONDS)
        verdicts[kind.name] = proof.join(proof.load_record(sent), record.since(mark)).verdict
        relay.stop()
    return verdicts
