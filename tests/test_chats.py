"""Every ``.chat`` file is played through the real turn writer, on a real database, and must read as it stands.

``pytest tests/test_chats.py --rewrite-chats`` writes what was said into the files instead; read the difference.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from bot import platforms
from bot.channels.base import BOLD_OFF, BOLD_ON, Outgoing
from bot.office.transcript import OWNER, Part, Remark, TranscriptLine, parse, write
from bot.office.usual import usual
from bot.settings import Settings
from conversations.dialogues.registration import registration
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.playing import Playing, without_question
from tests.soundness import kept
from tests.town import Town, known, town

CHATS = sorted(
    (Path(__file__).parent / "chats").glob("*.chat")
)  # of owners: each channel's tests play some of them too
STRANGERS = sorted((Path(__file__).parent / "chats" / "pemilik").glob("*.chat"))  # each owner's own way, to its end
# Of these each channel's tests play a few, too: krama, a card of before, arrears, ngoko.
CARRIED = [
    *CHATS,
    *(
        path
        for path in STRANGERS
        if path.stem in ("02_batik_krama", "05_mantan_pabrik", "09_kartu_kis", "15_tani_ngoko")
    ),
]
# What a channel carries is in these: buttons and a number, photos and a voice, a document, a day of an admin.
EACH_WAY = ("01_lewat_tombol", "04_bertanya_dulu", "09_hapus_data", "01_hari_admin", "13_kalah_cepat")
OFFICE = sorted((Path(__file__).parent / "chats" / "kantor").glob("*.chat"))
ENDS, NOTHING_KEPT = "# Akhir: ", "tidak ada yang disimpan"
OWNERS, MEDIAN = 24, 13  # of them, and of the messages that one of them sends
APPROVAL = 2  # recipients past which a broadcast of these chats needs a second admin
JOINED = Path(__file__).parent / "chats" / "terminal" / "dua_chat.chat"


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
async def test_a_conversation_reads_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock, request: pytest.FixtureRequest
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        _same(path, await play(there, parse(path.read_text(encoding="utf-8"))), request)


@pytest.mark.parametrize("path", STRANGERS, ids=lambda path: path.stem)
async def test_an_owner_ends_with_the_lead_that_the_file_names(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock, request: pytest.FixtureRequest
) -> None:
    """``# Akhir: …`` names what stands on the card, or in the review where nobody works; one line for each lead."""
    script = parse(path.read_text(encoding="utf-8"))
    async with town(sqlite_database, vault, clock) as there:
        played = await play(there, script)
        leads = [lead for lead in (await kept(sqlite_database, vault)).leads if lead.answers]
    _same(path, played, request)
    said = [part.text.removeprefix(ENDS) for part in script if isinstance(part, Remark) and part.text.startswith(ENDS)]
    assert said
    named = [end.split(", ") for end in said if end != NOTHING_KEPT]
    shown = [part.text for part in played if isinstance(part, TranscriptLine) and "Nama: " in part.text]
    assert len(leads) == len(named)
    for end in named:
        last = shown if len(named) > 1 else shown[-1:]  # of one business what is shown last, of several each its own
        assert any(all(each in card for each in end) for card in last), end


def test_half_of_the_owners_have_done_after_thirteen_messages() -> None:
    counts = {
        path.stem: sum(
            isinstance(part, TranscriptLine) and part.who == OWNER for part in parse(path.read_text("utf-8"))
        )
        for path in STRANGERS
    }
    assert len(counts) == OWNERS
    assert median(counts.values()) <= MEDIAN, counts


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


async def play(there: Town, script: list[Part]) -> list[Part]:
    """Do what the people of the script do; the script again, with what the bot said."""
    return await Playing(there).play(script)


async def play_office(there: Town, script: list[Part]) -> list[Part]:
    """The same at an office."""
    await office_rules(there)
    return await Playing(there, there.pumped).play(script)


async def office_rules(there: Town) -> None:
    """Have quiet hours and the cap of a week as they are set without any setting."""
    there.product.services.rules = platforms.rules(
        Settings(_env_file=None, broadcast_approval=APPROVAL), known().holidays
    )
    await there.product.pump.stop()  # it works between the lines, so that a chat reads the same every time


def test_a_written_conversation_is_read_back_as_it_was() -> None:
    for path in (*CHATS, *STRANGERS, *OFFICE):
        text = path.read_text(encoding="utf-8")
        assert write(parse(text)) == text


async def test_a_button_that_is_not_there_fails_also_where_chats_are_rewritten(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        with pytest.raises(AssertionError, match=r"Pemilik: \[Belum\]: no such button"):
            await play(there, parse("Pemilik: halo\nPemilik: [Belum]\n"))


async def test_a_stretch_that_a_chat_is_not_about_is_answered_as_usual_and_left_out(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    script = "# jawaban lazim: warung sendiri\nPemilik: halo\n\n--- jawaban lazim sampai: Nomor HP\n    Nama: Bu Tuti\n"
    async with town(sqlite_database, vault, clock) as there:
        played = await play(there, parse(script))
        assert write(played).startswith(script), "the stretch stays as it stood, and the reply before it is left out"
        [shown] = [part.text for part in played if isinstance(part, TranscriptLine)][1:]
        assert "*Nomor berapa yang bisa dihubungi petugas?*" in shown
        assert "Tuti" in await there.say("Pemilik", "lihat data")


async def test_a_question_that_the_usual_answers_do_not_name_is_answered_and_not_shown(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    """As if it had never been asked: so a question that is added leaves the chats that are not about it as they are."""
    whole = parse((CHATS[0].parent / "14_ngoko.chat").read_text(encoding="utf-8"))
    script = [
        part for part in whole if isinstance(part, TranscriptLine) and part.text != "gemolong"
    ]  # which answered it
    async with town(sqlite_database, vault, clock) as there:
        playing = Playing(there)
        playing.usual = {key: said for key, said in usual().items() if key != "district"}
        played = write(await playing.play(script))
        assert "Pemilik: sragen\nRangkul: Baik, di Kabupaten Sragen.\n    \n    Tinggal 6 pertanyaan." in played
        assert "kecamatannya apa" not in played
        assert "Kecamatan" not in played
        assert "*Nomor berapa yang bisa dihubungi petugas?*" in played


@pytest.mark.parametrize("bold", [(BOLD_ON, BOLD_OFF), ("*", "*")], ids=["as it leaves us", "on a platform"])
def test_a_question_is_left_out_whichever_way_its_bold_words_are_shown(bold: tuple[str, str]) -> None:
    on, off = bold
    asked = Outgoing(f"Baik.\n\nTidak perlu tanggal lahir.\n{on}Umur Bapak/Ibu masih di bawah 65 tahun?{off}")
    question = registration.question("under_65")
    assert question
    assert without_question(asked, question, Outgoing("Berikutnya?")).text == "Baik.\n\nBerikutnya?"
