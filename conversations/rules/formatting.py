"""Formatting of a registration's answers: for its review, an officer's card, an export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conversations.engine.answers.notes import NOTES, REASONS, pay_of, still_without
from conversations.engine.core import Field, Lines, Rupiah, Scene, Text
from conversations.hear.address import ITSELF


def show_name(value: Any, scene: Scene) -> Text:
    """A name with its form of address, as it stands in a list: "Bu Siti", "Pak Haji Slamet", "Siti"."""
    return Text(f"address.{value['address'] or ITSELF}", {"name": value["name"]})


def call_by_name(value: Any, scene: Scene) -> Field:
    return called(value)


def called(value: Any) -> Field:
    """A name as somebody is called by it: "Bu Siti", "Pak Haji Slamet"; "Bapak/Ibu Siti" where the person used no form of
    address."""
    if not isinstance(value, Mapping):
        return ""
    return Text(f"address.{value['address'] or 'none'}", {"name": value["name"]})


def note_rows(answers: Mapping[str, Any]) -> tuple[Text, ...]:
    """The line with the notes that hold: who answers for whom, how workers are paid, which answers are missing and why;
    () without any."""
    notes = answers.get(NOTES) or {}
    told = [Text(f"notes.kin.{notes['kin']}")] if notes.get("kin") else []
    told += [Text(f"notes.pay.{pay}")] if (pay := pay_of(answers)) else []
    for why in REASONS:
        told += [
            Text(f"notes.{why}", {"item": Text(f"registration.{key}.label")}) for key in still_without(answers, why)
        ]
    return (Text("review.item", {"label": Text("notes.label"), "value": Lines(told)}),) if told else ()


def show_sector(value: Any, scene: Scene) -> Field:
    category = Text(f"registration.sector.{value['category']}")
    return (
        Text("registration.sector.shown", {"said": value["said"], "category": category}) if value["said"] else category
    )


def show_workers(value: Any, scene: Scene) -> Field:
    low, high = value
    if low == high:
        return Text("people.none" if low == 0 else "people.some", {"count": low or 0})
    if high is None:
        return Text("people.at_least", {"count": low or 0})
    return Text("people.between", {"low": low or 0, "high": high})


def show_wages(value: Any, scene: Scene) -> Field:
    return Text(f"registration.wages.{value}")


def show_card(value: Any, scene: Scene) -> Field:
    return Text(f"registration.member.{value}")


def show_age(value: Any, scene: Scene) -> Field:
    return Text(f"registration.under_65.{value}")


def show_income(value: Any, scene: Scene) -> Text:
    low, high, period = value["low"], value["high"], Text(f"period.{value['period']}")
    if low is not None and low == high:
        return Text("income.exact", {"amount": Rupiah(low), "period": period})
    if high is None:
        return Text("income.from", {"amount": Rupiah(low or 0), "period": period})
    if not low:
        return Text("income.up_to", {"amount": Rupiah(high), "period": period})
    return Text("income.between", {"low": Rupiah(low), "high": Rupiah(high), "period": period})


def show_days(value: Any, scene: Scene) -> Field:
    period = (scene.answers.get("income") or {}).get("period", "day")
    return Text(f"registration.work_days.shown_{period}", {"count": value})


def show_program(value: Any, scene: Scene) -> Field:
    return Text(f"registration.program.{value}")


CHANNEL = "channel"  # the source of a number that the channel itself shows
_SHORT_AREAS = ("021", "022", "024", "031", "061")  # of landlines; all other areas have four digits


def show_phone(value: Any, scene: Scene) -> Field:
    if not value["e164"]:
        return Text("registration.phone.none")
    number = local_number(value["e164"])
    return Text("registration.phone.of_chat", {"phone": number}) if value.get("source") == CHANNEL else number


def local_number(e164: str) -> str:
    """A phone number (E.164) as people in Indonesia write it.

    >>> local_number("+6281200007001")
    '0812-0000-7001'
    >>> local_number("+62271712345"), local_number("+62247123456")
    ('(0271) 712345', '(024) 7123456')
    """
    digits = "0" + e164.removeprefix("+62")
    if not digits.startswith("08"):
        code = 3 if digits[:3] in _SHORT_AREAS else 4
        return f"({digits[:code]}) {digits[code:]}"
    return "-".join((digits[:4], digits[4:8], digits[8:])).strip("-")


def show_time(value: Any, scene: Scene) -> Field:
    if value.get("kind") == "none":
        return Text("contact_time.none")
    if value.get("kind") == "words":
        return str(value["said"])
    part = Text(f"contact_time.{value['part']}")
    when = Text("contact_time.at", {"part": part, "time": value["time"]}) if value["time"] else part
    day = date_of(value) or Text(f"contact_time.day_{value['day'].strip('+')}")
    return when if value["day"] == "any" else Text("contact_time.on", {"day": day, "when": when})


def date_of(value: Mapping[str, Any]) -> Field | None:
    return date.fromisoformat(value["date"]) if value.get("date") else None
