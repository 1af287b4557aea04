# SPDX-License-Identifier: MIT
"""Mail from a Windows program, which the log can name."""
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def build(folder, *names):
    """client.c under each of the names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        subprocess.run(["x86_64-w64-mingw32-gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-D__USE_MINGW_ANSI_STDIO=1",
                        HERE / "client.c", "-o", folder / name, "-lws2_32", "-static"], check=True)
    return folder


def send(desktop, program, sender, recipient, subject="Good day", port=25):
    """(was it accepted, the dialogue)"""
    code, said = desktop.run(program, port, sender, recipient, subject, check=False)
    return code == 0, said


def start(desktop, program, sender, recipient, subject="Good day", port=25):
    """The process, which stays connected until its stdin is closed."""
    return desktop.start(program, port, sender, recipient, subject, stdin=subprocess.PIPE)
