# SPDX-License-Identifier: MIT
"""The contract's section 1: one copy, the end of the program and of the session, and what becomes of a mail then."""
import signal
import time

import pytest
from clients import Closed, Raw, message, send
from mx import Stall
from namespaces import wait_until

STOP_S = 5          # 1: mail in progress gets its answer or 421 within 5 s


class Held:
    """A mail whose end the recipient's server does not answer until go()."""

    def __init__(self, mx, mark):
        self.stall = Stall()
        self.host = mx("alpha", dot=self.stall)
        self.client = Raw().begin("anna@alpha.test")
        self.client.command("DATA", 354)
        self.client.send(message(mark) + b".\r\n")
        self.host.wait_event("stall")

    def go(self):
        self.stall.go()

    def answer(self):
        return self.client.reply()


@pytest.fixture
def held(traypost, mx, mark):
    h = Held(mx, mark)
    yield h
    h.go()
    h.client.close()


# --- one copy --------------------------------------------------------------------------------------------------------
def test_a_second_start_shows_the_log_of_the_first_and_ends(traypost, desktop):
    """1: second start of the program: no second copy: the first one shows its log window."""
    code, _ = desktop.run(desktop.binary, timeout_s=15)
    assert code == 0
    traypost.log()
    assert traypost.icons() == 1 and len(traypost.probe.processes(traypost.image)) == 1


def test_a_second_start_brings_the_open_log_to_the_front(traypost, desktop, probe):
    """1: the first one shows its log window."""
    log = traypost.open_log()
    cover = desktop.start("notepad")
    wait_until("another window is in front", lambda: probe.focus()[0] not in (0, log.window.id))
    desktop.run(desktop.binary, timeout_s=15)
    wait_until("the log is in front", lambda: probe.focus()[0] == log.window.id)
    cover.kill()


def test_a_start_after_the_end_is_a_first_one_again(traypost, start):
    """1: no second copy; but one."""
    traypost.choose("EXIT")
    assert traypost.wait_ended() == 0
    start().wait_ready()


# --- Stop ------------------------------------------------------------------------------------------------------------
def test_stop_gives_a_mail_in_progress_its_answer_within_5_s(traypost, held):
    """1: Stop: mail in progress gets its answer."""
    traypost.choose("STOP")
    traypost.wait_light("red")
    held.go()
    assert held.answer().code == 250


def test_stop_gives_a_mail_that_takes_longer_421_within_5_s(traypost, held):
    """1: Stop: or 421 within 5 s."""
    begun = time.monotonic()
    traypost.choose("STOP")
    assert held.answer().code in (421, 451)
    assert time.monotonic() - begun < STOP_S + 2


# --- Exit ------------------------------------------------------------------------------------------------------------
def exit_is_asked(traypost, count="1"):
    traypost.choose("EXIT")
    window = traypost.wait_window(traypost.texts.ui("EXIT_TITLE"))
    said = "\n".join(traypost.texts_in(window))
    assert traypost.texts.ui("EXIT_QUESTION", count=count) in said, said
    return window


def press(traypost, window, name):
    traypost.hands.click(traypost.button(window, name).centre)
    traypost.hands.rest()
    wait_until("the question is answered", lambda: not traypost.windows(text=window.text))


def test_exit_with_a_mail_in_the_air_asks_and_can_be_taken_back(traypost, held, desktop):
    """1: Exit: while a mail is in the air, Exit asks."""
    window = exit_is_asked(traypost)
    press(traypost, window, "EXIT_STAY")
    held.go()
    assert held.answer().code == 250
    assert traypost.light() == "green" and traypost.listens


def test_exit_can_wait_for_the_mail(traypost, held):
    """1: Exit: while a mail is in the air, Exit asks."""
    window = exit_is_asked(traypost)
    press(traypost, window, "EXIT_WAIT")
    assert traypost.alive
    held.go()
    assert held.answer().code == 250
    assert traypost.wait_ended() == 0
    traypost.wait_gone()


def test_exit_now_tells_the_client_and_ends_within_5_s(traypost, held):
    """1: Exit: as Stop, then gone: 421, and the client still holds the mail."""
    window = exit_is_asked(traypost)
    begun = time.monotonic()
    press(traypost, window, "EXIT_NOW")
    assert held.answer().code in (421, 451)
    answered = time.monotonic()
    held.client.close()
    assert traypost.wait_ended() == 0
    ended = time.monotonic()
    print(f"answered after {answered - begun:.1f} s, ended after {ended - begun:.1f} s")
    assert answered - begun < STOP_S + 1 and ended - answered < 1
    traypost.wait_gone()
    assert traypost.deaf


def test_a_question_that_time_has_answered_goes_away(traypost, held):
    """The mail gets through while Exit asks: nothing is left to wait for."""
    exit_is_asked(traypost)
    held.go()
    assert held.answer().code == 250
    assert traypost.wait_ended() == 0


def test_exit_twice_asks_once(traypost, held):
    window = exit_is_asked(traypost)
    traypost.choose("EXIT")
    assert len(traypost.windows(text=window.text)) == 1
    press(traypost, window, "EXIT_STAY")
    assert traypost.alive


# --- the option --exit -----------------------------------------------------------------------------------------------
def ask_to_exit(desktop):
    """(exit code, what it wrote, seconds)"""
    begun = time.monotonic()
    code, said = desktop.run(desktop.binary, "--exit", check=False, timeout_s=40)
    return code, said, time.monotonic() - begun


def test_exit_by_option_ends_the_running_one_and_comes_back_when_its_process_has_gone(traypost, desktop, probe):
    """7: --exit; what is asked for the moment it is back is already true."""
    code, said, seconds = ask_to_exit(desktop)
    assert not probe.processes(traypost.image)
    assert (code, said) == (0, "") and seconds < 5
    assert traypost.wait_ended() == 0 and traypost.deaf
    traypost.wait_gone()


def test_exit_by_option_is_content_when_nothing_runs(desktop):
    code, said, seconds = ask_to_exit(desktop)
    assert (code, said) == (0, "") and seconds < 5


def test_exit_by_option_asks_nothing_and_the_client_gets_its_answer(traypost, held, desktop):
    """1: 421 within 5 s, then gone: who asks by option is a program and cannot press a button."""
    code, _, seconds = ask_to_exit(desktop)
    assert code == 0 and seconds < STOP_S + 2, seconds
    assert held.answer().code in (421, 451)
    assert traypost.wait_ended() == 0


def test_a_mail_that_is_through_in_time_is_acknowledged_before_the_exit_by_option(traypost, held, desktop):
    """1: mail in progress gets its answer."""
    asking = desktop.start(desktop.binary, "--exit")
    traypost.wait_light("red")
    held.go()
    assert held.answer().code == 250
    assert asking.wait(10) == 0 and traypost.wait_ended() == 0


@pytest.mark.parametrize("what", ["LOG", "ABOUT", "EXIT"])
def test_exit_by_option_closes_what_is_open(traypost, desktop, held, what):
    """A window that waits for its button does not hold it up, not even the question at Exit."""
    traypost.choose(what)
    traypost.wait_window(traypost.texts.ui({"LOG": "LOG_TITLE", "ABOUT": "ABOUT_TITLE", "EXIT": "EXIT_TITLE"}[what]))
    code, _, seconds = ask_to_exit(desktop)
    assert code == 0 and seconds < STOP_S + 2, seconds
    assert traypost.wait_ended() == 0


def test_exit_by_option_with_the_menu_open(traypost, desktop):
    traypost.open_menu()
    assert ask_to_exit(desktop)[0] == 0
    assert traypost.wait_ended() == 0


def test_exit_by_option_catches_one_that_is_just_starting(start, desktop, probe):
    """It has the mutex and not yet a window."""
    program = start(wait=False)
    wait_until("its process", lambda: probe.processes(program.image))
    wait_until("it is gone", lambda: ask_to_exit(desktop)[0] == 0 and not program.alive)


def test_exit_by_option_says_when_the_other_does_not_go(traypost, desktop):
    """Code 1 and a clear line: whoever wanted to replace its files must not."""
    traypost.process.send_signal(signal.SIGSTOP)
    try:
        code, said, seconds = ask_to_exit(desktop)
        assert code == 1 and "has not exited" in said and 10 < seconds < 25, (code, said, seconds)
    finally:
        traypost.process.send_signal(signal.SIGCONT)
    assert traypost.wait_ended() == 0


def test_exit_by_option_does_not_read_traypost_ini(traypost, desktop):
    """A setup program must be able to stop it to repair what is wrong there."""
    ini = desktop.binary.with_name("traypost.ini")
    ini.write_text("colour = blue\n")
    try:
        assert ask_to_exit(desktop)[0] == 0
    finally:
        ini.unlink()
    assert traypost.wait_ended() == 0


# --- end of the session ----------------------------------------------------------------------------------------------
def end_session(desktop):
    """Wine's log-off; 1: a program has refused."""
    return desktop.run("wineboot", "--end-session", check=False, timeout_s=40)[0]


def test_the_end_of_the_session_ends_it_in_order(traypost, desktop):
    """1: log-off, shutdown: as Stop, then gone."""
    assert end_session(desktop) == 0
    assert traypost.wait_ended() == 0
    assert traypost.deaf
    traypost.wait_gone()


def test_the_end_of_the_session_waits_for_a_mail_in_the_air(traypost, desktop, held):
    """1: while a mail is in the air, Windows is told why it must wait."""
    assert end_session(desktop) == 1
    assert traypost.alive and traypost.listens
    held.go()
    assert held.answer().code == 250
    wait_until("the mail is over", lambda: not held.host.open_sessions or held.host.accepted)
    assert end_session(desktop) == 0
    assert traypost.wait_ended() == 0


def test_the_end_of_the_session_asks_nothing(traypost, desktop, held):
    """A question that nobody is there to answer would hold up the shutdown for ever."""
    assert end_session(desktop) == 1
    assert not traypost.windows()


def test_the_task_managers_end_task_is_an_exit(traypost, desktop):
    """1: Exit: in order, with code 0."""
    desktop.run("taskkill", "/im", traypost.image, check=False)
    assert traypost.wait_ended() == 0
    traypost.wait_gone()


# --- a hard end ------------------------------------------------------------------------------------------------------
def test_what_is_not_delivered_when_it_is_killed_was_never_acknowledged(traypost, held, start, mark):
    """1: crash or power cut: nothing can be lost; after a new start the client's resend gets through."""
    traypost.process.kill()
    with pytest.raises((Closed, ConnectionError)):
        held.answer()
    held.go()
    traypost.end()
    start().wait_ready()
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
