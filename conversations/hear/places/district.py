"""Reader of the district, where the regency is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conversations.hear.places.choose import Reach, limited, meant
from conversations.hear.places.kinds import Mention, Place, Sense
from conversations.hear.places.names import PlaceNames, price
from conversations.hear.places.scan import PlaceScan, guess, scan
from conversations.hear.places.spelling import distance, fold, shortens
from conversations.hear.places.words import PlaceWords
from conversations.hear.text.readings import Unsure

_SIDES = ("utara", "selatan", "barat", "timur", "tengah")
_SHORTEST_PREFIX = 4


class Districts:
    """The districts and villages of one regency, by name. Built when their question is first asked, then kept."""

    def __init__(
        self, regency: str, names: PlaceNames, table: Mapping[str, Any], known: PlaceWords, reach: Reach
    ) -> None:
        self.regency = regency
        self._names = names
        self._known = known
        self.codes = tuple(sorted(names.districts.get(regency, ())))
        self._own: dict[str, tuple[Sense, ...]] = {}
        self._villages: dict[str, tuple[Sense, ...]] = {}
        self._reach = reach
        self._index()
        self._town = table["capital"].get(regency) or self._bearer()
        self._sides = {w: full for full, ws in table["direction"].items() for w in (full, *ws) if full in _SIDES}

    def _index(self) -> None:
        for name, sense in self._names.within.get(self.regency, ()):
            part = self._own if len(sense.code) == 8 else self._villages
            part[name] = (*part.get(name, ()), sense)
        self._sounds = {name: fold(name) for name in self._own}
        self._village_sounds = [(fold(name), name) for name in self._villages if len(name) > 4]

    def _bearer(self) -> str | None:
        base = self._names.bases.get(self.regency, "")
        found = self._own.get(base) or self._own.get("kota" + base)
        return found[0].code if found else None

    def read(self, text: str) -> Place | Unsure:
        """The district, or the doubt; a district of another regency is a doubt too."""
        reading = scan(text, self._lookup, self._known)
        if len(reading.unknown) <= 3:
            reading = guess(reading, self._nearest, self._known)
        mentions = limited(reading, self._known)
        held = meant(mentions, reading, self._known) if mentions is not None else None
        if held is None:
            return Unsure((), "place.two")
        place = self._choose(held, reading)
        return place if isinstance(place, Unsure) else replace(place, said=reading.said(held) or text.strip())

    def _lookup(self, name: str) -> tuple[Sense, ...]:
        own = self._own.get(name)
        everywhere = self._names.by_key.get(name, ())
        if own is None and name in self._villages:
            own = self._villages[name]
        regencies = tuple(s for s in everywhere if s.kind in ("regency", "province", "wide"))
        if own is not None:
            return (*own, *(s for s in regencies if s.code == self.regency))
        return tuple(s for s in everywhere if s.kind != "village")

    def _choose(self, mentions: Sequence[Mention], reading: PlaceScan) -> Place | Unsure:
        inside = [m for m in mentions if any(s.district and s.regency == self.regency for s in m.senses)]
        outside = [m for m in mentions if not any(s.regency == self.regency for s in m.senses)]
        others = [m for m in inside if not self._is_regency(m)]
        if not others and (quarters := self._quarters(mentions)) and not self._side_said(reading):
            return Unsure(quarters, "place.several")
        districts = [m for m in others or inside if any(len(s.code) == 8 for s in m.senses)]
        if any(s.kind == "regency" for m in outside for s in m.senses) and not self._beside(outside):
            return Unsure((), "place.outside")
        found = self._codes(districts) or self._codes(others or inside)
        if len(found) == 1 and (districts or not outside):
            exact = all(s.plain for m in districts or others or inside for s in m.senses if s.code.startswith(found[0]))
            return Place(self.regency, found[0], exact)
        if found:
            return Unsure(tuple(found), "place.several")
        if outside:
            return Unsure((), "place.outside")
        return self._by_side(mentions, reading)

    def _beside(self, outside: Sequence[Mention]) -> bool:
        """Whether only the big town beside the district, or the province, is named along with it: "kartasura solo"."""
        senses = [s for m in outside for s in m.senses]
        return all(s.kind in ("province", "wide") or self._reach.covers(s, self.regency, ()) for s in senses)

    def _is_regency(self, mention: Mention) -> bool:
        return any(s.kind == "regency" and s.code == self.regency for s in mention.senses)

    def _codes(self, mentions: Sequence[Mention]) -> list[str]:
        codes = [{s.code[:8] for s in m.senses if s.regency == self.regency and s.district} for m in mentions]
        if not codes:
            return []
        shared = set[str].intersection(*codes)
        return sorted(shared or set[str].union(*codes))

    def _by_side(self, mentions: Sequence[Mention], reading: PlaceScan) -> Place | Unsure:
        """The district of "kota", "utara", "pwt utara", or of the beginning of a name: "praci"; else the doubt."""
        stems = {m.key for m in mentions} | {self._names.bases.get(self.regency, "")}
        sides = {self._sides[w] for w in reading.words if w in self._sides}
        for side in sides:
            found = [n for n in self._own if n.endswith(side) and n.removesuffix(side) in stems]
            if len({self._own[n][0].code for n in found}) == 1:
                return Place(self.regency, self._own[found[0]][0].code, plain=True)
        town = any(self._known.rank_word.get(w) == "kota" for w in reading.words)
        if town and self._town and not reading.unknown:
            return Place(self.regency, self._town, plain=True)
        return self._by_beginning({m.key for m in mentions}, reading)

    def _side_said(self, reading: PlaceScan) -> bool:
        return any(word in self._sides for word in reading.words)

    def _quarters(self, mentions: Sequence[Mention]) -> tuple[str, ...]:
        """The districts that share a town's name: "ungaran" is two, "purwokerto" four; () for fewer than two."""
        found = {s[0].code for m in mentions for side in _SIDES if (s := self._own.get(m.key + side))}
        return tuple(sorted(found)) if len(found) > 1 else ()

    def _by_beginning(self, stems: set[str], reading: PlaceScan) -> Place | Unsure:
        starts = {w for w in (*stems, *(reading.words[i] for i in reading.unknown)) if len(w) >= _SHORTEST_PREFIX}
        codes = {s[0].code for n, s in self._own.items() for w in starts if n.startswith(w)}
        if len(codes) == 1 and len(reading.unknown) <= 1:
            return Place(self.regency, codes.pop(), plain=False)
        return Unsure(tuple(sorted(codes)), "place.several" if codes else "place.unknown")

    def _nearest(self, word: str) -> tuple[Sense, ...]:
        """Guesses at a misspelled district; bolder than among all names, as there are only some twenty to choose from."""
        if not 3 <= len(word) <= 24:
            return ()
        sound = fold(word)
        limit = 0.8 if len(word) < 4 else 1.5 if len(word) < 6 else 2.6
        found = sorted((p, n) for n in self._own if (p := self._price(word, sound, n)) <= limit)
        if found:
            near = {self._own[n][0].code for p, n in found if p < found[0][0] + 0.5}
            return tuple(Sense(c, "district", plain=False, cost=found[0][0] or 0.1) for c in near)
        return self._nearest_village(sound) if len(word) > 5 else ()

    def _nearest_village(self, sound: str) -> tuple[Sense, ...]:
        near = [name for heard, name in self._village_sounds if distance(sound, heard, 1) <= 1]
        codes = {sense.code[:8] for name in near for sense in self._villages[name]}
        return tuple(Sense(code, "village", plain=False, cost=1.4) for code in sorted(codes))

    def _price(self, word: str, sound: str, name: str) -> float:
        if abs(len(name) - len(word)) > 2 and not shortens(word, name):
            return 9.0
        return price(word, sound, name, self._sounds[name])
