"""Through the bot: officer and owner write to each other, the bot is silent meanwhile, and either ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels import whatsapp
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import register, said_by_question
from tests.town import Town, plain, town

audit, bridge, inbox, lead, outbox = (
    tables.table(each) for each in (tables.Audit, tables.Bridge, tables.Inbox, tables.LeadRow, tables.Outbox)
)


@asynccontextmanager
async def open_between(
    database: Database, vault: Vault, clock: Clock, *officers: str
) -> AsyncIterator[tuple[Town, str]]:
    """Rina has the lead of Siti, who gave no number, and has pressed *Tulis lewat bot*."""
    async with town(database, vault, clock) as there:
        for who in ("Rina", *officers):
            await there.hire(who, "33.72")
        code = await taken(there, "Siti")
        await writes(there, "Rina", code)
        yield there, code


async def taken(there: Town, owner: str) -> str:
    code = await register(there, owner, phone="lewat chat ini saja")
    await there.say(owner, "tidak")
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    return code


async def writes(there: Town, who: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", "write", code)))


def since(there: Town, who: str, before: int) -> list[str]:
    return [plain(message) for message in there.told[who][before:]]


async def test_what_an_officer_writes_goes_to_the_owner_and_back_until_one_ends_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(database, vault, clock) as (there, code):
        assert f"menulis ke pemilik {code}" in there.last("Rina")
        assert "Berakhir sendiri 25 Nov, 20.00" in there.last("Rina")
        assert await there.say("Rina", "Halo Bu, kapan bisa saya datang?") == "", "the bot is silent"
        first = there.last("Siti")
        assert f"Petugas Rina menulis lewat bot ini, soal {code}:\nHalo Bu, kapan bisa saya datang?" in first
        assert "Jangan kirim NIK, OTP, PIN, atau uang" in first
        assert await there.say("Siti", "besok sore ya mbak") == ""
        assert there.last("Rina") == f"{code} menulis:\nbesok sore ya mbak"
        await there.say("Rina", "Baik Bu")
        assert there.last("Siti") == f"Petugas Rina ({code}):\nBaik Bu"
        assert "bot yang menjawab lagi" in await there.say("Siti", "selesai")
        assert there.labels("Siti") == ["Tulis ke petugas"]
        assert "sudah berakhir" in there.last("Rina")
        assert there.labels("Rina") == ["Catat hasil"]
        told = len(there.told["Siti"])
        await there.say("Rina", "halo")
        assert since(there, "Siti", told) == []


async def test_each_message_is_audited_and_none_of_its_words_is_kept(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, code):
        await there.say("Rina", "jalan kenanga")
        await there.say("Siti", "gang kenanga")
        async with sqlite_database.read() as tx:
            acts = (await tx.execute(select(audit.c.act).where(audit.c.subject == code))).scalars().all()
            contacted = (await tx.execute(select(lead.c.contacted_at))).scalar_one()
            kept = [
                str(vault.open_json(row.sealed, table=table.name, column="sealed", row=row.id))
                for table in (inbox, outbox)
                for row in await tx.execute(select(table.c.id, table.c.sealed).where(table.c.sealed.is_not(None)))
            ]
        assert [act for act in acts if act in ("wrote", "answered")] == ["wrote", "answered"]
        assert not [body for body in kept if "kenanga" in body]
        assert contacted is not None, "an owner who answers has been reached"


async def test_the_evening_of_the_owner_ends_it_and_both_are_told(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, code):
        await there.say("Rina", "halo bu")
        await there.later(timedelta(hours=10, minutes=59))
        assert "sudah berakhir" not in there.last("Siti")
        await there.later(timedelta(minutes=2))
        assert f"soal {code} sudah berakhir" in there.last("Siti")
        assert f"pemilik {code} sudah berakhir" in there.last("Rina")
        told = len(there.told["Siti"])
        await there.later(timedelta(minutes=2))
        assert since(there, "Siti", told) == []
        assert "langsung dibaca petugas Rina" in await there.say("Siti", "[Tulis ke petugas]")
        await there.say("Siti", "masih di sana?")
        assert there.last("Rina") == f"{code} menulis:\nmasih di sana?"
        assert there.labels("Rina") == ["Tulis lewat bot"]
        await there.say("Rina", "[Tulis lewat bot]")
        await there.say("Rina", "masih bu")
        assert there.last("Siti") == f"Petugas Rina ({code}):\nmasih bu"


@pytest.mark.parametrize("words", ["berhenti", "/hapus_data", "hapus data saya", "petugasnya kasar, mau ganti petugas"])
async def test_what_only_the_bot_may_hear_is_obeyed_and_not_passed_on(
    sqlite_database: Database, vault: Vault, clock: Clock, words: str
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, _):
        await there.say("Rina", "halo bu")
        told = len(there.told["Rina"])
        assert await there.say("Siti", words) != ""
        if "hapus" in words:
            assert "dihapus" in (await there.say("Siti", "ya")).lower()
        await there.later(timedelta(minutes=1))
        assert not [said for said in since(there, "Rina", told) if words in said or "menulis" in said]
        if words != "petugasnya kasar, mau ganti petugas":
            assert any("sudah berakhir" in said for said in since(there, "Rina", told))


@pytest.mark.parametrize(
    ("words", "answer"),
    [("3374 0112 3456 0001", "NIK"), ("482913", "kode rahasia"), ("kode OTP saya 4829", "kode rahasia")],
)
@pytest.mark.parametrize("who", ["Siti", "Rina"])
async def test_numbers_that_are_somebodys_key_go_nowhere(
    sqlite_database: Database, vault: Vault, clock: Clock, words: str, answer: str, who: str
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, _):
        await there.say("Rina", "halo bu")
        other = {"Siti": "Rina", "Rina": "Siti"}[who]
        told = len(there.told[other])
        assert answer in await there.say(who, words)
        assert since(there, other, told) == []


async def test_only_words_are_passed_on(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, code):
        await there.say("Rina", "halo bu")
        told = len(there.told["Rina"])
        for kind in ("photo", "voice", "sticker"):
            assert "Hanya tulisan" in await there.does("Siti", Heard(other=kind))
        assert since(there, "Rina", told) == []
        assert "Hanya tulisan" in await there.does("Siti", Heard(text="ini warungnya", other="photo"))
        assert there.last("Rina") == f"{code} menulis:\nini warungnya"


async def test_buttons_and_strokes_work_as_ever_and_say_that_words_still_go_there(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, code):
        await there.say("Rina", "halo bu")
        told = len(there.told["Siti"])
        assert any("masih sampai ke pemilik" in said for said in [await there.say("Rina", "/tugas")])
        await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
        await there.say("Rina", "berminat")
        assert since(there, "Siti", told) == [], "the outcome is noted, not passed on"
        await there.say("Rina", "suka soto")
        await there.say("Rina", "saya kabari ya bu")
        assert since(there, "Siti", told) == [f"Petugas Rina ({code}):\nsaya kabari ya bu"]
        said = await there.does("Siti", Heard(pressed=Press("command", "status", "")))
        assert code in said
        assert "masih sampai ke petugas" in said


async def test_an_officer_with_two_open_writes_to_whom_they_pressed_last(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, siti):
        await there.say("Rina", "halo bu siti")
        bejo = await taken(there, "Bejo")
        clock.advance(minutes=1)
        await writes(there, "Rina", bejo)
        await there.say("Rina", "halo pak bejo")
        assert "halo pak bejo" in there.last("Bejo")
        await there.say("Siti", "iya mbak")
        assert there.last("Rina") == f"{siti} menulis:\niya mbak"
        assert there.labels("Rina") == ["Tulis lewat bot"]
        clock.advance(minutes=1)
        assert siti in await there.say("Rina", "[Tulis lewat bot]")
        told = len(there.told["Bejo"])
        await there.say("Rina", "besok ya bu")
        assert there.last("Siti") == f"Petugas Rina ({siti}):\nbesok ya bu"
        assert since(there, "Bejo", told) == []


@pytest.mark.parametrize("how", ["away", "handed", "released", "closed", "blocked"])
async def test_it_ends_when_the_officer_is_theirs_no_more_and_the_owner_is_told(
    sqlite_database: Database, vault: Vault, clock: Clock, how: str
) -> None:
    async with open_between(sqlite_database, vault, clock, "Joko") as (there, code):
        await there.say("Rina", "halo bu")
        match how:
            case "away":
                await there.say("Rina", "/libur")
            case "handed":
                await there.does("Rina", Heard(pressed=Press("lead", "hand", code)))
                await there.say("Rina", "[Joko]")
                await there.does("Joko", Heard(pressed=Press("lead", "accept", code)))
            case "released":
                await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
            case "closed":
                await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
                await there.say("Rina", "nomor salah")
            case _:
                async with sqlite_database.write() as tx:
                    person = select(tables.table(tables.OfficerRow).c.person_id).scalar_subquery()
                    where = tables.table(tables.Address)
                    await tx.execute(where.update().where(where.c.person_id == person).values(reachable=False))
        told = len(there.told["Rina"])
        await there.say("Siti", "halo mbak")
        assert not [said for said in since(there, "Rina", told) if "halo mbak" in said]
        before = len(there.told["Siti"])
        await there.later(timedelta(minutes=1))
        assert any(f"soal {code} sudah berakhir" in said for said in since(there, "Siti", before))
        async with sqlite_database.read() as tx:
            assert (await tx.execute(select(bridge))).all() == []


async def test_only_the_holder_opens_one_and_strangers_end_none(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock, "Joko") as (there, code):
        assert "Petugas: Rina" in await writes(there, "Joko", code)
        assert "sedang tidak terbuka" in await there.does("Joko", Heard(pressed=Press("command", "bridge_end", code)))
        assert await there.does("Asing", Heard(pressed=Press("command", "bridge_end", code))) != ""
        await there.say("Rina", "halo bu")
        assert "halo bu" in there.last("Siti")


async def test_a_flood_is_not_passed_on_and_its_writer_hears_so(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, _):
        await there.say("Rina", "halo bu")
        told, own = len(there.told["Rina"]), len(there.told["Siti"])
        for number in range(60):
            await there.say("Siti", f"pesan ke {number}")
        passed = len(there.told["Rina"]) - told
        assert passed < 60
        await there.later(timedelta(minutes=2))
        assert any("tidak sampai" in said for said in since(there, "Siti", own))


async def test_who_gave_a_number_may_be_written_to_as_well(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        await there.does("Rina", Heard(pressed=Press("lead", "more", code)))
        await there.say("Rina", "[Tulis lewat bot]")
        await there.say("Rina", "halo bu")
        assert "halo bu" in there.last("Siti")


async def test_nobody_writes_to_who_wants_no_messages(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await taken(there, "Siti")
        await there.say("Siti", "berhenti")
        await there.does("Rina", Heard(pressed=Press("lead", "show", code)))
        assert "Tulis lewat bot" not in there.labels("Rina")
        told = len(there.told["Siti"])
        assert "tidak bisa dikirimi" in await writes(there, "Rina", code)
        await there.say("Rina", "halo bu")
        assert since(there, "Siti", told) == []


async def test_an_officer_hears_that_their_words_wait_for_an_owner_whose_window_is_closed(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(sqlite_database, vault, clock, more={"whatsapp": phone}) as there:
        await there.hire("Rina", "33.72")
        for said in said_by_question(phone="lewat chat ini saja").values():
            await phone.say("ID.1", said)
            await there.quiet()
        await there.say("Rina", "[Ambil]")
        clock.advance(hours=25)
        code = there.told["Rina"][-1].text.partition("RK-")[2][:6]
        await writes(there, "Rina", f"RK-{code}")
        assert "baru sampai begitu ia menulis" in await there.say("Rina", "halo bu")


async def test_who_is_erased_meanwhile_leaves_nothing_and_the_officer_is_told(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with open_between(sqlite_database, vault, clock) as (there, code):
        await there.say("Rina", "halo bu")
        await there.say("Siti", "hapus data")
        await there.say("Siti", "ya")
        told = len(there.told["Siti"])
        await there.say("Rina", "bu?")
        await there.later(timedelta(minutes=1))
        assert since(there, "Siti", told) == []
        assert f"pemilik {code} sudah berakhir" in there.last("Rina")
        async with sqlite_database.read() as tx:
            assert (await tx.execute(select(bridge))).all() == []
