"""Words in reply to an earlier message of ours are about that message, on every platform and driver."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_telegram import on_telegram
from tests.channels.on_whatsapp import on_whatsapp
from tests.conftest import Clock
from tests.owners import register
from tests.soundness import kept

PLATFORMS: dict[str, Any] = {
    "aiogram": partial(on_telegram, mode="webhook", by="aiogram"),
    "ptb": partial(on_telegram, mode="webhook", by="ptb"),
    "whatsapp": on_whatsapp,
}


@pytest.mark.parametrize("name", ["aiogram", pytest.param("ptb", marks=pytest.mark.long), "whatsapp"])
async def test_words_in_reply_to_an_earlier_question_change_its_answer(
    name: str, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with PLATFORMS[name](sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        siti = there.person("Siti")
        asked = next(shown for shown in siti.told if "kami panggil siapa" in shown.text)
        siti.reply(asked, "Bu Sumini")
        await there.quiet()
        [session] = (await kept(sqlite_database, vault)).sessions.values()
    assert session.answers["name"]["name"] == "Sumini"
    assert session.asked == "sector"
