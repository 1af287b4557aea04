# SPDX-License-Identifier: MIT
"""The contract's section 3: the log window."""
import re

import pytest
import windows_client
from clients import Raw, message
from namespaces import wait_until
from traypost import POPUP_MENU, Menu

MAILS_FOR_AN_OVERFLOW = 130


def pass_mails(mark, count, to="anna@alpha.test"):
    with Raw() as c:
        c.command("EHLO client", 250)
        for n in range(count):
            c.command(f"MAIL FROM:<s{n}@home.test>", 250)
            c.command(f"RCPT TO:<{to}>", 250)
            assert c.data(message(f"{mark}-{n}")).code == 250


def refuse(*names):
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        for name in names:
            c.command(f"RCPT TO:<{name}@alpha.test>", 550)


def colours(log, number):
    """Clear colours of a line's text (not of its symbol): (red, green, dark grey or black) pixels."""
    left, top, right, bottom = log.place_of(number)
    red = green = black = 0
    for r, g, b in log.program.screen.picture((left + 30, top, right, bottom)).getdata():
        red += r > 120 and r > g + 60 and r > b + 60
        green += g > 70 and g > r + 40 and g > b + 20
        black += r < 60 and g < 60 and b < 60
    return red, green, black


@pytest.fixture
def log_of_three_colours(traypost, mx, mark):
    mx("alpha", rcpt={"no@alpha.test": "550 5.1.1 nobody here \u0007by that name"})
    pass_mails(mark, 1)
    refuse("no")
    log = traypost.open_log()
    log.wait_line("no@alpha.test")
    return log


def test_start_lines_are_black_information_green_errors_red(log_of_three_colours):
    """3: black: start lines; green: information; red: errors and warnings."""
    log = log_of_three_colours
    log.program.hands.rest()
    log.keys("Home")                            # the chosen line may have other colours: not one of those looked at
    log.click_line(1)
    ink = {what: colours(log, log.wait_line(what)) for what in ("anna@alpha.test", "no@alpha.test")}
    red, green, black = colours(log, 0)
    assert black > 50 and not red and not green, "the start line"
    red, green, black = ink["anna@alpha.test"]
    assert green > 50 and not red and not black, ink
    red, green, black = ink["no@alpha.test"]
    assert red > 50 and not green and not black, ink


def test_a_line_has_time_program_sender_recipient_and_outcome(log_of_three_colours):
    """3: a line per recipient says time, sending program, sender, recipient, outcome."""
    log, texts = log_of_three_colours, log_of_three_colours.program.texts
    read = log.read()
    assert read["columns"] == [texts.ui("LOG_" + c) for c in ("TIME", "PROGRAM", "FROM", "TO", "RESULT")]
    delivered, = (r for r in read["rows"] if "anna@alpha.test" in r)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", delivered[0])
    assert delivered[1:4] == [texts.entries["WORD", "UNKNOWN_PROGRAM"][0], "s0@home.test", "anna@alpha.test"]
    assert re.fullmatch(texts.pattern("ENDING", "DELIVERED", host="mx.alpha.test"), delivered[4]), delivered
    refused, = (r for r in read["rows"] if "no@alpha.test" in r)
    assert "5.1.1" in refused[4], refused


def test_the_detail_tells_the_remotes_words_and_a_plain_explanation(log_of_three_colours):
    """3: which MX, TLS version, seconds; a failure quotes the remote's words and adds a plain explanation."""
    log, texts = log_of_three_colours, log_of_three_colours.program.texts
    log.click_line(log.wait_line("no@alpha.test"))
    detail = wait_until("the line's story", lambda: (t := log.detail_text()) and "no@alpha.test" in t and t)
    for wanted in ("sender@home.test", "mx.alpha.test", "198.51.100.21", "550 5.1.1 nobody here", "by that name",
                   texts.entries["WORD", "NO_ENCRYPTION"][0]):
        assert wanted in detail, f"{wanted} is not in\n{detail}"
    assert any(reason in detail for reason in texts.explanations()), detail
    assert re.search(texts.pattern("DETAIL", "TOOK", seconds="X").replace("X", r"\d+\.\d\d"), detail), detail


def test_control_characters_never_reach_it(log_of_three_colours):
    """3: control characters never reach it."""
    log = log_of_three_colours
    log.click_line(log.wait_line("no@alpha.test"))
    detail = wait_until("the line's story", lambda: (t := log.detail_text()) and "no@alpha.test" in t and t)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", detail + "".join(log.lines))


def test_the_sending_program_is_named(traypost, desktop, lab, mx):
    """3: sending program (Windows: executable name of the connected process)."""
    mx("alpha")
    folder = windows_client.build(lab.folder / "programs", "mailer.exe")
    # It stays: a busy machine may come to look when a program that was quick has gone.
    mailer = windows_client.start(desktop, folder / "mailer.exe", "sender@home.test", "anna@alpha.test")
    log = traypost.open_log()
    row = log.rows[log.wait_line("anna@alpha.test")]
    mailer.stdin.close()
    assert mailer.wait(10) == 0
    assert row[1] == "mailer.exe", row


def test_ctrl_a_and_ctrl_c_copy_all_lines_as_the_console_prints_them(log_of_three_colours, hands):
    """3: copies selected lines."""
    log = log_of_three_colours
    log.keys("ctrl+a")
    wait_until("all lines are chosen", lambda: (r := log.read())["selected"] == list(range(len(r["rows"]))))
    log.keys("ctrl+c")
    copied = wait_until("something is copied", lambda: "no@alpha.test" in (t := hands.clipboard()) and t).splitlines()
    assert len(copied) == len(log.rows)
    for line, row in zip(copied, log.rows):
        assert line.startswith(row[0]), (line, row)
    assert re.search("^\\S+ ! .*no@alpha.test.*mx.alpha.test.*nobody here", copied[-1]), copied[-1]
    assert any(re.search(r"^\S+ \+ .*anna@alpha.test.*mx.alpha.test.*\d s", line) for line in copied), copied


def test_the_menu_of_the_log_copies_too(log_of_three_colours, hands):
    """3: copies selected lines: by mouse alone."""
    log, texts = log_of_three_colours, log_of_three_colours.program.texts
    left, top, _, bottom = log.place_of(log.wait_line("no@alpha.test"))
    hands.right_click((left + 60, (top + bottom) // 2))
    menu = Menu(log.program, log.program.wait_window(kind=POPUP_MENU))
    assert menu.texts == [texts.ui("LOG_COPY"), texts.ui("LOG_SELECT_ALL")]
    left, top, right, bottom = menu.items[0]["rect"]
    hands.click(((left + right) // 2, (top + bottom) // 2))
    copied = wait_until("the line is copied", lambda: (t := hands.clipboard().splitlines()) and "no@alpha.test" in t[0] and t)
    assert len(copied) == 1


def test_only_the_chosen_line_is_copied(log_of_three_colours, hands):
    """3: copies selected lines."""
    log = log_of_three_colours
    log.click_line(log.wait_line("anna@alpha.test"))
    log.keys("ctrl+c")
    copied = wait_until("one line is copied", lambda: (t := hands.clipboard().splitlines()) and "anna@alpha.test" in t[0] and t)
    assert len(copied) == 1


def test_esc_closes_it_and_the_program_goes_on(traypost):
    """3: closes with Esc."""
    traypost.open_log().close()
    assert traypost.alive and traypost.light() == "green"
    traypost.open_log()


def test_it_is_gone_at_exit(traypost, start):
    """3: in memory only; gone at exit."""
    recipient = "gone@null.test"
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        c.command(f"RCPT TO:<{recipient}>", 556)
    traypost.open_log().wait_line(recipient)
    traypost.choose("EXIT")
    assert traypost.wait_ended() == 0
    assert not [line for line in start().wait_ready().open_log().lines if recipient in line]


def files(*folders):
    return {p: p.stat().st_mtime_ns for folder in folders for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}


def registry(desktop, name):
    """What HKEY_CURRENT_USER and HKEY_LOCAL_MACHINE hold: {key: its values}."""
    found = {}
    for root in ("HKCU", "HKLM"):
        path = desktop.lab.folder / f"{name}-{root}.reg"
        desktop.run("reg", "export", root, f"Z:{path}".replace("/", "\\"), "/y")
        for part in path.read_bytes().decode("utf-16").split("\r\n\r\n["):
            key, _, values = part.partition("]\r\n")
            found[key] = values
        path.unlink()
    return found


WINES_OWN = "HKEY_CURRENT_USER\\Software\\Wine\\"         # where it makes a key as soon as a program asks for a setting of the mouse


def changed(before, after):
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def a_whole_life(program, mark):
    """Of the program, with all that a user may do with it short of starting it with Windows."""
    pass_mails(mark, 3)
    refuse("no")
    with Raw() as c:
        assert c.mail("anna@alpha.test", message(mark + "-large") + (b"x" * 98 + b"\r\n") * 80_000).code == 250
    program.open_log().close()
    program.choose("RESET")
    program.choose("STOP")
    program.wait_light("red")
    program.choose("START")
    program.wait_ready()
    pass_mails(mark + "-again", 1)
    program.open_log().close()
    program.choose("EXIT")
    assert program.wait_ended() == 0


def test_nothing_is_written_to_disk(start, desktop, probe, mx, mark):
    """3: in memory only. All of Windows' disk, its temporary folders among it, the folder of the program, and the registry. What
    Wine itself writes there when any program is started is told by another one."""
    mx("alpha", rcpt={"no@alpha.test": "550 no"})
    places = desktop.prefix / "drive_c", desktop.binary.parent
    at_first = registry(desktop, "first")
    other = desktop.start("notepad")
    wait_until("another program has its window", lambda: [w for w in probe.windows() if w.kind == "Notepad" and w.visible])
    other.kill()
    other.wait()
    before, known = files(*places), registry(desktop, "before")
    a_whole_life(start().wait_ready(), mark)
    assert not {str(p) for p in changed(before, files(*places))}
    now = registry(desktop, "after")
    keys = {k for k in changed(known, now) if not k.startswith(WINES_OWN)}
    assert not keys - changed(at_first, known), {k: (known.get(k), now.get(k)) for k in keys}
    assert not [key for key in keys if "traypost" in (key + now.get(key, "")).lower()]


def test_a_file_and_a_key_that_are_written_would_be_seen(desktop):
    """What the test above relies on."""
    key = r"HKCU\Software\Lab"
    known, before = registry(desktop, "before"), files(desktop.prefix / "drive_c")
    desktop.run("reg", "add", key, "/v", "Seen", "/d", "yes", "/f")
    desktop.run("cmd", "/c", "echo seen > %TEMP%\\seen.txt")
    assert any("Lab" in k for k in changed(known, registry(desktop, "after")))
    assert [p for p in changed(before, files(desktop.prefix / "drive_c")) if str(p).endswith("seen.txt")]
    desktop.run("reg", "delete", key, "/f")
    desktop.run("cmd", "/c", "del %TEMP%\\seen.txt")


def test_it_follows_the_newest_line_unless_scrolled_up(traypost, mx, mark):
    """3: the window follows the newest line unless the user scrolled up."""
    mx("alpha")
    pass_mails(mark, 30)
    log = traypost.open_log()
    log.wait_line("s29@home.test")

    def newest_in_view():
        read = log.read()
        return read["top"] + read["page"] >= len(read["rows"])
    wait_until("the newest line is in view", newest_in_view)
    traypost.hands.wheel(log.table.centre, 20)
    traypost.hands.rest()
    wait_until("the first line is in view", lambda: log.read()["top"] == 0)
    pass_mails(mark + "more", 3)
    log.wait_line("s2@home.test")
    wait_until("three more lines", lambda: len(log.rows) == 30 + 3 + 4)
    assert log.read()["top"] == 0
    traypost.hands.wheel(log.table.centre, -30)
    traypost.hands.rest()
    wait_until("the newest line is in view", newest_in_view)
    pass_mails(mark + "again", 3)
    wait_until("three more lines", lambda: len(log.rows) == 30 + 6 + 4)
    wait_until("the newest line is in view", newest_in_view)


def test_of_more_than_100_lines_the_oldest_50_go(traypost, mx, mark):
    """3: at most 100 lines: when it holds 100, the oldest 50 are dropped before the next is added."""
    mx("alpha")
    log = traypost.open_log()
    before = len(log.rows)
    pass_mails(mark, MAILS_FOR_AN_OVERFLOW)
    log.wait_line(f"s{MAILS_FOR_AN_OVERFLOW - 1}@home.test")
    senders = [row[2] for row in log.rows]
    left = 50 + (before + MAILS_FOR_AN_OVERFLOW - 100) % 50 if (before + MAILS_FOR_AN_OVERFLOW) % 50 else 100
    assert senders == [f"s{n}@home.test" for n in range(MAILS_FOR_AN_OVERFLOW - left, MAILS_FOR_AN_OVERFLOW)]


def test_a_chosen_line_stays_chosen_when_older_ones_go(traypost, mx, mark):
    """3: what the person looks at is not changed under the person's eyes."""
    mx("alpha")
    pass_mails(mark, 80)
    log = traypost.open_log()
    log.wait_line("s79@home.test")
    traypost.hands.wheel(log.table.centre, 2)
    number = log.read()["top"] + 2
    log.click_line(number)
    chosen = log.rows[number]
    story = wait_until("its story", lambda: (t := log.detail_text()) and chosen[2] in t and t)
    pass_mails(mark + "more", 30)               # 4 + 80 + 30 > 100
    wait_until("the oldest have gone", lambda: log.rows[0][2])
    read = wait_until("the line is still chosen", lambda: (r := log.read())["selected"] and r)
    assert [read["rows"][n] for n in read["selected"]] == [chosen]
    assert log.detail_text() == story


def test_it_can_be_made_bigger_and_comes_back_where_it_was(traypost):
    """Resizable; the place is remembered for the run."""
    log = traypost.open_log()
    left, top, right, bottom = log.window.rect
    traypost.hands.drag((right - 2, bottom - 2), (right + 98, bottom + 48))
    bigger = wait_until("it is bigger", lambda: (w := traypost.windows(text=log.window.text)[0]).size > log.window.size and w)
    inside = {w.kind: w for w in traypost.probe.windows(bigger)}
    assert inside["SysListView32"].size[0] > log.table.size[0] + 80, "the list grows with it"
    log.close()
    assert traypost.open_log().window.rect == bigger.rect
