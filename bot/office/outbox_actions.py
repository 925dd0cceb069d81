"""The work of ``rangkul outbox``. No printed line names a person."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.metrics import LANES
from bot.now import now
from bot.office.database import office
from bot.settings import BadSetting, Settings
from storage.outbox import backlog
from storage.people import audit


async def show(settings: Settings, states: Sequence[str], lane: str, older: int, limit: int) -> None:
    """Print the oldest outbox rows. Raises BadSetting for an unknown state or lane."""
    if unknown := [state for state in states if state not in backlog.OPEN]:
        raise BadSetting(f"--state {unknown[0]}: one of {', '.join(backlog.OPEN)}")
    if lane and lane not in LANES:
        raise BadSetting(f"--lane {lane}: one of {', '.join(LANES)}")
    at = now()
    async with office(settings) as (database, _), database.read() as tx:
        items = await backlog.listed(
            tx,
            at,
            states=states or backlog.OPEN,
            lane=LANES.index(lane) if lane else None,
            older_than=timedelta(minutes=older),
            limit=limit,
        )
    for item in items:
        age = int((at - item.created_at).total_seconds())
        about = (item.id, item.channel, item.kind, LANES[item.lane], item.state, f"{age} s", item.attempts, item.reason)
        sys.stdout.write("\t".join(map(str, about)) + "\n")


async def retry(settings: Settings, ids: Sequence[int], state: str) -> None:
    """Send rows again. Raises BadSetting unless either ids or a state are given, and where none of these ids can be
    sent again."""
    if bool(ids) == bool(state):
        raise BadSetting("outbox retry: name ids, or --failed, or --uncertain")
    async with office(settings) as (database, _), database.write() as tx:
        count = await backlog.retry(tx, now(), ids=ids, state=state)
        if ids and not count:
            is_none = "neither failed nor is uncertain" if len(ids) == 1 else "failed or is uncertain"
            raise BadSetting(f"outbox retry: {_named(ids)} {is_none}; see `rangkul outbox list`")
        await _note(tx, "retried", ids, state, count)
    sys.stdout.write(f"{count} messages are sent again\n")


async def cancel(settings: Settings, ids: Sequence[int], broadcast_id: int | None) -> None:
    """Cancel rows not yet sent. Raises BadSetting unless either ids or a broadcast are given, and where no row waits."""
    if bool(ids) == (broadcast_id is not None):
        raise BadSetting("outbox cancel: name ids, or --broadcast")
    async with office(settings) as (database, _), database.write() as tx:
        count = await backlog.cancel(tx, ids=ids, broadcast_id=broadcast_id)
        if not count:
            what = _named(ids) if ids else f"no copy of broadcast {broadcast_id}"
            raise BadSetting(f"outbox cancel: {what} waits to be sent; see `rangkul outbox list`")
        await _note(tx, "cancelled", ids, f"broadcast:{broadcast_id}", count)
    sys.stdout.write(f"{count} messages are not sent\n")


def _named(ids: Sequence[int]) -> str:
    return f"message {ids[0]}" if len(ids) == 1 else "none of these"


async def _note(tx: AsyncConnection, act: str, ids: Sequence[int], otherwise: str, count: int) -> None:
    subject = ",".join(map(str, ids))[:200] if ids else otherwise
    await audit.record(tx, at=now(), actor="cli", act=f"outbox:{act}", subject=subject, detail=str(count))
