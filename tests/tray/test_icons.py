# SPDX-License-Identifier: MIT
"""The icons by themselves, as they are in res/: every size is there, ready and stopped are told apart without their colours,
and each can be seen on a light and on a dark taskbar. Needs no Windows, no Wine and no screen."""
import pathlib
import shutil
import statistics
import struct
import subprocess

import pytest
from PIL import Image, ImageChops, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
RES = ROOT / "res"

TRAY_SIZES = (16, 20, 24, 32, 40, 48, 64)
SIZES = {
    "traypost": TRAY_SIZES + (256,),
    "ready": TRAY_SIZES,
    "stopped": TRAY_SIZES,
    "line-start": (16, 20, 24, 32),
    "line-information": (16, 20, 24, 32),
    "line-error": (16, 20, 24, 32),
}
TASKBARS = {"light": (0xF3, 0xF3, 0xF3), "dark": (0x20, 0x20, 0x20)}
LOGS = {"light": (0xFF, 0xFF, 0xFF), "dark": (0x1E, 0x1E, 0x1E)}

# WCAG 2.1, 1.4.11: what must be told from its surroundings, but is no text.
CONTRAST = 3.0

# Of unlikeness(), below. Another colour or brightness makes 0.05, a cross in place of a tick 0.6.
ALIKE = 0.1
UNLIKE = 0.4


def entries(name):
    """(size, bits per pixel, the image's bytes) as the file's directory has them."""
    data = (RES / f"{name}.ico").read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind) == (0, 1), "not an .ico file"
    for i in range(count):
        width, height, _, _, _, bits, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * i)
        assert width == height
        yield width or 256, bits, data[offset:offset + length]


def picture(name, size):
    image = Image.open(RES / f"{name}.ico")
    image.size = (size, size)
    image.load()
    return image.convert("RGBA")


def alpha(image):
    return image.getchannel("A")


def unlikeness(one, other):
    """How much two icons of one outline differ when colour, brightness and contrast are taken away: the mean difference
    of their pixels' lightness, in standard deviations."""
    def lightness(image):
        values = [v for v, a in zip(image.convert("L").getdata(), alpha(image).getdata()) if a == 255]
        middle, spread = statistics.fmean(values), statistics.pstdev(values)
        return [(v - middle) / spread for v in values]

    return statistics.fmean(abs(a - b) for a, b in zip(lightness(one), lightness(other), strict=True))


def luminance(colour):
    def linear(channel):
        c = channel / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    return sum(weight * linear(channel) for weight, channel in zip((0.2126, 0.7152, 0.0722), colour, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def rim(image):
    """Colours of the solid pixels next to what is not solid: what stands against the background."""
    size = image.width

    def solid(x, y):
        return 0 <= x < size and 0 <= y < size and image.getpixel((x, y))[3] == 255

    return [image.getpixel((x, y))[:3] for y in range(size) for x in range(size)
            if solid(x, y) and not all(solid(x + dx, y + dy) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)))]


@pytest.mark.parametrize("name", SIZES)
def test_an_icon_has_every_size(name):
    assert tuple(size for size, _, _ in entries(name)) == SIZES[name]
    for size, bits, image in entries(name):
        assert bits == 32
        # Whatever reads icons reads bitmaps, but not PNG at each size.
        assert image.startswith(b"\x89PNG" if size >= 64 else struct.pack("<IiiHH", 40, size, 2 * size, 1, 32))
        assert picture(name, size).size == (size, size)


def test_there_is_no_icon_that_is_not_tested():
    assert {path.stem for path in RES.glob("*.ico")} == set(SIZES)


def test_the_icons_are_a_small_part_of_the_program():
    assert sum(path.stat().st_size for path in RES.glob("*.ico")) < 120 * 1024


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_ready_and_stopped_are_one_outline_so_that_nothing_jumps_while_they_blink(size):
    assert ImageChops.difference(alpha(picture("ready", size)), alpha(picture("stopped", size))).getbbox() is None


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_ready_and_stopped_are_told_apart_without_colour(size):
    assert unlikeness(picture("ready", size), picture("stopped", size)) > UNLIKE


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_the_measure_does_not_take_another_colour_for_another_shape(size):
    ready = picture("ready", size)
    red, green, blue, a = ready.split()
    in_red = Image.merge("RGBA", (green, red, blue, a))
    faint = Image.merge("RGBA", (*(ImageOps.colorize(ready.convert("L"), "#555", "#ddd").split()), a))
    assert unlikeness(ready, in_red) < ALIKE
    assert unlikeness(ready, faint) < ALIKE


@pytest.mark.parametrize("size", TRAY_SIZES)
@pytest.mark.parametrize("name", ["ready", "stopped", "traypost"])
def test_an_icon_fills_its_place(name, size):
    solid = alpha(picture(name, size)).histogram()[255]
    assert solid / size**2 > 0.75
    left, _, right, _ = alpha(picture(name, size)).getbbox()
    assert (left, right) == (0, size)


@pytest.mark.parametrize("background", TASKBARS)
@pytest.mark.parametrize("size", TRAY_SIZES)
@pytest.mark.parametrize("name", ["ready", "stopped", "traypost"])
def test_an_icon_stands_out_from_the_taskbar(name, size, background):
    edge = rim(picture(name, size))
    assert len(edge) >= 2 * size
    assert min(contrast(colour, TASKBARS[background]) for colour in edge) >= CONTRAST


@pytest.mark.parametrize("size", TRAY_SIZES)
@pytest.mark.parametrize("name", ["ready", "stopped"])
def test_the_mark_stands_out_from_the_icon(name, size):
    image = picture(name, size)
    white = [c for c in image.getdata() if c == (255, 255, 255, 255)]
    assert len(white) / size**2 > 0.1
    assert min(contrast(colour, (255, 255, 255)) for colour in rim(image)) >= CONTRAST


@pytest.mark.parametrize("background", LOGS)
@pytest.mark.parametrize("size", SIZES["line-start"])
@pytest.mark.parametrize("name", ["line-start", "line-information", "line-error"])
def test_a_symbol_of_the_log_stands_out_from_the_list(name, size, background):
    edge = rim(picture(name, size))
    assert len(edge) >= size / 2
    assert min(contrast(colour, LOGS[background]) for colour in edge) >= CONTRAST


@pytest.mark.parametrize("size", SIZES["line-start"])
@pytest.mark.parametrize("one, other", [("line-start", "line-information"), ("line-information", "line-error"),
                                        ("line-error", "line-start")])
def test_the_symbols_of_the_log_are_told_apart_by_their_outline(one, other, size):
    first, second = ({i for i, a in enumerate(alpha(picture(name, size)).getdata()) if a >= 128} for name in (one, other))
    assert len(first & second) / len(first | second) < 0.5


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="scripts/packages icons installs what draws them")
def test_the_icons_are_those_of_the_drawings(tmp_path):
    subprocess.run([ROOT / "scripts" / "icons", tmp_path], check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {path.name for path in RES.glob("*.ico")}
    different = [name for name, data in made.items() if data != (RES / name).read_bytes()]
    assert not different, "run scripts/icons"
