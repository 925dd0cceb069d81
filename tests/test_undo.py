"""What a thumb did can be taken back for a week: by the officer whose deed it was, or by those above."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conversations.engine.core import Heard, Press
from conversations.rules.outcomes import NOTED
from locales import Catalog
from storage import tables
from storage.engine.database import Database
from storage.leads import leads, leaving, timers
from storage.leads.following import STATE
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, plain, town

event, timer = tables.table(tables.LeadEvent), tables.table(tables.Timer)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """Two officers in Surakarta and a coordinator."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        yield found


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


async def state(there: Town, code: str) -> dict[str, object]:
    async with there.product.database.read() as tx:
        row = (await tx.execute(select(*(lead.c[name] for name in STATE)).where(lead.c.code == code))).one()
    return dict(zip(STATE, row, strict=True))


async def test_an_end_by_accident_is_taken_back_with_all_that_hung_on_it(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "berminat")
    await there.say("Rina", "[Tanpa catatan]")
    before = await state(there, code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "tidak berminat")
    ended = await state(there, code)
    assert (ended["status"], ended["next_at"]) == ("declined", None)
    assert ended["erase_at"]
    said = await there.say("Rina", "[Batalkan]")
    assert "Dibatalkan: Tidak berminat" in said
    assert "tugas terbuka" not in said, "which would be the count of before"
    assert there.labels("Rina") == [code]
    assert await state(there, code) == before
    assert "tidak dilanjutkan" not in await there.say("Siti", "status")
    assert "Tidak berminat" not in await press(there, "Rina", "show", code), "and it is no longer in the history"


async def test_a_closed_card_is_opened_again_from_the_card_for_a_week_and_then_no_more(there: Town) -> None:
    codes = [await register(there, who, phone=f"0812 0000 700{number}") for number, who in enumerate(("Siti", "Bejo"))]
    for code in codes:
        await press(there, "Rina", "take", code)
        await press(there, "Rina", "note", code)
        await there.say("Rina", "nomor salah")
        await there.say("Rina", "[Tanpa catatan]")
    await there.later(timedelta(days=6))
    assert "Dibatalkan: Nomor salah" in await press(there, "Rina", "undo", codes[0])
    await there.later(timedelta(days=2))
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Rina", "undo", codes[1])
    assert (await state(there, codes[1]))["status"] == "wrong_number"


async def test_what_was_taken_by_mistake_is_released_and_free_for_others_and_that_can_be_taken_back_too(
    there: Town,
) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    mine = await state(there, code)
    assert "Anda lepas" in await press(there, "Rina", "release", code)
    assert (await state(there, code))["officer_id"] is None
    assert "Dibatalkan: dilepas" in await press(there, "Rina", "undo", code)
    assert await state(there, code) == mine
    await press(there, "Rina", "release", code)
    assert "sekarang tugas Anda" in await press(there, "Joko", "take", code)
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Rina", "undo", code), "it is another's now"


async def test_who_takes_a_lead_that_was_released_far_along_goes_on_where_it_stood(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    for said in ("berkas lengkap", "sudah didaftarkan"):
        await press(there, "Rina", "note", code)
        await there.say("Rina", said)
        await there.say("Rina", "[Tanpa catatan]")
    stood = await state(there, code)
    await press(there, "Rina", "release", code)
    await press(there, "Joko", "take", code)
    taken = await state(there, code)
    assert (taken["status"], taken["next_reason"], taken["next_at"]) == ("registered", "payment", stood["next_at"])
    await there.later(timedelta(days=7))
    await press(there, "Joko", "release", code)
    await press(there, "Rina", "take", code)
    overdue = await state(there, code)
    assert overdue["next_reason"] == "payment"
    assert str(overdue["next_at"]) > str(there.clock())


async def test_nobody_takes_back_what_another_did_save_those_above(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "tidak berminat")
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Joko", "undo", code)
    assert "Dibatalkan: Tidak berminat" in await press(there, "Kris", "undo", code)
    assert (await state(there, code))["status"] == "taken"
    assert "Bagian itu hanya untuk petugas" in await press(there, "Siti", "undo", code)


async def test_one_press_takes_back_one_thing_the_last(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    for said in ("berminat", "berkas lengkap"):
        await press(there, "Rina", "note", code)
        await there.say("Rina", said)
        await there.say("Rina", "[Tanpa catatan]")
    seen = []
    for _ in range(4):
        there.clock.advance(seconds=10)  # within three seconds the same button is the same press
        await press(there, "Rina", "undo", code)
        seen.append((await state(there, code))["status"])
    assert seen == ["interested", "taken", "new", "new"]
    async with there.product.database.read() as tx:
        kinds = list((await tx.execute(select(event.c.kind).order_by(event.c.id))).scalars())
    assert kinds == ["submitted", "taken", "outcome", "outcome"], "what was done stays written down"


async def test_a_lead_whose_officer_has_left_since_is_free_once_its_end_is_taken_back(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "nomor salah")
    async with there.product.database.write() as tx:
        rina = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar_one()
        await leaving.leave(tx, rina, there.clock(), actor="test")
    assert "Dibatalkan: Nomor salah" in await press(there, "Kris", "undo", code)
    after = await state(there, code)
    assert (after["officer_id"], after["status"], after["erase_at"]) == (None, "new", None)
    before = len(there.told["Joko"])
    await there.later(timedelta(minutes=1))
    assert any(code in plain(message) for message in there.told["Joko"][before:]), "and is shown to the others at once"


async def test_whoever_had_a_lead_or_has_it_again_is_told_of_what_somebody_else_took_back(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "tidak berminat")
    await press(there, "Kris", "undo", code)
    assert "Kris membatalkan: Tidak berminat" in there.last("Rina")
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(offered=True))
    await press(there, "Joko", "take", code)
    assert "sekarang ditangani Joko" in there.last("Rina")
    await press(there, "Joko", "undo", code)
    assert "Joko membatalkan: diambil" in there.last("Rina")
    assert (await state(there, code))["offered"], "it is hers, and others may take it, as before"


async def test_a_meeting_is_reminded_of_again_once_what_put_it_off_is_taken_back(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "janji temu")
    await there.say("Rina", "jumat jam 10")

    async def meetings() -> list[int]:
        async with there.product.database.read() as tx:
            return list((await tx.execute(select(timer.c.version).where(timer.c.kind == timers.MEETING))).scalars())

    stood = await meetings()
    assert len(stood) == 1
    await there.later(timedelta(minutes=1))
    await press(there, "Rina", "note", code)
    await there.say("Rina", "tidak berminat")
    assert await meetings() == []
    await there.say("Rina", "[Batalkan]")
    assert await meetings() == stood
    while await press(there, "Rina", "undo", code) and (await state(there, code))["status"] != "new":
        there.clock.advance(seconds=10)
    assert await meetings() == []


async def test_an_owner_who_has_moved_to_where_nobody_works_is_no_officers_again(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "release", code)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(status="waiting"))
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Kris", "undo", code)
    assert (await state(there, code))["status"] == "waiting"


async def test_what_the_owner_changed_is_not_undone_and_keeps_nobody_from_undoing(there: Town) -> None:
    code = await register(there, "Siti")
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Kris", "undo", code), "nobody did anything yet"
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "tidak berminat")
    async with there.product.database.write() as tx:
        lead_id, held = (await leads.by_code(tx, there.product.services.vault, [code]))[code]
        told = {**held.answers, "workers": (7, 7)}
        await leads.rewrite(tx, there.product.services.vault, lead_id, told, there.clock())
    assert "Dibatalkan: Tidak berminat" in await press(there, "Rina", "undo", code)
    async with there.product.database.read() as tx:
        _, after = (await leads.by_code(tx, there.product.services.vault, [code]))[code]
    assert tuple(after.answers["workers"]) == (7, 7)


async def noted(there: Town, code: str, outcome: str) -> None:
    await press(there, "Rina", "note", code)
    await there.say("Rina", Catalog.load().text(f"outcome.{outcome}"))
    if not (await event_of(there, outcome)):  # an appointment asks when first
        await there.say("Rina", "besok jam 10")
    assert await event_of(there, outcome), outcome


async def event_of(there: Town, outcome: str) -> bool:
    async with there.product.database.read() as tx:
        found = select(event.c.id).where(event.c.outcome == outcome, event.c.undone_at.is_(None))
        return (await tx.execute(found)).first() is not None


async def done(there: Town, code: str, deed: str) -> str:
    """Do this with a lead; who did."""
    if deed in NOTED:
        await noted(there, code, deed)
        return "Rina"
    if deed == "remind":
        await there.say("Rina", f"ingatkan {code} besok jam 9")
        return "Rina"
    who, verb = {"agree": ("Joko", "accept"), "move": ("Kris", "hand")}.get(deed, ("Rina", deed))
    await press(there, who, verb, code)
    if verb == "hand":
        await there.say(who, "[Joko]")
    return who


BEFORE = {"take": (), "active": ("take", "papers", "registered"), "agree": ("take", "hand")}  # else ("take",)


@pytest.mark.parametrize("deed", [*NOTED, "take", "release", "remind", "hand", "agree", "move"])
async def test_whatever_an_officer_did_with_a_lead_is_taken_back_to_the_letter(
    sqlite_database: Database, vault: Vault, clock: Clock, deed: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Kris", "33.72", role="coordinator")
        for who in ("Rina", "Joko"):
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        for each in BEFORE.get(deed, ("take",)):
            await done(there, code, each)
        before = await state(there, code)
        by = await done(there, code, deed)
        assert deed in ("hand", "other") or await state(there, code) != before
        there.clock.advance(seconds=10)
        assert "Dibatalkan" in await press(there, by, "undo", code)
        after = await state(there, code)
        assert {name: value for name, value in after.items() if value != before[name]} == {}
