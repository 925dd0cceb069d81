"""What speaks for a name, and what against it: each word by itself, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

LONG = 6  # letters from which on an ending tells a name


class NameWords:
    """The words that names are made of. ``table``: the part ``known`` of ``names.toml``; ``common``: whether a word
    (no capitals) is one of everyday talk or of a trade, in whatever form."""

    __slots__ = ("_common", "_endings", "_known", "_short")

    def __init__(self, table: Mapping[str, str], common: Callable[[str], bool]) -> None:
        self._endings = tuple(table["endings"].split())
        self._short = frozenset(table["short"].split())
        lists = (names for kind, names in table.items() if kind not in ("endings", "short"))
        self._known = frozenset(name for names in lists for name in names.split())
        self._common = common

    def known(self, word: str) -> bool:
        """Whether a word is a name that many bear, or ends as names do; of what stands between hyphens, each part."""
        parts = [part for part in word.replace("'", "").split("-") if part]
        return bool(parts) and all(
            part in self._known or (len(part) >= LONG and part.endswith(self._endings) and not self._common(part))
            for part in parts
        )

    def short(self, word: str) -> bool:
        """Whether a word is a name behind a form of address, whatever it is elsewhere: "Lek Man"."""
        return word in self._short

    def strange(self, word: str) -> bool:
        """Whether a word stands in no name: an everyday word that nobody is called by."""
        return len(word) > 1 and not self.known(word) and self._common(word)

    def everyday(self, word: str) -> bool:
        """Whether a word is an everyday one, be it a name as well: "sabar"."""
        return self._common(word)

    def until_strange(self, words: Sequence[str]) -> int:
        """How many words there are before the first strange one; all of them where there is none."""
        return next((at for at, word in enumerate(words) if self.strange(word)), len(words))
