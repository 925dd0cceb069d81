"""A ``.chat`` file leads to the same on WhatsApp as in the terminal, though less is asked there and labels differ."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.channels import terminal
from bot.channels.base import decode, encode
from bot.office.transcript import BOT, Later, Part, Remark, TranscriptLine, parse
from conversations.engine.core import Press
from storage.engine.database import Database
from storage.leads.officers import CODE_LETTERS
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.channels.on_whatsapp import OnWhatsApp, on_whatsapp
from tests.conftest import Clock, nine
from tests.soundness import Kept, KeptLead, kept, session_of
from tests.standins.cloud_api import PHONE_ID
from tests.test_chats import CHATS, hired, on_a_channel
from tests.town import Town, town

PHONE = "phone"  # the question that WhatsApp mostly answers by itself
PAGES = 5  # of choices that are turned to find one


@dataclass(frozen=True, slots=True)
class Meant:
    """A line of a .chat file: the question that it answers, and what the button of that label pressed."""

    line: TranscriptLine
    asked: str
    pressed: Press | None


@pytest.fixture
async def other_database(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Database]:
    path = tmp_path / "other.db"
    shutil.copy(migrated_sqlite, path)
    async with await Database.open(str(path), nine) as opened:
        yield opened


@pytest.mark.parametrize("path", on_a_channel(CHATS))
async def test_a_conversation_leads_to_the_same_on_whatsapp(
    path: Path, sqlite_database: Database, other_database: Database, vault: Vault, clock: Clock
) -> None:
    began, hidden = clock.now, CHATS.index(path) % 2 == 0  # half of the people have a user name
    async with town(other_database, vault, clock) as there:
        there.product.services.fresh = codes_by(clock)
        meant = [await read(part, there) for part in parse(path.read_text(encoding="utf-8")) if not_ours(part)]
    clock.now = began
    async with on_whatsapp(sqlite_database, vault, clock, hidden=hidden) as here:
        here.product.services.fresh = codes_by(clock)
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


def codes_by(clock: Clock) -> Callable[[], str]:
    """Reference codes by the time of day: the same at the same line, however much was asked before."""

    def fresh() -> str:
        seconds = int(clock.now.timestamp())
        return "RK-" + "".join(
            CODE_LETTERS[seconds // len(CODE_LETTERS) ** place % len(CODE_LETTERS)] for place in range(6)
        )

    return fresh


def done(lead: KeptLead, *, hidden: bool) -> list[tuple[str, str]]:
    """What was done with a lead. Where WhatsApp shows the number, it is not for its owner to change."""
    return [(kind, outcome) for _, kind, outcome in lead.events if hidden or kind != "changed"]


def leads(*found: Kept) -> tuple[list[KeptLead], ...]:
    return tuple(sorted(each.leads, key=lambda lead: lead.code) for each in found)


def not_ours(part: Part) -> bool:
    return not (isinstance(part, TranscriptLine) and part.who == BOT)


async def read(part: Part, there: Town) -> Part | Meant:
    """Do a part of a script in the terminal; the part, with what a line meant there."""
    meant: Part | Meant = part
    if isinstance(part, TranscriptLine):
        asked, keys = await asked_of(there, part.who), there.terminal.heard
        label = part.text.startswith("[")
        meant = Meant(part, asked, keys(part.who, part.text).pressed if label else None)
        there.clock.advance(seconds=20)
        await there.say(part.who, part.text)
    else:
        await happen(part, there)
    return meant


async def play(part: Part | Meant, here: OnWhatsApp) -> None:
    """Do the same on WhatsApp. What answers the question of the phone number is left out where that is not asked."""
    if not isinstance(part, Meant):
        await happen(part, here)
        return
    who = part.line.who
    here.clock.advance(seconds=20)
    if part.asked == PHONE and await asked_of(here, who) != PHONE:
        return
    if part.pressed is None:
        await here.say(who, part.line.text)
    elif not await press(here, who, part.pressed):
        await here.say(
            who, part.line.text.strip("[]")
        )  # written out: beside the wish for a number there are no buttons


async def press(here: OnWhatsApp, who: str, wanted: Press) -> bool:
    """Press what means the same, on whichever page of the choices it stands; False where there is none."""
    for _ in range(PAGES):
        offered = [decode(data) for shown in here.person(who).told for data, _ in shown.options]
        newest = [press for press in offered if press and press[:3] == wanted[:3]]
        if newest:
            await here.press(who, encode(newest[-1]))
            return True
        more = [press for press in offered if press and press.dialogue == "command" and press.question == "more"]
        if not more:
            return False
        await here.press(who, encode(more[-1]))
    return False


async def happen(part: Part, where: Town) -> None:
    """Time passes, or an officer is hired."""
    if isinstance(part, Later):
        await where.later(part.by)
    elif isinstance(part, Remark) and (found := hired(part)):
        await where.hire(found[0], *found[1], role=found[2])


async def asked_of(where: Town, who: str) -> str:
    """The key of the question that this person saw last."""
    address = Where(terminal.NAME, terminal.ACCOUNT, who)
    if isinstance(where, OnWhatsApp):
        address = Where("whatsapp", PHONE_ID, where.person(who).user)
    session = await session_of(where.product.database, where.product.vault, address)
    return session.asked if session else ""
