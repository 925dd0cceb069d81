"""A ``.chat`` file leads to the same on WhatsApp as in the terminal, though less is asked there and labels differ."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bot.channels.base import decode, encode
from bot.office.transcript import BOT, OWNER, Later, Part, Remark, TranscriptLine, Usual, parse
from conversations.engine.core import Press
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_whatsapp import OnWhatsApp, on_whatsapp
from tests.conftest import Clock, nine
from tests.playing import hired, unknown_questions, usual_answers, usual_set
from tests.soundness import Kept, KeptLead, kept, session_of
from tests.test_chats import CARRIED, on_a_channel
from tests.town import Codes, Town, town

PHONE = "phone"  # the question that WhatsApp mostly answers by itself
PAGES = 5  # of choices that are turned to find one


@dataclass(frozen=True, slots=True)
class Meant:
    """A line of a .chat file: the question that it is about, and what the button of that label pressed.

    ``code``: the reference code that a lead made by it got. ``aside``: it answers what the file does not show, and time
    does not pass for it.
    """

    line: TranscriptLine
    asked: str
    pressed: Press | None
    code: str
    aside: bool = False


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
            if isinstance(part, Meant):
                here.product.services.fresh = partial(str, part.code)
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


def not_ours(part: Part) -> bool:
    return not (isinstance(part, TranscriptLine) and part.who == BOT)


async def understood(script: list[Part], there: Town) -> AsyncIterator[Part | Meant]:
    """Do a script in the terminal, with the stretches that it leaves out; its parts, with what each line meant there."""
    answers: Mapping[str, str] | None = None
    for part in filter(not_ours, script):
        if isinstance(part, Remark):
            answers = usual_set(part) or answers
        if isinstance(part, TranscriptLine):
            yield await read(part, there)
        elif not isinstance(part, Usual):
            await happen(part, there)
            yield part
        elif answers:
            async for said in usual_answers(there, part, answers):
                yield await read(TranscriptLine(OWNER, said, OWNER), there)
        if isinstance(part, TranscriptLine) and answers:
            async for _, said in unknown_questions(there, part.who, answers):
                yield await read(TranscriptLine(part.who, said, part.who), there, aside=True)


async def read(line: TranscriptLine, there: Town, *, aside: bool = False) -> Meant:
    """Say a line in the terminal; what it meant there."""
    asked, keys = await asked_of(there, line.who), there.terminal.heard
    pressed = keys(line.who, line.text).pressed if line.text.startswith("[") else None
    there.clock.advance(seconds=0 if aside else 20)
    code = (
        replace(codes)() if isinstance(codes := there.product.services.fresh, Codes) else ""
    )  # each turn takes the next
    await (there.aside if aside else there.say)(line.who, line.text)
    after = await session_of(there.product.database, there.product.vault, there.where(line.who))
    if asked == PHONE and after and after.asked != PHONE and PHONE not in after.answers:
        asked = after.asked  # it opened another question
    return Meant(line, asked, pressed, code, aside)


async def play(part: Part | Meant, here: OnWhatsApp) -> None:
    """Do the same on WhatsApp. What answers the question of the phone number is left out where that is not asked."""
    if not isinstance(part, Meant):
        await happen(part, here)
        return
    who = part.line.who
    here.clock.advance(seconds=0 if part.aside else 20)
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
    session = await session_of(where.product.database, where.product.vault, where.where(who))
    return session.asked if session else ""
