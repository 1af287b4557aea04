# SPDX-License-Identifier: MIT
"""The texts of src/text, so that a test can name what it looks for in each language: Catalogue("cs").ui("MENU_RESET")."""
import re
from pathlib import Path

LANGUAGES = ("en", "cs", "pl")
_FOLDER = Path(__file__).resolve().parents[2] / "src/text"
_STRING = r'"((?:\\.|[^"\\])*)"'
_ENTRY = re.compile(rf'^([A-Z]+)\((\w+)((?:,\s*{_STRING}(?:\s*{_STRING})*)+)\)', re.M)
_PART = re.compile(rf',\s*({_STRING}(?:\s*{_STRING})*)')
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


def _value(literals):
    return "".join(re.sub(r"\\(.)", lambda m: _ESCAPES[m[1]], m[1]) for m in re.finditer(_STRING, literals))


class Catalogue:
    def __init__(self, language):
        self.language = language
        text = "".join((_FOLDER / name).read_text("utf-8") for name in (f"{language}.h", f"translation_{language}.h"))
        self.entries = {(m[1], m[2]): [_value(p[1]) for p in _PART.finditer(m[3])] for m in _ENTRY.finditer(text)}
        assert ("UI", "MENU_RESET") in self.entries, f"{language}.h is not read any more"

    def ui(self, name, **values):
        """As people see it: without the & before the letter of a shortcut."""
        return self.raw(name, **values).replace("&", "")

    def raw(self, name, **values):
        text = self.entries["UI", name][0]
        return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], text) if values else text

    def briefs(self):
        """Why a mail was not delivered, in a few words."""
        return [texts[0] for (kind, _), texts in self.entries.items() if kind in ("FAULT", "MEANING", "TRANSLATION")]

    def explanations(self):
        """The same in a sentence."""
        return [texts[1] for (kind, _), texts in self.entries.items() if kind in ("FAULT", "MEANING", "TRANSLATION")]

    def mnemonic(self, name):
        return re.search("&(.)", self.entries["UI", name][0])[1].lower()

    def pattern(self, kind, name, which=0, **values):
        """A regular expression for the text with all its placeholders filled, whatever they hold, or as given."""
        text = re.escape(self.entries[kind, name][which].replace("&", ""))
        text = text.replace(r"\[", "(?:").replace(r"\]", ")?")
        return re.sub(r"\\\{(\w+)\\\}", lambda m: re.escape(values[m[1]]) if m[1] in values else r"[\s\S]*?", text)
