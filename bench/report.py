# SPDX-License-Identifier: MIT
"""What the bench found, as plain text for people and as JSON for programs."""
import dataclasses
import json
import os
import platform
import time
from pathlib import Path

import race as races

def table(race):
    lines = []
    heads = {(c.connection, c.size) for c in race.cells}
    for connection, size in sorted(heads, key=lambda h: (h[0] != "new", h[1])):
        lines += ["",
                  ("A new connection per mail" if connection == "new" else "Kept connections") + f", {races.size_text(size)}",
                  f"{'clients':>7}  {'':9}{'mails/s':>9}{'of direct':>11}{'p50 ms':>9}{'p99 ms':>9}"
                  f"{'CPU ms/mail':>13}{'PSS MB':>8}"]
        for cell in race.cells:
            if (cell.connection, cell.size) != (connection, size):
                continue
            for number, relay in enumerate(race.entrants):
                lines.append(row(race, cell, relay, cell.clients if number == 0 else ""))
    return "\n".join(lines)


def row(race, cell, relay, clients):
    def of(field):
        return race.median(relay.name, cell, field)
    direct = f"{race.ratio(cell, relay.name, 'direct'):11.2f}" if ("direct", cell) in race.runs else f"{'':11}"
    cost = f"{of('cpu_ms'):13.3f}{race.pss[relay.name, cell] / 1e6:8.1f}" if relay.name != "direct" else ""
    return f"{clients:>7}  {relay.name:9}{of('rate'):9.0f}{direct}{of('p50_ms'):9.2f}{of('p99_ms'):9.2f}{cost}".rstrip()


def multiples(race):
    """Traypost's rate as a multiple of the others', cell by cell."""
    others = [r.name for r in race.entrants if r.name not in ("direct", "Traypost")]
    if not others or ("Traypost", race.cells[0]) not in race.runs:
        return ""
    lines = ["", "Traypost's mails/s as a multiple",
             f"{'':24}" + "".join(f"{'of ' + o:>12}" for o in others)]
    for cell in race.cells:
        name = f"{cell.connection}, {races.size_text(cell.size)}, {cell.clients} client{'s' * (cell.clients > 1)}"
        lines.append(f"{name:24}" + "".join(f"{race.ratio(cell, 'Traypost', o):12.1f}" for o in others))
    return "\n".join(lines)


def secured(races_by_way):
    """One cell, several ways to the sink."""
    lines = ["", "TLS to the sink: ten clients, a new connection per mail, 1 kB. kept: the relay keeps its connections to the sink; new",
             "and resumed: the sink closes after each mail, so that every mail has a handshake, full or resumed",
             f"{'':13}{'':9}{'mails/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms/mail':>13}{'PSS MB':>8}"]
    for race in races_by_way:
        for number, relay in enumerate(race.entrants):
            cell = race.cells[0]
            rate, p50, p99, cpu = (race.median(relay.name, cell, f) for f in ("rate", "p50_ms", "p99_ms", "cpu_ms"))
            lines.append(f"{race.way.name if number == 0 else '':13}{relay.name:9}{rate:9.0f}{p50:9.2f}{p99:9.2f}{cpu:13.3f}"
                         f"{race.pss[relay.name, cell] / 1e6:8.1f}")
    return "\n".join(lines)


def targets(race):
    """Rows of (what, figure, unit, bound, 'min' or 'max')."""
    rows = []
    if not race:
        return rows
    for other, bound in (("direct", 0.35), ("Postfix", 5), ("Exim", 8)):
        if {("Traypost", races.KEY), (other, races.KEY)} <= race.runs.keys():
            goal = " (goal 0.5)" if other == "direct" else ""
            rows.append((f"10 clients, a new connection per mail, 1 kB: multiple of {other}{goal}",
                         race.ratio(races.KEY, "Traypost", other), "", bound, "min"))
    if {("Traypost", races.ALONE), ("direct", races.ALONE)} <= race.runs.keys():
        added = race.ratio(races.ALONE, "Traypost", "direct", "p50_ms") - 1
        rows.append(("one client: added latency, as a multiple of direct's", added, "", 1.5, "max"))
    return rows


def figure(what, value, unit, bound, kind="max"):
    verdict = ""
    if bound is not None:
        good = value >= bound if kind == "min" else value < bound
        verdict = f"{'at least' if kind == 'min' else 'under'} {bound:g}: {'yes' if good else 'NO'}"
    return f"{what:66}{value:9.2f} {unit:3} {verdict}".rstrip()


def proofs(race, held):
    lines = ["", "Proof (client's record joined with the sink's, mail by mail)"]
    faulty = False
    for relay in race.entrants if race else ():
        v = race.verdicts[relay.name]
        faults = v.faults(relay.cut_through)
        faulty |= bool(faults)
        early = f", {v.early} answered before the sink did (it stores first)" if not relay.cut_through else ""
        lines.append(f"  {relay.name:9}{v.taken:8} of {v.sent} mails taken; "
                     + ("FAULTS: " + ", ".join(faults) if faults else "each arrived once and whole")
                     + (early or ("" if faults or relay.name == "direct" else ", no 250 came before the sink's")))
    for name, v in held.items():
        faults = v.faults(True)
        faulty |= bool(faults)
        lines.append(f"  {name:9}{v.taken:8} of {v.sent} mails taken while the sink sat on its 250s; "
                     + ("FAULTS: " + ", ".join(faults) if faults else "none answered early"))
    return "\n".join(lines), faulty


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    cpus = Path("/proc/cpuinfo").read_text().count("processor\t")
    return f"{cpus} x {model}, Linux {platform.release()}"


def busy():
    """A warning when others work on the machine: what they take is missing from the figures, and not evenly."""
    load = os.getloadavg()[0]
    if load <= 0.5:
        return ""
    return f"The load average is {load:.1f} before the start: other work runs here, the figures are rough.\n"


def write_json(path, load_before, race, held, secured, limits):
    out = {"machine": machine(), "load_before": load_before, "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    if race:
        out["race"] = [{"relay": name, "connection": cell.connection, "bytes": cell.size, "clients": cell.clients,
                        "pss_bytes": race.pss.get((name, cell)), "rounds": [dataclasses.asdict(r) for r in runs]}
                       for (name, cell), runs in race.runs.items()]
        out["idle_pss_bytes"] = race.idle_pss
        out["proof"] = {name: dataclasses.asdict(v) for name, v in race.verdicts.items()}
        out["targets"] = targets(race)
    out["secured"] = [{"way": r.way.name, "relay": name, "rounds": [dataclasses.asdict(run) for run in runs]}
                      for r in secured for (name, _), runs in r.runs.items()]
    out["proof_held"] = {name: dataclasses.asdict(v) for name, v in held.items()}
    out["limits"] = limits
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(out, indent=1) + "\n")
