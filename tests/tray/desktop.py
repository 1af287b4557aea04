# SPDX-License-Identifier: MIT
"""A Windows desktop without a monitor, on the home machine of the lab: an X server whose picture is a file, and Wine's
shell on it, with a task bar and a place for icons.

All of it runs in the home namespace: the sockets of a Windows program belong to where its wineserver was started, and
what a killed run leaves behind is found by its namespace and ended.
"""
import os
import subprocess
import tempfile
from pathlib import Path

import relay as lab_relay
from screen import Screen

WIDTH, HEIGHT = 1280, 800
FONTS = Path("/usr/share/wine/fonts")

# Every program goes to one desktop, the one with the task bar. Letters are drawn as on a common screen.
REGISTRY = (
    (r"HKCU\Software\Wine\Explorer", "Desktop", "REG_SZ", "shell"),
    (r"HKCU\Software\Wine\Explorer\Desktops", "shell", "REG_SZ", f"{WIDTH}x{HEIGHT}"),
    (r"HKCU\Control Panel\Desktop", "FontSmoothing", "REG_SZ", "2"),
    (r"HKCU\Control Panel\Desktop", "FontSmoothingType", "REG_DWORD", "1"),
)


class Display:
    """Xvfb, which chooses its number itself."""

    def __init__(self, lab):
        folder = lab.folder / "display"
        folder.mkdir()
        read, write = os.pipe()
        with open(folder / "log", "w") as log:
            self.process = lab.start(
                lab.home, ["Xvfb", "-displayfd", write, "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", folder,
                           "-nolisten", "tcp", "-noreset"], pass_fds=[write], stdout=log, stderr=log)
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start:\n" + (folder / "log").read_text()
        self.name = ":" + number
        # What a killed X server cannot take away itself; read by tests/tray/run.
        (lab.folder / "leaves").write_text(f"/tmp/.X{number}-lock\n/tmp/.X11-unix/X{number}\n")
        self.screen = Screen(folder / "Xvfb_screen0")


class Desktop(lab_relay.Wine):
    def __init__(self, lab, binary):
        self.display = Display(lab)
        self.screen = self.display.screen
        super().__init__(lab, binary)
        for font in FONTS.glob("*.ttf"):        # Debian keeps them where its own Wine does not look
            (self.prefix / "drive_c/windows/Fonts" / font.name).symlink_to(font)
        for key, name, kind, value in REGISTRY:
            self.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")

    def environment(self, **more):
        return {**super().environment(), "DISPLAY": self.display.name, **more}

    def start(self, *command, env=None, **kw):
        """A Windows program of this desktop; its pid is that of the program itself."""
        kw.setdefault("stdout", subprocess.DEVNULL)
        kw.setdefault("stderr", subprocess.DEVNULL)
        return self.lab.start(self.lab.home, ["wine", *command], env=self.environment(**(env or {})), cwd="/", **kw)

    def run(self, *command, check=True, timeout_s=60, env=None):
        """Runs a console program to its end: (exit code, what it wrote). Not through a pipe: whatever is left running
        would keep that open."""
        with tempfile.TemporaryFile(dir=self.lab.folder) as out:
            child = self.start(*command, env=env, stdout=out, stderr=out)
            code = child.wait(timeout_s)
            self.lab.children.remove(child)
            out.seek(0)
            text = out.read().decode("utf-8", "replace").replace("\r\n", "\n")
        assert code == 0 or not check, f"{command}: exit {code}\n{text}"
        return code, text
