# SPDX-License-Identifier: MIT
"""The program under test as a person meets it: an icon, a menu, a log, notifications. Only what can be seen and done."""
import itertools
import time
from pathlib import Path

import namespaces
from catalogue import Catalogue
from namespaces import hex_address, wait_until
from relay import listening
from screen import count

SLOT = 20                       # pixels of the task bar for each icon, counted from the right
STEADY_S = 0.75                 # a colour that stays so long does not blink
BLINK_S = 0.5                   # PRODUCT 2
BALLOON = 0x40                  # the style of a tooltip that is a notification
NIN_BALLOONUSERCLICK = 0x405
POPUP_MENU, TOOLTIP, LIST = "#32768", "tooltips_class32", "SysListView32"
LOOPBACK = {hex_address(a) for a in ("127.0.0.1", "::1")}


class Menu:
    def __init__(self, program, window):
        self.program, self.window = program, window
        self.items = [i for i in program.probe.menu(window) if not i["separator"]]

    def __getitem__(self, name):
        """By its name in the catalogue: menu["STOP"]."""
        raw = self.program.texts.raw("MENU_" + name)
        return next(i for i in self.items if i["text"].split("\t")[0] == raw)

    @property
    def texts(self):
        return [i["text"].split("\t")[0].replace("&", "") for i in self.items]

    def choose(self, name):
        left, top, right, bottom = self[name]["rect"]
        self.program.hands.click(((left + right) // 2, (top + bottom) // 2))
        self.wait_gone()

    def keys(self, *names):
        self.program.hands.keys(self.window, *names)

    def wait_gone(self):
        wait_until("the menu closes", lambda: not self.program.windows(POPUP_MENU))
        self.program.hands.rest()


class Log:
    """The log window while it is open."""

    def __init__(self, program, window):
        self.program, self.window = program, window
        inside = program.probe.windows(window)
        self.table = next(w for w in inside if w.kind == LIST)
        self.detail = next(w for w in inside if w.kind.lower().startswith(("edit", "richedit")))

    def read(self):
        return self.program.probe.list(self.table)

    @property
    def rows(self):
        return self.read()["rows"]

    @property
    def lines(self):
        """Each line's columns in one text."""
        return [" | ".join(r) for r in self.rows]

    def wait_line(self, *parts, timeout_s=10):
        """The number of the newest line that has all the parts."""
        def found():
            return [n for n, line in enumerate(self.lines) if all(p in line for p in parts)]
        return wait_until(f"a line with {parts} in the log, which is\n" + "\n".join(self.lines), found, timeout_s)[-1]

    def detail_text(self):
        return self.program.probe.text(self.detail).replace("\r\n", "\n").replace("\r", "\n")

    def place_of(self, number):
        """On the screen: left, top, right, bottom."""
        return self.read()["places"][number]

    def click_line(self, number):
        left, top, _, bottom = self.place_of(number)
        self.program.hands.click((left + 60, (top + bottom) // 2))

    def keys(self, *names):
        self.program.hands.keys(self.window, *names)

    def close(self):
        self.keys("Escape")
        self.wait_gone()

    def wait_gone(self):
        wait_until("the log closes", lambda: not self.program.windows(text=self.window.text))
        self.program.hands.rest()


class Traypost:
    serial = itertools.count(1)

    def __init__(self, desktop, probe, hands, options=(), language="en", environment=None, wait=True):
        self.desktop, self.probe, self.hands = desktop, probe, hands
        self.lab, self.screen = desktop.lab, desktop.screen
        self.texts = Catalogue(language or "en")
        before = set(probe.processes(self.image))
        said = self.lab.folder / f"traypost{next(self.serial)}.log"
        self.started = time.monotonic()
        with open(said, "w") as out:
            self.process = desktop.start(desktop.binary, *(("--lang", language) if language else ()), *options, env=environment,
                                         stdout=out, stderr=out)
        self.said = said
        self.number = wait_until("the program runs", lambda: self._number(before), 20) if wait else 0

    @property
    def image(self):
        return Path(self.desktop.binary).name.lower()

    def _number(self, before):
        """Windows' number of the process."""
        assert self.alive, f"the program ended with {self.process.returncode}: {self.said.read_text()}"
        return next(iter(set(self.probe.processes(self.image)) - before), None)

    def wait_ready(self, address="127.0.0.1"):
        """Just started: its first green is a true one."""
        wait_until("the icon is green", lambda: self.look() == "green", 20)
        wait_until("the port is open", lambda: hex_address(address) in listening(25))
        return self

    # --- process ------------------------------------------------------------------------------------------------
    @property
    def alive(self):
        return self.process.poll() is None

    def wait_ended(self, timeout_s=10):
        """Its exit code."""
        wait_until("the program ends", lambda: not self.alive, timeout_s)
        return self.process.returncode

    def end(self):
        """As with the task manager."""
        if self.alive:
            self.process.kill()
            self.process.wait()

    def wait_gone(self):
        """It has taken its icon away itself: the shell would take two seconds to see that nobody owns it any more."""
        wait_until("the icon is gone", lambda: not self.icons(), 1)

    def wait_forgotten(self):
        """The shell sees that an icon has no owner any more when the mouse comes over it."""
        def none_left():
            if self.icons():
                self.hands.move(self.icon)
                self.hands.rest()
            return not self.icons()
        wait_until("no icon is left", none_left)

    @property
    def listens(self):
        return LOOPBACK <= listening(25)

    @property
    def deaf(self):
        return not LOOPBACK & listening(25)

    # --- icon ---------------------------------------------------------------------------------------------------
    def slot(self, number=0):
        right, bottom = self.screen.width - SLOT * number, self.screen.height
        return right - SLOT, bottom - SLOT, right, bottom

    @property
    def icon(self):
        left, top, right, bottom = self.slot()
        return (left + right) // 2, (top + bottom) // 2

    def icons(self):
        """How many there are on the task bar."""
        n = 0
        while len(set(self.screen.picture(self.slot(n)).getdata())) > 1:
            n += 1
        return n

    def look(self):
        """What the icon is this moment: green, red, or something else."""
        red, green = count(self.screen.picture(self.slot()))
        if red > 40 and green < 10:
            return "red"
        if green > 40 and red < 10:
            return "green"
        return "something else" if self.icons() else "nothing"

    def _changes(self):
        """Each new look, with the time; None in between."""
        last = None
        while True:
            now = self.look()
            yield (time.monotonic(), now) if now != last else None
            last = now
            time.sleep(0.01)

    def wait_light(self, wanted, timeout_s=10):
        """green and red: and stays so; blinking: has been seen to go from one to the other and back."""
        deadline = time.monotonic() + timeout_s
        seen = []
        for change in self._changes():
            seen += [change] if change else []
            if wanted == "blinking":
                if {look for _, look in seen[-3:]} == {"green", "red"} and len(seen) >= 3:
                    return seen[-1][0]
            elif seen[-1][1] == wanted and time.monotonic() > seen[-1][0] + STEADY_S:
                return seen[-1][0]
            if time.monotonic() > deadline:
                raise TimeoutError(f"the icon is not {wanted} within {timeout_s} s: "
                                   + ", ".join(f"{look} at {t - self.started:.2f} s" for t, look in seen))

    def light(self):
        """green, red, blinking or something else, after a good look."""
        seen = set()
        deadline = time.monotonic() + STEADY_S
        while time.monotonic() < deadline:
            seen.add(self.look())
            time.sleep(0.02)
        return "blinking" if {"green", "red"} <= seen else seen.pop() if len(seen) == 1 else "something else"

    def watch(self, seconds):
        """[(when, look)] of each change within the time."""
        seen = []
        deadline = time.monotonic() + seconds
        for change in self._changes():
            seen += [change] if change else []
            if time.monotonic() > deadline:
                return seen

    def tooltip(self):
        """What the icon says when the mouse rests on it."""
        self.hands.rest()
        wait_until("no tooltip", lambda: not self._tips())
        self.hands.move(self.icon)
        tip = wait_until("a tooltip", self._tips)[0]
        self.hands.rest()
        return tip.text

    def _tips(self):
        return [w for w in self.probe.windows() if w.kind == TOOLTIP and w.visible and not w.style & BALLOON and w.text]

    # --- windows ------------------------------------------------------------------------------------------------
    def windows(self, kind=None, text=None):
        """Its visible top-level windows."""
        return [w for w in self.probe.windows() if w.process == self.number and w.visible
                and kind in (None, w.kind) and text in (None, w.text)]

    def wait_window(self, text=None, kind=None, timeout_s=10):
        return wait_until(f"a window {text or kind}", lambda: self.windows(kind, text), timeout_s)[0]

    def texts_in(self, window):
        """All that can be read in a window."""
        return [w.text for w in self.probe.windows(window) if w.visible and w.text]

    def button(self, window, name):
        raw = self.texts.raw(name)
        return next(w for w in self.probe.windows(window) if w.kind == "Button" and w.text.split("\n")[0] == raw)

    # --- what one does with it ------------------------------------------------------------------------------------
    def open_menu(self):
        self.hands.right_click(self.icon)
        return Menu(self, self.wait_window(kind=POPUP_MENU))

    def choose(self, name):
        self.open_menu().choose(name)

    def open_log(self):
        self.hands.click(self.icon)
        self.hands.rest()
        return self.log()

    def log(self, timeout_s=10):
        """The log window that is open, or is just opening."""
        return Log(self, self.wait_window(self.texts.ui("LOG_TITLE"), timeout_s=timeout_s))

    # --- notifications --------------------------------------------------------------------------------------------
    def balloons(self):
        return [w for w in self.probe.windows() if w.kind == TOOLTIP and w.visible and w.style & BALLOON and w.text]

    def wait_balloon(self, timeout_s=15):
        return wait_until("a notification", self.balloons, timeout_s)[0]

    def icons_owner(self):
        """What the shell tells the program when the mouse is over the icon: to which window, with which message, w and l,
        and the icon's number."""
        window = next(w for w in self.probe.windows() if w.process == self.number and w.kind != "IME")
        self.probe.listen(window)
        self.hands.move(self.icon)
        told = wait_until("the shell speaks to the program", lambda: (h := self.probe.heard(window))["window"] and h)
        self.hands.rest()
        return told["window"], told["message"], told["w"], told["l"], told["l"] >> 16

    def click_balloon(self):
        """Wine's notifications do not answer to the mouse, those of Windows do: says to the program what the shell of
        Windows says then, to the window, with the message and the number that the shell was told."""
        window, message, w, _, number = self.icons_owner()
        self.probe.post(window, message, w, number << 16 | NIN_BALLOONUSERCLICK)


__all__ = ["Traypost", "Log", "Menu", "namespaces"]
