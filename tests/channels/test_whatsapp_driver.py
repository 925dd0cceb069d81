"""The whole product on WhatsApp, by the real driver, with a Cloud API server that is as strict as the real one."""

from __future__ import annotations

from storage.database import Database
from storage.vault import Vault
from tests.channels.on_whatsapp import on_whatsapp
from tests.conftest import Clock


async def test_hello(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with on_whatsapp(sqlite_database, vault, clock) as there:
        print(await there.say("Siti", "halo"))
        print(there.person("Siti").screen)
        print(there.api.calls, there.api.problems, there.api.read, there.api.billed)
        assert 0
