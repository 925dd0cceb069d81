"""A ``.chat`` file reads the same on Telegram, by polling and by webhook and by either driver, as it does in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.office.transcript import parse, write
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_telegram import Driver, Mode, on_telegram
from tests.conftest import Clock
from tests.playing import CATALOG
from tests.test_chats import CARRIED, OFFICE, on_a_channel, play, play_office


# By either driver, and by either way of receiving: that way is the same code for both drivers, so one of four is left out.
@pytest.mark.parametrize(("by", "mode"), [("aiogram", "polling"), ("aiogram", "webhook"), ("ptb", "polling")])
@pytest.mark.parametrize("path", on_a_channel(CARRIED))
async def test_a_conversation_reads_on_telegram_as_written(
    path: Path, by: Driver, mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    text = written(path)
    async with on_telegram(sqlite_database, vault, clock, mode, by) as there:
        assert write(await play(there, parse(text))) == text
        assert there.api.problems == []


@pytest.mark.parametrize("path", on_a_channel(OFFICE))
async def test_a_day_at_the_office_reads_on_telegram_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    text = written(path)
    async with on_telegram(sqlite_database, vault, clock, "polling", "ptb") as there:
        assert write(await play_office(there, parse(text))) == text
        assert there.api.problems == []


def written(path: Path) -> str:
    """The file, with the one thing that differs: people are told by which channel we talk to them."""
    text = path.read_text(encoding="utf-8").replace("lewat: terminal", "lewat: Telegram")
    here, abroad = (CATALOG.text(f"registration.notice.{way}", channel="Telegram") for way in ("here", "abroad"))
    return text.replace(here, abroad)
