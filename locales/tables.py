"""The languages there are, and their tables of words, which are no sentences (``<code>/*.toml``, ``<code>/hear/*.toml``).

A language is its folder and nothing else. An entry that a language's file lacks is taken from the file of ``id``.
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
ROOT = Path(__file__).parent  # the folder with a folder for each language

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")

Table = Mapping[str, Any]
"""A parsed .toml file."""


def languages() -> tuple[str, ...]:
    """The codes of the languages that the bot can speak, the source first: each has a folder with sentences in it."""
    found = (folder.name for folder in ROOT.iterdir() if _CODE.fullmatch(folder.name))
    spoken = sorted(code for code in found if (ROOT / code / "LC_MESSAGES").is_dir())
    return (SOURCE, *(code for code in spoken if code != SOURCE))


def read_table(name: str, language: str = SOURCE) -> Table:
    """``<language>/<name>.toml`` laid over the source's file, entry by entry; {} where neither exists."""
    return _laid(ROOT, name, language)


def own_table(name: str, language: str = SOURCE) -> Table:
    """``<language>/<name>.toml`` alone; {} where there is none."""
    return _parsed(ROOT, language, name)


def read_tables(language: str = SOURCE) -> dict[str, Table]:
    """The files of ``<language>/hear/`` by name without ending, each laid over the source's: the words that people say."""
    names = {*_heard(SOURCE), *_heard(language)}
    return {name: read_table(f"hear/{name}", language) for name in sorted(names)}


def hears(language: str) -> bool:
    """Whether a language has files of its own in ``hear/``; a language without is heard as the source."""
    return language != SOURCE and bool(_heard(language))


def introductions() -> dict[str, Table]:
    """``language.toml`` of every language by code: its name, the words that ask for it, the words that it is recognized
    by.

    A language without that file has the name that Babel gives it, else its code.
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
    """One table laid over another: tables within tables are laid over each other, any other value is replaced whole."""
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
