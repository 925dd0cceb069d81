"""Every open lead has a next step, which follows from its state; a sweep finds those that something forgot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import tables
from storage.engine.database import Database
from storage.leads import following
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, plain, town

lead = tables.table(tables.LeadRow)
HALF_A_DAY = timedelta(hours=12)


async def days(there: Town, number: int) -> None:
    for _ in range(2 * number):
        await there.later(HALF_A_DAY)


def new(there: Town, who: str, since: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[since:])


async def without_next_step(database: Database) -> set[str]:
    """The codes of open leads that nothing brings back."""
    async with database.read() as tx:
        return set((await tx.execute(select(lead.c.code).where(following.NO_NEXT_STEP))).scalars())


@pytest.mark.parametrize("outcome", ["Sudah dihubungi", "Berminat"])
async def test_a_lead_that_was_contacted_is_asked_after_until_it_ends(
    sqlite_database: Database, vault: Vault, clock: Clock, outcome: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        for said in ("[Ambil]", "[Catat hasil]", outcome, "[Tanpa catatan]"):
            await there.say("Rina", said)
        before = len(there.told["Rina"])
        await days(there, 4)  # from Wednesday to Sunday
        assert "waktunya" not in new(there, "Rina", before)
        await days(there, 2)
        assert new(there, "Rina", before).count("waktunya") == 1
        assert code in there.labels("Rina")
        before = len(there.told["Rina"])
        await days(there, 7)
        assert "Lewat: 1" in new(there, "Rina", before), "again, for it is still open"
        await there.say("Rina", f"[{code}]")
        for said in ("[Catat hasil]", "tidak berminat", "[Tanpa catatan]"):
            await there.say("Rina", said)
        before = len(there.told["Rina"])
        await days(there, 10)
        assert code not in new(there, "Rina", before)


@pytest.mark.parametrize("what", ["nobody", "refused and took it back", "away", "contacted"])
async def test_whatever_is_done_to_it_an_open_lead_always_has_a_next_step(
    sqlite_database: Database, vault: Vault, clock: Clock, what: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who in ("Rina", "Joko"):
            await there.hire(who, "33.72")
        await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        if what == "refused and took it back":
            for said in ("berhenti", "tidak"):
                await there.say("Siti", said)
            await days(there, 3)
            await there.say("Siti", "mulai")
        if what == "away":
            await there.say("Rina", "/libur")
        if what == "contacted":
            for said in ("[Catat hasil]", "sudah dihubungi", "[Tanpa catatan]"):
                await there.say("Rina", said)
        for _ in range(10):
            await days(there, 1)
            assert await without_next_step(sqlite_database) == set()


async def test_a_sweep_gives_leads_that_something_forgot_their_next_step(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.later(timedelta(minutes=1))
        codes = await more_leads(there, code, 2)
        async with database.write() as tx:
            forgotten = {"next_at": None, "ring_at": None}
            await tx.execute(update(lead).where(lead.c.code.in_(codes)).values(**forgotten))
            await tx.execute(update(lead).where(lead.c.code == codes[1]).values(status="declined"))
        assert await without_next_step(database) == {codes[0]}, "a lead that has ended needs none"
        await there.later(timedelta(hours=1))
        assert await without_next_step(database) == set()
        before = len(there.told["Rina"])
        await there.later(timedelta(minutes=1))
        assert codes[0] in new(there, "Rina", before)


async def test_however_many_leads_are_due_everybody_is_told_once_of_all_of_them(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one transaction takes, at each rung."""
    monkeypatch.setattr(following, "AT_ONCE", 10)
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Kris", role="coordinator")
        await there.hire("Ani", role="admin")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        await more_leads(there, code, 34)
        async with database.write() as tx:
            rina = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar_one()
            due = {"officer_id": rina, "status": "taken", "next_at": clock(), "ring_at": clock(), "next_reason": "call"}
            await tx.execute(update(lead).values(**due))
        before = {who: len(there.told[who]) for who in ("Rina", "Kris", "Ani")}
        for _ in range(8 * 24):
            await there.later(timedelta(hours=1))
        assert new(there, "Rina", before["Rina"]).count("waktunya ditindaklanjuti") == 1
        assert "35 calon peserta waktunya" in new(there, "Rina", before["Rina"])
        for who in ("Kris", "Ani"):
            said = new(there, who, before[who])
            assert (who, said.count("sudah lewat waktunya"), said.count("35 calon peserta sudah")) == (who, 1, 1)


async def test_however_many_untaken_leads_are_due_whoever_may_take_them_is_told_once_of_all_of_them(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Untaken ones, ones that became free, and those of a colleague who is away, in one tick; of leads elsewhere nothing."""
    monkeypatch.setattr(following, "AT_ONCE", 10)
    async with town(database, vault, clock) as there:
        for who, where in (("Rina", "33.72"), ("Joko", "33.72"), ("Budi", "33.10")):
            await there.hire(who, where)
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Joko", "[Ambil]")
        await there.say("Joko", "/libur")
        codes = await more_leads(there, code, 34)
        async with database.write() as tx:
            joko = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar_one()
            await tx.execute(update(lead).values(next_at=clock(), ring_at=clock(), rung=0))
            await tx.execute(update(lead).where(lead.c.code.in_(codes[:12])).values(officer_id=joko, status="taken"))
            await tx.execute(update(lead).where(lead.c.code.in_(codes[12:20])).values(rung=following.FREED))
        before = {who: len(there.told[who]) for who in ("Rina", "Budi")}
        await there.later(timedelta(minutes=1))
        said = [plain(message) for message in there.told["Rina"][before["Rina"] :] if not message.edits]
        assert [words.split(".")[0] for words in said] == ["35 calon peserta menunggu petugas"]
        assert len(there.told["Budi"]) == before["Budi"]


async def test_a_reminder_that_falls_due_is_one_message_which_names_no_owner(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await there.say("Rina", "ingatkan 2 jam lagi")
        before = len(there.told["Rina"])
        await there.later(timedelta(hours=2, minutes=1))
        assert [plain(message) for message in there.told["Rina"][before:]] == [
            f"{code} waktunya: sesuai pengingat Anda."
        ]
        assert there.labels("Rina") == [code, "Catat hasil"]


async def test_a_note_may_follow_also_after_its_time_was_changed(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        for said in ("[Ambil]", "[Catat hasil]", "Berminat", "[Ubah waktunya]", "besok jam 9"):
            await there.say("Rina", said)
        assert there.last("Rina").endswith(f"Ada catatan singkat untuk {code}, tanpa NIK?")
        assert there.labels("Rina") == ["Tanpa catatan", "Batalkan", "Ubah waktunya"]
        assert await there.say("Rina", "apa itu JHT? tanya suami dulu") != ""
        assert any("apa itu JHT? tanya suami dulu" in plain(message) for message in there.told["Rina"][-3:])


@pytest.mark.parametrize("said", ["ambil {}", "{} ambil", "Ambil {}."])
async def test_a_lead_is_taken_also_by_the_word_on_its_button_with_its_code(
    sqlite_database: Database, vault: Vault, clock: Clock, said: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who, regency in (("Rina", "33.72"), ("Joko", "33.72"), ("Wati", "33.74")):
            await there.hire(who, regency)
        code = await register(there, "Siti")
        asked = said.format(code.lower())
        assert "sekarang tugas Anda" in await there.say("Rina", asked)
        assert "Rina" in await there.say("Joko", asked), "who comes second is told who has it"
        unknown = await there.say("Wati", said.format("RK-999ZZZ"))
        assert await there.say("Wati", asked) == unknown, "refused alike whether it exists or not"
        assert "hasilnya" in await there.say("Rina", f"catat hasil {code}")
