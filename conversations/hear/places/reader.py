"""Reader of places: the regency and the district of a business.

``Places`` is built once from the register of areas and the table of names (``places.toml``) and then only read. A name
is weighed by its kind (a regency before a district, a district before a village), by the other places in the message,
and by the small words around it ("kab", "kec", "rumah", "usaha", "bukan"). When two readings would store different
places, the answer is ``Unsure``, with the codes of the regencies (or districts) that are possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from conversations.hear.places.choose import Reach, limited, meant
from conversations.hear.places.district import Districts
from conversations.hear.places.kinds import Area, Mention, Place, Sense
from conversations.hear.places.names import MARGIN, SERVED, PlaceNames, base_name
from conversations.hear.places.scan import PlaceScan, guess, scan
from conversations.hear.places.unasked import told
from conversations.hear.places.whole import Whole
from conversations.hear.places.words import read_words
from conversations.hear.text.readings import Unsure

__all__ = ["Area", "Place", "Places", "Unsure"]


class Places:
    """The reader of places. ``areas`` may come in any order; ``table`` is ``places.toml`` as parsed; ``common``: everyday
    words of the language, none of which is a misspelled place."""

    def __init__(self, areas: Iterable[Area], table: Mapping[str, Any], common: Iterable[str] = ()) -> None:
        self._names = PlaceNames(areas, table)
        self._known = read_words(table, frozenset(common))
        self._table = table
        self._reach = Reach(table["around"], table["names_province"])
        self._shared = {base for base, n in Counter(self._names.bases.values()).items() if n > 1}
        self._districts: dict[str, Districts] = {}

    def knows(self, code: str) -> bool:
        """Whether this is the code of a regency or district that has a name here."""
        return code in self._names.areas and "." in code

    def name(self, code: str) -> str:
        """The full name of an area: "Kota Surakarta", "Kabupaten Sukoharjo", "Laweyan". Raises KeyError for an unknown
        code."""
        return self._names.areas[code].name

    def short(self, code: str) -> str:
        """The name of an area for a button: "Sukoharjo", but "Kab. Semarang" where a town has the same name. Raises
        KeyError."""
        name = self.name(code)
        if self._names.bases.get(code) in self._shared:
            return name.replace("Kabupaten ", "Kab. ")
        return base_name(name) if self._names.areas[code].level == "regency" else name

    def served(self, code: str) -> bool:
        """Whether an area is served: true for every area of Jawa Tengah and DI Yogyakarta."""
        return code[:2] in SERVED

    def regencies(self) -> tuple[str, ...]:
        """The codes of all regencies that are served, by name."""
        areas = self._names.areas
        found = (code for code, area in areas.items() if area.level == "regency" and self.served(code))
        return tuple(sorted(found, key=lambda code: areas[code].name))

    def districts(self, regency: str) -> tuple[str, ...]:
        """The codes of a regency's districts, in the order of the register; () where none are known."""
        return self._of(regency).codes

    def regency(self, text: str) -> Place | Unsure:
        """The answer to "in which regency?"; a district that is said along is kept. Candidates of Unsure are regencies."""
        reading = scan(text, self._lookup, self._known)
        reading = guess(reading, self._names.nearest, self._known)
        return self._read(reading)

    def district(self, text: str, within: str) -> Place | Unsure:
        """The answer to "in which district?" of the regency ``within``. Candidates of Unsure are districts of that
        regency."""
        return self._of(within).read(text)

    def mentioned(self, text: str) -> Place | None:
        """A place told in passing ("warung bu sri di laweyan, 3 orang"), only where the words cannot mean anything
        else; else None."""
        return told(text, self._lookup, self._known, self._reach)

    def _of(self, regency: str) -> Districts:
        if regency not in self._districts:
            self._districts[regency] = Districts(regency, self._names, self._table, self._known, self._reach)
        return self._districts[regency]

    def _lookup(self, name: str) -> tuple[Sense, ...]:
        return self._names.by_key.get(name, ())

    def _read(self, reading: PlaceScan) -> Place | Unsure:
        narrowed = limited(reading, self._known)
        if narrowed is None:
            return Unsure((), "place.contradiction")
        held = meant(narrowed, reading, self._known)
        if held is None:
            return Unsure((), "place.two")
        place, named = Whole(reading, self._known).place(held, self._reach)
        if isinstance(place, Unsure):
            return place
        if len(named) == 1 and (doubt := self._near_regency(named[0], reading)):
            return Unsure((place.regency, *doubt), "place.several")
        return replace(place, said=reading.said(named))

    def _near_regency(self, mention: Mention, reading: PlaceScan) -> tuple[str, ...]:
        """Regencies whose misspelled name a village's may be: "batan" is a village, and Batang with a letter lost."""
        led = mention.start > 0 and reading.words[mention.start - 1] in self._known.rank_word
        if led or not all(s.kind == "village" for s in mention.senses):
            return ()
        near = self._names.nearest(mention.key)
        own = {s.regency for s in mention.senses}
        found = [s.code for s in near if s.kind == "regency" and self.served(s.code) and s.cost < MARGIN + 1]
        return tuple(code for code in found if code not in own)
