"""One row that cannot be put into words holds up nobody: what is due is done row by row, and what fails is put aside with
its reason until it succeeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.metrics import Gauges
from bot.timers.clock import Clock as Timers
from bot.timers.upkeep import Upkeep
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.sealing import unreadable
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, plain, town

lead, officer = tables.table(tables.LeadRow), tables.table(tables.OfficerRow)
HALF_A_DAY = timedelta(hours=12)


SPOILT: list[dict[str, Any]] = [{"sector": {"category": "gone"}}, {"contact_time": {"day": "gone"}}]


@pytest.fixture
async def there(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """A town with an officer in Surakarta, and a coordinator."""
    async with town(sqlite_database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        await found.hire("Rina", "33.72")
        yield found


async def spoil(there: Town, vault: Vault, code: str, **answers: Any) -> bytes:
    """Answers of this lead that open and that nothing can be said of, as of an option that was taken away; what it was."""
    async with there.product.database.write() as tx:
        row = (await tx.execute(select(lead.c.id, lead.c.sealed).where(lead.c.code == code))).one()
        place: dict[str, Any] = {"table": "lead", "column": "sealed", "row": row.id}
        changed = {**vault.open_json(row.sealed, **place), **answers}
        await tx.execute(update(lead).where(lead.c.id == row.id).values(sealed=vault.seal_json(changed, **place)))
    return bytes(row.sealed)


def told(there: Town, who: str, *words: str) -> int:
    return sum(all(word in plain(message) for word in words) for message in there.told.get(who, ()))


async def counted(there: Town) -> dict[str, int]:
    async with there.product.database.read() as tx:
        return await unreadable.counted(tx)


@pytest.mark.parametrize("answers", SPOILT)
async def test_a_lead_of_which_nothing_can_be_said_keeps_no_other_from_the_ladder(
    there: Town, vault: Vault, clock: Clock, answers: dict[str, Any]
) -> None:
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    before = await spoil(there, vault, bad, **answers)
    for _ in range(16):
        await there.later(HALF_A_DAY)
    assert told(there, "Kris", "belum ditangani", good) == 1
    assert told(there, "Kris", "belum ditangani", bad) == 0
    assert await counted(there) == {"lead": 1}
    exposed = (await Gauges(there.product.database, clock).exposition()).decode()
    assert 'rangkul_unreadable_values{place="lead"} 1.0' in exposed
    async with there.product.database.write() as tx:
        [(_, why)] = await unreadable.listed(tx, "lead", 9)
        assert "Error at " in why
        assert "Bejo" not in why
        await tx.execute(update(lead).where(lead.c.code == bad).values(sealed=before))
    for _ in range(16):
        await there.later(HALF_A_DAY)
    assert told(there, "Kris", "belum ditangani", bad) == 1, "it goes on where it stood"
    assert await counted(there) == {}


async def test_it_keeps_nobody_from_what_they_asked_to_be_reminded_of_nor_from_their_digest(
    there: Town, vault: Vault
) -> None:
    await there.hire("Joko", "33.10")
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    await register(there, "Dewi", regency="Klaten", district="Delanggu")
    for code in (bad, good):
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        await there.say("Rina", f"ingatkan {code} besok jam 9")
    await spoil(there, vault, bad, sector={"category": "gone"}, contact_time={"day": "gone"})
    await there.later(timedelta(hours=24))
    assert told(there, "Rina", "waktunya ditindaklanjuti", good) == 1
    assert told(there, "Joko", "Ringkasan pagi") == 1


async def test_a_part_of_the_upkeep_that_fails_keeps_no_other_from_ending_what_is_over(
    there: Town, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def fails(self: Upkeep, now: object) -> None:
        raise KeyError

    async def goes_on(self: Upkeep, now: object) -> None:
        done.append("messages")

    monkeypatch.setattr(Upkeep, "_leads", fails)
    monkeypatch.setattr(Upkeep, "_messages", goes_on)
    timers = Timers(there.product.database, there.product.services, clock)  # type: ignore[arg-type]
    await timers.tick()
    assert set(done) == {"messages"}  # the town's own clock may tick as well
