# SPDX-License-Identifier: MIT
"""What is on the screen. Xvfb keeps its picture in a file; looking at a few pixels of it costs next to nothing."""
import mmap
import struct

import PIL.Image

# How much a pixel must lean to a colour, of 255, to be called by its name. A symbol's rim is mixed with what is behind it.
CLEARLY = 60


class Screen:
    """The picture as X has it in an XWD file: a header of big-endian numbers, a table of colours, then lines of pixels."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.memory = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self.memory[:100])
        self.width, self.height, self.line_bytes = header[4], header[5], header[12]
        self.start = header[0] + 12 * header[19]
        assert header[11] == 32, f"{header[11]} bits a pixel"

    def picture(self, rect=None):
        """A copy of a part, or of all: left, top, right, bottom."""
        left, top, right, bottom = rect or (0, 0, self.width, self.height)
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, self.width), min(bottom, self.height)
        lines = b"".join(self.memory[self.start + y * self.line_bytes + left * 4:self.start + y * self.line_bytes + right * 4]
                         for y in range(top, bottom))
        return PIL.Image.frombuffer("RGB", (right - left, bottom - top), lines, "raw", "BGRX", 0, 1)

    def save(self, path, rect=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture(rect).save(path)


def count(picture):
    """How many pixels are clearly red, and how many green."""
    red = green = 0
    for r, g, b in picture.getdata():
        if r > g + CLEARLY and r > b + CLEARLY:
            red += 1
        elif g > r + CLEARLY // 2 and g > b + CLEARLY // 2:
            green += 1
    return red, green
