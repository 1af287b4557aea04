# SPDX-License-Identifier: MIT
"""TCP by hand, on the neighbour's end of the cable: for packets that no system would send, with a source or a destination
that is a lie. The neighbour's own system takes no part: what is told to these addresses is nothing to it.
"""
import itertools
import json
import select
import socket
import struct
import time

from namespaces import run

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
OUTGOING = 4                                    # PACKET_OUTGOING: what we sent ourselves

_ports = itertools.count(40_000)


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def text(octets):
    return socket.inet_ntop(socket.AF_INET6 if len(octets) == 16 else socket.AF_INET, octets)


def segment(source, to, source_port, port, sequence, acknowledged, flags, content=b""):
    """An IP packet with a TCP segment in it."""
    a, b = packed(source), packed(to)
    head = struct.pack("!HHIIBBHHH", source_port, port, sequence, acknowledged, 5 << 4, flags, 64_000, 0, 0)
    length = len(head) + len(content)
    pseudo = a + b + (struct.pack("!BBH", 0, 6, length) if len(a) == 4 else struct.pack("!IHBB", length, 0, 0, 6))
    tcp = head[:16] + struct.pack("!H", checksum(pseudo + head + content)) + head[18:] + content
    if len(a) == 16:
        return struct.pack("!IHBB", 6 << 28, length, 6, 64) + a + b + tcp
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, 6, 0) + a + b
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


class Wire:
    """The cable, seen from the neighbour."""

    def __init__(self, lab):
        self.theirs, self.ours = (bytes.fromhex(json.loads(run("ip", "-j", "-n", ns, "link", "show", link))[0]["address"].replace(":", ""))
                                  for ns, link in ((lab.home, "wan"), (lab.net, "lan")))
        with lab.inside(lab.net):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind(("lan", ETH_P_ALL))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, packet):
        self.socket.send(self.theirs + self.ours + struct.pack("!H", ETH_P_IP if packet[0] >> 4 == 4 else ETH_P_IPV6) + packet)

    def segments(self, timeout_s):
        """What comes over the cable in the time, TCP only: (source, source port, to, port, sequence, acknowledged, flags, content)."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0 and select.select([self.socket], [], [], left)[0]:
            frame, about = self.socket.recvfrom(70_000)
            packet, kind = frame[14:], struct.unpack("!H", frame[12:14])[0]
            if about[2] == OUTGOING or kind not in (ETH_P_IP, ETH_P_IPV6):
                continue
            if kind == ETH_P_IP:
                protocol, source, to = packet[9], packet[12:16], packet[16:20]
                tcp = packet[4 * (packet[0] & 15):struct.unpack("!H", packet[2:4])[0]]
            else:
                protocol, source, to = packet[6], packet[8:24], packet[24:40]
                tcp = packet[40:40 + struct.unpack("!H", packet[4:6])[0]]
            if protocol == 6:
                source_port, port, sequence, acknowledged, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
                yield text(source), source_port, text(to), port, sequence, acknowledged, flags, tcp[4 * (offset >> 4):]


class Handmade:
    """A TCP client whose every packet is ours."""

    def __init__(self, wire, source, to, port=25):
        self.wire, self.source, self.to, self.port = wire, source, to, port
        self.source_port = next(_ports)
        self.sequence, self.heard = 1000, 0
        self.content = b""

    def send(self, flags, content=b""):
        self.wire.send(segment(self.source, self.to, self.source_port, self.port, self.sequence, self.heard, flags, content))
        self.sequence += len(content) + (1 if flags & SYN else 0)

    def hear(self, timeout_s=5):
        """Flags of the next segment that is for us, whatever it says; 0 when there is none in the time."""
        for source, source_port, to, port, sequence, _, flags, content in self.wire.segments(timeout_s):
            if (source, source_port, to, port) != (self.to, self.port, self.source, self.source_port):
                continue
            if flags & SYN:
                self.heard = sequence + 1
            elif content and sequence == self.heard:
                self.content += content
                self.heard += len(content)
            return flags
        return 0

    def connect(self):
        """True once they say that they are connected."""
        self.send(SYN)
        if self.hear() & (SYN | ACK) != SYN | ACK:
            return False
        self.send(ACK)
        return True

    def line(self):
        """The first line of what is said to us."""
        while b"\n" not in self.content:
            if not self.hear():
                break
            self.send(ACK)
        return self.content.partition(b"\n")[0]
