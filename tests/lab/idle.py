# SPDX-License-Identifier: MIT
"""A relay that is left alone while somebody looks on, in a lab of its own, so that its minute passes beside the other tests."""
import time

import internet
import mx
import relay
from clients import Raw, message
from namespaces import wait_until


class IdleRelay:
    """A relay that has carried one mail and then is left alone, with strace looking on."""

    def __init__(self, name, binary):
        self.net = internet.Internet(name, mail_servers=False)
        self.net.up()
        self.farm = mx.Farm(self.net)
        alpha = self.farm.open("alpha")
        with self.net.inside(self.net.home):
            engine = relay.Native(self.net, relay.without_sanitizers(binary))
            self.relay = relay.Relay(engine).wait_ready()
            with Raw() as c:
                assert c.mail("anna@alpha.test", message("before the sleep")).code == 250
        alpha.wait_closed(15)             # its connection and its timers are gone, too
        self.trace = self.net.folder / "trace"
        tracer = self.net.start(self.net.home, ["strace", "-f", "-q", "-o", self.trace, "-p", str(self.relay.pid)])
        wait_until("strace is attached", lambda: f"TracerPid:\t{tracer.pid}" in open(f"/proc/{self.relay.pid}/status").read())
        self.since = time.monotonic()

    def calls(self):
        """System calls that were made or ended; one that only waits is a line without a result."""
        lines = self.trace.read_text().splitlines() if self.trace.exists() else []
        return [line for line in lines if " = " in line or "resumed" in line]

    def stop(self):
        self.farm.stop()
        self.net.down()
