#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks at a built program for what cmake/Flags.cmake asks of compiler and linker: flags that are accepted and then have no
effect (a library that lacks them, a linker that drops them) are seen only in the file.

usage: hardened.py PROGRAM    a Linux program (readelf, objdump) or a Windows one; prints what is missing, "N passed, N failed"
"""
import re
import struct
import subprocess
import sys

EXE_BYTES_MAX = 1_500_000
SYSTEM_DLLS = {"advapi32", "bcrypt", "comctl32", "crypt32", "dbghelp", "dwmapi", "gdi32", "iphlpapi", "kernel32", "msvcrt", "ole32",
               "shell32", "user32", "userenv", "uxtheme", "ws2_32"}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def callers(program, callee):
    """The functions in which there is a call of another one."""
    found, function = set(), ""
    for line in output("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        if line.endswith(">:"):
            function = line.split("<")[1][:-2]
        elif f"<{callee}" in line and re.search(r"\b(call|bl|jmp)\b", line):
            found.add(function)
    return found


def elf(program):
    headers, dynamic = output("readelf", "-Wl", program), output("readelf", "-Wd", program)
    symbols, notes = output("readelf", "-W", "--dyn-syms", program), output("readelf", "-n", program)
    machine = output("readelf", "-h", program)
    segments = dict(re.findall(r"^  (\w+) .* ([R ][W ][E ]) 0x\w+$", headers, re.MULTILINE))
    loads = re.findall(r"^  LOAD .* ([R ][W ][E ]) 0x\w+$", headers, re.MULTILINE)
    yield "ASLR: it is position-independent", "FLAGS_1" in dynamic and " PIE" in dynamic
    yield "no code of ours has to be written to at start", "TEXTREL" not in dynamic
    yield "the stack is not executable", "E" not in segments.get("GNU_STACK", "E")
    yield "nothing is writable and executable", loads and not any("W" in flags and "E" in flags for flags in loads)
    yield "what the loader has filled in is read-only afterwards", "GNU_RELRO" in segments
    yield "and filled in at start, not at the first call", "BIND_NOW" in dynamic
    yield "libraries come from the system's folders only", "RPATH" not in dynamic and "RUNPATH" not in dynamic
    # Its loader is a part of it, and named where something is thread-local.
    shared = [name for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic) if not name.startswith("ld-linux")]
    yield "the C library is the only shared one", shared == ["libc.so.6"]
    yield "the C library's fortified functions are called", "__memcpy_chk" in symbols and "__snprintf_chk" in symbols
    guarded = callers(program, "__stack_chk_fail")
    for name in "ip_", "smtp_", "transaction_", "uv_", "ares_", "mbedtls_":
        yield f"functions {name}... guard their stack", any(f.startswith(name) for f in guarded)
    if "X86-64" in machine:
        yield "CET: it may have a shadow stack", re.search(r"x86 feature:.*SHSTK", notes)


def c_string(data, at):
    return data[at:data.index(b"\0", at)].decode("ascii")


def pe(data):
    start = struct.unpack_from("<I", data, 0x3C)[0]
    _, sections, *_, optional_size, characteristics = struct.unpack_from("<HHIIIHH", data, start + 4)
    optional = start + 24
    wide = struct.unpack_from("<H", data, optional)[0] == 0x20B
    dll_characteristics = struct.unpack_from("<H", data, optional + 70)[0]
    directories = [struct.unpack_from("<II", data, optional + (112 if wide else 96) + 8 * i) for i in range(16)]
    table = []
    for i in range(sections):
        size, address, raw_size, raw = struct.unpack_from("<IIII", data, optional + optional_size + 40 * i + 8)
        flags = struct.unpack_from("<I", data, optional + optional_size + 40 * i + 36)[0]
        table.append((address, max(size, raw_size), raw, flags))

    def in_file(address):
        return next(raw + address - first for first, size, raw, _ in table if first <= address < first + size)

    dlls, row = set(), in_file(directories[1][0])
    while (name := struct.unpack_from("<I", data, row + 12)[0]) != 0:
        dlls.add(c_string(data, in_file(name)).lower().removesuffix(".dll"))
        row += 20
    yield "ASLR: DYNAMIC_BASE", dll_characteristics & 0x40
    yield "and a table of relocations to do it with", not characteristics & 1 and directories[5][1] > 0
    if wide:
        yield "ASLR in the whole address space: HIGH_ENTROPY_VA, beyond 4 GiB", dll_characteristics & 0x20 and characteristics & 0x20
    yield "DEP: NX_COMPAT", dll_characteristics & 0x100
    yield "nothing is writable and executable", all(flags & 0xA0000000 != 0xA0000000 for *_, flags in table)
    yield f"no DLL but Windows' own: {dlls - SYSTEM_DLLS}", dlls and dlls <= SYSTEM_DLLS
    yield "the guard of the stack is in it", b"*** stack smashing detected ***" in data
    yield "the C library's fortified functions are in it", b"*** buffer overflow detected ***" in data
    yield f"{len(data)} bytes are less than 1.5 MB", len(data) < EXE_BYTES_MAX


with open(sys.argv[1], "rb") as file:
    content = file.read()
results = list(pe(content) if content.startswith(b"MZ") else elf(sys.argv[1]))
missing = [sentence for sentence, true in results if not true]
for sentence in missing:
    print("missing:", sentence)
print(f"{len(results) - len(missing)} passed, {len(missing)} failed")
sys.exit(1 if missing else 0)
