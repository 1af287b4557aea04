# SPDX-License-Identifier: MIT
"""A crash of the engine's thread is impossible to miss. It is a real one: the thread is sent where no code is."""
import re
import time

import pytest
from clients import Closed, Raw, message, send
from namespaces import wait_until


def crash(program):
    thread, = (t["id"] for t in program.probe.threads(program.number) if t["name"] == "engine")
    program.probe.crash(thread)


@pytest.fixture
def crashed(traypost):
    """A client is connected, whose mail is not over."""
    client = Raw().begin("anna@postfix.test")
    crash(traypost)
    # A thread that waits in the kernel crashes when it comes back: the next octet wakes it.
    try:
        client.send(b"NOOP\r\n")
    except OSError:
        pass
    traypost.wait_light("red")
    traypost.client = client
    yield traypost
    client.close()


def test_a_crash_makes_the_icon_red_and_is_told_in_log_and_notification(crashed):
    texts = crashed.texts
    assert crashed.alive
    assert texts.ui("STATE_CRASHED") in crashed.tooltip()
    balloon = crashed.wait_balloon()
    assert re.search(texts.pattern("EVENT", "CRASHED"), balloon.text), balloon.text
    log = crashed.open_log()
    assert re.search(texts.pattern("EVENT", "CRASHED"), log.lines[-1]), log.lines


def test_after_a_crash_no_client_is_left_waiting(crashed):
    """5: an answer within 45 s, or none: but not a client that waits for ever; 1: nothing was acknowledged."""
    crashed.client.socket.settimeout(10)
    with pytest.raises((Closed, ConnectionError)):
        while crashed.client.reply():
            pass
    wait_until("the port is closed", lambda: crashed.deaf)


def test_start_after_a_crash_begins_anew(crashed, mark):
    menu = crashed.open_menu()
    assert crashed.texts.ui("MENU_START") in menu.texts
    menu.choose("START")
    crashed.wait_light("green", 20)
    assert crashed.icons() == 1
    wait_until("the port is open", lambda: crashed.listens)
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok


def test_exit_after_a_crash_ends_the_program(crashed):
    crashed.choose("EXIT")
    crashed.wait_ended()
    crashed.wait_gone()


def test_exit_by_option_ends_it_after_a_crash_too(crashed, desktop):
    begun = time.monotonic()
    assert desktop.run(desktop.binary, "--exit", timeout_s=40)[0] == 0
    assert time.monotonic() - begun < 5
    crashed.wait_ended()
    crashed.wait_gone()


def test_the_log_can_be_read_and_copied_after_a_crash(crashed, hands):
    log = crashed.open_log()
    log.keys("ctrl+a", "ctrl+c")
    wait_until("the lines are copied", lambda: len(hands.clipboard().splitlines()) == len(log.rows) > 3)
