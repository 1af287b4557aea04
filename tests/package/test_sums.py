# SPDX-License-Identifier: MIT
"""What is said beside the packages is true: sums, the bill of materials, winget's manifests, and one version everywhere."""
import json
import os
import re
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from packages import FOLDER, HOMEPAGE, ROOT, VERSION, msi_table, output, package, sha256

NAMES = {"TraypostSetup-{}.exe", "Traypost-{}-x64.msi", "Traypost-{}-x86.msi", "Traypost-{}-x64-portable.zip", "Traypost-{}-x86-portable.zip",
         "traypost-{}-linux-x86_64.tar.gz", "traypost-{}.spdx.json"}
MANIFESTS = {"Traypost.Traypost.yaml", "Traypost.Traypost.installer.yaml",
             *(f"Traypost.Traypost.locale.{locale}.yaml" for locale in ("en-US", "cs-CZ", "pl-PL"))}


def test_everything_is_there_and_nothing_else():
    assert {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()} == {
        "SHA256SUMS", *(name.format(VERSION) for name in NAMES), *("winget/" + name for name in MANIFESTS)}


def test_the_sums_are_those_of_the_files():
    lines = dict(reversed(line.split("  ")) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(lines) == files
    assert {name: sha256(FOLDER / name) for name in files} == lines


# --- the bill of materials -------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def bill():
    return json.loads(package("traypost-{}.spdx.json").read_text())


def table():
    rows = [line.split() for line in (ROOT / "scripts/libraries.table").read_text().splitlines() if line.strip() and line[0] != "#"]
    return {(name, version): digest for name, version, digest, *_ in rows}


def strings(data):
    return [found.decode() for found in re.findall(rb"[ -~]{4,}", data)]


def program(system):
    """The program in a package, as bytes."""
    if system == "linux":
        with tarfile.open(package("traypost-{}-linux-x86_64.tar.gz")) as archive:
            return archive.extractfile(f"traypost-{VERSION}-linux-x86_64/traypost").read()
    with zipfile.ZipFile(package(f"Traypost-{{}}-{system}-portable.zip")) as archive:
        return archive.read(f"Traypost-{VERSION}-{system}/traypost.exe")


def test_the_bill_names_the_libraries_in_the_versions_of_the_table(bill):
    named = {p["name"]: p for p in bill["packages"]}
    assert set(named) == {"traypost", "libuv", "c-ares", "mbedtls", "libidn2", "libunistring", "mingw-w64", "libgcc"}
    rows = table()
    for name in "libuv", "c-ares", "mbedtls", "libidn2":
        digest = rows[name, named[name]["versionInfo"]]
        assert named[name]["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]
        assert named[name]["downloadLocation"].startswith("https://")
    assert named["traypost"]["versionInfo"] == VERSION


@pytest.mark.parametrize("system", ["linux", "x64", "x86"])
def test_the_programs_say_the_same_versions_as_the_bill(bill, system):
    """Of the libraries whose version stands in their code, where the linker has kept it."""
    version = {p["name"]: p["versionInfo"] for p in bill["packages"]}
    said = strings(program(system))
    assert any(f"Traypost {VERSION}" in line for line in said)
    if system != "linux":                   # there the linker has dropped it
        assert version["libidn2"] in said, "idn2_check_version()'s"
    preset = {"linux": "release", "x64": "win64", "x86": "win32"}[system]
    prefixes = output(ROOT / "scripts/libraries", preset).strip().split(";")
    linked = dict(re.fullmatch(r".*/(.+)-([0-9.]+)-[0-9a-f]{12}", prefix).groups() for prefix in prefixes)
    linked.pop("cmocka")
    assert linked == {name: version[name] for name in linked}
    headers = {"libuv": ("uv/version.h", r'UV_VERSION_MAJOR (\d+)[\s\S]*UV_VERSION_MINOR (\d+)[\s\S]*UV_VERSION_PATCH (\d+)'),
               "c-ares": ("ares_version.h", r'ARES_VERSION_STR\s+"(\d+)\.(\d+)\.(\d+)'),
               "mbedtls": ("mbedtls/build_info.h", r'MBEDTLS_VERSION_STRING\s+"(\d+)\.(\d+)\.(\d+)"'),
               "libidn2": ("idn2.h", r'IDN2_VERSION "(\d+)\.(\d+)\.(\d+)"')}
    for prefix in prefixes:
        name = re.fullmatch(r".*/(.+)-[0-9.]+-[0-9a-f]{12}", prefix)[1]
        if name in headers:
            file, pattern = headers[name]
            with open(f"{prefix}/include/{file}") as header:
                assert ".".join(re.search(pattern, header.read()).groups()) == version[name]


def test_the_bill_is_spdx(bill):
    """SPDX 2.3: what must be there, and nothing that refers to nothing."""
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["dataLicense"] == "CC0-1.0" and bill["SPDXID"] == "SPDXRef-DOCUMENT"
    assert re.fullmatch(r"https://\S+[0-9a-f]{32}", bill["documentNamespace"]) and "#" not in bill["documentNamespace"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["creationInfo"]["created"])
    assert all(re.match(r"(Person|Organization|Tool): \S", creator) for creator in bill["creationInfo"]["creators"])
    names = [p["SPDXID"] for p in bill["packages"]]
    assert len(set(names)) == len(names)
    own = {info["licenseId"] for info in bill["hasExtractedLicensingInfos"] if info["extractedText"].strip()}
    for p in bill["packages"]:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", p["SPDXID"])
        for field in "name", "versionInfo", "supplier", "downloadLocation", "homepage", "licenseConcluded", "licenseDeclared", "copyrightText":
            assert p[field], f"{p['name']} has no {field}"
        assert p["filesAnalyzed"] is False
        assert set(re.findall(r"LicenseRef-[\w.-]+", p["licenseConcluded"] + " " + p["licenseDeclared"])) <= own
    assert all(r["spdxElementId"] in names + ["SPDXRef-DOCUMENT"] and r["relatedSpdxElement"] in names for r in bill["relationships"])
    assert {r["relatedSpdxElement"] for r in bill["relationships"]} == set(names), "each is described, linked or contained"


@pytest.mark.parametrize("system", ["linux", "x64", "x86"])
def test_the_notices_have_the_licence_of_everything_in_the_bill(bill, system):
    if system == "linux":
        with tarfile.open(package("traypost-{}-linux-x86_64.tar.gz")) as archive:
            told = archive.extractfile(f"traypost-{VERSION}-linux-x86_64/THIRD-PARTY.txt").read().decode()
    else:
        with zipfile.ZipFile(package(f"Traypost-{{}}-{system}-portable.zip")) as archive:
            told = archive.read(f"Traypost-{VERSION}-{system}/THIRD-PARTY.txt").decode("utf-8-sig").replace("\r\n", "\n")
    here = [p for p in bill["packages"] if p["name"] != "traypost" and not (system == "linux" and p["name"] in ("mingw-w64", "libgcc"))]
    for p in here:
        assert f"  {p['name']} ({p['versionInfo']}): {p['licenseConcluded']}\n" in told
        assert p["copyrightText"] in told
    assert ("mingw-w64" in told) == (system != "linux")
    for words in ("Joyent, Inc. and other Node contributors", "Massachusetts Institute of Technology", "Apache License\n", "Version 2.0, January 2004",
                  "GNU LESSER GENERAL PUBLIC LICENSE\n", "GNU GENERAL PUBLIC LICENSE\n", "A. Unicode Copyright."):
        assert words.lower() in told.lower(), words


# --- winget ------------------------------------------------------------------------------------------------------------
def manifest(name):
    return yaml.safe_load((FOLDER / "winget" / name).read_text())


def test_winget_gets_the_files_that_are_there():
    entries = manifest("Traypost.Traypost.installer.yaml")["Installers"]
    assert {(e["Architecture"], e["InstallerType"]) for e in entries} == {(a, t) for a in ("x64", "x86") for t in ("nullsoft", "wix")}
    for entry in entries:
        folder, _, name = entry["InstallerUrl"].rpartition("/")
        assert folder == f"{HOMEPAGE}/releases/download/v{VERSION}"
        assert entry["InstallerSha256"].lower() == sha256(FOLDER / name)
        assert entry["InstallerType"] == ("wix" if name.endswith(".msi") else "nullsoft")
        if name.endswith(".msi"):
            properties = {row["Property"]: row["Value"] for row in msi_table(FOLDER / name, "Property")}
            assert entry["ProductCode"] == properties["ProductCode"] and f"-{entry['Architecture']}." in name
            assert entry["AppsAndFeaturesEntries"][0]["UpgradeCode"] == properties["UpgradeCode"]


def test_winget_knows_what_the_setup_means_by_its_exit_codes():
    codes = dict(re.findall(r"!define EXIT_(\w+) (\d+)", (ROOT / "installer/traypost.nsi").read_text()))
    meanings = {"TOO_OLD": "systemNotSupported", "NEWER": "downgrade", "STAYS": "packageInUse", "BUSY": "installInProgress",
                "PACKAGE": "alreadyInstalled"}
    for entry in manifest("Traypost.Traypost.installer.yaml")["Installers"]:
        if entry["InstallerType"] == "nullsoft":
            told = {e["InstallerReturnCode"]: e["ReturnResponse"] for e in entry["ExpectedReturnCodes"]}
            assert told == {int(codes[name]): meaning for name, meaning in meanings.items()}


def test_winget_is_told_the_same_in_each_language():
    english = manifest("Traypost.Traypost.locale.en-US.yaml")
    assert english["ManifestType"] == "defaultLocale" and manifest("Traypost.Traypost.yaml")["DefaultLocale"] == "en-US"
    for locale in "cs-CZ", "pl-PL":
        other = manifest(f"Traypost.Traypost.locale.{locale}.yaml")
        assert other["PackageLocale"] == locale and other["ManifestType"] == "locale"
        assert set(other) == set(english) - {"Moniker"}
        for field in "ShortDescription", "Description", "Publisher":
            assert other[field] != english[field] and not other[field].isascii()
        assert len(other["ShortDescription"]) <= 256 and len(other["Description"]) <= 10000


# --- one version ---------------------------------------------------------------------------------------------------------
def file_version(exe):
    """VS_FIXEDFILEINFO begins with its signature and a version of its own; version and product version follow, high word first."""
    at = exe.index(struct.pack("<I", 0xFEEF04BD))
    numbers = struct.unpack_from("<4I", exe, at + 8)
    return [f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}" for high, low in (numbers[:2], numbers[2:])]


def test_every_package_says_the_version_of_cmakelists(tmp_path):
    said = {f"{system} exe": file_version(program(system)) for system in ("x64", "x86")}
    said["setup"] = file_version(package("TraypostSetup-{}.exe").read_bytes())
    assert all(numbers == [f"{VERSION}.0"] * 2 for numbers in said.values()), said
    with tarfile.open(package("traypost-{}-linux-x86_64.tar.gz")) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / f"traypost-{VERSION}-linux-x86_64"
    assert output(folder / "traypost", "--version") == f"Traypost {VERSION}\n"
    assert f'.Os "Traypost {VERSION}"\n' in (folder / "traypost.8").read_text()
    assert f"Traypost {VERSION} " in (folder / "INSTALL").read_text()
    for arch in "x64", "x86":
        msi = package(f"Traypost-{{}}-{arch}.msi")
        assert {row["Property"]: row["Value"] for row in msi_table(msi, "Property")}["ProductVersion"] == VERSION
        assert next(row["Version"] for row in msi_table(msi, "File") if row["File"] == "traypost.exe") == f"{VERSION}.0"
        assert f"Subject: Traypost {VERSION}\n" in output("msiinfo", "suminfo", msi)
    assert {manifest(name)["PackageVersion"] for name in MANIFESTS} == {VERSION}
    assert re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1].strip("[]") == VERSION


# --- the same input, the same bytes ------------------------------------------------------------------------------------
@pytest.mark.parametrize("system", ["linux", "x64", "x86"])
def test_the_program_says_nothing_of_the_machine_that_built_it(system, tmp_path):
    """Neither where the sources and the libraries lay, nor when it was linked, nor what is made of that."""
    exe = program(system)
    cache = os.environ.get("TRAYPOST_CACHE") or Path.home() / ".cache/traypost"
    for folder in ROOT, cache, "/work.", "/tmp/":                # libraries are unpacked in CACHE/work.RANDOM
        assert not [line for line in strings(exe) if str(folder) in line], folder
    if system == "linux":
        (tmp_path / "traypost").write_bytes(exe)
        assert "build-id" not in output("readelf", "-W", "-S", tmp_path / "traypost")
    else:
        assert struct.unpack_from("<I", exe, struct.unpack_from("<I", exe, 0x3C)[0] + 8) == (0,), "the time of linking"


def test_packing_the_same_programs_twice_makes_the_same_files(tmp_path):
    """Programs as they are built; scripts/package --check builds those too, elsewhere."""
    subprocess.run([ROOT / "scripts/package", "--out", tmp_path / "again"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env={**os.environ, **same_date()})
    assert (tmp_path / "again/SHA256SUMS").read_text() == (FOLDER / "SHA256SUMS").read_text()


def same_date():
    """build/package may be of a commit before."""
    created = json.loads(package("traypost-{}.spdx.json").read_text())["creationInfo"]["created"]
    return {"SOURCE_DATE_EPOCH": output("date", "-d", created, "+%s").strip()}
