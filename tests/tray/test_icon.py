# SPDX-License-Identifier: MIT
"""The contract's sections 1 and 2: the icon follows the truth, and says it."""
import contextlib
import itertools
import re
import statistics

import namespaces
import nameserver
import pytest
from clients import Raw, message, send
from namespaces import GATE4, HOME4, hex_address, wait_until
from relay import listening

WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC = 0x218, 0x12


def fail_a_mail(mark, to="nobody@postfix.test"):
    sent = send("swaks", "sender@home.test", to, message(mark, to=to))
    assert not sent.ok, sent.output


@contextlib.contextmanager
def nobody_answers(lab):
    """The cable is in, but every name server is gone."""
    servers = nameserver.DNS4, nameserver.DNS6, nameserver.PUBLIC4, nameserver.PUBLIC6
    lab.remove_host(*servers)
    try:
        yield
    finally:
        lab.add_host(*servers)


# --- start ---------------------------------------------------------------------------------------------------------
def test_it_starts_to_a_green_icon_and_the_log_tells_how(traypost):
    """1: start: log, internet, name server, ports; 2: green: ready."""
    assert traypost.listens
    log = traypost.open_log()
    assert re.search(traypost.texts.pattern("EVENT", "STARTED"), log.lines[0]), log.lines
    for address in ("127.0.0.1:25", "[::1]:25"):
        log.wait_line(address)
    assert any(re.search(traypost.texts.pattern("EVENT", "DNS_FOUND"), line) and re.search(r"198\.51\.100\.53|2001:db8:1::53", line)
               for line in log.lines), log.lines


def test_the_nearest_answering_name_server_is_used_and_not_a_dead_one(start, lab):
    """1: 3 finds the nearest answering DNS server among the system's."""
    lab.use_dns(nameserver.SILENT4, nameserver.DNS4)
    try:
        program = start()
        program.wait_light("green", 20)
        program.open_log().wait_line(nameserver.DNS4)
    finally:
        lab.use_dns()


def test_without_an_answer_from_the_systems_name_servers_it_takes_8_8_8_8_and_says_so(start, lab):
    """1: 4 if none answers, uses 8.8.8.8 (and 2001:4860:4860::8888), and says so in the log."""
    lab.use_dns(nameserver.SILENT4)
    try:
        program = start()
        program.wait_light("green", 20)
        log = program.open_log()
        assert [line for line in log.lines if re.search(program.texts.pattern("EVENT", "DNS_FALLBACK"), line)
                and (nameserver.PUBLIC4 in line or nameserver.PUBLIC6 in line)], log.lines
    finally:
        lab.use_dns()


def test_it_runs_in_the_idle_priority_class(traypost, probe):
    """1: 6 takes the idle priority class."""
    idle_priority_class = 0x40
    assert probe.resources(traypost.number)["priority"] == idle_priority_class


# --- mail ----------------------------------------------------------------------------------------------------------
def test_a_delivered_mail_leaves_it_green_and_stands_in_the_log(traypost, lab, mark):
    """2: green: no trouble; 3: a line per recipient."""
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    lab.postfix.mail.wait("anna", mark)
    log = traypost.open_log()
    log.wait_line("sender@home.test", "anna@postfix.test", "mail.postfix.test")
    assert traypost.light() == "green"


def test_after_a_failure_it_is_green_and_red_in_turn_every_500_ms(traypost, mark):
    """2: green and red in turn (500 ms): a mail failed."""
    fail_a_mail(mark)
    traypost.wait_light("blinking")
    changes = traypost.watch(5)
    assert [look for _, look in changes] == [changes[n % 2][1] for n in range(len(changes))], changes
    assert {look for _, look in changes} == {"green", "red"}
    times = [t for t, _ in changes[1:]]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert len(gaps) >= 7 and 0.45 < statistics.median(gaps) < 0.55, gaps


def test_reset_makes_it_green_and_empties_the_log(traypost, mark):
    """2: until Reset; 3: gone at Reset; 1: every Reset begins with a start line."""
    fail_a_mail(mark)
    traypost.wait_light("blinking")
    traypost.choose("RESET")
    traypost.wait_light("green")
    log = traypost.open_log()
    assert not any("nobody@postfix.test" in line for line in log.lines)
    assert re.search(traypost.texts.pattern("EVENT", "STARTED"), log.lines[0]), log.lines
    assert traypost.listens


def test_stop_makes_it_red_and_closes_the_port_and_start_undoes_that(traypost, mark):
    """1: Stop; 2: red: stopped."""
    traypost.choose("STOP")
    traypost.wait_light("red")
    assert traypost.deaf
    menu = traypost.open_menu()
    assert traypost.texts.ui("MENU_START") in menu.texts and traypost.texts.ui("MENU_STOP") not in menu.texts
    menu.choose("START")
    traypost.wait_light("green")
    assert traypost.listens
    log = traypost.open_log()
    assert re.search(traypost.texts.pattern("EVENT", "STARTED"), log.lines[0]), log.lines
    assert not [line for line in log.lines if re.search(traypost.texts.pattern("EVENT", "STOPPED") + "$", line)], "an old log"
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok


# --- the internet --------------------------------------------------------------------------------------------------
def test_a_pulled_cable_is_noticed_at_once_and_so_is_its_return(traypost, lab):
    """1: network lost or back: noticed at once, icon follows, DNS found again."""
    with lab.unplugged():
        traypost.wait_light("red")
        assert traypost.texts.ui("STATE_NO_INTERNET") in traypost.tooltip()
    traypost.wait_light("green")


def test_what_the_system_says_of_the_network_never_decides_alone(start, lab):
    """1: connected means: a DNS server answers. Without a default route Windows says that there is no internet; but here a
    name server of the own network answers."""
    dns = nameserver.Nameserver(lab, lab.dns.nsd, lab.folder / "near", (GATE4,), nameserver.DOMAINS).start()
    try:
        program = start("--dns", GATE4).wait_ready()
        lab.ip(lab.home, "route del default")
        lab.ip(lab.home, "-6 route del default")
        program.wait_light("green")
        with pytest.raises(TimeoutError):
            program.wait_light("red", 3)
    finally:
        lab.pull_out()
        lab.plug_in()
        dns.stop()


def test_it_starts_red_without_internet_and_becomes_green_with_it(start, lab):
    """1: 2 checks the internet connection; 2: red: no internet."""
    with lab.unplugged():
        program = start()
        program.wait_light("red", 20)
    program.wait_light("green")


def test_a_mail_without_name_servers_is_put_off_and_makes_it_red(traypost, lab, mark):
    """1: each new mail: checks again; if gone: 451, red icon; connected means: a DNS server answers."""
    with nobody_answers(lab):
        with Raw() as c:
            c.command("EHLO client", 250)
            reply = c.command("MAIL FROM:<sender@home.test>")
            if reply.code == 250:
                reply = c.command("RCPT TO:<anna@postfix.test>")
            assert reply.code == 451, reply
        traypost.wait_light("red")
    wait_until("a mail is taken again",
               lambda: send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok, 30)
    wait_until("the icon is not red any more", lambda: traypost.light() in ("green", "blinking"))


def test_after_sleep_the_network_is_looked_at_again(traypost, lab, probe):
    """1: resume from sleep: noticed at once. Windows says so to every window; here the probe does."""
    with nobody_answers(lab):
        for window in [w for w in probe.windows() if w.process == traypost.number and w.kind != "IME"]:
            probe.post(window, WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC)
        traypost.wait_light("red", 20)
    for window in [w for w in probe.windows() if w.process == traypost.number and w.kind != "IME"]:
        probe.post(window, WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC)
    traypost.wait_light("green", 20)


# --- the port ------------------------------------------------------------------------------------------------------
def test_a_taken_port_makes_it_red_and_its_holder_is_named(start, desktop, probe, tools):
    """1: port 25 taken: red icon and a red line that names the program and process id; tried again at Start/Reset."""
    holder = desktop.start(tools / "holder.exe")
    try:
        wait_until("the port is taken", lambda: listening(25))
        number, = probe.processes("holder.exe")
        program = start()
        program.wait_light("red", 20)
        assert program.texts.ui("STATE_NO_PORT") in program.tooltip()
        log = program.open_log()
        line = log.lines[log.wait_line("127.0.0.1:25", "holder.exe")]
        assert re.search(program.texts.pattern("EVENT", "PORT_TAKEN"), line) and str(number) in line, line
        log.close()
    finally:
        namespaces.stop(holder)
    wait_until("the port is free", lambda: hex_address("127.0.0.1") not in listening(25))
    program.choose("RESET")
    program.wait_light("green")
    assert program.listens


# --- strangers -----------------------------------------------------------------------------------------------------
def test_a_refused_stranger_makes_it_blink(start, lab):
    """2: a stranger was refused; 6: 554 5.7.1, a red line with the address, blinking."""
    program = start("--listen", f"{HOME4}:25").wait_ready(address=HOME4)
    with lab.inside(lab.net), Raw(HOME4, source=GATE4, greet=False) as c:
        c.expect(554)
    program.wait_light("blinking")
    log = program.open_log()
    line = log.lines[log.wait_line(GATE4)]
    assert re.search(program.texts.pattern("EVENT", "STRANGER"), line), line


@pytest.mark.parametrize("what", ["HTTP_REFUSED", "SESSION_LIMIT"])
def test_each_red_line_makes_it_blink(start, what):
    """3: red: errors and warnings; each red line turns on blinking or the red icon."""
    program = start("--max-sessions", "1").wait_ready()
    with Raw() as first:
        if what == "HTTP_REFUSED":
            first.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert first.closed()
        else:
            with Raw(greet=False) as second:
                second.expect(421)
        program.wait_light("blinking")
        assert [line for line in program.open_log().lines if re.search(program.texts.pattern("EVENT", what), line)]


# --- what it looks like --------------------------------------------------------------------------------------------
def test_the_tooltip_says_the_state_and_todays_counts(traypost, mark):
    """2: the tooltip says the state and today's counts."""
    texts = traypost.texts
    assert traypost.tooltip() == texts.raw("TOOLTIP", state=texts.ui("STATE_READY"), delivered="0", failed="0")
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    fail_a_mail(mark)
    traypost.wait_light("blinking")
    assert traypost.tooltip() == texts.raw("TOOLTIP", state=texts.ui("STATE_TROUBLE"), delivered="1", failed="1")
    traypost.choose("STOP")
    traypost.wait_light("red")
    assert texts.ui("STATE_STOPPED") in traypost.tooltip()


def test_red_and_green_differ_in_shape_too(traypost):
    """2: for people who do not tell red from green: without colours, a part of the symbol is still another."""
    def symbol():
        grey = traypost.screen.picture(traypost.slot()).convert("L").crop((3, 3, 17, 17))
        middle = statistics.mean(sorted(grey.getdata())[len(grey.getdata()) // 10::len(grey.getdata()) * 8 // 10])
        return [pixel > middle for pixel in grey.getdata()]
    green = symbol()
    traypost.choose("STOP")
    traypost.wait_light("red")
    red = symbol()
    differing = sum(a != b for a, b in zip(green, red))
    assert differing >= len(green) // 8, f"only {differing} of {len(green)} pixels differ"


# --- the shell -----------------------------------------------------------------------------------------------------
def test_the_icon_comes_back_when_explorer_restarts(traypost, probe):
    """2: the icon comes back when Explorer restarts: it then knows of no icons, and tells all windows that it is there."""
    owner, *_, number = traypost.icons_owner()
    probe.forget_icon(owner, number)
    wait_until("the icon is gone", lambda: not traypost.icons())
    probe.broadcast("TaskbarCreated")
    traypost.wait_light("green")
    assert traypost.icons() == 1
    traypost.open_menu()


def test_a_lost_icon_comes_back_with_the_next_thing_it_has_to_say(traypost, probe, mark):
    """2: the icon follows the truth, whatever Explorer did with it."""
    owner, *_, number = traypost.icons_owner()
    probe.forget_icon(owner, number)
    wait_until("the icon is gone", lambda: not traypost.icons())
    fail_a_mail(mark)
    traypost.wait_light("blinking")
