# SPDX-License-Identifier: MIT
"""Programs on this machine that ask for more than there is: descriptors, sessions, recipients, memory. The others are served
meanwhile or told to come again, and when it is over it is over. TRAYPOST_LAB_FLOOD=10000 makes the floods larger."""
import contextlib
import os
import resource
import select
import socket
import time
from pathlib import Path

import mx as scripted
import pytest
from clients import Closed, Raw, message
from namespaces import wait_until

FLOOD = int(os.environ.get("TRAYPOST_LAB_FLOOD", 2500))
KB_OF_A_SESSION = 8                  # of a client that has connected and says nothing

pytestmark = pytest.mark.native


@pytest.fixture(autouse=True)
def descriptors():
    """For a test that is the flood."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def flood(count):
    """Connections that say nothing; the system may not have given all of them to the relay yet."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", 25), timeout=30)) for _ in range(count)]


def cpu_s(relay):
    """What it has used so far."""
    fields = Path(f"/proc/{relay.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors_of(relay):
    """What each of its descriptors is."""
    links = {}
    for entry in Path(f"/proc/{relay.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):    # a worker thread's, closed meanwhile
            links[int(entry.name)] = os.readlink(entry)
    return links


def has_none_to_spare(relay, limit):
    """Half of them is kept; the others are taken, and by no worker thread that will give them back in a moment."""
    def taken():
        links = {n: link for n, link in descriptors_of(relay).items() if n < limit // 2}
        return links if len(links) == limit // 2 and not any(link.startswith("/proc") for link in links.values()) else None
    first = taken()
    for _ in range(5):
        time.sleep(0.01)
        if not first or taken() != first:
            return False
    return True


def can_deliver(mark):
    try:
        with Raw(timeout_s=10) as c:
            return c.mail("anna@alpha.test", message(mark)).code == 250
    except (AssertionError, Closed, ConnectionError):
        return False


# --- descriptors -----------------------------------------------------------------------------------------------------
def test_connections_beyond_the_descriptors_end_and_the_others_go_on(start_relay, mx, mark):
    """A session that is there goes on, a new one is told why not and closed, and afterwards all is well. Some descriptors are
    always left: who looks for the sending program on another thread must not take the one that libuv keeps to turn away with."""
    alpha, _ = mx("alpha"), mx("bravo")
    relay = start_relay(nofile=64)
    with Raw() as begun, Raw() as greeted:
        begun.begin("anna@alpha.test")
        begun.command("DATA", 354)
        greeted.command("EHLO client", 250)
        greeted.command("MAIL FROM:<sender@home.test>", 250)
        with flood(200) as many, contextlib.ExitStack() as more:
            greetings = [c.recv(1000) for c in many]
            assert {g[:10] for g in greetings} == {b"220 localh", b"421 4.3.2 "}
            for c, greeting in zip(many, greetings):
                assert greeting.startswith(b"220 ") or c.recv(1000) == b""

            def one_more():
                more.enter_context(socket.create_connection(("127.0.0.1", 25), timeout=30)).recv(1000)
                return has_none_to_spare(relay, 64)
            wait_until("it has no descriptor to spare", one_more)
            assert len(descriptors_of(relay)) <= 64 - 16
            reply = greeted.command("RCPT TO:<bara@bravo.test>")
            assert reply.code == 451, reply
            before, began = cpu_s(relay), time.monotonic()
            begun.send(message(mark) + b".\r\n")
            begun.expect(250)
            many[0].settimeout(1)
            with contextlib.suppress(TimeoutError):
                while many[0].recv(1000):
                    continue
            assert cpu_s(relay) - before < 0.5 * (time.monotonic() - began), "it turns in circles"
        wait_until("a mail is delivered again", lambda: can_deliver(mark + "-after"))
    assert len(alpha.accepted) == 2


# --- sessions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("measured_relay", [("--max-sessions", str(FLOOD))], indirect=True, ids=[f"{FLOOD} sessions"])
def test_thousands_of_connections_cost_little_and_hold_nobody_up(measured_relay, mx, mark):
    """7: one place is left; who comes beyond is told why. Somebody else's mail is delivered meanwhile."""
    mx("alpha")
    assert can_deliver(mark)
    before = measured_relay.pss_kb()
    with flood(FLOOD - 1) as many:
        for c in many:
            assert c.recv(100).startswith(b"220 ")
        kb = (measured_relay.pss_kb() - before) / len(many)
        print(f"{kb:.2f} kB for each of {len(many)} connections")
        assert kb < KB_OF_A_SESSION
        with Raw() as last:
            last.begin("anna@alpha.test")
            for c in many:                       # nobody has been idle for long: else one would give way
                c.sendall(b"NOOP\r\n")
                assert c.recv(100).startswith(b"250 ")
            with Raw(greet=False) as beyond:
                reply = beyond.expect(421)
                assert reply.status == "4.3.2" and "too many sessions" in reply.text, reply
                assert beyond.closed()
            assert last.data(message(mark)).code == 250
    wait_until("a place is free again", lambda: can_deliver(mark + "-after"))


# --- recipients ------------------------------------------------------------------------------------------------------
def test_recipients_without_end_take_no_memory(measured_relay, mx, mark):
    """RFC 5321 section 4.5.3.1.10: 452 to those beyond, and the others get the mail."""
    alpha = mx("alpha")
    assert can_deliver(mark)
    with Raw() as c:
        c.command("EHLO client", 250)
        c.command("MAIL FROM:<sender@home.test>", 250)
        codes = []

        def name(count):
            c.send("".join(f"RCPT TO:<r{n}@alpha.test>\r\n" for n in range(count)))
            codes.extend(c.reply().code for _ in range(count))
        for _ in range(10):
            name(100)
        assert codes == [250] * 1000
        before = measured_relay.pss_kb()
        for _ in range(FLOOD // 100):
            name(1000)
        assert set(codes[1000:]) == {452}
        more = measured_relay.pss_kb() - before
        assert more < 512, f"{more} kB more"
        assert c.data(message(mark)).code == 250
    assert len(alpha.accepted[-1].recipients) == 1000


def test_a_session_that_never_ends_leaves_nothing_of_its_mails(measured_relay, mx, mark):
    """As many recipients in one session, a hundred to a mail that is thrown away; TRAYPOST_LAB_FLOOD=1000000 makes a million."""
    alpha = mx("alpha")
    assert can_deliver(mark)
    with Raw() as c:
        c.command("EHLO client", 250)

        def throw_away(mails):
            for n in range(mails):
                c.send(f"MAIL FROM:<s{n}@home.test>\r\n" + "".join(f"RCPT TO:<r{n}@alpha.test>\r\n" for n in range(100)) + "RSET\r\n")
                for _ in range(102):
                    c.expect(250)
        throw_away(10)
        before = measured_relay.pss_kb()
        throw_away(FLOOD // 100)
        more = measured_relay.pss_kb() - before
        print(f"{more} kB more after {FLOOD // 100 * 100} recipients")
        assert more < 512, f"{more} kB more"
        assert c.mail("anna@alpha.test", message(mark + "-after")).code == 250
    assert [m.recipients for m in alpha.accepted] == [["anna@alpha.test"]] * 2


# --- large mails -----------------------------------------------------------------------------------------------------
@pytest.fixture
def small_buffers(internet):
    """What is said is with the relay then, and not with the system: that would take megabytes for each connection."""
    before = internet.run(internet.home, "cat", "/proc/sys/net/ipv4/tcp_wmem").strip()
    internet.sysctl(internet.home, "net.ipv4.tcp_wmem", "4096 16384 65536")
    yield
    internet.sysctl(internet.home, "net.ipv4.tcp_wmem", before)


def push(clients, piece, most, quiet_s=2.0):
    """Each says as much content as is taken from it; returns those from whom all was taken, `most` octets: it is thrown away."""
    left = {c.socket.fileno(): most for c in clients}
    poll = select.poll()
    for c in clients:
        c.socket.setblocking(False)
        poll.register(c.socket, select.POLLOUT)
    while any(left.values()) and (ready := poll.poll(quiet_s * 1000)):
        for fd, _ in ready:
            with contextlib.suppress(BlockingIOError):
                left[fd] = max(0, left[fd] - os.write(fd, piece[:left[fd]]))
            if not left[fd]:
                poll.unregister(fd)
    for c in clients:
        c.socket.settimeout(60)
    return [c for c in clients if not left[c.socket.fileno()]]


@pytest.mark.usefixtures("small_buffers")
def test_many_large_mails_to_slow_servers_have_an_end_of_memory_together(measured_relay, mx, mark):
    """README: all mails together hold 64 MB at most, beyond that big ones are put off (451). 500 mails that would hold 128 MB, each a
    window of 256 kB; small ones are served meanwhile, and when it is over, so it is. The process is larger than what they hold, by
    what the allocator cannot use between the pieces."""
    stall = scripted.Stall(then=scripted.Close())
    slow = [mx(f"cell{n:02}", content=scripted.After(1000, stall)) for n in range(25)]
    mx("alpha")

    def small(n):
        with Raw() as c:
            return c.mail("anna@alpha.test", message(f"{mark}-{n}")).code
    assert small("before") == 250
    relay = measured_relay
    before = relay.pss_kb()
    with contextlib.ExitStack() as stack:
        clients = []
        for host in slow:
            for n in range(20):
                c = stack.enter_context(Raw())
                c.begin(f"r{n}@{host.short}.test", sender=f"s{n}@home.test")
                c.command("DATA", 354)
                clients.append(c)
        begun = relay.pss_kb() - before
        heard = push(clients, (b"x" * 98 + b"\r\n") * 600, 2_000_000)
        full = relay.pss_kb() - before
        print(f"{begun} kB more when they were begun, {full} kB more for {len(clients)} large mails; {len(heard)} of them were heard to the end")
        assert small("meanwhile") == 250
        assert full - begun < 1.25 * 64 * 1024, f"{full - begun} kB more"
        assert full > 48 * 1024, "there was no crowd"
        assert heard, "there was no limit"
        for c in heard:
            c.send("\r\n.\r\n")
            assert c.expect(451).status == "4.3.0"
        stall.go()
    wait_until("it is all given back", lambda: relay.pss_kb() - before < 4096, 30)
    assert small("after") == 250
