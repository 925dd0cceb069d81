"""Where an owner gave no number, officer and owner write to each other through us, so that the promise can be kept."""

from __future__ import annotations

import pytest

from bot.channels import whatsapp
from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import register, said_by_question
from tests.town import plain, town


async def test_an_officer_writes_to_an_owner_without_a_number_and_is_answered(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", phone="lewat chat ini saja")
        farewell = next(plain(message) for message in there.told["Siti"] if code in message.text)
        assert "akan menulis lewat chat ini" in farewell
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        await there.does("Rina", Heard(pressed=Press("lead", "show", code)))
        assert "Apa yang mau disampaikan?" in await there.say("Rina", "[Tulis ke pemilik]")
        assert "Dikirim" in await there.say("Rina", "Halo Bu, kapan bisa saya datang?")
        assert f"Pesan dari petugas Rina soal {code}:\nHalo Bu, kapan bisa saya datang?" in there.last("Siti")
        await there.say("Siti", "[Balas petugas]")
        assert "sampaikan ke petugas" in await there.say("Siti", "Besok sore, tidak usah bawa apa apa")
        assert "menulis:\nBesok sore, tidak usah bawa apa apa" in there.last("Rina")


@pytest.mark.parametrize("what", ["number", "stopped"])
async def test_no_officer_writes_to_who_gave_a_number_or_wants_no_messages(
    sqlite_database: Database, vault: Vault, clock: Clock, what: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", **({} if what == "number" else {"phone": "lewat chat ini saja"}))
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        if what == "stopped":
            await there.say("Siti", "berhenti")
        await there.does("Rina", Heard(pressed=Press("lead", "show", code)))
        assert "Tulis ke pemilik" not in there.labels("Rina")
        if what == "stopped":
            await there.does("Rina", Heard(pressed=Press("lead", "write", code)))
            before = len(there.told["Siti"])
            assert "tidak bisa dikirimi" in await there.say("Rina", "halo")
            assert len(there.told["Siti"]) == before


async def test_only_who_has_the_lead_writes_and_only_its_owner_answers(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who in ("Rina", "Joko"):
            await there.hire(who, "33.72")
        code = await register(there, "Siti", phone="lewat chat ini saja")
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        assert "Petugas: Rina" in await there.does("Joko", Heard(pressed=Press("lead", "write", code)))
        await there.does("Rina", Heard(pressed=Press("lead", "write", code)))
        await there.say("Rina", "/libur")
        await there.does("Joko", Heard(pressed=Press("lead", "take", code)))
        before = len(there.told["Siti"])
        await there.say("Rina", "halo bu")
        assert len(there.told["Siti"]) == before, "the lead is not theirs any more"
        told = len(there.told["Joko"])
        await there.does("Asing", Heard(pressed=Press("command", "reply", code)))
        await there.say("Asing", "halo")
        assert not any("menulis" in plain(message) for message in there.told["Joko"][told:])


async def test_an_officer_is_told_when_what_they_wrote_waits_for_the_owner_to_write(
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
        await there.does("Rina", Heard(pressed=Press("lead", "write", f"RK-{code}")))
        assert "baru sampai begitu ia menulis" in await there.say("Rina", "halo bu")
