# SPDX-License-Identifier: MIT
"""The contract's section 7, as far as a program with windows makes it different: what is seen on a console."""
import re

import pytest
from clients import message, send
from namespaces import wait_until

QUESTIONS = {"--version": r"^Traypost \d+\.\d+\.\d+$", "--help": r"--listen"}


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def from_console(desktop, tools, *options):
    """Its exit code, and the lines that stand on the console at its end."""
    code, text = desktop.run(tools / "console.exe", windows_path(desktop.binary), *options, check=False)
    return code, text.splitlines()


@pytest.mark.parametrize("option", QUESTIONS)
def test_a_question_is_answered_on_the_console_it_came_from(desktop, tools, option):
    """7: --help, --version; --headless: console."""
    code, lines = from_console(desktop, tools, option)
    assert code == 0 and any(re.search(QUESTIONS[option], line) for line in lines), lines


@pytest.mark.parametrize("option", QUESTIONS)
def test_a_question_is_answered_where_its_output_is_sent_to(desktop, option):
    """7: redirected to a file or a pipe."""
    code, said = desktop.run(desktop.binary, option)
    assert re.search(QUESTIONS[option], said, re.M), said


def test_a_wrong_option_is_one_clear_line_and_code_2(desktop, tools):
    """7: a wrong option: exit code 2 and one clear line."""
    code, lines = from_console(desktop, tools, "--colour", "blue")
    said = [line for line in lines if line]
    assert code == 2 and len(said) == 1 and "--colour" in said[0], (code, lines)
    code, text = desktop.run(desktop.binary, "--colour", "blue", check=False)
    assert code == 2 and text.count("\n") == 1 and "--colour" in text, (code, text)


def test_a_wrong_option_is_said_in_a_window_when_there_is_no_console(desktop, probe, hands, tools):
    """7: one clear line; a program that just does not appear would not be clear."""
    child = desktop.start(tools / "console.exe", "--none", windows_path(desktop.binary), "--colour", "blue")
    number = wait_until("the program runs", lambda: probe.processes(desktop.binary.name.lower()))[0]
    window = wait_until("a window", lambda: [w for w in probe.windows() if w.process == number and w.visible])[0]
    said = "\n".join(w.text for w in probe.windows(window))
    assert "--colour" in said, said
    hands.keys(window, "Return")
    assert child.wait(10) == 2


def test_headless_writes_its_log_where_it_was_started_and_shows_no_icon(start, lab, mark):
    """7: --headless (no tray: console, log on stderr)."""
    program = start("--headless")
    wait_until("it listens", lambda: program.listens)
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    wait_until("its log", lambda: "anna@postfix.test" in program.said.read_text())
    assert not program.icons() and not program.windows()
