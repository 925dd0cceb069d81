"""`rangkul check` finds what nobody has met yet: values that do not open, leads that nobody looks after, old figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.office import checks
from bot.office.finding import Finding
from bot.office.stored_checks import stored
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, known, town

lead = tables.table(tables.LeadRow)


@pytest.fixture
async def there(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(sqlite_database, vault, clock) as found:
        yield found


async def found(there: Town, about: str) -> list[Finding]:
    look = stored(there.product.database, there.product.vault, there.clock())
    return [each async for each in look if each.what.startswith(about)]


async def test_a_value_that_does_not_open_is_found_before_anybody_meets_it(there: Town) -> None:
    await there.hire("Rina", "33.72")
    await register(there, "Siti")
    assert [each.level for each in await found(there, "unreadable")] == ["ok"]
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(sealed=b"\1" + b"x" * 60))
    [one] = await found(there, "unreadable")
    assert (one.level, "1 of lead.sealed" in one.what) == ("warning", True)


async def test_leads_that_wait_where_nobody_works_are_found(there: Town) -> None:
    await there.hire("Rina", "33.10")
    await register(there, "Siti")
    [one] = await found(there, "leads")
    assert (one.level, "1 in 33.72" in one.what, "no coordinator" in one.what) == ("wrong", True, True)
    await there.hire("Kris", role="coordinator")
    [one] = await found(there, "leads")
    assert (one.level, "coordinators" in one.what) == ("warning", True)
    await there.hire("Joko", "33.72")
    assert [each.level for each in await found(there, "leads")] == ["ok"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-15", ["ok"]),
        ("2026-11-17", ["warning"] * 4),
        ("2027-06-01", ["ok"]),
        ("2028-01-03", ["ok", "warning", "warning", "warning"]),
    ],
)
def test_a_rate_that_ends_soon_and_figures_of_over_a_year_ago_are_found(
    day: str, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cuts and the minimum wages of ``rates.toml`` end with the year; that they did is news for a while and not for
    ever."""
    monkeypatch.setattr(checks, "now", lambda: datetime.fromisoformat(day).replace(tzinfo=UTC))
    assert [each.level for each in checks._rates(known())] == said
