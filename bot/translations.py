"""Checks of a language for ``rangkul check``, so that no owner meets a sentence that cannot be said or shown.

A language may lack sentences, for which the source speaks. Its own must fit the source: the same keys, the same fields,
and no more characters than a platform takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.platforms import CHANNELS
from bot.whatsapp import templates
from locales import BOLD_OFF, BOLD_ON, SOURCE, Catalog, Sentence, languages, own_sentences
from locales.tables import own_table

LONGEST = min(platform.limits.text for platform in CHANNELS.values())  # characters of one message
TOASTS = ("already_noted",)  # keys shown on a pressed button: https://core.telegram.org/bots/api#answercallbackquery
LONGEST_TOAST = 200
CHOOSE = 20  # characters on the button that opens a list of WhatsApp
# Telegram's limits: https://core.telegram.org/bots/api#setmydescription, #setmyshortdescription, #botcommand
DESCRIPTION, SHORT_DESCRIPTION, COMMAND = 512, 120, 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def problems(language: str) -> list[str]:
    """Faults in the files of a language, one line each; sentences that it only lacks are no fault."""
    return [
        *_of_sentences(own_sentences(language), own_sentences(SOURCE)),
        *_of_introduction(language),
        *_of_menus(own_table("telegram", language)),
        *_of_templates(language),
    ]


def _of_sentences(own: Mapping[str, Sentence], source: Mapping[str, Sentence]) -> Iterator[str]:
    for key, words in sorted(own.items()):
        if key not in source:
            yield f"{key}: {SOURCE} has no such words"
        elif words.fields != source[key].fields:
            yield f"{key}: fields {_braced(words)} where {SOURCE} has {_braced(source[key])}"
        said = "".join(words.parts[::2])
        if "*" in said:
            yield f"{key}: bold that does not end in its line"
        most = LONGEST_TOAST if key in TOASTS else LONGEST
        if len(said.replace(BOLD_ON, "").replace(BOLD_OFF, "")) > most:
            yield f"{key}: more than {most} characters"


def _braced(words: Sentence) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(words.fields)) or "none"


def _of_introduction(language: str) -> Iterator[str]:
    """Words that two languages claim as theirs, so that nobody could be sure which language is meant, or spoken."""
    mine = own_table("language", language)
    for other in languages():
        theirs = own_table("language", other) if other != language else {}
        shared = _telling(mine) & _telling(theirs) | _called(mine) & _called(theirs)
        if shared:
            yield f"language.toml: {', '.join(sorted(shared))} also in {other}"


def _telling(introduction: Mapping[str, Any]) -> set[str]:
    return set(introduction.get("telling", "").split())


def _called(introduction: Mapping[str, Any]) -> set[str]:
    return set(introduction.get("called", ()))


def _of_menus(table: Mapping[str, Any]) -> Iterator[str]:
    for name, most in (("description", DESCRIPTION), ("short_description", SHORT_DESCRIPTION)):
        if len(table.get(name, "")) > most:
            yield f"telegram.toml: {name} has more than {most} characters"
    for commands in table.get("commands", {}).values():
        for command, what in commands.items():
            if not _COMMAND.fullmatch(command) or not 0 < len(what) <= COMMAND:
                yield f"telegram.toml: Telegram does not take /{command}"


def _of_templates(language: str) -> Iterator[str]:
    if len(templates.choose(language)) > CHOOSE:
        yield f"whatsapp.toml: choose has more than {CHOOSE} characters"
    for problem in templates.problems(Catalog.load(language)):
        yield f"whatsapp.toml: {problem}"
