# SPDX-License-Identifier: MIT
"""installer/sign, with a certificate that is made here and that nobody trusts but the test."""
import os
import re
import shutil
import subprocess

import pytest
from packages import ROOT, package, sha256
from test_setup import remove

EPOCH = "1760000000"


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    """What the environment has to say, and the certificate to verify with."""
    folder = tmp_path_factory.mktemp("identity")
    (folder / "password").write_text("not a secret")

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, cwd=folder, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-days", "36500",
            "-sha256", "-subj", "/CN=Traypost test", "-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature")
    openssl("pkcs12", "-export", "-in", "certificate.pem", "-inkey", "key.pem", "-out", "identity.p12", "-passout", "file:password")
    return {"TRAYPOST_SIGN_PKCS12": str(folder / "identity.p12"), "TRAYPOST_SIGN_PASSWORD_FILE": str(folder / "password")}, folder / "certificate.pem"


def sign(path, **environment):
    return subprocess.run([ROOT / "installer/sign", path], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": EPOCH, **environment})


def verify(path, certificate):
    said = subprocess.run(["osslsigncode", "verify", "-CAfile", certificate, path], capture_output=True, text=True)
    return said.returncode == 0, said.stdout + said.stderr


PACKAGES = ["TraypostSetup-{}.exe", "Traypost-{}-x64.msi"]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_signed_package_is_verified_and_a_changed_one_is_not(identity, tmp_path, name):
    environment, certificate = identity
    file = tmp_path / package(name).name
    shutil.copy(package(name), file)
    assert not verify(file, certificate)[0], "it has no signature yet"
    said = sign(file, **environment)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    good, words = verify(file, certificate)
    assert good, words
    assert "Traypost test" in words
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert not verify(file, certificate)[0]


@pytest.mark.parametrize("name", PACKAGES)
def test_the_same_package_is_signed_the_same(identity, tmp_path, name):
    """Without a time-stamp, whose authority has a clock of its own."""
    sums = []
    for folder in tmp_path / "a", tmp_path / "b":
        folder.mkdir()
        shutil.copy(package(name), folder)
        assert sign(folder / package(name).name, **identity[0]).returncode == 0
        sums.append(sha256(folder / package(name).name))
    assert sums[0] == sums[1]


def test_without_a_certificate_nothing_is_changed_and_nothing_said(tmp_path):
    file = tmp_path / "traypost.msi"
    shutil.copy(package("Traypost-{}-x64.msi"), file)
    said = sign(file)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert sha256(file) == sha256(package("Traypost-{}-x64.msi"))


def test_a_wrong_password_is_an_error_and_leaves_the_file_as_it_was(identity, tmp_path):
    file, wrong = tmp_path / "traypost.msi", tmp_path / "wrong"
    shutil.copy(package("Traypost-{}-x64.msi"), file)
    wrong.write_text("something else")
    said = sign(file, **{**identity[0], "TRAYPOST_SIGN_PASSWORD_FILE": str(wrong)})
    assert said.returncode == 1 and said.stderr.startswith(f"sign: {file}: ")
    assert sha256(file) == sha256(package("Traypost-{}-x64.msi"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["traypost.msi", "wrong"]


def test_the_setup_that_is_made_with_a_certificate_has_a_signed_uninstaller(identity, tmp_path, windows, probe, programs):
    """The uninstaller is signed before it is packed; the setup, when all is in it."""
    environment, certificate = identity
    setup = tmp_path / "TraypostSetup.exe"
    subprocess.run([ROOT / "installer/make-setup", "--x64", programs.x64, "--x86", programs.x86, "--out", setup, "--target", "amd64-unicode"],
                   check=True, env={**os.environ, **environment, "SOURCE_DATE_EPOCH": EPOCH})
    good, words = verify(setup, certificate)
    assert good, words
    windows.run(setup, "/S", timeout_s=120)
    uninstaller = windows.path(r"C:\Program Files\Traypost\uninstall.exe")
    try:
        good, words = verify(uninstaller, certificate)
        assert good, words
        assert re.search(r"Traypost test", words)
    finally:
        remove(windows, probe)
