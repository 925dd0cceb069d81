"""Berhenti: nothing but direct answers, at once; one question about calls; and mulai, which takes it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import tables
from storage.engine.database import Database
from storage.outbox.messages import BULK
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

person, outbox = tables.table(tables.Person), tables.table(tables.Outbox)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(database, vault, clock) as found:
        await found.hire("Rina", "33.72")
        yield found


async def owner(there: Town, *, taken: bool = True) -> str:
    code = await register(there, "Siti")
    await there.say("Siti", "ya")
    if taken:
        await there.say("Rina", "[Ambil]")
    return code


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("boleh", "tidak mau dikirimi pesan; boleh ditelepon"),
        ("jangan", "tidak mau dikirimi pesan dan tidak mau ditelepon"),
    ],
)
async def test_whose_lead_is_open_is_asked_once_whether_the_officer_may_call_and_the_officer_is_told_the_answer(
    there: Town, answer: str, told: str
) -> None:
    code = await owner(there)
    said = await there.say("Siti", "berhenti")
    assert "kami tidak kirim pesan lagi" in said
    assert "Petugas masih boleh menelepon?" in said
    assert all("tidak mau dikirimi" not in message.text for message in there.told["Rina"]), "not before it is answered"
    await there.say("Siti", answer)
    notices = [message.text for message in there.told["Rina"] if told in message.text]
    assert len(notices) == 2, "a notice, and the card"
    assert all(code in text for text in notices)
    said = await there.say("Siti", "lihat data")
    assert f"Petugas boleh menelepon: {'ya' if answer == 'boleh' else 'tidak'}" in said


async def test_mulai_takes_it_back_and_tells_the_officer_only_where_they_were_told(there: Town) -> None:
    await owner(there)
    await there.say("Siti", "berhenti")
    before = len(there.told["Rina"])
    assert "berjalan lagi" in await there.say("Siti", "mulai")
    assert len(there.told["Rina"]) == before
    await there.say("Siti", "berhenti")
    await there.say("Siti", "jangan")
    await there.say("Siti", "mulai")
    assert "mau dikirimi pesan dan dihubungi lagi" in there.last("Rina")
    async with there.product.database.read() as tx:
        rows = (await tx.execute(select(person.c.stopped, person.c.may_call))).all()
    assert not any(row.stopped or row.may_call is not None for row in rows)


async def test_mulai_begins_nothing_that_was_refused(there: Town) -> None:
    await register(there, "Siti")
    await there.say("Siti", "tidak usah")
    await there.say("Siti", "berhenti")
    assert "tetap tidak kami kirim" in await there.say("Siti", "mulai")


async def test_an_officers_own_berhenti_stops_no_leads_and_says_what_does(there: Town) -> None:
    said = await there.say("Rina", "berhenti")
    assert "/libur" in said
    await register(there, "Siti")
    assert "belum ada yang memegang" in there.last("Rina")


async def test_without_an_open_lead_nothing_is_asked(there: Town) -> None:
    await register(there, "Siti", upto="regency")
    said = await there.say("Siti", "berhenti")
    assert "menelepon" not in said
    await there.later(timedelta(days=5))
    assert not any("Mau dilanjutkan?" in message.text for message in there.told["Siti"])


async def test_what_was_written_for_them_and_has_not_left_goes_nowhere(there: Town) -> None:
    await owner(there)
    async with there.product.database.write() as tx:
        row = (await tx.execute(select(outbox).where(outbox.c.kind == "reply").order_by(outbox.c.id).limit(1))).one()
        later = {"state": "due", "lane": BULK, "due_at": there.clock() + timedelta(hours=1), "sealed": b"x"}
        siti = (await tx.execute(select(person.c.id).where(person.c.news.is_(True)))).scalar_one()
        await tx.execute(update(outbox).where(outbox.c.id == row.id).values(person_id=siti, **later))
    await there.say("Siti", "berhenti")
    async with there.product.database.read() as tx:
        found = (await tx.execute(select(outbox).where(outbox.c.id == row.id))).one()
    assert (found.state, found.reason, found.sealed) == ("cancelled", "stopped", None)


async def test_who_refuses_calls_is_followed_up_again_once_they_take_it_back(there: Town) -> None:
    await there.hire("Kris", role="coordinator")
    code = await owner(there)
    await there.say("Siti", "berhenti")
    await there.say("Siti", "jangan")
    for _ in range(16):
        await there.later(timedelta(hours=12))
    assert not any("waktunya: telepon atau temui" in message.text for message in there.told["Rina"])
    await there.say("Siti", "mulai")
    for _ in range(16):
        await there.later(timedelta(hours=12))
    assert sum("waktunya: telepon atau temui" in message.text for message in there.told["Rina"]) == 1
    assert sum(code in message.text and "belum ditangani" in message.text for message in there.told["Kris"]) == 1
