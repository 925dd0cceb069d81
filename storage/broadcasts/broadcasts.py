"""Broadcasts: one message to many, as a plan that can be paused, resumed and cancelled at any moment.

draft -> (waiting for a second admin) -> scheduled -> planning -> running <-> paused -> done; cancelled and halted
besides. Words and audience are frozen when it starts. Who it goes to stands in ``recipients.py``; what became of each
copy stands in the outbox alone, so that progress can never differ from what was sent.
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
from storage.sealing.vault import Vault

from . import recipients
from .audience import Audience

broadcast = tables.table(tables.Broadcast)

WORDS_KEPT = timedelta(days=30)  # after its end; docs/privacy.md
OPEN = ("waiting", "scheduled", "planning", "running", "paused", "halted")  # begun, and not at its end
PURPOSES = ("news", "reminder")


class NotNow(Exception):  # noqa: N818 - named for what is so
    """Raised when a broadcast cannot be treated so. ``why``: unknown | state | own | nobody | late (its time is over) |
    purged (its words are no more); ``state``: what it is in."""

    def __init__(self, why: str, state: str = "") -> None:
        super().__init__(f"{why} {state}".strip())
        self.why, self.state = why, state


@dataclass(frozen=True, slots=True)
class Plan:
    """A broadcast as it stands. ``author_id`` is an officer's; None: it was written at the command line."""

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
    """A new broadcast; its id. ``content`` is what :meth:`bot.broadcasts.text.Content.json` gives, ``start_at`` when its
    author means it to begin."""
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
    """Remove a draft. Raises NotNow when it is more than that."""
    await _in(tx, broadcast_id, "draft")
    await tx.execute(delete(broadcast).where(broadcast.c.id == broadcast_id))


# ------------------------------------------------------------------------------------------------ reading


async def find(tx: AsyncConnection, broadcast_id: int, *, lock: bool = False) -> Plan | None:
    """The broadcast; ``lock`` keeps others from changing its state until the end of the transaction."""
    query = select(broadcast).where(broadcast.c.id == broadcast_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _plan(row) if row else None


async def named(tx: AsyncConnection, name: str) -> list[Plan]:
    """Those with this name, newest first."""
    query = select(broadcast).where(broadcast.c.name == name).order_by(broadcast.c.id.desc())
    return [_plan(row) for row in await tx.execute(query)]


async def listed(tx: AsyncConnection, limit: int = 20) -> list[Plan]:
    """The newest ones, newest first."""
    query = select(broadcast).order_by(broadcast.c.id.desc()).limit(limit)
    return [_plan(row) for row in await tx.execute(query)]


async def at_work(tx: AsyncConnection, now: datetime) -> list[Plan]:
    """All that the pump has to do with, oldest first: to begin, to plan, to put out, to say why it halted, to clear away."""
    state = broadcast.c.state
    query = select(broadcast).where(
        state.in_(("planning", "running"))
        | (state == "scheduled") & (broadcast.c.start_at <= now)
        | (state == "halted") & broadcast.c.ended_at.is_(None)
        | (state == "cancelled") & recipients.some_left(broadcast.c.id)
    )
    return [_plan(row) for row in await tx.execute(query.order_by(broadcast.c.id))]


async def content(tx: AsyncConnection, vault: Vault, broadcast_id: int) -> dict[str, Any] | None:
    """The words and the file of a broadcast, opened; None when they were purged or there is no such broadcast."""
    query = select(broadcast.c.sealed).where(broadcast.c.id == broadcast_id)
    sealed = (await tx.execute(query)).scalar()
    if sealed is None:
        return None
    opened: dict[str, Any] = vault.open_json(sealed, table="broadcast", column="sealed", row=broadcast_id)
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
    """Let a draft go, now or ``at`` a time; the state that it is in then. ``size`` is how many people it is for.

    More than ``approval`` of them wait for a second admin first. Raises NotNow when it is no draft, or for nobody, or
    when ``at`` is over.
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
    """Somebody other than its author lets it go ("officer:<id>" or "cli"). Raises NotNow ("own") for the author."""
    plan = await _in(tx, broadcast_id, "waiting")
    if by == author(plan):
        raise NotNow("own", plan.state)
    return await _go(tx, broadcast_id, plan.start_at, now, approved_by=by)


async def refuse(tx: AsyncConnection, broadcast_id: int, *, by: str) -> None:
    """A second admin says no: it is a draft again. Raises NotNow ("own") for the author, who may cancel it instead."""
    plan = await _in(tx, broadcast_id, "waiting")
    if by == author(plan):
        raise NotNow("own", plan.state)
    await _set(tx, broadcast_id, state="draft", reason="refused")


async def pause(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Nothing more of it is claimed; what was put out and not begun goes back to the plan."""
    await _in(tx, broadcast_id, "planning", "running")
    await _set(tx, broadcast_id, state="paused", reason="")
    await recipients.recall(tx, broadcast_id)


async def resume(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Go on where it stopped, also after it halted itself: its failures so far are forgiven."""
    await _in(tx, broadcast_id, "paused", "halted")
    await _set(tx, broadcast_id, state="planning", resumed_at=now, reason="", ended_at=None)


async def cancel(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """It ends here. Copies that are being sent just now still arrive; the pump marks the rest, which may be many."""
    await _in(tx, broadcast_id, *OPEN)
    await _set(tx, broadcast_id, state="cancelled", ended_at=now)
    await recipients.recall(tx, broadcast_id)


async def halt(tx: AsyncConnection, broadcast_id: int, reason: str, now: datetime) -> bool:
    """Stop it because it goes wrong; whether it was running. Its author is told by the pump."""
    plan = await find(tx, broadcast_id, lock=True)
    if plan is None or plan.state not in ("planning", "running"):
        return False
    await _set(tx, broadcast_id, state="halted", reason=reason[:200], ended_at=None)
    await recipients.recall(tx, broadcast_id)
    return True


async def untold(tx: AsyncConnection, now: datetime) -> list[Plan]:
    """Those that halted since this was last asked: their authors are to be told within the same transaction."""
    fresh = (broadcast.c.state == "halted") & broadcast.c.ended_at.is_(None)
    found = [_plan(row) for row in await tx.execute(select(broadcast).where(fresh).with_for_update())]
    if found:
        await tx.execute(update(broadcast).where(fresh).values(ended_at=now))
    return found


async def begin(tx: AsyncConnection, broadcast_id: int, *, size: int, approval: int, now: datetime) -> str:
    """The time of a scheduled one has come; the state that it is in then: "planning", or "waiting" where it is for more
    people by now than one admin may decide alone."""
    plan = await _in(tx, broadcast_id, "scheduled")
    if size > approval and not plan.approved_by:
        await _set(tx, broadcast_id, state="waiting", size=size)
        return "waiting"
    return await _go(tx, broadcast_id, plan.start_at, now)


async def planned(tx: AsyncConnection, broadcast_id: int, through: int, size: int) -> None:
    """So many recipients are written down by now, among the persons up to this id."""
    await _set(tx, broadcast_id, planned_through=through, size=size)


async def run(tx: AsyncConnection, broadcast_id: int) -> None:
    """All its recipients are written down: it may be sent."""
    await _set(tx, broadcast_id, state="running")


async def finish(tx: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """Nothing is left of it to send."""
    await _set(tx, broadcast_id, state="done", ended_at=now)


async def purge(tx: AsyncConnection, now: datetime) -> None:
    """The words of broadcasts that ended long ago, and of drafts that were left lying as long."""
    long_ago = now - WORDS_KEPT
    lying = broadcast.c.state.in_(("draft", "waiting")) & (broadcast.c.created_at <= long_ago)
    ended = broadcast.c.state.in_(("done", "cancelled", "halted")) & (broadcast.c.ended_at <= long_ago) | lying
    await tx.execute(update(broadcast).where(ended, broadcast.c.sealed.is_not(None)).values(sealed=None))


# ------------------------------------------------------------------------------------------------ inside


def author(plan: Plan) -> str:
    """Who wrote it, as audit names them: "officer:<id>" or "cli"."""
    return f"officer:{plan.author_id}" if plan.author_id else "cli"


async def _in(tx: AsyncConnection, broadcast_id: int, *states: str) -> Plan:
    plan = await find(tx, broadcast_id, lock=True)
    if plan is None:
        raise NotNow("unknown")
    if plan.state not in states:
        raise NotNow("state", plan.state)
    return plan


async def _go(tx: AsyncConnection, broadcast_id: int, at: datetime | None, now: datetime, **values: Any) -> str:
    """Now, or when its time comes. Its size is counted anew as its recipients are written down."""
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
