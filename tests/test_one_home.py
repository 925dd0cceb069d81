"""One fact has one home: a number that the channel says is another by now, or what is a person's and not one lead's."""

from __future__ import annotations

import re

import pytest

from bot.channels import whatsapp
from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.linking import two
from tests.owners import finish, register, said_by_question
from tests.town import plain, town

OLD, NEW = "+6281200007001", "+6281299998888"


async def test_whatsapp_reports_another_number_and_lead_card_link_and_own_data_have_it_and_the_holder_is_told(
    database: Database, vault: Vault, clock: Clock
) -> None:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(database, vault, clock, more={"whatsapp": phone}) as there:
        await there.hire("Rina", "33.72")
        phone.numbers["ID.1"] = OLD
        for said in said_by_question(phone_known=OLD).values():
            await phone.say("ID.1", said)
            await there.quiet()
        await there.say("Rina", "[Ambil]")
        before = len(there.told["Rina"])
        phone.numbers["ID.1"] = NEW
        await phone.say("ID.1", "lihat data")
        await there.quiet()
        assert "0812-9999-8888" in phone.last("ID.1")
        assert "0812-0000-7001" not in phone.last("ID.1")
        told = "\n".join(plain(message) for message in there.told["Rina"][before:])
        assert re.search(r"0812-0000-7001 .* → 0812-9999-8888 ", told)
        code = next(word for word in told.replace("*", " ").split() if word.startswith("RK-"))
        card = await there.does("Rina", Heard(pressed=Press("lead", "show", code.strip(":,"))))
        assert f"https://wa.me/{NEW.lstrip('+')}" in card
        assert OLD not in card


async def test_another_own_number_shared_on_telegram_is_that_of_the_lead_too(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        said = await place.shares(place.telegram, "siti", NEW)
        assert "0812-9999-8888" in said
        assert "0812-9999-8888" in await place.on(place.telegram, "siti", "lihat data")
        place.whatsapp.numbers["ID.1"] = "+6281355556666"
        await place.joins(place.whatsapp, "ID.1", await place.code(place.telegram, "siti"))
        assert "0812-9999-8888" in await place.on(place.whatsapp, "ID.1", "lihat data"), "it was shared on purpose"


async def test_a_number_and_a_name_that_are_changed_in_one_lead_are_changed_in_every_open_one(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        first = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await there.say("Siti", "tidak")
        await there.say("Siti", "[Tambah usaha lain]")
        other = await finish(there, "Siti", sector="jahit baju")
        before = len(there.told["Rina"])
        for said in ("ubah data", f"[{other}]", "ubah nomor hp", "0812 0000 7999", "kirim"):
            await there.say("Siti", said)
        data = await there.say("Siti", "lihat data")
        assert data.count("0812-0000-7999") == 2
        told = "\n".join(plain(message) for message in there.told["Rina"][before:])
        assert f"{first}: data berubah" in told or first in told


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_landline_stands_on_the_card_as_people_write_it(
    sqlite_database: Database, vault: Vault, clock: Clock, stopped: bool
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", phone="(0271) 712345")
        if stopped:
            await there.say("Siti", "berhenti")
            await there.say("Siti", "boleh")
        card = await there.does("Rina", Heard(pressed=Press("lead", "show", code)))
        assert "(0271) 712345" in card
        assert "Telepon: +62271712345" in card
        assert "wa.me" not in card
        assert "chat" not in card.partition("Telepon")[2]
