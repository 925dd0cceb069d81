"""Choosing among the places in a message: which kind is meant, which is the business's, which is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from conversations.hear.places.kinds import Mention, Place, Sense
from conversations.hear.places.names import MARGIN
from conversations.hear.places.scan import PlaceScan
from conversations.hear.places.words import PlaceWords
from conversations.hear.text.readings import Unsure

_RANK: Mapping[str, float] = {"regency": 0.0, "district": 1.0, "landmark": 1.0, "village": 2.0}
_AROUND = 1.5
MOST_MENTIONS = 10


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the name of a town reaches beyond the town: to districts of its neighbours, or to its whole province."""

    around: Mapping[str, Sequence[str]]
    names_province: Mapping[str, str]

    def covers(self, sense: Sense, regency: str, mentions: Sequence[Mention]) -> bool:
        """Whether a sense covers a regency: "colomadu solo" and "bantul jogja" are one place, "boyolali solo" are two."""
        if sense.kind != "regency":
            return False
        if self.names_province.get(sense.code, "none") == regency[:2]:
            return True
        own = [m for m in mentions if any(s.kind == "regency" and s.code == regency for s in m.senses)]
        return regency in self.around.get(sense.code, ()) and not own


def limited(reading: PlaceScan, known: PlaceWords) -> list[Mention] | None:
    """The mentions with their senses narrowed by words of rank, "kota", "kab", "kec", "desa".

    None when such a word contradicts the name, and for a heap of names, which is no answer.
    """
    if len(reading.mentions) > MOST_MENTIONS:
        return None
    mentions = list(reading.mentions)
    hamlets: set[int] = set()
    for start, end, ranks in _rank_runs(reading, known):
        at = _owner(mentions, start, end, ranks)
        if at is None or {"kota", "kabupaten"} <= ranks:
            continue
        for rank in ranks:
            kept = _of_rank(mentions[at].senses, rank)
            if kept is None:
                return None
            mentions[at] = replace(mentions[at], senses=kept)
        if ranks == {"hamlet"}:
            hamlets.add(at)
    return _without_hamlets(mentions, hamlets)


def _without_hamlets(mentions: list[Mention], hamlets: set[int]) -> list[Mention]:
    """The mentions without hamlets, whose names decide nothing beside another name; alone they may be a village's, and
    are asked back."""
    others = [mention for at, mention in enumerate(mentions) if at not in hamlets]
    if others or not hamlets:
        return others
    last = mentions[-1]
    return [replace(last, senses=tuple(replace(sense, plain=False) for sense in last.senses))]


def _rank_runs(reading: PlaceScan, known: PlaceWords) -> list[tuple[int, int, set[str]]]:
    """Runs of words of rank, (start, end, ranks), with "apa" or "atau" between them; a rank after "bukan" does not count."""
    inside = {i for m in reading.mentions for i in range(m.start, m.end)}
    runs: list[tuple[int, int, set[str]]] = []
    at = 0
    while at < len(reading.words):
        if at in inside or reading.words[at] not in known.rank_word:
            at += 1
            continue
        start, ranks, end = at, set[str](), at
        while at < len(reading.words) and at not in inside:
            word = reading.words[at]
            if word in known.rank_word:
                if not (at and known.is_("not", reading.words[at - 1])):
                    ranks.add(known.rank_word[word])
                end = at + 1
            elif not (known.is_("and", word) or known.is_("not", word)):
                break
            at += 1
        runs.append((start, end, ranks))
    return runs


def _owner(mentions: Sequence[Mention], start: int, end: int, ranks: set[str]) -> int | None:
    """The mention that a word of rank belongs to: the next, unless the one before waits for "kota" or "kab"."""
    before = next((i for i, m in enumerate(mentions) if m.end == start), None)
    after = next((i for i, m in enumerate(mentions) if m.start == end), None)
    if before is not None and ranks <= {"kota", "kabupaten"} and _is_pair(mentions[before]):
        return before
    return after if after is not None else (before if ranks <= {"kota", "kabupaten"} else None)


def _is_pair(mention: Mention) -> bool:
    towns = {s.code[3] == "7" for s in mention.senses if s.kind == "regency" and len(s.code) == 5}
    return towns == {True, False}


def _of_rank(senses: tuple[Sense, ...], rank: str) -> tuple[Sense, ...] | None:
    regencies = tuple(s for s in senses if s.kind == "regency")
    if rank == "kota":
        return tuple(s for s in regencies if s.code[3] == "7") or regencies or senses
    if rank == "kabupaten" and regencies:
        return tuple(s for s in regencies if s.code[3] != "7") or None
    wanted = {"kecamatan": "district", "desa": "village", "hamlet": "village", "province": "province"}.get(
        rank, "regency"
    )
    return tuple(s for s in senses if s.kind == wanted) or senses


def meant(mentions: list[Mention], reading: PlaceScan, known: PlaceWords) -> list[Mention] | None:
    """The mentions that count: not taken back, not a road's, a dish's or a neighbour's. None: between two places."""
    said = reading.words
    mentions = [m for m in mentions if not _led_by(m, said, known, "not")]
    mentions = _after_correction(mentions, said, known)
    mentions = _without_what_is_planned(mentions, said, known)
    mentions = _without_what_was(mentions, said, known)
    mentions = _of_the_business(mentions, said, known)
    between = [i for i, word in enumerate(said) if known.is_("between", word)]
    if between:
        earlier = [m for m in mentions if m.end <= between[0]]
        return earlier or None
    mentions = [m for m in mentions if not _ends_a_road(m, mentions, said, known)]
    sure = [m for m in mentions if not any(_led_by(m, said, known, part) for part in ("road", "goods", "person"))]
    if not sure:
        sure = [m for m in mentions if _led_by(m, said, known, "person") and not _led_by(m, said, known, "goods")]
    return [m for m in sure if not (_led_by(m, said, known, "near") and _is_area(m))]


def _ends_a_road(mention: Mention, mentions: Sequence[Mention], said: Sequence[str], known: PlaceWords) -> bool:
    """Whether a mention ends the name of a road between two towns, which is in neither: "jalan solo jogja km 10", "jl
    raya semarang klaten"."""
    first = next((m for m in mentions if m.end == mention.start), None)
    if first is None or not (_is_town(first) and _is_town(mention) and _led_by(first, said, known, "road")):
        return False
    return "".join(said[mention.end : mention.end + 1]).startswith("km") or said[first.start - 1] == "raya"


def _is_town(mention: Mention) -> bool:
    return any(s.kind == "regency" for s in mention.senses)


def _is_area(mention: Mention) -> bool:
    return any(s.kind in ("regency", "district") for s in mention.senses)


def _led_by(mention: Mention, said: Sequence[str], known: PlaceWords, part: str) -> bool:
    at = mention.start - 1
    while at >= 0 and (said[at] in known.rank_word or said[at] in known.sides or _mere_at(said[at], part, known)):
        at -= 1
    return at >= 0 and known.is_(part, said[at])


def _mere_at(word: str, part: str, known: PlaceWords) -> bool:
    """Whether a word is a mere "di": in "gak di solo" it stands between "gak" and the place."""
    return part in ("not", "near") and known.is_("at", word)


def _after_correction(mentions: list[Mention], said: Sequence[str], known: PlaceWords) -> list[Mention]:
    marks = [i for i, word in enumerate(said) if known.is_("correct", word)]
    later = [m for m in mentions if marks and m.start > marks[-1]]
    return later or mentions


def _without_what_is_planned(mentions: list[Mention], said: Sequence[str], known: PlaceWords) -> list[Mention]:
    """The mentions up to the first word of a plan behind one of them: "solo, tapi besok pindah klaten"."""
    first = mentions[0].end if mentions else len(said)
    plan = next((i for i in range(first, len(said)) if known.is_("later", said[i])), len(said))
    return [m for m in mentions if m.start < plan]


def _without_what_was(mentions: list[Mention], said: Sequence[str], known: PlaceWords) -> list[Mention]:
    if len(mentions) < 2:
        return mentions
    if any(known.is_("moved", word) for word in said):  # "pindah dari solo ke klaten"
        mentions = [m for m in mentions if not _led_by(m, said, known, "out_of")] or mentions
    cues = cued(mentions, said, known, ("before", "now"))
    now = [m for m, cue in zip(mentions, cues, strict=True) if cue == "now"]
    return now or [m for m, cue in zip(mentions, cues, strict=True) if cue != "before"] or mentions


def _of_the_business(mentions: list[Mention], said: Sequence[str], known: PlaceWords) -> list[Mention]:
    """The mentions of the business, where home and business are both told; else all mentions."""
    cues = cued(mentions, said, known, ("business", "home"))
    if not {"business", "home"} <= set(cues):
        return mentions
    return [m for m, cue in zip(mentions, cues, strict=True) if cue == "business"]


def cued(mentions: Sequence[Mention], said: Sequence[str], known: PlaceWords, parts: tuple[str, ...]) -> list[str]:
    """For each mention the last cue word that leads to it, or that follows it where the first cue follows a mention; ""
    for none."""
    cues = [(i, part) for i, word in enumerate(said) for part in parts if known.is_(part, word)]
    if not cues:
        return [""] * len(mentions)
    follows = bool(mentions) and cues[0][0] > mentions[0].start
    if follows and len(cues) < len(mentions):
        follows = False
    out = []
    for n, mention in enumerate(mentions):
        if follows:
            limit = mentions[n + 1].start if n + 1 < len(mentions) else len(said)
            near = [part for i, part in cues if mention.end <= i < limit]
            out.append(near[0] if near else "")
        else:
            start = mentions[n - 1].end if n else 0
            near = [part for i, part in cues if start <= i < mention.start]
            carried = out[-1] if n and mention.start == start else ""
            out.append(near[-1] if near else carried)
    return out


def settle(mentions: Sequence[Mention], reading: PlaceScan, known: PlaceWords, reach: Reach) -> Place | Unsure:
    """The place that all mentions agree on; where they name two, the place of fewer mentions (no villages, only exact
    names, only the business's); or the doubt."""
    first = agree(mentions, reach)
    if not (isinstance(first, Unsure) and first.why == "place.two"):
        return first
    said = reading.words
    for fewer in (
        [m for m in mentions if any(s.kind != "village" for s in m.senses)],
        [m for m in mentions if m.exact],
        *_by_cue(mentions, said, known),
    ):
        if 0 < len(fewer) < len(mentions):
            again = agree(fewer, reach)
            if not isinstance(again, Unsure) or again.why != "place.two":
                return again
    return first


def _by_cue(mentions: Sequence[Mention], said: Sequence[str], known: PlaceWords) -> list[list[Mention]]:
    joined = (said[a.end : b.start] for a, b in pairwise(mentions))
    if any(words and all(known.is_("and", word) for word in words) for words in joined):
        return []
    cues = cued(mentions, said, known, ("business", "home"))
    business = [m for m, cue in zip(mentions, cues, strict=True) if cue == "business"]
    located = [m for m in mentions if _led_by(m, said, known, "at")]
    return [business, located] if "home" not in cues or business else []


def agree(mentions: Sequence[Mention], reach: Reach) -> Place | Unsure:
    """The one regency that every mention can stand in, with the district if one is named; or the doubt."""
    provinces = {s.code for m in mentions for s in m.senses if s.kind == "province" and len(m.senses) == 1}
    named = [m for m in mentions if not all(s.kind in ("province", "wide") for s in m.senses)]
    if not named:
        return Unsure((), "place.wide" if mentions else "place.unknown")
    costs = [_costs(m, provinces) for m in named]
    for mention, cost in zip(named, costs, strict=True):
        others = [s for other in named if other is not mention for s in other.senses]
        for regency in {s.regency for s in others if s.kind != "village"}:
            if any(reach.covers(s, regency, named) for s in mention.senses):
                cost.setdefault(regency, _AROUND)
    shared = set(costs[0]).intersection(*costs[1:])
    if not shared:
        return Unsure(tuple(dict.fromkeys(_best(c) for c in costs if c)), "place.two")
    total = {code: sum(c[code] for c in costs) for code in shared}
    order = sorted(total, key=lambda code: (total[code], code))
    close = [code for code in order if total[code] < total[order[0]] + MARGIN]
    if len(close) > 1:
        return Unsure(tuple(close), "place.several")
    return _place(order[0], named)


def _best(costs: Mapping[str, float]) -> str:
    return min(costs, key=lambda code: (costs[code], code))


def _costs(mention: Mention, provinces: set[str]) -> dict[str, float]:
    costs: dict[str, float] = {}
    for sense in mention.senses:
        if sense.kind in ("province", "wide"):
            continue
        if provinces and sense.code[:2] not in provinces:
            continue
        rank = _RANK[sense.kind] if not sense.cost else sense.cost
        costs[sense.regency] = min(rank, costs.get(sense.regency, rank))
    return costs


def _place(regency: str, mentions: Sequence[Mention]) -> Place:
    plain = True
    districts: set[str] = set()
    spare: set[str] = set()
    for mention in mentions:
        here = [s for s in mention.senses if s.regency == regency]
        as_regency = [s for s in here if s.kind == "regency"]
        named = [s for s in here if len(s.code) == 8]
        within = {s.district for s in named or here if s.district}
        if as_regency and any(s.proper for s in as_regency):
            within = set()
        elif as_regency:
            spare |= {s.code for s in named}
            within = set()
        best = min(here, key=lambda s: (s.cost, _RANK[s.kind]), default=None)
        plain = plain and (best is None or best.plain)
        if len(within) == 1:
            districts |= {d for d in within if d}
    chosen = districts or (spare if len(mentions) > 1 else set())
    district = next(iter(chosen)) if len(chosen) == 1 else None
    villages = len(mentions) > 1 and all(s.kind == "village" for m in mentions for s in m.senses)
    return Place(regency, district, plain and not villages)  # one of them may be a hamlet's
