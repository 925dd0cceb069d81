"""The index of place names: every name with its senses, and the names nearest to a misspelled one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.hear.places.kinds import Area, Kind, Sense
from conversations.hear.places.spelling import distance, fold, key, shortens, skeleton

SERVED = ("33", "34")
_SAME_SOUND = 0.7
MARGIN = 0.5  # two readings whose costs differ by less are both possible
_RANK: Mapping[Kind, float] = {
    "regency": 0.0,
    "district": 0.5,
    "landmark": 0.5,
    "village": 1.0,
    "province": 0.0,
    "wide": 0.0,
}
_KINDS_OF_REGENCY = ("Kabupaten ", "Kota ")


def base_name(name: str) -> str:
    """A regency's name without its kind.

    >>> base_name("Kota Surakarta")
    'Surakarta'
    """
    for kind in _KINDS_OF_REGENCY:
        name = name.removeprefix(kind)
    return name


class PlaceNames:
    """The index of place names, filled once: ``by_key`` gives the senses of an exactly written name."""

    def __init__(self, areas: Iterable[Area], table: Mapping[str, Any]) -> None:
        self.areas: dict[str, Area] = {area.code: area for area in areas}
        self.by_key: dict[str, tuple[Sense, ...]] = {}
        self.bases: dict[str, str] = {}
        self.districts: dict[str, list[str]] = {}
        self.within: dict[str, list[tuple[str, Sense]]] = {}
        self._sound: dict[str, str] = {}
        self._by_sound: dict[str, list[str]] = {}
        self._by_letter: dict[str, list[tuple[str, str]]] = {}
        self._by_bones: dict[str, list[str]] = {}
        self._add_areas()
        self._add_table(table)
        self._add_sides(table)
        self._index_sounds()

    def _add_areas(self) -> None:
        for area in self.areas.values():
            if area.level == "regency":
                self.bases[area.code] = key(base_name(area.name))
                self._add(base_name(area.name), Sense(area.code, "regency"))
                self._add(area.name, Sense(area.code, "regency"))
                self._add(area.name.replace("Kabupaten", "Kab"), Sense(area.code, "regency"))
            else:
                self._add(area.name, Sense(area.code, area.level))
                if area.level == "district":
                    self.districts.setdefault(area.parent, []).append(area.code)

    def _add_table(self, table: Mapping[str, Any]) -> None:
        sections: tuple[tuple[str, Kind, bool], ...] = (
            ("regency", "regency", True),
            ("abbreviation", "regency", False),
            ("district", "district", True),
            ("landmark", "landmark", False),
            ("province", "province", True),
        )
        for section, kind, plain in sections:
            for code, names in table[section].items():
                for name in names:
                    self._add(name, Sense(code, kind, plain, proper=False))
        for name, codes in table["several"].items():
            self._forget_villages(name)
            for code in codes:
                self._add(name, Sense(code[:5], "regency", plain=len(key(name)) > 4))
                if len(code) > 5:
                    self._add(name, Sense(code, "district"))
        for name in table["words"]["wide"]:
            self._forget_villages(name)
            self._add(name, Sense("", "wide"))

    def _forget_villages(self, name: str) -> None:
        self.by_key[key(name)] = tuple(s for s in self.by_key.get(key(name), ()) if s.kind != "village")

    def _add_sides(self, table: Mapping[str, Any]) -> None:
        """Add districts named by a side of their town, under the town's other names too: "smg barat", "klaten lor"."""
        shorts: Mapping[str, list[str]] = table["direction"]
        others = self._other_names(table)
        for area in [a for a in self.areas.values() if a.level == "district"]:
            town, _, side = area.name.lower().rpartition(" ")
            if not town or side not in shorts:
                continue
            towns = {key(town)}
            if others[area.parent] & towns:
                towns.update(name for name in others[area.parent] if name[0] == town[0])
            spellings = {name + spelling for name in towns for spelling in (side, *shorts[side])}
            for spelling in sorted(spellings - self.by_key.keys()):
                self._add(spelling, Sense(area.code, "district", proper=False))

    def _other_names(self, table: Mapping[str, Any]) -> dict[str, set[str]]:
        others = {code: {base} for code, base in self.bases.items()}
        for section in ("regency", "abbreviation"):
            for code, names in table[section].items():
                others[code].update(key(name) for name in names)
        for name, codes in table["several"].items():
            for code in codes:
                others[code[:5]].add(key(name))
        return others

    def _add(self, name: str, sense: Sense) -> None:
        name_key = key(name)
        before = self.by_key.get(name_key, ())
        if all(s.code != sense.code for s in before):
            self.by_key[name_key] = (*before, sense)
            if sense.district:
                self.within.setdefault(sense.regency, []).append((name_key, sense))

    def _index_sounds(self) -> None:
        for name, senses in self.by_key.items():
            if len(name) < 4 or not any(self._worth_guessing(sense) for sense in senses):
                continue
            sound = fold(name)
            self._sound[name] = sound
            self._by_sound.setdefault(sound, []).append(name)
            self._by_letter.setdefault(name[0], []).append((name, sound))
            if any(s.kind != "province" and s.code[:2] in SERVED for s in senses):
                self._by_bones.setdefault(skeleton(sound), []).append(name)

    def _worth_guessing(self, sense: Sense) -> bool:
        """Whether misspellings of a sense are guessed at; not of villages and short forms, whose names are too many and
        too alike."""
        return sense.kind in ("regency", "district", "province") and (sense.plain or len(sense.code) == 2)

    def nearest(self, word: str) -> tuple[Sense, ...]:
        """The senses of the names nearest to a misspelled word, each with its cost; () when nothing is near.

        All names within the margin of the best are given, so that the caller can see the doubt.
        """
        found = self._priced(word)
        if not found:
            return ()
        best = min(cost for cost, _ in found)
        if best > (1.6 if len(word) < 10 else 2.6):
            return ()
        senses: dict[str, Sense] = {}
        for cost, name in found:
            if cost >= best + MARGIN + 0.25:
                continue
            for sense in self.by_key[name]:
                guessed = self._guessed(sense, cost, name)
                known = senses.get(sense.code)
                if self._long_enough(word, sense, cost) and (known is None or known.cost > guessed.cost):
                    senses[sense.code] = guessed
        return tuple(senses.values())

    def _long_enough(self, word: str, sense: Sense, cost: float) -> bool:
        """Whether a guess may count: a short word is one edit from some place by chance, so it must sound the same, or
        be near a regency served."""
        if sense.kind == "village":
            return False
        if sense.code and sense.code[:2] not in SERVED:
            return len(word) > 5
        return sense.kind == "regency" or len(word) > 5 or cost < _SAME_SOUND

    def _proper(self, name: str) -> bool:
        return any(sense.proper for sense in self.by_key[name])

    def _guessed(self, sense: Sense, cost: float, name: str) -> Sense:
        """A sense with its cost. A name that is a regency's is the regency first, misspelled or not."""
        abroad = 0.6 if sense.code and sense.code[:2] not in SERVED else 0.0
        second = 1.0 if sense.kind == "district" and any(s.kind == "regency" for s in self.by_key[name]) else 0.0
        rank = max(_RANK[sense.kind], second)
        return Sense(sense.code, sense.kind, plain=False, proper=sense.proper, cost=cost + rank + abroad)

    def _priced(self, word: str) -> list[tuple[float, str]]:
        if not 4 <= len(word) <= 24:
            return []
        sound = fold(word)
        limit = 1 if len(word) < 8 else 2
        near = {
            name
            for name, heard in self._by_letter.get(word[0], ())
            if abs(len(name) - len(word)) <= limit + 1
            and (distance(sound, heard, limit) <= limit or distance(word, name, limit) <= limit)
        }
        near.update(self._by_sound.get(sound, ()))
        bones = skeleton(sound)
        if len(bones) >= 3:
            near.update(
                n for n in self._by_bones.get(bones, ()) if shortens(word, n) or shortens(sound, self._sound[n])
            )
        near = {name for name in near if len(name) > 4 or self._sound[name] == sound or self._proper(name)}
        return [(price(word, sound, name, self._sound[name]), name) for name in near]


def price(word: str, sound: str, name: str, heard: str) -> float:
    """How far a word is from a name: edits of the sound count most, letters merely left out least.

    ``sound`` and ``heard`` are the folded forms of ``word`` and ``name``.
    """
    written = distance(word, name)
    cost = min(written, distance(sound, heard)) + written / 4
    if len(word) < len(name) and shortens(word, name) and skeleton(heard) == skeleton(sound):
        cost = min(cost, 0.4 + 0.1 * (len(name) - len(word)))
    return cost + (0.75 if word[0] != name[0] else 0.0)
