"""Templates as the Cloud API keeps them: what a message by one is refused for, and how it reads on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .cloud_api_checks import Body, Problem
from .cloud_api_people import Shown
from .units import units

_STATES = {"PAUSED": 132015, "DISABLED": 132016}


def problem(template: Body, kept: Mapping[tuple[str, str], Body]) -> Problem | None:
    """The first thing that Meta would refuse this use of a template for; ``kept`` are the templates as submitted."""
    return next(_problems(template, kept.get((template["name"], template["language"]["code"]))), None)


def _problems(template: Body, known: Body | None) -> Iterator[Problem]:
    if known is None:
        yield 132001, "no such template"
        return
    if known["status"] != "APPROVED":
        yield _STATES.get(known["status"], 132001), known["status"]
    body, fields = _body(known), _fields(template)
    if len(fields) != body.count("{{"):
        yield 132000, f"{len(fields)} fields of {body.count('{{')}"
    if any("\n" in field or "\t" in field or "     " in field or not field for field in fields):
        yield 132018, "a field with lines, tabs, too many spaces, or nothing"
    if units(filled(body, fields)) > 1024:
        yield 132005, "too long"
    if len(_payloads(template)) > len(_titles(known)):
        yield 132012, "more buttons than it has"


def shown(external_id: str, template: Body, known: Body) -> Shown:
    """The message on a phone."""
    options = list(zip(_payloads(template), _titles(known), strict=False))
    text = filled(_body(known), _fields(template))
    return Shown(external_id, False, text, "template", options, template=template["name"])


def filled(body: str, fields: list[str]) -> str:
    """The body of a template with its fields in place.

    >>> filled("Halo {{1}}, kode {{2}}.", ["Siti", "RK-1"])
    'Halo Siti, kode RK-1.'
    """
    for number, field in enumerate(fields, 1):
        body = body.replace(f"{{{{{number}}}}}", field)
    return body


def _body(known: Body) -> str:
    return next((str(part["text"]) for part in known["components"] if part["type"] == "BODY"), "")


def _titles(known: Body) -> list[str]:
    return [button["text"] for part in known["components"] if part["type"] == "BUTTONS" for button in part["buttons"]]


def _fields(template: Body) -> list[str]:
    given: list[Any] = [part for part in template.get("components", ()) if part["type"] == "body"]
    return [field["text"] for part in given for field in part["parameters"]]


def _payloads(template: Body) -> list[str]:
    given = [part for part in template.get("components", ()) if part["type"] == "button"]
    return [part["parameters"][0]["payload"] for part in given]
