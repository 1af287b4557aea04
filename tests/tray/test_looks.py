# SPDX-License-Identifier: MIT
"""What Windows is told about looks is followed: size of letters, and dark mode. Pictures are left in build/tray-screens."""
import statistics

import pytest
from clients import Raw
from conftest import PICTURES
from namespaces import wait_until

DESKTOP = r"HKCU\Control Panel\Desktop"
THEME = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


@pytest.fixture
def windows_says(desktop):
    """Sets a number in the registry for the time of the test."""
    done = []

    def say(key, name, value):
        desktop.run("reg", "add", key, "/v", name, "/t", "REG_DWORD", "/d", str(value), "/f")
        done.append((key, name))
    yield say
    for key, name in done:
        desktop.run("reg", "delete", key, "/v", name, "/f")


def fail_a_recipient():
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command("RCPT TO:<a@null.test>", 556)


def brightness(program, rect):
    return statistics.median(program.screen.picture(rect).convert("L").getdata())


def open_log(program):
    fail_a_recipient()
    log = program.open_log()
    log.wait_line("a@null.test")
    wait_until("it is drawn", lambda: len(set(program.screen.picture(log.table.rect).getdata())) > 20)
    return log


def test_at_150_percent_the_log_is_bigger(start, windows_says):
    """Per-monitor DPI. Under Wine a program has the size of letters that there is when it starts."""
    program = start().wait_ready()
    log = open_log(program)
    _, top, _, bottom = log.place_of(0)
    size = log.window.size
    program.end()
    program.wait_forgotten()
    windows_says(DESKTOP, "LogPixels", 144)
    program = start().wait_ready()
    log = open_log(program)
    program.screen.save(PICTURES / "log-150.png", log.window.rect)
    _, big_top, _, big_bottom = log.place_of(0)
    assert 1.3 < (big_bottom - big_top) / (bottom - top) < 1.7
    assert log.window.size > size


def test_the_log_is_dark_when_windows_says_so(start, windows_says):
    """Dark mode where Windows says so."""
    program = start().wait_ready()
    log = open_log(program)
    assert brightness(program, log.table.rect) > 200 and brightness(program, log.detail.rect) > 200
    program.end()
    program.wait_forgotten()
    windows_says(THEME, "AppsUseLightTheme", 0)
    program = start().wait_ready()
    log = open_log(program)
    program.screen.save(PICTURES / "log-dark.png", log.window.rect)
    assert brightness(program, log.table.rect) < 70 and brightness(program, log.detail.rect) < 70
