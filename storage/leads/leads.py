"""Leads: an owner's answers, sealed; beside them, unsealed, the columns that are counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Row, Table, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Lead, Visit
from conversations.rules.form_versions import answers_today
from conversations.rules.next_step import NextStep
from conversations.rules.outcomes import CLOSED, PAID, UNTAKEN, WAITING
from storage import tables
from storage.engine.bulk_statements import BulkStatement, id_in
from storage.engine.ids import first_id, new_id
from storage.sealing.unreadable import NAME, Opening
from storage.sealing.vault import Vault

from . import finding, lead_events

lead, person, officer, timer = (
    tables.table(tables.LeadRow),
    tables.table(tables.Person),
    tables.table(tables.OfficerRow),
    tables.table(tables.Timer),
)

CLOSED_KEPT = timedelta(days=90)  # answers of a lead closed without success; docs/privacy.md
ACTIVE_KEPT = timedelta(days=180)  # answers of a lead closed with success; then only the counted columns stay
SUCCESS = PAID
ENDED = (*(status for status in CLOSED if status != SUCCESS), WAITING)
OPEN = lead.c.status.not_in((*ENDED, SUCCESS)) & lead.c.person_id.is_not(None)  # an officer can still work on the lead


def clear(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The unsealed columns of a lead, from its answers."""
    low, high = answers.get("workers") or (None, None)
    brackets = answers.get("income") or (None, None)
    return {
        "regency": answers.get("regency") or "",
        "district": answers.get("district") or "",
        "category": (answers.get("sector") or {}).get("category", ""),
        "workers_low": low,
        "workers_high": high,
        "wages": answers.get("wages") or "",
        "program": answers.get("program") or "",
        "bracket_low": brackets[0],
        "bracket_high": brackets[1],
    }


def rows(
    tx: AsyncConnection,
    vault: Vault,
    *,
    person_id: int,
    code: str,
    answers: Mapping[str, Any],
    step: NextStep | None,
    kind: str,
    estimate: Mapping[str, Any],
    channel: str,
    campaign: str,
    now: datetime,
) -> tuple[int, dict[Table, list[dict[str, Any]]]]:
    """The id of a new lead, and the rows to insert for it, by table. ``step``: its next step; None for a lead of a place where
    nobody works, which waits.

    The code is unique: a second lead with the same code raises IntegrityError, and the turn is tried again with a new
    code.
    """
    lead_id = new_id(tx)
    values = {
        "id": lead_id,
        "code": code,
        "person_id": person_id,
        "status": UNTAKEN if step else WAITING,
        "created_at": now,
        "changed_at": now,
        "erase_at": None if step else now + CLOSED_KEPT,
        "channel": channel,
        "campaign": campaign,
        "kind": kind,
        "estimate": dict(estimate),
        "next_at": step and step.at,
        "ring_at": step and step.at,
        "next_reason": step.reason if step else "",
        **clear(answers),
        "sealed": _sealed(vault, lead_id, answers),
    }
    submitted = lead_events.line(tx, vault, lead_id, "submitted", now)
    found_by = finding.rows(vault, lead_id, answers)
    return lead_id, {lead: [values], lead_events.event: [submitted], finding.leadfind: found_by}


async def change(
    tx: AsyncConnection,
    vault: Vault,
    lead_id: int,
    answers: Mapping[str, Any],
    kind: str,
    estimate: Mapping[str, Any],
    now: datetime,
) -> None:
    values = {
        "changed_at": now,
        "kind": kind,
        "estimate": dict(estimate),
        **clear(answers),
        "sealed": _sealed(vault, lead_id, answers),
    }
    await tx.execute(update(lead).where(lead.c.id == lead_id).values(**values))
    await finding.put(tx, vault, lead_id, answers)
    await lead_events.note(tx, lead_events.line(tx, vault, lead_id, "changed", now))


async def rewrite(tx: AsyncConnection, vault: Vault, lead_id: int, answers: Mapping[str, Any], now: datetime) -> None:
    """Store changed answers of a lead that no count and no price depends on: a name, a number."""
    values = {"changed_at": now, "sealed": _sealed(vault, lead_id, answers)}
    await tx.execute(update(lead).where(lead.c.id == lead_id).values(**values))
    await finding.put(tx, vault, lead_id, answers)
    await lead_events.note(tx, lead_events.line(tx, vault, lead_id, "changed", now))


def _sealed(vault: Vault, lead_id: int, answers: Mapping[str, Any]) -> bytes:
    return vault.seal_json(dict(answers), table="lead", column="sealed", row=lead_id)


# ------------------------------------------------------------------------------------------------ reading


async def of_people(tx: AsyncConnection, vault: Vault, person_ids: Sequence[int]) -> dict[int, tuple[Lead, ...]]:
    """The leads of each of these persons, oldest first; persons without one are left out. One that was merged into another
    is as far as that; what others told is not in it."""
    rows = await _rows(tx, lead.c.person_id.in_(person_ids))
    found: dict[int, list[Lead]] = {}
    for row, opened in await _as_far(tx, vault, await _opened(tx, vault, rows, with_history=True)):
        found.setdefault(row.person_id, []).append(opened)
    return {person_id: tuple(leads) for person_id, leads in found.items()}


async def by_code(
    tx: AsyncConnection, vault: Vault, codes: Iterable[str], *, lock: bool = False
) -> dict[str, tuple[int, Lead]]:
    """(lead id, lead with its history) for each of these codes that exists. ``lock`` keeps others from changing the leads."""
    rows = await _rows(tx, lead.c.code.in_(list(codes)), lock=lock)
    return {row.code: (row.id, opened) for row, opened in await _whole(tx, vault, rows)}


class ByIds(NamedTuple):
    """The result of :func:`by_ids`: ``leads`` by id, without those whose owner was erased; ``unreadable``: ids of leads
    that do not open; ``contacted``: ids of leads whose owner an officer has reached since the lead was taken."""

    leads: Mapping[int, Lead]
    unreadable: frozenset[int] = frozenset()
    contacted: frozenset[int] = frozenset()


async def by_ids(tx: AsyncConnection, vault: Vault, ids: Iterable[int]) -> ByIds:
    """These leads with their history, in the order of their ids; leads whose owner was erased are left out."""
    wanted = list(ids)
    if not wanted:
        return ByIds({})
    rows = await _rows(tx, id_in(lead.c.id) & lead.c.person_id.is_not(None), ids=wanted)
    found = {row.id: opened for row, opened in await _whole(tx, vault, rows)}
    reached = frozenset(row.id for row in rows if row.contacted_at is not None)
    return ByIds(found, frozenset(row.id for row in rows) - found.keys(), reached)


async def in_order(
    tx: AsyncConnection, vault: Vault, ids: Sequence[int], *, with_history: bool = False
) -> dict[int, Lead]:
    """These leads by id, in the order given; leads that do not open are left out."""
    rows = await _rows(tx, id_in(lead.c.id) & lead.c.person_id.is_not(None), ids=ids) if ids else ()
    if with_history:
        opened = await _whole(tx, vault, rows)
    else:
        opened = await _opened(tx, vault, rows, with_history=False)
    found = {row.id: one for row, one in opened}
    return {each: found[each] for each in ids if each in found}


class WithWhere(Protocol):
    """Leads that are wanted, as a condition of a statement."""

    @property
    def where(self) -> ColumnElement[bool]: ...


class Wanted(NamedTuple):
    """The leads that an export is of: those that came from ``since`` until before ``until`` (aware; None: without such
    a bound), in one of these statuses and regencies; None: in any."""

    since: datetime | None = None
    until: datetime | None = None
    statuses: Collection[str] | None = None
    regencies: Collection[str] | None = None

    @property
    def where(self) -> ColumnElement[bool]:
        """As a condition of a statement; a lead whose owner was erased is never wanted."""
        found: list[ColumnElement[bool]] = [lead.c.person_id.is_not(None)]
        found += [lead.c.id >= first_id(self.since)] if self.since else []
        found += [lead.c.id < first_id(self.until)] if self.until else []
        found += [lead.c.status.in_(self.statuses)] if self.statuses is not None else []
        found += [lead.c.regency.in_(self.regencies)] if self.regencies is not None else []
        return and_(*found)


ALL = Wanted()


async def page(
    tx: AsyncConnection, vault: Vault, after: int = 0, limit: int = 500, wanted: WithWhere = ALL
) -> tuple[dict[int, Lead], int | None]:
    """A page for exports: the next wanted leads behind the id ``after``, by id, oldest first; and the id of the last lead
    looked at, None where none was left."""
    some = select(lead.c.id).where(lead.c.id > after, wanted.where).order_by(lead.c.id).limit(limit)
    rows = await _rows(tx, lead.c.id.in_(some))
    opened = await _opened(tx, vault, rows, with_history=False)
    return {row.id: each for row, each in opened}, rows[-1].id if rows else None


async def count(tx: AsyncConnection, wanted: Wanted = ALL) -> int:
    """How many leads are wanted."""
    return (await tx.execute(select(func.count()).select_from(lead).where(wanted.where))).scalar_one()


async def _rows(
    tx: AsyncConnection, where: Any, *, lock: bool = False, **parameters: Sequence[int]
) -> Sequence[Row[Any]]:
    of_officer, of_owner = officer.c.id == lead.c.officer_id, person.c.id == lead.c.person_id
    joined = lead.outerjoin(officer, of_officer).outerjoin(person, of_owner)
    found = select(lead, officer.c.name.label("officer_name"), person.c.stopped, person.c.may_call)
    query = found.select_from(joined).where(where).order_by(lead.c.id)
    if lock:  # by itself: what is joined to a row that was waited for is read as it was before the wait
        await tx.execute(select(lead.c.id).where(where).order_by(lead.c.id).with_for_update(), parameters)
    return (await tx.execute(query, parameters)).all()


async def _opened(
    tx: AsyncConnection, vault: Vault, rows: Sequence[Row[Any]], *, with_history: bool
) -> list[tuple[Row[Any], Lead]]:
    """Those of these rows that open, each with its lead; the others are noted in ``unreadable``."""
    opening = Opening(vault)
    history = await lead_events.visits(tx, opening, [row.id for row in rows]) if with_history and rows else {}
    found = [(row, _lead(row, opening, history.get(row.id, ()))) for row in rows]
    await opening.note(tx)
    return [(row, opened) for row, opened in found if opened]


async def _whole(tx: AsyncConnection, vault: Vault, rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], Lead]]:
    """The leads of these rows as those who work on them see them: with what was merged into each, and both histories in
    order."""
    opened = await _opened(tx, vault, rows, with_history=True)
    ids = [row.id for row, _ in opened]
    inside = await _rows(tx, id_in(lead.c.into_id) & lead.c.person_id.is_not(None), ids=ids) if ids else ()
    merged: dict[int, list[Lead]] = {}
    for row, one in await _opened(tx, vault, inside, with_history=True) if inside else ():
        merged.setdefault(row.into_id, []).append(one)
    found = [
        (row, replace(one, merged=tuple(merged[row.id]), history=_in_time((one, *merged[row.id]))))
        if row.id in merged
        else (row, one)
        for row, one in opened
    ]
    return await _as_far(tx, vault, found)


def _in_time(some: Iterable[Lead]) -> tuple[Visit, ...]:
    return tuple(sorted((visit for one in some for visit in one.history), key=lambda visit: visit.at))


async def _as_far(
    tx: AsyncConnection, vault: Vault, opened: Sequence[tuple[Row[Any], Lead]]
) -> list[tuple[Row[Any], Lead]]:
    """These leads, each that was merged into another as far as that one is, and in the same hands."""
    ids = [row.into_id for row, _ in opened if row.into_id]
    rows = await _rows(tx, id_in(lead.c.id) & lead.c.person_id.is_not(None), ids=ids) if ids else ()
    kept = {row.id: one for row, one in await _opened(tx, vault, rows, with_history=False)} if rows else {}
    return [
        (row, replace(one, into=goes_on.code, **{name: getattr(goes_on, name) for name in _COURSE}) if goes_on else one)
        for row, one in opened
        for goes_on in [kept.get(row.into_id)]
    ]


_COURSE = ("status", "officer", "officer_id", "contacted", "offered", "offered_to")


def _lead(row: Row[Any], opening: Opening, history: tuple[Visit, ...]) -> Lead | None:
    """The lead of a row; None where its answers do not open. An officer's name that does not open is ``unreadable.NAME``."""
    answers = opening.json(row.sealed, table="lead", column="sealed", row=row.id)
    if not isinstance(answers, dict):
        return None
    name = row.officer_name
    holder = opening.text(name, table="officer", column="name", row=row.officer_id) if name else ""
    return Lead(
        code=row.code,
        status=row.status,
        created=row.created_at,
        answers=answers_today("registration", answers),
        expires=row.erase_at.date() if row.erase_at else None,
        officer=NAME if holder is None else holder,
        officer_id=row.officer_id,
        owner_id=row.person_id,
        estimate=row.estimate or {},
        channel=row.channel,
        campaign=row.campaign,
        history=history,
        contacted=row.contacted_at is not None,
        offered=row.offered,
        offered_to=row.offered_to,
        next_at=row.next_at,
        next_reason=row.next_reason,
        stopped=bool(row.stopped),
        may_call=row.may_call if row.stopped else None,
    )


# ------------------------------------------------------------------------------------------------ forgetting


async def forget(tx: AsyncConnection, person_id: int, vault: Vault) -> list[tuple[int, str]]:
    """Erase everything that names a person from their leads; (id, code) of each lead. Counted columns stay, without a
    person."""
    mine = [
        (row.id, row.code)
        for row in await tx.execute(select(lead.c.id, lead.c.code).where(lead.c.person_id == person_id))
    ]
    await reduce(tx, vault, [lead_id for lead_id, _ in mine])
    ids = [lead_id for lead_id, _ in mine]
    await tx.execute(update(lead).where(lead.c.id.in_(ids)).values(status="withdrawn"))
    return mine


async def reduce(tx: AsyncConnection, vault: Vault, ids: Sequence[int]) -> None:
    """Leave of these leads only the counted columns: no person, no answers, no notes, no next step, no timers, nothing
    to find them by."""
    if not ids:
        return
    await _EMPTY.run(tx, [(i, vault.seal_json({}, table="lead", column="sealed", row=i)) for i in ids])
    gone = {"note": None, "before": None}  # nothing is undone any more
    await tx.execute(update(lead_events.event).where(lead_events.event.c.lead_id.in_(ids)).values(gone))
    await tx.execute(delete(timer).where(timer.c.lead_id.in_(ids)))
    await finding.drop(tx, ids)


_EMPTY = BulkStatement(
    update(lead)
    .where(lead.c.id == bindparam("which"))
    .values(sealed=bindparam("nothing"), person_id=None, erase_at=None, next_at=None, ring_at=None, next_reason="")
    .values(rung=0, offered=False, offered_to=None, offered_until=None)
    # Nor what could be told apart in a small place, and is not counted.
    .values(district="", kind="", wages="", program="", workers_low=None, workers_high=None)
    .values(bracket_low=None, bracket_high=None, estimate=None),
    *("which", "nothing"),
)


async def expired(tx: AsyncConnection, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """(lead id, person id) of leads whose answers have been kept for as long as they may; one that was merged into another
    as long as that one."""
    kept = lead.alias()
    goes_on = (kept.c.id == lead.c.into_id) & kept.c.person_id.is_not(None)
    needed = exists().where(goes_on, kept.c.erase_at.is_(None) | (kept.c.erase_at > now))
    over = select(lead.c.id, lead.c.person_id).where(lead.c.erase_at <= now, lead.c.person_id.is_not(None), ~needed)
    query = over.limit(limit)
    return [(row.id, row.person_id) for row in await tx.execute(query)]
