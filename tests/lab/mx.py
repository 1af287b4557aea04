# SPDX-License-Identifier: MIT
"""A mail exchanger that behaves as a test's table says, and remembers exactly what it was told and when.

    host = farm.open("alpha", rcpt="550 5.1.1 no such user", dot=Stall())

Steps: greeting ehlo helo starttls handshake mail rcpt data content dot bdat rset noop quit. What a step may do:
    "250 ok"             this reply in place of the usual one; "\\n" makes further lines
    b"..."               these octets as they are (garbage; or two replies at once: the second comes before its command)
    Close("421 bye")     says it (or nothing) and closes        Reset()        closes with RST
    Stall()              says nothing until go() is called      Endless("250-more")  never ends its reply
    Drip("250 ok", 0.1)  octet by octet                         After(100_000, action)   for content: in the middle of it
    {address: action}    for rcpt, by address                   [a, b]         first time a, then b for ever
    f(session, text)     a function that returns one of these; None is the usual reply
handshake is between the 220 and TLS; all it can do there is to Stall(). A host that is not open refuses connections, and so
does one that was made to vanish(). Further words: extensions=(...), size=N, speed=octets a second,
tls=context (offers STARTTLS; starttls="220 go" without it answers in clear what should be a handshake).

Times are time.monotonic(), the clock of the tests, so that "the relay said 250 after the MX did" is a comparison.
"""
import asyncio
import dataclasses
import itertools
import re
import socket
import ssl
import struct
import threading
import time

import nameserver

EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
END = b"\r\n.\r\n"
COMMAND_LIMIT = 2048
_BARE = re.compile(rb"(?<!\r)\n|\r(?=[^\n])")


@dataclasses.dataclass
class Close:
    reply: str = ""


@dataclasses.dataclass
class Reset:
    pass


@dataclasses.dataclass
class Endless:
    line: str


@dataclasses.dataclass
class Drip:
    reply: str
    gap_s: float = 0.05


@dataclasses.dataclass
class After:
    octets: int
    action: object


class Stall:
    """Holds the reply back until the test says go(); then gives `then`, or the usual reply."""

    def __init__(self, then=None):
        self.then, self._go = then, threading.Event()

    def go(self):
        self._go.set()

    async def wait(self, session):
        while not self._go.is_set() and not session.gone():
            await asyncio.sleep(0.01)


@dataclasses.dataclass
class Mail:
    """One mail transaction as the MX saw it."""
    sender: str
    parameters: str
    started: float
    recipients: list = dataclasses.field(default_factory=list)
    content: bytes = b""            # as it came over the wire, dots still doubled, without the final dot
    by_bdat: bool = False
    complete: bool = False          # the final dot (or BDAT LAST) came
    ended: float = 0.0              # when it came
    reply: str = ""
    replied: float = 0.0

    @property
    def accepted(self):
        return self.reply.startswith("2")

    @property
    def text(self):
        """The content as a reader of the mail would get it."""
        body = self.content
        if self.by_bdat:
            return body
        if body.startswith(b"."):
            body = body[1:]
        return body.replace(b"\r\n.", b"\r\n")


class _Gone(Exception):
    pass


class Session:
    """One connection. events is a list of (time, "C" or "S" or "-", text)."""

    def __init__(self, host, number, reader, writer):
        self.host, self.number, self.reader, self.writer = host, number, reader, writer
        self.peer = writer.get_extra_info("peername")[0]
        self.local = writer.get_extra_info("sockname")[0]
        self.opened, self.closed = time.monotonic(), 0.0
        self.events, self.mails, self.violations = [], [], []
        self.received = bytearray()
        self.buffer = bytearray()
        self.mail, self.judged, self.bdat = None, None, bytearray()
        self.greeted_as = ""
        self.tls = None             # the ssl object, once TLS is up
        self.server_name = None     # what the client asked for in its hello

    # --- what is read -------------------------------------------------------------------------------------------
    def note(self, who, text):
        with self.host.farm.changed:
            self.events.append((time.monotonic(), who, text))
            self.host.farm.changed.notify_all()

    def gone(self):
        return self.reader.at_eof() or self.writer.is_closing() or self.reader.exception() is not None

    async def fill(self, most=65536):
        try:
            piece = await self.reader.read(most)
        except ConnectionError:
            piece = b""
        if not piece:
            raise _Gone
        with self.host.farm.changed:
            self.received += piece
            self.buffer += piece
            self.host.farm.changed.notify_all()
        if self.host.speed:
            await asyncio.sleep(len(piece) / self.host.speed)
        return len(piece)

    async def line(self):
        while b"\n" not in self.buffer:
            if len(self.buffer) > COMMAND_LIMIT:
                self.violations.append("command line without an end")
                raise _Gone
            await self.fill()
        end = self.buffer.index(b"\n") + 1
        line = bytes(self.buffer[:end])
        del self.buffer[:end]
        if not line.endswith(b"\r\n"):
            self.violations.append(f"command ended by a bare line feed: {line[:80]!r}")
        if len(line) > 512 + 500:
            self.violations.append(f"command of {len(line)} octets")
        return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")

    # --- what is said -------------------------------------------------------------------------------------------
    async def say(self, text, octets=None):
        if self.judged:         # before it is sent: once the relay has it, the test may look
            with self.host.farm.changed:
                self.judged.reply = text if isinstance(text, str) else text.decode("latin-1")
                self.judged.replied = time.monotonic()
        octets = octets or (text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode() + b"\r\n")
        await self.send(octets)
        self.note("S", text.decode("latin-1").rstrip("\r\n") if isinstance(text, bytes) else text)
        return text

    async def send(self, octets):
        self.writer.write(octets)
        try:
            await self.writer.drain()
        except ConnectionError:
            raise _Gone from None

    def set_reset(self):
        """When the connection closes now, it is with RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def act(self, step, usual, text=""):
        """Does what the table says for the step; returns the reply that was given."""
        return await self.do(self.host.action(step, self, text), usual)

    async def do(self, action, usual):
        match action:
            case None:
                return await self.say(usual)
            case str() | bytes():
                await self.say(action)
                return action if isinstance(action, str) else action.decode("latin-1")
            case Close(reply=reply):
                if reply:
                    await self.say(reply)
                raise _Gone
            case Reset():
                self.set_reset()
                self.writer.transport.abort()
                raise _Gone
            case Stall():
                self.note("-", "stall")
                await action.wait(self)
                return await self.do(action.then, usual)
            case Endless(line=line):
                self.note("-", "endless")
                while True:
                    await self.send((line + "\r\n").encode() * 100)
                    await asyncio.sleep(0)
            case Drip(reply=reply, gap_s=gap_s):
                for octet in (reply + "\r").encode():
                    await self.send(bytes([octet]))
                    await asyncio.sleep(gap_s)
                return await self.say(reply, b"\n")
        raise TypeError(f"not an action: {action!r}")

    # --- the conversation ---------------------------------------------------------------------------------------
    async def talk(self):
        host = self.host
        await self.act("greeting", f"220 {host.name} ESMTP lab")
        while True:
            line = await self.line()
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            self.note("C", line)
            if self.buffer and (not host.offers("PIPELINING") or verb in ("EHLO", "HELO", "DATA", "QUIT", "STARTTLS")):
                self.violations.append(f"sent on before the reply to {line[:40]!r}: {bytes(self.buffer[:60])!r}")
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler:
                await handler(argument.strip())
            else:
                await self.say("500 5.5.2 what?")

    async def on_ehlo(self, name):
        self.greeted_as, self.mail = name, None
        await self.act("ehlo", "\n".join([f"250-{self.host.name} greets {name}"] + [
            f"250-{e}" for e in self.host.extensions] + self.starttls_line() + ["250 HELP"]), name)

    def starttls_line(self):
        return ["250-STARTTLS"] if (self.host.tls or "starttls" in self.host.table) and not self.tls else []

    async def on_starttls(self, _):
        if self.tls or not self.starttls_line():
            await self.say("503 5.5.1 not now")
            return
        self.writer.transport.pause_reading()       # what comes behind the 220 is not ours to read
        reply = await self.act("starttls", "220 2.0.0 go ahead")
        if not reply.startswith("220") or not self.host.tls:
            self.writer.transport.resume_reading()
            return
        if isinstance(held := self.host.action("handshake", self, ""), Stall):
            self.note("-", "stall")
            await held.wait(self)
        try:
            await self.writer.start_tls(self.host.tls)
        except (ssl.SSLError, ConnectionError) as e:
            self.note("-", f"TLS failed: {e}")
            raise _Gone from None
        self.reader._transport = self.writer.transport          # Python 3.11 forgets it
        self.buffer.clear()
        self.mail, self.tls = None, self.writer.get_extra_info("ssl_object")
        self.server_name = self.host.server_names.get(id(self.tls))
        self.note("-", f"TLS {self.tls.version()} {self.tls.cipher()[0]}{' resumed' if self.tls.session_reused else ''}")

    async def on_helo(self, name):
        self.greeted_as, self.mail = name, None
        await self.act("helo", f"250 {self.host.name}", name)

    async def on_mail(self, argument):
        found = re.fullmatch(r'FROM:<((?:"(?:\\.|[^"\\])*"|[^">])*)>( .*)?', argument, re.I)
        if not found:
            await self.say("501 5.5.4 MAIL FROM:<address>")
            return
        if self.mail:
            await self.say("503 5.5.1 nested MAIL")
            return
        sender, parameters = found[1], (found[2] or "").strip()
        usual = "250 2.1.0 sender ok"
        for p in parameters.upper().split():
            needs = {"BODY": "8BITMIME", "SIZE": "SIZE", "SMTPUTF8": "SMTPUTF8", "RET": "DSN", "ENVID": "DSN", "AUTH": "AUTH"}
            word = needs.get(p.partition("=")[0], "nothing")
            if not self.host.offers(word):
                self.violations.append(f"MAIL parameter {p} to a host that does not offer {word}")
                usual = f"555 5.5.4 {p} not offered"
            elif word == "SIZE" and self.host.size and int(p.partition("=")[2]) > self.host.size:
                usual = "552 5.3.4 too big for me"
        if not sender.isascii() and "SMTPUTF8" not in parameters.upper():
            self.violations.append(f"an 8-bit sender without SMTPUTF8: {argument}")
        mail = Mail(sender, parameters, time.monotonic())
        reply = await self.act("mail", usual, sender)
        if reply.startswith("250"):
            self.mail = mail

    async def on_rcpt(self, argument):
        found = re.fullmatch(r'TO:<((?:"(?:\\.|[^"\\])*"|[^">])*)>( .*)?', argument, re.I)
        if not found:
            await self.say("501 5.5.4 RCPT TO:<address>")
        elif not self.mail:
            await self.act("rcpt", "503 5.5.1 MAIL first", found[1])
        else:
            if found[2] and not self.host.offers("DSN"):
                self.violations.append(f"RCPT parameter without DSN: {argument}")
            if not found[1].isascii() and "SMTPUTF8" not in self.mail.parameters.upper():
                self.violations.append(f"an 8-bit recipient without SMTPUTF8: {argument}")
            reply = await self.act("rcpt", "250 2.1.5 recipient ok", found[1])
            if reply.startswith("25"):
                self.mail.recipients.append(found[1])

    async def on_data(self, _):
        if not self.mail or not self.mail.recipients:
            await self.act("data", "554 5.5.1 no valid recipients")
            return
        reply = await self.act("data", "354 go ahead")
        if not reply.startswith("354"):
            return
        mail = self.take()
        await self.read_content(mail)
        mail.complete, mail.ended = True, time.monotonic()
        self.note("-", "dot")
        await self.verdict(mail)

    async def read_content(self, mail):
        content, seen = bytearray(b"\r\n"), 0          # the line end before a lone dot that comes first
        limit = self.host.table.get("content")
        try:
            while True:
                content += self.buffer
                del self.buffer[:]
                if isinstance(limit, After) and len(content) - 2 >= limit.octets:
                    self.note("-", "middle of content")
                    action, limit = limit.action, None
                    if isinstance(action, Stall):
                        await action.wait(self)
                    else:
                        await self.do(action, "")
                end = content.find(END, max(0, seen - len(END)))
                if end >= 0:
                    self.buffer += content[end + len(END):]
                    del content[end + 2:]
                    return
                seen = len(content)
                await self.fill()
        finally:
            mail.content = bytes(content[2:])

    async def on_bdat(self, argument):
        words = argument.upper().split()
        octets = int(words[0])
        last = words[1:] == ["LAST"]
        while len(self.buffer) < octets:
            await self.fill()
        piece = bytes(self.buffer[:octets])
        del self.buffer[:octets]
        if not self.host.offers("CHUNKING"):
            self.violations.append("BDAT to a host that does not offer CHUNKING")
        if not self.mail or not self.mail.recipients:
            await self.say("503 5.5.1 no valid recipients")
            return
        self.bdat += piece
        if not last:
            await self.act("bdat", f"250 2.0.0 {octets} octets")
            return
        mail = self.take()
        mail.by_bdat, mail.content, self.bdat = True, bytes(self.bdat), bytearray()
        mail.complete, mail.ended = True, time.monotonic()
        self.note("-", "dot")
        await self.verdict(mail)

    def take(self):
        mail, self.mail = self.mail, None
        with self.host.farm.changed:
            self.mails.append(mail)
        return mail

    async def verdict(self, mail):
        if not self.host.offers("8BITMIME") and max(mail.content, default=0) > 127:
            self.violations.append("8-bit content to a host without 8BITMIME")
        self.judged = mail
        await self.act("dot", f"250 2.0.0 Ok: queued as {self.host.farm.queue_id()}", mail.sender)
        self.judged = None

    async def on_rset(self, _):
        self.mail, self.bdat = None, bytearray()
        await self.act("rset", "250 2.0.0 forgotten")

    async def on_noop(self, _):
        await self.act("noop", "250 2.0.0 here I am")

    async def on_quit(self, _):
        await self.act("quit", "221 2.0.0 bye")
        raise _Gone

    async def run(self):
        try:
            await self.talk()
        except (_Gone, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.writer.close()
            if self.received.count(b"\r\n") != self.received.count(b"\n") or self.received.count(b"\r\n") != self.received.count(b"\r"):
                found = _BARE.search(self.received)         # slow; nothing if the end is a CR whose LF never came
                if found:
                    around = bytes(self.received[max(0, found.start() - 30):found.start() + 10])
                    self.violations.append(f"bare CR or LF on the wire: {around!r}")
            with self.host.farm.changed:
                self.closed = time.monotonic()
                self.events.append((self.closed, "-", "closed"))
                self.host.farm.changed.notify_all()

    def arrived(self):
        """All that has come, also what a stalled host has not read."""
        return bytes(self.received + self.reader._buffer)

    def said(self, start):
        """Commands of the client that begin with the word."""
        return [e[2] for e in self.events if e[1] == "C" and e[2].upper().startswith(start.upper())]

    def transcript(self):
        return "".join(f"{t - self.opened:8.3f} {who}: {text}\n" for t, who, text in self.events)


class Host:
    """One scripted mail exchanger; open until close()."""

    def __init__(self, farm, short, table):
        self.farm, self.short, self.name = farm, short, f"mx.{short}.test"
        self.addresses = (nameserver.SCRIPTED | nameserver.CELLS)[short]
        self.size = table.pop("size", None)
        self.speed = table.pop("speed", None)
        self.tls = table.pop("tls", None)
        self.server_names = {}      # by id of the ssl object
        if self.tls:
            self.tls.sni_callback = lambda tls, name, _: self.server_names.update({id(tls): name})
        self.extensions = tuple(table.pop("extensions", EXTENSIONS)) + ((f"SIZE {self.size}",) if self.size else ())
        self.table, self.sessions, self.tasks, self.servers = table, [], set(), []
        self.calls = {}
        self.peak = 0               # most connections at one time

    def offers(self, word):
        return any(e.split()[0] == word for e in self.extensions)

    def action(self, step, session, text):
        action = self.table.get(step)
        nth = self.calls[step] = self.calls.get(step, 0) + 1
        if isinstance(action, list):
            action = action[min(nth, len(action)) - 1]
        if isinstance(action, dict):
            action = action.get(text)
        return action(session, text) if callable(action) else action

    async def _open(self):
        for a in self.addresses:
            s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM,
                              socket.IPPROTO_TCP)      # named, so that asyncio turns Nagle off
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)     # what a stalled host swallows stays small
            s.bind((a, 25))
            s.listen(128)
            self.servers.append(await asyncio.start_server(self._accept, sock=s, limit=65536))

    async def _accept(self, reader, writer):
        session = Session(self, len(self.sessions) + 1, reader, writer)
        with self.farm.changed:
            self.sessions.append(session)
            self.peak = max(self.peak, len(self.open_sessions))
            self.farm.changed.notify_all()
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await session.run()
        finally:
            self.tasks.discard(task)

    async def _vanish(self, reset):
        for s in self.open_sessions:
            if reset:
                s.set_reset()
                s.writer.transport.abort()
            else:
                s.writer.close()
        await self._close()

    async def _close(self):
        for s in self.servers:
            s.close()
        self.servers.clear()
        for t in list(self.tasks):
            t.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=5)

    def close(self):
        """Ends the connections and refuses new ones."""
        self.farm.call(self._close())

    def vanish(self, reset=False):
        """As a host that crashes: its connections end, with RST or FIN, and new ones are refused until back()."""
        self.farm.call(self._vanish(reset))

    def back(self):
        self.farm.call(self._open())

    # --- what tests ask -----------------------------------------------------------------------------------------
    @property
    def open_sessions(self):
        return [s for s in self.sessions if not s.closed]

    @property
    def mails(self):
        """Every mail whose final dot came, in order of arrival."""
        return sorted((m for s in self.sessions for m in s.mails if m.complete), key=lambda m: m.ended)

    @property
    def accepted(self):
        return [m for m in self.mails if m.accepted]

    @property
    def incomplete(self):
        return [m for s in self.sessions for m in s.mails if not m.complete]

    @property
    def violations(self):
        return [f"{self.short} session {s.number}: {v}" for s in self.sessions for v in s.violations]

    def said(self, start):
        return [line for s in self.sessions for line in s.said(start)]

    def wait(self, what, is_so, timeout_s=10):
        return self.farm.wait(f"{self.short}: {what}", is_so, timeout_s, self)

    def wait_mail(self, count=1, timeout_s=10):
        self.wait(f"{count} mail(s)", lambda: len([m for m in self.mails if m.replied]) >= count, timeout_s)
        return self.mails[count - 1]

    def wait_command(self, start, count=1, timeout_s=10):
        return self.wait(f"command {start}", lambda: len(self.said(start)) >= count, timeout_s)

    def wait_event(self, text, timeout_s=10):
        return self.wait(f"event {text!r}", lambda: [e for s in self.sessions for e in s.events if e[2] == text], timeout_s)[0]

    def wait_closed(self, timeout_s=10):
        self.wait("all connections closed", lambda: self.sessions and not self.open_sessions, timeout_s)

    def transcript(self):
        return "".join(f"--- {self.short} session {s.number} from {s.peer}\n{s.transcript()}" for s in self.sessions)


class Farm:
    """All scripted hosts; one thread whose sockets are in the net namespace."""

    def __init__(self, lab):
        self.changed = threading.Condition()
        self.hosts = {}
        self._ids = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        lab.thread(lab.net, self._loop.run_forever, "mx farm")

    def queue_id(self):
        return f"LAB{next(self._ids):06}"

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(15)

    def open(self, short, **table):
        assert short not in self.hosts, f"{short} is open already"
        host = Host(self, short, table)
        self.call(host._open())
        self.hosts[short] = host
        return host

    def wait(self, what, is_so, timeout_s=10, host=None):
        deadline = time.monotonic() + timeout_s
        with self.changed:
            while not (value := is_so()):
                if not self.changed.wait(max(0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    raise TimeoutError(f"not within {timeout_s} s: {what}\n" + (host.transcript() if host else ""))
            return value

    def close_all(self):
        """Back to an empty farm; returns what hosts saw that no relay may do."""
        violations = []
        for host in self.hosts.values():
            host.close()
            violations += host.violations
        self.hosts.clear()
        return violations

    def stop(self):
        self.close_all()
        self._loop.call_soon_threadsafe(self._loop.stop)
