"""What waits for an officer at a moment comes in one message, whatever it is about; what only counts, once in a day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.leads import following, timers
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, plain, town

lead, timer = tables.table(tables.LeadRow), tables.table(tables.Timer)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(database, vault, clock) as found:
        await found.hire("Rina", "33.72")
        yield found


def new(there: Town, who: str, since: int) -> list[str]:
    return [plain(message) for message in there.told[who][since:] if not message.edits]


async def take(there: Town, who: str, code: str) -> None:
    await there.does(who, Heard(pressed=Press("lead", "take", code)))


async def due_at_once(there: Town, code: str, *, rung: int = 0) -> None:
    now = there.clock()
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).where(lead.c.code == code).values(next_at=now, ring_at=now, rung=rung))


async def test_what_is_due_what_was_promised_and_what_others_may_take_is_told_in_one_message(there: Town) -> None:
    await there.hire("Joko", "33.72")
    codes = [await register(there, who, phone=f"0812 0000 700{at}") for at, who in enumerate(("Siti", "Bejo", "Wati"))]
    for code in codes:
        await take(there, "Rina", code)
    async with there.product.database.write() as tx:
        some = select(lead.c.id).where(lead.c.code == codes[1])
        now = there.clock()
        await tx.execute(
            update(timer)
            .where(timer.c.kind == timers.APOLOGY, timer.c.lead_id.not_in(some))
            .values(due_at=now + 99 * timedelta(1))
        )
        later = now + timedelta(days=99)
        await tx.execute(update(lead).values(next_at=later, ring_at=later))
    await there.later(timedelta(hours=47, minutes=55))
    await due_at_once(there, codes[0])
    await due_at_once(there, codes[2], rung=1)
    before = len(there.told["Rina"])
    await there.later(timedelta(minutes=6))  # Friday, nine o'clock; Thursday was promised
    [told] = new(there, "Rina", before)
    for words in (f"{codes[0]} waktunya", f"dijanjikan: {codes[1]}", f"{codes[2]} kami tawarkan juga"):
        assert words in told


async def test_an_officer_is_told_of_all_appointments_of_an_hour_in_one_message(there: Town) -> None:
    codes = []
    for at, who in enumerate(("Siti", "Bejo")):
        codes.append(await register(there, who, contact_time="Jumat jam 2 siang", phone=f"0812 0000 700{at}"))
        await there.say(who, "ya")
        await take(there, "Rina", codes[-1])
    before = len(there.told["Rina"])
    await there.later(timedelta(days=1, hours=7))
    [told] = [each for each in new(there, "Rina", before) if "waktu dihubungi" in each]
    assert told.startswith("2 pemilik usaha minta dihubungi")
    assert all(code in told for code in codes)


async def test_also_where_more_is_due_than_one_transaction_takes_an_officer_is_told_in_one_message(
    there: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 10)
    await there.hire("Joko", "33.72")
    code = await register(there, "Siti")
    await take(there, "Rina", code)
    codes = await more_leads(there, code, 23)
    async with there.product.database.write() as tx:
        rina = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar_one()
        now, soon = there.clock(), there.clock() + timedelta(seconds=5)
        held = {"officer_id": rina, "status": "taken", "next_reason": "call", "next_at": now}
        await tx.execute(update(lead).values(**held, ring_at=now, rung=0))
        await tx.execute(update(lead).where(lead.c.code.in_(codes[:12])).values(ring_at=soon, rung=1))
    before = len(there.told["Rina"])
    await there.later(timedelta(minutes=1))
    [told] = new(there, "Rina", before)
    assert "12 calon peserta waktunya" in told
    assert "12 calon peserta kami tawarkan juga" in told


async def test_a_lead_that_became_free_is_shown_again_a_working_day_later_and_not_before(there: Town) -> None:
    await there.hire("Joko", "33.72")
    code = await register(there, "Siti")
    await take(there, "Rina", code)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(next_at=there.clock() + timedelta(hours=3)))
    await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
    before = len(there.told["Joko"])
    for _ in range(7):
        await there.later(timedelta(hours=1))
    assert len(new(there, "Joko", before)) == 1
    await there.later(timedelta(hours=18))
    assert sum("belum ada yang memegang" in each for each in new(there, "Joko", before)) == 2


async def test_how_many_wait_is_told_once_in_a_day(there: Town) -> None:
    code = await register(there, "Siti")
    await more_leads(there, code, 7)
    before = len(there.told["Rina"])
    for days in (0, 0, 1):
        await there.later(timedelta(days=days, hours=1))
        now = there.clock()
        async with there.product.database.write() as tx:
            await tx.execute(update(lead).values(next_at=now, ring_at=now, rung=0))
    await there.later(timedelta(minutes=1))
    assert sum("menunggu petugas. Tekan" in each for each in new(there, "Rina", before)) == 2


async def test_nobody_is_shown_a_lead_that_they_just_gave_back(there: Town) -> None:
    await there.hire("Joko", "33.72")
    code = await register(there, "Siti")
    await take(there, "Rina", code)
    await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
    before = {who: len(there.told[who]) for who in ("Rina", "Joko")}
    await there.later(timedelta(minutes=1))
    assert [len(new(there, who, since)) for who, since in before.items()] == [0, 1]


async def test_a_promise_of_a_friday_is_owned_up_to_on_monday(there: Town) -> None:
    await register(there, "Siti", contact_time="Jumat sore")
    before = {who: len(there.told[who]) for who in ("Rina", "Siti")}
    for _ in range(4):  # until Sunday
        await there.later(timedelta(days=1))
    words = ("Mohon maaf", "hari yang dijanjikan")
    assert not any(word in told for who in before for told in new(there, who, before[who]) for word in words)
    await there.later(timedelta(days=1, minutes=1))
    assert any(words[0] in told for told in new(there, "Siti", before["Siti"]))
    assert any(words[1] in told for told in new(there, "Rina", before["Rina"]))
