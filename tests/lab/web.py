# SPDX-License-Identifier: MIT
"""The web servers of MTA-STS: one address, and a site for each name that a test opens. What a site may do:

    site = web.open("mta-sts.policed00.test", "version: STSv1\\r\\n...")      gives this file
    web.open(host, text, status="404 Not Found", headers="Location: ...\\r\\n")
    web.open(host, text, certificate="expiredweb")                         one of certificates.KINDS
    web.open(host, None)                                                   takes the question and is silent
    site.requests                                                          the heads of all that were asked
    web.asked_for                                                          the names of all handshakes

A name that is not open is refused in the handshake.
"""
import contextlib
import dataclasses
import socket
import ssl
import threading

import certificates
import nameserver


@dataclasses.dataclass
class Site:
    text: str
    status: str
    headers: str
    context: ssl.SSLContext
    requests: list = dataclasses.field(default_factory=list)


class Web:
    def __init__(self, lab):
        self.lab, self.sites, self.asked_for = lab, {}, []
        with lab.inside(lab.net):
            self.listener = socket.create_server((nameserver.WEB4, 443))
        self.front = certificates.context("web", lab.certificates)
        self.front.sni_callback = self.choose
        threading.Thread(target=self.serve, name="web", daemon=True).start()

    def open(self, host, text, status="200 OK", headers="Content-Type: text/plain\r\n", certificate="web"):
        site = Site(text, status, headers, certificates.context(certificate, self.lab.certificates))
        self.sites[host] = site
        return site

    def close_all(self):
        self.sites.clear()

    def choose(self, tls, name, _):
        self.asked_for.append(name)
        if name not in self.sites:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        tls.context = self.sites[name].context
        return None

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        """A client that goes away, at whatever point, is no trouble."""
        connection.settimeout(30)
        with contextlib.suppress(OSError, KeyError), connection, self.front.wrap_socket(connection, server_side=True) as tls:
            head = b""
            while b"\r\n\r\n" not in head and (piece := tls.recv(4096)):
                head += piece
            fields = dict(line.split(": ", 1) for line in head.decode("ascii").splitlines()[1:] if ": " in line)
            site = self.sites[fields["Host"]]
            site.requests.append(head.decode("ascii"))
            if site.text is None:
                tls.recv(1)                  # until the client has had enough
            else:
                tls.sendall(f"HTTP/1.1 {site.status}\r\n{site.headers}Connection: close\r\n\r\n{site.text}".encode())
                tls.unwrap()                 # without a length, a bare end of the connection ends no file

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
