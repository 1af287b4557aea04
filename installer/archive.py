# SPDX-License-Identifier: MIT
"""Archives whose bytes depend on what is in them alone: names sorted, one date (SOURCE_DATE_EPOCH) for all, nobody's accounts."""
import gzip
import io
import os
import tarfile
import time
import zipfile


def date():
    return int(os.environ["SOURCE_DATE_EPOCH"])


def is_program(data):
    return data[:2] == b"MZ" or data[:4] == b"\x7fELF"


def write_zip(out, files):
    """files: name -> bytes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, time.gmtime(date())[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if is_program(files[name]) else 0o100644) << 16
            archive.writestr(entry, files[name])


def write_tar_gz(out, folder, files):
    """files: name -> bytes, all below one folder."""
    with open(out, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=date()) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(folder)
        entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, date()
        archive.addfile(entry)
        for name in sorted(files):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mtime = len(files[name]), date()
            entry.mode = 0o755 if is_program(files[name]) else 0o644
            archive.addfile(entry, io.BytesIO(files[name]))


def dos(text):
    """As Windows' own programs read it best: with a mark that it is UTF-8 where it is more than ASCII, and CR LF."""
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    return data if data.isascii() else b"\xef\xbb\xbf" + data
