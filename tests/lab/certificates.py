# SPDX-License-Identifier: MIT
"""Keys and certificates of the lab's servers, made anew by openssl for each run; and TLS contexts for the scripted MXs.

    certificates.make(folder)                    once: ca.pem, and NAME.pem (key and certificate) for each name in KINDS
    certificates.context("labca", folder, newest=ssl.TLSVersion.TLSv1_2)
"""
import ssl
import subprocess
from pathlib import Path

import nameserver

# No mail server's name in them, except Exim's: who verifies finds another name.
NAMES = ["*.test", "mail.exim.test"]
# Those that a client believes that trusts the lab CA: mail servers, the web servers of MTA-STS.
MAIL_NAMES = [f"mx.{name}.test" for name in (*nameserver.POSTFIX_TLS, *nameserver.SCRIPTED)]
# What stands in the subject, which is no name of a server to anybody who verifies.
SUBJECTS = {"nameless": "mx.alpha.test"}
WEB_NAMES = [f"mta-sts.{domain}" for domain in nameserver.POLICED]

# name: key, who signs it, for how many days, for which names
KINDS = {
    "selfsigned": ("rsa", None, 30, MAIL_NAMES),
    "labca": ("ec", "ca", 30, NAMES),
    "expired": ("ec", "ca", -1, MAIL_NAMES),
    "rsa": ("rsa", "ca", 30, NAMES),
    "proven": ("ec", "ca", 30, MAIL_NAMES),
    "nameless": ("ec", "ca", 30, []),
    "web": ("ec", "ca", 30, WEB_NAMES),
    "expiredweb": ("ec", "ca", -1, WEB_NAMES),
}


def _openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True)


def _key(folder, name, kind):
    algorithm = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if kind == "rsa" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    _openssl(folder, "genpkey", "-algorithm", *algorithm, "-out", f"{name}.key")


def make(folder):
    folder = Path(folder)
    folder.mkdir(parents=True)
    _key(folder, "ca", "ec")
    _openssl(folder, "req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Lab CA", "-days", 30, "-out", "ca.pem")
    for name, (kind, signer, days, names) in KINDS.items():
        _key(folder, name, kind)
        subject = f"/CN={SUBJECTS.get(name, f'mx.{name}.test')}"
        names = "subjectAltName=" + ",".join(f"DNS:{n}" for n in names) if names else ""
        (folder / "extensions").write_text(f"{names}\nbasicConstraints=CA:FALSE\n")
        if signer:
            _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
            _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key",
                     "-CAcreateserial", "-days", days, "-extfile", "extensions", "-out", f"{name}.crt")
        else:
            _openssl(folder, "req", "-x509", "-new", "-key", f"{name}.key", "-subj", subject, "-days", days,
                     "-addext", names, "-out", f"{name}.crt")
        (folder / f"{name}.pem").write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text())
    return folder


def context(name, folder, oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.TLSv1_3, ciphers=None, curve=None, asks=ssl.CERT_NONE):
    """For a scripted MX; `asks`: whether the client shall have a certificate, too."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        made.set_ciphers(ciphers)
    made.minimum_version, made.maximum_version = oldest, newest
    if curve:
        made.set_ecdh_curve(curve)
    made.verify_mode = asks
    made.load_verify_locations(folder / "ca.pem")
    made.load_cert_chain(folder / f"{name}.pem")
    return made
