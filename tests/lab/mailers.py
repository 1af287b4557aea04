# SPDX-License-Identifier: MIT
"""Programs in which people write mail, each configured as its manual says, with localhost as its server. Unlike those of clients.py
they make the mail themselves: of a subject and a text.

    sent = mailers.send("mutt", folder, "sender@home.test", ["anna@postfix.test"], subject, text)
"""
import os
import subprocess
import time
from pathlib import Path

import clients


def s_nail(folder, sender, recipients, subject, text):
    return ["s-nail", "-:/", "-Sv15-compat", "-Smta=smtp://localhost:25", "-Ssmtp-auth=none", "-Sttycharset=utf-8", "-Ssendwait",
            f"-SDEAD={folder}/dead.letter", "-r", sender, "-s", subject, *recipients], text


def mutt(folder, sender, recipients, subject, text):
    (folder / "muttrc").write_text(f'set smtp_url="smtp://localhost:25/"\nset ssl_starttls=no\nset ssl_force_tls=no\nset from="{sender}"\n'
                                   f'set use_envelope_from=yes\nset envelope_from_address="{sender}"\nset copy=no\nset charset=utf-8\n')
    return ["mutt", "-n", "-F", folder / "muttrc", "-s", subject, "--", *recipients], text


def git_send_email(folder, sender, recipients, subject, text):
    (folder / ".gitconfig").write_text(f"[user]\nname = Sender\nemail = {sender}\n[sendemail]\nsmtpServer = localhost\nconfirm = never\n"
                                       "assume8bitEncoding = UTF-8\n")
    patch = folder / "0001.patch"
    patch.write_text(f"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Sender <{sender}>\n"
                     f"Date: Mon, 2 Nov 2026 12:00:00 +0000\nSubject: {subject}\n\n{text}", "utf-8")
    return ["git", "send-email", "--suppress-cc=all", "--no-validate", *(f"--to={r}" for r in recipients), patch], ""


MAILERS = {"s-nail": s_nail, "mutt": mutt, "git send-email": git_send_email}


def send(name, folder, sender, recipients, subject, text, timeout_s=60):
    """Runs it on the home machine, for a user whose home is the folder."""
    command, given = MAILERS[name](Path(folder), sender, list(recipients), subject, text)
    environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    started = time.monotonic()
    done = subprocess.run([*clients.on_home_machine, *map(str, command)], input=given.encode(), env=environment, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s)
    ended = time.monotonic()
    return clients.Sent(done.returncode == 0, done.stdout.decode("utf-8", "replace"), ended - started, ended)
