# SPDX-License-Identifier: MIT
"""The contract's section 4: all texts in English, Czech and Polish. Pictures of each are left in build/tray-screens."""
import re
import subprocess

import pytest
from catalogue import LANGUAGES, Catalogue
from clients import Raw, message, send
from conftest import PICTURES
from mx import Stall
from namespaces import wait_until

ROOM = 12       # pixels of the desktop around what is shown
LETTERS = {"en": set(), "cs": set("áčďéěíňóřšťúůýž"), "pl": set("ąćęłńóśźż")}
LOCALES = {"cs": "cs_CZ", "pl": "pl_PL", "de": "de_DE"}


def picture(program, name, *rects):
    left, top, right, bottom = (pick(r[i] for r in rects) for i, pick in enumerate((min, min, max, max)))
    program.screen.save(PICTURES / f"{program.texts.language}-{name}.png",
                        (left - ROOM, top - ROOM, right + ROOM, bottom + ROOM))


@pytest.fixture(params=LANGUAGES)
def program(request, start):
    return start(language=request.param).wait_ready()


def fail_a_mail(mark):
    assert not send("swaks", "sender@home.test", "nobody@postfix.test", message(mark, to="nobody@postfix.test")).ok


def test_menu_and_tooltip_speak_the_language(program):
    """4: menu; 2: tooltip."""
    texts, corner = program.texts, program.slot(5)
    assert program.tooltip() == texts.raw("TOOLTIP", state=texts.ui("STATE_READY"), delivered="0", failed="0")
    menu = program.open_menu()
    picture(program, "menu", menu.window.rect, corner)
    assert menu.texts == [texts.ui("MENU_" + n) for n in ("RESET", "STOP", "LOG", "AUTOSTART", "ABOUT", "EXIT")]
    letters = [texts.mnemonic("MENU_" + n) for n in ("RESET", "STOP", "LOG", "AUTOSTART", "ABOUT", "EXIT")]
    assert len(set(letters)) == len(letters), letters
    menu.choose("STOP")
    program.wait_light("red")
    assert texts.ui("MENU_START") in program.open_menu().texts


def test_notification_and_log_speak_the_language(program, mark):
    """4: log lines, explanations, notifications."""
    texts = program.texts
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    fail_a_mail(mark)
    balloon = program.wait_balloon()
    picture(program, "notification", balloon.rect, program.slot(5))
    assert any(reason in balloon.text for reason in texts.explanations()), balloon.text
    log = program.open_log()
    refused = log.wait_line("nobody@postfix.test")
    log.click_line(refused)
    detail = wait_until("its story", lambda: "nobody@postfix.test" in (t := log.detail_text()) and t)
    assert any(reason in detail for reason in texts.explanations()), detail
    program.hands.rest()
    picture(program, "log", log.window.rect)
    read = log.read()
    assert read["columns"] == [texts.ui("LOG_" + c) for c in ("TIME", "PROGRAM", "FROM", "TO", "RESULT")]
    assert re.search(texts.pattern("EVENT", "STARTED"), log.lines[0])
    assert any(reason in read["rows"][refused][4] for reason in texts.briefs()), read["rows"][refused]
    for label in ("TIME", "PROGRAM", "FROM", "TO", "SERVER", "ANSWER", "MEANING"):
        word = texts.entries["DETAIL", label][0].split("{")[0]
        assert word in detail, f"{word!r} is not in\n{detail}"
    for other in set(LANGUAGES) - {texts.language}:
        assert not any(reason in detail for reason in Catalogue(other).explanations())
    assert LETTERS[texts.language] & set(detail.lower()) or texts.language == "en", "no letter with an accent"


def test_smtp_replies_are_english_in_every_language(program, mx):
    """4: SMTP replies are always English (ASCII)."""
    mx("alpha", rcpt="451 4.7.1 wait")
    said = []
    with Raw() as c:            # which asserts that replies are ASCII
        for command in ("EHLO client", "MAIL FROM:<sender@home.test>", "RCPT TO:<a@null.test>", "RCPT TO:<a@no.such.test>",
                        "RCPT TO:<a@loop4.test>", "RCPT TO:<a@alpha.test>", "DATA", "NONSENSE", "AUTH LOGIN", "*", "QUIT"):
            said.append(str(c.command(command)))
    text = "\n".join(said)
    english = {"no such domain", "loop", "mail"}
    assert len(said) == 11 and all(word in text.lower() for word in english), text
    foreign = Catalogue(program.texts.language)
    if program.texts.language != "en":
        assert not any(reason in text for reason in foreign.explanations() + foreign.briefs())


def test_about_speaks_the_language(program):
    """4: all texts."""
    texts = program.texts
    program.choose("ABOUT")
    window = program.wait_window(texts.ui("ABOUT_TITLE"))
    said = wait_until("its text", lambda: "\n".join(program.texts_in(window)))
    picture(program, "about", window.rect)
    for name in ("ABOUT_SENTENCE", "ABOUT_LICENCE", "ABOUT_WEB"):
        assert texts.ui(name) in said.replace("\r\n", "\n"), said
    assert program.button(window, "ABOUT_CLOSE").enabled


def test_the_question_at_exit_speaks_the_language(program, mx, mark):
    """4: all texts."""
    texts, stall = program.texts, Stall()
    alpha = mx("alpha", dot=stall)
    with Raw() as c:
        c.begin("anna@alpha.test").command("DATA", 354)
        c.send(message(mark) + b".\r\n")
        alpha.wait_event("stall")
        program.choose("EXIT")
        window = program.wait_window(texts.ui("EXIT_TITLE"))
        said = "\n".join(program.texts_in(window))
        picture(program, "exit", window.rect)
        assert texts.ui("EXIT_QUESTION", count="1") in said and texts.ui("EXIT_EXPLANATION") in said, said
        for name in ("EXIT_WAIT", "EXIT_NOW", "EXIT_STAY"):
            assert program.button(window, name).enabled
        stall.go()
        assert c.reply().code == 250


@pytest.fixture(scope="module")
def locales(lab):
    """A folder with the locales, made from what Debian has of them."""
    folder = lab.folder / "locales"
    folder.mkdir()
    for child in [subprocess.Popen(["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name in LOCALES.values()]:
        assert child.wait(60) == 0
    return folder


@pytest.mark.parametrize("display, ours", [("cs", "cs"), ("pl", "pl"), ("de", "en")])
def test_windows_display_language_picks_and_english_otherwise(start, locales, display, ours):
    """4: Windows' display language picks, English otherwise. Wine takes it from the locale."""
    locale = LOCALES[display] + ".UTF-8"
    program = start(language=None, environment={"LOCPATH": str(locales), "LC_ALL": locale, "LANG": locale}).wait_ready()
    program.texts = Catalogue(ours)
    assert program.open_menu().texts[0] == program.texts.ui("MENU_RESET")
