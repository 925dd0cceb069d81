"""The text of a broadcast: an admin's words with named fields, parsed once, and filled for each recipient.

The text is never a format string: a field is one of a few names between braces, everything else stays as it was typed,
and the value of a field is not parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.channels.base import BOLD_OFF, BOLD_ON, Media
from bot.serialization import pack_media, unpack_media
from conversations.rules.size import size

FIELDS = ("nama", "usaha", "kode", "kabupaten")
BUTTONS = ("register", "continue", "another", "status", "human")  # commands that a button of a broadcast may begin

# With fields filled and the line about "berhenti" below, these stay under what the channels take: 4,096 characters, or
# 1,024 under a picture or above buttons (core.telegram.org/bots/api#sendphoto; WhatsApp's captions and bodies).
LONGEST, LONGEST_WITH_FILE = 3_500, 800
VALUE = 60  # characters; a longer value of a field is cut there
PHOTO_BYTES, DOCUMENT_BYTES = 5 << 20, 10 << 20  # WhatsApp's limit for pictures; ours for documents
PHOTOS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
DOCUMENTS = {".pdf": "application/pdf"}

_FIELD = re.compile(r"\{(\w+|[^{}\d]*)\}")  # also "{nama usaha}" and "{}", which were meant as fields


class BadText(Exception):  # noqa: N818 - named for what is so
    """Raised when a text cannot be sent. ``why``: empty | long | field | file | button; ``what``: the field, or the limit."""

    def __init__(self, why: str, what: str = "") -> None:
        super().__init__(_WHY[why].format(what))
        self.why, self.what = why, what


_WHY = {
    "empty": "the text is empty",
    "long": "the text may have {} characters (an emoji counts as two or more), each field counted as 60",
    "field": f"{{{{{{}}}}}} is no field; there are {', '.join(f'{{{{{name}}}}}' for name in FIELDS)}",
    "file": "the file must be {}",
    "button": f"{{}} is no button; there are {', '.join(BUTTONS)}",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in pieces: ``pieces`` between the fields, ``fields`` by name; one more piece than fields."""

    pieces: tuple[str, ...]
    fields: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with these values of its fields. Raises KeyError when a value is missing."""
        parts = [self.pieces[0]]
        for name, piece in zip(self.fields, self.pieces[1:], strict=True):
            parts += (values[name], piece)
        return "".join(parts)


def parse(text: str, longest: int = LONGEST) -> Words:
    """A text with its fields found. Raises BadText when the text is empty, too long, or has a field of an unknown name.

    Braces that hold no words ("{09.00-12.00}") stay as they are.

    >>> parse("Halo {nama}, jam {09.00-12.00}!").filled({"nama": "Bu Siti {kode}"})
    'Halo Bu Siti {kode}, jam {09.00-12.00}!'
    """
    text = text.replace(BOLD_ON, "").replace(BOLD_OFF, "").strip()
    if not text:
        raise BadText("empty")
    parts = _FIELD.split(text)
    pieces, names = tuple(parts[::2]), tuple(name.lower() for name in parts[1::2])
    if sum(map(size, pieces)) + VALUE * len(names) > longest:
        raise BadText("long", str(longest))
    for name in names:
        if name not in FIELDS:
            raise BadText("field", name)
    return Words(pieces, names)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a broadcast: text, buttons (names of commands), a picture or document."""

    text: str
    buttons: tuple[str, ...] = ()
    media: Media | None = None

    def checked(self) -> Self:
        """The content itself. Raises BadText when it could not be sent on every channel."""
        parse(self.text, LONGEST_WITH_FILE if self.media or self.buttons else LONGEST)
        for button in self.buttons:
            if button not in BUTTONS:
                raise BadText("button", button)
        if self.media:
            check_media(self.media)
        return self

    def json(self) -> dict[str, Any]:
        """The content as JSON, for the sealed column of its broadcast."""
        return {"text": self.text, "buttons": list(self.buttons), "media": pack_media(self.media)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """The content of stored JSON (:meth:`json`)."""
        return cls(stored["text"], tuple(stored.get("buttons", ())), unpack_media(stored.get("media")))


def media_of(name: str, content: bytes) -> Media:
    """A picture or document from a file's name and bytes. Raises BadText when its kind or size is not for every channel."""
    ending = f".{name.rpartition('.')[2].lower()}"
    mime = PHOTOS.get(ending) or DOCUMENTS.get(ending)
    if mime is None:
        raise BadText("file", f"one of {', '.join((*PHOTOS, *DOCUMENTS))}")
    media = Media("photo" if ending in PHOTOS else "document", name, mime, content)
    check_media(media)
    return media


def check_media(media: Media) -> None:
    """Raises BadText when a file is empty, or larger than the channels take."""
    most = PHOTO_BYTES if media.kind == "photo" else DOCUMENT_BYTES
    if not 0 < len(media.content) <= most:
        raise BadText("file", f"at most {most >> 20} MB, and not empty")
