# SPDX-License-Identifier: MIT
"""Traypost's limits: start, idleness, and memory when it is full of sessions or its MX is slow.

Each function returns rows of (what, figure, unit, bound); the figure must stay under the bound. Memory is PSS, read when
the load client says that it holds all sessions where they should be, or all along while a mail is under way.
"""
import re
import socket
import statistics
import subprocess
import time

import proof
import relays
import stage as stages

MB = 1_000_000
SESSIONS = 1000                 # over 64 destinations: a relay takes at most 20 connections to one at a time
HOLD_SECONDS = 1
STARTS = 10
SLOW_BYTES_PER_SECOND = 1 * MB
SLOW_MAIL_BYTES = 40 * MB
IDLE_SECONDS = 60


def start_time(stage):
    """From the fork to the first connection that is taken."""
    times = []
    for _ in range(STARTS):
        relay = relays.Traypost(stage)
        relay.folder.mkdir(exist_ok=True)
        began = time.monotonic()
        relay.process = relay.launch()
        stages.wait_until("Traypost listens", lambda: connects(relay.address), interval_s=0.0005)
        times.append(1000 * (time.monotonic() - began))
        relay.stop()
    return [("start to listening, median", statistics.median(times), "ms", 100),
            ("start to listening, worst", max(times), "ms", 100)]


def connects(address):
    try:
        socket.create_connection((address, 25), timeout=1).close()
        return True
    except OSError:
        return False


def served(load, path, stage, sink, mark, timeout_s):
    """Joins the records of a run that must have gone well; returns how many mails were served."""
    stage.finish(load, timeout_s)
    joined = proof.join(proof.load_record(path), sink.since(mark))
    faults = joined.verdict.faults(cut_through=True)
    if faults:
        raise proof.Fault("not all were served: " + ", ".join(faults))
    return joined.verdict.taken


def most(relay, seconds):
    """The highest PSS seen in that time: what was sent just before may still be on its way through."""
    end = time.monotonic() + seconds
    peak = relay.pss()
    while time.monotonic() < end:
        time.sleep(0.05)
        peak = max(peak, relay.pss())
    return peak


def sessions(stage):
    """1,000 clients at once behind RCPT, then in the middle of their text; all go on and all are served."""
    sink = proof.SinkRecord(stage.sink("many", stages.MANY))
    relay = relays.Traypost(stage).start()
    rows = [("idle PSS after start", relay.pss() / MB, "MB", 6)]
    for number, (hold, where) in enumerate((("rcpt", "behind RCPT"), ("data", "in mid-DATA"))):
        mark = sink.mails
        load, record = stage.load(relay.address, clients=SESSIONS, mails=SESSIONS, bytes=100_000, domains=len(stages.MANY),
                                  hold=hold, first_id=1 + number * SESSIONS, patience=50)
        stages.say_when(load, "holding", 60)
        pss = most(relay, HOLD_SECONDS)
        load.stdin.write("go on\n")
        load.stdin.flush()
        count = served(load, record, stage, sink, mark, 60)
        rows.append((f"PSS with {count} sessions {where}", pss / MB, "MB", 64))
    rows += idleness(stage, relay, sink)
    return rows


def idleness(stage, relay, sink):
    """No system call while nothing happens, after connections kept for reuse have closed. strace's arrival itself wakes the
    program once; what is stamped within the first half second is that."""
    stages.wait_until("kept connections are closed", lambda: sink.open_connections == 0)
    pss = relay.pss()
    trace = stage.folder / "strace"
    p = stage.start(["strace", "-f", "-ttt", "-o", trace, "-p", relay.process.pid], "strace", stderr=subprocess.PIPE, text=True)
    p.stderr.readline()                         # "Process N attached"
    began = time.time()
    try:
        p.wait(IDLE_SECONDS)
        raise stages.Trouble("strace ended by itself")
    except subprocess.TimeoutExpired:
        ended = time.time()
        stage.stop(p)
        p.stderr.close()
    calls = [call for call in re.findall(r"^\d+ +(\d+\.\d+) \w+\(", trace.read_text(), re.MULTILINE)
             if began + 0.5 < float(call) < ended]
    return [("idle PSS after 2,000 mails", pss / MB, "MB", None),
            (f"system calls in {IDLE_SECONDS} idle seconds", len(calls), "", 1)]


def slow_exchanger(stage):
    """A large mail to an MX that reads slowly: what is between must be a window, not the mail."""
    sink = proof.SinkRecord(stage.sink("slow", [stages.SLOW], "--rate", str(SLOW_BYTES_PER_SECOND)))
    relay = relays.Traypost(stage).start()
    load, record = stage.load(relay.address, domain="slow.bench.test", first_id=1)
    served(load, record, stage, sink, 0, 30)    # code and tables that any first mail brings are not growth
    before = peak = relay.pss()
    mark = sink.mails
    load, record = stage.load(relay.address, domain="slow.bench.test", first_id=2, bytes=SLOW_MAIL_BYTES)
    began = time.monotonic()
    while load.poll() is None:
        peak = max(peak, relay.pss())
        try:
            load.wait(0.1)
        except subprocess.TimeoutExpired:
            pass
    seconds = time.monotonic() - began
    served(load, record, stage, sink, mark, 1)
    return [(f"PSS growth, {SLOW_MAIL_BYTES // MB} MB mail in {seconds:.0f} s to a 1 MB/s MX", (peak - before) / MB, "MB", 4)]


PARTS = {"start": start_time, "sessions": sessions, "slow": slow_exchanger}
