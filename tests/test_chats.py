"""Every ``.chat`` file is played through the real turn writer, on a real database, and must read as it stands.

``pytest tests/test_chats.py --rewrite-chats`` writes what was said into the files instead; read the difference.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.terminal import written
from bot.transcript import BOT, Later, Line, Part, Remark, parse, write
from storage.database import Database
from storage.vault import Vault
from tests.conftest import Clock
from tests.town import Town, town

CHATS = sorted((Path(__file__).parent / "chats").glob("*.chat"))
_HIRED = re.compile(r"# petugas: (?P<who>\w+) (?P<where>[\d., ]*)(?: (?P<role>coordinator|admin))?")


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
async def test_a_conversation_reads_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock, request: pytest.FixtureRequest
) -> None:
    script = parse(path.read_text(encoding="utf-8"))
    async with town(sqlite_database, vault, clock) as there:
        played = await play(there, script)
    if request.config.getoption("--rewrite-chats"):
        path.write_text(write(played), encoding="utf-8")
    else:
        assert write(played) == path.read_text(encoding="utf-8")


async def play(there: Town, script: list[Part]) -> list[Part]:
    """Do what the people of the script do; the script again, with what the bot said this time."""
    played: list[Part] = []
    heard: dict[str, int] = {}

    def listen() -> None:
        for who, messages in there.told.items():
            played.extend(Line(BOT, written(message), who) for message in messages[heard.get(who, 0) :])
            heard[who] = len(messages)

    for part in script:
        if isinstance(part, Line) and part.who == BOT:
            continue
        played.append(part)
        if isinstance(part, Remark) and (officer := hired(part)):
            who, regencies, role = officer
            await there.hire(who, *regencies, role=role)
            heard[who] = len(there.told[who])
        elif isinstance(part, Later):
            await there.later(part.by)
        elif isinstance(part, Line):
            there.clock.advance(seconds=20)
            try:
                await there.say(part.who, part.text)
            except LookupError as missing:
                played.append(Remark(f"# !! {missing}"))
        listen()
    return played


def hired(remark: Remark) -> tuple[str, list[str], str] | None:
    """Who works where as what from here on, where a remark says so."""
    found = _HIRED.fullmatch(remark.text)
    return (found["who"], found["where"].replace(",", " ").split(), found["role"] or "officer") if found else None


def test_a_written_conversation_is_read_back_as_it_was() -> None:
    for path in CHATS:
        text = path.read_text(encoding="utf-8")
        assert write(parse(text)) == text
