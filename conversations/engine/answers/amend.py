"""Corrections without being asked: another number where the time is asked, "jenengku Mini dudu Sumini".

Taken only where they cannot mean anything else, as in ``unasked.py``.
"""

from __future__ import annotations

import re
from typing import Any

from conversations.engine.core import Dialogue, Heard, NotUnderstood, Reading, Scene
from conversations.hear.names import Name

from .unasked import MOBILE

FEWEST = 7  # digits of a number, or words that dictate one
AFTER_PHONE = frozenset({"contact_time", "confirm"})  # elsewhere so long a number may be an income


def corrected(dialogue: Dialogue, key: str, text: str, scene: Scene) -> dict[str, Any]:
    """New values of answers that were given before, by key; ``key`` is the open question's."""
    if dialogue.name != "registration" or not text or "?" in text:
        return {}
    found = {
        "phone": _phone(dialogue, text, scene) if key in AFTER_PHONE else None,
        "name": _name(text, scene),
        "contact_time": _time(dialogue, text, scene) if _with_time(key, text) else None,
    }
    given = dialogue.applying(scene).keys() | {"contact_time"}  # which nobody is asked for
    return {name: value for name, value in found.items() if value and name in given and name != key}


def _phone(dialogue: Dialogue, text: str, scene: Scene) -> Any:
    """Another valid number than the one that was given; of two numbers none, as the question itself asks which is meant."""
    if sum(map(str.isdecimal, text)) < FEWEST and len(text.split()) < FEWEST:
        return None  # neither written nor dictated
    question = dialogue.question("phone")
    try:
        read = question.hears(Heard(text=text), scene) if question else {}
    except NotUnderstood:
        return None
    value = read.value if isinstance(read, Reading) else read
    known = scene.answers.get("phone") or {}
    if value.get("e164") in ("", None, known.get("e164")):
        return None
    around = re.sub(r"[\d\s+().-]{8,}", " ", text)  # "hapus nomor 0812…" names a number to be rid of
    erases = scene.world.knows.ear.intents.read(around, "phone", lambda: True)[0] == "delete_data"
    return None if erases else value


def _with_time(key: str, text: str) -> bool:
    """Whether people tell here when they may be called: at the review, or behind their number, of which "0812" alone is
    no time."""
    return key == "confirm" or (key == "phone" and MOBILE.search(text) is not None)


def _time(dialogue: Dialogue, text: str, scene: Scene) -> Any:
    """A time, or that no call is wanted, told with the number or at the review; None where the words may be a greeting:
    "sore", "pagi pak"."""
    question, text = dialogue.question("contact_time"), MOBILE.sub("", text).strip(" ,.")
    ear = scene.world.knows.ear
    if not question or not ear.times.more_than_greets(text):
        return None
    if ear.intents.stops(text):
        return None  # "berhenti, jangan hubungi saya" ends all messages
    try:
        read = question.hears(Heard(text=text), scene)
    except NotUnderstood:
        return None
    return read.value if isinstance(read, Reading) else read


def _name(text: str, scene: Scene) -> Any:
    """The new name, only where the very name that we use is denied: "Mini" alone may be a shop."""
    known, names = scene.answers.get("name"), scene.world.knows.ear.names
    if not known or not names.denies(text, known["name"]):
        return None
    found = names.read(text)
    if not isinstance(found, Name) or found.value == known["name"]:
        return None
    return {"name": found.value, "address": found.address or known["address"]}
