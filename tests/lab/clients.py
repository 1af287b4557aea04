# SPDX-License-Identifier: MIT
"""Programs that send mail: real ones, each called the way a user would, and a raw one for hostile dialogues.

send(name, ...) runs one of CLIENTS on the home machine and says how it ended.
"""
import dataclasses
import json
import re
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# How a program is started on the home machine: with its network (the caller is in it anyway), hosts and resolv.conf.
on_home_machine = []

CLIENTS = ("smtplib", "swaks", "curl", "msmtp", "nodemailer")


@dataclasses.dataclass
class Sent:
    ok: bool
    output: str             # all the client tells its user
    seconds: float
    ended: float

    @property
    def code(self):
        """The last SMTP reply code that is told."""
        found = re.findall(r"(?<![\d.-])([2-5]\d\d)[ -]", self.output)
        return int(found[-1]) if found else 0


def message(mark, sender="sender@home.test", to="anna@postfix.test", body="Good day.\r\n", headers=""):
    return (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {mark}\r\nX-Lab-Id: {mark}\r\n{headers}\r\n{body}").encode()


def send(client, sender, recipients, content, host="127.0.0.1", port=25, timeout_s=90, login=None):
    """login is (method, user, password): LOGIN or PLAIN."""
    recipients = [recipients] if isinstance(recipients, str) else list(recipients)
    started = time.monotonic()
    if client == "smtplib":
        ok, output = _smtplib(sender, recipients, content, host, port, timeout_s, login)
    else:
        with tempfile.NamedTemporaryFile(suffix=".eml") as f:
            f.write(content)
            f.flush()
            command, stdin = globals()["_" + client](sender, recipients, f.name, host, port, timeout_s, login)
            with open(stdin or "/dev/null", "rb") as given:
                done = subprocess.run(on_home_machine + command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      timeout=timeout_s + 10)
        ok, output = done.returncode == 0, done.stdout.decode("utf-8", "replace")
    now = time.monotonic()
    return Sent(ok, output, now - started, now)


def _smtplib(sender, recipients, content, host, port, timeout_s, login):
    try:
        with smtplib.SMTP(host, port, local_hostname="client", timeout=timeout_s) as s:
            s.ehlo()
            if login:
                s.esmtp_features["auth"] = login[0]
                s.login(*login[1:])
            code, text = s.mail(sender, ["BODY=8BITMIME"] if max(content) > 127 else [])
            if code != 250:
                return False, f"{code} {text.decode()}"
            answers = [s.rcpt(r) for r in recipients]
            told = "".join(f"{c} {t.decode()}\n" for c, t in answers)
            if any(c != 250 for c, _ in answers):
                return False, told
            code, text = s.data(content)
            return code == 250, f"{told}{code} {text.decode()}"
    except smtplib.SMTPResponseException as e:
        return False, f"{e.smtp_code} {e.smtp_error}"
    except (OSError, smtplib.SMTPException) as e:
        return False, str(e)


def _swaks(sender, recipients, path, host, port, timeout_s, login):
    return ["swaks", "--server", host, "--port", str(port), "--from", sender, "--to", ",".join(recipients), "--helo", "client",
            "--data", "@" + path, "--timeout", str(timeout_s), "--suppress-data",
            *(["--auth", login[0], "--auth-user", login[1], "--auth-password", login[2]] if login else [])], None


def _curl(sender, recipients, path, host, port, timeout_s, login):
    where = f"smtp://[{host}]:{port}" if ":" in host else f"smtp://{host}:{port}"
    return ["curl", "-sS", "-v", where, "--mail-from", sender, *sum((["--mail-rcpt", r] for r in recipients), []),
            "--upload-file", path, "--max-time", str(timeout_s),
            *(["--user", f"{login[1]}:{login[2]}", "--login-options", f"AUTH={login[0]}"] if login else [])], None


def _msmtp(sender, recipients, path, host, port, timeout_s, login):
    auth = [f"--auth={login[0].lower()}", f"--user={login[1]}", f"--passwordeval=echo {login[2]}"] if login else ["--auth=off"]
    return ["msmtp", "--file=/dev/null", f"--host={host}", f"--port={port}", f"--from={sender}", "--tls=off", *auth, "-d",
            f"--timeout={timeout_s}", "--", *recipients], path


def _nodemailer(sender, recipients, path, host, port, timeout_s, login):
    import internet
    what = json.dumps({"host": host, "port": port, "from": sender, "to": recipients, "path": path, "timeout": timeout_s * 1000,
                       **({"method": login[0], "auth": {"user": login[1], "pass": login[2]}} if login else {})})
    return ["node", str(Path(__file__).with_name("nodemailer.js")), str(internet.cache() / "root/usr/share/nodejs"), what], None


@dataclasses.dataclass
class Reply:
    code: int
    lines: list
    time: float

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def status(self):
        """The enhanced status code, or nothing."""
        found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", self.lines[-1][4:])
        return found[1] if found else ""

    def __str__(self):
        return self.text


class Closed(Exception):
    """The relay closed the connection."""


class Raw:
    """A client that sends exactly the octets it is told to. With address="127.0.0.1" as a user would; any other works."""

    def __init__(self, address="127.0.0.1", port=25, timeout_s=50, greet=True, source=None):
        self.socket = socket.create_connection((address, port), timeout=timeout_s, source_address=source and (source, 0))
        self.buffer = b""
        self.talk = []
        if greet:
            self.expect(220)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, octets):
        octets = octets.encode() if isinstance(octets, str) else octets
        self.talk.append(f"C: {octets[:200]!r}")
        self.socket.sendall(octets)

    def reply(self):
        lines = []
        while True:
            while b"\n" not in self.buffer:
                try:
                    piece = self.socket.recv(65536)
                except ConnectionError:
                    piece = b""
                if not piece:
                    raise Closed(self.transcript())
                self.buffer += piece
            line, _, self.buffer = self.buffer.partition(b"\n")
            assert line.endswith(b"\r"), f"a reply line ends in a bare line feed: {line!r}"
            assert len(line) + 1 <= 512, f"a reply line of {len(line) + 1} octets (RFC 5321 4.5.3.1.5)"
            assert all(32 <= octet <= 126 for octet in line[:-1]), f"a reply that is not plain ASCII: {line!r}"
            text = line[:-1].decode("ascii")
            self.talk.append("S: " + text)
            assert re.match(r"[2-5]\d\d[ -]", text), f"not a reply: {text!r}"
            lines.append(text)
            assert len(lines) <= 100, "a reply of more than 100 lines"
            if text[3] == " ":
                assert len({t[:3] for t in lines}) == 1, f"one reply with several codes: {lines}"
                return Reply(int(text[:3]), lines, time.monotonic())

    def expect(self, *codes):
        reply = self.reply()
        assert reply.code in codes, f"expected {codes}, got {reply}\n{self.transcript()}"
        return reply

    def command(self, line, *codes):
        """Sends a line and returns its reply; with codes it must be one of them."""
        self.send(line.encode() + b"\r\n" if isinstance(line, str) else line + b"\r\n")
        return self.expect(*codes) if codes else self.reply()

    def begin(self, recipient, sender="sender@home.test"):
        """EHLO, MAIL and RCPT that must succeed."""
        self.command("EHLO client", 250)
        self.command(f"MAIL FROM:<{sender}>", 250)
        self.command(f"RCPT TO:<{recipient}>", 250)
        return self

    def data(self, content):
        """DATA with the content as it is (dots are the caller's), the final dot, and the verdict."""
        self.command("DATA", 354)
        self.send(content + b".\r\n")
        return self.reply()

    def mail(self, recipient, content, sender="sender@home.test"):
        """A whole mail; the reply to its end."""
        return self.begin(recipient, sender).data(content)

    def closed(self):
        """True once the other side has closed; waits for it, and fails if something else is said first."""
        try:
            more = self.buffer or self.socket.recv(65536)
        except ConnectionError:
            return True
        assert not more, f"expected the end, got {more!r}\n{self.transcript()}"
        return True

    def vanish(self):
        """As a client that is killed: RST."""
        import struct
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def transcript(self):
        return "\n".join(self.talk)
