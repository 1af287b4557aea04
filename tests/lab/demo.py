# SPDX-License-Identifier: MIT
"""What Traypost does, shown in the small internet of the lab. Started by scripts/demo, which builds what is needed."""
import os
import re
import sys
import textwrap
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import clients          # noqa: E402
import internet         # noqa: E402
import namespaces       # noqa: E402
import relay            # noqa: E402

RED, GREEN, BOLD, DIM, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
if not sys.stdout.isatty():
    RED = GREEN = BOLD = DIM = PLAIN = ""
NATIVE_PORT = 2525


def title(text):
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def show(text, colour=""):
    for line in text.rstrip().splitlines():
        print(f"   {colour}{line}{PLAIN if colour else ''}", flush=True)


def show_log(program, since=0):
    for line in program.log()[since:].splitlines():
        colour = {"!": RED, "+": GREEN}.get(line[9:10], "")
        parts = textwrap.wrap(line, 112, subsequent_indent=" " * 11)
        show("\n".join(parts), colour)


def dialogue(output):
    """What was said, from swaks' transcript: without the list after EHLO and without the text of the mail."""
    said = [line.strip() for line in output.splitlines() if re.match(r"\s*(<-|->|<\*\*)\s", line)]
    said = [s for s in said if not re.match(r"<-\s+250-", s)]
    return "\n".join(s for s in said if re.match(r"<|->\s+(EHLO|MAIL|RCPT|DATA|QUIT|\d+ lines sent|\.$)", s))


def mail(mark, to):
    return clients.message(mark, sender="you@home.test", to=to, body="Good day. This line went from one machine to the other.\r\n")


def deliver(net, program, port, name):
    to, mark = "anna@postfix.test", f"Hello from the {name}"
    since = program.mark()
    print(f"   {DIM}$ swaks --server localhost:{port} --from you@home.test --to {to}{PLAIN}")
    sent = clients.send("swaks", "you@home.test", to, mail(mark, to), port=port)
    show(dialogue(sent.output))
    if not sent.ok:
        sys.exit("the mail was not delivered:\n" + sent.output + program.log())
    receipt = re.findall(r"(?m)^<-\s+(250 .*queued as.*)", sent.output)[-1]
    title(f"{name}: its receipt, and what lies in {to}'s mailbox on that server")
    show(f"receipt: {receipt}", GREEN)
    show(net.postfix.mail.wait("anna", mark).decode())
    program.wait_log(re.escape(to), since)
    return since


def refuse(program, port, client, name):
    to, mark = "nobody@postfix.test", f"Lost by the {name}"
    since = program.mark()
    sent = clients.send(client, "you@home.test", to, mail(mark, to), port=port)
    if sent.ok:
        sys.exit("a mail to nobody was accepted\n" + sent.output)
    error = [line for line in sent.output.splitlines() if re.match(rf"<\s+550|{client}:", line)]
    print(f"   {DIM}$ {client} ... {to}{PLAIN}")
    show("\n".join(error))
    program.wait_log(f"! .*{re.escape(to)}", since)
    return since


def main(windows_program, native_program):
    started = time.monotonic()
    title("A small internet: two machines joined by one cable, with real servers on the other side")
    with internet.Internet(os.environ.get("TRAYPOST_LAB")) as net:
        namespaces.enter(net.fds[net.home])
        clients.on_home_machine = net.inside_of(net.home)
        show("home: client programs and Traypost      net: name server, Postfix for postfix.test, Exim for exim.test")

        title("Traypost starts: the Windows program under Wine on port 25, the Linux program beside it on port 2525")
        wine = relay.Wine(net, windows_program)
        windows = relay.Relay(wine)
        native = relay.Relay(relay.Native(net, native_program), ["--listen", f"127.0.0.1:{NATIVE_PORT}"])
        for program in (windows, native):
            program.wait_ready().wait_log("= green")
        show_log(windows)

        title("A mail client sends a mail to localhost:25; 250 is said when the recipient's own server has said it")
        since = deliver(net, windows, 25, "Windows program")
        title("The log of the Windows program")
        show_log(windows, since)

        title("The same with a wrong address: the client's own error has the words of the recipient's server")
        since = refuse(windows, 25, "msmtp", "Windows program")
        title("The log of the Windows program: a red line, and the icon blinks")
        show_log(windows, since)

        title("The Linux program does the same")
        since = deliver(net, native, NATIVE_PORT, "Linux program")
        refuse(native, NATIVE_PORT, "curl", "Linux program")
        show_log(native, since)

        native.stop()
        namespaces.stop(windows.process)
        wine.stop()
    title(f"Done in {time.monotonic() - started:.0f} s; everything that was started has been stopped")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: demo.py WINDOWS-PROGRAM LINUX-PROGRAM")
    main(*(Path(a).resolve() for a in sys.argv[1:]))
