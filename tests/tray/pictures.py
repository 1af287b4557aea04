# SPDX-License-Identifier: MIT
"""Pictures of the program at work: the tray, the menu, the log and a notification. Part of scripts/demo.

    pictures.py PROGRAM FOLDER [LANGUAGE]
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


def take(net, program_file, folder, language):
    desktop = windows_desktop.Desktop(net, program_file)
    probe = window_probe.Probe(desktop, window_probe.build(HERE.parents[1] / "build/tray-probe"))
    namespaces.wait_until("the task bar", lambda: [w for w in probe.windows() if w.kind == "Shell_TrayWnd" and w.visible], 30)
    hands = persons_hands.Hands(desktop)
    programs = windows_client.build(net.folder / "programs", *sorted({name for name, _, _ in MAILS}))
    screen = desktop.screen
    corner = (screen.width - 300, screen.height - 20, screen.width, screen.height)

    traypost = Traypost(desktop, probe, hands, language=language)
    traypost.wait_light("green", 20)
    hands.move(traypost.icon)
    tip = namespaces.wait_until("a tooltip", traypost._tips)[0]
    screen.save(folder / "tray.png", around(screen, tip.rect, corner))
    hands.rest()

    menu = traypost.open_menu()
    screen.save(folder / "menu.png", around(screen, menu.window.rect, corner))
    menu.keys("Escape")
    menu.wait_gone()

    for name, sender, recipient in MAILS:
        accepted, said = windows_client.send(desktop, programs / name, sender, recipient)
        if accepted == recipient.startswith("nobody"):
            sys.exit(f"{recipient}: this was not to be\n{said}")
    traypost.wait_light("blinking")
    balloon = traypost.wait_balloon()
    screen.save(folder / "notification.png", around(screen, balloon.rect, corner))

    log = traypost.open_log()
    log.wait_line("nobody@postfix.test")
    screen.save(folder / "log.png", around(screen, log.window.rect))

    traypost.end()
    desktop.stop()


def main(program, folder, language="en"):
    with internet.Internet(os.environ.get("TRAYPOST_LAB")) as net:
        namespaces.enter(net.fds[net.home])
        clients.on_home_machine = net.inside_of(net.home)
        take(net, Path(program).resolve(), Path(folder).resolve(), language)
    print("\n== Pictures of the Windows program: icon, menu, log, notification")
    for name in ("tray", "menu", "log", "notification"):
        print(f"   {folder}/{name}.png")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: pictures.py PROGRAM FOLDER [LANGUAGE]")
    main(*sys.argv[1:])
