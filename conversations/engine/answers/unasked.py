"""Answers told unasked, besides the one asked for: "warung bu sri di laweyan, 3 orang", said where the trade was asked.

Taken only where they cannot mean anything else; a doubtful one is asked in its turn, which costs one message and never
a wrong record. The words that lead the way stand in the table ``volunteered`` of ``choices.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from conversations.engine.core import Dialogue, Scene
from conversations.hear.text.readings import Count
from conversations.hear.text.words import clean, plain
from conversations.hear.trades import Trade

LISTENING = frozenset({"name", "regency", "sector"})  # the early questions, at which people tell their whole story
MAX_LETTERS = 200  # a longer story holds more than one business, place or crew
_END = re.compile(r"[,.;:()\n]|\d")


def volunteered(dialogue: Dialogue, key: str, text: str, scene: Scene) -> dict[str, Any]:
    """Values of other questions of the registration, still unanswered, by key; ``key`` is the open question's."""
    if dialogue.name != "registration" or key not in LISTENING or not text or len(text) > MAX_LETTERS or "?" in text:
        return {}
    found = {name: value for name, value in _told(text, key, scene) if name != key and name not in scene.answers}
    return found if _about_own_business(text, scene) else {}


def briefer(key: str, value: Any, text: str, scene: Scene) -> Any:
    """The trade in the words that tell it, without the place and the people told beside it; any other value unchanged."""
    short = _trade(text, scene) if key == "sector" else None
    return short if short and short["category"] == value["category"] else value


def _told(text: str, key: str, scene: Scene) -> Iterator[tuple[str, Any]]:
    trade = _trade(text, scene)
    if trade:
        yield "sector", trade
    yield from _place(text, key, scene, trade is not None)
    people = _people(text, scene)
    if people is not None:
        yield "workers", people
    name = _business_name(text, scene)
    if name:
        yield "business_name", name


def _words(scene: Scene) -> Mapping[str, tuple[str, ...]]:
    return scene.world.knows.ear.choices.volunteered


def _about_own_business(text: str, scene: Scene) -> bool:
    """Whether there is no word of somebody else's shop, of another time, or of being employed."""
    return not _any(_words(scene)["doubt"]).search(plain(text))


def _place(text: str, key: str, scene: Scene, trade_told: bool) -> Iterator[tuple[str, Any]]:
    """The place: at the name only beside a trade, as people also say where they live; later only a district of their
    regency."""
    found = scene.world.knows.ear.places.mentioned(text) if key != "regency" else None
    if found is None:
        return
    regency = scene.answers.get("regency")
    if regency is None:
        if not (trade_told or _business_name(text, scene)):
            return
        yield "regency", found.regency
    elif regency != found.regency:
        return
    if found.district and scene.world.knows.ear.places.served(found.regency):
        yield "district", found.district


def _people(text: str, scene: Scene) -> list[int] | None:
    """The head count: a plain number right beside a word for workers, the only number that was said; None otherwise."""
    words = _words(scene)
    said = plain(text)
    if _any(words["together"]).search(said) or len(re.findall(r"\d+", said)) > 1:
        return None
    number, crew = r"\d{1,2}|" + _either(words["numbers"]), _either(words["crew"])
    found = re.findall(rf"(?<!\w)(?:(?:{number})\s*(?:{crew})|(?:{crew})\s*(?:nya\s*)?(?:{number}))(?!\w)", said)
    if len(found) != 1:
        return None
    count = scene.world.knows.ear.people.read(found[0])
    if isinstance(count, Count) and count.low is not None and count.low == count.high:
        return [count.low, count.high]
    return None


def _trade(text: str, scene: Scene) -> dict[str, str] | None:
    """The trade, from the word for a business on ("jualan …", "punya warung …") to the place, the number or the comma
    after it."""
    said, words = clean(text), _words(scene)
    lead = _any(words["trade"]).search(said.casefold())
    if lead is None:
        return None
    rest = said[lead.start() :]
    end = min(
        (m.start() for m in (_END.search(rest), _any(words["at"]).search(rest.casefold())) if m), default=len(rest)
    )
    found = scene.world.knows.ear.trades.read(rest[:end])
    return {"category": found.category, "said": found.said} if isinstance(found, Trade) else None


def _business_name(text: str, scene: Scene) -> str | None:
    """The name of the business, such as "warung bu sri" or "toko pak no jaya": a shop, perhaps its goods, and whose it is."""
    said, words = clean(text), _words(scene)
    shop, whose, at = _either(words["shop"]), _either(words["whose"]), _either(words["at"])
    found = re.search(
        rf"(?<!\w)(?:{shop})(?:\s+(?!(?:{at})\s)[^\W\d_]+){{0,2}}?\s+(?:{whose})\s+(?!(?:{at})\s)[^\W\d_]{{2,}}(?!\w)",
        said,
        re.IGNORECASE,
    )
    return found[0] if found else None


@cache
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(words)})(?!\w)")


@cache
def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
