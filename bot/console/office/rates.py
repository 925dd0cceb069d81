"""*Tarif*: what a contribution costs, from when, by which source; a new row shows what it changes before it is entered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk
from bot.console.office.offices import is_id
from bot.loading import as_it_stands, shipped_rates
from conversations.rules.quiet_hours import zone
from conversations.rules.rates import PARTS, SEGMENTS, Cut, Rate, Rates
from conversations.rules.rates_over import (
    FLAT,
    MOST,
    OFF,
    SHARE,
    EnteredRate,
    has_ended,
    laid_over,
    meant,
    names,
    value_of,
)
from conversations.rules.validity import CONFIDENCES, Terms
from storage.console import entered_rates

HERE = "/pengaturan/tarif"
FIELDS = ("name", "value", "source", "checked_on", "valid_from", "valid_to", "confidence")
FIRST, LAST = date(2020, 1, 1), date(2099, 12, 31)
LONGEST = 200  # characters of a source


@dataclass(frozen=True, slots=True)
class RateLine:
    """A row as the page lists it. ``id``: of one that was entered, 0 of one that ships; ``state``: ended, now, later."""

    id: int
    name: str
    value: str
    terms: Terms
    state: str


async def page(desk: Desk) -> Response:
    return await _rates(desk)


def _today(desk: Desk) -> date:
    return desk.now.astimezone(zone("")).date()


async def _rates(
    desk: Desk, status: int = 200, wrong: str = "", given: Mapping[str, str] | None = None
) -> HTMLResponse:
    async with desk.product.database.read() as tx:
        entered = await entered_rates.known(tx)
    today, shipped = _today(desk), shipped_rates()
    return desk.page(
        "rates.html",
        status,
        lines=_lines(laid_over(shipped, entered), entered, today),
        names=[(name, meant(shipped, name)) for name in names(shipped)],
        confidences=CONFIDENCES,
        today=today,
        given={**dict.fromkeys(FIELDS, ""), "checked_on": f"{today}", **(given or {})},
        wrong=wrong,
    )


def _lines(rates: Rates, entered: Sequence[EnteredRate], today: date) -> list[RateLine]:
    """All rows in force one day or another, by name and day."""
    ids = {(row.name, row.terms.valid_from, row.value): row.id for row in entered}
    order = {name: number for number, name in enumerate(names(shipped_rates()))}
    rows: tuple[Rate | Cut, ...] = (*rates.rates, *rates.cuts)
    found = [(row.name, value_of(row), row.terms) for row in rows]
    found.sort(key=lambda each: (order[each[0]], each[2].valid_from))
    return [
        RateLine(ids.get((name, terms.valid_from, value), 0), name, _said(name, value), terms, _state(terms, today))
        for name, value, terms in found
    ]


def _state(terms: Terms, today: date) -> str:
    return "ended" if has_ended(terms, today) else "now" if terms.hold(today) else "later"


def _said(name: str, value: int) -> str:
    """The number of a row as it is read: "Rp6.800", "0,24%", "50%"."""
    kind = meant(shipped_rates(), name)
    if kind == FLAT:
        return render.rupiah(value)
    return f"{value}%" if kind == OFF else f"{f'{value / 100:.2f}'.rstrip('0').rstrip('.').replace('.', ',')}%"


# ------------------------------------------------------------------------------------------------ a new row


async def enter(desk: Desk) -> Response:
    """Show what a new row would change; once more, and it is entered (a form)."""
    given = {name: (await desk.said(name))[: LONGEST + 1] for name in FIELDS}
    new = _read(given, _today(desk))
    if isinstance(new, str):
        return await _rates(desk, 400, new, given)
    if not await desk.said("sure"):
        return await _preview(desk, new, given)
    async with desk.product.database.write() as tx:
        await entered_rates.enter(tx, new, desk.now, actor=desk.actor)
    return await _changed(desk, "rate")


def _read(given: Mapping[str, str], today: date) -> EnteredRate | str:
    """The row that a form says; else the name of what could not be read."""
    name, source = given["name"], " ".join(given["source"].split())
    value = _value(given["value"], meant(shipped_rates(), name)) if name in names(shipped_rates()) else None
    checked, first, last = (_day(given[each]) for each in ("checked_on", "valid_from", "valid_to"))
    sourced = any(letter.isalnum() for letter in source) and len(source) <= LONGEST
    ends = last is not None if given["valid_to"] else True
    readable = {
        "name": name in names(shipped_rates()),
        "value": value is not None,
        "source": sourced,
        "checked_on": checked is not None and checked <= today,
        "days": first is not None and ends and (last is None or last >= max(first, today)),
        "confidence": given["confidence"] in CONFIDENCES,
    }
    wrong = next((each for each, fine in readable.items() if not fine), "")
    if wrong or value is None or checked is None or first is None:
        return wrong
    return EnteredRate(name, value, Terms(source, checked, first, last, given["confidence"]))


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def _value(said: str, kind: str) -> int | None:
    """The number of a row in the unit of its kind; None where it is none, or more than can be.

    >>> _value("Rp6.800", FLAT), _value("0,24%", SHARE), _value("50", OFF), _value("0,245", SHARE), _value("110", OFF)
    (6800, 24, 50, None, None)
    """
    bare = re.sub(r"(?i)[\s%]|rp", "", said)
    bare = re.sub(r"[.,]", "", bare) if kind == FLAT else bare.replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", bare):
        return None
    try:
        number = Decimal(bare) * (100 if kind == SHARE else 1)
    except InvalidOperation:
        return None
    return int(number) if number == int(number) and 0 < number <= MOST[kind] else None


async def _preview(desk: Desk, new: EnteredRate, given: Mapping[str, str]) -> HTMLResponse:
    """What the row changes, on the first day on which it holds from now on, for examples of who asks."""
    async with desk.product.database.read() as tx:
        entered = await entered_rates.known(tx)
    day = max(new.terms.valid_from, _today(desk))
    before, after = laid_over(shipped_rates(), entered), laid_over(shipped_rates(), [*entered, new])
    found = zip(_examples(before, day), _examples(after, day), strict=True)
    changed = [(who, old, now) for (who, old), (_, now) in found if old != now]
    line = RateLine(0, new.name, _said(new.name, new.value), new.terms, _state(new.terms, _today(desk)))
    return desk.page("rate_preview.html", line=line, changed=changed, day=day, given=given)


def _examples(rates: Rates, day: date) -> list[tuple[str, str]]:
    """(which example, its price on a day) for the lowest bracket of every kind of person, and for one worker."""
    found = []
    for transport in (False, True):
        for segment in SEGMENTS:
            for program in PARTS:
                price = rates.estimate(program, None, transport, segment == SEGMENTS[1], day)
                pays = (price.low if price.reduced_low is None else price.reduced_low) if price else None
                who = f"{'transport' if transport else 'other'}.{segment}.{program}"
                found.append((who, render.rupiah(pays) if pays is not None else "–"))
    workers = rates.worker_range(day)
    return [*found, ("worker", " – ".join(map(render.rupiah, workers)) if workers else "–")]


# ------------------------------------------------------------------------------------------------ a row that stands


async def end(desk: Desk) -> Response:
    """Have a row end on a day, or take it away before it begins; never one that has ended (a form)."""
    said, last, today = await desk.said("rate"), _day(await desk.said("last")), _today(desk)
    remove, done = bool(await desk.said("remove")), False
    if is_id(said) and (remove or last):
        done = await _end(desk, int(said), None if remove else last, today, desk.now)
    return await _changed(desk, "rate_ended") if done else await _rates(desk, 409, "fixed")


async def _end(desk: Desk, row_id: int, last: date | None, today: date, now: datetime) -> bool:
    async with desk.product.database.write() as tx:
        if last is None:
            return await entered_rates.remove(tx, row_id, today, now, actor=desk.actor)
        return await entered_rates.end(tx, row_id, last, today, now, actor=desk.actor)


async def _changed(desk: Desk, done: str) -> Response:
    """Back to the list; this process says the new price at once, others within seconds."""
    services = desk.services
    services.knowledge = await as_it_stands(services.knowledge, desk.product.database)
    return desk.go(HERE, done)
