# SPDX-License-Identifier: MIT
"""What the project's pages say of links, commands and options is so; and what is said of the program is what the program says."""
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
from pages import Folder, Page, project                                      # noqa: E402

LANGUAGES = ("en", "cs", "pl")
GUIDES = [ROOT / f"docs/guide.{language}" for language in LANGUAGES]


def made_by(name):
    """scripts/guide as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts/guide"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder():
    return Folder(ROOT, project(ROOT))


@pytest.fixture
def guide():
    return made_by("guide")


# --- links ---------------------------------------------------------------------------------------------------------
def test_the_pages_are_found(folder):
    found = {str(p.path.relative_to(ROOT)) for p in folder.pages.values()}
    assert {"README.md", "SECURITY.md", "docs/guide.cs.html", "docs/administrators.md", "tests/lab/README.md"} <= found
    assert sum(len(p.reader.links) for p in folder.pages.values()) > 300


def test_every_link_leads_somewhere_and_every_picture_is_there(folder):
    assert list(folder.faults()) == []


@pytest.mark.parametrize("text, fault", [
    ("[a](gone.md)", "gone.md: no such file"),
    ("[a](../outside.md)", "../outside.md: no such file"),
    ("[a](other.md#gone)", "other.md#gone: no such heading"),
    ("[a](#gone)", "#gone: no such heading"),
    ("[a](http://example.org/)", "http://example.org/: not an https link"),
    ("[a](https://example/)", "https://example/: not an https link"),
    ("[a](https://github.com/traypost/traypost/blob/main/gone.md)", "no such file"),
    ("![a](gone.png)", "no such picture: gone.png"),
    ("![](there.png)", "a picture without a text: there.png"),
    ("[a](other.md#two-words) [b](other.md#two-words-1) ![a](there.png) [c](other.md#x) [d](https://example.org/a#b)", None),
])
def test_what_is_wrong_is_seen(tmp_path, text, fault):
    (tmp_path / "page.md").write_text(text)
    (tmp_path / "other.md").write_text('# Two words!\n\n## Two words\n\n<a id="x"></a>\n')
    (tmp_path / "there.png").write_bytes(b"")
    (tmp_path.parent / "outside.md").write_text("")
    found = list(Folder(tmp_path, sorted(tmp_path.glob("*.md"))).faults())
    assert len(found) == (fault is not None) and (fault is None or fault in found[0]), found


# --- commands ------------------------------------------------------------------------------------------------------
def commands(page):
    """Lines of code blocks, without comments at their end."""
    return [re.sub(r"(^|\s)#.*", "", line) for block in page.reader.blocks for line in block.splitlines()]


def test_files_that_commands_name_exist(folder):
    missing = []
    for page in folder.pages.values():
        for line in commands(page):
            for name in re.findall(r"(?<![\w./-])((?:scripts|tests|bench|installer|cmake|res)/[\w./-]+)", line):
                if not (ROOT / name).exists():
                    missing.append(f"{page.path.relative_to(ROOT)}: {line.strip()}")
    assert missing == []


def test_presets_stages_and_groups_that_commands_name_exist(folder):
    presets = {p["name"] for p in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
    stages = set(re.search(r"^stages=\((.*?)\)", (ROOT / "scripts/test").read_text(), re.M)[1].split())
    groups = set(re.findall(r'^    "(\w+) +', (ROOT / "scripts/packages").read_text(), re.M))
    assert {"dev", "win64"} <= presets and "style" in stages and "lab" in groups
    missing, seen = [], 0
    for page in folder.pages.values():
        for line in commands(page):
            named = [(p, presets) for p in re.findall(r"--preset (\w+)", line)]
            if m := re.search(r"scripts/test --only ([\w -]+)", line):
                named += [(s, stages) for s in m[1].split()]
            if m := re.search(r"scripts/packages ([a-z ]+)", line):
                named += [(g, groups) for g in m[1].split()]
            seen += len(named)
            missing += [f"{page.path.relative_to(ROOT)}: {word}" for word, known in named if word not in known]
    assert missing == [] and seen > 10


# --- options -------------------------------------------------------------------------------------------------------
def help_of_the_program():
    for build in ("release", "dev"):
        program = ROOT / f"build/{build}/traypost"
        if program.exists():
            return subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    pytest.fail("there is no program to ask: build/release/traypost")


def test_every_option_of_help_is_in_the_readme_and_on_the_administrators_page(guide):
    options = set(re.findall(r"^  --([a-z-]+)", help_of_the_program(), re.M))
    assert {"listen", "help"} <= options
    for name in ("README.md", "docs/administrators.md"):
        rows = re.findall(r"^\| `--.*", (ROOT / name).read_text("utf-8"), re.M)
        assert set(re.findall(r"--([a-z-]+)", "".join(r.split(" | ")[0] for r in rows))) == options, name
    assert {o[0] for o in guide.options()} == options


def test_every_exit_code_of_the_setup_is_on_the_administrators_page():
    codes = set(re.findall(r"^!define EXIT_\w+ (\d+)", (ROOT / "installer/traypost.nsi").read_text("utf-8"), re.M))
    assert len(codes) > 5
    table = re.search(r"^\| exit code of the setup .*\n(?:\|.*\n)+", (ROOT / "docs/administrators.md").read_text("utf-8"), re.M)[0]
    assert set(re.findall(r"^\| (\d+) \|", table, re.M)) == codes | {"0", "1", "2"}


# --- the guide -----------------------------------------------------------------------------------------------------
def test_the_pages_are_what_their_sources_and_the_program_make(guide):
    assert list(guide.faults()) == []
    for page in guide.pages():
        for path, text in page.products().items():
            assert path.read_text("utf-8") == text, f"{path.name}: scripts/guide was not run"


@pytest.mark.parametrize("table, kind", [("REFUSALS", "TRANSLATION"), ("OUTCOME_FAULTS", "FAULT"), ("TEXT_MEANINGS", "MEANING")])
def test_what_is_new_in_the_program_is_missed_in_every_language(guide, monkeypatch, table, kind):
    known = guide.macro

    def with_a_new_one(path, name):
        return known(path, name) + ["BRAND_NEW"] * (name == table)
    guide.pages()                                       # made of what there is
    monkeypatch.setattr(guide, "macro", with_a_new_one)
    assert [f for f in guide.faults() if "BRAND_NEW" in f] == [f"guide.{lang}.md: {kind} BRAND_NEW has no entry" for lang in sorted(LANGUAGES)]


@pytest.mark.parametrize("old, new, fault", [
    ("{refusal SPF}", "", "TRANSLATION SPF has no entry"),
    ("{refusal SPF}", "{refusal SPF}\n\n{refusal SPF}", "SPF is explained twice"),
    ("{line STRANGER}", "", "REMEDY STRANGER has no entry"),
    ("{DO} Correct the address.", "Correct the address.", "fault DNS_NO_DOMAIN does not say what to do"),
    ("{MENU_RESET}", "{MENU_RESETT}", "the program has no text MENU_RESETT"),
    ("{#ptr}", "{#name}", "differ in their headings: ['name', 'ptr']"),
    ("{code send.py}", "{cod send.py}", "there is no {cod send.py}"),
])
def test_a_source_that_is_wrong_is_told(guide, monkeypatch, tmp_path, old, new, fault):
    for f in (ROOT / "docs/source").glob("*.??.md"):
        text = f.read_text("utf-8")
        assert old in text or f.name != "guide.en.md"
        (tmp_path / f.name).write_text(text.replace(old, new, 1) if f.name == "guide.en.md" else text, "utf-8")
    monkeypatch.setattr(guide, "SOURCES", tmp_path)
    (tmp_path / "code").symlink_to(ROOT / "docs/source/code")
    monkeypatch.setattr(guide, "ROOT", tmp_path)
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "include").symlink_to(ROOT / "include")
    (tmp_path / "CMakeLists.txt").symlink_to(ROOT / "CMakeLists.txt")
    try:
        told = list(guide.faults())
    except guide.Wrong as e:
        told = [str(e)]
    assert any(fault in t for t in told), told


@pytest.mark.parametrize("language, word", [("en", "log"), ("cs", "protokol"), ("pl", "dziennik")])
def test_who_is_sent_to_the_log_finds_it_by_its_name_in_the_menu(guide, language, word):
    texts = guide.Catalogue(language)
    assert word in texts.ui("MENU_LOG")
    assert word in texts.entries["TRANSLATION", "TLS_REQUIRED"][2]


@pytest.mark.parametrize("stem", GUIDES, ids=LANGUAGES)
def test_the_html_stands_alone(stem):
    page = Page(Path(f"{stem}.html"))
    assert page.reader.language == stem.suffix[1:]
    assert page.reader.loaded == []
    assert not re.search(r"url\(|@import", page.text)
    assert page.reader.pictures and all(s.startswith("data:") for s, _ in page.reader.pictures)
    assert "prefers-color-scheme: dark" in page.text and "@media print" in page.text


def test_the_guides_show_the_same_code(guide):
    blocks = [[b for b in Page(Path(f"{stem}.md")).reader.blocks] for stem in GUIDES]
    assert len(blocks[0]) > 10 and blocks[0] == blocks[1] == blocks[2]


def test_pictures_are_of_every_language_and_small():
    pictures = sorted((ROOT / "docs/pictures").glob("*.png"))
    names = {language: {p.name[3:] for p in pictures if p.name.startswith(language + "-")} for language in LANGUAGES}
    assert names["en"] == names["cs"] == names["pl"] and len(names["en"]) >= 4
    assert len(pictures) == 3 * len(names["en"])
    assert sum(p.stat().st_size for p in pictures) < 600_000
    assert len({p.read_bytes() for p in pictures}) == len(pictures), "two pictures are the same"
    shown = "".join(Path(f"{stem}.md").read_text("utf-8") for stem in GUIDES) + (ROOT / "README.md").read_text("utf-8")
    assert [p.name for p in pictures if p.name not in shown] == []
