"""Reminders to owners and officers: when each is due, and its message, whose buttons begin something when pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from conversations.dialogues.lead_lists import MOST_SHOWN
from conversations.dialogues.registration import shown
from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Lines, Press, Say, Scene, Text
from conversations.engine.world import Lead, World

from .formatting import show_time
from .pricing import amount, brackets, carries, employs, month_name
from .quiet_hours import Quiet, zone

DAY_BEFORE = time(16)  # reminder of an appointment on the next day
EARLIEST_DAYS = 5  # days before an appointment; no reminder of it comes earlier
BEFORE_CALL = timedelta(minutes=30)  # at least, from a reminder to the call on the same day
BEGINS = {"pagi": time(9), "siang": time(11), "sore": time(15), "malam": time(18), "any": time(9)}
# Reminders of contributions come on the tenth, nine o'clock. Employers' bills are due by the fifteenth [M]; of BPU no
# day is known, only that three unpaid months in a row end the protection [A] (reference/domain.md 2.4): no day is named.
CONTRIBUTION_DAY, CONTRIBUTION_HOUR = 10, time(9)


def unfinished(last: bool) -> Say:
    """The reminder of an unfinished registration, "Mau dilanjutkan?"; the ``last`` one says that the answers will be
    erased."""
    text = Text("nudge.last" if last else "nudge.unfinished")
    return Say(text, (command("continue"), command("restart"), command("human")))


def appointment_at(answers: Mapping[str, Any], now: datetime, quiet: Quiet) -> tuple[datetime, int] | None:
    """When to remind of the appointment that the owner named for the call, and the ``version`` of that timer; None
    where no day was named, or the time for the reminder is over."""
    begins = appointment_begins(answers)
    if begins is None:
        return None
    at = day_before_at(begins, quiet)
    return (at, begins.toordinal()) if at > now else None


def day_before_at(begins: datetime, quiet: Quiet) -> datetime:
    """When to remind of a call or a meeting that ``begins`` then: the afternoon before; where that is quiet, the next
    morning before it, or else the last afternoon that is not quiet."""
    day_before = datetime.combine(begins.date() - timedelta(days=1), DAY_BEFORE, begins.tzinfo)
    if quiet.over(day_before) == day_before:
        return day_before
    if quiet.over(day_before) + BEFORE_CALL <= begins:
        return quiet.over(day_before)
    earlier = (day_before - timedelta(days=days) for days in range(1, EARLIEST_DAYS))
    return next((each for each in earlier if quiet.over(each) == each), day_before)


def appointment_begins(answers: Mapping[str, Any]) -> datetime | None:
    """The earliest time of the call, in the zone of the business; None where the owner named no day."""
    named = answers.get("contact_time") or {}
    if not named.get("date"):
        return None
    at = time.fromisoformat(named["time"]) if named.get("time") else BEGINS[named["part"]]
    return datetime.combine(date.fromisoformat(named["date"]), at, zone(answers.get("regency") or ""))


def appointment(lead: Lead, world: World) -> Say:
    """The reminder of an appointment to the owner. Whether somebody calls is for the office to keep; sure is that a
    caller without the code is not from us, so the message says so."""
    fields: dict[str, Field] = {
        "name": shown("name", lead.answers.get("name"), Scene(lead.answers, world)),
        "when": show_time(lead.answers["contact_time"], Scene(lead.answers, world)),
        "code": lead.code,
        "officer": Text("reminder.officer", {"name": lead.officer}) if lead.officer else "",
    }
    return Say(Text("reminder.appointment", fields), (command("correct", "contact_time", "reminder.change_time"),))


def appointment_notes(leads: Sequence[Lead], world: World) -> Say:
    """The reminder of appointments to the officer who has the leads: a line and a button for each, as far as there is
    room."""
    some = leads[:MOST_SHOWN]
    lines = [
        Text(
            "reminder.appointment_note",
            {"code": lead.code, "when": show_time(lead.answers["contact_time"], Scene(lead.answers, world))},
        )
        for lead in some
    ]
    keys = tuple(Button(Press("lead", "show", lead.code), lead.code) for lead in some)
    if len(leads) == 1:
        return Say(lines[0], keys)
    return Say(Text("reminder.appointment_notes", {"count": len(leads), "lines": Lines(lines)}), keys)


def apology(lead: Lead, *, reminded: bool) -> Say:
    """The apology to the owner, the day after a promise that nobody kept. ``reminded``: an officer who can keep it now
    is told."""
    tried = any(visit.outcome == "unreached" for visit in lead.history)
    buttons = (command("human"), command("correct", "contact_time", "reminder.change_time"))
    fields: dict[str, Field] = {"code": lead.code}
    if tried:
        return Say(Text("apology.tried", fields), buttons)
    return Say(Text("apology.reminded" if reminded else "apology.nobody", fields), buttons)


def broken_promises(codes: Sequence[str]) -> Say:
    """The message to an officer who can still keep what these owners were promised; a button for each lead, as far as
    there is room."""
    keys = tuple(Button(Press("lead", "show", code), code) for code in codes[:MOST_SHOWN])
    return Say(Text("apology.officer", {"codes": ", ".join(codes[:MOST_SHOWN]), "count": len(codes)}), keys)


def contribution_at(now: datetime, regency: str, after: int | None = None) -> tuple[datetime, int]:
    """When to remind of a contribution next, and for which month (the ``version`` of that timer, a :func:`month_number`).

    The time lies ahead of ``now``, in a month later than ``after``; None: later than the month of ``now``, which is paid.
    """
    here = now.astimezone(zone(regency))
    after = month_number(here.date()) if after is None else after
    day = here.date().replace(day=CONTRIBUTION_DAY)
    while month_number(day) <= after or datetime.combine(day, CONTRIBUTION_HOUR, here.tzinfo) <= here:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=CONTRIBUTION_DAY)
    return datetime.combine(day, CONTRIBUTION_HOUR, here.tzinfo), month_number(day)


def month_number(day: date) -> int:
    """Months since the year nought: the ``version`` of a timer that is for one month."""
    return day.year * 12 + day.month


def contribution(lead: Lead, world: World) -> Say:
    """The reminder of the month's contribution to an active participant, with an estimate by the programme and income
    of their lead."""
    scene = Scene(lead.answers, world)
    today = world.now.astimezone(zone(lead.answers.get("regency") or "")).date()
    fields: dict[str, Field] = {
        "name": shown("name", lead.answers.get("name"), scene),
        "month": month_name(today),
        "price": _price(scene, today),
    }
    buttons = (command("faq", "payment_how", "reminder.how"), command("stop", "", "reminder.stop"))
    return Say(Text("reminder.contribution", fields), buttons)


def _price(scene: Scene, today: date) -> Field:
    """The price in a contribution reminder; "" where none is sure: no programme chosen, or no rate in force."""
    program = scene.answers.get("program")
    if program not in ("two", "three"):
        return ""
    first = today.replace(day=1)
    found = scene.world.knows.rates.estimate(
        program, brackets(scene), transport=carries(scene), employer=employs(scene), month=first
    )
    if found is None:
        return ""
    low, high = found.low, found.high
    if found.reduced_sure and found.reduced_low is not None:
        low, high = found.reduced_low, found.reduced_high or found.reduced_low
    fields: dict[str, Field] = {"amount": amount(low, high), "program": Text(f"registration.program.{program}")}
    return Text("reminder.price_from" if brackets(scene) is None else "reminder.price", fields)
