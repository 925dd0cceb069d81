"""Broadcasts: one message to many persons, as a plan that can be paused, resumed and cancelled at any moment.

States: draft -> (waiting for a second admin) -> scheduled -> planning -> running <-> paused -> done; beside these
cancelled, and halted for too many failures. Words and audience are frozen at the start. The recipients stand in
``recipients.py``; the state of each copy stands in the outbox alone, so that the progress shown can never differ from
what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import new_id
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

from . import recipients
from .audience import Audience

broadcast = tables.table(tables.Broadcast)

WORDS_KEPT = timedelta(days=30)  # after the end of a broadcast; docs/privacy.md
OPEN = ("waiting", "scheduled", "planning", "running", "paused", "halted")  # started by its author, and not ended
PURPOSES = ("news", "reminder")


class NotNow(Exception):  # noqa: N818 - named for what is so
    """Raised when the state of a broadcast does not allow the command. ``why``: unknown (no such broadcast) | state |
    own (the author may not decide) | nobody (empty audience) | late (the start time is over) | purged (the words are
    erased). ``state``: the state of the broadcast, "" where unknown."""

    def __init__(self, why: str, state: str = "") -> None:
        super().__init__(f"{why} {state}".strip())
        self.why, self.state = why, state


@dataclass(frozen=True, slots=True)
class Plan:
    """One row of the table ``broadcast``. ``author_id`` is an officer's id; None for a broadcast from the command line."""

    id: int
    name: str
    state: str
    author_id: int | None
    approved_by: str
    purpose: str
    audience: Audience
    size: int
    planned_through: int
    start_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    resumed_at: datetime | None
    ended_at: datetime | None
    reason: str


# ------------------------------------------------------------------------------------------------ writing one


async def draft(
    tx: AsyncConnection,
    vault: Vault,
    *,
    name: str,
    author_id: int | None,
    purpose: str,
    audience: Audience,
    content: Mapping[str, Any],
    now: datetime,
    start_at: datetime | None = None,
) -> int:
    """Store a new broadcast as a draft; its id. ``content`` is the result of :meth:`bot.broadcasts.text.Content.json`,
    ``start_at`` the moment at which the author wants the broadcast to start."""
    broadcast_id = new_id(tx)
    values = {
        "id": broadcast_id,
        "name": name,
        "state": "draft",
        "author_id": author_id,
        "approved_by": "",
        "purpose": purpose,
        "audience": audience.checked().json(),
        "sealed": vault.seal_json(dict(content), table="broadcast", column="sealed", row=broadcast_id),
        "size": 0,
        "planned_through": 0,
        "start_at": start_at,
        "created_at": now,
        "reason": "",
    }
    await tx.execute(broadcast.insert().values(**values))
    return broadcast_id


async def discard(tx: AsyncConnection, broadcast_id: int) -> None:
    """Remove a draft. Raises NotNow when the broadcast was started."""
    await _in(tx, broadcast_id, "draft")
    await tx.execute(delete(broadcast).where(broadcast.c.id == broadcast_id))


# ------------------------------------------------------------------------------------------------ reading


async def find(tx: AsyncConnection, broadcast_id: int, *, lock: bool = False) -> Plan | None:
    """The broadcast with this id, or None; ``lock`` keeps others from changing its state until the transaction ends.

    The id may be any number: a forged button's, or a typed one, that no database takes for an id.
    """
    if not 0 <= broadcast_id < 1 << 63:
        return None
    query = select(broadcast).where(broadcast.c.id == broadcast_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _plan(row) if row else None


async def named(tx: AsyncConnection, name: str) -> list[Plan]:
    """The broadcasts with this name, newest first."""
    query = select(broadcast).where(broadcast.c.name == name).order_by(broadcast.c.id.desc())
    return [_plan(row) for row in await tx.execute(query)]


async def listed(tx: AsyncConnection, limit: int = 20) -> list[Plan]:
    """The newest broadcasts, newest first."""
    query = select(broadcast).order_by(broadcast.c.id.desc()).limit(limit)
    return [_plan(row) for row in await tx.execute(query)]


async def at_work(tx: AsyncConnection, now: datetime) -> list[Plan]:
    """The broadcasts with work for the pump, oldest first: to begin, to plan, to put out, to tell their author of a
    halt, or (cancelled) to mark their leftover recipients."""
    state = broadcast.c.state
    query = select(broadcast).where(
        state.in_(("planning", "running"))
        | (state == "scheduled") & (broadcast.c.start_at <= now)
        | (state == "halted") & broadcast.c.ended_at.is_(None)
        | (state == "cancelled") & recipients.some_left(broadcast.c.id)
    )
    return [_plan(row) for row in await tx.execute(query.order_by(broadcast.c.id))]


async def content(tx: AsyncConnection, vault: Vault, broadcast_id: int) -> dict[str, Any] | None:
    """The words and the file of a broadcast, opened; None when they were purged, do not open, or there is no such broadcast."""
    query = select(broadcast.c.sealed).where(broadcast.c.id == broadcast_id)
    sealed = (await tx.execute(query)).scalar()
    if sealed is None:
        return None
    opening = Opening(vault)
    opened: dict[str, Any] | None = opening.json(sealed, table="broadcast", column="sealed", row=broadcast_id)
    await opening.note(tx)
    return opened


# ------------------------------------------------------------------------------------------------ its way


async def start(
    tx: AsyncConnection,
    broadcast_id: int,
    *,
    size: int,
    approval: int,
    now: datetime,
    at: datetime | None = None,
) -> str:
    """Start a draft, now or ``at`` a later time; the broadcast's new state. ``size`` is the number of persons in its
    audience.

    A size above ``approval`` has to wait for a second admin. Raises NotNow when the broadcast is no draft, when nobody
    is in its audience, or when ``at`` is over.
    """
    await _in(tx, broadcast_id, "draft")
    if size < 1:
        raise NotNow("nobody", "draft")
    if at is not None and at <= now:
        raise NotNow("late", "draft")
    if size > approval:
        await _set(tx, broadcast_id, state="waiting", size=size, start_at=at, reason="")
        return "waiting"
    return await _go(tx, broadcast_id, at, now, size=size)


async def approve(tx: AsyncConnection, broadcast_id: int, *, by: str, now: datetime) -> str:
    """An admin other than the author lets a waiting broadcast go; its new state. ``by``: "officer:<id>" or "cli".
    Raises NotNow ("own") for the author."""
    plan = await _in(tx, broadcast_id, "waiting")
    if by == author(plan):
        raise NotNow("own", plan.state)
    return await _go(tx, broadcast_id, plan.start_at, now, approved_by=by)


async def refuse(tx: AsyncConnection, broadcast_id: int, *, by: str) -> None:
    """A second admin says no: the waiting broadcast is a draft again. Raises NotNow ("own") for the author, who may
    cancel the broadcast instead."""
    plan = await _in(tx, broadcast_id, "waiting")
    if by == author(plan):
        raise NotNow("own", plan.state)
    await _set(tx, broadcast_id, state="draft", reason="refused")


async def pause(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Pause a broadcast: no further copy is claimed, and copies in the outbox that nobody began to send go back to the
    plan."""
    await _in(tx, broadcast_id, "planning", "running")
    await _set(tx, broadcast_id, state="paused", reason="")
    await recipients.recall(tx, broadcast_id)


async def resume(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Let a paused or halted broadcast go on where it stopped; failures up to now no longer count against it."""
    await _in(tx, broadcast_id, "paused", "halted")
    await _set(tx, broadcast_id, state="planning", resumed_at=now, reason="", ended_at=None)


async def cancel(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """End a broadcast. Copies that are being sent just now still arrive; the pump marks the other recipients, maybe many."""
    await _in(tx, broadcast_id, *OPEN)
    await _set(tx, broadcast_id, state="cancelled", ended_at=now)
    await recipients.recall(tx, broadcast_id)


async def halt(tx: AsyncConnection, broadcast_id: int, reason: str, now: datetime) -> bool:
    """Halt a broadcast that goes wrong; True when it was running or being planned. The pump tells the author."""
    plan = await find(tx, broadcast_id, lock=True)
    if plan is None or plan.state not in ("planning", "running"):
        return False
    await _set(tx, broadcast_id, state="halted", reason=reason[:200], ended_at=None)
    await recipients.recall(tx, broadcast_id)
    return True


async def untold(tx: AsyncConnection, now: datetime) -> list[Plan]:
    """The broadcasts halted since the last call, whose authors the caller must tell within the same transaction."""
    fresh = (broadcast.c.state == "halted") & broadcast.c.ended_at.is_(None)
    found = [_plan(row) for row in await tx.execute(select(broadcast).where(fresh).with_for_update())]
    if found:
        await tx.execute(update(broadcast).where(fresh).values(ended_at=now))
    return found


async def begin(tx: AsyncConnection, broadcast_id: int, *, size: int, approval: int, now: datetime) -> str:
    """Begin a scheduled broadcast whose time has come; its new state: "planning", or "waiting" where the audience has
    grown above ``approval``, the number of persons that one admin may decide on alone."""
    plan = await _in(tx, broadcast_id, "scheduled")
    if size > approval and not plan.approved_by:
        await _set(tx, broadcast_id, state="waiting", size=size)
        return "waiting"
    return await _go(tx, broadcast_id, plan.start_at, now)


async def planned(tx: AsyncConnection, broadcast_id: int, through: int, size: int) -> None:
    """Note how far a broadcast is planned: ``size`` recipients are written down, from the persons with ids up to
    ``through``."""
    await _set(tx, broadcast_id, planned_through=through, size=size)


async def run(tx: AsyncConnection, broadcast_id: int) -> None:
    """Every recipient of a broadcast is written down: set the state "running", in which copies are sent."""
    await _set(tx, broadcast_id, state="running")


async def finish(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Nothing of a broadcast is left to send: set the state "done"."""
    await _set(tx, broadcast_id, state="done", ended_at=now)


async def purge(tx: AsyncConnection, now: datetime) -> None:
    """Erase the words of broadcasts that ended, and of drafts that were made, more than ``WORDS_KEPT`` ago."""
    long_ago = now - WORDS_KEPT
    lying = broadcast.c.state.in_(("draft", "waiting")) & (broadcast.c.created_at <= long_ago)
    ended = broadcast.c.state.in_(("done", "cancelled", "halted")) & (broadcast.c.ended_at <= long_ago) | lying
    await tx.execute(update(broadcast).where(ended, broadcast.c.sealed.is_not(None)).values(sealed=None))


# ------------------------------------------------------------------------------------------------ inside


def author(plan: Plan) -> str:
    """The author of a broadcast, as the audit log names actors: "officer:<id>" or "cli"."""
    return f"officer:{plan.author_id}" if plan.author_id else "cli"


async def _in(tx: AsyncConnection, broadcast_id: int, *states: str) -> Plan:
    plan = await find(tx, broadcast_id, lock=True)
    if plan is None:
        raise NotNow("unknown")
    if plan.state not in states:
        raise NotNow("state", plan.state)
    return plan


async def _go(tx: AsyncConnection, broadcast_id: int, at: datetime | None, now: datetime, **values: Any) -> str:
    """Begin planning now, or schedule the start for ``at``; the new state. Planning counts the size of the audience anew."""
    later = at is not None and at > now
    state = "scheduled" if later else "planning"
    started = None if later else now
    await _set(tx, broadcast_id, state=state, start_at=at, started_at=started, resumed_at=started, **values)
    return state


async def _set(tx: AsyncConnection, broadcast_id: int, **values: Any) -> None:
    await tx.execute(update(broadcast).where(broadcast.c.id == broadcast_id).values(**values))


def _plan(row: Row[Any]) -> Plan:
    values = {name: getattr(row, name) for name in Plan.__slots__ if name != "audience"}
    return Plan(audience=Audience.of(row.audience), **values)
