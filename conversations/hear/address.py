"""Forms of address before a name: which one a person gives himself, so that an elder or a haji is called as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .name_pieces import NamePhrases

ITSELF = "itself"  # of who is called by the name as it stands: "Ibu'e Bagas"
GENERAL = ("Ibu", "Bapak")  # these give way to what follows them: "Pak Kyai", "Bu Hj."
BEEN_TO_MECCA = ("BuHaji", "PakHaji")
WOMEN = frozenset({"Ibu", "Mbak", "Bude", "Bulik", "Mbok", "Mak", "Yu", "Tante", "Nyai", "Ustazah", "Bunda", "BuHaji"})


class FormsOfAddress:
    """The forms of address. ``table``: the part ``address`` of ``names.toml``; ``titles``: what stands before a name
    and is left out of it ("dr.", "Ir.")."""

    def __init__(self, table: Mapping[str, Sequence[str]], titles: Sequence[str]) -> None:
        self._forms = {address: NamePhrases(said) for address, said in table.items()}
        self._titles = NamePhrases(titles)
        self._said = frozenset(form for said in table.values() for form in said)

    def __contains__(self, word: str) -> bool:
        return word in self._said

    def at(self, words: Sequence[str], at: int) -> tuple[str, int]:
        """The form of address at this place, and its words; ("", 0) for none."""
        found = [(length, form) for form, said in self._forms.items() if (length := said.length_at(words, at))]
        length, form = max(found, default=(0, ""))
        return form, length

    def before(self, words: Sequence[str]) -> tuple[str, int]:
        """The one form of address that the words begin with, "" for none, and where the name begins."""
        forms, at = [], 0
        for form, length in self._leading(words):
            at += length
            forms.append(form)
        return _one_of([form for form in forms if form]), at

    def _leading(self, words: Sequence[str]) -> Iterator[tuple[str, int]]:
        at = 0
        while at < len(words):
            form, length = self.at(words, at)
            length = length or self._titles.length_at(words, at)
            if not length:
                return
            yield form, length
            at += length


def _one_of(forms: Sequence[str]) -> str:
    """The form to use of all that were said.

    >>> _one_of(["Bapak", "Kyai"]), _one_of(["Ibu", "PakHaji"]), _one_of(["PakHaji"]), _one_of(["Mbah", "Bapak"])
    ('Kyai', 'BuHaji', 'PakHaji', 'Mbah')
    """
    if not forms:
        return ""
    if any(form in BEEN_TO_MECCA for form in forms):
        return BEEN_TO_MECCA[0 if any(form in WOMEN for form in forms) else 1]
    return forms[-1] if forms[0] in GENERAL else forms[0]
