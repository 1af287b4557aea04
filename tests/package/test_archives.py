# SPDX-License-Identifier: MIT
"""The archives, unpacked: what is in them, and that it is of use as it is."""
import re
import signal
import smtplib
import socket
import stat
import subprocess
import tarfile
import zipfile

import pytest
from namespaces import wait_until
from packages import ROOT, VERSION, output, package

LINUX = f"traypost-{VERSION}-linux-x86_64"
PORTABLE = {"x64": 0x8664, "x86": 0x014C}               # machine types of PE


# --- Linux -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def unpacked(tmp_path):
    subprocess.run(["tar", "-xzf", package("traypost-{}-linux-x86_64.tar.gz"), "-C", tmp_path], check=True)
    assert [entry.name for entry in tmp_path.iterdir()] == [LINUX], "one folder, so that nothing is spilt"
    return tmp_path / LINUX


@pytest.fixture
def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_the_tarball_has_what_it_should_and_belongs_to_nobody():
    with tarfile.open(package("traypost-{}-linux-x86_64.tar.gz")) as archive:
        entries = archive.getmembers()
    assert [e.name.removeprefix(LINUX).lstrip("/") for e in entries] == [
        "", "CHANGELOG.md", "INSTALL", "LICENSE", "THIRD-PARTY.txt", "traypost", "traypost.8", "traypost.service"]
    assert {(e.uid, e.gid, e.uname, e.gname) for e in entries} == {(0, 0, "", "")}
    assert len({e.mtime for e in entries}) == 1
    assert {e.name.rpartition("/")[2]: stat.filemode(e.mode) for e in entries if e.mode & 0o111} == {LINUX: "?rwxr-xr-x", "traypost": "?rwxr-xr-x"}


def test_the_program_of_the_tarball_waits_for_mail_and_ends_in_order(unpacked, free_port):
    with open(unpacked / "log", "w") as log:
        program = subprocess.Popen([unpacked / "traypost", "--listen", f"127.0.0.1:{free_port}", "--dns", "127.0.0.1:1", "--lang", "en"], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
    try:
        wait_until("it listens", lambda: f"Waiting for mail on 127.0.0.1:{free_port}" in (unpacked / "log").read_text(), 20)
        with smtplib.SMTP("127.0.0.1", free_port, timeout=20) as client:
            assert client.ehlo()[0] == 250 and client.has_extn("pipelining")
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    finally:
        program.kill()
        program.wait()


def test_the_program_of_the_tarball_needs_the_c_library_alone_and_no_newer_one_than_it_says(unpacked):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-Wd", unpacked / "traypost"))
    assert [name for name in needed if not name.startswith("ld-linux")] == ["libc.so.6"]
    symbols = output("readelf", "-W", "--version-info", unpacked / "traypost")
    newest = max(tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", symbols))
    said = re.search(r"glibc ([0-9.]+) or later", (unpacked / "INSTALL").read_text())[1]
    assert newest == tuple(map(int, said.split("."))) and newest <= (2, 34), "Ubuntu 22.04 has 2.35, RHEL 9 has 2.34"


def test_the_man_page_is_in_order(unpacked):
    """Two formatters have nothing to say against it."""
    page = unpacked / "traypost.8"
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
    assert (lint.stdout, lint.returncode) == ("", 0)
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                           env={"LC_ALL": "C.UTF-8", "MANPAGER": "cat", "PATH": "/usr/bin:/bin", "MANWIDTH": "80"})
    assert (shown.stderr, shown.returncode) == ("", 0)
    assert "TRAYPOST(8)" in shown.stdout and f"Traypost {VERSION}" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_the_man_page_has_the_options_of_the_program(unpacked):
    told = set(re.findall(r"^  --([a-z-]+)", output(unpacked / "traypost", "--help"), re.MULTILINE))
    assert len(told) > 10
    assert set(re.findall(r"^\.It Fl -([a-z-]+)", (unpacked / "traypost.8").read_text(), re.MULTILINE)) == told


def test_systemd_understands_the_unit_where_the_program_is_where_it_says(unpacked):
    unit = unpacked / "traypost.service"
    started = re.search(r"(?m)^ExecStart=(\S+)", unit.read_text())[1]
    hint = (unpacked / "INSTALL").read_text()
    assert f"install -m 755 traypost {started.rpartition('/')[0]}/\n" in hint and "traypost.service /etc/systemd/system/" in hint
    copy = unpacked / "copy/traypost.service"
    copy.parent.mkdir()
    copy.write_text(unit.read_text().replace(started, str(unpacked / "traypost")))
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "traypost.service" not in said.stderr, said.stderr


def test_the_hint_installs_and_removes_everything(unpacked, tmp_path):
    """Its commands, with another root and without systemd's."""
    root = tmp_path / "root"
    for folder in "usr/local/bin", "etc/systemd/system":
        (root / folder).mkdir(parents=True)
    commands = [line.strip() for line in (unpacked / "INSTALL").read_text().splitlines() if line.startswith("    ")]
    there = re.compile(r"(?<= )(?=/(usr|etc)/)")
    for command in (c for c in commands if c.startswith("install ")):
        subprocess.run(["sh", "-ec", there.sub(str(root), command)], cwd=unpacked, check=True)
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert files == ["etc/systemd/system/traypost.service", "usr/local/bin/traypost", "usr/local/share/man/man8/traypost.8"]
    for command in (c for c in commands if c.startswith("rm ")):
        subprocess.run(["sh", "-ec", there.sub(str(root), command)], cwd=unpacked, check=True)
    assert not [path for path in root.rglob("*") if path.is_file()]


# --- Windows ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("arch", PORTABLE)
def test_the_zip_has_one_folder_with_the_program_and_its_papers(arch):
    folder = f"Traypost-{VERSION}-{arch}"
    with zipfile.ZipFile(package(f"Traypost-{{}}-{arch}-portable.zip")) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{folder}/{name}" for name in ("LICENSE.txt", "README.txt", "THIRD-PARTY.txt", "traypost.exe")]
        exe = archive.read(f"{folder}/traypost.exe")
        papers = {name: archive.read(f"{folder}/{name}") for name in ("LICENSE.txt", "README.txt", "THIRD-PARTY.txt")}
    header = int.from_bytes(exe[0x3C:0x40], "little")
    assert exe[header:header + 4] == b"PE\0\0" and int.from_bytes(exe[header + 4:header + 6], "little") == PORTABLE[arch]
    for name, data in papers.items():
        assert data.count(b"\n") == data.count(b"\r\n") > 3, f"{name} has Windows' line ends"
        assert data.isascii() or data.startswith(b"\xef\xbb\xbf"), f"{name} says that it is UTF-8"
    assert papers["LICENSE.txt"].decode().replace("\r\n", "\n") == (ROOT / "LICENSE").read_text()


def test_the_zips_readme_calls_the_menu_by_its_names():
    with zipfile.ZipFile(package("Traypost-{}-x64-portable.zip")) as archive:
        told = archive.read(f"Traypost-{VERSION}-x64/README.txt").decode("utf-8-sig").replace("\r\n", " ")
    paragraphs = {"en": told[told.index("English:"):told.index("Česky:")], "cs": told[told.index("Česky:"):told.index("Polski:")],
                  "pl": told[told.index("Polski:"):]}
    for language, paragraph in paragraphs.items():
        catalogue = (ROOT / f"src/text/{language}.h").read_text()
        for item in "MENU_AUTOSTART", "MENU_EXIT":
            name = re.search(rf'UI\({item}, "(.*)"\)', catalogue)[1].replace("&", "")
            quoted = {"en": f'"{name}"', "cs": f"„{name}“", "pl": f"„{name}”"}[language]
            assert quoted in paragraph, f"{quoted} in {paragraph}"


def test_the_portable_program_runs_from_its_folder(windows, probe):
    """Unpacked by a person somewhere; --version is answered on the console that it is asked from."""
    place = windows.path(r"C:\users\Public\Portable")
    with zipfile.ZipFile(package("Traypost-{}-x64-portable.zip")) as archive:
        archive.extractall(place)
    code, said = windows.run(place / f"Traypost-{VERSION}-x64/traypost.exe", "--version")
    assert (code, said) == (0, f"Traypost {VERSION}\n")
