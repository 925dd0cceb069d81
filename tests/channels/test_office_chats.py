"""A day at the office leads to the same with the office on WhatsApp and owners on Telegram, and the other way round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.office.transcript import parse
from conversations.engine.world import Lead
from storage.engine.database import Database
from storage.leads import leads
from storage.sealing.vault import Vault
from tests.channels.on_both import Line, on_both
from tests.channels.retold import play, understood
from tests.channels.test_whatsapp_chats import other_database
from tests.conftest import Clock
from tests.soundness import kept, lead, outbox
from tests.test_chats import OFFICE, office_rules, on_a_channel
from tests.town import Town, town

__all__ = ["other_database"]
KNOCK, REPLY = "knock", "reply"
ASKED_OTHERWISE = ("01_hari_admin", "02_seminggu_pemilik")  # WhatsApp turns pages of choices, and tells a number itself
NOTICE = "notice"
REDRAWN = ("11_dua_kali_sama",)  # a merged card is replaced where cards can be, and told of in a notice elsewhere


@pytest.mark.parametrize("office_on", ["telegram", "whatsapp"])
@pytest.mark.parametrize("path", on_a_channel(OFFICE))
async def test_a_day_at_the_office_leads_to_the_same_across_channels(
    path: Path, office_on: Line, sqlite_database: Database, other_database: Database, vault: Vault, clock: Clock
) -> None:
    """The same leads with the same histories, and to everybody as many messages of each kind, all of which came."""
    began = clock.now
    async with town(other_database, vault, clock) as there:
        await office_rules(there)
        script = parse(path.read_text(encoding="utf-8"))
        meant = [part async for part in understood(script, there, there.pumped)]
        await write_once_more(there, list(there.told))
        leads_there, told_there = await followed(there), await told(there, path.stem)
    clock.now = began
    async with on_both(sqlite_database, vault, clock, office_on) as here:
        await office_rules(here)
        for part in meant:
            await play(part, here)
            await here.pumped()
        await write_once_more(here, list(there.told))
        assert (here.whatsapp.api.problems, here.telegram.api.problems) == ([], [])
        assert await followed(here) == leads_there
        assert await told(here, path.stem) == told_there


async def write_once_more(where: Town, people: Iterable[str]) -> None:
    """Have everybody write, so that what waited for their window comes."""
    for who in people:
        await where.say(who, "halo")
    await where.later(timedelta())


async def followed(where: Town) -> dict[str, tuple[object, ...]]:
    """What became of each lead, by its code."""
    async with where.product.database.read() as tx:
        codes = list((await tx.execute(select(lead.c.code))).scalars())
        found = await leads.by_code(tx, where.product.vault, codes)
    return {code: _course(each) for code, (_, each) in found.items()}


def _course(of: Lead) -> tuple[object, ...]:
    history = [(visit.at, visit.outcome, visit.note) for visit in of.history]
    return of.status, of.officer, of.next_at, of.next_reason, of.contacted, history


async def told(where: Town, chat: str) -> Mapping[str, Counter[str]]:
    """How many new messages of each kind each person got. Raises AssertionError for one that did not come.

    A knock for what waits for somebody's window is not counted, as only WhatsApp has one.
    """
    besides = (KNOCK, REPLY) if chat in ASKED_OTHERWISE else (KNOCK, NOTICE) if chat in REDRAWN else (KNOCK,)
    query = select(outbox.c.person_id, outbox.c.kind, outbox.c.state).where(outbox.c.edits.is_(None))
    async with where.product.database.read() as tx:
        rows = (await tx.execute(query)).all()
    people = (await kept(where.product.database, where.product.vault)).people
    names = {people.get(where.where(who).address): who for who in where.told}
    found: dict[str, Counter[str]] = {}
    for person, kind, state in rows:
        assert state in ("sent", "delivered", "read"), (names.get(person), kind, state)
        if kind not in besides:
            found.setdefault(names.get(person, ""), Counter())[kind] += 1
    return found
