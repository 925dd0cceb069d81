"""The readers of the registration: ``(heard, scene) -> value``. Values are plain JSON, as sessions and leads store them.

Each raises NotUnderstood with the key of a sentence that helps, or Ask when two readings would store different values.
"""

from __future__ import annotations

import re
from typing import Any

from conversations.engine.core import Ask, Heard, NotUnderstood, Reading, Rupiah, Scene
from conversations.hear.text.readings import Amount, Unsure

from .cards import Card
from .names import Name, NotAName
from .times import NoContact, Slot
from .trades import CATEGORIES, Trade

MOST_DAYS = 31
DAYS_OF_A_WEEK = 7
MOST_PEOPLE = 9999
WAGES = ("all", "some", "none")
CARD = ("no", "yes", "once", "over_65", "unsure")  # as buttons in this order
PROGRAMS = ("two", "three", "explain")
PARTS = ("pagi", "siang", "sore", "malam", "any")
_CARD_DOUBTS = {  # doubts about the card that have a sentence of their own
    "age": "registration.member.age",
    "age_unclear": "registration.member.age_unclear",
    "somebody_else": "registration.member.somebody_else",
    "which_bpjs": "registration.member.which_bpjs",
}
A_DAYS_MONEY = 500_000  # rupiah; less without a period is as likely a day's as a month's
_OFFERED_INCOME = re.compile(r"(?:day|month):\d{0,9}:\d{0,9}", re.ASCII)
MAX_TEXT = 120  # characters kept of a business name or of the words for a trade


def person_name(heard: Heard, scene: Scene) -> Any:
    """``{"name": "Siti", "address": "Ibu"}``; the form of address as in ``names.toml``, or ""."""
    found = scene.world.knows.ear.names.read(heard.text)
    if isinstance(found, Name):
        return {"name": found.value, "address": found.address}
    raise NotUnderstood("registration.name.not_a_name" if isinstance(found, NotAName) else "registration.name.unclear")


def trade(heard: Heard, scene: Scene) -> Any:
    """The trade: ``{"category": "kuliner", "said": "warung makan"}``."""
    if heard.pressed:
        if heard.pressed.value not in CATEGORIES:
            raise NotUnderstood("not_a_choice")
        return {"category": heard.pressed.value, "said": scene.said[:MAX_TEXT]}
    found = scene.world.knows.ear.trades.read(heard.text)
    if isinstance(found, Trade):
        return {"category": found.category, "said": found.said[:MAX_TEXT]}
    if found.why == "employee":
        raise NotUnderstood("registration.sector.employee")
    if found.candidates:
        raise Ask("registration.sector.which", found.candidates)
    raise NotUnderstood("registration.sector.general" if found.why == "general" else "registration.sector.unclear")


def head_count(heard: Heard, scene: Scene) -> Any:
    """``[low, high]`` of people other than the owner; ``None`` for an end that was left open."""
    if heard.pressed:
        if heard.pressed.value == "more":
            raise Ask("registration.workers.how_many")
        return [_number(heard.pressed.value, 0, MOST_PEOPLE)] * 2
    found = scene.world.knows.ear.people.read(heard.text)
    if isinstance(found, Unsure):
        if found.candidates:
            raise Ask("registration.workers.which", tuple(str(n) for n in found.candidates))
        raise NotUnderstood("registration.workers.unclear")
    return Reading([found.low, found.high], found.plain)


def wages(heard: Heard, scene: Scene) -> Any:
    """``all``, ``some`` or ``none`` of the workers are paid; a sentence may tell who is family and who is paid."""
    choices = scene.world.knows.ear.choices
    said = heard.pressed.value if heard.pressed else choices.read(heard.text, "registration.wages", WAGES)
    said = said or choices.paid(heard.text)
    if said not in WAGES:
        raise NotUnderstood("not_a_choice")
    return said


def card(heard: Heard, scene: Scene) -> Any:
    """One of :data:`CARD`: whether the owner has the workers' card, had it, or is 65 and too old for it.

    All but a plain "belum" is read back before it leads on or turns away; an age that was told is kept for ``under_65``.
    """
    if heard.pressed:
        if heard.pressed.value not in CARD:
            raise NotUnderstood("not_a_choice")
        return heard.pressed.value
    said = heard.text.strip(" .)")
    if said.isdecimal() and len(said) == 1 and 0 < int(said) <= len(CARD):
        return Reading(CARD[int(said) - 1], plain=False)
    found = scene.world.knows.ear.cards.read(heard.text, scene.world.now.year)
    if isinstance(found, Card):
        return Reading(found.value, found.plain, {"under_65": found.under_65} if found.under_65 else {})
    raise NotUnderstood(_CARD_DOUBTS.get(found.why, "registration.member.unclear"))


def _number(pressed: str, least: int, most: int) -> int:
    """The number on a button; data that comes back from a platform is not taken on trust."""
    if pressed.isascii() and pressed.isdecimal() and len(pressed) <= 4 and least <= int(pressed) <= most:
        return int(pressed)
    raise NotUnderstood("not_a_choice")


def income(heard: Heard, scene: Scene) -> Any:
    """``{"low": rupiah | None, "high": rupiah | None, "period": "month" | "day" | "week" | "year"}``, either end open;
    None where they do not tell.

    A bare digit is asked back: "4" may be the fourth button, or four million; and so is a small amount without a period.
    """
    rates = scene.world.knows.rates
    if heard.pressed:
        if _OFFERED_INCOME.fullmatch(heard.pressed.value):
            return offered_income(heard.pressed.value)
        chosen = next((r for r in rates.ranges if r.key == heard.pressed.value), None)
        if chosen is None:
            raise NotUnderstood("not_a_choice")
        return {"low": chosen.min, "high": chosen.max, "period": "month", "range": chosen.key}
    money = scene.world.knows.ear.money
    found = money.read(heard.text)
    if isinstance(found, Unsure) and found.why == "nothing" and scene.said:  # "sehari", which tells what "80 ribu" was
        found = money.read(f"{scene.said} {heard.text}")
    if isinstance(found, Amount):
        return _income(found)
    if found.why == "unsaid":
        return None
    amounts = [n for n in found.candidates if isinstance(n, int)]
    if len(amounts) > 1:
        raise NotUnderstood("registration.income.which", first=Rupiah(amounts[0]), second=Rupiah(amounts[-1]))
    if found.why == "unit" and amounts:
        raise _of_which_period(amounts[0], amounts[0])
    raise NotUnderstood("registration.income.gross" if found.why == "gross" else "registration.income.unclear")


def _income(found: Amount) -> Any:
    if found.period not in ("month", "day", "week", "year"):
        raise NotUnderstood("registration.income.per_month")
    if not found.told and 0 < (found.high or found.low or 0) < A_DAYS_MONEY:
        raise _of_which_period(found.low, found.high)
    return Reading({"low": found.low, "high": found.high, "period": found.period}, found.plain)


def _of_which_period(low: int | None, high: int | None) -> Ask:
    ends = ":".join("" if end is None else str(end) for end in (low, high))
    return Ask("registration.income.period", (f"day:{ends}", f"month:{ends}"))


def offered_income(value: str) -> dict[str, Any]:
    """The income that a button of a day or a month stands for: "day:80000:80000"."""
    period, low, high = value.split(":")
    return {"low": int(low) if low else None, "high": int(high) if high else None, "period": period}


def working_days(heard: Heard, scene: Scene) -> Any:
    """How many days (or weeks) of a month bring the daily (or weekly) income: 1 to 31. "Libur 2 hari" is no answer of 2."""
    if heard.pressed:
        return _number(heard.pressed.value, 1, MOST_DAYS)
    ear = scene.world.knows.ear
    days, off = ear.numbers.only(heard.text), ear.work_days.off(heard.text)
    if days is not None and (DAYS_OF_A_WEEK if off else 0) < days <= MOST_DAYS:
        return days
    if days is None and scene.answers["income"]["period"] == "day" and (told := ear.work_days.read(heard.text)):
        return Reading(told, plain=False)
    raise NotUnderstood("registration.work_days.days_off" if off else "registration.work_days.unclear")


def program(heard: Heard, scene: Scene) -> Any:
    """``two`` (JKK+JKM), ``three`` (with JHT), or ``explain``: the officer shall explain them."""
    if heard.pressed:
        if heard.pressed.value not in PROGRAMS:
            raise NotUnderstood("not_a_choice")
        return heard.pressed.value
    found = scene.world.knows.ear.programs.read(heard.text)
    if isinstance(found, Unsure):
        raise NotUnderstood("registration.program.unclear")
    return found


def business_name(heard: Heard, scene: Scene) -> Any:
    """A name or landmark by which to find the business, as typed."""
    said = " ".join(heard.text.split())[:MAX_TEXT]
    if not any(c.isalnum() for c in said):
        raise NotUnderstood("registration.business_name.unclear")
    return said


def phone(heard: Heard, scene: Scene) -> Any:
    """``{"kind": "phone" | "landline" | "none", "e164": "+62…", "source": "shared" | "typed" | "channel"}``."""
    if heard.contact:
        if not heard.contact.own:
            raise NotUnderstood("registration.phone.not_own")
        return {"kind": "phone", "e164": heard.contact.phone, "source": "shared"}
    if heard.pressed and heard.pressed.value == "none":
        return {"kind": "none", "e164": "", "source": "typed"}
    found = scene.world.knows.ear.phones.read(heard.text)
    if isinstance(found, Unsure):
        raise NotUnderstood("registration.phone.two" if found.why == "two" else "registration.phone.unclear")
    if found.kind in ("phone", "landline", "none"):
        return {"kind": found.kind, "e164": found.e164, "source": "typed"}
    if found.kind == "this_number" and scene.world.phone:
        return {"kind": "phone", "e164": scene.world.phone, "source": "channel"}
    raise NotUnderstood(f"registration.phone.{found.kind}")


def contact_time(heard: Heard, scene: Scene) -> Any:
    """``{"day", "part", "time", "to", "date"}``, or ``{"kind": "none"}`` where no call is wanted."""
    if heard.pressed:
        if heard.pressed.value not in PARTS:
            raise NotUnderstood("not_a_choice")
        return {"day": "any", "part": heard.pressed.value, "time": None, "to": None, "date": None}
    found = scene.world.knows.ear.times.read(heard.text, scene.world.now)
    if isinstance(found, NoContact):
        return {"kind": "none"}
    if isinstance(found, Slot):
        day = found.date(scene.world.now)
        return {
            "day": found.day,
            "part": found.part,
            "time": found.time,
            "to": found.to,
            "date": day.isoformat() if day else None,
        }
    raise NotUnderstood("registration.contact_time.unclear")
