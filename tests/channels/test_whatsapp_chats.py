"""A ``.chat`` file leads to the same on WhatsApp as in the terminal, though less is asked there and labels differ."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.office.transcript import parse
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_whatsapp import on_whatsapp
from tests.channels.retold import PHONE, play, understood
from tests.conftest import Clock, nine
from tests.soundness import Kept, KeptLead, kept
from tests.test_chats import CARRIED, on_a_channel
from tests.town import town


@pytest.fixture
async def other_database(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Database]:
    path = tmp_path / "other.db"
    shutil.copy(migrated_sqlite, path)
    async with await Database.open(str(path), nine) as opened:
        yield opened


@pytest.mark.parametrize("path", on_a_channel(CARRIED))
async def test_a_conversation_leads_to_the_same_on_whatsapp(
    path: Path, sqlite_database: Database, other_database: Database, vault: Vault, clock: Clock
) -> None:
    began, hidden = clock.now, CARRIED.index(path) % 2 == 0  # half of the people have a user name
    async with town(other_database, vault, clock) as there:
        meant = [part async for part in understood(parse(path.read_text(encoding="utf-8")), there)]
    clock.now = began
    async with on_whatsapp(sqlite_database, vault, clock, hidden=hidden) as here:
        for part in meant:
            await play(part, here)
        assert here.api.problems == []
        shown = {f"+{person.phone}" for person in here.api.people.values()}
    for ours, theirs in zip(*leads(await kept(sqlite_database, vault), await kept(other_database, vault)), strict=True):
        assert (ours.code, ours.estimate) == (theirs.code, theirs.estimate)
        assert done(ours, hidden=hidden) == done(theirs, hidden=hidden)
        assert {**ours.answers, PHONE: ""} == {**theirs.answers, PHONE: ""}
        if ours.answers and not hidden:
            phone = ours.answers[PHONE]
            assert (phone["source"], phone["e164"] in shown) == ("channel", True)
        elif ours.answers:
            assert ours.answers[PHONE]["e164"] == theirs.answers[PHONE]["e164"]


def done(lead: KeptLead, *, hidden: bool) -> list[tuple[str, str]]:
    """What was done with a lead. Where WhatsApp shows the number, it is not for its owner to change."""
    return [(kind, outcome) for _, kind, outcome in lead.events if hidden or kind != "changed"]


def leads(*found: Kept) -> tuple[list[KeptLead], ...]:
    return tuple(sorted(each.leads, key=lambda lead: lead.code) for each in found)
