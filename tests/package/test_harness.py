# SPDX-License-Identifier: MIT
"""The Windows that things are installed into, without anything to install: what its snapshots do not see, no other test can."""
from windows import difference


def test_a_snapshot_sees_new_changed_and_lost_files_and_values(windows):
    """Else "nothing is left behind" would say nothing."""
    key = r"HKCU\Software\Seen"
    before = windows.snapshot()
    folder = windows.path(r"C:\Program Files\Seen")
    folder.mkdir()
    (folder / "file.txt").write_text("one")
    windows.run("reg", "add", key, "/v", "a value", "/d", "here", "/f")
    windows.run("reg", "add", r"HKLM\Software\Seen", "/v", "number", "/t", "REG_DWORD", "/d", "17", "/f")
    between = windows.snapshot()
    assert difference(before, between) == [
        "+ file Program Files/Seen", "+ file Program Files/Seen/file.txt",
        "+ registry HKEY_CURRENT_USER\\Software\\Seen\\", "+ registry HKEY_CURRENT_USER\\Software\\Seen\\a value",
        "+ registry HKEY_LOCAL_MACHINE\\Software\\Seen\\", "+ registry HKEY_LOCAL_MACHINE\\Software\\Seen\\number"]
    assert windows.value(key, "a value") == "here" and windows.value(r"HKLM\Software\Seen", "number") == "17"
    (folder / "file.txt").write_text("two")
    windows.run("reg", "add", key, "/v", "a value", "/d", "there", "/f")
    windows.run("reg", "delete", r"HKLM\Software\Seen", "/f")
    changed = difference(between, windows.snapshot())
    assert [line.split(":")[0] for line in changed] == [
        "! file Program Files/Seen/file.txt", "- registry HKEY_LOCAL_MACHINE\\Software\\Seen\\",
        "- registry HKEY_LOCAL_MACHINE\\Software\\Seen\\number", "! registry HKEY_CURRENT_USER\\Software\\Seen\\a value"]
    (folder / "file.txt").unlink()
    folder.rmdir()
    windows.run("reg", "delete", key, "/f")
    assert difference(before, windows.snapshot()) == []


def test_a_snapshot_is_the_same_when_programs_with_windows_come_and_go(windows, probe):
    """What Windows writes by itself is not taken for what a setup leaves behind."""
    before = windows.snapshot()
    editor = windows.start("notepad")
    windows.wait_process(probe, "notepad.exe")
    editor.kill()
    windows.wait_process(probe, "notepad.exe", there=False)
    assert difference(before, windows.snapshot()) == []
