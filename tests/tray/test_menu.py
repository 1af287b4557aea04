# SPDX-License-Identifier: MIT
"""The contract's section 2: the menu, by mouse and by keyboard, and what its items do."""
import re

import pytest
from namespaces import wait_until
from traypost import POPUP_MENU

ITEMS = ("RESET", "STOP", "LOG", "AUTOSTART", "ABOUT", "EXIT")
RUN_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"


def test_the_items_are_in_order(traypost):
    """2: Reset, Stop/Start, Show log, (Start with Windows,) About, Exit, in that order."""
    menu = traypost.open_menu()
    assert menu.texts == [traypost.texts.ui("MENU_" + name) for name in ITEMS]
    assert not any(i["grey"] for i in menu.items)


@pytest.mark.parametrize("way", ["Escape", "a click elsewhere"])
def test_the_menu_closes_without_a_choice(traypost, hands, way):
    menu = traypost.open_menu()
    if way == "Escape":
        menu.keys("Escape")
    else:
        hands.click(hands.resting_place)
    menu.wait_gone()
    assert traypost.light() == "green" and traypost.listens


def test_an_item_is_reached_by_arrows_and_enter(traypost):
    """Keyboard reachable."""
    menu = traypost.open_menu()
    menu.keys("Down", "Down", "Return")             # the first Down is at Reset
    menu.wait_gone()
    traypost.wait_light("red")


def test_an_item_is_reached_by_its_letter(traypost):
    """Keyboard reachable."""
    menu = traypost.open_menu()
    menu.keys(traypost.texts.mnemonic("MENU_LOG"))
    menu.wait_gone()
    traypost.log()


@pytest.mark.parametrize("clicks", [1, 2])
def test_a_left_or_double_click_shows_one_log(traypost, hands, clicks):
    """2: left or double click: Show log."""
    (hands.click if clicks == 1 else hands.double_click)(traypost.icon)
    traypost.log()
    assert len(traypost.windows(text=traypost.texts.ui("LOG_TITLE"))) == 1


def test_show_log_in_the_menu_brings_the_open_log_to_the_front(traypost, desktop, hands, probe):
    log = traypost.open_log()
    cover = desktop.start("notepad")
    wait_until("another window is in front", lambda: probe.focus()[0] not in (0, log.window.id))
    traypost.choose("LOG")
    wait_until("the log is in front", lambda: probe.focus()[0] == log.window.id)
    cover.kill()


def run_values(desktop):
    code, text = desktop.run("reg", "query", RUN_KEY, check=False)
    return re.findall(r"(?m)^\s+(\S+)\s+REG_SZ\s+(.*?)\s*$", text) if code == 0 else []


def test_start_with_windows_is_a_tick_and_a_value_of_the_run_key(traypost, desktop):
    """Start with Windows (tick): the Run key of this user, with the path in quotes."""
    before = run_values(desktop)
    menu = traypost.open_menu()
    assert not menu["AUTOSTART"]["ticked"]
    menu.choose("AUTOSTART")
    name, command = wait_until("the value", lambda: [v for v in run_values(desktop) if v not in before])[0]
    assert command.startswith('"') and command.lower().rstrip('"').endswith(traypost.image), command
    windows_path = "Z:" + str(desktop.binary).replace("/", "\\")
    assert command.lower() == f'"{windows_path}"'.lower()
    menu = traypost.open_menu()
    assert menu["AUTOSTART"]["ticked"]
    menu.choose("AUTOSTART")
    wait_until("the value is gone", lambda: run_values(desktop) == before)
    menu = traypost.open_menu()
    assert not menu["AUTOSTART"]["ticked"]


def test_a_start_that_an_administrator_has_set_for_all_is_ticked_and_cannot_be_changed(traypost, desktop):
    """A value of the computer's Run key, as an MSI writes it: a tick that could be taken away by a click would be a lie."""
    key = RUN_KEY.replace("HKCU", "HKLM")
    windows_path = "Z:" + str(desktop.binary).replace("/", "\\")
    desktop.run("reg", "add", key, "/v", "Traypost", "/d", f'"{windows_path}"', "/f")
    try:
        menu = traypost.open_menu()
        assert menu["AUTOSTART"]["ticked"] and menu["AUTOSTART"]["grey"]
    finally:
        desktop.run("reg", "delete", key, "/v", "Traypost", "/f")


def test_the_tick_is_what_the_registry_says_now(traypost, desktop):
    """Someone else removes the value: the tick goes with it."""
    traypost.choose("AUTOSTART")
    name = wait_until("the value", lambda: run_values(desktop))[0][0]
    desktop.run("reg", "delete", RUN_KEY, "/v", name, "/f")
    assert not traypost.open_menu()["AUTOSTART"]["ticked"]


def test_about_says_version_name_server_address_and_licences(traypost, desktop):
    """About: version, what it is, licences, link, DNS server in use, address listened on."""
    traypost.choose("ABOUT")
    window = traypost.wait_window(traypost.texts.ui("ABOUT_TITLE"))
    said = wait_until("its text", lambda: "\n".join(traypost.texts_in(window)))
    _, version = desktop.run(desktop.binary, "--version")
    number = version.split()[1]
    for wanted in (number, "127.0.0.1:25", "[::1]:25", "MIT", "libuv", "c-ares", traypost.texts.ui("ABOUT_WEB"), "https://"):
        assert wanted in said, f"{wanted} is not in\n{said}"
    assert re.search(r"198\.51\.100\.53|2001:db8:1::53", said), said
    assert "{" not in said
    traypost.hands.keys(window, "Return")           # Wine's task dialogs do not know Esc
    wait_until("About is closed", lambda: not traypost.windows(text=window.text))
    assert traypost.alive


def test_a_second_about_is_the_same_window(traypost):
    traypost.choose("ABOUT")
    traypost.wait_window(traypost.texts.ui("ABOUT_TITLE"))
    traypost.choose("ABOUT")
    wait_until("the menu is gone", lambda: not traypost.windows(POPUP_MENU))
    assert len(traypost.windows(text=traypost.texts.ui("ABOUT_TITLE"))) == 1
    traypost.wait_light("green")


def test_about_does_not_stop_the_icon(traypost):
    """While About is open the icon still follows, and the menu works."""
    traypost.choose("ABOUT")
    traypost.wait_window(traypost.texts.ui("ABOUT_TITLE"))
    traypost.choose("STOP")
    traypost.wait_light("red")


def test_exit_takes_icon_and_port_away_and_ends_in_order(traypost):
    """1: Exit: as Stop, then gone."""
    log = traypost.open_log()
    log.close()
    traypost.choose("EXIT")
    assert traypost.wait_ended() == 0
    traypost.wait_gone()
    assert traypost.deaf


def test_exit_with_windows_open_closes_them(traypost):
    traypost.open_log()
    traypost.choose("EXIT")
    assert traypost.wait_ended() == 0
