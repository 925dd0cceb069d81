"""Pages from templates: Jinja2 with every value escaped, words from ``locales/id/console.toml``, numbers and days as
Indonesians write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import render as chat
from conversations.engine.core import Field, Say, Text
from conversations.hear.address import ITSELF
from conversations.rules.quiet_hours import zone
from locales import BOLD_OFF, BOLD_ON, Catalog
from locales.tables import read_table

TEMPLATES = Path(__file__).with_name("templates")


class NoWords(LookupError):  # noqa: N818 - named for what is so
    """Raised when ``console.toml`` has no words for a key of a template, or lacks a field."""


@cache
def environment() -> Environment:
    """The templates, parsed once; a name that a page does not give is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["t"] = words
    made.filters.update(number=number, rupiah=rupiah, day=day, moment=moment, hours=hours, share=share, marked=marked)
    return made


def page(template: str, **values: Any) -> str:
    """The HTML of a template. Raises jinja2's UndefinedError for a name that it uses and was not given, NoWords."""
    return environment().get_template(template).render(values)


def words(key: str, /, **fields: Any) -> str:
    """The words for a key ("today.title") of ``console.toml``, with its fields. Raises NoWords."""
    found: Any = _table()
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        raise NoWords(key)
    try:
        return found.format(**fields)
    except (KeyError, IndexError) as missing:
        raise NoWords(f"{key}: {missing}") from None


def keys(path: str) -> Mapping[str, str]:
    """The words below a key, by their own keys. Raises NoWords."""
    found: Any = _table()
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise NoWords(path)
    return {key: word for key, word in found.items() if isinstance(word, str)}


@cache
def _table() -> Mapping[str, Any]:
    return read_table("console")


@cache
def _catalog() -> Catalog:
    return Catalog.load()


def said(text: Field | Say) -> Markup:
    """A text of the chat, or a field of one, as HTML: its bold words bold, its lines apart."""
    plain = chat.text(text.text if isinstance(text, Say) else text, _catalog())
    return marked(plain)


def marked(plain: str) -> Markup:
    """Words of the catalogue with their marks of bold as HTML."""
    shown = str(escape(plain)).replace(BOLD_ON, "<strong>").replace(BOLD_OFF, "</strong>")
    return Markup(shown.replace("\n", "<br>"))  # noqa: S704 - escaped above


def owner(answers: Mapping[str, Any]) -> str:
    """The name of a lead's owner as a list shows it ("Bu Siti"); "" where none is known."""
    name = answers.get("name")
    if not isinstance(name, Mapping):
        return ""
    return chat.text(Text(f"address.{name['address'] or ITSELF}", {"name": name["name"]}), _catalog())


def number(value: float | None) -> str:
    """A number with Indonesian points and comma; "–" for none.

    >>> number(12345), number(2.5), number(None)
    ('12.345', '2,5', '–')
    """
    if value is None:
        return "–"
    tenths = round(value * 10)
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{_catalog().number(whole)}" + (f",{rest}" if rest else "")


def rupiah(amount: int) -> str:
    return _catalog().rupiah(amount)


def day(moment_: date | datetime | None) -> str:
    """A day in WIB, with its weekday; "–" for none."""
    if moment_ is None:
        return "–"
    return _catalog().day(moment_.astimezone(zone("")).date() if isinstance(moment_, datetime) else moment_)


def moment(moment_: datetime | None, regency: str = "") -> str:
    """A day and time on the clock of a regency (WIB without one); "–" for none."""
    return "–" if moment_ is None else _catalog().moment(moment_.astimezone(zone(regency)))


def hours(value: float | None) -> str:
    """So many hours, with one place after the comma below ten."""
    return "–" if value is None else number(round(value, 1) if value < 10 else round(value))


def share(part: int, whole: int) -> str:
    """A part of a whole in percent; "–" of nothing.

    >>> share(1, 3), share(0, 0)
    ('33%', '–')
    """
    return f"{round(100 * part / whole)}%" if whole else "–"
