# SPDX-License-Identifier: MIT
"""The proof: the sink's record joined with the client's, mail by mail (bench/record.h has the layout of both).

It does not believe the relay and does not need its log: every id the client was told 250 for must stand in the sink's record
exactly once, with the body that was sent, and for a cut-through relay not later than the client's 250.
"""
import dataclasses
import mmap
import struct
from collections import Counter

SINK_HEADER_BYTES = 4096
SINK_MAGIC, LOAD_MAGIC = 0x314B4E4953595254, 0x3144414F4C595254
SINK_HEADER = struct.Struct("=4Q")
SINK_MAIL = struct.Struct("=4Q")
LOAD_HEADER = struct.Struct("=2Q")
LOAD_MAIL = struct.Struct("=5Q2I")
STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end of data", "QUIT", "idle")


class Fault(Exception):
    """A proof failed; the text says which."""


class SinkRecord:
    """A running sink's record, followed as it grows."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.map = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
        assert self.header()[0] == SINK_MAGIC

    def header(self):
        return SINK_HEADER.unpack_from(self.map)

    @property
    def mails(self):
        return self.header()[1]

    @property
    def open_connections(self):
        return self.header()[3]

    def since(self, mark):
        start, end = (SINK_HEADER_BYTES + n * SINK_MAIL.size for n in (mark, self.mails))
        return list(SINK_MAIL.iter_unpack(self.map[start:end]))


def load_record(path):
    data = path.read_bytes()
    magic, mails = LOAD_HEADER.unpack_from(data)
    assert magic == LOAD_MAGIC
    return list(LOAD_MAIL.iter_unpack(data[LOAD_HEADER.size:LOAD_HEADER.size + mails * LOAD_MAIL.size]))


@dataclasses.dataclass
class Verdict:
    """Counts of mails. Only `early` may be above zero, and only where 250 does not mean delivered."""
    sent: int = 0
    taken: int = 0              # the client was told 250
    early: int = 0              # ... before the sink said so
    lost: int = 0               # ... and the sink never had it
    twice: int = 0
    damaged: int = 0
    stray: int = 0              # at the sink, but refused to the client, or nobody's
    refusals: Counter = dataclasses.field(default_factory=Counter)

    def add(self, other):
        for f in dataclasses.fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    def faults(self, cut_through):
        names = ["lost", "twice", "damaged", "stray"] + (["early"] if cut_through else [])
        found = [f"{getattr(self, n)} {n}" for n in names if getattr(self, n)]
        return found + [f"{n} not taken ({why})" for why, n in self.refusals.items()]


@dataclasses.dataclass
class Joined:
    verdict: Verdict
    seconds: float              # from the first start until the last mail was at the sink and answered
    latencies_ms: list          # until at the sink and answered, sorted
    answers_ms: list            # until answered, sorted


def join(sent, arrived):
    v = Verdict(sent=len(sent))
    at_sink = {mail[0]: mail for mail in arrived}
    v.twice = len(arrived) - len(at_sink)
    latencies, answers = [], []
    first, last = min((m[1] for m in sent), default=0), 0
    taken = set()
    for number, started, answered, digest, size, code, stage in sent:
        if code != 250:
            v.refusals[f"{code or 'connection lost'} at {STAGES[stage]}"] += 1
            continue
        v.taken += 1
        taken.add(number)
        mail = at_sink.get(number)
        if mail is None:
            v.lost += 1
            continue
        v.early += answered < mail[1]
        v.damaged += (digest, size) != mail[2:]
        end = max(answered, mail[1])
        last = max(last, end)
        latencies.append((end - started) / 1e6)
        answers.append((answered - started) / 1e6)
    v.stray = len(at_sink.keys() - taken)
    return Joined(v, (last - first) / 1e9, sorted(latencies), sorted(answers))


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
