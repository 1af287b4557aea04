# SPDX-License-Identifier: MIT
"""The desktop itself, without Traypost: what these cannot show, no other test here can rely on."""
import re
from pathlib import Path

import pytest
from namespaces import wait_until
from screen import count


@pytest.fixture
def notepad(desktop, probe, hands):
    child = desktop.start("notepad")
    window = wait_until("a window of Notepad",
                        lambda: [w for w in probe.windows() if w.kind == "Notepad" and w.visible and w.size > (100, 100)])[0]
    yield window
    child.kill()
    child.wait()
    wait_until("Notepad is gone", lambda: window.id not in [w.id for w in probe.windows()])


def test_the_shell_has_a_task_bar_without_icons(desktop, probe):
    bar = wait_until("the task bar", lambda: [w for w in probe.windows() if w.kind == "Shell_TrayWnd" and w.visible])[0]
    assert bar.rect[2:] == (desktop.screen.width, desktop.screen.height)
    corner = desktop.screen.picture((bar.rect[2] - 200, *bar.rect[1:]))
    assert len(set(corner.getdata())) == 1, "something stands where icons would stand"


def test_what_is_typed_can_be_read_copied_and_pasted(notepad, probe, hands):
    edit = next(w for w in probe.windows(notepad) if w.kind == "Edit")
    hands.keys(notepad, *"typed", "ctrl+a", "ctrl+c", "End")
    assert wait_until("the text", lambda: probe.text(edit)) == "typed"
    wait_until("the text is on the clipboard", lambda: hands.clipboard() == "typed")
    hands.keys(notepad, "ctrl+v")
    wait_until("the text has been pasted", lambda: probe.text(edit) == "typedtyped")


def test_pixels_are_read_as_they_are_drawn(notepad, desktop):
    picture = desktop.screen.picture(notepad.rect)
    assert picture.size == notepad.size
    wait_until("a white page", lambda: desktop.screen.picture(notepad.rect).getpixel((200, 200)) == (255, 255, 255))
    assert desktop.screen.picture().getpixel((1000, 600)) != (255, 255, 255)


def test_red_and_green_are_told_apart():
    import PIL.Image
    paint = {"red": (200, 30, 30), "green": (20, 140, 50), "grey": (128, 128, 128), "white": (255, 255, 255)}
    picture = PIL.Image.new("RGB", (4, 1))
    picture.putdata(list(paint.values()))
    assert count(picture) == (1, 1)


def test_what_a_process_holds_is_counted(notepad, probe, hands):
    """Wine's own functions for it say 0; a window more must be seen."""
    before = probe.resources(notepad.process)
    assert min(before.values()) > 5, before
    hands.keys(notepad, "ctrl+f")
    wait_until("the dialog", lambda: [w for w in probe.windows() if w.kind == "#32770" and w.visible])
    after = probe.resources(notepad.process)
    assert after["user"] > before["user"] + 5 and after["gdi"] >= before["gdi"], (before, after)


def test_what_the_readme_names_exists():
    """The table of what shows what would be worth nothing if it named tests that are gone."""
    here = Path(__file__).parent
    readme = (here / "README.md").read_text()
    tests = set(re.findall(r"(?m)^def (test_\w+)", "".join(p.read_text() for p in here.glob("test_*.py"))))
    named = set(re.findall(r"`(test_\w+)`", readme))
    assert len(named) > 50 and not named - tests, named - tests
    lines = set(re.findall(r"(?m)^\| (\d+) \|", (here.parents[1] / "docs/manual-checklist.md").read_text()))
    wanted = {n for words in re.findall(r"manual ((?:\d+(?:, )?)+)", readme) for n in words.split(", ")}
    assert len(wanted) > 20 and not wanted - lines, wanted - lines
    untold = {t for t in tests - named if t in (here / "test_icon.py").read_text() + (here / "test_menu.py").read_text()}
    assert not untold, "tests that the table does not name"
