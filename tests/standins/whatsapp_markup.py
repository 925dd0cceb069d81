"""Words as WhatsApp shows them: what it takes for bold, italics, struck out or code, and what stays as it is."""

from __future__ import annotations

import re

# A mark opens before a letter, after no letter, and closes the other way round, in the same line
# (https://faq.whatsapp.com/539178204879377).
_MARKS = {
    "bold": re.compile(r"(?<![^\W_])\*(\S|\S[^*\n]*\S)\*(?![^\W_])"),
    "italic": re.compile(r"(?<![^\W_])_(\S|\S[^_\n]*\S)_(?![^\W_])"),
    "struck": re.compile(r"(?<![^\W_])~(\S|\S[^~\n]*\S)~(?![^\W_])"),
    "code": re.compile(r"`([^`\n]+)`"),
    "quote": re.compile(r"^> ?(.*)", re.MULTILINE),
}


def read(text: str) -> tuple[str, dict[str, list[str]]]:
    """The words without the marks that are markup, and what each kind of markup holds.

    >>> read("*Baik*, Bu Siti_ 2*3")
    ('Baik, Bu Siti_ 2*3', {'bold': ['Baik']})
    """
    held: dict[str, list[str]] = {}
    for name, mark in _MARKS.items():
        if found := [match[1] for match in mark.finditer(text)]:
            held[name] = found
        text = mark.sub(r"\1", text)
    return text, held
