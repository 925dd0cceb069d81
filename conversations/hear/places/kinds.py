"""The types of places: areas of the register, senses of a name, mentions in a message, and the place that is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["province", "regency", "district", "village"]
Kind = Literal["regency", "district", "village", "landmark", "province", "wide"]


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the register, by the code of the Ministry of Home Affairs.

    ``33`` is a province, ``33.72`` a regency, ``33.72.01`` a district, ``33.72.01.1001`` a village; ``parent`` is the
    code one level up, "" for a province.
    """

    code: str
    level: Level
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a business. ``district`` is None when it was not said.

    ``plain`` is False when the name was misspelled, shortened or a landmark: the bot then repeats the place as
    understood. ``said`` holds the words of the message that named the place.
    """

    regency: str
    district: str | None = None
    plain: bool = True
    said: str = ""


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a place name.

    ``proper`` is False for nicknames, short forms and landmarks; ``plain`` is False where the bot repeats the place as
    understood; ``cost`` grows with the distance between the typed name and the name (0: exactly written).
    """

    code: str
    kind: Kind
    plain: bool = True
    proper: bool = True
    cost: float = 0.0

    @property
    def regency(self) -> str:
        return self.code[:5]

    @property
    def district(self) -> str | None:
        return self.code[:8] if len(self.code) >= 8 else None


@dataclass(frozen=True, slots=True)
class Mention:
    """A run of words, ``start`` to ``end`` (exclusive), that can name a place."""

    start: int
    end: int
    key: str
    senses: tuple[Sense, ...]

    @property
    def exact(self) -> bool:
        return all(sense.cost == 0 for sense in self.senses)
