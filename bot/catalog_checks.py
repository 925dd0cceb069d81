"""Checks of the catalogue for ``rangkul check``: keys without words, labels too wide for a channel."""

from __future__ import annotations

from collections.abc import Iterator

from bot.render import text
from conversations.dialogues.book import BOOK
from conversations.dialogues.officer import GROUPS
from conversations.engine.commands import COMMANDS
from conversations.engine.core import Scene, Text
from conversations.engine.overview import reviewed_questions
from conversations.engine.world import World
from conversations.hear.trades import CATEGORIES
from conversations.rules import indication, next_step, outcomes
from conversations.rules.form_versions import SAMPLES
from conversations.rules.size import size
from locales import Catalog
from locales.tables import read_table

PRESSED = (  # keys of buttons that are no choice of a question
    "change_this", "choices.more", "tasks.more", "tasks.back", "knock.stop", "reminder.change_time", "reminder.how",
    "reminder.stop", "siaran.new", "broadcast.approve", "broadcast.refuse",
)  # fmt: skip
WIDEST = 24  # characters of a row in a WhatsApp list, the narrowest label that every label must fit


def missing_words(catalog: Catalog) -> list[str]:
    """Keys without words, among the keys that dialogues, topics and cards need."""
    return sorted(key for key in _needed() if key not in catalog.sentences)


def wide_labels(catalog: Catalog, world: World) -> list[str]:
    """Keys of buttons, and paths of choices of every question, whose labels are wider than the narrowest channel takes.

    A label with a short form (its key and ".short") is as wide as that form.
    """
    pressed = (key for key in catalog.sentences if key.startswith("command.") or key.endswith(".skip"))
    labels = {*_labels(), *PRESSED, *pressed}
    wide = {key for key in labels if key in catalog.sentences and size(_narrowest(Text(key), catalog)) > WIDEST}
    return sorted(wide | {path for path, label in _choices(world) if size(_narrowest(label, catalog)) > WIDEST})


def _narrowest(label: Text | str, catalog: Catalog) -> str:
    short = f"{label.key}.short" if isinstance(label, Text) else ""
    return catalog.text(short) if short in catalog.sentences else text(label, catalog)


def _choices(world: World) -> Iterator[tuple[str, Text | str]]:
    """Every choice that a question offers by itself: its path and value, and its label."""
    for dialogue in BOOK.values():
        for question in dialogue.questions:
            for answers in SAMPLES:
                scene = Scene(answers, world)
                for value in question.choices(scene):
                    yield f"{dialogue.name}.{question.key}={value}", question.label(value, scene)


def _needed() -> Iterator[str]:
    for name, dialogue in BOOK.items():
        for question in dialogue.questions:
            if name != "home":
                yield f"{name}.{question.key}.hint"
    yield from _labels()
    yield from (f"next.{reason}" for reason in next_step.REASONS)
    for kind, keys in (("indication", indication.OWNERS + indication.WORKERS), ("reason", indication.REASONS)):
        yield from (f"{kind}.{key}" for key in keys)
    yield from (f"programs.{key}" for key in indication.PROGRAMS)
    yield from (
        f"status.{status}" for status in ("new", "taken", "waiting", *filter(None, outcomes.STATUS_AFTER.values()))
    )
    yield from (f"registration.sector.{category}" for category in CATEGORIES)
    yield from (key for topic in read_table("hear/topics")["phrasings"] for key in (f"faq.{topic}", f"topic.{topic}"))
    yield from ("apology", "nudge.unfinished", "cannot_skip", "third_miss", "registration.notice")


def _labels() -> Iterator[str]:
    yield from (f"registration.{q.key}.label" for q in reviewed_questions(BOOK["registration"]))
    yield from (f"outcome.{outcome}" for outcome in (*outcomes.NOTED, *GROUPS))
    yield from (f"card.{verb}" for verb in ("take", "note", "write", "remind", "more", "release", "undo"))
    buttons = (
        "register",
        "human",
        "status",
        "change_lead",
        "another",
        "tasks",
        "untaken",
        "absent",
        "present",
        "notice",
    )
    yield from (f"command.{name}" for name in buttons if name in COMMANDS)
