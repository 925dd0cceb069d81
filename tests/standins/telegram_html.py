"""The HTML that Bot API messages may hold, read as strictly as the server reads it.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import html
import re

_TAGS = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "a", "span",
                   "tg-spoiler", "tg-emoji"})  # fmt: skip
_BOLD = frozenset({"b", "strong"})
_PIECE = re.compile(r"<(/?)([a-z-]*)((?:\s[^<>]*)?)(>?)|(&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)|([^<&]+|&)")


class BadMarkup(ValueError):  # noqa: N818 - named for what it is
    """Raised when the server would refuse the text; the words are the server's."""


def read(text: str) -> tuple[str, str]:
    """The words as they are shown, plain and with bold words between asterisks. Raises BadMarkup.

    >>> read("<b>Ya</b> &amp; tidak")
    ('Ya & tidak', '*Ya* & tidak')
    """
    plain: list[str] = []
    marked: list[str] = []
    opened: list[str] = []
    for piece in _PIECE.finditer(text):
        closing, tag, attributes, end, entity, words = piece.groups()
        if words or entity:
            said = html.unescape(entity) if entity else words
            plain.append(said)
            marked.append(said)
            continue
        _follow(opened, closing, tag, attributes, end, len(text[: piece.start()].encode()))
        if tag in _BOLD:
            marked.append("*")
    if opened:
        raise BadMarkup(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1]}\"")
    return "".join(plain).strip(), "".join(marked).strip()


def _follow(opened: list[str], closing: str, tag: str, attributes: str, end: str, at: int) -> None:
    """Open or close a tag in the list of those that are open."""
    if closing:
        if not opened or opened[-1] != tag or not end:
            raise BadMarkup(f'can\'t parse entities: Unexpected end tag "{tag}" at byte offset {at}')
        opened.pop()
    elif tag not in _TAGS or not end or (attributes and tag in _BOLD):
        raise BadMarkup(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')
    else:
        opened.append(tag)
