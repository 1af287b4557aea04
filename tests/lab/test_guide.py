# SPDX-License-Identifier: MIT
"""The guide's code, as it stands on the page, sends mail that arrives; and a refusal is told as the guide says it is."""
import os
import re
import subprocess
from pathlib import Path

import clients
import internet as small_internet
import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "docs/source/code"
PAGE = ROOT / "docs/guide.en.md"

# How a person would run what is on the page, in a folder of his own.
COMMANDS = {
    "send.py": ["/usr/bin/python3", "send.py"],
    "send.js": ["node", "send.js"],
    "phpmailer.php": ["php", "phpmailer.php"],
    "curl.sh": ["sh", "curl.sh"],
    "SmtpClient.cs": ["sh", "-c", "mcs SmtpClient.cs && mono SmtpClient.exe"],      # Mono's, not Microsoft's
}
# What it tells of a refusal: not every program shows both the number and the words.
TELLS = {"send.py": ["550", "User unknown"], "send.js": ["550", "User unknown"], "phpmailer.php": ["User unknown"], "curl.sh": ["550"],
         "SmtpClient.cs": ["SmtpFailedRecipient"]}
BESIDE = {"mail.txt": "curl.sh"}
NOT_RUN = {
    "send.ps1": "there is no PowerShell for Debian 12",
    "MailKit.cs": "there is no MailKit for Debian 12",
    "mail.php": "PHP speaks SMTP by itself on Windows only; elsewhere mail() starts sendmail",
    "php.ini": "is read by mail.php",
    "database_mail.sql": "there is no SQL Server here",
}


def on_the_page(name):
    """The block of the page that is this file: taken from the page, because that is what people copy."""
    lines = [line for line in (CODE / name).read_text("utf-8").splitlines() if "SPDX-License-Identifier" not in line]
    blocks = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    found = [b for b in blocks if b.split() == "\n".join(lines).split()]
    assert len(found) == 1, f"{name} is on the page {len(found)} times"
    return found[0]


def run(name, folder, mark, to):
    for file in [name, *(f for f, of in BESIDE.items() if of == name)]:
        text = on_the_page(file)
        for old, new in {"anna@example.org": to, "me@example.net": "sender@home.test", "The backup is done": mark}.items():
            text = text.replace(old, new)
        (folder / file).write_text(text, "utf-8")
    (folder / "vendor").mkdir()
    (folder / "vendor/autoload.php").write_text("<?php require '/usr/share/php/libphp-phpmailer/autoload.php';")      # Composer's place
    environment = {**os.environ, "NODE_PATH": str(small_internet.cache() / "root/usr/share/nodejs")}
    return subprocess.run(clients.on_home_machine + COMMANDS[name], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_each_piece_of_code_is_run_or_has_a_reason_why_not():
    files = {f.name for f in CODE.iterdir()}
    assert files == {*COMMANDS, *BESIDE, *NOT_RUN}
    for name in files:
        assert on_the_page(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_code_on_the_page_sends_a_mail_that_arrives(relay, internet, mark, tmp_path, name):
    done = run(name, tmp_path, mark, "anna@postfix.test")
    assert done.returncode == 0, done.stdout + done.stderr
    mail = internet.postfix.mail.wait("anna", mark)
    assert b"All files were copied." in mail
    if name == "send.js":
        assert "mail.postfix.test" in done.stdout and "queued as" in done.stdout         # the receipt, as its comment says


@pytest.mark.parametrize("name", COMMANDS)
def test_the_code_on_the_page_fails_with_the_words_of_the_recipients_server(relay, mark, tmp_path, name):
    done = run(name, tmp_path, mark, "nobody@postfix.test")
    assert done.returncode != 0
    assert all(words in done.stdout + done.stderr for words in TELLS[name]), done.stdout + done.stderr
