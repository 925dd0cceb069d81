"""Every ``.chat`` file is played through the real turn writer, on a real database, and must read as it stands.

``pytest tests/test_chats.py --rewrite-chats`` writes what was said into the files instead; read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot import platforms
from bot.channels.terminal import written
from bot.office.transcript import BOT, Later, Part, Remark, TranscriptLine, parse, write
from bot.settings import Settings
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, known, town

CHATS = sorted(
    (Path(__file__).parent / "chats").glob("*.chat")
)  # of owners: each channel's tests play some of them too
# What a channel carries is in these: buttons and a number, photos and a voice, a document, a day of an admin.
EACH_WAY = ("01_lewat_tombol", "04_bertanya_dulu", "09_hapus_data", "01_hari_admin")
OFFICE = sorted((Path(__file__).parent / "chats" / "kantor").glob("*.chat"))
APPROVAL = 2  # recipients past which a broadcast of these chats needs a second admin
JOINED = Path(__file__).parent / "chats" / "terminal" / "dua_chat.chat"
_HIRED = re.compile(r"# petugas: (?P<who>\w+) ?(?P<where>[\d., ]*)(?P<role>coordinator|admin)?")
_REGISTERED = re.compile(r"# sudah daftar, boleh dikirimi kabar: (?P<names>[\w, ]+)")


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
async def test_a_conversation_reads_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock, request: pytest.FixtureRequest
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        _same(path, await play(there, parse(path.read_text(encoding="utf-8"))), request)


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.stem)
async def test_a_day_at_the_office_reads_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock, request: pytest.FixtureRequest
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        _same(path, await play_office(there, parse(path.read_text(encoding="utf-8"))), request)


async def test_two_chats_of_one_person_become_one_as_written(
    sqlite_database: Database,
    vault: Vault,
    clock: Clock,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It names the channel, so it is of the terminal alone; the code that "sambungkan" gives is always the same here."""
    monkeypatch.setattr("storage.whole_person.account_linking.fresh_code", lambda: "SB-2345ABCD")
    async with town(sqlite_database, vault, clock) as there:
        _same(JOINED, await play(there, parse(JOINED.read_text(encoding="utf-8"))), request)


def on_a_channel(chats: list[Path]) -> list[pytest.ParameterSet]:
    """These chats for a test of one channel: those of ``EACH_WAY`` in every run, the others in the long one.

    What the bot says is kept for all of them in this file; of a channel it is to be shown that it carries that.
    """
    return [pytest.param(path, id=path.stem, marks=() if path.stem in EACH_WAY else pytest.mark.long) for path in chats]


def _same(path: Path, played: list[Part], request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--rewrite-chats"):
        path.write_text(write(played), encoding="utf-8")
    else:
        assert write(played) == path.read_text(encoding="utf-8")


async def _nothing() -> None: ...


async def play(there: Town, script: list[Part], between: Callable[[], Awaitable[None]] = _nothing) -> list[Part]:
    """Do what the people of the script do, and ``between`` after each line; the script again, with what the bot said."""
    played: list[Part] = []
    heard: dict[str, int] = {}

    def listen() -> None:
        for who, messages in there.told.items():
            played.extend(TranscriptLine(BOT, written(message), who) for message in messages[heard.get(who, 0) :])
            heard[who] = len(messages)

    for part in script:
        if isinstance(part, TranscriptLine) and part.who == BOT:
            continue
        played.append(part)
        if isinstance(part, Remark):
            if await _staged(there, part):  # how it came about is no part of the chat
                heard |= {who: len(messages) for who, messages in there.told.items()}
        elif isinstance(part, Later):
            await there.later(part.by)
        elif isinstance(part, TranscriptLine):
            there.clock.advance(seconds=20)
            try:
                await there.say(part.who, part.text)
            except LookupError as missing:
                played.append(Remark(f"# !! {missing}"))
            await between()
        listen()
    return played


async def play_office(there: Town, script: list[Part]) -> list[Part]:
    """The same with quiet hours and the cap of a week as they are set without any setting."""
    there.product.services.rules = platforms.rules(
        Settings(_env_file=None, broadcast_approval=APPROVAL), known().holidays
    )
    await there.product.pump.stop()  # it works between the lines, so that a chat reads the same every time
    return await play(there, script, there.pumped)


async def _staged(there: Town, remark: Remark) -> bool:
    """Whether a remark says who works here, or who has registered; then it is so."""
    if officer := hired(remark):
        who, regencies, role = officer
        await there.hire(who, *regencies, role=role)
        return True
    owners = _REGISTERED.fullmatch(remark.text)
    for who in owners["names"].split(", ") if owners else ():
        await register(there, who, name=who)
        await there.say(who, "ya")
    return owners is not None


def hired(remark: Remark) -> tuple[str, list[str], str] | None:
    """Who works where as what from here on, where a remark says so."""
    found = _HIRED.fullmatch(remark.text)
    return (found["who"], found["where"].replace(",", " ").split(), found["role"] or "officer") if found else None


def test_a_written_conversation_is_read_back_as_it_was() -> None:
    for path in (*CHATS, *OFFICE):
        text = path.read_text(encoding="utf-8")
        assert write(parse(text)) == text
