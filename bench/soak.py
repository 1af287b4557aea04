# SPDX-License-Identifier: MIT
"""The soak: full load for a long time. Memory must stay where the first minute has brought it, and the rate where a fresh
program has it, on a machine that may not be the same after an hour. Every slice of it is proved mail by mail, as any other run.

bench/run --part soak --minutes 20
"""
import statistics
import time

import proof
import race as races

SLICE_SECONDS = 15
SHORT_RUNS, SHORT_SECONDS = 5, 2
SETTLED_SECONDS = 60            # or a quarter of the whole: until then memory may grow
MB = 1_000_000


def short(race, relay):
    """Mails a second, and the relay's milliseconds of CPU for one, which other work on the machine disturbs less."""
    runs = [race.measure(relay, races.KEY, SHORT_SECONDS) for _ in range(SHORT_RUNS)]
    return [statistics.median(getattr(run, field) for run in runs) for field in ("rate", "cpu_ms")]


def soak(stage, minutes, say):
    """Rows of (what, figure, unit, bound), as of limits.py."""
    race = races.Race(stage, ["Traypost"], [races.KEY], 0, SHORT_SECONDS, say)
    race.run()
    relay = race.entrants[0]
    began, slices = time.monotonic(), []
    while time.monotonic() - began < 60 * minutes:
        run = race.measure(relay, races.KEY, SLICE_SECONDS)
        slices.append((time.monotonic() - began, run, relay.pss()))
        say(f"soak: {slices[-1][0] / 60:.1f} of {minutes:g} min, {run.rate:.0f} mails/s, {relay.pss() / MB:.2f} MB")
    soaked, soaked_ms = short(race, relay)
    relay.stop()
    relay.start()
    race.warm_up(relay, races.KEY)
    fresh, fresh_ms = short(race, relay)
    if faults := race.verdicts[relay.name].faults(cut_through=True):
        raise proof.Fault("not all were served: " + ", ".join(faults))
    settled = [pss for at, _, pss in slices if at >= min(SETTLED_SECONDS, 15 * minutes)]
    rate = statistics.median(run.rate for _, run, _ in slices)
    mails = sum(run.mails for _, run, _ in slices)
    return [(f"soak, {mails} mails in {minutes:g} min: rate", rate, "/s", None),
            ("short runs behind it: rate", soaked, "/s", None),
            ("the same, of a program just started", fresh, "/s", None),
            ("CPU for a mail", soaked_ms, "ms", None),
            ("the same, of a program just started", fresh_ms, "ms", None),
            ("rate lost by the soak", 1 - soaked / fresh, "", 0.05),
            ("PSS at its end", settled[-1] / MB, "MB", None),
            ("PSS growth since it had settled", (max(settled) - settled[0]) / MB, "MB", 0.5)]
