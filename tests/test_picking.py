"""A coordinator marks several leads in a list and hands them on at once: of an officer, or of what is overdue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conversations.dialogues.picking import MOST, PER_PAGE
from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.leads import officers
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, town


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """An office in Surakarta with a coordinator and two officers, and an officer elsewhere."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", "33.72", role="coordinator")
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        await found.hire("Wati", "33.11")
        yield found


async def number(there: Town, who: str) -> int:
    async with there.product.database.read() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
    return next(each.id for each in listed if each.name == who)


async def holders(there: Town) -> dict[str, str]:
    async with there.product.database.read() as tx:
        called = await officers.called(tx, there.product.services.vault)
        return {code: called.get(who, "") for code, who in await tx.execute(select(lead.c.code, lead.c.officer_id))}


async def rinas(there: Town, count: int) -> list[str]:
    """So many leads of Rina's, the one that is due first in front."""
    first = await register(there, "Siti")
    codes = [first, *await more_leads(there, first, count - 1)]
    for code in codes:
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    return codes


async def marks(there: Town, who: str, of: str, *codes: str) -> str:
    said = ""
    for code in codes:
        there.clock.advance(seconds=5)
        said = await there.does(who, Heard(pressed=Press("command", "pick", f"{of}:{code}")))
    return said


async def test_those_that_are_marked_move_and_no_other(there: Town) -> None:
    codes = await rinas(there, 3)
    await there.say("Kris", "/tim")
    await there.say("Kris", "[Rina]")
    assert "Dipilih: 0" in await there.say("Kris", "[Pilih beberapa]")
    rina = str(await number(there, "Rina"))
    assert "Dipilih: 2" in await marks(there, "Kris", rina, codes[0], codes[1])
    assert sum(label.startswith("✓") for label in there.labels("Kris")) == 2
    assert "Dipilih: 1" in await marks(there, "Kris", rina, codes[0])
    await marks(there, "Kris", rina, codes[2])
    assert "2 yang dipilih mau diserahkan" in await there.say("Kris", "[Serahkan pilihan]")
    before = {who: len(there.told[who]) for who in ("Rina", "Joko")}
    assert "2 calon peserta sekarang ditangani Joko" in await there.say("Kris", "[Joko]")
    assert await holders(there) == {codes[0]: "Rina", codes[1]: "Joko", codes[2]: "Joko"}
    assert "2 calon peserta" in there.last("Joko")
    assert {who: len(there.told[who]) - before[who] for who in before} == {"Rina": 1, "Joko": 1}, "one message each"


async def test_a_mark_stays_on_the_next_page_and_pages_have_ten_rows_at_most(there: Town) -> None:
    codes = await rinas(there, PER_PAGE + 2)
    rina = str(await number(there, "Rina"))
    await there.does("Kris", Heard(pressed=Press("command", "pick", rina)))
    await marks(there, "Kris", rina, codes[0])
    assert "Dipilih: 1" in await there.say("Kris", "[Berikutnya]")
    assert len(there.labels("Kris")) <= 10


async def test_what_is_overdue_in_the_office_is_picked_from_whoever_has_it(there: Town) -> None:
    codes = await rinas(there, 2)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(next_at=there.clock() - timedelta(days=3)))
    said = await there.does("Kris", Heard(pressed=Press("command", "pick", "0")))
    assert "Yang lewat waktunya" in said
    await marks(there, "Kris", "0", codes[1])
    await there.does("Kris", Heard(pressed=Press("command", "hand_picked", "")))
    await there.say("Kris", "[Joko]")
    assert await holders(there) == {codes[0]: "Rina", codes[1]: "Joko"}


async def test_nothing_is_picked_by_an_officer_of_another_office_or_beyond_what_is_theirs(there: Town) -> None:
    codes = await rinas(there, 1)
    rina, wati = str(await number(there, "Rina")), str(await number(there, "Wati"))
    for who in ("Joko", "Wati", "Siti"):
        assert "koordinator kantor Anda" in await marks(there, who, rina, codes[0])
    assert "koordinator kantor Anda" in await there.does("Kris", Heard(pressed=Press("command", "pick", wati)))
    assert "Belum ada yang dipilih" in await there.does("Kris", Heard(pressed=Press("command", "hand_picked", "")))


async def test_what_has_ended_meanwhile_is_left_out_and_marks_are_not_without_end(there: Town) -> None:
    codes = await rinas(there, 2)
    rina = str(await number(there, "Rina"))
    said = await marks(there, "Kris", rina, *(f"RK-22{place:04d}" for place in range(2000, 2000 + MOST + 3)))
    assert f"Dipilih: {MOST}" in said
    await there.does("Kris", Heard(pressed=Press("command", "pick", rina)))
    await marks(there, "Kris", rina, *codes)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).where(lead.c.code == codes[0]).values(status="declined"))
    await there.does("Kris", Heard(pressed=Press("command", "hand_picked", "")))
    await there.say("Kris", "[Joko]")
    assert await holders(there) == {codes[0]: "Rina", codes[1]: "Joko"}
