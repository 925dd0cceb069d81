"""An owner writes to the office about a lead that nobody has: one letter, to whoever looks after it."""

from __future__ import annotations

from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import plain, town


async def test_a_letter_about_a_lead_that_nobody_has_goes_to_the_officers_there(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", phone="lewat chat ini saja")
        farewell = next(plain(message) for message in there.told["Siti"] if code in message.text)
        assert "akan menulis lewat chat ini" in farewell
        await there.say("Siti", "tidak")
        assert "Apa balasannya?" in await there.say("Siti", "tulis ke petugas")
        assert "sampaikan ke petugas" in await there.say("Siti", "besok saya libur")
        assert there.last("Rina") == f"{code} menulis:\nbesok saya libur"


async def test_only_its_owner_writes_about_a_lead(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", phone="lewat chat ini saja")
        told = len(there.told["Rina"])
        await there.does("Asing", Heard(pressed=Press("command", "reply", code)))
        await there.say("Asing", "halo")
        assert not any("menulis" in plain(message) for message in there.told["Rina"][told:])
