"""Hearing: the readers of what people write. An :class:`Ear` is made once from the words of one language and the places
of the country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from conversations.hear.places.reader import Area, Places
from conversations.hear.text.spelling import AS_WRITTEN, Spelling, every_word

from .cards import Cards
from .choices import Choices
from .everyday import Everyday
from .far_days import FarDays
from .head_count import HeadCount
from .intents import Intents
from .languages import Languages
from .leave import LeaveWords
from .names import PersonNames
from .numbers import Numbers
from .phones import Phones
from .programs import Programs
from .proxies import Proxies
from .rupiah import Money
from .times import Times
from .trades import Trades
from .wages import Wages
from .work_days import WorkDays
from .yesno import YesNo


@dataclass(frozen=True, slots=True)
class Ear:
    """The readers of one language. Immutable; the same for every conversation in that language."""

    yesno: YesNo
    cards: Cards
    numbers: Numbers
    people: HeadCount
    wages: Wages
    money: Money
    programs: Programs
    places: Places
    trades: Trades
    phones: Phones
    names: PersonNames
    times: Times
    far_days: FarDays
    leave: LeaveWords
    work_days: WorkDays
    intents: Intents
    choices: Choices
    proxies: Proxies = field(default_factory=lambda: Proxies({}))
    languages: Languages = field(default_factory=lambda: Languages({}))
    spelling: Spelling = AS_WRITTEN

    def is_shared(self, word: str) -> bool:
        """Whether a word (no capitals) of a business's name tells it from no other: "warung", "bu", "makan"."""
        return self.names.shared(word) or self.trades.knows(word)


def common_words(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The everyday words of a language, as its other tables have them: those of yes and no, of people, and of questions."""
    said = [*tables["yesno"]["phrases"].values(), *tables["people"]["phrases"].values()]
    yield from (word for phrases in said for word in phrases if word.isalpha())
    for word, spellings in tables["topics"]["same"].items():
        yield from (word, *spellings.split())


def listen(
    tables: Mapping[str, Mapping[str, Any]],
    areas: Iterable[Area],
    items: Mapping[str, str],
    introductions: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Ear:
    """An ear for these words. ``tables``: the parsed files of ``locales/<language>/hear/`` by name; ``introductions``:
    the ``language.toml`` of every language that a person may choose, by code; ``items``: the name in the review of
    each answer that can be corrected, by the key of its question."""
    areas = tuple(areas)
    spelling = _spelling(tables, areas)
    numbers = Numbers(tables["numbers"], spelling)
    everyday = Everyday(tables["everyday"])
    times, far_days = Times(tables["times"], spelling), FarDays(tables["times"])
    trades = Trades(tables["trades"], everyday)
    return Ear(
        yesno=YesNo(tables["yesno"], numbers, spelling),
        cards=Cards(numbers, tables["cards"], tables["yesno"]),
        numbers=numbers,
        people=HeadCount(numbers, tables["people"]),
        wages=Wages(numbers, tables["wages"]),
        money=Money(numbers, tables["rupiah"]),
        programs=Programs(numbers, tables["programs"]),
        places=Places(areas, tables["places"], common_words(tables)),
        trades=trades,
        phones=Phones(tables["phones"]),
        names=PersonNames(tables["names"], lambda word: word in everyday or trades.knows(word)),
        times=times,
        far_days=far_days,
        leave=LeaveWords(tables["times"], times, far_days),
        work_days=WorkDays(tables["times"], spelling),
        intents=Intents(tables, items, spelling),
        choices=Choices(tables["choices"], spelling),
        proxies=Proxies(tables["choices"].get("proxy", {})),
        languages=Languages(introductions),
        spelling=spelling,
    )


def _spelling(tables: Mapping[str, Mapping[str, Any]], areas: Iterable[Area]) -> Spelling:
    """The spellings of these words; no word of a table or place is taken for a spelling of one that means another thing.
    Everyday words are among what is spelled."""
    others = [table for name, table in tables.items() if name not in ("spelling", "everyday")]
    known = every_word(others, [area.name for area in areas])
    same = ((word, *spellings.split()) for word, spellings in tables["topics"].get("same", {}).items())
    return Spelling(tables.get("spelling", {}), known, (*same, *tables["yesno"]["phrases"].values()))
