"""Whatever comes in is answered: odd characters, odd buttons, far too much of it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.engine.core import Contact, Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock, nine
from tests.owners import register, said_by_question
from tests.test_turns import count
from tests.town import town

inbox = tables.table(tables.Inbox)


@pytest.mark.parametrize(
    "heard",
    [
        Heard(text="x\x00\ud800y"),
        Heard(text="\u202eabc\u202c <b>halo</b> &amp; *x* _y_ [z](http://x)"),
        Heard(text="🙏" * 4096),
        Heard(text="a" * 100_000),
        Heard(start="kampanye\x00\ud800" + "z" * 300),
        Heard(contact=Contact("+62812\x00", own=True)),
        Heard(other="dice\x00"),
        Heard(pressed=Press("lead", "take", "RK-\x00")),
        Heard(pressed=Press("lead", "\ud800", "'; DROP TABLE person; --")),
        Heard(pressed=Press("registration", "consent", "perhaps", "zzz")),
        Heard(pressed=Press("nobody", "knows", "this")),
        Heard(),
    ],
    ids=lambda heard: repr(heard)[:60],
)
async def test_odd_events_are_answered(database: Database, vault: Vault, clock: Clock, heard: Heard) -> None:
    async with town(database, vault, clock) as there:
        assert await there.does("Siti", heard)
        clock.advance(minutes=1)
        assert await there.does("Siti", heard)
        assert await count(database, inbox, inbox.c.state == "failed") == 0


ODD = st.text(
    st.characters(codec=None) | st.sampled_from("\x00\u202e\u200f\ufeff😀👨‍👩‍👧<>&*_`[]{}%\n٣٤５"),
    min_size=1,
    max_size=1000,
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(ODD, min_size=1, max_size=4), upto=st.sampled_from(sorted(said_by_question())))
def test_whatever_is_typed_at_any_question_is_answered(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, said: list[str], upto: str
) -> None:
    async def play() -> None:
        path = tmp_path / "odd.db"
        shutil.copy(migrated_sqlite, path)
        async with await Database.open(str(path), nine) as database, town(database, vault, Clock(nine())) as there:
            await register(there, "Siti", upto=upto)
            for each in said:
                assert await there.say("Siti", f" {each}"), each
            assert await count(database, inbox, inbox.c.state == "failed") == 0

    asyncio.run(play())
