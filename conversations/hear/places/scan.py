"""Scanning a message for names of places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from conversations.hear.places.kinds import Mention, Sense
from conversations.hear.places.names import SERVED
from conversations.hear.places.spelling import letters
from conversations.hear.places.words import PlaceWords

Lookup = Callable[[str], tuple[Sense, ...]]
MOST_LETTERS = 600
MOST_WORDS = 60  # an answer to "where?" is short; further words are left unread
_SPAN = 5
_GUESSES = 3
_BESIDE_UNKNOWN = 1.3  # beside words that nothing explains, only the slightest misspelling of a regency
_NEAR_ENOUGH = 1.8  # a single edit, of a district's name at most
_ROAD = re.compile(r"\b(?:jl|jln|jalan)\.?\s+(?:raya\s+)?([a-z]+)\s*-\s*([a-z]+)")
_GLUED = re.compile(r"^(kabupaten|kab|kota|kec|desa|kel|ds|di|neng|ning|nang)(.{4,})$")
_NASAL = re.compile(r"^(?:m(?=b)|n(?=[djc])|ng(?=[gk])|nge?(?=[lr]))(.{4,})$")
_ENDING = re.compile(r"^(.{4,}?)(?:nya|ne|e|ku|nipun|ipun|an)$")


@dataclass(frozen=True, slots=True)
class PlaceScan:
    """A scanned message: its words, the mentions among them (in order), and the indexes of words that nothing explains."""

    words: tuple[str, ...]
    mentions: tuple[Mention, ...]
    unknown: tuple[int, ...]
    last_part: int = 0  # the first word behind the last comma; 0 without a comma

    def said(self, mentions: Sequence[Mention]) -> str:
        """The words of the message that name these places."""
        return " ".join(word for m in mentions for word in self.words[m.start : m.end])


def scan(text: str, lookup: Lookup, known: PlaceWords) -> PlaceScan:
    """The scan of a message with all mentions; the longest name wins where two overlap."""
    plain = letters(text[:MOST_LETTERS])[:MOST_LETTERS]
    said = tuple(known.expand(_ROAD.sub(" jalan ", plain) if "-" in plain else plain)[:MOST_WORDS])
    mentions: list[Mention] = []
    unknown: list[int] = []
    at = 0
    while at < len(said):
        mention = _name_at(said, at, lookup, known)
        if mention is None:
            if said[at] not in known.known and not said[at].isdigit():
                unknown.append(at)
            at += 1
        else:
            mentions.append(mention)
            at = mention.end
    named = tuple(_without_small_words(mentions, said, known))
    return PlaceScan(said, named, tuple(unknown), _last_part(plain, len(said), known))


def _last_part(plain: str, length: int, known: PlaceWords) -> int:
    before, comma, behind = plain.rstrip(" ,.").rpartition(",")
    return max(length - len(known.expand(behind)), 0) if comma and before else 0


def _name_at(said: Sequence[str], at: int, lookup: Lookup, known: PlaceWords) -> Mention | None:
    """The longest name from word ``at``; None without one. A word of rank is no name, although a village may be called
    Kabupaten."""
    for size in range(min(_SPAN, len(said) - at), 0, -1):
        name = "".join(said[at : at + size])
        senses = lookup(name)
        if senses and not (said[at] in known.rank_word and (size == 1 or not _holds_rank(senses))):
            return Mention(at, at + size, name, senses)
    word = said[at]
    if word in known.known or word in known.common or len(word) < 5:
        return None
    return _dressed(word, at, lookup, known)


def _holds_rank(senses: tuple[Sense, ...]) -> bool:
    """Whether a name itself holds a word of rank: "kampung laut" and "kota gede" do; "kota tegal" is a rank and a name."""
    return not all(sense.kind in ("village", "regency") for sense in senses)


def _dressed(word: str, at: int, lookup: Lookup, known: PlaceWords) -> Mention | None:
    """A name with something glued to it: "mbumiayu", "disragen", "klatene"; None for no name, and for an everyday word
    with an ending ("beneran" is not Bener)."""
    for pattern in (_NASAL, _GLUED, _ENDING):
        if found := pattern.match(word):
            bare = found[found.lastindex or 1]
            if (
                pattern is not _NASAL
                and not (pattern is _GLUED and found[1] in known.rank_word)
                and (bare in known.known or bare in known.everyday or bare in known.common)
            ):
                continue
            senses = tuple(s for s in lookup(bare) if s.kind in ("regency", "district"))
            if senses:
                return Mention(at, at + 1, bare, _of_kind(senses, found[1] if pattern is _GLUED else ""))
    return None


def _of_kind(senses: tuple[Sense, ...], glued: str) -> tuple[Sense, ...]:
    if glued in ("kab", "kabupaten"):
        return tuple(s for s in senses if s.code[3:4] != "7") or senses
    if glued == "kota":
        return tuple(s for s in senses if s.code[3:4] == "7") or senses
    return senses


def _without_small_words(mentions: list[Mention], said: Sequence[str], known: PlaceWords) -> list[Mention]:
    """The mentions without small words that are also names ("bae", "salam"), unless such a word is the whole answer."""
    strong = [m for m in mentions if m.end - m.start > 1 or not _small(m, said, known)]
    if strong:
        return strong
    loose = [i for i in range(len(said)) if said[i] not in known.filler and said[i] not in known.part["at"]]
    inside = {i for m in mentions for i in range(m.start, m.end)}
    if len(mentions) > 1 or not inside >= set(loose):
        return []
    return [m for m in mentions if any(s.kind != "village" for s in m.senses)]


def _small(mention: Mention, said: Sequence[str], known: PlaceWords) -> bool:
    word = said[mention.start]
    if mention.start and known.rank_word.get(said[mention.start - 1]) == "kecamatan":
        return False
    if word in known.everyday:
        return False
    return word in known.known and all(
        s.kind in ("district", "village") or s.code[:2] not in SERVED for s in mention.senses
    )


def guess(reading: PlaceScan, nearest: Lookup, known: PlaceWords) -> PlaceScan:
    """The scan with mentions added for unknown words that are near to a name; long messages are left alone."""
    if not reading.unknown or len(reading.unknown) > _GUESSES:
        return reading
    if 1 < len(reading.words) <= _GUESSES:
        whole = "".join(reading.words)
        senses = nearest(whole)
        if senses and len(whole) > 6 and min(s.cost for s in senses) < _NEAR_ENOUGH:
            return replace(reading, mentions=(Mention(0, len(reading.words), whole, senses),), unknown=())
    added: list[Mention] = []
    for start, end in _runs([i for i in reading.unknown if reading.words[i] not in known.common]):
        whole = "".join(reading.words[start:end])
        senses = nearest(whole)
        if senses:
            added.append(Mention(start, end, whole, senses))
            continue
        if end - start > 1:
            single = [(i, nearest(reading.words[i])) for i in range(start, end)]
            added.extend(Mention(i, i + 1, reading.words[i], found) for i, found in single if found)
    if len(reading.unknown) > sum(m.end - m.start for m in added):
        added = [m for m in added if min(s.cost for s in m.senses) < _BESIDE_UNKNOWN]
    mentions = sorted((*reading.mentions, *added), key=lambda m: m.start)
    taken = {i for m in added for i in range(m.start, m.end)}
    return replace(reading, mentions=tuple(mentions), unknown=tuple(i for i in reading.unknown if i not in taken))


def _runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for at in positions:
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs
