"""An admin's broadcasts in chat: composed, looked at, tried, approved by another, paused, resumed, cancelled, reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest
from sqlalchemy import select, update

from bot.broadcasts import text as broadcast_text
from bot.broadcasts.report import counted
from bot.channels.base import Media
from bot.rules import Rules
from conversations.dialogues import compose
from conversations.engine.core import Heard, Press
from conversations.rules.quiet_hours import Quiet
from storage import tables
from storage.broadcasts import broadcasts
from storage.broadcasts.audience import Audience
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.broadcasting import Hall
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

broadcast, outbox, officer = (
    tables.table(tables.Broadcast),
    tables.table(tables.Outbox),
    tables.table(tables.OfficerRow),
)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """A town with an owner in Surakarta who agreed to news, one who did not, and two admins."""
    async with town(database, vault, clock) as found:
        await found.hire("Rina", "33.72")
        await found.hire("Dewi", role="admin")
        await found.hire("Bambang", role="admin")
        await register(found, "Siti")
        await found.say("Siti", "ya")
        await register(found, "Joko", name="Pak Joko", phone="0812 0000 7002")
        await found.say("Joko", "tidak usah")
        yield found


async def composed(there: Town, *, words: str = "Halo {nama}, ada jadwal baru.", when: str = "[Sekarang]") -> str:
    """What the admin is shown once a broadcast to all owners is written."""
    for said in ("/siaran", "[Siaran baru]", "[Kabar]", "[Semua pemilik]", "[Tanpa tombol]", words):
        await there.say("Dewi", said)
    return await there.say("Dewi", when)


async def state(there: Town) -> str:
    async with there.product.database.read() as tx:
        return str((await tx.execute(select(broadcast.c.state).order_by(broadcast.c.id.desc()).limit(1))).scalar_one())


async def runs(there: Town) -> None:
    await there.later(timedelta(seconds=1))


def told(there: Town, who: str, words: str) -> int:
    return sum(words in message.text for message in there.told.get(who, ()))


async def test_it_is_shown_as_it_would_arrive_with_how_many_before_anything_is_sent(there: Town) -> None:
    card = await composed(there)
    assert "rancangan" in card
    assert "Penerima: 1 orang" in card, "only who agreed"
    assert "jadwal baru" in there.told["Dewi"][-2].text
    assert told(there, "Siti", "jadwal baru") == 0
    assert await state(there) == "draft"
    await there.say("Dewi", "[Coba ke saya]")
    assert told(there, "Dewi", "Halo Bu Siti, ada jadwal baru.") == 2
    assert "Isi: Halo {nama}, ada jadwal baru." in there.last("Dewi")


async def test_started_it_reaches_who_agreed_and_nobody_else(there: Town) -> None:
    await composed(there)
    await there.say("Dewi", "[Kirim sekarang]")
    await runs(there)
    assert told(there, "Siti", "Halo Bapak/Ibu Siti Aminah, ada jadwal baru.") == 1
    assert told(there, "Joko", "jadwal baru") == 0


async def test_past_the_set_size_another_admin_approves_and_never_the_author(there: Town) -> None:
    assert there.product.services
    there.product.services.rules = Rules(approval=0)
    await composed(there)
    assert "admin lain kami minta" in await there.say("Dewi", "[Kirim sekarang]")
    assert await state(there) == "waiting"
    assert there.labels("Bambang") == ["Setujui", "Tolak"]
    assert told(there, "Bambang", "jadwal baru") == 1, "nobody approves what they have not read"
    [number] = await ids(there)
    assert "harus disetujui admin lain" in await press(there, "Dewi", f"approve:{number}")
    await there.say("Bambang", "[Setujui]")
    assert "disetujui Bambang" in there.last("Dewi")
    await runs(there)
    assert told(there, "Siti", "jadwal baru") == 1


async def test_a_refused_one_is_a_draft_again_and_can_be_changed(there: Town) -> None:
    assert there.product.services
    there.product.services.rules = Rules(approval=0)
    await composed(there)
    await there.say("Dewi", "[Kirim sekarang]")
    await there.say("Bambang", "[Tolak]")
    assert "ditolak Bambang" in there.last("Dewi")
    [number] = await ids(there)
    assert "Mau dikirim kapan?" in await press(there, "Dewi", f"change:{number}")
    await there.say("Dewi", "kembali")
    await there.say("Dewi", "Halo {nama}, jadwalnya hari Jumat.")
    assert "rancangan" in await there.say("Dewi", "[Sekarang]")
    assert await ids(there) != [number], "the old one is gone"
    assert len(await ids(there)) == 1


async def test_paused_resumed_cancelled_and_reported_by_buttons_and_an_old_button_says_what_is_so(there: Town) -> None:
    await composed(there, when="besok jam 9 WITA")
    assert "26 Nov, 08.00 WIB" in there.last("Dewi")
    assert "terjadwal" in await there.say("Dewi", "[Jadwalkan]")
    [number] = await ids(there)
    assert "sudah tidak berlaku" in await press(there, "Dewi", f"pause:{number}")
    assert "dibatalkan" in await press(there, "Dewi", f"cancel:{number}")
    assert "Belum ada yang dikirim" in await press(there, "Dewi", f"report:{number}")
    await runs(there)
    await there.later(timedelta(days=2))
    assert told(there, "Siti", "jadwal baru") == 0


async def test_a_text_names_only_fields_that_there_are_and_a_photo_is_not_opened(there: Town) -> None:
    for said in ("/siaran", "[Siaran baru]", "[Kabar]", "[Semua pemilik]", "[Tanpa tombol]"):
        await there.say("Dewi", said)
    for wrong in ("{nik}", "{}", "{ nama }", "{nama usaha}"):
        assert f"{wrong} tidak kami kenal" in await there.say("Dewi", f"Halo {wrong}")
    assert "rangkul broadcast plan" in await there.say("Dewi", "(foto)")
    assert "Mau dikirim kapan?" in await there.say("Dewi", "Halo {nama}, {09.00-12.00}")


async def test_an_audience_is_narrowed_by_place_trade_programme_and_status(there: Town) -> None:
    said = ["/siaran", "[Siaran baru]", "[Pengingat]", "[Pilih sendiri]", "Kota Surakarta, Klaten", "warung makan",
            "[Dasar]", "[Menunggu petugas]", "[Semua tautan]", "[Tanpa tombol]", "Halo {usaha}"]  # fmt: skip
    for each in said:
        await there.say("Dewi", each)
    card = await there.say("Dewi", "sekarang")
    assert "Kota Surakarta" in card
    assert "Kabupaten Klaten" in card
    assert "Makanan siap saji" in card
    assert "Penerima: 1 orang" in card


@pytest.mark.parametrize("who", ["Siti", "Rina"])
async def test_nobody_but_an_admin_writes_or_touches_one(there: Town, who: str) -> None:
    await composed(there)
    [number] = await ids(there)
    for value in ("new", f"start:{number}", f"show:{number}", ""):
        said = await press(there, who, value)
        assert "hanya untuk admin" in said
        assert "jadwal" not in said
    assert await state(there) == "draft"


async def test_the_fields_and_lengths_are_those_that_the_copies_are_filled_with(there: Town) -> None:
    assert compose.FIELDS == broadcast_text.FIELDS
    assert (compose.LONGEST, compose.LONGEST_WITH_MORE) == (broadcast_text.LONGEST, broadcast_text.LONGEST_WITH_FILE)
    assert broadcast_text.VALUE == compose.FIELD_LENGTH
    assert set(compose.BUTTONS) <= set(broadcast_text.BUTTONS)


async def ids(there: Town) -> list[int]:
    async with there.product.database.read() as tx:
        return list((await tx.execute(select(broadcast.c.id).order_by(broadcast.c.id))).scalars())


async def press(there: Town, who: str, value: str) -> str:
    return await there.does(who, Heard(pressed=Press("command", "siaran", value)))


NASTY = (
    (
        "Halo {nama}, hari Selasa jam 9 pagi petugas kami ada di Kantor Kecamatan Laweyan. Boleh mampir dan bertanya, gratis. "
        "Sebut kode {kode} ya."
    ),
    "Ketik berhenti kalau tidak mau, atau hapus data.",
    "hapus data",
    "daftar",
    "petugas",
    "ingatkan besok jam 9",
    "tugas",
    "Saya libur, jadi besok tidak ada petugas. Bayar iurannya berapa ya?",
    "Halo",
    "terima kasih",
    "Pagi, {nama} 🙏\n\n1. Datang jam 8\n2. Bawa {jam 9.00} dan {{kode}}\n   Salam, *kantor*",
    "ya",
    "2",
)


@pytest.mark.parametrize("words", NASTY)
async def test_the_text_is_taken_as_it_was_typed_and_nothing_in_it_acts_on_the_admin(there: Town, words: str) -> None:
    card = await composed(there, words=words)
    assert "rancangan" in card, card
    async with there.product.database.read() as tx:
        [number] = (await tx.execute(select(broadcast.c.id))).scalars()
        stored = await broadcasts.content(tx, there.product.services.vault, number)
    assert stored is not None
    assert stored["text"] == words


async def test_only_a_message_that_is_nothing_but_a_command_acts_on_the_text(there: Town) -> None:
    for said in ("/siaran", "[Siaran baru]", "[Kabar]", "[Semua pemilik]", "[Tanpa tombol]"):
        await there.say("Dewi", said)
    assert "Tulis pesannya seperti akan dibaca" in await there.say("Dewi", "bantuan")
    assert "NIK" in await there.say("Dewi", "Kirim ke 3372 0112 3456 7890 ya"), "it is not kept, so it is not sent on"
    assert "tombol di bawah pesannya" in await there.say("Dewi", "kembali")
    await there.say("Dewi", "[Tanpa tombol]")
    assert "Belum ada siaran" in await there.say("Dewi", "/siaran")
    await there.say("Dewi", "batal")
    assert await ids(there) == []


async def test_fields_count_as_long_as_they_may_become_so_that_no_text_is_refused_only_later(there: Town) -> None:
    for said in ("/siaran", "[Siaran baru]", "[Kabar]", "[Semua pemilik]", "[Lihat status]"):
        await there.say("Dewi", said)
    assert "900 huruf, paling panjang 800" in await there.say("Dewi", "{nama} " * 3 + "x" * 717)
    assert "Mau dikirim kapan?" in await there.say("Dewi", "{nama} " * 3 + "x" * 617)
    assert "rancangan" in await there.say("Dewi", "sekarang")


async def test_a_picture_stays_with_a_draft_that_is_changed_in_chat(there: Town) -> None:
    picture = broadcast_text.Content("Halo {nama}", media=Media("photo", "balai.jpg", "image/jpeg", b"jpg"))
    async with there.product.database.write() as tx:
        number = await broadcasts.draft(
            tx, there.product.services.vault, name="Balai", author_id=None, purpose="news", audience=Audience(),
            content=picture.json(), now=there.clock(),
        )  # fmt: skip
    assert "Dengan berkas: balai.jpg" in await press(there, "Dewi", f"show:{number}")
    await press(there, "Dewi", f"change:{number}")
    await there.say("Dewi", "kembali")
    assert "paling panjang 800" in await there.say("Dewi", "x" * 900)
    assert "Mau dikirim kapan?" in await there.say("Dewi", "Halo lagi {nama}")
    assert "Dengan berkas: balai.jpg" in await there.say("Dewi", "sekarang")
    assert any(message.media and message.media.content == b"jpg" for message in there.told["Dewi"][-2:])
    assert await ids(there) != [number]


async def test_in_quiet_hours_the_card_and_the_answer_say_when_it_leaves(there: Town) -> None:
    there.product.services.rules = Rules(quiet=Quiet(time(20), time(8), frozenset({"sunday"})))
    await there.later(timedelta(days=3, hours=12))
    waits = "Jam tenang: baru dikirim mulai 30 Nov, 08.00 WIB."
    assert waits in await composed(there)
    said = await there.say("Dewi", "[Kirim sekarang]")
    assert "Baik" in said
    assert waits in said


async def test_one_whose_time_is_over_can_only_be_changed(there: Town) -> None:
    await composed(there, when="besok jam 9")
    assert there.labels("Dewi") == ["Coba ke saya", "Jadwalkan", "Ubah", "Buang"]
    [number] = await ids(there)
    await there.later(timedelta(days=2))
    said = await press(there, "Dewi", f"start:{number}")
    assert "Waktu mulainya sudah lewat. Tekan Ubah" in said
    assert "Mulai: 26 Nov, 09.00 WIB, tetapi waktunya sudah lewat" in said
    assert there.labels("Dewi") == ["Coba ke saya", "Ubah", "Buang"]
    assert await state(there) == "draft"


async def test_an_admin_without_another_is_told_that_there_is_nobody_to_approve(there: Town) -> None:
    there.product.services.rules = Rules(approval=0)
    async with there.product.database.write() as tx:
        bambang = (await tx.execute(select(officer.c.id).order_by(officer.c.id.desc()).limit(1))).scalar()
        await tx.execute(update(officer).where(officer.c.id == bambang).values(role="officer"))
    await composed(there)
    assert "belum ada admin lain" in await there.say("Dewi", "[Kirim sekarang]")


async def test_a_draft_that_went_its_way_while_it_was_changed_is_not_silently_sent_twice(there: Town) -> None:
    await composed(there)
    [number] = await ids(there)
    await press(there, "Dewi", f"change:{number}")
    await press(there, "Bambang", f"start:{number}")
    said = await there.say("Dewi", "[Sekarang]")
    assert "Siaran yang tadi sudah jalan" in said
    assert len(await ids(there)) == 2


async def test_words_that_are_no_more_are_not_said_to_have_been_sent(there: Town) -> None:
    await composed(there)
    [number] = await ids(there)
    async with there.product.database.write() as tx:
        await tx.execute(update(broadcast).values(sealed=None))
    for act in ("test", "start"):
        assert "Isinya sudah dihapus" in await press(there, "Dewi", f"{act}:{number}")


async def test_the_card_says_who_gets_it_only_once_they_write(there: Town) -> None:
    there.product.services.rules = Rules(daily={"whatsapp": 250}, rates={"telegram": 0.01, "whatsapp": 80.0})
    hall = Hall(there.product.database, there.product.services.vault, there.clock)
    await hall.people(700, channel="telegram")
    await hall.people(3, channel="whatsapp", heard_at=there.clock() - timedelta(days=2))
    card = await composed(there)
    assert "Penerima: 704 orang" in card
    assert "Lama: kira-kira 19 jam" in card
    assert "3 orang baru menerimanya kalau mereka menulis lagi" in card


async def test_the_report_says_why_in_words(there: Town) -> None:
    await composed(there)
    await there.say("Dewi", "[Kirim sekarang]")
    await runs(there)
    [number] = await ids(there)
    async with there.product.database.write() as tx:
        why = {"state": "failed", "reason": "403 Forbidden: bot was blocked by the user"}
        await tx.execute(update(outbox).where(outbox.c.broadcast_id == number).values(why))
    assert "Gagal (memblokir, atau chat-nya sudah tidak ada): 1" in await press(there, "Dewi", f"report:{number}")


def test_reasons_that_read_the_same_are_counted_together() -> None:
    rows = [("sent", "", 5), ("failed", "403 Forbidden: bot was blocked by the user", 2)]
    found = counted([*rows, ("failed", "400 Bad Request: chat not found", 4), ("failed", "whatsapp 131008", 1)])
    assert [(state, number) for state, _, number in found] == [("failed", 6), ("sent", 5), ("failed", 1)]


async def test_a_forged_number_of_a_broadcast_is_of_none(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    """Whatever it is: a number that no database takes for an id made the turn fail."""
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Citra", role="admin")
        for forged in ("99999999999999999999", "٣", "0", str((1 << 63) - 1)):
            for act in ("report", "change", "approve", "discard"):
                said = await there.does("Citra", Heard(pressed=Press("siaran", act, forged)))
                assert "gangguan" not in said


async def test_a_button_pressed_before_works_at_once_when_words_were_typed_between(there: Town) -> None:
    await composed(there)
    [number] = await ids(there)
    for _ in range(2):
        assert "Siaran terakhir" in await there.say("Dewi", "/siaran")
        assert "rancangan" in await press(there, "Dewi", f"show:{number}")
