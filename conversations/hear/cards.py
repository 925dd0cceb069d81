"""Reader of the card: whether somebody is a participant of BPJS Ketenagakerjaan, was one, or is too old to become one.

One question, as people answer it in one breath ("umur 47, belum punya"). A "yes" and an age of 65 turn an owner away, so they
need every content word accounted for; "no" and "once" lead on, and the officer looks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from conversations.hear.text.phrases import TOO_LONG, Phrases, PhraseTag, Word, tokens, too_long
from conversations.hear.text.readings import Unsure

from .age import under_65
from .numbers import Numbers

CardState = Literal["no", "yes", "once", "over_65", "unsure"]

# Words for yes, no, doubt and politeness, which every question shares.
_SHARED = (
    "yes",
    "soft_yes",
    "right",
    "not",
    "no",
    "question",
    "unknown",
    "address",
    "polite",
    "sorry",
    "of_age",
    "thanks",
    "condition",
    "later",
    "exclaim",
    "up",
    "down",
)
_STOPS = frozenset({",", ".", ";", "!", "\n", "/"})
_AGE_TAGS = frozenset({"age", "head", "born", "year", "younger", "older", "about", "soon", "less", "old", "length"})
_SILENT = (
    frozenset({"beside", "address", "polite", "sorry", "of_age", "thanks", "self", "ago", "right", "still"}) | _AGE_TAGS
)
_OPEN = ("kin", "things", "condition", "want", "unknown", "later", "soon", "exclaim")  # leave a yes open
_LATEST_BIRTH = 2015
_MOST_OF_ASSENT = 3  # words; more beside a "ya" speak of something else: "iya nih sama gue juga"

Item = Word | PhraseTag
_STOP = Word(",")


@dataclass(frozen=True, slots=True)
class Card:
    """What was told of the card. ``plain`` False: read back. ``under_65``: "yes", "no" or "" (no age told). ``health``:
    they spoke of the card for seeing a doctor."""

    value: CardState
    plain: bool = False
    under_65: str = ""
    health: bool = False


class Cards:
    """The reader of cards. ``table`` is ``cards.toml``; ``shared`` is ``yesno.toml``, of which a phrase that stands in
    ``table`` as well is dropped."""

    def __init__(self, numbers: Numbers, table: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        self._numbers = numbers
        own = table["phrases"]
        known = {tokens(phrase) for phrases in own.values() for phrase in phrases}
        rest = {
            name: [phrase for phrase in shared["phrases"].get(name, ()) if tokens(phrase) not in known]
            for name in _SHARED
        }
        self._phrases = Phrases({**own, **rest})

    def read(self, text: str, year: int | None = None) -> Card | Unsure:
        """What a message tells of the card; ``year`` is the current one, for years of birth.

        Unsure.why: long, age (only that they are younger than 65), age_unclear, somebody_else,
        which_bpjs, unclear.
        """
        pieces = () if too_long(text) else self._numbers.pieces(text)
        if too_long(text) or len(pieces) > TOO_LONG:
            return Unsure(why="long")
        items = self._phrases.tagged(list(_in_figures(pieces)))
        said = _without_periods(items, year)
        names = {item.name for item in said if isinstance(item, PhraseTag)}
        clauses, others = _own_clauses(said)
        aged = under_65(_of_age(clauses), year) if _tells_age(clauses) else ""
        if not aged and _has(clauses, "unknown"):  # "lupa pernah apa belum"
            return Card("unsure")
        if "question" in names or aged == "unclear":
            return Unsure(why="age_unclear" if aged == "unclear" else "unclear")
        if aged == "no":
            return Card("over_65", under_65="no") if _all_read(said) and not others else Unsure(why="age_unclear")
        if not aged and any(item.text.isdecimal() for item in clauses):
            others = True  # a figure that is no age may be of anything
        return _told(_of_card(clauses), others, aged)


def _in_figures(pieces: Iterable[Any]) -> Iterable[Word]:
    """The words with spoken numbers in figures: "enam puluh" as "60"."""
    for piece in pieces:
        if isinstance(piece, Word):
            yield piece
        else:
            yield Word(str(piece.value), piece.glued)
            if piece.approx:
                yield Word("an", glued=True)


def _without_periods(items: Sequence[Item], year: int | None) -> list[Item]:
    """The items without figures that are no age: "kelas 3", "2 tahun lalu", "sejak 2019"."""
    names = {item.name for item in items if isinstance(item, PhraseTag)}
    out: list[Item] = []
    for at, item in enumerate(items):
        before = items[at - 1] if at else None
        after = items[at + 1 : at + 3]
        following = [part.name for part in after if isinstance(part, PhraseTag)]
        if item.text.isdecimal():
            of_a_class = isinstance(before, PhraseTag) and before.name == "health"
            long_ago = following[:1] == ["length"] or following in (["year", "ago"], ["year", "beside"])
            in_a_year = (
                len(item.text) == 4
                and "born" not in names
                and (int(item.text) > _LATEST_BIRTH or bool(names & {"formerly", "have", "others"}))
            )
            if of_a_class or long_ago or (in_a_year and (year is None or int(item.text) <= year)):
                continue
        out.append(item)
    return out


def _own_clauses(items: Sequence[Item]) -> tuple[list[Item], bool]:
    """The items about the speaker, and whether somebody else was spoken of too: "istri saya sudah, saya belum"."""
    clauses: list[list[Item]] = [[]]
    for item in items:
        if item.text in _STOPS or (item.text in ("tapi", "tp", "nanging", "ning") and clauses[-1]):
            clauses.append([])
        elif _begins_own(item, clauses[-1]):
            clauses.append([item])
        else:
            clauses[-1].append(item)
    own = [clause for clause in clauses if clause and not _has(clause, "kin") and not _denies_of_money(clause)]
    others = any(_has(clause, "kin") for clause in clauses)
    return [item for clause in own for item in (*clause, _STOP)][:-1], others


def _denies_of_money(clause: Sequence[Item]) -> bool:
    """Whether a clause begins with money and denies something of that: "saldo saya gak bertambah", "duitnya gak ilang"."""
    said = [item for item in clause if not _has([item], *_SILENT)]
    return _has(said[:1], "money") and _has(said, "not", "not_lost")


def _begins_own(item: Item, clause: Sequence[Item]) -> bool:
    """Whether "aku" begins the speaker's own clause in "bojoku duwe aku ora"; "suami saya" is one person."""
    if not (isinstance(item, PhraseTag) and item.name == "self") or len(clause) < 2:
        return False
    return _has(clause, "kin") and _has(clause, "have", "not", "formerly", "work")


def _has(items: Iterable[Item], *names: str) -> bool:
    return any(isinstance(item, PhraseTag) and item.name in names for item in items)


def _tells_age(items: Sequence[Item]) -> bool:
    """Whether an age is told: a figure, or years compared with none ("umur sudah lewat")."""
    figures = any(item.text.isdecimal() and 1 < len(item.text) < 5 for item in items)
    return figures or _has(items, "head") or (_has(items, "age", "old") and _has(items, "older", "younger", "old"))


def _of_age(items: Sequence[Item]) -> list[Item]:
    """The items without a "belum" that denies the card and not the age: "67, belum punya"."""
    out: list[Item] = []
    for at, item in enumerate(items):
        following = next((other for other in items[at + 1 :] if not _has([other], "age", "year", "have")), None)
        about_years = following is not None and (
            following.text.isdecimal() or _has([following], "older", "younger", "old")
        )
        if about_years or not _has([item], "not"):
            out.append(item)
    return out


def _of_card(items: Sequence[Item]) -> list[Item]:
    """The items without the age, and without a "sudah" or "belum" that belongs to it: "sudah 60, belum punya"."""
    out: list[Item] = []
    for item in items:
        if item.text.isdecimal():
            while out and _has(out[-1:], "have", "not", *_AGE_TAGS):
                out.pop()
        elif item.text != "an":
            out.append(item)
    return out


def _unread(items: Iterable[Item]) -> bool:
    return any(isinstance(item, Word) and item.text.isalpha() and item.text != "an" for item in items)


def _all_read(items: Sequence[Item]) -> bool:
    """Whether every word is known and none speaks of somebody else, so that nothing is left to mean anything else."""
    return not _unread(items) and not _has(items, *_OPEN)


def _told(items: Sequence[Item], others: bool, aged: str) -> Card | Unsure:
    value = _state(items)
    if value == "yes" and aged == "yes" and not _has(items, "have", "work"):
        return Unsure(why="age")  # "iya masih di bawah 65" says yes to the age
    if value == "yes" and _has(items, "still") and not _has(items, "have", "work"):
        return Unsure(why="unclear")  # "iya masih": what?
    if value is None or (value == "yes" and (others or not _all_read(items))):
        if others and not items:
            return Unsure(why="somebody_else")
        if aged == "yes" and value is None and not _content(items):
            return Unsure(why="age")
        return Unsure(why="which_bpjs" if _has(items, "bare") else "unclear")
    plain = value == "no" and not _unread(items) and not _has(items, "health", "others", "free") and not others
    return Card(value, plain, aged, _has(items, "health") and value == "no")


def _content(items: Iterable[Item]) -> bool:
    """Whether there are words besides an age and politeness."""
    return any(
        item.name not in _SILENT if isinstance(item, PhraseTag) else item.text.isalpha() and item.text != "an"
        for item in items
    )


def _state(items: Sequence[Item]) -> CardState | None:
    """The card as these words tell it; None where they do not tell. The first rule that applies decides."""
    work, health, denied = _has(items, "work"), _has(items, "health"), _denied(items)
    if health and work:
        return _of_work(items)
    rules: tuple[tuple[bool, CardState | None], ...] = (
        (health and not _denies_health(items), "no"),
        (_has(items, "never"), "no"),
        (_has(items, "formerly") and not _has(items, "want", "later", "soon", "knowing"), "once"),
        (_has(items, "unknown", "maybe") or (_has(items, "knowing") and denied is not None), "unsure"),
        (_has(items, "later", "soon") and not denied, None),
        (denied is not None, "no" if denied else None),
        (_has(items, "free") and _has(items, "bare") and not work, None),
        (_has(items, "others", "free"), "once"),
        (_has(items, "no", "down"), "no"),
        (_has(items, "bare") and not work, None),
        (_has(items, "have") or (work and _has(items, "self")) or _assents(items), "yes"),
    )
    return next((value for applies, value in rules if applies), None)


def _of_work(items: Sequence[Item]) -> CardState | None:
    """The card for work where both are named: what stands before its name counts where people begin so ("belum punya yang
    kerja, punyanya yang sehat"), else what stands behind it ("yang kesehatan punya, yang kerja belum")."""
    marks = [at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name in ("work", "health")]
    work = next(at for at in marks if items[at].name == "work")  # type: ignore[union-attr]
    place = marks.index(work)
    after = items[work + 1 : marks[place + 1] if place + 1 < len(marks) else len(items)]
    before = items[marks[place - 1] + 1 if place else 0 : work]
    first = _has(items[: marks[0]], "not", "have", "never", "formerly")
    ended = _has(_clause(after), "never", "formerly")  # "punya yang kerja dulu, yang kesehatan masih"
    sides = (before, after) if first and not ended else (after, before)
    for side in sides:
        if (value := _state([item for item in side if not _has([item], "health", "work")])) is not None:
            return value
    return None


def _clause(items: Sequence[Item]) -> Sequence[Item]:
    """The items up to the next comma or full stop."""
    return items[: items.index(_STOP)] if _STOP in items else items


def _denies_health(items: Sequence[Item]) -> bool:
    """Whether "bukan KIS" says which card is not meant."""
    return any(_has([one], "other_than") and _has([next_], "health") for one, next_ in pairwise(items))


def _denied(items: Sequence[Item]) -> bool | None:
    """Whether having is denied; None where nothing is denied, False where "punya gak" and "sudah belum" leave it open."""
    places = [at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name in ("not", "other_than")]
    if not places:
        return None
    had = [at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name in ("have", "affirm")]
    if places[-1] == len(items) - 1 and _unread(items[places[-1] - 1 : places[-1]]):  # "mahal gak"
        return False
    behind = [at for at in had if at < places[0]]
    return not behind or _has(items[behind[-1] : places[0]], "work", "self", "health")


def _assents(items: Sequence[Item]) -> bool:
    """Whether an assent is all that was said."""
    said = [item for item in items if item is not _STOP]
    return len(said) <= _MOST_OF_ASSENT and _has(said, "affirm", "up") and not _has(said, "condition", "want")
