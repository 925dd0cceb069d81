"""Which languages there are, and their files of words that are no sentences (``<code>/*.toml``, ``<code>/hear/*.toml``).

A language is its folder and nothing else. What a file of a language lacks, down to a single entry, that of ``id`` has.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

SOURCE = "id"
ROOT = Path(__file__).parent  # where the languages lie

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")

Table = Mapping[str, Any]
"""A parsed .toml file."""


def languages() -> tuple[str, ...]:
    """The codes of the languages that we can speak, the source first: each has a folder with sentences in it."""
    found = (folder.name for folder in ROOT.iterdir() if _CODE.fullmatch(folder.name))
    spoken = sorted(code for code in found if (ROOT / code / "LC_MESSAGES").is_dir())
    return (SOURCE, *(code for code in spoken if code != SOURCE))


def read_table(name: str, language: str = SOURCE) -> Table:
    """``<language>/<name>.toml`` over that of the source, entry by entry; {} where neither has such a file."""
    return _laid(ROOT, name, language)


def own_table(name: str, language: str = SOURCE) -> Table:
    """``<language>/<name>.toml`` alone, {} where there is none: nothing of another language stands for it."""
    return _parsed(ROOT, language, name)


def read_tables(language: str = SOURCE) -> dict[str, Table]:
    """The files of ``<language>/hear/`` by name without ending, each over that of the source: what people say."""
    names = {*_heard(SOURCE), *_heard(language)}
    return {name: read_table(f"hear/{name}", language) for name in sorted(names)}


def hears(language: str) -> bool:
    """Whether this language has words of its own for what people say; else they are heard as in the source."""
    return language != SOURCE and bool(_heard(language))


def introductions() -> dict[str, Table]:
    """``language.toml`` of every language there is, by code: its name, how it is asked for, by what it is known.

    Where a language does not introduce itself, its name is the one that Babel has for it, or its code.
    """
    return {code: {"name": _name(code), **own_table("language", code)} for code in languages()}


def _heard(language: str) -> list[str]:
    return [file.stem for file in (ROOT / language / "hear").glob("*.toml")]


@cache
def _parsed(root: Path, language: str, name: str) -> Table:
    file = root / language / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


@cache
def _laid(root: Path, name: str, language: str) -> Table:
    return _over(_parsed(root, SOURCE, name), _parsed(root, language, name) if language != SOURCE else {})


def _over(below: Table, above: Table) -> Table:
    """Tables within tables are laid over each other; anything else is replaced whole."""
    laid = dict(below)
    for name, value in above.items():
        under = below.get(name)
        laid[name] = _over(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return laid


def _name(code: str) -> str:
    try:
        return Locale.parse(code).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code
