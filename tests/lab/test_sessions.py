# SPDX-License-Identifier: MIT
"""Plays the dialogues of tests/sessions/*.txt against the relay. How they are written is told in tests/sessions/README.md."""
import re
from pathlib import Path

import pytest
from clients import Closed, Raw

SESSIONS = sorted((Path(__file__).resolve().parents[1] / "sessions").glob("*.txt"))


def dialogues():
    """One parameter for each dialogue: a file holds several, each begun by a line '== what it shows'."""
    for path in SESSIONS:
        title, lines = None, []
        for line in path.read_text().splitlines() + ["== "]:
            if line.startswith("== "):
                if title:
                    yield pytest.param(lines, id=f"{path.stem}: {title}")
                title, lines = line[3:].strip(), []
            elif line.strip() and not line.startswith("#"):
                assert title, f"{path.name}: a line before the first title: {line}"
                assert re.match(r"([CS][:+-]|C>|MX:|DELIVERED:|CONTENT:) ?", line), f"{path.name}: {line}"
                lines.append(line)


def octets(text):
    r"""\r \n \0 \t \\ \xNN, and \(text*n) for text n times."""
    def one(m):
        if m[1]:
            return octets(m[1]).decode("latin-1") * int(m[2])
        if m[3]:
            return chr(int(m[3], 16))
        return {"r": "\r", "n": "\n", "0": "\0", "t": "\t", "\\": "\\"}[m[4]]
    return re.sub(r"\\(?:\((.*?)\*(\d+)\)|x([0-9a-fA-F]{2})|([rn0t\\]))", one, text.encode().decode("latin-1")).encode("latin-1")


@pytest.mark.parametrize("lines", dialogues())
def test_dialogue(relay, mx, lines):
    table = {}
    for line in lines:
        if line.startswith("MX:"):
            step, _, reply = line[3:].strip().partition(" ")
            table[step] = reply
    alpha = mx("alpha", **table)
    reply = None
    with Raw(greet=False, timeout_s=20) as c:
        for line in lines:
            kind, rest = line[:2], line[2:].removeprefix(" ")
            if kind == "C:":
                c.send(octets(rest) + b"\r\n")
            elif kind == "C>":
                c.send(octets(rest))
            elif kind == "S:" and rest == "<closed>":
                try:
                    assert c.closed()
                except Closed:
                    pass
            elif kind == "S:":
                reply = c.reply()
                assert re.match(rest, reply.lines[-1]), f"expected {rest}, got\n{reply}\n\n{c.transcript()}"
            elif kind == "S+":
                assert any(re.search(rest, t) for t in reply.lines), f"no line with {rest} in\n{reply}"
            elif kind == "S-":
                assert not any(re.search(rest, t) for t in reply.lines), f"a line with {rest} in\n{reply}"
            elif line.startswith("DELIVERED:"):
                assert len(alpha.accepted) == int(line.partition(":")[2])
            elif line.startswith("CONTENT:"):
                assert re.search(octets(line[8:].strip()), alpha.accepted[-1].text)
