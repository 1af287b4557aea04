# SPDX-License-Identifier: MIT
"""Pictures of the program at work: the tray, the menu, the log and a notification. Part of scripts/demo and scripts/pictures.

    pictures.py PROGRAM FOLDER                  tray.png, ... in English
    pictures.py PROGRAM FOLDER LANGUAGE         en-tray.png, ... in this language
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lab")]
import clients                          # noqa: E402
import desktop as windows_desktop       # noqa: E402
import hands as persons_hands           # noqa: E402
import internet                         # noqa: E402
import namespaces                       # noqa: E402
import probe as window_probe            # noqa: E402
import windows_client                   # noqa: E402
from traypost import Traypost           # noqa: E402

NAMES = ("tray", "menu", "log", "notification")
ROOM = 12       # pixels of the desktop around what is shown
MAILS = (
    ("invoices.exe", "office@home.test", "anna@postfix.test"),
    ("invoices.exe", "office@home.test", "emil@exim.test"),
    ("scanner.exe", "scanner@home.test", "anna@postfix.test"),
    ("invoices.exe", "office@home.test", "nobody@postfix.test"),
)


def around(screen, *rects):
    left, top, right, bottom = (pick(r[i] for r in rects) for i, pick in enumerate((min, min, max, max)))
    return max(left - ROOM, 0), max(top - ROOM, 0), min(right + ROOM, screen.width), min(bottom + ROOM, screen.height)


def take(traypost, programs, prefix, to_be_kept):
    """Of a program that was just started; `prefix` is the folder and how the names begin. Pictures that are kept must show all."""
    desktop, hands, screen = traypost.desktop, traypost.hands, traypost.screen
    corner = (screen.width - 300, screen.height - 20, screen.width, screen.height)

    traypost.wait_light("green", 20)
    hands.move(traypost.icon)
    tip = namespaces.wait_until("a tooltip", traypost._tips)[0]
    screen.save(Path(f"{prefix}tray.png"), around(screen, tip.rect, corner))
    hands.rest()

    menu = traypost.open_menu()
    screen.save(Path(f"{prefix}menu.png"), around(screen, menu.window.rect, corner))
    menu.keys("Escape")
    menu.wait_gone()

    for name, sender, recipient in MAILS:
        accepted, said = windows_client.send(desktop, programs / name, sender, recipient)
        if accepted == recipient.startswith("nobody"):
            sys.exit(f"{recipient}: this was not to be\n{said}")
    traypost.wait_light("blinking")
    balloon = traypost.wait_balloon()
    screen.save(Path(f"{prefix}notification.png"), around(screen, balloon.rect, corner))

    log = traypost.open_log()
    log.click_line(log.wait_line("nobody@postfix.test"))
    unknown = [line for line in log.lines if traypost.texts.entries["WORD", "UNKNOWN_PROGRAM"][0] in line]
    if to_be_kept and (unknown or "nobody@postfix.test" not in log.lines[-1]):
        sys.exit("the machine is too busy for a picture of the log, which is\n" + "\n".join(log.lines))
    hands.rest()
    screen.save(Path(f"{prefix}log.png"), around(screen, log.window.rect))

    traypost.end()


def main(program, folder, language=None):
    program, prefix = Path(program).resolve(), f"{Path(folder).resolve()}/" + (f"{language}-" if language else "")
    with internet.Internet(os.environ.get("TRAYPOST_LAB")) as net:
        namespaces.enter(net.fds[net.home])
        clients.on_home_machine = net.inside_of(net.home)
        desktop = windows_desktop.Desktop(net, program)
        probe = window_probe.Probe(desktop, window_probe.build(HERE.parents[1] / "build/tray-probe"))
        namespaces.wait_until("the task bar", lambda: [w for w in probe.windows() if w.kind == "Shell_TrayWnd" and w.visible], 30)
        hands = persons_hands.Hands(desktop)
        programs = windows_client.build(net.folder / "programs", *sorted({name for name, _, _ in MAILS}))
        take(Traypost(desktop, probe, hands, language=language or "en"), programs, prefix, bool(language))
        desktop.stop()
    print("\n== Pictures of the Windows program: icon, menu, log, notification")
    for name in NAMES:
        print(f"   {prefix}{name}.png")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: pictures.py PROGRAM FOLDER [LANGUAGE]")
    main(*sys.argv[1:])
