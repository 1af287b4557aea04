# SPDX-License-Identifier: MIT
"""A domain that publishes rules for those who bring it mail (MTA-STS, RFC 8461): one of nameserver.POLICED, with MXs, a TXT record
and a file at its web server. No domain is given out twice in a run."""
import itertools

import nameserver

_domains = iter(nameserver.POLICED)
_ids = itertools.count(1)


def rules(mode, *patterns):
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {p}" for p in patterns), "max_age: 86400", ""]
    return "\r\n".join(lines)


class Policed:
    """A domain with rules: its MXs, the TXT record and the site that has the file."""

    def __init__(self, internet, hosts, text, **words):
        self.net, self.name = internet, next(_domains)
        self.routes = [(f"{self.name}.", "MX", f"{10 * (n + 1)} {host}.") for n, host in enumerate(hosts)]
        if not hosts:
            self.routes = [(f"{self.name}.", "A", nameserver.SCRIPTED["alpha"][0])]
        self.site = self.publish(text, **words)

    def publish(self, text, records=None, **words):
        """A new file under a new id, or with these records."""
        owner = f"_mta-sts.{self.name}."
        records = [("TXT", f'"v=STSv1; id={next(_ids)};"')] if records is None else records
        others = [r for r in self.net.dns.records if r[0] not in (owner, f"{self.name}.")]
        self.net.dns.change([*others, *self.routes, *((owner, *r) for r in records)])
        return self.net.web.open(f"mta-sts.{self.name}", text, **words)
