"""Places told in passing, while answering something else. Silence is better than a wrong guess here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.hear.places.choose import Reach, agree, limited
from conversations.hear.places.kinds import Mention, Place
from conversations.hear.places.scan import Lookup, PlaceScan, scan
from conversations.hear.places.words import PlaceWords
from conversations.hear.text.readings import Unsure

_DOUBTFUL = ("home", "before", "not", "correct", "near", "between", "asking", "road")


def told(text: str, lookup: Lookup, known: PlaceWords, reach: Reach) -> Place | None:
    """The place, if every name in the message agrees on it and one of the names follows "di", "kec", "kab" or the like;
    else None."""
    if "?" in text:
        return None
    reading = scan(text, lookup, known)
    if not reading.mentions or any(known.is_(part, word) for part in _DOUBTFUL for word in _outside(reading)):
        return None
    narrowed = limited(reading, known)
    led = [m for m in narrowed or () if _placed(m, reading, known) and _certain(m, reading, known)]
    if not led:
        return None
    rest = [m for m in narrowed or () if m not in led and _adds(m, led)]
    place = agree([*led, *rest], reach)
    if isinstance(place, Unsure) or not place.plain:
        return None
    return replace(place, said=reading.said(led))


def _outside(reading: PlaceScan) -> list[str]:
    inside = {i for m in reading.mentions for i in range(m.start, m.end)}
    return [word for i, word in enumerate(reading.words) if i not in inside and word not in ("asal", "orang", "wong")]


def _placed(mention: Mention, reading: PlaceScan, known: PlaceWords) -> bool:
    before = reading.words[mention.start - 1] if mention.start else ""
    if before in ("orang", "wong", "asal", "dari", "saking"):
        return False
    return known.is_("at", before) or before in known.rank_word


def _certain(mention: Mention, reading: PlaceScan, known: PlaceWords) -> bool:
    """Whether a mention is certain: not an everyday word, and not a village alone, as nearly every word is some
    village's name."""
    word = reading.words[mention.start]
    ranked = mention.start > 0 and known.rank_word.get(reading.words[mention.start - 1]) in ("kecamatan", "kabupaten")
    small = mention.end - mention.start == 1 and (word in known.everyday or word in known.known or len(word) < 4)
    return all(s.kind != "village" for s in mention.senses[:1]) and (ranked or not small)


def _adds(mention: Mention, led: Sequence[Mention]) -> bool:
    """Whether a name right behind a placed one narrows it ("di bulu sukoharjo"); elsewhere it may be a person's or a
    dish's."""
    return any(mention.start - other.end in (0, 1) for other in led)
