# SPDX-License-Identifier: MIT
"""What scripts/package has made, as the tests of it see it. The folder is build/package, or TRAYPOST_PACKAGES."""
import hashlib
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("TRAYPOST_PACKAGES") or ROOT / "build/package")
VERSION = re.search(r"project\(traypost VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
HOMEPAGE = "https://github.com/traypost/traypost"

# What Windows Installer keeps for itself: the package's copy, and what it knows of products and components.
INSTALLERS_OWN = re.compile(r"""(?ix)
      ^[+!]\ file\ windows/Installer
    | ^[+!]\ registry\ HKEY_LOCAL_MACHINE\\Software\\(Classes\\Installer|Microsoft\\Windows\\CurrentVersion\\Installer)\\
""")


def package(pattern):
    """The one file of this name; {} is the version."""
    found = FOLDER / pattern.format(VERSION)
    assert found.is_file(), f"there is no {found}; scripts/package makes it"
    return found


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def output(*command, **kw):
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, **kw).stdout


def msi_table(path, name):
    """A table of an MSI: its rows as dictionaries."""
    lines = output("msiinfo", "export", path, name).replace("\r", "").split("\n")
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines[3:] if line]
