"""``python -m bot.office.released``: before a release, adds the options that it offers to the list of released options.

Stored sessions hold options, so an option that was ever released must stay known
(``conversations/rules/form_versions.py``). An option that was never released may come and go without the list.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from bot.loading import knowledge
from bot.now import now
from conversations.dialogues.book import BOOK
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, World
from conversations.rules.form_versions import options, unreleased
from storage import reference


def offered(knows: Knowledge, moment: datetime) -> dict[str, frozenset[str]]:
    """Every option of every question of today's dialogues, by path; also those for a lead that is registered."""
    return options(BOOK, World(now=moment, knows=knows, lead=Lead("", "registered", moment, {})))


def with_these(listed: Mapping[str, Iterable[str]], today: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The list of released options with today's added; nothing that was ever released leaves the list.

    >>> with_these({"a.b": ["old"]}, {"a.b": ["new"], "a.c": [], "a.d": ["yes"]})
    {'a.b': ['new', 'old'], 'a.d': ['yes']}
    """
    paths = dict.fromkeys((*listed, *(path for path, values in today.items() if values)))
    return {path: sorted({*listed.get(path, ()), *today.get(path, ())}) for path in paths}


def main(path: Path) -> None:
    """Rewrite the list, keeping its remarks; print the options that are new on it."""
    listed, today = reference.released_options(), offered(knowledge(""), now())
    remarks = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    rows = [f"{json.dumps(key)} = {json.dumps(values)}" for key, values in with_these(listed, today).items()]
    path.write_text("\n".join([*remarks, "", *rows, ""]), encoding="utf-8")
    sys.stdout.write("".join(f"new: {option}\n" for option in unreleased(listed, today)) or "nothing is new\n")


if __name__ == "__main__":
    main(Path(reference.__file__).with_name("form.toml"))
