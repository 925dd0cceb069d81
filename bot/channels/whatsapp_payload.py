"""Readers for values of a webhook body, whose shape nobody guarantees: a value of the wrong kind reads as empty. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Part = Mapping[str, Any]

# A user id, "ID.1349…": a country, then up to 128 letters and digits.
_USER = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,160}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{5,15}", re.ASCII)
_MARK = re.compile(r"[\x21-\x7e]{1,512}")
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def mark(value: Any) -> str:
    """An id or a word of the platform's, if it is plain, short, and fit for any database; else "".

    >>> mark("wamid.HBgN=="), mark("APPROVED"), mark("a\\x00"), mark(7)
    ('wamid.HBgN==', 'APPROVED', '', '')
    """
    return text(value) if _MARK.fullmatch(text(value)) else ""


def part(holder: Any, name: str) -> Part:
    """The object under this name; {} for none."""
    found = holder.get(name) if isinstance(holder, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(holder: Any, name: str) -> Iterator[Part]:
    """The objects in the list under this name; empty for none."""
    found = holder.get(name) if isinstance(holder, Mapping) else None
    return (each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else iter(())


def address(user: Any, number: Any) -> str:
    """The address of a person: their user id, which holds whether or not they show their number, else the number; ""
    for none.

    >>> address("ID.13491208655302741918", "6281200007001"), address(None, "6281200007001"), address("", "x")
    ('ID.13491208655302741918', '6281200007001', '')
    """
    if _USER.fullmatch(text(user)):
        return text(user)
    return text(number) if _NUMBER.fullmatch(text(number)) else ""


def international(number: Any) -> str:
    """A number in E.164; "" for none. Ids of people are bare digits, cards from a phone book are as people wrote them.

    >>> international("6281234567890"), international("+62 812-3456-7890"), international("0812 3456 7890")
    ('+6281234567890', '+6281234567890', '+6281234567890')
    """
    digits = re.sub(r"[^0-9]", "", text(number))
    if digits.startswith("0"):
        digits = f"62{digits.removeprefix('0')}"
    return f"+{digits}" if 5 <= len(digits) <= 15 else ""


def moment(date: Any, now: datetime) -> datetime:
    """The time of epoch seconds (a number, mostly as a string), in the zone of ``now``; ``now`` itself for any other
    value."""
    written = str(date) if type(date) is int else text(date)
    return datetime.fromtimestamp(int(written), now.tzinfo) if _SECONDS.fullmatch(written) else now
