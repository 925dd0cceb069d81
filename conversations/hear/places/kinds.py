"""What is known of places: areas of the register, what a name can mean, and the place that is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["province", "regency", "district", "village"]
Kind = Literal["regency", "district", "village", "landmark", "province", "wide"]


@dataclass(frozen=True, slots=True)
class Area:
    """One area, by the code of the Ministry of Home Affairs.

    ``33`` is a province, ``33.72`` a regency, ``33.72.01`` a district, ``33.72.01.1001`` a village;
    ``parent`` is the code one level up, empty for a province.
    """

    code: str
    level: Level
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a business is. ``district`` is None when it was not said.

    ``plain`` is False when the name was misspelled, shortened or a landmark: the bot then says what it understood.
    ``said`` holds the words of the message that named the place.
    """

    regency: str
    district: str | None = None
    plain: bool = True
    said: str = ""


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a name can mean.

    ``proper`` is False for nicknames, short forms and landmarks; ``plain`` is False where the bot says what it
    understood; ``cost`` grows with the distance between what was typed and the name (0: exactly written).
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
