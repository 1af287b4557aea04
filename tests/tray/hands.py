# SPDX-License-Identifier: MIT
"""A person's hands: mouse, keyboard, and what is on the clipboard."""
import subprocess


class Hands:
    def __init__(self, desktop):
        self.environment = desktop.environment()
        self.resting_place = (40, desktop.screen.height - 60)

    def _do(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, f"xdotool {words}: {done.stderr}"

    def move(self, place):
        self._do("mousemove", *place)

    def rest(self):
        """Away from everything that answers to the mouse."""
        self.move(self.resting_place)

    def click(self, place, button=1):
        self._do("mousemove", *place, "click", button)

    def right_click(self, place):
        self.click(place, 3)

    def double_click(self, place):
        self._do("mousemove", *place, "click", "--repeat", 2, "--delay", 50, 1)

    def drag(self, start, end):
        self._do("mousemove", *start, "mousedown", 1, "mousemove", *end, "mouseup", 1)

    def wheel(self, place, notches):
        """Up is positive."""
        self._do("mousemove", *place, "click", "--repeat", abs(notches), "--delay", 20, 4 if notches > 0 else 5)

    def keys(self, window, *names):
        """No window manager gives the keyboard to a window here: X gives keys to the one that the mouse is over. Its
        edge answers to no mouse."""
        self._do("mousemove", window.rect[0], window.rect[1], "key", "--delay", 20, *names)

    def clipboard(self):
        done = subprocess.run(["xclip", "-o", "-selection", "clipboard", "-t", "UTF8_STRING"], env=self.environment,
                              capture_output=True, timeout=10)
        return done.stdout.decode().replace("\r\n", "\n")
