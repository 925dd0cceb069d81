"""Reader of whether somebody is younger than 65, from an age, a birth year or a comparison.

From the 65th birthday nobody can newly join on their own account, so 65 itself is no.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from conversations.hear.text.phrases import PhraseTag, Word

LIMIT = 65
_AGES = range(12, 116)
# There is no clock here. Born from 1970 on is under 65 until 2035, born until 1955 is over 65 already.
_SURELY_UNDER = range(1970, 2016)
_SURELY_OVER = range(1900, 1956)


def under_65(items: Sequence[Word | PhraseTag]) -> Literal["yes", "no", "unclear", ""]:
    """The answer; "" where no age is told, so that other words may decide."""
    names = {item.name for item in items if isinstance(item, PhraseTag)}
    if names & {"question", "condition"}:
        return "unclear"
    figures = [int(item.text) for item in items if item.text.isdecimal() and len(item.text) < 5]
    figures = [figure for figure in figures if figure > 2]
    if len(figures) > 1 or names & {"almost", "lacking"}:
        return "unclear"
    if figures:
        return _of_figure(figures[0], names)
    return _of_words(names)


def _of_words(names: set[str]) -> Literal["yes", "no", "unclear", ""]:
    if names & {"not", "old"}:
        return "unclear" if names & {"older", "younger", "young", "old"} or names <= {"not", "polite"} else ""
    if "older" in names and not names & {"younger", "young"}:
        return "no"
    return "yes" if names & {"younger", "young"} and "older" not in names else ""


def _of_figure(figure: int, names: set[str]) -> Literal["yes", "no", "unclear", ""]:
    if figure not in _AGES:
        return "yes" if figure in _SURELY_UNDER else "no" if figure in _SURELY_OVER else "unclear"
    if "younger" in names or ("not" in names and "older" not in names):
        return "yes" if figure <= LIMIT else "unclear"
    if "older" in names:
        return "no" if figure >= LIMIT - 1 and "not" not in names else "unclear"
    if "an" in names and figure < LIMIT:  # "50an" is any age up to 59
        return "yes" if figure + 9 < LIMIT else "unclear"
    return "yes" if figure < LIMIT else "no"
