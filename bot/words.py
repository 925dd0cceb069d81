"""Whether the words are complete and fit: what ``rangkul check`` looks over before an owner notices."""

from __future__ import annotations

from collections.abc import Iterator

from conversations import indication, officer
from conversations.book import BOOK
from conversations.commands import COMMANDS
from conversations.core import Question
from conversations.hear.trades import CATEGORIES
from conversations.registration import GROUPS
from locales import Catalog

WIDEST = 24  # characters; a row of a WhatsApp list, the narrowest label that we promise to fit


def missing_words(catalog: Catalog) -> list[str]:
    """Keys without words, among those that every dialogue, topic and card needs."""
    return sorted(key for key in _needed() if key not in catalog.sentences)


def wide_labels(catalog: Catalog) -> list[str]:
    """Labels of buttons that are wider than the narrowest channel takes."""
    return sorted(key for key in _labels() if key in catalog.sentences and len(catalog.text(key)) > WIDEST)


def _needed() -> Iterator[str]:
    for name, dialogue in BOOK.items():
        for question in dialogue.questions:
            if name != "home":
                yield f"{name}.{question.key}.hint"
    yield from _labels()
    for kind, keys in (("indication", indication.OWNERS + indication.WORKERS), ("reason", indication.REASONS)):
        yield from (f"{kind}.{key}" for key in keys)
    yield from (f"programs.{key}" for key in indication.PROGRAMS)
    yield from (
        f"status.{status}" for status in ("new", "taken", "waiting", *filter(None, officer.STATUS_AFTER.values()))
    )
    yield from (f"registration.sector.{category}" for category in CATEGORIES)
    yield from ("apology", "nudge.unfinished", "cannot_skip", "third_miss", "registration.notice")


def _labels() -> Iterator[str]:
    yield from (f"registration.{q.key}.label" for q in _reviewed())
    yield from (f"outcome.{outcome}" for outcome in (officer.PAID, *officer.OUTCOMES))
    yield from (f"card.{verb}" for verb in ("take", "note"))
    buttons = ("register", "human", "status", "change_lead", "another", "tasks", "absent", "present", "notice")
    yield from (f"command.{name}" for name in buttons if name in COMMANDS)


def _reviewed() -> Iterator[Question]:
    keys = {key for group in GROUPS.values() for key in group}
    return (question for question in BOOK["registration"].questions if question.key in keys)
