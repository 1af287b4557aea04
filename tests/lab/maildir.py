# SPDX-License-Identifier: MIT
"""Mail that a real server delivered: one file a mail, read by its X-Lab-Id or by a mark in its text."""
from pathlib import Path

import namespaces


class Maildir:
    """The maildirs below one folder: <folder>/<user>/new/*."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def mails(self, user):
        """Every mail of a user, oldest first, as bytes exactly as the server wrote them."""
        files = sorted((self.folder / user / "new").glob("*"), key=lambda f: f.stat().st_mtime_ns)
        return [f.read_bytes() for f in files]

    def with_mark(self, user, mark):
        return [m for m in self.mails(user) if mark.encode() in m]

    def wait(self, user, mark, timeout_s=10):
        """The one mail that holds the mark. Fails if there are two."""
        found = namespaces.wait_until(f"mail with {mark!r} for {user}", lambda: self.with_mark(user, mark), timeout_s)
        assert len(found) == 1, f"{len(found)} copies of {mark!r}"
        return found[0]
