# SPDX-License-Identifier: MIT
"""What stands between a tag and a release: scripts/release-notes, in a tree of its own with other changes in it."""
import shutil
import subprocess

import pytest
from packages import ROOT, VERSION

READY = f"# Changelog\n\n## [{VERSION}] - 2026-12-24\n\n### Added\n\n* Something.\n\n## [0.0.1] - 2025-01-01\n\n* Old.\n\n[{VERSION}]: https://example.org\n"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "scripts").mkdir()
    for name in "version", "release-notes":
        shutil.copy2(ROOT / "scripts" / name, tmp_path / "scripts")
    shutil.copy(ROOT / "CMakeLists.txt", tmp_path)

    def notes(changes, *words):
        (tmp_path / "CHANGELOG.md").write_text(changes)
        said = subprocess.run([tmp_path / "scripts/release-notes", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return said.returncode, said.stdout
    return notes


def test_the_notes_are_what_is_said_of_this_version(tree):
    assert tree(READY, "--tag", f"v{VERSION}") == (0, "### Added\n\n* Something.\n")


@pytest.mark.parametrize("why, changes, tag", [
    ("another tag", READY, "v0.0.1"),
    ("a tag of another form", READY, VERSION),
    ("not released yet", READY.replace("2026-12-24", "Unreleased"), f"v{VERSION}"),
    ("another version at the head", READY.replace(f"[{VERSION}] -", "[0.0.2] -"), f"v{VERSION}"),
    ("nothing said", READY.replace("### Added\n\n* Something.\n\n", ""), f"v{VERSION}"),
])
def test_what_is_not_ready_is_refused(tree, why, changes, tag):
    assert tree(changes, "--tag", tag) == (1, ""), why
