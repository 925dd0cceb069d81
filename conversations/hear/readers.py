"""The readers of the registration: ``(heard, scene) -> value``. Values are plain JSON, as sessions and leads store them.

Each raises NotUnderstood with the key of a sentence that helps, or Ask when two readings would store different values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conversations.engine.core import Ask, Edit, Heard, Instead, NotUnderstood, Reading, Rupiah, Scene, Text
from conversations.hear.text.readings import Amount, Unsure

from .cards import Card, CardState
from .names import Name, NotAName
from .times import InWords, NoContact, Slot
from .trades import CARRYING, CATEGORIES, Trade

MOST_DAYS = 31
DAYS_OF_A_WEEK = 7
MOST_PEOPLE = 9999
NAME_WORDS = 4  # of a name that is told before a trade, its form of address with it
WAGES = ("all", "some", "none")
CARD: tuple[CardState, ...] = ("no", "yes", "once", "over_65", "unsure")  # as buttons in this order
OFFERS = ("two", "three")
PROGRAMS = (*OFFERS, "explain")
YES_NO = ("yes", "no")
ANY_TIME: Mapping[str, Any] = {"day": "any", "part": "any", "time": None, "to": None, "date": None}
PARTS = ("pagi", "siang", "sore", "malam", "any")
_CARD_DOUBTS = {  # doubts about the card that have a sentence of their own
    "age_unclear": "registration.member.age_unclear",
    "somebody_else": "registration.member.somebody_else",
    "which_bpjs": "registration.member.which_bpjs",
}
_INCOME_HELPS = {"gross": "registration.income.gross", "occasion": "registration.income.per_month"}
A_DAYS_MONEY = 500_000  # rupiah; less without a period is as likely a day's as a month's
_OFFERED_INCOME = re.compile(r"(?:day|month):\d{0,9}:\d{0,9}", re.ASCII)
# Buttons of the commonest trades; each says the words of its label.
COMMON_TRADES = (
    "eatery",
    "grocery",
    "market",
    "snacks",
    "tailor",
    "laundry",
    "garage",
    "builder",
    "rides",
    OTHER_TRADE := "other",
)
MAX_TEXT = 120  # characters kept of a business name or of the words for a trade
PROFILE_LETTERS = 20  # of the name on a button: what WhatsApp shows of one
_ORNAMENTS = re.compile(r"^[\W\d_]+|(?:[^\w.]|_)+$")
_ONLY_LETTERS = re.compile(r"(?:[^\W\d_]|[' .,’-])+")


def person_name(heard: Heard, scene: Scene) -> Any:
    """``{"name": "Siti", "address": "Ibu"}``; the form of address as in ``names.toml``, or ""."""
    ear = scene.world.knows.ear
    found = ear.names.read(heard.text)
    if isinstance(found, Name):
        return {"name": found.value, "address": found.address}
    if both := _name_and_trade(heard.text, scene):
        return both
    raise NotUnderstood("registration.name.not_a_name" if isinstance(found, NotAName) else "registration.name.unclear")


def profile_name(profile: str, scene: Scene) -> dict[str, str] | None:
    """The name on a profile, without the ornaments around it, as :func:`person_name` gives it; None where it is not plainly
    the name of one person, short enough for a button."""
    plain = _ORNAMENTS.sub("", profile[:MAX_TEXT])
    if len(plain) > PROFILE_LETTERS or not _ONLY_LETTERS.fullmatch(plain):
        return None
    found = scene.world.knows.ear.names.read(plain)
    return {"name": found.value, "address": found.address} if isinstance(found, Name) else None


def _name_and_trade(text: str, scene: Scene) -> Reading | None:
    """The name of who is called by what they do, and that: "Pak Sarno mandor"; only behind a form of address, as "Barokah
    laundry" may be a shop."""
    words, ear = text.split(), scene.world.knows.ear
    for at in range(2, min(len(words), NAME_WORDS + 1)):
        name, did = ear.names.read(" ".join(words[:at])), ear.trades.read(" ".join(words[at:]))
        if isinstance(name, Name) and name.address and isinstance(did, Trade):
            called = {"name": name.value, "address": name.address}
            return Reading(called, also={"sector": told_trade(did)})
    return None


def trade(heard: Heard, scene: Scene) -> Any:
    """The trade: ``{"category": "kuliner", "said": "warung makan"}``; of transport also ``"drives"``, see ``told_trade``."""
    ear = scene.world.knows.ear
    pressed = (
        heard.pressed.value if heard.pressed else ear.choices.read(heard.text, "registration.sector", COMMON_TRADES)
    )
    if pressed == OTHER_TRADE:
        raise Ask("registration.sector.tell")
    if pressed in CATEGORIES:
        before = ear.trades.read(scene.said)
        return told_trade(Trade(pressed, scene.said, isinstance(before, Trade) and before.drives))
    if heard.pressed and pressed not in COMMON_TRADES:
        raise NotUnderstood("not_a_choice")
    said = scene.world.knows.labels(Text(f"registration.sector.{pressed}"))[0].casefold() if pressed else heard.text
    found = ear.trades.read(said)
    if isinstance(found, Trade):
        return told_trade(found)
    if found.why == "employee":
        raise NotUnderstood("registration.sector.employee")
    if found.candidates:
        raise Ask("registration.sector.which", found.candidates)
    raise NotUnderstood("registration.sector.general" if found.why == "general" else "registration.sector.unclear")


def told_trade(found: Trade) -> dict[str, Any]:
    """A trade as sessions keep it. Of transport it says whether people or goods are carried, as the words told:
    contributions of those are cut longer; a parking attendant's are not."""
    kept: dict[str, Any] = {"category": found.category, "said": found.said[:MAX_TEXT]}
    return {**kept, "drives": found.drives} if found.category == CARRYING else kept


def head_count(heard: Heard, scene: Scene) -> Any:
    """``[low, high]`` of people other than the owner; ``None`` for an end that was left open. A button says beside that
    whether they are paid: "2_all", "1_none"."""
    if heard.pressed:
        if heard.pressed.value == "more":
            raise Ask("registration.workers.how_many")
        number, _, pay = heard.pressed.value.partition("_")
        if pay not in ("", *WAGES):
            raise NotUnderstood("not_a_choice")
        return Reading([_number(number, 0, MOST_PEOPLE)] * 2, also={"wages": pay} if pay else {})
    ear = scene.world.knows.ear
    counted, of_pay = ear.wages.of_people(heard.text)
    found = ear.people.read(counted)
    if (
        isinstance(found, Unsure) and of_pay
    ):  # "kadang 5 kadang 9, dibayar harian": the clauses that do not speak of pay
        apart = [part for part in heard.text.split(",") if not ear.wages.of_people(part)[1]]
        found = ear.people.read(", ".join(apart))
    if isinstance(found, Unsure):
        if found.candidates:
            raise Ask("registration.workers.which", tuple(str(n) for n in found.candidates))
        raise NotUnderstood(
            "registration.workers.resellers" if found.why == "resellers" else "registration.workers.unclear"
        )
    paid = ear.wages.read(heard.text, found.low) if of_pay and found.low else None
    if of_pay and found.low and paid is None:
        paid = ear.wages.read(", ".join(p for p in heard.text.split(",") if ear.wages.of_people(p)[1]), found.low)
    return Reading([found.low, found.high], found.plain, {"wages": paid} if paid else {})


def wages(heard: Heard, scene: Scene) -> Any:
    """``all``, ``some`` or ``none`` of the workers are paid; what is told in a sentence is read back."""
    ear = scene.world.knows.ear
    said = heard.pressed.value if heard.pressed else ear.choices.read(heard.text, "registration.wages", WAGES)
    if said in WAGES:
        return said
    found = ear.wages.read(heard.text, (scene.answers.get("workers") or (None,))[0])
    if heard.pressed or found is None:
        raise NotUnderstood("not_a_choice")
    return Reading(found, plain=False)


def card(heard: Heard, scene: Scene) -> Any:
    """One of :data:`CARD`: whether the owner has the workers' card, had it, or is 65 and too old for it.

    All but a plain "belum" that is typed is read back, and so is whatever turns an owner away; an age is an answer to
    ``under_65``, also where it is told alone.
    """
    said = heard.pressed.value if heard.pressed else heard.text.strip(" .)")
    if not heard.pressed and said.isdecimal() and len(said) == 1 and 0 < int(said) <= len(CARD):
        return _card(Card(CARD[int(said) - 1]))
    if heard.pressed:
        value = next((value for value in CARD if value == said), None)
        if value is None:
            raise NotUnderstood("not_a_choice")
        return _card(Card(value, plain=value != "yes"))
    found = scene.world.knows.ear.cards.read(heard.text, scene.world.now.year)
    if isinstance(found, Card):
        return _card(found)
    if found.why == "age":
        raise Instead("under_65", Reading("yes"))
    raise NotUnderstood(_CARD_DOUBTS.get(found.why, "registration.member.unclear"))


def _card(told: Card) -> Reading:
    if told.value == "over_65":
        raise Instead("under_65", Reading("no", plain=False))
    also = {"under_65": told.under_65} if told.under_65 else {}
    return Reading(told.value, told.plain, also, "registration.member.hospital_card" if told.health else "")


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
    raise NotUnderstood(_INCOME_HELPS.get(found.why, "registration.income.unclear"))


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


def age(heard: Heard, scene: Scene) -> Any:
    """``yes`` under 65, ``no`` from 65 on, which is read back: it turns the owner away."""
    ear, path = scene.world.knows.ear, "registration.under_65"
    said = heard.pressed.value if heard.pressed else ear.choices.read(heard.text, path, YES_NO)
    said = said or ear.yesno.read(heard.text, "under_65")
    if said not in YES_NO:
        raise NotUnderstood("not_a_choice")
    return Reading(said, plain=said == "yes")


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
    """``two`` (JKK+JKM), ``three`` (with JHT), or ``explain``: the officer shall explain them.

    ``calculate`` asks for the income first, for the exact price; an income told here is taken as one.
    """
    ear = scene.world.knows.ear
    if heard.pressed:
        if heard.pressed.value == "calculate":
            raise Edit("income")
        if heard.pressed.value not in PROGRAMS:
            raise NotUnderstood("not_a_choice")
        return heard.pressed.value
    if ear.choices.read(heard.text, "registration.program", (*PROGRAMS, "calculate")) == "calculate":
        raise Edit("income")
    found = ear.programs.read(heard.text)
    if isinstance(found, Unsure):
        earned = ear.money.read(heard.text)
        if isinstance(earned, Amount) and _is_income(earned):
            raise Instead("income", _income(earned))
        if isinstance(earned, Unsure) and (helps := _INCOME_HELPS.get(earned.why)):
            raise NotUnderstood(helps)
        last = ear.programs.read(heard.text.rpartition(",")[2])
        if last in OFFERS:  # "gak mau bilang penghasilan, yang dasar aja"
            return last
        raise NotUnderstood("registration.program.unclear")
    return found


def _is_income(said: Amount) -> bool:
    """Whether an amount told at the programme is an income rather than one of the prices on the screen."""
    return said.told or (said.low or said.high or 0) >= A_DAYS_MONEY


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
    ear = scene.world.knows.ear
    found = ear.phones.read(heard.text)
    if isinstance(found, Unsure):
        said = ear.times.read(heard.text, scene.world.now) if ear.times.only_writing(heard.text) else None
        if found.why == "no_number" and isinstance(said, NoContact):
            return Reading({"kind": "none", "e164": "", "source": "typed"}, also={"contact_time": {"kind": "none"}})
        raise NotUnderstood("registration.phone.two" if found.why == "two" else "registration.phone.unclear")
    if found.kind in ("phone", "landline", "none"):
        return {"kind": found.kind, "e164": found.e164, "source": "typed"}
    if found.kind == "this_number" and scene.world.phone:
        return {"kind": "phone", "e164": scene.world.phone, "source": "channel"}
    raise NotUnderstood(f"registration.phone.{found.kind}")


def contact_time(heard: Heard, scene: Scene) -> Any:
    """``{"day", "part", "time", "to", "date"}``, ``{"kind": "none"}`` where no call is wanted,
    or the same as for any time with ``{"kind": "words", "said"}`` where only people understand it."""
    if heard.pressed:
        if heard.pressed.value not in PARTS:
            raise NotUnderstood("not_a_choice")
        return {**ANY_TIME, "part": heard.pressed.value}
    found = scene.world.knows.ear.times.read(heard.text, scene.world.now)
    if isinstance(found, NoContact):
        return {"kind": "none"}
    if isinstance(found, InWords):
        return Reading({**ANY_TIME, "kind": "words", "said": found.said[:MAX_TEXT]}, plain=False)
    if isinstance(found, Slot):
        day = found.date(scene.world.now)
        slot = {
            "day": found.day,
            "part": found.part,
            "time": found.time,
            "to": found.to,
            "date": day.isoformat() if day else None,
        }
        return Reading(slot, found.plain)
    raise NotUnderstood("registration.contact_time.unclear")
