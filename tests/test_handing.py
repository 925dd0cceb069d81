"""Leads go from one officer to another: by agreement among colleagues, at once by those above; nobody loses one by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.leads import leaving, officers
from storage.leads.leads import lead
from storage.people.audit import audit
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, plain, town


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """Three officers in Surakarta, one elsewhere, and a coordinator."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        for who in ("Rina", "Joko", "Joko Susilo"):
            await found.hire(who, "33.72")
        await found.hire("Wati", "33.11")
        yield found


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


async def number(there: Town, who: str) -> int:
    async with there.product.database.read() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
    return next(each.id for each in listed if each.name == who)


async def holder(there: Town, code: str) -> str:
    async with there.product.database.read() as tx:
        found = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar()
        return (await officers.called(tx, there.product.services.vault)).get(found or 0, "")


def since(there: Town, who: str, before: int) -> list[str]:
    return [plain(message) for message in there.told.get(who, ())[before:]]


async def with_one(there: Town) -> str:
    """A lead that Rina has taken."""
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    return code


async def test_a_colleague_is_asked_and_the_lead_stays_until_they_agree(there: Town) -> None:
    code = await with_one(there)
    assert "diserahkan ke siapa" in await press(there, "Rina", "hand", code)
    assert "Wati" not in there.labels("Rina"), "she looks after another regency"
    assert "Joko Susilo" in there.labels("Rina")
    assert "Rina" not in there.labels("Rina")
    assert "Sampai diterima, tetap tugas Anda" in await there.say("Rina", "pak joko susilo aja")
    assert "Rina ingin menyerahkannya ke Anda" in there.last("Joko Susilo")
    assert there.labels("Joko Susilo") == ["Terima", "Kembalikan"]
    assert await holder(there, code) == "Rina"
    assert "sekarang tugas Anda" in await there.say("Joko Susilo", "[Terima]")
    assert await holder(there, code) == "Joko Susilo"
    assert f"{code} diterima Joko Susilo" in there.last("Rina")
    assert "sudah tidak ditawarkan" not in await press(there, "Joko Susilo", "accept", code)
    await there.say("Joko Susilo", "/tugas")
    assert code in there.last("Joko Susilo")


async def test_what_is_given_back_stays_and_its_giver_is_told(there: Town) -> None:
    code = await with_one(there)
    await press(there, "Rina", "hand", code)
    assert "Yang mana" in await there.say("Rina", "ke Pak Joko")
    await there.say("Rina", "[Joko]")
    assert "dikembalikan ke Rina" in await press(there, "Joko", "return", code)
    assert "Joko mengembalikan" in there.last("Rina")
    assert await holder(there, code) == "Rina"
    assert "sudah tidak ditawarkan" in await press(there, "Joko", "accept", code)
    assert await holder(there, code) == "Rina"


async def test_who_does_not_answer_for_a_working_day_is_asked_no_longer(there: Town) -> None:
    code = await with_one(there)
    await press(there, "Rina", "hand", code)
    await there.say("Rina", "[Joko]")
    before = len(there.told["Rina"])
    await there.later(timedelta(hours=23))
    assert not any("belum dijawab" in said for said in since(there, "Rina", before))
    await there.later(timedelta(hours=2))
    await there.later(timedelta(hours=2))
    assert sum("belum dijawab rekan Anda" in said for said in since(there, "Rina", before)) == 1
    await press(there, "Joko", "accept", code)
    assert await holder(there, code) == "Rina"


async def test_handing_over_is_undone_by_whoever_did_it(there: Town) -> None:
    code = await with_one(there)
    await press(there, "Rina", "hand", code)
    await there.say("Rina", "[Joko]")
    assert "ditawarkan ke rekan" in await there.say("Rina", "[Batalkan]")
    await press(there, "Joko", "accept", code)
    assert await holder(there, code) == "Rina"
    await there.later(timedelta(minutes=1))
    await press(there, "Rina", "hand", code)
    await there.say("Rina", "[Joko]")
    await press(there, "Joko", "accept", code)
    assert await holder(there, code) == "Joko"
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Rina", "undo", code)
    assert "Dibatalkan: diserahkan" in await press(there, "Joko", "undo", code)
    assert await holder(there, code) == "Rina"


async def test_a_coordinator_moves_a_lead_without_asking_anybody(there: Town) -> None:
    code = await with_one(there)
    await press(there, "Kris", "show", code)
    assert "Serahkan" in there.labels("Kris")
    await press(there, "Kris", "hand", code)
    assert {"Joko", "Joko Susilo", "Wati"} <= set(there.labels("Kris"))
    assert "1 calon peserta sekarang ditangani Wati" in await there.say("Kris", "[Wati]")
    assert await holder(there, code) == "Wati"
    assert "Kris menyerahkan 1 calon peserta ke Anda" in there.last("Wati")
    assert "sekarang ditangani Wati" in there.last("Rina")
    assert code in await press(there, "Wati", "show", code), "she sees it, though it is of another regency"
    assert "Dibatalkan: diserahkan" in await press(there, "Kris", "undo", code)
    assert await holder(there, code) == "Rina"


async def test_a_coordinator_gives_out_what_nobody_has_taken(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Kris", "hand", code)
    await there.say("Kris", "[Joko]")
    assert await holder(there, code) == "Joko"
    assert "dipegang petugas" in await press(there, "Joko", "show", code)


async def test_all_leads_of_an_officer_move_with_one_message_to_each_person(there: Town) -> None:
    code = await with_one(there)
    await there.say("Siti", "tidak")
    for each in await more_leads(there, code, 11):
        await press(there, "Rina", "take", each)
    before = {who: len(there.told[who]) for who in ("Rina", "Joko")}
    rina = await number(there, "Rina")
    await there.does("Kris", Heard(pressed=Press("command", "hand_many", f"all:{rina}")))
    assert "Semua tugas Rina" in there.last("Kris")
    assert "12 calon peserta sekarang ditangani Joko" in await there.say("Kris", "[Joko]")
    assert len(since(there, "Joko", before["Joko"])) == 1
    assert len(since(there, "Rina", before["Rina"])) == 1
    async with there.product.database.read() as tx:
        assert (await tx.execute(select(lead.c.officer_id).distinct())).scalars().all() == [await number(there, "Joko")]
        noted = (await tx.execute(select(audit.c.subject).where(audit.c.act == "handed"))).scalars().all()
    assert len(set(noted)) == 12
    before["Joko"] = len(there.told["Joko"])
    await there.later(timedelta(hours=1))
    assert since(there, "Joko", before["Joko"]) == [], "who has just been told is not reminded at once"


async def test_leads_that_were_moved_together_go_back_together_but_for_what_was_done_since(there: Town) -> None:
    code = await with_one(there)
    for each in await more_leads(there, code, 6):
        await press(there, "Rina", "take", each)
    rina, joko = await number(there, "Rina"), await number(there, "Joko")
    await there.does("Kris", Heard(pressed=Press("command", "hand_many", f"all:{rina}")))
    await there.say("Kris", "[Joko]")
    await press(there, "Joko", "note", code)
    await there.say("Joko", "berminat")
    before = {who: len(there.told[who]) for who in ("Rina", "Joko")}
    said = await there.say("Kris", "[Batalkan]")
    assert "6 calon peserta kembali" in said
    assert "1 lainnya tetap" in said
    assert await holder(there, code) == "Joko"
    async with there.product.database.read() as tx:
        held = (await tx.execute(select(lead.c.officer_id))).scalars().all()
    assert sorted(held) == sorted([joko, *[rina] * 6])
    assert [len(since(there, who, before[who])) for who in ("Rina", "Joko")] == [1, 1]
    await there.later(timedelta(minutes=1))
    assert "Tidak ada lagi" in await there.does("Kris", Heard(pressed=Press("command", "hand_undo", "12345")))


async def test_only_what_is_overdue_moves_where_that_was_asked_for(there: Town) -> None:
    code = await with_one(there)
    late = (await more_leads(there, code, 1))[0]
    await press(there, "Kris", "hand", late)
    await there.say("Kris", "[Rina]")
    await there.later(timedelta(minutes=1))
    rina = await number(there, "Rina")
    await there.does("Kris", Heard(pressed=Press("command", "hand_many", f"late:{rina}")))
    await there.say("Kris", "[Joko]")
    assert (await holder(there, code), await holder(there, late)) == ("Rina", "Joko")


@pytest.mark.parametrize("who", ["Joko", "Wati", "Siti"])
async def test_nobody_hands_over_what_is_not_theirs(there: Town, who: str) -> None:
    code = await with_one(there)
    await press(there, who, "hand", code)
    await there.say(who, "Joko Susilo")
    rina = await number(there, "Rina")
    await there.does(who, Heard(pressed=Press("command", "hand_many", f"all:{rina}")))
    await there.say(who, "Joko Susilo")
    await press(there, who, "accept", code)
    assert await holder(there, code) == "Rina"


async def test_what_was_offered_to_somebody_who_leaves_stays_where_it_was(there: Town) -> None:
    code = await with_one(there)
    await press(there, "Rina", "hand", code)
    await there.say("Rina", "[Joko]")
    async with there.product.database.write() as tx:
        await leaving.leave(tx, await number(there, "Joko"), there.clock(), actor="test")
    await there.later(timedelta(minutes=1))
    assert await holder(there, code) == "Rina"
    assert "belum dijawab rekan Anda" in there.last("Rina")


async def test_nobody_is_handed_their_own_registration(there: Town) -> None:
    code = await with_one(there)
    await there.hire("Siti", "33.72")
    await press(there, "Kris", "hand", code)
    assert "pendaftaran Siti sendiri" in await there.say("Kris", "[Siti]")
    assert await holder(there, code) == "Rina"
