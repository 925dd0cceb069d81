"""What an owner says of a lead that was sent reaches the lead or its officer, and what they end they may open again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.leads import leads
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, plain, town

GAVE_UP = ("ga jadi", "batal aja mas", "mboten siyos", "saya mundur, suami tidak setuju")


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        await found.hire("Rina", "33.72")
        yield found


async def taken(there: Town, who: str = "Siti", **answers: str) -> str:
    code = await register(there, who, **answers)
    await there.say(who, "ya")
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    return code


async def status(there: Town, code: str) -> tuple[str, str]:
    """The lead's status, and its officer."""
    async with there.product.database.read() as tx:
        _, lead = (await leads.by_code(tx, there.product.services.vault, [code]))[code]
    return lead.status, lead.officer


def new(there: Town, who: str, since: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[since:])


@pytest.mark.parametrize("said", GAVE_UP)
async def test_who_gives_up_is_asked_first_and_the_officer_hears_of_it(there: Town, said: str) -> None:
    code = await taken(there)
    since = len(there.told["Rina"])
    assert "dibatalkan?" in await there.say("Siti", said)
    assert (await status(there, code))[0] == "taken"
    assert "tetap lanjut" in await there.say("Siti", "[Tidak, lanjutkan]")
    assert new(there, "Rina", since) == ""
    await there.say("Siti", said)
    assert f"{code} dibatalkan" in await there.say("Siti", "ya")
    assert (await status(there, code))[0] == "withdrawn"
    assert f"{code} dibatalkan pemiliknya" in there.last("Rina")


async def test_who_gave_up_and_writes_again_goes_on_with_the_same_lead_and_officer(there: Town) -> None:
    code = await taken(there)
    await there.say("Siti", "ga jadi")
    await there.say("Siti", "ya")
    for said in ("jadi deh mas", "petugas", "mau daftar", "ubah data"):
        assert f"Pendaftaran {code} sudah ditutup" in await there.say("Siti", said), said
        await there.say("Siti", "[Tidak usah]")
    await there.say("Siti", "mau daftar")
    assert "kami buka lagi" in await there.say("Siti", "[Ya, lanjutkan ini]")
    assert await status(there, code) == ("taken", "Rina")
    assert f"{code} dibuka lagi oleh pemiliknya" in there.last("Rina")
    there.clock.advance(hours=49)
    assert "belum sempat" in await there.say("Siti", "status")


async def test_a_lead_that_was_opened_again_is_promised_a_day_from_then_on(there: Town) -> None:
    await taken(there)
    for said in ("ga jadi", "ya"):
        await there.say("Siti", said)
    there.clock.advance(hours=73)
    for said in ("mau daftar", "ya"):
        await there.say("Siti", said)
    said = await there.say("Siti", "status")
    assert "paling lambat Senin, 30 November 2026" in said
    assert "belum sempat" not in said


async def test_a_lead_that_an_officer_ended_is_opened_by_its_owner_and_one_that_is_paid_is_not(there: Town) -> None:
    code = await taken(there)
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("tidak berminat", "[Tanpa catatan]"):
        await there.say("Rina", said)
    assert (await status(there, code))[0] == "declined"
    assert "sudah ditutup" in await there.say("Siti", "tetap mau ikut mas")
    await there.say("Siti", "ya")
    assert await status(there, code) == ("taken", "Rina")
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("sudah didaftarkan", "[Tanpa catatan]"):
        await there.say("Rina", said)
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("iuran pertama lunas", "[Tanpa catatan]"):
        await there.say("Rina", said)
    assert (await status(there, code))[0] == "active"
    assert "sudah ditutup" not in await there.say("Siti", "mau daftar")


async def test_who_registered_elsewhere_is_noted_and_checked_and_the_lead_goes_on(there: Town) -> None:
    code = await taken(there)
    assert "mengecek" in await there.say("Siti", "wis tak urus dewe mas")
    assert f"{code} Pemilik bilang sudah daftar sendiri" in there.last("Rina")
    assert (await status(there, code))[0] == "taken"
    assert "Kata pemilik: sudah daftar sendiri" in await there.does("Rina", Heard(pressed=Press("lead", "show", code)))
    since = len(there.told["Rina"])
    await there.say("Siti", "sudah daftar sendiri kok")
    assert new(there, "Rina", since) == "", "the same word again within hours bothers nobody"


async def test_who_was_called_is_noted_and_the_officer_reminded_to_note_it(there: Town) -> None:
    code = await taken(there)
    assert "Syukurlah" in await there.say("Siti", "tadi pagi petugasnya sudah telpon")
    assert f"{code} Pemilik bilang sudah dihubungi" in there.last("Rina")


async def test_nobody_called_is_answered_from_the_lead_and_after_the_promised_day_told_above_once(there: Town) -> None:
    code = await taken(there)
    since = len(there.told["Kris"])
    assert "paling lambat Kamis" in await there.say("Siti", "durung ono sing nelpon")
    assert new(there, "Kris", since) == ""
    there.clock.advance(hours=49)
    for _ in range(2):
        assert "sampaikan ke petugas dan koordinatornya" in await there.say("Siti", "kok belum ada yang telpon ya")
    assert new(there, "Kris", since).count(f"{code} Pemilik bilang belum dihubungi") == 1


async def test_a_time_in_words_changes_when_the_owner_is_called(there: Town) -> None:
    code = await taken(there)
    assert "Waktu dihubungi: Sore" in await there.say("Siti", "minta ditelpon sore saja")
    assert f"{code}, data berubah" in there.last("Rina")
    said = await there.say("Siti", "kapan saya dihubungi?")
    assert "Petugas: Rina" in said
    assert "Waktu yang Bapak/Ibu pilih: Sore" in said


async def test_what_nobody_understands_is_passed_on_once_the_owner_agrees(there: Town) -> None:
    code = await taken(there)
    since = len(there.told["Rina"])
    assert "Sampaikan ke petugas?" in await there.say("Siti", "rumah saya pagar hijau depan balai desa")
    assert "Sampaikan ke petugas?" in await there.say("Siti", "yang ada pohon mangganya")
    assert new(there, "Rina", since) == ""
    assert "sudah kami sampaikan" in await there.say("Siti", "[Ya, sampaikan]")
    assert "rumah saya pagar hijau depan balai desa\nyang ada pohon mangganya" in there.last("Rina")
    assert code in there.last("Rina")
    before = len(there.told["Rina"])
    await there.say("Siti", "saya dua hari ini di rumah anak dulu")
    assert "tidak kami sampaikan" in await there.say("Siti", "[Tidak]")
    assert new(there, "Rina", before) == ""


@pytest.mark.parametrize("said", ["nik saya 3372010101700001", "kode otp nya 123456 mas tadi masuk"])
async def test_identity_numbers_and_codes_are_not_passed_on(there: Town, said: str) -> None:
    await taken(there)
    assert "Sampaikan ke petugas?" not in await there.say("Siti", said)


async def test_of_several_leads_the_owner_is_asked_which_and_the_words_are_kept(there: Town) -> None:
    code = await taken(there)
    (other,) = await more_leads(there, code, 1)
    assert "yang mana?" in await there.say("Siti", "ubah nomor jadi 0857 0000 1234")
    assert "0857-0000-1234" in await there.say("Siti", f"[{code}]")
    assert "yang mana?" in await there.say("Siti", "ga jadi mas")
    assert f"Pendaftaran {other} jadi dibatalkan?" in await there.say("Siti", f"[{other}]")
    await there.say("Siti", "ya")
    assert ((await status(there, code))[0], (await status(there, other))[0]) == ("taken", "withdrawn")


async def test_owner_and_officer_are_asked_about_a_contribution_that_is_unpaid_after_three_working_days(
    there: Town,
) -> None:
    code = await taken(there)
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("sudah didaftarkan", "[Tanpa catatan]"):
        await there.say("Rina", said)
    siti, rina = len(there.told["Siti"]), len(there.told["Rina"])
    assert "Tinggal membayar iuran pertama" in await there.say("Siti", "status")
    for _ in range(12):
        await there.later(timedelta(hours=12))
    assert new(there, "Siti", siti).count("apakah iuran pertamanya sudah dibayar?") == 1
    assert code in new(there, "Rina", rina)
    await there.does("Siti", Heard(pressed=Press("command", "said_paid", code)))
    assert f"{code} Pemilik bilang iuran pertama sudah dibayar" in there.last("Rina")


async def test_however_many_leads_move_each_owner_hears_who_has_theirs_now(there: Town) -> None:
    await there.hire("Joko", "33.72")
    owners = [f"Bu{number}" for number in range(6)]
    for number, who in enumerate(owners):
        await taken(there, who, phone=f"0812 0000 71{number:02d}")
    for said in ("/tim", "[Rina]", "[Serahkan semua]", "[Joko]"):
        await there.say("Kris", said)
    assert all("dihubungi Joko" in there.last(who) for who in owners)
