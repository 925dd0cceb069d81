"""Reader of whether somebody is younger than 65, from an age, a year of birth or a comparison.

From the 65th birthday nobody can newly join on their own account, so 65 itself is no.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from conversations.hear.text.phrases import PhraseTag, Word

LIMIT = 65
_AGES = range(12, 116)
_CENTURY = 1900
# Without a clock: who was born from 1970 on is under 65 until 2035, who was born until 1955 is over 65 already.
_SURELY_UNDER = range(1970, 2016)
_SURELY_OVER = range(1900, 1956)

Under = Literal["yes", "no", "unclear", ""]


def under_65(items: Sequence[Word | PhraseTag], year: int | None = None) -> Under:
    """The answer; "" where no age is told, so that other words may decide. ``year``: the current one, where it is known."""
    names = {item.name for item in items if isinstance(item, PhraseTag)}
    if names & {"question", "condition"}:
        return "unclear"
    found = _figures(items)
    if len(found) > 1 or names & {"about", "almost", "less", "lacking"}:
        return "unclear"
    if found:
        return _of_figure(items, found[0], names, year)
    return _of_words(names)


def _figures(items: Sequence[Word | PhraseTag]) -> list[int]:
    """The places of the figures that may be an age or a year."""
    return [at for at, item in enumerate(items) if item.text.isdecimal() and len(item.text) < 5 and int(item.text) > 2]


def _of_words(names: set[str]) -> Under:
    if names & {"not", "old"}:
        return "unclear" if names & {"older", "younger", "young", "old"} or names <= {"not", "polite"} else ""
    if "older" in names and not names & {"younger", "young"}:
        return "no"
    return "yes" if names & {"younger", "young"} and "older" not in names else ""


def _of_figure(items: Sequence[Word | PhraseTag], at: int, names: set[str], year: int | None) -> Under:
    figure = int(items[at].text)
    if figure not in _AGES:
        return _of_birth(figure, year)
    led = _leading(items[:at])
    if "head" in names:  # "kepala 5": in the fifties
        return "unclear"
    if figure < 100 and led:
        return _of_short_year(figure, led, "an" in names, year)
    return _of_age(figure, names, behind={item.name for item in items[at + 1 :] if isinstance(item, PhraseTag)})


def _of_age(figure: int, names: set[str], behind: set[str]) -> Under:
    """Of an age in years; ``behind``: what stands behind it."""
    if names & {"younger", "soon"} or ("not" in names and "older" not in names):
        return "yes" if figure <= LIMIT else "unclear"
    if "older" in names and not ("older" in behind and figure < LIMIT):  # "64 lebih" is still 64
        return "no" if figure >= LIMIT - 1 and "not" not in names else "unclear"
    if "an" in names and figure < LIMIT:  # "50an" is any age up to 59
        return "yes" if figure + 9 < LIMIT else "unclear"
    return "yes" if figure < LIMIT else "no"


def _leading(before: Sequence[Word | PhraseTag]) -> str:
    """What makes a short figure a year: "born" ("lahir 59") or a bare "year" ("th 70"); "" where "umur" stands before."""
    names = [item.name for item in before if isinstance(item, PhraseTag)]
    if "age" in names:
        return ""
    if "born" in names:
        return "born"
    return "year" if names and names[-1] == "year" and isinstance(before[-1], PhraseTag) else ""


def _of_short_year(figure: int, led: str, decade: bool, year: int | None) -> Under:
    """Of "lahir 59" and "th 70": a year of the last century. A bare "th 45" may be an age as well, and then is asked."""
    years = range(_CENTURY + figure, _CENTURY + figure + (10 if decade else 1))
    meant = {_of_birth(born, year) for born in years}
    if led == "year":
        meant.add("yes" if figure < LIMIT else next(iter(meant)))
    return meant.pop() if len(meant) == 1 else "unclear"


def _of_birth(born: int, year: int | None) -> Under:
    """Of a year of birth; the year in which somebody turns 65 leaves it open."""
    if year is None:
        return "yes" if born in _SURELY_UNDER else "no" if born in _SURELY_OVER else "unclear"
    if not year - _AGES.stop < born <= year - _AGES.start:
        return "unclear"
    return "yes" if year - born < LIMIT else "no" if year - born > LIMIT else "unclear"
