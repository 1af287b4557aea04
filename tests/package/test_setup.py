# SPDX-License-Identifier: MIT
"""TraypostSetup.exe: installed, used, repaired, upgraded and removed, by command and by hand, and nothing left behind."""
import hashlib
import re
import shutil
import subprocess

import pytest
from clients import Raw, message, send
from conftest import HERE, PICTURES, ROOT, make_setup
from mx import Stall
from namespaces import wait_until
from relay import listening
from windows import difference
from wizard import Installed, Texts, Wizard

VERSION = re.search(r"^project\(traypost VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
FOLDER = r"C:\Program Files\Traypost"
UNINSTALL = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Traypost"
RUN = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
SHORTCUT = r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Traypost.lnk"
AUTOSTART = f'"{FOLDER}\\traypost.exe"'
TOO_OLD, NEWER, STAYS, BUSY, CANNOT_WRITE, MSI = 3, 4, 5, 7, 8, 9      # exit codes of installer/README.md
UNINSTALLERS = ("uninstall.exe", "un.exe", "un_a.exe")     # itself, and the copy that it goes on as
BYTES_MAX = 1_200_000
LANGUAGES = ("en", "cs", "pl")
# What Windows Installer keeps after its first package: a folder, and keys with nothing in them. And the key Run, which it removes
# with the last value in it, comes back with the next start of Windows.
EMPTY_SHELVES = re.compile(r"^\+ (file windows/Installer|registry HKEY_LOCAL_MACHINE\\.*\\(Installer\\(.*\\)?|CurrentVersion\\Run\\))$")


def exe(windows, folder=FOLDER):
    return windows.path(folder + r"\traypost.exe")


def install(windows, setup, *options):
    """Its exit code. In words without blanks: NSIS wants what follows /D= without quotes, and Wine quotes a word with blanks."""
    return windows.run(setup, "/S", *" ".join(options).split(), check=False)[0]


def wait_removed(windows, probe, folder=FOLDER):
    """The uninstaller goes on as a copy of itself, or its own file could not be removed."""
    wait_until("the uninstaller's key is gone", lambda: windows.value(UNINSTALL, "DisplayVersion") is None, 30)
    wait_until("the uninstaller has ended", lambda: not [n for n in UNINSTALLERS if probe.processes(n)], 30)


def remove(windows, probe, folder=FOLDER):
    code, _ = windows.run(windows.path(folder + r"\uninstall.exe"), "/S", check=False)
    wait_removed(windows, probe, folder)
    return code


@pytest.fixture(autouse=True)
def clean(windows, probe, request):
    """What a test leaves installed is its failure; and the next test must not suffer from it."""
    before = windows.snapshot()
    yield before
    failed = getattr(request.node, "failed_call", False)
    if failed:
        windows.screen.save(PICTURES / "failed" / f"{request.node.name}.png")
    for name in ("traypost.exe", "traypostsetup.exe", *UNINSTALLERS):
        for number in probe.processes(name):
            probe.kill(number)
            failed or pytest.fail(f"{name} is left running")
    folder = windows.value(UNINSTALL, "InstallLocation")
    if folder and failed:
        remove(windows, probe, folder)
    left = [line for line in difference(before, windows.snapshot()) if not EMPTY_SHELVES.search(line)]
    assert failed or not left, left


# --- by command --------------------------------------------------------------------------------------------------------
def test_a_silent_installation_puts_everything_in_place(windows, probe, setups, programs, clean):
    """/S: the program with the right bits, licence, uninstaller, Start menu, Windows' list, autostart; and it is not started."""
    assert install(windows, setups.this) == 0
    assert exe(windows).read_bytes() == programs.x64.read_bytes()
    files = sorted(p.name for p in exe(windows).parent.iterdir())
    assert files == ["LICENSE.txt", "traypost.exe", "uninstall.exe"], files
    licence = windows.path(FOLDER + r"\LICENSE.txt").read_bytes()
    assert licence.replace(b"\r\n", b"\n") == (ROOT / "LICENSE").read_bytes() and b"\r\n" in licence
    assert windows.path(SHORTCUT).exists()
    said = {name: windows.value(UNINSTALL, name) for name in (
        "DisplayName", "DisplayVersion", "Publisher", "DisplayIcon", "InstallLocation", "UninstallString", "QuietUninstallString",
        "NoModify", "NoRepair")}
    assert said == {
        "DisplayName": "Traypost", "DisplayVersion": VERSION, "Publisher": "Traypost contributors",
        "DisplayIcon": FOLDER + r"\traypost.exe", "InstallLocation": FOLDER, "UninstallString": f'"{FOLDER}\\uninstall.exe"',
        "QuietUninstallString": f'"{FOLDER}\\uninstall.exe" /S', "NoModify": "1", "NoRepair": "1"}
    size = sum(p.stat().st_size for p in exe(windows).parent.iterdir()) / 1024
    assert abs(int(windows.value(UNINSTALL, "EstimatedSize")) - size) < 16
    assert windows.value(RUN, "Traypost") == AUTOSTART
    assert not probe.processes("traypost.exe")
    new = [line for line in difference(clean, windows.snapshot()) if not re.search(
        r"Program Files/Traypost|Traypost\.lnk|Uninstall\\Traypost\\|CurrentVersion\\Run\\(Traypost)?$", line)]
    assert new == [], new
    assert remove(windows, probe) == 0


def test_a_silent_removal_leaves_nothing_behind(windows, probe, setups, clean):
    """Files and registry as before, also after what Windows had put off to its next start."""
    assert install(windows, setups.this) == 0
    assert remove(windows, probe) == 0
    assert difference(clean, windows.snapshot()) == []


def test_the_temporary_files_are_gone_after_the_next_start_of_windows(windows, probe, setups):
    """The uninstaller's copy of itself cannot remove itself: Windows does when it starts."""
    windows.log_on()                    # what tests before have left
    before = windows.leftovers(), windows.delayed()
    assert install(windows, setups.this) == 0
    assert (windows.leftovers(), windows.delayed()) == before
    assert remove(windows, probe) == 0
    windows.log_on()
    wait_until("the leftovers are gone", lambda: (windows.leftovers(), windows.delayed()) == before)


def test_the_folder_can_be_chosen_by_command(windows, probe, setups, clean):
    """/D=: the last word, without quotes, blanks and all."""
    assert install(windows, setups.this, r"/D=C:\Mail programs\Tray post") == 0
    assert exe(windows, r"C:\Mail programs\Tray post").exists() and not windows.path(FOLDER).exists()
    assert windows.value(RUN, "Traypost") == r'"C:\Mail programs\Tray post\traypost.exe"'
    assert remove(windows, probe, r"C:\Mail programs\Tray post") == 0
    windows.path(r"C:\Mail programs").rmdir()           # made by us on the way; Windows' own folders never are


def test_the_installed_program_delivers_a_mail_and_its_menu_shows_the_tick(windows, probe, hands, setups, lab, mark):
    """And the tick of Start with Windows is true: setup and program mean the same value."""
    assert install(windows, setups.this) == 0
    windows.start(FOLDER + r"\traypost.exe")
    program = Installed(windows, probe, hands)
    program.wait_ready()
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    lab.postfix.mail.wait("anna", mark)
    menu = program.open_menu()
    assert menu["AUTOSTART"]["ticked"]
    menu.choose("AUTOSTART")
    wait_until("the value is gone", lambda: windows.value(RUN, "Traypost") is None)
    program.choose("AUTOSTART")
    wait_until("the value is back", lambda: windows.value(RUN, "Traypost") == AUTOSTART)
    program.choose("EXIT")
    wait_until("it has gone", lambda: not program.alive)
    assert remove(windows, probe) == 0


def test_it_starts_with_windows_and_no_longer_once_it_is_removed(windows, probe, hands, setups):
    """The value is one that Windows acts on, in a folder with blanks too."""
    assert install(windows, setups.this) == 0
    windows.log_on()
    Installed(windows, probe, hands).wait_ready()
    assert remove(windows, probe) == 0
    assert not probe.processes("traypost.exe")
    windows.log_on()
    assert not probe.processes("traypost.exe")


def test_autostart_can_be_declined_by_command(windows, probe, setups):
    assert install(windows, setups.this, "/AUTOSTART=no") == 0
    assert windows.value(RUN, "Traypost") is None
    assert remove(windows, probe) == 0


def test_a_silent_repair_brings_back_what_was_deleted(windows, probe, setups, programs):
    """The same setup once more: files, shortcut, entries; and a choice that was made since is kept."""
    assert install(windows, setups.this) == 0
    exe(windows).unlink()
    windows.path(SHORTCUT).unlink()
    windows.run("reg", "delete", UNINSTALL, "/v", "DisplayName", "/f")
    windows.run("reg", "delete", RUN, "/v", "Traypost", "/f")
    assert install(windows, setups.this) == 0
    assert exe(windows).read_bytes() == programs.x64.read_bytes()
    assert windows.path(SHORTCUT).exists() and windows.value(UNINSTALL, "DisplayName") == "Traypost"
    assert windows.value(RUN, "Traypost") is None
    assert remove(windows, probe) == 0


# --- upgrade -------------------------------------------------------------------------------------------------------------
def run_former(windows, probe, hands, setups, programs, folder=FOLDER):
    assert install(windows, setups.former, f"/D={folder}") == 0
    assert exe(windows, folder).read_bytes() == programs.former.read_bytes()
    assert windows.value(UNINSTALL, "DisplayVersion") == "0.0.9"
    windows.start(folder + r"\traypost.exe")
    return Installed(windows, probe, hands).wait_ready()


def test_an_upgrade_replaces_the_running_program_and_starts_it_again(windows, probe, hands, setups, programs, lab, mark):
    """In place, in its folder; settings and autostart as they were; mail goes through it afterwards."""
    folder = r"C:\Program Files\Post office"
    former = run_former(windows, probe, hands, setups, programs, folder)
    settings = windows.path(folder + r"\traypost.ini")
    settings.write_text("# mine\npatience = 30\n")
    windows.run("reg", "delete", RUN, "/v", "Traypost", "/f")
    assert install(windows, setups.this, r"/D=C:\Elsewhere") == 0
    assert not former.alive
    now = Installed(windows, probe, hands, other_than=former)
    now.wait_ready()
    assert exe(windows, folder).read_bytes() == programs.x64.read_bytes() and not windows.path(r"C:\Elsewhere").exists()
    assert windows.value(UNINSTALL, "DisplayVersion") == VERSION and windows.value(UNINSTALL, "InstallLocation") == folder
    assert settings.read_text() == "# mine\npatience = 30\n"
    assert windows.value(RUN, "Traypost") is None
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    lab.postfix.mail.wait("anna", mark)
    assert remove(windows, probe, folder) == 0
    assert not now.alive and settings.exists()          # not ours to delete
    settings.unlink()
    settings.parent.rmdir()


def test_an_upgrade_lets_a_mail_on_its_way_have_its_answer(windows, probe, hands, setups, programs, mx, mark):
    """Politely: by --exit. A kill would cut the connection without a word."""
    former = run_former(windows, probe, hands, setups, programs)
    stall = Stall()
    host = mx("alpha", dot=stall)
    with Raw() as client:
        client.begin("anna@alpha.test").command("DATA", 354)
        client.send(message(mark) + b".\r\n")
        host.wait_event("stall")
        upgrading = windows.start(setups.this, "/S")
        former.wait_light("red")
        stall.go()
        assert client.reply().code == 250
    assert upgrading.wait(30) == 0
    Installed(windows, probe, hands, other_than=former).wait_ready()
    assert remove(windows, probe) == 0


def test_an_upgrade_of_one_that_does_not_run_starts_nothing(windows, probe, setups):
    assert install(windows, setups.former) == 0
    assert install(windows, setups.this) == 0
    assert windows.value(UNINSTALL, "DisplayVersion") == VERSION and not probe.processes("traypost.exe")
    assert remove(windows, probe) == 0


def test_an_older_setup_changes_nothing(windows, probe, setups):
    assert install(windows, setups.later) == 0
    before = windows.snapshot()
    assert install(windows, setups.this) == NEWER
    assert difference(before, windows.snapshot()) == []
    assert remove(windows, probe) == 0


@pytest.fixture
def stubborn(windows, probe, setups, programs):
    """A version before, installed, and its file held by one that no setup can ask: it has no icon."""
    assert install(windows, setups.former) == 0
    program = windows.start(FOLDER + r"\traypost.exe", "--headless", "--listen", "127.0.0.1:2525")
    wait_until("it listens", lambda: listening(2525))
    yield program
    program.kill()
    windows.wait_process(probe, "traypost.exe", there=False)


def test_a_program_that_does_not_go_is_neither_replaced_nor_removed(windows, probe, setups, programs, stubborn):
    """Exit code 5, and everything as before."""
    before = windows.snapshot()
    assert install(windows, setups.this) == STAYS
    windows.run(windows.path(FOLDER + r"\uninstall.exe"), "/S", check=False)
    wait_until("the uninstaller has ended", lambda: not [n for n in UNINSTALLERS if probe.processes(n)])
    assert difference(before, windows.snapshot()) == []
    stubborn.kill()
    windows.wait_process(probe, "traypost.exe", there=False)
    assert install(windows, setups.this) == 0
    assert remove(windows, probe) == 0


def test_a_program_that_cannot_be_written_leaves_the_old_one_running(windows, probe, hands, setups, programs):
    """Exit code 8. Here something is in the way of the new file; it could be a full disk."""
    former = run_former(windows, probe, hands, setups, programs)
    in_the_way = windows.path(FOLDER + r"\traypost.exe.new")
    in_the_way.mkdir()
    (in_the_way / "file").touch()
    assert install(windows, setups.this) == CANNOT_WRITE
    assert exe(windows).read_bytes() == programs.former.read_bytes() and windows.value(UNINSTALL, "DisplayVersion") == "0.0.9"
    Installed(windows, probe, hands, other_than=former).wait_ready()
    (in_the_way / "file").unlink()
    in_the_way.rmdir()
    assert remove(windows, probe) == 0


def test_a_copy_that_was_tried_out_elsewhere_gives_way_to_the_installed_one(windows, probe, hands, setups, programs):
    """There is one icon and one port 25; the one that was there from before must not keep them."""
    folder = windows.path(r"C:\Tried")
    folder.mkdir()
    shutil.copy(programs.x64, folder / "traypost.exe")
    windows.start(r"C:\Tried\traypost.exe")
    tried = Installed(windows, probe, hands).wait_ready()
    assert install(windows, setups.this) == 0
    now = Installed(windows, probe, hands, other_than=tried)
    now.wait_ready()
    assert not tried.alive
    (folder / "traypost.exe").unlink()          # Windows would not let go of the file of a running program
    folder.rmdir()
    assert now.path == FOLDER + r"\traypost.exe"
    assert remove(windows, probe) == 0


def test_a_second_setup_does_not_disturb_the_first(windows, probe, setups, wizard, clean):
    """Exit code 7."""
    w = wizard(setups.this)
    page = w.wait_page("WELCOME_TITLE")
    assert install(windows, setups.this) == BUSY
    w.press(page, 2)
    w.click_yes(w.wait_box("ABORT_QUESTION"))
    w.wait_ended()
    assert difference(clean, windows.snapshot()) == []


PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="*" UpgradeCode="{code}" Name="Traypost" Version="0.1.0" Language="1033" Manufacturer="Traypost contributors">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"/>
    <Media Id="1" Cabinet="one.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFiles64Folder"><Directory Id="FOLDER" Name="Package">
      <Component Id="Program" Guid="*" Win64="yes"><File Id="file.txt" Source="{file}" KeyPath="yes"/></Component>
    </Directory></Directory></Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Program"/></Feature>
  </Product>
</Wix>
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_does_not_install_over_the_msi(windows, lab, setups, wizard, language):
    """Exit code 9. Here a package that has no more of the real one than the code by which all its versions are known."""
    file, source, package = (lab.folder / f"package.{kind}" for kind in ("txt", "wxs", "msi"))
    file.write_text("one")
    code = re.search(r'MSI_UPGRADE_CODE "(.*)"', (ROOT / "installer/traypost.nsi").read_text())[1]
    source.write_text(PACKAGE.format(code=code, file=file.name))
    subprocess.run(["wixl", "-a", "x64", "-o", package, source.name], check=True, cwd=lab.folder)
    windows.run("msiexec", "/i", windows.windows_path(package), "/qn")
    try:
        before = windows.snapshot()
        assert install(windows, setups.this) == MSI
        w = wizard(setups.this, language)
        box = w.wait_box("PACKAGE")
        w.shot(box, "package")
        w.press(box, 1)
        assert w.wait_ended() == MSI
        assert difference(before, windows.snapshot()) == []
    finally:
        windows.run("msiexec", "/x", windows.windows_path(package), "/qn")


# --- whose autostart -----------------------------------------------------------------------------------------------------
OTHERS = r"HKU\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\Run"


def test_the_autostart_of_everybody_who_is_logged_on_goes_with_the_program(windows, probe, setups):
    """And no value that means another program."""
    assert install(windows, setups.this) == 0
    for key, value in ((OTHERS, AUTOSTART), (OTHERS.replace("1001", "1002"), r'"C:\Other\traypost.exe"')):
        windows.run("reg", "add", key, "/v", "Traypost", "/d", value, "/f")
        assert windows.value(key, "Traypost") == value
    assert remove(windows, probe) == 0
    assert windows.value(OTHERS, "Traypost") is None
    assert windows.value(OTHERS.replace("1001", "1002"), "Traypost") == r'"C:\Other\traypost.exe"'
    for number in ("1001", "1002"):
        windows.run("reg", "delete", r"HKU\S-1-5-21-1-2-3-" + number, "/f")


def test_what_task_manager_had_switched_off_is_on_after_an_installation(windows, probe, setups):
    """As when it is switched on in the program's menu."""
    key = RUN.replace(r"\Run", r"\Explorer\StartupApproved\Run")
    windows.run("reg", "add", key, "/v", "Traypost", "/t", "REG_BINARY", "/d", "030000000000000000000000", "/f")
    assert install(windows, setups.this) == 0
    assert windows.value(key, "Traypost") is None and windows.value(RUN, "Traypost") == AUTOSTART
    windows.run("reg", "delete", RUN.replace(r"\Run", r"\Explorer\StartupApproved"), "/f")
    assert remove(windows, probe) == 0


PERSON = r"""
Unicode true
Target amd64-unicode
Name person
OutFile "${OUT}"
SilentInstall silent
RequestExecutionLevel user
!define NAME "Traypost"
!define PROGRAM "traypost.exe"
!define RUN_KEY "Run"
!define APPROVED_KEY "Approved"
!include LogicLib.nsh
!include autostart.nsh
Section
    Call FindPerson
    FileOpen $0 "C:\person.txt" w
    FileWrite $0 "$Person"
    FileClose $0
SectionEnd
"""


def test_the_person_at_the_screen_is_found(windows, lab):
    """Whose autostart it is, whoever's password was typed: by the session, and not only because we are nobody else."""
    script, out = lab.folder / "person.nsi", lab.folder / "person.exe"
    script.write_text(PERSON)
    subprocess.run(["makensis", "-V1", "-NOCD", f"-DOUT={out}", script], check=True, cwd=ROOT / "installer")
    windows.run(out)
    person = windows.path(r"C:\person.txt")
    said = person.read_text()
    person.unlink()
    assert re.fullmatch(r"S-1-5-21(-\d+)+", said), said
    assert windows.value(rf"HKU\{said}\Software\Wine\Explorer", "Desktop") == windows.value(r"HKCU\Software\Wine\Explorer", "Desktop") == "shell"


# --- by hand ---------------------------------------------------------------------------------------------------------------

@pytest.fixture
def wizard(windows, probe, hands, locales):
    def start(program, language="en", texts=None, display=None):
        texts = Texts(texts or language, VERSION=VERSION, INSTDIR=FOLDER, PROGRAM="traypost.exe", Bits=64, Installed="0.0.9")
        w = Wizard(windows, probe, hands, texts, program, environment=locales[display or language])
        w.shot = lambda window, page: w.picture(window, PICTURES / f"{language}-{page}.png")
        return w
    return start


def go_to_finish(w, shots=True):
    """A first installation, up to its last page."""
    shot = w.shot if shots else lambda *_: None
    page = w.wait_page("WELCOME_TITLE", "WELCOME_TEXT")
    shot(page, "welcome")
    w.next(page)
    page = w.wait_page("FOLDER_TEXT")
    shot(page, "folder")
    w.next(page)
    page = w.wait_page("READY_TITLE", "READY_INSTALL")
    shot(page, "ready")
    w.next(page)
    return w.wait_page("FINISH_TITLE", "FINISH_TEXT", timeout_s=60)


@pytest.mark.parametrize("language", LANGUAGES)
def test_through_the_wizard_to_a_running_program_and_out_again(windows, probe, hands, setups, wizard, language, lab, mark):
    """Windows' display language picks; both boxes are ticked; Repair and Remove when it is started again."""
    w = wizard(setups.this, language)
    page = go_to_finish(w)
    assert w.ticked(page, "FINISH_RUN") and w.ticked(page, "FINISH_AUTOSTART")
    w.shot(page, "finish")
    w.next(page)
    assert w.wait_ended() == 0
    program = Installed(windows, probe, hands, language)
    program.wait_ready()
    assert windows.value(RUN, "Traypost") == AUTOSTART
    assert send("swaks", "sender@home.test", "anna@postfix.test", message(mark)).ok
    lab.postfix.mail.wait("anna", mark)

    first = program
    w = wizard(setups.this, language)
    page = w.wait_page("MAINTENANCE_TITLE", "REPAIR_TEXT", "REMOVE_CHOICE_TEXT")
    w.shot(page, "maintenance")
    w.next(page)
    page = w.wait_page("READY_TITLE", "READY_REPAIR", "READY_RUNNING")
    w.shot(page, "ready-repair")
    w.next(page)
    page = w.wait_page("FINISH_TITLE", timeout_s=60)
    assert w.ticked(page, "FINISH_RUN") and w.ticked(page, "FINISH_AUTOSTART")
    w.next(page)
    assert w.wait_ended() == 0
    program = Installed(windows, probe, hands, language, other_than=first)
    program.wait_ready()

    w = wizard(setups.this, language)
    page = w.wait_page("MAINTENANCE_TITLE")
    w.click(page, "REMOVE")
    w.next(page)
    assert w.wait_ended() == 0
    page = w.wait_page("REMOVE_TITLE", "REMOVE_TEXT", caption="UNINSTALL_CAPTION")
    w.shot(page, "remove")
    w.next(page)
    wait_until("it is removed", lambda: windows.value(UNINSTALL, "DisplayVersion") is None, 30)
    page = w.wait_page(caption="UNINSTALL_CAPTION")
    w.shot(page, "removed")
    w.next(page)
    wait_removed(windows, probe)
    assert not program.alive


def test_german_is_answered_in_english(setups, wizard):
    """English for every language that we do not speak."""
    w = wizard(setups.this, texts="en", display="de")
    page = w.wait_page("WELCOME_TITLE")
    w.press(page, 2)
    w.click_yes(w.wait_box("ABORT_QUESTION"))
    w.wait_ended()


def test_boxes_without_a_tick_start_nothing(windows, probe, setups, wizard):
    w = wizard(setups.this)
    page = go_to_finish(w, shots=False)
    w.click(page, "FINISH_RUN")
    w.click(page, "FINISH_AUTOSTART")
    assert not w.ticked(page, "FINISH_RUN") and not w.ticked(page, "FINISH_AUTOSTART")
    w.next(page)
    assert w.wait_ended() == 0
    assert windows.value(RUN, "Traypost") is None and not probe.processes("traypost.exe")
    assert remove(windows, probe) == 0


def test_a_wizard_that_is_left_has_changed_nothing(windows, setups, wizard, clean):
    w = wizard(setups.this)
    w.next(w.wait_page("WELCOME_TITLE"))
    w.next(w.wait_page("FOLDER_TEXT"))
    w.press(w.wait_page("READY_TITLE"), 2)
    w.click_yes(w.wait_box("ABORT_QUESTION"))
    w.wait_ended()
    assert difference(clean, windows.snapshot()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_upgrade_through_the_wizard(windows, probe, hands, setups, programs, wizard, language):
    """Welcome says from what to what; no question about the folder; the boxes show how it was before."""
    former = run_former(windows, probe, hands, setups, programs)
    w = wizard(setups.this, language)
    page = w.wait_page("WELCOME_TITLE", "WELCOME_UPGRADE")
    w.shot(page, "welcome-upgrade")
    w.next(page)
    page = w.wait_page("READY_TITLE", "READY_UPGRADE", "READY_RUNNING")
    w.shot(page, "ready-upgrade")
    assert former.alive
    w.next(page)
    page = w.wait_page("FINISH_TITLE", timeout_s=60)
    assert not former.alive
    assert w.ticked(page, "FINISH_RUN") and w.ticked(page, "FINISH_AUTOSTART")
    w.next(page)
    assert w.wait_ended() == 0
    Installed(windows, probe, hands, other_than=former).wait_ready()
    assert remove(windows, probe) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_does_not_go_is_told_and_can_be_tried_again(windows, probe, setups, wizard, stubborn, language, programs):
    w = wizard(setups.this, language)
    w.next(w.wait_page("WELCOME_TITLE"))
    w.next(w.wait_page("READY_TITLE"))
    box = w.wait_box("STAYS")
    w.shot(box, "stays")
    stubborn.kill()
    windows.wait_process(probe, "traypost.exe", there=False)
    w.press(box, 4)                                     # IDRETRY
    page = w.wait_page("FINISH_TITLE", timeout_s=60)
    w.next(page)
    assert w.wait_ended() == 0
    assert exe(windows).read_bytes() == programs.x64.read_bytes()
    assert remove(windows, probe) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_older_setup_says_that_a_newer_one_is_installed(windows, probe, setups, wizard, language):
    assert install(windows, setups.later) == 0
    w = wizard(setups.this, language)
    w.texts.values["Installed"] = "99.0.0"
    box = w.wait_box("NEWER")
    w.shot(box, "newer")
    w.press(box, 1)                                     # IDOK
    assert w.wait_ended() == NEWER
    assert remove(windows, probe) == 0


# --- settings --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_removing_by_hand_asks_about_the_settings(windows, probe, setups, wizard, language):
    """A box, and only when there are some; ticked: they go as well."""
    assert install(windows, setups.this) == 0
    settings = windows.path(FOLDER + r"\traypost.ini")
    settings.write_text("patience = 30\n")
    w = wizard(windows.path(FOLDER + r"\uninstall.exe"), language)
    page = w.wait_page("REMOVE_TITLE", "REMOVE_SETTINGS", caption="UNINSTALL_CAPTION")
    assert not w.ticked(page, "REMOVE_SETTINGS")
    w.click(page, "REMOVE_SETTINGS")
    w.shot(page, "remove-settings")
    w.next(page)
    wait_until("it is removed", lambda: windows.value(UNINSTALL, "DisplayVersion") is None, 30)
    w.next(w.wait_page(caption="UNINSTALL_CAPTION"))
    wait_removed(windows, probe)
    assert not settings.exists() and not settings.parent.exists()


# --- which Windows ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def older_windows(windows):
    """Wine says that it is the one that is asked for."""
    def be(version):
        windows.run("winecfg", "-v", version)
    yield be
    be("win10")


@pytest.mark.parametrize("version", ["win7", "win81"])
def test_an_old_windows_is_refused(windows, setups, clean, older_windows, version):
    """Exit code 3, and nothing has been changed."""
    older_windows(version)
    before = windows.snapshot()
    assert install(windows, setups.this) == TOO_OLD
    assert difference(before, windows.snapshot()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_old_windows_is_refused_in_its_language(windows, setups, wizard, older_windows, language):
    older_windows("win81")
    w = wizard(setups.this, language)
    box = w.wait_box("TOO_OLD")
    w.shot(box, "too-old")
    w.press(box, 1)
    assert w.wait_ended() == TOO_OLD


# --- libraries beside it ---------------------------------------------------------------------------------------------------
# What NSIS, its plug-ins and Windows' own dialogs load by name.
LIKELY = ("apphelp", "clbcatq", "cryptbase", "dwmapi", "iphlpapi", "msimg32", "ntmarta", "oleacc", "profapi", "propsys", "riched20",
          "secur32", "setupapi", "shfolder", "userenv", "uxtheme", "version", "winsta", "wtsapi32")
COMPILER = ("x86_64-w64-mingw32-gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-s")


@pytest.fixture
def downloads(windows):
    """A folder of downloads into which somebody has put libraries under likely names; planted() tells which were loaded."""
    folder = windows.path(r"C:\Downloads")
    folder.mkdir()
    subprocess.run([*COMPILER, "-shared", "-o", folder / "one.dll", HERE / "planted.c"], check=True)
    subprocess.run([*COMPILER, "-o", folder / "loader.exe", HERE / "loader.c"], check=True)
    for name in LIKELY:
        shutil.copy(folder / "one.dll", folder / f"{name}.dll")
    yield folder
    shutil.rmtree(folder)


def planted(windows):
    found = {p.stem.removeprefix("planted-") for p in windows.drive.glob("planted-*.dll")}
    for p in windows.drive.glob("planted-*.dll"):
        p.unlink()
    return found


def test_libraries_beside_the_setup_are_not_loaded(windows, probe, setups, wizard, downloads):
    """Silent and by hand, up to the end; and a careless program shows that this Windows would have loaded them."""
    windows.run(downloads / "loader.exe", *(f"{name}.dll" for name in LIKELY))
    careless = planted(windows)
    # Some it takes from itself, whatever lies where; of those that the setup's own parts ask for these are not.
    assert {"apphelp", "clbcatq", "cryptbase", "dwmapi", "ntmarta", "profapi", "propsys"} <= careless, careless
    setup = shutil.copy(setups.this, downloads)
    assert install(windows, setup) == 0
    assert planted(windows) == set()
    assert remove(windows, probe) == 0
    w = wizard(setup)
    page = go_to_finish(w, shots=False)
    w.click(page, "FINISH_RUN")
    w.next(page)
    assert w.wait_ended() == 0
    assert planted(windows) == set()
    assert remove(windows, probe) == 0


# --- the file itself -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def real_setup(lab, programs):
    return make_setup(lab.folder / "real/TraypostSetup.exe", programs.x64, programs.x86)


def test_the_setup_is_small(real_setup):
    size = real_setup.stat().st_size
    print(f"{size} octets")
    assert size < BYTES_MAX


def test_the_setup_says_what_it_is_and_asks_for_an_administrators_rights(real_setup):
    """Manifest and version resource: what UAC shows, and that letters are sharp."""
    octets = real_setup.read_bytes()
    for wanted in (b'level="requireAdministrator"', b"dpiAware", b"{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"):
        assert wanted in octets, wanted
    for wanted in ("Traypost Setup", "Traypost contributors", VERSION):
        assert wanted.encode("utf-16-le") in octets, wanted


def test_the_same_input_gives_the_same_bytes(real_setup, lab, programs):
    """Elsewhere, at another time, under other names."""
    copies = [lab.folder / "again" / name for name in ("one.exe", "two.exe")]
    copies[0].parent.mkdir()
    for copy, program in zip(copies, (programs.x64, programs.x86)):
        copy.write_bytes(program.read_bytes())
    again = make_setup(lab.folder / "again/TraypostSetup.exe", *copies)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(real_setup.read_bytes()).digest()


def test_all_languages_have_all_texts():
    """And no letter of the others; makensis itself refuses a text that is missing."""
    names = [set(Texts(language).raw) for language in LANGUAGES]
    assert names[0] == names[1] == names[2]
    for language, foreign in (("en", "ěščřžůąęłńśźż"), ("cs", "ąęłńśźż"), ("pl", "ěščřůďťň")):
        for name, text in Texts(language).raw.items():
            assert not set(text.lower()) & set(foreign), (language, name, text)
