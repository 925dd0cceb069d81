"""Reader of the wrong BPJS: arrears, fines and classes of "BPJS" alone are those of the health insurance to most people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.hear.text.wording import Wording

OTHER_BPJS = "faq:other_bpjs"


class OtherBpjs:
    """The reader of the wrong BPJS. Built once from the table ``other_bpjs`` of ``topics.toml``."""

    __slots__ = ("_about", "_bare", "_ours")

    def __init__(self, table: Mapping[str, str], wording: Wording) -> None:
        self._bare = wording.word(table["bare"])
        self._about, self._ours = (frozenset(map(wording.word, table[key].split())) for key in ("about", "ours"))

    def meant(self, words: Sequence[str]) -> bool:
        """Whether a message (normalized words) is about the health insurance, as far as it says which BPJS it means."""
        return self._bare in words and not self._about.isdisjoint(words) and not self.excluded(words)

    def excluded(self, words: Sequence[str]) -> bool:
        """Whether a message says that it means ours."""
        return not self._ours.isdisjoint(words)
