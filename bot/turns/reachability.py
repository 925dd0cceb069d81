"""Changes in reaching persons while nobody said anything: they moved, blocked the bot, or switched news off or on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound, Limits
from storage.outbox import claims
from storage.people import people
from storage.people.people import Known, Where
from storage.sealing.vault import Vault
from storage.whole_person import account_linking, address_changes, opt_outs

BACK, BLOCKED, MOVED, STOPPED, RESUMED = "back", "blocked", "moved", "stopped", "resumed"  # Inbound.reach


async def follow(tx: AsyncConnection, vault: Vault, inbounds: Sequence[Inbound], now: datetime) -> None:
    """Make persons who moved known by their new address; a repeated call changes nothing.

    Where they had written from the new address before this was told, the two persons made of them are merged.
    """
    for inbound in inbounds:
        if inbound.reach == MOVED:
            was = Where(inbound.channel, inbound.account, inbound.was)
            if both := await address_changes.follow(tx, vault, was, was._replace(address=inbound.address)):
                await account_linking.merge(tx, vault, *both, "moved", now)


async def note(
    tx: AsyncConnection,
    arrived: Sequence[tuple[Inbound, int, Known]],
    limits: Callable[[str], Limits],
    now: datetime,
) -> None:
    """Note who was heard from, who cannot be reached, and who switched news off or on; parked messages may leave.

    A platform's own switch counts as our *berhenti* and *mulai*, but opens no service window: only words do.
    """

    def those(*reaches: str) -> list[Known]:
        return [known for inbound, _, known in arrived if inbound.reach in reaches]

    await people.heard(tx, those("", BACK), now)
    opened = [known.address_id for event, _, known in arrived if not event.reach and limits(event.channel).window]
    if opened:
        await claims.unpark(tx, opened, now)
    await people.unreachable(tx, [known.address_id for known in those(BLOCKED)])
    for reach in (STOPPED, RESUMED):
        if switched := those(reach):
            await opt_outs.stop(tx, [known.person_id for known in switched], stopped=reach == STOPPED)
