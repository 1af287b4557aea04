# SPDX-License-Identifier: MIT
"""What a build of Traypost is made of besides its own code: the libraries of scripts/libraries.table, in the versions that were linked,
and what the compiler adds to every Windows program. Notices and SBOM are made from this."""
import pathlib
import re
import subprocess
import tarfile
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOMEPAGE = re.search(r"HOMEPAGE_URL (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


@dataclass
class Part:
    name: str
    version: str
    license: str                        # SPDX expression under which we pass it on
    supplier: str
    copyright: str
    homepage: str
    systems: tuple = ("windows", "linux")
    location: str = "NOASSERTION"       # of the very archive
    sha256: str = ""
    texts: list = field(default_factory=list)
    declared: str = ""                  # what its authors offer, where that is more
    remark: str = ""
    inside: str = ""                    # name of the part whose archive it comes in


# What the archives cannot say for themselves. Texts are files in them.
FACTS = {
    "libuv": dict(license="MIT AND BSD-2-Clause AND ISC", supplier="Organization: libuv project contributors",
                  copyright="Copyright (c) 2015-present libuv project contributors; Joyent, Inc. and other Node contributors",
                  homepage="https://libuv.org", texts=["LICENSE", "LICENSE-extra"]),
    "c-ares": dict(license="MIT", supplier="Organization: c-ares project",
                   copyright="Copyright (c) 1998 Massachusetts Institute of Technology; (c) 2007-2023 Daniel Stenberg",
                   homepage="https://c-ares.org", texts=["LICENSE.md"]),
    "mbedtls": dict(license="Apache-2.0", declared="Apache-2.0 OR GPL-2.0-or-later", supplier="Organization: Mbed TLS contributors",
                    copyright="Copyright The Mbed TLS Contributors", homepage="https://www.trustedfirmware.org/projects/mbed-tls/",
                    texts=["LICENSE"], remark="Passed on under the Apache License 2.0."),
    "libidn2": dict(license="LGPL-3.0-or-later", declared="LGPL-3.0-or-later OR GPL-2.0-or-later",
                    supplier="Organization: GNU Libidn2 project", copyright="Copyright (C) 2011-2022 Simon Josefsson, Tim Ruehsen",
                    homepage="https://www.gnu.org/software/libidn/#libidn2", texts=["COPYING.LESSERv3", "COPYING", "COPYING.unicode"],
                    remark="Passed on unchanged, under the GNU Lesser General Public License 3 or later. It is linked into the program. Who\n"
                           f"wants another version of it there takes the sources of Traypost from {HOMEPAGE},\n"
                           "changes one row of scripts/libraries.table and builds; README.md says how."),
}

# libidn2 is built with its own copy of what it needs of libunistring, and that carries no version of its own.
UNISTRING = dict(name="libunistring", license="LGPL-3.0-or-later", declared="LGPL-3.0-or-later OR GPL-2.0-or-later",
                 supplier="Organization: Free Software Foundation, Inc.", copyright="Copyright (C) 1999-2022 Free Software Foundation, Inc.",
                 homepage="https://www.gnu.org/software/libunistring/", inside="libidn2",
                 remark="The parts that libidn2 uses, from its archive (folder unistring). Licence: as libidn2.")

# Debian packages of the cross-compiler whose code is in every Windows program.
TOOLCHAIN = [
    ("mingw-w64-common", dict(
        name="mingw-w64", license="LicenseRef-mingw-w64-runtime",
        supplier="Organization: mingw-w64 project", copyright="Copyright (c) 2009-2022 the mingw-w64 project",
        homepage="https://www.mingw-w64.org", texts=["/usr/share/doc/mingw-w64-common/copyright"],
        remark="The C runtime that mingw-w64 links into Windows programs.")),
    ("gcc-mingw-w64-base", dict(
        name="libgcc", license="GPL-3.0-or-later WITH GCC-exception-3.1",
        supplier="Organization: Free Software Foundation, Inc.", copyright="Copyright (C) 1989-2022 Free Software Foundation, Inc.",
        homepage="https://gcc.gnu.org",
        remark="libgcc and libssp, the compiler's own support code, in Windows programs. The GCC Runtime Library Exception 3.1 lets a program\n"
               "that is compiled with GCC be passed on under terms of its own.")),
]


def version():
    return subprocess.run([ROOT / "scripts/version"], check=True, capture_output=True, text=True).stdout.strip()


def table():
    """(name, version) -> (sum, places)."""
    rows = [line.split() for line in (ROOT / "scripts/libraries.table").read_text().splitlines() if line.strip() and line[0] != "#"]
    return {(name, number): (digest, places) for name, number, digest, *places in rows}


def linked(preset):
    """name -> version of each library that a preset links."""
    folders = subprocess.run([ROOT / "scripts/libraries", preset], check=True, capture_output=True, text=True).stdout.strip().split(";")
    return dict(re.fullmatch(r"(.+)-([0-9.]+)-[0-9a-f]{12}", pathlib.Path(folder).name).groups() for folder in folders)


def download_location(places):
    """The project's own release, where the table has it: it is found from everywhere."""
    web = [place for place in places if place.startswith("https://")]
    return web[0] if web else f"https://deb.debian.org/debian/{places[0]}"


def parts():
    found = []
    versions = linked("win64")
    for preset in "win32", "release":
        assert linked(preset) == versions, f"{preset} is linked with other versions than win64"
    rows = table()
    for name, facts in FACTS.items():
        digest, places = rows[name, versions[name]]
        found.append(Part(name=name, version=versions[name], sha256=digest, location=download_location(places), **facts))
    found.append(Part(version=f"as in libidn2 {versions['libidn2']}", **UNISTRING))
    for package, facts in TOOLCHAIN:
        number = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], check=True, capture_output=True, text=True).stdout
        found.append(Part(version=number, systems=("windows",), **facts))
    unknown = set(versions) - set(FACTS) - {"cmocka"}          # cmocka is in the tests only
    assert not unknown, f"nothing is known of the licences of {unknown}: add them to {__file__}"
    return found


def archives():
    """SHA-256 -> path of each library's archive, checked by scripts/libraries."""
    paths = subprocess.run([ROOT / "scripts/libraries", "--sources"], check=True, capture_output=True, text=True).stdout.split()
    digests = subprocess.run(["sha256sum", *paths], check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split(None, 1) for line in digests)


def texts(part, by_digest):
    """(file name, text) of what the part's authors want to be passed on."""
    if not part.sha256:
        return [(pathlib.Path(path).name, pathlib.Path(path).read_text()) for path in part.texts]
    with tarfile.open(by_digest[part.sha256]) as archive:
        top = archive.getnames()[0].split("/")[0]
        return [(name, archive.extractfile(f"{top}/{name}").read().decode()) for name in part.texts]
