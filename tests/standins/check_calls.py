"""Is a call what the Bot API describes? Methods, parameters, types, what must be given, limits as far as they are stated.

Stricter than the real server, which passes over what it does not know and reads "1" as a number: a call that only
works because somebody is lenient is a mistake all the same.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .units import units


class Upload(NamedTuple):
    """A file that comes with the call, as one of its parameters."""

    name: str
    text: str


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
}


@cache
def schema() -> dict[str, Any]:
    """The published description without its prose; see make_bot_api_schema.py for its shape."""
    read: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name("bot_api_schema.json.gz").read_bytes()))
    return read


def problems(method: str, params: Mapping[str, Any]) -> list[str]:
    """What is wrong with a call, a line each; empty when it is as described.

    >>> problems("sendMessage", {"chat_id": 7, "text": "halo"})
    []
    >>> problems("sendMessage", {"chat_id": 7, "txt": "halo"})
    ['sendMessage.text: missing', 'sendMessage.txt: not a parameter']
    """
    fields = schema()["methods"].get(method)
    return [f"{method}: no such method"] if fields is None else sorted(_object(method, fields, params))


def shape_problems(kind: str, value: Any) -> list[str]:
    """The same for a value of a type, such as an update that the stand-in made itself."""
    return sorted(_value(kind, kind, value))


def from_form(method: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Parameters that came as form fields, as the JSON they stand for. Raises ValueError for JSON that is none.

    >>> from_form("sendMessage", {"chat_id": "7", "text": "7", "reply_markup": "{}"})
    {'chat_id': 7, 'text': '7', 'reply_markup': {}}
    """
    known = schema()["methods"].get(method, {})
    return {name: _decoded(known.get(name, [["String"]])[0], value) for name, value in fields.items()}


def _decoded(kinds: list[str], value: str) -> Any:
    if "Integer" in kinds and value.lstrip("-").isdecimal():
        return int(value)
    return value if {"String", "InputFile"} & set(kinds) else json.loads(value)


def _object(where: str, fields: Mapping[str, Any], given: Any) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"{where}: not an object"
        return
    for name, (kinds, required, limit) in fields.items():
        if name not in given:
            if required:
                yield f"{where}.{name}: missing"
            continue
        yield from _one_of(f"{where}.{name}", kinds, given[name])
        yield from _within(f"{where}.{name}", limit, given[name])
    yield from (f"{where}.{name}: not a parameter" for name in given if name not in fields)


def _one_of(where: str, kinds: list[str], value: Any) -> list[str]:
    """The value is of one of these kinds; else what is wrong with it as the kind that it resembles most."""
    found = [list(_value(where, kind, value)) for kind in kinds]
    return min(found, key=len)


def _value(where: str, kind: str, value: Any) -> Iterator[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where}: not a list"
            return
        for at, item in enumerate(value):
            yield from _value(f"{where}[{at}]", kind.removeprefix("Array of "), item)
    elif kind in _PLAIN:
        if not isinstance(value, _PLAIN[kind]) or (isinstance(value, bool) and kind != "Boolean"):
            yield f"{where}: not of type {kind}"
    elif kind == "InputFile":
        if not isinstance(value, Upload):
            yield f"{where}: not a file"
    elif "any" in (described := schema()["types"][kind]):
        yield from _one_of(where, described["any"], value)
    else:
        yield from _object(where, described["fields"], value)


def _within(where: str, limit: list[Any] | None, value: Any) -> Iterator[str]:
    if limit is None:
        return
    if limit[0] == "is":
        if value not in limit[1:]:
            yield f"{where}: must be {limit[1]}"
        return
    least, most, unit = limit
    if isinstance(value, str):
        size = len(value.encode()) if unit == "bytes" else units(value)
    else:
        size = value if unit == "number" else len(value)
    if not least <= size <= most:
        yield f"{where}: {size} {unit}, must be {least} to {most}"
