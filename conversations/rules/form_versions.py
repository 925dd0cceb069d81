"""Versions of the form: running sessions survive a change of it. Renamed options are renamed in stored sessions, and no
answer is lost in silence.

``storage/reference/form.toml`` lists every option that was ever released and may still stand in a stored session; the
release itself adds new options to that list (bot/office/released.py). An option of the list that is gone from the
dialogues must be mapped here; ``rangkul check`` and a test refuse it otherwise. A question that was added is simply
asked, a question that was removed does no harm: both follow from how the open question is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.engine.core import Book, Scene, Session
from conversations.engine.world import World

# ("registration.wages", "old") -> "new", or None: the answer is forgotten, and the question asked again.
RENAMED: Mapping[tuple[str, str], str | None] = {
    ("registration.income", "r5"): None,  # "from 5 million" became two ranges; what was answered is kept as an amount
    # The question after "belum tersambung" went on 30 November 2026: a lead comes back by itself.
    **{("followup.remind", value): None for value in ("afternoon", "morning", "skip", "soon")},
}

# Sample answers; over all of them together, every question offers every option that it can offer.
SAMPLES: tuple[Mapping[str, Any], ...] = tuple(
    {
        "regency": "33.72",
        "sector": {"category": "bangunan", "said": ""},
        "workers": workers,
        "under_65": "yes",
        "income": {"low": 1, "high": 1, "period": period},
    }
    for workers in ([0, 0], [2, 2])
    for period in ("day", "week", "month")
)


def options(book: Book, world: World) -> dict[str, frozenset[str]]:
    """Every option of every question, by path ("registration.wages"); also those that no button offers."""
    return {
        f"{dialogue.name}.{question.key}": frozenset(
            value for answers in SAMPLES for value in (*question.choices(Scene(answers, world)), *question.besides)
        )
        for dialogue in book.values()
        for question in dialogue.questions
    }


def unmapped(released: Mapping[str, Iterable[str]], now: Mapping[str, Iterable[str]]) -> list[str]:
    """Released options that are neither offered any more nor mapped: sessions with such an option would go astray."""
    return [
        f"{path}={value}"
        for path, values in released.items()
        for value in values
        if value not in now.get(path, ()) and (path, value) not in RENAMED
    ]


def unreleased(released: Mapping[str, Iterable[str]], now: Mapping[str, Iterable[str]]) -> list[str]:
    """Options that are offered, but are not in the list of released options."""
    return [
        f"{path}={value}"
        for path, values in now.items()
        for value in sorted(values)
        if value not in released.get(path, ())
    ]


def brought_up(session: Session, renamed: Mapping[tuple[str, str], str | None] = RENAMED) -> Session:
    """A stored session with its options renamed to those of today's dialogues.

    >>> old = Session("registration", {"wages": "everyone", "name": "Siti"})
    >>> dict(brought_up(old, {("registration.wages", "everyone"): "all"}).answers)
    {'wages': 'all', 'name': 'Siti'}
    """
    if not renamed:
        return session
    answers = answers_today(session.dialogue, session.answers, renamed)
    return session._replace(answers=answers, under=brought_up(session.under, renamed) if session.under else None)


def answers_today(
    dialogue: str, answers: Mapping[str, Any], renamed: Mapping[tuple[str, str], str | None] = RENAMED
) -> Mapping[str, Any]:
    """Stored answers with their options as they are named today; answers mapped to None are left out."""
    if not renamed:
        return answers
    today = {}
    for key, value in answers.items():
        new = renamed.get((f"{dialogue}.{key}", value), value) if isinstance(value, str) else value
        if new is not None or value is None:
            today[key] = new
    return today
