"""Uploads: pictures and documents that Telegram has already are sent by ``file_id`` from the second chat on.

https://core.telegram.org/bots/api#sending-files: a ``file_id`` may be used again, by the bot that it was given to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .base import Media
from .telegram import Call

KEPT = 8  # files whose ``file_id`` is remembered: those of the broadcasts under way


class Uploads:
    """The ``file_id`` of each uploaded file. Only for files of broadcasts: a person's own document is not to be
    remembered."""

    def __init__(self) -> None:
        self._names: dict[Media, str] = {}

    def by_name(self, one: Call) -> Call:
        """The call with the file's ``file_id`` in place of its content, where known; else unchanged."""
        name = self._names.get(one.file) if one.file else None
        return replace(one, params={**one.params, one.file.kind: name}, file=None) if one.file and name else one

    def note(self, file: Media, result: Any) -> None:
        """Remember a file's ``file_id`` from the message that Telegram answered with."""
        shown = result.get(file.kind)
        found = shown[-1] if isinstance(shown, list) and shown else shown  # a picture comes in several sizes
        if isinstance(found, dict) and isinstance(name := found.get("file_id"), str):
            self._names[file] = name
            while len(self._names) > KEPT:
                del self._names[next(iter(self._names))]

    def forget(self, file: Media) -> None:
        """Forget a file's ``file_id``, which is no longer valid, so that the file is uploaded anew."""
        self._names.pop(file, None)
