#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The pages of a folder, Markdown and HTML, as a reader meets them: links, names to link to, pictures, commands.

Started as a program it prints the links that lead elsewhere, for who wants to follow them.
"""
import html.parser
import re
import subprocess
import urllib.parse
from pathlib import Path

import markdown

WEB = "https://github.com/traypost/traypost/blob/main/"


def name_of_heading(text):
    """The name that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


class Reader(html.parser.HTMLParser):
    """What a page is made of."""

    def __init__(self):
        super().__init__()
        self.links, self.names, self.pictures, self.blocks, self.loaded = [], [], [], [], []
        self.language = self.heading = self.block = None

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if "id" in a:
            self.names.append(a["id"])
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag == "img":
            self.pictures.append((a.get("src", ""), a.get("alt") or ""))
        elif tag == "html":
            self.language = a.get("lang")
        elif re.fullmatch(r"h[1-6]", tag):
            self.heading = ""
        elif tag == "pre":
            self.block = ""
        if tag in ("script", "link", "iframe", "source", "object", "embed"):
            self.loaded.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        if self.heading is not None and re.fullmatch(r"h[1-6]", tag):
            name, again = name_of_heading(self.heading), 0
            while (name if not again else f"{name}-{again}") in self.names:
                again += 1
            self.names.append(name if not again else f"{name}-{again}")
            self.heading = None
        elif tag == "pre":
            self.blocks.append(self.block)
            self.block = None

    def handle_data(self, data):
        if self.heading is not None:
            self.heading += data
        if self.block is not None:
            self.block += data


class Page:
    def __init__(self, path):
        self.path = path
        text = path.read_text("utf-8")
        if path.suffix == ".md":
            text = markdown.markdown(text, extensions=["tables", "fenced_code", "sane_lists"])
        self.reader = Reader()
        self.reader.feed(text)
        self.text = text


class Folder:
    def __init__(self, root, files):
        self.root = root.resolve()
        self.pages = {f.resolve(): Page(f) for f in files}

    def faults(self):
        """A line for each link that leads nowhere, and each picture that is not there or says nothing to who cannot see it."""
        for page in self.pages.values():
            where = page.path.resolve().relative_to(self.root)
            for target in page.reader.links:
                if fault := self.fault_of(page, target):
                    yield f"{where}: {target}: {fault}"
            for source, words in page.reader.pictures:
                if not words.strip():
                    yield f"{where}: a picture without a text: {source[:60]}"
                if not source.startswith("data:image/png;base64,") and not (page.path.parent / source).is_file():
                    yield f"{where}: no such picture: {source}"

    def fault_of(self, page, target):
        if target.startswith(WEB):                                  # ours: what is linked there is here
            return self.fault_of_file(self.root, target.removeprefix(WEB))
        if re.match(r"[a-z]+:", target):
            parts = urllib.parse.urlsplit(target)
            good = parts.scheme == "https" and re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc) and not re.search(r"[\s<>\"]", target)
            return None if good else "not an https link"
        return self.fault_of_file(page.path.parent, target, page.path)

    def fault_of_file(self, folder, target, own=None):
        path, _, name = target.partition("#")
        file = ((folder / path) if path else own).resolve()
        if not file.is_relative_to(self.root) or not file.exists():
            return "no such file"
        if name and file in self.pages and name not in self.pages[file].reader.names:
            return "no such heading"
        return None


def project(root):
    """The files of a clone that are pages. Not the sources of the guide: they are relative to where their products are, which are tested."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "*.html"], cwd=root, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    return [root / f for f in listed if not re.fullmatch(r"docs/source/(.*\...\.md|page\.html)", f) and (root / f).exists()]


if __name__ == "__main__":
    ours = Path(__file__).resolve().parents[2]
    print("\n".join(sorted({link for page in Folder(ours, project(ours)).pages.values() for link in page.reader.links
                            if link.startswith("https:") and not link.startswith(WEB)})))
