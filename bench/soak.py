# SPDX-License-Identifier: MIT
"""The soak: full load for a long time. Memory must stay where the first minute has brought it, and the rate where a fresh
program has it, on a machine that may not be the same after an hour. Every slice of it is proved mail by mail, as any other run.

bench/run --part soak --minutes 20
"""
import statistics
import time

import proof
import race as races
import relays

SLICE_SECONDS = 15
PAIRS, SHORT_SECONDS = 9, 2      # short runs of the aged program and of one just started, side by side
SETTLED_SECONDS = 60            # or a quarter of the whole: until then memory may grow
MB = 1_000_000


class Newcomer(relays.Traypost):
    """The same program beside it, just started."""
    name = "newcomer"
    address = "127.0.0.4"


def compare(race, relay, newcomer):
    """Short runs of both in turn, so that what else the machine does hits both alike; a new newcomer each time."""
    pairs = []
    for number in range(PAIRS):
        newcomer.start()
        race.warm_up(newcomer, races.KEY)
        pair = {r: race.measure(r, races.KEY, SHORT_SECONDS) for r in ([relay, newcomer], [newcomer, relay])[number % 2]}
        pairs.append((pair[relay], pair[newcomer]))
        newcomer.stop()
    return pairs


def soak(stage, minutes, say):
    """Rows of (what, figure, unit, bound), as of limits.py."""
    race = races.Race(stage, ["Traypost"], [races.KEY], 0, SHORT_SECONDS, say)
    race.run()
    relay, newcomer = race.entrants[0], Newcomer(stage)
    race.verdicts[newcomer.name] = proof.Verdict()
    began, slices = time.monotonic(), []
    while time.monotonic() - began < 60 * minutes:
        run = race.measure(relay, races.KEY, SLICE_SECONDS)
        slices.append((time.monotonic() - began, run, relay.pss()))
        say(f"soak: {slices[-1][0] / 60:.1f} of {minutes:g} min, {run.rate:.0f} mails/s, {relay.pss() / MB:.2f} MB")
    pairs = compare(race, relay, newcomer)
    for r in (relay, newcomer):
        if faults := race.verdicts[r.name].faults(cut_through=True):
            raise proof.Fault(f"{r.name}: not all were served: " + ", ".join(faults))

    def median(field, of):
        return statistics.median(getattr(pair[of], field) for pair in pairs)

    def ratio(field):
        return statistics.median(getattr(aged, field) / getattr(fresh, field) for aged, fresh in pairs)

    settled = [pss for at, _, pss in slices if at >= min(SETTLED_SECONDS, 15 * minutes)]
    rates = [run.rate for _, run, _ in slices]
    quarter = max(1, len(rates) // 4)
    mails = sum(run.mails for _, run, _ in slices)
    return [(f"soak, {mails} mails in {minutes:g} min: rate", statistics.median(rates), "/s", None),
            ("its last quarter, of its first", statistics.median(rates[-quarter:]) / statistics.median(rates[:quarter]), "", None),
            (f"{PAIRS} pairs of short runs behind it: rate", median("rate", 0), "/s", None),
            ("of a program just started", median("rate", 1), "/s", None),
            ("CPU for a mail", median("cpu_ms", 0), "ms", None),
            ("of a program just started", median("cpu_ms", 1), "ms", None),
            ("CPU for a mail, of a fresh one's", ratio("cpu_ms"), "", None),
            ("rate lost by the soak", 1 - ratio("rate"), "", 0.05),
            ("PSS at its end", settled[-1] / MB, "MB", None),
            ("PSS growth since it had settled", (max(settled) - settled[0]) / MB, "MB", 0.5)]
