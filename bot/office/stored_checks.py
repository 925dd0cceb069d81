"""Checks of ``rangkul check`` in the database: values that do not open, leads that wait where nobody works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.office.finding import Finding
from bot.timers.upkeep import Kept
from storage.engine.database import Database
from storage.leads import lead_list, leads
from storage.leads.officers import Roster
from storage.outbox.messages import BODIES_KEPT
from storage.people import sessions
from storage.sealing import unreadable
from storage.sealing.vault import Vault
from storage.whole_person import old_messages
from storage.whole_person.old_rows import ENDS

KEPT = Kept()
GRACE = timedelta(days=2)  # a server that was off for a week-end catches up by itself
NAMED = 5  # rows of one place that are named
LOOKED_AT = 10_000  # values of one column that are opened, the newest first


async def stored(database: Database, vault: Vault, now: datetime, kept: Kept = KEPT) -> AsyncIterator[Finding]:
    """All findings in the database, which is only read. ``kept``: how long rows stay."""
    for look in (_unreadable(database, vault), _waiting(database), _past_their_end(database, kept, now)):
        async for finding in look:
            yield finding


async def _unreadable(database: Database, vault: Vault) -> AsyncIterator[Finding]:
    """Findings about values that do not open, both noted ones, whose rows were passed over, and new ones; and about
    rows that open but whose work failed."""
    found: dict[str, dict[int, str]] = {}
    counts: dict[str, int] = {}
    async with database.read() as tx:
        counts |= await unreadable.counted(tx)
        for place in counts:
            found[place] = dict(await unreadable.listed(tx, place, NAMED))
    for place in unreadable.PLACES:
        met = await _met(database, vault, place)
        found[place] = {**met, **found.get(place, {})}
        counts[place] = max(counts.get(place, 0), len(met))
    for place, why in found.items():
        if why:
            rows = ", ".join(str(row) for row in sorted(why)[:NAMED]) + (", …" if counts[place] > NAMED else "")
            yield Finding(
                "warning", f"unreadable: {counts[place]} of {place} (rows {rows}): {next(iter(why.values()))}"
            )
    if not any(found.values()):
        yield Finding("ok", "unreadable: none of the newest sealed values, and none that is known")


async def _met(database: Database, vault: Vault, place: str) -> dict[int, str]:
    """Of the newest values of this column, the reason of each that does not open, by row."""
    met: dict[int, str] = {}
    after: int | None = None
    for _ in range(LOOKED_AT // unreadable.AT_ONCE):
        async with database.read() as tx:
            why, after = await unreadable.unopened(tx, vault, place, after)
        met |= why
        if after is None:
            break
    return met


async def _waiting(database: Database) -> AsyncIterator[Finding]:
    """Findings about untaken leads in regencies without an officer at work: a coordinator hears of them, or nobody."""
    async with database.read() as tx:
        waiting = await lead_list.untaken_by_regency(tx)
        roster = Roster(tx)
        nobody = [where for where in waiting if not await roster.for_regency(where)]
        alone = [where for where in waiting if where not in nobody and not await roster.local(where)]
    for level, places, who in (
        ("wrong", nobody, "and there is no coordinator either"),
        ("warning", alone, "but coordinators"),
    ):
        if places:
            told = ", ".join(f"{waiting[where]} in {where or 'no regency'}" for where in places)
            yield Finding(level, f"leads: wait where no officer works, {who}: {told} (`rangkul officers invite`)")
    if not (nobody or alone):
        yield Finding("ok", f"leads: {sum(waiting.values())} wait to be taken, everywhere by officers at work")


async def _past_their_end(database: Database, kept: Kept, now: datetime) -> AsyncIterator[Finding]:
    """Findings about rows that the clock should have ended days ago."""
    late = now - GRACE
    async with database.read() as tx:
        old = [end.name for end in ENDS if await end.any(tx, kept.before(end, late))]
        old += await old_messages.left_in(tx, late - BODIES_KEPT, late - kept.came, late - kept.went)
        old += ["lead"] * bool(await leads.expired(tx, late, 1)) + ["conversation"] * bool(
            await sessions.expired(tx, late, 1)
        )
    if old:
        names = ", ".join(sorted(set(old)))
        yield Finding(
            "wrong", f"ends: {names} hold rows past their end: the clock does not run, see /health/ready and the log"
        )
    else:
        yield Finding("ok", "ends: no table holds rows past their end")
