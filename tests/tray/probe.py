# SPDX-License-Identifier: MIT
"""Questions about the windows of other programs, put to the probe: a small Windows program on the same desktop."""
import dataclasses
import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
COMPILER = ["x86_64-w64-mingw32-gcc", "-DWIN32_LEAN_AND_MEAN", "-std=c11", "-O1", "-Wall", "-Wextra", "-Wshadow", "-Werror"]


def build(folder):
    """probe.exe, spy.dll and the little programs, unless they are newer than their sources."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted((HERE / "probe").glob("*.[ch]"))
    newest = max(p.stat().st_mtime for p in sources)
    alone = {HERE / "probe" / name: libraries for name, libraries in
             (("spy.c", ["-shared"]), ("holder.c", ["-lws2_32"]), ("console.c", ["-municode"]))}
    products = {p.with_suffix(".dll" if p.stem == "spy" else ".exe").name: [p, *libraries] for p, libraries in alone.items()}
    products["probe.exe"] = [*(p for p in sources if p.suffix == ".c" and p not in alone), "-lntdll"]
    for name, arguments in products.items():
        product = folder / name
        if not product.exists() or product.stat().st_mtime < newest:
            unfinished = product.with_name(f"{os.getpid()}{name}")
            subprocess.run([*COMPILER, *arguments, "-static", "-o", unfinished], check=True)
            unfinished.rename(product)
    return folder


@dataclasses.dataclass(frozen=True)
class Window:
    id: int
    process: int            # Windows' numbers, not Linux'
    thread: int
    kind: str
    text: str
    visible: bool
    enabled: bool
    control: int
    parent: int
    style: int
    rect: tuple

    @property
    def centre(self):
        left, top, right, bottom = self.rect
        return (left + right) // 2, (top + bottom) // 2

    @property
    def size(self):
        left, top, right, bottom = self.rect
        return right - left, bottom - top


def _window(said):
    said["kind"], said["rect"] = said.pop("class"), tuple(said["rect"])
    return Window(**said)


class Probe:
    def __init__(self, desktop, folder):
        self.spy = "Z:" + str(folder / "spy.dll").replace("/", "\\")
        self.process = desktop.start(folder / "probe.exe", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words):
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the probe ended when it was asked: {words}"
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise LookupError(f"{words}: {answer['error']}")
        return answer

    def windows(self, inside=None):
        """Top-level windows, or all those inside one."""
        return [_window(w) for w in (self.ask("children", inside.id) if inside else self.ask("windows"))]

    def text(self, window):
        return self.ask("text", window.id)

    def title(self, balloon):
        return self.ask("title", balloon.id)

    def forget_icon(self, owner, number):
        """The shell forgets it, as when it has begun anew."""
        assert self.ask("forget-icon", owner, number)

    def focus(self):
        """(window in front, control with the keyboard), by id."""
        said = self.ask("focus")
        return said["front"], said["focus"]

    def list(self, window):
        """A list view: columns, rows, selected, focused, top, page, places."""
        return self.ask("list", window.id)

    def menu(self, window):
        """Items of an open menu."""
        return self.ask("menu", window.id, self.spy)

    def listen(self, window):
        """From now on heard() tells how the shell told this window's thread that the mouse is over its icon."""
        assert self.ask("listen", window.process, window.thread, self.spy)

    def heard(self, window):
        """window (0: nothing yet), message, w, l."""
        return self.ask("heard", window.process, self.spy)

    def processes(self, name):
        return [p["id"] for p in self.ask("processes") if p["name"].lower() == name]

    def image(self, process):
        """path, as Windows has it, and born: when it was started."""
        return self.ask("image", process)

    def kill(self, process):
        assert self.ask("kill", process)

    def resources(self, process):
        """Handles: gdi and kernel of the process, user of all processes together. And its priority class."""
        return self.ask("resources", process)

    def heaps(self, process):
        """bytes and blocks that it has allocated and not freed."""
        return self.ask("heaps", process, self.spy)

    def threads(self, process):
        return self.ask("threads", process)

    def crash(self, thread):
        self.ask("crash", thread)

    def post(self, window, message, w=0, l=0):
        assert self.ask("post", getattr(window, "id", window), message, w, l)

    def send(self, window, message, w=0, l=0):
        """What the window answers."""
        return self.ask("send", window.id, message, w, l)

    def broadcast(self, name):
        assert self.ask("broadcast", name)

    def open_and_close(self, bar, place, process, kind, times):
        """Clicks on a place of the task bar; each time a window of that kind must come, and go on Esc. How often it did."""
        return self.ask("open-and-close", bar.id, place[1] << 16 | place[0], process, kind, times)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
