# SPDX-License-Identifier: MIT
"""A Windows that things are installed into: the tray's desktop, and what its files and its registry are, before and after.

    windows = Windows(lab)
    before = windows.snapshot()
    windows.run(setup, "/S")
    assert difference(before, windows.snapshot()) == []
"""
import dataclasses
import hashlib
import re
import subprocess

import desktop as windows_desktop
from namespaces import wait_until

KEYS = (r"HKLM\Software", r"HKLM\System", "HKCU")

# What Windows itself (here: Wine) changes while it runs, whatever is installed: each with the reason.
RESTLESS_FILES = re.compile(r"""(?ix)
      ^windows/(inf|logs)/            # devices seen at start
    | ^(users/[^/]+/(AppData/Local/)?Temp|windows/temp)/   # looked at by leftovers(), after a restart
""")
RESTLESS_REGISTRY = re.compile(r"""(?ix)
      \\Session\ Manager\\PendingFileRenameOperations$     # what is removed at the next start: likewise
    | ^HKEY_LOCAL_MACHINE\\System\\[^\\]+\\(Enum|Hardware\ Profiles|Control\\(Video|Class|DeviceClasses))\b   # devices
    | \\Control\\ServiceCurrent\\                            # how many services have been started
    | ^HKEY_CURRENT_USER\\Software\\Wine\\
    | \\Microsoft\\Windows(\ NT)?\\CurrentVersion\\Fonts\\   # the first program that writes letters
    | ^HKEY_CURRENT_USER\\Console\\                           # the first program with a console
    | \\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Run\\$   # looked at, and so made, when somebody logs on
    | ^HKEY_CURRENT_USER\\(Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\(MountPoints2|SessionInfo)|Volatile\ Environment)\b
""")


@dataclasses.dataclass(frozen=True)
class Snapshot:
    files: dict         # path below drive C: -> length and checksum, or "folder"
    registry: dict      # KEY\NAME -> what is written there; KEY\ -> ""


def difference(before, after):
    """Lines such as "+ file Program Files/Traypost/traypost.exe" (new), "- ..." (gone) and "! ..." (changed)."""
    lines = []
    for kind in ("files", "registry"):
        old, new = getattr(before, kind), getattr(after, kind)
        word = kind.rstrip("s")
        lines += [f"+ {word} {name}" for name in sorted(new.keys() - old.keys())]
        lines += [f"- {word} {name}" for name in sorted(old.keys() - new.keys())]
        lines += [f"! {word} {name}: {old[name]} -> {new[name]}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return lines


def parse_registry(text):
    """The text that `reg export` writes, as {KEY\\NAME: value}."""
    found, key = {}, ""
    joined = re.sub(r"\\\n\s*", "", text)               # long values go over several lines
    for line in joined.splitlines():
        if line.startswith("["):
            key = line[1:-1]
            found[key + "\\"] = ""
        elif (value := re.match(r'(@|"(?:\\.|[^"\\])*")=(.*)', line)):
            name = value[1] if value[1] == "@" else re.sub(r"\\(.)", r"\1", value[1][1:-1])
            found[f"{key}\\{name}"] = value[2]
    return found


class Windows(windows_desktop.Desktop):
    def __init__(self, lab, binary=None):
        super().__init__(lab, binary)
        self.drive = self.prefix / "drive_c"

    # --- paths ---------------------------------------------------------------------------------------------------
    def path(self, windows_path):
        r"""Where C:\... lies on Linux; letter case as on the disk."""
        drive, _, rest = windows_path.partition(":\\")
        assert drive.upper() == "C", windows_path
        place = self.drive
        for name in filter(None, rest.split("\\")):
            same = [p for p in place.iterdir() if p.name.lower() == name.lower()] if place.is_dir() else []
            place = same[0] if same else place / name
        return place

    @staticmethod
    def windows_path(path):
        return "Z:" + str(path).replace("/", "\\")

    # --- what there is -------------------------------------------------------------------------------------------
    def files(self):
        found = {}
        for path in sorted(self.drive.rglob("*")):
            name = str(path.relative_to(self.drive))
            if RESTLESS_FILES.search(name) or path.is_symlink():
                continue
            if path.is_dir():
                found[name] = "folder"
            elif path.is_file():
                found[name] = f"{path.stat().st_size} octets, {hashlib.sha1(path.read_bytes()).hexdigest()[:8]}"
        return found

    def registry(self, *keys):
        found = {}
        for number, key in enumerate(keys or KEYS):
            file = self.lab.folder / f"registry{number}.reg"
            self.run("reg", "export", key, self.windows_path(file), "/y")
            found |= parse_registry(file.read_text("utf-16").replace("\r\n", "\n"))
        return {name: value for name, value in found.items() if not RESTLESS_REGISTRY.search(name)}

    def snapshot(self):
        return Snapshot(self.files(), self.registry())

    def value(self, key, name):
        r"""A value of the registry as text, or None: value(r"HKCU\Software\...\Run", "Traypost"). Numbers in decimal."""
        code, text = self.run("reg", "query", key, "/v", name, check=False)
        if code != 0 or not (found := re.search(r"(?m)^\s+.+?\s+(REG_\w+)\s+(.*?)\s*$", text)):
            return None
        return str(int(found[2], 16)) if found[1] == "REG_DWORD" else found[2]

    # --- restart -------------------------------------------------------------------------------------------------
    def leftovers(self):
        """Files in the folders for temporary ones."""
        folders = [p for pattern in ("users/*/Temp", "users/*/AppData/Local/Temp", "windows/temp") for p in self.drive.glob(pattern)]
        return sorted(str(p.relative_to(self.drive)) for folder in folders for p in folder.rglob("*"))

    def delayed(self):
        """What Windows is going to remove or rename when it starts next."""
        return self.value(r"HKLM\System\CurrentControlSet\Control\Session Manager", "PendingFileRenameOperations") or ""

    def wait_process(self, probe, name, there=True, timeout_s=20):
        return wait_until(f"{name} {'runs' if there else 'has gone'}", lambda: bool(probe.processes(name)) == there, timeout_s)

    def log_on(self):
        """What Windows does when it starts and somebody logs on: removes the files that were to be removed then, and starts
        what starts with Windows."""
        self.run("wineboot", timeout_s=60)


def locales(folder, *names):
    """A folder with these locales, made from what Debian has of them; and what a program has to be told to speak one."""
    folder.mkdir()
    making = [subprocess.Popen(["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name in names]
    assert all(child.wait(60) == 0 for child in making)
    return {name[:2]: {"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8", "LANG": f"{name}.UTF-8"} for name in names}
