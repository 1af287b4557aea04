# SPDX-License-Identifier: MIT
"""The MSI for administrators, as they use it: msiexec without a word, on a Windows desktop under Wine. The package for 32 bits cannot
run on a Wine that has only 64; what is in its tables is compared instead."""
import itertools
import re
import shutil
import struct
import subprocess

import clients
import pytest
from namespaces import wait_until
from packages import HOMEPAGE, INSTALLERS_OWN, ROOT, VERSION, msi_table, output, package
from relay import listening
from windows import difference

FOLDER = r"C:\Program Files\Traypost"
RUN = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"
OURS = r"HKLM\Software\Traypost"
WINDOWS = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion"
UNINSTALL = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
REPAIR = "REINSTALL=ALL", "REINSTALLMODE=amus"      # what /fa comes to, which this Wine cannot
# Windows would take everybody's for a package for all users (ProgramMenuFolder with ALLUSERS=1); Wine does not tell them apart.
MENU = "users/root/AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
FAILED = 1603 % 256             # ERROR_INSTALL_FAILURE, as much of it as Wine passes on
_serial = itertools.count(1)

def product_code(msi):
    return next(row["Value"] for row in msi_table(msi, "Property") if row["Property"] == "ProductCode")


@pytest.fixture(scope="session")
def this():
    return package("Traypost-{}-x64.msi")


def make(lab, version, exe):
    folder = lab.folder / f"msi-{version}"
    (folder / "papers").mkdir(parents=True)
    for name in "LICENSE.txt", "THIRD-PARTY.txt":
        (folder / "papers" / name).write_text(f"{name} of {version}\r\n")
    made = folder / "Traypost.msi"
    subprocess.run([ROOT / "installer/make-msi", "--exe", exe, "--arch", "x64", "--papers", folder / "papers", "--version", version, "--out", made],
                   check=True, env={"SOURCE_DATE_EPOCH": "1700000000", "PATH": "/usr/bin:/bin"})
    return made


def older(exe):
    """The program with a lower version in its version resource: what is as new already is not replaced."""
    at = exe.index(struct.pack("<I", 0xFEEF04BD)) + 8
    return exe[:at] + struct.pack("<4I", 0, 9 << 16, 0, 9 << 16) + exe[at + 16:]


@pytest.fixture(scope="session")
def former_exe(lab, programs):
    path = lab.folder / "former-traypost.exe"
    path.write_bytes(older(programs.x64.read_bytes()))
    return path


@pytest.fixture(scope="session")
def former(lab, former_exe):
    return make(lab, "0.0.9", former_exe)


@pytest.fixture(scope="session")
def later(lab, programs):
    return make(lab, "99.0.0", programs.x64)


class Installer:
    def __init__(self, windows):
        self.windows = windows

    def __call__(self, *words, code=0):
        """What msiexec says in its own log, for those who see a test fail."""
        log = self.windows.lab.folder / f"msi{next(_serial)}.log"
        words = [self.windows.windows_path(word) if hasattr(word, "exists") else word for word in words]
        msiexec = self.windows.path(r"C:\windows\system32\msiexec.exe") # by its name alone Wine now and then does not find it
        got, said = self.windows.run(msiexec, *words, "/qn", "/l*v", self.windows.windows_path(log), check=False, timeout_s=120)
        assert got == code, f"msiexec {words}: {got}\n{said}\n{log.read_bytes().decode('utf-16', 'replace') if log.exists() else ''}"

    def entries(self):
        """Of Settings, Apps: name of the key -> version."""
        _, said = self.windows.run("reg", "query", UNINSTALL, check=False)
        keys = [line.rpartition("\\")[2] for line in said.splitlines() if line.startswith("HKEY")]
        named = {key: self.windows.value(f"{UNINSTALL}\\{key}", "DisplayName") for key in keys}
        return {key: self.windows.value(f"{UNINSTALL}\\{key}", "DisplayVersion") for key, name in named.items() if name == "Traypost"}


@pytest.fixture
def msi(windows, probe, this, former, later):
    """msi("/i", PACKAGE, ...) calls msiexec. Afterwards nothing of any package is left."""
    installer = Installer(windows)
    yield installer
    for number in probe.processes("traypost.exe"):
        probe.kill(number)
    for each in this, former, later:
        windows.run("msiexec", "/x", product_code(each), "/qn", check=False, timeout_s=120)
    shutil.rmtree(windows.path(FOLDER), ignore_errors=True)
    assert installer.entries() == {}


def installed(windows, name="traypost.exe"):
    return windows.path(FOLDER) / name


def start_installed(windows, probe, *options):
    process = windows.start(installed(windows), *options)
    wait_until("port 25 is open", lambda: listening(25), 30)
    return process


def test_it_installs_without_a_word_and_leaves_nothing_when_it_is_removed(windows, msi, this):
    before = windows.snapshot()
    msi("/i", this)
    new = [line for line in difference(before, windows.snapshot()) if not INSTALLERS_OWN.search(line)]
    code = product_code(this)
    keys = {line.removeprefix("+ registry HKEY_LOCAL_MACHINE\\") for line in new if line.startswith("+ registry ")}
    entry = rf"Software\Microsoft\Windows\CurrentVersion\Uninstall\{code}" + "\\"
    assert [line for line in new if " file " in line] == [
        "+ file Program Files/Traypost", "+ file Program Files/Traypost/LICENSE.txt", "+ file Program Files/Traypost/THIRD-PARTY.txt",
        "+ file Program Files/Traypost/traypost.exe", f"+ file {MENU}/Traypost.lnk"]
    assert {key for key in keys if not key.startswith(entry)} == {
        r"Software\Microsoft\Windows\CurrentVersion\Run\Traypost", "Software\\Traypost\\", r"Software\Traypost\InstallFolder",
        r"Software\Traypost\Autostart"}
    assert all(line.startswith("+ ") for line in new), "nothing that was there is changed"
    assert windows.value(RUN, "Traypost") == f'"{FOLDER}\\traypost.exe"'
    assert f"+ file windows/Installer/{code}/traypost.ico" in difference(before, windows.snapshot()), "the icon of the list of apps"
    shown = {name: windows.value(f"{UNINSTALL}\\{code}", name) for name in
             ("DisplayName", "DisplayVersion", "Publisher", "URLInfoAbout", "InstallLocation", "NoModify")}
    assert shown == {"DisplayName": "Traypost", "DisplayVersion": VERSION, "Publisher": "Traypost contributors", "URLInfoAbout": HOMEPAGE,
                     "InstallLocation": FOLDER + "\\", "NoModify": "1"}
    msi("/x", this)
    left = difference(before, windows.snapshot())
    empty_run = r"- registry HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run" + "\\"   # it was there, and empty: to Windows the same
    assert [line for line in left if not INSTALLERS_OWN.search(line) and line != empty_run] == []
    # Of its own, Windows Installer keeps empty shelves, and nothing on them.
    assert [line for line in left if INSTALLERS_OWN.search(line) and not line.endswith("\\") and line != "+ file windows/Installer"] == []


def test_it_does_not_start_with_windows_where_the_administrator_does_not_want_it(windows, msi, this):
    msi("/i", this, "AUTOSTART=0")
    assert windows.value(RUN, "Traypost") is None
    assert installed(windows).exists()
    msi("/i", this, *REPAIR)
    assert windows.value(RUN, "Traypost") is None


def test_the_installed_program_delivers_mail(windows, probe, msi, this, mx, mark):
    msi("/i", this)
    alpha = mx("alpha")
    start_installed(windows, probe, "--lang", "en")
    assert clients.send("smtplib", "sender@home.test", "anna@alpha.test", clients.message(mark)).ok
    assert len(alpha.mails) == 1


def test_it_can_be_started_at_once(windows, probe, msi, this):
    msi("/i", this, "START=1")
    windows.wait_process(probe, "traypost.exe")


def test_repair_brings_back_what_was_deleted(windows, msi, this):
    msi("/i", this)
    whole = windows.snapshot()
    for name in "traypost.exe", "LICENSE.txt":
        installed(windows, name).unlink()
    windows.run("reg", "delete", RUN, "/v", "Traypost", "/f")
    msi("/i", this, *REPAIR)
    changed = [line for line in difference(whole, windows.snapshot()) if not INSTALLERS_OWN.search(line)]
    assert [line.split(":")[0] for line in changed] in ([], [f"! file {MENU}/Traypost.lnk"]), "a shortcut has dates in it"


def test_an_upgrade_ends_the_running_program_and_replaces_it(windows, probe, msi, this, former, former_exe):
    msi("/i", former)
    assert installed(windows).read_bytes() == former_exe.read_bytes()
    running, delayed = start_installed(windows, probe), windows.delayed()
    msi("/i", this)
    assert running.wait(20) == 0, "it ended by itself"
    assert windows.delayed() == delayed, "nothing waits for the next start of Windows"
    assert installed(windows).read_bytes() != former_exe.read_bytes()
    assert "of 0.0.9" not in installed(windows, "LICENSE.txt").read_text()
    assert msi.entries() == {product_code(this): VERSION}


def test_an_upgrade_keeps_what_the_administrator_chose(windows, msi, this, former):
    other = r"C:\Mail\Relay"
    msi("/i", former, "AUTOSTART=0", f"INSTALLDIR={other}")
    msi("/i", this)
    assert windows.value(RUN, "Traypost") is None
    assert (windows.path(other) / "traypost.exe").exists() and not windows.path(FOLDER).exists()
    assert windows.value(OURS, "InstallFolder").rstrip("\\") == other
    msi("/x", this)
    assert not windows.path(other).exists()


def test_an_older_version_does_not_replace_a_newer_one(windows, msi, this, later):
    msi("/i", later)
    before = windows.snapshot()
    msi("/i", this, code=FAILED)
    assert difference(before, windows.snapshot()) == []


def test_removing_ends_the_running_program(windows, probe, msi, this):
    msi("/i", this)
    running = start_installed(windows, probe)
    msi("/x", this)
    assert running.wait(20) == 0
    assert not windows.path(FOLDER).exists()


def test_a_windows_that_is_too_old_is_refused(windows, msi, this):
    """Windows 10 before 1607; and before Windows 10 there was no such value."""
    before = windows.snapshot()
    windows.run("reg", "add", WINDOWS, "/v", "CurrentBuildNumber", "/d", "10586", "/f")
    try:
        msi("/i", this, code=FAILED)
    finally:
        windows.run("reg", "add", WINDOWS, "/v", "CurrentBuildNumber", "/d", "18362", "/f")
    major = windows.value(WINDOWS, "CurrentMajorVersionNumber")
    windows.run("reg", "delete", WINDOWS, "/v", "CurrentMajorVersionNumber", "/f")
    try:
        msi("/i", this, code=FAILED)
    finally:
        windows.run("reg", "add", WINDOWS, "/v", "CurrentMajorVersionNumber", "/t", "REG_DWORD", "/d", major, "/f")
    assert difference(before, windows.snapshot()) == []


def test_it_does_not_install_over_the_setup(windows, msi, this):
    windows.run("reg", "add", UNINSTALL + r"\Traypost", "/v", "UninstallString", "/d", "here", "/f")
    try:
        msi("/i", this, code=FAILED)
    finally:
        windows.run("reg", "delete", UNINSTALL + r"\Traypost", "/f")


# --- both packages ---------------------------------------------------------------------------------------------------------
def tables(path):
    names = output("msiinfo", "tables", path).split()
    return {name: msi_table(path, name) for name in names if not name.startswith("_")}


def test_the_package_for_32_bits_differs_in_nothing_but_that(this):
    other = package("Traypost-{}-x86.msi")
    assert "Template: x64;1033\n" in output("msiinfo", "suminfo", this) and "Template: Intel;1033\n" in output("msiinfo", "suminfo", other)
    ours, theirs = tables(this), tables(other)
    assert ours.keys() == theirs.keys()
    for rows in (*ours.values(), *theirs.values()):
        for row in rows:
            row.pop("FileSize", None)                           # another program
            row.pop("ComponentId", None)                        # what lies elsewhere is another component
    wide, narrow = ({row["Component"]: int(row["Attributes"]) for row in t["Component"]} for t in (ours, theirs))
    assert wide == {name: attributes + 256 for name, attributes in narrow.items()}, "the registry and the folder of 64 bits"
    assert {int(row["Type"]) for row in ours["RegLocator"]} == {18} and {int(row["Type"]) for row in theirs["RegLocator"]} == {2}
    differing = {name for name in ours if sorted(map(str, ours[name])) != sorted(map(str, theirs[name]))}
    assert differing <= {"Component", "Directory", "LaunchCondition", "Property", "RegLocator"}, differing
    changed = [(a, b) for a, b in zip(ours["Property"], theirs["Property"]) if a != b]
    assert [a["Property"] for a, _ in changed] == ["ProductCode"]
    more = [row["Condition"] for row in theirs["LaunchCondition"] if row not in ours["LaunchCondition"]]
    assert more == ["Installed OR NOT Msix64"]


def test_codes_and_dates_are_not_invented_at_each_run(lab, this, former, former_exe):
    again = make_again(lab, former_exe)
    assert again.read_bytes() == former.read_bytes()
    assert product_code(former) != product_code(this), "another version is another product"
    upgrade = [next(row["Value"] for row in msi_table(path, "Property") if row["Property"] == "UpgradeCode") for path in (this, former)]
    assert upgrade[0] == upgrade[1]
    assert f'!define MSI_UPGRADE_CODE "{upgrade[0]}"' in (ROOT / "installer/traypost.nsi").read_text(), "by which the setup knows the MSI"


def make_again(lab, exe):
    moved = lab.folder / "msi-0.0.9.first"
    (lab.folder / "msi-0.0.9").rename(moved)
    try:
        return shutil.copy(make(lab, "0.0.9", exe), lab.folder / "again.msi")
    finally:
        shutil.rmtree(lab.folder / "msi-0.0.9", ignore_errors=True)
        moved.rename(lab.folder / "msi-0.0.9")
