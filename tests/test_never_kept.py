"""What is never kept: numbers of identity cards anywhere, and names, numbers and words in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel
from structlog.testing import capture_logs

from conversations.engine.core import Contact, Heard
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.soundness import kept
from tests.town import town

NIK = "3372011203900001"


@pytest.mark.parametrize(
    "heard",
    [
        Heard(text=f"nik saya {NIK}"),
        Heard(text="3372 0112 0390 0001"),
        Heard(text="33.72.01.120390.0001 ya bu"),
        Heard(text="３３７２０１１２０３９００００１"),
        Heard(start=NIK),
        Heard(contact=Contact(NIK, own=False)),
        Heard(text="3372–0112–0390–0001"),
        Heard(text="3372OII2O390OOOl"),
        Heard(text="Tiga tiga tujuh dua, nol satu satu dua, nol tiga sembilan nol, nol nol nol satu"),
        Heard(text="tiga tiga 72 nol satu 12 0390 nol nol nol satu"),
        Heard(text="3372\u200b0112\u200b0390\u200b0001"),
    ],
    ids=str,
)
async def test_sixteen_digits_reach_neither_inbox_nor_session_nor_outbox_nor_log(
    sqlite_database: Database, vault: Vault, clock: Clock, heard: Heard
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="consent")
        with capture_logs() as logs:
            said = await there.does("Siti", heard)
            await there.say("Siti", "Bu Siti")
        assert "NIK" in said
        found = await kept(sqlite_database, vault)
        async with sqlite_database.read() as tx:
            clear = [str((await tx.execute(select(table))).all()) for table in SQLModel.metadata.sorted_tables]
        everything = "\n".join([*found.texts, *clear, str(found.sessions), str(found.bodies), str(logs)])
        digits = "".join(c for c in everything.translate({0xFF10 + d: str(d) for d in range(10)}) if c not in " .")
        assert NIK not in digits
        assert "tiga sembilan nol" not in everything


@pytest.mark.parametrize(
    ("who", "pieces"),
    [
        ("Siti", ("33720112", "03900001")),
        ("Siti", ("nik saya 3372", "0112", "0390", "0001 nggih")),
        ("Rina", ("catatan: 3372 0112 03", "90 OOO1")),
    ],
)
async def test_a_number_told_in_pieces_within_a_minute_is_not_kept_either(
    sqlite_database: Database, vault: Vault, clock: Clock, who: str, pieces: tuple[str, ...]
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti", upto="consent")
        for piece in pieces:
            clock.advance(seconds=20)
            said = await there.say(who, piece)
        assert "NIK" in said
        await there.say(who, "halo")
        found = await kept(sqlite_database, vault)
        everything = "\n".join([*found.texts, str(found.sessions), str(found.bodies)])
        assert not any(piece in everything for piece in pieces)


async def test_numbers_with_a_minute_between_them_have_nothing_to_do_with_each_other(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "33720112")
        clock.advance(seconds=61)
        assert "NIK" not in await there.say("Siti", "03900001")


async def test_two_phone_numbers_are_kept(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "0812 0000 7001 / 0857 0000 7002")
        assert any("0812 0000 7001 / 0857 0000 7002" in text for text in (await kept(sqlite_database, vault)).texts)


async def test_no_file_of_the_database_holds_a_word_that_a_person_said_of_themselves(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Wulandari", "33.72")
        await register(
            there, "alamat-chat-siti", name="Kartikasari", business_name="Warung Mbok Galak", sector="jualan tengkleng"
        )
        await there.say("Wulandari", "[Ambil]")
        await there.say("Wulandari", "[Catat hasil]")
        await there.say("Wulandari", "berminat")
        await there.say("Wulandari", "rumahnya cat biru")
        await there.say("alamat-chat-siti", "kata tetangga Sumarno bisa dicicil ya")
        path = Path(str(sqlite_database.url.database))
        stored = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))
        assert b"RK-222" in stored, "what is kept in the clear is found this way"
        for said in (
            "Kartikasari",
            "Galak",
            "tengkleng",
            "81200007001",
            "alamat-chat",
            "cat biru",
            "Sumarno",
            "Wulandari",
        ):
            assert said.encode() not in stored, said
