"""Reader of circumstances: times that only people understand, "pas warung tutup", "kalau anak sudah tidur"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.hear.text.words import split

MOST_WORDS = 5  # a longer message tells something else beside


class Circumstances:
    """The reader of circumstances. ``table`` is ``[circumstances]`` of ``times.toml``."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._begins = frozenset(table.get("begins", ()))
        self._if = frozenset(table.get("if", ()))
        self._states = frozenset(word for phrase in table.get("states", ()) for word in phrase.split())
        self._none = frozenset(table.get("none", ()))

    def tell(self, text: str) -> bool:
        """Whether a message tells when somebody has time by what goes on then.

        >>> table = {"begins": ["pas"], "if": ["kalau"], "states": ["tutup"], "none": ["banget"]}
        >>> [Circumstances(table).tell(said) for said in ("pas warung tutup", "pas banget", "kalau toko tutup", "pas")]
        [True, False, True, False]
        """
        words = [word for word in split(text) if word[0].isalnum()]
        if "?" in text or not 1 < len(words) <= MOST_WORDS or not self._none.isdisjoint(words):
            return False
        return words[0] in self._begins or (words[0] in self._if and not self._states.isdisjoint(words[1:]))
