# SPDX-License-Identifier: MIT
"""The setup's windows as a person meets them, and the installed program."""
import contextlib
import re
import time
from pathlib import Path

from catalogue import Catalogue
from namespaces import wait_until
from traypost import Traypost

TEXTS = Path(__file__).resolve().parents[2] / "installer/text"
NEXT, CANCEL, BACK = 1, 2, 3        # numbers of NSIS' buttons
DIALOG = "#32770"
STEADY_S = 0.3
ROOM = 6                            # pixels of the desktop around what is shown
BST_CHECKED = 1
BM_GETCHECK = 0xF0


class Texts:
    """Those of installer/text, to know what to look for in each language: Texts("cs", VERSION="0.1.0")["READY_TITLE"]."""

    def __init__(self, language, **values):
        self.language, self.values = language, values
        self.raw = dict(re.findall(r'^LangString (\w+) \$\{LANG_\w+\} "(.*)"$', (TEXTS / f"{language}.nsh").read_text("utf-8"), re.M))
        assert "READY_TITLE" in self.raw, f"{language}.nsh is not read any more"

    def __getitem__(self, name):
        text = self.raw[name].replace("$\\r$\\n", "\n").replace("&", "")
        for placeholder in re.findall(r"\$\{(\w+)\}|\$(\w+)", text):
            word = placeholder[0] or placeholder[1]
            if word in self.values:
                text = text.replace("${%s}" % word if placeholder[0] else f"${word}", str(self.values[word]))
        return text


def plain(text):
    return text.replace("\r\n", "\n").replace("&", "")


class Wizard:
    def __init__(self, windows, probe, hands, texts, *command, environment=None):
        self.windows, self.probe, self.hands, self.texts = windows, probe, hands, texts
        self.before = {w.id for w in self.dialogs()}
        hands.rest()
        self.process = windows.start(*command, env=environment)

    # --- what is seen ----------------------------------------------------------------------------------------------
    def dialogs(self):
        return [w for w in self.probe.windows() if w.kind == DIALOG and w.visible]

    def window(self, caption="CAPTION"):
        """The wizard, or a message box: also that has the caption of the wizard, but few things in it."""
        return next((w for w in self.dialogs() if w.id not in self.before and w.text.strip() == self.texts[caption]
                     and any(c.control == BACK for c in self.probe.windows(w))), None)

    def said(self, window):
        return "\n".join(plain(w.text) for w in self.probe.windows(window) if w.visible and w.text)

    def wait_page(self, *names, caption="CAPTION", timeout_s=30):
        """The page that has all these texts; its window."""
        wanted = [plain(self.texts[n]) for n in names]
        seen = []

        def there():
            window = self.window(caption)
            seen[:] = [self.said(window)] if window else ["no window"]
            return window if window and all(text in seen[0] for text in wanted) else None
        try:
            return wait_until("", there, timeout_s)
        except TimeoutError:
            raise TimeoutError(f"no page with {wanted} within {timeout_s} s, but:\n{seen[0]}") from None

    def wait_box(self, name, timeout_s=30):
        """A message with this text."""
        wanted = " ".join(plain(self.texts[name]).split())
        return wait_until(f"a box that says {wanted!r}", lambda: next(
            (w for w in self.dialogs() if w.id not in self.before and wanted in " ".join(self.said(w).split())), None), timeout_s)

    def control(self, window, name):
        """A button or box by its text."""
        raw = self.texts.raw[name]
        return next(c for c in self.probe.windows(window) if c.visible and plain(c.text) == plain(raw))

    def ticked(self, window, name):
        return self.probe.send(self.control(window, name), BM_GETCHECK) == BST_CHECKED

    def picture(self, window, path):
        """When it has been drawn: it does not change any more."""
        left, top, right, bottom = window.rect
        rect = (left - ROOM, top - ROOM, right + ROOM, bottom + ROOM)
        last, since = None, time.monotonic()
        while last is None or time.monotonic() - since < STEADY_S:
            now = self.windows.screen.picture(rect).tobytes()
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.02)
        self.windows.screen.save(path, rect)

    # --- what is done ------------------------------------------------------------------------------------------------
    def press(self, window, number):
        button = next(c for c in self.probe.windows(window) if c.control == number and c.visible)
        wait_until("the button can be pressed", lambda: next(
            c for c in self.probe.windows(window) if c.id == button.id).enabled)
        self.hands.click(button.centre)
        self.hands.rest()

    def next(self, window):
        self.press(window, NEXT)

    def click_yes(self, box):
        self.press(box, 6)                              # IDYES

    def click(self, window, name):
        """A box or a choice: at its beginning, as it may be wider than its words."""
        left, top, _, bottom = self.control(window, name).rect
        self.hands.click((left + 8, (top + bottom) // 2))
        self.hands.rest()

    def wait_ended(self, timeout_s=30):
        wait_until("the setup ends", lambda: self.process.poll() is not None, timeout_s)
        return self.process.returncode


class Installed(Traypost):
    """The program that a setup has started, or that has been started from where it was put."""

    def __init__(self, windows, probe, hands, language="en", other_than=None, timeout_s=20):
        self.desktop, self.probe, self.hands = windows, probe, hands
        self.lab, self.screen = windows.lab, windows.screen
        self.texts = Catalogue(language)
        self.started = time.monotonic()
        not_this = other_than and other_than.identity
        self.identity, self.path = wait_until("traypost.exe runs", lambda: next(
            ((i, path) for i, path in self.running() if i != not_this), None), timeout_s)
        self.number = self.identity[0]

    def running(self):
        """((number, when it was started), path) of each: numbers are used again."""
        found = []
        for number in self.probe.processes(self.image):
            with contextlib.suppress(LookupError):              # it has just ended
                about = self.probe.image(number)
                found.append(((number, about["born"]), about["path"]))
        return found

    @property
    def image(self):
        return "traypost.exe"

    @property
    def alive(self):
        return self.identity in [identity for identity, _ in self.running()]

    def end(self):
        if self.alive:
            self.probe.kill(self.number)
            wait_until("it has gone", lambda: not self.alive)
            self.wait_forgotten()
