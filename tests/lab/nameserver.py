# SPDX-License-Identifier: MIT
"""The lab's DNS: NSD with the zones of the test domains, a second one that is "8.8.8.8", and one that never answers.

HOSTS and DOMAINS below are the map of the small internet. A name that is not in them does not exist (NXDOMAIN): the
server is authoritative for the root. `broken.test` is a zone without data, so every question about it is SERVFAIL.
"""
import os
import signal
import socket
from pathlib import Path

import namespaces

DNS4, DNS6 = "198.51.100.53", "2001:db8:1::53"
SILENT4 = "198.51.100.54"                                    # port 53 is open there, no answer ever comes
PUBLIC4, PUBLIC6 = "8.8.8.8", "2001:4860:4860::8888"         # the fallback of PRODUCT section 1
NOBODY4 = "198.51.100.250"                                   # no such host: packets vanish, a connect stalls

POSTFIX = ("198.51.100.10", "2001:db8:1::10")
POSTFIX_GREY = "198.51.100.37"                               # the same Postfix; here it greylists
EXIM = ("198.51.100.11", "2001:db8:1::11")
EXIM_TLS = "198.51.100.12"                                   # the same Exim; here it offers TLS

# Postfix with TLS, each kind at an address of its own; <name>.test has mx.<name>.test as its only MX. See postfix.py.
POSTFIX_TLS = {
    "selfsigned": "198.51.100.31",
    "labca": "198.51.100.32",
    "expired": "198.51.100.33",
    "rsa12": "198.51.100.34",
    "ecdsa12": "198.51.100.35",
    "tls10": "198.51.100.36",
    "proven": "198.51.100.38",
}

# Real mail servers that are started when a test asks for one (mail_servers.py); <name>.test has mail.<name>.test as its only MX.
MAIL_SERVERS = {
    "opensmtpd": ("198.51.100.14", "2001:db8:1::14"),
}

# Domains that publish rules for those who bring them mail (MTA-STS): policed00.test ... A test gives one of them its records.
POLICED = [f"policed{n:02}.test" for n in range(50)]
WEB4 = "198.51.100.80"                                       # all their web servers, mta-sts.policed00.test ...; see web.py

# Scripted mail exchangers: name -> addresses. Each is mx.<name>.test; <name>.test has it as its only MX.
SCRIPTED = {
    "alpha": ("198.51.100.21",),
    "bravo": ("198.51.100.22",),
    "charlie": ("198.51.100.23",),
    "delta": ("198.51.100.24",),
    "echo": ("198.51.100.25",),
    "six": ("2001:db8:1::26",),                              # an IPv6-only MX
    "dual": ("198.51.100.27", "2001:db8:1::27"),
}

# Many more of them, for tests that need a host of its own for each mail: cell00.test ... All of CELLS_NET is the net's.
CELLS_NET = "203.0.113.1/24"
CELLS = {f"cell{n:02}": (f"203.0.113.{n + 10}",) for n in range(100)}


THOUSANDS = 2500                                             # MXs of thousands.test


def scripted_domains():
    for name, addresses in {**SCRIPTED, **CELLS}.items():
        yield f"{name}.test.", "MX", f"10 mx.{name}.test."
        for a in addresses:
            yield f"mx.{name}.test.", "AAAA" if ":" in a else "A", a


DOMAINS = [
    # real mail servers
    ("postfix.test.", "MX", "10 mail.postfix.test."),
    *[("mail.postfix.test.", "AAAA" if ":" in a else "A", a) for a in POSTFIX],
    ("grey.test.", "MX", "10 mx.grey.test."),
    ("mx.grey.test.", "A", POSTFIX_GREY),
    ("exim.test.", "MX", "10 mail.exim.test."),
    *[("mail.exim.test.", "AAAA" if ":" in a else "A", a) for a in EXIM],
    *[(f"{name}.test.", "MX", f"10 mail.{name}.test.") for name in MAIL_SERVERS],
    *[(f"mail.{name}.test.", "AAAA" if ":" in a else "A", a) for name, addresses in MAIL_SERVERS.items() for a in addresses],
    # with TLS
    ("eximtls.test.", "MX", "10 mail.eximtls.test."),
    ("mail.eximtls.test.", "A", EXIM_TLS),
    *[(f"{name}.test.", "MX", f"10 mx.{name}.test.") for name in POSTFIX_TLS],
    *[(f"mx.{name}.test.", "A", a) for name, a in POSTFIX_TLS.items()],
    *[(f"mta-sts.{domain}.", "A", WEB4) for domain in POLICED],
    ("_mta-sts.provider.test.", "TXT", '"v=STSv1; id=provider;"'),            # for many domains, by CNAME
    # several MXs, and the order they must be tried in (RFC 5321 section 5.1); written in the wrong order on purpose
    ("order.test.", "MX", "30 mx.charlie.test."),
    ("order.test.", "MX", "10 mx.alpha.test."),
    ("order.test.", "MX", "20 mx.bravo.test."),
    *[("equal.test.", "MX", f"10 mx.{h}.test.") for h in ("alpha", "bravo", "charlie", "delta")],
    ("addresses.test.", "MX", "10 mx.addresses.test."),                       # one MX with two addresses, then another MX
    ("addresses.test.", "MX", "20 mx.charlie.test."),
    ("mx.addresses.test.", "A", "198.51.100.21"),
    ("mx.addresses.test.", "A", "198.51.100.22"),
    ("stalled.test.", "MX", f"10 mx.stalled.test."),                          # its host swallows packets
    ("mx.stalled.test.", "A", NOBODY4),
    ("stalledfirst.test.", "MX", "10 mx.stalled.test."),
    ("stalledfirst.test.", "MX", "20 mx.alpha.test."),
    # no MX, no mail, odd MX
    ("implicit.test.", "A", "198.51.100.24"),                                 # no MX: its own address (delta)
    ("implicit6.test.", "AAAA", "2001:db8:1::26"),                            # the same over IPv6 (six)
    ("null.test.", "MX", "0 ."),                                              # RFC 7505: takes no mail
    ("null.test.", "A", "198.51.100.21"),
    ("empty.test.", "TXT", '"neither MX nor address"'),
    ("mxcname.test.", "MX", "10 alias.mxcname.test."),                        # forbidden, and common
    ("alias.mxcname.test.", "CNAME", "mx.alpha.test."),
    ("cname.test.", "CNAME", "bravo.test."),
    ("missing.test.", "MX", "10 nowhere.missing.test."),
    ("missingfirst.test.", "MX", "10 nowhere.missing.test."),
    ("missingfirst.test.", "MX", "20 mx.alpha.test."),
    ("brokenmx.test.", "MX", "10 mx.broken.test."),                           # the MX's address is SERVFAIL
    *[("many.test.", "MX", f"{100 + i} h{i:03}.many.test.") for i in range(199)],   # 200 MXs: only TCP carries the answer
    ("many.test.", "MX", "5 mx.alpha.test."),
    *[(f"h{i:03}.many.test.", "A", "198.51.100.22") for i in range(199)],
    # more than anybody needs: an answer of 60 kB, a host with hundreds of addresses, a domain for everybody
    *[("thousands.test.", "MX", f"{100 + i} h{i}.thousands.test.") for i in range(THOUSANDS)],
    ("thousands.test.", "MX", "5 mx.alpha.test."),
    *[(f"h{i}.thousands.test.", "A", "198.51.100.22") for i in range(THOUSANDS)],
    ("crowd.test.", "MX", "10 mx.crowd.test."),                               # hundreds of addresses that answer nothing, and alpha's;
    *[("mx.crowd.test.", "AAAA", f"2001:db8:ffff::{i:x}") for i in range(1, 400)],      # so many that both answers come by TCP, in order
    ("mx.crowd.test.", "A", "198.51.100.21"),
    *[("mx.crowd.test.", "A", f"198.51.101.{i}") for i in range(1, 200)],
    *[("tar.test.", "MX", f"10 h{i}.tar.test.") for i in range(200)],         # two hundred hosts with hundreds of silent addresses each
    *[(f"h{i}.tar.test.", "CNAME", "tarred.test.") for i in range(200)],
    *[("tarred.test.", "A", f"198.51.101.{i}") for i in range(1, 255)],
    *[("tarred.test.", "AAAA", f"2001:db8:ffff::{i:x}") for i in range(1, 255)],
    ("*.wild.test.", "MX", "10 mx.alpha.test."),                              # any0.wild.test, any1.wild.test ...
    ("*.feral.test.", "MX", "10 mx.alpha.test."),
    ("*.feral.test.", "MX", "20 mx.bravo.test."),
    ("xn--hky-ela4t.test.", "MX", "10 mx.alpha.test."),                       # háčky.test
    ("xn--pota-h6a.test.", "MX", "10 mail.postfix.test."),                    # pošta.test
    # loops (PRODUCT 5.10)
    ("loop4.test.", "MX", "10 at4.loop.test."),
    ("at4.loop.test.", "A", "127.0.0.1"),
    ("loop127.test.", "MX", "10 at127.loop.test."),
    ("at127.loop.test.", "A", "127.4.5.6"),
    ("loop0.test.", "MX", "10 at0.loop.test."),
    ("at0.loop.test.", "A", "0.0.0.0"),
    ("loop6.test.", "MX", "10 at6.loop.test."),
    ("at6.loop.test.", "AAAA", "::1"),
    ("loopany6.test.", "MX", "10 any6.loop.test."),
    ("any6.loop.test.", "AAAA", "::"),
    ("loopmapped.test.", "MX", "10 mapped.loop.test."),
    ("mapped.loop.test.", "AAAA", "::ffff:127.0.0.1"),
    ("loopimplicit.test.", "A", "127.0.0.1"),
    ("loopself.test.", "MX", "10 self.loop.test."),                           # the home machine's own LAN address
    ("self.loop.test.", "A", namespaces.HOME4),
    ("loopfirst.test.", "MX", "10 at4.loop.test."),                           # ourselves, then another with a worse preference
    ("loopfirst.test.", "MX", "20 mx.alpha.test."),
    ("loopsecond.test.", "MX", "10 mx.alpha.test."),                          # another first, ourselves as the second
    ("loopsecond.test.", "MX", "20 at4.loop.test."),
    # the home machine has a reverse name
    ("2.2.0.192.in-addr.arpa.", "PTR", "home.test."),
    ("home.test.", "A", namespaces.HOME4),
]

IDN_DOMAIN = "h\u00e1\u010dky.test"
ONLY_PUBLIC = [                                              # known to "8.8.8.8" alone: a delivery there proves who was asked
    ("onlypublic.test.", "MX", "10 mx.echo.test."),
]
SOA = '. 60 IN SOA ns.test. hostmaster.test. 1 3600 600 86400 5\n. 60 IN NS ns.test.\nns.test. 60 IN A 198.51.100.53\n'


def zone_text(records):
    """Texts may change at any time: nobody is to remember them."""
    return SOA + "".join(f"{name} {0 if kind == 'TXT' else 60} IN {kind} {data}\n" for name, kind, data in records)


class Nameserver:
    """NSD on the given addresses of the net namespace."""

    def __init__(self, lab, nsd, folder, addresses, records):
        self.lab, self.nsd, self.folder, self.addresses = lab, nsd, Path(folder), addresses
        self.records = records
        self.process = None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "root.zone").write_text(zone_text(self.records))
        conf = self.folder / "nsd.conf"
        conf.write_text(f"""server:
{"".join(f"  ip-address: {a}@53{chr(10)}" for a in self.addresses)}  username: ""
  zonesdir: "{self.folder}"
  database: ""
  pidfile: ""
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: ""
  xfrdir: "{self.folder}"
  rrl-ratelimit: 0
  server-count: 1
  reuseport: no
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
zone:
  name: "broken.test"
  zonefile: "none.zone"
""")
        log = open(self.folder / "nsd.log", "w")
        self.process = self.lab.start(self.lab.net, [self.nsd, "-d", "-c", conf], stdout=log, stderr=log, start_new_session=True)
        namespaces.wait_until("NSD answers", self.answers)
        return self

    def change(self, records):
        """From now on these are the records. A server that is told to read its zone again answers from both for a while: a new one."""
        self.records = records
        self.stop()
        self.start()

    def answers(self):
        assert self.process.poll() is None, (self.folder / "nsd.log").read_text()
        with self.lab.inside(self.lab.net), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.connect((self.addresses[0], 53))          # so that a closed port is told
            try:        # a question for the root's NS, written by hand
                s.send(b"\x12\x34\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1")
                return s.recv(512)[:2] == b"\x12\x34"
            except OSError:
                return False

    def freeze(self):
        """From now on questions wait; NSD is several processes."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def question_waits(self):
        """While frozen: has somebody asked?"""
        with self.lab.inside(self.lab.net):
            rows = [row.split() for table in ("udp", "udp6")
                    for row in Path("/proc/thread-self/net", table).read_text().splitlines()[1:]]
        mine = [namespaces.hex_address(a) + ":0035" for a in self.addresses]
        return any(row[1] in mine and row[4].split(":")[1] != "0" * 8 for row in rows)

    def stop(self):
        namespaces.stop(self.process)


class SilentNameserver:
    """A bound socket that never answers, so that time-outs are met and not refusals. TCP connects and stalls."""

    def __init__(self, lab, address=SILENT4):
        with lab.inside(lab.net):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind((address, 53))
            self.tcp = socket.create_server((address, 53))

    def questions(self):
        """How many datagrams have come in so far and not been counted yet."""
        count = 0
        self.udp.setblocking(False)
        try:
            while True:
                self.udp.recv(4096)
                count += 1
        except BlockingIOError:
            return count

    def stop(self):
        self.udp.close()
        self.tcp.close()
