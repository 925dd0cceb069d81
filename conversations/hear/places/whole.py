"""Whether the places that were found are what a whole message says, or only words in it that look like places.

A name that stands for itself counts in a short answer and in an address. A word that is also something else (a village's
name, a short form, a misspelling, an everyday word) needs the rest of the message: a word that leads to a place, another
name that agrees, or nothing beside it at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from conversations.hear.places.choose import Reach, agree, settle
from conversations.hear.places.kinds import Mention, Place, Sense
from conversations.hear.places.names import SERVED
from conversations.hear.places.scan import PlaceScan
from conversations.hear.places.words import PlaceWords
from conversations.hear.text.readings import Unsure

_FAR = 1  # words that nothing explains, beside which a bare name is still the answer
_FAR_IN_ADDRESS = 4  # such words, beside which two names that agree are still an address
_LONG = 9  # words; a longer message is a story, and needs a word that leads to the place
_LONG_NAME = 8  # letters of a village whose name is hardly another word
_SHORT_NAME = 4  # letters of a landmark's name or less: "ugm", "uns"
_AREAS = ("regency", "district")
_LEADING = ("at", "business")
_OF_ADDRESSES = ("road",)


def _in_a_row(mentions: Sequence[Mention]) -> bool:
    """Whether mentions follow each other without a word between them: "suruh salatiga"."""
    return all(one.end == next_.start for one, next_ in pairwise(mentions))


def _last_row(mentions: Sequence[Mention]) -> Sequence[Mention]:
    """The last mentions that follow each other without a word between them."""
    first = len(mentions) - 1
    while first > 0 and mentions[first - 1].end == mentions[first].start:
        first -= 1
    return mentions[max(first, 0) :]


class Whole:
    """The reading of one message: its scan, and the small words of the language."""

    def __init__(self, reading: PlaceScan, known: PlaceWords) -> None:
        self._reading = reading
        self._known = known
        self._said = reading.words

    def place(self, held: Sequence[Mention], reach: Reach) -> tuple[Place | Unsure, list[Mention]]:
        """The place of these mentions, and those that name it."""
        strong = [m for m in held if self._strong(m)]
        if not strong:
            return self._of_weak(held, reach)
        place, named = self._agreed(strong, reach)
        if isinstance(place, Unsure):
            more = settle(held, self._reading, self._known, reach) if len(held) > len(strong) else place
            return (more, list(held)) if isinstance(more, Place) and not self._ends_unread(held) else (place, named)
        if not self._fits(named):
            return Unsure((place.regency,), "place.beside"), named
        wider = settle(held, self._reading, self._known, reach)
        if isinstance(wider, Place) and wider.regency == place.regency:
            return wider, list(held)
        joint = agree(held, reach) if _in_a_row(held) else place  # "suruh salatiga": Suruh, near Salatiga
        return joint if isinstance(joint, Place) else place, named

    def _of_weak(self, held: Sequence[Mention], reach: Reach) -> tuple[Place | Unsure, list[Mention]]:
        tail = _last_row(held)
        if len(held) > len(tail) > 1 and isinstance(agree(tail, reach), Place):
            held = tail
        place = settle(held, self._reading, self._known, reach)
        if isinstance(place, Unsure):
            return place, list(held)
        unread = len(self._reading.unknown)
        led = any(self._placed(m) for m in held) and unread <= _FAR
        areas = {m.key for m in held if any(sense.kind not in ("wide", "province") for sense in m.senses)}
        villages = {m.key for m in held if all(sense.kind == "village" for sense in m.senses)}
        rare = areas - self._known.everyday - self._known.known - self._known.common
        if not self._is_address():
            rare -= {key for key in villages if len(key) < _LONG_NAME}  # "panjang", "petir", "pojok"
        agreeing = len(areas) > 1 and rare and (not unread or (_in_a_row(held) and unread <= _FAR_IN_ADDRESS))
        if (led or agreeing or self._alone(held) or self._closes(held)) and not self._ends_unread(held):
            return place, list(held)
        return Unsure((), "place.unknown"), list(held)

    def _agreed(self, strong: list[Mention], reach: Reach) -> tuple[Place | Unsure, list[Mention]]:
        """The place that strong mentions agree on; of an address with a road or a hamlet of another place's name, the
        place of the names with a rank ("kec", "kab"), else of its last name."""
        place = settle(strong, self._reading, self._known, reach)
        if isinstance(place, Place) or not self._is_address():
            return place, strong
        for fewer in ([m for m in strong if self._ranked(m)], strong[-2:], strong[-1:]):
            if 0 < len(fewer) < len(strong):
                found = settle(fewer, self._reading, self._known, reach)
                if isinstance(found, Place):
                    return found, fewer
        return place, strong

    def _strong(self, mention: Mention) -> bool:
        """Whether a name stands for a place by itself: written as it is, of an area, and no everyday word."""
        if self._ranked(mention):
            return mention.exact and self._placed(mention)
        word = self._said[mention.start]
        single = mention.end - mention.start == 1
        if single and (word in self._known.everyday or word in self._known.known):
            return False
        return any(self._stands(sense.kind, mention, plain=sense.plain) for sense in mention.senses) and mention.exact

    def _stands(self, kind: str, mention: Mention, *, plain: bool) -> bool:
        if kind == "landmark":
            return len(mention.key) > _SHORT_NAME
        return kind in ("province", "wide") or (kind in _AREAS and plain)

    def _ranked(self, mention: Mention) -> bool:
        return self._before(mention) in self._known.rank_word

    def _led(self, mention: Mention) -> bool:
        before = self._before(mention)
        return before in self._known.rank_word or any(self._known.is_(part, before) for part in _LEADING)

    def _placed(self, mention: Mention) -> bool:
        """Whether a word before a name can only lead to a place: "di", "kec", not "pas" or "produksi"."""
        before = self._before(mention)
        rank = self._known.rank_word.get(before)
        if rank == "kecamatan":
            return any(sense.kind in _AREAS for sense in mention.senses)
        return rank is not None or self._known.is_("inside", before)

    def _before(self, mention: Mention) -> str:
        return self._said[mention.start - 1] if mention.start else ""

    def _is_address(self) -> bool:
        """Whether a message is written as an address: with ranks, roads or house numbers."""
        return any(
            word in self._known.rank_word
            or word.isdigit()
            or any(self._known.is_(part, word) for part in _OF_ADDRESSES)
            for word in self._said
        )

    def _fits(self, named: Sequence[Mention]) -> bool:
        """Whether the rest of the message lets these names be the answer."""
        if self._ends_unread(named):
            return False
        if len(named) > 1 or self._is_address() or self._closes(named) or any(self._led(m) for m in named):
            return True
        if named[-1].end == len(self._said) and named[-1].end - named[-1].start > 1:  # "tk yasmin klaten utara"
            return True
        closing = named[-1].end == len(self._said)  # "rungkut asri timur surabaya"; not "solo player gak butuh tim"
        return len(self._reading.unknown) <= _FAR + closing and len(self._said) <= _LONG

    def _ends_unread(self, named: Sequence[Mention]) -> bool:
        """Whether the last name of an address is one that nobody here knows, as those of other provinces are: "grogol
        petamburan", "pangkalan bayat kel. bayung lencir". A regency that is named settles that."""
        if any(self._settles(sense, m) for m in named for sense in m.senses):
            return False
        last = len(self._said) - 1
        while last >= 0 and (self._said[last].isdigit() or self._said[last] in self._known.filler):
            last -= 1
        if last not in self._reading.unknown:
            return False
        return self._is_address() or any(m.end == last for m in named)

    def _settles(self, sense: Sense, mention: Mention) -> bool:
        return sense.kind == "regency" and mention.exact and (sense.code[:2] in SERVED or self._ranked(mention))

    def _closes(self, held: Sequence[Mention]) -> bool:
        """Whether what stands behind the last comma is the name of a district, perhaps with its village's, and nothing else:
        "puskesmas pega 1, reban"."""
        first, last = self._reading.last_part, held[-1]
        inside = {i for m in held for i in range(m.start, m.end)}
        if not first or not inside.issuperset(range(first, len(self._said))):
            return False
        return last.exact and any(sense.kind == "district" for sense in last.senses)

    def _alone(self, held: Sequence[Mention]) -> bool:
        """Whether nothing else is said than these words, and none of them is an everyday word."""
        inside = {i for m in held for i in range(m.start, m.end)}
        rest = [word for i, word in enumerate(self._said) if i not in inside]
        loose = [word for word in rest if word not in self._known.filler and not self._known.is_("at", word)]
        everyday = any(self._said[m.start] in self._known.common for m in held if m.end - m.start == 1)
        person = any(self._known.is_("person", self._before(m)) for m in held)
        return not (loose or everyday or person)
